"""Where the numbers of a scalar event lie: its layout, learnt from one record by reading it field by field.

Looked at is the event's tail, what comes behind wall time and step. Tails of one layout and one tag differ in values
only. What is too unusual for the fast path (a value written twice, tensors of whole numbers, ...) has no layout here
and goes the slow way.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from tbtui.events.parse import parse_metadata
from tbtui.events.tensors import single_number
from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, read_varint

_VALUE_NUMBERS = frozenset(range(2, 9)) - {7}  # simple_value, the TF1 messages, tensor
_TENSOR_VALUE_NUMBERS = range(4, 19)
_WIDTHS = {0x22: None, 0x2A: 4, 0x2D: 4, 0x32: 8, 0x31: 8}  # tensor_content, float_val and double_val, packed or not


class Slot(NamedTuple):
    """A number in the tail: `offset` from the tail's beginning, `dtype` "<f4" or "<f8"."""

    offset: int
    dtype: str


class Layout(NamedTuple):
    """A tag and a slot for each value."""

    tags: tuple[str, ...]
    slots: tuple[Slot, ...]


class _Unusual(Exception):
    """The tail has no layout."""


def find_layout(tail: bytes) -> Layout | None:
    """The layout of the tail of an event that holds nothing but scalars, None for any other."""
    data = memoryview(tail)
    try:
        values = [value for summary in _only(data, 0, len(data), 0x2A, 10) for value in _all(data, *summary)]
        found = [_scalar(data, *value) for value in values]
    except (_Unusual, BadWire, IndexError):
        return None
    if not found:
        return None
    tags, slots = zip(*found, strict=True)
    return Layout(tags, slots)


def _fields(data: memoryview, begin: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(key, begin, end) of the content of each field."""
    while begin < end:
        key, begin = read_varint(data, begin)
        wire = key & 7
        if wire == BYTES:
            size, begin = read_varint(data, begin)
        elif wire == VARINT:
            size = read_varint(data, begin)[1] - begin
        elif wire in (FIXED32, FIXED64):
            size = 4 if wire == FIXED32 else 8
        else:
            raise _Unusual
        if begin + size > end:
            raise _Unusual
        yield key, begin, begin + size
        begin += size


def _only(data: memoryview, begin: int, end: int, wanted: int, known: int) -> list[tuple[int, int]]:
    """The one field of key `wanted`, beside which only numbers above `known` may stand."""
    found: list[tuple[int, int]] = []
    for key, first, last in _fields(data, begin, end):
        if key == wanted and not found:
            found.append((first, last))
        elif key >> 3 <= known:
            raise _Unusual
    return found


def _all(data: memoryview, begin: int, end: int) -> list[tuple[int, int]]:
    """The values of a summary."""
    found = []
    for key, first, last in _fields(data, begin, end):
        if key == 0x0A:
            found.append((first, last))
        elif key >> 3 == 1:
            raise _Unusual
    return found


def _scalar(data: memoryview, begin: int, end: int) -> tuple[str, Slot]:
    """Tag and slot of a value that is a scalar by itself: a simple_value, or one number of plugin "scalars"."""
    tag = plugin = slot = None
    simple = False
    for key, first, last in _fields(data, begin, end):
        if key == 0x0A and tag is None:
            tag = str(data[first:last], "utf-8", "replace")
        elif key == 0x4A and plugin is None:
            plugin = parse_metadata(data[first:last]).plugin
        elif key == 0x15 and slot is None:
            slot, simple = Slot(first, "<f4"), True
        elif key == 0x42 and slot is None:
            slot = _tensor_slot(data, first, last)
        elif key >> 3 in _VALUE_NUMBERS or key >> 3 in (1, 9):
            raise _Unusual
    if not tag or slot is None or (plugin or ("scalars" if simple else "")) != "scalars":
        raise _Unusual
    return tag, slot


def _tensor_slot(data: memoryview, begin: int, end: int) -> Slot:
    """Where the only number of a float or double tensor lies."""
    if single_number(data[begin:end]) is None:
        raise _Unusual
    kind = slot = None
    for key, first, last in _fields(data, begin, end):
        if key == 0x08 and kind is None:
            kind = {1: 4, 2: 8}.get(data[first])
        elif key in _WIDTHS and slot is None and _WIDTHS[key] in (None, last - first):
            slot = (first, last - first)
        elif key >> 3 == 1 or key >> 3 in _TENSOR_VALUE_NUMBERS:
            raise _Unusual
    if slot is None or slot[1] != kind:
        raise _Unusual
    return Slot(slot[0], f"<f{kind}")
