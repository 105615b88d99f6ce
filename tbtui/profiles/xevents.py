"""The events of a line, from the bytes of a capture into columns, all at once.

An event is a field 4 of its line: 0x22, a length, and then 0x08 and the number of its name, 0x10 and its offset, 0x18
and its duration; each of its stats is a field 4 of the event: 0x22, a length, 0x08 and the number of the stat's name,
and its value. So all places in a stretch of bytes where either may begin are looked for with a few comparisons, what
follows the number of the name tells them apart, and only those count that join to a chain: an event begins where the
one before it ends, a stat where the one before it or the head of its event ends. What does not join (a name's number
is not written, a text looks like an event) is read one field at a time.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.varints import varints
from tbtui.events.wire import BYTES, VARINT, key, read_varint, signed64
from tbtui.profiles.model import Indexes
from tbtui.profiles.xspace import EVENTS, Bytes, Part

_WINDOW = 1 << 20  # bytes that are looked at together: what is made of them stays in the processor's cache
_TAIL = 32  # bytes at the end of the file in which nothing is looked for: words would reach out of it
_FIELD, _NAME, _OFFSET, _DURATION = 0x22, 0x08, 0x10, 0x18
_VALUES = tuple(key(number, wire) for number, wire in ((2, 1), (3, 0), (4, 0), (5, 2), (6, 2), (7, 0)))
_LONGEST_NAME = 6  # bytes of a name's number: with its key and what follows it fits a word
_STAT_KEY = key(4, BYTES)


@dataclass(slots=True)
class Events:
    """n events of a line, in the order of the file: where the message of each lies (`begin`, `end`), the number of its
    name, offset and duration in ps. And m of their stats: `stat_event` tells of which event, `stat` which number its
    name has, `stat_key` the key of its value's field and `stat_at` where the value lies. int64 all."""

    begin: Indexes
    end: Indexes
    name: Indexes
    offset: Indexes
    duration: Indexes
    stat_event: Indexes
    stat: Indexes
    stat_key: Indexes
    stat_at: Indexes

    def __len__(self) -> int:
        return len(self.begin)


class EventReader:
    """Reads the events of lines; of their stats only those with the numbers `wanted`."""

    def __init__(self, source: Bytes) -> None:
        self._source = source
        data = source.data
        self._u1 = np.frombuffer(data, np.uint8)
        self._u8: NDArray[np.uint64] = np.ndarray((max(len(data) - 7, 0),), "<u8", data, 0, (1,))
        self._value_keys = np.zeros(256, bool)
        self._value_keys[list(_VALUES)] = True

    def read(self, first: int, end: int, wanted: frozenset[int], other: Callable[[Part], None]) -> Events:
        """The events among the fields at data[first:end]; `other` is handed what else is there."""
        parts: list[tuple[Indexes, ...]] = []
        stats: list[tuple[Indexes, ...]] = []
        count, at = 0, first
        numbers = np.array(sorted(wanted), np.int64)
        while at < end:
            heads, told, at = self._window(at, end, numbers, other)
            if len(heads[0]):
                parts.append(heads)
                stats.append((told[0] + count, *told[1:]))
                count += len(heads[0])
        return Events(*_joined(parts, 5), *_joined(stats, 4))

    def _window(
        self, begin: int, end: int, wanted: Indexes, other: Callable[[Part], None]
    ) -> tuple[tuple[Indexes, ...], tuple[Indexes, ...], int]:
        """Events that begin in a window, their wanted stats, and where to go on."""
        limit = min(begin + _WINDOW, end)
        found = self._candidates(begin, min(limit, len(self._u1) - _TAIL))
        events = self._heads(found, limit)
        slow: list[tuple[int, int, int, int, int]] = []
        runs: list[NDArray[np.int64]] = []
        begins, ends = events[0], events[2]
        breaks = np.flatnonzero(ends[:-1] != begins[1:]) if len(begins) else begins
        at = begin
        while at < limit:
            place = int(np.searchsorted(begins, at))
            if place < len(begins) and begins[place] == at:
                step = int(np.searchsorted(breaks, place))
                last = int(breaks[step]) if step < len(breaks) else len(begins) - 1
                runs.append(np.arange(place, last + 1))
                at = int(ends[last])
                continue
            part = self._source.part(at, end)
            if part is None:
                at = end
            else:
                cut = self._source.missing and part.end == len(self._u1)
                if part.key == EVENTS and not cut:
                    slow.append(self._slowly(part))
                elif part.key != EVENTS:
                    other(part)
                at = part.end
        picked = np.concatenate(runs) if runs else np.empty(0, np.int64)
        _, body, ends, heads, name, offset, duration = (column[picked] for column in events)
        stats, bad = self._stats(found, body, ends, heads, wanted)
        one_by_one = [(int(place), int(heads[place]), int(ends[place])) for place in bad.tolist()]
        columns: tuple[Indexes, ...] = (body, ends, name, offset, duration)
        if slow:
            extra = np.array(slow, np.int64)
            one_by_one += [(len(body) + number, one[0], one[1]) for number, one in enumerate(slow)]
            columns = tuple(np.concatenate((column, extra[:, i])) for i, column in enumerate(columns))
        if one_by_one:
            stats = self._with_slow_stats(stats, one_by_one, wanted)
        if slow:
            order = np.argsort(columns[0], kind="stable")
            columns = tuple(column[order] for column in columns)
            place_of = np.empty(len(order), np.int64)
            place_of[order] = np.arange(len(order))
            stats = (place_of[stats[0]], *stats[1:])
        return columns, stats, at

    def _candidates(self, begin: int, end: int) -> tuple[Indexes, ...]:
        """Where events and stats may begin: (position, begin of the message, its end, number of the name, what follows
        that, where)."""
        if end - begin < 4:
            return (np.empty(0, np.int64),) * 6
        block = self._u1[begin : end + 3]
        likely = (block[2:-1] == _NAME) | (block[3:] == _NAME)
        likely &= block[:-3] == _FIELD
        at = np.flatnonzero(likely) + begin
        words = self._u8[at]
        short = words & np.uint64(0x80FF) == _FIELD
        body = at + np.where(short, 2, 3)
        low, high = (words >> np.uint64(8)) & np.uint64(0x7F), (words >> np.uint64(9)) & np.uint64(0x3F80)
        length = np.where(short, low, low | high).view(np.int64)
        inner = np.where(short, words >> np.uint64(16), words >> np.uint64(24))
        right = inner & np.uint64(0xFF) == _NAME
        right &= short | (words & np.uint64(0x800000) == 0)
        if not right.all():
            at, body, length = at[right], body[right], length[right]
        width, name = varints(self._u8[body + 1])
        behind = body + 1 + width
        follows = self._u1[np.minimum(behind, len(self._u1) - 1)].astype(np.int64)
        end_of = body + length
        right = (width <= _LONGEST_NAME) & (behind <= end_of)
        columns = (at, body, end_of, name, follows, behind)
        return columns if right.all() else tuple(column[right] for column in columns)

    def _heads(self, found: tuple[Indexes, ...], limit: int) -> tuple[Indexes, ...]:
        """The events among the candidates that end in the window: (position, begin of the message, its end, where its
        stats begin, number of the name, offset, duration)."""
        at, body, ends, name, follows, behind = found
        mine = np.flatnonzero((follows == _OFFSET) & (ends <= min(limit, len(self._u1) - _TAIL)) & (behind < ends))
        at, body, ends, name, behind = at[mine], body[mine], ends[mine], name[mine], behind[mine]
        width, offset = varints(self._u8[behind + 1])
        heads = behind + 1 + width
        timed = self._u1[heads] == _DURATION
        right = (width <= 8) & (heads <= ends)
        width, duration = varints(self._u8[heads + 1])
        right &= ~timed | (width <= 8)
        duration[~timed] = 0
        heads += np.where(timed, 1 + width, 0)
        right &= heads <= ends
        columns = (at, body, ends, heads, name, offset, duration)
        return columns if right.all() else tuple(column[right] for column in columns)

    def _stats(
        self, found: tuple[Indexes, ...], body: Indexes, ends: Indexes, heads: Indexes, wanted: Indexes
    ) -> tuple[tuple[Indexes, ...], Indexes]:
        """The wanted stats of events, as the columns of `Events`; and the events whose stats do not join."""
        at, _, stops, stat, follows, behind = found
        nothing = (np.empty(0, np.int64),) * 4
        if not len(body):
            return nothing, body
        event = np.searchsorted(body, at, "right") - 1
        mine = np.flatnonzero(self._value_keys[follows] & (event >= 0) & (at >= heads[event]) & (at < ends[event]))
        event, at, stops = event[mine], at[mine], stops[mine]
        if not len(mine):
            return nothing, np.flatnonzero(heads != ends)
        first = np.append(True, event[1:] != event[:-1])
        wrong = np.append(0, stops[:-1])
        wrong = np.where(first, heads[event], wrong) != at
        last = np.append(first[1:], True)
        wrong |= last & (stops != ends[event])
        bad = np.zeros(len(body), bool)
        bad[event[wrong]] = True
        without = np.ones(len(body), bool)
        without[event] = False
        bad |= without & (heads != ends)
        kept = _is_in(stat[mine], wanted)
        if bad.any():
            kept &= ~bad[event]
        mine, event = mine[kept], event[kept]
        return (event, stat[mine], follows[mine], behind[mine] + 1), np.flatnonzero(bad)

    # -- one field at a time ------------------------------------------------------------------------------------

    def _slowly(self, event: Part) -> tuple[int, int, int, int, int]:
        """(begin, end, number of the name, offset, duration) of one event."""
        told = {
            part.key: signed64(part.number)
            for part in self._source.parts(event.begin, event.end)
            if part.key & 7 == VARINT
        }
        return event.begin, event.end, told.get(_NAME, 0), told.get(_OFFSET, 0), told.get(_DURATION, 0)

    def _with_slow_stats(
        self, stats: tuple[Indexes, ...], events: list[tuple[int, int, int]], wanted: Indexes
    ) -> tuple[Indexes, ...]:
        """Adds the wanted stats of events that are read one by one: (place of the event, begin, end)."""
        found = []
        known = set(wanted.tolist())
        for place, begin, end in events:
            for part in self._source.parts(begin, end):
                if part.key != _STAT_KEY:
                    continue
                number, value = 0, (0, 0)
                for one in self._source.parts(part.begin, part.end):
                    if one.key == _NAME:
                        number = signed64(one.number)
                    elif one.key in _VALUES:
                        value = (one.key, one.begin if one.key & 7 != VARINT else self._begin_of(one))
                if number in known and value[0]:
                    found.append((place, number, *value))
        if not found:
            return stats
        extra = np.array(found, np.int64)
        joined = tuple(np.concatenate((column, extra[:, i])) for i, column in enumerate(stats))
        order = np.argsort(joined[3], kind="stable")
        return tuple(column[order] for column in joined)

    def _begin_of(self, part: Part) -> int:
        """Where the number of a varint field begins."""
        at = part.end - 1
        while at > 0 and self._source.data[at - 1] & 0x80:
            at -= 1
        return at

    # -- values -------------------------------------------------------------------------------------------------

    def numbers(self, at: Indexes) -> tuple[Indexes, NDArray[np.bool_]]:
        """The varints at these places, and which of them fit an int64's 62 bits (others are 0)."""
        last = len(self._u8) - 1
        near = at <= last
        width, values = varints(self._u8[np.minimum(at, max(last, 0))]) if last >= 0 else (at, np.zeros_like(at))
        fits = near & (width <= 8)
        for place in np.flatnonzero(~fits).tolist():
            number = signed64(read_varint(self._source.view, int(at[place]))[0])
            fits[place] = -(1 << 62) < number < 1 << 62
            values[place] = number if fits[place] else 0
        return values, fits

    def texts(self, at: Indexes) -> list[bytes]:
        """The texts whose lengths stand at these places."""
        found = []
        view, data = self._source.view, self._source.data
        for place in at.tolist():
            length, begin = read_varint(view, place)
            found.append(data[begin : begin + length])
        return found


def _joined(parts: list[tuple[Indexes, ...]], count: int) -> tuple[Any, ...]:
    if not parts:
        return (np.empty(0, np.int64),) * count
    return tuple(np.concatenate(columns) for columns in zip(*parts, strict=True))


def _is_in(numbers: Indexes, wanted: Indexes) -> NDArray[np.bool_]:
    """Which of the numbers are wanted; few are."""
    found = np.zeros(len(numbers), bool)
    for one in wanted.tolist():
        found |= numbers == one
    return found
