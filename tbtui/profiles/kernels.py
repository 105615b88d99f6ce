"""The table of kernels, and how well they filled the device."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from tbtui.profiles.model import NOTHING, Indexes, Kind, Profile
from tbtui.profiles.operators import Calls
from tbtui.profiles.steps import Step

_TENSOR_CORE_NAMES = (
    "h884", "s884", "h1688", "s1688", "hmma", "i8816", "16816", "dgrad_1x1_stride_2x2",
    "first_layer_wgrad_kernel", "conv1x1", "conv2d_c1_k1", "direct_group", "xmma_implicit_gemm",
    "xmma_sparse_conv", "xmma_warp_specialized_implicit_gemm", "xmma_gemm", "xmma_sparse_gemm", "c1688",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class KernelRow:
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
        return any(part in self.name for part in _TENSOR_CORE_NAMES)


def kernel_table(profile: Profile, calls: Calls) -> list[KernelRow]:
    """One row for each kernel, launching operator and launch shape, largest total first."""
    launchers = dict(zip(calls.work.tolist(), calls.launched_by.tolist(), strict=True))
    groups: dict[tuple[Any, ...], list[tuple[int, float | None, float | None]]] = {}
    for index in profile.spans.of(Kind.KERNEL).tolist():
        told = profile.details(index)
        launcher = launchers.get(index, NOTHING)
        operator = profile.name_of(int(calls.which[launcher])) if launcher != NOTHING else ""
        key = (
            profile.name_of(index),
            operator,
            _shape(told.get("grid")),
            _shape(told.get("block")),
            _count(told.get("registers per thread")),
            _count(told.get("shared memory")),
        )
        measured = (_number(told.get("est. achieved occupancy %")), _number(told.get("blocks per SM")))
        groups.setdefault(key, []).append((int(profile.spans.duration[index]), *measured))
    rows = [
        KernelRow(
            name,
            operator,
            len(launches),
            sum(duration for duration, _, _ in launches),
            min(duration for duration, _, _ in launches),
            max(duration for duration, _, _ in launches),
            grid,
            block,
            registers,
            shared,
            _weighted([(duration, value) for duration, value, _ in launches]),
            _weighted([(duration, value) for duration, _, value in launches]),
        )
        for (name, operator, grid, block, registers, shared), launches in groups.items()
    ]
    return sorted(rows, key=lambda row: (-row.total, row.name, row.operator))


def occupancy(rows: Sequence[KernelRow]) -> float | None:
    """Mean occupancy of all kernels, in percent, weighted by their time; None where nothing tells it."""
    return _weighted([(row.total, row.occupancy) for row in rows])


def sm_efficiency(profile: Profile, steps: Sequence[Step]) -> float | None:
    """The estimated share (percent) of the steps' time in which multiprocessors were busy: the blocks on each of all
    kernels that run at a time, at most one; None where nothing tells them."""
    whole = sum(step.duration for step in steps)
    kernels = profile.spans.of(Kind.KERNEL)
    blocks = [_number(profile.details(index).get("blocks per SM")) for index in kernels.tolist()]
    known = np.array([value is not None for value in blocks], bool)
    if not known.any() or not whole:
        return None
    kernels, values = kernels[known], np.array([value for value in blocks if value is not None])
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
