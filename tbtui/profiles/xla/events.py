"""The events of a line, from the bytes of a capture into columns, many at once.

Where events begin and end `chain` finds; what they hold is read by their layouts (`layouts`). The few that are of no
layout are read one field at a time; where they are many, `loose` looks for the stats of all of them together.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import Executor

import numpy as np

from tbtui.events.wire import signed64
from tbtui.profiles.model import NOTHING, Indexes
from tbtui.profiles.xla.chain import Chain
from tbtui.profiles.xla.columns import HEADS, KINDS, STAT, TEXT, VALUES, Events, Wanted
from tbtui.profiles.xla.layouts import Alike, Layouts
from tbtui.profiles.xla.loose import LooseReader
from tbtui.profiles.xla.source import Bytes, Part, Window

AHEAD = 2  # windows that are read before they are asked for
FEW = 32  # events of no layout in a window, and one in so many, that are read one by one

_BIGGEST = 1 << 62


class EventReader:
    """Reads the events of the lines of a plane, and of their stats those that are `wanted`: in the one thread of
    `beside`, while those before are made use of. `step` is called now and then with how many bytes were read so far;
    what it raises ends the reading."""

    def __init__(
        self, source: Bytes, wanted: Wanted, beside: Executor, step: Callable[[int], None] = lambda _: None
    ) -> None:
        self._beside = beside
        self._source, self._wanted, self._step = source, wanted, step
        self._chain, self._layouts = Chain(source), Layouts(wanted)
        self._loose = LooseReader(wanted)

    def read(self, first: int, end: int, other: Callable[[Part], None]) -> Iterator[Events]:
        """The events among the fields at data[first:end], in stretches; `other` is handed what else is there, in the
        thread that reads ahead."""
        windows = self._windows(first, end, other)
        ahead = deque(self._beside.submit(next, windows, None) for _ in range(AHEAD))
        try:
            while (read := ahead.popleft().result()) is not None:
                found, alike = read
                self._step(found.window.limit)
                ahead.append(self._beside.submit(next, windows, None))
                _read_heads(found, alike)
                yield found
        finally:
            for one in ahead:
                one.cancel()

    def _windows(self, first: int, end: int, other: Callable[[Part], None]) -> Iterator[tuple[Events, list[Alike]]]:
        at = first
        while at < end:
            window = self._source.window(at, end)
            places, begins, ends, at = self._chain.events(window, end, other)
            if len(places):
                yield self._events(window, places, begins, ends)

    def _events(self, window: Window, at: Indexes, begin: Indexes, end: Indexes) -> tuple[Events, list[Alike]]:
        """Events of a window, and those whose heads are still to be read: both threads have about as much to do."""
        found = Events(window, at, begin, end, *np.zeros((len(HEADS), len(begin)), np.int64))
        left = np.ones(len(begin), bool)
        every = list(self._layouts.recognise(window, begin, end))
        for alike in every:
            left[alike.which] = False
            for slot in alike.layout.values:
                if slot >= len(HEADS):
                    found.add(*self._wanted.of_slot(slot), alike.which, *self._stats(slot, alike, begin))
        if left.any():
            self._without_layout(found, np.flatnonzero(left))
        return found, every

    def _stats(self, slot: int, alike: Alike, begin: Indexes) -> tuple[Indexes, Indexes]:
        """The values and more, as in `StatColumn`, in a slot of some events of a window."""
        name, kind = self._wanted.of_slot(slot)
        place, width = alike.layout.values[slot]
        if kind == TEXT:
            return begin[alike.which] + place, np.full(len(alike.which), width)
        ordered = name in self._wanted.ordered
        return alike.numbers(slot), begin[alike.which] + place if ordered else begin[:0]

    def _without_layout(self, found: Events, which: Indexes) -> None:
        """Fills in the events `which` of a window."""
        if len(which) > FEW + len(found) // FEW:
            which = self._loose.read(found, which)
        for place in which.tolist():
            self._one(found, place)

    def _one(self, found: Events, place: int) -> None:
        """Fills in one event."""
        told, first = dict.fromkeys(HEADS, 0), found.window.begin
        for part in self._source.parts(first + int(found.begin[place]), first + int(found.end[place])):
            if part.key in told:
                told[part.key] = signed64(part.number)
            elif part.key == STAT:
                number, value = _stat(self._source, part)
                name = self._wanted.by_number.get(number)
                kind = KINDS.get(value.key) if value is not None else None
                if name is None or value is None or kind is None:
                    continue
                number = signed64(value.number)
                fits = number if -_BIGGEST < number < _BIGGEST else NOTHING
                told_of = (value.begin - first, value.end - value.begin) if kind == TEXT else (fits, value.end - first)
                found.add(self._wanted.names[name], kind, *(np.array([one]) for one in (place, *told_of)))
        found.name[place], found.offset[place], found.duration[place] = told.values()


def _read_heads(found: Events, every: list[Alike]) -> None:
    """Fills in the heads of events that have layouts."""
    for alike in every:
        for slot, column in enumerate((found.name, found.offset, found.duration)):
            if slot in alike.layout.values:
                column[alike.which] = alike.numbers(slot)


def _stat(source: Bytes, whole: Part) -> tuple[int, Part | None]:
    """The number of a stat's name, and its value, None where it has none."""
    number, value = 0, None
    for part in source.parts(whole.begin, whole.end):
        if part.key == HEADS[0]:
            number = signed64(part.number)
        elif part.key in VALUES:
            value = part
    return number, value
