"""Captures of XLA's profiler (`*.xplane.pb`), as TensorFlow, JAX and Keras write them: bytes -> `Profile`.

A capture is a list of planes: the host's, one for each device, and some that tell of the capture itself. Planes have
lines (threads, streams), lines have events. Lines that a device's plane has besides its streams ("Steps", "XLA
Modules", ...) repeat the time of others and are not counted again.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.grouping import combinations
from tbtui.profiles.model import (
    NOTHING,
    XLA,
    BadProfile,
    Indexes,
    Kind,
    Lane,
    Launch,
    Memory,
    Operation,
    Profile,
    Spans,
    StepMark,
)
from tbtui.profiles.xevents import EventReader, Events
from tbtui.profiles.xla_names import (
    OPERATIONS,
    REPEATED,
    STEPS,
    launch_of,
    operation_of,
    told_of,
)
from tbtui.profiles.xspace import Bytes, Line, Plane, Space, read_space, tell
from tbtui.profiles.xstats import Mask, NameTables, Stats, whole_number

_HOST = "/host:CPU"
_DEVICE = re.compile(r"^/device:([^:]+):(\d{1,9})(?!\d)")
_PYTHON_PLANE = "/host:python-tracer"
_ABOUT_THE_CAPTURE = frozenset(("/host:metadata", "Task Environment", "/host:TFStreamz", ""))
_PS_PER_NS = 1000
_LATEST = 10**18  # ps; no capture is that long
_SINCE_1970 = 10**17  # ns; from here on a time of a line is one since 1970


def read_xplane(data: bytes) -> Profile:
    """Reads a capture; one that is cut off or damaged as far as it goes. Raises BadProfile where it is none, or holds
    nothing that ran."""
    source = Bytes(data)
    space = read_space(source)
    if not any(plane.name for plane in space.planes):
        raise BadProfile("this is no XSpace message")
    times = [line.timestamp_ns for plane in space.planes for line in plane.lines if line.first < line.end]
    builder = _Builder(source, min(times, default=0))
    for plane in space.planes:
        builder.take(plane)
    if not builder.lengths:
        raise BadProfile("the capture holds no events with a duration" + ", and is cut off" * bool(source.missing))
    return builder.build(space)


class _Builder:
    """Sorts the events of planes into the columns of a profile."""

    def __init__(self, source: Bytes, base_ns: int) -> None:
        self.lengths: list[int] = []  # events of each lane
        self._source = source
        self._reader = EventReader(source)
        self._base_ns = base_ns  # picoseconds since 1970 do not fit 64 bits
        self._absurd = self._unnamed = 0
        self._columns: list[tuple[NDArray[Any], ...]] = []
        self._lanes: list[Lane] = []
        self._planes: list[Plane] = []  # of each lane
        self._names: dict[str, int] = {}
        self._texts: dict[str, int] = {}
        self._operations: dict[Operation, int] = {}
        self._launches: dict[Launch, int] = {}
        self._memory: list[NDArray[np.int64]] = []
        self._marks: dict[int, list[tuple[int, int, str]]] = {}  # by device: (begin, end, name)
        self._devices: dict[int, str] = {}
        self._unknown: list[str] = []

    def take(self, plane: Plane) -> None:
        device = _DEVICE.match(plane.name)
        number = int(device[2]) if device else None
        if device is not None and number is not None:
            self._devices[number] = _device_name(plane, device[1])
        elif plane.name not in (_HOST, _PYTHON_PLANE):
            if plane.lines and plane.name not in _ABOUT_THE_CAPTURE:
                self._unknown.append(f"{plane.name!r} ({plane.size} bytes)")
            return
        tables = NameTables(plane, self._names)
        for line in plane.lines:
            if line.name == STEPS and device:
                self._steps(line, tables, number or 0)
            elif not (device and line.name in REPEATED):
                self._line(line, tables, number)

    def _read(self, line: Line, tables: NameTables) -> tuple[Events, Indexes, Mask]:
        """The events of a line, when each began, and which have a usable time."""
        events = self._reader.read(line.first, line.end, tables.wanted, lambda part: tell(self._source, line, part))
        begin = (line.timestamp_ns - self._base_ns) * _PS_PER_NS
        if not -_LATEST < begin < _LATEST:
            self._absurd += len(events)
            return events, events.offset, np.zeros(len(events), bool)
        start = begin + events.offset
        fine = (np.abs(events.offset) < _LATEST) & (np.abs(start) < _LATEST)
        fine &= (events.duration >= 0) & (events.duration < _LATEST)
        self._absurd += len(fine) - int(np.count_nonzero(fine))
        return events, start, fine

    def _steps(self, line: Line, tables: NameTables, device: int) -> None:
        events, start, fine = self._read(line, tables)
        which = tables.places(events.name)
        number = Stats(events, which, self._reader, tables, self._texts).number("step_num")
        columns = (start, events.duration, events.name, number)
        for begin, duration, name, step in zip(*(column[fine].tolist() for column in columns), strict=True):
            text = f"step {tables.plane.events[name].name if step == NOTHING else step}"
            self._marks.setdefault(device, []).append((begin, begin + duration, text))

    def _line(self, line: Line, tables: NameTables, device: int | None) -> None:
        events, start, fine = self._read(line, tables)
        lane, nested = len(self._lanes), line.name == OPERATIONS
        which = tables.places(events.name)
        stats = Stats(events, which, self._reader, tables, self._texts)
        names = tables.shown if nested else tables.names
        kind = self._kinds(stats, tables, which, device, nested)
        operation = self._operations_of(stats, tables, which, device)
        launch = self._launches_of(stats)
        if device is None:
            self._mark(events, start, fine & stats.marked(tables.marks[which]), stats, which, tables)
        self._allocations(stats, tables, which, start, fine, lane)
        self._unnamed += int(np.count_nonzero(~tables.told[which]))
        columns: tuple[NDArray[Any], ...] = (
            start,
            events.duration,
            np.full(len(events), lane, np.int32),
            names[which],
            kind,
            stats.number("correlation_id"),
            operation,
            launch,
            events.begin,
            events.end,
            events.name,
        )
        if not fine.all():
            columns = tuple(column[fine] for column in columns)
        self._lanes.append(Lane(tables.plane.name, line.shown, "", device))
        self._planes.append(tables.plane)
        if len(columns[0]):
            self._columns.append(columns)
            self.lengths.append(len(columns[0]))

    def _kinds(
        self, stats: Stats, tables: NameTables, which: Indexes, device: int | None, nested: bool
    ) -> NDArray[np.int8]:
        if device is not None:
            kind = np.where(tables.moves[which] != 0, tables.moves[which], Kind.OPERATOR if nested else Kind.KERNEL)
            kind[stats.text("memset_details") != NOTHING] = Kind.MEMSET
            kind[stats.text("memcpy_details") != NOTHING] = Kind.MEMCPY
            return kind.astype(np.int8)
        kind = tables.kinds[which]
        kind[(kind == Kind.OTHER) & (stats.text("hlo_op") != NOTHING)] = Kind.OPERATOR
        fixed = (kind == Kind.PYTHON) | (kind == Kind.RUNTIME)
        kind[stats.marked(tables.marks[which]) & ~fixed] = Kind.ANNOTATION
        return kind

    def _operations_of(self, stats: Stats, tables: NameTables, which: Indexes, device: int | None) -> Indexes:
        """Which operation each event is of, as xprof finds it; XLA's where the framework has none."""
        found = np.full(len(which), NOTHING, np.int64)
        told, hlo, category = (stats.text(name) for name in ("tf_op", "hlo_op", "hlo_category"))
        names = tables.names[which]
        says = tables.says[which] if device is None else tables.dataset[which]
        some = np.flatnonzero((told != NOTHING) | (hlo != NOTHING) | says)
        if not len(some):
            return found
        texts = list(self._texts)
        every = list(self._names)
        columns = (np.where(says, names, NOTHING)[some], told[some], hlo[some], category[some])
        different, number = combinations(columns)
        places = []
        for name, *codes in different:
            tf_op, hlo_op, kind = (texts[code] if code != NOTHING else "" for code in codes)
            operation = operation_of(every[name] if name != NOTHING else "", tf_op, hlo_op, kind)
            known = self._operations
            places.append(NOTHING if operation is None else known.setdefault(operation, len(known)))
        found[some] = np.array(places, np.int64)[number]
        return found

    def _launches_of(self, stats: Stats) -> NDArray[np.int32]:
        details = stats.text("kernel_details")
        codes = np.unique(details)
        found = np.full(len(details), NOTHING, np.int32)
        if len(codes) and codes[-1] != NOTHING:
            texts, known = list(self._texts), self._launches
            places = [
                NOTHING if code == NOTHING else known.setdefault(launch_of(texts[code]), len(known)) for code in codes
            ]
            found[:] = np.array(places)[np.searchsorted(codes, details)]
        return found

    def _mark(
        self, events: Events, start: Indexes, marked: Mask, stats: Stats, which: Indexes, tables: NameTables
    ) -> None:
        """The steps that the host marks."""
        some = np.flatnonzero(marked)
        names = list(self._names)
        columns = (start[some], events.duration[some], tables.names[which[some]], stats.number("step_num")[some])
        for begin, duration, name, number in zip(*(column.tolist() for column in columns), strict=True):
            text = names[name] if number == NOTHING else f"{names[name]} {number}"
            self._marks.setdefault(NOTHING, []).append((begin, begin + duration, text))

    def _allocations(
        self, stats: Stats, tables: NameTables, which: Indexes, start: Indexes, fine: Mask, lane: int
    ) -> None:
        sign = tables.allocates[which]
        some = np.flatnonzero((sign != 0) & fine)
        if not len(some):
            return
        size = np.maximum(stats.number("allocation_bytes")[some], 0) * sign[some]
        allocated, stack = (stats.number(name)[some] for name in ("bytes_allocated", "bytes_reserved"))
        allocated = np.where((allocated != NOTHING) & (stack > 0), allocated + stack, allocated)
        asked = self._asked_for(stats.text("tf_op")[some])
        nothing = np.full(len(some), NOTHING, np.int64)
        place = stats.last("index_on_host", "device_ordinal")[some]
        where = (stats.number("addr")[some], np.full(len(some), lane, np.int64), asked)
        self._memory.append(np.stack((start[some], size, place, allocated, nothing, *where), axis=1))

    def _asked_for(self, told: Indexes) -> Indexes:
        """The operations that memory was allocated for, by the codes of their texts."""
        codes, texts, known = np.unique(told), list(self._texts), self._operations
        places = []
        for code in codes.tolist():
            name, _, kind = (texts[code] if code != NOTHING else "").partition(":")
            places.append(known.setdefault(Operation(name, kind), len(known)) if name else NOTHING)
        return np.array(places, np.int64)[np.searchsorted(codes, told)]

    # -- the profile --------------------------------------------------------------------------------------------

    def build(self, space: Space) -> Profile:
        columns = [np.concatenate(parts) for parts in zip(*self._columns, strict=True)]
        start, duration = columns[:2]
        order = np.argsort(start, kind="stable")
        sorted_start, sorted_duration = start.take(order), duration.take(order)
        same = sorted_start[1:] == sorted_start[:-1]
        if (same & (sorted_duration[1:] > sorted_duration[:-1])).any():  # what lies in another comes behind it
            order = np.lexsort((-duration, start))
        start, duration, lane, name, kind, correlation, operation, launch = (one.take(order) for one in columns[:8])
        where = columns[8:]
        begin = int(start[0])
        memory = np.concatenate(self._memory) if self._memory else np.empty((0, 8), np.int64)
        memory = memory[np.argsort(memory[:, 0], kind="stable")]
        planes = self._planes
        spans = Spans(start - begin, duration, lane, name, kind, np.full(len(start), NOTHING, np.int64), correlation)
        # Where devices tell of steps, those of the first count; what others and the host mark is the same once more.
        devices = [device for device in self._marks if device != NOTHING]
        marks = sorted(self._marks.get(min(devices, default=NOTHING), ()))

        def details(index: int) -> Mapping[str, Any]:
            first, last, number = (int(column[order[index]]) for column in where)
            return told_of(planes[int(lane[index])].event_stats(number, first, last))

        return Profile(
            XLA,
            self._lanes,
            list(self._names),
            spans,
            Memory(memory[:, 0] - begin, *(memory[:, i].copy() for i in range(1, 8))),
            self._devices,
            begin_ns=_since_1970(space, self._base_ns, begin),
            problems=self._problems(space),
            details=details,
            marks=[StepMark(text, first - begin, last - first) for first, last, text in marks],
            operation=operation,
            operations=list(self._operations),
            launch=launch,
            launches=list(self._launches),
        )

    def _problems(self, space: Space) -> list[str]:
        found, source = list(space.problems), self._source
        if source.missing:
            found.append(f"the capture is cut off, {source.missing} bytes are missing: read as far as it goes")
        if source.damaged:
            found.append(f"the capture is damaged in {source.damaged} places, and read as far as it can be")
        if self._absurd:
            found.append(f"{self._absurd} events without a usable time were left out")
        if self._unnamed:
            found.append(f"{self._unnamed} events have names that the capture does not tell: they are numbered")
        if self._unknown:
            found.append(f"planes of an unknown kind were left out: {', '.join(self._unknown[:5])}")
        return found


def _device_name(plane: Plane, kind: str) -> str:
    return str(plane.stats.get("device_type_string") or plane.stats.get("device_vendor") or kind)


def _since_1970(space: Space, base_ns: int, begin: int) -> int | None:
    """When a capture began whose lines begin at `base_ns`: since 1970, or since the profiler was started."""
    first = base_ns + begin // _PS_PER_NS
    if first >= _SINCE_1970:
        return first
    told = [plane.stats.get("profile_start_time") for plane in space.planes if plane.name == "Task Environment"]
    started = next((whole_number(one) for one in told if one is not None), NOTHING)
    return None if started == NOTHING else started + first
