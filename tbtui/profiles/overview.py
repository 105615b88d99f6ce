"""A capture in short: how long steps took, where the time went, and what to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from statistics import mean, median
from typing import Generic, TypeVar

import numpy as np

from tbtui.profiles.advice import Verdict, further_advice, input_verdict, torch_advice, xla_advice
from tbtui.profiles.framework import OperationRow, operation_table
from tbtui.profiles.kernels import KernelRow, kernel_table, occupancy, sm_efficiency
from tbtui.profiles.memory import MemoryUse, memory_use
from tbtui.profiles.model import XLA, Profile
from tbtui.profiles.operators import Calls, OperatorRow, nest_calls, operator_table
from tbtui.profiles.steps import Overlap, Step, find_activity, overlap, step_table

T = TypeVar("T")

UNMARKED = "no steps are marked, so what bounds them is not known: shares are of the whole capture"


@dataclass(frozen=True, slots=True)
class Durations:
    """Of the steps, in ps."""

    mean: float
    median: float
    high: float  # the 95th percentile
    shortest: int
    longest: int


@dataclass(frozen=True, slots=True)
class Overview:
    """Everything that the tables of a capture tell; shares lie between 0 and 1, None where there is no device.

    `spent`: ps of all steps by category. `advice`: sentences, each with its number and the bound it passed. `calls`:
    those that the operators are counted from.
    """

    steps: list[Step]
    durations: Durations | None
    spent: dict[str, int]
    busy: float | None
    kernel_busy: float | None
    sm_efficiency: float | None  # percent
    occupancy: float | None  # percent
    overlap: Overlap | None
    operators: list[OperatorRow]
    kernels: list[KernelRow]
    framework: list[OperationRow]  # empty where the capture tells of no framework
    memory: list[MemoryUse]
    advice: list[str]
    calls: Calls
    verdict: Verdict | None = None  # on input; None without steps


def look_over(profile: Profile, python: bool = False) -> Overview:
    """Makes all tables of a capture; with `python` the operators' has the functions of Python too."""
    with ThreadPoolExecutor(1) as beside:  # NumPy does most of it, and lets others work meanwhile
        nested = beside.submit(nest_calls, profile)
        to_kernels = _Shared(beside, lambda: kernel_table(profile, nested.result()))
        shown = beside.submit(nest_calls, profile, python) if python else nested
        to_operators = _Shared(beside, lambda: operator_table(profile, shown.result()))
        to_framework = _Shared(beside, lambda: operation_table(profile))
        activity = find_activity(profile)
        steps = step_table(profile, activity)
        framework, operators, kernels = to_framework.result(), to_operators.result(), to_kernels.result()
    whole = sum(step.duration for step in steps)
    on_device = bool(len(activity.device)) and whole > 0
    names = steps[0].spent if steps else ()
    spent = {category: sum(step.spent[category] for step in steps) for category in names}
    busy = sum(step.device_busy for step in steps) / whole if on_device else None
    kernel_busy = sum(step.kernel_busy for step in steps) / whole if on_device else None
    memory = memory_use(profile)
    unmarked = profile.writer == XLA and not profile.marks
    return Overview(
        steps,
        _durations(steps),
        spent,
        busy,
        kernel_busy,
        sm_efficiency(profile, steps),
        occupancy(kernels),
        overlap(activity) if len(activity.communication) else None,
        operators,
        kernels,
        framework,
        memory,
        [
            *([UNMARKED] if unmarked else xla_advice(spent)),
            *torch_advice(spent, kernel_busy, memory),
            *further_advice(spent, steps, kernels),
        ],
        shown.result(),
        None if unmarked else input_verdict(spent),
    )


class _Shared(Generic[T]):
    """Work for another thread that whoever asks for the result does where the other has not begun."""

    def __init__(self, beside: Executor, work: Callable[[], T]) -> None:
        self._work = work
        self._waiting = beside.submit(work)

    def result(self) -> T:
        """What comes of it."""
        return self._work() if self._waiting.cancel() else self._waiting.result()


def _durations(steps: Sequence[Step]) -> Durations | None:
    took = [step.duration for step in steps]
    if not took:
        return None
    return Durations(mean(took), median(took), float(np.percentile(took, 95)), min(took), max(took))
