"""The part of the x axis that is shown."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tbtui.dashboards.scalars.zoom import Window, pan, resolve, show, zoom_in, zoom_out

FULL = (0.0, 1000.0)


def test_zooming_without_a_cursor_keeps_the_newest_point_and_follows_it() -> None:
    window = zoom_in(None, FULL, None, 2)
    assert window == Window(500, 1000, follow=True)
    assert resolve(window, (0, 1100)) == Window(600, 1100, follow=True)


def test_zooming_at_a_cursor_keeps_its_place_on_the_screen() -> None:
    window = zoom_in(None, FULL, 250, 2)
    assert window == Window(125, 625)
    assert resolve(window, (0, 5000)) == window


def test_zooming_out_ends_with_everything() -> None:
    window = zoom_in(zoom_in(None, FULL, 300, 2), FULL, 300, 2)
    window = zoom_out(window, FULL, 300)
    assert window is not None
    assert window.width == 500
    assert zoom_out(window, FULL, 300) is None
    assert zoom_out(None, FULL, 300) is None


def test_there_is_a_closest_zoom() -> None:
    window = None
    for _ in range(40):
        window = zoom_in(window, FULL, 300, 2)
    assert window is not None
    assert window.width == 2
    assert zoom_in(window, FULL, 300, 2) == window


def test_panning_stops_at_the_ends_and_follows_at_the_right_one() -> None:
    window = zoom_in(None, FULL, None, 2)
    left = pan(window, FULL, -1)
    assert left == Window(375, 875)
    for _ in range(10):
        left = pan(left, FULL, -1)
    assert left == Window(0, 500)
    for _ in range(10):
        left = pan(left, FULL, 1)
    assert left == Window(500, 1000, follow=True)
    assert pan(None, FULL, 1) is None


def test_the_window_moves_to_what_it_has_to_show() -> None:
    window = Window(100, 200)
    assert show(window, FULL, 150) == window
    moved = show(window, FULL, 500)
    assert moved is not None
    assert moved.x0 < 500 < moved.x1
    assert moved.width == 100
    assert show(None, FULL, 5) is None


@given(st.lists(st.tuples(st.sampled_from("iolr"), st.floats(-100, 1100)), max_size=20))
def test_the_window_is_always_inside_the_data(keys: list[tuple[str, float]]) -> None:
    window = None
    for key, at in keys:
        if key == "i":
            window = zoom_in(window, FULL, at, 2)
        elif key == "o":
            window = zoom_out(window, FULL, at)
        else:
            window = pan(window, FULL, -1 if key == "l" else 1)
        if window is not None:
            assert FULL[0] <= window.x0 < window.x1 <= FULL[1] + 1e-9
