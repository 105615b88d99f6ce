"""Pictures in cells for every kind of terminal, and the colours of amounts."""

from __future__ import annotations

import re

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.colors import ANSI16, nearest256
from tbtui.charts.cells import ColorSystem
from tbtui.charts.heat import HeatSpec, draw_heat_map, heat_map, stretched
from tbtui.charts.palette import Shading, amounts, ramp_colors
from tbtui.charts.pixels import pixels, quadrants, to_palette

SYSTEMS: tuple[ColorSystem, ...] = ("truecolor", "256", "16", "none")
RED, BLUE = (255, 0, 0), (0, 0, 255)


def image(*rows: list[tuple[int, int, int]]) -> np.ndarray:
    return np.array(rows, np.uint8)


def test_half_blocks_hold_both_pixels() -> None:
    cells = pixels(image([RED, RED], [BLUE, RED]))
    assert cells.to_text() == "▀"
    assert cells.colors[0, 0] == 0xFF0000
    assert cells.backs is not None
    assert cells.backs.tolist() == [[0x0000FF, 0xFF0000]]
    assert cells.to_ansi() == "\x1b[38;2;255;0;0;48;2;0;0;255m▀\x1b[0m\x1b[48;2;255;0;0m \x1b[0m"


def test_a_terminal_shows_the_pixels() -> None:
    rgb = np.random.default_rng(1).integers(0, 256, (10, 12, 3)).astype(np.uint8)
    screen = pyte.Screen(12, 5)
    pyte.Stream(screen).feed(pixels(rgb).to_ansi().replace("\n", "\r\n"))
    for row in range(5):
        for col in range(12):
            cell = screen.buffer[row][col]
            assert (cell.fg, cell.bg) == (bytes(rgb[2 * row, col]).hex(), bytes(rgb[2 * row + 1, col]).hex())


def test_256_colours_are_the_nearest() -> None:
    rgb = np.random.default_rng(2).integers(0, 256, (8, 40, 3)).astype(np.uint8)
    found = to_palette(rgb, "256")
    for pixel, near in zip(rgb.reshape(-1, 3), found.reshape(-1, 3), strict=True):
        number = nearest256(tuple(near.tolist()))
        exact = (number >= 232 and len(set(near.tolist())) == 1) or set(near.tolist()) <= {0, 95, 135, 175, 215, 255}
        assert exact
        assert np.abs(pixel.astype(int) - near.astype(int)).max() <= 48


def test_sixteen_colours_are_those_the_terminal_has() -> None:
    rgb = np.random.default_rng(3).integers(0, 256, (8, 40, 3)).astype(np.uint8)
    assert {tuple(pixel) for pixel in to_palette(rgb, "16").reshape(-1, 3).tolist()} <= set(ANSI16)
    grey = np.full((16, 16, 3), 60, np.uint8)
    assert len({tuple(pixel) for pixel in to_palette(grey, "16").reshape(-1, 3).tolist()}) > 1
    assert re.search("4[0-7]m|10[0-7]m", pixels(grey, "16").to_ansi("16"))


def test_without_colours_light_is_ink() -> None:
    rgb = np.repeat(np.linspace(0, 255, 5).astype(np.uint8)[None, :, None], 3, axis=2).repeat(2, axis=0)
    assert pixels(rgb, "none").to_text() == " ░▒▓█"
    assert pixels(rgb, "none", dark=False).line(0) == "█▓▒░ "
    assert pixels(rgb, "none", plain=True).to_text().isascii()
    assert pixels(rgb, "truecolor", plain=True).to_text() == ""  # backgrounds of blanks


def test_quadrants_draw_fine_edges() -> None:
    rgb = np.zeros((2, 4, 3), np.uint8)
    rgb[0, 0] = rgb[:, 3] = 255
    cells = quadrants(rgb)
    assert cells.to_text() == "▘▐"
    assert cells.colors.tolist() == [[0xFFFFFF, 0xFFFFFF]]
    assert quadrants(rgb, "none").height == 1


@given(st.integers(0, 5), st.integers(0, 5), st.sampled_from(SYSTEMS), st.booleans(), st.booleans())
def test_any_size(height: int, width: int, system: ColorSystem, plain: bool, dark: bool) -> None:
    rgb = np.random.default_rng(height).integers(0, 256, (height, width, 3)).astype(np.uint8)
    cells = pixels(rgb, system, plain=plain, dark=dark)
    assert (cells.height, cells.width) == ((height + 1) // 2, width)
    fine = quadrants(rgb, system, plain=plain, dark=dark)
    assert (fine.height, fine.width) == (height // 2, width // 2)
    assert not plain or (cells.to_text() + fine.to_text()).isascii()


@pytest.mark.parametrize("dark", [True, False])
def test_amounts_change_lightness_evenly(dark: bool) -> None:
    colors = ramp_colors(0x0F1217 if dark else 0xFBFBFA, dark).astype(float) / 255
    luminance = ((colors**2.2) @ (0.2126, 0.7152, 0.0722)) ** (1 / 3)
    steps = np.diff(luminance[::16]) * (1 if dark else -1)
    assert (steps > 0).all()
    assert steps.max() < 4 * steps.min()


def test_amounts_begin_with_the_background() -> None:
    ground = 0x0F1217
    colors = amounts(np.array([[0.0, np.nan, 1.0]]), ground, dark=True)
    assert bytes(colors[0, 0]).hex() == bytes(colors[0, 1]).hex() == "0f1217"
    both = amounts(np.array([-1.0, 0.0, 1.0, np.nan]), ground, True, "difference")
    assert bytes(both[1]).hex() == bytes(both[3]).hex() == "0f1217"
    assert int(both[0, 2]) > int(both[0, 0])
    assert int(both[2, 0]) > int(both[2, 2])


@pytest.mark.parametrize("system", SYSTEMS)
@pytest.mark.parametrize("plain", [True, False])
@pytest.mark.parametrize("dark", [True, False])
def test_more_is_another_shade(system: ColorSystem, plain: bool, dark: bool) -> None:
    shading = Shading(system, -1, dark, plain)
    strip = shading.strip(5)
    looks = {
        (int(strip.glyphs[0, col]), int(strip.colors[0, col]), 0 if strip.backs is None else int(strip.backs[0, col]))
        for col in range(5)
    }
    assert len(looks) == 5
    assert not plain or strip.to_text().isascii()
    sides = shading.strip(3, "difference")
    assert (
        len({(sides.glyphs[0, c], sides.colors[0, c], 0 if sides.backs is None else sides.backs[0, c]) for c in (0, 2)})
        == 2
    )


def test_a_heat_map_has_axes_and_a_legend() -> None:
    values = np.outer(np.linspace(1, 0, 4), np.linspace(0, 1, 8))
    found = heat_map(values, Axis(0, 1000), Axis(-1, 1), 60, 14, title="w/hist", ends=("0", "12k"), unit="values")
    lines = found.cells.to_text().split("\n")
    assert lines[0].startswith("w/hist")
    assert lines[0].endswith("12k values")
    assert "400" in lines[-1]
    assert any("-1┤" in line for line in lines)
    assert found.plot.height == 14 - 3


def test_a_heat_map_marks_the_cursor() -> None:
    spec = HeatSpec(stretched(np.full((2, 2), 0.5)), Axis(0, 10), Axis(0, 1), cursor=5.0, cursor_color=0xFF9E3D)
    found = draw_heat_map(spec, 40, 12)
    assert sum("│" in line[found.plot.col :] for line in found.cells.to_text().split("\n")) == found.plot.height
    assert "▲" in found.cells.to_text()


@given(st.integers(0, 70), st.integers(0, 20), st.sampled_from(SYSTEMS))
def test_a_heat_map_of_any_size(width: int, height: int, system: ColorSystem) -> None:
    spec = HeatSpec(
        stretched(np.array([[0.0, np.nan], [1.0, 0.5]])),
        Axis(0, 10),
        Axis(0, 1),
        title="損失 a long title of a tag",
        ends=("0", "9"),
        shading=Shading(system),
        cursor=3.0,
    )
    cells = draw_heat_map(spec, width, height).cells
    assert (cells.height, cells.width) == (height, width)
    cells.to_ansi(system)
