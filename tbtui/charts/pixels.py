"""Pictures in cells: two pixels a cell as half blocks, or four as quadrants, for any number of colours or none.

Images, heat maps and spectrograms are all drawn by these functions. Where a terminal has few colours the pixels get the
nearest it has, dithered where it has sixteen; where it has none they are characters of more or less ink.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tbtui.analysis.colors import ANSI16
from tbtui.charts.cells import DEFAULT, Cells, ColorSystem, blank

__all__ = ["ASCII_SHADES", "SHADES", "Pixels", "pixels", "quadrants", "shade_cells", "to_palette", "whole_colors"]

Pixels = npt.NDArray[np.uint8]
"""uint8[rows, columns, 3]: red, green, blue."""

SHADES = " ░▒▓█"
"""Characters of more and more ink."""
ASCII_SHADES = " .:-=+*#%@"

_HALF = ord("▀")
_CUBE = np.array((0, 95, 135, 175, 215, 255), np.int32)
_WEIGHTS = np.array((54, 183, 19), np.uint32)
"""Of red, green and blue in the lightness of a pixel (of 256), Rec. 709."""
_BAYER = np.array(((0, 8, 2, 10), (12, 4, 14, 6), (3, 11, 1, 9), (15, 7, 13, 5)), np.float32) / 16 - 15 / 32
_DITHER = 96.0
"""How far apart the sixteen colours are, about."""
_QUADRANTS = np.array([ord(sign) for sign in " ▘▝▀▖▌▞▛▗▚▐▜▄▙▟█"], np.uint32)
"""By the bits 1 upper left, 2 upper right, 4 lower left, 8 lower right."""


def pixels(
    rgb: Pixels, color_system: ColorSystem = "truecolor", *, plain: bool = False, dark: bool = True, dither: bool = True
) -> Cells:
    """Cells of an image uint8[2 * h, w, 3] with two pixels each, one above the other: h rows, w columns.

    Of an odd number of rows the last is doubled. plain: ASCII only, then a cell shows the mean of its two pixels.
    dark: whether the terminal's background is, which counts where there are no colours: ink is light then.
    dither: with sixteen colours, whether dots of two colours stand for those between.
    """
    if len(rgb) % 2:
        rgb = np.concatenate((rgb, rgb[-1:]))
    height, width = len(rgb) // 2, rgb.shape[1]
    if not height or not width:
        return blank(height, width)
    if color_system == "none" or plain:
        rgb = ((rgb[::2].astype(np.uint16) + rgb[1::2] + 1) // 2).astype(np.uint8)
    if color_system == "none":
        light = lightness(rgb)
        return shade_cells(light if dark else 1 - light, plain=plain)
    whole = whole_colors(to_palette(rgb, color_system, dither))
    cells = blank(height, width)
    backs = cells.back_grid()
    if plain:
        backs[:] = whole
        return cells
    top, backs[:] = whole[::2], whole[1::2]
    split = top != backs
    cells.glyphs[split] = _HALF
    cells.colors[split] = top[split]
    return cells


def quadrants(rgb: Pixels, color_system: ColorSystem = "truecolor", *, plain: bool = False, dark: bool = True) -> Cells:
    """Cells of an image uint8[2 * h, 2 * w, 3] with four pixels each, in the two colours that suit them.

    The pixels of a cell that are lighter than their mean have one colour, the others the other, each the mean of its
    pixels. Finer than half blocks for drawings and letters; the same without colours or with ASCII only.
    """
    height, width = len(rgb) // 2, rgb.shape[1] // 2
    four = rgb[: 2 * height, : 2 * width].reshape(height, 2, width, 2, 3).transpose(0, 2, 1, 3, 4)
    four = four.reshape(height, width, 4, 3).astype(np.float32)
    if color_system == "none" or plain or not height or not width:
        mean = np.repeat(four.mean(axis=2).astype(np.uint8), 2, axis=0)
        return pixels(mean, color_system, plain=plain, dark=dark)
    light = four @ (_WEIGHTS.astype(np.float32) / 256)
    upper = light > light.mean(axis=2, keepdims=True) + 0.5
    count = upper.sum(axis=2, keepdims=True)
    sums = (four * upper[..., None]).sum(axis=2)
    front = (sums / np.maximum(count, 1)).astype(np.uint8)
    behind = ((four.sum(axis=2) - sums) / np.maximum(4 - count, 1)).astype(np.uint8)
    cells = blank(height, width)
    cells.back_grid()[:] = whole_colors(to_palette(behind, color_system, dither=False))
    colors = whole_colors(to_palette(front, color_system, dither=False))
    inked = count[..., 0] > 0
    cells.glyphs[:] = _QUADRANTS[upper @ np.array((1, 2, 4, 8))]
    cells.colors[inked] = colors[inked]
    return cells


def shade_cells(ink: npt.NDArray[np.floating], color: int = DEFAULT, *, plain: bool = False) -> Cells:
    """Cells with as much ink as [h, w] says, 0 none to 1 full; NaN is none."""
    signs = ASCII_SHADES if plain else SHADES
    codes = np.array([ord(sign) for sign in signs], np.uint32)
    level = np.nan_to_num(np.clip(ink, 0, 1)) * (len(signs) - 1)
    cells = blank(*ink.shape)
    cells.glyphs[:] = codes[np.rint(level).astype(np.int64)]
    cells.colors[cells.glyphs != codes[0]] = color
    return cells


def lightness(rgb: Pixels) -> npt.NDArray[np.float32]:
    """How light pixels [..., 3] are, 0 to 1."""
    return np.asarray((rgb @ _WEIGHTS).astype(np.float32) / np.float32(256 * 255))


def whole_colors(rgb: Pixels) -> npt.NDArray[np.int32]:
    """0xRRGGBB of uint8[..., 3]."""
    parts = rgb.astype(np.int32)
    return np.asarray(parts[..., 0] << 16 | parts[..., 1] << 8 | parts[..., 2])


def to_palette(rgb: Pixels, color_system: ColorSystem, dither: bool = True) -> Pixels:
    """The nearest colours uint8[..., 3] that a terminal has: any of 24 bits, the 240 of xterm, the sixteen.

    dither: of the sixteen, not always the nearest one but by turns, so that areas come near.
    """
    if color_system == "256":
        return _to_256(rgb)
    if color_system == "16":
        return _to_16(rgb, dither)
    return rgb


def _to_256(rgb: Pixels) -> Pixels:
    parts = rgb.astype(np.int32)
    levels = np.where(parts < 48, 0, np.where(parts < 115, 1, (parts - 35) // 40))
    cube = _CUBE[levels]
    grey = 8 + 10 * np.clip((parts.mean(axis=-1) - 3).astype(np.int32) // 10, 0, 23)
    greys = np.repeat(grey[..., None], 3, axis=-1)
    is_grey = ((greys - parts) ** 2).sum(axis=-1) < ((cube - parts) ** 2).sum(axis=-1)
    return np.where(is_grey[..., None], greys, cube).astype(np.uint8)


def _to_16(rgb: Pixels, dither: bool) -> Pixels:
    parts = rgb.astype(np.float32)
    if dither and rgb.ndim == 3:
        rows, columns = rgb.shape[:2]
        pattern = np.tile(_BAYER, (rows // 4 + 1, columns // 4 + 1))[:rows, :columns]
        parts = np.clip(parts + _DITHER * pattern[..., None], 0, 255)
    steps = (parts / 17 + 0.5).astype(np.int32)
    near: Pixels = _table16()[steps[..., 0], steps[..., 1], steps[..., 2]]
    return near


@lru_cache(maxsize=1)
def _table16() -> Pixels:
    """The nearest of the sixteen for every colour in steps of 17, uint8[16, 16, 16, 3]."""
    palette = np.array(ANSI16, np.float32)
    axis = np.arange(16, dtype=np.float32) * 17
    cube = np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), axis=-1)
    apart = ((cube[..., None, :] - palette) ** 2 * np.array((2.0, 4.0, 3.0), np.float32)).sum(axis=-1)
    table: Pixels = palette.astype(np.uint8)[apart.argmin(axis=-1)]
    return table
