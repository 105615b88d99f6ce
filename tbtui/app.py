"""The app: its window, its themes, the keys that mean the same everywhere, and the ticks by which the screen pulls."""

from __future__ import annotations

import asyncio
import contextvars
import inspect
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import ClassVar

from rich.console import RenderableType
from textual import events, work
from textual.app import App
from textual.binding import BindingType
from textual.screen import Screen

from tbtui import terminal, tidying
from tbtui.dashboards import GRAPH_PLUGINS, REGISTRY
from tbtui.driver import TerminalDriver
from tbtui.events.problem import Problem
from tbtui.settings import THEMES, Options
from tbtui.settings.options import starting_view
from tbtui.settings.state import Memory
from tbtui.store import Run
from tbtui.store.opening import LogDir
from tbtui.widgets import themes
from tbtui.widgets.color_panel import ColorPanel
from tbtui.widgets.difference_panel import DifferencePanel
from tbtui.widgets.filter_input import FilterField
from tbtui.widgets.glance_panel import GlancePanel
from tbtui.widgets.help_screen import HelpScreen
from tbtui.widgets.key_table import KEYS
from tbtui.widgets.keymap import checked_keymap, key_codes, own_keys
from tbtui.widgets.keys import bindings, footer_keys, rebound
from tbtui.widgets.messages import Notice, ShowTag, ViewChanged
from tbtui.widgets.palette import PALETTE_CSS, KeyCommands
from tbtui.widgets.panel import Panel
from tbtui.widgets.problems_panel import ProblemsPanel
from tbtui.widgets.run_actions import RunActions
from tbtui.widgets.run_details import RunDetails
from tbtui.widgets.run_list import RunList
from tbtui.widgets.session import Session
from tbtui.window import DashboardCommands, Window

MOST_WAITING = 1
"""With more chunks than this waiting for the terminal, new data are not drawn."""

REST_OF_TICKS, LONGEST_TICK = 5, 0.2
"""So many times as long as a look at what is new took, keys have the time for themselves; but no more than a second."""

MAKE_WAY = 0.06
"""Seconds that the reading thread leaves to a key: its work would take half of the interpreter's time."""

NO_KEY = "That is no key here; ? tells which there are"


class TbtuiApp(RunActions, App[int], inherit_bindings=False):
    """One window on some log directories.

    opened: the log directories, being read; reopen: opens them anew, for reading everything again; clock: the wall
    time in seconds since 1970; light: whether the terminal's background is light, None where it did not say; memory:
    where the view is remembered, None for nowhere.
    """

    TITLE = "tbtui"
    BINDINGS: ClassVar[list[BindingType]] = bindings("global", "run", "dashboard")
    COMMANDS = {KeyCommands, DashboardCommands}  # noqa: RUF012 (as Textual declares it)
    CSS = PALETTE_CSS

    def __init__(
        self,
        opened: LogDir,
        options: Options | None = None,
        reopen: Callable[[], LogDir] | None = None,
        clock: Callable[[], float] = time.time,
        light: bool | None = None,
        memory: Memory | None = None,
    ) -> None:
        super().__init__(driver_class=TerminalDriver)
        self.options = options or Options()
        if self.no_color and self.options.color == "auto":
            self.options = replace(self.options, color="never")
        view = starting_view(self.options, light)
        self.memory = memory
        if memory is not None:
            memory.recall(view)
        self.opened = opened
        self.session = Session(opened.store, view, self.options, clock)
        self.failure = ""
        """The traceback of the error that ended the app; "" when there was none."""
        self.emergency: terminal.EmergencyExit | None = None
        self._reopen = reopen
        self._preferred: list[Run] | None = None
        """The runs that the reader was told to read first."""
        self._seen_version = -1
        self._seen_second = 0
        self._tick_is_due = False
        self._last_tick = 0.0
        self._tick_seconds = 0.0
        self._tidying = tidying.Tidying()
        keymap, wrong = checked_keymap(self.options.keymap)
        self._own_problems = [
            *self.options.problems,
            *(Problem(f"{self.options.config}: keys.{name}", None, text) for name, text in wrong),
        ]
        self._keys = rebound(KEYS, keymap)
        for theme in themes.ALL.values():
            self.register_theme(theme)
        self.theme = themes.ALL[view.theme].name
        self.set_keymap(keymap)

    def get_default_screen(self) -> Screen[object]:
        self.window = Window(self.session)
        return self.window

    def on_mount(self) -> None:
        self._listen()
        if isinstance(self._driver, TerminalDriver):
            self._driver.heard = self.heard
        self.set_interval(1.0, self.tick)
        remembered = self.memory.take_problems() if self.memory is not None else []
        self.call_after_refresh(self._tell_own_problems, [*self._own_problems, *remembered])

    # -- pulling -----------------------------------------------------------------------------------------------

    def _listen(self) -> None:
        """Be told by the reading thread that the store moved: many tellings, one tick."""
        loop, context = asyncio.get_running_loop(), contextvars.copy_context()  # Textual finds its app by the context

        def arrived() -> None:
            if not self._tick_is_due and not loop.is_closed():
                self._tick_is_due = True
                loop.call_soon_threadsafe(self._tick_soon, context=context)

        if self.opened.reader is not None:
            self.opened.reader.listen(arrived)

    def _tick_soon(self) -> None:
        """A tick as soon as the last one is long enough ago: the more there is to look at, the longer."""
        rest = max(1 / self.options.frames, REST_OF_TICKS * self._tick_seconds)
        wait = self._last_tick + rest - time.monotonic()
        self.set_timer(max(0.001, wait), self.tick)

    async def tick(self) -> None:
        """Draw what moved in the store, unless the terminal is behind; texts that tell the time once a second."""
        if not self.is_running:  # its parts are being taken down
            return
        self._tick_is_due = False
        self._last_tick = time.monotonic()
        if self.memory is not None:
            self.memory.look(self.session.view)
            self._tell_own_problems(self.memory.take_problems())
        if isinstance(self._driver, TerminalDriver):
            if self._driver.recovered():
                self.screen.refresh(layout=True)
            if self._driver.waiting > MOST_WAITING:
                self._tick_is_due = True
                self._tick_soon()
                return
        version, second = self.session.store.version, int(self.session.clock())
        if version != self._seen_version:
            self._seen_version = version
            await self.window.update_data()
            if isinstance(self.screen, Panel):
                self.screen.update_data()
            self._tick_seconds = min(time.monotonic() - self._last_tick, LONGEST_TICK)
        elif second != self._seen_second:
            self.window.update_time()
        self._seen_second = second
        self._tidying.look(self.session.store)

    def heard(self) -> None:
        """A key came: drawing and reading let what it brings go first. From any thread."""
        self.session.pressed = time.perf_counter()
        if self.opened.reader is not None:
            self.opened.reader.make_way(MAKE_WAY)

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.InputEvent):
            self.heard()
            self._tidying.last_event = time.monotonic()
            asyncio.get_running_loop().call_later(tidying.MOMENT, lambda: self._tidying.look(self.session.store))
        await super().on_event(event)

    def _tell_own_problems(self, problems: Sequence[Problem]) -> None:
        """What is wrong with configuration and state: the first at once, all among the problems."""
        for problem in problems:
            self.session.store.note(problem)
        if problems:
            self._own_problems = list(dict.fromkeys((*self._own_problems, *problems)))
            more = f" (and {len(problems) - 1} more: !)" if len(problems) > 1 else ""
            self.window.say(f"{problems[0].file}: {problems[0].reason}{more}", problem=True)

    def on_view_changed(self) -> None:
        self.window.view_changed()
        self.show_keys()
        if self.opened.reader is not None:
            view, drawn = self.session.view, self.session.drawn_runs()
            if drawn is not self._preferred:  # there may be ten thousand, and what waits to be read is sorted anew
                self._preferred = drawn
                self.opened.reader.prefer([run.name for run in drawn])
            self.opened.reader.leave_out(() if view.show_away else view.away)

    async def on_show_tag(self, message: ShowTag) -> None:
        """A dashboard sends the user to another one."""
        kinds = [kind.id for kind in self.window.kinds]
        wanted = next((id_ for id_ in message.dashboards if id_ in kinds), None)
        if wanted is None:
            self.window.say("There is no dashboard for that")
            return
        self.session.view.dashboard = wanted
        self.session.view.focused_run = message.run
        await self.window.show_dashboard()
        if self.window.dashboard is not None:
            self.window.dashboard.open_tag(message.tag)
        self.changed()

    def on_notice(self, notice: Notice) -> None:
        self.window.say(notice.text, notice.problem)

    async def on_key(self, event: events.Key) -> None:
        """Text that was typed ahead, while the filter line was still opening, went elsewhere and comes up here.

        So do keys that only the dashboard that is shown has, see `Dashboard.SCOPES`.
        """
        if isinstance(self.focused, FilterField):
            if event.is_printable and event.character:
                self.focused.insert_text_at_cursor(event.character)
                event.prevent_default()
        elif self.screen is self.window and self.window.dashboard is not None:
            action = own_keys(self.window.dashboard.SCOPES, self._keys).get(event.key)
            if action is not None:
                event.prevent_default()
                await self.action_dashboard(action)
            elif event.key not in self.screen.active_bindings:
                row = next((row for row in self._keys if event.key in key_codes(row)), None)
                self.window.say(f"Does nothing here: {row.help}" if row is not None else NO_KEY)

    def on_descendant_focus(self) -> None:
        self.show_keys()

    def show_keys(self) -> None:
        """Say the keys of what has the focus in the footer."""
        self.window.show_keys(footer_keys(self.window.scopes(), self._keys))

    # -- leaving -----------------------------------------------------------------------------------------------

    async def action_quit(self) -> None:
        self.leave(0)

    def leave(self, code: int) -> None:
        """End with this exit code, from any thread, even where the terminal takes nothing any more."""
        if self.emergency is not None:
            self.emergency.arm(code)
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(partial(self.exit, code, return_code=code))

    def _fatal_error(self) -> None:
        """Textual's end of an app by an error, without its traceback on the screen."""
        error = self._exception
        lines = traceback.format_exception(error) if error is not None else [traceback.format_exc()]
        self._end_by("".join(lines))

    def panic(self, *renderables: RenderableType) -> None:
        self._end_by(traceback.format_exc())

    def _end_by(self, failure: str) -> None:
        self.failure = self.failure or failure
        if self.emergency is not None:
            self.emergency.arm(1)
        self._close_messages_no_wait()

    # -- keys of scope "global" --------------------------------------------------------------------------------

    def action_help(self) -> None:
        self.push_screen(HelpScreen(self.window.scopes(), self._keys))

    def action_problems(self) -> None:
        self.push_screen(ProblemsPanel(self.session))

    async def action_describe(self) -> None:
        await self.action_dashboard("describe")

    def action_filter_tags(self) -> None:
        self.window.open_filter("tags")

    def action_filter_runs(self) -> None:
        self.window.open_filter("runs")

    def say(self, text: str) -> None:
        """One sentence for the user."""
        self.window.say(text)

    def ask(self, kind: str) -> None:
        """Let the user type something about runs, see `Window.open_filter`."""
        self.window.open_filter(kind)

    def copy_text(self, text: str) -> None:
        """Put a text into the clipboard."""
        self.copy_to_clipboard(text)

    def changed(self) -> None:
        """The view changed."""
        self.post_message(ViewChanged())

    def compare(self, left: Run, right: Run) -> None:
        """Show what is different in two runs."""
        self.push_screen(DifferencePanel(self.session, left, right))

    def action_glance(self) -> None:
        self.push_screen(GlancePanel(self.session))

    def choose_color(self, title: str, names: list[str], owners: list[str]) -> None:
        """Let the user choose a colour for these runs; owners: what it is given to, runs or their groups."""
        self.push_screen(ColorPanel(self.session, title, names, owners))

    def action_next_pane(self) -> None:
        self.window.next_pane()

    def action_previous_pane(self) -> None:
        self.window.next_pane()

    def action_side_bar(self) -> None:
        self.window.toggle_side_bar()

    def action_step_out(self) -> None:
        if not self.window.step_out():
            self.window.say("Nothing to leave here; q quits")

    async def action_show_dashboard(self, number: int) -> None:
        kinds = self.window.kinds
        if not 1 <= number <= len(kinds):
            self.window.say(f"There is no dashboard {number}: {len(kinds) or 'no'} kind of data was found to show")
        elif self.window.shows(kinds[number - 1]):
            self.window.say(f"{kinds[number - 1].title} is what is shown already")
        else:
            self.window.uncover()
            self.session.view.dashboard = kinds[number - 1].id
            await self.window.show_dashboard()

    def action_next_theme(self) -> None:
        view = self.session.view
        view.theme = THEMES[(THEMES.index(view.theme) + 1) % len(THEMES)]
        self.theme = themes.ALL[view.theme].name
        self.window.say(f"Theme: {view.theme}")
        self.call_after_refresh(self.window.view_changed)

    @work(exclusive=True)
    async def action_reload(self) -> None:
        if self._reopen is None:
            self.window.say("Nothing to read again")
            return
        self.opened.close()
        tidying.forget()  # what was read may go
        self.opened = self._reopen()
        if self.opened.reader is not None:
            view = self.session.view
            self.opened.reader.leave_out(() if view.show_away else view.away)
        self.session.replace_store(self.opened.store)
        for problem in self._own_problems:
            self.session.store.note(problem)
        self._seen_version, self._preferred = -1, None
        self._listen()
        await self.window.forget_dashboards()
        self.window.say("Reading everything again")

    async def action_dashboard(self, name: str) -> None:
        """Hand a key of scope "dashboard" to the dashboard that is shown."""
        method = getattr(self.window.dashboard, f"action_{name}", None)
        if method is None:
            sentence = next((key.help for key in KEYS if key.action == name), name)
            self.window.say(f"Does nothing here: {sentence}")
            return
        self.window.uncover()
        result = method()
        if inspect.isawaitable(result):
            await result

    def on_run_list_opened(self, message: RunList.Opened) -> None:
        run = self.session.store.run(message.run)
        if run is not None:
            # Layouts are groups of the scalars.
            shown = {kind.id for kind in REGISTRY} | {"custom_scalars", "graph_tagged_run_metadata", *GRAPH_PLUGINS}
            self.push_screen(
                RunDetails(self.session, run, lambda counts: {k: n for k, n in counts.items() if k not in shown})
            )


def run_app(
    opened: LogDir,
    options: Options,
    reopen: Callable[[], LogDir] | None = None,
    light: bool | None = None,
    memory: Memory | None = None,
) -> tuple[int, str]:
    """Show the app until the user leaves. The exit code, and the traceback of an unexpected error or ""."""
    terminal.settle_color(options.color)
    app = TbtuiApp(opened, options, reopen, light=light, memory=memory)
    app.emergency = terminal.EmergencyExit()
    TerminalDriver.ascii_only = options.ascii
    # The threads that take keys and write to the terminal are not to wait long for the one that draws.
    sys.setswitchinterval(0.0005)
    tidying.begin()
    with terminal.signals_end(app.leave):
        try:
            app.run(mouse=options.mouse)
        except Exception:
            app.failure = app.failure or traceback.format_exc()
    if memory is not None and not app.failure:
        memory.close(app.session.view)
    app.emergency.disarm()
    return (1 if app.failure else app.return_code or 0), app.failure
