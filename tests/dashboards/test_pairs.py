"""Training and validation of one metric in one chart."""

from __future__ import annotations

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.charts.canvas import Curve, Window, draw_curves
from tests.dashboards.helpers import scalars
from tests.support.scalars import add_points, new_store

VAL = np.array([4.0, 2.0, 1.0, 3.0])
RUN = {"train/loss": np.linspace(4, 0.5, 31), "val/loss": VAL, "lr": np.ones(31)}


async def test_w_joins_training_and_validation_and_parts_them() -> None:
    async with scalars({"a": RUN, "b": RUN}) as page:
        assert [slot.tag for slot in page.grid.current.slots] == ["lr", "train/loss"]
        await page.press("right")
        if page.focus != "train/loss":
            await page.press("down")
        assert page.focus == "train/loss"
        subject = page.dashboard.subject()
        assert subject is not None
        assert (subject.title, subject.tags) == ("loss", ("train/loss", "val/loss"))
        entries = page.dashboard.entries()
        assert [(entry.name, entry.dashed) for entry in entries] == [
            ("a · train", False),
            ("a · val", True),
            ("b · train", False),
            ("b · val", True),
        ]
        assert entries[0].color == entries[1].color != entries[2].color
        together = page.text
        await page.press("w")
        assert page.notice == "Training and validation have a chart each"
        assert [slot.tag for slot in page.grid.current.slots] == ["lr", "train/loss", "val/loss"]
        assert page.focus == "train/loss"
        assert page.text != together
        assert "apart" in page.screen.text
        await page.press("l", "w")
        assert page.focus == "train/loss"
        assert page.text == together


async def test_the_best_validation_step_is_marked_in_full_screen() -> None:
    store = new_store("a")
    add_points(store, "a", "train/loss", np.linspace(4, 0.5, 31))
    add_points(store, "a", "val/loss", VAL, steps=[0, 10, 20, 30])
    async with scalars(store) as page:
        await page.press("enter")
        assert "best validation 1 at step 20, 0.6667 below training" in page.lines[0]
        assert page.lines[0].startswith("loss ")
        assert "a · train" in page.text
        assert "╎ a · val" in page.text
        chart = page.dashboard.full.chart
        assert chart is not None
        column = chart.plot.col + int(20 / 30 * chart.plot.width)
        assert sum(line[column : column + 1] == "│" for line in page.lines) > 3
        await page.press("w")
        assert page.dashboard.mode == "chart"
        assert page.lines[0].startswith("train/loss ")
        assert "best validation" not in page.text
        await page.press("w")
        assert page.lines[0].startswith("loss ")


async def test_runs_beside_each_other_that_hold_the_same_tag_have_a_best_step_too() -> None:
    runs = {"x/train": {"acc": [0.1, 0.5, 0.9]}, "x/validation": {"acc": [0.2, 0.6, 0.4]}}
    async with scalars(runs) as page:
        await page.press("enter")
        assert "best validation 0.6 at step 1, 0.1 above training" in page.lines[0]
        assert not any(entry.dashed for entry in page.dashboard.entries())


async def test_a_pair_is_pinned_marked_and_opened_from_the_table_as_one() -> None:
    async with scalars({"a": RUN}) as page:
        await page.press("end", "m")
        assert page.view.pinned == ["train/loss", "val/loss"]
        assert page.grid.order()[0] == ("pinned", "train/loss")
        await page.press("m")
        assert page.view.pinned == []
        await page.press("t", "end", "enter")
        assert page.lines[0].startswith("loss ")


async def test_the_tag_filter_parts_what_it_lets_through_alone() -> None:
    async with scalars({"a": RUN}) as page:
        page.view.tag_filter = "val"
        await page.data()
        page.dashboard.view_changed()
        await page.settle()
        assert [slot.tag for slot in page.grid.current.slots] == ["val/loss"]


async def test_without_pairs_the_key_says_so() -> None:
    async with scalars({"a": {"loss": [1.0, 2.0]}}) as page:
        await page.press("w", "w")
        assert "no tags here pair" in page.notice


def test_a_dashed_curve_has_gaps() -> None:
    x = np.arange(60.0)
    window = Window(Axis(0.0, 59.0), Axis(0.0, 2.0))
    plain = draw_curves([Curve(x, np.ones(60))], window, 30, 3).to_text()
    dashed = draw_curves([Curve(x, np.ones(60), dashed=True)], window, 30, 3).to_text()
    assert plain != dashed
    line = dashed.split("\n")[1]
    assert all((char == " ") == (number % 3 == 2) for number, char in enumerate(line.ljust(30)))
