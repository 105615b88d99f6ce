"""Which call lies in which: by time on each thread, as profilers mean it."""

from __future__ import annotations

import numpy as np

from tbtui.profiles.model import NOTHING, PS_PER_US, Indexes, Spans

FINE_SLACK = 2_000  # ps; begin and length are rounded by themselves, so a call may reach out of the one it lies in
COARSE_SLACK = PS_PER_US  # the same for old traces, which tell whole microseconds


def parents(spans: Spans, which: Indexes, slack: int | None = None) -> Indexes:
    """For each of the spans `which` the place (in `which`) of the one it lies in directly, NOTHING where in none.

    A span lies in another of its lane that begins no later and ends no earlier, or by at most `slack` ps earlier (None:
    as much as the capture's times are rounded). int64[len(which)].
    """
    start, end, lane = spans.start[which], spans.end[which], spans.lane[which]
    if slack is None:
        whole = not (start % PS_PER_US).any() and not (end % PS_PER_US).any()
        slack = COARSE_SLACK if whole else FINE_SLACK
    order = np.lexsort((-end, start, lane))
    found = np.full(len(which), NOTHING, np.int64)
    open_: list[tuple[int, int]] = []  # (end, place) of the calls that are under way
    before = NOTHING
    columns = (order.tolist(), lane[order].tolist(), start[order].tolist(), end[order].tolist())
    for place, on, begins, ends in zip(*columns, strict=True):
        if on != before:
            open_, before = [], on
        while open_ and (open_[-1][0] < ends - slack or open_[-1][0] <= begins < ends):
            open_.pop()
        if open_:
            found[place] = open_[-1][1]
        open_.append((ends, place))
    return found


def self_times(spans: Spans, which: Indexes, parent: Indexes) -> Indexes:
    """How long each of `which` runs outside of those that lie in it directly, in ps."""
    inside = parent != NOTHING
    spent = spans.duration[which].copy()
    np.subtract.at(spent, parent[inside], spans.duration[which][inside])
    return spent


def add_up(values: Indexes, parent: Indexes, spans: Spans, which: Indexes) -> Indexes:
    """The values of each of `which` and of all that lie in it, together."""
    sums = values.copy()
    # Those that begin later, and of those that begin together the shorter ones, lie in the others: they go first.
    order = np.lexsort((-spans.end[which], spans.start[which]))[::-1]
    for place in order[parent[order] != NOTHING].tolist():
        sums[parent[place]] += sums[place]
    return sums
