"""Records with images, sounds and texts, made by hand: any bytes, any shape."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tbtui.events.record import encode_record
from tests.support.logfiles import START
from tests.support.messages import message, metadata, shape, summary, tensor, value

STRING = 7
"""DT_STRING"""


def strings_record(
    plugin: str, tag: str, cells: Sequence[bytes], sizes: tuple[int, ...], step: int, wall: float | None = None,
    described: Sequence[str] = ("", ""),
) -> bytes:  # fmt: skip
    """A tensor of strings; described: display name and description."""
    told = metadata(plugin)
    if any(described):
        name, words = described
        told = message(9, message(1, message(1, plugin)), message(2, name), message(3, words))
    body = tensor(STRING, shape(*sizes), *(message(8, cell) for cell in cells))
    event = summary(value(tag, message(8, body), told), step=step, wall=START + step if wall is None else wall)
    return encode_record(event)


def text_record(
    tag: str, cells: Sequence[bytes | str], sizes: tuple[int, ...], step: int, described: Sequence[str] = ("", "")
) -> bytes:
    """A text summary: sizes () for one text."""
    raw = [cell.encode() if isinstance(cell, str) else cell for cell in cells]
    return strings_record("text", tag, raw, sizes, step, described=described)


def image_record(tag: str, images: Sequence[bytes], step: int) -> bytes:
    """An image summary with these encoded images."""
    return strings_record("images", tag, [b"1", b"1", *images], (len(images) + 2,), step)


def sound_record(
    tag: str, sounds: Sequence[tuple[bytes, str]], step: int, described: Sequence[str] = ("", "")
) -> bytes:
    """An audio summary: encoded sounds with their labels."""
    cells = [cell for data, label in sounds for cell in (data, label.encode())]
    return strings_record("audio", tag, cells, (len(sounds), 2), step, described=described)


def wav(
    samples: npt.ArrayLike,
    rate: int = 8000,
    bits: int = 16,
    *,
    floating: bool = False,
    extensible: bool = False,
    before: bytes = b"",
    data_first: bool = False,
    promised: int | None = None,
    kind: int | None = None,
) -> bytes:
    """A WAV file of samples float[n] or float[n, channels], -1 to 1.

    before: other chunks before the samples; data_first: the samples come before the format; promised: the size that the
    header says; kind: another number of the format.
    """
    values = np.asarray(samples, np.float64)
    values = values[:, None] if values.ndim == 1 else values
    channels = values.shape[1]
    if floating:
        body = values.astype("<f4" if bits == 32 else "<f8").tobytes()
    elif bits == 8:
        body = np.clip(np.rint(values * 127) + 128, 0, 255).astype(np.uint8).tobytes()
    else:
        whole = np.clip(np.rint(values * 2.0 ** (bits - 1)), -(2 ** (bits - 1)), 2 ** (bits - 1) - 1).astype("<i8")
        body = whole.reshape(-1, 1).view(np.uint8)[:, : bits // 8].tobytes()
    frame = channels * bits // 8
    number = kind if kind is not None else 3 if floating else 1
    form = struct.pack("<HHIIHH", 0xFFFE if extensible else number, channels, rate, rate * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH14s", 22, bits, 0, number, bytes.fromhex("000000001000800000aa00389b71"))
    fmt = b"fmt " + struct.pack("<I", len(form)) + form
    size = len(body) if promised is None else promised
    data = b"data" + struct.pack("<I", size) + body + b"\0" * (len(body) % 2)
    chunks = before + (data + fmt if data_first else fmt + data)
    return b"RIFF" + struct.pack("<I", 4 + len(chunks)) + b"WAVE" + chunks


def write_run(directory: Path, *records: bytes, run: str = "run") -> Path:
    """A log directory with one run of these records."""
    from tests.support.logfiles import NAME, header, write

    write(directory / run / NAME, header(), *records)
    return directory
