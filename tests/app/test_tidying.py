"""When garbage is looked for, and what is left out of it for good."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

import pytest

from tbtui import tidying
from tbtui.logdir.updates import Progress
from tbtui.tidying import LITTER, MANY_PASSES, MOMENT, MUCH, REST, SOME_LOOKS, Tidying
from tests.dashboards.helpers import TWO_RUNS
from tests.support.app import shown
from tests.support.scalars import make_store

Counts = tuple[int, int, int]


class Collector:
    """Stands for Python's; remembers what it was asked for. counted: is told when somebody looks how much there is."""

    def __init__(self) -> None:
        self.counts: Counts = (0, 0, 0)
        self.asked: list[str] = []
        self.counted: Callable[[], object] = lambda: None

    def get_count(self) -> Counts:
        self.counted()
        return self.counts

    def collect(self, generation: int = 2) -> int:
        self.asked.append(f"collect {generation}")
        return 0

    def freeze(self) -> None:
        self.asked.append("freeze")


@pytest.fixture
def collector(monkeypatch: pytest.MonkeyPatch) -> Collector:
    """In the place of Python's."""
    found = Collector()
    monkeypatch.setattr(tidying, "gc", found)
    return found


def test_what_is_alive_is_left_out_once_after_much_was_read_and_never_again(collector: Collector) -> None:
    store, tidy = make_store(TWO_RUNS), Tidying()

    def asked(counts: Counts, unread: int = 0) -> list[str]:
        store.progress = Progress(1, 1 + unread, 1, quiet=not unread)
        collector.counts, collector.asked = counts, []
        tidy.look(store)
        return collector.asked

    many, passes = (LITTER + 1, 0, 0), (0, 0, MANY_PASSES + 1)
    assert asked(passes) == ["collect 2"]
    assert asked(many, 1000) == ["collect 0"]  # a live run brings little at a time
    assert asked(many, MUCH + 1) == ["freeze"]
    assert asked(passes) == ["freeze", "collect 2"]
    assert asked(passes) == ["collect 2"]


def test_garbage_is_looked_for_the_further_the_longer_nobody_typed(collector: Collector) -> None:
    store, tidy = make_store(TWO_RUNS), Tidying()
    store.progress = Progress(1, 1, 1, quiet=True)

    def asked(idle: float, counts: Counts) -> list[str]:
        tidy.last_event = time.monotonic() - idle
        collector.counts, collector.asked = counts, []
        tidy.look(store)
        return collector.asked

    counts = LITTER + 1, SOME_LOOKS + 1, 0
    assert asked(0.0, counts) == []
    assert asked(MOMENT + 0.01, counts) == ["collect 0"]
    assert asked(REST + 0.01, counts) == ["collect 1"]
    assert asked(REST + 0.01, (0, 1, 0)) == []


async def test_a_key_is_followed_by_a_look(collector: Collector) -> None:
    store = make_store(TWO_RUNS)
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, (100, 30)) as screen:
        await screen.pilot.pause()
        collector.counts, collector.asked = (LITTER + 1, 0, 0), []
        await screen.pilot.press("j")
        looked = asyncio.Event()
        collector.counted = looked.set
        async with asyncio.timeout(10):
            while "collect 0" not in collector.asked:
                looked.clear()
                await looked.wait()
