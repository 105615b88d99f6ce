"""Series over tens of thousands of files: in order whatever comes when, and joined anew only where something came."""

from __future__ import annotations

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.store import history as module
from tbtui.store.history import Column, FileSlot, History
from tests.store.test_history import kept_one_by_one, piece, slot


class Joins:
    """Counts how many arrays are joined, and how many points they hold."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.arrays = self.points = 0
        join = module._joined

        def counted(parts: list[list[Column]]) -> list[Column]:
            self.arrays += len(parts)
            self.points += sum(len(part[0]) for part in parts)
            return join(parts)

        monkeypatch.setattr(module, "_joined", counted)


@given(st.integers(1, 40), st.integers(0, 2**32 - 1), st.integers(1, 4))
def test_any_arrival_of_any_file_comes_out_in_file_order(files: int, seed: int, shelf: int) -> None:
    chance = random.Random(seed)
    slots = [slot(number) for number in range(files)]
    expected: dict[int, list[int]] = {number: [] for number in range(files)}
    history, offset = History(), 0
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(module, "SHELF_FILES", shelf)
        for step in range(60):
            number = chance.randrange(files)
            if chance.random() < 0.15:
                history.drop(slots[number])
                slots[number], expected[number] = slot(number), []
            elif chance.random() < 0.1:
                history.add(slots[number], piece([], offset))
            else:
                history.add(slots[number], piece([step, step + 1], offset))
                expected[number] += [step, step + 1]
            offset += 100
            if chance.random() < 0.5:
                in_order = [step for number in range(files) for step in expected[number]]
                whole = history.whole()
                assert (whole[0].tolist() if whole else []) == in_order
                assert len(history) == len(in_order)
        in_order = [step for number in range(files) for step in expected[number]]
        alive = kept_one_by_one([("point", step) for step in in_order])
        live = history.live([])
        assert (live[0].tolist() if live else []) == [s for s, keep in zip(in_order, alive, strict=True) if keep]


def test_a_new_file_among_thousands_joins_its_neighbours_only(monkeypatch: pytest.MonkeyPatch) -> None:
    history, count = History(), 4000
    for number in range(0, count, 2):
        history.add(slot(number), piece([number], 0))
    history.whole()
    joins = Joins(monkeypatch)
    for number in range(1, 101, 2):
        history.add(slot(count // 2 + number), piece([count // 2 + number], 0))
        history.whole()
    shelves = count // 2 // module.SHELF_FILES + 2
    assert joins.arrays <= 50 * (2 * module.SHELF_FILES + shelves)
    assert history.whole()[0].tolist() == sorted([*range(0, count, 2), *range(count // 2 + 1, count // 2 + 101, 2)])


def test_shelves_to_which_nothing_came_are_not_looked_through(monkeypatch: pytest.MonkeyPatch) -> None:
    """Files are read newest first: what is new stands before all that is known."""
    history, count = History(), 40 * module.SHELF_FILES
    for number in range(100, count):
        history.add(slot(number), piece([number], 0))
    history.whole()
    looked_at = 0
    columns = module._FileColumns.columns

    def counted(self: Any, begin: int = 0) -> list[Any]:
        nonlocal looked_at
        looked_at += 1
        return columns(self, begin)

    monkeypatch.setattr(module._FileColumns, "columns", counted)
    for number in reversed(range(100)):
        history.add(slot(number), piece([number], 0))
        assert history.whole()[0][0] == number
    assert looked_at <= 100 * 2 * module.SHELF_FILES


def test_files_behind_the_last_are_appended_to_what_was_joined(monkeypatch: pytest.MonkeyPatch) -> None:
    history = History()
    for number in range(3):
        history.add(slot(number), piece([number], 0))
    history.whole()
    joins = Joins(monkeypatch)
    for number in (5, 3, 4):  # noted in any order
        history.add(slot(number), piece([number], 0))
    assert history.whole()[0].tolist() == [0, 1, 2, 3, 4, 5]
    assert joins.points == 0


def test_the_last_of_several_files_grows_without_joining_the_others_again(monkeypatch: pytest.MonkeyPatch) -> None:
    history, last = History(), slot(10)
    for number in range(10):
        history.add(slot(number), piece(list(range(number * 100, number * 100 + 100)), 0))
    history.add(last, piece([1000], 0))
    first = history.live([])
    joins = Joins(monkeypatch)
    for step in range(1001, 1200):
        history.add(last, piece([step], 10 * step))
        assert len(history.live([])[0]) == step + 1
    history.add(slot(11), piece([1200], 0))
    assert history.live([])[0].tolist() == list(range(1201))
    assert joins.points == 0
    assert first[0].tolist() == list(range(1001))


def test_an_earlier_file_that_grows_is_put_in_its_place_among_the_others() -> None:
    first, second = slot(0), slot(1)
    history = History()
    history.add(first, piece([0, 1], 0))
    history.add(second, piece([5, 6], 0))
    assert history.whole()[0].tolist() == [0, 1, 5, 6]
    history.add(second, piece([7], 50))
    history.add(first, piece([2], 50))
    assert history.whole()[0].tolist() == [0, 1, 2, 5, 6, 7]


def test_a_start_in_every_one_of_many_files_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "SHELF_FILES", 3)
    slots = [FileSlot((number,), str(number), str(number), [(0, 2 * number)]) for number in range(20)]
    history = History()
    for number, one in enumerate(slots):
        history.add(one, piece([2 * number, 2 * number + 1, 2 * number + 2, 2 * number + 3], 10))
    assert history.live(slots)[0].tolist() == list(range(42))
