"""Followed while real writers write: tensorboardX and TensorBoard's own, as training scripts use them."""

from __future__ import annotations

from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboardX import SummaryWriter

from tests.support.logfiles import Watched


def steps(watched: Watched, run: str, tag: str = "loss") -> list[int]:
    """The steps that are shown of a run, file by file in the order of its files."""
    files = sorted((file for file in watched.files.values() if file.run == run), key=lambda file: file.order)
    return [step for file in files for name, step, _ in watched.points[file.file] if name == tag]


def test_tensorboardx_appends_and_is_followed(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    watched.poll()
    with SummaryWriter(str(tmp_path / "run"), flush_secs=1) as writer:
        for step in range(10):
            writer.add_scalar("loss", 1 / (step + 1), step)
            if step % 5 == 4:
                writer.flush()
                watched.poll_until(lambda step=step: steps(watched, "run") == list(range(step + 1)))
    watched.poll()
    assert steps(watched, "run") == list(range(10))
    assert not watched.damage
    assert not watched.trouble


def test_a_restart_from_a_checkpoint_adds_a_file(tmp_path: Path) -> None:
    watched = Watched(tmp_path)
    with SummaryWriter(str(tmp_path), filename_suffix=".a") as writer:
        for step in range(10):
            writer.add_scalar("loss", 1.0, step)
    watched.poll()
    with SummaryWriter(str(tmp_path), filename_suffix=".b", purge_step=6) as writer:
        for step in range(6, 12):
            writer.add_scalar("loss", 2.0, step)
    watched.poll()
    assert len(watched.files) == 2
    assert steps(watched, ".") == [*range(10), *range(6, 12)]


def test_two_hundred_runs_are_followed(tmp_path: Path) -> None:
    writers = [EventFileWriter(str(tmp_path / f"r{number}"), max_queue_size=1, flush_secs=1) for number in range(200)]
    watched = Watched(tmp_path)
    watched.poll()
    for step in range(3):
        for writer in writers:
            value = Summary.Value(tag="loss", simple_value=step)
            writer.add_event(Event(step=step, wall_time=1.7e9 + step, summary=Summary(value=[value])))
    for writer in writers:
        writer.flush()
    watched.poll_until(lambda: len(watched.all_points()) == 600)
    for number, writer in enumerate(writers):
        assert steps(watched, f"r{number}") == [0, 1, 2]
        writer.close()
    assert not watched.damage
    assert not watched.trouble
