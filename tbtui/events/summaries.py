"""From a value to what it shows: histograms, images, sounds, texts, PR curves, in one form for all writers.

TF1, torch and tensorboardX write messages of their own for histograms, images and audio, TF2 and its friends write
tensors; both come out of these functions alike. Nothing here decodes pixels or samples.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events import wire
from tbtui.events.media import image_info, sound_info
from tbtui.events.parse import Value
from tbtui.events.tensors import BadTensor, decode_tensor

Column = NDArray[np.float64]
Head = dict[str, int | float] | str | None

HEAD_CHARACTERS = 80


class BadSummary(ValueError):
    """The value isn't what its plugin says; the text says why."""


@dataclass(frozen=True, slots=True)
class Histogram:
    """Buckets of one histogram, by rising edges: `count[i]` values lie between `left[i]` and `right[i]`, all f8[k].

    k may be 0 and a bucket may have no width. `minimum` and `maximum` are the outermost edges (0.0 when k is 0),
    `total` is the number of values. `sum` and `sum_squares` are of the values themselves, and `number` says how many
    there were, whether or not they are in a bucket (NaN is in none); only some writers know them.
    """

    left: Column
    right: Column
    count: Column
    minimum: float
    maximum: float
    total: float
    sum: float | None = None
    sum_squares: float | None = None
    number: float | None = None


@dataclass(frozen=True, slots=True)
class Images:
    """Encoded images of one step. `width` and `height` in pixels are those of the first, by its own header."""

    width: int
    height: int
    samples: list[bytes]


@dataclass(frozen=True, slots=True)
class Audio:
    """Encoded sounds of one step, with their labels (Markdown, often empty).

    `sample_rate` in Hz, `channels` and `seconds` are those of the first, by its own header where it is a WAV.
    """

    sample_rate: float
    channels: int
    seconds: float
    content_type: str
    samples: list[bytes]
    labels: list[str]


@dataclass(frozen=True, slots=True)
class Text:
    """A text or a table of texts. `shape` is as it was written; of more than two dimensions `rows` is the first table.

    One text (shape () ) is one row of one cell, a list of texts one cell a row. Bytes that are no UTF-8 are U+FFFD.
    """

    shape: tuple[int, ...]
    rows: list[list[str]]

    @property
    def plain(self) -> str:
        """All of it as lines, cells of a row separated by tabs."""
        return "\n".join("\t".join(row) for row in self.rows)


@dataclass(frozen=True, slots=True)
class PrCurve:
    """Counts and ratios at n thresholds from 0 to 1, all f8[n]."""

    thresholds: Column
    true_positives: Column
    false_positives: Column
    true_negatives: Column
    false_negatives: Column
    precision: Column
    recall: Column


def summary_head(value: Value, plugin: str) -> Head:
    """What a list says about the last value of a series.

    histograms: buckets, min, max, total; images: width, height and bytes of the first sample, samples; audio: bytes,
    sample_rate, seconds of the first; text: the first characters; None for other plugins. Raises BadSummary.
    """
    if plugin == "histograms":
        buckets = histogram(value)
        low, high = buckets.minimum, buckets.maximum
        return {"buckets": len(buckets.count), "min": low, "max": high, "total": buckets.total}
    if plugin == "images":
        pictures = images(value)
        size = len(pictures.samples[0]) if pictures.samples else 0
        return {"width": pictures.width, "height": pictures.height, "bytes": size, "samples": len(pictures.samples)}
    if plugin == "audio":
        sounds = audio(value)
        size = len(sounds.samples[0]) if sounds.samples else 0
        return {"bytes": size, "sample_rate": sounds.sample_rate, "seconds": sounds.seconds}
    if plugin == "text":
        return text(value).plain[:HEAD_CHARACTERS]
    return None


@np.errstate(all="ignore")  # whatever numbers a file holds, no warning may be printed over the screen
def histogram(value: Value) -> Histogram:
    """The buckets of a histogram: the TF1 message or a tensor of (left, right, count) rows. Raises BadSummary."""
    if value.kind == "histogram":
        return _histogram_message(value.body)
    rows = _tensor(value)
    if rows.dtype == object or rows.dtype.kind == "c" or (rows.size and (rows.ndim != 2 or rows.shape[1] != 3)):
        raise BadSummary(f"a histogram is rows of three numbers, this has the shape {list(rows.shape)}")
    columns = np.ascontiguousarray(rows.reshape(-1, 3).T, dtype=np.float64)
    low, high = (float(columns[0, 0]), float(columns[1, -1])) if rows.size else (0.0, 0.0)
    return Histogram(columns[0], columns[1], columns[2], low, high, float(columns[2].sum()))


def _histogram_message(body: memoryview) -> Histogram:
    """HistogramProto, by the rule of TensorBoard's Python side (`data_compat`).

    Empty buckets at both ends go; the smallest and largest value are the outermost edges, because the outermost limits
    may be infinite, and the first bucket's left edge is not stored at all.
    """
    numbers = dict.fromkeys((0x09, 0x11, 0x19, 0x21, 0x29), 0.0)  # min, max, num, sum, sum_squares
    packed: dict[int, list[memoryview]] = {6: [], 7: []}
    try:
        for key, _, piece in wire.fields(body):
            if key in numbers:
                numbers[key] = struct.unpack("<d", piece)[0]
            elif key >> 3 in packed and key & 7 in (wire.BYTES, wire.FIXED64):
                packed[key >> 3].append(piece)
    except wire.BadWire as bad:
        raise BadSummary(f"not a histogram: {bad}") from None
    limits, counts = (_doubles(pieces) for pieces in packed.values())
    if len(limits) != len(counts):
        raise BadSummary(f"the histogram has {len(limits)} bucket limits and {len(counts)} counts")
    used = np.flatnonzero(counts > 0)
    if len(used) == 0:
        sums = numbers[0x21], numbers[0x29], numbers[0x19]
        return Histogram(limits[:0], limits[:0], counts[:0], 0.0, 0.0, 0.0, *sums)
    first, last = int(used[0]), int(used[-1])
    low, high = numbers[0x09], numbers[0x11]
    inner = limits[first:last]
    left, right = np.concatenate(([low], inner)), np.concatenate((inner, [high]))
    counts = counts[first : last + 1]
    sums = numbers[0x21], numbers[0x29], numbers[0x19]
    return Histogram(left, right, counts, low, high, float(counts.sum()), *sums)


def _doubles(pieces: list[memoryview]) -> Column:
    data = b"".join(pieces)
    if len(data) % 8:
        raise BadSummary("the histogram ends inside a number")
    return np.frombuffer(data, dtype="<f8").astype(np.float64)


def images(value: Value) -> Images:
    """The encoded images: the TF1 message or a string tensor of width, height and images. Raises BadSummary."""
    if value.kind == "image":
        numbers, texts = _simple_message(value.body, "image")
        width, height, samples = numbers.get(2, 0), numbers.get(1, 0), [texts[4]] if 4 in texts else []
    else:
        parts = _string_list(value)
        if len(parts) < 2:
            raise BadSummary(f"images begin with their width and height, here are {len(parts)} strings")
        width, height, samples = _decimal(parts[0]), _decimal(parts[1]), parts[2:]
    if samples:
        info = image_info(samples[0])
        if info is not None and info.width:
            width, height = info.width, info.height
    return Images(width, height, samples)


def audio(value: Value) -> Audio:
    """The encoded sounds: the TF1 message or a string tensor [k] or [k, 2] with labels. Raises BadSummary."""
    rate, channels, seconds, content_type = 0.0, 0, 0.0, "audio/wav"
    if value.kind == "audio":
        numbers, texts = _simple_message(value.body, "audio")
        stated = texts.get(1, b"")
        rate = float(struct.unpack("<f", stated)[0]) if len(stated) == 4 else 0.0
        channels, frames = numbers.get(2, 0), numbers.get(3, 0)
        seconds = frames / rate if rate > 0 else 0.0
        content_type = texts.get(5, b"").decode("utf-8", "replace") or content_type
        samples, labels = [texts[4]] if 4 in texts else [], [""] if 4 in texts else []
    else:
        table = _tensor(value)
        if table.dtype != object:
            raise BadSummary("audio is a tensor of strings, this holds numbers")
        paired = table.ndim >= 2 and table.shape[1] >= 2
        samples = [bytes(cell) for cell in (table[:, 0] if paired else table).reshape(-1)]
        labels = [_words(cell) for cell in table[:, 1].reshape(-1)] if paired else [""] * len(samples)
    if samples:
        info = sound_info(samples[0])
        if info is not None:
            rate, channels, seconds = float(info.sample_rate), info.channels, info.seconds
    return Audio(rate, channels, seconds, content_type, samples, labels)


def text_cells(value: Value) -> NDArray[np.object_]:
    """The strings of a text summary as they were logged: bytes in an array of any rank. Raises BadSummary."""
    table = _tensor(value)
    if table.dtype != object:
        raise BadSummary("text is a tensor of strings, this holds numbers")
    return table


def text(value: Value) -> Text:
    """The texts of a string tensor of any rank. Raises BadSummary."""
    table = text_cells(value)
    shape = table.shape
    while table.ndim > 2:
        table = table[0] if len(table) else table.reshape(0, 0)
    if table.ndim < 2:
        table = table.reshape(-1, 1)
    return Text(shape, [[_words(cell) for cell in row] for row in table])


@np.errstate(all="ignore")
def pr_curve(value: Value) -> PrCurve:
    """The six rows of a PR curve tensor. Raises BadSummary."""
    rows = _tensor(value)
    if rows.dtype == object or rows.dtype.kind == "c" or rows.ndim != 2 or rows.shape[0] != 6:
        raise BadSummary(f"a PR curve is six rows of numbers, this has the shape {list(rows.shape)}")
    columns = rows.astype(np.float64)
    return PrCurve(np.linspace(0.0, 1.0, rows.shape[1]), *columns)


def _tensor(value: Value) -> NDArray[Any]:
    if value.kind != "tensor":
        raise BadSummary("the value carries no data" if value.kind == "none" else f"the value is a {value.kind}")
    try:
        return decode_tensor(value.body)
    except BadTensor as bad:
        raise BadSummary(str(bad)) from None


def _string_list(value: Value) -> list[bytes]:
    table = _tensor(value)
    if table.dtype != object:
        raise BadSummary("this is a tensor of strings, here are numbers")
    return [bytes(cell) for cell in table.reshape(-1)]


def _simple_message(body: memoryview, name: str) -> tuple[dict[int, int], dict[int, bytes]]:
    """The last varint, and the last bytes, of each field of a message without parts."""
    numbers: dict[int, int] = {}
    texts: dict[int, bytes] = {}
    try:
        for key, number, piece in wire.fields(body):
            if key & 7 == wire.VARINT:
                numbers[key >> 3] = wire.signed64(number)
            else:
                texts[key >> 3] = bytes(piece)
    except wire.BadWire as bad:
        raise BadSummary(f"not a {name} message: {bad}") from None
    return numbers, texts


def _words(cell: bytes) -> str:
    return cell.decode("utf-8", "replace")


def _decimal(digits: bytes) -> int:
    return int(digits) if digits.isdigit() and len(digits) < 10 else 0
