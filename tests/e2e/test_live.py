"""What a real writer does to its files, seen on the screen of the installed command.

How soon it is seen is measured by `benchmarks.live`.
"""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.e2e.conftest import CURVE
from tests.support.live_changes import LIVES, RUN, at_step, begin
from tests.support.live_writer import LiveWriter
from tests.support.pty import Terminal


@pytest.fixture(params=[1, 200], ids=["1 run", "200 runs"])
def writer(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[LiveWriter]:
    """A writer of 1 or 200 runs with points at steps 0 to 99."""
    with LiveWriter(tmp_path / "logs") as live:
        begin(live, request.param)
        yield live


@pytest.fixture
def terminal(command: list[str], writer: LiveWriter) -> Iterator[Terminal]:
    """The app on the writer's directory, with all runs shown and the first run's last step on the screen."""
    with Terminal([*command, str(writer.directory)], (120, 35)) as shown:
        shown.wait_for(CURVE)
        shown.wait_for(at_step(99))
        yield shown
        shown.press("q")
        assert shown.wait() == 0
        assert shown.not_restored == []


def problems(terminal: Terminal) -> int:
    """How many problems the title line tells."""
    found = re.search(r"(\d+) problems?", terminal.text)
    return int(found.group(1)) if found else 0


@pytest.mark.parametrize("life", LIVES)
def test_a_life_of_files(terminal: Terminal, writer: LiveWriter, life: str) -> None:
    """Each change is seen, and what is appended afterwards too; none is called a problem."""
    for change in LIVES[life]:
        terminal.wait_for(change(writer))
    if life not in ("replacement by rename", "truncation"):  # the writer goes on in a file that still has its name
        for step in range(200, 205):
            writer.add(RUN, "loss", [step], 0.25)
            terminal.wait_for(at_step(step))
    assert problems(terminal) == 0


def test_a_new_tag_and_a_new_run_appear(terminal: Terminal, writer: LiveWriter) -> None:
    writer.add(RUN, "brand_new", range(5), 0.5)
    terminal.wait_for("brand_new")
    before = int(terminal.wait_for(r"(\d+) runs?\b").group(1))
    writer.open("another")
    writer.add("another", "loss", range(5), 0.5)
    terminal.wait_for(rf"\b{before + 1} runs\b")
