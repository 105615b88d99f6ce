"""The x axes: steps, time since the start, time of day, the point's number, or what another series says at the step."""

from __future__ import annotations

from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from tbtui.analysis.ticks import TickKind

__all__ = ["TICK_KINDS", "HasTimes", "XAxis", "join_by_step", "start_of", "x_values"]

Floats = npt.NDArray[np.float64]

XAxis = Literal["step", "relative", "wall", "relative_step", "index"]

TICK_KINDS: dict[XAxis, TickKind] = {
    "step": "step",
    "relative": "relative",
    "wall": "wall",
    "relative_step": "step",
    "index": "step",
}
"""How each x axis is labelled."""


class HasTimes(Protocol):
    """Points with steps int64[n] and wall times float64[n]."""

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps int64[n]."""

    @property
    def walls(self) -> npt.NDArray[np.float64]:
        """Wall times float64[n], seconds since 1970."""


def x_values(points: HasTimes, mode: XAxis, start: float | None = None) -> Floats:
    """Where each point lies on the x axis, float64[n].

    ``"step"``: its step; ``"relative_step"``: steps since `start`, by default since the series' own first step;
    ``"index"``: 0 for the first point, 1 for the second, ...; ``"wall"``: seconds since 1970; ``"relative"``: seconds
    since `start`, by default since the series' own first wall time (:func:`start_of`). Times that are not finite are
    NaN: such points can't be placed. Another tag as the x axis: :func:`join_by_step`.
    """
    steps = points.steps
    if mode == "step":
        return steps.astype(np.float64)
    if mode == "index":
        return np.arange(len(steps), dtype=np.float64)
    if mode == "relative_step":
        if start is not None:
            return steps.astype(np.float64) - start
        # Steps may be so large that float64 does not tell neighbours apart: the difference is taken of integers.
        return (steps - steps[0]).astype(np.float64) if len(steps) else np.empty(0)
    walls = np.where(np.isfinite(points.walls), points.walls, np.nan)
    if mode == "wall":
        return walls
    if start is None:
        start = start_of(points.walls)
    return walls if start is None else walls - start


def join_by_step(
    steps: npt.NDArray[np.int64], other_steps: npt.NDArray[np.int64], other_values: npt.NDArray[np.floating[Any]]
) -> Floats:
    """What another series (epochs, tokens, ...) says at each step, float64[n]: the x axis of that tag.

    steps int64[n]; other_steps int64[m] and other_values float[m]. The value at the very step where there is one, else
    the last value before it; of several values at one step the last counts. Before the first value, and where that
    value is not finite, there is no place: NaN. Other steps that do not rise are sorted first (a stable sort).
    """
    if not len(other_steps):
        return np.full(len(steps), np.nan)
    if not (other_steps[1:] >= other_steps[:-1]).all():
        order = np.argsort(other_steps, kind="stable")
        other_steps, other_values = other_steps[order], other_values[order]
    found = np.searchsorted(other_steps, steps, "right") - 1
    values = other_values.astype(np.float64)[np.maximum(found, 0)]
    return np.where((found >= 0) & np.isfinite(values), values, np.nan)


def start_of(walls: npt.NDArray[np.float64]) -> float | None:
    """The first finite wall time, None where there is none."""
    finite = np.isfinite(walls)
    return walls[int(np.argmax(finite))].item() if finite.any() else None
