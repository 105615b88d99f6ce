"""Two runs side by side: the hyperparameters that differ, what each reached, and the step where their curves part."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.bands import join_curves
from tbtui.analysis.goals import Goal, HasValues, guess_goal
from tbtui.analysis.order import natural_key
from tbtui.analysis.smoothing import smooth
from tbtui.analysis.stats import Stats, stats_of
from tbtui.store import Points

__all__ = [
    "UNSET",
    "HParamDifference",
    "Parting",
    "TagDifference",
    "common_tags",
    "compare_tag",
    "differing_hparams",
    "differing_lines",
    "parting",
]

Floats = npt.NDArray[np.float64]


class _Unset:
    """What a run has that does not have a hyperparameter."""

    def __repr__(self) -> str:
        return "unset"


UNSET = _Unset()

PARTED = 4.0
"""Curves are only said to part where they differ by more than so many times the noise of their difference."""

_WEIGHT = 0.9
_FEWEST = 5  # points in common, and points that have to stay apart
_NEIGHBOURS = 0.9539  # median size of the difference of two normal values, in standard deviations
_ROUNDING = 1e-6  # float32: a smaller share of the values is no difference


class HParamDifference(NamedTuple):
    """A hyperparameter that differs: its values in both runs, `UNSET` where one does not have it."""

    name: str
    left: Any
    right: Any


class Parting(NamedTuple):
    """From which step on two curves stay apart, and how much of `difference` (right minus left) there is at the end.

    noise: what smoothed curves of this noise differ by, as one standard deviation.
    """

    step: int
    difference: float
    noise: float


@dataclass(frozen=True, slots=True)
class TagDifference:
    """A tag that both runs have: numbers about both, and where they part (None: nowhere, or it can't be said).

    goal: which way the metric should go, None where unknown.
    """

    tag: str
    goal: Goal | None
    left: Stats
    right: Stats
    parting: Parting | None

    @property
    def last_change(self) -> float:
        """The right last value minus the left one; NaN where one is not there."""
        return self.right.last - self.left.last

    @property
    def best_change(self) -> float:
        """The right best value minus the left one; NaN without a goal."""
        if self.goal is None:
            return math.nan
        return self.right.best(self.goal)[0] - self.left.best(self.goal)[0]

    @property
    def better(self) -> str:
        """Which run's best value is better: "left", "right", or "" where they are equal or it can't be said."""
        change = self.best_change
        if not change or change != change:
            return ""
        return "right" if (change > 0) == (self.goal == "up") else "left"


def differing_hparams(left: Mapping[str, Any], right: Mapping[str, Any]) -> list[HParamDifference]:
    """The hyperparameters in which two runs differ, in natural order. Numbers are compared by value, NaN equals NaN."""
    names = sorted({*left, *right}, key=natural_key)
    pairs = [HParamDifference(name, left.get(name, UNSET), right.get(name, UNSET)) for name in names]
    return [pair for pair in pairs if not _equal(pair.left, pair.right)]


def _equal(left: Any, right: Any) -> bool:
    if left is UNSET or right is UNSET:
        return left is right
    if isinstance(left, bool) != isinstance(right, bool):
        return False
    return bool(left == right) or (left != left and right != right)


def differing_lines(left: str, right: str) -> list[tuple[str, str]]:
    """The lines in which two texts (configurations) differ, as ("-", line of the left) and ("+", line of the right)."""
    import difflib

    found = difflib.ndiff(left.splitlines(), right.splitlines())
    return [(line[0], line[2:]) for line in found if line[0] in "-+"]


def compare_tag(tag: str, left: Points, right: Points, goal: Goal | None = None) -> TagDifference:
    """Two series of one tag; the goal is guessed from the name where it is not given."""
    goal = goal or guess_goal(tag)
    return TagDifference(tag, goal, stats_of(left), stats_of(right), parting(left, right))


def common_tags(left: Iterable[str], right: Iterable[str]) -> list[str]:
    """Tags that both runs have, in natural order."""
    return sorted(set(left) & set(right), key=natural_key)


def parting(left: HasValues, right: HasValues, weight: float = _WEIGHT, times: float = PARTED) -> Parting | None:
    """The step where two curves part: the first from which on they stay apart by more than their noise, to the end.

    Both are joined at the steps of either (`bands.join_curves`) as far as they run side by side, and smoothed there
    with TensorBoard's rule and `weight`. The noise of a curve is the median size of the change from one of its own
    values to the next, over the steps in common, as the standard deviation of normal noise; smoothing leaves
    sqrt((1 - w) / (1 + w)) of it, and the noises of both curves add up as squares. The curves part at the beginning of
    the last stretch, up to the last step in common, in which their difference never falls below that noise and never
    changes sign; but only where it is above `times` the noise, and above what rounding to float32 explains, at five
    steps of that stretch or more. None where there is no such stretch, or fewer than five steps in common.

    left, right: points of rising steps; values that are not finite are passed over.
    """
    x, (one, other) = join_curves([_finite(left), _finite(right)])
    both = np.isfinite(one) & np.isfinite(other)
    x, one, other = x[both], one[both], other[both]
    if len(x) < _FEWEST:
        return None
    difference = smooth(other, weight) - smooth(one, weight)
    scale = np.maximum(np.abs(one), np.abs(other)).max()
    noise = math.hypot(_noise(left, x), _noise(right, x)) * math.sqrt((1 - weight) / (1 + weight))
    size = np.where(np.sign(difference) == np.sign(difference[-1]), np.abs(difference), 0.0)
    rounding = _ROUNDING * float(scale)
    together = np.flatnonzero(size <= max(noise, rounding))
    since = together.item(-1) + 1 if len(together) else 0
    if np.count_nonzero(size[since:] > max(times * noise, rounding)) < _FEWEST:
        return None
    return Parting(int(x[since]), float(difference[-1]), noise)


def _finite(points: HasValues) -> tuple[Floats, Floats]:
    finite = np.isfinite(points.values)
    return points.steps[finite].astype(np.float64), points.values[finite].astype(np.float64)


def _noise(points: HasValues, x: Floats) -> float:
    """The standard deviation of a curve's noise between the first and the last x."""
    steps, values = _finite(points)
    values = values[(steps >= x[0]) & (steps <= x[-1])]
    changes = np.abs(np.diff(values))
    return float(np.median(changes)) / _NEIGHBOURS if len(changes) else 0.0
