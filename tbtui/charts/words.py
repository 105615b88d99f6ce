"""The words of a chart: heading, legend, names at the ends of curves. Foreign text is made safe here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from tbtui.analysis.numbers import format_value
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.canvas import Curve, Trace
from tbtui.charts.cells import BOLD, DEFAULT, Cells
from tbtui.charts.layout import Rect

__all__ = ["Look", "end_names_width", "last_value", "put_end_names", "put_heading", "put_legend", "trend"]

_GAP = 2
_SHORTEST_NAME = 6


class Look(NamedTuple):
    """How words are written: label_color 0xRRGGBB or -1, bad_color of what is wrong, plain: ASCII only."""

    label_color: int = DEFAULT
    bad_color: int = 0xF04848
    plain: bool = False

    @property
    def ellipsis(self) -> str:
        """What stands for left out text."""
        return "~" if self.plain else "…"

    def arrow(self, direction: int) -> str:
        """A sign for rising (1), falling (-1) and staying (0)."""
        return ("=^v" if self.plain else "▸▲▼")[direction]


def last_value(curve: Curve) -> float | None:
    """The number shown beside the name: the one given, else the last finite value. None: there is none."""
    if curve.last is not None:
        return curve.last
    for stop in range(len(curve.y), 0, -4096):
        finite = np.flatnonzero(np.isfinite(curve.y[max(0, stop - 4096) : stop]))
        if len(finite):
            return float(curve.y[max(0, stop - 4096) + int(finite[-1])])
    return None


def trend(curve: Curve, scale: float) -> int:
    """Whether the last tenth of a curve rose (1), fell (-1) or moved by less than a hundredth of `scale` (0)."""
    count = len(curve.y)
    size = max(1, min(count // 20, 64))
    late, early = curve.y[count - size :], curve.y[max(0, count - count // 10 - size) : count - size]
    late, early = (
        late[np.isfinite(late)].astype(np.float64),
        early[-size:][np.isfinite(early[-size:])].astype(np.float64),
    )
    if not len(late) or not len(early):
        return 0
    with np.errstate(over="ignore"):
        change = float(np.mean(late / 2) - np.mean(early / 2))
    return 0 if abs(change) < scale / 200 else 1 if change > 0 else -1


def put_heading(cells: Cells, title: str, note: str, focused: Curve | None, scale: float, look: Look) -> None:
    """The title line: the tag, what is wrong with it, and at the right the focused curve's last value and trend."""
    width = cells.width
    right = width
    value = last_value(focused) if focused is not None else None
    if focused is not None and value is not None:
        text = f"{format_value(value)} {look.arrow(trend(focused, scale))}"
        if width - cell_width(text) - _GAP >= min(cell_width(safe(title)), _SHORTEST_NAME):
            right -= cell_width(text)
            cells.put(0, right, text, focused.color)
            right -= _GAP
    note = safe(note)
    if note and right - cell_width(note) - _GAP >= min(cell_width(safe(title)), _SHORTEST_NAME):
        right -= cell_width(note)
        cells.put(0, right, note, look.bad_color)
        right -= _GAP
    cells.put(0, 0, cut(safe(title), max(right, 0), "tail", look.ellipsis), look.label_color, BOLD)


def put_legend(
    cells: Cells, row: int, rows: int, curves: Sequence[Curve], scale: float, look: Look, focus: Curve | None
) -> None:
    """Marker, name, last value and trend of each curve, in even columns; those left over are counted at the end."""
    width = cells.width
    entries = [(curve, *_entry(curve, scale, look)) for curve in curves]
    if not entries or rows < 1 or width < 8:
        return
    longest = max(cell_width(name) + cell_width(value) + 4 for _, name, value in entries)
    across = max(1, min((width + _GAP) // (longest + _GAP), len(entries)))
    if len(entries) > across * rows:  # rather shorter names than fewer of them
        across = max(across, min(-(-len(entries) // rows), (width + _GAP) // (18 + _GAP)))
    space = (width + _GAP) // across - _GAP
    fits = across * rows
    shown = entries if len(entries) <= fits else entries[: fits - 1]
    for number, (curve, name, value) in enumerate(shown):
        # Down the columns, as one reads a list.
        line, col = number % rows, number // rows * (space + _GAP)
        _put_entry(cells, row + line, col, space, curve, name, value, look, curve is focus)
    if len(shown) < len(entries):
        number = len(shown)
        text = f"+{len(entries) - number} more"
        cells.put(row + number % rows, number // rows * (space + _GAP), cut(text, space), look.label_color)


def _entry(curve: Curve, scale: float, look: Look) -> tuple[str, str]:
    value = last_value(curve)
    text = "" if value is None else f"{format_value(value)} {look.arrow(trend(curve, scale))}"
    return safe(curve.name), text


def _put_entry(
    cells: Cells, row: int, col: int, space: int, curve: Curve, name: str, value: str, look: Look, focused: bool
) -> None:
    marker = safe(curve.marker)[:1] or ("*" if look.plain else "●")
    cells.put(row, col, marker, curve.color, BOLD)
    room = space - 2 - (cell_width(value) + 1 if value else 0)
    if room < 3:
        value, room = "", space - 2
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
        marker = safe(curve.marker)[:1]
        text = f"{marker} {safe(curve.name)}" if marker else safe(curve.name)
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
