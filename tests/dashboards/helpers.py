"""The scalars dashboard in the app without a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import numpy.typing as npt

from tbtui.dashboards.scalars import ScalarsDashboard
from tbtui.logdir.updates import Progress
from tbtui.store import Store
from tests.support.app import Screen, shown
from tests.support.scalars import make_store, noisy

Runs = Mapping[str, Mapping[str, npt.ArrayLike]]

TWO_RUNS: Runs = {
    run: {"acc": noisy(200, 1 + n), "loss": noisy(200, 5 + n), "train/grad": noisy(200, 9 + n), "train/lr": noisy(200)}
    for n, run in enumerate(("a", "b"))
}


class Page:
    """The dashboard with the focus on it."""

    def __init__(self, screen: Screen) -> None:
        self.screen = screen
        dashboard = screen.app.window.dashboard
        assert isinstance(dashboard, ScalarsDashboard)
        self.dashboard = dashboard
        self.model = dashboard.model
        self.grid = dashboard.grid
        self.view = screen.view
        self.store = screen.store

    @property
    def notice(self) -> str:
        return self.screen.notice

    @property
    def focus(self) -> str:
        """The focused tag."""
        return self.grid.focus[1] if self.grid.focus else ""

    @property
    def lines(self) -> list[str]:
        """What the pane shows."""
        cells = self.dashboard.pane.cells
        return [] if cells is None else [cells.line(row).rstrip() for row in range(cells.height)]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def settle(self) -> None:
        """Until everything is drawn."""
        await self.screen.pilot.pause()
        await self.dashboard.settled()
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
async def scalars(
    runs: Store | Runs = TWO_RUNS, size: tuple[int, int] = (150, 40), **options: Any
) -> AsyncIterator[Page]:
    """The app with the focus on the scalars dashboard; the store counts as read to its end."""
    store = runs if isinstance(runs, Store) else make_store(runs)
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, size, **options) as screen:
        tested = Page(screen)
        await tested.settle()
        tested.dashboard.focus_first()
        await tested.settle()
        yield tested
