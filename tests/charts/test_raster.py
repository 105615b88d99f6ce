"""What is seen of a picture: size, part, brightness, difference; and in cells, two pixels or four in each."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.charts.cells import ColorSystem
from tbtui.charts.pixels import Pixels, pixels
from tbtui.charts.raster import AS_IS, WHOLE, Look, Sight, beyond, difference, fit, in_cells, see
from tests.support.pictures import noise, plain

SIDES = st.integers(1, 60)


@given(SIDES, SIDES, SIDES, SIDES)
def test_a_fitted_picture_fills_one_side_and_keeps_its_shape(width: int, height: int, columns: int, rows: int) -> None:
    across, down = fit(width, height, columns, rows)
    assert 1 <= across <= columns
    assert 1 <= down <= rows
    assert across == columns or down == rows
    if across > 4 and down > 4:
        assert abs(across / down - width / height) <= width / height * 1.2 / min(across, down) + 0.05


@given(SIDES, SIDES, SIDES, SIDES, st.floats(0, 1), st.floats(0, 1), st.floats(1, 64), st.booleans())
def test_whatever_is_seen_fits(
    width: int, height: int, columns: int, rows: int, x: float, y: float, zoom: float, actual: bool
) -> None:
    seen = see(plain((9, 8, 7), height, width), columns, rows, Sight(x, y, zoom, actual))
    assert seen.ndim == 3
    assert 1 <= seen.shape[0] <= rows
    assert 1 <= seen.shape[1] <= columns
    assert (seen == (9, 8, 7)).all()


def test_a_picture_of_the_right_size_is_untouched() -> None:
    pixels = noise(20, 30)
    assert np.array_equal(see(pixels, 30, 20), pixels)


def test_small_pictures_become_squares() -> None:
    pixels = noise(4, 4)
    assert np.array_equal(see(pixels, 12, 12), pixels.repeat(3, axis=0).repeat(3, axis=1))


def test_large_pictures_become_their_means() -> None:
    pixels = np.zeros((64, 64, 3), np.uint8)
    pixels[:, ::2] = 200
    assert np.abs(see(pixels, 8, 8).astype(int) - 100).max() <= 3


def test_actual_size_shows_the_middle_pixel_by_pixel() -> None:
    pixels = noise(40, 60)
    assert np.array_equal(see(pixels, 20, 10, Sight(actual=True)), pixels[15:25, 20:40])
    assert np.array_equal(see(pixels, 20, 10, Sight(1.0, 1.0, actual=True)), pixels[30:, 40:])
    assert np.array_equal(see(pixels, 200, 100, Sight(actual=True)), pixels)


def test_zoom_shows_a_part() -> None:
    pixels = plain((0, 0, 0), 40, 40)
    pixels[:20, :20] = 255
    assert (see(pixels, 20, 20, Sight(0.25, 0.25, 2)) == 255).all()
    assert (see(pixels, 20, 20, Sight(0.75, 0.75, 2)) == 0).all()


def test_moving_stops_at_the_edge() -> None:
    sight = WHOLE.zoomed(4)
    for _ in range(30):
        sight = sight.moved(0.3, -0.3)
    assert (sight.x, sight.y) == (1 - 0.125, 0.125)
    assert WHOLE.moved(1, 1) == WHOLE
    assert sight.zoomed(1e9).zoom == 64
    assert sight.zoomed(1e-9).zoom == 1


def test_brightness_and_contrast() -> None:
    pixels = np.array([[[0, 64, 128]]], np.uint8)
    assert AS_IS.apply(pixels) is pixels
    assert Look(brightness=2).apply(pixels).tolist() == [[[0, 128, 255]]]
    assert Look(contrast=2).apply(pixels).tolist() == [[[0, 0, 128]]]
    assert Look(contrast=0.5).apply(pixels).tolist() == [[[64, 96, 128]]]


def test_difference_is_stretched() -> None:
    one, other = plain((100, 100, 100)), plain((100, 100, 100))
    other[2, 3] = (100, 90, 105)
    apart, most = difference(one, other)
    assert most == 10
    assert apart[2, 3].tolist() == [0, 255, 127]
    assert apart.sum() == 382
    assert difference(one, one)[1] == 0


def test_difference_of_unlike_sizes() -> None:
    apart, most = difference(plain((50, 50, 50), 24, 32), plain((80, 50, 50), 12, 16))
    assert apart.shape == (24, 32, 3)
    assert most == 30


@pytest.mark.parametrize("size", [(0, 5), (5, 0)])
def test_no_room(size: tuple[int, int]) -> None:
    assert see(noise(), *size).shape == (0, 0, 3)


def test_what_lies_beyond_the_screen() -> None:
    """A square picture on a wide screen: zoomed in a little there is more above and below, but not beside it."""
    assert beyond(64, 64, 88, 64, Sight()) == (False, False)
    assert beyond(64, 64, 88, 64, Sight(zoom=1.25)) == (False, True)
    assert beyond(64, 64, 88, 64, Sight(zoom=2.0)) == (True, True)
    assert beyond(64, 100, 88, 64, Sight(actual=True)) == (False, True)


def stripes(width: int, height: int, wide: int) -> Pixels:
    """Upright stripes, black and white by turns."""
    line = np.uint8(255) * (np.arange(width) // wide % 2).astype(np.uint8)
    return np.repeat(np.tile(line, (height, 1))[..., None], 3, axis=2)


def test_stripes_of_half_a_cell_are_still_stripes() -> None:
    cells = in_cells(stripes(400, 200, 10), 20, 5, "truecolor")  # a stripe is half a cell wide
    assert (cells.height, cells.width) == (5, 20)
    assert set(cells.to_text().replace("\n", "")) <= set("▌▐")
    seen = pixels(see(stripes(400, 200, 10), 20, 10))
    assert seen.backs is not None
    assert len(np.unique(seen.backs[:, 1:-1])) == 1  # with two pixels a cell nothing is left of them


@pytest.mark.parametrize("system", ["16", "none"])
def test_without_the_colours_for_it_there_are_two_pixels(system: ColorSystem) -> None:
    frame = stripes(400, 200, 10)
    assert in_cells(frame, 20, 5, system).to_ansi(system) == pixels(see(frame, 20, 10), system).to_ansi(system)


@pytest.mark.parametrize("sight", [Sight(), Sight(zoom=8.0), Sight(actual=True)])
def test_pixels_that_have_room_keep_their_colours(sight: Sight) -> None:
    frame = np.random.default_rng(2).integers(0, 256, (24, 20, 3)).astype(np.uint8)
    seen = see(frame, 20, 24, sight)
    assert in_cells(frame, 20, 12, "truecolor", sight=sight).to_ansi() == pixels(seen).to_ansi()


def test_brightness_counts_in_both() -> None:
    for width in 4, 400:
        dark = in_cells(np.full((width, width, 3), 200, np.uint8), 4, 2, "truecolor", look=Look(brightness=0.5))
        assert dark.backs is not None
        assert set(dark.backs.ravel().tolist()) == {0x646464}


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 12), st.integers(1, 12), st.floats(1, 64))
def test_any_picture_fits_its_cells(width: int, height: int, columns: int, rows: int, zoom: float) -> None:
    frame = np.random.default_rng(width).integers(0, 256, (height, width, 3)).astype(np.uint8)
    for sight in Sight(), Sight(zoom=zoom), Sight(actual=True):
        cells = in_cells(frame, columns, rows, "truecolor", sight=sight)
        assert 0 < cells.width <= columns
        assert 0 < cells.height <= rows
