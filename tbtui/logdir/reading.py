"""Reads event files in bites: many small files share one buffer, long records are stepped over.

How it is used (one ``BiteReader`` per reading thread; nothing here starts a thread)::

    reader = BiteReader()
    cursor = Cursor(path)                          # one per file, kept by the caller
    for result in reader.read([ReadRequest(cursor, check)], capacity=8 << 20):
        if result.error is not None: ...    # an OSError of this file alone; the cursor has not moved: try again later
        elif result.refused: ...            # `check` said this is another file: make a new Cursor (or forget it)
        else: ...                           # result.chunk, where result.span is this file's span number

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

import errno
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from tbtui.events.buffer import Buffer, keep_freed_memory
from tbtui.events.chunk import Chunk, Span
from tbtui.events.decoder import Decoder
from tbtui.events.framing import NOTHING_BEHIND
from tbtui.events.others import Others
from tbtui.events.record import HEADER_BYTES, OVERHEAD
from tbtui.logdir.ahead import READ_FLAGS, ROOM, ReadAhead, read_into
from tbtui.logdir.identity import stat_key
from tbtui.logdir.stepping import LONG, Stepper

Check = Callable[[int, os.stat_result], bool]
"""Called with the open descriptor and its ``fstat``; False means: not the file we knew, read nothing."""


@dataclass(slots=True)
class Cursor:
    """Where reading of one file goes on.  Moved by ``BiteReader.read``; to read a file again, make a new one.

    ``offset``: file offset of the next byte to use.  ``seen``: the tags of this file whose metadata were decoded.
    ``gap``: offset at which damage (or zeros) began that are being searched for the next record, else None.
    ``reported``: offset of the damage behind which nothing was found, once that was reported.
    """

    path: str
    offset: int = 0
    seen: set[str] = field(default_factory=set)
    gap: int | None = None
    reported: int | None = None


class ReadRequest(NamedTuple):
    """One file to read on, from its cursor; at most ``limit`` bytes of it in this bite (at least 64 kB; None: as the
    buffer allows)."""

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


_MOST_BYTES = 64 << 20  # of one bite, whatever is asked for
_TASTE = 256 << 10  # bytes read first of a large file: they show whether long records follow, to be stepped over
_LONG_BITE = 0.15  # seconds
_FIRST, _LAST = 256, 64  # bytes that a file is known by
_ZEROS = 1 << 20  # bytes that are looked at in one go for the end of zeros
_AHEAD = 1 << 20  # bytes that a file must have left for it to pay to read ahead


@dataclass(slots=True)
class _Bite:
    """What was read for one request: records that were stepped over (`others`), then a span.

    `begin`: file offset where the bite begins. `first`: the bytes there; `last`: those right before the span; both
    only where something was stepped over.
    """

    request: ReadRequest
    status: os.stat_result
    begin: int
    span: Span
    others: Others | None = None
    first: bytes = b""
    last: bytes = b""


class BiteReader:
    """Reads bites of event files into one reusable buffer and decodes them. Not for several threads at once.

    Records that no fast path takes are read one by one, a hundred times slower than others: while bites take long (by
    `clock`, in seconds) they are made smaller, so that what was read is told several times a second all the same.
    cut_short: no more files are opened for the read that is under way, once there is one; set by any thread.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._decoder = Decoder()
        self._buffer = Buffer(0)
        self._ahead = ReadAhead()
        self._most = _MOST_BYTES
        self.cut_short = False

    def read(self, requests: Sequence[ReadRequest], capacity: int = 8 << 20) -> list[ReadResult]:
        """Read on from the cursors of `requests` until `capacity` bytes are read; see the top of the module.

        `capacity` is at least 64 kB. Cursors are moved when all has been decoded.
        """
        if not requests:
            return []
        started = self._clock()
        capacity = max(min(capacity, self._most), LONG)
        if self._buffer.capacity < capacity + ROOM:
            keep_freed_memory()  # of the thread that reads: each has its own
            self._ahead.release()
            self._buffer = Buffer(capacity + ROOM)
        self._buffer, begin = self._ahead.swap(self._buffer, requests[0].cursor.path, requests[0].cursor.offset)
        end = begin + capacity
        answers: list[_Bite | ReadResult] = []
        bites: list[_Bite] = []
        fill = begin
        for request in requests:
            if bites and (end - fill < LONG or self.cut_short):
                break
            answer = self._take(request, fill, end, len(bites))
            answers.append(answer)
            if isinstance(answer, _Bite):
                bites.append(answer)
                fill = answer.span.end
        if bites:
            self._read_on(bites[-1], capacity)
        seen = [bite.request.cursor.seen for bite in bites]
        chunk = self._decoder.decode(self._buffer, [bite.span for bite in bites], seen)
        results = iter([self._finish(bite, chunk, number) for number, bite in enumerate(bites)])
        self._pace(self._clock() - started, fill - begin)
        return [next(results) if isinstance(answer, _Bite) else answer for answer in answers]

    def release(self) -> None:
        """Give back the memory that is only kept for the next read: for when there is nothing more to read for now."""
        self._buffer = Buffer(0)
        self._ahead.release()
        self._decoder.release()

    def _read_on(self, bite: _Bite, capacity: int) -> None:
        """Let the bytes behind a bite be read, if they are many and the next bite is most likely to begin with them."""
        request, span, status = bite.request, bite.span, bite.status
        size = span.end - span.begin
        if 2 * size > capacity and status.st_size - span.offset - size > _AHEAD and request.limit is None:
            self._ahead.begin(request.cursor.path, stat_key(status), span.offset + size, self._buffer, span.end)

    def _pace(self, seconds: float, size: int) -> None:
        """Choose how large the next bite may be, by how long this one of `size` bytes took."""
        if seconds > _LONG_BITE:
            self._most = max(min(size, self._most) // 2, LONG)
        elif seconds < _LONG_BITE / 4:
            self._most = min(2 * self._most, _MOST_BYTES)

    def _take(self, request: ReadRequest, fill: int, end: int, number: int) -> _Bite | ReadResult:
        """Open, check, read and close one file; its bytes go to buffer[fill:end]."""
        status = None
        try:
            descriptor = os.open(request.cursor.path, READ_FLAGS)
            try:
                status = os.fstat(descriptor)
                if request.check is not None and not request.check(descriptor, status):
                    return ReadResult(request, status, 0, "", None, 0, refused=True)
                return self._bite(request, descriptor, status, fill, end, number)
            finally:
                os.close(descriptor)
        except OSError as error:
            return ReadResult(request, status, 0, "", None, 0, error=error)

    def _bite(
        self, request: ReadRequest, descriptor: int, status: os.stat_result, fill: int, end: int, number: int
    ) -> _Bite:
        cursor, size = request.cursor, status.st_size
        begin = position = cursor.offset
        room = end - fill if request.limit is None else min(end - fill, max(request.limit, LONG))
        bite = _Bite(request, status, begin, Span(fill, fill, begin))
        if cursor.gap is None and size - position > LONG:
            others = Others()
            position, room = Stepper(descriptor, size, others, number, cursor.seen).step_over(position, room)
            if position > begin:
                bite.others = others
                bite.first = os.pread(descriptor, min(_FIRST, position - begin), begin)
                bite.last = os.pread(descriptor, min(_LAST, position - begin), max(begin, position - _LAST))
        if begin == 0 and size > end:
            room = min(room, _TASTE)
        count = max(0, min(room, size - position))
        at_hand = self._ahead.bytes_at_hand(cursor.path, stat_key(status), begin)
        if at_hand and position == begin:
            got = min(count, at_hand)
        else:
            got = read_into(descriptor, self._buffer.mem[fill : fill + count], position)
        bite.span = Span(fill, fill + got, position, cursor.gap)
        return bite

    def _finish(self, bite: _Bite, chunk: Chunk, number: int) -> ReadResult:
        """Move the cursor and say what to do next."""
        if bite.others is not None:
            chunk.scalars.extend(bite.others.parts)
            chunk.items[:0] = bite.others.items
            chunk.blobs.extend(bite.others.blobs)
            chunk.problems.extend(bite.others.problems)
        span, cursor = bite.span, bite.request.cursor
        consumed, waiting = chunk.consumed[number], chunk.waiting[number]
        position = span.offset + consumed
        end = span.offset + span.end - span.begin
        gap = cursor.gap if consumed == 0 else None
        first, last = self._ends(bite, consumed)
        if waiting == "damage":
            gap = position if gap is None else gap
            at_end = end >= bite.status.st_size
            if not at_end or cursor.reported == gap:
                _take_back(chunk, number, gap)
            if at_end:
                cursor.reported = gap
                gap = cursor.gap if consumed == 0 else None
            else:
                waiting, position = "more", max(position, end - HEADER_BYTES + 1)
        elif waiting == "zeros" and end < bite.status.st_size:
            data = _end_of_zeros(cursor.path, bite.status, end)
            if data is not None:
                gap = position if gap is None else gap
                waiting, position = "more", max(position, data - HEADER_BYTES + 1)
        elif end < bite.status.st_size and not self._is_torn(bite, consumed):
            waiting = "more"
        cursor.offset, cursor.gap = position, gap
        return ReadResult(bite.request, bite.status, position - bite.begin, waiting, chunk, number, first, last)

    def _is_torn(self, bite: _Bite, consumed: int) -> bool:
        """Whether the record behind the consumed ones goes on behind the end of the file, not only of the bite."""
        begin = bite.span.begin + consumed
        if bite.span.end - begin < HEADER_BYTES:
            return False
        length = int(self._buffer.u8[begin])
        return bite.span.offset + consumed + length + OVERHEAD > bite.status.st_size

    def _ends(self, bite: _Bite, consumed: int) -> tuple[bytes, bytes]:
        """The first and the last of the bytes that were consumed as records."""
        span = bite.span
        if not bite.last:
            first = self._buffer.bytes_at(span.begin, span.begin + min(_FIRST, consumed))
        else:
            first = bite.first
            if len(first) < _FIRST:
                first += self._buffer.bytes_at(span.begin, span.begin + min(_FIRST - len(first), consumed))
        begin = span.begin + max(0, consumed - _LAST)
        last = self._buffer.bytes_at(begin, span.begin + consumed)
        return first, (bite.last + last)[-_LAST:]


def _take_back(chunk: Chunk, number: int, offset: int) -> None:
    """Remove the problem that no record was found behind damage: it is known already, or the search goes on."""
    chunk.problems[:] = [
        problem
        for problem in chunk.problems
        if problem[:2] != (number, offset) or not problem[2].endswith(NOTHING_BEHIND)
    ]


def _end_of_zeros(path: str, status: os.stat_result, position: int) -> int | None:
    """Where from `position` on the first byte lies that is not zero; None where there is none, or it can't be told."""
    try:
        descriptor = os.open(path, READ_FLAGS)
    except OSError:
        return None
    try:
        now = os.fstat(descriptor)
        if (now.st_dev, now.st_ino) != (status.st_dev, status.st_ino):
            return None
        while position < status.st_size:
            position = _behind_hole(descriptor, position, status.st_size)
            piece = os.pread(descriptor, _ZEROS, position)
            if not piece:
                return None
            if any(piece):
                return position + len(piece) - len(piece.lstrip(b"\0"))
            position += len(piece)
        return None
    except OSError:  # unreadable: the next read will tell
        return None
    finally:
        os.close(descriptor)


def _behind_hole(descriptor: int, position: int, size: int) -> int:
    """Where the next bytes lie that the file system has stored; the position itself where it can't tell."""
    try:
        return os.lseek(descriptor, position, os.SEEK_DATA)
    except OSError as error:
        return size if error.errno == errno.ENXIO else position
    except AttributeError:  # not every system has it
        return position
