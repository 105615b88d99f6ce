"""Layers at a glance: every weight of a run as a strip of colour over the steps, with what looks wrong named in words.

A dead, exploding, vanishing or frozen layer is a strip that looks unlike its neighbours; the rules that say so are in
`analysis.layers`.
"""

from __future__ import annotations

import asyncio
import io
import time
from collections.abc import Coroutine, Hashable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Literal

import numpy as np
import numpy.typing as npt
from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from tbtui.analysis.layers import ORDERS, STATISTICS
from tbtui.analysis.text import safe
from tbtui.analysis.ticks import TickKind
from tbtui.charts.cells import Cells, blank
from tbtui.commands.export import write_csv
from tbtui.dashboards.digests import Digests
from tbtui.dashboards.drawn import DrawnDashboard
from tbtui.dashboards.layers.picture import Look, Picture, Strips, draw, page_rows
from tbtui.dashboards.layers.rows import LayerRow, LayerRows
from tbtui.dashboards.scalars.taking import export_rows
from tbtui.dashboards.steps import StepCursor, StepKeys
from tbtui.store import Points
from tbtui.widgets.ask_line import AskLine
from tbtui.widgets.messages import ShowTag

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

__all__ = ["LayersDashboard"]

REST = 0.25
"""Seconds between two pictures while histograms are read: drawing takes time from reading."""

KINDS: tuple[Literal["step", "relative", "wall"], ...] = ("step", "relative", "wall")
"""What the x axis may count."""

KIND_WORDS = {"step": "steps", "relative": "time since the start of the run", "wall": "time of day"}

ORDER_WORDS = {
    "network": "as the network has them, by name",
    "flags": "what is flagged first",
    "std": "the largest deviation first",
    "drift": "what moved farthest from its first step first",
    "zeros": "the most zeros first",
}


class Sheet:
    """What is painted: all of it at once, for it takes some milliseconds."""

    def __init__(self, dashboard: LayersDashboard) -> None:
        self.dashboard = dashboard
        self.fresh = False
        self._drawn: tuple[Hashable, Picture] | None = None
        self._strips: tuple[str, Strips] = ("", Strips())

    @property
    def picture(self) -> Picture | None:
        """What was drawn last."""
        return self._drawn[1] if self._drawn is not None else None

    def steps(self) -> Iterator[None]:
        """Draw it, if anything changed."""
        board = self.dashboard
        board.rows.update()
        board.keep_focus()
        look, size = board.look(), board.pane.size
        key = (board.rows.stamp, look, size)
        if self._drawn is None or self._drawn[0] != key:
            if self._strips[0] != look.run:
                self._strips = (look.run, Strips())
            self._drawn = (key, draw(board.rows.rows, look, *size, self._strips[1]))
            self.fresh = True
        yield None

    def compose(self) -> Cells:
        """What was drawn."""
        self.fresh = False
        return self.picture.cells if self.picture is not None else blank(0, 0)


class LayersDashboard(DrawnDashboard, StepKeys):
    """Every layer of a run on one screen."""

    SCOPES: ClassVar[tuple[str, ...]] = ("layers",)
    PANE = "layers-pane"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.digests = Digests(self._start, self._arrived, session.options.purge)
        self.rows = LayerRows(session, self.digests)
        self.cursor = StepCursor()
        self.own = False
        self.focused = ""
        self.top = 0
        self.sheet = Sheet(self)
        self._told = ""
        self._waiting, self._painted = False, 0.0

    def compose(self) -> ComposeResult:
        yield self.pane
        yield AskLine(placeholder="step", id="layers-step-line", compact=True, type="integer")

    def _start(self, work: Coroutine[object, object, None]) -> None:
        self.run_worker(work)

    def _arrived(self) -> None:
        """More was read: drawn at once after a rest, else a little later, together with what comes until then."""
        if not self._waiting:
            self._waiting = True
            self.set_timer(max(0.001, self._painted + REST - time.monotonic()), self._paint_arrived)

    def _paint_arrived(self) -> None:
        self._waiting, self._painted = False, time.monotonic()
        self.painter.paint()

    # --- what the app asks for

    def update_data(self) -> None:
        self.painter.paint()

    def view_changed(self) -> None:
        self.painter.paint(hurry=True)

    def focus_first(self) -> None:
        self.pane.focus()

    def step_out(self) -> bool:
        if self.cursor.follows:
            return False
        self.cursor.step = None
        self.step_moved()
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("list", *self.SCOPES)

    def place(self) -> str:
        row = self.row()
        words = self.cursor.words(self.focused_steps())
        return f"{words}  layer {self.number() + 1}/{len(self.rows.rows)}" if row is not None else ""

    def tag_counts(self) -> tuple[int, int]:
        run = self.rows.run()
        if run is None:
            return (0, 0)
        everything = [tag for plugin, tag in list(run.blobs) if plugin == "histograms"]
        return len([tag for tag in everything if self.session.tag_matches(tag)]), len(everything)

    # --- drawing

    def look(self) -> Look:
        """What is drawn besides the rows."""
        run = self.rows.run()
        return Look(
            run=self.session.label(run.name) if run is not None else "",
            statistic=self.rows.number,
            order=self.rows.order,
            which=self.rows.which,
            focus=self.number(),
            top=self.top,
            step=self.cursor.step,
            own=self.own,
            kind=self.kind,
            start=(run.start_time or 0.0) if run is not None else 0.0,
            why_empty=self.rows.why_empty(),
            looks=self.looks(),
        )

    def sight(self) -> Sheet | None:
        width, height = self.pane.size
        if not width or not height or not self.is_attached:
            return None
        self.digests.want(self.rows.sources())
        return self.sheet

    async def settled(self) -> None:
        """Wait until everything that was asked for is read and drawn."""
        await self.painter.settled()
        await self.digests.settled()
        self.painter.paint()
        await self.painter.settled()

    # --- the focused layer

    def number(self) -> int:
        """Which row has the focus."""
        return next((n for n, row in enumerate(self.rows.rows) if row.layer.tag == self.focused), 0)

    def row(self) -> LayerRow | None:
        """The row that has the focus."""
        return self.rows.rows[self.number()] if self.rows.rows else None

    def keep_focus(self) -> None:
        """The focus stays on its layer, and that on the screen."""
        if not self.rows.rows:
            return
        number = self.number()
        self.focused = self.rows.rows[number].layer.tag
        fit, _ = page_rows(self.pane.size.height, len(self.rows.rows))
        self.top = min(max(self.top, number - fit + 1), number, max(0, len(self.rows.rows) - fit))

    def _move(self, by: int) -> None:
        rows = self.rows.rows
        wanted = min(max(self.number() + by, 0), len(rows) - 1)
        if not rows or wanted == self.number():
            self.say(
                "There is no other layer" if len(rows) < 2 else f"This is the {'last' if by > 0 else 'first'} layer"
            )
            return
        self.focused = rows[wanted].layer.tag
        self.moved()

    def moved(self) -> None:
        """The focus or the cursor is elsewhere."""
        self.painter.paint(hurry=True)
        here = self.place()
        if here != self._told:
            self._told = here
            self.changed()

    def do_down(self) -> None:
        self._move(1)

    def do_up(self) -> None:
        self._move(-1)

    def do_left(self) -> None:
        self.move_steps(-1)

    def do_right(self) -> None:
        self.move_steps(1)

    def do_first(self) -> None:
        self._move(-len(self.rows.rows))

    def do_last(self) -> None:
        self._move(len(self.rows.rows))

    def do_page_down(self) -> None:
        self._move(page_rows(self.pane.size.height, len(self.rows.rows))[0])

    def do_page_up(self) -> None:
        self._move(-page_rows(self.pane.size.height, len(self.rows.rows))[0])

    def do_open(self) -> None:
        """enter: the histograms of the layer."""
        run, row = self.rows.run(), self.row()
        if run is None or row is None:
            self.say("There is no layer to open")
            return
        self.session.view.focused_run = run.name
        self.post_message(ShowTag(("histograms", "distributions"), run.name, row.layer.tag))

    # --- the step cursor

    def focused_steps(self) -> npt.NDArray[np.int64]:
        row = self.row()
        return row.layer.steps if row is not None else np.empty(0, np.int64)

    def step_moved(self) -> None:
        self.moved()

    def ask_for_step(self) -> None:
        self.query_one(AskLine).begin()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.pane.focus()
        if event.value:
            self.go_to_step(event.value)

    # --- what is shown

    def action_next_statistic(self) -> None:
        self._statistic(1)

    def action_previous_statistic(self) -> None:
        self._statistic(-1)

    def _statistic(self, by: int) -> None:
        self.rows.statistic = (self.rows.statistic + by) % len(STATISTICS)
        self.say(f"Colours show: {self.rows.number.name}")
        self.moved()

    def action_sort_layers(self) -> None:
        self.rows.order = ORDERS[(ORDERS.index(self.rows.order) + 1) % len(ORDERS)]
        self.say(f"Order: {ORDER_WORDS[self.rows.order]}")
        self.moved()

    def action_which_tags(self) -> None:
        kinds = self.rows.kinds()
        if len(kinds) < 2:
            self.say(f"The run has histograms of {kinds[0]} only" if kinds else "The run has no histograms")
            return
        at = kinds.index(self.rows.which) if self.rows.which in kinds else -1
        self.rows.which = kinds[(at + 1) % len(kinds)]
        self.say(f"Tags: {self.rows.which}")
        self.moved()

    def action_own_scale(self) -> None:
        self.own = not self.own
        self.say("Each layer has colours of its own range" if self.own else "All layers share one range of colours")
        self.moved()

    @property
    def kind(self) -> TickKind:
        """What the x axis counts: as in other dashboards, where that suits strips."""
        return next((kind for kind in KINDS if kind == self.session.view.x_axis), "step")

    def action_time_axis(self) -> None:
        self.session.view.x_axis = kind = KINDS[(KINDS.index(self.kind) + 1) % len(KINDS)]
        self.say(f"x axis: {KIND_WORDS[kind]}")
        self.changed()

    def action_next_run(self) -> None:
        self._next_run(1)

    def action_previous_run(self) -> None:
        self._next_run(-1)

    def _next_run(self, by: int) -> None:
        runs, run = self.rows.runs(), self.rows.run()
        if len(runs) < 2 or run is None:
            self.say("There is no other run with histograms")
            return
        names = [one.name for one in runs]
        at = names.index(run.name) if run.name in names else -by
        self.session.view.focused_run = names[(at + by) % len(names)]
        self.say(f"Run {safe(self.session.view.focused_run)}")
        self.changed()

    # --- taking it away

    def action_copy(self) -> None:
        """The numbers of the focused layer, at every step."""
        row = self.row()
        if row is None or not len(row.values):
            self.say("There is nothing to copy")
            return
        file = io.BytesIO()
        count = write_csv(self._table([row]), file)
        self.app.copy_to_clipboard(file.getvalue().decode())
        self.say(f"Copied {count} rows to the clipboard")

    def action_export(self) -> None:
        """The statistic of every layer at every step, into a new file in the current directory."""
        rows = self._table(self.rows.rows)
        if not rows:
            self.say("There is nothing to export")
            return
        title = f"layers-{self.rows.number.short}"

        async def do() -> None:
            self.say(await asyncio.to_thread(export_rows, rows, Path.cwd(), title))

        self.run_worker(do())

    def _table(self, rows: list[LayerRow]) -> list[tuple[str, str, Points]]:
        run = self.rows.run()
        name, short = run.name if run is not None else "", self.rows.number.short
        return [
            (name, f"{row.layer.tag} ({short})", Points(row.layer.steps, row.layer.walls, np.array(row.values)))
            for row in rows
            if len(row.values)
        ]

    # --- mouse

    def on_click(self, event: events.Click) -> None:
        picture = self.sheet.picture
        if event.widget is not self.pane or picture is None or event.y < picture.body:
            return
        number = (event.y - picture.body) // picture.tall
        if number >= picture.count:
            return
        self.focused = self.rows.rows[picture.top + number].layer.tag
        if event.chain > 1:
            self.do_open()
        elif picture.left <= event.x < picture.left + picture.width and self.kind == "step":
            share = (event.x - picture.left + 0.5) / picture.width
            self.cursor.go_to(self.focused_steps(), round(picture.x.low + share * (picture.x.high - picture.x.low)))
        self.moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._move(3)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._move(-3)
