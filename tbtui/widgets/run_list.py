"""The list of runs: colour, state, name, last step, and the course of one tag. Only the rows in sight cost anything."""

from __future__ import annotations

from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip

from tbtui.analysis.numbers import format_step
from tbtui.analysis.text import cell_width, cut, pad, safe
from tbtui.store import Run
from tbtui.widgets.keys import bindings
from tbtui.widgets.messages import ViewChanged
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.session import Session

STEP_CELLS = 6
WHEEL_ROWS = 3


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
        return [
            self._row(run, number == cursor, width)
            for number, run in enumerate(runs[self.top : self.top + height], self.top)
        ]

    def _nothing(self) -> str:
        if self.session.run_filter.error:
            return self.session.run_filter.error
        return "no run matches the filter" if self.session.runs() else "no runs yet"

    def _row(self, run: Run, at_cursor: bool, width: int) -> Strip:
        session = self.session
        shown = not session.view.is_hidden(run.name)
        ground = self.look("cursor" if self.has_focus else "blur") if at_cursor else self.look("text")
        strong, muted, faint = (ground + self.ink(name) for name in ("strong", "muted", "faint"))
        shape, look = session.state_sign(run)
        color = ground + self.ink("text", session.color(run.name))
        step = "" if run.last_step is None else format_step(run.last_step)
        spark_cells = 0 if width < 28 else 8 if width < 40 else 12
        name_cells = max(4, width - 4 - STEP_CELLS - (spark_cells + 1 if spark_cells else 0) - 1)
        name_look = strong if at_cursor else ground if shown else faint
        pieces: list[Piece] = [
            ("▌" if shown else " ", color),
            (f"{shape} ", ground + self.ink(look if shown else "faint")),
            (pad(cut(safe(run.name), name_cells, keep="middle"), name_cells), name_look),
            (pad(step, STEP_CELLS + 1, "right"), muted if shown else faint),
        ]
        if spark_cells:
            spark = session.spark(run, spark_cells)
            pieces.append((" " + spark, color if shown else faint))
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

    def action_right(self) -> None:
        """To the charts."""
        self.screen.focus_next()

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

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        return len(self.session.filtered_runs())
