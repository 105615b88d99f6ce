"""Histograms that are written while they are watched, in all three dashboards of the installed command."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import histograms as made
from tests.support.logfiles import append
from tests.support.pty import Terminal

DASHBOARDS = ("histograms", "distributions", "layers")
FOLLOWS = r"newest(?! step)"


def add(folder: Path, *steps: int) -> None:
    """Append a histogram at each of these steps."""
    (file,) = (folder / "run").iterdir()
    append(file, *(made.drifting("net/weight", step) for step in steps))


@pytest.fixture(params=DASHBOARDS)
def terminal(request: pytest.FixtureRequest, command: list[str], tmp_path: Path) -> Iterator[tuple[Terminal, Path]]:
    """The dashboard on a run with steps 0 to 40, with the focus on its picture over the whole pane."""
    folder = tmp_path / "logs"
    made.write(folder, {"run": ("net/weight",)}, range(0, 50, 10))
    with Terminal([*command, str(folder), "--dashboard", request.param, "--no-remember"], (120, 35)) as shown:
        shown.wait_for("net/weight")
        shown.settle(1.0, 20)
        shown.press("tab")
        shown.settle(0.3, 5)
        shown.press("enter" if request.param != "layers" else "}")
        yield shown, folder
        shown.press("ctrl+c")
        assert shown.wait() == 0


def test_new_steps_appear_and_the_cursor_follows_or_stays(terminal: tuple[Terminal, Path]) -> None:
    shown, folder = terminal
    add(folder, 50)
    shown.wait_for(r"\b50\b")
    shown.press("[")
    shown.wait_for(r"\b40\b")
    add(folder, 60, 70)
    shown.wait_for(r"run\s+70\b")
    shown.settle(0.3, 5)
    assert not re.search(FOLLOWS, shown.text)
    shown.press("}")
    shown.settle(0.3, 5)
    add(folder, 80)
    shown.wait_for(r"run\s+80\b")
    shown.wait_for(FOLLOWS if "at cursor" not in shown.text else r"at cursor[^\n]*\n[^\n]* 80 ")
