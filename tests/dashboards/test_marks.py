"""Restarts, checkpoints and epochs on the x axis."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.analysis.axes import Axis
from tbtui.charts.axis_marks import AxisMarks, mark_sign
from tbtui.charts.canvas import Curve, Window
from tbtui.charts.chart import ChartSpec, draw_chart
from tbtui.store import Store
from tbtui.store.run import SessionMark
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import START, add_points, new_store

RESTART, CHECKPOINT, EPOCH = "↺", "◆", "┴"


def store_with_marks() -> Store:
    """Back from step 59 to 30; an epoch every 20 steps; a checkpoint at 45."""
    store = new_store("a")
    steps = [*range(60), *range(30, 100)]
    add_points(store, "a", "loss", np.linspace(4, 1, 130), steps=steps, walls=START + np.arange(130.0))
    add_points(store, "a", "epoch", np.arange(0, 100) // 20, steps=np.arange(100), walls=START + np.arange(100.0))
    run = store.run("a")
    assert run is not None
    run.sessions.append(SessionMark("checkpoint", 45, START + 75))
    return store


async def open_loss(page: Page) -> None:
    page.view.tag_filter = "loss"
    page.screen.app.changed()
    await page.settle()
    await page.press("enter")


def columns(page: Page, sign: str) -> list[int]:
    """Where a sign stands, as columns of the plot of the chart in full screen."""
    chart = page.dashboard.full.chart
    assert chart is not None
    row = page.lines[chart.plot.row + chart.plot.height]
    return [col - chart.plot.col for col, char in enumerate(row) if char == sign]


@pytest.mark.parametrize(
    ("mode", "restart", "length"),
    [("step", 30, 99), ("relative_step", 30, 99), ("relative", 60, 129), ("wall", 60, 129), ("index", 30, 99)],
)
async def test_marks_stand_at_their_place_on_any_x_axis(mode: str, restart: int, length: int) -> None:
    async with scalars(store_with_marks()) as page:
        page.view.x_axis = mode
        await open_loss(page)
        chart = page.dashboard.full.chart
        assert chart is not None
        assert columns(page, RESTART) == [int(restart / length * chart.plot.width)]
        assert len(columns(page, CHECKPOINT)) == 1
        assert len(columns(page, EPOCH)) == (4 if restart == 30 else 3)  # the restart stands where the third would


async def test_capital_i_takes_them_away() -> None:
    async with scalars(store_with_marks()) as page:
        assert RESTART in page.text
        await page.press("I")
        assert page.notice == "Restarts, checkpoints and epochs are not marked"
        assert RESTART not in page.text
        assert CHECKPOINT not in page.text
        await page.press("I")
        assert RESTART in page.text
        assert page.notice.endswith("marked on the x axis")


async def test_the_cursor_near_a_mark_says_what_it_is() -> None:
    async with scalars(store_with_marks()) as page:
        await open_loss(page)
        await page.press(":", *"45", "enter")
        assert "checkpoint" in page.lines[0]
        await page.press(":", *"30", "enter")
        assert "restart: from 59 back to 30" in page.lines[0]
        await page.press(":", *"40", "enter")
        assert "epoch 2" in page.lines[0]
        await page.press(":", *"52", "enter")
        assert page.lines[0].split()[:2] == ["loss", "2.093"]


async def test_several_runs_are_told_apart_and_new_restarts_appear() -> None:
    store = store_with_marks()
    add_points(store, "b", "loss", np.ones(80), steps=np.arange(80))
    async with scalars(store) as page:
        page.model.event_marks._clock = iter(range(10**9, 2 * 10**9, 10)).__next__
        await open_loss(page)
        assert len(columns(page, RESTART)) == 1
        add_points(store, "b", "loss", np.ones(10), steps=np.arange(70, 80), walls=START + 200 + np.arange(10.0))
        run = store.run("b")
        assert run is not None
        run.version += 1
        await page.data()
        assert len(columns(page, RESTART)) == 2
        await page.press(":", *"70", "enter")
        assert "restart: from 79 back to 70 (b)" in page.lines[0]


def axis_line(marks: AxisMarks, width: int = 80, style: str = "braille") -> str:
    curve = Curve(np.arange(1001), np.linspace(0, 1, 1001))
    spec = ChartSpec(curves=[curve], window=Window(Axis(0, 1000), Axis(0, 1)), events=[marks])
    chart = draw_chart(spec, width, 20, style)  # type: ignore[arg-type]
    return chart.cells.line(chart.plot.row + chart.plot.height)


def test_many_marks_are_thinned_evenly() -> None:
    line = axis_line(AxisMarks("epoch", np.arange(0.0, 1000.0, 2.0)))
    count = line.count(EPOCH)
    assert 5 <= count <= 20
    places = [col for col, char in enumerate(line) if char == EPOCH]
    assert min(np.diff(places)) >= 4
    assert axis_line(AxisMarks("epoch", np.array([100.0, 500.0, np.nan, 2000.0]))).count(EPOCH) == 2


def test_restarts_are_all_shown_and_plain_characters_serve_too() -> None:
    assert axis_line(AxisMarks("restart", np.arange(0.0, 1000.0, 50.0))).count(RESTART) == 20
    line = axis_line(AxisMarks("restart", np.array([500.0])), style="ascii")
    assert line.isascii()
    assert mark_sign("restart", plain=True) in line


def test_a_mark_does_not_hide_a_value_that_is_not_finite() -> None:
    values = np.linspace(0, 1, 1001)
    values[500] = np.nan
    spec = ChartSpec(curves=[Curve(np.arange(1001), values)], window=Window(Axis(0, 1000), Axis(0, 1)))
    spec.events = [AxisMarks("epoch", np.array([500.0]))]
    chart = draw_chart(spec, 80, 20)
    assert "×" in chart.cells.line(chart.plot.row + chart.plot.height)


async def test_a_step_that_the_user_marks_is_in_every_chart_and_remembered() -> None:
    async with scalars(store_with_marks()) as page:
        await open_loss(page)
        await page.press("vertical_line")
        assert page.notice == "Put the cursor on a step first ([)"
        await page.press(":", *"70", "enter", "vertical_line")
        assert page.view.step_marks == [70]
        assert "Step 70 is marked" in page.notice
        chart = page.dashboard.full.chart
        assert chart is not None
        assert columns(page, "▲") == [int(70 / 99 * chart.plot.width)]
        assert "step 70, marked by you" in page.lines[0]
        for mode, place in (("relative", 100 / 129), ("index", 70 / 99)):
            page.view.x_axis = mode
            page.screen.app.changed()
            await page.settle()
            assert columns(page, "▲") == [int(place * chart.plot.width)]
        page.view.x_axis = "step"
        await page.press("escape")
        page.view.tag_filter = ""
        page.screen.app.changed()
        await page.settle()
        assert page.text.count("▲") >= 2
        await page.press("vertical_line")
        assert page.view.step_marks == []
        assert "▲" not in page.text
