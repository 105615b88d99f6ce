"""How far a run has come, and since when it runs, by the points that were read of it."""

from __future__ import annotations

import math

__all__ = ["Reach", "progress", "recency"]

Recency = tuple[bool, float, int]
Progress = tuple[bool, bool, float, int]


class Reach:
    """Told of points in whichever order files are read; what it says is the same.

    step: of the newest point (see `saw_last`); last_wall: when anything was written last; first_wall: the smallest
    finite positive wall time, infinite before there is one. Wall times in seconds since 1970.
    """

    __slots__ = ("_by", "first_wall", "last_wall", "step")

    def __init__(self) -> None:
        self.first_wall = math.inf
        self.last_wall: float | None = None
        self.step: int | None = None
        self._by: Progress | None = None  # what `step` was told by

    def saw_wall(self, wall: float) -> None:
        """Something was written then."""
        if 0 < wall < self.first_wall:
            self.first_wall = wall

    def saw_last(self, step: int, wall: float, scalar: bool = False) -> None:
        """The newest point by wall time tells where the run is: after a restart its steps begin lower again.

        What is no scalar and is written at step 0 (texts, PR curves, at any time) tells only where nothing else does.

        Of points at the same time the largest step counts, and times that are not finite only where there are no
        others.
        """
        now = progress(step, wall, scalar)
        if self._by is None or self._by < now:
            self._by, self.step = now, step
        if self.last_wall is None or recency(0, self.last_wall) < recency(0, wall):
            self.last_wall = wall

    def forget_last(self) -> None:
        """Points were lost: `saw_last` is to be told of those that are left."""
        self.step = self.last_wall = self._by = None


def recency(step: int, wall: float) -> Recency:
    """Of two points the larger one is the newer."""
    finite = math.isfinite(wall)
    return finite, wall if finite else 0.0, step


def progress(step: int, wall: float, scalar: bool = False) -> Progress:
    """Of two points the larger one tells better how far a run is."""
    return scalar or step != 0, *recency(step, wall)
