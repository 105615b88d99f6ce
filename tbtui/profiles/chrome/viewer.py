"""Traces that TensorFlow and JAX wrote for a trace viewer: `<host>.trace` (a Trace message) and `<host>.trace.json.gz`.

They hold what the profiler captured, shortened; older versions left nothing else. A process is the host or a device, as
its name tells; what events are is told by their names and arguments, as in `capture`. Field numbers: tensorflow/tsl
`trace_events.proto`.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec
import numpy as np

from tbtui.events.wire import BYTES, VARINT, BadWire, fields, key, text
from tbtui.profiles.model import (
    NOTHING,
    PS_PER_US,
    XLA,
    BadProfile,
    Kind,
    Lane,
    Launch,
    Memory,
    Operation,
    Profile,
    Spans,
    StepMark,
)
from tbtui.profiles.xla.names import (
    MARKS,
    OPERATIONS,
    REPEATED,
    STEPS,
    device_kind,
    host_kind,
    launch_of,
    operation_of,
    told_of,
)

_DEVICE = re.compile(r"^/device:([^:]+):(\d{1,9})")
_PROCESS = re.compile(rb'"name": ?"/(?:host|device):')
_HEAD = 1 << 16  # bytes in which processes are named
_LATEST = 10**18  # ps
_GZIP = b"\x1f\x8b"


def is_viewer_trace(data: bytes) -> bool:
    """Whether a file holds a trace of TensorFlow's or JAX's: as a message, or as JSON with their processes."""
    if data.startswith(_GZIP):
        try:
            data = zlib.decompressobj(wbits=31).decompress(data, _HEAD)
        except zlib.error:
            return False
    if data.lstrip()[:1] in (b"{", b"["):
        return _PROCESS.search(data[:_HEAD]) is not None
    return data.startswith(b"\x0a")  # a device, which every such message begins with


def read_viewer_trace(data: bytes) -> Profile:
    """Reads such a trace. Raises BadProfile where that is not possible."""
    trace = _from_json(data) if data.startswith(_GZIP) or data.lstrip()[:1] == b"{" else _from_message(data)
    return _profile(trace)


@dataclass(slots=True)
class _Event:
    process: int
    thread: int
    name: str
    start: int
    duration: int
    args: Mapping[str, Any]


@dataclass(slots=True)
class _Trace:
    """Names of processes and of their threads, and what ran on them; times in ps."""

    processes: dict[int, str] = field(default_factory=dict)
    threads: dict[tuple[int, int], str] = field(default_factory=dict)
    events: list[_Event] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)


# -- JSON -------------------------------------------------------------------------------------------------------


class _JsonEvent(msgspec.Struct):
    ph: Any = ""
    name: Any = ""
    pid: Any = None
    tid: Any = None
    ts: Any = None
    dur: Any = None
    args: Any = None


class _Document(msgspec.Struct):
    events: list[_JsonEvent] = msgspec.field(name="traceEvents")


def _from_json(data: bytes) -> _Trace:
    try:
        whole = zlib.decompress(data, wbits=31) if data.startswith(_GZIP) else data
        document = msgspec.json.decode(whole, type=_Document)
    except (zlib.error, msgspec.DecodeError) as error:
        raise BadProfile(f"the trace is cut off or damaged: {error}") from None
    trace = _Trace()
    bad = 0
    for event in document.events:
        args = event.args if isinstance(event.args, dict) else {}
        process, thread = _whole(event.pid), _whole(event.tid)
        if event.ph == "M" and event.name == "process_name":
            trace.processes[process] = str(args.get("name", ""))
        elif event.ph == "M" and event.name == "thread_name":
            trace.threads[process, thread] = str(args.get("name", ""))
        elif event.ph == "X":
            start, duration = _picoseconds(event.ts), _picoseconds(event.dur)
            if start is None or duration is None or duration < 0:
                bad += 1
            else:
                trace.events.append(_Event(process, thread, str(event.name), start, duration, args))
    if bad:
        trace.problems.append(f"{bad} events without a usable time were left out")
    return trace


def _picoseconds(microseconds: Any) -> int | None:
    if isinstance(microseconds, bool) or not isinstance(microseconds, int | float):
        return None
    if not abs(microseconds) < _LATEST / PS_PER_US:  # not a number neither
        return None
    return round(microseconds * PS_PER_US)


def _whole(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) else NOTHING


# -- the message ------------------------------------------------------------------------------------------------


def _from_message(data: bytes) -> _Trace:
    trace = _Trace()
    bad = 0
    try:
        for tag, _, body in fields(memoryview(data)):
            if tag == key(1, BYTES):
                _device(trace, body)
            elif tag == key(4, BYTES):
                event = _event(body)
                bad += event is None
                if event is not None:
                    trace.events.append(event)
    except BadWire as error:
        if not trace.events:
            raise BadProfile(f"this is no trace: {error}") from None
        trace.problems.append(f"the trace is cut off or damaged: {error}")
    if bad:
        trace.problems.append(f"{bad} events without a usable time were left out")
    return trace


def _device(trace: _Trace, entry: memoryview) -> None:
    process = 0
    for number, message in _entry(entry):
        process = number
        for tag, _, body in fields(message):
            if tag == key(2, BYTES):
                trace.processes[process] = text(body)
            elif tag == key(3, BYTES):
                for thread, resource in _entry(body):
                    names = [text(inner) for one, _, inner in fields(resource) if one == key(2, BYTES)]
                    trace.threads[process, thread] = names[-1] if names else ""


def _entry(entry: memoryview) -> Iterator[tuple[int, memoryview]]:
    """The key and the value of an entry of a map."""
    number, value = 0, memoryview(b"")
    for tag, told, body in fields(entry):
        if tag == key(1, VARINT):
            number = told
        elif tag == key(2, BYTES):
            value = body
    yield number, value


def _event(message: memoryview) -> _Event | None:
    event = _Event(0, 0, "", 0, 0, {})
    args = {}
    for tag, number, body in fields(message):
        if tag == key(1, VARINT):
            event.process = number
        elif tag == key(2, VARINT):
            event.thread = number
        elif tag == key(3, BYTES):
            event.name = text(body)
        elif tag == key(9, VARINT):
            event.start = number
        elif tag == key(10, VARINT):
            event.duration = number
        elif tag == key(11, BYTES):
            pair = {one: text(inner) for one, _, inner in fields(body)}
            args[pair.get(key(1, BYTES), "")] = pair.get(key(2, BYTES), "")
    event.args = args
    return event if event.start < _LATEST and event.duration < _LATEST else None


# -- the profile ------------------------------------------------------------------------------------------------


def _profile(trace: _Trace) -> Profile:
    lanes: dict[tuple[int, int], int] = {}
    lane_list: list[Lane] = []
    names: dict[str, int] = {}
    operations: dict[Operation, int] = {}
    launches: dict[Launch, int] = {}
    rows: list[tuple[int, ...]] = []
    told: list[Mapping[str, Any]] = []
    marks: dict[bool, list[tuple[int, int, str]]] = {True: [], False: []}
    devices: dict[int, str] = {}
    for event in trace.events:
        process = trace.processes.get(event.process, str(event.process))
        thread = trace.threads.get((event.process, event.thread), "")
        device = _DEVICE.match(process)
        name = _text(event.args.get("long name") or event.args.get("long_name")) or event.name
        step = _text(event.args.get("step_num"))
        end = event.start + event.duration
        if device:
            devices[int(device[2])] = device[1]
            if thread == STEPS:
                marks[True].append((event.start, end, f"step {step or event.name}"))
            if thread in REPEATED:
                continue
        marked = not device and bool(step or (name.startswith(MARKS) and "/" not in name and "group_id" in event.args))
        if marked:
            marks[False].append((event.start, end, f"{name} {step}".rstrip()))
        where = (event.process, event.thread)
        if where not in lanes:
            lanes[where] = len(lane_list)
            number = int(device[2]) if device else None
            lane_list.append(Lane(process, thread or str(event.thread), "", number))
        kind = _kind(name, event.args, bool(device), thread == OPERATIONS, marked)
        operation = _operation(name, event.args, bool(device))
        launch = NOTHING
        if "kernel_details" in event.args:
            one = launch_of(_text(event.args["kernel_details"]))
            launch = launches.setdefault(one, len(launches))
        rows.append(
            (
                event.start,
                event.duration,
                lanes[where],
                names.setdefault(name, len(names)),
                int(kind),
                _identity(event.args.get("correlation_id")),
                NOTHING if operation is None else operations.setdefault(operation, len(operations)),
                launch,
            )
        )
        told.append(event.args)
    if not rows:
        raise BadProfile("the trace holds no events with a duration")
    table = np.array(rows, np.int64)
    order = np.lexsort((-table[:, 1], table[:, 0]))
    table = table[order]
    begin = int(table[0, 0])
    steps = sorted(marks[True] or marks[False])
    spans = Spans(
        table[:, 0] - begin,
        table[:, 1].copy(),
        table[:, 2].astype(np.int32),
        table[:, 3].astype(np.int32),
        table[:, 4].astype(np.int8),
        np.full(len(table), NOTHING, np.int64),
        table[:, 5].copy(),
    )
    return Profile(
        XLA,
        lane_list,
        list(names),
        spans,
        Memory(*np.empty((8, 0), np.int64)),
        devices,
        problems=trace.problems,
        details=lambda index: told_of(dict(told[int(order[index])])),
        marks=[StepMark(name, first - begin, last - first) for first, last, name in steps],
        operation=table[:, 6].astype(np.int32),
        operations=list(operations),
        launch=table[:, 7].astype(np.int32),
        launches=list(launches),
    )


def _kind(name: str, args: Mapping[str, Any], on_device: bool, nested: bool, marked: bool) -> Kind:
    if on_device:
        if "memcpy_details" in args or device_kind(name) is Kind.MEMCPY:
            return Kind.MEMCPY
        if "memset_details" in args or device_kind(name) is Kind.MEMSET:
            return Kind.MEMSET
        return Kind.OPERATOR if nested else Kind.KERNEL
    kind = host_kind(name)
    if kind in (Kind.PYTHON, Kind.RUNTIME):
        return kind
    return Kind.ANNOTATION if marked else Kind.OPERATOR if "hlo_op" in args else kind


def _operation(name: str, args: Mapping[str, Any], on_device: bool) -> Operation | None:
    told = (_text(args.get(one)) for one in ("tf_op", "hlo_op", "hlo_category"))
    return operation_of("" if on_device and not name.startswith("Iterator::") else name, *told)


def _text(value: Any) -> str:
    return str(value) if isinstance(value, str | int) else ""


def _identity(value: Any) -> int:
    try:
        number = int(value)
    except (TypeError, ValueError):
        return NOTHING
    return number if -(1 << 62) < number < 1 << 62 else NOTHING
