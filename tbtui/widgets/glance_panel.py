"""All runs at a glance: a line each with its state, times, speed, size, and what it holds; sorted by any column."""

from __future__ import annotations

import asyncio
import math
from collections.abc import Callable, Sequence
from typing import ClassVar, NamedTuple

import numpy as np
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.strip import Strip

from tbtui.analysis.numbers import format_age, format_bytes, format_duration, format_rate, format_step
from tbtui.analysis.text import cell_width, cut, cut_path, pad
from tbtui.store import Run
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.run_details import kind_counts
from tbtui.widgets.session import Session

NAME_CELLS = (10, 40)
"""The fewest and the most cells for the names of runs."""

HOLDS_CELLS = 12
"""With more room than this it is said what the runs hold."""

UNKNOWN = "…"
"""Stands for what is still being counted."""


class Column(NamedTuple):
    """A number of each run. value: what is sorted by, None for nothing; words: how it is said; look: of the words."""

    title: str
    cells: int
    value: Callable[[Run], float | None]
    words: Callable[[Run], str]
    look: Callable[[Run], str] = lambda run: "text"


def count_bad(run: Run) -> int:
    """How many values of a run's scalars are not finite; takes a while with many points."""
    return sum(int(np.count_nonzero(~np.isfinite(series.points().values))) for series in list(run.scalars.values()))


class GlanceLines(Lines):
    """The runs that the filter lets through, in the order of one of the columns, or of the list."""

    has_cursor = True

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self.sorted_by = 0
        """Number of a column, the first being 1; 0: as the list has them."""
        self.smallest_first = False
        self._bad: dict[str, tuple[int, int]] = {}
        self._counting = False
        self._rows: list[Run] = []
        self.columns = self._columns()

    def _columns(self) -> list[Column]:
        session = self.session

        def since(wall: float | None) -> float | None:
            return None if wall is None else session.clock() - wall

        def lasted(run: Run) -> float | None:
            if run.start_time is None or run.last_wall is None:
                return None
            return max(0.0, run.last_wall - run.start_time)

        def rate(run: Run) -> float | None:
            return session.rate(run)

        def left(run: Run) -> float | None:
            pace = session.pace_of(run)
            return None if pace is None else pace.eta

        def said(value: Callable[[Run], float | None], words: Callable[[float], str]) -> Callable[[Run], str]:
            return lambda run: "" if (found := value(run)) is None else words(found)

        def bad(run: Run) -> float | None:
            known = self._bad.get(run.name)
            return None if known is None else known[1]

        def started(run: Run) -> float | None:
            return since(run.start_time)

        def age(run: Run) -> float | None:
            return since(run.last_wall)

        def size(run: Run) -> float | None:
            return run.event_bytes

        def points(run: Run) -> float | None:
            return run.points

        def step(run: Run) -> float | None:
            return self.session.last_step(run)

        return [
            Column("last step", 9, step, said(step, lambda value: format_step(int(value)))),
            Column("speed", 10, rate, said(rate, format_rate)),
            Column("left", 7, left, said(left, format_duration)),
            Column("written", 8, age, said(age, format_age)),
            Column("started", 8, started, said(started, format_age)),
            Column("lasted", 8, lasted, said(lasted, format_duration)),
            Column(
                "bad",
                6,
                bad,
                lambda run: UNKNOWN if bad(run) is None else format_step(int(bad(run) or 0)) if bad(run) else "0",
                lambda run: "bad" if bad(run) else "muted",
            ),
            Column("size", 9, size, said(size, lambda value: format_bytes(int(value)))),
            Column("points", 8, points, said(points, lambda value: format_step(int(value)))),
        ]

    # -- rows ----------------------------------------------------------------------------------------------------

    def runs(self) -> list[Run]:
        """The runs in their order."""
        runs = list(self.session.filtered_runs())
        if self.sorted_by:
            column = self.columns[self.sorted_by - 1]
            known = [(value, run) for run in runs if (value := column.value(run)) is not None and math.isfinite(value)]
            known.sort(key=lambda pair: pair[0] if self.smallest_first else -pair[0])
            sorted_ = [run for _, run in known]
            names = {run.name for run in sorted_}
            runs = [*sorted_, *(run for run in runs if run.name not in names)]
        return runs

    def count(self, width: int) -> int:
        self._rows = self.runs()
        return max(1, len(self._rows))

    def row(self, number: int, width: int) -> list[Piece]:
        if not self._rows:
            return [("No run matches the filter (f changes it)", self.look("muted"))]
        session, run = self.session, self._rows[number]
        shape, look = session.state_sign(run)
        cells, shown = self.parts(width)
        name = cut_path(session.label(run.name), cells)
        pieces: list[Piece] = [
            ("▌", self.look("text", session.color(run.name))),
            (f"{shape} ", self.look(look)),
            (pad(name, cells), self.look("faint" if session.view.is_hidden(run.name) else "text")),
        ]
        taken = 3 + cells
        for column in shown:
            pieces.append(
                (pad(cut(column.words(run), column.cells), column.cells + 1, "right"), self.look(column.look(run)))
            )
            taken += column.cells + 1
        if width - taken > HOLDS_CELLS:
            pieces.append((cut("  " + kind_counts(run.plugins()), width - taken), self.look("muted")))
        return pieces

    def parts(self, width: int) -> tuple[int, Sequence[Column]]:
        """Cells for names, and the columns there is room for; the one that is sorted by among them."""
        longest = max((cell_width(self.session.label(run.name)) for run in self._rows), default=0)
        cells = min(max(longest, NAME_CELLS[0]), NAME_CELLS[1], max(NAME_CELLS[0], width // 3))
        room = width - 3 - cells
        by = self.columns[self.sorted_by - 1] if self.sorted_by else None
        room -= by.cells + 1 if by is not None else 0
        shown = []
        for column in self.columns:
            if column is by:
                shown.append(column)
            elif column.cells < room:
                shown.append(column)
                room -= column.cells + 1
            else:
                room = 0
        left = width - 3 - cells - sum(column.cells + 1 for column in shown)
        if left <= HOLDS_CELLS:
            cells = max(cells, min(longest, cells + left))
        return cells, shown

    def heading(self, width: int) -> list[Piece]:
        """The titles of the columns."""
        cells, shown = self.parts(width)
        pieces: list[Piece] = [(pad("   run", cells + 3), self.look("muted"))]
        for column in shown:
            is_by = self.sorted_by and column is self.columns[self.sorted_by - 1]
            sign = ("▲" if self.smallest_first else "▼") if is_by else ""
            pieces.append(
                (pad(column.title + sign, column.cells + 1, "right"), self.look("accent" if is_by else "muted"))
            )
        return pieces

    # -- what takes long -----------------------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.count_bad_values()

    def count_bad_values(self) -> None:
        """Count beside the screen what is not finite, of runs that moved since."""
        if not self._counting:
            self._counting = True
            self.run_worker(self._count_bad_values())

    async def _count_bad_values(self) -> None:
        try:
            for run in self.session.filtered_runs():
                version = run.version
                known = self._bad.get(run.name)
                if known is None or known[0] != version:
                    self._bad[run.name] = version, await asyncio.to_thread(count_bad, run)
                    if run in self._rows[self.top : self.top + self.size.height]:
                        self.repaint()
        finally:
            self._counting = False
            self.repaint()

    # -- keys ----------------------------------------------------------------------------------------------------

    def _sort(self, by: int) -> None:
        self.sorted_by = by % (len(self.columns) + 1)
        self.repaint()
        self.moved()

    def action_left(self) -> None:
        self._sort(self.sorted_by - 1)

    def action_right(self) -> None:
        self._sort(self.sorted_by + 1)

    def turn(self) -> None:
        """The order the other way round."""
        self.smallest_first ^= True
        self.repaint()
        self.moved()

    def open_row(self) -> None:
        if self._rows:
            self.session.view.focused_group = None
            self.session.view.focused_run = self._rows[self.cursor].name
            self.screen.dismiss()

    def moved(self) -> None:
        self.screen.query_one(GlanceHeading).repaint()


class GlanceHeading(Painted):
    """The titles above the lines, which do not scroll."""

    DEFAULT_CSS = "GlanceHeading { height: 1; }"

    def paint(self, width: int, height: int) -> list[Strip]:
        return [self.line(self.screen.query_one(GlanceLines).heading(width), width)]


class GlancePanel(Panel):
    """All runs in one table."""

    DEFAULT_CSS = "GlancePanel > #panel { width: 100%; max-width: 160; }"
    BINDINGS: ClassVar[list[BindingType]] = [("Q", "close"), ("semicolon", "turn")]
    SUBTITLE = "h/l sort  ; turn  enter go  esc close"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def title_text(self) -> str:
        runs = self.session.filtered_runs()
        live = sum(self.session.is_live(run) for run in runs)
        return f"{len(runs)} run{'s' * (len(runs) != 1)}, {live} live"

    def lines(self) -> Lines:
        return GlanceLines(self.session)

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield GlanceHeading()
            yield self.lines()

    def update_data(self) -> None:
        super().update_data()
        self.query_one(GlanceLines).count_bad_values()
        self.query_one(GlanceHeading).repaint()

    def action_turn(self) -> None:
        self.query_one(GlanceLines).turn()
