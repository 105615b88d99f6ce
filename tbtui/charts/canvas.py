"""Curves as dots in cells: braille, quadrant blocks or plain characters, exact to the dot for any number of points.

Every dot column of a curve is one upright stretch of dots: from the smallest to the largest value of all points in it,
lengthened half way towards its neighbours where they would not touch.  So the cost depends on the size of the plot and
hardly on the number of points.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.bites import finished
from tbtui.analysis.extents import Extents, Rising, crossing, stacked_extents
from tbtui.analysis.paths import Path, column_path
from tbtui.analysis.reduce import Pyramid, find_turns
from tbtui.charts.cells import DEFAULT, DIM, Cells, blank
from tbtui.charts.dots import STYLES, DotStyle, Style

__all__ = ["Curve", "Kept", "Style", "Trace", "Window", "draw_curves", "draw_traces", "trace_ahead", "trace_curves"]

Bools = npt.NDArray[np.bool_]
Flags = npt.NDArray[np.uint8]
Owners = npt.NDArray[np.int32]
Rows = npt.NDArray[np.int32]

NO_POINTS = np.empty((0, 2), np.int64)
_FAR_ROW = 1 << 20
_WINDING = 20_000
"""Following curves that go to and fro through so many points takes some 5 ms."""
_RISING = 80
"""A curve whose x only goes up takes as long as so many such points, and a quarter of one more for each column."""
_AT_ONCE = 60_000
"""So many such points of curves that go up are not worth parting: what is done in one go is sooner on the screen."""
_CHUNK = 4_000_000
"""So many bits of curves at once, for the memory they take."""
_BITE = 1_000_000
"""So many for the time they take: some milliseconds."""
_MANY_BITS = 3_000_000
"""So many are united in parts of that size, fewer in one go."""


@dataclass(frozen=True, slots=True)
class Window:
    """The part of the plane that a plot shows. right: the y axis of curves that have the second one."""

    x: Axis
    y: Axis
    right: Axis | None = None

    def y_of(self, curve: Curve) -> Axis:
        """The y axis of a curve."""
        return self.right if curve.right and self.right is not None else self.y


@dataclass(slots=True)
class Curve:
    """A line through points, in the order of the arrays.

    x: int64[n] or float64[n] (steps as they are, no copy needed); y: float64[n] or float32[n], NaN and infinities
    break the line.  origin is subtracted from x: wall times and the start of the run make relative time.
    color: 0xRRGGBB or -1.  name: the run, shown in the legend.  marker: one character that tells the curve apart where
    there are no colours.  dim: drawn faint behind the others (the raw values behind a smoothed curve, superseded
    points); it is in no legend and does not count for the range.
    pyramid: of y, kept by the caller from frame to frame; without it every point in the window is looked at anew.
    turns: `find_turns(x)`, kept likewise; an empty array says that x only goes up; None: it is looked up here.
    last: the value shown beside the name, by default the last finite y.  dashed: drawn with gaps.
    stamp: changes whenever x, y or origin do, for `Kept`; None: the curve is always looked at anew.
    right: it belongs to the second y axis, if the window has one.  pale: as any other, but in a faint colour.
    """

    x: npt.NDArray[np.int64] | npt.NDArray[np.float64]
    y: npt.NDArray[np.float64] | npt.NDArray[np.float32]
    color: int = DEFAULT
    name: str = ""
    marker: str = ""
    dim: bool = False
    origin: float = 0.0
    pyramid: Pyramid | None = None
    turns: npt.NDArray[np.int64] | None = None
    last: float | None = None
    dashed: bool = False
    stamp: Hashable = None
    right: bool = False
    pale: bool = False


@dataclass(slots=True)
class Trace:
    """A curve as upright bars of dots: the first and the last dot row of each, counted from the top.

    top, bottom: int32[k, columns], up to k bars in a dot column (one where x only goes up), empty where top > bottom,
    not cut at the borders of the plot.
    alone: int64[m, 2], (dot row, dot column) of points that no line joins with others.
    flags: uint8[columns], bits of `analysis.reduce` for what else is in a column.
    """

    top: Rows
    bottom: Rows
    alone: npt.NDArray[np.int64]
    flags: Flags


@dataclass(slots=True)
class Kept:
    """What was found out about the curves of a plot that are not dim, so that another focus costs next to nothing.

    place: the window and the size; looks: the stamps of these curves, which may come and go while the place stays.
    """

    place: Hashable = None
    looks: tuple[Hashable, ...] = ()
    traces: Sequence[Trace] = ()
    union: tuple[Flags, Owners] | None = None

    def clear(self) -> None:
        """Forget it."""
        self.place, self.looks, self.traces, self.union = None, (), (), None


def draw_curves(
    curves: Sequence[Curve],
    window: Window,
    width: int,
    height: int,
    style: Style = "braille",
    focus: int | None = None,
    markers: Sequence[str] | None = None,
) -> Cells:
    """The curves in a plot of width x height cells; nothing else.

    In cells that several curves share the dots are united, and the colour is that of curve number `focus`, else of the
    curve with the most dots there.  Where a curve runs, dim ones behind it are not drawn.
    markers: a character for each curve ("" for none) that is put on its line here and there.
    """
    if width <= 0 or height <= 0:
        return blank(height, width)
    traces = trace_curves(curves, window, width, height, style)
    return draw_traces(traces, curves, width, height, style, focus, markers)


def trace_curves(
    curves: Sequence[Curve],
    window: Window,
    width: int,
    height: int,
    style: Style = "braille",
    kept: Kept | None = None,
) -> list[Trace]:
    """Where the dots of each curve are, in a plot of width x height cells (at least 1 x 1).

    kept: of this plot, brought up to date; what it has is not looked for again.
    """
    full = [curve for curve in curves if not curve.dim]
    if kept is None or any(curve.stamp is None for curve in full):
        if kept is not None:
            kept.clear()
        return _trace(curves, window, width, height, style)
    place, looks = (window, width, height, style), tuple(map(_look, full))
    if (kept.place, kept.looks) != (place, looks):
        known = dict(zip(kept.looks, kept.traces, strict=True)) if kept.place == place else {}
        new = [curve for curve, look in zip(full, looks, strict=True) if look not in known]
        found = iter(_trace(new, window, width, height, style))
        kept.traces = [known[look] if look in known else next(found) for look in looks]
        kept.place, kept.looks, kept.union = place, looks, None
    dim = iter(_trace([curve for curve in curves if curve.dim], window, width, height, style))
    rest = iter(kept.traces)
    return [next(dim if curve.dim else rest) for curve in curves]


def _look(curve: Curve) -> Hashable:
    return (curve.stamp, curve.dashed, curve.right)


def trace_ahead(
    curves: Sequence[Curve], window: Window, width: int, height: int, style: Style, kept: Kept
) -> Iterator[Callable[[], object] | None]:
    """What `trace_curves` and `draw_traces` would take long for, in parts of some milliseconds; it is in `kept` then.

    Curves that go to and fro are followed point by point: what is yielded for them is to be called before the next part
    is asked for. Hundreds of others, and uniting their dots, are done here, and None is yielded after each part.
    """
    full = [curve for curve in curves if not curve.dim]
    if any(curve.stamp is None for curve in full):
        return
    known = set(kept.looks) if kept.place == (window, width, height, style) else set()
    dots = STYLES[style]
    rising = _RISING + width * dots.columns // 4
    new = sum(_look(curve) not in known for curve in full)
    at_once = new * rising < _AT_ONCE
    points, winding = 0, False
    for curve in full:
        if _look(curve) in known:
            continue
        known.add(_look(curve))
        goes_back = curve.turns is None or len(curve.turns) > 0
        if at_once and not goes_back:
            continue
        points, winding = points + (len(curve.x) if goes_back else rising), winding or goes_back
        if points >= _WINDING:
            here = [one for one in full if _look(one) in known]
            part = partial(trace_curves, here, window, width, height, style, kept)
            if winding:
                yield part
            else:
                part()
                yield None
            points, winding = 0, False
    if len(full) * width * height * dots.columns >= _MANY_BITS:
        traces = trace_curves(full, window, width, height, style, kept)
        yield None
        if kept.union is None:
            kept.union = yield from _uniting(_with_their_gaps(traces, full, dots), dots, height, width, _BITE)


def _with_their_gaps(traces: Sequence[Trace], curves: Sequence[Curve], dots: DotStyle) -> list[Trace]:
    """The traces as they are shown: with the gaps of dashed curves."""
    return [
        _with_gaps(trace, dots.columns) if curve.dashed else trace for trace, curve in zip(traces, curves, strict=True)
    ]


def _trace(curves: Sequence[Curve], window: Window, width: int, height: int, style: Style) -> list[Trace]:
    if window.right is not None:
        size = (width, height, style)
        right = iter(_trace([curve for curve in curves if curve.right], Window(window.x, window.right), *size))
        left = iter(_trace([curve for curve in curves if not curve.right], Window(window.x, window.y), *size))
        return [next(right if curve.right else left) for curve in curves]
    dots = STYLES[style]
    columns, rows = width * dots.columns, height * dots.rows
    traces: list[Trace | None] = []
    going_up: list[Rising] = []
    for curve in curves:
        pyramid = curve.pyramid if curve.pyramid is not None else Pyramid(curve.y)
        turns = find_turns(curve.x) if curve.turns is None else curve.turns
        if len(turns):
            path = column_path(curve.x, pyramid, window.x, window.y, columns, curve.origin)
            traces.append(_trace_path(path, columns, rows))
        else:
            going_up.append(Rising(curve.x, pyramid, curve.origin))
            traces.append(None)
    if not going_up:
        return [trace for trace in traces if trace is not None]
    rising = _trace_extents(stacked_extents(going_up, window.x, window.y, columns), rows)
    return [next(rising) if trace is None else trace for trace in traces]


def _trace_extents(extents: Extents, rows: int) -> Iterator[Trace]:
    """Dot rows of the extremes, with neighbours joined; the columns beside the plot are used and dropped."""
    top, bottom = dot_rows(extents.high, rows), dot_rows(extents.low, rows)
    filled = ~np.isnan(extents.low)
    linked = extents.linked & filled[:, 1:] & filled[:, :-1]
    joined_top, joined_bottom = _join(top, bottom, linked)
    joined_top[~filled], joined_bottom[~filled] = 1, 0
    alone = filled[:, 1:-1] & ~linked[:, :-1] & ~linked[:, 1:] & (top == bottom)[:, 1:-1]
    lonely = alone.any(axis=1).tolist()
    for number, flags in enumerate(extents.flags[:, 1:-1]):
        points = NO_POINTS
        if lonely[number]:
            columns = np.flatnonzero(alone[number])
            points = np.stack((top[number, columns + 1], columns), axis=1).astype(np.int64)
        here = (slice(number, number + 1), slice(1, -1))
        yield Trace(joined_top[here], joined_bottom[here], points, flags)


def _join(top: Rows, bottom: Rows, linked: Bools) -> tuple[Rows, Rows]:
    """Lengthens linked neighbours (along the last axis) half way to each other where there are rows between them."""
    joined_top, joined_bottom = top.copy(), bottom.copy()
    before, after = (..., slice(None, -1)), (..., slice(1, None))
    for upper, lower in ((before, after), (after, before)):
        apart = linked & (top[lower] - bottom[upper] > 1)
        middle = (bottom[upper] + top[lower]) // 2
        np.maximum(joined_bottom[upper], middle, out=joined_bottom[upper], where=apart)
        np.minimum(joined_top[lower], middle + 1, out=joined_top[lower], where=apart)
    return joined_top, joined_bottom


def _trace_path(path: Path, columns: int, rows: int) -> Trace:
    """The same for a curve that goes to and fro: all bars and lines between them on a field of dots."""
    # A row above and one below the plot, so that it stays known where the curve is out of sight.
    begins = np.zeros((rows + 3, columns), np.int64)

    def draw(where: npt.NDArray[np.int64], top: Rows, bottom: Rows) -> None:
        seen = (where >= 0) & (where < columns)
        first = np.clip(top[seen], -1, rows) + 1
        after = np.clip(bottom[seen], -1, rows) + 2
        size = begins.size
        begins.ravel()[:] += np.bincount(first * columns + where[seen], minlength=size)
        begins.ravel()[:] -= np.bincount(after * columns + where[seen], minlength=size)

    filled = ~np.isnan(path.low)
    top, bottom = dot_rows(path.high, rows), dot_rows(path.low, rows)
    draw(path.columns[filled], top[filled], bottom[filled])
    links = np.flatnonzero(path.linked)
    lengths = np.abs(path.columns[links + 1] - path.columns[links]) + 1
    for part in np.split(links, np.flatnonzero(np.diff(np.cumsum(lengths) // _CHUNK)) + 1):
        if len(part):
            draw(*_lines(path, part, top, bottom, columns, rows))

    to_next, from_last = np.append(path.linked, False), np.append(False, path.linked)
    lonely = np.flatnonzero(filled & ~to_next & ~from_last & (top == bottom) & (path.columns >= 0))
    lonely = lonely[path.columns[lonely] < columns]
    points = np.stack((top[lonely].astype(np.int64), path.columns[lonely]), axis=1)
    return Trace(*_bars(np.cumsum(begins, axis=0)[:-1] > 0), points, path.flags)


def _lines(
    path: Path, links: npt.NDArray[np.int64], top: Rows, bottom: Rows, columns: int, rows: int
) -> tuple[npt.NDArray[np.int64], Rows, Rows]:
    """Columns, tops and bottoms of lines from bar to bar: both bars and every column between them, joined."""
    start, end = path.columns[links], path.columns[links + 1]
    lengths = np.abs(end - start) + 1
    number = np.repeat(np.arange(len(links)), lengths)
    place = np.arange(len(number)) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    where = start[number] + place * np.sign(end - start)[number]
    link = links[number]
    x_from, y_from = (part[link] for part in path.leaving)
    x_to, y_to = (part[link] for part in path.arriving)
    between = dot_rows(crossing((where + 0.5) / columns, (x_from, x_to), (y_from, y_to)), rows)
    first, last = place == 0, place == lengths[number] - 1
    tops = np.where(first, top[link], np.where(last, top[link + 1], between))
    bottoms = np.where(first, bottom[link], np.where(last, bottom[link + 1], between))
    return (where, *_join(tops, bottoms, ~last[:-1]))


def _bars(dots: Bools) -> tuple[Rows, Rows]:
    """Fields of dots, whose first row is number -1, as bars: top and bottom, int32[k, columns]."""
    columns = dots.shape[1]
    padded = np.zeros((dots.shape[0] + 2, columns), np.int8)
    padded[1:-1] = dots
    changes = np.diff(padded, axis=0).T
    column, top = np.nonzero(changes > 0)
    _, after = np.nonzero(changes < 0)
    rank = np.arange(len(column)) - np.searchsorted(column, column)
    shape = (int(rank.max(initial=0)) + 1, columns)
    tops, bottoms = np.ones(shape, np.int32), np.zeros(shape, np.int32)
    tops[rank, column], bottoms[rank, column] = top - 1, after - 2
    return tops, bottoms


def dot_rows(fractions: npt.NDArray[np.float64], rows: int) -> Rows:
    """The dot row of places on the y axis (0 bottom, 1 top): int32, 0 is the top row; outside the plot beyond that."""
    with np.errstate(invalid="ignore"):
        found = np.clip(np.rint((1.0 - fractions) * (rows - 1)), -_FAR_ROW, _FAR_ROW)
    return np.where(np.isnan(found), 0, found).astype(np.int32)


def draw_traces(
    traces: Sequence[Trace],
    curves: Sequence[Curve],
    width: int,
    height: int,
    style: Style = "braille",
    focus: int | None = None,
    markers: Sequence[str] | None = None,
    kept: Kept | None = None,
    on_top: Sequence[int] = (),
) -> Cells:
    """Unites the dots of curves in cells, see `draw_curves`. kept: as `trace_curves` left it. on_top: numbers of curves
    whose colours go before those of others, the last one's before all but the focused one's."""
    dots = STYLES[style]
    traces = _with_their_gaps(traces, curves, dots)
    codes, owners = np.zeros((height, width), np.uint8), np.full((height, width), -1, np.int32)
    for dim in (False, True):
        numbers = [number for number, curve in enumerate(curves) if curve.dim == dim]
        if not numbers:
            continue
        found = None if dim or kept is None or kept.place is None else kept.union
        if found is None:
            found = _unite([traces[number] for number in numbers], dots, height, width)
            if kept is not None and not dim:
                kept.union = found
        layer, place = found
        owner = np.array([*numbers, -1], np.int32)[place]
        for first in (*on_top, *(() if focus is None else (focus,))):
            if first in numbers:
                trace = traces[first]
                owner[dots.masks([trace.top], [trace.bottom], height, width)[0] > 0] = first
        free = owners < 0
        codes, owners = np.where(free, layer, codes), np.where(free, owner, owners)
    colors = np.array([*(curve.color for curve in curves), DEFAULT], np.int32)
    attrs = np.array([*(DIM if curve.dim or curve.pale else 0 for curve in curves), 0], np.uint8)
    cells = Cells(dots.glyphs[codes], colors[owners], attrs[owners])
    for number, trace in enumerate(traces):
        marker = markers[number] if markers else ""
        if len(trace.alone):
            _put_single_points(cells, codes, owners, number, trace, dots, marker)
        if marker and not curves[number].dim:
            _put_markers(cells, trace, dots, ord(marker), number, len(curves))
    return cells


def _with_gaps(trace: Trace, columns: int) -> Trace:
    """The same without the bars in every third column of cells."""
    gaps = np.arange(trace.top.shape[1]) // columns % 3 == 2
    return Trace(np.where(gaps, 1, trace.top), np.where(gaps, 0, trace.bottom), trace.alone, trace.flags)


def _unite(traces: Sequence[Trace], dots: DotStyle, height: int, width: int) -> tuple[Flags, Owners]:
    """The dots of several curves together, and the place of the one with the most dots in each cell; -1 for none."""
    return finished(_uniting(traces, dots, height, width, _CHUNK))


def _uniting(
    traces: Sequence[Trace], dots: DotStyle, height: int, width: int, bits: int
) -> Generator[None, None, tuple[Flags, Owners]]:
    """`_unite` in parts of so many bits."""
    codes = np.zeros((height, width), np.uint8)
    owners = np.full((height, width), -1, np.int32)
    best = np.zeros((height, width), np.int8)
    chunk = max(1, bits // (height * width * dots.columns))
    for start in range(0, len(traces), chunk):
        if start:
            yield
        part = traces[start : start + chunk]
        masks = dots.masks([trace.top for trace in part], [trace.bottom for trace in part], height, width)
        codes |= np.bitwise_or.reduce(masks, axis=0)
        rank = dots.count[masks]
        strongest = rank.argmax(axis=0)
        found = np.take_along_axis(rank, strongest[None], axis=0)[0]
        better = found > best
        owners = np.where(better, (strongest + start).astype(np.int32), owners)
        best = np.where(better, found, best)
    return codes, owners


def _put_single_points(
    cells: Cells, codes: Flags, owners: Owners, number: int, trace: Trace, dots: DotStyle, marker: str
) -> None:
    """A point without neighbours gets a sign that can be seen, where nothing else is in its cell."""
    rows, columns = trace.alone.T
    inside = (rows >= 0) & (rows < cells.height * dots.rows)
    row, col = rows[inside] // dots.rows, columns[inside] // dots.columns
    single = (owners[row, col] == number) & (dots.count[codes[row, col]] == 1)
    cells.glyphs[row[single], col[single]] = ord(marker) if marker else dots.point


def _put_markers(cells: Cells, trace: Trace, dots: DotStyle, marker: int, number: int, count: int) -> None:
    """Markers along a line, far enough apart for the line to be seen, and of each curve in other columns."""
    apart = min(max(cells.width // 4, 6), 16)
    columns = np.arange((number * apart // max(count, 1)) % apart, cells.width, apart) * dots.columns
    middle = (trace.top[0, columns] + trace.bottom[0, columns]) // 2
    shown = (trace.top[0, columns] <= trace.bottom[0, columns]) & (middle >= 0) & (middle < cells.height * dots.rows)
    cells.glyphs[middle[shown] // dots.rows, columns[shown] // dots.columns] = marker
