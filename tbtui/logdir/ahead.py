"""Reads on in a large file while what was read of it before is decoded: the system copies bytes beside NumPy."""

from __future__ import annotations

import os
import stat
import threading

from tbtui.events.buffer import Buffer
from tbtui.logdir.identity import StatKey, stat_key

READ_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY  # nothing that is no file may hold us up

ROOM = 1 << 16
"""Bytes at the beginning of a buffer into which is read ahead: for what is left of those before."""


class ReadAhead:
    """Two buffers take turns: while one is decoded, the bytes that come next in its last file are read into the other.

    The thread that reads ends when it has read; no file stays open.
    """

    def __init__(self) -> None:
        self._spare = Buffer(0)
        self._reading: _Reading | None = None
        self._at_hand: _Reading | None = None

    def begin(self, path: str, key: StatKey, offset: int, buffer: Buffer, end: int) -> None:
        """Read a file from `offset` on, while it is in the state `key`; the bytes before end at `end` of `buffer`."""
        if self._spare.capacity != buffer.capacity:
            self._spare = Buffer(buffer.capacity)
        self._reading = _Reading(path, key, offset, end, self._spare)

    def swap(self, buffer: Buffer, path: str, offset: int) -> tuple[Buffer, int]:
        """The buffer to use next, and where in it the bytes of this file begin that are read next, from `offset` on;
        `buffer` is the one that was used."""
        self._at_hand = None
        reading, self._reading = self._reading, None
        if reading is None:
            return buffer, 0
        reading.thread.join()
        left = reading.offset - offset
        if reading.path != path or not reading.count or not 0 <= left <= ROOM:
            return buffer, 0
        self._spare.u1[ROOM - left : ROOM] = buffer.u1[reading.end - left : reading.end]
        following, self._spare = self._spare, buffer
        self._at_hand = reading
        return following, ROOM - left

    def bytes_at_hand(self, path: str, key: StatKey, offset: int) -> int:
        """How many bytes of a file in this state, from `offset` on, are in the buffer that was swapped in."""
        reading, self._at_hand = self._at_hand, None
        if reading is None or (reading.path, reading.key) != (path, key):
            return 0
        return reading.offset + reading.count - offset

    def release(self) -> None:
        """Give back the memory; what was read ahead is forgotten."""
        if self._reading is not None:
            self._reading.thread.join()
        self._spare, self._reading, self._at_hand = Buffer(0), None, None


class _Reading:
    """The bytes of a file from `offset` on, being read into a buffer from ROOM on; how many there are, when the thread
    has ended. `end`: where the bytes before them end in the other buffer."""

    def __init__(self, path: str, key: StatKey, offset: int, end: int, buffer: Buffer) -> None:
        self.path, self.key, self.offset, self.end = path, key, offset, end
        self.count = 0
        self.thread = threading.Thread(target=self._read, args=(buffer.mem[ROOM:],), name="tbtui-ahead", daemon=True)
        self.thread.start()

    def _read(self, memory: memoryview) -> None:
        try:
            descriptor = os.open(self.path, READ_FLAGS)
            try:
                status = os.fstat(descriptor)
                if stat.S_ISREG(status.st_mode) and stat_key(status) == self.key:
                    self.count = read_into(descriptor, memory, self.offset)
            finally:
                os.close(descriptor)
        except OSError:  # whoever wants the bytes reads them then, and is told
            self.count = 0


def read_into(descriptor: int, memory: memoryview, position: int) -> int:
    """Fill `memory` from the file as far as it goes; an error behind the first bytes is left to the next read."""
    got = 0
    while got < len(memory):
        try:
            count = os.preadv(descriptor, [memory[got:]], position + got)
        except OSError:
            if got:
                break
            raise
        if count == 0:
            break
        got += count
    return got
