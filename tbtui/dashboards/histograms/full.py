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
from tbtui.analysis.histograms import BINS, HIGH, LOW, TOTAL, Statistics, bin_edges, rebin, statistics
from tbtui.analysis.numbers import format_duration, format_step, format_value
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.bars import draw_bars
from tbtui.charts.cells import BOLD, Cells, blank
from tbtui.charts.heat import HeatSpec
from tbtui.dashboards.histograms.pictures import Look, age_colors, draw, draw_difference
from tbtui.dashboards.histograms.subjects import Shown
from tbtui.dashboards.looks import Looks, put_message
from tbtui.events.summaries import Histogram
from tbtui.store.values import Unreadable

Floats = npt.NDArray[np.float64]

__all__ = ["Compare", "One", "Pair", "draw_full", "facts", "words_of_time"]

Compare = str
"""How two runs are compared: "" not, "beside" each other, or their "difference"."""

_BARS_FROM = 16
"""In lower panes there is only the picture, and a line of numbers."""
_NUMBERS = 5
"""Rows below bars: a rule, and numbers."""


@dataclass(frozen=True, slots=True)
class One:
    """The histogram at the cursor, None while it is being read; and why it can't be shown."""

    histogram: Histogram | None = None
    reason: str = ""

    @staticmethod
    def of(value: Histogram | Unreadable | None) -> One:
        """What a cache says of it."""
        return One(None, value.reason) if isinstance(value, Unreadable) else One(value)


@dataclass(frozen=True, slots=True)
class Pair:
    """The histogram at the cursor, and that at the mark where there is one."""

    here: One
    marked: One | None = None


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
    shown: Sequence[Shown], ones: Sequence[Pair], look: Look, looks: Looks, compare: Compare, width: int, height: int
) -> Cells:
    """The first series alone, or compared with the second. ones: the histograms at the cursor and the mark of each."""
    cells = blank(height, width)
    if width < 1 or height < 1:
        return cells
    difference = compare == "difference" and len(shown) > 1
    # Where the picture is of bars already, there are only numbers below it.
    bars = difference or look.mode != "bars"
    low = 0 if height < 6 else 1 if height < _BARS_FROM else max(9, min(height * 2 // 5, 18)) if bars else _NUMBERS
    upper = height - low
    if difference:
        note = f"{shown[0].label} minus {shown[1].label}"
        tags = list(dict.fromkeys(safe(one.panel.tag) for one in shown))
        first = replace(shown[0].subject, title=" minus ".join(tags), note=note)
        cells.paste(draw_difference(first, shown[1].subject, look, looks, width, upper), 0, 0)
    else:
        for one, col, room in _halves(shown, width):
            subject = one.subject
            if len(shown) > 1:  # the runs are what to tell apart
                subject = replace(subject, title=f"{one.sign}{one.label}", note=safe(one.panel.tag))
            cells.paste(draw(subject, look, looks, room, upper), 0, col)
            _put_sign(cells, one, col, looks)
    span = _span(shown)
    for (one, col, room), pair in zip(_halves(shown, width), ones, strict=False):
        if low == 1:
            cells.put(height - 1, col, _line(one, pair.here, room), looks.muted)
        elif low:
            name = one.label if difference else ""
            cells.paste(_lower(one, name, pair, span if bars else None, look, looks, room, low), upper, col)
    return cells


def _span(shown: Sequence[Shown]) -> tuple[float, float]:
    """The values of all histograms at the cursor and at the mark: their bars have one axis, to be compared."""
    numbers = [(one, number) for one in shown for number in (one.course.at(one.subject.step), one.subject.marked)]
    rows = [one.course.rows[number] for one, number in numbers if number is not None]
    used = [row for row in rows if row[TOTAL] > 0] or rows
    return min((float(row[LOW]) for row in used), default=0.0), max((float(row[HIGH]) for row in used), default=0.0)


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


def _lower(
    one: Shown,
    name: str,
    pair: Pair,
    span: tuple[float, float] | None,
    look: Look,
    looks: Looks,
    width: int,
    height: int,
) -> Cells:
    """When it was, its numbers, and its bars over `span` (None: no bars). name: of the run, where it is not above."""
    cells = blank(height, width)
    number = one.course.at(one.subject.step)
    if number is None:
        return cells
    words = words_of_time(one, number)
    if one.subject.step is None:
        words.insert(1, "newest")
    cells.put(0, 0, ("-" if looks.ascii else "─") * width, looks.faint)
    col = cells.put(0, 1, f" {cut(safe(name), width // 3)} ", looks.text) if name else 0
    cells.put(0, 1 + col, f" {_fitting(words, width - 4 - col)} ", looks.accent, BOLD)
    here = pair.here.histogram
    if here is None:
        lower = blank(height - 1, width)
        put_message(lower, safe(pair.here.reason) or "reading ...", looks.bad if pair.here.reason else looks.muted)
        cells.paste(lower, 1, 0)
        return cells
    found = facts(statistics(here))
    most = height - 1 if span is None else max(1, height // 3)
    bins = max(BINS, min(2 * BINS, width // 2))
    if span is not None:
        edges = bin_edges(*span, bins)
        found.append(("a bar is", f"{format_value(float(edges[1] - edges[0]))} wide"))
    row = _put_facts(cells, 1, most, found, looks)
    marked = None if one.subject.marked is None or pair.marked is None else pair.marked.histogram
    if marked is not None and one.subject.marked is not None and row < height:
        step = format_step(int(one.course.digest.steps[one.subject.marked]))
        cells.put(row, 0, _fitting([f"step {step}", *map(" ".join, facts(statistics(marked)))], width), looks.text)
        row += 1
    if span is not None:
        several = [here, marked] if marked is not None else [here]
        cells.paste(_in_bars(rebin(several, *span, bins), edges, look, looks, width, height - row), row, 0)
    return cells


def _put_facts(cells: Cells, row: int, most: int, found: list[tuple[str, str]], looks: Looks) -> int:
    """Names and numbers in at most so many lines; the row after them."""
    col, last = 0, row + most - 1
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


def _in_bars(counts: Floats, edges: Floats, look: Look, looks: Looks, width: int, height: int) -> Cells:
    """Bars of the first row of counts, and the tops of the second where there is one."""
    most = float(counts.max(initial=0.0)) or 1.0
    y = Axis(0.0, most, "symlog", 1.0) if look.log else Axis(0.0, most)
    heights = np.asarray(y.fraction(counts))
    spec = HeatSpec(
        lambda rows, columns: heights[:1],
        Axis(float(edges[0]), float(edges[-1])),
        y,
        x_kind="number",
        names=("value", "count"),
        shading=looks.shading,
        axis_color=looks.faint,
        label_color=looks.muted,
    )
    color = age_colors(np.array([1.0]), looks)[0]
    return draw_bars(spec, width, height, color, heights[1] if len(heights) > 1 else None, looks.text).cells
