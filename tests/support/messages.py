"""Protobuf messages put together byte by byte, for what no protobuf library would write."""

from __future__ import annotations

import struct
from pathlib import Path

from tbtui.events.wire import BYTES, FIXED32, FIXED64, GROUP_END, GROUP_START, VARINT, key, write_varint


def varint(number: int, value: int) -> bytes:
    """A field with a number; negative ones in ten bytes, as int64 are."""
    return write_varint(key(number, VARINT)) + write_varint(value & 0xFFFFFFFFFFFFFFFF)


def double(number: int, value: float) -> bytes:
    return write_varint(key(number, FIXED64)) + struct.pack("<d", value)


def single(number: int, value: float) -> bytes:
    return write_varint(key(number, FIXED32)) + struct.pack("<f", value)


def message(number: int, *parts: bytes | str) -> bytes:
    """A field with bytes, text, or a message of these parts."""
    body = b"".join(part.encode() if isinstance(part, str) else part for part in parts)
    return write_varint(key(number, BYTES)) + write_varint(len(body)) + body


def group(number: int, *parts: bytes) -> bytes:
    return write_varint(key(number, GROUP_START)) + b"".join(parts) + write_varint(key(number, GROUP_END))


def doubles(number: int, values: list[float]) -> bytes:
    """A packed repeated field."""
    return message(number, struct.pack(f"<{len(values)}d", *values))


def shape(*sizes: int) -> bytes:
    """A TensorProto's shape field."""
    return message(2, *(message(2, varint(1, size)) for size in sizes))


def tensor(dtype: int, *parts: bytes) -> bytes:
    """A TensorProto."""
    return varint(1, dtype) + b"".join(parts)


def metadata(plugin: str, content: bytes = b"") -> bytes:
    """A Value's metadata field."""
    return message(9, message(1, message(1, plugin), *([message(2, content)] if content else [])))


def value(tag: str | bytes, *parts: bytes) -> bytes:
    """A Summary's value field."""
    return message(1, message(1, tag), *parts)


def summary(*values: bytes, step: int = 0, wall: float = 1_700_000_000.0) -> bytes:
    """An Event with a summary."""
    return double(1, wall) + (varint(2, step) if step else b"") + message(5, *values)


def payloads(path: Path) -> list[bytes]:
    """The payloads of a file's records; checksums are another test's business."""
    data, found, position = path.read_bytes(), [], 0
    while position < len(data):
        (length,) = struct.unpack_from("<Q", data, position)
        found.append(data[position + 12 : position + 12 + length])
        position += length + 16
    return found
