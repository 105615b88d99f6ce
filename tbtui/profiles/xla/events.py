"""The events of a line, from the bytes of a capture into columns, many at once.

Where events begin and end `chain` finds; what they hold is read by their layouts (`layouts`). The few that are of no
layout are read one field at a time; where they are many, `loose` looks for the stats of all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from tbtui.events.wire import signed64
from tbtui.profiles.model import NOTHING, Indexes
from tbtui.profiles.xla.chain import Chain
from tbtui.profiles.xla.columns import HEADS, KINDS, STAT, TEXT, VALUES, Events, Wanted
from tbtui.profiles.xla.layouts import Layouts
from tbtui.profiles.xla.loose import LooseReader
from tbtui.profiles.xla.space import Bytes, Part

FEW = 32  # events of no layout in a window, and one in so many, that are read one by one

_BIGGEST = 1 << 62


class EventReader:
    """Reads the events of the lines of a plane, and of their stats those that are `wanted`. `step` is called now and
    then; what it raises ends the reading."""

    def __init__(self, source: Bytes, wanted: Wanted, step: Callable[[], None] = lambda: None) -> None:
        self._source, self._wanted, self._step = source, wanted, step
        self._chain, self._layouts = Chain(source), Layouts(source, wanted)
        self._loose = LooseReader(source, wanted)

    def read(self, first: int, end: int, other: Callable[[Part], None]) -> Iterator[Events]:
        """The events among the fields at data[first:end], in stretches; `other` is handed what else is there."""
        at = first
        while at < end:
            self._step()
            begins, ends, at = self._chain.window(at, end, other)
            if len(begins):
                yield self._window(begins, ends)

    def _window(self, begin: Indexes, end: Indexes) -> Events:
        code = self._layouts.recognise(begin, end)
        known = np.flatnonzero(code != NOTHING)
        every = len(known) == len(begin)
        mine, code = (begin, code) if every else (begin[known], code[known])
        heads = [self._layouts.values(slot, mine, code) for slot in range(len(HEADS))]
        found = Events(begin, end, *(heads if every else (_spread(len(begin), known, column) for column in heads)))
        for slot, name, kind in self._wanted.slots():
            has = self._layouts.places[slot] != NOTHING
            which = np.flatnonzero(has.take(code)) if has.any() else code[:0]
            if len(which):
                event = which if every else known[which]
                found.add(name, kind, event, *self._stats(slot, name, kind, mine[which], code[which]))
        if not every:
            left = np.ones(len(begin), bool)
            left[known] = False
            self._without_layout(found, np.flatnonzero(left))
        return found

    def _stats(self, slot: int, name: str, kind: int, begin: Indexes, code: Indexes) -> tuple[Indexes, Indexes]:
        """The values and more, as in `StatColumn`, in a slot of events with these layouts."""
        layouts = self._layouts
        if kind == TEXT:
            return begin + layouts.places[slot].take(code), layouts.widths[slot].take(code)
        ordered = name in self._wanted.ordered
        more = begin + layouts.places[slot].take(code) if ordered else begin[:0]
        return layouts.values(slot, begin, code), more

    def _without_layout(self, found: Events, which: Indexes) -> None:
        """Fills in the events `which` of a window."""
        if len(which) > FEW + len(found) // FEW:
            which = self._loose.read(found, which)
        for place in which.tolist():
            self._one(found, place)

    def _one(self, found: Events, place: int) -> None:
        """Fills in one event."""
        told = dict.fromkeys(HEADS, 0)
        for part in self._source.parts(int(found.begin[place]), int(found.end[place])):
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
                told_of = (value.begin, value.end - value.begin) if kind == TEXT else (fits, value.end)
                found.add(self._wanted.names[name], kind, *(np.array([one]) for one in (place, *told_of)))
        found.name[place], found.offset[place], found.duration[place] = told.values()


def _stat(source: Bytes, whole: Part) -> tuple[int, Part | None]:
    """The number of a stat's name, and its value, None where it has none."""
    number, value = 0, None
    for part in source.parts(whole.begin, whole.end):
        if part.key == HEADS[0]:
            number = signed64(part.number)
        elif part.key in VALUES:
            value = part
    return number, value


def _spread(count: int, places: Indexes, values: Indexes) -> Indexes:
    column = np.zeros(count, np.int64)
    column[places] = values
    return column
