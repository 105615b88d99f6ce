"""What a long record is, from a few of its bytes: it is stepped over, and read when it is looked at.

The fields of the event are followed from one to the next, wherever they lie, and only the short ones are read: wall
time, step, tag, metadata. What has to be read whole to be understood (numbers, anything unusual) is not skimmed.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tbtui.events.parse import Metadata, parse_metadata
from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, read_varint, signed64, text

Source = Callable[[int, int], bytes]
"""Returns the bytes from one position of the payload to another; fewer where the file ends. May raise OSError."""

_WALL = struct.Struct("<d")
_EVENT_KINDS = {0x22: "graph", 0x42: "run_metadata", 0x4A: "meta_graph"}
_VALUE_KINDS = {0x22: "image", 0x2A: "histogram", 0x32: "audio", 0x42: "tensor"}
_MOST_FIELDS = 4096
_NUMBER_BYTES = 1024  # a tensor up to this length may be a number
_LONGEST_TAG = 1 << 16
_LONGEST_METADATA = 16 << 20


class Unskimmable(Exception):
    """The record has to be read whole."""


@dataclass(slots=True)
class SkimmedValue:
    """One value of a summary; `metadata` where it carries some."""

    kind: str = "none"
    tag: str = ""
    metadata: Metadata | None = None


@dataclass(slots=True)
class Skimmed:
    """`kind` is "summary" or one of the kinds of an item that are no values; `tag` belongs to those."""

    kind: str = ""
    wall: float = 0.0
    step: int = 0
    tag: str = ""
    values: list[SkimmedValue] = field(default_factory=list)


def skim(source: Source, length: int) -> Skimmed:
    """Skim a payload of `length` bytes. Raises Unskimmable; BadWire where it is no event; OSError from the source."""
    event = Skimmed()
    for key, number, begin, end in _fields(source, 0, length):
        if key == 0x09:
            event.wall = _WALL.unpack(source(begin, end))[0]
        elif key == 0x10:
            event.step = signed64(number)
        elif key in _EVENT_KINDS and not event.kind:
            event.kind = _EVENT_KINDS[key]
            if key == 0x42:
                event.tag = _first_text(source, begin, end)
        elif key == 0x2A and not event.kind:
            event.kind = "summary"
            event.values = [
                _value(source, first, last) for key, _, first, last in _fields(source, begin, end) if key == 0x0A
            ]
        elif key >> 3 <= 9:
            raise Unskimmable
    if not event.kind:
        raise Unskimmable
    return event


def _value(source: Source, begin: int, end: int) -> SkimmedValue:
    value = SkimmedValue()
    for key, _, first, last in _fields(source, begin, end):
        if key == 0x0A and last - first <= _LONGEST_TAG and not value.tag:
            value.tag = text(memoryview(source(first, last)))
        elif key in _VALUE_KINDS and value.kind == "none":
            if key == 0x42 and last - first <= _NUMBER_BYTES:
                raise Unskimmable
            value.kind = _VALUE_KINDS[key]
        elif key == 0x4A and value.metadata is None and last - first <= _LONGEST_METADATA:
            value.metadata = parse_metadata(memoryview(source(first, last)))
        elif key >> 3 <= 9:
            raise Unskimmable
    if not value.tag:
        raise Unskimmable
    return value


def _first_text(source: Source, begin: int, end: int) -> str:
    for key, _, first, last in _fields(source, begin, end):
        if key == 0x0A and last - first <= _LONGEST_TAG:
            return text(memoryview(source(first, last)))
    return ""


def _fields(source: Source, begin: int, end: int) -> Iterator[tuple[int, int, int, int]]:
    """(key, number of a varint, begin and end of the content) of each field."""
    for _ in range(_MOST_FIELDS):
        if begin == end:
            return
        head = memoryview(source(begin, min(begin + 20, end)))
        key, at = read_varint(head, 0)
        wire, number, size = key & 7, 0, 0
        if wire == VARINT:
            number, at = read_varint(head, at)
        elif wire == BYTES:
            size, at = read_varint(head, at)
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise Unskimmable
        begin += at
        if begin + size > end:
            raise BadWire(f"field {key >> 3} says {size} bytes, {end - begin} are left")
        yield key, number, begin, begin + size
        begin += size
    raise Unskimmable
