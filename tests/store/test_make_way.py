"""The reading thread leaves the interpreter to those who answer a key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tbtui.logdir.updates import RunSeen, Update
from tbtui.store import reader as reader_module
from tbtui.store.reader import TAKEN_IN, Reader
from tbtui.store.store import Store


class Bites:
    """Stands for a follower that has so many bites to read."""

    next_due = 0.0

    def __init__(self, left: int, updates: Sequence[Update] = ()) -> None:
        self.left = left
        self.updates = updates
        self.cut = 0

    @property
    def busy(self) -> bool:
        return self.left > 0

    def poll(self, budget: float) -> Sequence[Update]:
        self.left -= 1
        return self.updates

    def cut_short(self) -> None:
        self.cut += 1

    def rely_on_hints(self, on: bool) -> None:
        """Nobody hints."""


@pytest.mark.parametrize(("asked", "rests"), [(0.0, 0), (100.0, 4)])
def test_it_rests_once_after_each_bite_while_somebody_asked_for_it(
    monkeypatch: pytest.MonkeyPatch, asked: float, rests: int
) -> None:
    reader, waited = Reader(Store(), Bites(5)), list[float]()  # type: ignore[arg-type]
    monkeypatch.setattr(reader._stop, "wait", waited.append)
    reader.make_way(asked)
    reader._step()
    assert reader.follower.busy is False
    assert len(waited) == rests
    assert all(0 < seconds <= asked for seconds in waited)


def test_the_bite_that_is_being_read_is_cut_short() -> None:
    bites = Bites(1)
    Reader(Store(), bites).make_way(0.06)  # type: ignore[arg-type]
    assert bites.cut == 1


def test_it_rests_within_a_bite_of_many_updates(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ten thousand runs are found a thousand at a time: the lock is not held for all of them."""
    runs = [RunSeen(f"run{number}", f"run{number}") for number in range(2 * TAKEN_IN + 1)]
    store = Store()
    reader, found = Reader(store, Bites(1, runs)), list[int]()  # type: ignore[arg-type]
    monkeypatch.setattr(reader._stop, "wait", lambda seconds: found.append(store.run_count))
    reader.make_way(100.0)
    reader._step()
    assert found == [TAKEN_IN, 2 * TAKEN_IN]
    assert store.run_count == len(runs)


def test_the_interpreter_may_be_held_for_many_runs_when_all_is_read_and_nobody_types(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(reader_module.time, "monotonic", lambda: now)
    store, bites = Store(), Bites(1)
    reader = Reader(store, bites)  # type: ignore[arg-type]
    reader.make_way(0.06)
    assert reader._may_hold()
    store.apply([RunSeen(f"run{number}", f"run{number}") for number in range(reader_module.FEW_RUNS)])
    assert not reader._may_hold()
    now += reader_module.REST
    assert not reader._may_hold()
    bites.left = 0
    assert reader._may_hold()
    reader.make_way(0.06)
    assert not reader._may_hold()
