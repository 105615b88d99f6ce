"""What an XPlane tells of its events besides their times: their names, and their stats as columns."""

from __future__ import annotations

from typing import Any

import numpy as np

from tbtui.profiles.grouping import Codes, dense, narrow
from tbtui.profiles.model import NOTHING, Indexes, Mask
from tbtui.profiles.xla.columns import NUMBER, REFERENCE, TEXT, Events, StatColumn, Wanted
from tbtui.profiles.xla.names import DATASET, FRAMEWORK_OPERATION, MARKS, device_kind, host_kind
from tbtui.profiles.xla.space import EventName, Plane

_NEW = -2  # of texts that have no code yet
_MOST_STAT_NAMES = 1 << 20  # whose codes have a place in a table
_SIGNS = {"MemoryAllocation": 1, "MemoryDeallocation": -1}
ALLOCATOR = ("index_on_host", "device_ordinal")
_OF_ALLOCATIONS = ("allocation_bytes", "bytes_allocated", "bytes_reserved", "addr", *ALLOCATOR)
_OF_EVENTS = ("correlation_id", "hlo_op", "tf_op", "hlo_category", "kernel_details")
_OF_DEVICES = ("memcpy_details", "memset_details")


class NameTables:
    """What a plane tells of the names of its events and stats, as columns by place: `places` finds the place of the
    name of each event. `names` and `texts` number those of the capture; new ones are added."""

    def __init__(self, plane: Plane, names: Codes[str], texts: Codes[str]) -> None:
        self.plane = plane
        self._code, self._texts = names, texts
        self.unnamed: set[int] = set()
        self._text_codes = np.full(min(max(plane.stat_names, default=0) + 1, _MOST_STAT_NAMES), _NEW, np.int64)
        self._make()

    def _make(self) -> None:
        self._numbers = np.array(sorted(self.plane.events), np.int64)
        known = [self.plane.events[number] for number in self._numbers.tolist()]
        names, code = [one.name for one in known], self._code
        self.names = narrow([code.of(name) for name in names])
        shown = [one.display_name or one.name for one in known]
        self.shown = narrow([code.of(name) for name in shown])
        self.kinds = np.array([host_kind(name) for name in names], np.int8)
        self.moves = np.array([device_kind(name) for name in names], np.int8)
        self.marks = np.array([name.startswith(MARKS) and "/" not in name for name in names], bool)
        self.dataset = np.array([name.startswith(DATASET) for name in names], bool)
        self.says = self.dataset | np.array([bool(FRAMEWORK_OPERATION.match(name)) for name in names], bool)
        self.allocates = np.array([_SIGNS.get(name, 0) for name in names], np.int64)
        self.told = np.array([number not in self.unnamed for number in self._numbers.tolist()], bool)
        self._shared = [self.plane.values(one.stats) if one.stats else {} for one in known]
        self._numbers_of: dict[str, Indexes] = {}
        self._texts_of: dict[str, Indexes] = {}

    def shared_number(self, name: str) -> Indexes:
        """A number that is told of all events of a name, NOTHING where none is."""
        if name not in self._numbers_of:
            self._numbers_of[name] = np.array([whole_number(one.get(name)) for one in self._shared], np.int64)
        return self._numbers_of[name]

    def shared_text(self, name: str) -> Indexes:
        """The code of a text that is told of all events of a name, NOTHING where none is."""
        if name not in self._texts_of:
            told = [one.get(name) for one in self._shared]
            codes = [self._texts.of(text) if isinstance(text, str) else NOTHING for text in told]
            self._texts_of[name] = np.array(codes, np.int64)
        return self._texts_of[name]

    def text_codes(self, numbers: Indexes) -> Indexes:
        """The codes of the texts that are the plane's stat names with these numbers."""
        table = self._text_codes
        if int(numbers.max(initial=0)) >= len(table) or int(numbers.min(initial=0)) < 0:
            different, place = dense(numbers)
            return np.array([self._text_code(number) for number in different.tolist()], np.int64)[place]
        codes = table[numbers]
        new = numbers[codes == _NEW]
        if len(new):
            for number in sorted(set(new.tolist())):
                table[number] = self._text_code(number)
            codes = table[numbers]
        return codes

    def _text_code(self, number: int) -> int:
        return self._texts.of(self.plane.stat_names.get(number, ""))

    def wanted(self, on_device: bool) -> Wanted:
        """The stats that are made use of."""
        names = [*_OF_EVENTS, "step_num", *(_OF_DEVICES if on_device else ())]
        if self.marks.any() and not on_device:
            names.append("group_id")
        if self.allocates.any():
            names += _OF_ALLOCATIONS
        known = {name: place for place, name in enumerate(names)}
        numbers = {number: known[name] for number, name in self.plane.stat_names.items() if name in known}
        return Wanted(tuple(names), numbers, frozenset(ALLOCATOR))

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

    def __init__(self, events: Events, which: Indexes, tables: NameTables, texts: Codes[str]) -> None:
        self._events, self._which = events, which
        self._tables, self._texts = tables, texts
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
        """Of some numbers, whose order is known, that which an event tells last."""
        found = np.full(len(self._which), NOTHING, np.int64)
        at = np.full(len(self._which), NOTHING, np.int64)
        for name in names:
            for one in self._columns(name, NUMBER):
                later = one.more > at[one.event]
                found[one.event[later]], at[one.event[later]] = one.value[later], one.more[later]
        return found

    def _columns(self, name: str, kind: int) -> list[StatColumn]:
        return self._events.stats.get((name, kind), [])

    def _shared(self, values: Indexes) -> Indexes:
        some = len(values) and int(values.max()) != NOTHING
        return values[self._which] if some else np.full(len(self._which), NOTHING, np.int64)

    def _number(self, name: str) -> Indexes:
        found = self._shared(self._tables.shared_number(name))
        for one in self._columns(name, NUMBER):
            found[one.event] = one.value
        return found

    def _text(self, name: str) -> Indexes:
        found = self._shared(self._tables.shared_text(name))
        for one in self._columns(name, REFERENCE):
            found[one.event] = self._tables.text_codes(one.value)
        for one in self._columns(name, TEXT):
            places = zip(one.value.tolist(), (one.value + one.more).tolist(), strict=True)
            codes, content = self._texts.of, self._events.window.content
            found[one.event] = [codes(str(content(begin, end), "utf-8", "replace")) for begin, end in places]
        return found


def whole_number(value: Any) -> int:
    """A number that a stat tells, NOTHING where it is none or too large."""
    return value if isinstance(value, int) and -(1 << 62) < value < 1 << 62 else NOTHING
