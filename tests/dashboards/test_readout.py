"""What is read of every run: under a chart, over the page, and in the heads of all charts."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.numbers import format_value
from tbtui.analysis.stats import stats_of
from tbtui.dashboards.scalars.readout import RANGE_COLUMNS, READING_COLUMNS
from tbtui.store import Points
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import START, add_points, make_store, new_store, noisy

FOUR = {name: {"loss": np.full(5, value)} for name, value in (("a", 5.0), ("b", 1.0), ("c", np.nan), ("d", 4.0))}


def rows(page: Page, count: int) -> list[str]:
    """The names of the table's last lines."""
    return [words[1] for words in map(str.split, page.lines[-count:])]


def heading(page: Page, count: int) -> str:
    return page.lines[-count - 1]


# -- the table under a chart -----------------------------------------------------------------------------------------


async def test_the_table_is_sorted_by_any_column() -> None:
    store = new_store("a", "b", "c")
    for run, last, steps in (("a", 3.0, 10), ("b", 2.0, 30), ("c", 1.0, 20)):
        add_points(store, run, "loss", [9.0, last], steps=[0, steps], walls=[START, START - steps])
    async with scalars(store) as page:
        await page.press("enter", "semicolon")
        assert page.notice == "sorted by value, the smallest first"
        assert rows(page, 3) == ["c", "b", "a"]
        assert "▲value" in heading(page, 3)
        await page.press("semicolon", "semicolon")
        assert page.view.table_column == "step"
        assert rows(page, 3) == ["a", "c", "b"]
        await page.press("semicolon")
        assert rows(page, 3) == ["b", "c", "a"]
        await page.press("semicolon")
        assert page.view.table_column == "wall time"
        await page.press("semicolon")
        assert page.view.table_column == "value"
        await page.press("comma", "comma")
        assert page.view.table_order == "list"
        assert rows(page, 3) == ["a", "b", "c"]


async def test_a_click_on_a_heading_sorts() -> None:
    async with scalars(FOUR) as page:
        await page.press("enter")
        row = len(page.lines) - 5
        col = page.lines[row].index("value") + 2
        for names in (["a", "d", "b", "c"], ["b", "d", "a", "c"], ["a", "b", "c", "d"]):
            await page.screen.pilot.click(page.dashboard.pane, offset=(col, row))
            await page.settle()
            assert rows(page, 4) == names
        await page.screen.pilot.click(page.dashboard.pane, offset=(5, row + 2))
        await page.settle()
        assert page.view.focused_run == "b"


async def test_keys_go_through_the_runs_as_the_table_lists_them() -> None:
    async with scalars(FOUR) as page:
        await page.press("enter", "comma", "comma")
        assert rows(page, 4) == ["b", "d", "a", "c"]
        await page.press("j")
        assert page.view.focused_run == "c"
        await page.press("j")
        assert page.view.focused_run == "b"
        await page.press("j")
        assert page.view.focused_run == "d"
        await page.press("shift+down")
        assert page.view.focused_run == "c"
        await page.press("shift+up")
        assert page.view.focused_run == "b"


async def test_hundreds_of_runs_scroll() -> None:
    runs = {f"run{i:03}": {"loss": noisy(20, i)} for i in range(300)}
    async with scalars(runs, size=(120, 30)) as page:
        await page.press("enter", *["shift+down"] * 15)
        assert page.view.focused_run == "run150"
        assert any(" run150 " in line for line in page.lines)
        assert "/300" in page.text
        page.dashboard.wheel(1, 5, len(page.lines) - 2)
        await page.settle()
        assert page.view.focused_run == "run153"


async def test_the_range_of_every_run() -> None:
    store = new_store("a", "b")
    a, b = noisy(100, 1), noisy(50, 2)
    add_points(store, "a", "loss", a)
    add_points(store, "b", "loss", b, steps=np.arange(50) * 2)
    async with scalars(store, size=(200, 40)) as page:
        await page.press("enter", "home", *["right"] * 10, "v", *["right"] * 20)
        assert page.model.marked() == (10, 30)
        await page.press("v", "right")
        assert page.model.marked() == (10, 30)
        for name, part in (("a", a[10:31]), ("b", b[5:16])):
            line = next(line for line in page.lines[-2:] if f" {name} " in line)
            wanted = [
                part.mean(), part.min(), part.max(), part[-1] - part[0], 100 * (part[-1] - part[0]) / abs(part[0]),
                part[0], part[-1],
            ]  # fmt: skip
            words = [format_value(value) for value in wanted]
            assert [word.lstrip("+") for word in line.split()[2:9]] == words
            step = 1 if name == "a" else 2
            ends = [10 + step * int(index(part)) for index in (np.argmin, np.argmax)]
            assert line.split()[9:] == [str(end) for end in ends] + [str(len(part))]
        titles = "in range mean min max change % start end min at max at points"
        assert " ".join(heading(page, 2).split()) == titles
        await page.press("v")
        assert page.model.range is None


# -- over the page ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(200, 50), (120, 35), (80, 24), (45, 60)])
async def test_a_range_on_the_page_has_its_table(size: tuple[int, int]) -> None:
    async with scalars(size=size) as page:
        await page.press("left_curly_bracket", "v", *["right_square_bracket"] * 5, "v")
        assert page.model.marked() == (0, 5)
        top = next(number for number, line in enumerate(page.lines) if "acc 0 to 5" in line)
        assert "in range" in page.lines[top + 1]
        assert "mean" in page.lines[top + 1]
        assert [line.split()[1] for line in page.lines[top + 2 : top + 4]] == ["a", "b"]
        await page.press("l" if size[0] > 100 else "j")
        assert "loss 0 to 5" in page.text
        await page.press("escape")
        assert "in range" not in page.text


async def test_no_table_where_there_is_no_room() -> None:
    async with scalars(size=(30, 8)) as page:
        await page.press("left_curly_bracket", "v", "right_square_bracket", "v", "v")
        assert page.text


# -- the cursor in all charts ----------------------------------------------------------------------------------------


async def test_the_cursor_is_in_the_focused_chart_or_in_all() -> None:
    store = make_store({"a": {"acc": noisy(50, 1), "loss": noisy(50, 2), "other": noisy(20, 3)}})
    values = {tag: series.points().values for tag, series in store.run("a").scalars.items()}  # type: ignore[union-attr]

    def head(tag: str, at: int) -> str:
        return format_value(float(values[tag][at]))

    async with scalars(store) as page:

        def heads() -> list[bool]:
            """Which charts have the value at the cursor in their heads, and which the last one."""
            found = []
            for tag in ("acc", "loss", "other"):
                line = next(line for line in page.lines if tag in line)
                here, last = head(tag, 10) in line, head(tag, -1) in line
                assert here != last
                found.append(here)
            return found

        await page.press(*["left_curly_bracket"], *["right_square_bracket"] * 10)
        assert page.model.cursor == 10
        assert heads() == [True, False, False]
        await page.press("l")
        assert heads() == [False, True, False]
        await page.press("K")
        assert page.notice == "The cursor is in all charts of the page"
        assert page.view.linked
        assert heads() == [True, True, True]
        assert page.dashboard.place().split("  ")[1:] == ["linked"]
        assert page.text.count("●") >= 3
        await page.press("K")
        assert heads() == [False, True, False]


async def test_linking_brings_the_cursor() -> None:
    async with scalars() as page:
        await page.press("K")
        assert page.model.cursor == 199
        await page.press("escape", "K", "K")
        assert page.model.cursor == 199


async def test_the_mouse_moves_the_cursor_on_the_page() -> None:
    async with scalars() as page:
        chart = page.grid.chart_at(page.grid.current.slots[1])
        assert chart is not None
        rect = page.grid.current.slots[1].rect
        middle = (rect.x + chart.plot.col + chart.plot.width // 2, rect.y + chart.plot.row + 2)
        await page.screen.pilot.click(page.dashboard.pane, offset=middle)
        await page.settle()
        assert page.focus == "loss"
        assert page.model.cursor is None
        await page.press("K")
        await page.screen.pilot.click(page.dashboard.pane, offset=middle)
        await page.settle()
        assert page.model.cursor is not None
        assert 80 < page.model.cursor < 120


# -- the last value --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [(200, 50), (120, 35), (80, 24), (45, 60), (30, 8), (24, 5)])
async def test_every_head_has_the_last_value(size: tuple[int, int]) -> None:
    async with scalars({"a": {"train/a_long_name_of_a_loss": [1.0, 0.7321]}}, size=size) as page:
        assert any("0.7321" in line for line in page.lines)


# -- mathematics -----------------------------------------------------------------------------------------------------

finite = st.floats(-1e100, 1e100)
some = st.lists(finite | st.sampled_from([math.nan, math.inf, -math.inf]), max_size=40)


@given(some, st.integers(0, 40), st.integers(0, 40))
def test_numbers_of_a_stretch_are_those_of_numpy(values: list[float], start: int, stop: int) -> None:
    array = np.array(values, np.float64)
    steps = np.arange(len(values), dtype=np.int64) * 3
    stats = stats_of(Points(steps, steps.astype(np.float64), array), slice(start, stop))
    part, at = array[start:stop], steps[start:stop]
    kept = part[np.isfinite(part)]
    assert (stats.count, stats.bad) == (len(part), len(part) - len(kept))
    if len(part):
        assert stats.last == part[-1] or math.isnan(part[-1])
    before = part[:-1][np.isfinite(part[:-1])]
    if len(kept):
        assert (stats.low, stats.high) == (kept.min(), kept.max())
        assert (stats.first, stats.first_step) == (kept[0], at[np.isfinite(part)][0])
        assert stats.low_step == at[np.flatnonzero(part == kept.min())[0]]
        assert stats.high_step == at[np.flatnonzero(part == kept.max())[0]]
        assert math.isclose(stats.mean, kept.mean(), rel_tol=1e-12, abs_tol=1e-300)
        assert stats.best("up") == (stats.high, stats.high_step)
        assert stats.best("down") == (stats.low, stats.low_step)
        assert stats.previous == before[-1] if len(before) else math.isnan(stats.previous)


def test_previous_is_found_behind_many_bad_values() -> None:
    values = np.concatenate(([1.0, 2.0], np.full(300, np.nan), [5.0]))
    steps = np.arange(len(values), dtype=np.int64)
    stats = stats_of(Points(steps, steps.astype(np.float64), values))
    assert (stats.previous, stats.delta) == (2.0, 3.0)


def test_columns_have_what_they_are_named_after() -> None:
    assert [column.title for column in READING_COLUMNS] == ["value", "smoothed", "step", "relative", "wall time"]
    assert {"mean", "min", "max", "start", "end", "change", "%", "min at", "max at"} <= {
        column.title for column in RANGE_COLUMNS
    }
