"""Numbers about whole series, kept until the series changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.stats import Stats, stats_of, thumbnail
from tbtui.dashboards.scalars.sheet import SPARK_WIDTH

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.sheet import Series
    from tbtui.store import Points

KEPT = 30_000
"""Of so many series numbers are kept; it is some 600 bytes each."""


class Tally(NamedTuple):
    """What is known of a series, of which version; single: its values are float32; small: for a sparkline."""

    version: int
    stats: Stats
    single: bool
    small: npt.NDArray[np.float64]


class Due(NamedTuple):
    """A series that is to be looked at: the version and the points of now."""

    series: Series
    version: int
    points: Points


class Tallies:
    """The tallies of many series. Reading is cheap and never computes; `update` computes."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], Tally] = {}

    def known(self, series: Series | None) -> Tally | None:
        """What is known of a series, maybe of a moment ago; None: nothing yet."""
        return None if series is None else self._known.get((series.run.name, series.tag))

    def due(self, series: Series, purge: bool) -> Due | None:
        """What has to be looked at for a series to be up to date; None: there is nothing to do."""
        found = series.run.scalars.get(series.tag)
        if found is None:
            return None
        tally = self._known.get((series.run.name, series.tag))
        version = found.version
        return None if tally is not None and tally.version == version else Due(series, version, found.points(purge))

    def update(self, due: Due) -> None:
        """Compute the numbers of a series; some 0.1 ms, and 5 ms for a million points."""
        self._known[due.series.run.name, due.series.tag] = tally_of(due.points, due.version)

    def trim(self) -> None:
        """Forget the oldest where there are too many."""
        if len(self._known) > KEPT:
            for key in list(self._known)[: KEPT // 2]:
                del self._known[key]


def tally_of(points: Points, version: int = 0) -> Tally:
    """The numbers of these points."""
    return Tally(version, stats_of(points), points.single, thumbnail(points.values, SPARK_WIDTH))
