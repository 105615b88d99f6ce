"""One line of a capture: what its events are, from what is told of them and of their names.

A line is gone through in stretches, and what is made of each is small enough to stay in the processor's cache.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.grouping import Codes, combinations, dense, narrow
from tbtui.profiles.model import NOTHING, Indexes, Kind, Launch, Mask, Numbers, Operation
from tbtui.profiles.xla.columns import Events
from tbtui.profiles.xla.names import OPERATIONS, launch_of, operation_of
from tbtui.profiles.xla.space import Line
from tbtui.profiles.xla.spans import Columns, Rows, none
from tbtui.profiles.xla.stats import ALLOCATOR, NameTables, Stats

_PS_PER_NS = 1000
_LATEST = 10**18  # ps; no capture is that long


@dataclass(slots=True)
class Book:
    """What is numbered over the whole capture."""

    names: Codes[str] = field(default_factory=Codes)
    texts: Codes[str] = field(default_factory=lambda: Codes([""]))
    operations: Codes[Operation] = field(default_factory=Codes)
    launches: Codes[Launch] = field(default_factory=Codes)
    operated: dict[tuple[int, ...], int] = field(default_factory=dict)  # operations by the codes that tell them
    launched: dict[int, int] = field(default_factory=lambda: {NOTHING: NOTHING})  # launches by the codes of texts


@dataclass(slots=True)
class LineReading:
    """What was read of a line besides its spans: steps as (begin, end, name), rows of memory as in `Memory`, and how
    many events had no usable time, or no name that is told."""

    marks: list[tuple[int, int, str]] = field(default_factory=list)
    memory: list[NDArray[np.int64]] = field(default_factory=list)
    absurd: int = 0
    unnamed: int = 0


class LineReader:
    """Takes the events of a line. `base_ns`: the nanoseconds since 1970 from which times count; `device`: its number,
    None for the host; `columns`: where its spans are added, as those of the profile's lane `lane`."""

    def __init__(
        self,
        line: Line,
        tables: NameTables,
        book: Book,
        base_ns: int,
        device: int | None,
        columns: Columns,
        lane: int,
    ) -> None:
        self._columns = columns
        self.found = LineReading()
        self._tables, self._book = tables, book
        self._device, self._lane, self._nested = device, lane, line.name == OPERATIONS
        self._begin = (line.timestamp_ns - base_ns) * _PS_PER_NS  # picoseconds since 1970 do not fit 64 bits

    def take(self, events: Events) -> None:
        """The next events of the line."""
        tables = self._tables
        start, fine = self._times(events)
        which = tables.places(events.name)
        stats = Stats(events, which, tables, self._book.texts)
        kind = self._kinds(stats, which)
        operation = self._operations_of(stats, which)
        if self._device is None:
            self._mark(start, events, fine & stats.marked(tables.marks[which]), stats, which)
        self._allocations(stats, which, start, fine)
        self.found.unnamed += int(np.count_nonzero(~tables.told[which]))
        rows = Rows(
            start,
            events.duration,
            (tables.shown if self._nested else tables.names)[which],
            kind,
            stats.number("correlation_id"),
            operation,
            self._launches_of(stats),
            events.at + events.window.begin,
        )
        self._columns.add(rows if fine.all() else Rows._make(column[fine] for column in rows))

    def take_steps(self, events: Events) -> None:
        """The next events of a line of a device that tells of its steps."""
        tables = self._tables
        start, fine = self._times(events)
        which = tables.places(events.name)
        number = Stats(events, which, tables, self._book.texts).number("step_num")
        columns = (start, events.duration, events.name, number)
        for begin, duration, name, step in zip(*(column[fine].tolist() for column in columns), strict=True):
            text = f"step {tables.plane.events[name].name if step == NOTHING else step}"
            self.found.marks.append((begin, begin + duration, text))

    def _times(self, events: Events) -> tuple[Indexes, Mask]:
        """When each event began, and which have a usable time."""
        if not -_LATEST < self._begin < _LATEST:
            self.found.absurd += len(events)
            return events.offset, np.zeros(len(events), bool)
        start = self._begin + events.offset
        fine = (np.abs(events.offset) < _LATEST) & (np.abs(start) < _LATEST)
        fine &= (events.duration >= 0) & (events.duration < _LATEST)
        self.found.absurd += len(fine) - int(np.count_nonzero(fine))
        return start, fine

    def _kinds(self, stats: Stats, which: Indexes) -> NDArray[np.int8]:
        tables = self._tables
        if self._device is not None:
            moves = tables.moves[which]
            kind = np.where(moves != 0, moves, np.int8(Kind.OPERATOR if self._nested else Kind.KERNEL))
            kind[stats.text("memset_details") != NOTHING] = Kind.MEMSET
            kind[stats.text("memcpy_details") != NOTHING] = Kind.MEMCPY
            return kind
        kind = tables.kinds[which]
        kind[(kind == Kind.OTHER) & (stats.text("hlo_op") != NOTHING)] = Kind.OPERATOR
        fixed = (kind == Kind.PYTHON) | (kind == Kind.RUNTIME)
        kind[stats.marked(tables.marks[which]) & ~fixed] = Kind.ANNOTATION
        return kind

    def _operations_of(self, stats: Stats, which: Indexes) -> Numbers:
        """Which operation each event is of, as xprof finds it; XLA's where the framework has none."""
        tables, book = self._tables, self._book
        told, hlo, category = (stats.text(name) for name in ("tf_op", "hlo_op", "hlo_category"))
        bare = told <= 0  # only then the name and XLA's operation count; 0 is the empty text
        if not bare.any():
            hlo = np.full(len(which), NOTHING, np.int64)
        says = bare & (tables.says if self._device is None else tables.dataset)[which]
        some = (told != NOTHING) | (hlo != NOTHING) | says
        if not some.any():
            return none(len(which))
        columns = [np.where(says, tables.names[which], NOTHING), told, hlo, category]
        if not some.all():
            columns = [column[some] for column in columns]
        different, number = combinations(columns)
        for codes in different:
            if codes not in book.operated:
                book.operated[codes] = self._operation(*codes)
        places = narrow([book.operated[codes] for codes in different])[number]
        if some.all():
            return places
        found = np.full(len(which), NOTHING, places.dtype)
        found[some] = places
        return found

    def _operation(self, name: int, *told: int) -> int:
        book = self._book
        texts = (book.texts.all[code] if code != NOTHING else "" for code in told)
        operation = operation_of(book.names.all[name] if name != NOTHING else "", *texts)
        return NOTHING if operation is None else book.operations.of(operation)

    def _launches_of(self, stats: Stats) -> Numbers:
        book, told = self._book, stats.text("kernel_details")
        if (told == NOTHING).all():
            return none(len(told))
        codes, number = dense(told)
        for code in codes.tolist():
            if code not in book.launched:
                book.launched[code] = book.launches.of(launch_of(book.texts.all[code]))
        return narrow([book.launched[code] for code in codes.tolist()])[number]

    def _mark(self, start: Indexes, events: Events, marked: Mask, stats: Stats, which: Indexes) -> None:
        """The steps that the host marks."""
        some = np.flatnonzero(marked)
        columns = (start, events.duration, self._tables.names[which], stats.number("step_num"))
        for begin, duration, code, number in zip(*(column[some].tolist() for column in columns), strict=True):
            name = self._book.names.all[code]
            self.found.marks.append((begin, begin + duration, name if number == NOTHING else f"{name} {number}"))

    def _allocations(self, stats: Stats, which: Indexes, start: Indexes, fine: Mask) -> None:
        if not self._tables.allocates.any():
            return
        sign = self._tables.allocates[which]
        some = np.flatnonzero((sign != 0) & fine)
        if not len(some):
            return
        size = np.maximum(stats.number("allocation_bytes")[some], 0) * sign[some]
        allocated, stack = (stats.number(name)[some] for name in ("bytes_allocated", "bytes_reserved"))
        allocated = np.where((allocated != NOTHING) & (stack > 0), allocated + stack, allocated)
        asked = self._asked_for(stats.text("tf_op")[some])
        nothing = np.full(len(some), NOTHING, np.int64)
        place = stats.last(*ALLOCATOR)[some]
        where = (stats.number("addr")[some], np.full(len(some), self._lane, np.int64), asked)
        self.found.memory.append(np.stack((start[some], size, place, allocated, nothing, *where), axis=1))

    def _asked_for(self, told: Indexes) -> Indexes:
        """The operations that memory was allocated for, by the codes of their texts."""
        book = self._book
        codes, number = dense(told)
        places = []
        for code in codes.tolist():
            name, _, kind = (book.texts.all[code] if code != NOTHING else "").partition(":")
            places.append(book.operations.of(Operation(name, kind)) if name else NOTHING)
        return np.array(places, np.int64)[number]
