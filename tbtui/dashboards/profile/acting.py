"""The keys of the profile dashboard."""

from __future__ import annotations

import asyncio
import csv
import io
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tbtui.analysis.text import cut, safe
from tbtui.commands.profile_text import cell_text, heading, time_text
from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.new_file import new_file
from tbtui.dashboards.profile.opening import Opened, Opener
from tbtui.dashboards.profile.panels import AroundPanel, FactPanel
from tbtui.dashboards.profile.timeline_labels import launcher_of
from tbtui.dashboards.profile.views import VIEWS
from tbtui.profiles.around import around
from tbtui.profiles.memory import MemoryUse
from tbtui.profiles.tables import Table
from tbtui.store.run import Profile as Capture
from tbtui.widgets.tag_picker import TagPicker

if TYPE_CHECKING:
    from tbtui.dashboards.profile.overview import OverviewPane
    from tbtui.dashboards.profile.several import Several
    from tbtui.dashboards.profile.table import TablePane
    from tbtui.dashboards.profile.timeline import TimelinePane


NO_CAPTURE = "No capture is on the screen"


class ProfileKeys(Dashboard):
    """Answers the keys; what is shown is made by the dashboard itself."""

    view: str
    rows_of: dict[str, str]
    opener: Opener
    several: Several
    overview: OverviewPane
    table: TablePane
    timeline: TimelinePane
    idle: bool
    full_names: bool
    device: int | None
    step = 0

    if TYPE_CHECKING:

        def pane(self) -> object: ...
        @property
        def row_kind(self) -> str: ...
        def choice_of_rows(self) -> Sequence[tuple[str, str]]: ...
        def show_view(self, view: str) -> None: ...
        def show_table(self) -> None: ...
        def say_head(self) -> None: ...
        def draw_memory(self) -> None: ...

    # -- views

    def go(self, view: str) -> None:
        """Show a view, and give it the focus."""
        if view == self.view and self.app.focused is self.pane():
            self.say(f"{VIEWS[view].title} is what is shown already")
        self.show_view(view)
        self.focus_first()

    def action_next_view(self) -> None:
        """The next view."""
        names = list(VIEWS)
        self.go(names[(names.index(self.view) + 1) % len(names)])

    def action_previous_view(self) -> None:
        """The view before."""
        names = list(VIEWS)
        self.go(names[names.index(self.view) - 1])

    def action_view_overview(self) -> None:
        """The overview."""
        self.go("overview")

    def action_view_steps(self) -> None:
        """The steps as a table."""
        self.go("steps")

    def action_view_ops(self) -> None:
        """The operators."""
        self.go("ops")

    def action_view_kernels(self) -> None:
        """The kernels."""
        self.go("kernels")

    def action_view_framework(self) -> None:
        """The operations of the framework."""
        self.go("framework")

    def action_view_memory(self) -> None:
        """Memory over time."""
        self.go("memory")

    def action_view_timeline(self) -> None:
        """Threads and streams as lanes."""
        self.go("timeline")

    def action_view_distributed(self) -> None:
        """Ranks side by side."""
        self.go("distributed")

    def action_view_difference(self) -> None:
        """The difference to another session, which is chosen first."""
        again = self.view == "difference"
        if self.opener.opened is not None and self.opener.opened.only_analyses:
            self.say("Only captures are compared: of this session there are analyses alone")
            return
        if self.opener.opened is not None and (again or self.several.other is None):
            others = [capture for capture in self.opener.comparable() if capture != self.opener.capture]
            self._choose("Compare with", self.several.compare_with, self.several.other, others)
        if again:
            self.focus_first()
        else:
            self.go("difference")

    def action_view_analyses(self) -> None:
        """What an older profiler made of the capture."""
        self.go("analyses")

    # -- captures

    def action_choose_capture(self) -> None:
        """Choose among the captures there are."""
        self._choose("Captures", self.opener.open, None, [capture for _, capture in self.opener.found])

    def _choose(self, title: str, act: Callable[[Capture], None], at: Capture | None, among: Sequence[Capture]) -> None:
        choices = {name: one for name, one in self.opener.choices().items() if one[1] in among}
        shown = self.opener.capture if self.opener.opened is not None else None
        if all(capture == shown for _, capture in choices.values()):
            self.say("There is no other capture")
            return

        def chosen(name: str | None) -> None:
            if name is not None:
                act(choices[name][1])

        current = next((name for name, (_, one) in choices.items() if one == (at or self.opener.capture)), "")
        self.app.push_screen(TagPicker(title, [choice for choice, _ in choices.values()], chosen, current))

    def action_next_capture(self) -> None:
        """The next host, worker or session."""
        self._beside(1)

    def action_previous_capture(self) -> None:
        """The one before."""
        self._beside(-1)

    def _beside(self, by: int) -> None:
        captures = [capture for _, capture in self.opener.choices().values()]
        if len(captures) < 2 or self.opener.capture not in captures:
            self.say("There is no other capture")
            return
        place = (captures.index(self.opener.capture) + by) % len(captures)
        self.opener.open(captures[place])
        self.say(f"capture {place + 1} of {len(captures)}")

    # -- tables

    def action_sort_rows(self) -> None:
        """Sort the table by the column at the cursor."""
        if self._has_table():
            self.table.sort()
            upward = self.table.upward
            words = (
                ("z first" if upward else "a first")
                if self.table.sorts_words
                else ("the smallest first" if upward else "the largest first")
            )
            self.say(f"Sorted by {self.table.ordered_by}, {words}")

    def action_turn_rows(self) -> None:
        """The other way round."""
        if self._has_table():
            self.table.turn()
            if len(self.table.rows) < 2:
                self.say("There are no two rows to turn round")

    def _has_table(self) -> bool:
        if self.pane() is self.table:
            return True
        self.say("This view has no table")
        return False

    def action_next_rows(self) -> None:
        """What the rows of the view stand for: the next."""
        rows = [name for name, _ in self.choice_of_rows()]
        if len(rows) < 2:
            self.say("The rows of this view stand for one thing only")
            return
        self.rows_of[self.view] = rows[(rows.index(self.row_kind) + 1) % len(rows)]
        self.show_view(self.view)

    def action_show_idle(self) -> None:
        """Idle time as a row, or not."""
        if self.view not in ("ops", "framework"):
            self.say("Idle time is a row among operators, and among the framework's operations")
            return
        self.idle = not self.idle
        if self.view == "ops":
            self.rows_of["ops"] = ""
        self.show_table()
        self.say(f"Idle time is {'' if self.idle else 'not '}among the rows")

    def action_whole_names(self) -> None:
        """Names of kernels in full, or not."""
        self.full_names = not self.full_names
        if self.view != "kernels":
            self.show_view("kernels")
        else:
            self.show_table()
        self.say("Names of kernels " + ("in full" if self.full_names else "shortened"))

    def action_next_device(self) -> None:
        """Memory of the next device, or of all."""
        uses = self.memory_uses()
        if len(uses) < 2:
            self.say("There is memory of one device only" if uses else "No memory was recorded in this capture")
            return
        self.device = 0 if self.device is None else self.device + 1 if self.device + 1 < len(uses) else None
        self.show_view("memory")

    def memory_uses(self) -> list[MemoryUse]:
        """Memory by device."""
        return self.opener.opened.overview.memory if self.opener.opened is not None else []

    def action_python(self) -> None:
        """Python's functions among the operators, or not."""
        self.opener.again(not self.opener.python)
        self.say(f"Functions of Python are {'' if self.opener.python else 'not '}counted, where they were recorded")

    # -- the timeline

    def action_zoom_in(self) -> None:
        """Closer."""
        self._see(partial(self.timeline.zoom, 0.5), "The timeline gets no closer")

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
        self._see(self.timeline.fit, "This is the whole capture")

    def action_next_step(self) -> None:
        """The next step of the capture."""
        self.to_step(self.step + 1)

    def action_previous_step(self) -> None:
        """The step before."""
        self.to_step(self.step - 1)

    def action_first_step(self) -> None:
        """The first step of the capture."""
        self.to_step(0)

    def action_last_step(self) -> None:
        """The last step of the capture."""
        self.to_step(1 << 60)

    def to_step(self, number: int) -> None:
        """Show a step in the timeline."""

        def go() -> None:
            self.step = self.timeline.to_step(number)

        self._in_timeline(go)
        opened = self.opener.opened
        if opened is not None and opened.overview.steps:
            self.say(safe(opened.overview.steps[self.step].name))

    def action_next_span(self) -> None:
        """The next on the lane."""
        self._in_timeline(partial(self._to_span, 1))

    def action_previous_span(self) -> None:
        """The one before."""
        self._in_timeline(partial(self._to_span, -1))

    def _to_span(self, by: int) -> None:
        if not self.timeline.to_span(by):
            self.say("Nothing more on this lane")

    def action_next_gap(self) -> None:
        """The next time in which the device is idle."""
        self._in_timeline(partial(self._to_gap, 1))

    def action_previous_gap(self) -> None:
        """The one before."""
        self._in_timeline(partial(self._to_gap, -1))

    def _to_gap(self, by: int) -> None:
        found = self.timeline.to_gap(by)
        if found is None:
            self.say("No more idle time of the device that is seen at this zoom")
        else:
            begin, end = found
            self.say(f"The device is idle for {time_text(end - begin)} from {time_text(begin)}")

    def _see(self, act: Callable[[], None], otherwise: str) -> None:
        """See another part of the timeline, or say why there is none."""
        before = self.view, self.timeline.begin, self.timeline.end
        self._in_timeline(act)
        if self.opener.opened is not None and (self.view, self.timeline.begin, self.timeline.end) == before:
            self.say(otherwise)

    def _in_timeline(self, act: Callable[[], None]) -> None:
        if self.opener.opened is None:
            self.say(NO_CAPTURE)
            return
        if self.view != "timeline":
            self.go("timeline")
        act()
        self.say_head()

    def tell_span(self) -> None:
        """All that the capture tells of the span at the cursor."""
        opened, found = self.opener.opened, self.timeline.at_cursor()
        if opened is None or found is None:
            self.say("Nothing runs at the cursor")
            return
        self.app.push_screen(FactPanel(cut(opened.profile.name_of(found), 60, "middle"), _facts(opened, found)))

    # -- rows

    def open_row(self, row: tuple[Any, ...]) -> None:
        """Enter on a row: what is around an operator, a step in the timeline, or all that the table tells of it."""
        opened = self.opener.opened
        if opened is None:
            return
        name, kind = str(row[0]), self.row_kind
        if opened.only_analyses or self.view == "analyses":
            self._tell_row(row)
        elif self.view == "steps":
            names = [step.name for step in opened.overview.steps]
            self.to_step(names.index(name) if name in names else 0)
        elif (self.view == "ops" and kind in ("", "shapes", "scoped")) or self.view == "difference":
            self.run_worker(self._tell_around(opened, name), group="around", exclusive=True)
        else:
            self._tell_row(row)

    def _tell_row(self, row: tuple[Any, ...]) -> None:
        names = [heading(one) for one in self.table.table.names]
        cells = [cell_text(one, value) for one, value in zip(self.table.table.names, row, strict=True)]
        facts = [(one, cell) for one, cell in zip(names, cells, strict=True) if cell]
        self.app.push_screen(FactPanel(cut(str(row[0]).strip(), 60, "middle"), facts))

    async def _tell_around(self, opened: Opened, name: str) -> None:
        found = await asyncio.to_thread(around, opened.profile, opened.calls, name)
        self.app.push_screen(AroundPanel(name, found))

    # -- taking away

    def action_export(self) -> None:
        """Write the table to a new file."""
        if self.opener.opened is None:
            self.say(NO_CAPTURE)
            return
        if self.pane() is not self.table:
            self.say("Only tables are written to files")
            return
        title = "-".join(part for part in ("profile", self.view, *re.findall(r"\w+", self.row_kind)) if part)
        self.run_worker(self._export(self.table.table, title), group="export")

    async def _export(self, table: Table, title: str) -> None:
        try:
            name = await asyncio.to_thread(_write, table, title)
        except OSError as error:
            self.say(f"Not written: {error.strerror or error}")
        else:
            self.say(f"Wrote {name}")

    def action_copy(self) -> None:
        """Copy the table, or what the overview or the cursor of the timeline says, to the clipboard."""
        if self.opener.opened is None:
            self.say(NO_CAPTURE)
            return
        if self.pane() is self.table:
            self.app.copy_to_clipboard(as_csv(self.table.table))
            self.say(f"Copied {len(self.table.rows)} rows")
        else:
            text = self.overview.text if self.pane() is self.overview else safe(self.timeline.words())
            self.app.copy_to_clipboard(text)
            self.say("Copied the overview" if self.pane() is self.overview else "Copied what is at the cursor")


def _facts(opened: Opened, span: int) -> list[tuple[str, str]]:
    profile = opened.profile
    spans = profile.spans
    lane = profile.lanes[int(spans.lane[span])]
    facts = [
        ("name", profile.name_of(span)),
        ("duration", time_text(int(spans.duration[span]))),
        ("begins", time_text(int(spans.start[span]))),
        ("lane", lane.title or lane.thread),
        ("launched by", launcher_of(opened, span)),
    ]
    facts += [(str(key), str(value)) for key, value in profile.details(span).items()]
    return [(label, value) for label, value in facts if value]


def as_csv(table: Table) -> str:
    """A table as it is written to files."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(table.rows)
    return text.getvalue()


def _write(table: Table, title: str) -> str:
    with new_file(Path.cwd(), title) as file:
        file.write(as_csv(table).encode())
        return str(file.name)
