"""Finding runs: what counts as an event file, links, odd names, directories that cannot be read, and changes."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from pathlib import Path

import pytest

from tbtui.logdir import discover, listing
from tbtui.logdir.discover import FolderChange, FolderTrouble, Tree
from tbtui.logdir.listing import Capture, describe_capture, is_profile_session, list_directory
from tbtui.logdir.mounts import Mounts
from tbtui.logdir.roots import parse_roots
from tests.support.logfiles import NAME, Watched, header, scalars, write


def runs_of(path: Path) -> dict[str, str]:
    """The runs of a log directory with the real paths of those that links lead to."""
    watched = Watched(path)
    watched.poll()
    return {name: run.target for name, run in watched.runs.items()}


def make_run(path: Path, name: str = NAME) -> Path:
    return write(path / name, header(), scalars(0, 3))


# --- what counts


def test_runs_are_directories_with_event_files(tmp_path: Path) -> None:
    make_run(tmp_path)
    make_run(tmp_path / "a" / "b")
    make_run(tmp_path / "a" / "b", "end_to_end.tfevents")
    (tmp_path / "empty").mkdir()
    (tmp_path / "a" / "notes.txt").write_text("no event file")
    assert runs_of(tmp_path) == {".": "", "a/b": ""}


def test_the_infix_decides(tmp_path: Path) -> None:
    names = {"tfevents", "events.out.tfevents", "x.tfevents.profile-empty", "events.out.tfevents.1.v2"}
    for name in [*names, "tf.events", "Tfevents"]:
        (tmp_path / name).write_bytes(b"")
    assert list_directory(str(tmp_path)).events == names


def test_a_directory_named_like_an_event_file_is_a_directory(tmp_path: Path) -> None:
    make_run(tmp_path / "my.tfevents.run")
    (tmp_path / "events.out.tfevents.dir").mkdir()
    assert runs_of(tmp_path) == {"my.tfevents.run": ""}


def test_pipes_sockets_devices_and_files_of_the_kernel_are_never_opened(tmp_path: Path) -> None:
    make_run(tmp_path / "good")
    os.mkfifo(tmp_path / "fifo.tfevents")  # opening it for reading would wait for ever
    (tmp_path / "device.tfevents").symlink_to("/dev/zero")
    (tmp_path / "process").mkdir()
    (tmp_path / "process" / "status.tfevents").symlink_to("/proc/self/status")  # as regular as files can look
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(tmp_path)  # the path of a socket is short
        try:
            one.bind("socket.tfevents")
        finally:
            os.chdir(here)
        assert runs_of(tmp_path) == {"good": ""}


def test_hidden_runs_are_shown_and_bulk_is_skipped(tmp_path: Path) -> None:
    make_run(tmp_path / ".guild" / "runs" / "x")
    for skipped in [".git", "node_modules", ".ipynb_checkpoints", "__pycache__", "wandb/run-1/files/media"]:
        make_run(tmp_path / skipped / "inside")
    make_run(tmp_path / "wandb" / "run-1" / "files")
    make_run(tmp_path / "media")
    assert set(runs_of(tmp_path)) == {".guild/runs/x", "wandb/run-1/files", "media"}


ODD_NAMES = [
    *(b"latin-\xe9", b"new\nline", b"tab\there", b"\x1b[31mred", b"[bold]x[x]", b"-rf", b" lead", b"..x"),
    *("\u202ertl".encode(), "\u6f22\u5b57".encode(), b"n" * 255),
]


@pytest.mark.parametrize("name", ODD_NAMES)
def test_names_of_every_kind(tmp_path: Path, name: bytes) -> None:
    folder = os.fsencode(tmp_path) + b"/" + name
    os.mkdir(folder)
    file = b"tfevents." + name[:200]
    with open(folder + b"/" + file, "wb") as handle:
        handle.write(header() + scalars(0, 3))
    watched = Watched(tmp_path)
    watched.poll()
    assert {os.fsencode(run) for run in watched.runs} == {name}
    assert {os.fsencode(key) for key in watched.points} == {name + b"/" + file}
    assert len(watched.all_points()) == 3


# --- links


def test_loops_end_and_each_directory_is_found_once(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    make_run(tmp_path / "a" / "b")
    (tmp_path / "self").symlink_to(".")
    (tmp_path / "a" / "back").symlink_to("..")
    (tmp_path / "a" / "b" / "absolute").symlink_to(tmp_path)
    (tmp_path / "circle").symlink_to("circle")
    assert runs_of(tmp_path) == {"a": "", "a/b": ""}


def test_links_among_many_directories_do_not_multiply(tmp_path: Path) -> None:
    count = 12
    for here in range(count):
        make_run(tmp_path / f"r{here}")
        for there in range(count):
            (tmp_path / f"r{here}" / f"to{there}").symlink_to(f"../r{there}")
    found = runs_of(tmp_path)
    assert len(found) == count + count * (count - 1)


def test_a_linked_run_is_a_run_that_says_where_it_leads(tmp_path: Path) -> None:
    make_run(tmp_path / "run_7")
    make_run(tmp_path / "run_7" / "eval")
    (tmp_path / "latest").symlink_to("run_7")
    real = str(tmp_path.resolve() / "run_7")
    assert runs_of(tmp_path) == {"run_7": "", "run_7/eval": "", "latest": real, "latest/eval": real + "/eval"}


def test_a_linked_file_and_one_from_elsewhere(tmp_path: Path) -> None:
    far = make_run(tmp_path / "far")
    (tmp_path / "logs" / "r").mkdir(parents=True)
    (tmp_path / "logs" / "r" / NAME).symlink_to(far)
    (tmp_path / "logs" / "r" / "dangling.tfevents").symlink_to("nowhere")
    watched = Watched(tmp_path / "logs")
    watched.poll()
    assert list(watched.points) == [f"r/{NAME}"]
    assert len(watched.all_points()) == 3


def test_a_dangling_link_comes_alive(tmp_path: Path) -> None:
    (tmp_path / "logs").mkdir()
    (tmp_path / "logs" / "latest").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "logs" / "linked.tfevents").symlink_to(tmp_path / "file")
    watched = Watched(tmp_path / "logs")
    watched.poll()
    assert not watched.runs
    make_run(tmp_path / "elsewhere")
    write(tmp_path / "file", header(), scalars(0, 2))
    watched.poll()  # nothing in logs/ itself has changed
    assert set(watched.runs) == {"latest", "."}
    assert len(watched.all_points()) == 5


# --- trouble


def denied(path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Takes away the permission to list a directory, also from root; returns what gives it back."""
    os.chmod(path, 0)
    real = os.scandir

    def scandir(where: str) -> object:
        if Path(where) == path and not os.stat(path).st_mode & 0o400:
            raise PermissionError(13, "Permission denied", where)
        return real(where)

    monkeypatch.setattr(os, "scandir", scandir)
    return lambda: os.chmod(path, 0o700)


def test_a_directory_that_cannot_be_listed_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_run(tmp_path / "good")
    make_run(tmp_path / "closed")
    allow = denied(tmp_path / "closed", monkeypatch)
    watched = Watched(tmp_path)
    watched.poll()
    assert set(watched.runs) == {"good"}
    assert watched.trouble["closed"].reason == "cannot list this directory: Permission denied"
    assert watched.poll() == []
    allow()
    watched.poll()
    assert set(watched.runs) == {"good", "closed"}
    assert not watched.trouble
    assert len(watched.all_points()) == 6


@pytest.mark.parametrize("number", [1, 2, 5, 9])
def test_an_error_in_the_middle_of_a_listing_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    for k in range(10):
        make_run(tmp_path / f"r{k}")
    watched = Watched(tmp_path)
    watched.poll()
    real, broken = os.scandir, True

    class Failing:
        def __init__(self, path: str) -> None:
            self.entries = real(path)
            self.left = number

        def __enter__(self) -> Failing:
            return self

        def __exit__(self, *args: object) -> None:
            self.entries.close()

        def __iter__(self) -> Failing:
            return self

        def __next__(self) -> os.DirEntry[str]:
            self.left -= 1
            if broken and not self.left:
                raise OSError(5, "Input/output error")
            return next(self.entries)

    monkeypatch.setattr(os, "scandir", Failing)
    make_run(tmp_path / "new")
    watched.poll()
    assert len(watched.runs) == 10
    assert watched.trouble["."].reason == "cannot list this directory: Input/output error"
    broken = False
    watched.poll()
    assert len(watched.runs) == 11
    assert not watched.trouble


@pytest.mark.parametrize(
    "error", [OSError(116, "Stale handle"), OSError(107, "Not connected"), OSError(5, "I/O error")]
)
def test_an_unmounted_log_directory_keeps_what_was_read(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, error: OSError
) -> None:
    make_run(tmp_path / "logs" / "a")
    watched = Watched(tmp_path / "logs")
    watched.poll()
    real, broken = os.stat, True

    def stat(path: str, **options: object) -> os.stat_result:
        if broken and str(path).startswith(str(tmp_path / "logs")):
            raise error
        return real(path, **options)  # type: ignore[arg-type]  # the options of os.stat

    monkeypatch.setattr(os, "stat", stat)
    watched.poll()
    assert set(watched.runs) == {"a"}
    assert error.strerror is not None
    assert any(error.strerror in problem.reason for problem in watched.trouble.values())
    broken = False
    watched.poll()
    assert not watched.trouble
    assert len(watched.all_points()) == 3


# --- the log directory itself


def test_a_missing_log_directory_is_waited_for(tmp_path: Path) -> None:
    logs = tmp_path / "deep" / "logs"
    watched = Watched(logs)
    watched.poll()
    assert watched.progress.waiting == ((str(logs), "does not exist yet"),)
    logs.mkdir(parents=True)
    watched.poll()
    assert watched.progress.waiting == ((str(logs), "holds no event files yet"),)
    make_run(logs / "a")
    watched.poll()
    assert watched.progress.waiting == ()
    assert set(watched.runs) == {"a"}


def test_a_single_event_file_is_a_log_directory_of_one_run(tmp_path: Path) -> None:
    file = make_run(tmp_path)
    make_run(tmp_path, "other.tfevents")
    watched = Watched(file)
    watched.poll()
    assert list(watched.points) == [NAME]
    assert set(watched.runs) == {"."}
    file.unlink()
    watched.poll()
    assert watched.gone == {NAME}
    assert watched.progress.waiting == ((str(file), "does not exist yet"),)
    make_run(tmp_path)
    watched.poll()
    assert not watched.gone
    assert len(watched.all_points()) == 3


def test_what_is_neither_file_nor_directory_is_said(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    watched = Watched(tmp_path / "pipe")
    watched.poll()
    assert watched.progress.waiting[0][1] == "is neither a directory nor a regular file"


def test_several_log_directories_have_names(tmp_path: Path) -> None:
    make_run(tmp_path / "x" / "a")
    make_run(tmp_path / "y")
    watched = Watched(tmp_path / "x", f"why={tmp_path / 'y'}")
    watched.poll()
    assert set(watched.runs) == {"x/a", "why"}
    assert set(watched.points) == {f"x/a/{NAME}", f"why/{NAME}"}


def test_the_log_directory_vanishes_and_comes_back(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    make_run(logs / "a")
    watched = Watched(logs)
    watched.poll()
    os.rename(logs, tmp_path / "away")
    watched.poll()
    assert not watched.runs
    assert watched.gone == {f"a/{NAME}"}
    assert watched.progress.waiting == ((str(logs), "does not exist yet"),)
    assert len(watched.all_points()) == 3
    os.rename(tmp_path / "away", logs)
    watched.poll()
    assert set(watched.runs) == {"a"}
    assert not watched.gone
    assert len(watched.all_points()) == 3


# --- changes and their price


def tree_of(path: Path, clock: Callable[[], float]) -> Tree:
    return Tree(parse_roots([str(path)])[0], Mounts(), clock=clock, wall=lambda: 4e9)


def test_only_directories_that_moved_are_listed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for k in range(30):
        make_run(tmp_path / f"r{k}")
    now = 0.0
    tree = tree_of(tmp_path, lambda: now)
    while tree.busy or tree.next_due <= now:
        tree.work(now)
    listed: list[str] = []

    def counted(path: str) -> listing.Listing:
        listed.append(path)
        return list_directory(path)

    monkeypatch.setattr(discover, "list_directory", counted)

    def look() -> list[object]:
        found: list[object] = []
        while tree.busy or tree.next_due <= now:
            found += tree.work(now)
        return found

    now = 5.0
    assert look() == []
    assert listed == []
    make_run(tmp_path / "r3", "second.tfevents")
    now = 10.0
    (change,) = look()
    assert isinstance(change, FolderChange)
    assert change.added == ("second.tfevents",)
    assert listed == [str(tmp_path / "r3")]
    now = 100.0
    look()
    assert len(listed) == 32


def test_a_change_within_the_grain_of_the_clock_is_found(tmp_path: Path) -> None:
    make_run(tmp_path)
    status = tmp_path.stat()
    watched = Watched(tmp_path, wall=lambda: status.st_mtime + 1)
    watched.poll()
    make_run(tmp_path, "second.tfevents")
    os.utime(tmp_path, ns=(status.st_atime_ns, status.st_mtime_ns))  # as if the file system counted in seconds
    watched.poll(3)
    assert len(watched.points) == 2


def test_a_directory_that_takes_long_to_list_is_listed_rarely(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    listed = 0

    def slow(path: str) -> listing.Listing:
        nonlocal now, listed
        now += 2.0
        listed += 1
        return list_directory(path)

    monkeypatch.setattr(discover, "list_directory", slow)
    tree = tree_of(tmp_path, lambda: now)
    tree._wall = lambda: tmp_path.stat().st_mtime  # it is changing all the time
    for _ in range(100):
        now += 1.0
        while tree.busy or tree.next_due <= now:
            tree.work(now)
    assert listed == 3


def test_the_pace_falls_with_the_number_of_directories(tmp_path: Path) -> None:
    tree = tree_of(tmp_path, lambda: 0.0)
    folder = discover.Folder("", "", None)
    periods = []
    for count in (1, 200, 1000, 10_000):
        tree.folders = {str(number): folder for number in range(count)}
        periods.append(tree.period)
    assert periods == [0.5, 0.8, 2.0, 10.0]


def test_the_walk_is_done_in_slices(tmp_path: Path) -> None:
    for k in range(50):
        make_run(tmp_path / f"r{k}")
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.001
        return now

    tree = tree_of(tmp_path, clock)
    slices = 0
    while tree.busy or not slices:
        before = now
        tree.work(now + 0.01)
        slices += 1
        assert now - before < 0.1
    assert slices > 5
    assert len(tree.folders) == 51


def test_a_hint_makes_a_look_due(tmp_path: Path) -> None:
    make_run(tmp_path / "a")
    watched = Watched(tmp_path)
    watched.poll()
    path = make_run(tmp_path / "b" / "c" / "d")
    assert watched.poll(0) == []
    watched.follower.wake([str(path)])
    watched.poll(0)
    assert set(watched.runs) == {"a", "b/c/d"}


def test_deep_trees_and_removal_of_whole_branches(tmp_path: Path) -> None:
    path = tmp_path
    for _ in range(150):
        path = path / "d"
    make_run(path)
    now = 0.0
    tree = tree_of(tmp_path, lambda: now)
    while tree.busy or tree.next_due <= now:
        tree.work(now)
    assert len(tree.folders) == 151
    os.rename(tmp_path / "d", tmp_path / "node_modules")
    now = 100.0
    found: list[object] = []
    while tree.busy or tree.next_due <= now:
        found += tree.work(now)
    assert len(tree.folders) == 1
    assert [finding.lost for finding in found if isinstance(finding, FolderChange)] == [True]
    assert not [finding for finding in found if isinstance(finding, FolderTrouble)]


# --- profiles


@pytest.mark.parametrize(
    ("relative", "name", "capture"),
    [
        ("plugins/profile/2024_01_01", "vm1.xplane.pb", Capture(".", "2024_01_01", "vm1", "xplane")),
        ("a/b/plugins/profile/s", "vm.x.trace.json.gz", Capture("a/b", "s", "vm.x", "trace")),
        ("train/plugins/profile/s", "h.overview_page.pb", Capture("train", "s", "h", "overview_page")),
        ("plugins/profile/s", "xplane.pb", Capture(".", "s", "", "xplane")),
        ("a", "h_12.1700000000000.pt.trace.json.gz", Capture("a", "torch", "h_12", "torch_trace")),
        (".", "w.pt.trace.json", Capture(".", "torch", "w", "torch_trace")),
        ("plugins/profile/s", "ALL_HOSTS.op_stats_v2.pb", None),
        ("plugins/profile/s", "vm.hlo_proto.pb", None),
        ("plugins/profile/s", "NO_MODULE.hlo_proto.pb", None),
    ],
)
def test_captures_are_told_by_their_names(relative: str, name: str, capture: Capture | None) -> None:
    assert describe_capture(os.path.normpath(f"/logs/{relative}"), relative, name) == capture


@pytest.mark.parametrize("relative", [".", "s", "profile/s", "plugins/profile/s"])
def test_a_log_directory_may_lie_among_the_captures(relative: str) -> None:
    assert describe_capture("/x/plugins/profile/s", relative, "vm.xplane.pb") == Capture(".", "s", "vm", "xplane")


def test_profile_sessions_are_recognised_by_whole_path_parts() -> None:
    assert is_profile_session("/x/plugins/profile/s")
    assert is_profile_session("plugins/profile/s")
    assert not is_profile_session("/x/myplugins/profile/s")
    assert not is_profile_session("/x/plugins/profile")


def test_profiles_are_found_without_event_files_and_told_once(tmp_path: Path) -> None:
    session = tmp_path / "jax" / "plugins" / "profile" / "2024_01_01_00_00_00"
    write(session / "vm.xplane.pb", b"x")
    write(session / "ALL_HOSTS.op_stats.pb", b"x")
    make_run(tmp_path / "train")
    write(tmp_path / "train" / "w.1.pt.trace.json", b"{}")
    watched = Watched(tmp_path)
    watched.poll()
    told = {(one.run, one.session, one.host, one.tool) for one in watched.profiles}
    assert told == {("jax", "2024_01_01_00_00_00", "vm", "xplane"), ("train", "torch", "w", "torch_trace")}
    assert watched.runs["jax"].path == str(tmp_path / "jax")
    assert len(watched.all_points()) == 3
    write(session / "vm2.xplane.pb", b"x")
    watched.poll(100)
    assert len(watched.profiles) == 3


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("trace.json.gz", ("", "trace.json.gz", "torch_trace")),
        ("my profile.json", ("", "my profile.json", "torch_trace")),
        ("w.1.pt.trace.json", ("torch", "w", "torch_trace")),
        ("vm.xplane.pb", ("", "vm", "xplane")),
        ("vm.tensorflow_stats.pb", ("", "vm", "tensorflow_stats")),
        ("local.trace", ("", "local", "trace")),
    ],
)
def test_a_capture_may_be_all_there_is(tmp_path: Path, name: str, told: tuple[str, str, str]) -> None:
    write(tmp_path / name, b"{}")
    write(tmp_path / "other.pt.trace.json", b"{}")
    watched = Watched(tmp_path / name)
    watched.poll()
    (one,) = watched.profiles
    assert (one.session, one.host, one.tool) == told
    assert one.path == str(tmp_path / name)


def test_ten_thousand_directories_are_walked_in_reasonable_time(tmp_path: Path) -> None:
    for k in range(0, 10_000, 100):
        for j in range(k, k + 100):
            os.makedirs(tmp_path / f"g{k}" / f"r{j}")
    tree = tree_of(tmp_path, lambda: 0.0)
    tree.work(1.0)
    assert len(tree.folders) == 10_101
