"""The spans of a capture, as they are read: columns to which each line adds its own."""

from __future__ import annotations

import mmap
import sys
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import NOTHING, Indexes, Numbers


class Rows(NamedTuple):
    """Spans as in `Profile`, in the order of the file; `at`: where in the capture the event of each lies."""

    start: Indexes
    duration: Indexes
    name: Numbers
    kind: NDArray[np.int8]
    correlation: Numbers
    operation: Numbers
    launch: Numbers
    at: Numbers


_NARROW = ("i8", "i8", "i2", "i1", "i4", "i2", "i2", "u4")  # what the columns of `Rows` are made of at first


class Columns:
    """The spans of all lines, one line behind the other: each is written to where it stays, in as few bytes as will do,
    for memory that was not used before costs more than what is done with it."""

    def __init__(self, room: int) -> None:
        self.count = 0
        self._all: list[NDArray[Any]] = [_room(room, np.dtype(kind)) for kind in _NARROW]
        self._lane: NDArray[Any] = _room(room, np.dtype(np.int16))

    def add(self, rows: Rows) -> None:
        """The next spans of a line."""
        end = self.count + len(rows.start)
        if end > len(self._lane):
            self._all = [_moved(column, self.count, 2 * end, column.dtype) for column in self._all]
            self._lane = _moved(self._lane, self.count, 2 * end, self._lane.dtype)
        for place, values in enumerate(rows):
            self._all[place] = _wide_enough(self._all[place], self.count, values)
            self._all[place][self.count : end] = values
        self.count = end

    def finish(self, first: int, lane: int) -> None:
        """The spans from `first` on are all of a lane: by start, what lies in another behind it."""
        self._lane = _wide_enough(self._lane, first, np.array([lane]))
        self._lane[first : self.count] = lane
        start, duration = (column[first : self.count] for column in self._all[:2])
        if not _in_order(start, duration):
            order = np.lexsort((-duration, start))
            for column in self._all:
                column[first : self.count] = column[first : self.count][order]

    def taken(self) -> tuple[Rows, Numbers]:
        """All of them, and the lane of each."""
        return Rows(*(column[: self.count] for column in self._all)), self._lane[: self.count]


def _in_order(start: Indexes, duration: Indexes) -> bool:
    """Whether spans stand by their start, what lies in another behind it."""
    for part in blocks(len(start)):
        near = slice(max(part.start - 1, 0), part.stop)
        begin, took = start[near], duration[near]
        later = begin[1:] > begin[:-1]
        if not later.all() and not (later | (begin[1:] == begin[:-1]) & (took[1:] <= took[:-1])).all():
            return False
    return True


def _wide_enough(column: NDArray[Any], count: int, values: NDArray[Any]) -> NDArray[Any]:
    """A column, of which `count` are taken, whose numbers have room for some values: itself, or a copy."""
    if values.itemsize <= column.itemsize or not len(values):
        return column
    most = np.iinfo(column.dtype)
    if most.min <= int(values.min()) and int(values.max()) <= most.max:
        return column
    return _moved(column, count, len(column), values.dtype)


def _moved(column: NDArray[Any], count: int, room: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """A column, of which `count` are taken, where there is room for more or for wider numbers."""
    moved = _room(room, kind)
    moved[:count] = column[:count]
    return moved


def _room(count: int, kind: np.dtype[Any]) -> NDArray[Any]:
    """Memory for so many numbers, in small pages: for arrays of this size NumPy asks the system for pages of 2 MB, and
    where a virtual machine has none at hand that its host gave it, they take several times as long as all that is done
    with these columns."""
    return np.frombuffer(_pages(max(count, 1) * kind.itemsize), kind, count)


def _pages(size: int) -> mmap.mmap:
    if sys.platform == "win32":
        return mmap.mmap(-1, size)
    return mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)


def none(count: int) -> Numbers:
    """As often NOTHING, which takes no memory."""
    return np.broadcast_to(np.int8(NOTHING), count)
