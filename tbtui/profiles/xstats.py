"""What an XPlane tells of its events besides their times: their names, and their stats as columns."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.wire import BYTES, VARINT, key
from tbtui.profiles.model import NOTHING, Indexes
from tbtui.profiles.xevents import EventReader, Events
from tbtui.profiles.xla_names import DATASET, FRAMEWORK_OPERATION, MARKS, device_kind, host_kind
from tbtui.profiles.xspace import EventName, Plane

Mask = NDArray[np.bool_]

_SIGNS = {"MemoryAllocation": 1, "MemoryDeallocation": -1}
_WHOLE, _TEXT, _REFERENCE = (key(3, VARINT), key(4, VARINT)), key(5, BYTES), key(7, VARINT)
_NUMBERS = (
    "step_num", "group_id", "correlation_id", "allocation_bytes", "bytes_allocated", "bytes_reserved", "addr",
    "index_on_host", "device_ordinal",
)  # fmt: skip
_TEXTS = ("hlo_op", "tf_op", "hlo_category", "kernel_details", "memcpy_details", "memset_details")


class NameTables:
    """What a plane tells of the names of its events and stats, as columns by place: `places` finds the place of the
    name of each event. `code` numbers all names of the capture; new ones are added."""

    def __init__(self, plane: Plane, code: dict[str, int]) -> None:
        self.plane = plane
        self._code = code
        self.unnamed: set[int] = set()
        self.stats: dict[str, list[int]] = {}
        for number, name in plane.stat_names.items():
            if name in _NUMBERS or name in _TEXTS:
                self.stats.setdefault(name, []).append(number)
        self.wanted = frozenset(number for numbers in self.stats.values() for number in numbers)
        self._make()

    def _make(self) -> None:
        self._numbers = np.array(sorted(self.plane.events), np.int64)
        known = [self.plane.events[number] for number in self._numbers.tolist()]
        names, code = [one.name for one in known], self._code
        self.names = np.array([code.setdefault(name, len(code)) for name in names], np.int32)
        shown = [one.display_name or one.name for one in known]
        self.shown = np.array([code.setdefault(name, len(code)) for name in shown], np.int32)
        self.kinds = np.array([host_kind(name) for name in names], np.int8)
        self.moves = np.array([device_kind(name) for name in names], np.int8)
        self.marks = np.array([name.startswith(MARKS) and "/" not in name for name in names], bool)
        self.dataset = np.array([name.startswith(DATASET) for name in names], bool)
        self.says = self.dataset | np.array([bool(FRAMEWORK_OPERATION.match(name)) for name in names], bool)
        self.allocates = np.array([_SIGNS.get(name, 0) for name in names], np.int64)
        self.told = np.array([number not in self.unnamed for number in self._numbers.tolist()], bool)
        self.shared = [self.plane.values(one.stats) if one.stats else {} for one in known]

    def places(self, numbers: Indexes) -> Indexes:
        """The places of the names with these numbers; names that the plane does not tell are made up."""
        found = self._find(numbers)
        missing = numbers[found == NOTHING]
        if len(missing):
            for number in set(missing.tolist()):
                self.unnamed.add(number)
                self.plane.events[number] = EventName(f"event {number}")
            self._make()
            found = self._find(numbers)
        return found

    def _find(self, numbers: Indexes) -> Indexes:
        known = self._numbers
        if not len(known):
            return np.full(len(numbers), NOTHING, np.int64)
        if known[0] >= 0 and known[-1] < 4 * len(numbers) + (1 << 16):
            table = np.full(int(known[-1]) + 2, NOTHING, np.int64)
            table[known] = np.arange(len(known))
            return table[np.where((numbers < 0) | (numbers > known[-1]), len(table) - 1, numbers)]
        near = np.minimum(np.searchsorted(known, numbers), len(known) - 1)
        return np.where(known[near] == numbers, near, NOTHING)


class Stats:
    """Stats of the events of a line as columns: an event's own, or else that of all of its name. `which`: the place of
    the name of each event in the tables of its plane."""

    def __init__(
        self, events: Events, which: Indexes, reader: EventReader, tables: NameTables, code: dict[str, int]
    ) -> None:
        self._events, self._which, self._reader, self._tables, self._code = events, which, reader, tables, code
        self._found: dict[str, Indexes] = {}

    def number(self, name: str) -> Indexes:
        """Whole numbers, NOTHING where there is none."""
        if name not in self._found:
            self._found[name] = self._number(name)
        return self._found[name]

    def text(self, name: str) -> Indexes:
        """Codes of texts, NOTHING where there is none."""
        if name not in self._found:
            self._found[name] = self._text(name)
        return self._found[name]

    def marked(self, marks: Mask) -> Mask:
        """Which events are steps: those with a number of one, and of those with the name of one (`marks`) those that
        belong to a group."""
        found: Mask = self.number("step_num") != NOTHING
        if marks.any():
            found |= marks & (self.number("group_id") != NOTHING)
        return found

    def last(self, *names: str) -> Indexes:
        """Of some numbers that which an event tells last."""
        rows = np.sort(np.concatenate([self._rows(name) for name in names]))
        found = np.full(len(self._events), NOTHING, np.int64)
        values, fits = self._reader.numbers(self._events.stat_at[rows])
        found[self._events.stat_event[rows]] = np.where(fits, values, NOTHING)
        return found

    def _rows(self, name: str, keys: tuple[int, ...] = _WHOLE) -> Indexes:
        """Which of the stats have a name, and values of these kinds."""
        events = self._events
        found = np.zeros(len(events.stat), bool)
        for number in self._tables.stats.get(name, ()):
            found |= events.stat == number
        rows = np.flatnonzero(found)
        right = np.zeros(len(rows), bool)
        for one in keys:
            right |= events.stat_key[rows] == one
        return rows if right.all() else rows[right]

    def _shared(self, values: list[int]) -> Indexes:
        if all(value == NOTHING for value in values):
            return np.full(len(self._which), NOTHING, np.int64)
        return np.array(values, np.int64)[self._which]

    def _number(self, name: str) -> Indexes:
        found = self._shared([whole_number(shared.get(name)) for shared in self._tables.shared])
        rows = self._rows(name)
        if len(rows):
            values, fits = self._reader.numbers(self._events.stat_at[rows])
            found[self._events.stat_event[rows]] = values if fits.all() else np.where(fits, values, NOTHING)
        return found

    def _text(self, name: str) -> Indexes:
        shared = [one.get(name) for one in self._tables.shared]
        found = self._shared([self._number_of(text) if isinstance(text, str) else NOTHING for text in shared])
        rows = self._rows(name, (_REFERENCE,))
        if len(rows):
            values, _ = self._reader.numbers(self._events.stat_at[rows])
            different = np.unique(values)
            texts = [self._tables.plane.stat_names.get(value, "") for value in different.tolist()]
            codes = np.array([self._number_of(text) for text in texts], np.int64)
            found[self._events.stat_event[rows]] = codes[np.searchsorted(different, values)]
        rows = self._rows(name, (_TEXT,))
        if len(rows):
            texts = [str(text, "utf-8", "replace") for text in self._reader.texts(self._events.stat_at[rows])]
            found[self._events.stat_event[rows]] = [self._number_of(text) for text in texts]
        return found

    def _number_of(self, text: str) -> int:
        return self._code.setdefault(text, len(self._code))


def whole_number(value: Any) -> int:
    """A number that a stat tells, NOTHING where it is none or too large."""
    return value if isinstance(value, int) and -(1 << 62) < value < 1 << 62 else NOTHING
