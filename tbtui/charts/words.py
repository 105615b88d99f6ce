"""The words of a chart: heading, legend, names at the ends of curves. Foreign text is made safe here."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.colors import ASCII_MARKERS, MARKERS
from tbtui.analysis.numbers import format_value
from tbtui.analysis.text import cell_width, cut, left_out, safe
from tbtui.charts.canvas import Curve, Trace, Window
from tbtui.charts.cells import BOLD, DEFAULT, Cells
from tbtui.charts.layout import Rect

__all__ = [
    "Look",
    "end_names_width",
    "end_of",
    "last_value",
    "legend_rows",
    "put_end_names",
    "put_heading",
    "put_legend",
    "trend",
]

_GAP = 2
_SHORTEST_TITLE = 6
_SHORTEST_LEGEND = 10
_SHORT_ENTRY = 18
_MOST_SHORT = 3
"""So many names stand side by side, shortened, where some are left over all the same: more could not be read."""
_UNIT = Axis(0.0, 1.0)


class Look(NamedTuple):
    """How words are written: label_color 0xRRGGBB or -1, bad_color of what is wrong, plain: ASCII only."""

    label_color: int = DEFAULT
    bad_color: int = 0xF04848
    plain: bool = False

    @property
    def ellipsis(self) -> str:
        """What stands for left out text."""
        return "~" if self.plain else "…"

    @property
    def arrows(self) -> str:
        """The signs of a value that stays, rises, and falls (the last one)."""
        return "=^v" if self.plain else "▸▲▼"

    def words(self, text: str) -> str:
        """Foreign text as it may be shown."""
        text = safe(text)
        return text.encode("ascii", "replace").decode() if self.plain else text

    def value(self, value: float, direction: int) -> str:
        """A last value with a sign for rising (1), falling (-1) and staying (0)."""
        return f"{self.words(format_value(value))} {self.arrows[direction]}"

    def marker(self, curve: Curve) -> str:
        """The curve's marker, one cell wide; empty where it has none."""
        marker = safe(curve.marker)[:1]
        if self.plain and not marker.isascii():
            return ASCII_MARKERS[MARKERS.find(marker) % len(ASCII_MARKERS)]
        return marker if cell_width(marker) == 1 else ""


def last_value(curve: Curve) -> float | None:
    """The number shown beside the name: the one given, else the last finite value. None: there is none."""
    if curve.last is not None:
        return curve.last
    for stop in range(len(curve.y), 0, -4096):
        finite = np.flatnonzero(np.isfinite(curve.y[max(0, stop - 4096) : stop]))
        if len(finite):
            return float(curve.y[max(0, stop - 4096) + int(finite[-1])])
    return None


def trend(curve: Curve, y: Axis) -> int:
    """Whether the last tenth of a curve rose (1), fell (-1) or moved by less than a hundredth of the y axis (0)."""
    count = len(curve.y)
    size = max(1, min(count // 20, 64))
    ends = (count - max(count // 10, 1) - size, count - size)
    early, late = (_mean_place(curve.y[max(0, begin) : max(0, begin) + size], y) for begin in ends)
    if math.isnan(early) or math.isnan(late) or abs(late - early) < 0.01:
        return 0
    return 1 if late > early else -1


def _mean_place(values: npt.NDArray[np.floating], y: Axis) -> float:
    """Where values lie on average, as a fraction of the axis, NaN where none has a place."""
    places = y.fraction(values[np.isfinite(values)])
    places = places[~np.isnan(places)]
    return float(places.mean()) if len(places) else math.nan


def put_heading(cells: Cells, title: str, note: str, focused: Curve | None, y: Axis, look: Look) -> None:
    """The title line: the tag, what is wrong with it, and at the right the focused curve's last value and trend."""
    title = look.words(title)
    right = cells.width
    pieces = [(look.words(note), look.bad_color)] if note else []
    value = last_value(focused) if focused is not None else None
    if focused is not None and value is not None:
        pieces.append((look.value(value, trend(focused, y)), focused.color))
    for text, color in reversed(pieces):
        if right - cell_width(text) - _GAP >= min(cell_width(title), _SHORTEST_TITLE):
            right -= cell_width(text) + _GAP
            cells.put(0, right + _GAP, text, color)
    cells.put(0, 0, cut(title, right, "tail", look.ellipsis), look.label_color, BOLD)


def legend_rows(curves: Sequence[Curve], width: int, most: int) -> int:
    """How many rows the legend takes, of at most `most`."""
    if not curves or most < 1 or width < _SHORTEST_LEGEND:
        return 0
    across = _across(_entries(curves, Window(_UNIT, _UNIT), Look(), width, most), width, most)
    return min(most, -(-len(curves) // across))


def put_legend(
    cells: Cells, row: int, rows: int, curves: Sequence[Curve], window: Window, look: Look, focus: Curve | None
) -> None:
    """Marker, name, last value and trend of each curve, in even columns; those left over are counted at the end."""
    entries = _entries(curves, window, look, cells.width, rows)
    across = _across(entries, cells.width, rows)
    space = min((cells.width + _GAP) // across - _GAP, _longest(entries))
    fits = across * rows
    shown = len(curves) if len(curves) <= fits else fits - 1
    skipped = _skipped(entries[:shown], space)
    for number, (curve, (name, value)) in enumerate(zip(curves[:shown], entries, strict=False)):
        col = number % across * (space + _GAP)
        _put_entry(cells, row + number // across, col, space, curve, name, value, look, curve is focus, skipped)
    if shown < len(curves):
        text = f"+{len(curves) - shown} more"
        cells.put(row + shown // across, shown % across * (space + _GAP), cut(text, space), look.label_color)


def _entries(curves: Sequence[Curve], window: Window, look: Look, width: int, rows: int) -> list[tuple[str, str]]:
    """Name and value of as many curves as a legend may hold, and one more."""
    most = rows * (width // _SHORTEST_LEGEND) + 1
    return [_entry(curve, window.y_of(curve), look) for curve in curves[:most]]


def _across(entries: Sequence[tuple[str, str]], width: int, rows: int) -> int:
    """How many entries stand side by side: as many as fit; where that is too few, with shorter names."""
    longest = _longest(entries)
    across = min((width + _GAP) // (longest + _GAP), len(entries))
    if len(entries) > across * rows:
        short = min(-(-len(entries) // rows), (width + _GAP) // (_SHORT_ENTRY + _GAP))
        across = max(across, short if short * rows >= len(entries) else min(short, _MOST_SHORT))
    return max(1, across)


def _longest(entries: Sequence[tuple[str, str]]) -> int:
    return max((cell_width(name) + cell_width(value) + 3 for name, value in entries), default=1)


def _entry(curve: Curve, y: Axis, look: Look) -> tuple[str, str]:
    value = last_value(curve)
    text = "" if value is None else look.value(value, trend(curve, y)).rstrip(look.arrows[0])
    return look.words(curve.name), text.rstrip()


def _skipped(entries: Sequence[tuple[str, str]], space: int) -> int:
    """Characters that names leave out at their beginning."""
    return left_out([name for name, _ in entries], [_room_beside(value, space) for _, value in entries])


def _room_beside(value: str, space: int) -> int:
    return space - 2 - (cell_width(value) + 1 if value else 0)


def _put_entry(
    cells: Cells,
    row: int,
    col: int,
    space: int,
    curve: Curve,
    name: str,
    value: str,
    look: Look,
    focused: bool,
    skipped: int,
) -> None:
    cells.put(row, col, look.marker(curve) or ("*" if look.plain else "●"), curve.color, BOLD)
    room = _room_beside(value, space)
    if room < 3:
        value, room = "", space - 2
    if skipped and room > 4:
        name = look.ellipsis + cut(name[skipped:], room - cell_width(look.ellipsis), "middle", look.ellipsis)
    name = cut(name, max(room, 0), "middle", look.ellipsis)
    used = cells.put(row, col + 2, name, look.label_color, BOLD if focused else 0)
    if value:
        cells.put(row, col + 3 + used, value, curve.color)


def end_names_width(curves: Sequence[Curve], width: int) -> int:
    """Cells for the names at the ends of curves in a chart of some width."""
    longest = max((cell_width(safe(curve.name)) for curve in curves), default=0)
    return min(longest + 3, max(width // 4, 8)) if longest else 0


def put_end_names(
    cells: Cells, plot: Rect, width: int, traces: Sequence[Trace], curves: Sequence[Curve], dot_rows: int, look: Look
) -> None:
    """The names at the right of a plot, each as near as there is room to the row where its curve ends."""
    wanted = []
    for trace, curve in zip(traces, curves, strict=True):
        end = None if curve.dim else end_of(trace)
        if end is not None:
            wanted.append((end[1], curve))
    wanted = sorted(wanted, key=lambda pair: pair[0])[: plot.height]
    taken = -1
    for place, (dot_row, curve) in enumerate(wanted):
        # Not above the name before it, and with room for those that follow.
        taken = min(max(dot_row // dot_rows, taken + 1), plot.height - len(wanted) + place)
        text = f"{look.marker(curve)} {look.words(curve.name)}".lstrip()
        cells.put(
            plot.row + taken, plot.col + plot.width + 1, cut(text, width - 1, "middle", look.ellipsis), curve.color
        )


def end_of(trace: Trace) -> tuple[int, int] | None:
    """The last dot column in which a curve has something, and the middle dot row of it there; None for no curve."""
    filled = np.flatnonzero((trace.top <= trace.bottom).any(axis=0))
    if not len(filled):
        return None
    column = int(filled[-1])
    stretch = int(np.flatnonzero(trace.top[:, column] <= trace.bottom[:, column])[-1])
    return column, (int(trace.top[stretch, column]) + int(trace.bottom[stretch, column])) // 2
