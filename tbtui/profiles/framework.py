"""The table of a framework's operations, on the host and on devices, as xprof makes it of an XLA capture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tbtui.profiles.model import NOTHING, Profile
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
    spans = profile.spans
    on_device = np.array([lane.on_device for lane in profile.lanes], bool)
    known = np.flatnonzero(profile.operation != NOTHING)
    rows: list[OperationRow] = []
    for device in (True, False):
        which = known[on_device[spans.lane[known]] == device]
        if not len(which):
            continue
        own = self_times(spans, which, parents(spans, which))
        totals: dict[int, list[int]] = {}
        columns = (profile.operation[which].tolist(), spans.duration[which].tolist(), own.tolist())
        for operation, duration, mine in zip(*columns, strict=True):
            row = totals.setdefault(operation, [0, 0, 0])
            row[0] += 1
            row[1] += duration
            row[2] += mine
        found = [
            OperationRow(device, profile.operations[number].type, profile.operations[number].name, *row)
            for number, row in totals.items()
        ]
        places = spans.lane[which]
        if device:  # the streams of a device are one
            numbers = [NOTHING if lane.device is None else lane.device for lane in profile.lanes]
            places = np.array(numbers, np.int64)[places]
        whole = sum(
            int(spans.end[which[places == place]].max() - spans.start[which[places == place]].min())
            for place in set(places.tolist())
        )
        idle = whole - sum(row.own for row in found)
        found.append(OperationRow(device, IDLE, IDLE, 0, idle, idle))
        rows += sorted(found, key=lambda row: (-row.own, row.name))
    return rows
