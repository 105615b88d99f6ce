"""What dashboards share that are drawn into one pane of cells: its keys, when it is painted, the theme's colours."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.looks import Looks, looks_of
from tbtui.dashboards.painter import Painter, Sight
from tbtui.widgets.chart_panel import ChartPanel
from tbtui.widgets.key_table import KEYS
from tbtui.widgets.keys import forwarded

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

__all__ = ["CellsPane", "Directions", "DrawnDashboard"]

LONGEST_WAIT = 0.1
"""Seconds that drawing waits for the screen at most."""

TURNS = 5
"""Turns of the event loop until the screen knows that the pane changed: its message, its idle, the screen's message."""

LIST_ACTIONS = frozenset(key.action for key in KEYS if key.scope == "list")
CHART_ACTIONS = frozenset(key.action for key in KEYS if key.scope == "chart")
ALWAYS = frozenset(("open", "page_down", "page_up"))
"""Actions of a list that mean something in full screen too."""


class CellsPane(ChartPanel):
    """The cells of a dashboard. Its keys are those of a list, or of a chart in full screen."""

    BINDINGS: ClassVar[list[BindingType]] = forwarded("list", "chart")

    def __init__(self, dashboard: DrawnDashboard, name: str) -> None:
        super().__init__(id=name)
        self.dashboard = dashboard

    def on_resize(self) -> None:
        """Its height changes too when a line to type in comes and goes."""
        self.dashboard.painter.paint(hurry=True)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """A key may mean one thing in the grid and another in full screen."""
        if action != "key":
            return True
        if self.dashboard.in_full_screen():
            return parameters[0] in CHART_ACTIONS or parameters[0] in ALWAYS
        return parameters[0] in LIST_ACTIONS

    def action_key(self, name: str) -> None:
        """A key of the scopes "list" and "chart"."""
        getattr(self.dashboard, f"do_{name}")()


class DrawnDashboard(Dashboard):
    """A dashboard whose subclasses say what there is to be seen, and answer keys as `do_...`."""

    PANE: ClassVar[str] = "pane"
    """The id of the pane."""

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.pane = CellsPane(self, self.PANE)
        self.painter = Painter(
            self.sight, self.pane.show, self.run_worker, self._seen, self.ahead, self.set_timer, lambda: session.pressed
        )
        self._looks: tuple[str, Looks] = ("", Looks())

    def in_full_screen(self) -> bool:
        """Whether one picture has the whole pane, so that keys are those of the scope "chart"."""
        return False

    def sight(self) -> Sight | None:
        """What to paint now, laid out; None while there is no room."""
        raise NotImplementedError

    def ahead(self) -> Iterator[None]:
        """What is likely to be asked for next, in small pieces of work."""
        return iter(())

    def looks(self) -> Looks:
        """The colours of the theme."""
        if self._looks[0] != self.app.theme:
            self._looks = (self.app.theme, looks_of(self.app, self.session.options))
        return self._looks[1]

    def on_resize(self) -> None:
        self.painter.paint(hurry=True)

    async def settled(self) -> None:
        """Wait until everything that was asked for is drawn."""
        await self.painter.settled()

    async def _seen(self) -> None:
        """Wait until what was shown is on the screen; the rest of the drawing would only hold it up."""
        for _ in range(TURNS):
            await asyncio.sleep(0)
        seen = asyncio.Event()
        self.call_after_refresh(seen.set)
        with suppress(TimeoutError):
            await asyncio.wait_for(seen.wait(), LONGEST_WAIT)


class Directions:
    """The four keys that move the focus."""

    def move(self, dx: int, dy: int) -> None:
        """So many places to the right, and down."""
        raise NotImplementedError

    def do_down(self) -> None:
        self.move(0, 1)

    def do_up(self) -> None:
        self.move(0, -1)

    def do_left(self) -> None:
        self.move(-1, 0)

    def do_right(self) -> None:
        self.move(1, 0)
