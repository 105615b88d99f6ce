"""The one screen of the app: title, tabs, runs, dashboard and status, folded to fit the terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from textual import events
from textual.app import ComposeResult
from textual.command import DiscoveryHit, Hit, Hits, Provider
from textual.containers import Horizontal
from textual.content import Content
from textual.screen import Screen
from textual.types import IgnoreReturnCallbackType
from textual.widget import Widget

from tbtui.dashboards import REGISTRY, DashboardKind
from tbtui.dashboards.base import Dashboard
from tbtui.settings import View
from tbtui.widgets.filter_input import FilterLine
from tbtui.widgets.key_table import Key
from tbtui.widgets.messages import ViewChanged
from tbtui.widgets.palette import with_keys
from tbtui.widgets.run_list import RunList
from tbtui.widgets.session import Session
from tbtui.widgets.side_bar import RunLine, SideBar
from tbtui.widgets.status_bar import StatusBar
from tbtui.widgets.tab_bar import TabBar
from tbtui.widgets.title_bar import TitleBar
from tbtui.widgets.waiting import Waiting

WIDE = 100
"""From so many columns the runs stand beside the dashboard."""

STATES_SECONDS = 5
"""While nothing is written, the states of runs are looked at so many seconds apart."""

LOOK_AHEAD_SECONDS = 0.01
"""Between two short times of looking how runs are doing: a key that comes meanwhile hardly waits."""

OF_A_RUN = ("name", "note", "hashtags")
"""What may be typed of the run under the cursor."""

SMALLEST = (20, 5)
"""In smaller windows only one line is shown."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Which parts are on the screen."""

    body: bool
    tabs: bool
    run_line: bool
    status: bool
    side: bool
    over: bool
    """The side bar lies over the dashboard."""
    side_width: int


def layout(width: int, height: int, view: View, tabs: int = 1) -> Layout:
    """The parts that fit a window of this size."""
    body = width >= SMALLEST[0] and height >= SMALLEST[1]
    wide = width >= WIDE
    side = view.side_bar if view.side_bar is not None else wide
    return Layout(
        body=body,
        tabs=body and height >= (14 if tabs > 1 else 30),
        run_line=body and not wide and not side and height >= 12,
        status=body and height >= 7,
        side=body and side,
        over=not wide,
        side_width=min(44, max(32, width // 4)) if wide else min(width, 44),
    )


class DashboardCommands(Provider):
    """Offers every dashboard in the command palette; those without data are greyed, and say so."""

    def _rows(self) -> Iterator[tuple[str, Content, IgnoreReturnCallbackType]]:
        window = next(screen for screen in self.app.screen_stack if isinstance(screen, Window))
        for kind in REGISTRY:
            title = f"Dashboard: {kind.title}"
            if kind in window.kinds:
                number = window.kinds.index(kind) + 1
                yield title, with_keys(Content(title), str(number)), self._runner(number)
            else:
                yield title, Content.styled(f"{title}, no data", "$faint"), self._runner(0)

    def _runner(self, number: int) -> IgnoreReturnCallbackType:
        async def run() -> None:
            await self.app.run_action(f"app.show_dashboard({number})")

        return run

    async def discover(self) -> Hits:
        for title, shown, run in self._rows():
            yield DiscoveryHit(shown, run, text=title)

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for title, shown, run in self._rows():
            score = matcher.match(title)
            if score > 0:
                yield Hit(score, shown, run, text=title)


class Window(Screen[object], inherit_bindings=False):
    """Composes the parts and hands on what moved. It knows no dashboard by name."""

    DEFAULT_CSS = """
    Window { layers: base above; background: $background; overflow: hidden; }
    Window #body { height: 1fr; layers: base above; }
    Window #stage { width: 1fr; height: 1fr; }
    Window SideBar.-over { layer: above; dock: left; height: 100%; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(id="window")
        self.session = session
        self.kinds: list[DashboardKind] = []
        self.dashboard: Dashboard | None = None
        self._made: dict[str, Dashboard] = {}
        self._seconds = 0
        self._looking_ahead = False

    def compose(self) -> ComposeResult:
        session = self.session
        yield TitleBar(session)
        yield TabBar()
        yield RunLine(session)
        with Horizontal(id="body"):
            yield SideBar(session)
            with Horizontal(id="stage"):
                yield Waiting(session)
        yield FilterLine()
        yield StatusBar(session)

    async def on_mount(self) -> None:
        await self._find_dashboards()
        self._arrange()
        self._focus_something()

    # -- layout ------------------------------------------------------------------------------------------------

    def on_resize(self, event: events.Resize) -> None:
        self._arrange()

    def _arrange(self) -> None:
        """Show and hide parts by size; keep the focus on something that is shown."""
        parts = layout(self.size.width, self.size.height, self.session.view, len(self.kinds))
        side = self.query_one(SideBar)
        filtering = self.query_one(FilterLine).display
        side.set_class(parts.over, "-over")
        side.styles.width = parts.side_width
        self._show(side, parts.side)
        self._show(self.query_one("#body"), parts.body)
        self._show(self.query_one(TabBar), parts.tabs)
        self._show(self.query_one(RunLine), parts.run_line)
        self._show(self.query_one(StatusBar), parts.status and not filtering)
        self._focus_something()
        self.repaint()

    def _show(self, part: Widget, wanted: bool) -> None:
        if part.display != wanted:
            part.display = wanted

    def _focus_something(self) -> None:
        focused = self.focused
        if self.query_one(FilterLine).display or (focused is not None and focused.is_on_screen):
            return
        if self.query_one(SideBar).display:
            self.set_focus(self.query_one(RunList))
        elif self.dashboard is not None:
            self.dashboard.focus_first()

    def toggle_side_bar(self) -> None:
        """Open or close the list of runs. Opened over the dashboard, it takes the focus."""
        parts = layout(self.size.width, self.size.height, self.session.view)
        self.session.view.side_bar = not parts.side
        self._arrange()
        if parts.side and self.dashboard is not None:
            self.dashboard.focus_first()
        elif not parts.side:
            self.set_focus(self.query_one(RunList))

    def next_pane(self) -> None:
        """From the runs to the dashboard and back; in narrow windows that opens and closes the side bar."""
        runs = self.query_one(RunList)
        side = self.query_one(SideBar)
        over = side.display and side.has_class("-over")
        if not over and not runs.has_focus and self.dashboard is not None and self.dashboard.next_pane():
            return
        if side.has_class("-over") or not side.display:
            self.toggle_side_bar()
        elif runs.has_focus and self.dashboard is not None:
            self.dashboard.focus_first()
        else:
            self.set_focus(runs)

    def step_out(self) -> bool:
        """Leave one layer; False where there is none."""
        side = self.query_one(SideBar)
        if side.display and side.has_class("-over"):
            self.toggle_side_bar()
            return True
        return self.dashboard is not None and self.dashboard.step_out()

    def uncover(self) -> None:
        """Close the side bar where it hides all of the dashboard: what is asked of that would not be seen."""
        parts = layout(self.size.width, self.size.height, self.session.view)
        if parts.side and parts.over and self.size.width - parts.side_width < SMALLEST[0]:
            self.toggle_side_bar()

    def on_run_line_opened(self) -> None:
        self.toggle_side_bar()

    # -- data --------------------------------------------------------------------------------------------------

    async def update_data(self) -> None:
        """The store moved."""
        self._look_ahead()
        await self._find_dashboards()
        if self.dashboard is not None:
            self.dashboard.update_data()
        self.repaint()

    def update_time(self) -> None:
        """A second has passed: ages may read differently. States change slowly, and there may be many runs."""
        self._look_ahead()
        self.query_one(TitleBar).repaint()
        self._seconds += 1
        if self._seconds % STATES_SECONDS == 0:
            self.query_one(SideBar).repaint()
            self.query_one(RunLine).repaint()

    def _look_ahead(self) -> None:
        """A little at a time, so that keys that ask for the states or values of all runs have their answer at once."""
        if not self._looking_ahead and (self.session.look_ahead() or self.session.listing.unfinished):
            self._looking_ahead = True
            self.set_timer(LOOK_AHEAD_SECONDS, self._look_further)

    def _look_further(self) -> None:
        self._looking_ahead = False
        if self.session.listing.unfinished and self.session.listing.look_up():
            self.query_one(SideBar).repaint()
        self._look_ahead()

    def view_changed(self) -> None:
        """The user changed what is shown."""
        if self.dashboard is not None:
            self.dashboard.view_changed()
        self.query_one(FilterLine).tell()
        self.repaint()
        self._look_ahead()  # an order may ask for what is not known of all runs yet

    def repaint(self) -> None:
        """Every part but the dashboard, where it reads differently."""
        self.query_one(SideBar).repaint()
        for part in (TitleBar, RunLine, StatusBar, Waiting):
            self.query_one(part).repaint()

    # -- dashboards --------------------------------------------------------------------------------------------

    async def _find_dashboards(self) -> None:
        kinds = [kind for kind in REGISTRY if kind.has_data(self.session.store)]
        if kinds != self.kinds or (kinds and self.dashboard is None):
            self.kinds = kinds
            await self.show_dashboard()

    async def show_dashboard(self) -> None:
        """Show the dashboard that the view names, or the first that has data."""
        view = self.session.view
        kind = next((kind for kind in self.kinds if kind.id == view.dashboard), self.kinds[0] if self.kinds else None)
        before = self.dashboard
        self.query_one(Waiting).display = kind is None
        self.query_one(TabBar).show(
            tuple(one.title for one in self.kinds), self.kinds.index(kind) if kind is not None else 0
        )
        if kind is None:
            self.dashboard = None
            return
        if kind.id not in self._made:
            self._made[kind.id] = kind.make(self.session)
            await self.query_one("#stage").mount(self._made[kind.id])
        self.dashboard = self._made[kind.id]
        for id_, dashboard in self._made.items():
            dashboard.display = id_ == kind.id
        if before is not self.dashboard:
            self.dashboard.view_changed()
            if before is not None and self.focused is not None and before in self.focused.ancestors_with_self:
                self.dashboard.focus_first()
            self._focus_something()
            self.post_message(ViewChanged())

    def shows(self, kind: DashboardKind) -> bool:
        """Whether that dashboard is on the screen."""
        return self.dashboard is not None and self.dashboard is self._made.get(kind.id)

    async def forget_dashboards(self) -> None:
        """Take the dashboards down: their data are read anew."""
        made, self._made = self._made, {}
        self.kinds, self.dashboard = [], None
        for dashboard in made.values():
            await dashboard.remove()
        self.query_one(Waiting).display = True
        self.repaint()

    async def on_tab_bar_chosen(self, message: TabBar.Chosen) -> None:
        await self.app.run_action(f"show_dashboard({message.number})")

    # -- filters -----------------------------------------------------------------------------------------------

    def open_filter(self, kind: str) -> None:
        """Let the user type a filter for "runs" or "tags", something of a run (`OF_A_RUN`), or a rule for "groups"."""
        view = self.session.view
        run = self.session.focused_run()
        if kind == "tags" and self.dashboard is not None:
            self.uncover()
            kind = self.dashboard.FILTER
        texts = {
            "runs": view.run_filter,
            "tags": view.tag_filter,
            "groups": view.group_regex,
            "name": view.aliases.get(run.name, "") if run is not None else "",
            "note": view.notes.get(run.name, "") if run is not None else "",
            "hashtags": " ".join(view.hashtags.get(run.name, ())) if run is not None else "",
        }
        line = self.query_one(FilterLine)
        text = texts[kind] if kind in texts else self.dashboard.typed() if self.dashboard is not None else ""
        line.open(kind, text, lambda: self._found(kind))
        self.query_one(StatusBar).display = False

    def _found(self, kind: str) -> str:
        session = self.session
        if kind == "runs":
            return session.run_filter.error or f"{len(session.filtered_runs())} of {len(session.runs())}"
        if kind == "groups":
            found = session.grouping()
            return found.error or f"{len(found.groups)} groups, {len(found.rest)} runs in none"
        if kind in OF_A_RUN:
            run = session.focused_run()
            return f"of {run.name}" if run is not None else ""
        if kind != "tags" and self.dashboard is not None:
            return self.dashboard.typed_found()
        matching, all_ = self.dashboard.tag_counts() if self.dashboard is not None else (0, 0)
        return session.tag_filter.error or f"{matching} of {all_}"

    def on_filter_line_changed(self, message: FilterLine.Changed) -> None:
        view, kind, text = self.session.view, self.query_one(FilterLine).kind, message.text
        run = self.session.focused_run()
        if kind == "runs":
            view.run_filter = text
        elif kind == "tags":
            view.tag_filter = text
        elif kind == "groups":
            view.group_regex = text
            view.grouping = f"/{text}/" if text else ""
        elif kind == "name" and run is not None:
            view.aliases = {name: alias for name, alias in view.aliases.items() if name != run.name}
            if text.strip():
                view.aliases[run.name] = text
        elif kind == "note" and run is not None:
            view.notes = {name: note for name, note in view.notes.items() if name != run.name}
            if text.strip():
                view.notes[run.name] = text
        elif kind == "hashtags" and run is not None:
            words = list(dict.fromkeys(word for typed in text.split() if (word := typed.strip("#"))))
            view.hashtags = {name: kept for name, kept in view.hashtags.items() if name != run.name}
            if words:
                view.hashtags[run.name] = words
        elif self.dashboard is not None and kind == self.dashboard.FILTER:
            self.dashboard.type_text(text)
        self.post_message(ViewChanged())

    def on_filter_line_closed(self) -> None:
        line = self.query_one(FilterLine)
        to_runs = line.kind in ("runs", "groups", *OF_A_RUN) and self.query_one(SideBar).display
        line.close()
        self._arrange()
        if to_runs:
            self.set_focus(self.query_one(RunList))
        elif self.dashboard is not None:
            self.dashboard.focus_first()

    # -- status ------------------------------------------------------------------------------------------------

    def scopes(self) -> tuple[str, ...]:
        """The scopes of the keys at hand, the nearest first."""
        if self.query_one(RunList).has_focus or self.dashboard is None:
            own = self.dashboard.SCOPES if self.dashboard is not None else ("dashboard",)
            return ("list", "run", *own, "global")
        return (*self.dashboard.scopes(), "run", "global")

    def show_keys(self, keys: Sequence[Key]) -> None:
        """The keys for the footer."""
        place = self.dashboard.place() if self.dashboard is not None else ""
        self.query_one(StatusBar).show(keys, place)

    def say(self, text: str, problem: bool = False) -> None:
        """One sentence for the user."""
        self.query_one(StatusBar).notify_user(text, problem)
