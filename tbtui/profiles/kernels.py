"""The table of kernels, and how well they filled the device."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.grouping import Codes, combinations
from tbtui.profiles.model import NOTHING, Indexes, Kind, Launch, Profile
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
    operator = spans.name[calls.which[launcher]] if len(calls.which) else launcher
    operator = np.where(launcher == NOTHING, NOTHING, operator)
    took = spans.duration[kernels]
    found, number = combinations((spans.name[kernels], operator, launch))
    if not found:
        return []
    name, operator, launch = np.array(found, np.int64).T
    shapes: Codes[tuple[Any, ...]] = Codes()
    shape = np.array([shapes.of((one.grid, one.block, one.registers, one.shared_memory)) for one in launches])
    rows, place = combinations((name, operator, shape[launch]))
    each = _Measures.of(number, took, len(found))
    whole = each.together(place, len(rows))
    names = [*profile.names, ""]  # NOTHING is the last one
    columns = (
        [names[one] for one, _, _ in rows],
        [names[one] for _, one, _ in rows],
        *(measure.tolist() for measure in whole),
        *zip(*(shapes.all[one] for _, _, one in rows), strict=True),
        _means(place, each.total, _told([one.occupancy for one in launches])[launch], len(rows)),
        _means(place, each.total, _told([one.blocks_per_sm for one in launches])[launch], len(rows)),
    )
    made = map(KernelRow._make, zip(*columns, strict=True))
    return sorted(made, key=lambda row: (-row.total, row.name, row.operator))


class _Measures(NamedTuple):
    """Of some kinds of launches: how many, their time, that of the shortest, and of the longest."""

    calls: Indexes
    total: Indexes
    shortest: Indexes
    longest: Indexes

    @staticmethod
    def of(number: Indexes, took: Indexes, count: int) -> _Measures:
        """Of launches that are of the kinds `number`, below `count`."""
        ones = np.broadcast_to(np.int64(1), len(took))
        return _Measures(ones, took, took, took).together(number, count)

    def together(self, place: Indexes, count: int) -> _Measures:
        """Those that have the same place, below `count`."""
        calls, total, longest = (np.zeros(count, np.int64) for _ in range(3))
        shortest = np.full(count, np.iinfo(np.int64).max)
        np.add.at(calls, place, self.calls)
        np.add.at(total, place, self.total)
        np.minimum.at(shortest, place, self.shortest)
        np.maximum.at(longest, place, self.longest)
        return _Measures(calls, total, shortest, longest)


def _told(values: list[float | None]) -> NDArray[np.float64]:
    return np.array([np.nan if one is None else one for one in values], np.float64)


def _means(place: Indexes, weight: Indexes, value: NDArray[np.float64], count: int) -> list[float | None]:
    """The weighted mean of the values that have the same place, below `count`; None where none is known."""
    known = ~np.isnan(value)
    place, weight, value = place[known], weight[known], value[known]
    weights = np.bincount(place, weight, count)
    means = np.bincount(place, weight * value, count) / np.where(weights > 0, weights, np.nan)
    return [None if np.isnan(one) else one for one in means.tolist()]


def launches_of(profile: Profile, kernels: Indexes) -> tuple[Indexes, list[Launch]]:
    """How each of these kernels was launched, as indexes in a list of the different ways. What the capture tells of
    each by itself is asked for once, and kept in the profile."""
    if not len(profile.launch):
        every = profile.spans.of(Kind.KERNEL)
        known: dict[tuple[Any, ...], int] = {}
        number = [known.setdefault(told_launch(profile.details(index)), len(known)) for index in every.tolist()]
        profile.launch = np.full(len(profile.spans), NOTHING, np.int32)
        profile.launch[every] = number
        profile.launches = [Launch(*one) for one in known]
    launch = profile.launch[kernels].astype(np.int64)
    return np.where(launch == NOTHING, len(profile.launches), launch), [*profile.launches, Launch()]


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
    return _weighted([(row.total, row.occupancy) for row in rows])


def sm_efficiency(profile: Profile, steps: Sequence[Step]) -> float | None:
    """The estimated share (percent) of the steps' time in which multiprocessors were busy: the blocks on each of all
    kernels that run at a time, at most one; None where nothing tells them."""
    whole = sum(step.duration for step in steps)
    kernels = profile.spans.of(Kind.KERNEL)
    launch, launches = launches_of(profile, kernels)
    told = _told([one.blocks_per_sm for one in launches])
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


def _weighted(values: Sequence[tuple[int, float | None]]) -> float | None:
    known = [(weight, value) for weight, value in values if value is not None]
    weights = sum(weight for weight, _ in known)
    return sum(weight * value for weight, value in known) / weights if weights else None


def _shape(value: Any) -> tuple[int, ...]:
    whole = isinstance(value, list) and all(isinstance(one, int) for one in value)
    return tuple(value) if whole else ()


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) else None


def _number(value: Any) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
