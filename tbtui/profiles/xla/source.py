"""The bytes of a capture: where they come from, and the fields that messages in them have.

A file is read a stretch at a time, and what is made of a stretch is made while it lies in the processor's cache: the
whole of it in memory would cost more than reading it.
"""

from __future__ import annotations

import os
import threading
import weakref
from collections.abc import Iterator
from io import FileIO
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.wire import BYTES, FIXED32, FIXED64, VARINT, BadWire, read_varint, text

TAIL = 512
"""Bytes at the end of a window in which nothing is looked for: what is looked at would reach out of it."""

_WINDOW = 1 << 21  # bytes that are looked at together
_REACH = 1 << 12  # bytes behind them that are read as well, for what begins in them
_NEAR = 1 << 16  # bytes that are read where a field is asked for
_HEAD = 20  # bytes of the key of a field and of its number or length, at most


class Part(NamedTuple):
    """A field of a message: its key, the number of a varint, and where the body of the others lies."""

    key: int
    number: int
    begin: int
    end: int


class InMemory:
    """Bytes that are there."""

    def __init__(self, data: bytes | memoryview) -> None:
        self._data, self.size = memoryview(data), len(data)

    def read(self, begin: int, end: int) -> memoryview:
        """data[begin:end]."""
        return self._data[begin:end]

    def changed(self) -> bool:
        """Whether they are others by now."""
        return False


class InFile:
    """The bytes of a file, which is open as long as somebody may ask for them. Raises OSError."""

    def __init__(self, path: str) -> None:
        self._file = FileIO(path)
        weakref.finalize(self, self._file.close)
        self._reading = threading.Lock()
        self._was = self._state()
        self.size = self._was[0]

    def read(self, begin: int, end: int) -> memoryview:
        """data[begin:end]; zeros, which are no fields, for what is gone."""
        content = np.empty(end - begin, np.uint8).data
        done = 0
        with self._reading:
            self._file.seek(begin)
            while done < len(content) and (read := self._file.readinto(content[done:])):
                done += read
        content[done:] = bytes(len(content) - done)
        return content

    def changed(self) -> bool:
        """Whether the file was written to since it was opened."""
        return self._state() != self._was

    def _state(self) -> tuple[int, int]:
        status = os.fstat(self._file.fileno())
        return status.st_size, status.st_mtime_ns


class Bytes:
    """The bytes of a capture; remembers whether any of it could not be read. Positions count from its beginning."""

    def __init__(self, data: bytes | memoryview | InFile) -> None:
        self._from = data if isinstance(data, InFile) else InMemory(data)
        self.size = self._from.size
        self._near = (memoryview(b""), 0)  # what was read last, and where it begins
        self.missing = 0  # bytes that lengths tell of and that are not there
        self.damaged = 0  # messages that end before their end

    def changed(self) -> bool:
        """Whether the bytes are others by now, so that positions in them tell nothing."""
        return self._from.changed()

    def window(self, begin: int, end: int) -> Window:
        """The first stretch of what lies between two positions, and a little of what is behind it."""
        limit = min(begin + _WINDOW, end)
        return Window(self, begin, limit, self._from.read(begin, min(limit + _REACH, self.size)))

    def content(self, begin: int, end: int) -> memoryview:
        """The bytes between two positions."""
        near, first = self._near
        if first <= begin and end <= first + len(near):
            return near[begin - first : end - first]
        return self._from.read(begin, end)

    def text(self, part: Part) -> str:
        """The body of a field as text."""
        return text(self.content(part.begin, part.end))

    def parts(self, begin: int, end: int) -> Iterator[Part]:
        """The fields of the message between two positions; a body that reaches out of it is cut there."""
        at = begin
        while at < end:
            part = self.part(at, end)
            if part is None:
                return
            yield part
            at = part.end

    def part(self, at: int, end: int) -> Part | None:
        """The field that begins at `at`; None where none can be read."""
        near, first = self._near
        if at < first or min(at + _HEAD, self.size) > first + len(near):
            near, first = self._from.read(at, min(at + _NEAR, self.size)), at
            self._near = near, first
        try:
            return self._part(near[: end - first], first, at, end)
        except BadWire:
            self.damaged += 1
            return None

    def _part(self, near: memoryview, first: int, at: int, end: int) -> Part:
        tag, behind = read_varint(near, at - first)
        wire = tag & 7
        if tag < 8:
            raise BadWire("no field")
        if wire == VARINT:
            number, behind = read_varint(near, behind)
            return Part(tag, number, first + behind, first + behind)
        length = {FIXED64: 8, FIXED32: 4}.get(wire, -1)
        if wire == BYTES:
            length, behind = read_varint(near, behind)
        if length < 0:
            raise BadWire("no field")
        position = first + behind
        if length > end - position:
            if end == self.size:
                self.missing = max(self.missing, length - (end - position))
            else:
                self.damaged += 1
            length = end - position
        return Part(tag, 0, position, position + length)


class Window:
    """A stretch of a capture in memory: from `begin` to `limit`, and some bytes behind it; only before `last` there is
    enough behind what is looked at. `bytes`: uint8[n]; `words`: the eight bytes from each place on, uint64[n - 7].
    Positions count from the beginning of the capture, places from that of the window."""

    def __init__(self, source: Bytes, begin: int, limit: int, data: memoryview) -> None:
        self._source, self.begin, self.limit, self.data = source, begin, limit, data
        self.bytes: NDArray[np.uint8] = np.frombuffer(data, np.uint8)
        self.words: NDArray[np.uint64] = np.ndarray((max(len(data) - 7, 0),), "<u8", data, 0, (1,))
        self.last = begin + len(data) - TAIL

    def content(self, begin: int, end: int) -> memoryview:
        """The bytes between two places, also behind the window."""
        if end <= len(self.data):
            return self.data[begin:end]
        return self._source.content(self.begin + begin, self.begin + end)
