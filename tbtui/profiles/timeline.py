"""What ran when, in rows: a thread has a row for each depth of calls in calls, a stream has one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.model import NOTHING, Indexes, Kind, Lane, Profile, Times
from tbtui.profiles.nesting import depths_of, parents

DEEPEST = 6
"""Rows a lane has at most; what lies deeper is seen when a call is looked at."""

_HIDDEN = (Kind.PYTHON, Kind.OVERHEAD)


@dataclass(frozen=True, slots=True)
class TimelineRow:
    """Spans that follow each other: `which` are their indexes, by start. `depth` 0 is a lane's first row."""

    lane: Lane
    depth: int
    which: Indexes
    start: Times
    end: Times


def timeline_rows(profile: Profile, python: bool = False) -> list[TimelineRow]:
    """The rows, devices first, then the threads on which most time was spent; those without any span have none."""
    spans = profile.spans
    shown = np.ones(len(spans), bool) if python else ~np.isin(spans.kind, _HIDDEN)
    shown &= spans.duration > 0
    every = np.flatnonzero(shown)
    lanes = spans.lane[every]
    by_lane = [every[lanes == number] for number in range(len(profile.lanes))]
    spent = [int(spans.duration[which].sum()) for which in by_lane]
    order = sorted(range(len(by_lane)), key=lambda n: (not profile.lanes[n].on_device, -spent[n]))
    rows: list[TimelineRow] = []
    for number in order:
        which = by_lane[number]
        if not len(which):
            continue
        depth = depths_of(parents(spans, which))
        for level in range(min(int(depth.max()) + 1, DEEPEST)):
            mine = which[depth == level]
            rows.append(TimelineRow(profile.lanes[number], level, mine, spans.start[mine], spans.end[mine]))
    return rows


def spans_at(row: TimelineRow, edges: NDArray[np.float64]) -> Indexes:
    """For each column, between edges[i] and edges[i + 1], the span that is drawn there, NOTHING where none is.

    The one that is under way in the middle of the column; else one that begins in it: nothing is too short to be seen.
    """
    if not len(row.which):
        return np.full(len(edges) - 1, NOTHING, np.int64)
    middle = (edges[:-1] + edges[1:]) / 2
    before = np.searchsorted(row.start, middle, "right") - 1
    running = (before >= 0) & (row.end[np.maximum(before, 0)] > middle)
    begins = np.searchsorted(row.start, edges[:-1], "left")
    inside = (begins < len(row.start)) & (row.start[np.minimum(begins, len(row.start) - 1)] < edges[1:])
    place = np.where(running, before, np.where(inside, begins, NOTHING))
    found: Indexes = np.where(place == NOTHING, NOTHING, row.which[np.maximum(place, 0)])
    return found
