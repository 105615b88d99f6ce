"""Colours for amounts: from the background to a strong one, as even steps of lightness for any kind of colour vision.

Two scales: one for amounts from none to many, and one for differences, with the background in its middle. Both run
through OKLab in which equal distances look equal. Blue and yellow, light and dark are told apart with every kind of
colour vision.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.colors import RGB
from tbtui.charts.cells import BOLD, DEFAULT, Cells, ColorSystem, blank
from tbtui.charts.pixels import ASCII_SHADES, SHADES, Pixels, pixels, shade_cells

__all__ = ["Ramp", "Shading", "amounts", "ramp_colors"]

Ramp = Literal["amount", "difference"]
"""amount: shares 0 to 1; difference: -1 to 1, 0 in the middle."""

_STEPS = 255
"""Odd, so that there is a middle."""

# Between the background and the end: (share, colour). On dark grounds amounts grow lighter, on light ones darker.
_AMOUNTS: dict[bool, tuple[tuple[float, RGB], ...]] = {
    True: (
        (0.30, (0x2B, 0x3A, 0x80)),
        (0.55, (0x0F, 0x7F, 0x9C)),
        (0.80, (0x7C, 0xC2, 0x5F)),
        (1.0, (0xFF, 0xEF, 0x9A)),
    ),
    False: (
        (0.25, (0xC3, 0xDD, 0xA6)),
        (0.50, (0x4C, 0xA8, 0x9E)),
        (0.75, (0x2F, 0x63, 0x93)),
        (1.0, (0x24, 0x14, 0x4C)),
    ),
}
_ENDS: dict[bool, tuple[tuple[RGB, RGB], tuple[RGB, RGB]]] = {
    True: (((0x1D, 0x5C, 0xB0), (0x9F, 0xD0, 0xFF)), ((0xA8, 0x55, 0x0D), (0xFF, 0xD0, 0x7A))),
    False: (((0x6D, 0xA8, 0xE8), (0x0B, 0x3C, 0x85)), ((0xE8, 0xA8, 0x5A), (0x7A, 0x38, 0x00))),
}
"""Below zero and above it: half way, and the end."""

# Sixteen colours: from one to the next by way of ░▒▓. Blue, cyan and the colour of text grow lighter in this order.
_FEW_DARK: tuple[RGB, ...] = ((0, 0, 170), (0, 170, 170), (255, 255, 255))
_FEW_LIGHT: tuple[RGB, ...] = ((0, 170, 170), (0, 0, 170), (0, 0, 0))
_FEW_ENDS: tuple[RGB, RGB] = ((0, 0, 170), (170, 85, 0))


def ramp_colors(ground: int, dark: bool, ramp: Ramp = "amount") -> Pixels:
    """255 colours uint8[255, 3] from the least to the most; where there is nothing, the background `ground`."""
    return _ramp(ground, dark, ramp)


@lru_cache(maxsize=16)
def _ramp(ground: int, dark: bool, ramp: Ramp) -> Pixels:
    base: RGB = (ground >> 16 & 255, ground >> 8 & 255, ground & 255)
    if ground < 0:
        base = (0, 0, 0) if dark else (255, 255, 255)
    if ramp == "amount":
        stops = [(0.0, base), *_AMOUNTS[dark]]
    else:
        below, above = _ENDS[dark]
        stops = [(0.0, below[1]), (0.25, below[0]), (0.5, base), (0.75, above[0]), (1.0, above[1])]
    places = np.array([place for place, _ in stops])
    lab = _to_oklab(np.array([color for _, color in stops], np.float64) / 255)
    wanted = np.linspace(0, 1, _STEPS)
    mixed = np.stack([np.interp(wanted, places, lab[:, part]) for part in range(3)], axis=-1)
    colors = np.rint(np.clip(_from_oklab(mixed), 0, 1) * 255).astype(np.uint8)
    colors.flags.writeable = False
    return colors


def amounts(values: npt.NDArray[np.floating], ground: int, dark: bool, ramp: Ramp = "amount") -> Pixels:
    """The colours uint8[..., 3] of amounts, see `Ramp`; the background where there is none (NaN)."""
    colors = ramp_colors(ground, dark, ramp)
    share = values if ramp == "amount" else values / 2 + 0.5
    level = np.clip(np.nan_to_num(share) * (_STEPS - 1) + 0.5, 0, _STEPS - 1).astype(np.int64)
    missing = np.isnan(values)
    if missing.any():
        level = np.where(missing, 0 if ramp == "amount" else _STEPS // 2, level)
    return colors[level]


@dataclass(frozen=True, slots=True)
class Shading:
    """How amounts are shown on a terminal: its colours, its background, its characters.

    ground: the background as 0xRRGGBB, -1 where it is unknown; dark: whether it is; plain: ASCII only.
    """

    color_system: ColorSystem = "truecolor"
    ground: int = DEFAULT
    dark: bool = True
    plain: bool = False

    @property
    def rows_a_cell(self) -> int:
        """How many rows of amounts a row of cells shows."""
        return 2 if self.color_system in ("truecolor", "256") and not self.plain else 1

    def cells(self, values: npt.NDArray[np.floating], ramp: Ramp = "amount") -> Cells:
        """Cells of amounts float[rows, w], `rows_a_cell` rows in each: as colours, or as ink where these are few."""
        if self.color_system == "none" or not values.size:
            if ramp == "difference":
                return _signed_ink(values, self.plain)
            return shade_cells(_visible(values), plain=self.plain)
        if self.color_system == "16":
            return _few_colors(values, self.dark, self.plain, ramp)
        rgb = amounts(values, self.ground, self.dark, ramp)
        return pixels(np.repeat(rgb, 2, axis=0) if self.plain else rgb, self.color_system, plain=self.plain)

    def strip(self, width: int, ramp: Ramp = "amount") -> Cells:
        """One row of cells from the least to the most, for a legend."""
        values = np.linspace(0.0 if ramp == "amount" else -1.0, 1.0, max(width, 0))
        return self.cells(np.repeat(values[None], self.rows_a_cell, axis=0), ramp)


def _visible(values: npt.NDArray[np.floating]) -> npt.NDArray[np.floating]:
    """A little is shown as a little ink, and not as nothing."""
    with np.errstate(invalid="ignore"):
        return np.where(values > 0, np.maximum(values, 0.13), values)


def _signed_ink(values: npt.NDArray[np.floating], plain: bool) -> Cells:
    """Differences without colours: more is bold ink of its own, less is a minus."""
    cells = shade_cells(_visible(np.abs(values)), plain=plain)
    with np.errstate(invalid="ignore"):
        less = values < -0.06
    cells.glyphs[less] = np.where(values[less] < -0.5, ord("="), ord("-"))
    cells.attrs[~less & (cells.glyphs != 0x20)] = BOLD
    return cells


def _few_colors(values: npt.NDArray[np.floating], dark: bool, plain: bool, ramp: Ramp) -> Cells:
    """Sixteen colours: each of three in steps of ink on the one before it."""
    cells = blank(*values.shape)
    if ramp == "difference":
        with np.errstate(invalid="ignore"):
            less = values < 0
        cells = shade_cells(_visible(np.abs(values)), plain=plain)
        inked = cells.glyphs != 0x20
        low, high = (_whole(color) for color in _FEW_ENDS)
        cells.colors[inked] = np.where(less, low, high)[inked]
        return cells
    few = _FEW_DARK if dark else _FEW_LIGHT
    signs = np.array([ord(sign) for sign in (ASCII_SHADES[2::2] if plain else SHADES[1:])], np.uint32)
    steps = len(signs)
    level = np.ceil(np.nan_to_num(np.clip(values, 0, 1)) * steps * len(few)).astype(np.int64)
    inked = level > 0
    which, ink = np.divmod(np.maximum(level - 1, 0), steps)
    colors = np.array([_whole(color) for color in few], np.int32)
    behind = np.concatenate(([DEFAULT], colors[:-1])).astype(np.int32)
    cells.glyphs[inked] = signs[ink][inked]
    cells.colors[inked] = colors[which][inked]
    cells.back_grid()[inked] = behind[which][inked]
    return cells


def _whole(color: RGB) -> int:
    return color[0] << 16 | color[1] << 8 | color[2]


_TO_LMS = np.array(
    (
        (0.4122214708, 0.5363325363, 0.0514459929),
        (0.2119034982, 0.6806995451, 0.1073969566),
        (0.0883024619, 0.2817188376, 0.6299787005),
    )
)
_TO_LAB = np.array(
    (
        (0.2104542553, 0.7936177850, -0.0040720468),
        (1.9779984951, -2.4285922050, 0.4505937099),
        (0.0259040371, 0.7827717662, -0.8086757660),
    )
)
"""OKLab (Björn Ottosson, 2020)."""


def _to_oklab(rgb: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _TO_LMS.T) @ _TO_LAB.T)


def _from_oklab(lab: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    linear = (lab @ np.linalg.inv(_TO_LAB).T) ** 3 @ np.linalg.inv(_TO_LMS).T
    linear = np.clip(linear, 0, 1)
    return np.asarray(np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055))
