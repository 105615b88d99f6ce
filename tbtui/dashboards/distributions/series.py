"""A series of histograms as a curve with a fan: its medians are the values, its nine percentiles stand beside them."""

from __future__ import annotations

from collections.abc import Callable
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np

from tbtui.analysis.axes import sample
from tbtui.analysis.digests import NINE
from tbtui.analysis.percentiles import BASIS_POINTS, MEDIAN
from tbtui.charts.fans import BANDS, Fan
from tbtui.dashboards.digests import NOTHING, Digest, Digests
from tbtui.dashboards.scalars.lines import Floats, Line, Lines, Values
from tbtui.store import Points, ScalarSeries
from tbtui.store.series import NO_POINTS

if TYPE_CHECKING:
    from tbtui.store import BlobSeries, Run

__all__ = ["HISTOGRAMS", "DistributionLine", "DistributionLines", "DistributionSeries"]

HISTOGRAMS = "histograms"
"""The plugin whose values are shown."""


class DistributionSeries(ScalarSeries):
    """The medians of a series of histograms, of as many steps as were read by now."""

    __slots__ = ("_digests", "digest", "source")

    def __init__(self, source: BlobSeries, tag: str, digests: Digests) -> None:
        super().__init__(source.run, tag, RLock(), [])
        self.source = source
        self.digest: Digest = NOTHING
        self._digests = digests
        self.look()

    def look(self) -> None:
        """Find out whether more was read. Cheap."""
        self.digest = self._digests.of(self.source)
        self.version = self.digest.stamp

    @property
    def count(self) -> int:
        """Steps that were read."""
        return len(self.digest.steps)

    @property
    def total(self) -> int:
        """Steps that were read."""
        return len(self.digest.steps)

    def points(self, purge: bool = True) -> Points:
        """The medians."""
        digest = self.digest
        return Points(digest.steps, digest.walls, np.ascontiguousarray(digest.rows[:, NINE][:, MEDIAN]))

    def superseded(self) -> Points:
        """None: they are read only where they count."""
        return NO_POINTS


class DistributionLine(Line):
    """The line of the medians. nine: float64[n, 9], the percentiles at the same points."""

    def __init__(self, series: DistributionSeries) -> None:
        super().__init__(series)
        self.series: DistributionSeries = series
        self.nine: Floats = np.empty((0, len(BASIS_POINTS)))

    def update(self, weight: float, purge: bool = True) -> None:
        """Take what was read by now."""
        digest = self.series.digest
        super().update(weight, purge)
        nine = digest.rows[:, NINE]
        self.nine = nine if len(nine) == len(self) else self.series.digest.rows[:, NINE]

    def range_values(self, part: slice, everything: bool) -> Values:
        """What the y axis is to show: everything, or the outermost values but for the farthest twentieth of them."""
        nine = self.nine[part] if everything else sample(self.nine[part])
        nine = nine[np.isfinite(nine).all(axis=1)]
        if everything or len(nine) < 3:
            return np.asarray(nine.ravel())
        ends = np.array([np.quantile(nine[:, 0], 0.05), np.quantile(nine[:, -1], 0.95)])
        inner = nine[:, 1:-1]
        return np.array((min(ends[0], inner.min()), max(ends[1], inner.max())))

    def fan(self, mode: str, origin: float, color: int) -> Fan:
        """The bands between the percentiles; where x goes back they are put in order."""
        x, rows = self.x(mode), self.nine
        good = np.isfinite(rows).all(axis=1) & np.isfinite(x)
        if not good.all():
            x, rows = x[good], rows[good]
        if len(self.turns(mode)):
            order = np.argsort(x, kind="stable")
            x, rows = x[order], rows[order]
        return Fan(x, rows, color, origin, BANDS)


class DistributionLines(Lines):
    """The lines of all series of histograms that were looked at.

    name_of: the tag and the run (None: any) that a name of a chart stands for.
    """

    def __init__(self, digests: Digests, name_of: Callable[[str], tuple[str, str | None]]) -> None:
        super().__init__()
        self._digests = digests
        self._name_of = name_of

    def get(self, run: Run, tag: str) -> DistributionLine | None:
        """The line of a run's tag; None where the run has no such histograms (any more)."""
        real, only = self._name_of(tag)
        source = run.blobs.get((HISTOGRAMS, real))
        if source is None or (only is not None and only != run.name):
            return None
        key = (run.name, tag)
        line = self._lines.get(key)
        if not isinstance(line, DistributionLine) or line.series.source is not source:
            line = self._lines[key] = DistributionLine(DistributionSeries(source, tag, self._digests))
        self._lines.move_to_end(key)
        line.series.look()
        return line
