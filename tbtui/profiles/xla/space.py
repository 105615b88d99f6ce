"""The outer parts of an XLA capture, from its bytes: planes, their lines, and the tables of names they have.

Events are many and are found by `events`; all else is read here, field by field. What is cut off or damaged is read as
far as it goes. Field numbers: tensorflow/tsl `xplane.proto`.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

from tbtui.events.wire import BYTES, FIXED64, VARINT, key, signed64
from tbtui.profiles.xla.source import Bytes, Part

EVENTS = key(4, BYTES)  # of a line

Value = int | float | str | bytes


@dataclass(slots=True)
class Line:
    """A thread or a stream: `first` is where its first event's field begins (`end` where it has none)."""

    number: int = 0
    name: str = ""
    display_name: str = ""
    timestamp_ns: int = 0
    first: int = 0
    end: int = 0

    @property
    def shown(self) -> str:
        """What it is called."""
        return self.display_name or self.name or str(self.number)


@dataclass(slots=True)
class EventName:
    """What events of one kind are called, and what is told of all of them; `stats` as (number of the stat, value)."""

    name: str = ""
    display_name: str = ""
    stats: list[Part] = field(default_factory=list)


@dataclass(slots=True)
class Plane:
    """The host, a device, or something that tells of the capture. `stats`: what is told of the plane itself."""

    source: Bytes
    name: str = ""
    lines: list[Line] = field(default_factory=list)
    events: dict[int, EventName] = field(default_factory=dict)
    stat_names: dict[int, str] = field(default_factory=dict)
    stats: dict[str, Value] = field(default_factory=dict)
    size: int = 0

    def values(self, parts: list[Part]) -> dict[str, Value]:
        """What stats tell, by their names; of several of one name the last counts."""
        found: dict[str, Value] = {}
        for part in parts:
            stat = self.stat(part)
            if stat is not None:
                found.pop(stat[0], None)
                found[stat[0]] = stat[1]
        return found

    def stat(self, part: Part) -> tuple[str, Value] | None:
        """The name and the value of a stat; None where it has none."""
        number, value = 0, None
        for one in self.source.parts(part.begin, part.end):
            body = bytes(self.source.content(one.begin, one.end))
            if one.key == key(1, VARINT):
                number = signed64(one.number)
            elif one.key == key(2, FIXED64) and len(body) == 8:
                value = struct.unpack("<d", body)[0]
            elif one.key == key(3, VARINT):
                value = one.number
            elif one.key == key(4, VARINT):
                value = signed64(one.number)
            elif one.key == key(5, BYTES):
                value = self.source.text(one)
            elif one.key == key(6, BYTES):
                value = body
            elif one.key == key(7, VARINT):
                value = self.stat_names.get(signed64(one.number), "")
        return None if value is None else (self.stat_names.get(number, ""), value)

    def event_stats(self, begin: int, end: int) -> dict[str, Value]:
        """What is told of the event whose message lies at data[begin:end], and of all of its name."""
        parts = list(self.source.parts(begin, end))
        number = next((signed64(part.number) for part in reversed(parts) if part.key == key(1, VARINT)), 0)
        name = self.events.get(number)
        return self.values([*(name.stats if name else []), *(part for part in parts if part.key == key(4, BYTES))])


@dataclass(slots=True)
class Space:
    """A capture: its planes, and what the profiler complains of."""

    planes: list[Plane] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    hosts: list[str] = field(default_factory=list)


def read_space(source: Bytes) -> Space:
    """Reads everything but the events."""
    space = Space()
    for part in source.parts(0, source.size):
        if part.key == key(1, BYTES):
            space.planes.append(_plane(source, part))
        elif part.key in (key(2, BYTES), key(3, BYTES)):
            space.problems.append(source.text(part))
        elif part.key == key(4, BYTES):
            space.hosts.append(source.text(part))
    return space


def _plane(source: Bytes, whole: Part) -> Plane:
    plane = Plane(source, size=whole.end - whole.begin)
    stats = []
    for part in source.parts(whole.begin, whole.end):
        if part.key == key(2, BYTES):
            plane.name = source.text(part)
        elif part.key == key(3, BYTES):
            plane.lines.append(_line(source, part))
        elif part.key in (key(4, BYTES), key(5, BYTES)):
            number, value = 0, None
            for one in source.parts(part.begin, part.end):
                if one.key == key(1, VARINT):
                    number = signed64(one.number)
                elif one.key == key(2, BYTES):
                    value = one
            if part.key == key(4, BYTES):
                plane.events[number] = _event_name(source, value)
            else:
                plane.stat_names[number] = _name(source, value)
        elif part.key == key(6, BYTES):
            stats.append(part)
    plane.stats = plane.values(stats)
    return plane


def _line(source: Bytes, whole: Part) -> Line:
    line = Line(first=whole.end, end=whole.end)
    at = whole.begin
    while at < whole.end:
        part = source.part(at, whole.end)
        if part is None:
            break
        if part.key == EVENTS:
            line.first = at
            break
        tell(source, line, part)
        at = part.end
    return line


def tell(source: Bytes, line: Line, part: Part) -> None:
    """Takes what a field says of its line; such fields stand before its events and behind them."""
    if part.key == key(1, VARINT):
        line.number = signed64(part.number)
    elif part.key == key(2, BYTES):
        line.name = source.text(part)
    elif part.key == key(3, VARINT):
        line.timestamp_ns = signed64(part.number)
    elif part.key == key(11, BYTES):
        line.display_name = source.text(part)


def _event_name(source: Bytes, whole: Part | None) -> EventName:
    found = EventName()
    for part in source.parts(whole.begin, whole.end) if whole else ():
        if part.key == key(2, BYTES):
            found.name = source.text(part)
        elif part.key == key(4, BYTES):
            found.display_name = source.text(part)
        elif part.key == key(5, BYTES):
            found.stats.append(part)
    return found


def _name(source: Bytes, whole: Part | None) -> str:
    for part in source.parts(whole.begin, whole.end) if whole else ():
        if part.key == key(2, BYTES):
            return source.text(part)
    return ""
