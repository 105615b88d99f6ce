"""Another tag as the x axis: where it places the points of a line, found once and kept until one of the two grows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.reduce import find_turns
from tbtui.analysis.text import cut, safe
from tbtui.analysis.xaxis import join_by_step

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.lines import Line
    from tbtui.dashboards.scalars.subjects import Entry
    from tbtui.store import Points, ScalarSeries

Floats = npt.NDArray[np.float64]

NOWHERE = -np.inf
"""The place of points that come before the first value of the other tag: as NaN no place, but x still rises there."""


class RunJoin(NamedTuple):
    """What was joined last for a run: at these steps, from this tag at this version; its x and turns."""

    steps: npt.NDArray[np.int64]
    of: tuple[str, int, int]
    x: Floats
    turns: npt.NDArray[np.int64]


RunJoins = dict[str, RunJoin]
"""By run. The tags of a run mostly have the same steps, and then the same places on the axis."""


class JoinedX:
    """The values of another tag at the steps of a line.

    tag: its name, "" for none; series: what the line's run has of it, None where the run lacks it.
    x: float64[n], `NOWHERE` and NaN where there is no place; turns: where x goes back.
    """

    def __init__(self) -> None:
        self.tag = ""
        self.series: ScalarSeries | None = None
        self.x: Floats = np.empty(0)
        self.turns: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self._done: tuple[str, int, int] | None = None
        self._joins: RunJoins = {}

    def follow(self, tag: str, series: ScalarSeries | None, joins: RunJoins | None = None) -> None:
        """Say which tag to join; cheap. `update` does the work. joins: what lines of all runs share."""
        self.tag, self.series = tag, series
        self._joins = {} if joins is None else joins

    @property
    def version(self) -> int:
        """Of the other series, as it is now; -1 where there is none."""
        return -1 if self.series is None else self.series.version

    def stale(self, purge: bool) -> bool:
        """Whether something was added to the other series since the last `update`, or it is another one."""
        return bool(self.tag) and self._done != (self.tag, self.version, int(purge))

    def update(self, points: Points, kept: int, purge: bool) -> bool:
        """Find the places of points, the first `kept` of which are those of the last time. False: nothing changed."""
        done = (self.tag, self.version, int(purge))
        if not self.tag:
            self.x, self._done = np.empty(0), None
            return False
        if done == self._done and kept == len(self.x) == len(points.steps):
            return False
        steps = points.steps
        if self.series is None:
            self.x = np.full(len(steps), NOWHERE)
        elif done == self._done and 0 < kept <= len(self.x):
            self.x = np.concatenate((self.x[:kept], join_points(steps[kept:], self.series.points(purge))))
            self._settle_start()
        else:
            known = self._joins.get(self.series.run)
            if known is not None and known.of == done and np.array_equal(known.steps, steps):
                self.x, self.turns, self._done = known.x, known.turns, done
                return True
            self.x = join_points(steps, self.series.points(purge))
            self._settle_start()
        self.turns = find_turns(self.x)
        self._done = done
        if self.series is not None:
            self._joins[self.series.run] = RunJoin(steps, done, self.x, self.turns)
        return True

    def _settle_start(self) -> None:
        """Points before the first value are further left than everything else, not in between."""
        nowhere = np.isnan(self.x)
        first = len(nowhere) if nowhere.all() else int(np.argmin(nowhere))
        self.x[:first] = NOWHERE


def join_points(steps: npt.NDArray[np.int64], other: Points) -> Floats:
    """`analysis.xaxis.join_by_step`; at once where both have the same steps, which go up."""
    same = len(steps) == len(other.steps) and np.array_equal(steps, other.steps)
    if same and len(steps) and bool((steps[1:] > steps[:-1]).all()):
        values = other.values.astype(np.float64)
        return np.where(np.isfinite(values), values, np.nan)
    return join_by_step(steps, other.steps, other.values)


def places_of_superseded(line: Line) -> Floats:
    """Where another tag places the superseded points of a line: by what that tag had there then, else has there now."""
    steps, other = line.series.superseded().steps, line.joined.series
    if other is None:
        return np.full(len(steps), np.nan)
    now, then = other.points(), other.superseded()
    return join_by_step(steps, np.concatenate((now.steps, then.steps)), np.concatenate((now.values, then.values)))


def missing_words(tag: str, entries: Sequence[Entry]) -> str:
    """Which curves are not drawn because their runs lack the tag of the x axis; nothing where all have it."""
    runs = {one.run.name: one.line.joined.series for entry in entries for one in (entry.members or (entry,))}
    without = sum(series is None for series in runs.values())
    if not tag or not without:
        return ""
    name = cut(safe(tag), 12, keep="tail")
    return f"no run here has {name}" if without == len(runs) else f"{without} of {len(runs)} lack {name}"
