"""Who allocated memory: what held it at the peak of each device, and the operators that allocated most."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from tbtui.profiles.model import NOTHING, Indexes, Kind, Profile
from tbtui.profiles.operators import Calls, shown_name

BEFORE = "(before the capture)"
OUTSIDE = "(in no operator)"


@dataclass(frozen=True, slots=True)
class Holder:
    """What one operator held of a device (None: of the host) when most was allocated: blocks, and bytes of all."""

    device: int | None
    name: str
    blocks: int
    size: int


@dataclass(frozen=True, slots=True)
class Allocator:
    """The allocations of one operator on a device (None: the host), bytes: of all together, of the largest, and what
    was left of them when the capture ended."""

    device: int | None
    name: str
    calls: int
    size: int
    largest: int
    kept: int


@dataclass(frozen=True, slots=True)
class MemoryHolders:
    """Each with the largest first, device by device, the host first."""

    at_peak: list[Holder]
    allocators: list[Allocator]


def memory_holders(profile: Profile, calls: Calls) -> MemoryHolders:
    """Follows every block from where it was allocated to where it was released.

    A release belongs to the allocation at its address; where captures tell none, to the last one of its size. A block
    is held by the operator that was under way on the thread that allocated it, or that the capture names.
    """
    memory = profile.memory
    owners = _owners(profile, calls)
    released = _releases(profile)
    at_peak: list[Holder] = []
    allocators: list[Allocator] = []
    for device in sorted(set(memory.device.tolist())):
        place = None if device == NOTHING else int(device)
        mine = np.flatnonzero(memory.device == device)
        sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
        held: dict[str, list[int]] = defaultdict(lambda: [0, 0])
        totals = memory.allocated[mine]
        told = bool((totals != NOTHING).any())
        totals = totals if told else np.cumsum(memory.size[mine])
        peak = int(mine[int(totals.argmax())])
        for event in mine[memory.size[mine] > 0].tolist():
            size, end = int(memory.size[event]), int(released[event])
            entry = sums[owners[event]]
            entry[0] += 1
            entry[1] += size
            entry[2] = max(entry[2], size)
            entry[3] += size if end == NOTHING else 0
            if event <= peak and (end == NOTHING or end > peak):
                block = held[owners[event]]
                block[0] += 1
                block[1] += size
        rest = int(totals.max()) - sum(size for _, size in held.values())
        if told and rest > 0:
            held[BEFORE] = [0, rest]
        found = [Holder(place, name, *entry) for name, entry in held.items()]
        at_peak += sorted(found, key=lambda one: (-one.size, one.name))
        made = [Allocator(place, name, *entry) for name, entry in sums.items()]
        allocators += sorted(made, key=lambda one: (-one.size, one.name))
    return MemoryHolders(at_peak, allocators)


def _releases(profile: Profile) -> Indexes:
    """For each allocation the event that released it, NOTHING where none did. int64[events]."""
    memory = profile.memory
    found = np.full(len(memory.time), NOTHING, np.int64)
    open_: dict[tuple[int, bool, int], list[int]] = defaultdict(list)
    columns = (memory.size.tolist(), memory.device.tolist(), memory.address.tolist())
    for event, (size, device, address) in enumerate(zip(*columns, strict=True)):
        key = (device, address != NOTHING, address if address != NOTHING else abs(size))
        if size > 0:
            open_[key].append(event)
        elif size < 0 and open_[key]:
            found[open_[key].pop()] = event
    return found


def _owners(profile: Profile, calls: Calls) -> list[str]:
    """The name of what each event of memory belongs to."""
    memory, spans = profile.memory, profile.spans
    found = [OUTSIDE] * len(memory.time)
    places = _calls_around(profile, calls)
    for event, (place, operation) in enumerate(zip(places.tolist(), memory.operation.tolist(), strict=True)):
        if operation != NOTHING:
            found[event] = profile.operations[operation].name
        elif place != NOTHING:
            found[event] = shown_name(profile.names[int(spans.name[calls.which[place]])])
    return found


def _calls_around(profile: Profile, calls: Calls) -> Indexes:
    """The innermost operator or range that was under way on the thread of each event of memory, by its place in
    `calls.which`; NOTHING where none was. int64[events]."""
    memory, spans = profile.memory, profile.spans
    found = np.full(len(memory.time), NOTHING, np.int64)
    start, end, lane = (column[calls.which] for column in (spans.start, spans.end, spans.lane))
    wanted = np.isin(spans.kind[calls.which], (Kind.OPERATOR, Kind.ANNOTATION))
    for number in set(memory.lane.tolist()):
        events = np.flatnonzero(memory.lane == number)
        mine = np.flatnonzero(lane == number)  # by start, those around others first
        if not len(mine):
            continue
        time = memory.time[events]
        last = np.searchsorted(start[mine], time, "right") - 1
        place = np.where(last >= 0, mine[np.maximum(last, 0)], NOTHING)
        while True:  # a call that began last may be over: then one of those around it is under way
            outside = (place != NOTHING) & ((end[place] < time) | ~wanted[place])
            if not outside.any():
                break
            place[outside] = calls.parent[place[outside]]
        found[events] = place
    return found
