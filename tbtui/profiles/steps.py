"""Steps of a training run in a capture, and what their time went into; each instant counts once."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from tbtui.profiles.blocks import looked_up
from tbtui.profiles.intervals import EMPTY, Stretches, clip, inside, intersect, remembering, together, total
from tbtui.profiles.model import XLA, Indexes, Kind, Mask, Profile
from tbtui.profiles.xla.steps import xla_categories

_STRETCHES = 1 << 15
_STEP_PREFIX = "ProfilerStep#"
_LOADER_PREFIX = "enumerate(DataLoader)"
_COLLECTIVES = (
    "nccl", "rccl", "msccl", "oneccl", "hccl", "void nccl", "all-reduce", "all-gather", "all-to-all", "reduce-scatter",
    "collective-permute",
)  # fmt: skip
_COLLECTIVES_ON_HOST = ("gloo:", "mpi:", "ucc:", "nccl:", "xccl:")
"""Ranges that PyTorch puts around a collective; where no kernel of one was recorded, they are what is known of it."""


@dataclass(frozen=True, slots=True)
class Step:
    """Times in ps. `spent`: by category; they add up to the duration, for each moment counts as the first category that
    anything is doing then: PyTorch's TensorBoard plugin has these, or, for XLA's captures, xprof (`steps`).
    `device_busy`: any work on a device; `kernel_busy`: kernels, those of communication among them; without devices
    both are 0."""

    name: str
    start: int
    duration: int
    spent: dict[str, int]
    device_busy: int
    kernel_busy: int


@dataclass(frozen=True, slots=True)
class Activity:
    """When what was done, over the whole capture."""

    by_category: dict[str, Stretches]  # without "other"
    device: Stretches
    kernels: Stretches
    compute: Stretches
    communication: Stretches
    host: Stretches  # operators of the framework


def is_collective(name: str) -> bool:
    """Whether a kernel moves data between devices."""
    return name.lower().startswith(_COLLECTIVES)


def collective_spans(profile: Profile) -> Indexes:
    """The spans that move data between ranks: kernels, or else what the host says of them."""
    moving = _named(profile, is_collective)
    if moving is not None:
        kernels = spans_of_kernels(profile)
        kernels = kernels[moving[kernels]]
        if len(kernels):
            return kernels
    said = _named(profile, lambda name: name.startswith(_COLLECTIVES_ON_HOST))
    return np.empty(0, np.int64) if said is None else np.flatnonzero(said & profile.spans.are(Kind.ANNOTATION))


def on_device(profile: Profile) -> Mask:
    """Which spans ran on a device."""
    return looked_up(np.array([lane.on_device for lane in profile.lanes], bool), profile.spans.lane)


def spans_of_kernels(profile: Profile) -> Indexes:
    """What devices computed: kernels, and the operators that XLA runs on them, in each other."""
    spans = profile.spans
    return np.flatnonzero(spans.are(Kind.KERNEL) | (spans.are(Kind.OPERATOR) & on_device(profile)))


def find_activity(profile: Profile) -> Activity:
    """Puts the spans of each category together."""
    spans = profile.spans
    of = remembering(spans)
    operators, device = spans.are(Kind.OPERATOR), on_device(profile)
    working = spans.are(Kind.KERNEL) | (operators & device)
    collective = np.zeros(len(spans), bool)
    collective[collective_spans(profile)] = True
    kernels, communication, compute = of(working), of(collective), of(working & ~collective)
    host = of(operators & ~device)
    if profile.writer == XLA:
        bounds = np.array([bound[1:] for bound in _bounds(profile)], np.int64).reshape(-1, 2)
        by_category = xla_categories(profile, bounds[:, 0], bounds[:, 1], is_collective, device, of)
    else:
        notes = spans.are(Kind.ANNOTATION, Kind.OPERATOR)
        loads = _named(profile, lambda name: name.startswith(_LOADER_PREFIX))
        by_category = {
            "kernel": compute,
            "memcpy": of(spans.are(Kind.MEMCPY)),
            "memset": of(spans.are(Kind.MEMSET)),
            "communication": communication,
            "runtime": of(spans.are(Kind.RUNTIME)),
            "data loader": EMPTY if loads is None else of(loads & notes),
            "CPU operator": host,
        }
    moving = of(spans.are(Kind.MEMCPY, Kind.MEMSET))
    return Activity(by_category, together(kernels, moving), kernels, compute, communication, host)


def _named(profile: Profile, wanted: Callable[[str], bool]) -> Mask | None:
    """Which spans have names of some kind; None where no name is of it."""
    names = np.array([wanted(name) for name in profile.names], bool)
    return looked_up(names, profile.spans.name) if names.any() else None


def step_table(profile: Profile, activity: Activity | None = None) -> list[Step]:
    """The steps in order; where none is marked, the whole capture as one."""
    activity = find_activity(profile) if activity is None else activity
    bounds = _bounds(profile)
    begin, end = (np.array([bound[side] for bound in bounds], np.int64) for side in (1, 2))
    parts = [_spent(activity, begin[some], end[some]) for some in _few_at_a_time(activity, len(bounds))]
    columns = {name: [one for part in parts for one in part[name].tolist()] for name in (parts[0] if parts else ())}
    device, kernels = (inside(each, begin, end).tolist() for each in (activity.device, activity.kernels))
    return [
        Step(
            name,
            first,
            last - first,
            {category: spent[n] for category, spent in columns.items()},
            device[n],
            kernels[n],
        )
        for n, (name, first, last) in enumerate(bounds)
    ]


def _few_at_a_time(activity: Activity, steps: int) -> list[slice]:
    """Steps that are counted together: what is made of their stretches stays in the processor's cache."""
    most = max((len(stretches) for stretches in activity.by_category.values()), default=0)
    count = max(1, steps * _STRETCHES // max(most, 1))
    return [slice(first, first + count) for first in range(0, steps, count)]


def _spent(activity: Activity, begin: Indexes, end: Indexes) -> dict[str, Indexes]:
    """What the time of steps went into, by category; int64[steps] each."""
    reach = int(begin.min()), int(end.max())
    taken, before = EMPTY, np.zeros(len(begin), np.int64)
    found: dict[str, Indexes] = {}
    for category, stretches in activity.by_category.items():
        mine, spent = clip(stretches, *reach), before
        if len(mine):
            taken = together(taken, mine)
            spent = inside(taken, begin, end)
        found[category], before = spent - before, spent
    found["other"] = end - begin - before
    return found


def _bounds(profile: Profile) -> list[tuple[str, int, int]]:
    if profile.marks:
        return [(mark.name, mark.start, mark.start + mark.duration) for mark in profile.marks]
    spans = profile.spans
    named = _named(profile, lambda name: name.startswith(_STEP_PREFIX))
    if named is not None:
        named &= spans.are(Kind.ANNOTATION, Kind.OPERATOR)
    if named is not None and named.any():
        steps = np.flatnonzero(named)
        found = {(profile.name_of(index), int(spans.start[index]), int(spans.end[index])) for index in steps.tolist()}
        return sorted(found, key=lambda step: (step[1], step[2]))
    if not len(spans):
        return []
    return [("whole capture", int(spans.start.min()), int(spans.end.max()))]


@dataclass(frozen=True, slots=True)
class Overlap:
    """How long devices communicated (ps) while they computed, and while they did not."""

    overlapped: int
    exposed: int


def overlap(activity: Activity) -> Overlap:
    """Communication against computation, over the whole capture."""
    hidden = total(intersect(activity.communication, activity.compute))
    return Overlap(hidden, total(activity.communication) - hidden)
