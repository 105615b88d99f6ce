"""Groups of runs as one curve each: the mean of their runs, and a band around it.

Runs are joined by what the x axis counts (`analysis.bands`): each after smoothing, so that curve and band are those of
what would be drawn of its runs. All of it is computed by `GroupLine.update`, which the painter runs in a thread where
it takes long, and not again until a run of the group moves.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Collection, Hashable, Sequence
from threading import RLock
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import sample
from tbtui.analysis.bands import BandKind, Joint, band_of_rows, mean_of_rows
from tbtui.analysis.groups import RunGroup
from tbtui.analysis.reduce import Pyramid
from tbtui.analysis.text import safe
from tbtui.charts.shades import Shade
from tbtui.dashboards.scalars.lines import KEPT_BYTES, NO_TURNS, STEP_AXES, Bad, Floats, Line, Turns, Values
from tbtui.dashboards.scalars.margins import MarginLine
from tbtui.dashboards.scalars.resting import LastJoin, Rests
from tbtui.dashboards.scalars.subjects import Entry, Reading
from tbtui.store import Points, Run, ScalarSeries
from tbtui.store.series import NO_POINTS
from tbtui.widgets.run_groups import group_name

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.model import Model
    from tbtui.settings import View

MOST = 20_000
"""The runs of a group are joined at about so many x at most, which is far more than a screen has columns."""

WORK = 8
"""Joining a point costs about as much as looking at so many new ones."""

SHORT_WORDS = {"std": "mean ± std", "stderr": "mean ± stderr", "minmax": "mean, min to max", "mean": "mean"}

BAND_KINDS: dict[str, BandKind] = {"std": "std", "stderr": "stderr", "minmax": "minmax"}
"""`View.group_band` -> the band it asks for; the others have none."""


class GroupRun(Run):
    """Stands for the runs of a group: `start_time` is the mean of theirs."""

    def __init__(self, group: RunGroup) -> None:
        super().__init__(group_name(group), "", RLock())
        self.group = group

    def start_with(self, starts: Sequence[float]) -> None:
        """Take the mean of these start times."""
        self._first_wall = float(np.mean(starts)) if starts else float("inf")


class GroupSeries(ScalarSeries):
    """The mean as if it were a series; the version moves with those of the runs' own."""

    __slots__ = ("mean",)

    def __init__(self, run: str, tag: str) -> None:
        super().__init__(run, tag, RLock(), [])
        self.mean = NO_POINTS

    @property
    def count(self) -> int:
        """Points of the mean."""
        return len(self.mean.steps)

    @property
    def total(self) -> int:
        """Points of the mean."""
        return len(self.mean.steps)

    def points(self, purge: bool = True) -> Points:
        """The mean of the true values, steps and wall times too."""
        return self.mean


class GroupLine(Line):
    """The mean of several lines.

    low, high: the band, float64[n], or None without one; n: of how many runs each mean is, int64[n].
    has_margin: the runs have margins of their own (see `margins`), and the band is the mean of those.
    """

    def __init__(self, series: GroupSeries) -> None:
        super().__init__(series)
        self.series: GroupSeries = series
        self.members: tuple[Entry, ...] = ()
        self.low: Floats | None = None
        self.high: Floats | None = None
        self.n: npt.NDArray[np.int64] = np.empty(0, np.int64)
        self.has_margin = False
        self._pyramids = (Pyramid(), Pyramid())
        self._x: npt.NDArray[np.int64] | Floats = np.empty(0)
        self._start = 0.0
        self._mode = ""
        self._aim = ("", "")
        self._joint = Joint(())
        self._joined_for: Hashable = None
        self._means_of: Hashable = None
        self._done: Hashable = None
        self.last = LastJoin()
        self.waits = False
        """New points of the runs are not joined yet."""

    def aim(self, members: tuple[Entry, ...], mode: str, kind: str, start: float) -> None:
        """Say what to join, by which x axis; start: the mean of the start times. Cheap: `update` does the work."""
        self.members, self._aim, self._start = members, (mode, kind), start
        versions = tuple((entry.run.name, entry.line.series.version) for entry in members)
        self.series.version = hash((kind, versions))

    def work(self, weight: float, purge: bool = True) -> int:
        """About how many points would have to be looked at; 0: everything is ready."""
        if self.waits or self._key(weight, purge) == self._done:
            return 0
        lines = [one.line for one in self.members]
        if self._joint_key(purge) == self._joined_for:
            return sum(line.work(weight, purge) + 2 * len(self) for line in lines)
        return 1 + sum(line.work(weight, purge) + WORK * line.series.total for line in lines)

    def update(self, weight: float, purge: bool = True) -> None:
        """Bring the lines of all runs up to date, and join them."""
        key, joint_key = self._key(weight, purge), self._joint_key(purge)
        members, aim, start = self.members, self._aim, self._start
        of, begun = joined_of(members, aim, start, weight, purge), time.thread_time()
        for entry in members:
            entry.line.update(weight, purge)
        if joint_key != self._joined_for:
            mode = aim[0]
            places = [entry.line.x(mode).astype(np.float64) - origin_of(entry, mode) for entry in members]
            self._joint, self._joined_for = Joint(places, MOST), joint_key
        self._join(members, *aim, weight, start)
        self.renew()
        self._done = key
        self.last = LastJoin(of, time.monotonic(), time.thread_time() - begun)

    def _key(self, weight: float, purge: bool) -> Hashable:
        return (self._aim, weight, self._joint_key(purge))

    def _joint_key(self, purge: bool) -> Hashable:
        """Changes when the x of a run may have."""
        lines = [(one.run.name, one.line.series.version) for one in self.members]
        joined = [(one.line.joined.tag, one.line.joined.version) for one in self.members]
        return (self._aim[0], self._start, tuple(lines), tuple(joined), purge)

    def _join(
        self,
        members: Sequence[Entry],
        mode: str,
        kind: str,
        weight: float,
        start: float,
    ) -> None:
        lines = [entry.line for entry in members]
        joint = self._joint

        def mean(columns: Sequence[Values]) -> Floats:
            return mean_of_rows(joint.rows(columns), len(joint.x))

        shown = band_of_rows(joint.x, joint.rows([line.shown() for line in lines]), BAND_KINDS.get(kind, "minmax"))
        means_of = (self._joined_for, weight)
        if means_of != self._means_of:  # another band around it leaves the mean as it was
            raw = mean([line.points.values for line in lines]) if weight else shown.mean
            x = shown.x
            steps = x if mode == "step" else mean([line.points.steps.astype(np.float64) for line in lines])
            if mode in ("wall", "relative"):
                walls = x + (start if mode == "relative" else 0.0)
            else:
                walls = mean([_since_start(entry) for entry in members]) + start
            whole = np.rint(np.nan_to_num(steps)).astype(np.int64)
            self.points = self.series.mean = Points(whole, walls, raw)
            self._x, self._mode = (whole if mode == "step" else x), mode
            self._pyramid = Pyramid(raw)
            self.smooth = shown.mean if weight else None
            self.smooth_pyramid = Pyramid(shown.mean) if weight else None
            self.n, self.weight, self._means_of = shown.n, weight, means_of
        ends = [line.ends_along(mode) for line in lines if isinstance(line, MarginLine)]
        margins = [end for end in ends if end is not None]
        self.has_margin = bool(margins) and len(margins) == len(lines)
        low, high = shown.low, shown.high
        if self.has_margin:
            low, high = (mean(columns) for columns in zip(*margins, strict=True))
        self.low, self.high = (low, high) if kind in BAND_KINDS else (None, None)
        self._pyramids = Pyramid(low), Pyramid(high)
        firsts = [line.bad.first_step for line in lines if line.bad.first_step is not None]
        self.bad = Bad(
            sum(line.bad.nans for line in lines), sum(line.bad.infinities for line in lines), min(firsts, default=None)
        )

    @property
    def nbytes(self) -> int:
        """Memory of what was joined."""
        return 9 * 8 * len(self.points.steps) + self._joint.nbytes

    @property
    def version(self) -> int:
        """Of the series, when it was joined last."""
        return self.series.version

    def x(self, mode: str) -> npt.NDArray[np.int64] | Floats:
        """What the x axis counts, origins subtracted already. Until it is joined anew by `mode`: nearly that."""
        if mode == self._mode:
            return self._x
        if mode == "index":
            return super().x(mode)
        if mode in STEP_AXES:
            steps = self.points.steps
            return steps - steps[:1] if mode == "relative_step" and len(steps) else steps
        return self.points.walls - (self._start if mode == "relative" else 0.0)

    def turns(self, mode: str) -> Turns:
        """The mean never goes back."""
        return NO_TURNS

    def range_values(self, part: slice, everything: bool) -> Values:
        """Values of mean and band that decide on the y range."""
        values = super().range_values(part, everything)
        if self.low is None or self.high is None:
            return values
        low, high = self.low[part], self.high[part]
        ends = [sample(low), sample(high)]
        if everything and np.isfinite(low).any():
            ends.append(np.array([np.nanmin(low), np.nanmax(high)]))
        return np.concatenate((values.astype(np.float64), *ends))

    def shade(self, color: int) -> Shade | None:
        """The band, to be drawn."""
        if self.low is None or self.high is None:
            return None
        return Shade(self.x(self._mode), self.low, self.high, color, *self._pyramids)


def joined_of(members: Sequence[Entry], aim: tuple[str, str], start: float, weight: float, purge: bool) -> Hashable:
    """What a group is joined from, whatever points its runs have: changes when the user asks for something else."""
    runs = tuple((entry.run.name, entry.tag, entry.line.joined.tag) for entry in members)
    return (runs, aim, start, weight, purge)


def origin_of(entry: Entry, mode: str) -> float:
    """What is subtracted from steps or wall times of a curve to give x; what groups have is subtracted already."""
    if entry.members:
        return 0.0
    if mode == "relative_step" and len(entry.line):
        return float(entry.line.points.steps[0])
    if mode != "relative":
        return 0.0
    start = entry.run.start_time
    if start is None:
        span = entry.line.span("wall")
        start = span[0] if span else 0.0
    return start


def _since_start(entry: Entry) -> Floats:
    walls = entry.line.points.walls
    start = entry.run.start_time
    return walls - (start if start is not None else walls[0] if len(walls) else 0.0)


class Groups:
    """Puts the curves of runs together, and keeps what was joined; the groups used last are the last to go."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._lines: OrderedDict[tuple[str, str], GroupLine] = OrderedDict()
        self._runs: dict[str, GroupRun] = {}
        self.rests = Rests()

    def join(self, entries: list[Entry]) -> list[Entry]:
        """The same curves, those of a group as one with its runs as `members`; where they are asked for, behind it."""
        session = self._model.session
        group_of = session.drawn_groups.of_runs()
        if not group_of:
            return entries
        members: dict[tuple[str, str], list[Entry]] = {}
        for entry in entries:
            group = group_of.get(entry.run.name)
            if group is not None:
                members.setdefault((group.key, entry.tag), []).append(entry)
        found: list[Entry] = []
        for entry in entries:
            group = group_of.get(entry.run.name)
            if group is None:
                found.append(entry)
                continue
            inside = members.pop((group.key, entry.tag), None)
            if inside is not None:
                found += self._group(group, entry.tag, inside)
        return found

    def _group(self, group: RunGroup, tag: str, members: list[Entry]) -> list[Entry]:
        model = self._model
        view, first = model.session.view, members[0]
        run = self._runs.get(group.key)
        if run is None or run.group != group:
            run = self._runs[group.key] = GroupRun(group)
        run.start_with([start for entry in members if (start := entry.run.start_time) is not None])
        line = self._lines.get((group.key, tag))
        if line is None:
            line = self._lines[group.key, tag] = GroupLine(GroupSeries(run.name, tag))
        self._lines.move_to_end((group.key, tag))
        color = first.color
        start = run.start_time or 0.0
        of = joined_of(members, (view.x_mode, view.group_band), start, model.weight, model.purge)
        line.waits = self.rests.waits(line.last, of, (one.last for one in self._lines.values()))
        if not line.waits:
            line.aim(tuple(members), view.x_mode, view.group_band, start)
        # What the runs of other tags or splits add to their names is said of the group too.
        own = model.session.label(first.run.name)
        name = first.name.replace(own, safe(group.title), 1)
        if model.session.options.color != "never":  # else names stand in the little room beside the curves
            name += f" n={len(members)}"
        found = [first._replace(run=run, line=line, color=color, name=name, members=tuple(members))]
        if view.group_members and group.key not in view.folded_runs:
            found += [entry._replace(behind=True) for entry in members]
        return found

    def trim(self, in_use: int) -> None:
        """Drop what was not used lately; the last `in_use` groups always stay."""
        total = 0
        for number, (key, line) in enumerate(reversed(list(self._lines.items()))):
            total += line.nbytes if number >= in_use else 0
            if total > KEPT_BYTES:
                del self._lines[key]


def focus_on(view: View, entries: Sequence[Entry], name: str) -> None:
    """Put the cursor of the list of runs where a curve belongs: on a run, or on the heading of a group."""
    group = next((entry for entry in entries if entry.members and entry.run.name == name), None)
    if group is None:
        view.focused_group, view.focused_run = None, name
    elif isinstance(group.run, GroupRun):
        view.focused_group, view.focused_run = group.run.group.key, group.members[0].run.name


def rows_to_take(entry: Entry, purge: bool, index: int | None = None) -> list[tuple[str, str, Points]]:
    """A curve as rows of run, tag and points, of one point or all: of a group mean and band as drawn, then its runs."""
    here = slice(None) if index is None else slice(index, index + 1)
    line = entry.line
    if not isinstance(line, GroupLine):
        points = line.points if index is not None else line.series.points(purge)
        return [(entry.run.name, entry.tag, _part(points, points.values, here))]
    title = entry.run.group.title if isinstance(entry.run, GroupRun) else entry.name
    smoothed = f", smoothed {line.weight:.3g}" if line.smooth is not None else ""
    curves = [(f"{title} (mean of {len(entry.members)}{smoothed})", line.shown())]
    if line.low is not None and line.high is not None:
        curves += [(f"{title} (band low)", line.low), (f"{title} (band high)", line.high)]
    rows = [(name, entry.tag, _part(line.points, values, here)) for name, values in curves]
    return rows if index is not None else rows + [row for one in entry.members for row in rows_to_take(one, purge)]


def _part(points: Points, values: Values, here: slice) -> Points:
    return Points(points.steps[here], points.walls[here], values[here])


def count_lines(entries: Sequence[Entry]) -> int:
    """How many lines of runs these curves need."""
    return sum(len(entry.members) or 1 for entry in entries)


def shades_of(entries: Sequence[Entry], right: Collection[str] = ()) -> list[Shade]:
    """The bands of these curves; right: the tags of the second y axis."""
    found = []
    for entry in entries:
        shade = entry.line.shade(entry.color) if isinstance(entry.line, GroupLine) else None
        if shade is not None:
            shade.right = entry.tag in right
            found.append(shade)
    return found


def head_words(entries: Sequence[Entry], focus: Entry | None, band: str, ascii_only: bool = False) -> str:
    """What the curves of groups are, and of how many runs the focused one; nothing where there are no groups."""
    if not any(entry.members for entry in entries):
        return ""
    words = SHORT_WORDS.get(band, "")
    if band in BAND_KINDS and any(isinstance(entry.line, GroupLine) and entry.line.has_margin for entry in entries):
        words = "mean and margin"
    if focus is not None and len(focus.members) == 1:
        return ""
    if focus is not None and focus.members:
        words += f", n={len(focus.members)}"
    return words.replace("±", "+-") if ascii_only else words


def band_at(reading: Reading) -> tuple[float, float, int] | None:
    """Low and high end of the band and the number of runs at what was read; None for the curve of a run.

    Without a band both ends are NaN.
    """
    line = reading.entry.line
    if not isinstance(line, GroupLine) or reading.index >= len(line.n):
        return None
    count = int(line.n[reading.index])
    if line.low is None or line.high is None:
        return float("nan"), float("nan"), count
    return float(line.low[reading.index]), float(line.high[reading.index]), count
