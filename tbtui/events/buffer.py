"""A reusable stretch of memory that files are read into, seen as bytes, as aligned and as unaligned words."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

_PADDING = 1024  # bytes behind the capacity that may be looked at (never relied on), as first bytes or as whole words
_KEPT_BLOCK = 30 << 20
_KEPT_BLOCKS = 2  # glibc keeps twice as much as its largest block was


class Buffer:
    """`capacity` bytes to read into through `mem`, and a little room behind them.

    `u1`: uint8 view; `words`: uint32 view of whole words, aligned; `u4`, `u8`: uint32 and uint64 at every byte
    position (unaligned, overlapping: index these, never `take` from them, which would copy all of it first).
    """

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.u1: NDArray[np.uint8] = np.empty(capacity + _PADDING, np.uint8)
        self.mem = self.u1.data[:capacity]
        self.words: NDArray[np.uint32] = self.u1[: len(self.u1) & ~7].view(np.uint32)
        self.u4: NDArray[np.uint32] = self._everywhere(np.dtype("<u4"))
        self.u8: NDArray[np.uint64] = self._everywhere(np.dtype("<u8"))

    def _everywhere(self, dtype: np.dtype[Any]) -> NDArray[Any]:
        """An item of `dtype` at every byte position."""
        return np.ndarray((len(self.u1) - dtype.itemsize + 1,), dtype, self.u1.data, 0, (1,))

    def rows(self, at: NDArray[np.int64], width: int) -> Rows:
        """`width` bytes (at most the padding more than there are) from each position, one row behind the other."""
        return Rows(self._everywhere(np.dtype((np.void, width)))[at], width)

    def spaced(self, begin: int, distance: int, count: int, width: int) -> NDArray[np.void]:
        """`count` times `width` bytes, the first at `begin`, each `distance` behind the one before; a view."""
        return np.ndarray((count,), np.dtype((np.void, width)), self.u1.data, begin, (distance,))

    def bytes_at(self, begin: int, end: int) -> bytes:
        """A copy of the bytes from `begin` to `end`."""
        return self.u1[begin:end].tobytes()


class Rows:
    """Records of one width, copied together: whole columns of unaligned words can be taken from them."""

    __slots__ = ("data", "width")

    def __init__(self, data: NDArray[np.void], width: int) -> None:
        self.data = data
        self.width = width

    def __len__(self) -> int:
        return len(self.data)

    def slice(self, begin: int, end: int) -> Rows:
        """Some of the rows; a view."""
        return Rows(self.data[begin:end], self.width)

    def picked(self, mask: NDArray[np.bool_]) -> Rows:
        """The rows that a mask picks."""
        return Rows(self.data.take(np.flatnonzero(mask)), self.width)

    def column(self, dtype: str, shift: int) -> NDArray[Any]:
        """What lies `shift` bytes behind the beginning of each row; a view."""
        return np.ndarray((len(self.data),), dtype, self.data.data, shift, (self.width,))

    def words(self) -> NDArray[np.uint64]:
        """The rows as whole words, uint64[n, width / 8]; a view. Their width is a multiple of 8."""
        return self.data.view("<u8").reshape(len(self.data), -1)

    def row(self, index: int) -> NDArray[np.uint8]:
        """The bytes of one row; a view."""
        return np.ndarray((self.width,), np.uint8, self.data.data, index * self.width)


class Room:
    """Memory for rows that are not kept, used again and again: fresh memory costs more than what is copied into it."""

    def __init__(self) -> None:
        self._memory = np.empty(0, np.uint8)
        self._used = 0

    def clear(self) -> None:
        """Gives all of it free; the rows must not be used any more."""
        self._used = 0

    def rows(self, count: int, width: int) -> Rows:
        """Room for rows, not filled."""
        size = count * width
        if len(self._memory) - self._used < size:
            self._memory, self._used = np.empty(max(size, 2 * len(self._memory)), np.uint8), 0
        begin, self._used = self._used, self._used + size
        return Rows(self._memory[begin : self._used].view(np.dtype((np.void, width))), width)


def keep_freed_memory() -> None:
    """Tell the C library's allocator to keep what is freed instead of giving it back to the system at once.

    Decoding allocates and frees arrays of a megabyte many times a second; fetching each page anew from the kernel cost
    more than the decoding itself. glibc learns it by seeing one large block freed (its dynamic mmap threshold). The
    blocks after that come from memory it keeps; NumPy wishes huge pages for them, and the wish stays with the memory:
    its first use costs a few page faults instead of ten thousand. No block is touched, so none takes memory. Elsewhere
    this does nothing.
    """
    np.empty(_KEPT_BLOCK, np.uint8)
    [np.empty(_KEPT_BLOCK - (1 << 16), np.uint8) for _ in range(_KEPT_BLOCKS)]
