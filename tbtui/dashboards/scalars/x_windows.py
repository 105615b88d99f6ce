"""Which part of the x axis each chart shows, on a linear and on a logarithmic axis.

Zooming is arithmetic on places (`zoom`): on a linear axis a place is x itself, on a logarithmic one its logarithm.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tbtui.analysis.axes import Axis, Scale, axis_around, steady_limits
from tbtui.dashboards.scalars import zoom
from tbtui.dashboards.scalars.subjects import Entry, Subject

if TYPE_CHECKING:
    from tbtui.settings import View
    from tbtui.widgets.session import Session

GROWTH = 0.125
"""Share of the x axis that is left free at its end when it has to grow, so that it then stands still for a while."""

LEAST_DECADES = 1e-4
"""A logarithmic axis is not zoomed in further."""

Span = tuple[float, float]


def x_scale(view: View) -> Scale:
    """The scale of the x axis. The wall clock has no zero that a logarithm could be taken from."""
    return "log" if view.x_log and view.x_mode != "wall" else "linear"


def to_place(x: float, scale: Scale) -> float:
    """Where x is on an axis; -inf for what a logarithmic one has no place for."""
    if scale != "log":
        return x
    return math.log10(x) if x > 0 else -math.inf


def axis_between(low: float, high: float, full: Span, scale: Scale) -> Axis:
    """The axis from place to place; where these are the ends of the data, it ends there exactly."""
    if scale != "log":
        return Axis(low, high, scale)
    ends = [
        next((end for end in full if end > 0 and abs(place - math.log10(end)) < 1e-12), 10.0**place)
        for place in (low, high)
    ]
    return Axis(ends[0], ends[1], scale) if ends[0] < ends[1] else axis_around(ends[0], ends[1], scale)


class XWindows:
    """The part of the x axis that is shown, by chart and by what the axis counts."""

    session: Session
    cursor: float | None

    def __init__(self) -> None:
        self._windows: dict[tuple[tuple[str, ...], str, Scale], zoom.Window] = {}

    def origin(self, entry: Entry) -> float:
        """What is subtracted from steps or wall times to give x."""
        raise NotImplementedError

    @property
    def x_scale(self) -> Scale:
        """The scale of the x axis."""
        return x_scale(self.session.view)

    def full(self, entries: Sequence[Entry]) -> Span:
        """Smallest and largest x of all curves that has a place; (0, 1) without any, (1, 10) on a logarithmic axis."""
        mode, log = self.session.view.x_mode, self.x_scale == "log"
        ends = []
        for entry in entries:
            origin, span = self.origin(entry), entry.line.span(mode)
            if span is None:
                continue
            low, high = span[0] - origin, span[1] - origin
            if log and low <= 0 < high:
                low = _first_positive(entry, mode, origin)
            if high > 0 or not log:
                ends.append((low, high))
        if not ends:
            return (1.0, 10.0) if log else (0.0, 1.0)
        return min(low for low, _ in ends), max(high for _, high in ends)

    def shown_x(self, window: zoom.Window | None, full: Span, old: Axis | None) -> Axis:
        """The x axis of a chart; `old`: as it was, which it keeps while it serves."""
        scale = self.x_scale
        if window is None:
            return steady_limits(old, self._whole(full), room=GROWTH)
        if not window.follow:
            return axis_between(window.x0, window.x1, full, scale)
        end = to_place(full[1], scale)
        if old is not None and end <= to_place(old.high, scale):
            return old
        ahead = 0.0 if old is None else window.width / 10  # it moves on a tenth at a time: most frames stand still
        return axis_between(end + ahead - window.width, end + ahead, full, scale)

    def _whole(self, full: Span) -> Axis:
        """From the first to the last point; a single one stands in the middle."""
        low, high = full
        if low < high:
            return Axis(low, high, self.x_scale)
        if self.x_scale == "log":
            return axis_around(low, high, "log")
        beside = max(60.0 if self.session.view.x_mode == "wall" else 1.0, abs(low) * 1e-12)
        return Axis(low - beside, low + beside)

    # --- zoom

    def zoom_in(self, subject: Subject, entries: Sequence[Entry]) -> bool:
        """Show half of what is shown now. False: it goes no further."""
        full, at = self._places(entries), self._at()
        return self._set_window(subject, zoom.zoom_in(self._window(subject), full, at, self._least(full, at)))

    def zoom_out(self, subject: Subject, entries: Sequence[Entry]) -> bool:
        """Show twice as much. False: everything is shown already."""
        return self._set_window(subject, zoom.zoom_out(self._window(subject), self._places(entries), self._at()))

    def pan(self, subject: Subject, entries: Sequence[Entry], direction: int) -> bool:
        """Move what is shown to the left (-1) or right (1). False: there is nothing more on that side."""
        return self._set_window(subject, zoom.pan(self._window(subject), self._places(entries), direction))

    def pan_by(self, subject: Subject, entries: Sequence[Entry], share: float) -> bool:
        """Move what is shown to the right by a share of its width. False: there is nothing more on that side."""
        return self._set_window(subject, zoom.pan_by(self._window(subject), self._places(entries), share))

    def fit(self, subject: Subject) -> bool:
        """Show everything. False: it was shown."""
        return self._set_window(subject, None)

    def zoomed(self, subject: Subject) -> bool:
        """Whether the chart shows only a part."""
        return self._window(subject) is not None

    def reveal(self, subject: Subject, entries: Sequence[Entry], x: float) -> None:
        """Move what is shown just so far that x is inside."""
        place = to_place(x, self.x_scale)
        if math.isfinite(place):
            self._set_window(subject, zoom.show(self._window(subject), self._places(entries), place))

    def right_end(self, subject: Subject, entries: Sequence[Entry]) -> float | None:
        """The x at which the shown part ends; None where everything is shown."""
        window = zoom.resolve(self._window(subject), self._places(entries))
        if window is None:
            return None
        return 10.0**window.x1 if self.x_scale == "log" else window.x1

    def _places(self, entries: Sequence[Entry]) -> Span:
        low, high = self.full(entries)
        return to_place(low, self.x_scale), to_place(high, self.x_scale)

    def _at(self) -> float | None:
        """The place of the cursor; None without one, or where it has none."""
        place = None if self.cursor is None else to_place(self.cursor, self.x_scale)
        return place if place is not None and math.isfinite(place) else None

    def _least(self, full: Span, at: float | None) -> float:
        """The smallest part that is shown."""
        mode = self.session.view.x_mode
        if mode == "tag":
            return max(LEAST_DECADES if self.x_scale == "log" else (full[1] - full[0]) * 1e-9, 5e-324)
        least = 1e-3 if mode in ("relative", "wall") else 2.0
        if self.x_scale == "log":
            here = full[1] if at is None else at
            return max(LEAST_DECADES, math.log10(1 + least / 10.0**here))
        return least

    def _window(self, subject: Subject) -> zoom.Window | None:
        return self._windows.get((subject.tags, self.session.view.x_axis, self.x_scale))

    def _set_window(self, subject: Subject, window: zoom.Window | None) -> bool:
        old = self._window(subject)
        key = (subject.tags, self.session.view.x_axis, self.x_scale)
        if window is None:
            self._windows.pop(key, None)
        else:
            self._windows[key] = window
        return window != old


def _first_positive(entry: Entry, mode: str, origin: float) -> float:
    """The smallest x above 0; there is one."""
    x = entry.line.x(mode)
    if not len(entry.line.turns(mode)):
        x = x[np.searchsorted(x, np.array(origin, x.dtype), "right") :][:1]
    places = x.astype(np.float64) - origin
    places = places[np.isfinite(places) & (places > 0)]
    return float(places.min()) if len(places) else math.nan
