"""What a capture says in plain words: whether the input holds training up, and what else is out of its bounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tbtui.profiles.kernels import KernelRow
from tbtui.profiles.memory import MemoryUse
from tbtui.profiles.model import PS_PER_US
from tbtui.profiles.steps import Step
from tbtui.profiles.xla.steps import COLLECTIVES
from tbtui.profiles.xla.steps import INPUT as XLA_INPUT
from tbtui.profiles.xla.steps import LAUNCH as XLA_LAUNCH

# The bounds of xprof's input-pipeline analyzer.
HIGH_INPUT, SOME_INPUT = 0.20, 0.05
HIGH_LAUNCH, SOME_OTHER = 0.15, 0.03
# Those of PyTorch's TensorBoard plugin.
COMMUNICATION_SHARE = 0.10
LOW_UTILISATION, HIGH_MEMORY = 0.50, 0.90
# Ours.
TENSOR_CORE_SHARE = 0.10
SHORT_KERNEL_US, MANY_LAUNCHES = 10.0, 500
SLOW_STEP = 1.5
HIGH_COPIES = 0.10

TORCH_REMEDY = "try more workers of the data loader, pinned memory or lighter transforms"
XLA_REMEDY = "try prefetching, reading and decoding in parallel, or lighter transforms"
OTHER_REMEDY = "the timeline may show what it is"

INPUT, COMMUNICATION, LAUNCH, COPIES = "data loader", "communication", "runtime", "memcpy"


@dataclass(frozen=True, slots=True)
class Verdict:
    """Whether steps wait for input. `share`: of the steps' time; `words`: the verdict; `rule`: how it was found;
    `remedy`: what to try, "" where nothing needs to be."""

    share: float
    words: str
    rule: str
    remedy: str = ""

    @property
    def bound(self) -> bool:
        """Whether input holds the steps up, or may do so."""
        return bool(self.remedy)

    @property
    def sentence(self) -> str:
        """All of it, as it is told everywhere."""
        told = f"{self.words}: {self.share:.1%} of the steps' time waits for input ({self.rule})"
        return f"{told}; {self.remedy}" if self.remedy else told


def input_verdict(spent: Mapping[str, int]) -> Verdict | None:
    """The verdict on what the steps' time (ps by category) went to, for all captures by xprof's bounds (the lower one
    is that of PyTorch's TensorBoard plugin too); None without steps."""
    xla = XLA_INPUT in spent
    share, other = _share(spent, XLA_INPUT if xla else INPUT), _share(spent, "other")
    if share is None or other is None:
        return None
    rule = f"{HIGH_INPUT:.0%} or more is high, {SOME_INPUT:.0%} or more moderate"
    remedy = XLA_REMEDY if xla else TORCH_REMEDY
    if share >= HIGH_INPUT:
        return Verdict(share, "highly input bound", rule, remedy)
    if share >= SOME_INPUT:
        return Verdict(share, "moderately input bound", rule, remedy)
    if xla and other >= SOME_OTHER:
        known = f"with less, perhaps where {SOME_OTHER:.0%} or more is of no known kind, here {other:.0%}"
        return Verdict(share, "perhaps input bound", f"{rule}; {known}", OTHER_REMEDY)
    return Verdict(share, "not input bound", rule)


def xla_advice(spent: Mapping[str, int]) -> list[str]:
    """What else takes much of the steps of an XLA capture, by xprof's bounds; nothing of other captures."""
    found = []
    for category, words in (
        (XLA_LAUNCH, "launching kernels; try larger batches, or fewer and larger operations"),
        (COLLECTIVES, "collectives that nothing hides; try larger batches or overlapping them with computation"),
    ):
        share = _share(spent, category)
        if share is not None and share >= SOME_OTHER:
            much, bound = ("much", HIGH_LAUNCH) if share >= HIGH_LAUNCH else ("some", SOME_OTHER)
            found.append(f"{share:.1%} of the steps' time, {much} ({bound:.0%} and more), is {words}")
    return found


def torch_advice(spent: Mapping[str, int], kernel_busy: float | None, memory: Sequence[MemoryUse]) -> list[str]:
    """What PyTorch's TensorBoard plugin would say of all but input, by its bounds. `kernel_busy`: share of the steps'
    time in which kernels run; None where there is no device."""
    found = []
    talk = _share(spent, COMMUNICATION)
    if talk is not None and talk > COMMUNICATION_SHARE:
        found.append(
            f"{talk:.0%} of the steps' time is communication that nothing hides (more than {COMMUNICATION_SHARE:.0%}); "
            "try larger batches, gradient accumulation or overlapping it with the backward pass"
        )
    if kernel_busy is not None and kernel_busy < LOW_UTILISATION:
        found.append(
            f"kernels run in {kernel_busy:.0%} of the steps' time (less than {LOW_UTILISATION:.0%}); "
            "try larger batches, fused operators or CUDA graphs"
        )
    for use in memory:
        if use.capacity and use.peak > HIGH_MEMORY * use.capacity:
            found.append(
                f"device {use.device} had {use.peak / use.capacity:.0%} of its memory allocated at the peak "
                f"(more than {HIGH_MEMORY:.0%}); try smaller batches, mixed precision or checkpointing"
            )
    return found


def further_advice(spent: Mapping[str, int], steps: Sequence[Step], kernels: Sequence[KernelRow]) -> list[str]:
    """Sentences, each with its number and the bound that it passed."""
    found = []
    launch, copies = _share(spent, LAUNCH), _share(spent, COPIES)
    if launch is not None and launch >= HIGH_LAUNCH:
        found.append(
            f"{launch:.0%} of the steps' time is spent launching work while the device has none ({HIGH_LAUNCH:.0%} or "
            "more); try CUDA graphs, torch.compile or larger batches"
        )
    if copies is not None and copies > HIGH_COPIES:
        found.append(
            f"copies take {copies:.0%} of the steps' time (more than {HIGH_COPIES:.0%}); "
            "try pinned memory, non_blocking=True, or keeping data on the device"
        )
    found += _about_kernels(kernels, len(steps))
    if len(steps) > 2:
        usual = median(step.duration for step in steps)
        slowest = max(steps, key=lambda step: step.duration)
        if slowest.duration > SLOW_STEP * usual:
            found.append(
                f"{slowest.name} took {slowest.duration / usual:.1f} times as long as the median (more than "
                f"{SLOW_STEP:g}): compilation, allocation or input that came late"
            )
    return found


def _about_kernels(kernels: Sequence[KernelRow], steps: int) -> list[str]:
    found = []
    whole, launches = sum(row.total for row in kernels), sum(row.calls for row in kernels)
    if not whole or not launches:
        return []
    mean_us = whole / launches / PS_PER_US
    if mean_us < SHORT_KERNEL_US and launches > MANY_LAUNCHES * max(steps, 1):
        found.append(
            f"a step launches {launches / max(steps, 1):,.0f} kernels of {mean_us:.1f} µs on average (less than "
            f"{SHORT_KERNEL_US:g}); try fusing them (torch.compile, XLA) or CUDA graphs"
        )
    on_cores = sum(row.total for row in kernels if row.tensor_cores) / whole
    if on_cores < TENSOR_CORE_SHARE:
        found.append(
            f"kernels on tensor cores take {on_cores:.0%} of the kernels' time (less than {TENSOR_CORE_SHARE:.0%}); "
            "try 16-bit numbers (autocast, bfloat16) or TF32"
        )
    return found


def _share(spent: Mapping[str, int], category: str) -> float | None:
    """What a category is of all, between 0 and 1; None where the capture has no such category."""
    whole = sum(spent.values())
    return spent[category] / whole if whole and category in spent else None
