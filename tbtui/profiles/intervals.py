"""Sets of time, each as sorted stretches that do not touch: int64[n, 2], begin and end."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import Indexes, Mask, Spans

Stretches = NDArray[np.int64]

EMPTY: Stretches = np.empty((0, 2), np.int64)


def union(begin: NDArray[np.int64], end: NDArray[np.int64]) -> Stretches:
    """The time that any of some stretches covers."""
    some = end > begin
    if not some.all():
        begin, end = begin.compress(some), end.compress(some)
    if not len(begin):
        return EMPTY
    if (begin[1:] < begin[:-1]).any():
        # Nothing runs before a stretch begins where as many have ended as have begun.
        begin, end = np.sort(begin, kind="stable"), np.sort(end, kind="stable")
    elif (end[1:] < end[:-1]).any():
        end = np.maximum.accumulate(end)
    last = np.append(np.flatnonzero(begin[1:] > end[:-1]), len(begin) - 1)
    found = np.empty((len(last), 2), np.int64)
    found[0, 0], found[1:, 0], found[:, 1] = begin[0], begin.take(last[:-1] + 1), end.take(last)
    return found


def when(spans: Spans, which: Mask, latest: Callable[[Indexes], Indexes] | None = None) -> Stretches:
    """The time in which any of some spans runs. `latest`: where those that begin at some times end at the latest."""
    found, count = np.empty((int(np.count_nonzero(which)), 2), np.int64), 0
    begins = [0]  # of what was found, where times go back: with another lane
    for part in blocks(len(spans)):
        chosen = which[part]
        if not chosen.any():
            continue
        start, end = spans.start[part], spans.duration[part]
        if not chosen.all():
            start, end = start.compress(chosen), end.compress(chosen)
        end = end + start
        more = union(start, end if latest is None else np.minimum(end, latest(start)))
        if count and len(more) and more[0, 0] < found[count - 1, 0]:
            begins.append(count)
        elif count and len(more):
            last = found[count - 1]  # may reach into what comes
            reached = int(np.searchsorted(more[:, 0], last[1], "right"))
            last[1] = max(last[1], more[:reached, 1].max(initial=last[1]))
            more = more[reached:]
        found[count : count + len(more)] = more
        count += len(more)
    return together(*(found[first:end] for first, end in pairwise([*begins, count])))


def remembering(spans: Spans) -> Callable[[Mask], Stretches]:
    """`when` for these spans; the same ones are not put together twice."""
    known: list[tuple[bytes, Stretches]] = []

    def of(which: Mask) -> Stretches:
        bits = np.packbits(which).tobytes()
        for mask, stretches in known:
            if mask == bits:
                return stretches
        known.append((bits, when(spans, which)))
        return known[-1][1]

    return of


def together(*parts: Stretches) -> Stretches:
    """The time in any of them."""
    some = [part for part in parts if len(part)]
    if len(some) < 2:
        return some[0] if some else EMPTY
    if all(before[-1, 1] < behind[0, 0] for before, behind in pairwise(some)):
        return np.concatenate(some)
    return union(*(np.concatenate([part[:, side] for part in some]) for side in (0, 1)))


def total(stretches: Stretches) -> int:
    """How long they are together."""
    return int((stretches[:, 1] - stretches[:, 0]).sum())


def clip(stretches: Stretches, begin: int, end: int) -> Stretches:
    """The part that lies between two times."""
    first = int(np.searchsorted(stretches[:, 1], begin, "right"))
    last = int(np.searchsorted(stretches[:, 0], end, "left"))
    part = stretches[first:last].copy()
    if len(part):
        part[0, 0] = max(int(part[0, 0]), begin)
        part[-1, 1] = min(int(part[-1, 1]), end)
    return part


def inside(stretches: Stretches, begin: NDArray[np.int64], end: NDArray[np.int64]) -> NDArray[np.int64]:
    """How much of each time from begin[i] to end[i] the stretches cover; int64[n]."""
    if not len(stretches):
        return np.zeros(len(begin), np.int64)
    times = np.concatenate((begin, end))
    starts = np.ascontiguousarray(stretches[:, 0])
    length = stretches[:, 1] - starts
    last = np.maximum(np.searchsorted(starts, times, "right") - 1, 0)
    covered: NDArray[np.int64] = np.append(0, np.cumsum(length))[last] + np.clip(times - starts[last], 0, length[last])
    return covered[len(begin) :] - covered[: len(begin)]


def subtract(stretches: Stretches, less: Stretches) -> Stretches:
    """The time in the first that is not in the second."""
    return _where(stretches, less, wanted=(1, 0))


def intersect(one: Stretches, other: Stretches) -> Stretches:
    """The time in both."""
    return _where(one, other, wanted=(1, 1))


def _where(one: Stretches, other: Stretches, wanted: tuple[int, int]) -> Stretches:
    """The time in which each is on (1) or off (0) as wanted."""
    if not len(one):
        return EMPTY
    if not len(other):
        return one if wanted == (1, 0) else EMPTY
    times = np.sort(np.concatenate((one.reshape(-1), other.reshape(-1))), kind="stable")
    inside = [np.searchsorted(each.reshape(-1), times, "right") % 2 for each in (one, other)]
    on = ((inside[0] == wanted[0]) & (inside[1] == wanted[1]))[:-1]
    return union(times[:-1][on], times[1:][on])
