"""Chrome traces as PyTorch's profiler (Kineto) writes them, old and new, and any other: bytes -> `Profile`.

The format is JSON: an object with `traceEvents`, or just the list of them. Times are microseconds with decimals, of
which the ones behind the third are rounding. What is not quite JSON, or cut off, is read event by event as far as it
goes, and the profile's problems say so.
"""

from __future__ import annotations

import gzip
import json
import math
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any

import msgspec
import numpy as np

from tbtui.profiles.model import NOTHING, BadProfile, Kind, Lane, Memory, Profile, Spans

_KINDS = {
    "cpu_op": Kind.OPERATOR,
    "operator": Kind.OPERATOR,
    "user_annotation": Kind.ANNOTATION,
    "cuda_runtime": Kind.RUNTIME,
    "cuda_driver": Kind.RUNTIME,
    "runtime": Kind.RUNTIME,
    "xpu_runtime": Kind.RUNTIME,
    "mtia_runtime": Kind.RUNTIME,
    "privateuse1_runtime": Kind.RUNTIME,
    "privateuse1_driver": Kind.RUNTIME,
    "kernel": Kind.KERNEL,
    "gpu_memcpy": Kind.MEMCPY,
    "memcpy": Kind.MEMCPY,
    "gpu_memset": Kind.MEMSET,
    "memset": Kind.MEMSET,
    "gpu_user_annotation": Kind.DEVICE_ANNOTATION,
    "python_function": Kind.PYTHON,
    "python": Kind.PYTHON,
    "cuda_sync": Kind.SYNC,
    "overhead": Kind.OVERHEAD,
}
_ON_DEVICE = frozenset((Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET, Kind.DEVICE_ANNOTATION))
_ANNOTATIONS = ("ProfilerStep#", "enumerate(DataLoader)", "DataParallel.", "Optimizer.", "nccl:", "gloo:", "mpi:")
"""Names of ranges that old traces call operators."""
_NOT_IN_TIME = frozenset(("Trace",))  # categories that are about the capture
_COARSE = 2.0**52 / 1000  # microseconds from here on, a float64 does not tell nanoseconds apart
_NS_PER_US, _PS_PER_NS = 1000, 1000
_GZIP = b"\x1f\x8b"
_LATEST = 10**9 * 86400 * 1000  # ns; an event so far behind the others has no real time

_BAD_ESCAPE = re.compile(rb'\\(?!["\\/bfnrtu])')
_BARE_WORD = re.compile(rb"([:\[,]\s*)([A-Za-z]+/[A-Za-z]+|-?nan(?:\([^)]*\))?|-?inf)(?=\s*[,\]}])")


class _Args(msgspec.Struct):
    external: Any = msgspec.field(default=None, name="External id")
    external_old: Any = msgspec.field(default=None, name="external id")
    correlation: Any = None
    device: Any = None
    size: Any = msgspec.field(default=None, name="Bytes")
    address: Any = msgspec.field(default=None, name="Addr")
    device_type: Any = msgspec.field(default=None, name="Device Type")
    device_id: Any = msgspec.field(default=None, name="Device Id")
    allocated: Any = msgspec.field(default=None, name="Total Allocated")
    reserved: Any = msgspec.field(default=None, name="Total Reserved")
    name: Any = None
    labels: Any = None


class _Event(msgspec.Struct):
    ph: Any = ""
    cat: Any = ""
    name: Any = ""
    pid: Any = None
    tid: Any = None
    ts: Any = None
    dur: Any = None
    args: msgspec.Raw = msgspec.Raw(b"")


class _FineEvent(_Event):
    """The same with its times as they are written."""

    ts: msgspec.Raw = msgspec.Raw(b"0")
    dur: msgspec.Raw = msgspec.Raw(b"0")


class _Document(msgspec.Struct):
    events: list[_Event] = msgspec.field(default_factory=list, name="traceEvents")
    devices: Any = msgspec.field(default=None, name="deviceProperties")
    distributed: Any = msgspec.field(default=None, name="distributedInfo")
    base: Any = msgspec.field(default=None, name="baseTimeNanoseconds")


class _FineDocument(msgspec.Struct):
    events: list[_FineEvent] = msgspec.field(default_factory=list, name="traceEvents")


_DECODE_ARGS = msgspec.json.Decoder(_Args)
_DECODE_ANY = msgspec.json.Decoder()


def read_chrome_trace(data: bytes) -> Profile:
    """Reads a trace, gzipped or not. Raises BadProfile where there is nothing to be read."""
    problems: list[str] = []
    data = _unpacked(data, problems)
    if not data.strip():
        raise BadProfile("the trace is empty")
    document = _parse(data, problems)
    if any(isinstance(event.ts, float) and event.ts > _COARSE for event in document.events[:1000]):
        _refine(document, data)
    if not any(event.ph for event in document.events):
        raise BadProfile("the file holds no trace events")
    return _Builder(document, problems).build()


def _unpacked(data: bytes, problems: list[str]) -> bytes:
    if not data.startswith(_GZIP):
        return data
    try:
        return gzip.decompress(data)
    except (EOFError, OSError, zlib.error):
        problems.append("the compressed file is cut off or damaged: read as far as it goes")
    unpack = zlib.decompressobj(wbits=31)
    try:
        return unpack.decompress(data)
    except zlib.error as error:
        raise BadProfile(f"the compressed file is damaged: {error}") from None


def _parse(data: bytes, problems: list[str]) -> _Document:
    start = data.lstrip()[:1]
    try:
        if start == b"[":
            return _Document(events=msgspec.json.decode(data, type=list[_Event]))
        return msgspec.json.decode(data, type=_Document)
    except msgspec.DecodeError as error:
        reason = str(error)
    document = _Document(events=list(_events_one_by_one(data)))
    if not document.events:
        raise BadProfile(f"this is no Chrome trace: {reason}")
    problems.append(f"the file is not quite JSON ({reason}): {len(document.events)} events could be read")
    return document


def _events_one_by_one(data: bytes) -> Iterator[_Event]:
    """The events of a text that is not quite JSON, up to where it can't be read any further."""
    at = data.find(b'"traceEvents"')
    at = data.find(b"[", max(at, 0))
    if at < 0:
        return
    text = _BARE_WORD.sub(rb"\1null", _BAD_ESCAPE.sub(rb"\\\\", data[at + 1 :])).decode("utf-8", "replace")
    decoder, position = json.JSONDecoder(strict=False), 0
    while True:
        while position < len(text) and text[position] in " \t\r\n,":
            position += 1
        try:
            event, position = decoder.raw_decode(text, position)
        except (json.JSONDecodeError, RecursionError):
            return
        if isinstance(event, dict):
            yield _from_mapping(event)


def _from_mapping(event: Mapping[str, Any]) -> _Event:
    fields = {name: event.get(name) for name in ("ph", "cat", "name", "pid", "tid", "ts", "dur")}
    args = event.get("args")
    raw = msgspec.json.encode(args) if isinstance(args, dict) else b""
    return _Event(**fields, args=msgspec.Raw(raw))


def _refine(document: _Document, data: bytes) -> None:
    """Takes the times as they are written, where a float64 would round them: old traces tell them since 1970."""
    try:
        if data.lstrip()[:1] == b"[":
            fine = msgspec.json.decode(data, type=list[_FineEvent])
        else:
            fine = msgspec.json.decode(data, type=_FineDocument).events
    except msgspec.DecodeError:
        return
    for event, exact in zip(document.events, fine, strict=True):
        event.ts, event.dur = _exact(exact.ts), _exact(exact.dur)


def _exact(raw: msgspec.Raw) -> Decimal | None:
    text = bytes(raw)
    try:
        return Decimal(text.decode("ascii")) if text[:1] in b"-0123456789" else None
    except ArithmeticError:
        return None


def _ns(value: Any) -> int | None:
    """Microseconds as whole nanoseconds; None for what is no time."""
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal):
        return None
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return round(value * _NS_PER_US)


def _whole(value: Any) -> int:
    """A number that identifies something, NOTHING where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return NOTHING
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return NOTHING
    return number if -(1 << 62) < number < 1 << 62 else NOTHING


class _Builder:
    """Sorts the events of a document into the columns of a profile."""

    def __init__(self, document: _Document, problems: list[str]) -> None:
        self._document = document
        self._problems = problems
        self._lanes: dict[tuple[str, str, bool], int] = {}
        self._lane_list: list[Lane] = []
        self._names: dict[str, int] = {}
        self._rows: list[tuple[int, int, int, int, int, int, int]] = []
        self._raw: list[msgspec.Raw] = []
        self._memory: list[tuple[int, int, int, int, int, int, int, int]] = []
        self._titles: dict[tuple[str, str], str] = {}
        self._bad = 0

    def build(self) -> Profile:
        for event in self._document.events:
            self._take(event)
        if self._bad:
            self._problems.append(f"{self._bad} events without a usable time were left out")
        if not self._rows and not self._memory:
            raise BadProfile("the trace holds no events with a duration")
        return self._profile()

    def _take(self, event: _Event) -> None:
        phase = event.ph
        if phase == "X":
            self._span(event)
        elif phase in ("i", "I") and event.name == "[memory]":
            self._memory_event(event)
        elif phase == "M" and event.name in ("thread_name", "process_name", "process_labels"):
            args = _args(event)
            title = args.labels if event.name == "process_labels" else args.name
            thread = str(event.tid) if event.name == "thread_name" else ""
            if isinstance(title, str):
                self._titles[str(event.pid), thread] = title

    def _span(self, event: _Event) -> None:
        begin, duration = _ns(event.ts), _ns(event.dur)
        if event.cat in _NOT_IN_TIME:
            return
        if begin is None or duration is None or duration < 0:
            self._bad += 1
            return
        name = event.name if isinstance(event.name, str) else str(event.name)
        kind = _KINDS.get(str(event.cat).lower(), Kind.OTHER)
        if kind is Kind.OPERATOR and name.startswith(_ANNOTATIONS):
            kind = Kind.ANNOTATION
        external = correlation = NOTHING
        device = None
        if kind is not Kind.PYTHON and kind is not Kind.OTHER:
            args = _args(event)
            external = _whole(args.external if args.external is not None else args.external_old)
            correlation = _whole(args.correlation)
            if kind in _ON_DEVICE:
                device = _whole(args.device if args.device is not None else event.pid)
        lane = self._lane(event, device)
        number = self._names.setdefault(name, len(self._names))
        self._rows.append((begin, duration, lane, number, int(kind), external, correlation))
        self._raw.append(event.args)

    def _lane(self, event: _Event, device: int | None) -> int:
        key = (str(event.pid), str(event.tid), device is not None)
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = len(self._lane_list)
            self._lane_list.append(Lane(key[0], key[1], device=device))
        return lane

    def _memory_event(self, event: _Event) -> None:
        args, time = _args(event), _ns(event.ts)
        if time is None:
            self._bad += 1
            return
        device = _whole(args.device_id) if _whole(args.device_type) not in (0, NOTHING) else NOTHING
        totals = (_whole(args.allocated), _whole(args.reserved))
        where = (_whole(args.address), self._lane(event, None), NOTHING)
        self._memory.append((time, _whole_or_zero(args.size), device, *totals, *where))

    def _profile(self) -> Profile:
        rows = np.array(self._rows, np.int64).reshape(-1, 7)
        memory = np.array(self._memory, np.int64).reshape(-1, 8)
        order = np.lexsort((-rows[:, 1], rows[:, 0]))
        rows = rows[order]
        begin = _begin(rows, memory)
        early = rows[:, 0] - begin < _LATEST
        rows, order = rows[early], order[early]
        start = (rows[:, 0] - begin) * _PS_PER_NS
        spans = Spans(
            start,
            rows[:, 1] * _PS_PER_NS,
            rows[:, 2].astype(np.int32),
            rows[:, 3].astype(np.int32),
            rows[:, 4].astype(np.int8),
            rows[:, 5].copy(),
            rows[:, 6].copy(),
        )
        memory = memory[np.argsort(memory[:, 0], kind="stable")]
        raw, places = self._raw, order.tolist()
        base = _whole(self._document.base)
        devices, sizes = _devices(self._document.devices)
        rank, world = _ranks(self._document.distributed)
        return Profile(
            "PyTorch" if any(lane.on_device for lane in self._lane_list) or self._document.devices is not None else "",
            [self._titled(lane) for lane in self._lane_list],
            list(self._names),
            spans,
            Memory((memory[:, 0] - begin) * _PS_PER_NS, *(memory[:, i].copy() for i in range(1, 8))),
            devices,
            sizes,
            rank,
            world,
            begin + base if base != NOTHING else (begin if begin > 10**17 else None),
            self._problems,
            lambda index: _details(raw[places[index]]),
        )

    def _titled(self, lane: Lane) -> Lane:
        title = self._titles.get((lane.process, lane.thread)) or self._titles.get((lane.process, "")) or ""
        return Lane(lane.process, lane.thread, title, lane.device)


def _begin(rows: np.ndarray[Any, np.dtype[np.int64]], memory: np.ndarray[Any, np.dtype[np.int64]]) -> int:
    firsts = [column[:, 0].min() for column in (rows, memory) if len(column)]
    return int(min(firsts))


def _args(event: _Event) -> _Args:
    raw = bytes(event.args)
    if not raw:
        return _Args()
    try:
        return _DECODE_ARGS.decode(raw)
    except msgspec.DecodeError:
        return _Args()


def _details(raw: msgspec.Raw) -> Mapping[str, Any]:
    try:
        found = _DECODE_ANY.decode(bytes(raw)) if bytes(raw) else {}
    except msgspec.DecodeError:
        return {}
    return found if isinstance(found, dict) else {}


def _whole_or_zero(value: Any) -> int:
    number = _whole(value)
    return 0 if number == NOTHING and value != NOTHING else number


def _devices(properties: Any) -> tuple[dict[int, str], dict[int, int]]:
    names: dict[int, str] = {}
    sizes: dict[int, int] = {}
    for one in _mappings(properties):
        number, size = _whole(one.get("id")), _whole(one.get("totalGlobalMem"))
        names[number] = str(one.get("name", ""))
        if size > 0:
            sizes[number] = size
    return names, sizes


def _ranks(distributed: Any) -> tuple[int | None, int | None]:
    if not isinstance(distributed, dict):
        return None, None
    rank, world = _whole(distributed.get("rank")), _whole(distributed.get("world_size"))
    return (None if rank == NOTHING else rank), (None if world == NOTHING else world)


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
