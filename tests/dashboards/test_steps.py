"""The step cursor, and asking for values beside the event loop."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tbtui.dashboards.fetching import Fetching
from tbtui.dashboards.steps import StepCursor, nearest


def steps(*numbers: int) -> np.ndarray:
    return np.array(numbers, np.int64)


def test_it_follows_the_newest_until_the_user_leaves_it() -> None:
    cursor = StepCursor()
    assert cursor.at(steps(0, 10, 20)) == 20
    assert cursor.at(steps(0, 10, 20, 30)) == 30
    assert cursor.move(steps(0, 10, 20, 30), -1)
    assert cursor.at(steps(0, 10, 20, 30, 40)) == 20
    assert not cursor.follows
    assert cursor.last(steps(0, 10, 20, 30, 40))
    assert cursor.follows
    assert cursor.at(steps(0, 10, 20, 30, 40, 50)) == 50


def test_it_ends_at_the_ends() -> None:
    cursor = StepCursor()
    assert not cursor.move(steps(0, 10), 1)
    assert cursor.first(steps(0, 10))
    assert not cursor.first(steps(0, 10))
    assert not cursor.move(steps(0, 10), -1)
    assert not StepCursor().move(steps(), 1)
    assert StepCursor().index(steps()) is None
    assert not StepCursor().last(steps(3))
    assert StepCursor().at(steps(3)) == 3


def test_runs_without_the_step_show_their_nearest() -> None:
    cursor = StepCursor()
    assert cursor.go_to(steps(0, 10, 20), 12) == 10
    assert cursor.at(steps(3, 8, 40)) == 8
    assert cursor.at(steps(100)) == 100


@given(st.lists(st.integers(-(2**62), 2**62), unique=True, max_size=9), st.integers(-(2**62), 2**62))
def test_nearest(numbers: list[int], wanted: int) -> None:
    found = nearest(steps(*sorted(numbers)), wanted)
    if not numbers:
        assert found is None
    else:
        assert found is not None
        best = min(abs(one - wanted) for one in numbers)
        assert abs(abs(sorted(numbers)[found] - wanted) - best) <= best / 2**50  # floats


class Bench:
    """Jobs that wait for a sign at each piece."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.told = 0
        self.gates: dict[str, threading.Semaphore] = {}
        self.tasks: list[asyncio.Task[None]] = []
        self.fetching = Fetching(lambda work: self.tasks.append(asyncio.ensure_future(work)), self._tell)

    def _tell(self) -> None:
        self.told += 1

    def ask(self, name: str, pieces: int = 2) -> None:
        gate = self.gates.setdefault(name, threading.Semaphore(0))

        def work() -> Iterator[None]:
            for piece in range(pieces):
                gate.acquire()
                self.done.append(f"{name}{piece}")
                yield

        self.fetching.ask(name, work)

    def let(self, name: str, pieces: int = 10) -> None:
        self.gates[name].release(pieces)


async def test_each_piece_is_told() -> None:
    bench = Bench()
    bench.ask("a")
    bench.let("a")
    await bench.fetching.settled()
    assert bench.done == ["a0", "a1"]
    assert bench.told == 3
    assert not bench.fetching.busy


async def test_the_newest_wish_wins_and_old_ones_are_forgotten() -> None:
    bench = Bench()
    bench.ask("a", 5)
    await asyncio.sleep(0)
    bench.ask("b")
    bench.ask("c")
    for name in "abc":
        bench.let(name)
    await bench.fetching.settled()
    assert bench.done == ["a0", "c0", "c1"] or bench.done == ["c0", "c1"]


async def test_the_same_wish_is_done_once() -> None:
    bench = Bench()
    for _ in range(3):
        bench.ask("a")
    bench.let("a")
    await bench.fetching.settled()
    bench.ask("a")
    assert not bench.fetching.busy
    assert bench.done == ["a0", "a1"]
    bench.fetching.forget()
    bench.ask("a")
    bench.let("a")
    await bench.fetching.settled()
    assert bench.done == ["a0", "a1"] * 2


async def test_a_wish_that_comes_back_goes_on() -> None:
    bench = Bench()
    bench.ask("a", 3)
    await asyncio.sleep(0)
    bench.ask("b")
    bench.ask("a", 3)
    bench.let("a")
    await bench.fetching.settled()
    assert bench.done == ["a0", "a1", "a2"]
    bench.ask("b")
    bench.let("b")
    await bench.fetching.settled()
    bench.ask("a", 1)
    await bench.fetching.settled()
    assert bench.done[-1] == "a0"
