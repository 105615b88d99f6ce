"""Several ranks of one session side by side: what each spent computing and communicating, and who waited for whom."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from tbtui.profiles.intervals import intersect, total, union
from tbtui.profiles.model import NOTHING, Indexes, Profile
from tbtui.profiles.operators import Calls, nest_calls
from tbtui.profiles.steps import collective_spans, find_activity, step_table

STRAGGLER_SHARE = 0.05
"""Of the steps' time that others waited for a rank, from which on it is called a straggler."""

_OF_KERNEL = re.compile(r"^(?:void )?(?:nccl|rccl|msccl)\w*?Kernel_([A-Za-z]+)")
_ITEM_BYTES = {
    "double": 8, "float64": 8, "long": 8, "int64": 8, "float": 4, "float32": 4, "int": 4, "int32": 4, "half": 2,
    "float16": 2, "bfloat16": 2, "short": 2, "int16": 2, "byte": 1, "uint8": 1, "char": 1, "int8": 1, "bool": 1,
    "float8_e4m3fn": 1, "float8_e5m2": 1, "float8_e4m3fnuz": 1, "float8_e5m2fnuz": 1, "complexfloat": 8,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Collective:
    """Calls of one collective in one process group, by one rank in order: `durations` in ps, int64[n]; `sizes`: bytes
    of each, NOTHING where they are not told, int64[n]."""

    durations: Indexes
    sizes: Indexes


@dataclass(frozen=True, slots=True)
class RankWork:
    """What is kept of the capture of one rank. Times in ps, inside the steps: `computation` and `communication` count
    `overlap`, in which both went on; with `other`, in which neither did, the duration is whole. `calls`: by (process
    group, collective)."""

    worker: str
    rank: int | None
    steps: int
    duration: int
    computation: int
    communication: int
    overlap: int
    other: int
    calls: dict[tuple[str, str], Collective] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class RankRow:
    """A rank against the others. `transfer` and `waiting` (ps): of its matched collectives the time that the fastest
    rank needed too, and the rest; `awaited`: how long the others waited for it, on average; `straggler`: whether that
    is more than STRAGGLER_SHARE of its steps' time."""

    work: RankWork
    transfer: int
    waiting: int
    awaited: int
    straggler: bool


@dataclass(frozen=True, slots=True)
class CollectiveRow:
    """One collective of one process group, over all ranks. `calls`: of all ranks together; `size`: bytes of all calls,
    None where they are not told; `total`, `transfer`, `waiting`: ps of all ranks together, the last two None where its
    calls could not be matched."""

    name: str
    group: str
    ranks: int
    calls: int
    size: int | None
    total: int
    longest: int
    transfer: int | None
    waiting: int | None


@dataclass(frozen=True, slots=True)
class Distributed:
    """The ranks by number, and the collectives, the longest first. `unmatched`: collectives that not all ranks called
    equally often within their captures, so that it is not known which calls belong together."""

    ranks: list[RankRow]
    collectives: list[CollectiveRow]
    unmatched: list[str]


def rank_work(worker: str, profile: Profile, calls: Calls | None = None) -> RankWork:
    """Takes what is compared from the capture of one worker; the capture itself is not needed after it."""
    activity = find_activity(profile)
    steps = step_table(profile, activity)
    edges = np.array([(step.start, step.start + step.duration) for step in steps], np.int64).reshape(-1, 2)
    inside = union(edges[:, 0], edges[:, 1])
    computing = activity.compute if len(activity.kernels) else activity.host
    computing, talking = intersect(inside, computing), intersect(inside, activity.communication)
    both, whole = total(intersect(computing, talking)), total(inside)
    computation, communication = total(computing), total(talking)
    other = whole - computation - communication + both
    found = _collectives(profile, calls)
    return RankWork(worker, profile.rank, len(steps), whole, computation, communication, both, other, found)


def _collectives(profile: Profile, calls: Calls | None) -> dict[tuple[str, str], Collective]:
    which = collective_spans(profile)
    if not len(which):
        return {}
    calls = nest_calls(profile) if calls is None else calls
    launchers = dict(zip(calls.work.tolist(), calls.launched_by.tolist(), strict=True))
    groups: dict[tuple[str, str], list[tuple[int, int]]] = defaultdict(list)
    which = which[np.argsort(profile.spans.start[which], kind="stable")]  # the order of the calls
    for index in which.tolist():
        told = profile.details(index)
        launcher = launchers.get(index, NOTHING)
        if "Collective name" not in told and launcher != NOTHING:
            told = {**profile.details(int(calls.which[launcher])), **told}
        name = _collective_name(profile.name_of(index), told)
        group = str(told.get("Process Group Description") or told.get("Process Group Name") or "")
        groups[group, name].append((int(profile.spans.duration[index]), _size(told)))
    return {
        key: Collective(np.array([one[0] for one in each], np.int64), np.array([one[1] for one in each], np.int64))
        for key, each in groups.items()
    }


def _collective_name(span: str, told: Mapping[str, Any]) -> str:
    """As PyTorch calls it ("allreduce"), whichever way it is told: by the arguments, by the kernel, by the range."""
    name = told.get("Collective name")
    if not isinstance(name, str):
        kernel = _OF_KERNEL.match(span)
        name = kernel[1] if kernel else span.partition(":")[2] or span
    return name.lower().strip("_").replace("_", "")


def _size(told: Mapping[str, Any]) -> int:
    """Bytes of a call: of what goes in or comes out the larger."""
    item = _ITEM_BYTES.get(str(told.get("dtype", "")).lower().removeprefix("c10::"))
    counts = [told.get(key) for key in ("In msg nelems", "Out msg nelems")]
    known = [count for count in counts if isinstance(count, int) and not isinstance(count, bool)]
    return max(known) * item if known and item is not None else NOTHING


def compare_ranks(works: Sequence[RankWork]) -> Distributed:
    """Puts ranks side by side. Their clocks need not agree: of each collective the k-th call of every rank is the same
    one; it ends for all at once, so that the rank in which it is shortest came last, and the others waited for that."""
    places = sorted(range(len(works)), key=lambda place: (works[place].rank or 0, works[place].worker))
    works = [works[place] for place in places]
    transfer, waiting, awaited = ([0] * len(works) for _ in range(3))
    rows, unmatched = [], []
    for key in sorted({key for work in works for key in work.calls}):
        having = [place for place, work in enumerate(works) if key in work.calls]
        calls = [works[place].calls[key] for place in having]
        matched = len(calls) > 1 and len({len(one.durations) for one in calls}) == 1
        moved = waited = None
        if matched:
            durations = np.stack([one.durations for one in calls])
            fastest = durations.min(axis=0)
            waits = durations - fastest
            moved, waited = int(fastest.sum()) * len(calls), int(waits.sum())
            last = durations.argmin(axis=0)
            mean_wait = waits.sum(axis=0) // (len(calls) - 1)
            for row, place in enumerate(having):
                transfer[place] += int(fastest.sum())
                waiting[place] += int(waits[row].sum())
                awaited[place] += int(mean_wait[last == row].sum())
        elif len(works) > 1:
            unmatched.append(key[1])
        rows.append(_row(key, calls, moved, waited))
    ranks = [
        RankRow(work, transfer[place], waiting[place], awaited[place],
                awaited[place] > STRAGGLER_SHARE * work.duration > 0)
        for place, work in enumerate(works)
    ]  # fmt: skip
    return Distributed(ranks, sorted(rows, key=lambda row: (-row.total, row.name, row.group)), unmatched)


def _row(key: tuple[str, str], calls: Sequence[Collective], transfer: int | None, waiting: int | None) -> CollectiveRow:
    durations = np.concatenate([one.durations for one in calls])
    sizes = np.concatenate([one.sizes for one in calls])
    size = None if (sizes == NOTHING).any() else int(sizes.sum())
    longest = int(durations.max())
    return CollectiveRow(
        key[1], key[0], len(calls), len(durations), size, int(durations.sum()), longest, transfer, waiting
    )
