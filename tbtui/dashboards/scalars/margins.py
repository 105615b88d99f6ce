"""A curve with a lower and an upper end around it, each a tag of its own: the margin charts of custom scalars."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from tbtui.analysis.bands import join_curves
from tbtui.analysis.reduce import Pyramid
from tbtui.charts.shades import Shade
from tbtui.dashboards.scalars.lines import Floats, Line, Values
from tbtui.store import Points, ScalarSeries

if TYPE_CHECKING:
    from threading import RLock


class MarginSeries(ScalarSeries):
    """The series of the curve; its version moves with those of the ends too."""

    __slots__ = ("ends", "value")

    def __init__(self, value: ScalarSeries, ends: tuple[ScalarSeries, ...], lock: RLock) -> None:
        super().__init__(value.run, value.tag, lock, [])
        self.value, self.ends = value, ends
        self.look()

    def look(self) -> None:
        """Find out whether one of them moved. Cheap."""
        self.version = self.value.version + sum(end.version for end in self.ends)

    @property
    def count(self) -> int:
        """Points of the curve."""
        return self.value.count

    @property
    def total(self) -> int:
        """Points of the curve, superseded ones included."""
        return self.value.total

    def points(self, purge: bool = True) -> Points:
        """The points of the curve."""
        return self.value.points(purge)

    def superseded(self) -> Points:
        """The superseded points of the curve."""
        return self.value.superseded()


class MarginLine(Line):
    """A line and its ends, smoothed alike. An end that is not there is None: there is no band then."""

    def __init__(self, series: MarginSeries, lower: ScalarSeries | None, upper: ScalarSeries | None) -> None:
        super().__init__(series)
        self.series: MarginSeries = series
        self.lower = Line(lower) if lower is not None else None
        self.upper = Line(upper) if upper is not None else None
        self._shade: tuple[object, Shade] | None = None

    @property
    def ends(self) -> list[Line]:
        """The lines of the ends that are there."""
        return [line for line in (self.lower, self.upper) if line is not None]

    @property
    def nbytes(self) -> int:
        """Memory of all three."""
        return super().nbytes + sum(line.nbytes for line in self.ends)

    def work(self, weight: float, purge: bool = True) -> int:
        """About how many points have to be looked at, those of the ends included."""
        self.series.look()
        return super().work(weight, purge) + sum(line.work(weight, purge) for line in self.ends)

    def update(self, weight: float, purge: bool = True) -> None:
        """Bring all three up to date."""
        for line in self.ends:
            line.update(weight, purge)
        super().update(weight, purge)

    def ends_along(self, mode: str) -> tuple[Floats, Floats] | None:
        """The lower and the upper end at the x of the curve, float64[n] each, straight from point to point.

        None: there is no band, or an end goes back on the x axis.
        """
        lower, upper = self.lower, self.upper
        if lower is None or upper is None or any(not len(end) or len(end.turns(mode)) for end in self.ends):
            return None
        return self._along(lower, mode), self._along(upper, mode)

    def _along(self, end: Line, mode: str) -> Floats:
        here, x, values = self.x(mode), end.x(mode), end.shown().astype(np.float64)
        if len(here) == len(x) and np.array_equal(here, x):
            return values
        return np.interp(here, x, values, np.nan, np.nan)

    def range_values(self, part: slice, everything: bool) -> Values:
        """Values of the curve and of both ends that decide on the y range."""
        found = [super().range_values(part, everything).astype(np.float64)]
        for line in self.ends:
            same = len(line) == len(self)
            found.append(line.range_values(part if same else slice(0, len(line)), everything).astype(np.float64))
        return np.concatenate(found)

    def shade(self, mode: str, origin: float, color: int) -> Shade | None:
        """The band between the ends; where they are not at the same x, each is drawn straight from point to point."""
        lower, upper = self.lower, self.upper
        if lower is None or upper is None or not len(lower) or not len(upper):
            return None
        key = (lower.stamp, upper.stamp, mode, origin, color)
        if self._shade is None or self._shade[0] != key:
            x, low, high = lower.x(mode), lower.shown(), upper.shown()
            other = upper.x(mode)
            if len(x) != len(other) or not np.array_equal(x, other) or len(lower.turns(mode)):
                joined = join_curves([(x, low), (other, high)])
                x, (low, high) = joined.x, joined.rows
            low, high = low.astype(np.float64), high.astype(np.float64)
            self._shade = key, Shade(x, low, high, color, Pyramid(low), Pyramid(high), origin)
        return self._shade[1]
