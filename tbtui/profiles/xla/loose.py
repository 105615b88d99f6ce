"""Events of many different layouts: their stats are looked for in all of them together.

A stat is a field 4 of its event: 0x22, a length, 0x08 and the number of the stat's name, and its value. So all places
where one may begin are looked for with a few comparisons, and only those count that join to a chain: a stat begins
where the one before it or the head of its event ends. An event whose stats do not join is left to be read one field at
a time.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from tbtui.events.varints import WIDEST, varints
from tbtui.events.wire import BYTES, FIXED64
from tbtui.profiles.model import NOTHING, Indexes, Mask
from tbtui.profiles.xla.chain import NAME
from tbtui.profiles.xla.columns import HEADS, KINDS, NUMBER, REFERENCE, STAT, TEXT, VALUES, Events, Wanted
from tbtui.profiles.xla.source import Window

_LONGEST_NAME = 6  # bytes of a name's number: with its key and what follows it fits a word


class _Stats(NamedTuple):
    """Stats that were found: of which event, where each begins and ends, the number of its name, the key of its value
    and where that begins."""

    event: Indexes
    at: Indexes
    end: Indexes
    number: Indexes
    key: Indexes
    value: Indexes

    def where(self, which: Mask) -> _Stats:
        """Some of them."""
        return self if which.all() else _Stats(*(column[which] for column in self))


class LooseReader:
    """Reads events as columns whatever their layouts are."""

    def __init__(self, wanted: Wanted) -> None:
        self._wanted = wanted
        self._kinds = np.full(256, NOTHING, np.int8)
        self._kinds[list(KINDS)] = list(KINDS.values())
        self._is_value = np.zeros(256, bool)
        self._is_value[list(VALUES)] = True

    def read(self, found: Events, which: Indexes) -> Indexes:
        """Fills in the events `which`; those that could not be read so are returned."""
        window = found.window
        near = found.end[which] <= window.last - window.begin
        mine = which[near]
        if not len(mine):
            return which
        begin, end = found.begin[mine], found.end[mine]
        bad, behind = self._heads(found, mine, begin, end)
        stats = self._candidates(window, begin, end, behind)
        bad |= self._do_not_join(stats, behind, end)
        for name, kind, (event, value, more) in self._values(window, stats, bad):
            found.add(name, kind, mine[event], value, more)
        left: Indexes = np.concatenate((mine[bad], which[~near]))
        return left

    def _heads(self, found: Events, which: Indexes, begin: Indexes, end: Indexes) -> tuple[Mask, Indexes]:
        """Reads names, offsets and durations; which of them can't be read so, and where the stats begin."""
        window, at, bad = found.window, begin.copy(), np.zeros(len(begin), bool)
        for head, column in zip(HEADS, (found.name, found.offset, found.duration), strict=True):
            there = (at < end) & (window.bytes[at] == head)
            width, value = varints(window.words[at + 1])
            bad |= there & (width > WIDEST)
            column[which] = np.where(there, value, 0)
            at += np.where(there, 1 + width, 0)
        bad |= at > end
        return bad, at

    def _candidates(self, window: Window, begin: Indexes, end: Indexes, behind: Indexes) -> _Stats:
        """What looks like stats of events whose stats lie from `behind` on."""
        first = int(begin[0])
        block = window.bytes[first : int(end[-1]) + 3]
        likely = (block[2:-1] == NAME) | (block[3:] == NAME)
        likely &= block[:-3] == STAT
        at = np.flatnonzero(likely) + first
        event = np.searchsorted(begin, at, "right") - 1
        inside = (at >= behind[event]) & (at < end[event])
        event, at = event[inside], at[inside]
        words = window.words[at]
        short = words & np.uint64(0x80FF) == STAT
        body = at + np.where(short, 2, 3)
        low, high = (words >> np.uint64(8)) & np.uint64(0x7F), (words >> np.uint64(9)) & np.uint64(0x3F80)
        ends = body + np.where(short, low, low | high).view(np.int64)
        right = (window.bytes[body] == NAME) & (window.bytes[body - 1] < 0x80)
        width, number = varints(window.words[body + 1])
        value = body + 1 + width
        right &= (width <= _LONGEST_NAME) & (value < ends) & (ends <= end[event])
        key = window.bytes[value].astype(np.int64)
        right &= self._is_value[key]
        return _Stats(event, at, ends, number, key, value + 1).where(right)

    def _do_not_join(self, stats: _Stats, behind: Indexes, end: Indexes) -> Mask:
        """The events that are more, or less, than their heads and these stats."""
        event = stats.event
        without = np.ones(len(end), bool)
        without[event] = False
        bad: Mask = without & (behind != end)
        if not len(event):
            return bad
        first = np.append(True, event[1:] != event[:-1])
        before = np.append(0, stats.end[:-1])
        wrong = np.where(first, behind[event], before) != stats.at
        wrong |= np.append(first[1:], True) & (stats.end != end[event])
        bad[event[wrong]] = True
        return bad

    def _values(
        self, window: Window, stats: _Stats, bad: Mask
    ) -> list[tuple[str, int, tuple[Indexes, Indexes, Indexes]]]:
        """(name, kind, columns as in `StatColumn`) of the wanted ones; marks further events as bad."""
        width, value = varints(window.words[stats.value])
        ends = stats.value + width
        wire = stats.key & 7
        ends += np.where(wire == BYTES, value, 0)
        wrong = (ends != stats.end) | (width > WIDEST)
        wrong = np.where(wire == FIXED64, stats.value + 8 != stats.end, wrong)
        bad[stats.event[wrong]] = True
        names = [*self._wanted.names, ""]
        of_name = np.full(len(stats.event), len(names) - 1)
        for number, place in self._wanted.by_number.items():
            of_name[stats.number == number] = place
        of_name[bad[stats.event]] = len(names) - 1
        found = []
        for place, name in enumerate(self._wanted.names):
            for kind in (NUMBER, REFERENCE, TEXT):
                rows = np.flatnonzero((of_name == place) & (self._kinds[stats.key] == kind))
                if not len(rows):
                    continue
                values, begins = value[rows], stats.value[rows]
                if kind == TEXT:
                    values, more = begins + width[rows], values
                else:
                    more = begins if name in self._wanted.ordered else begins[:0]
                found.append((name, kind, (stats.event[rows], values, more)))
        return found
