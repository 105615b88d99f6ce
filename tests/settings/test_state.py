"""What is remembered: read whatever it holds, written as a whole or not at all, and only when something changed."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.settings import (
    RAW_CURVES,
    TABLE_LAYOUTS,
    TABLE_MEASURES,
    TABLE_ORDERS,
    THEMES,
    X_AXES,
    Y_RANGES,
    Y_SCALES,
    View,
)
from tbtui.settings.files import STALE, write_whole
from tbtui.settings.state import FIELDS, LONGEST, QUIET, Memory, read_state, real_paths, state_file, values_of

LOGDIRS = ["/logs"]


class Clock:
    """Time that passes when it is told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def at_once(work: Callable[[], None]) -> None:
    work()


def memory(path: Path, clock: Clock | None = None, **how: Any) -> Memory:
    return Memory(str(path), LOGDIRS, clock=clock or Clock(), start=at_once, **how)


def remembered(path: Path, view: View | None = None, **how: Any) -> View:
    """The view with which the app begins."""
    begun = view or View()
    memory(path, **how).recall(begun)
    return begun


def change(path: Path, edit: Callable[[View], object], view: View | None = None, **how: Any) -> Memory:
    """A session in which something is changed."""
    begun = view or View()
    kept = memory(path, **how)
    kept.recall(begun)
    edit(begun)
    kept.close(begun)
    return kept


def stored(path: Path) -> dict[str, Any]:
    entries: dict[str, Any] = json.loads(path.read_text())["view"]
    return entries


texts = st.text(max_size=6)  # lone surrogates too: names of files may hold them
names = st.sets(texts, max_size=4)
views = st.builds(
    View,
    hidden=names,
    only=st.none() | names,
    focused_run=st.none() | texts,
    focused_tag=st.none() | texts,
    run_filter=texts,
    tag_filter=texts,
    smoothing=st.floats(0, 1, exclude_max=True),
    x_axis=st.sampled_from((*X_AXES, "tag:epoch", "tag: ")),
    x_log=st.booleans(),
    raw=st.sampled_from(RAW_CURVES),
    y_scale=st.sampled_from(Y_SCALES),
    y_range=st.sampled_from(Y_RANGES),
    limits=st.dictionaries(texts, st.tuples(st.none() | st.floats(-1e9, 0), st.floats(1, 1e9)), max_size=2),
    shared_range=st.booleans(),
    pairs=st.booleans(),
    superseded=st.booleans(),
    chart_size=st.integers(0, 5),
    table=st.booleans(),
    table_order=st.sampled_from(TABLE_ORDERS),
    table_column=texts,
    table_layout=st.sampled_from(TABLE_LAYOUTS),
    table_measure=st.sampled_from(TABLE_MEASURES),
    goals=st.dictionaries(texts, st.sampled_from(["up", "down"]), max_size=4),
    linked=st.booleans(),
    folded=names,
    pinned=st.lists(texts, max_size=3, unique=True),
    marked=st.lists(texts, max_size=3, unique=True),
    colors=st.dictionaries(texts, st.tuples(*[st.integers(0, 255)] * 3), max_size=2),
    hashtags=st.dictionaries(texts, st.lists(texts, max_size=3, unique=True), max_size=3),
    run_tree=st.booleans(),
    spotlight=st.booleans(),
    step_marks=st.lists(st.integers(), max_size=4, unique=True).map(sorted),
    side_bar=st.sampled_from([None, True, False]),
    theme=st.sampled_from(THEMES),
    dashboard=texts,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "state" / "tbtui" / "some.json"


# -- what comes back -------------------------------------------------------------------------------------------------


def test_every_field_of_a_view_is_remembered() -> None:
    assert set(FIELDS) == set(View.__dataclass_fields__)


@given(view=views)
def test_a_view_comes_back_as_it_was(tmp_path_factory: pytest.TempPathFactory, view: View) -> None:
    path = tmp_path_factory.getbasetemp() / "back.json"
    path.unlink(missing_ok=True)

    def become(begun: View) -> None:
        for name, value in values_of(view).items():
            setattr(begun, name, value)

    kept = change(path, become)
    assert kept.take_problems() == []
    assert remembered(path) == view


def test_only_what_was_changed_is_remembered(path: Path) -> None:
    change(path, lambda view: setattr(view, "smoothing", 0.9))
    assert stored(path) == {"smoothing": 0.9}
    assert remembered(path, View(x_axis="wall")) == View(smoothing=0.9, x_axis="wall")


def test_what_is_changed_back_follows_the_configuration_again(path: Path) -> None:
    change(path, lambda view: setattr(view, "smoothing", 0.9))
    change(path, lambda view: setattr(view, "smoothing", 0.6))
    assert stored(path) == {}
    assert remembered(path, View(smoothing=0.3)).smoothing == 0.3


def test_what_the_command_line_asks_for_wins_and_is_not_remembered(path: Path) -> None:
    change(path, lambda view: setattr(view, "smoothing", 0.9))
    asked = View(smoothing=0.1)
    change(path, lambda view: view.hidden.add("a"), asked, asked={"smoothing"})
    assert asked.smoothing == 0.1
    assert stored(path) == {"smoothing": 0.9, "hidden": ["a"]}
    change(path, lambda view: setattr(view, "smoothing", 0.2), View(smoothing=0.1), asked={"smoothing"})
    assert stored(path)["smoothing"] == 0.2


def test_fresh_begins_anew_and_saves_as_ever(path: Path) -> None:
    change(path, lambda view: view.hidden.add("a"))
    before = path.read_bytes()
    change(path, lambda view: None, fresh=True)
    assert path.read_bytes() == before
    view = View()
    change(path, lambda view: view.pinned.append("loss"), view, fresh=True)
    assert view == View(pinned=["loss"])
    assert stored(path) == {"pinned": ["loss"]}


def test_a_set_of_directories_has_one_file(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "link").symlink_to("logs")
    one = real_paths([f"{tmp_path}/logs", f"{tmp_path}/other"])
    other = real_paths([f"{tmp_path}/other", f"{tmp_path}/link/", f"{tmp_path}/logs"])
    assert one == other
    assert state_file("/s", one) != state_file("/s", one[:1])
    assert Path(state_file("/s", one)).parent == Path("/s")


def test_the_file_names_its_directories(path: Path) -> None:
    change(path, lambda view: setattr(view, "table", True))
    assert json.loads(path.read_text())["logdirs"] == LOGDIRS
    assert path.stat().st_mode & 0o777 == 0o600


# -- files of all kinds ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"\xff", b"[]", b"null", b"{}", b'{"view": 3}', b'{"view": []}', b"[" * 100_000, b"1" * 5000],
    ids=range(10),
)
def test_a_damaged_file_is_one_sentence_and_stays(content: bytes, path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(content)
    kept, view = memory(path), View()
    kept.recall(view)
    assert view == View()
    (problem,) = kept.take_problems()
    assert problem.file == str(path)
    assert "damaged" in problem.reason
    kept.close(view)
    assert path.read_bytes() == content


def test_every_field_by_itself(path: Path) -> None:
    path.parent.mkdir(parents=True)
    entries = {"smoothing": float("nan"), "chart_size": 99, "hidden": ["a"], "only": "b", "x_axis": "wall"}
    path.write_text(json.dumps({"version": "x", "view": entries}))
    kept, view = memory(path), View()
    kept.recall(view)
    assert view == View(hidden={"a"}, x_axis="wall")
    (problem,) = kept.take_problems()
    assert all(name in problem.reason for name in ("smoothing", "chart_size", "only"))
    view.table = True
    kept.close(view)
    assert stored(path) == {"hidden": ["a"], "x_axis": "wall", "table": True}


def test_what_a_newer_version_remembers_is_kept(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"version": 9, "view": {"smoothing": 0.5, "holograms": [1, {"a": None}]}}))
    kept = change(path, lambda view: setattr(view, "table", True))
    assert kept.take_problems() == []
    assert stored(path) == {"smoothing": 0.5, "table": True, "holograms": [1, {"a": None}]}


plain = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)
documents = st.fixed_dictionaries({"view": st.dictionaries(st.sampled_from(sorted(FIELDS)) | texts, plain)}) | plain


@given(document=documents)
def test_any_document_can_be_read(tmp_path_factory: pytest.TempPathFactory, document: object) -> None:
    path = tmp_path_factory.getbasetemp() / "any.json"
    path.write_text(json.dumps(document))
    kept, view = memory(path), View()
    kept.recall(view)
    again = View()
    for name, value in values_of(view).items():
        setattr(again, name, FIELDS[name](json.loads(json.dumps(sorted(value) if isinstance(value, set) else value))))
    assert again == view
    view.table = not view.table
    kept.close(view)
    assert read_state(str(path))[2] == []


@given(content=st.binary(max_size=60))
def test_any_bytes_can_be_read(tmp_path_factory: pytest.TempPathFactory, content: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "bytes.json"
    path.write_bytes(content)
    assert len(read_state(str(path))[2]) == 1


@pytest.mark.parametrize("kind", ["directory", "pipe", "loop"])
def test_what_stands_in_its_place_is_said_and_holds_nobody_up(kind: str, path: Path) -> None:
    path.parent.mkdir(parents=True)
    match kind:
        case "directory":
            path.mkdir()
        case "pipe":
            os.mkfifo(path)
        case "loop":
            path.symlink_to(path)
    kept, view = memory(path), View()
    kept.recall(view)
    assert view == View()
    assert len(kept.take_problems()) == 1


# -- writing ---------------------------------------------------------------------------------------------------------


def no_space(*_: object, **__: object) -> Any:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("step", ["makedirs", "open", "write", "fsync", "replace"])
@pytest.mark.parametrize("existed", [True, False])
def test_a_failing_step_leaves_the_old_file(
    step: str, existed: bool, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if existed:
        change(path, lambda view: setattr(view, "smoothing", 0.9))
    before = path.read_bytes() if existed else None
    clock, view = Clock(), View()
    kept = memory(path, clock)
    kept.recall(view)
    view.hidden.add("a")
    with monkeypatch.context() as broken:
        real_open = os.open
        fail: Callable[..., Any] = no_space
        if step == "open":
            fail = lambda name, flags, *rest: no_space() if flags & os.O_CREAT else real_open(name, flags, *rest)  # noqa: E731
        broken.setattr(os, step, fail)
        for _ in range(3):
            kept.look(view)
            clock.now += QUIET
            view.chart_size = (view.chart_size + 1) % 5
        kept.look(view)
        kept.close(view)
    assert (path.read_bytes() if path.exists() else None) == before
    assert not path.parent.exists() or set(path.parent.iterdir()) <= {path}
    (problem,) = kept.take_problems()
    assert "not remembered: No space left on device" in problem.reason
    assert kept.take_problems() == []
    kept.close(view)  # there is space again
    assert remembered(path).hidden == {"a"}


def test_short_writes_are_continued(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    real = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, data: real(descriptor, data[:7]))
    change(path, lambda view: view.hidden.update(f"run_{n}" for n in range(50)))
    assert len(remembered(path).hidden) == 50


def test_a_home_that_cannot_be_written_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    kept = change(tmp_path / "file" / "some.json", lambda view: setattr(view, "table", True))
    assert len(kept.take_problems()) == 1


def test_no_home_is_said_once() -> None:
    kept, view = Memory("", LOGDIRS, start=at_once), View()
    kept.recall(view)
    view.table = True
    kept.look(view)
    kept.close(view)
    (problem,) = kept.take_problems()
    assert "no home directory" in problem.reason


def test_a_link_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "here").mkdir()
    (tmp_path / "there").mkdir()
    (tmp_path / "here" / "s.json").symlink_to(tmp_path / "there" / "t.json")
    write_whole(str(tmp_path / "here" / "s.json"), b"new")
    assert (tmp_path / "here" / "s.json").is_symlink()
    assert (tmp_path / "there" / "t.json").read_bytes() == b"new"


def test_leavings_of_the_killed_are_removed_others_are_not(path: Path) -> None:
    path.parent.mkdir(parents=True)
    old, new, foreign = (path.with_name(name) for name in ("some.json.1.tmp", "some.json.2.tmp", "other.json.1.tmp"))
    for file in (old, new, foreign):
        file.write_text("half")
    for file in (old, foreign):
        os.utime(file, (time.time() - STALE - 5,) * 2)
    write_whole(str(path), b"whole")
    assert set(path.parent.iterdir()) == {path, new, foreign}


WRITER = """
import sys
from tbtui.settings.files import write_whole
size = 0
while True:
    size = (size * 7 + 4099) % 200_000
    write_whole(sys.argv[1], b"a" * size + b"END")
    print(flush=True)
"""


@pytest.mark.parametrize("wait", [0.0, 0.003, 0.011])
def test_killed_at_any_time_the_file_is_whole(wait: float, path: Path) -> None:
    writer = subprocess.Popen([sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE)
    assert writer.stdout is not None
    for _ in range(3):
        writer.stdout.readline()
    threading.Event().wait(wait)
    writer.send_signal(signal.SIGKILL)
    writer.communicate()
    content = path.read_bytes()
    assert content.endswith(b"END")
    assert content.count(b"a") == len(content) - 3


# -- when it is written ----------------------------------------------------------------------------------------------


class Times:
    """A memory and the writes that it makes."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.writes: list[float] = []
        self.waiting: list[Callable[[], None]] = []
        self.clock, self.view = Clock(), View()
        monkeypatch.setattr("tbtui.settings.state.write_whole", lambda *_: self.writes.append(self.clock.now))
        self.memory = Memory(str(path), LOGDIRS, clock=self.clock, start=self.start)
        self.memory.recall(self.view)
        self.held = False

    def start(self, work: Callable[[], None]) -> None:
        self.waiting.append(work) if self.held else work()

    def after(self, seconds: float, smoothing: float | None = None) -> int:
        """How many writes there are in all after this time, and this change at its end."""
        self.clock.now += seconds
        if smoothing is not None:
            self.view.smoothing = smoothing
        self.memory.look(self.view)
        return len(self.writes)


@pytest.fixture
def times(path: Path, monkeypatch: pytest.MonkeyPatch) -> Times:
    return Times(path, monkeypatch)


def test_it_is_written_a_moment_after_the_last_change(times: Times) -> None:
    assert times.after(100) == 0
    assert times.after(1, 0.1) == 0
    assert times.after(QUIET - 0.1, 0.2) == 0
    assert times.after(QUIET - 0.1) == 0
    assert times.after(0.2) == 1
    assert times.after(100) == 1
    times.memory.close(times.view)
    assert len(times.writes) == 1


def test_endless_changes_are_written_now_and_then(times: Times) -> None:
    count = 0
    for n in range(100):
        count = times.after(0.3, n / 100)
    assert 30 / (LONGEST + 0.3) - 1 <= count <= 30 / LONGEST


def test_what_was_changed_and_changed_back_is_not_written(times: Times) -> None:
    times.after(1, 0.1)
    times.after(0.1, 0.6)
    assert times.after(100) == 0
    times.memory.close(times.view)
    assert times.writes == []


def test_the_end_writes_what_is_left(times: Times) -> None:
    times.after(1, 0.1)
    times.memory.close(times.view)
    assert len(times.writes) == 1


def test_one_write_at_a_time(times: Times) -> None:
    times.held = True
    times.after(1, 0.1)
    times.after(QUIET)
    times.after(1, 0.2)
    times.after(100)
    assert len(times.waiting) == 1
    times.waiting.pop()()
    times.after(0.1)
    assert len(times.waiting) == 1


def test_a_disk_that_does_not_answer_holds_nobody_up(times: Times, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tbtui.settings.state.AT_EXIT", 0.01)
    times.held = True
    times.after(1, 0.1)
    times.after(QUIET)
    times.memory.close(times.view)
    (problem,) = times.memory.take_problems()
    assert "does not answer" in problem.reason


def test_writing_is_done_by_another_thread(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[int] = []
    done = threading.Event()
    monkeypatch.setattr(
        "tbtui.settings.state.write_whole", lambda *_: (threads.append(threading.get_ident()), done.set())
    )
    clock, view = Clock(), View()
    kept = Memory(str(path), LOGDIRS, clock=clock)
    kept.recall(view)
    view.table = True
    kept.look(view)
    clock.now += QUIET
    kept.look(view)
    assert done.wait(10)
    assert threads != [threading.get_ident()]


def test_the_last_writer_wins(path: Path) -> None:
    one, other = (memory(path), View()), (memory(path), View())
    for kept, view in (one, other):
        kept.recall(view)
    one[1].hidden.add("a")
    other[1].hidden.add("b")
    for kept, view in (one, other):
        kept.close(view)
    assert remembered(path).hidden == {"b"}


def test_what_was_put_away_is_known_before_there_is_a_view(path: Path) -> None:
    view, memory = View(), Memory(str(path), ["logs"])
    memory.recall(view)
    view.away = {"a", "b"}
    memory.close(view)
    assert Memory(str(path), ["logs"]).put_away() == {"a", "b"}
    assert Memory(str(path), ["logs"], fresh=True).put_away() == frozenset()
    assert Memory("", ["logs"]).put_away() == frozenset()
    view.show_away = True
    memory = Memory(str(path), ["logs"])
    memory.recall(View())
    memory.close(view)
    assert Memory(str(path), ["logs"]).put_away() == frozenset()
