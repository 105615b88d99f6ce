"""The scalars dashboard in the app without a terminal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import numpy.typing as npt

from tbtui.dashboards.scalars import ScalarsDashboard
from tbtui.store import Store
from tests.dashboards.pages import Page as BasePage
from tests.dashboards.pages import opened
from tests.support.app import Screen
from tests.support.scalars import make_store, noisy

Runs = Mapping[str, Mapping[str, npt.ArrayLike]]

TWO_RUNS: Runs = {
    run: {"acc": noisy(200, 1 + n), "loss": noisy(200, 5 + n), "train/grad": noisy(200, 9 + n), "train/lr": noisy(200)}
    for n, run in enumerate(("a", "b"))
}


class Page(BasePage[ScalarsDashboard]):
    """The dashboard with the focus on it."""

    KIND = ScalarsDashboard

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.model = self.dashboard.model
        self.grid = self.dashboard.grid

    @property
    def focus(self) -> str:
        """The focused tag."""
        return self.grid.focus[1] if self.grid.focus else ""


@asynccontextmanager
async def scalars(
    runs: Store | Runs = TWO_RUNS, size: tuple[int, int] = (150, 40), **options: Any
) -> AsyncIterator[Page]:
    """The app with the focus on the scalars dashboard."""
    store = runs if isinstance(runs, Store) else make_store(runs)
    async with opened(Page, store, size, **options) as page:
        yield page
