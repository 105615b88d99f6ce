"""What each chart shows: which curves, how smoothed, over which part of the axes, and what the cursor reads.

No widget and nothing drawn: the dashboard asks for the spec of a chart it is about to draw. What costs time is in
`Line.update`, which the caller may do piece by piece beforehand (`Model.work`).
"""

from __future__ import annotations

import math
from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tbtui.analysis.axes import steady_limits
from tbtui.analysis.bites import finished
from tbtui.analysis.colors import run_marker
from tbtui.analysis.numbers import format_step
from tbtui.analysis.order import distinct_parts
from tbtui.analysis.pairs import is_held_out, split_word
from tbtui.analysis.xaxis import TICK_KINDS
from tbtui.charts.canvas import Curve, Window
from tbtui.charts.chart import ChartSpec
from tbtui.dashboards.scalars.cursor import Cursor
from tbtui.dashboards.scalars.custom import CustomCharts
from tbtui.dashboards.scalars.event_marks import EventMarks
from tbtui.dashboards.scalars.grouped import Groups, head_words, origin_of, shades_of
from tbtui.dashboards.scalars.lines import STEP_AXES, Line, Lines
from tbtui.dashboards.scalars.subjects import Entry, Reading, Subject
from tbtui.dashboards.scalars.tags import TagList
from tbtui.dashboards.scalars.x_tag import missing_words, places_of_superseded
from tbtui.dashboards.scalars.y_axes import ValueAxes, move_right, title_with_axes
from tbtui.dashboards.scalars.y_zoom import YZoom

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

A_PIECE = 1000
"""So many curves are looked at before others have their turn."""

FEW_RUNS = 3
"""Up to so many runs the raw values are drawn behind every smoothed curve, else only behind the focused run's."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What a chart showed of its axes, by which look and of which versions of its lines."""

    key: Hashable
    versions: tuple[int, ...]
    window: Window


class Model(Cursor, YZoom):
    """Everything about charts that lives longer than a frame: lines, zoom windows, cursor, range, limits."""

    def __init__(self, session: Session) -> None:
        Cursor.__init__(self)
        YZoom.__init__(self)
        self.session = session
        self.lines = Lines()
        self.groups = Groups(self)
        self.event_marks = EventMarks(self)
        self.tag_list = TagList()
        self.values = ValueAxes(self)
        self.custom = CustomCharts(self)
        self._right: dict[tuple[str, ...], frozenset[str]] = {}
        self._limits: dict[Subject, Limits] = {}
        self._loaded = False

    @property
    def purge(self) -> bool:
        """Whether superseded points are left out of the curves."""
        return self.session.options.purge

    @property
    def weight(self) -> float:
        """The weight of smoothing."""
        return self.session.view.smoothing

    @property
    def pairs(self) -> bool:
        """Whether training and validation of a metric share a chart."""
        return self.session.view.pairs

    def tags(self) -> tuple[str, ...]:
        """Every tag of scalars that a shown run has and that the command line lets in, before the tag filter."""
        return self.tag_list.update(self.session.drawn_runs(), self.session.store.structure)

    def why_empty(self) -> str:
        """A sentence for a page without charts."""
        session = self.session
        if not session.runs():
            return "No runs yet"
        if not session.filtered_runs():
            return "No run matches the filter (f changes it)"
        if not session.visible_runs():
            return "All runs are hidden (a shows them)"
        tags = len(self.tags())
        if not tags:
            return "The shown runs have no scalars"
        return f"Nothing of {tags} {'tag' if tags == 1 else 'tags'} matches the filter (/ changes it)"

    def entries(self, subject: Subject, listed: bool = True) -> list[Entry]:
        """The curves of a chart, in the order of the run list; not `listed`: in that of `Session.drawn_runs`."""
        return finished(self.find_entries(subject, listed))

    def find_entries(self, subject: Subject, listed: bool = True) -> Generator[None, None, list[Entry]]:
        """`entries`, in pieces of some milliseconds."""
        entries, session, custom = [], self.session, subject.custom
        several = len(subject.tags) > 1 and not subject.metric
        x_tag, runs = session.view.x_tag, session.visible_runs() if listed else session.drawn_runs()
        if not x_tag:
            self.lines.joins.clear()
        one_run = several and len(runs) == 1
        tag_names = dict(zip(subject.tags, distinct_parts(subject.tags) if several else subject.tags, strict=True))
        for number, run in enumerate(runs):
            if number % A_PIECE == A_PIECE - 1:
                yield
            for tag in subject.tags:
                line = self.custom.line(custom, run, tag) if custom else self.lines.get(run, tag)
                if line is None:
                    continue
                if custom:
                    self.custom.follow(line, run, x_tag)
                if x_tag or line.joined.tag:
                    line.follow(x_tag, run.scalars.get(x_tag) if x_tag else None, self.lines.joins)
                owner = session.drawn_groups.colored_as(run.name) if several else run.name
                red, green, blue = session.color(f"{owner}\n{tag}" if several else run.name)
                label = session.label(run.name)
                name = tag_names[tag] if one_run else f"{tag_names[tag]} · {label}" if several else label
                if subject.metric:
                    name = f"{label} · {split_word(tag) or 'train'}"
                dashed = bool(subject.metric) and is_held_out(tag)
                entries.append(Entry(run, tag, line, red << 16 | green << 8 | blue, name, dashed))
        return self.groups.join(entries)

    def tag_entries(self, tag: str) -> list[Entry]:
        """The curves of the chart of one tag."""
        return self.entries(Subject((tag,)))

    def work(self, entries: Sequence[Entry]) -> Iterator[tuple[Line, int]]:
        """Lines that are not up to date, each with about how many points have to be looked at; one after the other, for
        there may be thousands."""
        found = ((entry.line, entry.line.work(self.weight, self.purge)) for entry in entries)
        return ((line, points) for line, points in found if points)

    def update(self, entries: Sequence[Entry]) -> None:
        """Bring all lines up to date at once."""
        for line, _ in self.work(entries):
            self.bring_up_to_date(line)

    def bring_up_to_date(self, line: Line) -> None:
        """Look at the new points of one line, with the smoothing of now."""
        line.update(self.weight, self.purge)

    def curves_signature(self, subject: Subject, entries: Sequence[Entry]) -> Hashable:
        """Changes whenever the curves of a chart would look different; cheap."""
        view = self.session.view
        focus = self.focus_of(entries)
        return (
            subject,
            None if focus is None else focus.name,
            self._look(),
            view.superseded,
            (view.spotlight, self._bright_runs()),
            self._window(subject),
            self.y_zoom(subject),
            self.values.look(subject),
            tuple(entry.line.series.version for entry in self.values.beside(subject)),
            self._look_whether_loaded(),
            tuple((entry.name, entry.color, entry.line.series.version) for entry in entries),
            self._joined_versions(entries),
            self.custom.look(subject),
        )

    def _joined_versions(self, entries: Sequence[Entry]) -> tuple[int, ...]:
        """Of the series that are the x axis of the curves; nothing where the axis is no tag."""
        lines = (one.line for entry in entries for one in (entry.members or (entry,)))
        return tuple(line.joined.version for line in lines) if self.session.view.x_mode == "tag" else ()

    def spec(
        self, subject: Subject, entries: Sequence[Entry], *, raw: bool | None = None, legend: int = 0, here: bool = True
    ) -> ChartSpec:
        """What to draw. Lines must be up to date; `raw`: raw values behind all smoothed curves, or by `FEW_RUNS`.

        here: the cursor and the marked range are in this chart.
        """
        return finished(self.make_spec(subject, entries, raw=raw, legend=legend, here=here))

    def make_spec(
        self, subject: Subject, entries: Sequence[Entry], *, raw: bool | None = None, legend: int = 0, here: bool = True
    ) -> Generator[None, None, ChartSpec]:
        """`spec`, in pieces of some milliseconds."""
        view = self.session.view
        focus = self.focus_of(entries)
        few = len(entries) <= FEW_RUNS if raw is None else raw
        alone = (e for e in entries if not e.members and not e.behind)
        behind = [e for e in alone if e.line.smooth is not None and (few or e is focus)]
        past = view.superseded and self.purge and view.x_mode != "index"
        curves = [self._superseded(entry) for entry in entries] if past else []
        shown = behind if view.raw != "none" else []
        raws = [self._curve(e, number, raw=True, here=here) for number, e in enumerate(entries) if e in shown]
        curves += raws if view.raw == "faint" else []
        for number, e in enumerate(entries):
            if number % A_PIECE == A_PIECE - 1:
                yield
            curves.append(self._curve(e, number, faint=e.behind and e is not focus, here=here))
        first = len(curves) - len(entries)
        if len(entries) >= A_PIECE:
            yield
        window = yield from self.find_window(subject, entries)
        owners = [*(entries if past else ()), *(shown if view.raw == "faint" else ()), *entries]
        right = self.right_tags(subject)
        move_right(right, owners, curves)
        move_right(right, shown, raws)
        bands = [*shades_of(entries, right), *self.custom.shades(entries)]
        if len(entries) >= A_PIECE:
            yield
        bright = self._bright_runs()
        for curve, entry in zip(curves[first:], entries, strict=True):
            curve.pale = view.spotlight and entry is not focus and entry.run.name not in bright
        return ChartSpec(
            title=title_with_axes(subject, right),
            note=self.note(entries) or (self.custom.missing(subject) if entries else ""),
            curves=curves,
            x_kind="number" if view.x_mode == "tag" else TICK_KINDS[view.x_mode],
            window=window,
            focus=None if focus is None else first + list(entries).index(focus),
            on_top=[first + number for number, entry in enumerate(entries) if entry.run.name in bright],
            legend=legend,
            cursor=self.cursor if here else None,
            marked=(self.marked() or ()) if here else (),
            shades=bands,
            envelopes=raws if view.raw == "envelope" else (),
            empty=self.custom.missing(subject) or missing_words(view.x_tag, entries),
            events=self.event_marks.of_chart(entries),
        )

    def _bright_runs(self) -> frozenset[str]:
        """The pinned and the marked runs: their curves lie on top, and keep their colour where others are faint."""
        view = self.session.view
        return frozenset(view.top_runs) | ({view.marked_run} if view.marked_run is not None else frozenset())

    def focus_of(self, entries: Sequence[Entry]) -> Entry | None:
        """The curve of the run under the cursor of the run list; the first one where that run is not in the chart."""
        focus = self.session.focused_run()
        name = focus.name if focus else None
        single = None if self.session.view.focused_group is not None else name
        found = next((entry for entry in entries if entry.run.name == single), None)
        return found or next(
            (entry for entry in entries if any(member.run.name == name for member in entry.members)),
            next((entry for entry in entries if entry.run.name == name), entries[0] if entries else None),
        )

    def origin(self, entry: Entry) -> float:
        """What is subtracted from steps or wall times to give x."""
        return origin_of(entry, self.session.view.x_mode)

    def head_words(self, entries: Sequence[Entry], ascii_only: bool) -> str:
        """What the curves of groups are, for the heading of a chart; nothing where there are none."""
        return head_words(entries, self.focus_of(entries), self.session.view.group_band, ascii_only)

    def note(self, entries: Sequence[Entry]) -> str:
        """What is wrong with the values of a chart: how many are not finite, and from which step on."""
        bad = [entry.line.bad for entry in entries if entry.line.bad.total and not entry.behind]
        missing = missing_words(self.session.view.x_tag, entries)
        if not bad or missing:
            return missing
        nans, infinities = sum(one.nans for one in bad), sum(one.infinities for one in bad)
        words = [f"{format_step(count)} {name}" for count, name in ((nans, "NaN"), (infinities, "Inf")) if count]
        first = min(one.first_step for one in bad if one.first_step is not None)
        return f"{' '.join(words)} from {format_step(first)}"

    # --- limits

    def window(self, subject: Subject, entries: Sequence[Entry]) -> Window:
        """What the chart shows of both axes; kept still while little data are added to those that were there."""
        return finished(self.find_window(subject, entries))

    def find_window(self, subject: Subject, entries: Sequence[Entry]) -> Generator[None, None, Window]:
        """`window`, in pieces of some milliseconds for thousands of curves."""
        self._look_whether_loaded()
        zoomed = self._window(subject)
        y_zoom = self.y_zoom(subject)
        key = (self._look(), zoomed, y_zoom, self.values.look(subject), tuple(entry.name for entry in entries))
        everything = (*entries, *self.values.beside(subject))
        versions = (*(entry.line.version for entry in everything), *self._joined_versions(everything))
        known = self._limits.get(subject)
        old = known.window if known is not None and known.key == key else None
        if known is not None and old is not None and known.versions == versions:
            return old
        if len(entries) >= A_PIECE:
            yield
        full = self.full(entries)
        if len(entries) >= A_PIECE:
            yield
        steady = old is not None and (self._loaded or zoomed is not None)
        x = self.shown_x(zoomed, full, old.x if old is not None and steady else None)
        apart = self.values.apart(subject, entries, x, zoomed is None)
        right = None if apart is None else apart.right
        y = apart.left if apart is not None else self.values.axis(subject, entries, x, zoomed is None)
        tags = frozenset[str]() if apart is None else apart.tags
        if y_zoom is not None and right is None:
            y = y_zoom
        elif old is not None and self._loaded and tags == self.right_tags(subject):
            y = steady_limits(old.y, y)
            right = right and steady_limits(old.right, right)
        window = Window(x, y, right)
        self._right[subject.tags] = tags
        self._limits[subject] = Limits(key, versions, window)
        return window

    def zoom_y(self, subject: Subject, entries: Sequence[Entry], closer: bool) -> bool:
        """Show half of the y axis, around the focused curve where the cursor is (else where it ends); or twice as much.
        False: it goes no further."""
        now = self.window(subject, entries)
        if not closer:
            return self.y_zoom_out(subject, now.y)
        focus = self.focus_of(entries)
        index = None
        if focus is not None and len(focus.line):
            end = self.right_end(subject, entries) if self.cursor is None else self.cursor
            index = len(focus.line) - 1
            if end is not None:
                index = focus.line.nearest(end + self.origin(focus), self.session.view.x_mode) or 0
        at = math.nan if focus is None or index is None else float(focus.line.shown()[index])
        return self.y_zoom_in(subject, now.y, at)

    def fit(self, subject: Subject) -> bool:
        """Show everything, on both axes. False: it was shown."""
        was_zoomed = self.fit_y(subject)
        return super().fit(subject) or was_zoomed

    def right_tags(self, subject: Subject) -> frozenset[str]:
        """The tags of an overlay that belong to its second y axis, as it was drawn last."""
        return self._right.get(subject.tags, frozenset())

    def _look_whether_loaded(self) -> bool:
        """Whether all was read once. Before, axes fit the data exactly; what they were then is forgotten."""
        if not self._loaded and self.session.store.progress.quiet:
            self._loaded = True
            self._limits.clear()
        return self._loaded

    def _look(self) -> Hashable:
        view = self.session.view
        return (view.x_axis, self.x_scale, view.y_scale, self.weight, view.raw, self.purge)

    # --- curves

    def _curve(self, entry: Entry, number: int, raw: bool = False, faint: bool = False, here: bool = True) -> Curve:
        line, mode = entry.line, self.session.view.x_mode
        values = line.points.values if raw else line.shown()
        smoothed = line.smooth is not None and not raw
        return Curve(
            x=line.x(mode),
            y=values,
            color=entry.color,
            name=entry.name.removesuffix(f" n={len(entry.members)}") if entry.members else entry.name,
            marker=run_marker(number, self.session.options.ascii),
            dim=raw or faint,
            origin=self.origin(entry),
            pyramid=line.smooth_pyramid if smoothed else line.pyramid,
            turns=line.turns(mode),
            last=self._last(entry, here),
            dashed=entry.dashed or (entry.behind and not faint),
            stamp=(line.stamp, mode, raw),
        )

    def _last(self, entry: Entry, here: bool) -> float | None:
        """The true value beside a run's name: at the cursor, else the newest; None where that one is not finite."""
        points = entry.line.points
        index: int | None = len(points.values) - 1
        if here and self.cursor is not None:
            index = entry.line.nearest(self.cursor + self.origin(entry), self.session.view.x_mode)
        if index is None or index < 0:
            return None
        value = float(points.values[index])
        return value if math.isfinite(value) else None

    def _superseded(self, entry: Entry) -> Curve:
        points, mode = entry.line.series.superseded(), self.session.view.x_mode
        by_tag = mode == "tag" and not entry.members
        x = places_of_superseded(entry.line) if by_tag else points.steps if mode in STEP_AXES else points.walls
        return Curve(x, points.values, entry.color, entry.name, dim=True, origin=self.origin(entry))

    def read(self, entries: Sequence[Entry]) -> list[Reading]:
        """The true values of every run at the cursor, or the newest ones without a cursor."""
        mode = self.session.view.x_mode
        tags = {entry.tag for entry in entries}
        right = next((found for of, found in self._right.items() if len(tags) > 1 and tags <= set(of)), ())
        readings = []
        for entry in entries:
            line = entry.line
            if not len(line):
                continue
            index: int | None = len(line) - 1
            if self.cursor is not None:
                index = line.nearest(self.cursor + self.origin(entry), mode)
            if index is None:
                continue
            points = line.points
            wall = float(points.walls[index])
            start = entry.run.start_time
            readings.append(
                Reading(
                    entry,
                    index,
                    float(points.values[index]),
                    float(line.shown()[index]),
                    int(points.steps[index]),
                    wall,
                    wall - (start if start is not None else float(points.walls[0])),
                    float(line.x(mode)[index]) if mode == "tag" else math.nan,
                    entry.tag in right,
                )
            )
        return readings

    def forget_unused(self, in_use: int) -> None:
        """Free the memory of lines that were not drawn lately."""
        self.lines.trim(in_use)
        self.groups.trim(in_use)
