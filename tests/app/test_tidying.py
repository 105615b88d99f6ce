"""When garbage is looked for, and what is left out of it for good."""

from __future__ import annotations

import time

import pytest

import tbtui.app
from tbtui.logdir.updates import Progress
from tests.dashboards.helpers import TWO_RUNS
from tests.support.app import shown
from tests.support.scalars import make_store


class Collector:
    """Stands for Python's; remembers what it was asked for."""

    def __init__(self) -> None:
        self.counts = (0, 0, 0)
        self.asked: list[str] = []

    def get_count(self) -> tuple[int, int, int]:
        return self.counts

    def collect(self, generation: int = 2) -> int:
        self.asked.append(f"collect {generation}")
        return 0

    def freeze(self) -> None:
        self.asked.append("freeze")


async def test_what_is_alive_is_left_out_once_after_much_was_read_and_never_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    store = make_store(TWO_RUNS)
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, (100, 30)) as screen:
        await screen.pilot.pause()
        collector = Collector()
        monkeypatch.setattr(tbtui.app, "gc", collector)
        monkeypatch.setattr(screen.app, "_last_event", 0.0)

        def asked(counts: tuple[int, int, int], unread: int = 0) -> list[str]:
            store.progress = Progress(1, 1 + unread, 1, quiet=not unread)
            collector.counts, collector.asked = counts, []
            screen.app._tidy()
            return collector.asked

        many, passes = (tbtui.app.LITTER + 1, 0, 0), (0, 0, tbtui.app.MANY_PASSES + 1)
        assert asked(passes) == ["collect 2"]
        assert asked(many, 1000) == ["collect 0"]  # a live run brings little at a time
        assert asked(many, tbtui.app.MUCH + 1) == ["freeze"]
        assert asked(passes) == ["freeze", "collect 2"]
        assert asked(passes) == ["collect 2"]


async def test_garbage_is_looked_for_the_further_the_longer_nobody_typed(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store(TWO_RUNS)
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, (100, 30)) as screen:
        await screen.pilot.pause()
        collector = Collector()
        monkeypatch.setattr(tbtui.app, "gc", collector)

        def asked(idle: float, counts: tuple[int, int, int]) -> list[str]:
            monkeypatch.setattr(screen.app, "_last_event", time.monotonic() - idle)
            collector.counts, collector.asked = counts, []
            screen.app._tidy()
            return collector.asked

        counts = tbtui.app.LITTER + 1, tbtui.app.SOME_LOOKS + 1, 0
        assert asked(0.0, counts) == []
        assert asked(tbtui.app.MOMENT + 0.01, counts) == ["collect 0"]
        assert asked(tbtui.app.REST + 0.01, counts) == ["collect 1"]
        assert asked(tbtui.app.REST + 0.01, (0, 1, 0)) == []
