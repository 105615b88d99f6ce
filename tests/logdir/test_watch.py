"""Hearing of changes from the operating system, and going on without."""

from __future__ import annotations

import builtins
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tbtui.logdir import watch
from tbtui.logdir.follow import Follower
from tbtui.logdir.mounts import Mounts
from tbtui.logdir.roots import parse_roots
from tbtui.logdir.updates import FileChunk
from tbtui.logdir.watch import Watcher, explain
from tests.support.logfiles import NAME, append, header, scalars, write

LONG = 30.0  # seconds; nothing here takes so long unless it is broken

APPEND = """
import sys
from pathlib import Path
from tests.support.logfiles import append, scalars
append(Path(sys.argv[1]), scalars(0, 3))
"""


class Ear:
    """Collects what a watcher tells."""

    def __init__(self) -> None:
        self.paths: set[str] = set()
        self.calls = 0
        self.told = threading.Condition()

    def __call__(self, paths: Sequence[str]) -> None:
        with self.told:
            self.paths.update(paths)
            self.calls += 1
            self.told.notify_all()

    def hears(self, path: Path) -> bool:
        with self.told:
            return self.told.wait_for(lambda: str(path) in self.paths, LONG)

    def is_called(self, times: int) -> bool:
        with self.told:
            return self.told.wait_for(lambda: self.calls >= times, LONG)


@pytest.fixture
def watchers() -> Iterator[list[Watcher]]:
    started: list[Watcher] = []
    yield started
    for watcher in started:
        watcher.stop(LONG)


def listen(watchers: list[Watcher], *paths: Path, **options: Any) -> tuple[Watcher, Ear]:
    watcher, ear = Watcher([str(path) for path in paths], delay=0.0, **options), Ear()
    watchers.append(watcher)
    watcher.start(ear)
    return watcher, ear


def until(condition: Any) -> None:
    end = time.monotonic() + LONG
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.005)


def append_elsewhere(path: Path) -> None:
    """Appends three points from another process."""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", APPEND, str(path)], check=True, timeout=LONG, cwd=root)


def test_an_append_by_another_process_is_heard(tmp_path: Path, watchers: list[Watcher]) -> None:
    pytest.importorskip("watchfiles")
    path = write(tmp_path / "a" / NAME, header())
    watcher, ear = listen(watchers, tmp_path)
    until(lambda: watcher.mode == "watching")
    append_elsewhere(path)
    assert ear.hears(path)
    second = write(tmp_path / "new" / "deep" / NAME, header())
    assert ear.hears(tmp_path / "new") or ear.hears(second)


def test_an_append_is_read_without_waiting_for_the_poll(tmp_path: Path, watchers: list[Watcher]) -> None:
    pytest.importorskip("watchfiles")
    path = write(tmp_path / "a" / NAME, header())
    follower = Follower(parse_roots([str(tmp_path)]), poll=3600.0)  # by itself it would look again in an hour
    while follower.busy:
        follower.poll()
    awake = threading.Event()
    watcher = Watcher([str(tmp_path)], delay=0.0)
    watchers.append(watcher)

    def wake(paths: Sequence[str]) -> None:
        if paths:
            follower.wake(paths)
            awake.set()

    watcher.start(wake)
    until(lambda: watcher.mode == "watching")
    assert follower.poll() == []
    append_elsewhere(path)
    assert awake.wait(LONG)
    assert any(isinstance(update, FileChunk) for update in follower.poll())


def test_without_a_watcher_the_next_poll_finds_it(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / NAME, header())
    follower = Follower(parse_roots([str(tmp_path)]))
    while follower.busy:
        follower.poll()
    append_elsewhere(path)
    found: list[object] = []

    def chunk() -> bool:
        time.sleep(max(0.0, min(0.1, follower.next_due - time.monotonic())))
        found.extend(update for update in follower.poll() if isinstance(update, FileChunk))
        return bool(found)

    until(chunk)


def test_a_log_directory_that_comes_goes_and_comes_again(tmp_path: Path, watchers: list[Watcher]) -> None:
    pytest.importorskip("watchfiles")
    logs = tmp_path / "logs"
    watcher, ear = listen(watchers, logs)
    until(lambda: "missing" in watcher.mode)
    path = write(logs / NAME, header())
    until(lambda: watcher.mode == "watching")
    append(path, scalars(0, 1))
    assert ear.hears(path)
    logs.rename(tmp_path / "away")
    until(lambda: "missing" in watcher.mode)
    calls = ear.calls
    path = write(logs / "second.tfevents", header())
    assert ear.is_called(calls + 1)
    until(lambda: watcher.mode == "watching")
    append(path, scalars(0, 1))
    assert ear.hears(path)


def test_symbolic_links_in_circles_do_not_hang_the_watcher(tmp_path: Path, watchers: list[Watcher]) -> None:
    pytest.importorskip("watchfiles")
    path = write(tmp_path / "a" / NAME, header())
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "a" / "back").symlink_to("..")
    watcher, ear = listen(watchers, tmp_path)
    until(lambda: watcher.mode != "polling: watching has not begun")
    if watcher.mode == "watching":
        append(path, scalars(0, 1))
        with ear.told:
            assert ear.told.wait_for(lambda: any(heard.endswith(NAME) for heard in ear.paths), LONG)


def test_without_watchfiles_polling_goes_on(
    tmp_path: Path, watchers: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = builtins.__import__

    def missing(name: str, *rest: Any) -> Any:
        if name.startswith("watchfiles"):
            raise ImportError(name)
        return real(name, *rest)

    monkeypatch.setattr(builtins, "__import__", missing)
    watcher, _ = listen(watchers, tmp_path)
    until(lambda: watcher.mode == "polling: watchfiles is not installed")


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (OSError('OS file watch limit reached. about ["/x"]'), "limit of watches"),
        (OSError(28, "No space left on device"), "limit of watches"),
        (RuntimeError("something else"), "something else"),
        (ValueError(), "ValueError"),
    ],
)
def test_failing_to_watch_is_quiet_and_explained(
    tmp_path: Path, watchers: list[Watcher], monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    rust = pytest.importorskip("watchfiles._rust_notify")

    def fail(*arguments: object) -> object:
        raise error

    monkeypatch.setattr(rust, "RustNotify", fail)
    watcher, _ = listen(watchers, tmp_path)
    until(lambda: watcher.mode.startswith("polling: ") and words in watcher.mode)
    assert words in explain(error)


def test_network_disks_are_not_watched(tmp_path: Path, watchers: list[Watcher]) -> None:
    class Remote(Mounts):
        def remote(self, path: str, device: int) -> bool:
            return True

    watcher, _ = listen(watchers, tmp_path, mounts=Remote())
    until(lambda: "network disk" in watcher.mode)


def test_stopping_is_quick_whatever_it_does(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "missing"):
        watcher, ear = Watcher([str(path)], delay=0.0), Ear()
        watcher.start(ear)
        watcher.stop(LONG)
        assert watcher._thread is not None
        assert not watcher._thread.is_alive()
    waiting = Watcher([str(tmp_path)], delay=3600.0)
    waiting.start(Ear())
    waiting.stop(LONG)
    Watcher([str(tmp_path)]).stop()


def test_importing_the_watcher_does_not_import_watchfiles() -> None:
    code = "import sys, tbtui.logdir.watch, tbtui.logdir.follow; print('watchfiles' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=LONG)
    assert done.stdout.strip() == "False"


def test_it_begins_when_the_interpreter_may_be_held(
    tmp_path: Path, watchers: list[Watcher], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Setting up the watches of ten thousand directories keeps everybody else from doing anything for 0.2 seconds."""
    monkeypatch.setattr(watch, "NOT_NOW", 0.001)
    asked: list[bool] = []

    def may_hold() -> bool:
        asked.append(watcher.watching)
        return len(asked) == 3

    watcher, ear = Watcher([str(tmp_path)], delay=0.0), Ear()
    watchers.append(watcher)
    watcher.start(ear, may_hold)
    assert ear.is_called(1)
    assert asked == [False, False, False]
    assert watcher.watching
