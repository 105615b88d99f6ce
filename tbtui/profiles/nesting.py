"""Which call lies in which: by time on each thread, as profilers mean it."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import NOTHING, PS_PER_US, Indexes, Numbers, Spans, Times

FINE_SLACK = 2_000  # ps; begin and length are rounded by themselves, so a call may reach out of the one it lies in
COARSE_SLACK = PS_PER_US  # the same for old traces, which tell whole microseconds
_NEAR = 1 << 10  # spans of a block that are looked at before all of it is
_DEEPEST = (1 << 16) - 1  # of calls that are found by counting


def parents(spans: Spans, which: Indexes, slack: int | None = None) -> Indexes:
    """For each of the spans `which` the place (in `which`) of the one it lies in directly, NOTHING where in none.

    A span lies in another of its lane that begins no later and ends no earlier, or by at most `slack` ps earlier (None:
    as much as the capture's times are rounded). int64[len(which)].
    """
    found = np.full(len(which), NOTHING, np.int64)
    slack = _rounding(spans, which) if slack is None else slack
    order, cuts = None, _lanes(spans, which)
    if cuts is None:
        order = by_lane(*_times(spans, which), spans.lane[which])
        which = which[order]
        cuts = np.flatnonzero(np.diff(spans.lane[which], prepend=NOTHING, append=NOTHING)).tolist()
    for begin, stop in pairwise(cuts):
        for place, start, end in _parts(spans, which[begin:stop], slack):
            first, parent = begin + place, _parents_of_lane(start, end, slack)
            if order is None:
                found[first : first + len(parent)] = np.where(parent == NOTHING, NOTHING, parent + first)
            else:
                inside = np.flatnonzero(parent != NOTHING)
                found[order[first + inside]] = order[first + parent[inside]]
    return found


def _rounding(spans: Spans, which: Indexes) -> int:
    """How far a call may reach out of the one it lies in, by how much the capture's times are rounded."""
    for some in (which[:1000], which):  # the first nearly always tell
        start, end = _times(spans, some)
        if (start % PS_PER_US).any() or (end % PS_PER_US).any():
            return FINE_SLACK
    return COARSE_SLACK


def _times(spans: Spans, which: Indexes) -> tuple[Times, Times]:
    """When spans begin and end."""
    start = spans.start.take(which)
    return start, start + spans.duration.take(which)


def _lanes(spans: Spans, which: Indexes) -> list[int] | None:
    """The places at which the spans of each lane begin, and behind the last; None where they do not stand in the order
    of `by_lane`."""
    cuts = [0]
    for part in blocks(len(which)):
        near = which[max(part.start - 1, 0) : part.stop]
        lane, (start, end) = spans.lane.take(near), _times(spans, near)
        known = (start[1:] > start[:-1]) | (start[1:] == start[:-1]) & (end[1:] <= end[:-1])
        same = lane[1:] == lane[:-1]
        if not (known & same | (lane[1:] > lane[:-1])).all():
            return None
        cuts += (np.flatnonzero(~same) + max(part.start, 1)).tolist()
    return [*cuts, len(which)]


def _parts(spans: Spans, which: Indexes, slack: int) -> Iterator[tuple[int, Times, Times]]:
    """(place of the first, begins, ends) of the spans of a lane, in the order of `by_lane`, in parts of about a block:
    parts begin where nothing runs any longer. What never ceases is one part."""
    starts: list[Times] = []
    ends: list[Times] = []
    first, reach = 0, np.iinfo(np.int64).min
    for block in blocks(len(which)):
        start, end = _times(spans, which[block])
        last = int(end.max())
        free = _first_free(start, end, slack, reach) if starts else None
        if free is not None:
            yield first, np.concatenate((*starts, start[:free])), np.concatenate((*ends, end[:free]))
            first, starts, ends = block.start + free, [], []
            start, end = start[free:], end[free:]
        starts.append(start)
        ends.append(end)
        reach = max(reach, last)
    if starts:
        yield first, np.concatenate(starts), np.concatenate(ends)


def _first_free(start: Times, end: Times, slack: int, reach: int) -> int | None:
    """The first place of `_free`."""
    for count in (_NEAR, len(start)):  # it is nearly always among the first
        free = _free(start[:count], end[:count], slack, reach)
        if len(free):
            return int(free[0])
    return None


def _free(start: Times, end: Times, slack: int, reach: int) -> Indexes:
    """The places of spans that begin when none of those before them runs; `reach`: until when any before all does."""
    before = np.maximum.accumulate(np.append(reach, end[:-1]))
    return np.flatnonzero((start - slack > before) | ((start >= before) & (end > start)))


def by_lane(start: Times, end: Times, lane: Numbers) -> Indexes:
    """The order of spans in which each lane's stand together, those that lie in others behind them."""
    if len(start) and (start[1:] >= start[:-1]).all():  # as the spans of a profile stand already
        if lane.min() == lane.max():
            order = np.arange(len(lane))
            return order if not ((start[1:] == start[:-1]) & (end[1:] > end[:-1])).any() else np.lexsort((-end, start))
        small = lane.astype(np.uint16) if lane.min() >= 0 and lane.max() < 1 << 16 else lane
        order = np.argsort(small, kind="stable")
        same = (start[order[1:]] == start[order[:-1]]) & (lane[order[1:]] == lane[order[:-1]])
        if not (same & (end[order[1:]] > end[order[:-1]])).any():
            return order
    return np.lexsort((-end, start, lane))


def _parents_of_lane(start: Times, end: Times, slack: int) -> Indexes:
    """`parents` of the spans of one lane, in the order of `by_lane`.

    Where spans lie in each other to the picosecond, as they nearly always do, how deep each lies is counted: how many
    began before it, less how many ended. Where some reach out of what is around them, all between two moments at which
    nothing runs are gone through one by one.
    """
    if (start[1:] >= end[:-1]).all() and (end > start).all():  # as kernels on a stream
        return np.full(len(start), NOTHING, np.int64)
    place = np.arange(len(start))
    depth = place - np.searchsorted(np.sort(end, kind="stable"), start, "right")
    if (depth < 0).any() or depth.max() > _DEEPEST:
        return _one_by_one(start, end, slack)
    parent = _last_of_depth_before(depth)
    known = np.maximum(parent, 0)
    around = (end.take(known) >= end) | (parent == NOTHING)
    wrong = (end <= start) | ~around | ((parent == NOTHING) & (depth > 0))
    if wrong.any():
        begins = np.append(0, _free(start[1:], end[1:], slack, int(end[0])) + 1)
        of = np.searchsorted(begins, np.flatnonzero(wrong), "right") - 1
        stops = np.append(begins[1:], len(start))
        for number in sorted(set(of.tolist())):
            first, last = int(begins[number]), int(stops[number])
            mine = _one_by_one(start[first:last], end[first:last], slack)
            parent[first:last] = np.where(mine == NOTHING, NOTHING, mine + first)
    return parent


def _last_of_depth_before(depth: Indexes) -> Indexes:
    """For each place the last before it that is less deep by one, NOTHING where there is none."""
    parent = np.full(len(depth), NOTHING, np.int64)
    order = np.argsort(depth.astype(np.uint16), kind="stable")
    levels = np.split(order, np.cumsum(np.bincount(depth))[:-1])
    for above, level in pairwise(levels):
        before = np.searchsorted(above, level) - 1
        parent[level] = np.where(before < 0, NOTHING, above.take(np.maximum(before, 0)) if len(above) else NOTHING)
    return parent


def _one_by_one(start: Times, end: Times, slack: int) -> Indexes:
    found = []
    open_: list[tuple[int, int]] = []  # (end, place) of the calls that are under way
    for place, (begins, ends) in enumerate(zip(start.tolist(), end.tolist(), strict=True)):
        while open_ and (open_[-1][0] < ends - slack or open_[-1][0] <= begins < ends):
            open_.pop()
        found.append(open_[-1][1] if open_ else NOTHING)
        open_.append((ends, place))
    return np.array(found, np.int64)


def self_times(spans: Spans, which: Indexes, parent: Indexes) -> Indexes:
    """How long each of `which` runs outside of those that lie in it directly, in ps."""
    spent: Indexes = spans.duration.take(which)
    for part in blocks(len(which)):
        inside = np.flatnonzero(parent[part] != NOTHING)
        np.subtract.at(spent, parent[part].take(inside), spans.duration.take(which[part].take(inside)))
    return spent


def add_up(values: Indexes, parent: Indexes) -> Indexes:
    """The values of each call and of all that lie in it, together. `parent`: the place of what each lies in."""
    sums = values.copy()
    for part in blocks(len(values)):
        some = np.flatnonzero(values[part])
        around, amount = parent[part].take(some), values[part].take(some)
        while len(around):
            inside = np.flatnonzero(around != NOTHING)
            around, amount = around.take(inside), amount.take(inside)
            np.add.at(sums, around, amount)
            around = parent.take(around)
    return sums


def depths_of(parent: Indexes) -> Indexes:
    """How many calls are around each. `parent`: the place of what each lies in, NOTHING where in none."""
    depth = np.zeros(len(parent), np.int64)
    inner = np.flatnonzero(parent != NOTHING)
    above = parent[inner]
    while len(inner):
        depth[inner] += 1
        above = parent[above]
        inner, above = inner[above != NOTHING], above[above != NOTHING]
    return depth
