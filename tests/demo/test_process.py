"""The demo's training process: it leaves nothing behind, however it ends."""

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tbtui.demo import process
from tbtui.demo.process import DemoError, Training


def await_that(condition: Callable[[], object], what: str) -> None:
    deadline = time.monotonic() + 30
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not come"
        time.sleep(0.01)


def event_files(directory: Path) -> list[Path]:
    return list(directory.rglob("*tfevents*"))


def test_it_trains_beside_and_removes_its_directory() -> None:
    with Training(steps=100000) as training:
        await_that(lambda: len(event_files(training.directory)) == 6, "the event files")
        sizes = [file.stat().st_size for file in event_files(training.directory)]
        grown = lambda: sum(file.stat().st_size for file in event_files(training.directory)) > sum(sizes)  # noqa: E731
        await_that(grown, "another step")
        assert training.running
    assert not training.running
    assert not training.directory.exists()


def test_kept_logs_stay_and_are_whole(tmp_path: Path) -> None:
    with Training(tmp_path / "new" / "logs", steps=15, fast=True) as training:
        await_that(lambda: not training.running, "the end of the training")
        assert training.stop() is None
    assert len(event_files(tmp_path / "new" / "logs")) == 6


def test_logs_of_a_finished_training_stay_while_someone_looks() -> None:
    with Training(steps=2, fast=True) as training:
        await_that(lambda: len(event_files(training.directory)) == 6, "the event files")
        sizes: list[int] = []

        def quiet() -> bool:
            sizes.append(sum(file.stat().st_size for file in event_files(training.directory)))
            return len(sizes) > 20 and len(set(sizes[-20:])) == 1

        await_that(quiet, "the last step")
        assert training.running
        assert training.directory.exists()
    assert not training.directory.exists()


def test_a_directory_in_use_is_refused(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(DemoError, match="not empty"):
        Training(tmp_path)
    (tmp_path / "file").write_text("mine")
    with pytest.raises(DemoError, match="file"):
        Training(tmp_path / "file")
    assert (tmp_path / "notes.txt").read_text() == "mine"


def test_what_went_wrong_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "numpy.py").write_text("raise RuntimeError('numbers are out')")
    monkeypatch.setitem(process._ENVIRONMENT, "PYTHONPATH", str(tmp_path))
    with Training(steps=1) as training:
        await_that(lambda: not training.running, "the end of the training")
        assert training.stop() == "RuntimeError: numbers are out"
        assert training.stop() is None


def test_killing_the_parent_ends_it_and_clears_up() -> None:
    code = (
        "import sys, time\n"
        "from tbtui.demo.process import Training\n"
        "training = Training(steps=100000)\n"
        "print(training.directory, training._process.pid, flush=True)\n"
        "time.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True) as parent:
        assert parent.stdout is not None
        directory, pid = parent.stdout.readline().split()
        await_that(lambda: len(event_files(Path(directory))) == 6, "the event files")
        parent.send_signal(signal.SIGKILL)
        parent.wait()
    await_that(lambda: not Path(directory).exists(), "the removal of the directory")
    assert pid.isdigit()
