"""A dashboard with the focus on it, in the app without a terminal: what tests of all of them do with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar, Generic, TypeVar

from tbtui.charts.cells import Cells
from tbtui.dashboards.base import Dashboard
from tbtui.dashboards.drawn import DrawnDashboard
from tbtui.logdir.updates import Progress
from tbtui.store import Store
from tests.support.app import Screen, shown

D = TypeVar("D", bound=Dashboard)
P = TypeVar("P", bound="Page[Any]")


class Page(Generic[D]):
    """The dashboard of a kind, and what its pane shows."""

    KIND: ClassVar[type[Dashboard]] = DrawnDashboard
    ROUNDS: ClassVar[int] = 1
    """How often it is waited for: what was drawn may ask for more."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        self.view = screen.view
        self.store = screen.store
        dashboard = screen.app.window.dashboard
        assert isinstance(dashboard, self.KIND)
        self.dashboard: D = dashboard  # type: ignore[assignment]

    @property
    def notice(self) -> str:
        return self.screen.notice

    @property
    def cells(self) -> Cells | None:
        return self.dashboard.pane.cells  # type: ignore[attr-defined]

    @property
    def lines(self) -> list[str]:
        """What the pane shows."""
        cells = self.cells
        return [] if cells is None else [cells.line(row).rstrip() for row in range(cells.height)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def settle(self) -> None:
        """Until everything is drawn; at once where another dashboard is shown now."""
        for _ in range(self.ROUNDS):
            await self.screen.pilot.pause()
            if self.screen.app.window.dashboard is self.dashboard:
                await self.dashboard.settled()  # type: ignore[attr-defined]
        await self.screen.pilot.pause()

    async def press(self, *keys: str) -> None:
        for key in keys:
            await self.screen.pilot.press(key)
            await self.settle()

    async def data(self) -> None:
        """Draw what was added to the store."""
        await self.screen.data()
        await self.settle()


@asynccontextmanager
async def opened(
    page: type[P], store: Store, size: tuple[int, int], dashboard: str = "", **options: Any
) -> AsyncIterator[P]:
    """The app with the focus on a dashboard; the store counts as read to its end."""
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, size, **options) as screen:
        if dashboard:
            screen.view.dashboard = dashboard
            await screen.app.window.show_dashboard()
        tested = page(screen)
        await tested.settle()
        tested.dashboard.focus_first()
        await tested.settle()
        yield tested
