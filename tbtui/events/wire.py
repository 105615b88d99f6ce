"""The protobuf wire format, field by field, without the protobuf library.

Reading an event file must not pay for importing and building protobuf classes, and must be kinder than they are: one
tag with a wrong byte does not make a whole event unreadable. Source: the encoding chapter of the protobuf manual.
"""

from __future__ import annotations

from collections.abc import Iterator

VARINT, FIXED64, BYTES, GROUP_START, GROUP_END, FIXED32 = range(6)

MAX_NESTING = 100  # groups in groups; the limit of the official parsers
_EMPTY = memoryview(b"")


class BadWire(ValueError):
    """The bytes are not a protobuf message; the text says why."""


def key(number: int, wire: int) -> int:
    """The number that begins a field: field number and wire type together."""
    return number << 3 | wire


def read_varint(data: memoryview, position: int) -> tuple[int, int]:
    """Read one variable-length number: (unsigned 64-bit value, position behind it)."""
    value = shift = 0
    try:
        while True:
            byte = data[position]
            position += 1
            value |= (byte & 0x7F) << shift
            if byte < 0x80:
                return value & 0xFFFFFFFFFFFFFFFF, position
            shift += 7
            if shift == 70:
                raise BadWire("a number is longer than ten bytes")
    except IndexError:
        raise BadWire("the message ends inside a number") from None


def write_varint(number: int) -> bytes:
    """The bytes of one unsigned number; the inverse of `read_varint`."""
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def fields(data: memoryview) -> Iterator[tuple[int, int, memoryview]]:
    """Go through the fields of one message in the order they were written.

    Yields (key, number, body): `key` is `key(field number, wire type)`; `number` is the unsigned value of a varint
    (0 for the others); `body` holds the bytes of the other kinds (4 or 8 for fixed ones; empty for varints). Groups
    are stepped over. Raises BadWire where the bytes are no message; fields before that place were yielded.
    """
    position, end = 0, len(data)
    while position < end:
        tag = data[position]
        if tag < 0x80:
            position += 1
        else:
            tag, position = read_varint(data, position)
        wire = tag & 7
        if tag < 8 or tag > 0xFFFFFFFF:
            raise BadWire(f"{tag >> 3} is no field number")
        if wire == BYTES:
            length, position = read_varint(data, position)
            if length > end - position:
                raise BadWire(f"field {tag >> 3} says {length} bytes, {end - position} are left")
            yield tag, 0, data[position : position + length]
            position += length
        elif wire == VARINT:
            number, position = read_varint(data, position)
            yield tag, number, _EMPTY
        elif wire in (FIXED32, FIXED64):
            length = 4 if wire == FIXED32 else 8
            if length > end - position:
                raise BadWire(f"field {tag >> 3} needs {length} bytes, {end - position} are left")
            yield tag, 0, data[position : position + length]
            position += length
        elif wire == GROUP_START:
            position = _skip_group(data, position, tag >> 3)
        elif wire == GROUP_END:
            raise BadWire(f"group {tag >> 3} ends without a beginning")
        else:
            raise BadWire(f"field {tag >> 3} has the unknown wire type {wire}")


def _skip_group(data: memoryview, position: int, number: int) -> int:
    """Step over a group whose start was just read: position behind its end. No recursion, whatever the nesting."""
    open_groups = [number]
    while open_groups:
        tag, position = read_varint(data, position)
        wire = tag & 7
        if wire == GROUP_START:
            open_groups.append(tag >> 3)
            if len(open_groups) > MAX_NESTING:
                raise BadWire(f"groups are nested deeper than {MAX_NESTING}")
        elif wire == GROUP_END:
            if open_groups.pop() != tag >> 3:
                raise BadWire(f"group {tag >> 3} ends without a beginning")
        elif wire == VARINT:
            _, position = read_varint(data, position)
        elif wire in (FIXED32, FIXED64):
            position += 4 if wire == FIXED32 else 8
        elif wire == BYTES:
            length, position = read_varint(data, position)
            position += length
        else:
            raise BadWire(f"field {tag >> 3} has the unknown wire type {wire}")
        if position > len(data):
            raise BadWire(f"the message ends inside group {open_groups[0] if open_groups else number}")
    return position


def signed64(number: int) -> int:
    """An int64 as its varint carries it (two's complement)."""
    return number - (1 << 64) if number >> 63 else number


def signed32(number: int) -> int:
    """An int32 or enum as its varint carries it: the low 32 bits, two's complement."""
    number &= 0xFFFFFFFF
    return number - (1 << 32) if number >> 31 else number


def text(body: memoryview) -> str:
    """Bytes as text; what is no UTF-8 becomes U+FFFD."""
    return str(body, "utf-8", "replace")
