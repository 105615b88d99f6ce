"""Steps over long records of an open file: images, graphs, big tensors. Only their heads are read."""

from __future__ import annotations

import os
import struct
from collections.abc import Callable

import numpy as np

from tbtui.events.blobs import blob_parts
from tbtui.events.buffer import Buffer
from tbtui.events.checksum import length_checksum, length_checksums
from tbtui.events.chunk import Item
from tbtui.events.glances import SHORTEST, glance, glance_at_all
from tbtui.events.headers import LONGEST, Headers
from tbtui.events.others import Others, Place
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES, OVERHEAD
from tbtui.events.skim import Skimmed, Unskimmable, skim
from tbtui.events.wire import BadWire

LONG = 1 << 16  # bytes of a record; shorter ones are read with the others around them

_HEAD = 512
_HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_FEW, _MANY = 64, 1024  # records of which the heads are looked at together: behind a new tag, and at most
_STEP_COST = 4096  # bytes that could be read in the time one step takes
_VERIFIED = 8 << 20  # payloads up to here are read whole where they show a new tag
_WHOLE = 64 << 20  # payloads up to here are read whole where nothing else tells what they are


class Stepper:
    """Steps through long records of an open file; what they are goes to `others`, with span number `span`."""

    def __init__(self, descriptor: int, size: int, others: Others, span: int, seen: set[str]) -> None:
        self._descriptor = descriptor
        self._size = size
        self._others = others
        self._span = span
        self._seen = seen
        self._most = _MANY

    def step_over(self, position: int, room: int) -> tuple[int, int]:
        """Step over long records from file offset `position` on.

        Returns the offset of the first record that is to be read in the usual way, and how many bytes of `room` are
        left when each step is paid for; 0: no time is left. Raises OSError when not even one step could be taken.
        """
        begin = position
        try:
            while room > 0 and self._size - position > LONG:
                following, cost = self._step(position, room)
                if following == position:
                    break
                position = following
                room -= cost
                if cost == _STEP_COST:  # it was no new tag, so others may be known as well
                    position, cost = self._leap(position, room)
                    room -= cost
        except OSError:
            if position == begin:
                raise
            return position, 0
        return position, max(room, 0)

    def _step(self, position: int, room: int) -> tuple[int, int]:
        """(offset of the next record, cost); the offset stays where the record is not to be stepped over."""
        head = os.pread(self._descriptor, _HEAD, position)
        if len(head) < _HEAD:
            return position, 0
        length, checksum = _HEADER.unpack_from(head)
        following = position + length + OVERHEAD
        if length + OVERHEAD <= LONG or length >= LONGEST or following > self._size:
            return position, 0
        if length_checksum(length) != checksum:
            return position, 0
        seen = glance(head, HEADER_BYTES, length)
        if seen is not None:
            tag = str(seen.tag, "utf-8", "replace")
            if tag in self._seen:
                item = Item(self._span, seen.kind, tag, seen.step, seen.wall, position, length, 0, None, None)
                self._others.items.append(item)
                return following, _STEP_COST
        return self._skim(position, length, head[HEADER_BYTES:], room)

    def _leap(self, position: int, room: int) -> tuple[int, int]:
        """As `_step`, for all records of known tags that follow each other from `position` on: a tenth of the time."""
        heads, ends = self._heads(position, min(self._most, room // _STEP_COST))
        if not heads:
            return position, 0
        at = np.array(ends[:-1], np.int64)
        buffer = Buffer(len(at) * SHORTEST)
        buffer.mem[:] = b"".join(heads)
        headers = Headers(np.arange(len(at)) * SHORTEST, np.diff(ends) - OVERHEAD)
        place = Place(np.full(len(at), self._span), at)
        glances = glance_at_all(buffer, headers)
        right = glances.usual & (length_checksums(headers.lengths) == buffer.u4[headers.at + 8])
        count = len(at) if right.all() else int(right.argmin())
        seen = {self._span: self._seen}
        parts, strangers = blob_parts(buffer, headers, place, glances, np.arange(count), seen)
        if len(strangers):
            count = int(strangers[0])
            parts, _ = blob_parts(buffer, headers, place, glances, np.arange(count), seen)
        self._others.add_parts(parts, ())
        self._most = min(2 * self._most, _MANY) if count == len(at) else _FEW  # heads behind a stranger are read again
        return ends[count], count * _STEP_COST

    def _heads(self, position: int, most: int) -> tuple[list[bytes], list[int]]:
        """First bytes of at most `most` long records from `position` on, if that is what they are; and where each
        begins, with the end of the last."""
        heads: list[bytes] = []
        ends = [position]
        descriptor, size, read, unpack = self._descriptor, self._size, os.pread, _LENGTH.unpack_from
        try:
            while size - position > LONG and len(heads) < most:
                head = read(descriptor, SHORTEST, position)
                if len(head) < SHORTEST:
                    break
                length = unpack(head)[0]
                position += length + OVERHEAD
                if not LONG < length + OVERHEAD < LONGEST or position > size:
                    break
                heads.append(head)
                ends.append(position)
        except OSError:  # the step that comes to this place tells what is wrong
            return heads, ends
        return heads, ends

    def _skim(self, position: int, length: int, head: bytes, room: int) -> tuple[int, int]:
        following = position + length + OVERHEAD
        try:
            event = skim(self._source(position + HEADER_BYTES, head), length)
        except BadWire as bad:
            self._problem(position, f"not an event: {bad}; the record is left out")
            return following, _STEP_COST
        except Unskimmable:
            if length + OVERHEAD <= room:
                return position, 0
            return following, self._read_whole(position, length)
        if length <= _VERIFIED and any(value.tag not in self._seen for value in event.values):
            return following, self._read_whole(position, length)
        self._note(event, position, length)
        return following, _STEP_COST

    def _note(self, event: Skimmed, position: int, length: int) -> None:
        """Items for what was skimmed."""
        add = self._others.items.append
        span, step, wall = self._span, event.step, event.wall
        if event.kind != "summary":
            add(Item(span, event.kind, event.tag, step, wall, position, length, 0, None, None))
        for index, value in enumerate(event.values):
            add(Item(span, value.kind, value.tag, step, wall, position, length, index, value.metadata, None))
            self._seen.add(value.tag)

    def _read_whole(self, position: int, length: int) -> int:
        """Read a record by itself, however long; returns the cost."""
        if length > _WHOLE:
            self._problem(position, f"a record of {length} bytes is too long to be read; it is left out")
            return _STEP_COST
        record = os.pread(self._descriptor, length + FOOTER_BYTES, position + HEADER_BYTES)
        if len(record) < length + FOOTER_BYTES:
            raise OSError("the file became shorter while it was read")
        payload = memoryview(record)[:length]
        checksum = int.from_bytes(record[length:], "little")
        self._others.read_all(payload, checksum, self._span, position, self._seen)
        return length

    def _problem(self, position: int, reason: str) -> None:
        self._others.problems.append((self._span, position, reason))

    def _source(self, payload: int, head: bytes) -> Callable[[int, int], bytes]:
        """Bytes of the payload that begins at file offset `payload`; its head is there already."""

        def read(begin: int, end: int) -> bytes:
            if end <= len(head):
                return head[begin:end]
            return os.pread(self._descriptor, end - begin, payload + begin)

        return read
