"""Everything that is no fast scalar, record by record: what it is and where it lies.

Most of it is only glanced at: the first bytes of a record tell kind, tag and step, and the rest is decoded when it is
looked at. A tag that a file shows for the first time is read completely, and its checksum verified: a damaged byte must
not become a new tag.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.checksum import masked_crc32c
from tbtui.events.chunk import Columns, Item, ScalarPart
from tbtui.events.parse import BadEvent, Event, Value, parse_event
from tbtui.events.wire import signed64

_WALL = struct.Struct("<d")
_KINDS = {0x22: "image", 0x2A: "histogram", 0x32: "audio", 0x42: "tensor"}
_SMALL = 512  # payloads up to here are read completely: they may be numbers, texts or metadata

WRONG_CHECKSUM = "the checksum of a record is wrong; the record is left out"


class Glance(NamedTuple):
    """What the first bytes of an event with one value tell."""

    kind: str
    tag: bytes
    step: int
    wall: float


def glance(data: memoryview | bytes, at: int, end: int, length: int) -> Glance | None:
    """Look at the payload data[at:end], of which there are `length` bytes in all; None where it is not usual.

    Usual is what all known writers do for histograms, images, sounds and tensors: wall time, step, a summary with one
    value, its tag, its content.
    """
    try:
        last = at + length
        if data[at] != 0x09:
            return None
        wall = _WALL.unpack_from(data, at + 1)[0]
        at += 9
        step = 0
        if data[at] == 0x10:
            step, at = _varint(data, at + 1)
        for key in 0x2A, 0x0A:  # the summary, then its only value: each must go on to the end
            if data[at] != key:
                return None
            size, at = _varint(data, at + 1)
            if at + size != last:
                return None
        if data[at] != 0x0A:
            return None
        size, at = _varint(data, at + 1)
        if at + size >= end:
            return None
        kind = _KINDS.get(data[at + size])
        return None if kind is None else Glance(kind, bytes(data[at : at + size]), signed64(step), wall)
    except (IndexError, struct.error):
        return None


def _varint(data: memoryview | bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        byte = data[at]
        at += 1
        number |= (byte & 0x7F) << shift
        if byte < 0x80:
            return number, at
        shift += 7


class Others:
    """Reads single records into the lists of a chunk."""

    def __init__(self) -> None:
        self.parts: list[ScalarPart] = []
        self.items: list[Item] = []
        self.problems: list[tuple[int, int, str]] = []

    def read(self, payload: memoryview, checksum: int, span: int, offset: int, seen: set[str]) -> None:
        """Read one record that lies in memory."""
        length = len(payload)
        if length > _SMALL:
            seen_at = glance(payload, 0, length, length)
            if seen_at is not None:
                tag = str(seen_at.tag, "utf-8", "replace")
                if tag in seen:
                    self.items.append(
                        Item(span, seen_at.kind, tag, seen_at.step, seen_at.wall, offset, length, 0, None, None)
                    )
                    return
        self.read_all(payload, checksum, span, offset, seen)

    def read_all(self, payload: memoryview, checksum: int, span: int, offset: int, seen: set[str]) -> None:
        """Read one record completely, its checksum too."""
        if masked_crc32c(payload) != checksum:
            self.problems.append((span, offset, WRONG_CHECKSUM))
            return
        try:
            event = parse_event(payload)
        except BadEvent as bad:
            self.problems.append((span, offset, f"{bad}; the record is left out"))
            return
        if event.kind == "summary":
            self._summary(event, span, offset, len(payload), seen)
        elif event.kind != "none":
            step, wall = event.step, event.wall
            self.items.append(Item(span, event.kind, event.tag, step, wall, offset, len(payload), 0, None, None))

    def _summary(self, event: Event, span: int, offset: int, length: int, seen: set[str]) -> None:
        for index, value in enumerate(event.values):
            plugin = value.metadata.plugin if value.metadata is not None else ""
            scalar = value.scalar
            if scalar is not None and (plugin or ("scalars" if value.kind == "scalar" else "")) == "scalars":
                self.parts.append(_one_point(span, value, event, scalar, offset))
                continue
            seen.add(value.tag)
            kind = "tensor" if value.kind == "scalar" else value.kind
            self.items.append(
                Item(span, kind, value.tag, event.step, event.wall, offset, length, index, value.metadata, scalar)
            )


def _one_point(span: int, value: Value, event: Event, number: float, offset: int) -> ScalarPart:
    steps, walls = np.array([event.step], np.int64), np.array([event.wall], np.float64)
    values: NDArray[np.float32] | NDArray[np.float64]
    if value.kind == "scalar":
        values = np.frombuffer(value.body, "<f4").astype(np.float32, copy=True)  # as written, a signalling NaN too
    else:
        values = np.array([number], np.float32) if value.single else np.array([number], np.float64)
    columns = Columns(steps, walls, values, np.array([offset], np.int64))
    return ScalarPart(span, value.tag, columns, 0, 1)
