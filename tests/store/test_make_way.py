"""The reading thread leaves the interpreter to those who answer a key."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tbtui.logdir.updates import Update
from tbtui.store.reader import Reader
from tbtui.store.store import Store


class Bites:
    """Stands for a follower that has so many bites to read."""

    next_due = 0.0

    def __init__(self, left: int) -> None:
        self.left = left

    @property
    def busy(self) -> bool:
        return self.left > 0

    def poll(self, budget: float) -> Sequence[Update]:
        self.left -= 1
        return []

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
