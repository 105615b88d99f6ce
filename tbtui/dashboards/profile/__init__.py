"""The profile dashboard: where the time of a capture went, in views that keys choose."""

from __future__ import annotations

import asyncio
import csv
import io
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Container
from textual.widget import Widget

from tbtui.analysis.text import cut, safe
from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.looks import looks_of
from tbtui.dashboards.new_file import new_file
from tbtui.dashboards.profile.memory import draw_memory
from tbtui.dashboards.profile.opening import Opened, Opener
from tbtui.dashboards.profile.panes import AroundPanel, OverviewPane, ProfileHead, TablePane
from tbtui.dashboards.profile.timeline import TimelineMoved, TimelinePane
from tbtui.profiles.around import around
from tbtui.profiles.tables import Table
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.keys import bindings
from tbtui.widgets.session import Session
from tbtui.widgets.tag_picker import TagPicker

VIEWS = ("overview", "steps", "ops", "kernels", "framework", "memory", "timeline")
TITLES = {
    "overview": "Overview",
    "steps": "Steps",
    "ops": "Operators",
    "kernels": "Kernels",
    "framework": "Framework",
    "memory": "Memory",
    "timeline": "Timeline",
}


class MemoryPane(ChartPanel):
    """The chart of memory; takes the focus, and has nothing to move in it."""

    BINDINGS = bindings("list")

    def __init__(self, draw: Callable[[], None]) -> None:
        super().__init__(id="profile-memory")
        self._draw = draw

    def on_resize(self) -> None:
        self._draw()


class ProfileDashboard(Dashboard):
    """One capture of one host at a time."""

    SCOPES = ("profile",)
    FILTER = "rows"
    DEFAULT_CSS: ClassVar[str] = """
    ProfileDashboard { layout: vertical; }
    ProfileDashboard > #profile-body { width: 1fr; height: 1fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        ascii_only = session.options.ascii
        self.view = "overview"
        self.opener = Opener(session, self)
        self.head = ProfileHead()
        self.overview = OverviewPane(ascii_only)
        self.table = TablePane(self.open_row)
        self.memory = MemoryPane(self.draw_memory)
        self.timeline = TimelinePane()
        self._ascii = ascii_only
        self._message = "Looking for captures ..."
        self._typed = ""
        self._step = 0

    def compose(self) -> ComposeResult:
        yield self.head
        with Container(id="profile-body"):
            yield self.overview
            yield self.table
            yield self.memory
            yield self.timeline

    # -- what the app asks for

    def on_mount(self) -> None:
        self.show_view(self.view)
        self.opener.look()

    def update_data(self) -> None:
        self.opener.look()

    def view_changed(self) -> None:
        if self.is_mounted:
            self.opener.look()
            self.head.repaint()
            self.overview.repaint()
            self.table.repaint()
            self.timeline.redraw()

    def focus_first(self) -> None:
        self.pane().focus()

    def step_out(self) -> bool:
        if self._typed:
            self.type_text("")
            return True
        if self.view != "overview":
            self.show_view("overview")
            return True
        return False

    def scopes(self) -> tuple[str, ...]:
        return ("list", *self.SCOPES)

    def place(self) -> str:
        return f"{VIEWS.index(self.view) + 1}/{len(VIEWS)} {TITLES[self.view].lower()}"

    def typed(self) -> str:
        return self._typed

    def type_text(self, text: str) -> None:
        self._typed = text
        self.table.narrow(text)
        self.say_head()

    def typed_found(self) -> str:
        return f"{len(self.table.rows)} rows"

    # -- what the opener tells

    def show_message(self, text: str) -> None:
        """Instead of a capture."""
        self._message = text
        self.opener.opened = None
        if self.is_mounted:
            self.overview.show_words(text)
            self.table.show(Table((), []))
            self.say_head()

    def show_capture(self, opened: Opened) -> None:
        """A capture was read."""
        looks = looks_of(self.app, self.session.options)
        self.timeline.colored, self.timeline.muted = looks.colored, looks.muted
        self._message = ""
        self._step = 0
        profile = opened.profile
        self.overview.show(opened.overview, profile.devices, profile.problems)
        self.timeline.show_capture(opened)
        self.show_view(self.view)

    def start(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run this beside the rest; what was begun before is given up."""
        self.run_worker(work(), group="capture", exclusive=True)

    # -- views

    def pane(self) -> Widget:
        """What the view is shown in."""
        if self.view == "overview" or self.opener.opened is None:
            return self.overview
        return {"memory": self.memory, "timeline": self.timeline}.get(self.view, self.table)

    def show_view(self, view: str) -> None:
        """Show this view of the capture."""
        had_focus = any(pane.has_focus for pane in self.panes())
        self.view = view
        opened = self.opener.opened
        if opened is not None and view in opened.tables:
            self.table.show(opened.tables[view])
        pane = self.pane()
        for one in self.panes():
            one.display = one is pane
        if had_focus:
            pane.focus()
        if view == "memory":
            self.call_after_refresh(self.draw_memory)
        if view == "timeline":
            self.call_after_refresh(self.timeline.redraw)
        self.say_head()

    def panes(self) -> tuple[OverviewPane, TablePane, MemoryPane, TimelinePane]:
        """Everything that is shown in turns."""
        return (self.overview, self.table, self.memory, self.timeline)

    def draw_memory(self) -> None:
        """Draw the chart of memory at its present size."""
        opened, (width, height) = self.opener.opened, self.memory.size
        if opened is not None and width > 1 and height > 1:
            uses = opened.overview.memory
            self.memory.show(draw_memory(uses, width, height, looks_of(self.app, self.session.options)))

    def say_head(self) -> None:
        """Tell in the line above what is shown."""
        capture = self.opener.capture
        title = " ".join(part for part in (capture.session, capture.host) if part) if capture is not None else ""
        if self.view == "timeline" and self.opener.opened is not None:
            words = cut(safe(self.timeline.words()), max(10, self.size.width - 30), "head")
        elif self._typed:
            words = f"/ {self._typed}: {len(self.table.rows)} rows"
        else:
            words = self._message
        self.head.show(title, TITLES[self.view], words)

    def on_timeline_moved(self, event: TimelineMoved) -> None:
        event.stop()
        self.say_head()

    # -- keys

    def action_next_view(self) -> None:
        """The next view."""
        self.show_view(VIEWS[(VIEWS.index(self.view) + 1) % len(VIEWS)])

    def action_previous_view(self) -> None:
        """The view before."""
        self.show_view(VIEWS[VIEWS.index(self.view) - 1])

    def action_view_overview(self) -> None:
        """The overview."""
        self.show_view("overview")

    def action_view_steps(self) -> None:
        """The steps as a table."""
        self.show_view("steps")

    def action_view_ops(self) -> None:
        """The operators."""
        self.show_view("ops")

    def action_view_kernels(self) -> None:
        """The kernels."""
        self.show_view("kernels")

    def action_view_framework(self) -> None:
        """The operations of the framework."""
        self.show_view("framework")

    def action_view_memory(self) -> None:
        """Memory over time."""
        self.show_view("memory")

    def action_view_timeline(self) -> None:
        """Threads and streams as lanes."""
        self.show_view("timeline")

    def action_choose_capture(self) -> None:
        """Choose among the captures there are."""
        choices = self.opener.choices()
        if len(choices) < 2:
            self.say("There is no other capture")
            return

        def chosen(title: str | None) -> None:
            if title is not None:
                self.opener.open(choices[title][1])

        current = next((title for title, (_, one) in choices.items() if one == self.opener.capture), "")
        self.app.push_screen(TagPicker("Captures", [choice for choice, _ in choices.values()], chosen, current))

    def action_sort_rows(self) -> None:
        """Sort the table by the next column."""
        if self.pane() is self.table:
            self.say(f"Sorted by {self.table.sort_next().replace('_', ' ')}")

    def action_turn_rows(self) -> None:
        """The other way round."""
        if self.pane() is self.table:
            self.table.turn()

    def action_python(self) -> None:
        """Python's functions among the operators, or not."""
        self.opener.again(not self.opener.python)
        self.say(f"Functions of Python are {'' if self.opener.python else 'not '}counted, where they were recorded")

    def action_zoom_in(self) -> None:
        """Closer."""
        self._in_timeline(partial(self.timeline.zoom, 0.5))

    def action_zoom_out(self) -> None:
        """Farther."""
        self._in_timeline(partial(self.timeline.zoom, 2.0))

    def action_pan_left(self) -> None:
        """Earlier."""
        self._in_timeline(partial(self.timeline.pan, -0.25))

    def action_pan_right(self) -> None:
        """Later."""
        self._in_timeline(partial(self.timeline.pan, 0.25))

    def action_fit(self) -> None:
        """The whole capture."""
        self._in_timeline(self.timeline.fit)

    def action_next_step(self) -> None:
        """The next step of the capture."""
        self._to_step(1)

    def action_previous_step(self) -> None:
        """The step before."""
        self._to_step(-1)

    def _to_step(self, by: int) -> None:
        def go() -> None:
            self._step = self.timeline.to_step(self._step + by)

        self._in_timeline(go)
        opened = self.opener.opened
        if opened is not None and opened.overview.steps:
            self.say(opened.overview.steps[self._step].name)

    def _in_timeline(self, act: Callable[[], None]) -> None:
        if self.view != "timeline":
            self.show_view("timeline")
        act()
        self.say_head()

    def open_row(self, name: str) -> None:
        """Enter on a row: what is around an operator; a step in the timeline."""
        opened = self.opener.opened
        if opened is None:
            return
        if self.view == "steps":
            self._step = self.table.rows.index(self.table.rows[self.table.cursor])
            names = [step.name for step in opened.overview.steps]
            self._step = names.index(name) if name in names else 0
            self._to_step(0)
        elif self.view == "ops":
            self.app.push_screen(AroundPanel(name, around(opened.profile, opened.calls, name)))

    def action_export(self) -> None:
        """Write the table to a new file."""
        if self.opener.opened is None:
            return
        if self.pane() is not self.table:
            self.say("Only tables are written to files")
            return
        self.run_worker(self._export(self.table.table), group="export")

    async def _export(self, table: Table) -> None:
        try:
            name = await asyncio.to_thread(_write, table, f"profile-{self.view}")
        except OSError as error:
            self.say(f"Not written: {error.strerror or error}")
        else:
            self.say(f"Wrote {name}")

    def action_copy(self) -> None:
        """Copy the table to the clipboard."""
        if self.pane() is self.table and self.table.rows:
            self.app.copy_to_clipboard(_as_csv(self.table.table))
            self.say(f"Copied {len(self.table.rows)} rows")


def _as_csv(table: Table) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(table.rows)
    return text.getvalue()


def _write(table: Table, title: str) -> str:
    with new_file(Path.cwd(), title) as file:
        file.write(_as_csv(table).encode())
        return str(file.name)
