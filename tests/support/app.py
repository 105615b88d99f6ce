"""The app without a terminal, on a store made by hand: for tests of keys and of what is shown."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection, Mapping
from contextlib import asynccontextmanager
from typing import Any

import numpy.typing as npt
from textual.pilot import Pilot

from tbtui.app import TbtuiApp
from tbtui.settings import Options
from tbtui.store import Store
from tbtui.store.opening import LogDir
from tests.support.scalars import START, make_store, noisy

NOW = START + 300.0
"""What the app's clock shows: a few minutes after the points of `make_store` were written."""


class NoReader:
    """Stands for the reading thread where nothing is read; remembers which runs were preferred."""

    def __init__(self) -> None:
        self.preferred: list[str] = []
        self.told = 0
        self.left_out: set[str] = set()

    def prefer(self, runs: list[str]) -> None:
        self.preferred = list(runs)
        self.told += 1

    def leave_out(self, runs: Collection[str]) -> None:
        self.left_out = set(runs)

    def make_way(self, seconds: float) -> None:
        """Nothing is in the way."""

    def listen(self, callback: object) -> None:
        """Nothing is told."""

    def stop(self, timeout: float = 1.0) -> None:
        """Nothing runs."""


class Screen:
    """The app and its pilot, and the screen as text."""

    def __init__(self, app: TbtuiApp, pilot: Pilot[int]) -> None:
        self.app = app
        self.pilot = pilot
        self.session = app.session
        self.view = app.session.view
        self.store = app.session.store

    @property
    def lines(self) -> list[str]:
        """The rows of the screen, without blanks at the end."""
        strips = self.app.screen._compositor.render_strips()
        return ["".join(segment.text for segment in strip).rstrip() for strip in strips]

    @property
    def text(self) -> str:
        return "\n".join(self.lines)

    async def press(self, *keys: str) -> None:
        """Type keys, and wait until what follows from them is on the screen."""
        await self.pilot.press(*keys)
        await self.pilot.pause()

    async def settle(self) -> None:
        """Until the dashboard has drawn everything, once it knows how much room there is."""
        await self.pilot.pause()
        settled = getattr(self.app.window.dashboard, "settled", None)
        if settled is not None:
            await settled()
        await self.pilot.pause()

    async def data(self) -> None:
        """Let the app notice what was added to the store."""
        await self.app.tick()
        await self.pilot.pause()

    async def resize(self, width: int, height: int) -> None:
        await self.pilot.resize_terminal(width, height)
        await self.pilot.pause()

    @property
    def notice(self) -> str:
        """The sentence in the status line."""
        from tbtui.widgets.status_bar import StatusBar

        return self.app.window.query_one(StatusBar).notice


def some_runs(count: int = 5, tags: tuple[str, ...] = ("train/loss", "train/acc", "lr")) -> Store:
    """Runs run_0, run_1, ... with these tags."""
    return make_store({f"run_{n}": {tag: noisy(60, seed=n) for tag in tags} for n in range(count)})


@asynccontextmanager
async def shown(
    runs: Store | Mapping[str, Mapping[str, npt.ArrayLike]] | None = None,
    size: tuple[int, int] = (120, 35),
    **options: Any,
) -> AsyncIterator[Screen]:
    """The app on a store, or on one made from run -> tag -> values."""
    store = runs if isinstance(runs, Store) else some_runs() if runs is None else make_store(runs)
    opened = LogDir(store, NoReader())  # type: ignore[arg-type]
    app = TbtuiApp(opened, Options(logdirs=("logs",), **options), clock=lambda: NOW)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        yield Screen(app, pilot)
