"""Reading many values back, one after the other: each file is opened once, and what was read last is kept."""

from __future__ import annotations

import os
import struct
from collections.abc import Iterable, Iterator

from tbtui.events.checksum import masked_crc32c
from tbtui.events.parse import BadEvent, Event, Value, parse_event
from tbtui.store.blobs import BlobUnreadable, too_long, value_of
from tbtui.store.history import FileSlot
from tbtui.store.series import Reference

__all__ = ["read_values"]

_HEADER = struct.Struct("<QI")
_FOOTER = struct.Struct("<I")


def read_values(references: Iterable[Reference]) -> Iterator[Value | BlobUnreadable]:
    """What `blobs.read_value` reads or raises, for each of the references; quickest in the order of the file.

    Values that one event holds are read together when their references follow each other.
    """
    files: dict[str, int] = {}
    last: tuple[FileSlot, int] | None = None
    event: Event | BlobUnreadable = BlobUnreadable("nothing was read")
    try:
        for reference in references:
            if last is None or last[0] is not reference.slot or last[1] != reference.offset:
                last = (reference.slot, reference.offset)
                event = _event(files, reference)
            try:
                yield event if isinstance(event, BlobUnreadable) else value_of(event, reference)
            except BlobUnreadable as error:
                yield error
    finally:
        for file in files.values():
            os.close(file)


def _event(files: dict[str, int], reference: Reference) -> Event | BlobUnreadable:
    path, length = reference.slot.path, reference.length
    reason = too_long(reference)
    if reason:
        return BlobUnreadable(reason)
    try:
        if path not in files:
            files[path] = os.open(path, os.O_RDONLY | os.O_NONBLOCK | getattr(os, "O_CLOEXEC", 0))
        record = os.pread(files[path], _HEADER.size + length + _FOOTER.size, reference.offset)
    except OSError as error:
        return BlobUnreadable(f"the file can't be read: {error.strerror or error}")
    payload = memoryview(record)[_HEADER.size : _HEADER.size + length]
    if len(record) < _HEADER.size + length + _FOOTER.size or _HEADER.unpack_from(record)[0] != length:
        return BlobUnreadable("the file has changed since it was read")
    if masked_crc32c(payload) != _FOOTER.unpack_from(record, _HEADER.size + length)[0]:
        return BlobUnreadable("the checksum of the record is wrong")
    try:
        return parse_event(payload)
    except BadEvent as error:
        return BlobUnreadable(f"the record is no event: {error}")
