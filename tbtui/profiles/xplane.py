"""Captures of XLA's profiler (`*.xplane.pb`), as TensorFlow, JAX and Keras write them: bytes -> `Profile`.

A capture is a list of planes: the host's, one for each device, and some that tell of the capture itself. Planes have
lines (threads, streams), lines have events. Lines that a device's plane has besides its streams ("Steps", "XLA
Modules", ...) repeat the time of others and are not counted again.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from google.protobuf.message import DecodeError

from tbtui.events.proto import xplane_pb2
from tbtui.profiles.model import NOTHING, BadProfile, Kind, Lane, Memory, Operation, Profile, Spans, StepMark

_HOST = "/host:CPU"
_DEVICE = re.compile(r"^/device:([^:]+):(\d+)")
_PYTHON_PLANE = "/host:python-tracer"
_STEPS, _OPERATIONS = "Steps", "XLA Ops"
_REPEATED = frozenset(
    ("Steps", "XLA Modules", "Async XLA Ops", "Framework Ops", "Framework Name Scope", "Launch Stats", "Source code",
     "TensorFlow Ops", "TensorFlow Name Scope", "XLA TraceMe", "Source")
)  # fmt: skip
_FRAMEWORK_OPERATION = re.compile(r"^(?P<name>[^\s:]+):(?P<type>[A-Z_][A-Za-z0-9_]*)$")
_DATASET = "Iterator::"
_RUNTIME = re.compile(r"^(cu|cuda|hip)[A-Z]")
_ALLOCATIONS = ("MemoryAllocation", "MemoryDeallocation")
_MARKS = ("train", "test", "TraceContext")
_KERNEL_DETAILS = {"regs": "registers per thread", "occ_pct": "est. achieved occupancy %"}
_PS_PER_NS = 1000
_LATEST = 10**18  # ps; no capture is that long


def read_xplane(data: bytes) -> Profile:
    """Reads a capture. Raises BadProfile where it is none, or holds nothing that ran."""
    space = xplane_pb2.XSpace()
    try:
        space.ParseFromString(data)
    except DecodeError:
        raise BadProfile("this is no XSpace message, or it is cut off") from None
    times = [line.timestamp_ns for plane in space.planes for line in plane.lines if line.events]
    builder = _Builder(min(times, default=0))
    for plane in space.planes:
        builder.take(plane)
    if not builder.rows:
        raise BadProfile("the capture holds no events with a duration")
    return builder.build([*space.errors, *space.warnings])


class _Builder:
    """Sorts the events of planes into the columns of a profile."""

    def __init__(self, base_ns: int) -> None:
        self.rows: list[tuple[int, int, int, int, int, int, int]] = []
        self._base_ns = base_ns  # picoseconds since 1970 do not fit 64 bits
        self._absurd = 0
        self._details: list[tuple[Any, Any]] = []
        self._lanes: list[Lane] = []
        self._names: dict[str, int] = {}
        self._operations: dict[Operation, int] = {}
        self._memory: list[tuple[int, int, int, int, int, int, int, int]] = []
        self._marks: list[tuple[bool, str, int, int]] = []  # (on a device, name, begin, end)
        self._devices: dict[int, str] = {}

    def take(self, plane: Any) -> None:
        device = _DEVICE.match(plane.name)
        number = int(device[2]) if device else None
        if device is not None and number is not None:
            self._devices[number] = _device_name(plane, device[1])
        elif plane.name not in (_HOST, _PYTHON_PLANE):
            return
        reader = _Plane(plane)
        for line in plane.lines:
            if line.name == _STEPS and device:
                self._steps(line, reader)
            elif not (device and line.name in _REPEATED):
                self._line(line, reader, plane.name, number)

    def _steps(self, line: Any, reader: _Plane) -> None:
        begin = (line.timestamp_ns - self._base_ns) * _PS_PER_NS
        for event in line.events:
            start = begin + event.offset_ps
            name = f"step {reader.stats(event).get('step_num', reader.name(event))}"
            self._marks.append((True, name, start, start + event.duration_ps))

    def _line(self, line: Any, reader: _Plane, plane: str, device: int | None) -> None:
        lane = len(self._lanes)
        self._lanes.append(Lane(plane, line.display_name or line.name or str(line.id), "", device))
        begin = (line.timestamp_ns - self._base_ns) * _PS_PER_NS
        nested = line.name == _OPERATIONS
        for event in line.events:
            start = begin + event.offset_ps
            if not (-_LATEST < start < _LATEST and 0 <= event.duration_ps < _LATEST):
                self._absurd += 1
                continue
            name, stats = reader.name(event), reader.stats(event)
            if name in _ALLOCATIONS:
                self._allocation(name, start, stats, lane)
            if device is None and _is_mark(name, stats):
                number = stats.get("step_num")
                text = name if number is None else f"{name} {number}"
                self._marks.append((False, text, start, start + event.duration_ps))
            kind = _kind(name, stats, device, nested)
            self.rows.append(
                (
                    start,
                    event.duration_ps,
                    lane,
                    self._names.setdefault(reader.shown(event) if nested else name, len(self._names)),
                    int(kind),
                    self._operation(name, stats, device),
                    _whole(stats.get("correlation_id")),
                )
            )
            self._details.append((event, reader))

    def _operation(self, name: str, stats: Mapping[str, Any], device: int | None) -> int:
        operation = _operation_of(name, stats, device)
        return NOTHING if operation is None else self._operations.setdefault(operation, len(self._operations))

    def _allocation(self, name: str, start: int, stats: Mapping[str, Any], lane: int) -> None:
        size = max(_whole(stats.get("allocation_bytes")), 0)
        place = NOTHING
        for key, value in stats.items():  # whichever comes last says where
            if key in ("index_on_host", "device_ordinal"):
                place = _whole(value)
        told = _whole(stats.get("bytes_allocated"))
        size = size if name == _ALLOCATIONS[0] else -size
        operation = _asked_for(stats)
        number = NOTHING if operation is None else self._operations.setdefault(operation, len(self._operations))
        self._memory.append((start, size, place, told, NOTHING, _whole(stats.get("addr")), lane, number))

    def build(self, problems: Iterable[str]) -> Profile:
        rows = np.array(self.rows, np.int64).reshape(-1, 7)
        order = np.lexsort((-rows[:, 1], rows[:, 0]))
        rows = rows[order]
        begin = int(rows[0, 0])
        memory = np.array(self._memory, np.int64).reshape(-1, 8)
        memory = memory[np.argsort(memory[:, 0], kind="stable")]
        details, places = self._details, order.tolist()
        # Where devices tell of steps, theirs count; what the host marks is the same once more.
        on_device = any(mark[0] for mark in self._marks)
        marks = sorted((start, end, name) for where, name, start, end in self._marks if where == on_device)
        spans = Spans(
            rows[:, 0] - begin,
            rows[:, 1].copy(),
            rows[:, 2].astype(np.int32),
            rows[:, 3].astype(np.int32),
            rows[:, 4].astype(np.int8),
            np.full(len(rows), NOTHING, np.int64),
            rows[:, 6].copy(),
        )
        return Profile(
            "XLA",
            self._lanes,
            list(self._names),
            spans,
            Memory(memory[:, 0] - begin, *(memory[:, i].copy() for i in range(1, 8))),
            self._devices,
            begin_ns=self._base_ns + begin // _PS_PER_NS,
            problems=[
                *problems,
                *([f"{self._absurd} events without a usable time were left out"] if self._absurd else []),
            ],
            details=lambda index: _told(*details[places[index]]),
            marks=[StepMark(name, start - begin, end - start) for start, end, name in marks],
            operation=rows[:, 5].copy(),
            operations=list(self._operations),
        )


class _Plane:
    """Names and values of a plane's events, which stand in tables of the plane."""

    def __init__(self, plane: Any) -> None:
        self._events = {number: (meta.name, meta.display_name) for number, meta in plane.event_metadata.items()}
        self._stat_names = {number: meta.name for number, meta in plane.stat_metadata.items()}
        self._shared = {number: self._values(meta.stats) for number, meta in plane.event_metadata.items() if meta.stats}

    def name(self, event: Any) -> str:
        """What it is called."""
        name: str = self._events.get(event.metadata_id, ("", ""))[0]
        return name

    def shown(self, event: Any) -> str:
        """The short form of its name, where there is one."""
        name, short = self._events.get(event.metadata_id, ("", ""))
        shown: str = short or name
        return shown

    def stats(self, event: Any) -> dict[str, Any]:
        """What is told of it, and of all of its name."""
        own = self._values(event.stats)
        shared = self._shared.get(event.metadata_id)
        return {**shared, **own} if shared else own

    def _values(self, stats: Any) -> dict[str, Any]:
        found = {}
        for stat in stats:
            kind = stat.WhichOneof("value")
            if kind is not None:
                value = getattr(stat, kind)
                found[self._stat_names.get(stat.metadata_id, "")] = (
                    self._stat_names.get(value, "") if kind == "ref_value" else value
                )
        return found


def _told(event: Any, reader: _Plane) -> dict[str, Any]:
    """The stats of an event; those of a kernel under the names that PyTorch's captures have for them."""
    stats = reader.stats(event)
    details = stats.get("kernel_details")
    if not isinstance(details, str):
        return stats
    for part in details.split():
        key, _, value = part.partition(":")
        numbers = [int(number) for number in value.split(",") if number.lstrip("-").isdecimal()]
        if key in ("grid", "block"):
            stats[key] = numbers
        elif key in _KERNEL_DETAILS:
            stats[_KERNEL_DETAILS[key]] = _float(value) if key == "occ_pct" else next(iter(numbers), None)
        elif key in ("static_shared", "dynamic_shared"):
            stats["shared memory"] = stats.get("shared memory", 0) + sum(numbers)
    return stats


def _is_mark(name: str, stats: Mapping[str, Any]) -> bool:
    return "step_num" in stats or (name.startswith(_MARKS) and "/" not in name and "group_id" in stats)


def _kind(name: str, stats: Mapping[str, Any], device: int | None, nested: bool) -> Kind:
    if device is not None:
        if "memcpy_details" in stats or name.startswith("Memcpy"):
            return Kind.MEMCPY
        if "memset_details" in stats or name.startswith("Memset"):
            return Kind.MEMSET
        return Kind.OPERATOR if nested else Kind.KERNEL
    if name.startswith("$"):
        return Kind.PYTHON
    if _RUNTIME.match(name):
        return Kind.RUNTIME
    if _is_mark(name, stats):
        return Kind.ANNOTATION
    if name.startswith(_DATASET) or "hlo_op" in stats or _FRAMEWORK_OPERATION.match(name):
        return Kind.OPERATOR
    return Kind.OTHER


def _operation_of(name: str, stats: Mapping[str, Any], device: int | None) -> Operation | None:
    """The framework's operation that an event is of, as xprof finds it; XLA's where the framework has none."""
    told = stats.get("tf_op")
    where = name if device is None and not isinstance(told, str) else told if isinstance(told, str) else ""
    found = _FRAMEWORK_OPERATION.match(where)
    if found:
        return Operation(found["name"], found["type"])
    if isinstance(told, str) and told:
        return Operation(told.partition(":")[0], str(stats.get("hlo_category", "")))
    if name.startswith(_DATASET):
        return Operation(name, "Dataset")
    hlo = stats.get("hlo_op")
    return Operation(str(hlo), "") if hlo else None


def _asked_for(stats: Mapping[str, Any]) -> Operation | None:
    """The operation that memory was allocated for."""
    told = stats.get("tf_op")
    name, _, kind = told.partition(":") if isinstance(told, str) else ("", "", "")
    return Operation(name, kind) if name else None


def _device_name(plane: Any, kind: str) -> str:
    stats = _Plane(plane)._values(plane.stats)
    return str(stats.get("device_type_string") or stats.get("device_vendor") or kind)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and -(1 << 62) < value < 1 << 62 else NOTHING


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
