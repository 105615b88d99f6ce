"""What every capture is made into: spans of time on lanes (threads and device streams), and events of memory.

Times are picoseconds since the beginning of the capture, int64: exact for PyTorch's nanoseconds and XLA's picoseconds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any

import numpy as np
from numpy.typing import NDArray

PS_PER_US = 1_000_000
NOTHING = -1
XLA = "XLA"  # the writer of captures whose steps are told in xprof's categories

Indexes = NDArray[np.int64]
Numbers = NDArray[np.integer[Any]]  # in as many bytes as they need
Mask = NDArray[np.bool_]
Times = NDArray[np.int64]


class BadProfile(ValueError):
    """The file holds no capture that can be read; the text says why in words."""


class Kind(IntEnum):
    """What a span is."""

    OTHER = 0
    OPERATOR = 1  # of a framework, on the host
    ANNOTATION = 2  # a range that the user or the framework named, on the host
    RUNTIME = 3  # a call into the device's driver or runtime
    KERNEL = 4
    MEMCPY = 5
    MEMSET = 6
    DEVICE_ANNOTATION = 7  # an annotation as seen on a stream: repeats the time of kernels
    PYTHON = 8
    SYNC = 9
    OVERHEAD = 10


HOST_CALLS = (Kind.OPERATOR, Kind.ANNOTATION, Kind.RUNTIME)
"""Kinds that lie in each other on a thread of the host."""
DEVICE_WORK = (Kind.KERNEL, Kind.MEMCPY, Kind.MEMSET)


@dataclass(frozen=True, slots=True)
class Lane:
    """Where spans run one after the other, or in each other: a thread of a process, or a stream of a device."""

    process: str
    thread: str
    title: str = ""
    device: int | None = None

    @property
    def on_device(self) -> bool:
        """Whether it is a stream."""
        return self.device is not None


@dataclass(slots=True)
class Spans:
    """n spans, those of each lane by start, what lies in others behind these: `start`, `duration` (ps, int64), `lane`
    and `name` (indexes), `kind` (int8); `external` tells which operator a span belongs to, `correlation` joins a
    launch with what it launched, NOTHING where there is none."""

    start: Times
    duration: Times
    lane: Numbers
    name: Numbers
    kind: NDArray[np.int8]
    external: Indexes
    correlation: Numbers

    def __len__(self) -> int:
        return len(self.start)

    @property
    def end(self) -> Times:
        """Where each ends."""
        return self.start + self.duration

    def of(self, *kinds: Kind) -> Indexes:
        """The indexes of the spans of these kinds."""
        return np.flatnonzero(self.are(*kinds))

    def are(self, *kinds: Kind) -> Mask:
        """Which spans are of these kinds."""
        found: Mask = self.kind == kinds[0]
        for kind in kinds[1:]:
            found |= self.kind == kind
        return found


@dataclass(frozen=True, slots=True)
class Operation:
    """An operation of a framework, which may run as many kernels: its full name, and its type."""

    name: str
    type: str


@dataclass(frozen=True, slots=True)
class Launch:
    """How a kernel was launched; None (or no numbers) where the capture does not tell. `occupancy` in percent."""

    grid: tuple[int, ...] = ()
    block: tuple[int, ...] = ()
    registers: int | None = None
    shared_memory: int | None = None
    occupancy: float | None = None
    blocks_per_sm: float | None = None


@dataclass(frozen=True, slots=True)
class StepMark:
    """A step that the capture marks by itself; times in ps."""

    name: str
    start: int
    duration: int


@dataclass(slots=True)
class Memory:
    """Allocations (`size` in bytes positive) and releases (negative) by time; `allocated` and `reserved` are the
    totals of the device behind each; `device`: NOTHING for the host's memory; `address`: what is released is what was
    allocated there; `lane`: the thread it happened on; `operation`: which of the capture's `operations` asked for it.
    NOTHING where it is not told; int64[n] each."""

    time: Times
    size: Indexes
    device: Indexes
    allocated: Indexes
    reserved: Indexes
    address: Indexes
    lane: Indexes
    operation: Indexes


@dataclass(slots=True)
class Profile:
    """One capture of one host or worker.

    `writer`: what made it, in words; `devices`: their names by number; `device_bytes`: their memory, where it is told;
    `begin_ns`: nanoseconds since 1970 of time 0, where it is told; `problems`: what could not be read, in words;
    `details`: what else is told of a span, by its index; `marks`: steps that are marked other than by annotations;
    `operation`: for each span which of `operations` it belongs to, NOTHING where none is told, [n]; `launch`: for each
    span which of `launches` it is, [n]; where that is empty, `details` tells it under PyTorch's names.
    """

    writer: str
    lanes: list[Lane]
    names: list[str]
    spans: Spans
    memory: Memory
    devices: dict[int, str] = field(default_factory=dict)
    device_bytes: dict[int, int] = field(default_factory=dict)
    rank: int | None = None
    world_size: int | None = None
    begin_ns: int | None = None
    problems: list[str] = field(default_factory=list)
    details: Callable[[int], Mapping[str, Any]] = lambda _: {}
    marks: list[StepMark] = field(default_factory=list)
    operation: Numbers = field(default_factory=lambda: np.empty(0, np.int32))
    operations: list[Operation] = field(default_factory=list)
    launch: Numbers = field(default_factory=lambda: np.empty(0, np.int32))
    launches: list[Launch] = field(default_factory=list)

    def name_of(self, index: int) -> str:
        """The name of a span, as it is in the file."""
        return self.names[int(self.spans.name[index])]


def empty_profile() -> Profile:
    """A capture in which nothing happens."""
    whole = np.empty(0, np.int64)
    small = np.empty(0, np.int32)
    spans = Spans(whole, whole, small, small, np.empty(0, np.int8), whole, whole)
    return Profile("", [], [], spans, Memory(*[whole] * 8))
