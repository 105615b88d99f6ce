"""What is seen of a picture: a part of it at a size, brighter or with more contrast, or beside another one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tbtui.charts.cells import Cells, ColorSystem
from tbtui.charts.pixels import Pixels, pixels, quadrants

__all__ = ["AS_IS", "WHOLE", "Look", "Sight", "difference", "fit", "in_cells", "see"]

LEAST_SIDE = 4
"""A picture of one pixel's width is shown so many pixels wide, where there is room."""

FINE = 0.5
"""Drawn at this scale or a smaller one, a picture has a pixel of its own for each of the four in a cell."""

MOST_ZOOM = 64.0
LEAST_ZOOM = 1.0


@dataclass(frozen=True, slots=True)
class Look:
    """How pixels are shown. brightness: factor; contrast: factor around the middle grey."""

    brightness: float = 1.0
    contrast: float = 1.0

    @property
    def plain(self) -> bool:
        """Whether nothing is changed."""
        return self.brightness == 1.0 and self.contrast == 1.0

    def apply(self, pixels: Pixels) -> Pixels:
        """The pixels as they are to be shown."""
        return pixels if self.plain else _levels(self)[pixels]


AS_IS = Look()


@lru_cache(maxsize=64)
def _levels(look: Look) -> npt.NDArray[np.uint8]:
    level = np.arange(256) / 255 * look.brightness
    return np.rint(np.clip((level - 0.5) * look.contrast + 0.5, 0, 1) * 255).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Sight:
    """Which part of a picture is seen. x, y: its middle as shares of width and height; zoom: 1 all of it, 2 half.

    actual: one pixel of the picture is one of the screen, whatever `zoom` says.
    """

    x: float = 0.5
    y: float = 0.5
    zoom: float = 1.0
    actual: bool = False

    def zoomed(self, factor: float) -> Sight:
        """Nearer or farther."""
        zoom = min(max(self.zoom * factor, LEAST_ZOOM), MOST_ZOOM)
        return replace(self, zoom=zoom, actual=False)

    def moved(self, right: float, down: float) -> Sight:
        """By so many times what is seen; the edge of the picture stays the edge of what is seen."""
        half = 0.5 / self.zoom if not self.actual else 0.0
        step = 1 / self.zoom if not self.actual else 1.0
        x, y = self.x + right * step, self.y + down * step
        return replace(self, x=min(max(x, half), 1 - half), y=min(max(y, half), 1 - half))


WHOLE = Sight()


def fit(width: int, height: int, columns: int, rows: int, pixel: float = 1.0) -> tuple[int, int]:
    """The size in screen pixels at which a picture fills (columns, rows) of them as well as its shape allows.

    pixel: how many times as high as wide a pixel of the screen is.
    """
    if min(width, height, columns, rows) <= 0:
        return 0, 0
    scale = min(columns / width, rows * pixel / height)
    across, down = round(width * scale), round(height * scale / pixel)
    return min(max(across, LEAST_SIDE), columns), min(max(down, LEAST_SIDE), rows)


def beyond(width: int, height: int, columns: int, rows: int, sight: Sight) -> tuple[bool, bool]:
    """Whether something of a picture lies beside, and above or below, what is seen of it on a screen of square pixels
    (columns, rows)."""
    if sight.actual:
        return width > columns, height > rows
    scale = min(columns / width, rows / height) * sight.zoom
    return width * scale > columns, height * scale > rows


def see(frame: Pixels, columns: int, rows: int, sight: Sight = WHOLE, pixel: float = 1.0) -> Pixels:
    """What is seen of a frame on a screen of (columns, rows) pixels: uint8[<= rows, <= columns, 3].

    Few pixels are shown as squares, many as their mean.
    """
    height, width = frame.shape[:2]
    if min(width, height, columns, rows) <= 0:
        return np.zeros((0, 0, 3), np.uint8)
    if sight.actual:
        across, down = min(width, columns), min(height, max(1, round(rows * pixel)))
        left = _begin(sight.x, width, across)
        top = _begin(sight.y, height, down)
        part = frame[top : top + down, left : left + across]
        return (
            part
            if pixel == 1.0
            else _resize(part, (0, 0, across, down), across, min(rows, max(1, round(down / pixel))))
        )
    if sight.zoom <= 1.0:
        return _resize(frame, (0, 0, width, height), *fit(width, height, columns, rows, pixel))
    scale = min(columns / width, rows * pixel / height) * sight.zoom
    across, down = min(columns / scale, width), min(rows * pixel / scale, height)
    left = min(max(sight.x * width - across / 2, 0), width - across)
    top = min(max(sight.y * height - down / 2, 0), height - down)
    size = (max(1, min(columns, round(across * scale))), max(1, min(rows, round(down * scale / pixel))))
    return _resize(frame, (left, top, left + across, top + down), *size)


def in_cells(
    frame: Pixels,
    columns: int,
    rows: int,
    color_system: ColorSystem,
    *,
    sight: Sight = WHOLE,
    look: Look = AS_IS,
    plain: bool = False,
    dark: bool = True,
) -> Cells:
    """A picture in (columns, rows) cells. Where the colours for it are there, one that is made much smaller is drawn
    with four pixels a cell, so that more of it is left; else there are two, which keep their colours as they are.
    """
    height, width = frame.shape[:2]
    if color_system in ("truecolor", "256") and not plain and not sight.actual and min(height, width) > 0:
        scale = min(columns / width, 2 * rows / height) * max(sight.zoom, 1.0)
        if scale <= FINE:
            seen = look.apply(see(frame, 2 * columns, 2 * rows, sight, pixel=2.0))
            odd = [(0, side % 2) for side in seen.shape[:2]]
            return quadrants(np.pad(seen, [*odd, (0, 0)], mode="edge"), color_system, dark=dark)
    return pixels(look.apply(see(frame, columns, 2 * rows, sight)), color_system, plain=plain, dark=dark)


def _begin(share: float, whole: int, part: int) -> int:
    return min(max(round(share * whole - part / 2), 0), whole - part)


def _resize(frame: Pixels, box: tuple[float, float, float, float], width: int, height: int) -> Pixels:
    """A part of a frame, (left, top, right, bottom), at another size."""
    from PIL import Image

    across, down = box[2] - box[0], box[3] - box[1]
    if (across, down) == (width, height) and all(side == int(side) for side in box):
        return frame[int(box[1]) : int(box[3]), int(box[0]) : int(box[2])]
    fewer = width < across or height < down
    image = Image.fromarray(np.ascontiguousarray(frame))
    how = Image.Resampling.HAMMING if fewer else Image.Resampling.NEAREST
    return np.asarray(image.resize((width, height), how, box, reducing_gap=2.0 if fewer else None))


def difference(one: Pixels, other: Pixels) -> tuple[Pixels, int]:
    """How far apart two frames are: uint8 like `one`, stretched so that the largest is 255; and that largest.

    A frame of another size is brought to that of the first.
    """
    height, width = one.shape[:2]
    if other.shape != one.shape:
        other = _resize(other, (0, 0, other.shape[1], other.shape[0]), width, height)
    apart = np.abs(one.astype(np.int16) - other)
    most = int(apart.max()) if apart.size else 0
    return (apart.astype(np.int32) * 255 // max(most, 1)).astype(np.uint8), most
