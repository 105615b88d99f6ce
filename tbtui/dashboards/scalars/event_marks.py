"""Restarts, checkpoints and epochs of the runs of a chart: as marks on its x axis, and in words near the cursor."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterator, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.events import EventMark, all_marks
from tbtui.charts.axis_marks import AxisMarks, Kind
from tbtui.widgets.pulse import main_series

if TYPE_CHECKING:
    from tbtui.charts.chart import Chart
    from tbtui.dashboards.scalars.model import Model
    from tbtui.dashboards.scalars.subjects import Entry
    from tbtui.store import Run

FRESH_SECONDS = 2.0
"""Of a run that keeps moving, marks may be so old."""

EPOCH_TAGS = ("epoch", "train/epoch", "trainer/epoch", "epochs")
"""Tags that count epochs; the first that a run has."""

MOST_RUNS = 100
"""Of more runs in one chart, only the marks of the focused one are shown."""

KINDS: tuple[Kind, ...] = ("epoch", "checkpoint", "end", "restart")


Column = npt.NDArray[np.float64]


class _Known(NamedTuple):
    """Marks of a run at one of its versions. columns: of each kind the steps and wall times, float64[n]."""

    version: int
    looked: float
    marks: list[EventMark]
    columns: dict[Kind, tuple[Column, Column]]


class EventMarks:
    """What happened along runs, looked up beside the drawing and kept until a run moves. clock: seconds, monotonic."""

    def __init__(self, model: Model, clock: Callable[[], float] = time.monotonic) -> None:
        self._model = model
        self._clock = clock
        self._known: dict[str, _Known] = {}
        self._version = 0

    def look(self) -> Hashable:
        """Changes when marks do."""
        session = self._model.session
        if not session.view.event_marks:
            return None
        focus = session.focused_run()
        steps = tuple(session.view.step_marks)
        return steps, self._version, focus.name if focus is not None and (self._version or steps) else None

    def refresh(self) -> Iterator[Callable[[], None]]:
        """Work, to be done in a thread, that brings the marks of the shown runs up to date; nothing where they are."""
        session = self._model.session
        if not session.view.event_marks:
            return
        now, runs = self._clock(), session.visible_runs()
        if len(runs) > MOST_RUNS:
            focus = session.focused_run()
            runs = [focus] if focus is not None else []
        stale = [run for run in runs if self._stale(run, now)]
        if stale:
            yield lambda: self._find(stale, now)

    def _stale(self, run: Run, now: float) -> bool:
        known = self._known.get(run.name)
        return known is None or (known.version != run.version and now - known.looked >= FRESH_SECONDS)

    def _find(self, runs: Sequence[Run], now: float) -> None:
        changed = False
        for run in runs:
            version, series = run.version, main_series(run)
            epochs = next((run.scalars[tag] for tag in EPOCH_TAGS if tag in run.scalars), None)
            found = all_marks(
                list(run.sessions),
                series.points(purge=False) if series is not None else None,
                epochs.points() if epochs is not None else None,
            )
            known = self._known.get(run.name)
            changed = changed or found != (known.marks if known is not None else [])
            columns: dict[Kind, tuple[Column, Column]] = {}
            for kind in KINDS:
                marks = [mark for mark in found if mark.kind == kind]
                if marks:
                    columns[kind] = (
                        np.array([mark.step for mark in marks], np.float64),
                        np.array([mark.wall for mark in marks], np.float64),
                    )
            self._known[run.name] = _Known(version, now, found, columns)
        if changed:
            self._version += 1

    def _owners(self, entries: Sequence[Entry]) -> list[tuple[Entry, _Known]]:
        """One curve of each run of a chart that has marks, the focused one's last."""
        owners = {
            one.run.name: (one, known)
            for entry in entries
            for one in (entry.members or (entry,))
            if (known := self._known.get(one.run.name)) is not None and known.marks
        }
        focus = self._model.session.focused_run()
        last = owners.pop(focus.name, None) if focus is not None else None
        rest = list(owners.values()) if len(entries) <= MOST_RUNS else []
        return [*rest, last] if last is not None else rest

    def of_chart(self, entries: Sequence[Entry]) -> list[AxisMarks]:
        """The marks of the runs of a chart, as far as they were looked up, and those of the user."""
        view = self._model.session.view
        if not view.event_marks:
            return []
        focus = self._model.focus_of(entries)
        steps = np.array(view.step_marks, np.float64)
        own = [AxisMarks("step", self._steps_at(focus, steps))] if focus is not None and len(steps) else []
        return own + [
            AxisMarks(kind, self._places(entry, *columns), entry.color)
            for entry, known in self._owners(entries)
            for kind, columns in known.columns.items()
        ]

    def _places(self, entry: Entry, steps: Column, walls: Column) -> Column:
        """Where marks are on the x axis of now, the origin subtracted; NaN for no place."""
        model, mode = self._model, self._model.session.view.x_mode
        origin = model.origin(entry)
        if mode in ("wall", "relative"):
            return walls - origin
        return self._steps_at(entry, steps)

    def _steps_at(self, entry: Entry, steps: Column) -> Column:
        """Where steps of a run are on the x axis of now, the origin subtracted; NaN for no place."""
        mode, line, origin = self._model.session.view.x_mode, entry.line, self._model.origin(entry)
        if mode in ("step", "relative_step"):
            return steps - origin
        if not len(line):
            return np.full(len(steps), np.nan)
        points = np.minimum(np.searchsorted(line.points.steps, steps), len(line) - 1)
        return np.asarray(line.x(mode)[points].astype(np.float64) - origin)

    def at_cursor(self, chart: Chart, entries: Sequence[Entry]) -> str:
        """What happened about where the cursor is, a column or two of a chart around it."""
        cursor, x = self._model.cursor, chart.window.x
        if cursor is None or not chart.plot.width:
            return ""
        column = chart.plot.col + min(max(0.0, float(x.fraction(cursor))), 1.0) * chart.plot.width - 0.5
        within = max(abs(chart.x_at(int(column) + by) - cursor) for by in (-1, 1))
        return self.near(entries, cursor, within)

    def near(self, entries: Sequence[Entry], x: float, within: float) -> str:
        """What happened at most `within` from a place on the x axis, in words.

        Restarts go before others, and the focused run before other runs.
        """
        if not self._model.session.view.event_marks:
            return ""
        focus, steps = self._model.focus_of(entries), self._model.session.view.step_marks
        if focus is not None and steps:
            away = np.abs(self._steps_at(focus, np.array(steps, np.float64)) - x)
            if (away <= within).any():
                return f"step {steps[int(np.nanargmin(away))]:,}, marked by you"
        owners = self._owners(entries)
        for kind in reversed(KINDS):
            for entry, known in reversed(owners):
                if kind not in known.columns:
                    continue
                away = np.abs(self._places(entry, *known.columns[kind]) - x)
                if not (away <= within).any():
                    continue
                marks = [mark for mark in known.marks if mark.kind == kind]
                text = marks[int(np.nanargmin(away))].text
                whose = f" ({self._model.session.label(entry.run.name)})" if len(owners) > 1 else ""
                return f"{text}{whose}"
        return ""
