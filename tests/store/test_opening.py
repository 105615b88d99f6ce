"""The library as a user meets it: `tbtui.open_logdir` on files of a real writer."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import numpy as np
import pytest
from tensorboardX import SummaryWriter

import tbtui
from tbtui.store.blobs import BlobUnreadable, read_value


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for run in ("one", "two/train"):
        with SummaryWriter(str(tmp_path / run)) as writer:
            for step in range(5):
                writer.add_scalar("loss", 1 / (step + 1), step, walltime=1700000000.0 + step)
            writer.add_text("note", "hello *there*", 3)
    return tmp_path


def event_file(directory: Path) -> Path:
    return next(path for path in directory.iterdir() if "tfevents" in path.name)


def test_a_run_gives_numpy_arrays(logs: Path) -> None:
    with tbtui.open_logdir(logs) as logdir:
        assert [run.name for run in logdir.runs()] == ["one", "two/train"]
        points = logdir["two/train"].scalars["loss"].points()
    assert points.steps.tolist() == [0, 1, 2, 3, 4]
    assert points.walls.tolist() == [1700000000.0 + step for step in range(5)]
    assert points.values.tolist() == [float(np.float32(1 / (step + 1))) for step in range(5)]
    assert points.single


def test_names_and_several_directories(logs: Path) -> None:
    with tbtui.open_logdir({"a": logs / "one", "b": logs / "two"}) as logdir:
        assert {run.name for run in logdir.runs()} == {"a", "b/train"}
    with pytest.raises(KeyError):
        logdir["c"]


def test_refresh_reads_what_was_added(logs: Path) -> None:
    with tbtui.open_logdir(logs) as logdir:
        assert logdir["one"].scalars["loss"].count == 5
        with SummaryWriter(str(logs / "one"), filename_suffix=".again") as writer:
            writer.add_scalar("loss", 7.0, 5)
        logdir.refresh()
        assert logdir["one"].scalars["loss"].points().values.tolist()[-1] == 7.0


def test_a_missing_directory_is_waited_for_not_an_error(tmp_path: Path) -> None:
    with tbtui.open_logdir(tmp_path / "later") as logdir:
        assert logdir.runs() == []
        assert [Path(path).name for path, _ in logdir.store.progress.waiting] == ["later"]
        with SummaryWriter(str(tmp_path / "later" / "run")) as writer:
            writer.add_scalar("x", 1.0, 0)
        logdir.refresh()
        assert [run.name for run in logdir.runs()] == ["run"]
        assert logdir.store.progress.waiting == ()


def test_following_brings_new_points_by_itself(logs: Path) -> None:
    with tbtui.open_logdir(logs, follow=True) as logdir:
        arrived = threading.Event()

        def look() -> None:
            run = logdir.store.run("one")
            if run is not None and "new" in run.scalars:
                arrived.set()

        logdir.reader.listen(look)
        with SummaryWriter(str(logs / "one"), filename_suffix=".more") as writer:
            writer.add_scalar("new", 1.0, 0)
        assert arrived.wait(20)


def test_a_reader_that_fails_says_so_and_goes_on(logs: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with tbtui.open_logdir(logs) as logdir:
        reader = logdir.reader
        good, told = reader.follower.poll, threading.Event()

        def poll(budget: float = 0.03) -> list[object]:
            if not told.is_set():
                told.set()
                raise RuntimeError("disk on fire")
            return good(budget)  # type: ignore[return-value]

        monkeypatch.setattr(reader.follower, "poll", poll)
        noted: list[str] = []
        again = threading.Event()
        monkeypatch.setattr(logdir.store, "note", lambda problem: noted.append(problem.reason))
        reader.listen(again.set)
        reader.start()
        with SummaryWriter(str(logs / "three")) as writer:
            writer.add_scalar("x", 1.0, 0)
        reader.changed()
        assert again.wait(20)
        assert "disk on fire" in noted[0]
        assert logdir.store.problem_count == 0


def test_a_blob_is_read_back_from_where_it_lies(logs: Path) -> None:
    with tbtui.open_logdir(logs) as logdir:
        series = logdir["one"].blobs["text", "note/text_summary"]
        assert series.steps().tolist() == [3]
        value = read_value(series.reference(-1))
    assert value.tag == "note/text_summary"
    assert b"hello *there*" in bytes(value.body)


def test_a_blob_in_a_damaged_or_vanished_file_says_why(logs: Path) -> None:
    path = event_file(logs / "one")
    with tbtui.open_logdir(logs) as logdir:
        reference = logdir["one"].blobs["text", "note/text_summary"].reference(0)
    data = bytearray(path.read_bytes())
    data[data.index(b"hello")] ^= 1
    path.write_bytes(data)
    with pytest.raises(BlobUnreadable, match="checksum"):
        read_value(reference)
    path.write_bytes(data[:50])
    with pytest.raises(BlobUnreadable, match="changed"):
        read_value(reference)
    path.unlink()
    with pytest.raises(BlobUnreadable, match="No such file"):
        read_value(reference)


def test_nothing_is_written_beside_the_logs(logs: Path) -> None:
    def everything() -> set[tuple[str, int, int]]:
        found = set()
        for folder, _, names in os.walk(logs):
            for name in names:
                status = os.stat(os.path.join(folder, name))
                found.add((os.path.join(folder, name), status.st_size, status.st_mtime_ns))
        return found

    before = everything()
    with tbtui.open_logdir(logs) as logdir:
        logdir.refresh()
    assert everything() == before
