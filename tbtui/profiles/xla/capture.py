"""Captures of XLA's profiler (`*.xplane.pb`), as TensorFlow, JAX and Keras write them: bytes -> `Profile`.

A capture is a list of planes: the host's, one for each device, and some that tell of the capture itself. Planes have
lines (threads, streams), lines have events. Lines that a device's plane has besides its streams ("Steps", "XLA
Modules", ...) repeat the time of others and are not counted again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.model import NOTHING, XLA, BadProfile, Lane, Memory, Profile, Spans, StepMark
from tbtui.profiles.xla.events import EventReader
from tbtui.profiles.xla.lines import Book, LineReader
from tbtui.profiles.xla.names import REPEATED, STEPS, told_of
from tbtui.profiles.xla.source import Bytes, InFile
from tbtui.profiles.xla.space import Line, Plane, Space, read_space, tell
from tbtui.profiles.xla.spans import Columns
from tbtui.profiles.xla.stats import NameTables, whole_number

_HOST = "/host:CPU"
_DEVICE = re.compile(r"^/device:([^:]+):(\d{1,9})(?!\d)")
_PYTHON_PLANE = "/host:python-tracer"
_ABOUT_THE_CAPTURE = frozenset(("/host:metadata", "Task Environment", "/host:TFStreamz", ""))
_PS_PER_NS = 1000
_BYTES_PER_EVENT = 16  # of most captures more; room is made for so many
_LARGEST_KEPT = 31 << 20  # bytes; of larger blocks glibc never keeps any
_SINCE_1970 = 10**17  # ns; from here on a time of a line is one since 1970


def read_xplane(data: bytes | memoryview | InFile, step: Callable[[int], None] = lambda _: None) -> Profile:
    """Reads a capture; one that is cut off or damaged as far as it goes. `step` is called now and then with how many
    bytes were read so far; what it raises ends the reading. Raises BadProfile where it is no capture, or holds nothing
    that ran, and OSError."""
    _keep_freed_memory()
    source = Bytes(data)
    space = read_space(source)
    if not any(plane.name for plane in space.planes):
        raise BadProfile("this is no XSpace message")
    times = [line.timestamp_ns for plane in space.planes for line in plane.lines if line.first < line.end]
    with ThreadPoolExecutor(1) as beside:
        builder = _Builder(source, min(times, default=0), beside, step)
        for plane in space.planes:
            builder.take(plane)
    if not builder.columns.count:
        raise BadProfile("the capture holds no events with a duration" + ", and is cut off" * bool(source.missing))
    return builder.build(space)


def _keep_freed_memory() -> None:
    """Has the C library (glibc) keep what is freed for the next array: it takes larger ones than were ever freed from
    the system anew each time, and clearing them takes longer than what is done with them."""
    np.empty(_LARGEST_KEPT, np.uint8)


class _Builder:
    """Puts the lines of planes together to a profile."""

    def __init__(self, source: Bytes, base_ns: int, beside: Executor, step: Callable[[int], None]) -> None:
        self._beside = beside
        self._source, self._base_ns, self._step = source, base_ns, step
        self.columns = Columns(source.size // _BYTES_PER_EVENT)
        self._book = Book()
        self._absurd = self._unnamed = 0
        self._lanes: list[Lane] = []
        self._planes: list[Plane] = []  # of each lane
        self._ends: list[int] = []  # of each lane's line
        self._memory: list[NDArray[np.int64]] = []
        self._marks: dict[int, list[tuple[int, int, str]]] = {}  # by device
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
        tables = NameTables(plane, self._book.names, self._book.texts)
        reader = EventReader(self._source, tables.wanted(device is not None), self._beside, self._step)
        for line in plane.lines:
            if not (device and line.name in REPEATED) or line.name == STEPS:
                self._line(line, tables, reader, number)

    def _line(self, line: Line, tables: NameTables, reader: EventReader, device: int | None) -> None:
        steps = device is not None and line.name == STEPS
        first = self.columns.count
        found = told = None
        while told != (line.name, line.timestamp_ns):  # which may stand behind the events
            told = (line.name, line.timestamp_ns)
            self.columns.count = first
            place = (device, self.columns, len(self._lanes))
            lines = LineReader(line, tables, self._book, self._base_ns, *place)
            for events in reader.read(line.first, line.end, lambda part: tell(self._source, line, part)):
                (lines.take_steps if steps else lines.take)(events)
            found = lines.found
        assert found is not None
        self._absurd += found.absurd
        self._unnamed += found.unnamed
        if found.marks:
            self._marks.setdefault(NOTHING if device is None else device, []).extend(found.marks)
        if steps:
            return
        self._memory += found.memory
        self.columns.finish(first, len(self._lanes))
        self._lanes.append(Lane(tables.plane.name, line.shown, "", device))
        self._planes.append(tables.plane)
        self._ends.append(line.end)

    def build(self, space: Space) -> Profile:
        rows, lane = self.columns.taken()
        memory = np.concatenate(self._memory) if self._memory else np.empty((0, 8), np.int64)
        memory = memory[np.argsort(memory[:, 0], kind="stable")]
        start, duration, name, kind, correlation, operation, launch, at = rows
        begin = int(start.min())
        start -= begin
        source, planes, ends = self._source, self._planes, self._ends
        external = np.broadcast_to(np.int64(NOTHING), len(start))
        # Where devices tell of steps, those of the first count; what others and the host mark is the same once more.
        devices = [device for device in self._marks if device != NOTHING]
        marks = sorted(self._marks.get(min(devices, default=NOTHING), ()))

        def details(index: int) -> Mapping[str, Any]:
            if source.changed():
                return {}
            line = int(lane[index])
            part = source.part(int(at[index]), ends[line])
            return {} if part is None else told_of(planes[line].event_stats(part.begin, part.end))

        return Profile(
            XLA,
            self._lanes,
            self._book.names.all,
            Spans(start, duration, lane, name, kind, external, correlation),
            Memory(memory[:, 0] - begin, *(memory[:, i].copy() for i in range(1, 8))),
            self._devices,
            begin_ns=_since_1970(space, self._base_ns, begin),
            problems=self._problems(space),
            details=details,
            marks=[StepMark(text, first - begin, last - first) for first, last, text in marks],
            operation=operation,
            operations=self._book.operations.all,
            launch=launch,
            launches=self._book.launches.all,
        )

    def _problems(self, space: Space) -> list[str]:
        found, source = list(space.problems), self._source
        if source.changed():
            found.append("the capture was written to while it was read: what is shown may be wrong")
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
