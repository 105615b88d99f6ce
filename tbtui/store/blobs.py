"""Reading a value back from the file it lies in: nothing but its place was kept when the file was read."""

from __future__ import annotations

import os
import struct

from tbtui.events.checksum import masked_crc32c
from tbtui.events.parse import BadEvent, Event, Value, parse_event
from tbtui.store.series import Reference

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")

MOST_LOOKED_UP = 4 << 20
"""Longer records are not read for what they say of a scalar."""


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
    return value_of(read_event(reference), reference)


def value_of(event: Event, reference: Reference) -> Value:
    """Which value of the event it is. Raises BlobUnreadable."""
    try:
        return event.values[reference.index]
    except IndexError:
        raise BlobUnreadable("the record does not hold that value any more") from None


def read_payload(reference: Reference) -> bytes:
    """The record's payload. Raises BlobUnreadable where the file is gone, was rewritten or is damaged there, or where
    the payload has more bytes than are to be read (`FileSlot.longest`)."""
    length, reason = reference.length, too_long(reference)
    if reason:
        raise BlobUnreadable(reason)
    try:
        with open(reference.slot.path, "rb", opener=_open_at_once) as file:
            file.seek(reference.offset)
            header, payload, footer = file.read(_HEADER.size), file.read(length), file.read(_FOOTER.size)
    except OSError as error:
        raise BlobUnreadable(f"the file can't be read: {error.strerror or error}") from error
    if len(footer) < _FOOTER.size or _HEADER.unpack(header)[0] != length:
        raise BlobUnreadable("the file has changed since it was read")
    if masked_crc32c(payload) != _FOOTER.unpack(footer)[0]:
        raise BlobUnreadable("the checksum of the record is wrong")
    return payload


def too_long(reference: Reference) -> str:
    """Why a record is not to be read back, if it has more bytes than may be; else nothing."""
    if reference.length <= reference.slot.longest:
        return ""
    most = reference.slot.longest >> 20
    return f"a record of {reference.length} bytes is too long to be looked at: --longest-record is {most} MB"


def read_event_at(path: str, offset: int, most: int = MOST_LOOKED_UP) -> Event:
    """The event of the record at an offset of a file, which has at most `most` bytes. Raises BlobUnreadable."""
    try:
        with open(path, "rb", opener=_open_at_once) as file:
            file.seek(offset)
            header = file.read(_HEADER.size)
            length = _HEADER.unpack(header)[0] if len(header) == _HEADER.size else most + 1
            rest = file.read(length + _FOOTER.size) if length <= most else b""
    except OSError as error:
        raise BlobUnreadable(f"the file can't be read: {error.strerror or error}") from error
    payload, footer = rest[: -_FOOTER.size], rest[-_FOOTER.size :]
    if len(rest) < _FOOTER.size or len(payload) != length or masked_crc32c(payload) != _FOOTER.unpack(footer)[0]:
        raise BlobUnreadable("the file has changed since it was read")
    try:
        return parse_event(payload)
    except BadEvent as error:
        raise BlobUnreadable(f"the record is no event: {error}") from error


def _open_at_once(path: str, flags: int) -> int:
    """Opens a file; a pipe that took its place must not hold us up until somebody writes."""
    return os.open(path, flags | os.O_NONBLOCK)
