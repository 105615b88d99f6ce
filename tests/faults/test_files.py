"""Faults of files, directories and of the system around them, as the store and `open_logdir` show them."""

from __future__ import annotations

import os
import shutil
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

import tbtui
from tbtui.events.problem import Problem
from tbtui.logdir.follow import Follower
from tbtui.logdir.roots import parse_roots
from tbtui.logdir.updates import Update
from tbtui.logdir.watch import Watcher
from tbtui.store import Store
from tbtui.store.reader import LOST_PROBLEM, WATCHER_PROBLEM, Reader
from tests.support.contents import contents
from tests.support.logfiles import NAME, append, header, replace, scalar, scalars, write

SECOND = "events.out.tfevents.1700000009.host.1.0"


def until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


def values(logdir: tbtui.LogDir, run: str, purge: bool = True) -> list[float]:
    return logdir[run].scalars["loss"].points(purge).values.tolist()


# --- one file and its lives


def test_a_file_cut_and_written_anew_shows_the_new_and_keeps_the_old_as_superseded(tmp_path: Path) -> None:
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 9))
    with tbtui.open_logdir(tmp_path) as logdir:
        with open(path, "r+b") as file:
            file.truncate(0)
            file.write(header(1.7e9 + 99) + scalars(0, 3, base=100.0))
        logdir.refresh()
        series = logdir["r"].scalars["loss"]
        assert series.points().values.tolist() == [100.0, 101.0, 102.0]
        assert series.superseded().values.tolist() == list(range(9))


@pytest.mark.parametrize("count", [2, 5, 20])
def test_a_file_replaced_by_another_shows_the_other_alone(tmp_path: Path, count: int) -> None:
    """Smaller, of the same size, larger: nothing of the old file is left, nothing is there twice."""
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 5))
    with tbtui.open_logdir(tmp_path) as logdir:
        replace(path, header(1.7e9 + 50), scalars(0, count, base=0.5))
        logdir.refresh()
        assert contents(logdir) == contents(tbtui.open_logdir(tmp_path))
        assert values(logdir, "r", purge=False) == [0.5 + step for step in range(count)]


def test_a_deleted_file_keeps_its_points_and_comes_back(tmp_path: Path) -> None:
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 5))
    with tbtui.open_logdir(tmp_path) as logdir:
        path.unlink()
        logdir.refresh()
        assert values(logdir, "r") == list(range(5))
        assert logdir["r"].gone
        write(path, header(), scalars(0, 7))
        logdir.refresh()
        assert values(logdir, "r", purge=False) == list(range(7))
        assert not logdir["r"].gone


def test_a_run_that_goes_and_others_that_stay(tmp_path: Path) -> None:
    """A directory deleted, one renamed, one made again: each run holds what its own files hold or last held."""
    for run in "abc":
        write(tmp_path / run / NAME, header(), scalars(0, 3, base=ord(run)))
    with tbtui.open_logdir(tmp_path) as logdir:
        shutil.rmtree(tmp_path / "a")
        os.rename(tmp_path / "b", tmp_path / "d")
        logdir.refresh()
        assert {run.name: run.gone for run in logdir.runs()} == {"a": True, "b": True, "c": False, "d": False}
        assert values(logdir, "d") == values(logdir, "b") == [98.0, 99.0, 100.0]
        write(tmp_path / "a" / NAME, header(), scalars(0, 2, base=7.0))
        logdir.refresh()
        assert values(logdir, "a") == [
            7.0,
            8.0,
        ]  # the inode may be used again
        assert not logdir["a"].gone


def test_a_log_directory_that_goes_away_and_comes_back(tmp_path: Path) -> None:
    logs, away = tmp_path / "logs", tmp_path / "away"
    path = write(logs / "r" / NAME, header(), scalars(0, 3))
    with tbtui.open_logdir(logs) as logdir:
        os.rename(logs, away)
        logdir.refresh()
        assert values(logdir, "r") == [0, 1, 2]
        assert logdir.store.progress.waiting
        os.rename(away, logs)
        append(path, scalars(3, 5))
        logdir.refresh()
        assert values(logdir, "r", purge=False) == [0, 1, 2, 3, 4]
        assert not logdir.store.progress.waiting


def test_both_files_of_a_run_grow_by_turns(tmp_path: Path) -> None:
    first, second = (write(tmp_path / name, header()) for name in (NAME, SECOND))
    with tbtui.open_logdir(tmp_path) as logdir:
        for step in range(0, 20, 2):
            append(first, scalar(step, 1.0, "one"))
            logdir.refresh()
            append(second, scalar(step + 1, 2.0, "two"))
            logdir.refresh()
        run = logdir["."]
        assert run.scalars["one"].points().steps.tolist() == list(range(0, 20, 2))
        assert run.scalars["two"].points().steps.tolist() == list(range(1, 20, 2))
        assert contents(logdir) == contents(tbtui.open_logdir(tmp_path))


def test_the_files_of_a_run_are_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """The second file of a writer comes before its tenth, whichever is found or read first."""
    for number in (10, 2, 1):
        write(tmp_path / f"events.out.tfevents.1700000000.host.{number}.0", header(), scalar(number, float(number)))
    assert values(tbtui.open_logdir(tmp_path), ".", purge=False) == [1.0, 2.0, 10.0]


@pytest.mark.parametrize("when", [0.0, 1.0, 4e9])
def test_files_with_impossible_times_of_change_are_read_and_followed(tmp_path: Path, when: float) -> None:
    path = write(tmp_path / "odd" / NAME, header(), scalars(0, 3))
    write(tmp_path / "usual" / NAME, header(), scalars(0, 3))
    os.utime(path, (when, when))
    with tbtui.open_logdir(tmp_path) as logdir:
        assert values(logdir, "odd") == values(logdir, "usual") == [0, 1, 2]
        append(path, scalars(3, 4))
        os.utime(path, (when, when))
        logdir.refresh()
        assert values(logdir, "odd") == [0, 1, 2, 3]


@pytest.mark.timeout(30)
def test_what_is_no_file_is_never_waited_for(tmp_path: Path) -> None:
    """Pipes, sockets, directories and broken links of such names: opening ends, and the run beside them is read."""
    write(tmp_path / NAME, header(), scalars(0, 3))
    os.mkfifo(tmp_path / "pipe.tfevents.1")
    os.mkdir(tmp_path / "folder.tfevents.2")
    os.symlink(tmp_path / "nowhere", tmp_path / "link.tfevents.3")
    os.symlink(tmp_path, tmp_path / "loop.tfevents.4")
    os.symlink("/dev/zero", tmp_path / "zero.tfevents.5")
    with socket.socket(socket.AF_UNIX) as one:
        here = os.getcwd()
        os.chdir(tmp_path)
        try:
            one.bind("sock.tfevents.6")
        finally:
            os.chdir(here)
        logdir = tbtui.open_logdir(tmp_path)
    assert [run.name for run in logdir.runs()] == ["."]
    assert values(logdir, ".") == [0, 1, 2]


@pytest.mark.timeout(30)
def test_a_value_whose_file_became_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    from tbtui.store.blobs import BlobUnreadable, read_value
    from tests.faults.test_records import text

    path = write(tmp_path / NAME, header(), text(0))
    reference = tbtui.open_logdir(tmp_path)["."].blobs["text", "note"].reference(0)
    path.unlink()
    os.mkfifo(path)
    with pytest.raises(BlobUnreadable):
        read_value(reference)


ODD_NAMES = [
    "line\nbreak",
    "tab\there",
    "esc\x1b[31m",
    "[bold]markup[/x]",
    "-rf",
    " leading",
    "...",
    "rtl\u202egpj",
    os.fsdecode(b"caf\xe9"),
    "n" * 255,
]


def test_runs_of_any_name_keep_it_exactly(tmp_path: Path) -> None:
    for name in ODD_NAMES:
        write(tmp_path / name / NAME, header(), scalars(0, 2))
    with tbtui.open_logdir(tmp_path) as logdir:
        assert {run.name for run in logdir.runs()} == set(ODD_NAMES)
        for name in ODD_NAMES:
            append(tmp_path / name / NAME, scalars(2, 3))
        logdir.refresh()
        assert all(values(logdir, name) == [0, 1, 2] for name in ODD_NAMES)
        assert not logdir.store.problems()


# --- more than one who reads


def test_two_who_watch_one_directory_do_not_disturb_each_other(tmp_path: Path) -> None:
    """No lock, nothing written beside the logs; both see every point, and so does who comes later."""
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 2))
    with tbtui.open_logdir(tmp_path, follow=True) as one, tbtui.open_logdir(tmp_path, follow=True) as other:
        for step in range(2, 30):
            append(path, scalar(step, float(step)))
            time.sleep(0.002)
        for logdir in (one, other):
            until(lambda logdir=logdir: logdir.store.run("r") and logdir.store.points == 30)
        assert contents(one) == contents(other) == contents(tbtui.open_logdir(tmp_path))
    assert sorted(found.name for found in tmp_path.rglob("*")) == [NAME, "r"]


# --- the system around


class Deaf(Watcher):
    """A watcher that cannot watch."""

    def start(self, notice: object, may_hold: object = None) -> None:
        self.fault = "the system's limit of watches is reached"


def following(folder: Path, watcher: Watcher | None = None) -> Reader:
    follower = Follower(parse_roots([str(folder)]), poll=0.05, processes=1)
    return Reader(Store([str(folder)]), follower, watcher)


def test_a_system_that_cannot_watch_is_told_and_nothing_is_missed(tmp_path: Path) -> None:
    """Where a limit is reached or the package is missing, points come by looking, and one line says why they are late;
    it goes when watching works again."""
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 2))
    watcher = Deaf([str(tmp_path)])
    reader = following(tmp_path, watcher)
    reader.start()
    try:
        until(lambda: reader.store.points == 2)
        append(path, scalars(2, 5))
        until(lambda: reader.store.points == 5)
        until(lambda: reader.store.problems())
        (problem,) = reader.store.problems()
        assert problem.file == WATCHER_PROBLEM
        assert "limit of watches" in problem.reason
        watcher.fault = ""
        until(lambda: not reader.store.problems())
    finally:
        reader.stop()


def test_what_could_not_be_taken_in_is_never_silently_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours between reading and storing: reading goes on, and a line that stays says that points are lost."""
    path = write(tmp_path / "r" / NAME, header(), scalars(0, 2))
    reader = following(tmp_path)
    real, failed = reader.store._apply_chunk, threading.Event()

    def fail_once(*arguments: object) -> None:
        if not failed.is_set():
            failed.set()
            raise MemoryError
        real(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(reader.store, "_apply_chunk", fail_once)
    reader.start()
    try:
        assert failed.wait(20)
        append(path, scalars(2, 5))
        until(lambda: reader.store.points == 3)
        until(lambda: [problem.file for problem in reader.store.problems()] == [LOST_PROBLEM])
    finally:
        reader.stop()


def test_a_read_that_never_returns_does_not_hold_up_the_end(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on a network disk whose server is gone: what was read can be looked at, and closing returns soon."""
    write(tmp_path / "r" / NAME, header(), scalars(0, 2))
    reader = following(tmp_path)
    stuck, release, returned = threading.Event(), threading.Event(), threading.Event()
    real = reader.follower.poll

    def poll(budget: float) -> list[Update]:
        if reader.store.points == 2:
            stuck.set()
            release.wait(60)
            returned.set()
        return real(budget)

    monkeypatch.setattr(reader.follower, "poll", poll)
    reader.start()
    assert stuck.wait(20)
    reader.stop(timeout=0.2)
    assert not returned.is_set()
    assert reader.store.run("r") is not None
    assert reader.store.runs()[0].scalars["loss"].count == 2
    release.set()


def test_problems_of_a_file_go_with_the_file_they_were_in(tmp_path: Path) -> None:
    """A damaged copy is reported with its place; when the good one arrives, the report is gone and nothing is twice."""
    good = header() + scalars(0, 12)
    bad = bytearray(good)
    bad[len(header() + scalars(0, 10)) + 20] ^= 1
    path = write(tmp_path / "r" / NAME, bytes(bad))
    with tbtui.open_logdir(tmp_path) as logdir:
        assert logdir.store.problems() == [
            Problem(
                f"r/{NAME}", len(header() + scalars(0, 10)), "the checksum of a record is wrong; the record is left out"
            )
        ]
        replace(path, good)
        logdir.refresh()
        assert logdir.store.problems() == []
        assert values(logdir, "r", purge=False) == list(range(12))
