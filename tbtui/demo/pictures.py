"""Small pictures: a PNG encoder, and tiles put together to one picture."""

from __future__ import annotations

import struct
import zlib

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]


def encode_png(pixels: Pixels) -> bytes:
    """Encode a picture as PNG: uint8[height, width] is grey, uint8[height, width, 3] is RGB."""
    height, width = pixels.shape[:2]
    colour_type = 0 if pixels.ndim == 2 else 2
    rows = np.zeros((height, 1 + pixels[0].size), np.uint8)  # each row begins with its filter: 0, none
    rows[:, 1:] = pixels.reshape(height, -1)
    header = struct.pack(">IIBBBBB", width, height, 8, colour_type, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(rows.tobytes(), 9)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, content) for kind, content in chunks)


def _chunk(kind: bytes, content: bytes) -> bytes:
    checksum = zlib.crc32(kind + content)
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", checksum)


def enlarge(pixels: Pixels, factor: int) -> Pixels:
    """Repeat every pixel `factor` times both ways."""
    return pixels.repeat(factor, axis=0).repeat(factor, axis=1)


def enlarge_tiles(tiles: Pixels, factor: int) -> Pixels:
    """Repeat every pixel of tiles uint8[n, height, width(, 3)] `factor` times both ways."""
    return tiles.repeat(factor, axis=1).repeat(factor, axis=2)


def montage(tiles: Pixels, columns: int, gap: int = 1, background: int = 24) -> Pixels:
    """Lay tiles of one size, uint8[n, height, width(, 3)], out in rows of `columns`, `gap` pixels apart."""
    count, height, width = tiles.shape[:3]
    rows = -(-count // columns)
    shape = (rows * (height + gap) + gap, columns * (width + gap) + gap, *tiles.shape[3:])
    sheet = np.full(shape, background, np.uint8)
    for index, tile in enumerate(tiles):
        row, column = divmod(index, columns)
        top, left = gap + row * (height + gap), gap + column * (width + gap)
        sheet[top : top + height, left : left + width] = tile
    return sheet


def heat(values: NDArray[np.floating]) -> Pixels:
    """Show signed numbers as colours: blue below zero, dark at zero, orange above; the largest is brightest.

    Takes float[...], returns uint8[..., 3]; numbers that are not finite become magenta.
    """
    finite = np.isfinite(values)
    known = np.where(finite, values, 0.0)
    strength = known / max(float(np.abs(known).max(initial=0.0)), 1e-12)
    positive, negative = np.clip(strength, 0, 1)[..., None], np.clip(-strength, 0, 1)[..., None]
    colours = 24 + positive * (np.array([255, 160, 40]) - 24) + negative * (np.array([60, 150, 255]) - 24)
    return np.where(finite[..., None], colours, np.array([255, 0, 255])).astype(np.uint8)


def answers(tiles: Pixels, glyphs: Pixels, right: NDArray[np.bool_]) -> Pixels:
    """Put below each grey tile uint8[n, height, width] the sign uint8[n, rows, columns] that the network read in it.

    Returns uint8[n, height + rows + 2, width, 3]; signs are green where `right`, red where not.
    """
    count, height, width = tiles.shape
    rows, columns = glyphs.shape[1:]
    out = np.zeros((count, height + rows + 2, width, 3), np.uint8)
    out[:, :height] = tiles[..., None]
    left = (width - columns) // 2
    colours = np.where(right[:, None], np.array([60, 220, 110]), np.array([255, 70, 70])).astype(np.uint8)
    out[:, height + 1 : -1, left : left + columns] = (glyphs > 0)[..., None] * colours[:, None, None, :]
    return out
