"""The table instead of the charts."""

from __future__ import annotations

import numpy as np

from tbtui.dashboards.scalars.table import MEASURES, make_blocks
from tests.dashboards.helpers import scalars
from tests.support.scalars import add_points, make_store, noisy

THREE_RUNS = {
    name: {"acc": [1.0, last, 2.0], "loss": [last, -last]} for name, last in (("a", 5.0), ("b", 9.0), ("c", 7.0))
}


async def test_rows_have_the_numbers_of_their_series() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t")
        assert page.dashboard.mode == "table"
        assert page.lines[1].strip() == "acc"
        assert page.lines[2].split()[1:9] == ["a", "2", "1", "@0", "5", "@1", "2.667", "3"]
        assert page.lines[5].strip() == "loss"
        await page.press("t")
        assert page.dashboard.mode == "grid"


async def test_sorting_by_every_column_both_ways() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "l", "l", "l", "l", "l", "l", "l")
        assert page.notice == "sorted by max, largest first"
        assert [line.split()[1] for line in page.lines[2:5]] == ["b", "c", "a"]
        await page.press("l")
        assert [line.split()[1] for line in page.lines[2:5]] == ["a", "c", "b"]
        for _ in range(2 * len(MEASURES)):
            await page.press("h")
        await page.press("end", "home")
        assert page.dashboard.table.current() is not None


async def test_moving_takes_the_focused_run_along_and_steps_over_headings() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "j")
        assert page.view.focused_run == "b"
        await page.press("j", "j")
        row = page.dashboard.table.current()
        assert row is not None
        assert (row.tag, row.run.name) == ("loss", "a")
        assert page.dashboard.place() == "row 4/6"
        await page.press("k")
        row = page.dashboard.table.current()
        assert row is not None
        assert (row.tag, row.run.name) == ("acc", "c")


async def test_enter_opens_the_chart_of_the_row() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "end", "enter")
        assert page.dashboard.mode == "chart"
        assert page.dashboard.subject().tags == ("loss",)  # type: ignore[union-attr]
        assert page.view.focused_run == "c"
        await page.press("escape")
        assert page.focus == "loss"


async def test_one_run_is_one_list_of_tags() -> None:
    async with scalars({"a": {"x": [1.0], "y": [3.0], "z": [np.nan, 2.0, np.nan]}}) as page:
        await page.press("t", "l")
        assert [line.split()[1] for line in page.lines[1:4]] == ["y", "x", "z"]
        z = page.lines[3].split()
        assert z[2] == "NaN"
        assert "2" in z


async def test_new_points_are_in_the_table() -> None:
    store = make_store({"a": {"x": [1.0, 2.0]}})
    async with scalars(store) as page:
        await page.press("t")
        add_points(store, "a", "x", [77.0])
        await page.data()
        assert "77" in page.lines[1].split()


async def test_a_click_on_a_heading_sorts_and_on_a_row_moves() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t")
        column = page.lines[0].index("last")
        for first in ("a", "a"):
            await page.screen.pilot.click(page.dashboard.pane, offset=(column, 0))
            await page.settle()
            assert page.lines[2].split()[1] == first
        assert page.dashboard.table.sorted_by == 0
        assert not page.dashboard.table.largest_first
        await page.screen.pilot.click(page.dashboard.pane, offset=(5, 4))
        await page.settle()
        row = page.dashboard.table.current()
        assert row is not None
        assert row.run.name == "c"


async def test_pages_of_a_long_table() -> None:
    runs = {f"r{i}": {f"t{k}": noisy(5, k) for k in range(50)} for i in range(3)}
    async with scalars(runs, size=(100, 24)) as page:
        await page.press("t", "n", "n")
        assert page.dashboard.table.top > 20
        await page.press("p", "pageup", "pageup")
        assert page.dashboard.table.top == 0
        page.dashboard.wheel(1, 5, 5)
        await page.settle()
        assert page.dashboard.place().startswith("row ")


def test_blocks() -> None:
    store = make_store({"b2": {"x": [1.0]}, "b10": {"x": [1.0], "y": [1.0]}})
    runs = store.runs()
    blocks = make_blocks(runs, ["x", "y", "none"])
    assert [(block.title, [row.run.name for row in block.rows]) for block in blocks] == [
        ("x", ["b2", "b10"]),
        ("y", ["b10"]),
    ]
    assert make_blocks([], ["x"]) == []
