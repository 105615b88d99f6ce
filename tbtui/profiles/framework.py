"""The table of a framework's operations, on the host and on devices, as xprof makes it of an XLA capture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tbtui.profiles.grouping import dense, sums
from tbtui.profiles.model import NOTHING, Indexes, Profile, Spans
from tbtui.profiles.nesting import parents, self_times

IDLE = "IDLE"


@dataclass(frozen=True, slots=True)
class OperationRow:
    """All runs of one operation on the host, or on devices. Times in ps; `own` is without what lies inside."""

    on_device: bool
    type: str
    name: str
    calls: int
    total: int
    own: int


def operation_table(profile: Profile) -> list[OperationRow]:
    """One row for each operation, devices first, largest own time first; and one of type IDLE for the time in which
    none of them ran, from the first to the last on each thread (all threads together) and on each device."""
    if not profile.operations:
        return []
    spans = profile.spans
    on_device = np.array([lane.on_device for lane in profile.lanes], bool)
    known = np.flatnonzero(profile.operation != NOTHING)
    rows: list[OperationRow] = []
    for device in (True, False):
        which = known[on_device[spans.lane[known]] == device]
        if not len(which):
            continue
        own = self_times(spans, which, parents(spans, which))
        operation = profile.operation[which]
        calls = np.bincount(operation, minlength=len(profile.operations))
        total, spent = (sums(operation, times, len(calls)) for times in (spans.duration[which], own))
        found = [
            OperationRow(
                device,
                profile.operations[number].type,
                profile.operations[number].name,
                int(calls[number]),
                total[number],
                spent[number],
            )
            for number in np.flatnonzero(calls).tolist()
        ]
        places = spans.lane[which]
        if device:  # the streams of a device are one
            numbers = [NOTHING if lane.device is None else lane.device for lane in profile.lanes]
            places = np.array(numbers, np.int64)[places]
        whole = sum(_reach(spans, which[places == place]) for place in dense(places)[0].tolist())
        idle = whole - sum(row.own for row in found)
        found.append(OperationRow(device, IDLE, IDLE, 0, idle, idle))
        rows += sorted(found, key=lambda row: (-row.own, row.name))
    return rows


def _reach(spans: Spans, which: Indexes) -> int:
    """From where the first of some spans begins to where the last ends."""
    start = spans.start[which]
    return int((start + spans.duration[which]).max() - start.min())
