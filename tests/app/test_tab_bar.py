"""The tabs in any width."""

from __future__ import annotations

import pytest

from tbtui.widgets.tab_bar import TabBar

TITLES = ("Scalars", "Histograms", "Distributions", "Layers", "Graph", "Profile", "Images")


def shown(active: int, width: int) -> str:
    bar = TabBar()
    bar._titles, bar._active = TITLES, active
    words = bar._words(width)
    return " " + " │ ".join(f"{number + 1}{text}" for number, text in enumerate(words))


def test_where_there_is_room_all_have_their_titles() -> None:
    assert shown(3, 120) == (" 1 Scalars │ 2 Histograms │ 3 Distributions │ 4 Layers │ 5 Graph │ 6 Profile │ 7 Images")
    assert shown(3, len(shown(3, 120))) == shown(3, 120)


@pytest.mark.parametrize("active", range(7))
def test_in_narrow_windows_the_open_tab_and_every_number_are_seen(active: int) -> None:
    for width in range(45, 90):
        line = shown(active, width)
        assert len(line) <= width
        assert f"{active + 1} {TITLES[active]}" in line
        assert all(f"{number}" in line for number in range(1, 8))


def test_those_near_the_open_one_keep_their_titles_longest() -> None:
    assert shown(6, 45) == " 1 │ 2 │ 3 │ 4 │ 5 │ 6 Profile │ 7 Images"
