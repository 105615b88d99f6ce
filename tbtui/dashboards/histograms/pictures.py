"""Histograms over time as pictures: ridges, curves over each other, a heat map, or the bars of one step."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.histograms import BINS, bin_edges
from tbtui.analysis.numbers import format_duration, format_step, format_value
from tbtui.analysis.ticks import nice_ticks
from tbtui.charts.bars import Ridges, draw_bars, draw_ridges, ridge_count
from tbtui.charts.canvas import Curve, Window, draw_curves
from tbtui.charts.cells import BOLD, DEFAULT, Cells, blank
from tbtui.charts.heat import HeatSpec, draw_heat_map, open_plot
from tbtui.charts.palette import amounts
from tbtui.dashboards.histograms.course import Course, Range, Way
from tbtui.dashboards.looks import Looks, put_message

__all__ = ["Look", "Mode", "Subject", "age_colors", "draw", "draw_difference", "nothing"]

Floats = npt.NDArray[np.float64]
Mode = Literal["ridges", "overlay", "heat", "bars"]

_CURVES = 24
_LABELS = 8
"""Cells beside a plot, about."""
_USUAL, _FAR_FULLER = 0.9, 2.0
"""The share of columns that a heat map shows in full, if the fullest one is so many times as full as these."""

WAY_NAMES: dict[Way, str] = {"step": "step", "relative": "time", "wall": "time"}
_YOUNGEST, _OLDEST = 1.0, 0.28
"""Shares of the colour scale that the newest and the oldest step have."""
_FEW: dict[bool, tuple[int, ...]] = {True: (0x0000AA, 0x00AAAA, 0xFFFFFF), False: (0x00AAAA, 0x0000AA, 0x000000)}


@dataclass(frozen=True, slots=True)
class Look:
    """How histograms are drawn. log: counts are; each: every step has its own scale; central: far values are left out.

    way: what the axis of time counts.
    """

    mode: Mode = "ridges"
    log: bool = False
    each: bool = False
    central: bool = False
    way: Way = "step"


@dataclass(frozen=True, slots=True)
class Subject:
    """What one picture is about.

    note: said after the title where there is room; step: where the cursor is, None: on the newest step; focused: it has
    the focus; mark: a step that stays in sight.
    """

    title: str
    note: str
    course: Course
    range: Range
    step: int | None = None
    focused: bool = False
    bins: int = BINS
    mark: int | None = None

    @property
    def marked(self) -> int | None:
        """Which of those read is nearest to the mark; None without a mark, and where that is the one at the cursor."""
        number = self.course.at(self.mark) if self.mark is not None else None
        return None if number == self.course.at(self.step) else number


def draw(subject: Subject, look: Look, looks: Looks, width: int, height: int) -> Cells:
    """The picture in width x height cells."""
    spec = _spec(subject, looks)
    if not len(subject.course):
        return nothing(spec, "reading ..." if not subject.course.digest.unreadable else "", looks, width, height)
    draw_mode = {"ridges": _ridges, "overlay": _overlay, "heat": _heat, "bars": _bars}[look.mode]
    return draw_mode(subject, look, looks, spec, width, height)


def nothing(spec: HeatSpec, words: str, looks: Looks, width: int, height: int) -> Cells:
    """A heading, and a sentence instead of a picture."""
    cells, _ = open_plot(replace(spec, ends=("", "")), width, min(height, 2))
    full = blank(height, width)
    put_message(full, words, looks.muted)
    if height > 2:
        full.paste(cells, 0, 0)
    return full


def _spec(subject: Subject, looks: Looks) -> HeatSpec:
    """As for bars: values along x, counts up y."""
    low, high = subject.range
    return HeatSpec(
        lambda rows, columns: np.full((rows, columns), np.nan),
        Axis(low, high),
        Axis(0.0, 1.0),
        title=subject.title,
        note=subject.note,
        x_kind="number",
        names=("value", "count"),
        shading=looks.shading,
        bold=subject.focused,
        axis_color=looks.faint,
        label_color=looks.muted,
        text_color=looks.accent if subject.focused else looks.text,
        cursor_color=looks.accent,
    )


def _scaled(counts: Floats, look: Look, most: float) -> Floats:
    """Counts float64[n, bins] as shares of the most there are, of each row's own most where `look.each`."""
    with np.errstate(all="ignore"):
        top = np.nanmax(counts, axis=1, keepdims=True, initial=0.0) if look.each else np.float64(most)
        share = np.log1p(counts) / np.log1p(top) if look.log else counts / top
    return np.where(np.isnan(counts), np.nan, np.nan_to_num(share))


# --- heat map


def _heat(subject: Subject, look: Look, looks: Looks, spec: HeatSpec, width: int, height: int) -> Cells:
    course, (low, high) = subject.course, subject.range
    axis = course.axis()
    rows = max(height - 3, 1) * looks.shading.rows_a_cell
    most, more = _fullest(course.columns(course.counts(low, high, rows), axis, max(width - _LABELS, 1)), look)

    def fill(rows: int, columns: int) -> Floats:
        counts = course.columns(course.counts(low, high, rows), axis, columns)
        return np.minimum(_scaled(counts, look, most), 1.0)[:, ::-1].T

    ends = ("0", "fullest of its step") if look.each else ("0", f"{more}{format_value(most)}")
    spec = replace(
        spec,
        fill=fill,
        x=axis,
        y=Axis(low, high),
        x_kind=course.kind,
        names=(WAY_NAMES[course.way], "value"),
        ends=ends,
        unit="" if look.each else f"values per {format_value((high - low) / rows)}",
        cursor=_x_of(course, subject.step),
        mark=_x_of(course, subject.mark),
    )
    return draw_heat_map(spec, width, height).cells


def _fullest(counts: Floats, look: Look) -> tuple[float, str]:
    """The count float64[columns, bins] that has the last colour, and a sign where a few have more than that.

    Where a few columns are far fuller than all others (all weights begin with zeros), these would have no colour left.
    """
    tops = np.nan_to_num(counts).max(axis=1, initial=0.0)
    most, usual = float(tops.max(initial=0.0)), float(np.quantile(tops, _USUAL)) if len(tops) else 0.0
    return (usual, "≥") if not look.log and 0 < _FAR_FULLER * usual < most else (most, "")


def _x_of(course: Course, step: int | None) -> float | None:
    """Where on the axis of time a step is drawn."""
    number = course.at(step) if step is not None else None
    return None if number is None else float(course.x[number])


# --- ridges and curves


def age_colors(places: Floats, looks: Looks) -> list[int]:
    """A colour for each step from the oldest to the newest, -1 where there are no colours."""
    system = looks.shading.color_system
    if system == "none":
        return [DEFAULT] * len(places)
    if system == "16":
        few = _FEW[looks.shading.dark]
        return [few[min(int(place * len(few)), len(few) - 1)] for place in places]
    shares = _OLDEST + (_YOUNGEST - _OLDEST) * places
    rgb = amounts(shares, looks.shading.ground, looks.shading.dark).astype(np.int64)
    return [int(red << 16 | green << 8 | blue) for red, green, blue in rgb.tolist()]


def _groups(subject: Subject, wanted: int, looks: Looks) -> tuple[list[npt.NDArray[np.int64]], Floats, dict[int, int]]:
    """Steps by group, where each stands, and the colour of the groups at the mark and at the cursor: the histogram
    there stands for it alone."""
    course = subject.course
    groups = course.slices(wanted)
    strong: dict[int, int] = {}
    for step, color in ((subject.mark, looks.text), (subject.step, looks.accent)):
        number = course.at(step) if step is not None else None
        if number is None:
            continue
        far = [abs(int(group[-1]) - number) if number not in group else 0 for group in groups]
        here = int(np.argmin(far))
        groups[here] = np.array([number])
        strong.pop(here, None)
        strong[here] = color
    return groups, course.places(groups), strong


def _means(counts: Floats, groups: list[npt.NDArray[np.int64]]) -> Floats:
    return np.stack([counts[group].mean(axis=0) for group in groups])


def _ridges(subject: Subject, look: Look, looks: Looks, spec: HeatSpec, width: int, height: int) -> Cells:
    course, (low, high) = subject.course, subject.range
    groups, places, strong = _groups(subject, ridge_count(height, looks.ascii), looks)
    spec = replace(spec, names=("value", WAY_NAMES[course.way]))

    def profiles(columns: int) -> Floats:
        bins = max(BINS, min(columns // 3, 2 * BINS))
        means = _means(course.counts(low, high, bins), groups)
        heights = _scaled(means, look, float(means.max(initial=0.0)))
        middles, at = (np.arange(bins) + 0.5) / bins, (np.arange(columns) + 0.5) / columns
        return np.stack([np.interp(at, middles, row) for row in heights])

    colors = age_colors(places, looks)
    ridges = Ridges(spec, profiles, places, colors, _time_labels(course, height), strong)
    return draw_ridges(ridges, width, height).cells


def _time_labels(course: Course, height: int) -> list[tuple[float, str]]:
    """Labels of the axis that goes from the back to the front."""
    low, high = float(course.x[0]), float(course.x[-1])
    if not high > low:
        return [(1.0, _moment(course, high))]
    ticks = nice_ticks(Axis(low, high), max(2, height // 4), course.kind)
    labels = [((at - low) / (high - low), words) for at, words in zip(ticks.positions, ticks.labels, strict=True)]
    if course.way == "step":
        ends = [(place, _moment(course, x)) for place, x in ((0.0, low), (1.0, high))]
        return [ends[0], *(one for one in labels if 0.1 < one[0] < 0.9), ends[1]]
    return labels


def _moment(course: Course, x: float) -> str:
    if course.way == "step":
        return format_step(int(x))
    if course.way == "relative":
        return format_duration(x)
    ticks = nice_ticks(Axis(x, x), 1, "wall")
    return ticks.labels[0] if ticks.labels else ""


def _age_legend(course: Course, looks: Looks) -> tuple[str, str]:
    """What the first and the last colour mean."""
    if looks.shading.color_system == "none" or len(course) < 2:
        return "", ""
    steps = course.digest.steps
    return f"step {format_step(int(steps[0]))}", format_step(int(steps[-1]))


def _overlay(subject: Subject, look: Look, looks: Looks, spec: HeatSpec, width: int, height: int) -> Cells:
    course, (low, high) = subject.course, subject.range
    marked, here = subject.marked, course.at(subject.step)
    if marked is not None and here is not None:  # two steps were chosen
        groups, strong = [np.array([marked]), np.array([here])], {0: looks.text, 1: looks.accent}
        places = np.array([0.0, 1.0])
    else:
        groups, places, strong = _groups(subject, _CURVES, looks)
    bins = max(BINS, min(width, 80))
    means = _means(course.counts(low, high, bins), groups)
    if look.each:
        means = means / np.maximum(means.max(axis=1, keepdims=True), 1e-300)
    edges = bin_edges(low, high, bins)
    middles = edges[:-1] / 2 + edges[1:] / 2
    colors = age_colors(places, looks)
    order = [*[number for number in range(len(groups)) if number not in strong], *strong]
    curves = [
        Curve(middles, means[number], strong.get(number, colors[number]), dashed=marked is not None and number == 0)
        for number in order
    ]
    y = _count_axis(float(means.max(initial=0.0)), look)
    unit = "share of its fullest" if look.each else f"values per {format_value((high - low) / bins)}"
    note = f"{subject.note}  {unit}" if subject.note else unit
    ends = _age_legend(course, looks) if marked is None else ("", "")
    spec = replace(spec, y=y, ends=ends, note=note if width >= 80 else subject.note)
    cells, layout = open_plot(spec, width, height)
    plot = layout.plot
    if plot.width and plot.height:
        drawn = draw_curves(curves, Window(spec.x, y), plot.width, plot.height, looks.style, focus=len(curves) - 1)
        cells.paste(drawn, plot.row, plot.col)
        if marked is not None and here is not None:
            _put_two_steps(cells, course, marked, here, looks)
    return cells


def _put_two_steps(cells: Cells, course: Course, marked: int, here: int, looks: Looks) -> None:
    """Which curve, or which tops of bars, are of which step: at the right end of the heading, or under it."""
    lines = ("-", "=") if looks.ascii else ("╍", "━")
    steps = course.digest.steps[[marked, here]].tolist()
    words = [f"{sign}{sign} step {format_step(step)}" for sign, step in zip(lines, steps, strict=True)]
    col = cells.width - sum(map(len, words)) - 2
    row = next((row for row in (0, 1) if col >= 2 and (cells.glyphs[row, col - 2 :] == 0x20).all()), None)
    if row is None and cells.height > 1:
        row = 1
    if row is not None and col >= 0:
        cells.put(row, col, words[0], looks.text, BOLD)
        cells.put(row, col + len(words[0]) + 2, words[1], looks.accent, BOLD)


def _count_axis(most: float, look: Look) -> Axis:
    return Axis(0.0, most or 1.0, "symlog", 1.0) if look.log else Axis(0.0, most or 1.0)


# --- one step


def _bars(subject: Subject, look: Look, looks: Looks, spec: HeatSpec, width: int, height: int) -> Cells:
    course, (low, high) = subject.course, subject.range
    number = course.at(subject.step)
    assert number is not None
    counts = course.counts(low, high, subject.bins)
    marked = subject.marked
    seen = counts if not look.each else counts[[number] if marked is None else [number, marked]]
    y = _count_axis(float(seen.max(initial=0.0)), look)
    heights = y.fraction(counts[number])
    tops = None if marked is None else np.asarray(y.fraction(counts[marked]))
    color = age_colors(course.places([np.array([n]) for n in range(len(course))])[[number]], looks)[0]
    step = f"step {format_step(int(course.digest.steps[number]))}"
    words = f"{step}, values per {format_value((high - low) / subject.bins)}"
    note = f"{subject.note}  {words}" if subject.note and width >= 80 else words
    if len(note) + len(subject.title) + 2 > width:
        note = step
    spec = replace(spec, y=y, fill=lambda rows, columns: heights[None], note=note)
    cells = draw_bars(spec, width, height, color, tops, looks.text).cells
    if marked is not None:
        _put_two_steps(cells, course, marked, number, looks)
    return cells


# --- two runs


def draw_difference(one: Subject, other: Subject, look: Look, looks: Looks, width: int, height: int) -> Cells:
    """A heat map of where the first has more of its values than the second, and where fewer, over the steps of both."""
    spec = _spec(one, looks)
    if not len(one.course) or not len(other.course):
        return nothing(spec, "reading ...", looks, width, height)
    low, high = one.range
    first, second = one.course.axis(), other.course.axis()
    axis = Axis(min(first.low, second.low), max(first.high, second.high))
    rows = max(height - 3, 1) * looks.shading.rows_a_cell
    most = 0.0

    def shares(rows: int, columns: int) -> Floats:
        parts = []
        for course in (one.course, other.course):
            counts = course.counts(low, high, rows)
            totals = np.maximum(counts.sum(axis=1, keepdims=True), 1e-300)
            parts.append(course.columns(counts / totals, axis, columns))
        return parts[0] - parts[1]

    with np.errstate(all="ignore"):
        most = float(np.nanmax(np.abs(shares(rows, max(width - 8, 1))), initial=0.0))

    def fill(rows: int, columns: int) -> Floats:
        found = shares(rows, columns) / (most or 1.0)
        found = np.sign(found) * np.sqrt(np.abs(found)) if look.log else found
        return found[:, ::-1].T

    unit = f"of its values per {format_value((high - low) / rows)}"
    spec = replace(
        spec,
        fill=fill,
        x=axis,
        y=Axis(low, high),
        x_kind=one.course.kind,
        names=(WAY_NAMES[one.course.way], "value"),
        cursor=_x_of(one.course, one.step),
        mark=_x_of(one.course, one.mark),
        ends=(f"-{most:.1%}", f"+{most:.1%}"),
        unit=unit,
        ramp="difference",
    )
    return draw_heat_map(spec, width, height).cells
