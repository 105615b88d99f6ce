"""What a real writer does to its files, seen on the screen of the installed command."""

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import CURVE
from tests.support.live_writer import LiveWriter
from tests.support.pty import Terminal

RUN = "run000"
"""The run that changes; it is shown first."""


@pytest.fixture(params=[1, 200], ids=["1 run", "200 runs"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveWriter]:
    """A writer of 1 or 200 runs with points at steps 0 to 99."""
    runs = [f"run{number:03d}" for number in range(request.param)]
    with LiveWriter(tmp_path / "logs") as live:
        live.open(*runs)
        live.add(runs, "loss", range(100), 0.5)
        yield live


@pytest.fixture
def terminal(command: list[str], writer: LiveWriter) -> Iterator[Terminal]:
    """The app on the writer's directory, with all runs shown and the first run's last step on the screen."""
    with Terminal([*command, str(writer.directory)], (120, 35)) as shown:
        shown.wait_for(CURVE)
        wait_for_step(shown, 99)
        yield shown
        shown.press("q")
        assert shown.wait() == 0
        assert shown.not_restored == []


def wait_for_step(terminal: Terminal, step: int) -> None:
    """Wait until the run list shows that the changing run's last step is this one."""
    terminal.wait_for(rf"{RUN}\s+{step}\b")


def event_file(writer: LiveWriter) -> Path:
    """The only event file of the changing run."""
    (file,) = (writer.directory / RUN).iterdir()
    return file


def problems(terminal: Terminal) -> int:
    """How many problems the title line tells."""
    found = re.search(r"(\d+) problems?", terminal.text)
    return int(found.group(1)) if found else 0


def test_appended_points_appear(terminal: Terminal, writer: LiveWriter) -> None:
    for step in range(100, 105):
        writer.add(RUN, "loss", [step], 0.25)
        wait_for_step(terminal, step)
    assert problems(terminal) == 0


def test_a_new_tag_and_a_new_run_appear(terminal: Terminal, writer: LiveWriter) -> None:
    writer.add(RUN, "brand_new", range(5), 0.5)
    terminal.wait_for("brand_new")
    before = int(terminal.wait_for(r"(\d+) runs?\b").group(1))
    writer.open("another")
    writer.add("another", "loss", range(5), 0.5)
    terminal.wait_for(rf"\b{before + 1} runs\b")


def test_a_restart_from_a_checkpoint(terminal: Terminal, writer: LiveWriter) -> None:
    writer.close(RUN)
    writer.open(RUN, purge_step=50)
    writer.add(RUN, "loss", range(50, 61), 0.125)
    wait_for_step(terminal, 60)
    writer.add(RUN, "loss", range(61, 151), 0.125)
    wait_for_step(terminal, 150)
    assert problems(terminal) == 0


def test_rotation_to_a_new_file(terminal: Terminal, writer: LiveWriter) -> None:
    writer.close(RUN)
    writer.open(RUN)
    writer.add(RUN, "loss", range(100, 131), 0.25)
    wait_for_step(terminal, 130)
    assert problems(terminal) == 0


def test_replacement_by_rename(terminal: Terminal, writer: LiveWriter) -> None:
    with LiveWriter(writer.directory.parent / "elsewhere") as other:
        other.open(RUN)
        other.add(RUN, "loss", range(43), 0.25)
        (new,) = (other.directory / RUN).iterdir()
        os.replace(new, event_file(writer))
    wait_for_step(terminal, 42)


def test_truncation_and_another_beginning(terminal: Terminal, writer: LiveWriter) -> None:
    file = event_file(writer)
    head = file.read_bytes()
    with LiveWriter(writer.directory.parent / "elsewhere") as other:
        other.open(RUN)
        other.add(RUN, "loss", range(21), 0.25)
        (new,) = (other.directory / RUN).iterdir()
        content = new.read_bytes()
    assert len(content) < len(head)
    os.truncate(file, 0)
    with open(file, "r+b") as again:
        again.write(content)
    wait_for_step(terminal, 20)


def test_deletion_and_return(terminal: Terminal, writer: LiveWriter) -> None:
    directory = writer.directory / RUN
    saved = writer.directory.parent / "saved"
    shutil.copytree(directory, saved)
    writer.close(RUN)
    shutil.rmtree(directory)
    terminal.wait_for(f"✗ {RUN}")
    shutil.move(saved, directory)
    writer.open(RUN)
    writer.add(RUN, "loss", range(100, 121), 0.25)
    wait_for_step(terminal, 120)
