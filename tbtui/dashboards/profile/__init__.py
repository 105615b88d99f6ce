"""The profile dashboard: where the time of a capture went, in views that keys choose."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from functools import partial
from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Vertical
from textual.widget import Widget

from tbtui.dashboards.looks import Looks, looks_of
from tbtui.dashboards.profile.acting import ProfileKeys
from tbtui.dashboards.profile.analyses import WORDS, Analyses, analyses_lines, rows_of
from tbtui.dashboards.profile.facts import Line
from tbtui.dashboards.profile.head import ProfileHead, ViewChosen
from tbtui.dashboards.profile.memory import MemoryPane, draw_memory
from tbtui.dashboards.profile.opening import Opened, Opener
from tbtui.dashboards.profile.overview import OverviewPane
from tbtui.dashboards.profile.ranks import RanksPane
from tbtui.dashboards.profile.several import Several
from tbtui.dashboards.profile.table import TablePane
from tbtui.dashboards.profile.timeline import Prepared, SpanChosen, TimelineMoved, TimelinePane, prepare
from tbtui.dashboards.profile.views import VIEWS, lead, make_table
from tbtui.profiles.analysis_files import SessionAnalyses
from tbtui.profiles.tables import Table, collectives_table, difference_as_table, ranks_table
from tbtui.widgets.key_table import KEYS
from tbtui.widgets.keys import key_names, rebound
from tbtui.widgets.session import Session

EMPTY = Table((), [])


class ProfileDashboard(ProfileKeys):
    """One capture of one host at a time."""

    SCOPES = ("profile",)
    FILTER = "rows"
    DEFAULT_CSS: ClassVar[str] = """
    ProfileDashboard { layout: vertical; }
    ProfileDashboard > #profile-body { width: 1fr; height: 1fr; }
    ProfileDashboard.-memory TablePane { height: 2fr; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        ascii_only = session.options.ascii
        self.view = "overview"
        self.rows_of = {name: view.rows[0][0] for name, view in VIEWS.items()}
        self.opener = Opener(session, self)
        self.several = Several(self)
        self.analyses = Analyses(self)
        self.head = ProfileHead(_view_keys(session), ascii_only)
        self.overview = OverviewPane(self.say_place, ascii_only)
        self.ranks = RanksPane(ascii_only)
        self.memory = MemoryPane(self.draw_memory)
        self.table = TablePane(self.open_row, self.say_place, ascii_only)
        self.timeline = TimelinePane()
        self.idle = self.full_names = False
        self.device: int | None = None
        self._ascii = ascii_only
        self._message = "Looking for captures ..."
        self._typed = self._told = ""
        self._made: dict[tuple[str, str, bool], Table] = {}

    def compose(self) -> ComposeResult:
        yield self.head
        with Vertical(id="profile-body"):
            yield self.overview
            yield self.ranks
            yield self.memory
            yield self.table
            yield self.timeline

    # -- what the app asks for

    def on_mount(self) -> None:
        self.overview.show_words(self._message)
        self.show_view(self.view)
        self.opener.look()

    def update_data(self) -> None:
        self.opener.look()

    def view_changed(self) -> None:
        if self.is_mounted:
            self.opener.look()
            self._dress()
            for one in (self.head, self.overview, self.ranks, self.table):
                one.repaint()
            if self.view == "timeline":
                self.timeline.redraw()
            self.draw_memory()

    def focus_first(self) -> None:
        self.pane().focus()

    def step_out(self) -> bool:
        if self.opener.give_up():
            return True
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
        if self.pane() is self.table and self.table.rows:
            return f"{VIEWS[self.view].title.lower()} {self.table.cursor + 1}/{len(self.table.rows)}"
        word, lines = VIEWS[self.view].title.lower(), self.overview
        width, height = lines.content_size
        if self.pane() is lines and width and height < (count := lines.count(width)):
            return f"{word} {lines.top + 1}-{min(count, lines.top + height)}/{count}"
        return word

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
            self.table.show(EMPTY)
            self.show_view(self.view)

    def show_capture(self, opened: Opened) -> None:
        """A capture was read."""
        self._message = ""
        self._made.clear()
        self.several.forget()
        self.analyses.show(opened)
        self.step = 0
        self.device = None
        self.run_worker(self._prepare(opened), group="prepare", exclusive=True)
        self._dress()
        if opened.analyses is not None:
            self.overview.show_lines(partial(self._analyses_lines, opened.analyses))
        else:
            self.overview.show(opened.overview, opened.profile)
        self.show_view(self.view)

    def _analyses_lines(self, analyses: SessionAnalyses, width: int) -> list[Line]:
        return analyses_lines(analyses, width, self._ascii)

    async def _prepare(self, opened: Opened) -> None:
        made: Prepared = await asyncio.to_thread(prepare, opened)
        if self.opener.opened is opened:
            self.timeline.show_capture(opened, made)
            self.say_head()

    def start(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run this beside the rest; what was begun before is given up."""
        self.run_worker(work(), group="capture", exclusive=True)

    def _dress(self) -> None:
        looks = self._looks()
        self.timeline.looks = looks
        self.overview.colored = self.ranks.colored = looks.colored and looks.shading.color_system != "none"

    def _looks(self) -> Looks:
        return looks_of(self.app, self.session.options)

    # -- views

    def pane(self) -> Widget:
        """What of the view has the focus."""
        opened = self.opener.opened
        if self.view == "overview" or opened is None:
            return self.overview
        return self.timeline if self.view == "timeline" and not opened.only_analyses else self.table

    def choice_of_rows(self) -> tuple[tuple[str, str], ...]:
        opened = self.opener.opened
        if self.view == "analyses":
            return rows_of(self.analyses.names())
        return VIEWS[self.view].rows if opened is None or not opened.only_analyses else (("", ""),)

    @property
    def row_kind(self) -> str:
        """What the rows of the view stand for, of what they may."""
        kinds = [name for name, _ in self.choice_of_rows()]
        chosen = self.rows_of[self.view]
        return chosen if chosen in kinds else kinds[0]

    def shown_panes(self) -> list[Widget]:
        """Everything that the view shows."""
        pane = self.pane()
        if pane is self.table and self.view == "memory" and self.memory_uses():
            return [self.memory, pane]
        if pane is self.table and self.view == "distributed" and self.several.distributed is not None:
            return [self.ranks, pane]
        return [pane]

    def show_view(self, view: str) -> None:
        """Show this view of the capture."""
        panes: list[Widget] = [self.overview, self.ranks, self.memory, self.table, self.timeline]
        had_focus = self.screen.focused in panes
        self.view = view
        shown = self.shown_panes()
        self.set_class(self.memory in shown, "-memory")
        for one in panes:
            one.display = one in shown
        if had_focus:  # at once: a pane that is hidden while it has the focus takes it away from the next one
            self.screen.set_focus(self.pane())
        if self.pane() is self.table:
            self.show_table()
        if self.memory in shown:
            self.call_after_refresh(self.draw_memory)
        if view == "timeline":
            self.call_after_refresh(self.timeline.redraw)
        self.say_head()

    def show_table(self) -> None:
        """Fill the table of the view, of which a part may have to be made first."""
        opened, view, rows = self.opener.opened, self.view, self.row_kind
        if opened is None:
            return
        if view == "analyses":
            self.analyses.look()
            self._fill(self.analyses.table(self.row_kind), self.analyses.words())
            return
        if opened.only_analyses:
            self._fill(make_table(opened, view, rows, self.idle), f"{WORDS} (m)")
            return
        if view in ("distributed", "difference"):
            self.several.look()
            self._fill(self._of_several(view, rows), self.several.words(view))
            return
        key = (view, rows, self.idle)
        made = self._made.get(key)
        if made is None and not rows and not self.idle and view != "framework":
            made = self._made[key] = opened.tables[view]
        if made is not None:
            self._fill(made)
            return
        self._fill(EMPTY, "Making the table ...")
        self.run_worker(self._make(opened, key), group="table", exclusive=True)

    async def _make(self, opened: Opened, key: tuple[str, str, bool]) -> None:
        table = await asyncio.to_thread(make_table, opened, *key)
        if self.opener.opened is opened:
            self._made[key] = table
            if key == (self.view, self.row_kind, self.idle):
                self._fill(table)

    def _of_several(self, view: str, rows: str) -> Table:
        if view == "difference":
            return difference_as_table(self.several.difference) if self.several.difference is not None else EMPTY
        found = self.several.distributed
        if found is None:
            return EMPTY
        self.ranks.show(found)
        return collectives_table(found) if rows else ranks_table(found)

    def _fill(self, table: Table, empty: str = "") -> None:
        view = VIEWS[self.view]
        hidden = view.hidden
        if self.view == "memory" and self.device_word is not None and "device" in table.names:
            place = table.names.index("device")
            table = Table(table.names, [row for row in table.rows if str(row[place]) == self.device_word])
        if self.view == "kernels" and self.full_names:
            table, hidden = lead(table, "name"), frozenset(("kernel",))
        self.table.show(table, empty or view.empty, hidden)
        self.say_head()

    @property
    def device_word(self) -> str | None:
        """The device whose memory is looked at, as the tables call it; None for all."""
        uses = self.memory_uses()
        if self.device is None or self.device >= len(uses):
            return None
        number = uses[self.device].device
        return "host" if number is None else f"device {number}"

    def draw_memory(self) -> None:
        """Draw the chart of memory at its present size."""
        width, height = self.memory.size
        uses = self.memory_uses()
        if self.view == "memory" and uses and width > 1 and height > 1:
            chosen = uses if self.device is None or self.device >= len(uses) else [uses[self.device]]
            self.memory.show(draw_memory(chosen, width, height, self._looks()))

    def say_head(self) -> None:
        """Tell in the lines above what is shown."""
        capture, opened = self.opener.capture, self.opener.opened
        title = ""
        if capture is not None:
            rank = opened.profile.rank if opened is not None else None
            title = self.opener.title(capture)
            title += f" rank {rank}" if rank is not None and f"rank{rank}" not in capture.host else ""
        self.head.show(title, self.view, self._words(), self._empty_views())
        self.say_place()

    def say_place(self) -> None:
        """The status line says where the cursor is."""
        place = self.place()
        if place != self._told:
            self._told = place
            self.changed()

    def _words(self) -> str:
        if self.opener.opened is None:
            return ""
        words = []
        if self.pane() is self.timeline:
            words.append(self.timeline.sight)
        rows = dict(self.choice_of_rows())[self.row_kind]
        if rows:
            words.append(rows)
        if self.view == "memory" and self.device_word is not None:
            words.append(self.device_word)
        if self.view == "difference" and self.several.other is not None:
            words.append(f"against {self.opener.against(self.several.other)}")
        if self._typed and self.pane() is self.table:
            words.append(f"/ {self._typed}: {len(self.table.rows)} rows")
        return ", ".join(words)

    def _empty_views(self) -> frozenset[str]:
        opened = self.opener.opened
        if opened is None:
            return frozenset(VIEWS)
        empty = {view for view, table in opened.tables.items() if not table.rows}
        if opened.only_analyses:
            empty.add("timeline")
        if not self.analyses.any:
            empty.add("analyses")
        if opened.only_analyses or len(self.opener.comparable()) < 2:
            empty.add("difference")
        if len(self.several.together()) < 2:
            empty.add("distributed")
        return frozenset(empty)

    def on_timeline_moved(self, event: TimelineMoved) -> None:
        event.stop()
        self.say_head()

    def on_span_chosen(self, event: SpanChosen) -> None:
        event.stop()
        self.tell_span()

    def on_view_chosen(self, event: ViewChosen) -> None:
        event.stop()
        self.show_view(event.view)


def _view_keys(session: Session) -> dict[str, str]:
    """The key of each view, as people write it."""
    keys = {key.action: key for key in rebound(KEYS, dict(session.options.keymap)) if key.scope == "profile"}
    found = {}
    for view in VIEWS:
        key = keys.get(f"view_{view}")
        names = key_names(key) if key is not None else []
        found[view] = names[0] if names else ""
    return found


__all__ = ["ProfileDashboard"]
