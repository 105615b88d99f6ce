"""From numbers over the steps to amounts of colour: one strip a layer, all on one scale or each on its own."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tbtui.analysis.numbers import format_value
from tbtui.charts.palette import Ramp

if TYPE_CHECKING:
    from tbtui.analysis.layers import Floats, Statistic

__all__ = ["Scale", "in_columns", "scale_of"]

OUTER = 2.0
"""Percent of the values at both ends that have a small part of the colours for themselves: a layer that explodes is
told from others, and these still from each other."""

FAINTEST = 0.10
"""The amount of the smallest value that is not 0."""

INNER = (0.22, 0.88)
"""The amounts of all values but the outer ones."""

LEAST_DECADES = 0.3
"""Values of nearly one size are not spread over all colours."""


class Scale(NamedTuple):
    """How values become amounts. places: of values, for "log" their logarithms, rising; shares: the amounts of these;
    ends: words for the first and the last colour."""

    kind: str
    places: tuple[float, ...]
    shares: tuple[float, ...]
    ends: tuple[str, str]
    ramp: Ramp = "amount"

    def amounts(self, values: Floats) -> Floats:
        """Amounts of values, NaN where there is none."""
        with np.errstate(all="ignore"):
            places = np.log10(np.where(values > 0, values, np.nan)) if self.kind == "log" else values
            shares = np.interp(places, self.places, self.shares)
            shares = np.where(np.isnan(places), np.nan, shares)
            return np.asarray(np.where(values == 0, 0.0, shares) if self.kind == "log" else shares)


def scale_of(statistic: Statistic, rows: Sequence[Floats]) -> Scale:
    """A scale for all of these rows."""
    values = np.concatenate([*rows, np.empty(0)])
    values = values[np.isfinite(values)]
    if statistic.scale == "share":
        return Scale("share", (0.0, 1.0), (0.0, 1.0), ("0%", "100%"))
    if statistic.scale == "sign":
        high = float(np.percentile(np.abs(values), 100 - OUTER)) if len(values) else 0.0
        high = high or float(np.abs(values).max(initial=0.0)) or 1.0
        return Scale("sign", (-high, high), (-1.0, 1.0), (format_value(-high), format_value(high)), "difference")
    logs = np.log10(values[values > 0])
    lowest, low, high, highest = 0.0, 0.0, 1.0, 1.0
    if len(logs):
        lowest, low, high, highest = np.percentile(logs, (0, OUTER, 100 - OUTER, 100)).tolist()
    ends = (format_value(10.0**lowest), format_value(10.0**highest))
    if high - low < LEAST_DECADES:
        middle = (low + high) / 2
        low, high = middle - LEAST_DECADES / 2, middle + LEAST_DECADES / 2
    below, above = low - lowest > LEAST_DECADES, highest - high > LEAST_DECADES
    places, shares = [low, high], [INNER[0] if below else FAINTEST, INNER[1] if above else 1.0]
    if below:
        places, shares = [lowest, *places], [FAINTEST, *shares]
    if above:
        places, shares = [*places, highest], [*shares, 1.0]
    if not below and not above:
        ends = (format_value(10.0**low), format_value(10.0**high))
    return Scale("log", tuple(places), tuple(shares), ends)


def in_columns(x: Floats, values: Floats, low: float, high: float, width: int) -> Floats:
    """One value for each of `width` columns between x = low and high, float64[width].

    Of the points in a column the one farthest from 0 is shown, so that none is missed; columns between points have the
    one before. NaN before the first point and after the last.
    """
    found = np.full(width, np.nan)
    here = np.isfinite(x) & ~np.isnan(values)
    x, values = x[here], values[here]
    if not len(x) or width < 1:
        return found
    share = (x - low) / (high - low) if high > low else np.full(len(x), 0.5)
    column = np.clip((share * width).astype(np.int64), 0, width - 1)
    order = np.argsort(np.abs(values), kind="stable")
    found[column[order]] = values[order]
    first, last = int(column.min()), int(column.max())
    filled = np.where(np.isnan(found), -1, np.arange(width))
    np.maximum.accumulate(filled, out=filled)
    found[first : last + 1] = found[filled[first : last + 1]]
    return found
