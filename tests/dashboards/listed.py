"""The dashboards of texts and sounds in the app without a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import tbtui
from tbtui.dashboards.listed import ListedDashboard
from tests.dashboards.pages import Page
from tests.support.app import shown


class Listed(Page[ListedDashboard]):
    """A dashboard with the focus on it."""

    KIND = ListedDashboard
    ROUNDS = 3

    @property
    def lines(self) -> list[str]:
        """What the pane shows."""
        pane = self.dashboard.pane
        return ["".join(segment.text for segment in pane.render_line(y)).rstrip() for y in range(pane.size.height)]

    @property
    def focus(self) -> tuple[str, str]:
        """Names of run and tag."""
        entry = self.dashboard.entries.current()
        assert entry is not None
        return entry.key

    async def type(self, text: str) -> None:
        await self.screen.pilot.press(*text)
        await self.screen.pilot.press("enter")
        await self.settle()


@asynccontextmanager
async def listed(logs: Path, size: tuple[int, int] = (120, 40), **options: Any) -> AsyncIterator[Listed]:
    """The app on a log directory whose first kind of data is shown by such a dashboard."""
    with tbtui.open_logdir(str(logs)) as opened:
        async with shown(opened.store, size, **options) as screen:
            await screen.pilot.pause()
            tested = Listed(screen)
            tested.dashboard.focus_first()
            await tested.settle()
            yield tested
