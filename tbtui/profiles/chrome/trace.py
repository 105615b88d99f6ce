"""Chrome traces as PyTorch's profiler (Kineto) writes them, old and new, and any other: bytes -> `Profile`."""

from __future__ import annotations

import io
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import IO, Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.chrome.numbers import (
    NO_TIME,
    exact_times,
    nanoseconds,
    one_time,
    one_whole,
    whole_numbers,
    whole_or_zero,
)
from tbtui.profiles.chrome.text import Event, Piece, TraceText, blocks_of
from tbtui.profiles.kernels import told_launch
from tbtui.profiles.model import NOTHING, BadProfile, Kind, Lane, Launch, Memory, Profile, Spans
from tbtui.profiles.told import Told

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
_ON_DEVICE = (Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET, Kind.DEVICE_ANNOTATION)
_ANNOTATIONS = ("ProfilerStep#", "enumerate(DataLoader)", "DataParallel.", "Optimizer.", "nccl:", "gloo:", "mpi:")
"""Names of ranges that old traces call operators."""
_NOT_IN_TIME = frozenset(("Trace",))  # categories that are about the capture
_PS_PER_NS = 1000
_LATEST = 10**9 * 86400 * 1000  # ns; an event so far behind the others has no real time
_TITLES = frozenset(("thread_name", "process_name", "process_labels"))


class _Args(msgspec.Struct, gc=False):
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
    grid: msgspec.Raw = msgspec.Raw(b"")
    block: msgspec.Raw = msgspec.Raw(b"")
    registers: Any = msgspec.field(default=None, name="registers per thread")
    shared: Any = msgspec.field(default=None, name="shared memory")
    occupancy: Any = msgspec.field(default=None, name="est. achieved occupancy %")
    blocks: Any = msgspec.field(default=None, name="blocks per SM")


_NO_ARGS = _Args()
_DECODE_ARGS = msgspec.json.Decoder(_Args)
_DECODE_ALL_ARGS = msgspec.json.Decoder(list[_Args])


def read_chrome_trace(data: bytes) -> Profile:
    """Reads a trace, gzipped or not. Raises BadProfile where there is nothing to be read."""
    return read_chrome_file(io.BytesIO(data), tempfile.TemporaryFile())  # the profile closes it


def read_chrome_file(file: BinaryIO, store: IO[bytes], progress: Callable[[int], None] = lambda _: None) -> Profile:
    """Reads a trace piece by piece. What is told of each span is copied to `store`, an empty file from which it is read
    as it is asked for, so that memory is needed for the columns of the profile only.

    `progress` is called with how many bytes of the file were read so far; what it raises ends the reading. Raises
    BadProfile where there is nothing to be read.
    """
    problems: list[str] = []
    text = TraceText(blocks_of(file, problems, progress), problems)
    builder = _Builder(store)
    for piece in text.pieces():
        builder.take(piece)
    return builder.build(text.around, problems)


class _Numbers(defaultdict[Any, int]):
    """Different things, numbered in the order in which they are asked for."""

    def __init__(self) -> None:
        super().__init__(self.__len__)


class _KindOf(dict[Any, int]):
    """What a category is."""

    def __missing__(self, category: Any) -> int:
        kind = self[category] = int(_KINDS.get(str(category).lower(), Kind.OTHER))
        return kind


class _Builder:
    """Sorts the events of a document into the columns of a profile."""

    def __init__(self, store: IO[bytes]) -> None:
        self._told = Told(store)
        self._kinds = _KindOf()
        self._names = _Numbers()
        self._is_note: list[bool] = []  # of each name
        self._lanes = _Numbers()  # by (process, thread, on a device) as text
        self._lane_of: dict[tuple[Any, Any, bool], int] = {}
        self._devices: dict[int, int] = {}  # by number of the lane
        self._launches = _Numbers()  # by what is told of each, as it is written
        self._columns: list[NDArray[np.int64]] = []
        self._memory: list[tuple[int, int, int, int, int, int, int, int]] = []
        self._titles: dict[tuple[str, str], str] = {}
        self._open: dict[tuple[str, ...], list[tuple[Event, int]]] = defaultdict(list)
        self._bad = 0
        self._some = False  # of the objects is an event

    def take(self, piece: Piece) -> None:
        """Takes the events of a piece."""
        self._some = self._some or any(event.ph for event in piece.events)
        spans = [event for event in piece.events if event.ph == "X" and event.cat not in _NOT_IN_TIME]
        exact = exact_times(piece)
        begin = nanoseconds([event.ts for event in spans])
        if exact is not None:
            is_span = [event.ph == "X" and event.cat not in _NOT_IN_TIME for event in piece.events]
            begin = exact[np.array(is_span, bool)]
        duration = nanoseconds([event.dur for event in spans])
        if len(spans) < len(piece.events):
            self._take_others(piece.events, exact)
        good = (begin != NO_TIME) & (duration >= 0)
        if not good.all():
            self._bad += int(len(good) - good.sum())
            spans = [event for event, fine in zip(spans, good.tolist(), strict=True) if fine]
        self._take_spans(spans, begin[good], duration[good])

    def _take_spans(self, spans: Sequence[Event], begin: NDArray[np.int64], duration: NDArray[np.int64]) -> None:
        if not spans:
            return
        names = [event.name for event in spans]
        if set(map(type, names)) != {str}:
            names = [str(name) for name in names]
        name = np.array([self._names[one] for one in names], np.int64)
        for one in list(self._names)[len(self._is_note) :]:
            self._is_note.append(one.startswith(_ANNOTATIONS))
        kind = np.array([self._kind(event.cat) for event in spans], np.int64)
        kind[(kind == Kind.OPERATOR) & np.array(self._is_note, bool)[name]] = Kind.ANNOTATION
        external, correlation = np.full((2, len(spans)), NOTHING, np.int64)
        telling = np.flatnonzero((kind != Kind.PYTHON) & (kind != Kind.OTHER))
        args = _all_args([spans[place].args for place in telling.tolist()])
        external[telling] = whole_numbers(
            [one.external if one.external is not None else one.external_old for one in args]
        )
        correlation[telling] = whole_numbers([one.correlation for one in args])
        on_device = np.isin(kind, _ON_DEVICE)
        lane = np.array(
            [self._lane(event, there) for event, there in zip(spans, on_device.tolist(), strict=True)], np.int64
        )
        told_device = on_device[telling]
        for place, one in zip(np.flatnonzero(on_device).tolist(), np.flatnonzero(told_device).tolist(), strict=True):
            number = int(lane[place])
            if number not in self._devices:
                told = args[one].device
                self._devices[number] = one_whole(told if told is not None else spans[place].pid)
        launch = np.full(len(spans), NOTHING, np.int64)
        are_kernels = np.flatnonzero(kind[telling] == Kind.KERNEL)
        launch[telling[are_kernels]] = [self._launch(args[place]) for place in are_kernels.tolist()]
        starts, lengths = self._told.add([event.args for event in spans])
        self._columns.append(
            np.stack((begin, duration, lane, name, kind, external, correlation, launch, starts, lengths), axis=1)
        )

    def _launch(self, args: _Args) -> int:
        """The number of the way in which a kernel was launched."""
        try:
            return self._launches[
                bytes(args.grid), bytes(args.block), args.registers, args.shared, args.occupancy, args.blocks
            ]
        except TypeError:  # a list or an object
            return self._launches[bytes(args.grid), bytes(args.block), None, None, None, None]

    def _kind(self, category: Any) -> int:
        return self._kinds[category if isinstance(category, str) else str(category)]

    def _lane(self, event: Event, on_device: bool) -> int:
        try:
            return self._lane_of[event.pid, event.tid, on_device]
        except KeyError:
            number = self._lanes[str(event.pid), str(event.tid), on_device]
            self._lane_of[event.pid, event.tid, on_device] = number
            return number
        except TypeError:  # a list or an object
            return self._lanes[str(event.pid), str(event.tid), on_device]

    def _take_others(self, events: Sequence[Event], exact: NDArray[np.int64] | None) -> None:
        for place, event in enumerate(events):
            phase = event.ph
            if phase in ("s", "f", "t", "X"):  # a flow: spans tell by their numbers what launched them
                continue
            if phase in ("i", "I"):
                if event.name == "[memory]":
                    self._memory_event(event, _time(event, exact, place))
            elif phase == "M":
                if event.name in _TITLES:
                    self._title(event)
            elif phase in ("B", "b"):
                self._open[self._pair(event)].append((event, _time(event, exact, place)))
            elif phase in ("E", "e"):
                self._close(event, _time(event, exact, place))

    def _pair(self, event: Event) -> tuple[str, ...]:
        """What the beginning and the end of a span have in common."""
        if event.ph in ("b", "e"):
            return str(event.pid), str(event.cat), str(event.id), str(event.name)
        return str(event.pid), str(event.tid)

    def _close(self, event: Event, end: int) -> None:
        begun = self._open[self._pair(event)]
        if not begun:
            self._bad += 1
            return
        opened, begin = begun.pop()
        if begin == NO_TIME or end < begin:
            self._bad += 1
            return
        if event.ph == "e":  # they overlap, whatever thread they are on
            opened.tid = f"{opened.cat} (async)"
        self._take_spans([opened], np.array([begin], np.int64), np.array([end - begin], np.int64))

    def _title(self, event: Event) -> None:
        args = _args(event)
        title = args.labels if event.name == "process_labels" else args.name
        thread = str(event.tid) if event.name == "thread_name" else ""
        if isinstance(title, str):
            self._titles[str(event.pid), thread] = title

    def _memory_event(self, event: Event, time: int) -> None:
        args = _args(event)
        if time == NO_TIME:
            self._bad += 1
            return
        device = one_whole(args.device_id) if one_whole(args.device_type) not in (0, NOTHING) else NOTHING
        totals = (one_whole(args.allocated), one_whole(args.reserved))
        where = (one_whole(args.address), self._lane(event, False), NOTHING)
        self._memory.append((time, whole_or_zero(args.size), device, *totals, *where))

    def build(self, around: Mapping[str, Any], problems: list[str]) -> Profile:
        """The profile of what was taken. Raises BadProfile where that is nothing."""
        self._bad += sum(map(len, self._open.values()))
        if self._bad:
            problems.append(f"{self._bad} events without a usable time were left out")
        if not self._columns and not self._memory:
            what = "events with a duration" if self._some else "trace events"
            raise BadProfile(f"the file holds no {what}")
        rows = np.concatenate([*self._columns, np.empty((0, 10), np.int64)])
        self._columns.clear()
        memory = np.array(self._memory, np.int64).reshape(-1, 8)
        rows = rows[np.lexsort((-rows[:, 1], rows[:, 0]))]
        begin = _begin(rows, memory)
        rows = rows[rows[:, 0] - begin < _LATEST]
        self._told.places(rows[:, 8].copy(), rows[:, 9].astype(np.int32))
        spans = Spans(
            (rows[:, 0] - begin) * _PS_PER_NS,
            rows[:, 1] * _PS_PER_NS,
            rows[:, 2].astype(np.int32),
            rows[:, 3].astype(np.int32),
            rows[:, 4].astype(np.int8),
            rows[:, 5].copy(),
            rows[:, 6].copy(),
        )
        memory = memory[np.argsort(memory[:, 0], kind="stable")]
        base = one_whole(around.get("baseTimeNanoseconds"))
        devices, sizes = _devices(around.get("deviceProperties"))
        rank, world = _ranks(around.get("distributedInfo"))
        lanes = [
            Lane(process, thread, self._titled(process, thread), self._devices.get(number, NOTHING) if there else None)
            for (process, thread, there), number in self._lanes.items()
        ]
        from_torch = any(lane.on_device for lane in lanes) or around.get("deviceProperties") is not None
        return Profile(
            "PyTorch" if from_torch else "",
            lanes,
            list(self._names),
            spans,
            Memory((memory[:, 0] - begin) * _PS_PER_NS, *(memory[:, i].copy() for i in range(1, 8))),
            devices,
            sizes,
            rank,
            world,
            begin + base if base != NOTHING else (begin if begin > 10**17 else None),
            problems,
            self._told,
            launch=rows[:, 7].astype(np.int32),
            launches=[_launch_told(*key) for key in self._launches],
        )

    def _titled(self, process: str, thread: str) -> str:
        return self._titles.get((process, thread)) or self._titles.get((process, "")) or ""


def _time(event: Event, exact: NDArray[np.int64] | None, place: int) -> int:
    return one_time(event.ts) if exact is None else int(exact[place])


def _begin(rows: NDArray[np.int64], memory: NDArray[np.int64]) -> int:
    firsts = [column[:, 0].min() for column in (rows, memory) if len(column)]
    return int(min(firsts))


# --- what else is told


def _launch_told(grid: bytes, block: bytes, *numbers: Any) -> Launch:
    names = ("registers per thread", "shared memory", "est. achieved occupancy %", "blocks per SM")
    shapes = {name: msgspec.json.decode(text) for name, text in (("grid", grid), ("block", block)) if text}
    return Launch(*told_launch({**shapes, **dict(zip(names, numbers, strict=True))}))


def _all_args(raw: Sequence[msgspec.Raw]) -> list[_Args]:
    """The arguments of events; empty ones where they are none."""
    try:
        return _DECODE_ALL_ARGS.decode(b"[" + b",".join([one or b"{}" for one in raw]) + b"]")
    except msgspec.DecodeError:
        return [_one_args(one) for one in raw]


def _one_args(raw: msgspec.Raw) -> _Args:
    try:
        return _DECODE_ARGS.decode(raw) if raw else _NO_ARGS
    except msgspec.DecodeError:
        return _NO_ARGS


def _args(event: Event) -> _Args:
    return _one_args(event.args)


def _devices(properties: Any) -> tuple[dict[int, str], dict[int, int]]:
    names: dict[int, str] = {}
    sizes: dict[int, int] = {}
    for one in _mappings(properties):
        number, size = one_whole(one.get("id")), one_whole(one.get("totalGlobalMem"))
        names[number] = str(one.get("name", ""))
        if size > 0:
            sizes[number] = size
    return names, sizes


def _ranks(distributed: Any) -> tuple[int | None, int | None]:
    if not isinstance(distributed, dict):
        return None, None
    rank, world = one_whole(distributed.get("rank")), one_whole(distributed.get("world_size"))
    return (None if rank == NOTHING else rank), (None if world == NOTHING else world)


def _mappings(value: Any) -> Iterable[Mapping[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
