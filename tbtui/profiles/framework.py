"""The table of a framework's operations, on the host and on devices, as xprof makes it of an XLA capture."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import NOTHING, Profile
from tbtui.profiles.nesting import parents, self_times
from tbtui.profiles.steps import on_device

IDLE = "IDLE"

_NEVER = np.iinfo(np.int64).max


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
    known, streams = profile.operation != NOTHING, on_device(profile)
    rows: list[OperationRow] = []
    for device in (True, False):
        which = np.flatnonzero(known & (streams if device else ~streams))
        if not len(which):
            continue
        own = self_times(spans, which, parents(spans, which))
        calls, total, spent = (np.zeros(len(profile.operations), np.int64) for _ in range(3))
        first, last = np.full(len(profile.lanes), _NEVER), np.full(len(profile.lanes), -_NEVER)
        for part in blocks(len(which)):
            mine = which[part]
            operation, lane = (column.take(mine).astype(np.int64) for column in (profile.operation, spans.lane))
            start, took = spans.start.take(mine), spans.duration.take(mine)
            np.add.at(calls, operation, 1)
            np.add.at(total, operation, took)
            np.add.at(spent, operation, own[part])
            np.minimum.at(first, lane, start)
            np.maximum.at(last, lane, start + took)
        found = [
            OperationRow(
                device,
                profile.operations[number].type,
                profile.operations[number].name,
                int(calls[number]),
                int(total[number]),
                int(spent[number]),
            )
            for number in np.flatnonzero(calls).tolist()
        ]
        reach: dict[tuple[int | None, int], tuple[int, int]] = {}
        for number, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
            if begin <= end:
                stream_of = profile.lanes[number].device
                place = (stream_of, NOTHING if device else number)  # the streams of a device are one
                earliest, latest = reach.get(place, (begin, end))
                reach[place] = min(earliest, begin), max(latest, end)
        whole = sum(end - begin for begin, end in reach.values())
        idle = whole - sum(row.own for row in found)
        found.append(OperationRow(device, IDLE, IDLE, 0, idle, idle))
        rows += sorted(found, key=lambda row: (-row.own, row.name))
    return rows
