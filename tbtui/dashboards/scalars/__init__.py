"""The scalars dashboard: a page of charts, one chart over the whole pane, or a table of values."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Literal

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from tbtui.dashboards.drawn import DrawnDashboard
from tbtui.dashboards.layout import NARROW
from tbtui.dashboards.scalars.actions import Actions
from tbtui.dashboards.scalars.fullscreen import FullScreen
from tbtui.dashboards.scalars.grid import Grid
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.table import Table
from tbtui.widgets.ask_line import AskLine
from tbtui.widgets.tag_picker import Choice, TagPicker

if TYPE_CHECKING:
    from tbtui.store import Store
    from tbtui.widgets.session import Session


class ScalarsDashboard(DrawnDashboard, Actions):
    """Scalars as curves and as numbers."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.mode: Literal["grid", "chart", "table"] = "grid"
        self.model = self.make_model()
        self.grid = Grid(self.model)
        self.full = FullScreen(self.model)
        self.table = Table(self.model)
        self._x_axis = session.view.x_axis
        self._told = ("", "")
        self._followed: tuple[Store | None, int, bool] = (None, -1, False)
        """Which changes of which store were painted last, and whether all was read then: pages may depend on that."""
        self._grip: tuple[int, int] | None = None
        """Where the pointer was when it was seen last with its button held down."""
        self._dragging = False

    def make_model(self) -> Model:
        """What the charts are about."""
        return Model(self.session)

    def on_mount(self) -> None:
        self.model.groups.rests.wake = lambda seconds: self.set_timer(seconds + 0.01, self.painter.paint)

    def compose(self) -> ComposeResult:
        yield self.pane
        yield AskLine(placeholder="step", id="step-line", compact=True, type="integer")
        yield AskLine(
            placeholder="limits of the y axis, like 0..1 or ..1; none: as before", id="limits-line", compact=True
        )
        yield AskLine(placeholder="weight of smoothing, 0 to 0.999", id="smoothing-line", compact=True)

    # --- what the app asks for

    def update_data(self) -> None:
        """Draw what changed; `Painter` leaves out what did not. Looking whether files have grown is no change."""
        store = self.session.store
        now = (store, store.changes, store.progress.quiet)
        if now[:2] != self._followed[:2] or (now[2] and not self._followed[2]):
            self._followed = now
            self.painter.follow()

    def view_changed(self) -> None:
        view = self.session.view
        self.mode = "table" if view.table else "grid" if self.mode == "table" else self.mode
        if view.x_axis != self._x_axis:
            self.model.x_axis_changed(self.entries(), self._x_axis)
            self._x_axis = view.x_axis
        self.painter.paint(hurry=True)

    def focus_first(self) -> None:
        self.pane.focus()

    def step_out(self) -> bool:
        if self.model.range is not None:
            self.model.range = None
        elif self.mode == "chart":
            self.close_chart()
        elif self.model.cursor is not None:
            self.model.cursor = None
        elif self.session.view.table:
            self.session.view.table = False
            self.changed()
        else:
            return False
        self.moved()
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("chart", "dashboard") if self.mode == "chart" else ("list", "dashboard")

    def place(self) -> str:
        if self.mode == "chart":
            order = self.grid.order()
            here = self.full_place
            return f"chart {order.index(here) + 1}/{len(order)}" if here in order else ""
        if self.mode == "table":
            return self.table.place_words()
        pages = len(self.grid.pages)
        page = f"page {self.grid.page + 1}/{pages}" if pages > 1 else ""
        # Of many points the next one looks as the last did: the number tells them apart.
        step = self.model.step_at_cursor(self.entries()) if self.model.cursor is not None else None
        at = "" if step is None else f"step {step:,}"
        return "  ".join(filter(None, (at, "linked" if self.session.view.linked else "", page)))

    def tag_counts(self) -> tuple[int, int]:
        self.lay_out()
        return self.grid.matching, len(self.model.tags())

    def focused_tags(self) -> Sequence[str]:
        subject = self.subject()
        return subject.tags if subject is not None else ()

    def copy_text(self, text: str) -> None:
        self.app.copy_to_clipboard(text)

    def in_background(self, work: Callable[[], str], then: Callable[[], None] | None = None) -> None:
        async def do() -> None:
            sentence = await asyncio.to_thread(work)
            if then is not None:
                then()
            self.say(sentence)

        self.run_worker(do())

    def moved(self) -> None:
        here = (self.mode, self.place())
        if here != self._told:
            self._told = here
            self.changed()
        self.painter.paint(hurry=True)

    # --- drawing

    def lay_out(self) -> None:
        """Find out what stands where, at the size of now."""
        width, height = self.pane.size
        self.grid.runs_are_listed = width < self.app.size.width
        self.grid.lay_out(width, height, narrow=self.app.size.width < NARROW)
        if self.mode == "table":
            self.table.lay_out(width, height)

    def in_full_screen(self) -> bool:
        return self.mode == "chart"

    def sight(self) -> Grid | FullScreen | Table | None:
        width, height = self.pane.size
        if not width or not height or not self.is_attached:
            return None
        looks = self.looks()
        self.lay_out()
        if self.mode == "chart":
            if self.full.subject is not None and self.full.subject.custom is not None:
                self.full.subject = self.model.custom.subject(self.full.subject.custom)
            self.full.looks = looks
            self.full.lay_out(width, height)
            return self.full
        if self.mode == "table":
            self.table.looks = looks
            return self.table
        self.grid.looks = looks
        return self.grid

    def ahead(self) -> Iterator[None]:
        """What the next page needs."""
        return self.grid.ahead() if self.mode == "grid" and self.is_attached else iter(())

    # --- what is typed

    def ask_for_step(self) -> None:
        """Let the user type a step."""
        self.query_one("#step-line", AskLine).begin()

    def ask_for_limits(self, before: str) -> None:
        """Let the user type limits of the y axis, beginning with those of now."""
        self.query_one("#limits-line", AskLine).begin(before)

    def ask_for_smoothing(self, before: str) -> None:
        """Let the user type the weight of smoothing, beginning with that of now."""
        self.query_one("#smoothing-line", AskLine).begin(before)

    def ask_for_tag(
        self, title: str, choices: Sequence[Choice], chosen: Callable[[str | None], None], focused: str
    ) -> None:
        """Let the user choose a tag in a panel."""
        self.app.push_screen(TagPicker(title, choices, chosen, focused))

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.pane.focus()
        if event.input.id == "limits-line":
            self.set_limits(event.value)
        elif event.input.id == "smoothing-line":
            self.set_smoothing(event.value)
        elif event.value:
            self.go_to_step(event.value)

    # --- mouse

    def on_click(self, event: events.Click) -> None:
        if event.widget is self.pane and not self._dragging:
            self.clicked(event.x, event.y, twice=event.chain > 1)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._grip, self._dragging = (event.screen_offset if event.button == 1 else None), False

    def on_mouse_move(self, event: events.MouseMove) -> None:
        if self._grip is None or not event.button:
            return
        columns, rows = event.screen_offset.x - self._grip[0], event.screen_offset.y - self._grip[1]
        if columns or rows:
            self._grip, self._dragging = event.screen_offset, True
            self.dragged(columns, rows)

    def on_mouse_up(self) -> None:
        self._grip = None

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.wheel(1, event.x, event.y)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.wheel(-1, event.x, event.y)


__all__ = ["ScalarsDashboard"]
