"""The table of kernels, and how well they filled the device."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from math import isnan
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.grouping import Codes, combinations
from tbtui.profiles.model import NOTHING, Indexes, Kind, Launch, Numbers, Profile
from tbtui.profiles.operators import Calls
from tbtui.profiles.steps import Step

_TENSOR_CORE_NAMES = (
    "h884", "s884", "h1688", "s1688", "hmma", "i8816", "16816", "dgrad_1x1_stride_2x2",
    "first_layer_wgrad_kernel", "conv1x1", "conv2d_c1_k1", "direct_group", "xmma_implicit_gemm",
    "xmma_sparse_conv", "xmma_warp_specialized_implicit_gemm", "xmma_gemm", "xmma_sparse_gemm", "c1688",
)  # fmt: skip


class KernelRow(NamedTuple):
    """All launches of one kernel by one operator with one shape. Times in ps; `occupancy` in percent, a mean weighted
    by time, `blocks_per_sm` likewise; None where the capture does not tell."""

    name: str
    operator: str
    calls: int
    total: int
    shortest: int
    longest: int
    grid: tuple[int, ...]
    block: tuple[int, ...]
    registers: int | None
    shared_memory: int | None
    occupancy: float | None
    blocks_per_sm: float | None

    @property
    def mean(self) -> float:
        """Mean time of a launch, ps."""
        return self.total / self.calls

    @property
    def tensor_cores(self) -> bool:
        """Whether the name is that of a kernel that uses tensor cores (as PyTorch's TensorBoard plugin tells)."""
        return _on_tensor_cores(self.name)


@cache
def _on_tensor_cores(name: str) -> bool:
    return any(part in name for part in _TENSOR_CORE_NAMES)


def kernel_table(profile: Profile, calls: Calls) -> list[KernelRow]:
    """One row for each kernel, launching operator and launch shape, largest total first."""
    spans = profile.spans
    kernels = spans.of(Kind.KERNEL)
    launch, launches = launches_of(profile, kernels)
    launcher = _launchers(calls, kernels)
    operator = np.full(len(kernels), NOTHING, np.int32)
    for part in blocks(len(kernels)):
        known = np.flatnonzero(launcher[part] != NOTHING)
        operator[part][known] = spans.name.take(calls.which.take(launcher[part].take(known)))
    found, number = combinations((spans.name.take(kernels), operator, launch))
    if not found:
        return []
    name, operator, launch = np.array(found, np.int64).T
    shapes: Codes[tuple[Any, ...]] = Codes()
    shape = np.array([shapes.of((one.grid, one.block, one.registers, one.shared_memory)) for one in launches])
    rows, place = combinations((name, operator, shape[launch]))
    each = _Measures.none(len(found))
    for part in blocks(len(kernels)):
        took = spans.duration.take(kernels[part])
        each.add(number[part], np.broadcast_to(np.int64(1), len(took)), took, took, took)
    whole = _Measures.none(len(rows))
    whole.add(place, *each)
    names = [*profile.names, ""]  # NOTHING is the last one
    order = _by_time(rows, whole.total, names)
    rows = [rows[one] for one in order.tolist()]
    columns = (
        [names[one] for one, _, _ in rows],
        [names[one] for _, one, _ in rows],
        *(measure[order].tolist() for measure in whole),
        *zip(*(shapes.all[one] for _, _, one in rows), strict=True),
        _means(place, each.total, _told(one.occupancy for one in launches)[launch], order),
        _means(place, each.total, _told(one.blocks_per_sm for one in launches)[launch], order),
    )
    return list(map(KernelRow._make, zip(*columns, strict=True)))


def _by_time(rows: list[tuple[int, ...]], total: Indexes, names: list[str]) -> Indexes:
    """The order of rows, which are told by their names and operators: largest total first, then by name."""
    name, operator, _ = np.array(rows, np.int64).T
    rank = np.empty(len(names), np.int64)
    rank[sorted(range(len(names)), key=names.__getitem__)] = np.arange(len(names))
    return np.lexsort((rank[operator], rank[name], -total))


class _Measures(NamedTuple):
    """Of some kinds of launches: how many, their time, that of the shortest, and of the longest."""

    calls: Indexes
    total: Indexes
    shortest: Indexes
    longest: Indexes

    @staticmethod
    def none(count: int) -> _Measures:
        """Of no launches."""
        calls, total, longest = (np.zeros(count, np.int64) for _ in range(3))
        return _Measures(calls, total, np.full(count, np.iinfo(np.int64).max), longest)

    def add(self, place: Indexes, calls: Indexes, total: Indexes, shortest: Indexes, longest: Indexes) -> None:
        """Counts in the launches of which each has a place."""
        np.add.at(self.calls, place, calls)
        np.add.at(self.total, place, total)
        np.minimum.at(self.shortest, place, shortest)
        np.maximum.at(self.longest, place, longest)


def _told(values: Iterable[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _means(place: Indexes, weight: Indexes, value: NDArray[np.float64], order: Indexes) -> list[float | None]:
    """The weighted means of the values that have the same place, of these places in turn; None where none is known."""
    known = ~np.isnan(value)
    place, weight, value = place[known], weight[known], value[known]
    weights = np.bincount(place, weight, len(order))
    means = np.bincount(place, weight * value, len(order)) / np.where(weights > 0, weights, np.nan)
    return [None if isnan(one) else one for one in means[order].tolist()]


def launches_of(profile: Profile, kernels: Indexes) -> tuple[Numbers, list[Launch]]:
    """How each of these kernels was launched, as indexes in a list of the different ways; the last, NOTHING, is not
    told. What the capture tells of each by itself is asked for once, and kept in the profile."""
    if not len(profile.launch):
        every = profile.spans.of(Kind.KERNEL)
        known: dict[tuple[Any, ...], int] = {}
        number = [known.setdefault(told_launch(profile.details(index)), len(known)) for index in every.tolist()]
        profile.launch = np.full(len(profile.spans), NOTHING, np.int32)
        profile.launch[every] = number
        profile.launches = [Launch(*one) for one in known]
    return profile.launch.take(kernels), [*profile.launches, Launch()]


def told_launch(told: Mapping[str, Any]) -> tuple[Any, ...]:
    """The fields of a `Launch`, by the names that PyTorch has for them."""
    return (
        _shape(told.get("grid")),
        _shape(told.get("block")),
        _count(told.get("registers per thread")),
        _count(told.get("shared memory")),
        _number(told.get("est. achieved occupancy %")),
        _number(told.get("blocks per SM")),
    )


def _launchers(calls: Calls, kernels: Indexes) -> Indexes:
    """For each of the kernels the place of the call that launched it, NOTHING where none is known."""
    if len(kernels) == len(calls.work):  # nothing else ran on devices
        return calls.launched_by
    return calls.launched_by[np.searchsorted(calls.work, kernels)]


def occupancy(rows: Sequence[KernelRow]) -> float | None:
    """Mean occupancy of all kernels, in percent, weighted by their time; None where nothing tells it."""
    known = [row for row in rows if row.occupancy is not None]
    weights = sum(row.total for row in known)
    return sum(row.total * row.occupancy for row in known if row.occupancy is not None) / weights if weights else None


def sm_efficiency(profile: Profile, steps: Sequence[Step]) -> float | None:
    """The estimated share (percent) of the steps' time in which multiprocessors were busy: the blocks on each of all
    kernels that run at a time, at most one; None where nothing tells them."""
    whole = sum(step.duration for step in steps)
    kernels = profile.spans.of(Kind.KERNEL)
    launch, launches = launches_of(profile, kernels)
    told = _told(one.blocks_per_sm for one in launches)
    if np.isnan(told).all() or not whole:
        return None
    values = told[launch]
    known = ~np.isnan(values)
    kernels, values = kernels[known], values[known]
    busy = 0.0
    for device in np.unique(_devices(profile, kernels)).tolist():
        mine = _devices(profile, kernels) == device
        start, end = profile.spans.start[kernels[mine]], profile.spans.end[kernels[mine]]
        times = np.concatenate((start, end))
        changes = np.concatenate((values[mine], -values[mine]))
        order = np.argsort(times, kind="stable")
        at, level = times[order], np.cumsum(changes[order])
        for step in steps:
            inside = np.clip(at, step.start, step.start + step.duration)
            busy += float((np.diff(inside) * np.minimum(level[:-1], 1.0)).sum())
    return 100 * busy / whole


def _devices(profile: Profile, which: Indexes) -> Indexes:
    number = [NOTHING if lane.device is None else lane.device for lane in profile.lanes]
    return np.array(number, np.int64)[profile.spans.lane[which]]


def _shape(value: Any) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(isinstance(one, int) for one in value)
    return tuple(value) if whole else ()


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
