"""The palette for the colour of a run or a group."""

from __future__ import annotations

from pathlib import Path

from tbtui.analysis.colors import PALETTE
from tbtui.settings import View
from tbtui.settings.state import Memory
from tbtui.widgets.color_panel import NAMES, ColorPanel
from tests.support.app import shown, some_runs
from tests.support.scalars import make_store


def test_every_colour_has_a_name() -> None:
    assert len(NAMES) == len(PALETTE) == len(set(NAMES))


async def test_a_colour_is_tried_kept_and_given_up() -> None:
    async with shown(some_runs(3)) as screen:
        before = screen.session.color("run_0")
        await screen.press("C")
        assert isinstance(screen.app.screen, ColorPanel)
        assert "colour of run_0" in screen.text
        assert all(name in screen.text for name in NAMES)
        assert "1 other run" in screen.text
        await screen.press("home")
        assert screen.view.colors == {"run_0": PALETTE[0]}
        await screen.press("j")
        assert screen.view.colors == {"run_0": PALETTE[1]}
        await screen.press("enter")
        assert screen.session.color("run_0") == PALETTE[1]
        await screen.press("C", "j", "escape")
        assert screen.view.colors == {"run_0": PALETTE[1]}
        await screen.press("C", "end", "enter")
        assert screen.view.colors == {}
        assert screen.session.color("run_0") == before


async def test_a_group_has_one_colour_which_is_remembered(tmp_path: Path) -> None:
    runs = {f"{group}/{n}": {"loss": [1.0, 2.0]} for group in "ab" for n in range(3)}
    async with shown(make_store(runs)) as screen:
        await screen.press("g", "C")
        assert "colour of a" in screen.text
        await screen.press("home", "enter")
        assert screen.view.colors == {"\na": PALETTE[0]}
        assert {screen.session.color(f"a/{n}") for n in range(3)} == {PALETTE[0]}
        memory = Memory(str(tmp_path / "state.json"), ["logs"])
        memory.recall(View())
        memory.close(screen.view)
        again = View()
        Memory(str(tmp_path / "state.json"), ["logs"]).recall(again)
        assert again.colors == {"\na": PALETTE[0]}
