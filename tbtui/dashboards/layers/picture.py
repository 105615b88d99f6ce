"""Drawing layers at a glance: a line for each with its name, its strip of colour, its number, and what is wrong."""

from __future__ import annotations

import re
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.analysis.layers import STATISTICS, Floats, Statistic
from tbtui.analysis.numbers import format_step, format_value
from tbtui.analysis.text import cell_width, cut, safe
from tbtui.analysis.ticks import TickKind, fit_ticks, tick_cells
from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.charts.marks import HALF
from tbtui.dashboards.layers.rows import LayerRow, reading_words
from tbtui.dashboards.layers.strips import Scale, in_columns, scale_of
from tbtui.dashboards.looks import Looks, put_cut, put_message
from tbtui.dashboards.steps import nearest

__all__ = ["Look", "Picture", "Strips", "draw", "page_rows"]

VALUE = 10
"""Cells of the number at the cursor."""

WORDS_FROM = 64
"""From so many columns on flags are words, else signs."""

FOOT_FROM, AXIS_FROM, HEAD_FROM = 12, 8, 4
"""Rows that the pane has at least where it has words about the focused layer, an x axis, headings."""

TALLEST = 3
"""Rows of cells that a layer has at most."""

STRIP = 14
"""Cells of the legend of colours."""


@dataclass(frozen=True, slots=True)
class Look:
    """What is drawn besides the rows. run: its name; focus: number of the focused row; top: of the first one shown;
    step: of the cursor; own: each layer has colours of its own range; kind: of x axis; start: when the run began."""

    run: str
    statistic: Statistic
    order: str
    which: str
    focus: int
    top: int
    step: int | None
    own: bool
    kind: TickKind
    start: float
    why_empty: str
    looks: Looks


@dataclass(frozen=True, slots=True)
class Picture:
    """Cells; where the rows of layers are: first row of cells, rows of cells a layer, number of the first and how many;
    and where the strips are: first column, and what x they show."""

    cells: Cells
    body: int
    tall: int
    top: int
    count: int
    left: int
    width: int
    x: Axis


@dataclass(frozen=True, slots=True)
class _Ground:
    """All that does not depend on where the cursor and the focus are. value: cells of numbers; names: cells of names;
    called: the names of all rows; end: the row of cells below the strips."""

    picture: Picture
    value: int
    names: int
    called: Sequence[str]
    end: int


class Strips:
    """What was drawn last: moving the cursor draws none of it anew."""

    def __init__(self) -> None:
        self._kept: dict[str, tuple[Hashable, Cells]] = {}
        self._ground: tuple[Hashable, _Ground] | None = None

    def strip(self, row: LayerRow, scale: Scale, size: tuple[int, int], x: Axis, look: Look) -> Cells:
        """The strip of a layer, so many cells wide and high; where it is high a little is left free below it."""
        shading = look.looks.shading
        key = (row.stamp, scale, size, x, look.kind, look.start, shading)
        known = self._kept.get(row.layer.tag)
        if known is None or known[0] != key:
            amounts = scale.amounts(in_columns(_x(row, look), row.values, x.low, x.high, size[0]))
            table = np.repeat(amounts[None], size[1] * shading.rows_a_cell, axis=0)
            if size[1] > 1:
                table[-1] = np.nan
            known = self._kept[row.layer.tag] = (key, shading.cells(table, scale.ramp))
        return known[1]

    def ground(self, rows: Sequence[LayerRow], look: Look, width: int, height: int) -> _Ground:
        """All but the cursor, the focus and what is read there."""
        stamps = tuple((row.layer.tag, row.stamp) for row in rows)
        key = (stamps, replace(look, focus=0, step=None), width, height)
        if self._ground is None or self._ground[0] != key:
            self._ground = (key, _draw_ground(rows, look, width, height, self))
        return self._ground[1]


def page_rows(height: int, rows: int) -> tuple[int, int]:
    """(layers that fit, rows of cells of each) in a pane of some height."""
    room = height - _head(height) - _below(height)
    tall = max(1, min(room // max(rows, 1), TALLEST))
    return max(1, room // tall), tall


def _head(height: int) -> int:
    return 2 if height >= AXIS_FROM else int(height >= HEAD_FROM)


def _below(height: int) -> int:
    return (2 if height >= AXIS_FROM else 0) + (3 if height >= FOOT_FROM else 0)


def draw(rows: Sequence[LayerRow], look: Look, width: int, height: int, kept: Strips) -> Picture:
    """All of the pane. kept: what was drawn the last time; only for rows of one run."""
    looks = look.looks
    if not rows:
        cells = blank(height, width)
        put_message(cells, look.why_empty, looks.muted)
        return Picture(cells, 0, 1, 0, 0, 0, 0, Axis(0.0, 1.0))
    ground = kept.ground(rows, look, width, height)
    found = replace(ground.picture, cells=ground.picture.cells.copy())
    cells, right, value = found.cells, found.left + found.width, ground.value
    column = _column(look, found.x, found.width)
    if column is not None:
        _put_cursor(cells, found, ground.end, column, looks)
    for number in range(found.count if value else 0):
        line, row = found.body + number * found.tall, rows[found.top + number]
        color = looks.text if found.top + number == look.focus else looks.muted
        put_cut(cells, line, right, value, _number(row, look.step), color, right=True, looks=looks)
    if found.top <= look.focus < found.top + found.count:
        name, line = ground.called[look.focus], found.body + (look.focus - found.top) * found.tall
        _put_name(cells, line, found.tall, ground.names, name, looks.accent, BOLD | REVERSE, looks)
    if height >= FOOT_FROM and look.focus < len(rows):
        _put_foot(cells, ground.end + 2, rows[look.focus], look)
    return found


def _draw_ground(rows: Sequence[LayerRow], look: Look, width: int, height: int, kept: Strips) -> _Ground:
    cells, looks = blank(height, width), look.looks
    fit, tall = page_rows(height, len(rows))
    shown = list(rows[look.top : look.top + fit])
    called = row_names([row.layer.tag for row in rows], max(10, width // 4))
    names = min(max(map(cell_width, called)), max(10, width // 4))
    flagged = [row for row in rows if row.flags]
    words = max(len(row.flags[0].word) for row in flagged) + 2 if flagged and width >= WORDS_FROM else 0
    value = VALUE if width >= 40 else 0
    left = names + 3
    strip = max(1, width - left - value - words - 1)
    x = _axis(rows, look)
    shades = [scale_of(look.statistic, [row.values]) for row in shown] if look.own else None
    scale = scale_of(look.statistic, [row.values for row in rows])
    body = _head(height)
    if body:
        _put_heading(cells, rows, look, scale)
    if body > 1:
        order = {"network": "in network order", "flags": "flagged first"}.get(look.order, f"largest {look.order} first")
        cells.put(1, 2, cut(f"{look.which} {order}", names + strip), looks.faint)
        put_cut(cells, 1, left + strip, value, look.statistic.short, looks.faint, right=True, looks=looks)
        if words:
            cells.put(1, left + strip + value + 2, "flag", looks.faint)
    for number, row in enumerate(shown):
        line = body + number * tall
        if row.flags:
            cells.put(line, 0, "!", looks.bad, BOLD)
        color = looks.text if row.flags else looks.muted
        _put_name(cells, line, tall, names, called[look.top + number], color, 0, looks)
        cells.paste(kept.strip(row, shades[number] if shades else scale, (strip, tall), x, look), line, left)
        if words and row.flags:
            put_cut(cells, line, left + strip + value + 2, words - 2, row.flags[0].word, looks.bad, BOLD, looks=looks)
    end = body + len(shown) * tall
    if height >= AXIS_FROM:
        _put_axis(cells, end, left, strip, x, look)
    return _Ground(Picture(cells, body, tall, look.top, len(shown), left, strip, x), value, names, called, end)


def _x(row: LayerRow, look: Look) -> Floats:
    if look.kind == "step":
        return row.layer.steps.astype(np.float64)
    return row.layer.walls - (look.start if look.kind == "relative" else 0.0)


def _axis(rows: Sequence[LayerRow], look: Look) -> Axis:
    ends = [found for row in rows if len(found := _x(row, look)) and np.isfinite(found).any()]
    if not ends:
        return Axis(0.0, 1.0)
    low, high = min(float(np.nanmin(one)) for one in ends), max(float(np.nanmax(one)) for one in ends)
    return Axis(low, high) if low < high else Axis(low - 1.0, high + 1.0)


def _column(look: Look, x: Axis, width: int) -> int | None:
    """Where the cursor stands; it is a step, which has a place on an axis of steps only."""
    if look.step is None or look.kind != "step" or not x.low <= look.step <= x.high:
        return None
    return min(int((look.step - x.low) / (x.high - x.low) * width), width - 1)


def _put_heading(cells: Cells, rows: Sequence[LayerRow], look: Look, scale: Scale) -> None:
    """Run and statistic, and at the right what the colours mean."""
    looks = look.looks
    low, high = ("least", "most") if look.own else scale.ends
    legend = looks.shading.strip(STRIP, scale.ramp)
    right = cells.width - STRIP - len(low) - len(high) - 3
    statistic = look.statistic.name if right >= cell_width(look.statistic.name) + 4 else look.statistic.short
    if right >= cell_width(statistic) + 4:
        cells.put(0, right, low, looks.muted)
        cells.paste(legend, 0, right + len(low) + 1)
        cells.put(0, right + len(low) + STRIP + 2, high, looks.muted)
    else:
        right = cells.width
    col = cells.put(0, 0, cut(statistic, right - 1), looks.text, BOLD)
    reading = reading_words(rows)
    flagged = sum(bool(row.flags) for row in rows)
    facts = [(look.run, looks.muted), (f"{len(rows)} {look.which}", looks.muted)]
    facts += [(f"{flagged} flagged", looks.bad)] if flagged else []
    facts += [(reading, looks.accent)] if reading else []
    for text, color in facts:
        text = safe(text)
        if col + 2 + cell_width(text) < right:
            col += 2
            col += cells.put(0, col, text, color)


def row_names(tags: Sequence[str], room: int) -> list[str]:
    """Tags as they are shown: made safe, and where they are too long without the parts that all have in common."""
    shown = [safe(tag) for tag in tags]
    if len(set(shown)) < 2 or max(map(cell_width, shown)) <= room:
        return shown
    pieces = [re.split(r"(?<=[/.])", tag) for tag in shown]
    least = min(map(len, pieces)) - 1
    same = [len({tuple(one[:count]) for one in pieces}) == 1 for count in range(1, least + 1)]
    first = same.index(False) if False in same else least
    ends = [re.split(r"(?=[/.])", "".join(one[first:])) for one in pieces]
    least = min(map(len, ends)) - 1
    same = [len({tuple(one[-count:]) for one in ends}) == 1 for count in range(1, least + 1)]
    last = same.index(False) if False in same else least
    return ["".join(one[: len(one) - last]) for one in ends]


def _put_name(cells: Cells, line: int, tall: int, room: int, name: str, color: int, attrs: int, looks: Looks) -> None:
    """A name in its cells; one that is too long goes on in the row below, where that is the layer's too."""
    if tall > 1 and cell_width(name) > room:
        ends = [found.end() for found in re.finditer(r"[/.]", name[:-1]) if cell_width(name[: found.end()]) <= room]
        if ends:
            cells.put(line, 2, name[: ends[-1]], color, attrs)
            line, name = line + 1, name[ends[-1] :]
    put_cut(cells, line, 2, room, name, color, attrs, keep="middle", looks=looks)


def _put_cursor(cells: Cells, found: Picture, end: int, column: int, looks: Looks) -> None:
    """A line through all strips, and a sign on the axis."""
    here = (slice(found.body, min(end, cells.height)), found.left + column)
    if cells.backs is not None:
        both = (cells.glyphs[here] == HALF) & (cells.backs[here] >= 0)
        cells.backs[here] = np.where(both, cells.colors[here], cells.backs[here])
    cells.glyphs[here], cells.colors[here], cells.attrs[here] = ord("|" if looks.ascii else "│"), looks.text, BOLD
    if cells.height >= AXIS_FROM and end + 1 < cells.height:
        cells.put(end, found.left + column, "^" if looks.ascii else "▲", looks.text, BOLD)


def _number(row: LayerRow, step: int | None) -> str:
    """The statistic at the cursor, or the newest."""
    if not len(row.values):
        return ""
    number = nearest(row.layer.steps, step) if step is not None else len(row.values) - 1
    value = row.values[number if number is not None else -1]
    return "" if np.isnan(value) else format_value(float(value))


def _put_axis(cells: Cells, line: int, left: int, width: int, x: Axis, look: Look) -> None:
    looks = look.looks
    if line + 1 >= cells.height:
        return
    cells.put(line, left, ("-" if looks.ascii else "─") * width, looks.faint)
    ticks = fit_ticks(x, width, look.kind)
    free = left
    for cell, label in zip(tick_cells(x, ticks.positions, width), ticks.labels, strict=True):
        cells.put(line, left + cell, "+" if looks.ascii else "┬", looks.faint)
        begin = min(max(left, left + cell - len(label) // 2), cells.width - len(label))
        if begin >= free:
            free = begin + cells.put(line + 1, begin, label, looks.muted) + 1
    name = "step" if look.kind == "step" else "time"
    if max(free, left + width) + 1 + len(name) <= cells.width:
        cells.put(line + 1, max(free, left + width) + 1, name, looks.muted)


def _put_foot(cells: Cells, line: int, row: LayerRow, look: Look) -> None:
    """Words about the focused layer: its tag, numbers at the cursor, and the rules that flagged it."""
    looks, layer = look.looks, row.layer
    if line >= cells.height or not len(layer.steps):
        return
    number = nearest(layer.steps, look.step) if look.step is not None else len(layer.steps) - 1
    number = len(layer.steps) - 1 if number is None else number
    facts = [f"step {format_step(int(layer.steps[number]))}", *_facts(row, number)]
    room = min(max(cells.width // 3, 12), cells.width - 2)
    col = 2 + put_cut(cells, line, 2, room, layer.tag, looks.text, BOLD, keep="middle", looks=looks)
    last = max(line, cells.height - 1 - len(row.flags))
    for fact in facts:
        if col + 2 + len(fact) > cells.width and line < last:
            line, col = line + 1, 2
        if col + 2 + len(fact) <= cells.width:
            col += 2
            col += cells.put(line, col, fact, looks.muted)
    for number, flag in enumerate(row.flags[: cells.height - line - 1]):
        words = cells.put(line + 1 + number, 2, flag.word, looks.bad, BOLD)
        put_cut(cells, line + 1 + number, words + 3, cells.width - words - 3, flag.why, looks.text, looks=looks)


def _facts(row: LayerRow, number: int) -> list[str]:
    found = []
    for statistic in STATISTICS:
        value = statistic.of(row.layer)[number]
        if np.isnan(value):
            continue
        words = f"{100 * value:.3g}%" if statistic.scale == "share" else format_value(float(value))
        found.append(f"{statistic.short} {words}")
    return found
