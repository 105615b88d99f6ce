"""What is to be said of the metrics of runs: values that are not finite, divergence, standstill."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.goals import Goal
from tbtui.analysis.health import Flag, flags
from tbtui.analysis.numbers import format_step
from tbtui.analysis.text import safe
from tbtui.store import Run, ScalarSeries

FRESH_SECONDS = 5.0
"""Of a series that keeps moving, flags may be so old."""

LOOKED_AT = 20_000
"""Of longer series, every n-th value tells of divergence and standstill."""

LOOKS = {"nonfinite": "bad", "divergence": "bad", "plateau": "warn"}


class _Sample(NamedTuple):
    steps: npt.NDArray[np.int64]
    values: npt.NDArray[np.floating[Any]]


class Health:
    """Flags of series, computed when somebody looks, and not again until the series or its goal (by `goal_of`) did."""

    def __init__(self, goal_of: Callable[[str], Goal | None]) -> None:
        self._goal_of = goal_of
        self._known: dict[tuple[str, str], tuple[ScalarSeries, Goal | None, int, float, list[Flag]]] = {}

    def of(self, run: Run, tags: Sequence[str], now: float) -> list[tuple[str, Flag]]:
        """(tag, flag) of these tags of a run, the worst first."""
        found = []
        for tag in tags:
            series = run.scalars.get(tag)
            if series is not None:
                found += [(tag, flag) for flag in self._flags(series, now)]
        order = list(LOOKS)
        return sorted(found, key=lambda one: order.index(one[1].kind))

    def _flags(self, series: ScalarSeries, now: float) -> list[Flag]:
        key, goal = (series.run, series.tag), self._goal_of(series.tag)
        known = self._known.get(key)
        same = known is not None and known[0] is series and known[1] == goal
        if known is not None and same and (known[2] == series.version or abs(now - known[3]) < FRESH_SECONDS):
            return known[4]
        version = series.version
        found = flags_of(series, goal)
        self._known[key] = series, goal, version, now, found
        return found


def flags_of(series: ScalarSeries, goal: Goal | None) -> list[Flag]:
    """The flags of a series: every value is looked at for NaN and infinity, a sample of long ones for the rest."""
    points = series.points()
    if len(points.steps) <= LOOKED_AT:
        return flags(points, goal)
    stride = -(-len(points.steps) // LOOKED_AT)
    sample = _Sample(points.steps[::-stride][::-1], points.values[::-stride][::-1])
    return flags(points, None) + [flag for flag in flags(sample, goal) if flag.kind != "nonfinite"]


def short_words(tag: str, flag: Flag) -> str:
    """A flag in a few words, for a line of the list; the tag is made safe."""
    name, step = safe(tag.rpartition("/")[2] or tag), format_step(flag.step)
    if flag.kind == "nonfinite":
        return f"{'NaN' if 'NaN' in flag.text else 'Inf'} {name} @{step}"
    return f"{name} diverges @{step}" if flag.kind == "divergence" else f"{name} flat @{step}"
