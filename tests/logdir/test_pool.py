"""Other processes help with the first load: the same points, whatever becomes of the helpers."""

from __future__ import annotations

import io
import os
import signal
import time
from pathlib import Path

import pytest

from tbtui.logdir import pool as pools
from tbtui.logdir.files import EventFile
from tbtui.logdir.pool import Helper, Pool, worth
from tbtui.logdir.reading import BiteReader
from tbtui.logdir.worker import Bite, Done, do, encode, read_job
from tests.support.logfiles import NAME, Watched, append, header, points, replace, scalars, write

RUNS = 40


@pytest.fixture
def logs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs of different lengths, some of them odd; lent a few at a time."""
    monkeypatch.setattr(pools, "JOB_FILES", 5)
    monkeypatch.setattr("tbtui.logdir.loader.JOB_FILES", 5)
    monkeypatch.setattr("tbtui.logdir.loader.MOST_FILES", 2)
    for run in range(RUNS):
        write(tmp_path / f"r{run}" / NAME, header(), scalars(0, 10 + run))
    write(tmp_path / "lfs" / NAME, b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    write(tmp_path / "torn" / NAME, header(), scalars(0, 5)[:-3])
    write(tmp_path / "zeros" / NAME, header(), scalars(0, 5), bytes(100))
    write(tmp_path / "damaged" / NAME, header(), b"x" * 30, scalars(0, 5))
    write(tmp_path / "latin-\udce9" / NAME, header(), scalars(0, 5))
    return tmp_path


def alone(logs: Path) -> Watched:
    watched = Watched(logs)
    watched.poll()
    return watched


def helped(logs: Path, processes: int = 3) -> Watched:
    return Watched(logs, processes=processes, clock=time.monotonic)


def agree(one: Watched, other: Watched) -> None:
    assert one.points == other.points
    assert one.damage == other.damage
    assert one.trouble == other.trouble
    assert one.progress == other.progress
    assert set(one.runs) == set(other.runs)


def poll_until_lent(watched: Watched) -> list[EventFile]:
    """Polls as little as it takes until files are lent; returns these."""
    (branch,) = watched.follower._branches
    while True:
        for update in watched.follower.poll(0.0):
            watched._apply(update)
        lent = [file for file in branch.files.values() if file.lent]
        if lent:
            return lent
        assert watched.follower.busy


def spy_on_helpers(monkeypatch: pytest.MonkeyPatch) -> list[Helper]:
    made: list[Helper] = []
    real = Helper.__init__

    def init(self: Helper) -> None:
        real(self)
        made.append(self)

    monkeypatch.setattr(Helper, "__init__", init)
    return made


def test_with_helpers_the_same_is_read(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spy_on_helpers(monkeypatch)
    lent: list[int] = []
    real = Helper.lend
    monkeypatch.setattr(Helper, "lend", lambda self, files: (lent.append(len(files)), real(self, files)))
    watched = helped(logs)
    watched.poll()
    agree(watched, alone(logs))
    assert len(made) == 2
    assert sum(lent) > 5
    assert all(helper.process.returncode is not None for helper in made), "nobody is left behind"


def test_what_grows_afterwards_is_read_here(logs: Path) -> None:
    watched = helped(logs)
    watched.poll()
    append(logs / "torn" / NAME, scalars(0, 5)[-3:])
    replace(logs / "lfs" / NAME, header(), scalars(0, 2))
    for run in range(RUNS):
        append(logs / f"r{run}" / NAME, scalars(10 + run, 12 + run))
    watched.follower.wake()
    watched.poll()
    assert watched.points[f"torn/{NAME}"] == points(0, 5)
    assert watched.points[f"lfs/{NAME}"] == points(0, 2)
    for run in range(RUNS):
        assert watched.points[f"r{run}/{NAME}"] == points(0, 12 + run)


@pytest.mark.parametrize("when", ["at once", "in the middle"])
def test_helpers_that_die_are_replaced(logs: Path, monkeypatch: pytest.MonkeyPatch, when: str) -> None:
    made = spy_on_helpers(monkeypatch)
    real = Helper.receive
    heard = 0

    def receive(self: Helper) -> object:
        nonlocal heard
        for message in real(self):
            yield message
            heard += 1
            if heard == 3:
                for helper in made:
                    os.kill(helper.process.pid, signal.SIGKILL)

    if when == "at once":
        monkeypatch.setattr(pools, "COMMAND", (pools.COMMAND[0], "-c", "raise SystemExit(1)"))
    else:
        monkeypatch.setattr(Helper, "receive", receive)
    watched = helped(logs)
    watched.poll()
    agree(watched, alone(logs))
    assert heard >= 3 or when == "at once"


def test_where_no_process_can_be_started_reading_goes_on(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(self: Helper) -> None:
        raise BlockingIOError(11, "Resource temporarily unavailable")

    monkeypatch.setattr(Helper, "__init__", fail)
    watched = helped(logs)
    watched.poll()
    agree(watched, alone(logs))


def test_closing_in_the_middle_gives_the_files_back(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made = spy_on_helpers(monkeypatch)
    watched = helped(logs)
    assert poll_until_lent(watched)
    watched.follower.close()
    assert len(made) == 2
    assert all(helper.process.returncode is not None for helper in made)
    watched.poll()
    agree(watched, alone(logs))


def test_a_link_that_leads_elsewhere_while_its_file_is_lent(logs: Path) -> None:
    for run in range(RUNS):
        (logs / f"latest{run}").symlink_to("r3")
    watched = helped(logs)
    watched.follower.prefer([f"latest{run}" for run in range(RUNS)])
    lent = [file for file in poll_until_lent(watched) if "latest" in file.name]
    assert lent
    for run in range(RUNS):
        (logs / f"latest{run}").unlink()
        (logs / f"latest{run}").symlink_to("r7")
    for file in lent:
        watched.follower._loader.reset(file, "repointed", [])
    watched.follower.wake()
    watched.poll()
    watched.follower.wake()
    watched.poll()
    agree(watched, alone(logs))
    for run in range(RUNS):
        assert watched.points[f"latest{run}/{NAME}"] == points(0, 17)


def test_helpers_are_asked_only_where_they_pay(monkeypatch: pytest.MonkeyPatch) -> None:
    cores = set(range(16))
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: cores, raising=False)
    gigabyte = 1 << 30
    assert worth(1, 1000, gigabyte) == 0
    assert worth(3, 1000, 10) == 2
    assert worth(3, 1, 10) == 1
    assert worth(None, 1000, gigabyte) == pools.MOST_WORKERS
    assert worth(None, 1000, 128 << 20) == 0
    assert worth(None, 1, gigabyte) == 0
    assert worth(None, 1000, 192 << 20) == 4
    cores = {0, 1}
    assert worth(None, 1000, gigabyte) == 0


def test_a_worker_answers_in_messages(tmp_path: Path) -> None:
    good = write(tmp_path / "good", header(), scalars(0, 5))
    text = write(tmp_path / "text", b"no event file at all")
    source = io.BytesIO(encode([(4, str(good)), (7, str(text)), (9, str(tmp_path / "missing"))]))
    job = read_job(source)
    assert job is not None
    assert read_job(source) is None
    sink = io.BytesIO()
    do(job, BiteReader(), sink)
    receiver = Helper.__new__(Helper)
    receiver.received, receiver.alive = bytearray(), True
    read, write_end = os.pipe()
    with os.fdopen(read, "rb", buffering=0) as receiver.output:
        os.write(write_end, sink.getvalue())
        os.close(write_end)
        bite, done = receiver.receive()
    assert isinstance(bite, Bite)
    assert isinstance(done, Done)
    answers = {answer.number: answer for answer in bite.answers}
    assert answers[4].consumed == good.stat().st_size
    assert "text file" in answers[7].sentence
    assert isinstance(answers[9].error, FileNotFoundError)
    assert bite.chunk is not None
    assert [number for number, *_ in done.cursors] == [4, 7, 9]
    assert Pool(0).collect(0.0) == ([], [])
