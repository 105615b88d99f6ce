"""Boxes joined by lines: a small layered graph as cells, from left to right, or from top to bottom where it is narrow.

Wide, every level is a column and every line has a row of its own at both ends, with its label on it. Narrow, the boxes
stand below each other and the lines run beside them; lines with one end in common share their way.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.cells import BOLD, DEFAULT, DIM, Cells, blank
from tbtui.charts.lines import ASCII_BORDERS, BORDERS, FOCUS_BORDERS, Wires

__all__ = ["Box", "Drawing", "Line", "Place", "draw_boxes"]

NARROWEST_BOX, WIDEST_BOX = 14, 40
SHORTEST_LABEL = 8
USUAL_BOX, USUAL_LABEL = 20, 13
"""Where room is short, what is wider than these is cut first."""
_AROUND_LABEL = 4  # "─ label ─"
_ARROW = 2


@dataclass(frozen=True, slots=True)
class Box:
    """One box: lines of text, the first its title; boxes of the lowest level come first."""

    lines: tuple[str, ...]
    level: int
    color: int = DEFAULT
    dim: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """A line from one box to another, by their places in the list. dashed: it carries no data."""

    source: int
    target: int
    label: str = ""
    dashed: bool = False


@dataclass(frozen=True, slots=True)
class Place:
    """Where a box is in the drawing, in cells, its border included."""

    row: int
    col: int
    height: int
    width: int


@dataclass(frozen=True, slots=True)
class Drawing:
    """The drawing, as high as it needs to be; where each box is in it; whether levels are columns."""

    cells: Cells
    places: list[Place]
    columns: bool


def draw_boxes(
    boxes: Sequence[Box], lines: Sequence[Line], width: int, *, focus: int | None = None, ascii_only: bool = False
) -> Drawing:
    """Boxes and the lines between them, at most `width` cells wide (45 or more read well).

    focus: the box with the heavy border. A box may be moved away from the middle (level 0) so that all lines lead to
    the right; a line that closes a circle is told by a sign in the box it comes from. The same input gives the same
    drawing.
    """
    if not boxes:
        return Drawing(blank(0, max(1, width)), [], True)
    boxes = [replace(box, lines=tuple(safe(line) for line in box.lines) or ("",)) for box in boxes]
    back = _back_lines(boxes, lines)
    forward = [replace(line, label=safe(line.label)) for i, line in enumerate(lines) if i not in back]
    boxes = _layered(boxes, forward)
    plan = _in_columns(boxes, forward, width) or _in_a_row(boxes, forward, width)
    height = max(place.row + place.height for place in plan.places)
    cells = blank(height, width)
    plan.wires.draw(cells, ascii_only)
    for number, (box, place) in enumerate(zip(boxes, plan.places, strict=False)):
        returns = any(lines[i].source == number for i in back)
        _draw_box(cells, box, place, number == focus, returns, ascii_only)
    for row, col, text in plan.labels:
        cells.put(row, col, text, attrs=DIM)
    return Drawing(cells, plan.places[: len(boxes)], plan.columns)


def _back_lines(boxes: Sequence[Box], lines: Sequence[Line]) -> set[int]:
    """The lines that close a circle, by their numbers: those without them lead nowhere back. No recursion."""
    out: dict[int, list[int]] = {}
    for number in sorted(range(len(lines)), key=lambda n: (boxes[lines[n].target].level, n)):
        out.setdefault(lines[number].source, []).append(number)
    back: set[int] = set()
    state = [0] * len(boxes)  # 1 on the way, 2 done
    for start in sorted(range(len(boxes)), key=lambda n: (boxes[n].level, n)):
        if state[start]:
            continue
        way = [(start, iter(out.get(start, ())))]
        state[start] = 1
        while way:
            box, rest = way[-1]
            following = next(rest, None)
            if following is None:
                state[box] = 2
                way.pop()
                continue
            target = lines[following].target
            if state[target] == 1:
                back.add(following)
            elif not state[target]:
                state[target] = 1
                way.append((target, iter(out.get(target, ()))))
    return back


def _layered(boxes: Sequence[Box], lines: Sequence[Line]) -> list[Box]:
    """The same boxes, moved away from the middle as far as it takes for all lines to lead to a higher level."""
    levels = [box.level for box in boxes]
    for _ in boxes:
        moved = False
        for line in lines:
            if levels[line.source] >= levels[line.target]:
                moved = True
                if levels[line.source] < 0:
                    levels[line.source] = levels[line.target] - 1
                else:
                    levels[line.target] = levels[line.source] + 1
        if not moved:
            break
    return [replace(box, level=level) for box, level in zip(boxes, levels, strict=True)]


def _split(boxes: Sequence[Box], lines: Sequence[Line]) -> tuple[list[Box], list[Line]]:
    """Lines that pass columns by are led through boxes without lines of text, which stand behind the others."""
    known = sorted({box.level for box in boxes})
    at = {level: i for i, level in enumerate(known)}
    longer, pieces = list(boxes), []
    for line in lines:
        source, label = line.source, line.label
        for i in range(at[boxes[line.source].level] + 1, at[boxes[line.target].level]):
            longer.append(Box((), known[i]))
            pieces.append(Line(source, len(longer) - 1, label, line.dashed))
            source, label = len(longer) - 1, ""
        pieces.append(Line(source, line.target, label, line.dashed))
    return longer, pieces


@dataclass(slots=True)
class _Plan:
    places: list[Place]
    wires: Wires
    labels: list[tuple[int, int, str]]
    columns: bool


def _draw_box(cells: Cells, box: Box, place: Place, focused: bool, back: bool, ascii_only: bool) -> None:
    borders = ASCII_BORDERS if ascii_only else FOCUS_BORDERS if focused else BORDERS
    corners, across, down = borders[:4], borders[4], borders[5]
    bottom = place.row + place.height - 1
    attrs = BOLD if focused else DIM if box.dim else 0
    inner = place.width - 2
    mark = ("<" if ascii_only else "↺") if back else across
    cells.put(place.row, place.col, corners[0] + across * inner + corners[1], box.color, attrs)
    cells.put(bottom, place.col, corners[2] + across * (inner - 1) + mark + corners[3], box.color, attrs)
    for row in range(place.row + 1, bottom):
        cells.put(row, place.col, down + " " * inner + down, box.color, attrs)
        number = row - place.row - 1
        if number < len(box.lines):
            text = cut(box.lines[number], inner - 2, "middle", "..." if ascii_only else "…")
            style = (BOLD if number == 0 and not box.dim else 0) | (DIM if box.dim or number else 0)
            cells.put(row, place.col + 2, text, box.color if number == 0 else DEFAULT, style)


def _natural_width(box: Box) -> int:
    return min(WIDEST_BOX, max(NARROWEST_BOX, 4 + max((cell_width(line) for line in box.lines), default=0)))


def _ordered(boxes: Sequence[Box], lines: Sequence[Line]) -> dict[int, list[int]]:
    """The boxes of each level, those with neighbours at the same height near each other (two sweeps of means)."""
    levels: dict[int, list[int]] = {}
    for number, box in enumerate(boxes):
        levels.setdefault(box.level, []).append(number)
    order = sorted(levels)
    for sweep in (order, order[::-1]):
        spots = {number: i / max(1, len(level)) for level in levels.values() for i, number in enumerate(level)}
        for level in sweep:
            row = levels[level]
            means = {}
            for i, number in enumerate(row):
                near = [spots[line.source] for line in lines if line.target == number]
                near += [spots[line.target] for line in lines if line.source == number]
                means[number] = sum(near) / len(near) if near else i / max(1, len(row))
            row.sort(key=lambda number: (means[number], number))
            spots.update({number: i / max(1, len(row)) for i, number in enumerate(row)})
    return {level: levels[level] for level in order}


def _in_columns(boxes: Sequence[Box], lines: Sequence[Line], width: int) -> _Plan | None:
    """Levels as columns; None where they do not fit side by side."""
    boxes, lines = _split(boxes, lines)
    levels = _ordered(boxes, lines)
    columns = list(levels)
    at = {level: i for i, level in enumerate(columns)}
    wide = [max(_natural_width(boxes[number]) for number in levels[level]) for level in columns]
    gaps: list[list[int]] = [[] for _ in columns[1:]]
    for number, line in enumerate(lines):
        gaps[at[boxes[line.source].level]].append(number)
    labels = [max((cell_width(lines[n].label) for n in gap), default=0) for gap in gaps]
    # As much room for channels as there are lines that may have to turn: all but one.
    spare = [max(1, len(gap) - 1) if len(gap) > 1 else 1 for gap in gaps]
    fixed = sum(spare) + (_AROUND_LABEL + _ARROW) * len(gaps)
    while sum(wide) + sum(labels) + fixed > width:
        label, box = max(labels, default=0), max(wide)
        if box > USUAL_BOX or (label <= USUAL_LABEL and box > NARROWEST_BOX):
            wide[wide.index(box)] -= 1
        elif label > SHORTEST_LABEL:
            labels[labels.index(label)] -= 1
        else:
            return None
    ends = [[0, 0] for _ in boxes]
    for line in lines:
        ends[line.source][1] += 1
        ends[line.target][0] += 1
    heights = [2 + max(len(box.lines), *ends[number]) if box.lines else 1 for number, box in enumerate(boxes)]
    total = [sum(heights[n] for n in levels[level]) for level in columns]
    height = max(total)
    lefts, left = [], 0
    for i in range(len(columns)):
        lefts.append(left)
        left += wide[i] + (labels[i] + _AROUND_LABEL + spare[i] + _ARROW if i < len(gaps) else 0)
    places: list[Place | None] = [None] * len(boxes)
    for i, level in enumerate(columns):
        row = (height - total[i]) // 2
        for number in levels[level]:
            places[number] = Place(row, lefts[i], heights[number], wide[i])
            row += heights[number]
    done = [place for place in places if place is not None]
    wires, texts = Wires(), []
    for one, place in zip(boxes, done, strict=True):
        if not one.lines:
            dashed = any(line.dashed for line in lines if done[line.source] is place)
            wires.across(place.row, place.col, place.col + place.width - 1, dashed)
    for i, gap in enumerate(gaps):
        start = lefts[i] + wide[i]
        texts += _route_gap(lines, gap, done, start, labels[i], lefts[i + 1] - 1, wires)
    return _Plan(done, wires, texts, True)


def _route_gap(
    lines: Sequence[Line], gap: list[int], places: list[Place], left: int, label: int, right: int, wires: Wires
) -> list[tuple[int, int, str]]:
    """Draws the lines between two columns; returns their labels. left, right: first and last cell of the gap."""
    leaving = _ports(gap, [lines[n].source for n in gap], [places[lines[n].target].row for n in gap], places)
    arriving = _ports(gap, [lines[n].target for n in gap], [places[lines[n].source].row for n in gap], places)
    turning = [n for n in gap if leaving[n] != arriving[n]]
    channels = {n: i for i, n in enumerate(_channel_order(turning, leaving, arriving))}
    first = left + label + _AROUND_LABEL
    texts = []
    for n in gap:
        line, begin, end = lines[n], leaving[n], arriving[n]
        if n in channels:
            col = min(first + channels[n], right - 1)
            wires.across(begin, left, col, line.dashed)
            wires.down(col, begin, end, line.dashed)
            wires.across(end, col, right, line.dashed)
        else:
            wires.across(begin, left, right, line.dashed)
        if places[line.target].height > 1:
            wires.arrows.append((end, right, "▶"))
        if line.label:
            texts.append((begin, left + 1, f" {cut(line.label, label, 'tail')} "))
    return texts


def _ports(gap: list[int], boxes: list[int], others: list[int], places: list[Place]) -> dict[int, int]:
    """A row of its own for each line at its box, in the order of what is at the other ends."""
    rows: dict[int, int] = {}
    at: dict[int, list[tuple[int, int]]] = {}
    for n, box, other in zip(gap, boxes, others, strict=True):
        at.setdefault(box, []).append((other, n))
    for box, mine in at.items():
        inner = places[box].height - 2
        if inner < 0:  # a line that passes by
            rows.update({n: places[box].row for _, n in mine})
            continue
        top = places[box].row + 1 + (inner - len(mine)) // 2
        for i, (_, n) in enumerate(sorted(mine)):
            rows[n] = top + min(i, inner - 1)
    return rows


def _channel_order(turning: list[int], leaving: dict[int, int], arriving: dict[int, int]) -> list[int]:
    """The lines in the order in which they turn, from the left, such that no two lie on one another.

    A line that leaves at a row must have turned before another one arrives there.
    """
    waiting = sorted(
        turning, key=lambda n: (arriving[n] > leaving[n], -leaving[n] if arriving[n] > leaving[n] else leaving[n], n)
    )
    order: list[int] = []
    while waiting:
        free = next(
            (n for n in waiting if not any(leaving[m] == arriving[n] for m in waiting if m != n)), waiting[0]
        )  # fmt: skip
        waiting.remove(free)
        order.append(free)
    return order


def _in_a_row(boxes: Sequence[Box], lines: Sequence[Line], width: int) -> _Plan:
    """All boxes below each other, level by level, the lines at their right."""
    numbers = [number for level in _ordered(boxes, lines).values() for number in level]
    trunks = _trunks(lines, len(boxes))
    heights = [2 + max(len(box.lines), _stops(trunks, number)) for number, box in enumerate(boxes)]
    longest = max((cell_width(line.label) for line in lines), default=0)
    tops: dict[int, int] = {}
    row = 0
    for number in numbers:
        tops[number] = row
        row += heights[number]
    rows = _rows_of(trunks, boxes, tops, heights)
    channels = _channels(trunks, rows)
    lanes = 2 * (max(channels, default=-1) + 1)
    free = width - lanes - _AROUND_LABEL
    label = max(0, min(longest, max(free // 3, free - WIDEST_BOX)))
    wide = max(4, min(WIDEST_BOX, free - label))
    places = [Place(tops[number], 0, heights[number], wide) for number in range(len(boxes))]
    wires, texts = Wires(), []
    for i, trunk in enumerate(trunks):
        col = min(width - 1, wide + label + _AROUND_LABEL + 2 * channels[i])
        ends = [*rows[i].values()]
        dashed = all(lines[n].dashed for n in trunk.lines)
        wires.down(col, min(ends), max(ends), dashed)
        for box, at in rows[i].items():
            wires.across(at, wide, col, dashed)
            if trunk.leads_to(box):
                wires.arrows.append((at, wide, "◀"))
        for n in trunk.lines:
            at = rows[i][lines[n].source if trunk.into else lines[n].target]
            if lines[n].label and label:
                texts.append((at, wide + 1, f" {cut(lines[n].label, label, 'tail')} "))
    return _Plan(places, wires, texts, False)


@dataclass(frozen=True, slots=True)
class _Trunk:
    """Lines with one end in common: into that box, or out of it."""

    hub: int
    into: bool
    lines: tuple[int, ...]
    others: tuple[int, ...]

    def leads_to(self, box: int) -> bool:
        """Whether an arrow stands at the box."""
        return (box == self.hub) == self.into


def _trunks(lines: Sequence[Line], count: int) -> list[_Trunk]:
    """Lines joined where they have an end in common: at the box that has more of them."""
    into, out = [0] * count, [0] * count
    for line in lines:
        into[line.target] += 1
        out[line.source] += 1
    groups: dict[tuple[int, bool], list[int]] = {}
    for number, line in enumerate(lines):
        joins = into[line.target] >= out[line.source]
        groups.setdefault((line.target if joins else line.source, joins), []).append(number)
    return [
        _Trunk(hub, joins, tuple(group), tuple(lines[n].source if joins else lines[n].target for n in group))
        for (hub, joins), group in groups.items()
    ]


def _stops(trunks: list[_Trunk], box: int) -> int:
    return sum(1 for trunk in trunks if trunk.hub == box or box in trunk.others)


def _rows_of(
    trunks: list[_Trunk], boxes: Sequence[Box], tops: dict[int, int], heights: list[int]
) -> list[dict[int, int]]:
    """For each trunk the row at which it touches each of its boxes: what comes in above what goes out."""
    used: dict[int, list[tuple[bool, int]]] = {}
    for i, trunk in enumerate(trunks):
        for box in (trunk.hub, *trunk.others):
            touch = (not trunk.leads_to(box), i)
            if touch not in used.setdefault(box, []):
                used[box].append(touch)
    rows: list[dict[int, int]] = [{} for _ in trunks]
    for box, touches in used.items():
        for place, (_, i) in enumerate(sorted(touches)):
            rows[i][box] = tops[box] + 1 + min(place, heights[box] - 3)
    return rows


def _channels(trunks: list[_Trunk], rows: list[dict[int, int]]) -> list[int]:
    """The nearest lane for each trunk in which no other one runs beside it; short ones first."""
    spans = [(min(ends.values()), max(ends.values())) for ends in rows]
    taken: list[list[tuple[int, int]]] = []
    channels = [0] * len(trunks)
    for i in sorted(range(len(trunks)), key=lambda i: (spans[i][1] - spans[i][0], i)):
        begin, end = spans[i]
        free = (
            lane for lane, others in enumerate(taken) if all(end < other[0] or begin > other[1] for other in others)
        )
        lane = next(free, len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((begin, end))
        channels[i] = lane
    return channels
