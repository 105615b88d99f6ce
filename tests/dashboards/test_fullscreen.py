"""One chart over the whole pane: the cursor, the table under the chart, range marks."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tbtui.analysis.numbers import format_value
from tbtui.analysis.smoothing import smooth
from tbtui.dashboards.scalars.readout import (
    RANGE_COLUMNS,
    READING_COLUMNS,
    fitting_columns,
    format_wall,
    ordered,
)
from tbtui.dashboards.scalars.sheet import signed
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import START, add_points, new_store, noisy


def table_line(page: Page, run: str) -> str:
    return next(line for line in reversed(page.lines) if f" {run} " in line)


async def test_enter_opens_and_escape_closes() -> None:
    async with scalars() as page:
        await page.press("l", "enter")
        assert page.dashboard.mode == "chart"
        assert page.dashboard.scopes() == ("chart", "dashboard")
        assert page.dashboard.place() == "chart 2/4"
        assert "newest" in page.text
        await page.press("escape")
        assert page.dashboard.mode == "grid"
        assert page.focus == "loss"
        await page.press("enter", "enter")
        assert page.dashboard.mode == "grid"


async def test_the_cursor_reads_the_true_values_of_every_run() -> None:
    store = new_store("a", "b")
    a, b = noisy(300, 1).astype(np.float32), noisy(100, 2)
    add_points(store, "a", "loss", a, steps=np.arange(300) * 10)
    add_points(store, "b", "loss", b, steps=np.arange(100) * 30 + 7)
    async with scalars(store) as page:
        await page.press("enter", "left")
        assert page.model.cursor == 2990
        await page.press("left", "shift+left", "left")
        assert page.model.cursor == 2870
        readings = {reading.entry.run.name: reading for reading in page.model.read(page.dashboard.entries())}
        assert (readings["a"].step, readings["a"].value) == (2870, float(a[287]))
        assert (readings["b"].step, readings["b"].value) == (2857 + 7 + 3 + 3 - 3 - 10, float(b[95]))
        assert math.isclose(readings["a"].smoothed, smooth(a, 0.6)[287], rel_tol=1e-6)
        assert readings["a"].wall == START + 287
        assert readings["a"].relative == 287
        line = table_line(page, "a").split()
        assert format_value(float(a[287])) in line
        assert "2870" in line
        assert format_value(float(b[95])) in table_line(page, "b").split()
        await page.press("home")
        assert page.model.cursor == 0
        await page.press("right", "shift+right", "H", "L", "l", "h", "end")
        assert page.model.cursor == 2990


async def test_the_cursor_goes_by_the_points_of_the_focused_run() -> None:
    store = new_store("a", "b")
    add_points(store, "a", "loss", [1.0, 2, 3], steps=[0, 10, 20])
    add_points(store, "b", "loss", [1.0, 2, 3], steps=[1, 2, 3])
    async with scalars(store) as page:
        await page.press("enter", "end", "left")
        assert page.model.cursor == 10
        await page.press("j")
        assert page.view.focused_run == "b"
        await page.press("end", "left")
        assert page.model.cursor == 2
        await page.press("k")
        assert page.view.focused_run == "a"


async def test_at_either_end_the_cursor_says_so() -> None:
    async with scalars() as page:
        await page.press("enter", "end", "G")
        assert page.notice == "This is the last point"
        await page.press("home", "home")
        assert page.notice == "This is the first point"


async def test_the_cursor_stays_on_its_point_when_the_axis_changes() -> None:
    async with scalars() as page:
        await page.press("enter", "colon", "5", "0", "enter", "x", "x")
        assert page.model.cursor == 50.0
        await page.press("x")
        assert page.model.cursor == START + 50
        await page.press("x", "x")
        assert page.model.cursor == 50


async def test_steps_and_points_are_counted_from_the_first_of_each_curve() -> None:
    store = new_store("a", "b")
    add_points(store, "a", "loss", [1.0, 2, 3, 4], steps=[1000, 1010, 1020, 1030])
    add_points(store, "b", "loss", [1.0, 2, 3], steps=[5, 15, 35])
    async with scalars(store) as page:
        await page.press("enter", "x", "end")
        assert page.model.cursor == 30
        readings = {reading.entry.run.name: reading for reading in page.model.read(page.dashboard.entries())}
        assert (readings["a"].step, readings["b"].step) == (1030, 35)
        chart = page.dashboard.full.chart
        assert chart is not None
        assert (chart.window.x.low, chart.window.x.high) == (0, 30)
        await page.press("x", "x", "x")
        assert page.view.x_axis == "index"
        assert page.model.cursor == 3
        await page.press("left")
        readings = {reading.entry.run.name: reading for reading in page.model.read(page.dashboard.entries())}
        assert (readings["a"].step, readings["b"].step) == (1020, 35)
        add_points(store, "a", "loss", [5.0, 6.0], steps=[1040, 1050])
        await page.data()
        await page.press("end")
        assert page.model.cursor == 5


async def test_range_marks() -> None:
    values = np.concatenate((np.full(50, 5.0), np.arange(50.0)))
    async with scalars({"a": {"loss": values}, "b": {"loss": -values}}) as page:
        await page.press("enter", "colon", "6", "0", "enter", "v")
        assert "press v again" in page.notice
        await page.press("shift+right", "v")
        assert page.model.marked() == (60, 70)
        assert "in range" in page.text
        line = table_line(page, "a").split()
        assert line[1:8] == ["a", "15", "10", "20", "+10", "+100", "10"]
        assert table_line(page, "b").split()[2] == "-15"
        await page.press("left", "left")
        assert page.model.marked() == (60, 70)
        await page.press("v")
        assert page.model.range is None
        await page.press("v", "escape")
        assert page.model.range is None
        assert page.dashboard.mode == "chart"


async def test_next_and_previous_tag() -> None:
    async with scalars() as page:
        await page.press("enter", "n")
        assert page.dashboard.subject() is not None
        assert page.dashboard.subject().tags == ("loss",)  # type: ignore[union-attr]
        await page.press("p", "p")
        assert page.dashboard.subject().tags == ("train/lr",)  # type: ignore[union-attr]
        await page.press("escape")
        assert page.focus == "train/lr"


async def test_zoom_and_cursor_stay_while_data_grow() -> None:
    async with scalars({"a": {"loss": noisy(1000)}}) as page:
        await page.press("enter", "colon", "5", "0", "0", "enter", "z", "z")
        before = page.dashboard.full.chart
        assert before is not None
        assert before.window.x.low <= 500 <= before.window.x.high < 1000
        add_points(page.store, "a", "loss", noisy(50, 3))
        await page.data()
        after = page.dashboard.full.chart
        assert after is not None
        assert (after.window.x.low, after.window.x.high) == (before.window.x.low, before.window.x.high)
        assert page.model.cursor == 500


async def test_a_zoom_at_the_right_edge_follows_new_points() -> None:
    async with scalars({"a": {"loss": noisy(1000)}}) as page:
        await page.press("enter", "z")
        assert page.dashboard.full.chart is not None
        width = page.dashboard.full.chart.window.x.high - page.dashboard.full.chart.window.x.low
        for _ in range(5):
            add_points(page.store, "a", "loss", noisy(100, 3))
            await page.data()
            window = page.dashboard.full.chart.window.x
            newest = float(page.store.run("a").scalars["loss"].points().steps[-1])  # type: ignore[union-attr]
            assert window.low < newest <= window.high
            assert math.isclose(window.high - window.low, width)


async def test_bad_values_are_counted_in_the_heading() -> None:
    values = noisy(100)
    values[[20, 30]] = np.nan
    values[40] = np.inf
    async with scalars({"a": {"loss": values}}) as page:
        assert "2 NaN 1 Inf from 20" in page.text
        await page.press("enter", "colon", "3", "0", "enter")
        assert "NaN" in table_line(page, "a")


@pytest.mark.parametrize(
    "values", [[1.0], [3.0, 3.0], [np.nan] * 5, [np.inf, -np.inf], [1e308, -1e308], [5e-324, 0.0], [0.0] * 10]
)
async def test_odd_values_draw_and_read(values: list[float]) -> None:
    async with scalars({"a": {"loss": np.array(values)}}) as page:
        for key in ("enter", "left", "z", "y", "y", "y", "x", "x", "x", "v", "left", "v", "O", "0"):
            await page.press(key)
        assert page.dashboard.mode == "chart"


async def test_odd_steps_and_wall_times() -> None:
    store = new_store("a")
    walls = [math.nan, START, math.inf, -5.0, 0.0, 1e300, START + 5]
    add_points(store, "a", "loss", np.arange(7.0), steps=[-(2**63), -5, 0, 1, 2, 3, 2**63 - 1], walls=walls)
    async with scalars(store) as page:
        for key in ("enter", "left", "left", "z", "z", "x", "left", "z", "x", "left", "z", "0"):
            await page.press(key)
        assert page.dashboard.mode == "chart"


async def test_a_click_puts_the_cursor_on_the_nearest_point_and_the_wheel_zooms() -> None:
    async with scalars({"a": {"loss": np.arange(100.0)}}) as page:
        await page.press("enter")
        chart = page.dashboard.full.chart
        assert chart is not None
        at = (chart.plot.col + chart.plot.width // 2, chart.plot.row + 2)
        await page.screen.pilot.click(page.dashboard.pane, offset=at)
        await page.settle()
        assert page.model.cursor is not None
        assert abs(page.model.cursor - 50) <= 1
        page.dashboard.wheel(-1, *at)
        await page.settle()
        assert page.dashboard.full.chart is not None
        assert page.dashboard.full.chart.window.x.high < 99


async def test_more_runs_than_rows_show_those_around_the_focused_one() -> None:
    runs = {f"run{i:02}": {"loss": noisy(20, i)} for i in range(40)}
    async with scalars(runs, size=(120, 30)) as page:
        await page.press("enter", *["j"] * 25)
        assert any(" run25 " in line for line in page.lines)
        assert "/40" in page.text


async def test_hiding_every_run_leaves_an_empty_chart() -> None:
    async with scalars() as page:
        await page.press("enter")
        page.view.hidden = {"a", "b"}
        page.dashboard.changed()
        await page.settle()
        assert "no points" in page.text
        await page.press("left", "z", "v", "j", "n", "escape")
        assert "All runs are hidden" in page.text


def test_columns_go_from_the_right_where_it_is_narrow() -> None:
    assert fitting_columns(READING_COLUMNS, 200) == list(READING_COLUMNS)
    assert [column.title for column in fitting_columns(READING_COLUMNS, 45)] == ["value", "smoothed"]
    assert fitting_columns(RANGE_COLUMNS, 10) == []


def test_words() -> None:
    assert format_wall(math.nan) == format_wall(1e300) == "?"
    assert (signed(1.5), signed(-2.0), signed(math.nan)) == ("+1.5", "-2", "")


async def test_a_key_does_one_thing_only() -> None:
    async with scalars() as page:
        await page.press("enter", "left", "h", "right", "up", "down")
        assert page.notice == ""
        await page.press("escape", "right")
        assert page.focus == "loss"
        assert page.model.cursor is not None


async def test_the_table_has_orders() -> None:
    runs = {name: {"loss": np.full(5, value)} for name, value in (("a", 5.0), ("b", 1.0), ("c", np.nan), ("d", 4.0))}
    async with scalars(runs) as page:

        def names() -> list[str]:
            return [words[1] for words in map(str.split, page.lines[-4:])]

        await page.press("enter")
        assert names() == ["a", "b", "c", "d"]
        await page.press("comma")
        assert page.notice == "The table is in the order of the distance to the focused run"
        assert names() == ["a", "d", "b", "c"]
        await page.press("comma")
        assert names() == ["b", "d", "a", "c"]
        await page.press("comma")
        assert names() == ["a", "d", "b", "c"]
        await page.press("comma")
        assert page.view.table_order == "list"
        assert names() == ["a", "b", "c", "d"]


def test_orders_of_the_table_without_numbers() -> None:
    assert ordered([], "nearest", None) == []
    assert ordered([math.nan, 2.0, math.inf], "nearest", 0) == [0, 1, 2]
    assert ordered([2.0, 1.0, 2.0], "down", 1) == [0, 2, 1]
