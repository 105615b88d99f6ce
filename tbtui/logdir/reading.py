"""Reads event files in bites: many small files share one buffer, long records are stepped over.

How it is used (one ``BiteReader`` per reading thread; nothing here starts a thread)::

    reader = BiteReader()
    cursor = Cursor(path)                          # one per file, kept by the caller
    for result in reader.read([ReadRequest(cursor, check)], capacity=8 << 20):
        if result.error is not None: ...           # an OSError of this file alone; the cursor has not moved: try again later
        elif result.refused: ...                   # `check` said this is another file: make a new Cursor (or forget the file)
        else: ...                                  # result.chunk, where result.span is this file's span number

``read`` takes the requests in order and fills one buffer of at most ``capacity`` bytes.  It answers for the
requests it came to, in their order; what is missing at the end of the answer was not reached: ask again.
``waiting`` says what to do next with a file:

* ``""``        all of it (as large as it was when read) is used; come back when it has grown
* ``"more"``    there are unread bytes: ask again at once
* ``"torn"``    the last record is not all there yet: come back when it has grown
* ``"zeros"``   zero bytes to the end: not written yet.  Come back when size **or** mtime have changed
* ``"damage"``  what follows is no record and no record was found behind it; reported as a problem.
  Come back when size or mtime have changed

Each file is opened, checked, read and closed within the call: no descriptor is held between calls, nothing is
mapped, nothing is ever written.  Identity is checked on the very descriptor that is read.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tbtui.events.decoder import Chunk

Check = Callable[[int, os.stat_result], bool]
"""Called with the open descriptor and its ``fstat``; False means: not the file we knew, read nothing."""


@dataclass(slots=True)
class Cursor:
    """Where reading of one file goes on.  Moved by ``BiteReader.read``; to read a file again, make a new one.

    ``offset``: file offset of the next byte to use.  ``seen``: the tags of this file whose metadata were decoded.
    ``gap``: offset at which damage (or zeros) began that are being searched for the next record, else None.
    """

    path: str
    offset: int = 0
    seen: set[str] = field(default_factory=set)
    gap: int | None = None


@dataclass(frozen=True, slots=True)
class ReadRequest:
    """One file to read on, from its cursor; at most ``limit`` bytes of it in this bite (None: as the buffer allows)."""

    cursor: Cursor
    check: Check | None = None
    limit: int | None = None


class ReadResult(NamedTuple):
    """What became of one request.

    ``status``: the file's state when it was opened (None where it could not be).  ``consumed``: how far the cursor
    moved.  ``chunk``/``span``: what was decoded, and the number of this file's span in it (the chunk is shared by all
    files of the call; None only with ``error`` or ``refused``).  ``first``/``last``: the first (at most 256) and the
    last (at most 64) of the consumed bytes, to know the file again by.
    """

    request: ReadRequest
    status: os.stat_result | None
    consumed: int
    waiting: str
    chunk: Chunk | None
    span: int
    first: bytes = b""
    last: bytes = b""
    error: OSError | None = None
    refused: bool = False


class BiteReader:
    """Reads bites of event files into one reusable buffer and decodes them."""

    def read(self, requests: Sequence[ReadRequest], capacity: int = 8 << 20) -> list[ReadResult]:
        """Read on from the cursors of ``requests`` until ``capacity`` bytes are read; see the top of the module."""
        results: list[ReadResult] = []
        left = capacity
        for request in requests:
            if left <= 0:
                break
            result = _read_one(request, left)
            left -= max(result.consumed, 1)
            results.append(result)
        return results


def _read_one(request: ReadRequest, capacity: int) -> ReadResult:
    import struct

    import numpy as np

    from tbtui.events.chunk import Columns, Item, ScalarPart
    from tbtui.events.checksum import masked_crc32c
    from tbtui.events.parse import parse_event

    cursor = request.cursor
    try:
        with open(cursor.path, "rb") as file:
            status = os.fstat(file.fileno())
            if request.check is not None and not request.check(file.fileno(), status):
                return ReadResult(request, status, 0, "", None, 0, refused=True)
            file.seek(cursor.offset)
            data = file.read(min(capacity, request.limit or capacity))
    except OSError as error:
        return ReadResult(request, None, 0, "", None, 0, error=error)
    pos, waiting, scalars, items, problems = 0, "", [], [], []
    if len(data) == capacity and cursor.offset + capacity < status.st_size:
        waiting = "more"
    while pos < len(data):
        if not any(data[pos : pos + 12]):
            waiting = "zeros"
            break
        if pos + 12 > len(data):
            waiting = waiting or "torn"
            break
        length, crc = struct.unpack_from("<QI", data, pos)
        if masked_crc32c(data[pos : pos + 8]) != crc:
            problems.append((0, cursor.offset + pos, "no record here"))
            waiting = "damage"
            break
        if pos + length + 16 > len(data):
            waiting = waiting or "torn"
            break
        payload = data[pos + 12 : pos + 12 + length]
        offset = cursor.offset + pos
        pos += length + 16
        try:
            event = parse_event(payload)
        except ValueError as error:
            problems.append((0, offset, str(error)))
            continue
        if event.kind != "summary":
            items.append(Item(0, event.kind, event.tag, event.step, event.wall, offset, length, 0, None, None))
            continue
        for index, value in enumerate(event.values):
            plugin = value.metadata.plugin if value.metadata else ""
            if value.scalar is not None and (value.kind == "scalar" or plugin == "scalars"):
                kind = np.float32 if value.single else np.float64
                columns = Columns(
                    np.array([event.step], np.int64),
                    np.array([event.wall]),
                    np.array([value.scalar], kind),
                    np.array([offset], np.int64),
                )
                scalars.append(ScalarPart(0, value.tag, columns, 0, 1))
            else:
                items.append(
                    Item(0, value.kind, value.tag, event.step, event.wall, offset, length, index, value.metadata, value.scalar)
                )
    first, last = data[: min(pos, 256)], data[max(0, pos - 64) : pos]
    cursor.offset += pos
    return ReadResult(request, status, pos, waiting, Chunk([pos], [waiting], scalars, items, problems), 0, first, last)
