"""Which part of the y axis a chart shows where the user zoomed in on it."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tbtui.analysis.axes import Axis, Scale
from tbtui.dashboards.scalars.zoom import STEP_IN

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.subjects import Subject
    from tbtui.settings import View
    from tbtui.widgets.session import Session

LEAST = 1e-9
"""A y axis is not zoomed in further than to this share of its ends."""


class Zoomed(NamedTuple):
    """A part of the y axis, and how often it was zoomed in: as many times out again, and it is whole."""

    axis: Axis
    times: int


class YZoom:
    """The zoomed y axes, by chart and scale. They stand still whatever is added, until the user fits the curves."""

    session: Session

    def __init__(self) -> None:
        self._zoomed: dict[tuple[tuple[str, ...], Scale], Zoomed] = {}

    def y_zoom(self, subject: Subject) -> Axis | None:
        """The y axis that the user asked for; None where it is as the values ask."""
        found = self._zoomed.get(_key(subject, self.session.view))
        return None if found is None else found.axis

    def y_zoom_in(self, subject: Subject, now: Axis, at: float) -> bool:
        """Show half of the axis of now, around a value where it has a place. False: it goes no closer."""
        middle = float(now.fraction(np.array([at]))[0])
        middle = 0.5 if math.isnan(middle) else min(max(middle, 0.0), 1.0)
        low = middle - middle * STEP_IN
        axis = _part(now, low, low + STEP_IN)
        if axis is None:
            return False
        key = _key(subject, self.session.view)
        times = self._zoomed[key].times if key in self._zoomed else 0
        self._zoomed[key] = Zoomed(axis, times + 1)
        return True

    def y_zoom_out(self, subject: Subject, now: Axis) -> bool:
        """Show twice as much, or again what the values ask for. False: that is shown."""
        key = _key(subject, self.session.view)
        if key not in self._zoomed:
            return False
        times = self._zoomed[key].times - 1
        axis = _part(now, -0.5, 1.5)
        if times < 1 or axis is None:
            del self._zoomed[key]
        else:
            self._zoomed[key] = Zoomed(axis, times)
        return True

    def pan_y(self, subject: Subject, now: Axis, share: float) -> bool:
        """Move a zoomed axis by a share of itself. False: it is not zoomed."""
        key = _key(subject, self.session.view)
        axis = _part(now, share, 1.0 + share)
        if key not in self._zoomed or axis is None:
            return False
        self._zoomed[key] = self._zoomed[key]._replace(axis=axis)
        return True

    def fit_y(self, subject: Subject) -> bool:
        """Show what the values ask for. False: it was shown."""
        return self._zoomed.pop(_key(subject, self.session.view), None) is not None


def _key(subject: Subject, view: View) -> tuple[tuple[str, ...], Scale]:
    return subject.tags, view.y_scale


def _part(axis: Axis, low: float, high: float) -> Axis | None:
    """The axis between two fractions of another one; None where numbers are too near to be told apart, or end."""
    first, last = (float(end) for end in axis.value(np.array([low, high])))
    if not (math.isfinite(first) and math.isfinite(last)) or last - first <= LEAST * max(abs(first), abs(last)):
        return None
    return Axis(first, last, axis.scale, axis.linear)
