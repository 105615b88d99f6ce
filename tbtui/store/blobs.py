"""Reading a value back from the file it lies in: nothing but its place was kept when the file was read."""

from __future__ import annotations

import struct

from tbtui.events.checksum import masked_crc32c
from tbtui.events.parse import BadEvent, Event, Value, parse_event
from tbtui.store.series import Reference

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")


class BlobUnreadable(ValueError):
    """The value can't be read back; the text says why in words."""


def read_event(reference: Reference) -> Event:
    """The event a reference points to, its checksum verified. Raises BlobUnreadable."""
    payload = read_payload(reference)
    try:
        return parse_event(payload)
    except BadEvent as error:
        raise BlobUnreadable(f"the record is no event: {error}") from error


def read_value(reference: Reference) -> Value:
    """The summary value a reference points to. Raises BlobUnreadable."""
    event = read_event(reference)
    try:
        return event.values[reference.index]
    except IndexError:
        raise BlobUnreadable("the record does not hold that value any more") from None


def read_payload(reference: Reference) -> bytes:
    """The record's payload. Raises BlobUnreadable where the file is gone, was rewritten or is damaged there."""
    size = _HEADER.size + reference.length + _FOOTER.size
    try:
        with open(reference.slot.path, "rb") as file:
            file.seek(reference.offset)
            record = file.read(size)
    except OSError as error:
        raise BlobUnreadable(f"the file can't be read: {error.strerror or error}") from error
    if len(record) < size or _HEADER.unpack_from(record)[0] != reference.length:
        raise BlobUnreadable("the file has changed since it was read")
    payload = bytes(memoryview(record)[_HEADER.size : size - _FOOTER.size])
    if masked_crc32c(payload) != _FOOTER.unpack_from(record, size - _FOOTER.size)[0]:
        raise BlobUnreadable("the checksum of the record is wrong")
    return payload
