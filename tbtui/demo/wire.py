"""Protobuf's wire format, as much of it as a writer of event files needs: fields of a message to bytes.

A message is the concatenation of its fields, so every function here returns the bytes of one field.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable


def varint(value: int) -> bytes:
    """A number in groups of seven bits, lowest first; negative ones as 64-bit two's complement (ten bytes)."""
    value &= (1 << 64) - 1
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def integer(field: int, value: int) -> bytes:
    """An int32, int64, bool or enum field."""
    return varint(field << 3) + varint(value)


def double(field: int, value: float) -> bytes:
    """A double field."""
    return varint(field << 3 | 1) + struct.pack("<d", value)


def single(field: int, value: float) -> bytes:
    """A float field."""
    return varint(field << 3 | 5) + struct.pack("<f", value)


def data(field: int, value: bytes | str) -> bytes:
    """A string, bytes or message field."""
    content = value.encode() if isinstance(value, str) else value
    return varint(field << 3 | 2) + varint(len(content)) + content


def message(field: int, parts: Iterable[bytes]) -> bytes:
    """A message field from the bytes of its own fields."""
    return data(field, b"".join(parts))


def entry(field: int, name: str, value: bytes) -> bytes:
    """One entry of a map field whose values are messages."""
    return message(field, [data(1, name), data(2, value)])
