"""Two runs side by side."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest

from tbtui.store import Store
from tbtui.widgets import difference_panel
from tbtui.widgets.difference_panel import DifferenceLines
from tbtui.widgets.difference_panel import shown as shown_value
from tests.support.app import shown
from tests.support.payloads import CONTROL
from tests.support.scalars import add_points, new_store


def two_runs(folder: Path, lr: str = "0.1", name: str = "lr", tag: str = "loss") -> Store:
    store = new_store()
    steps = np.arange(200)
    same = 10 * np.exp(-steps / 40)
    for run, tail, rate in (("first", 0.0, "0.1"), ("second", 5.0, lr)):
        values = same + np.where(steps > 100, tail, 0.0)
        add_points(store, run, tag, values)
        add_points(store, run, "other", [1.0, 2.0])
        found = store._run(run)
        found.path = str(folder / run)
        os.makedirs(found.path)
        Path(found.path, "hparams.yaml").write_text(f"'{name}': {rate}\nbatch: 32\n")
    add_points(store, "second", "only here", [1.0])
    return store


async def test_best_values_follow_a_changed_goal(tmp_path: Path) -> None:
    async with shown(two_runs(tmp_path), size=(150, 40)) as screen:
        screen.view.goals["loss"] = "up"
        await screen.press("M", "j", "d")
        loss = next(line for line in screen.lines if "│ loss " in line)
        assert loss.count(" 10 ") == 2  # the largest value of both, not the smallest


async def test_marked_and_compared(tmp_path: Path) -> None:
    async with shown(two_runs(tmp_path, "0.5"), size=(150, 40)) as screen:
        await screen.press("d")
        assert "Mark a run first" in screen.notice
        await screen.press("M")
        assert "=first" in screen.text
        await screen.press("d")
        assert "move to another one" in screen.notice
        await screen.press("j", "d")
        text = screen.text
        assert "first  and  second" in text
        line = next(line for line in screen.lines if "│ lr " in line)
        assert "0.1" in line
        assert "0.5" in line
        assert "batch" not in text
        assert "only here" not in text
        loss = next(line for line in screen.lines if "│ loss " in line)
        assert "+5" in loss
        parted = int(loss.split()[-2] if loss.split()[-1] == "│" else loss.split()[-1])
        assert 95 <= parted <= 110
        other = next(line for line in screen.lines if "│ other " in line)
        assert other.replace("│", "").split()[-1] == "-"
        await screen.press("escape", "k", "M")
        assert screen.view.marked_run is None


async def test_the_tag_filter_counts(tmp_path: Path) -> None:
    async with shown(two_runs(tmp_path)) as screen:
        await screen.press("M", "j", "/", *"other", "enter", "tab", "d")
        assert "no hyperparameter differs" in screen.text
        assert not [line for line in screen.lines if "│ loss " in line]


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 9)])
async def test_sizes(tmp_path: Path, size: tuple[int, int]) -> None:
    async with shown(two_runs(tmp_path), size=size) as screen:
        await screen.press("M", "j")
        screen.view.focused_run = "second"
        await screen.press("d", "j", "end", "home")
        assert screen.app.screen is not screen.app.window
        assert "loss" in screen.text
        assert ("parts at" in screen.text) == (size[0] >= 45)


async def test_foreign_texts_are_made_safe(tmp_path: Path) -> None:
    store = two_runs(tmp_path, f"'{CONTROL['bidi']}'", CONTROL["invisible"], CONTROL["csi"])
    async with shown(store) as screen:
        await screen.press("M", "j", "d")
        for code in ("\x1b", "\u202e", "\u200b"):
            assert code not in screen.text


async def test_long_comparisons_follow_one_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(difference_panel, "PATIENCE", -1.0)
    painted = []
    async with shown(two_runs(tmp_path)) as screen:
        await screen.press("M", "j", "d")
        lines = screen.app.screen.query_one(DifferenceLines)
        line = next(line for line in screen.lines if "│ loss " in line)
        assert "+5" not in line
        monkeypatch.setattr(difference_panel, "PATIENCE", 10.0)
        lines.repaint()
        await screen.pilot.pause()
        painted = [line for line in screen.lines if "│ loss " in line]
    assert "+5" in painted[0]


def test_values() -> None:
    assert [shown_value(one) for one in (True, None, 0.1, 3, "a\x1bb")] == ["true", "none", "0.1", "3", "a␛b"]
