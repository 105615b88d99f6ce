"""Series: what one run wrote under one tag, as columns that can be asked for at any time from any thread."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby
from operator import itemgetter
from threading import RLock
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.events.chunk import BlobPart, Item
from tbtui.store.history import Column, FileSlot, History, Piece

if TYPE_CHECKING:
    from tbtui.events.chunk import ScalarPart

Float = npt.NDArray[np.float64] | npt.NDArray[np.float32]


class Points(NamedTuple):
    """Points of a scalar series: steps int64[n], wall times float64[n] in seconds since 1970, values float[n].

    Values are float32 where the files hold float32, else float64.  The arrays are read-only and never change.
    """

    steps: npt.NDArray[np.int64]
    walls: npt.NDArray[np.float64]
    values: Float

    @property
    def single(self) -> bool:
        """Whether the values are float32."""
        return self.values.dtype == np.float32


NO_POINTS = Points(np.empty(0, np.int64), np.empty(0, np.float64), np.empty(0, np.float32))


@dataclass(frozen=True, slots=True)
class Reference:
    """Where one value lies that is decoded only when somebody looks at it.

    offset: the record's first byte in the file `slot`; length: of the record's payload in bytes; index: which value of
    the event's summary.
    """

    step: int
    wall: float
    slot: FileSlot
    offset: int
    length: int
    index: int


class Series(ABC):
    """What all series have: whose they are, and a counter that moves whenever there is something new.

    run, tag, plugin: names as they are in the files (never shown without `analysis.text.safe`);
    version: grows with every change, so that a screen can tell cheaply whether to look again.
    """

    __slots__ = ("_fresh", "_history", "_lock", "_starts", "noted", "plugin", "run", "seen", "tag", "version")

    def __init__(self, run: str, tag: str, plugin: str, lock: RLock, starts: list[FileSlot]) -> None:
        self.run = run
        self.tag = tag
        self.plugin = plugin
        self.version = 0
        self.noted = False  # whether points were noted since the last settling
        self.seen = False  # whether somebody looked at its points
        self._lock = lock
        self._starts = starts  # the run's, shared
        self._fresh: list[tuple[FileSlot, Any]] = []
        self._history = History()

    @property
    def count(self) -> int:
        """How many points are live (not superseded)."""
        with self._lock:
            live = self._history_now().live(self._starts)
            return len(live[0]) if live else 0

    @property
    def total(self) -> int:
        """How many points were read, superseded ones included."""
        with self._lock:
            return len(self._history_now())

    def settle(self) -> None:
        """Puts noted points into columns of the series' own; otherwise done when it is first looked at."""
        with self._lock:
            self.noted = False
            self._history_now().settle()

    def settle_some(self, most: int) -> bool:
        """Puts so many of what was noted first in place; whether more is left. The lock is held for each time alone."""
        with self._lock:
            first, self._fresh = self._fresh[:most], self._fresh[most:]
            self._take_in(first)
            self._history.settle()
            return bool(self._fresh)

    def first_place(self) -> tuple[FileSlot, int] | None:
        """The file and the offset of the record of the first point that was written; None where there is none."""
        with self._lock:
            self.noted = False
            return self._history_now().first_place()

    def compact(self, known: dict[tuple[int, ...], Column], least: int) -> None:
        """Shares steps that other series of the run have too; see `History.compact`."""
        with self._lock:
            if self._history_now().compact(known, least):
                self.version += 1

    def drop(self, slot: FileSlot) -> None:
        """Forgets what came from a file."""
        with self._lock:
            self._history_now().drop(slot)
            self.version += 1

    def find_superseded_again(self) -> None:
        """After a START was read or a file became void."""
        with self._lock:
            self._history.find_superseded_again()
            self.version += 1

    def _columns(self, purge: bool) -> tuple[Column, ...]:
        history = self._history_now()
        self.noted, self.seen = False, True
        return history.live(self._starts) if purge else history.whole()

    def _history_now(self) -> History:
        """The history with all that was noted; until somebody looks, a note costs one entry of a list."""
        if self._fresh:
            fresh, self._fresh = self._fresh, []
            self._take_in(fresh)
        return self._history

    @abstractmethod
    def _take_in(self, fresh: list[tuple[FileSlot, Any]]) -> None:
        """Hands what was noted to the history."""


class ScalarSeries(Series):
    """A curve: every point that was written, at full resolution."""

    __slots__ = ()

    def __init__(self, run: str, tag: str, lock: RLock, starts: list[FileSlot]) -> None:
        super().__init__(run, tag, "scalars", lock, starts)

    def add(self, slot: FileSlot, part: ScalarPart) -> None:
        """Notes points read from a file; only the store calls this, under its lock."""
        self._fresh.append((slot, part))
        self.version += 1

    def _take_in(self, fresh: list[tuple[FileSlot, ScalarPart]]) -> None:
        for slot, part in fresh:
            columns, rows = part.columns, part.rows()
            own = (columns.steps[rows], columns.walls[rows], columns.values[rows])
            self._history.add(slot, Piece(own, part.offsets(), 0, part.stop - part.start))

    def points(self, purge: bool = True) -> Points:
        """The points in order; with `purge` (TensorBoard's view) without the superseded ones, steps rising strictly."""
        with self._lock:
            columns = self._columns(purge)
            return Points(*columns) if columns else NO_POINTS

    def last_step(self) -> int | None:
        """The step of the last point that is not superseded: the largest of them all; None without any."""
        with self._lock:
            columns = self._columns(purge=True)
            return int(columns[0][-1]) if columns and len(columns[0]) else None

    def superseded(self) -> Points:
        """The points that a restart or a repeated step superseded, in order."""
        with self._lock:
            columns = self._history_now().superseded(self._starts)
            return Points(*columns) if columns else NO_POINTS


class BlobSeries(Series):
    """Images, audio, text, histograms, graphs, hyperparameters, anything: where each value lies in which file."""

    __slots__ = ("_numbers", "_slots")

    def __init__(self, run: str, tag: str, plugin: str, lock: RLock, starts: list[FileSlot]) -> None:
        super().__init__(run, tag, plugin, lock, starts)
        self._slots: list[FileSlot] = []
        self._numbers: dict[FileSlot, int] = {}  # slot -> its place among them

    def add(self, slot: FileSlot, item: Item | BlobPart) -> None:
        """Notes a value, or many, read from a file; only the store calls this, under its lock."""
        self._fresh.append((slot, item))
        self.version += 1

    def steps(self, purge: bool = True) -> npt.NDArray[np.int64]:
        """Steps int64[n] in order."""
        with self._lock:
            columns = self._columns(purge)
            return columns[0] if columns else NO_POINTS.steps

    def walls(self, purge: bool = True) -> npt.NDArray[np.float64]:
        """Wall times float64[n] in order."""
        with self._lock:
            columns = self._columns(purge)
            return columns[1] if columns else NO_POINTS.walls

    def reference(self, number: int, purge: bool = True) -> Reference:
        """Where value `number` lies (negative counts from the end). Raises IndexError."""
        with self._lock:
            columns = self._columns(purge)
            if not columns:
                raise IndexError(number)
            steps, walls, offsets, lengths, indexes, slots = (column[number].item() for column in columns)
            return Reference(steps, walls, self._slots[slots], offsets, lengths, indexes)

    def references(self, purge: bool = True) -> Sequence[Reference]:
        """Where every value lies, in order."""
        with self._lock:
            rows = zip(*(column.tolist() for column in self._columns(purge)), strict=True)
            return [Reference(s, w, self._slots[k], o, n, i) for s, w, o, n, i, k in rows]

    def _take_in(self, fresh: list[tuple[FileSlot, Item | BlobPart]]) -> None:
        for slot, group in groupby(fresh, key=itemgetter(0)):
            items: list[Item] = []
            for _, note in group:
                if isinstance(note, Item):
                    items.append(note)
                else:
                    self._hand_over(slot, [column[note.start : note.stop] for column in note.columns])
            if items:
                self._hand_over(slot, _columns_of(items))

    def _hand_over(self, slot: FileSlot, columns: list[Column]) -> None:
        """Gives the history values of one file: steps, walls, offsets, lengths, and indexes unless they are all 0."""
        number = self._numbers.setdefault(slot, len(self._slots))
        if number == len(self._slots):
            self._slots.append(slot)
        steps, walls, offsets, lengths, *indexes = columns
        index = indexes[0] if indexes else np.zeros(len(steps), np.int64)
        slots = np.full(len(steps), number, np.int64)
        self._history.add(slot, Piece((steps, walls, offsets, lengths, index, slots), offsets, 0, len(steps)))


def _columns_of(items: list[Item]) -> list[Column]:
    """What is kept of items, a column each."""
    return [
        np.array([item.step for item in items], np.int64),
        np.array([item.wall for item in items], np.float64),
        np.array([item.offset for item in items], np.int64),
        np.array([item.length for item in items], np.int64),
        np.array([item.index for item in items], np.int64),
    ]
