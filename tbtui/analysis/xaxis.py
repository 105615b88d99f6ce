"""The three x axes: steps, time since the start, time of day."""

from __future__ import annotations

from typing import Literal, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["XAxis", "start_of", "x_values"]

XAxis = Literal["step", "relative", "wall"]


class HasTimes(Protocol):
    """Points with steps int64[n] and wall times float64[n]."""

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps int64[n]."""

    @property
    def walls(self) -> npt.NDArray[np.float64]:
        """Wall times float64[n], seconds since 1970."""


def x_values(points: HasTimes, mode: XAxis, start: float | None = None) -> npt.NDArray[np.float64]:
    """Where each point lies on the x axis, float64[n].

    ``"step"``: its step; ``"wall"``: seconds since 1970; ``"relative"``: seconds since `start`, by default since the
    series' own first wall time (:func:`start_of`). Times that are not finite are NaN: such points can't be placed.
    """
    if mode == "step":
        return points.steps.astype(np.float64)
    walls = np.where(np.isfinite(points.walls), points.walls, np.nan)
    if mode == "wall":
        return walls
    if start is None:
        start = start_of(points.walls)
    return walls if start is None else walls - start


def start_of(walls: npt.NDArray[np.float64]) -> float | None:
    """The first finite wall time, None where there is none."""
    finite = np.isfinite(walls)
    return walls[int(np.argmax(finite))].item() if finite.any() else None
