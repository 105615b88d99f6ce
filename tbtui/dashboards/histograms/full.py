"""One series of histograms over the whole pane: its picture, and under it the histogram at the cursor in numbers."""

from __future__ import annotations

import math
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.histograms import BINS, HIGH, LOW, Statistics, bin_edges, rebin, statistics
from tbtui.analysis.numbers import format_duration, format_step, format_value
from tbtui.analysis.text import cell_width, safe
from tbtui.charts.bars import draw_bars
from tbtui.charts.cells import BOLD, Cells, blank
from tbtui.charts.heat import HeatSpec
from tbtui.dashboards.histograms.pictures import Look, age_colors, draw, draw_difference
from tbtui.dashboards.histograms.subjects import Shown
from tbtui.dashboards.looks import Looks, put_message
from tbtui.events.summaries import Histogram
from tbtui.store.values import Unreadable

Floats = npt.NDArray[np.float64]

__all__ = ["Compare", "draw_full", "facts", "words_of_time"]

Compare = str
"""How two runs are compared: "" not, "beside" each other, or their "difference"."""

_BARS_FROM = 16
"""In lower panes there is only the picture, and a line of numbers."""


@dataclass(frozen=True, slots=True)
class One:
    """The histogram at the cursor, None while it is being read; and why it can't be shown."""

    histogram: Histogram | None = None
    reason: str = ""

    @staticmethod
    def of(value: Histogram | Unreadable | None) -> One:
        """What a cache says of it."""
        return One(None, value.reason) if isinstance(value, Unreadable) else One(value)


def facts(found: Statistics) -> list[tuple[str, str]]:
    """(name, number) of one histogram."""
    share = "at most " if found.zeros_at_most and found.zeros > 0 else ""
    return [
        ("count", format_count(found.count)),
        ("min", format_value(found.minimum)),
        ("max", format_value(found.maximum)),
        ("mean", format_value(found.mean) if found.exact else f"~{format_value(found.mean)}"),
        ("std", format_value(found.std) if found.exact else f"~{format_value(found.std)}"),
        ("zeros", share + format_share(found.zeros)),
        ("NaN, Inf", format_share(found.bad)),
        ("buckets", str(found.buckets)),
    ]


def format_count(count: float) -> str:
    """A number of values, whole where it is."""
    return f"{count:,.0f}" if count == round(count) and abs(count) < 1e12 else format_value(count)


def format_share(share: float) -> str:
    """A share in percent."""
    if math.isnan(share):
        return "?"
    return "0%" if share == 0 else f"{share:.3%}" if share < 0.001 else f"{share:.1%}"


def words_of_time(shown: Shown, number: int) -> list[str]:
    """Step, time since the start of the run, and time of day of one histogram."""
    digest = shown.course.digest
    words = [f"step {format_step(int(digest.steps[number]))}"]
    wall = float(digest.walls[number])
    if shown.start is not None and math.isfinite(wall) and wall >= shown.start:
        words.append(f"after {format_duration(wall - shown.start)}")
    with suppress(ValueError, OverflowError, OSError):  # no calendar has such a date
        words.append(datetime.fromtimestamp(wall).strftime("%Y-%m-%d %H:%M:%S"))
    return words


def draw_full(
    shown: Sequence[Shown], ones: Sequence[One], look: Look, looks: Looks, compare: Compare, width: int, height: int
) -> Cells:
    """The first series alone, or compared with the second. ones: the histogram at the cursor of each."""
    cells = blank(height, width)
    if width < 1 or height < 1:
        return cells
    low = 0 if height < 6 else 1 if height < _BARS_FROM else max(9, min(height * 2 // 5, 18))
    upper = height - low
    if compare == "difference" and len(shown) > 1:
        note = f"{shown[0].label} minus {shown[1].label}"
        first = replace(shown[0].subject, title=safe(shown[0].panel.tag), note=note)
        cells.paste(draw_difference(first, shown[1].subject, look, looks, width, upper), 0, 0)
    else:
        for one, col, room in _halves(shown, width):
            subject = one.subject
            if len(shown) > 1:  # the tag is the same, the runs are what to tell apart
                subject = replace(subject, title=f"{one.sign}{one.label}", note=safe(one.panel.tag))
            cells.paste(draw(subject, look, looks, room, upper), 0, col)
            _put_sign(cells, one, col, looks)
    for (one, col, room), value in zip(_halves(shown, width), ones, strict=False):
        if low == 1:
            cells.put(height - 1, col, _line(one, value, room), looks.muted)
        elif low:
            cells.paste(_lower(one, value, look, looks, room, low), upper, col)
    return cells


def _halves(shown: Sequence[Shown], width: int) -> list[tuple[Shown, int, int]]:
    """Each with its first column and its width."""
    if len(shown) < 2:
        return [(one, 0, width) for one in shown]
    half = (width - 1) // 2
    return [(shown[0], 0, half), (shown[1], half + 1, width - half - 1)]


def _put_sign(cells: Cells, one: Shown, col: int, looks: Looks) -> None:
    if one.sign and cells.width > col:
        cells.put(0, col, looks.signs.run, one.color, BOLD)


def _line(one: Shown, value: One, width: int) -> str:
    """The most important numbers in one line."""
    number = one.course.at(one.subject.step)
    if number is None:
        return ""
    words = [f"step {format_step(int(one.course.digest.steps[number]))}"]
    if value.histogram is not None:
        words += [f"{name} {text}" for name, text in facts(statistics(value.histogram))]
    return _fitting(words, width)


def _fitting(words: Sequence[str], width: int) -> str:
    """As many of the words as fit in a line."""
    line = words[0]
    for word in words[1:]:
        if len(line) + 2 + len(word) > width:
            break
        line += "  " + word
    return line[: max(0, width)]


def _lower(one: Shown, value: One, look: Look, looks: Looks, width: int, height: int) -> Cells:
    """When it was, its numbers, and its bars."""
    cells = blank(height, width)
    number = one.course.at(one.subject.step)
    if number is None:
        return cells
    words = words_of_time(one, number)
    if one.subject.step is None:
        words.insert(1, "newest")
    row = 0
    cells.put(row, 0, ("-" if looks.ascii else "─") * width, looks.faint)
    cells.put(row, 1, f" {_fitting(words, width - 4)} ", looks.accent, BOLD)
    row += 1
    if value.histogram is None:
        lower = blank(height - row, width)
        put_message(lower, safe(value.reason) or "reading ...", looks.bad if value.reason else looks.muted)
        cells.paste(lower, row, 0)
        return cells
    edges = _bar_edges(one, number, width)
    found = [*facts(statistics(value.histogram)), ("a bar is", f"{format_value(float(edges[1] - edges[0]))} wide")]
    row = _put_facts(cells, row, found, looks)
    cells.paste(_one_in_bars(value.histogram, edges, look, looks, width, height - row), row, 0)
    return cells


def _bar_edges(one: Shown, number: int, width: int) -> Floats:
    """Bins of one width over the histogram's own range."""
    low, high = float(one.course.rows[number, LOW]), float(one.course.rows[number, HIGH])
    return bin_edges(low, high, max(BINS, min(2 * BINS, width // 2)))


def _put_facts(cells: Cells, row: int, found: list[tuple[str, str]], looks: Looks) -> int:
    """Names and numbers in as many lines as it takes, at most a third of the room; the row after them."""
    col, last = 0, row + max(0, cells.height // 3 - 1)
    for name, text in found:
        room = cell_width(name) + 1 + cell_width(text)
        if col and col + room > cells.width:
            if row >= last:
                break
            row, col = row + 1, 0
        cells.put(row, col, name, looks.muted)
        cells.put(row, col + cell_width(name) + 1, text, looks.text, BOLD)
        col += room + 2
    return row + 1


def _one_in_bars(histogram: Histogram, edges: Floats, look: Look, looks: Looks, width: int, height: int) -> Cells:
    """Its counts in bins of one width over its own range."""
    counts = rebin([histogram], edges)[0]
    most = float(counts.max(initial=0.0)) or 1.0
    y = Axis(0.0, most, "symlog", 1.0) if look.log else Axis(0.0, most)
    heights = np.asarray(y.fraction(counts))
    spec = HeatSpec(
        lambda rows, columns: heights[None],
        Axis(float(edges[0]), float(edges[-1])),
        y,
        x_kind="number",
        shading=looks.shading,
        axis_color=looks.faint,
        label_color=looks.muted,
    )
    color = age_colors(np.array([1.0]), looks)[0]
    return draw_bars(spec, width, height, color).cells
