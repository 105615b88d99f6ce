"""What is read of the events of a line: columns of numbers, and which stats are wanted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tbtui.events.wire import BYTES, FIXED64, VARINT, key
from tbtui.profiles.model import Indexes
from tbtui.profiles.xla.source import Window

HEADS = (key(1, VARINT), key(2, VARINT), key(3, VARINT))  # number of the name, offset, duration
STAT = key(4, BYTES)
NUMBER, REFERENCE, TEXT = range(3)
KINDS = {key(3, VARINT): NUMBER, key(4, VARINT): NUMBER, key(7, VARINT): REFERENCE, key(5, BYTES): TEXT}
"""Of the values of stats, by their fields."""
VALUES = frozenset((*KINDS, key(2, FIXED64), key(6, BYTES)))


@dataclass(frozen=True, slots=True)
class Wanted:
    """The stats that are read: the names they have, and which of these the stats with a number have. Of the names
    `ordered` it is told where numbers stand."""

    names: tuple[str, ...]
    by_number: Mapping[int, int]
    ordered: frozenset[str] = frozenset()

    def slot(self, name: int, kind: int) -> int:
        """The slot of the stats of a name that have values of a kind; the first slots are those of `HEADS`."""
        return len(HEADS) + len((NUMBER, REFERENCE, TEXT)) * name + kind

    def of_slot(self, slot: int) -> tuple[str, int]:
        """The name and the kind of the stats in a slot."""
        name, kind = divmod(slot - len(HEADS), len((NUMBER, REFERENCE, TEXT)))
        return self.names[name], kind


@dataclass(frozen=True, slots=True)
class StatColumn:
    """Stats of one name: of which events, and their values: numbers (NOTHING where they are too large), numbers of
    names, or the places where texts begin. `more`: the lengths of texts, or where numbers stand, empty where that is
    not wanted. int64[m] each."""

    event: Indexes
    value: Indexes
    more: Indexes


@dataclass(slots=True)
class Events:
    """n events that follow each other on a line, in a window: the places in it where each begins (`at`), and where its
    message lies (`begin`, `end`), the number of its name, offset and duration in ps; int64[n] all. `stats`: by name and
    kind (`NUMBER`, ...); of an event that has several of them the last counts."""

    window: Window
    at: Indexes
    begin: Indexes
    end: Indexes
    name: Indexes
    offset: Indexes
    duration: Indexes
    stats: dict[tuple[str, int], list[StatColumn]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.begin)

    def add(self, name: str, kind: int, event: Indexes, value: Indexes, more: Indexes) -> None:
        """Stats of a name and kind."""
        self.stats.setdefault((name, kind), []).append(StatColumn(event, value, more))
