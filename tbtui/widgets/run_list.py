"""The list of runs: colour, state, name, last step, and the course of one tag. Only the rows in sight cost anything."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tbtui.analysis.colors import RGB
from tbtui.analysis.numbers import format_age, format_step
from tbtui.analysis.text import cell_width, cut, pad
from tbtui.store import Run
from tbtui.widgets.keys import bindings
from tbtui.widgets.messages import ViewChanged
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.session import Session

WHEEL_ROWS = 3
MARK_CELLS = 3
SHORTEST_NAME = 8
SPARK_CELLS = (5, 16)
"""The fewest and the most cells of a sparkline; with less room there is none."""

AGE_CELLS, AGE_FROM = 5, 40
"""Cells that tell how long ago a run was written, and the width from which they are shown."""

SPARK_INK = 0.65
NO_FULL_BLOCK = {ord("█"): "▇"}
"""The sparklines of neighbouring rows do not touch."""


class Columns(NamedTuple):
    """Cells of the columns of the list."""

    name: int
    step: int
    age: int
    spark: int


def fit_columns(width: int, names: list[int], step: int) -> Columns:
    """Names get what they need; the sparkline gets the rest, and gives way where names are long."""
    age = AGE_CELLS if width >= AGE_FROM else 0
    room = max(SHORTEST_NAME, width - MARK_CELLS - step - 1 - age)
    name = min(room, max(names, default=0))
    spark = min(SPARK_CELLS[1], room - name - 1)
    if spark < SPARK_CELLS[0]:
        spark = SPARK_CELLS[0] if room >= 20 else 0
    return Columns(room - spark - (1 if spark else 0), step, age, spark)


def blend(color: RGB, ground: Style, share: float) -> RGB:
    """`share` of the colour on the style's background."""
    below = ground.bgcolor.get_truecolor() if ground.bgcolor else (0, 0, 0)
    red, green, blue = (round(share * one + (1 - share) * other) for one, other in zip(color, below, strict=True))
    return red, green, blue


class RunList(Painted, can_focus=True):
    """A line for each run that the filter lets through; the cursor is `View.focused_run`."""

    DEFAULT_CSS = "RunList { height: 1fr; }"
    BINDINGS = bindings("list")

    class Opened(Message):
        """The user wants to know more about a run."""

        def __init__(self, run: str) -> None:
            super().__init__()
            self.run = run

    def __init__(self, session: Session) -> None:
        super().__init__(id="runs")
        self.session = session
        self.top = 0
        self._follow_cursor = True

    # -- painting ----------------------------------------------------------------------------------------------

    def paint(self, width: int, height: int) -> list[Strip]:
        runs = self.session.filtered_runs()
        if not runs:
            return [self.line([(" " + self._nothing(), self.look("muted"))], width)]
        cursor = self._cursor(runs)
        self._scroll(cursor, len(runs), height)
        rows = runs[self.top : self.top + height]
        columns = fit_columns(width, [cell_width(self.session.label(run.name)) for run in rows], self._steps(rows))
        return [self._row(run, number == cursor, width, columns) for number, run in enumerate(rows, self.top)]

    def _steps(self, runs: list[Run]) -> int:
        return max(len(format_step(run.last_step)) if run.last_step is not None else 0 for run in runs)

    def _nothing(self) -> str:
        if self.session.run_filter.error:
            return self.session.run_filter.error
        return "no run matches the filter" if self.session.runs() else "no runs yet"

    def _row(self, run: Run, at_cursor: bool, width: int, columns: Columns) -> Strip:
        session = self.session
        shown = not session.view.is_hidden(run.name)
        ground = self.look("cursor" if self.has_focus else "blur") if at_cursor else self.look("text")
        strong, muted, faint = (ground + self.ink(name) for name in ("strong", "muted", "faint"))
        shape, look = session.state_sign(run)
        color = ground + self.ink("text", session.color(run.name))
        step = "" if run.last_step is None else format_step(run.last_step)
        name_look = strong if at_cursor else ground if shown else faint
        name = session.label(run.name)
        pieces: list[Piece] = [
            ("▌" if shown else " ", color),
            (f"{shape} ", ground + self.ink(look if shown else "faint")),
            (pad(cut(name, columns.name, keep="middle"), columns.name), name_look),
            (pad(step, columns.step + 1, "right"), muted if shown else faint),
        ]
        if columns.age:
            age = "" if run.last_wall is None else format_age(session.clock() - run.last_wall)
            pieces.append((pad(age, columns.age, "right"), muted if shown else faint))
        if columns.spark:
            few_colors = self.app.console.color_system in ("standard", None)
            full = session.color(run.name)
            dimmed = full if few_colors else blend(full, ground, SPARK_INK)
            spark = session.spark(run, columns.spark).translate(NO_FULL_BLOCK)
            pieces.append((f" {spark}", ground + self.ink("text", dimmed) if shown else faint))
        used = sum(cell_width(text) for text, _ in pieces)
        pieces.append((" " * max(0, width - used), ground))
        return self.line(pieces, width)

    # -- moving ------------------------------------------------------------------------------------------------

    def _cursor(self, runs: list[Run]) -> int:
        chosen = self.session.view.focused_run
        return next((number for number, run in enumerate(runs) if run.name == chosen), 0)

    def _scroll(self, cursor: int, count: int, height: int) -> None:
        """Keep the cursor in sight, unless the wheel has just moved the list away from it."""
        if self._follow_cursor:
            self.top = min(max(self.top, cursor - height + 1), cursor)
        self.top = max(0, min(self.top, count - height))

    def _move_to(self, number: int) -> None:
        runs = self.session.filtered_runs()
        if runs:
            self._follow_cursor = True
            self.session.view.focused_run = runs[max(0, min(number, len(runs) - 1))].name
            self.post_message(ViewChanged())

    def _move(self, rows: int) -> None:
        self._move_to(self._cursor(self.session.filtered_runs()) + rows)

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._move_to(0)

    def action_last(self) -> None:
        self._move_to(len(self.session.filtered_runs()))

    def action_left(self) -> None:
        """Nothing folds here."""

    async def action_right(self) -> None:
        """To the charts."""
        await self.run_action("app.next_pane")

    def action_open(self) -> None:
        run = self.session.focused_run()
        if run is not None:
            self.post_message(self.Opened(run.name))

    # -- mouse -------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        runs = self.session.filtered_runs()
        number = self.top + event.y
        if number >= len(runs):
            return
        if event.x < 3:
            self.session.view.toggle(runs[number].name)
        self._move_to(number)
        if event.chain == 2:
            self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        self._follow_cursor = False
        self.top = max(0, self.top + rows)
        self.repaint()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()
