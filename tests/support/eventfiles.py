"""Event files for tests of decoding: written by TensorBoard's own classes, read back by protobuf as the standard."""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c

from tbtui.events import checksum
from tbtui.events.chunk import Chunk, Item
from tbtui.events.decoder import Buffer, Decoder, Span

LAYOUTS = ("tf1", "tf2", "torch", "double", "described")

Point = tuple[int, bytes, bytes, int]  # step, wall time and value bit by bit (value as float64), file offset


def framed(payload: bytes) -> bytes:
    """A record, its checksums by TensorBoard's code (a long payload's by ours, which `test_checksum` holds to it)."""
    length = struct.pack("<Q", len(payload))
    return length + _checksum(length) + payload + _checksum(payload)


def _checksum(data: bytes) -> bytes:
    function = masked_crc32c if len(data) < 4096 else checksum.masked_crc32c
    return struct.pack("<I", function(data) & 0xFFFFFFFF)


def header(length: int) -> bytes:
    """A header alone, with the right checksum for any length."""
    raw = struct.pack("<Q", length)
    return raw + _checksum(raw)


def version() -> bytes:
    """The record that begins a file."""
    return framed(event_pb2.Event(wall_time=1.5e9, file_version="brain.Event:2").SerializeToString())


def scalar_value(tag: str, value: float, layout: str = "tf1") -> summary_pb2.Summary.Value:
    """A value as one of the writers in use writes it."""
    if layout == "tf1":
        return summary_pb2.Summary.Value(tag=tag, simple_value=value)
    out = summary_pb2.Summary.Value(tag=tag)
    out.metadata.plugin_data.plugin_name = "scalars"
    out.tensor.dtype = types_pb2.DT_DOUBLE if layout == "double" else types_pb2.DT_FLOAT
    if layout == "torch":
        out.tensor.float_val.append(value)
        return out
    out.tensor.tensor_shape.SetInParent()
    if layout == "double":
        out.tensor.tensor_content = struct.pack("<d", value)
    else:
        out.tensor.tensor_content = struct.pack("<f", value)
    if layout == "described":
        out.metadata.summary_description = "what it means"
        out.metadata.display_name = "a name"
    return out


def scalars(step: int, wall: float, values: Sequence[summary_pb2.Summary.Value]) -> bytes:
    """The payload of an event that holds these values."""
    event = event_pb2.Event(step=step, wall_time=wall, summary=summary_pb2.Summary(value=values))
    payload: bytes = event.SerializeToString()
    return payload


def scalar(tag: str, step: int, value: float, wall: float = 1.5e9, layout: str = "tf1") -> bytes:
    """The record of one scalar."""
    return framed(scalars(step, wall, [scalar_value(tag, value, layout)]))


def curve(tag: str, count: int, layout: str = "tf1", first: int = 0) -> list[bytes]:
    """Records of a tag at `count` steps."""
    return [scalar(tag, step, step / 7, 1.5e9 + step / 3, layout) for step in range(first, first + count)]


def records(data: bytes) -> Iterator[tuple[int, bytes]]:
    """Offset and payload of each whole record of an undamaged file."""
    at = 0
    while at + 12 <= len(data):
        length = struct.unpack_from("<Q", data, at)[0]
        if at + length + 16 > len(data):
            return
        yield at, data[at + 12 : at + 12 + length]
        at += length + 16


def bits(number: float) -> bytes:
    """A float64 bit by bit; every NaN is the same."""
    return b"nan" if number != number else struct.pack("<d", number)


def expected(data: bytes) -> dict[str, list[Point]]:
    """The scalar points of an undamaged file, by protobuf, one record at a time."""
    points: dict[str, list[Point]] = {}
    for offset, payload in records(data):
        event = event_pb2.Event.FromString(payload)
        for value in event.summary.value:
            number = _number(value)
            if number is not None:
                points.setdefault(value.tag, []).append((event.step, bits(event.wall_time), bits(number), offset))
    return points


def _number(value: summary_pb2.Summary.Value) -> float | None:
    if value.WhichOneof("value") == "simple_value":
        return float(value.simple_value)
    if value.WhichOneof("value") != "tensor" or value.metadata.plugin_data.plugin_name != "scalars":
        return None
    tensor = value.tensor
    if tensor.tensor_content:
        kind = "<d" if tensor.dtype == types_pb2.DT_DOUBLE else "<f"
        return float(struct.unpack(kind, tensor.tensor_content)[0])
    return float(tensor.float_val[0] if tensor.float_val else tensor.double_val[0])


def items_of(chunk: Chunk, span: int) -> list[Item]:
    """All items of a span, those that came in parts too; some of them not in file order."""
    parts = [item for part in chunk.blobs if part.span == span for item in part.items()]
    return [item for item in chunk.items if item.span == span] + parts


@dataclass
class Reading:
    """What was decoded of one file."""

    points: dict[str, list[Point]] = field(default_factory=dict)
    items: list[Item] = field(default_factory=list)
    problems: list[tuple[int, str]] = field(default_factory=list)
    consumed: int = 0
    waiting: str = ""

    def add(self, chunk: Chunk, span: int) -> None:
        """Take in what a chunk says of one of its spans."""
        for part in chunk.scalars:
            if part.span == span:
                steps, walls, values = (column[part.rows()].tolist() for column in part.columns[:3])
                offsets = part.offsets().tolist()
                assert part.first_offset() == offsets[0]
                self.points.setdefault(part.tag, []).extend(
                    zip(steps, map(bits, walls), map(bits, values), offsets, strict=True)
                )
        self.items += sorted(items_of(chunk, span), key=lambda item: item.offset)
        self.problems += [(offset, reason) for number, offset, reason in chunk.problems if number == span]
        self.consumed += chunk.consumed[span]
        self.waiting = chunk.waiting[span]

    def sorted_points(self) -> dict[str, list[Point]]:
        """The points of each tag in file order; those of one record as they were written."""
        return {tag: sorted(points, key=lambda point: point[3]) for tag, points in self.points.items()}


def decode(*files: bytes, decoder: Decoder | None = None) -> list[Reading]:
    """Decode whole files together, from one buffer."""
    buffer = Buffer(sum(map(len, files)))
    spans, begin = [], 0
    for data in files:
        buffer.mem[begin : begin + len(data)] = data
        spans.append(Span(begin, begin + len(data), 0))
        begin += len(data)
    chunk = (decoder or Decoder()).decode(buffer, spans, [set() for _ in files])
    readings = [Reading() for _ in files]
    for number, reading in enumerate(readings):
        reading.add(chunk, number)
    return readings


def decode_growing(data: bytes, cuts: Sequence[int], decoder: Decoder | None = None) -> Reading:
    """Decode a file that has each of these sizes for a while, from where the last time left off."""
    decoder = decoder or Decoder()
    buffer, reading, seen = Buffer(len(data)), Reading(), set[str]()
    for size in [*sorted(cuts), len(data)]:
        rest = data[reading.consumed : size]
        buffer.mem[: len(rest)] = rest
        reading.add(decoder.decode(buffer, [Span(0, len(rest), reading.consumed)], [seen]), 0)
    return reading


def single_bits(value: float) -> float:
    """The float32 nearest to a number, as a float."""
    return float(np.float32(value))
