"""What is kept of each series between two frames: its points, the smoothed values, and their pyramids.

A line only looks at points that are new. What it holds costs as much again as the values it is made from, so lines that
were not drawn for a while are dropped (`Lines.trim`).
"""

from __future__ import annotations

import math
from collections import OrderedDict
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import sample
from tbtui.analysis.reduce import Pyramid, find_turns, nearest
from tbtui.analysis.smoothing import Smoother
from tbtui.dashboards.scalars.x_tag import NOWHERE, JoinedX, RunJoins
from tbtui.store.series import NO_POINTS

if TYPE_CHECKING:
    from tbtui.store import Points, Run, ScalarSeries

Floats = npt.NDArray[np.float64]
Values = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Turns = npt.NDArray[np.int64]

KEPT_BYTES = 48_000_000
"""Smoothed values of lines that are not on the screen are kept up to this many bytes, for a quick way back."""

FEW, MOST_UNUSED = 1500, 4000
"""So many lines are quickly looked through, and so many that are not on the screen are kept at most."""

STEP_AXES = ("step", "relative_step")
"""The x axes that count steps."""

LATER = 20_000
"""Lines of fewer points get the pyramid of their true values when it is asked for: mostly the smoothed ones are drawn,
and with a thousand lines the objects that each of them is made of count."""

NO_TURNS: Turns = np.empty(0, np.int64)
NOT_JOINED = JoinedX()
"""What lines have in common that follow no other tag."""
_STAMPS = count()
_NUMBERS: list[npt.NDArray[np.int64]] = [np.empty(0, np.int64)]


def first_numbers(count: int) -> npt.NDArray[np.int64]:
    """0 to count - 1, int64; part of one array that all lines share."""
    if count > len(_NUMBERS[0]):
        _NUMBERS[0] = np.arange(count * 9 // 8 + 16)
    return _NUMBERS[0][:count]


class Grown:
    """An array that grows at its end; views of it that were given out stay as they are."""

    __slots__ = ("_buffer", "_count")

    def __init__(self, dtype: npt.DTypeLike) -> None:
        self._buffer: npt.NDArray[Any] = np.empty(0, dtype)
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def extend(self, values: npt.NDArray[Any]) -> None:
        """Append values, with room for more when it has to move."""
        count = self._count + len(values)
        if count > len(self._buffer):
            room = count if not self._count else count + count // 8 + 16
            buffer = np.empty(room, self._buffer.dtype)
            buffer[: self._count] = self._buffer[: self._count]
            self._buffer = buffer
        self._buffer[self._count : count] = values
        self._count = count

    def view(self) -> npt.NDArray[Any]:
        """Everything so far."""
        return self._buffer[: self._count]

    @property
    def nbytes(self) -> int:
        """Memory that it holds."""
        return int(self._buffer.nbytes)


class Bad(NamedTuple):
    """How many values of a line are not finite, which kinds they are, and the step of the first; None: none are."""

    nans: int = 0
    infinities: int = 0
    first_step: int | None = None

    @property
    def total(self) -> int:
        """All of them."""
        return self.nans + self.infinities


NONE_BAD = Bad()


class Line:
    """One series as it is drawn: true points, and smoothed values of one weight.

    points: as the store has them, superseded ones left out unless asked for; smooth: float[n] or None where the weight
    is 0; pyramid, smooth_pyramid: for reduction; step_turns, wall_turns: where x goes back (see `find_turns`).
    """

    def __init__(self, series: ScalarSeries) -> None:
        self.series = series
        self.points: Points = NO_POINTS
        self._pyramid: Pyramid | None = None
        self.smooth: Values | None = None
        self.smooth_pyramid: Pyramid | None = None
        self.step_turns = NO_TURNS
        self.wall_turns = NO_TURNS
        self.bad = NONE_BAD
        self.weight = 0.0
        self.stamp = next(_STAMPS)
        """Another number whenever points or smoothed values are others, never one that any line had before."""
        self._state: tuple[int, bool] = (-1, True)
        self._smoother: Smoother | None = None
        self._smoothed: Grown | None = None
        self.joined = NOT_JOINED

    def __len__(self) -> int:
        return len(self.points.steps)

    @property
    def nbytes(self) -> int:
        """Memory of what this line made itself."""
        return (self._smoothed.nbytes if self._smoothed is not None else 0) + int(self.joined.x.nbytes)

    @property
    def pyramid(self) -> Pyramid:
        """Of the true values."""
        if self._pyramid is None:
            self._pyramid = Pyramid(self.points.values)
        return self._pyramid

    def follow(self, tag: str, series: ScalarSeries | None, joins: RunJoins | None = None) -> None:
        """Say which tag the x axis counts, "" for none: see `JoinedX.follow`."""
        if self.joined is NOT_JOINED:
            if not tag:
                return
            self.joined = JoinedX()
        self.joined.follow(tag, series, joins)

    @property
    def version(self) -> int:
        """Of the series, when it was last looked at."""
        return self._state[0]

    def work(self, weight: float, purge: bool = True) -> int:
        """About how many points `update` would have to look at; 0: everything is ready."""
        work = 0
        if (self.series.version, purge) != self._state:
            work = max(1, self.series.total - len(self))
        if weight != self.weight:
            work += max(1, len(self))
        if self.joined.stale(purge):
            work += max(1, len(self))
        return work

    def update(self, weight: float, purge: bool = True) -> None:
        """Bring points and smoothed values up to date; takes about 10 ms per million new points."""
        state = (self.series.version, purge)
        kept = len(self)
        if state != self._state:
            points = self.series.points(purge)
            kept = _same_points(self.points, points)
            self._take(points, kept)
            self._state = state
        if weight != self.weight or (self._smoothed is not None and kept < len(self._smoothed)):
            self.weight = weight
            self._smoother = None
        self._smooth()
        if self.joined is not NOT_JOINED:
            self.joined.update(self.points, kept, purge)
        self.renew()

    def renew(self) -> None:
        """What is drawn of this line is no longer what it was."""
        self.stamp = next(_STAMPS)

    def _take(self, points: Points, kept: int) -> None:
        self.points = points
        if self._pyramid is not None:
            self._pyramid.update(points.values, keep=kept)
        elif len(points.values) >= LATER:
            self._pyramid = Pyramid(points.values)
        if not kept:
            self.step_turns = self.wall_turns = NO_TURNS
            self.bad = NONE_BAD
        self.step_turns = _more_turns(self.step_turns, points.steps, kept)
        self.wall_turns = _more_turns(self.wall_turns, points.walls, kept)
        self._count_bad(kept)

    def _count_bad(self, start: int) -> None:
        values = self.points.values[start:]
        finite = np.isfinite(values)
        if not finite.all():
            bad = np.flatnonzero(~finite)
            nans = int(np.count_nonzero(np.isnan(values[bad])))
            first = self.bad.first_step
            if first is None:
                first = int(self.points.steps[start + int(bad[0])])
            self.bad = Bad(self.bad.nans + nans, self.bad.infinities + len(bad) - nans, first)

    def _smooth(self) -> None:
        if not self.weight:
            self.smooth = self.smooth_pyramid = self._smoother = self._smoothed = None
            return
        if self._smoother is None or self._smoothed is None:
            self._smoother = Smoother(self.weight)
            self._smoothed = Grown(self.points.values.dtype)
            self.smooth_pyramid = Pyramid()
        done = len(self._smoothed)
        if done < len(self) or self.smooth is None:
            self._smoothed.extend(self._smoother.extend(self.points.values[done:]))
            self.smooth = self._smoothed.view()
            assert self.smooth_pyramid is not None
            self.smooth_pyramid.update(self.smooth, keep=done)

    def x(self, mode: str) -> npt.NDArray[np.int64] | Floats:
        """What the x axis counts, before the origin is subtracted: steps or numbers int64[n], or times float64[n]."""
        if mode == "tag":
            x = self.joined.x
            return x if len(x) == len(self) else np.full(len(self), NOWHERE)
        if mode != "index":
            return self.points.steps if mode in STEP_AXES else self.points.walls
        return first_numbers(len(self))

    def turns(self, mode: str) -> Turns:
        """Where x goes back."""
        if mode in ("index", "tag"):
            return self.joined.turns if mode == "tag" else NO_TURNS
        return self.step_turns if mode in STEP_AXES else self.wall_turns

    def shown(self) -> Values:
        """The values that the main curve goes through: smoothed ones where the weight is above 0."""
        smooth = self.smooth
        return self.points.values if smooth is None or len(smooth) != len(self) else smooth

    def span(self, mode: str) -> tuple[float, float] | None:
        """Smallest and largest finite x, before the origin is subtracted; None without any."""
        x = self.x(mode)
        if not len(x):
            return None
        low, high = float(x[0]), float(x[-1])
        if not len(self.turns(mode)) and math.isfinite(low) and math.isfinite(high):
            return low, high
        finite = x[np.isfinite(x)]
        return (float(finite.min()), float(finite.max())) if len(finite) else None

    def nearest(self, x: float, mode: str) -> int | None:
        """Index of the point whose x (before the origin is subtracted) is nearest; None without points."""
        found = nearest(self.x(mode), x, self.turns(mode))
        return None if found is None or (mode == "tag" and not np.isfinite(self.x(mode)[found])) else found

    def between(self, x0: float, x1: float, mode: str) -> slice:
        """The points from x0 to x1 (before the origin is subtracted); all of them where x goes back and forth."""
        if len(self.turns(mode)):
            return slice(0, len(self))
        return slice(self._first_from(x0, mode), self._first_from(np.nextafter(x1, np.inf), mode))

    def _first_from(self, x: float, mode: str) -> int:
        axis = self.x(mode)
        if axis.dtype == np.int64:
            whole = int(np.clip(np.ceil(x), -(2.0**63), 2.0**63 - 1025))
            return int(np.searchsorted(axis, np.int64(whole)))
        return int(np.searchsorted(axis, x))

    def range_values(self, part: slice, everything: bool) -> Values:
        """Values of a part that decide on the y range: its extremes too where `everything` must be in the range."""
        values = self.shown()[part]
        found = sample(values)
        if not everything or len(found) == len(values):
            return found
        pyramid = self.smooth_pyramid or self.pyramid
        low, high, _ = pyramid.between(np.array([part.start, part.stop], np.int64))
        return np.concatenate((found.astype(np.float64), low, high))


class Lines:
    """All lines, by run and tag; the ones used last are the last to go."""

    def __init__(self) -> None:
        self._lines: OrderedDict[tuple[str, str], Line] = OrderedDict()
        self._after_trim = 0
        self.joins: RunJoins = {}
        """Where another tag as the x axis places the points of runs."""

    def __len__(self) -> int:
        return len(self._lines)

    def get(self, run: Run, tag: str) -> Line | None:
        """The line of a run's tag; None where the run has no such scalar (any more)."""
        series = run.scalars.get(tag)
        if series is None:
            return None
        key = (run.name, tag)
        line = self._lines.get(key)
        if line is None or line.series is not series:
            line = self._lines[key] = Line(series)
        self._lines.move_to_end(key)
        return line

    def trim(self, in_use: int, kept_bytes: int = KEPT_BYTES) -> None:
        """Drop what was not used lately, beyond `kept_bytes`; the last `in_use` lines always stay."""
        if FEW < len(self._lines) < self._after_trim + FEW:
            return  # little has been added, and there are too many to look at them for that
        for _ in range(len(self._lines) - in_use - MOST_UNUSED):
            self._lines.popitem(last=False)
        total = 0
        for number, (key, line) in enumerate(reversed(list(self._lines.items()))):
            if number < in_use:
                continue
            total += line.nbytes + 4096
            if total > kept_bytes:
                del self._lines[key]
        self._after_trim = len(self._lines)


def _same_points(old: Points, new: Points) -> int:
    """How many points of `new` are those of `old`: all of them, or 0 when something before the end changed."""
    count = len(old.steps)
    if not count or len(new.steps) < count:
        return 0
    if _same_memory(old.values, new.values) and _same_memory(old.steps, new.steps):
        return count
    if old.values.dtype != new.values.dtype:
        return 0
    same = all(
        np.array_equal(one.view(np.uint8), other[:count].view(np.uint8)) for one, other in zip(old, new, strict=True)
    )
    return count if same else 0


def _same_memory(old: npt.NDArray[Any], new: npt.NDArray[Any]) -> bool:
    """True for two views of one growing buffer."""
    return old.base is not None and old.base is new.base and old.ctypes.data == new.ctypes.data


def _more_turns(turns: Turns, x: npt.NDArray[Any], start: int) -> Turns:
    new = find_turns(x, start)
    return np.concatenate((turns, new)) if len(new) else turns
