"""The page of charts: every key of the dashboard and of the grid."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.settings import CHART_SIZES, SMOOTHING_STEPS
from tests.dashboards.helpers import scalars
from tests.support.scalars import make_store, noisy


def many_tags(count: int, runs: int = 1) -> dict[str, dict[str, np.ndarray]]:
    return {f"r{run}": {f"g{i // 10}/t{i % 10}": noisy(30, i) for i in range(count)} for run in range(runs)}


async def test_charts_stand_in_groups_with_their_newest_values() -> None:
    async with scalars() as page:
        assert [slot.tag for slot in page.grid.current.slots] == ["acc", "loss", "train/grad", "train/lr"]
        assert "train/grad" in page.text
        assert "▾ train 2" in page.text


async def test_moving_from_chart_to_chart() -> None:
    async with scalars() as page:
        seen = [page.focus]
        for key in ("l", "j", "h", "k"):
            await page.press(key)
            seen.append(page.focus)
        assert seen == ["acc", "loss", "train/lr", "train/grad", "acc"]
        await page.press("right", "down", "left", "up", "end")
        assert page.focus == "train/lr"
        await page.press("home")
        assert page.focus == "acc"
        await page.press("k")
        assert page.notice == "No chart in this direction"


async def test_pages() -> None:
    async with scalars(many_tags(40)) as page:
        pages = len(page.grid.pages)
        assert pages > 2
        await page.press("n")
        assert page.grid.page == 1
        assert page.focus == page.grid.current.slots[0].tag
        await page.press("p", "p")
        assert page.grid.page == pages - 1
        await page.press("pagedown")
        assert page.grid.page == 0
        await page.press("pageup", "pagedown")
        assert page.grid.page == 0
        first = page.focus
        for _ in range(40):
            await page.press("j")
        assert page.grid.page == pages - 1
        for _ in range(40):
            await page.press("k")
        assert page.focus == first


async def test_only_one_page_says_so() -> None:
    async with scalars() as page:
        await page.press("n")
        assert page.notice == "There is only one page"


async def test_sizes() -> None:
    async with scalars(many_tags(30)) as page:
        before = len(page.grid.current.slots)
        await page.press("plus")
        assert len(page.grid.current.slots) < before
        await page.press("minus", "minus")
        assert len(page.grid.current.slots) > before
        for _ in range(CHART_SIZES):
            await page.press("plus")
        assert len(page.grid.current.slots) == 1
        assert page.notice == "Charts get no larger"
        for _ in range(CHART_SIZES):
            await page.press("minus")
        assert page.notice == "Charts get no smaller"


async def test_the_focused_chart_stays_the_same_when_sizes_change() -> None:
    async with scalars(many_tags(30)) as page:
        await page.press("n", "l")
        tag = page.focus
        for key in ("plus", "plus", "minus", "minus", "minus"):
            await page.press(key)
            assert page.focus == tag
            assert tag in [slot.tag for slot in page.grid.current.slots]


async def test_smoothing_changes_the_curves_and_stops_at_both_ends() -> None:
    async with scalars() as page:
        assert page.view.smoothing == 0.6
        before = page.text
        await page.press("s")
        assert page.view.smoothing == 0.7
        assert page.text != before
        await page.press(*["S"] * len(SMOOTHING_STEPS))
        assert page.view.smoothing == 0
        assert page.notice == "Smoothing stays at 0"
        await page.press(*["s"] * len(SMOOTHING_STEPS))
        assert page.view.smoothing == 0.999
        assert page.notice == "Smoothing stays at 0.999"


async def test_axes() -> None:
    async with scalars() as page:
        texts = [page.text]
        for expected in ("relative_step", "relative", "wall", "index"):
            await page.press("x")
            assert page.view.x_axis == expected
            texts.append(page.text)
        await page.press("x", "escape")  # a tag could be chosen
        assert page.view.x_axis == "step"
        texts.append(page.text)
        assert texts[0] == texts[5]
        assert len(set(texts)) == 3
        for expected in ("log", "symlog", "linear"):
            await page.press("y")
            assert page.view.y_scale == expected
            texts.append(page.text)
        assert texts[8] == texts[0]
        assert len(set(texts)) == 5


async def test_outliers() -> None:
    values = noisy(500)
    values[100] = 1e6
    async with scalars({"a": {"loss": values}}) as page:
        await page.press("S", "S", "S", "S", "S", "S")
        assert "1e+6" not in page.text
        before = page.text
        await page.press("O")
        assert page.text != before
        assert page.view.y_range == "auto"
        await page.press("O")
        assert "1e+6" in page.text.replace("1M", "1e+6")
        await page.press("O")
        assert page.view.y_range == "zero"
        await page.press("O")
        assert page.text == before


async def test_superseded_points() -> None:
    store = make_store({"a": {"loss": noisy(100)}})
    from tests.support.scalars import add_points

    add_points(store, "a", "loss", np.full(50, 3.0), steps=list(range(40, 90)))
    async with scalars(store) as page:
        before = page.text
        await page.press("P")
        assert page.notice == "60 superseded points are shown, faint"
        assert page.text != before
        await page.press("P")
        assert page.text == before


async def test_folding_by_enter_and_by_the_mouse() -> None:
    async with scalars() as page:
        heading = next(head for head in page.grid.current.headings if head.section.key == "train/")
        await page.screen.pilot.click(page.dashboard.pane, offset=(heading.rect.x + 3, heading.rect.y))
        await page.settle()
        assert page.view.folded == {"train/"}
        assert "▸ train 2" in page.text
        assert "train/lr" not in page.text
        assert page.grid.focus == ("train/", "")
        await page.press("enter")
        assert page.view.folded == set()
        assert page.focus == "train/grad"
        await page.press("F")
        await page.press("h")
        assert "folded" in page.notice
        await page.press("l")
        assert page.view.folded == set()


async def test_pins_come_first_and_go_again() -> None:
    async with scalars() as page:
        await page.press("end", "m")
        assert page.view.pinned == ["train/lr"]
        assert page.grid.pages[0].slots[0].tag == "train/lr"
        assert "pinned" in page.text
        await page.press("m")
        assert page.view.pinned == []
        assert page.grid.pages[0].slots[0].tag == "acc"


async def test_marked_charts_are_drawn_together() -> None:
    async with scalars() as page:
        await page.press("V")
        assert "mark another chart" in page.notice
        await page.press("l", "V")
        first = page.grid.pages[0].slots[0]
        assert first.section.together == ("acc", "loss")
        assert "overlay" in page.text
        subject = page.grid.subject(first)
        assert subject is not None
        entries = page.model.entries(subject)
        assert len(entries) == 4
        assert len({entry.color for entry in entries}) == 4
        await page.press("home", "enter")
        assert "acc · a" in page.text
        await page.press("m")
        assert page.notice == "No single tag has the focus"


async def test_zoom_is_kept_by_the_chart_it_was_made_in() -> None:
    async with scalars() as page:
        before = page.text
        subject = page.grid.subject()
        assert subject is not None
        await page.press("Z")
        assert page.notice == "Everything is shown"
        await page.press("z", "z")
        assert page.model.zoomed(subject)
        assert page.text != before
        await page.press("less_than_sign")
        await page.press("greater_than_sign", "greater_than_sign")
        assert page.notice == "There is nothing more on this side"
        await page.press("l", "0")
        assert page.notice == "Everything is shown"
        await page.press("h", "0")
        assert not page.model.zoomed(subject)
        assert page.text == before


async def test_the_cursor_in_the_grid_is_in_every_chart() -> None:
    async with scalars() as page:
        await page.press("left_square_bracket")
        assert page.model.cursor == 199
        await page.press("left_square_bracket")
        assert page.model.cursor == 198
        points = page.store.run("a").scalars["acc"].points()  # type: ignore[union-attr]
        from tbtui.analysis.numbers import format_value

        assert format_value(float(points.values[198])) in page.text
        await page.press("left_curly_bracket")
        assert page.model.cursor == 0
        await page.press("right_square_bracket", "right_curly_bracket")
        assert page.model.cursor == 199
        await page.press("right_square_bracket")
        assert page.notice == "This is the last point"
        await page.press("escape")
        assert page.model.cursor is None


async def test_going_to_a_step() -> None:
    async with scalars() as page:
        await page.press("colon", "4", "2", "enter")
        assert page.model.cursor == 42
        await page.press("colon", "9", "9", "9", "9", "enter")
        assert page.model.cursor == 199
        assert page.notice == "The nearest point is step 199"
        await page.press("colon", "7", "escape")
        assert page.model.cursor == 199
        await page.press("l")
        assert page.focus == "loss"


async def test_runs_that_are_hidden_take_their_tags_with_them() -> None:
    async with scalars({"a": {"x": [1.0, 2.0]}, "b": {"y": [1.0, 2.0]}}) as page:
        assert page.dashboard.tag_counts() == (2, 2)
        page.view.hidden = {"b"}
        page.dashboard.changed()
        await page.settle()
        assert [slot.tag for slot in page.grid.current.slots] == ["x"]
        assert page.dashboard.tag_counts() == (1, 1)


async def test_the_tag_filter_counts_and_empties_groups() -> None:
    async with scalars() as page:
        await page.press("slash", "g", "r", "a", "d")
        assert "1 of 4" in page.screen.text
        await page.press("enter")
        assert [slot.tag for slot in page.grid.current.slots] == ["train/grad"]
        assert page.focus == "train/grad"
        page.view.tag_filter = "nothing like this"
        page.dashboard.changed()
        await page.settle()
        assert page.grid.current.slots == []
        assert "Nothing of 4 tags matches the filter" in page.text
        await page.press("enter", "z", "j")
        assert page.notice


async def test_a_click_focuses_and_a_double_click_opens() -> None:
    async with scalars() as page:
        slot = next(slot for slot in page.grid.current.slots if slot.tag == "train/lr")
        at = (slot.rect.x + 5, slot.rect.y + 3)
        await page.screen.pilot.click(page.dashboard.pane, offset=at)
        await page.settle()
        assert page.focus == "train/lr"
        await page.screen.pilot.click(page.dashboard.pane, offset=at, times=2)
        await page.settle()
        assert page.dashboard.mode == "chart"


@pytest.mark.parametrize("size", [(200, 50), (120, 35), (80, 24), (45, 60), (30, 8), (20, 5), (12, 4), (500, 100)])
async def test_every_size_shows_something(size: tuple[int, int]) -> None:
    async with scalars(many_tags(40, runs=3), size=size) as page:
        for keys in (("n",), ("z",), ("left_square_bracket",), ("enter",), ("left",), ("escape",), ("t",), ("t",)):
            await page.press(*keys)
        if size[0] >= 30:
            assert any("\u2800" < char < "\u2900" for char in page.text)


async def test_resizing_in_a_storm_ends_with_the_right_picture() -> None:
    async with scalars(many_tags(40)) as page:
        before = page.text
        for size in ((10, 3), (200, 60), (1, 1), (80, 24), (300, 10), (30, 90), (150, 40)):
            await page.screen.pilot.resize_terminal(*size)
        await page.settle()
        assert page.text == before


async def test_two_thousand_tags_are_one_page_at_a_time() -> None:
    async with scalars(many_tags(2000)) as page:
        beside = 2  # the charts that the next page and the one before begin with
        assert len(page.model.lines) <= len(page.grid.current.slots) + beside
        await page.press("n")
        assert len(page.model.lines) <= 2 * len(page.grid.current.slots) + beside


async def test_ascii_only() -> None:
    async with scalars(ascii=True) as page:
        await page.press("enter", "left", "escape", "t")
        assert page.text.isascii()


async def test_pins_change_places() -> None:
    async with scalars() as page:
        await page.press("m", "l", "m", "l", "m")
        tags = list(page.view.pinned)
        assert len(tags) == 3
        page.grid.go_to(("pinned", tags[0]))
        await page.press("(")
        assert page.notice == "This is the first pin"
        await page.press(")")
        assert page.view.pinned == [tags[1], tags[0], tags[2]]
        assert page.grid.focus == ("pinned", tags[0])
        assert [slot.tag for slot in page.grid.current.slots[:3]] == page.view.pinned
        page.view.tag_filter = f"!{tags[2]}"
        await page.press(")")
        assert page.notice == "This is the last pin"
        page.view.tag_filter = ""
        await page.press(")", ")")
        assert page.view.pinned == [tags[1], tags[2], tags[0]]
        await page.press("m", "(")
        assert page.notice == "No pinned chart has the focus (m pins it)"


async def test_a_narrow_chart_names_the_only_run_that_has_its_tag() -> None:
    runs = {"first": {"loss": noisy(30)}, "second": {"loss": noisy(30, 1), "val": noisy(30, 2)}}
    async with scalars(runs, size=(50, 60)) as page:
        drawn = page.text
        assert "second" in drawn[drawn.index("val") :]
    async with scalars({"first": {"loss": noisy(30)}}, size=(50, 60)) as page:
        assert "first" not in page.text


async def test_charts_outlive_a_moment_in_which_all_runs_are_hidden() -> None:
    async with scalars() as page:
        before = dict(page.grid._drawn)
        await page.press("a")
        assert "All runs are hidden" in page.text
        await page.press("a")
        assert all(page.grid._drawn[place].curves is drawn.curves for place, drawn in before.items())


async def test_the_step_at_the_cursor_is_told_where_the_next_point_looks_alike() -> None:
    async with scalars({"a": {"loss": np.ones(100_000)}}, size=(100, 30)) as page:
        for step in ("99,999", "99,998", "99,997"):
            await page.press("left_square_bracket")
            assert f"step {step}" in page.screen.text
        await page.press("escape")
        assert "step 99,997" not in page.screen.text
