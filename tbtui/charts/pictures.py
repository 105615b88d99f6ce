"""Encoded images as pixels: any form that Pillow reads, as frames of red, green and blue, within bounds.

Files may hold anything, so the header is asked before a decoder is, and everything a decoder can fall over is one
sentence. Pillow is imported here, when an image is first decoded, and nowhere else.
"""

from __future__ import annotations

import io
import itertools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tbtui.charts.pixels import Pixels
from tbtui.events.media import image_info

if TYPE_CHECKING:
    from PIL.Image import Image

__all__ = ["INSTALL", "BadPicture", "Picture", "decode_picture"]

MOST_PIXELS = 25_000_000
"""Larger images are not decoded: each pixel takes four bytes meanwhile."""

MOST_FRAME_BYTES = 64 << 20
"""Frames of an animation beyond this are left out."""

MOST_FRAMES = 1000

INSTALL = "Pillow is needed to show images: pip install 'tbtui[images]'"

_FORMATS = {"png": "PNG", "jpeg": "JPEG", "gif": "GIF", "bmp": "BMP", "webp": "WEBP", "tiff": "TIFF"}
_SQUARES = np.array((104, 152), np.uint8)
"""The greys of the checkered ground behind what is transparent."""
_FRAME_SECONDS = 0.1
"""Of frames that do not say how long they are to be seen; browsers do the same."""


class BadPicture(ValueError):
    """The image can't be shown; the text says why."""


@dataclass(frozen=True, slots=True)
class Picture:
    """A decoded image.

    frames: uint8[height, width, 3] each, one unless it is an animation; seconds: how long each of them is seen;
    words: what else there is to say of it: "16 bit", "transparent", "first 80 of 200 frames".
    """

    kind: str
    width: int
    height: int
    frames: tuple[Pixels, ...]
    seconds: tuple[float, ...]
    words: str = ""

    @property
    def bytes(self) -> int:
        """Memory that the frames take."""
        return sum(frame.nbytes for frame in self.frames)

    @property
    def moves(self) -> bool:
        """Whether it is an animation."""
        return len(self.frames) > 1

    def frame_at(self, seconds: float) -> int:
        """The number of the frame that is seen so long after the beginning; the animation begins anew and anew."""
        if not self.moves:
            return 0
        ends = list(itertools.accumulate(self.seconds))
        return int(np.searchsorted(ends, seconds % ends[-1], side="right")) % len(self.frames)


def decode_picture(data: bytes | memoryview) -> Picture:
    """The pixels of an encoded image. Raises BadPicture with the reason in words; also where Pillow is missing."""
    info = image_info(data)
    if info is None:
        raise BadPicture("not an image of a known kind" if len(data) else "the image is empty")
    size = f"{info.width} x {info.height}" if info.width else "unknown size"
    if info.kind == "svg":
        raise BadPicture(f"SVG of {size}: drawings are not shown, but can be saved")
    _check_size(info.width, info.height)
    try:
        from PIL import Image
    except ImportError:
        raise BadPicture(f"{info.kind.upper()} of {size}. {INSTALL}") from None
    try:
        with Image.open(io.BytesIO(data), formats=[_FORMATS[info.kind]]) as image:
            _check_size(*image.size)
            return _decode(image, info.kind)
    except BadPicture:
        raise
    except Exception as error:  # whatever a decoder falls over, it is the image that is broken
        raise BadPicture(f"broken {info.kind.upper()}: {_reason(error)}") from None


def _check_size(width: int, height: int) -> None:
    if width * height > MOST_PIXELS:
        raise BadPicture(f"{width} x {height} pixels are too many to be shown (at most {MOST_PIXELS // 10**6} million)")


def _reason(error: Exception) -> str:
    words = str(error).split("<", 1)[0].strip(" :")
    return words or type(error).__name__


def _decode(image: Image, kind: str) -> Picture:
    words: list[str] = []
    frames: list[Pixels] = []
    seconds: list[float] = []
    count = int(getattr(image, "n_frames", 1)) if kind != "tiff" else 1
    width, height = image.size
    room = MOST_FRAME_BYTES // max(1, width * height * 3)
    for number in range(min(count, MOST_FRAMES, max(1, room))):
        if number:
            image.seek(number)
            if image.size != (width, height):
                break
        frames.append(_rgb(image, words))
        pause = float(image.info.get("duration") or 0) / 1000
        seconds.append(pause if pause > 0.01 else _FRAME_SECONDS)
    if len(frames) < count:
        words.append(f"first {len(frames)} of {count} frames")
    elif count > 1:
        words.append(f"{count} frames")
    height, width = frames[0].shape[:2]
    return Picture(kind, width, height, tuple(frames), tuple(seconds), ", ".join(dict.fromkeys(words)))


def _rgb(image: Image, words: list[str]) -> Pixels:
    """One frame as uint8[height, width, 3], what is transparent over checkered ground."""
    mode = image.mode
    if mode.startswith(("I", "F")):
        words.append("16 bit" if mode != "F" else "floats")
        return _from_numbers(np.asarray(image))
    if mode in ("RGBA", "LA", "PA", "RGBa", "La") or "transparency" in image.info:
        rgba = np.array(image.convert("RGBA"))
        if (rgba[..., 3] < 255).any():
            words.append("transparent")
            return _over_checkers(rgba)
        return np.ascontiguousarray(rgba[..., :3])
    pixels = np.array(image.convert("RGB"))
    pixels.flags.writeable = False
    return pixels


def _from_numbers(values: npt.NDArray[np.generic]) -> Pixels:
    """Grey levels of 16 bits (or of whatever there is, from its least to its most) as eight."""
    numbers = np.nan_to_num(values.astype(np.float32))
    low, high = (float(numbers.min()), float(numbers.max())) if numbers.size else (0.0, 0.0)
    if low < 0 or high > 65535 or values.dtype.kind == "f":
        grey = (numbers - low) * (255 / (high - low) if high > low else 0.0)
    else:
        grey = numbers / 257
    return np.repeat(np.rint(grey).astype(np.uint8)[..., None], 3, axis=2)


def _over_checkers(rgba: npt.NDArray[np.uint8]) -> Pixels:
    height, width = rgba.shape[:2]
    side = max(1, min(height, width) // 12)
    parity = (np.arange(height)[:, None] // side + np.arange(width) // side) & 1
    ground = _SQUARES[parity].astype(np.uint16)[..., None]
    alpha = rgba[..., 3:].astype(np.uint16)
    mixed: Pixels = ((rgba[..., :3] * alpha + ground * (255 - alpha) + 127) // 255).astype(np.uint8)
    return mixed
