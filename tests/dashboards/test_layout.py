"""Where charts stand on a page."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.dashboards.layout import (
    MIN_HEIGHT,
    MIN_WIDTH,
    SIZES,
    Rect,
    Section,
    grid_shape,
    neighbour,
    other_size,
    paginate,
    share,
)


def sections_of(*counts: int, folded: tuple[int, ...] = ()) -> list[Section]:
    return [
        Section(f"g{i}/", f"g{i}", tuple(f"g{i}/t{k}" for k in range(n)), i in folded) for i, n in enumerate(counts)
    ]


def test_one_chart_fills_the_pane() -> None:
    (page,) = paginate([Section("", "", ("loss",))], 120, 40, 2)
    assert [slot.rect for slot in page.slots] == [Rect(0, 0, 120, 40)]
    assert page.headings == []


def test_twelve_charts_are_on_one_page_of_a_large_window() -> None:
    pages = paginate([Section("", "", tuple(f"t{i}" for i in range(12)))], 166, 47, 2)
    assert len(pages) == 1
    assert len(pages[0].slots) == 12


def test_charts_stand_in_one_column_where_it_is_narrow() -> None:
    assert grid_shape(80, 40, 2, 20, narrow=True)[0] == 1
    assert grid_shape(80, 40, 0, 20, narrow=True)[0] > 1


def test_larger_sizes_mean_fewer_charts() -> None:
    fitting = [columns * rows for columns, rows in (grid_shape(166, 47, size, 999) for size in range(len(SIZES)))]
    assert fitting == sorted(fitting, reverse=True)
    assert fitting[0] > fitting[1] > fitting[2] > fitting[3]
    assert fitting[-1] == 1


@given(
    width=st.integers(1, 260),
    height=st.integers(1, 90),
    size=st.integers(0, 5),
    counts=st.lists(st.integers(0, 9), max_size=8),
    fold=st.sets(st.integers(0, 7)),
    narrow=st.booleans(),
)
def test_every_chart_stands_once_inside_the_pane_and_over_no_other(
    width: int, height: int, size: int, counts: list[int], fold: set[int], narrow: bool
) -> None:
    sections = [section for section in sections_of(*counts, folded=tuple(fold)) if section.tags]
    pages = paginate(sections, width, height, size, narrow=narrow)
    assert pages
    shown = [slot.tag for page in pages for slot in page.slots]
    assert shown == [tag for section in sections if not section.folded for tag in section.tags]
    folded = [head.section.key for page in pages for head in page.headings if head.section.folded]
    assert folded == [section.key for section in sections if section.folded]
    for page in pages:
        rects = [slot.rect for slot in page.slots] + [head.rect for head in page.headings]
        for rect in rects:
            assert rect.x >= 0
            assert rect.y >= 0
            assert rect.width >= 1
            assert rect.height >= 1
            assert rect.x + rect.width <= width
            assert rect.y + rect.height <= height or height < MIN_HEIGHT
        for one, other in itertools.combinations(rects, 2):
            apart = (
                one.x + one.width <= other.x
                or other.x + other.width <= one.x
                or one.y + one.height <= other.y
                or other.y + other.height <= one.y
            )
            assert apart or height < MIN_HEIGHT
        if width >= MIN_WIDTH:
            assert all(slot.rect.width >= MIN_WIDTH for slot in page.slots)


def test_a_group_begins_with_its_heading_above_its_first_chart() -> None:
    (page,) = paginate(sections_of(2, 1), 150, 24, 2)
    first, second = page.headings
    by_tag = {slot.tag: slot.rect for slot in page.slots}
    assert (first.section.title, first.rect.x, first.rect.y) == ("g0", 0, by_tag["g0/t0"].y - 1)
    assert second.rect.x == by_tag["g1/t0"].x


def test_a_group_that_goes_on_has_its_heading_again_on_a_new_page_only() -> None:
    section = Section("train", "train", tuple(f"train/{number}" for number in range(6)))
    first, second = paginate([section], 60, 40, 2, shape=(1, 4))
    assert [heading.continued for heading in first.headings] == [False]
    assert [slot.rect.height for slot in first.slots] == [9, 10, 10, 10]
    assert [heading.continued for heading in second.headings] == [True]


def test_a_folded_group_is_one_line() -> None:
    (page,) = paginate(sections_of(3, 5, folded=(1,)), 150, 40, 2)
    assert {slot.section.key for slot in page.slots} == {"g0/"}
    (line,) = [head for head in page.headings if head.section.folded]
    assert line.rect.height == 1
    assert line.rect.width == 150


def test_no_charts_is_an_empty_page() -> None:
    (page,) = paginate([], 100, 30, 2)
    assert not page.slots
    assert not page.headings
    assert len(paginate(sections_of(3), 0, 0, 2)) == 1


@pytest.mark.parametrize(("total", "parts"), [(10, 3), (9, 3), (0, 2), (5, 7)])
def test_share_gives_everything_away(total: int, parts: int) -> None:
    found = share(total, parts)
    assert sum(found) == total
    assert max(found) - min(found) <= 1


def test_neighbours_in_a_grid() -> None:
    rects = [Rect(x, y, 10, 5) for y in (0, 5) for x in (0, 10, 20)]
    assert [neighbour(rects, 4, *way) for way in ((-1, 0), (1, 0), (0, -1), (0, 1))] == [3, 5, 1, None]
    assert neighbour(rects, 2, 1, 0) is None


def test_down_from_a_column_without_a_chart_below_goes_to_the_last_row() -> None:
    rects = [Rect(0, 0, 10, 5), Rect(10, 0, 10, 5), Rect(0, 5, 10, 5)]
    assert neighbour(rects, 1, 0, 1) == 2


def test_the_next_size_is_one_that_looks_different() -> None:
    """Sizes at which the pane would show the same grid are passed over; at the end there is none."""
    for by in (1, -1):
        for start in range(len(SIZES)):
            found = other_size(84, 32, start, by, 10)
            if found is None:
                continue
            assert (found - start) * by > 0
            assert grid_shape(84, 32, found, 10) != grid_shape(84, 32, start, 10)
            between = range(start + by, found, by)
            assert all(grid_shape(84, 32, size, 10) == grid_shape(84, 32, start, 10) for size in between)
    assert other_size(112, 25, 2, 1, 2) == 4
    assert other_size(84, 32, len(SIZES) - 1, 1, 10) is None
    assert other_size(30, 8, 0, -1, 10) is None
