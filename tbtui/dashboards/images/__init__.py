"""The images dashboard: tags by runs as a page of pictures, or one of them over the whole pane, at any step."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator, Sequence
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.timer import Timer
from textual.widgets import Input

from tbtui.charts.cells import Cells
from tbtui.charts.palette import Shading
from tbtui.charts.raster import WHOLE
from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.fetching import Fetching
from tbtui.dashboards.images.actions import Actions
from tbtui.dashboards.images.darkroom import Darkroom, Film, Print, Shot
from tbtui.dashboards.images.gallery import Gallery
from tbtui.dashboards.images.screen import PictureScreen
from tbtui.dashboards.images.single import Single
from tbtui.dashboards.images.wall import Wall
from tbtui.dashboards.looks import looks_of
from tbtui.graphics import Graphics, choose
from tbtui.widgets.ask_line import AskLine
from tbtui.widgets.chart_panel import terminal_is_behind
from tbtui.widgets.keys import forwarded
from tbtui.widgets.session import Session

FRAME_SECONDS = 0.1
"""Animations are drawn so many seconds apart at least."""

TOGETHER = 0.1
"""Pictures that come within so many seconds are shown together: each frame costs a fifth of that."""


class Pane(PictureScreen):
    """The cells of the dashboard. Its keys are those of a list."""

    BINDINGS: ClassVar[list[BindingType]] = forwarded("list")

    def __init__(self, actions: Actions, resized: Callable[[], None]) -> None:
        super().__init__(id="pane")
        self.actions = actions
        self._resized = resized

    def on_resize(self) -> None:
        self._resized()

    def action_key(self, name: str) -> None:
        """A key of the scope "list"."""
        self.actions.at_cursor()
        getattr(self.actions, f"do_{name}")()


class ImagesDashboard(Dashboard, Actions):
    """Images as pictures."""

    SCOPES = ("images",)

    DEFAULT_CSS = """
    ImagesDashboard { layers: base above; }
    ImagesDashboard AskLine { layer: above; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.gallery = Gallery(session)
        self.room = Darkroom()
        self.wall = Wall(self.gallery, self.room)
        self.single = Single(self.wall)
        self.cursor = self.gallery.cursor
        self.large = False
        self.playing = True
        self.pane = Pane(self, self.paint)
        self.fetching = Fetching(self.run_worker, self._arrived)
        self._missing: list[Shot] = []
        self._shown_at = 0.0
        self._begun = time.monotonic()
        self._stood = 0.0
        self._timer: Timer | None = None
        self._moving = False
        self._measuring = False
        self._told = ""

    def compose(self) -> ComposeResult:
        yield self.pane
        yield AskLine(placeholder="step", id="step-line", compact=True, type="integer")

    def on_mount(self) -> None:
        self._timer = self.set_interval(FRAME_SECONDS, self._next_frame, pause=True)
        if not self.app.is_headless:
            self.run_worker(self._find_graphics())

    def on_unmount(self) -> None:
        self.pane.forget_pictures()

    # -- what the app asks for

    def update_data(self) -> None:
        self.paint()

    def view_changed(self) -> None:
        self.paint()

    def focus_first(self) -> None:
        self.pane.focus()

    def step_out(self) -> bool:
        if not self.large:
            return False
        if self.single.sight != WHOLE:
            self.single.sight = WHOLE
        else:
            self.large = False
        self.moved()
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("list", "images")

    def place(self) -> str:
        if self.large:
            order = self.wall.order()
            return f"image {order.index(self.wall.focus) + 1}/{len(order)}" if self.wall.focus in order else ""
        pages = len(self.wall.pages)
        return f"page {self.wall.page + 1}/{pages}" if pages > 1 else ""

    def tag_counts(self) -> tuple[int, int]:
        return self.gallery.tag_counts()

    def focused_tags(self) -> Sequence[str]:
        return (self.wall.focus.tag,) if self.wall.focus is not None else ()

    def copy_text(self, text: str) -> None:
        self.app.copy_to_clipboard(text)

    def in_background(self, work: Callable[[], str]) -> None:
        async def do() -> None:
            self.say(await asyncio.to_thread(work))

        self.run_worker(do())

    def moved(self) -> None:
        self.paint()

    def ask_for_step(self) -> None:
        self.query_one("#step-line", AskLine).begin()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.pane.focus()
        if event.value:
            self.at_cursor()
            self.go_to_step(event.value)

    # -- drawing

    def paint(self) -> None:
        """Show what is at hand, and ask for what is not."""
        width, height = self.pane.size
        if not width or not height or not self.is_attached or not self.display:
            return
        looks = looks_of(self.app, self.session.options)
        self.wall.looks = looks
        self.wall.film = self._film(looks.shading)
        self.wall.lay_out(width, height)
        self.single.lay_out(width, height)
        self.at_cursor()
        self._moving = False
        cells, self._missing = self._develop()
        if self.wall.lay_out(width, height):  # now that the shape of the images is known
            cells, self._missing = self._develop()
        self._shown_at = time.monotonic()
        self.pane.show_pictures(cells, self.wall.placed)
        self._ask()
        self.call_after_refresh(self._ask_beside)
        if self.place() != self._told:  # the status line says it
            self._told = self.place()
            self.changed()
        if self._timer is not None:
            self._timer.resume() if self._moving and self.playing else self._timer.pause()

    def _film(self, shading: Shading) -> Film:
        """What pictures are drawn with: the terminal's pixels, where it has them and colours are wanted."""
        graphics = self.pane.graphics
        pixels = graphics.protocol in ("kitty", "sixel", "iterm2")
        pixels = pixels and not shading.plain and shading.color_system in ("truecolor", "256")
        cell = graphics.cell if pixels else None
        return Film(shading.color_system, shading.plain, shading.dark, cell, self.session.options.images != "off")

    async def _find_graphics(self) -> None:
        """How the terminal shows pictures; beside the event loop, for tmux may have to be asked."""
        options = self.session.options
        found = await asyncio.to_thread(choose, options.images, options.reply, os.environ)
        if found != Graphics():
            self.pane.graphics = found
            self.pane.many_colors = self.app.console.color_system == "truecolor"
            self.paint()

    def _develop(self) -> tuple[Cells, list[Shot]]:
        return (self.single if self.large else self.wall).compose(self._frame)

    def _frame(self, shown: Print) -> int:
        """Which frame of an animation is due."""
        self._moving = True
        now = time.monotonic() - self._begun if self.playing else self._stood
        self._stood = now
        ends = 0.0
        whole = sum(shown.seconds)
        for number, seconds in enumerate(shown.seconds):
            ends += seconds
            if now % whole < ends:
                return number
        return 0

    def _next_frame(self) -> None:
        if not terminal_is_behind(self.app):
            self.paint()

    def _ask(self) -> None:
        """Wish for what is seen and not there."""
        wanted = tuple(self._missing)
        unmeasured = tuple(self.wall.unmeasured())
        self._measuring = bool(unmeasured)
        if not wanted and not unmeasured:
            return

        def work() -> Iterator[None]:
            for tag, subject in unmeasured:
                self.wall.measure(tag, subject)
            if unmeasured:
                yield
            for shot in wanted:
                self.room.develop(shot)
                yield

        self.fetching.ask((wanted, unmeasured), work)

    def _ask_beside(self) -> None:
        """Wish for the steps beside, so that they are there when a key asks for them.

        Only once what is seen was drawn: a thread that decodes meanwhile would hold that up.
        """
        if self._missing or self._measuring or not self.is_attached:
            return
        sight = self.single if self.large else self.wall
        beside = tuple(shot for by in (1, -1) for shot in sight.shots(by) if self.room.peek(shot) is None)
        if not beside:
            return

        def work() -> Iterator[None]:
            for shot in beside:
                self.room.develop(shot)
                yield

        self.fetching.ask(beside, work)

    def _arrived(self) -> None:
        """Show pictures that came, a few at a time."""
        if self._measuring:
            self.paint()
            return
        here = [shot for shot in self._missing if self.room.peek(shot) is not None]
        if here and (len(here) == len(self._missing) or time.monotonic() - self._shown_at > TOGETHER):
            self.paint()

    async def settled(self) -> None:
        """Wait until everything that was asked for is drawn."""
        await self.fetching.settled()

    def on_resize(self) -> None:
        self.paint()

    # -- mouse

    def on_click(self, event: events.Click) -> None:
        if event.widget is not self.pane:
            return
        left, width = (self.single if self.large else self.wall).slider
        if width and event.y == self.pane.size.height - 1 and left <= event.x < left + width:
            self.at_cursor()
            steps = self.focused_steps()
            index = round((event.x - left) * (len(steps) - 1) / max(1, width - 1))
            self.go_to_step(str(int(steps[index])))
            return
        box = None if self.large else self.wall.at(event.x, event.y)
        if box is not None:
            self.wall.go_to(box)
        if event.chain > 1:
            self.do_open()
        else:
            self.moved()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self.action_zoom_out() if self.large else self._page(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self.action_zoom_in() if self.large else self._page(-1)


__all__ = ["ImagesDashboard"]
