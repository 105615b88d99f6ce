"""The order of points over several files, and which of them a restart supersedes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.store.history import FileSlot, History, Piece, live_mask


def slot(order: int, starts: list[tuple[int, int]] | None = None) -> FileSlot:
    return FileSlot((order,), f"/logs/{order}", str(order), starts or [])


def piece(steps: list[int], offset: int, gap: int = 1) -> Piece:
    """Points whose records begin at `offset`, `offset + gap`, ...; wall time and value tell where each came from."""
    offsets = np.arange(offset, offset + gap * len(steps), gap, dtype=np.int64)
    columns = (np.array(steps, np.int64), offsets.astype(float), np.array(steps, np.float32))
    return Piece(columns, offsets, 0, len(steps))


def kept_one_by_one(events: list[tuple[str, int]]) -> list[bool]:
    """The rule, told slowly: a point (or a START) removes every kept earlier point with a step that is not smaller."""
    live = [kind == "point" for kind, _ in events]
    for i, (_, step) in enumerate(events):
        for j in range(i):
            if events[j][0] == "point" and events[j][1] >= step:
                live[j] = False
    return [alive for alive, (kind, _) in zip(live, events, strict=True) if kind == "point"]


STEPS = st.integers(-3, 12) | st.sampled_from([-(2**63), 2**63 - 1])


@given(st.lists(st.tuples(st.sampled_from(["point", "point", "point", "start"]), STEPS), max_size=30))
def test_live_mask_equals_the_rule_told_slowly(events: list[tuple[str, int]]) -> None:
    steps = np.array([step for kind, step in events if kind == "point"], np.int64)
    before = np.cumsum([kind == "point" for kind, _ in events]) if events else []
    barriers = [(int(n), step) for n, (kind, step) in zip(before, events, strict=True) if kind == "start"]
    mask = live_mask(steps, barriers)
    expected = kept_one_by_one(events)
    assert (np.ones(len(steps), bool) if mask is None else mask).tolist() == expected
    assert mask is None or not mask.all()


@given(
    st.lists(st.lists(STEPS, min_size=1, max_size=6), min_size=1, max_size=6),
    st.integers(1, 3),
    st.randoms(use_true_random=False),
)
def test_pieces_of_several_files_come_out_in_file_order(parts: list[list[int]], files: int, random: object) -> None:
    slots = [slot(number) for number in range(files)]
    expected: dict[int, list[int]] = {number: [] for number in range(files)}
    history = History()
    offset = 0
    for part in parts:
        number = random.randrange(files)  # type: ignore[attr-defined]
        history.add(slots[number], piece(part, offset))
        expected[number] += part
        offset += 100
        if random.random() < 0.4:  # type: ignore[attr-defined]
            history.whole()
    in_order = [step for number in range(files) for step in expected[number]]
    assert history.whole()[0].tolist() == in_order
    assert len(history) == len(in_order)
    alive = kept_one_by_one([("point", step) for step in in_order])
    assert history.live([])[0].tolist() == [s for s, keep in zip(in_order, alive, strict=True) if keep]
    assert history.superseded([])[0].tolist() == [s for s, keep in zip(in_order, alive, strict=True) if not keep]
    assert all(a < b for a, b in pairwise(history.live([])[0].tolist()))


def test_pieces_of_one_chunk_that_interleave_are_sorted_by_offset() -> None:
    history = History()
    file = slot(0)
    history.add(file, piece([0, 2, 4], 0, gap=20))
    history.add(file, piece([1, 3, 5], 10, gap=20))
    assert history.whole()[0].tolist() == [0, 1, 2, 3, 4, 5]
    assert history.live([])[0].tolist() == [0, 1, 2, 3, 4, 5]


def test_what_was_given_out_never_changes() -> None:
    history = History()
    file = slot(0)
    history.add(file, piece([0, 1, 2], 0))
    first = history.live([])
    copy = [column.copy() for column in first]
    for step in range(3, 60):
        history.add(file, piece([step], 10 * step))
        history.live([])
    history.add(file, piece([1], 10_000))
    assert history.live([])[0].tolist() == [0, 1]
    assert all((column == old).all() for column, old in zip(first, copy, strict=True))
    with pytest.raises(ValueError, match="read-only"):
        first[0][0] = 9


def test_float64_values_after_float32_ones_lose_nothing() -> None:
    history = History()
    file = slot(0)
    history.add(file, piece([0, 1], 0))
    history.whole()
    exact = 0.1
    columns = (np.array([2], np.int64), np.array([2.0]), np.array([exact]))
    history.add(file, Piece(columns, np.array([50], np.int64), 0, 1))
    values = history.whole()[2]
    assert values.dtype == np.float64
    assert values.tolist() == [0.0, 1.0, exact]


def test_a_start_supersedes_from_its_step_on_even_what_no_later_point_repeats() -> None:
    first, second = slot(0), slot(1, [(5, 4)])
    history = History()
    history.add(first, piece(list(range(10)), 0))
    assert history.live([second])[0].tolist() == [0, 1, 2, 3]
    assert history.superseded([second])[0].tolist() == [4, 5, 6, 7, 8, 9]


def test_the_initial_start_supersedes_nothing_but_a_later_one_in_the_same_file_does() -> None:
    file = slot(0, [(0, 0)])
    history = History()
    history.add(file, piece([0, 1, 2, 3], 10))
    assert history.live([file])[0].tolist() == [0, 1, 2, 3]
    file.starts.append((100, 2))
    history.find_superseded_again()
    assert history.live([file])[0].tolist() == [0, 1]
    history.add(file, piece([2, 3], 110))
    assert history.live([file])[0].tolist() == [0, 1, 2, 3]
    assert len(history) == 6


def test_a_start_between_points_of_one_chunk_is_put_where_it_was_written() -> None:
    first, second = slot(0), slot(1, [(20, 1)])
    history = History()
    history.add(first, piece([0, 1, 2], 0))
    history.add(second, piece([7, 8, 1, 2], 0, gap=10))
    assert history.live([second])[0].tolist() == [0, 1, 2]
    assert history.live([second])[1].tolist() == [0.0, 20.0, 30.0]


def test_a_dropped_file_takes_its_points_along_and_revives_what_they_superseded() -> None:
    first, second = slot(0), slot(1)
    history = History()
    history.add(first, piece([0, 1, 2, 3], 0))
    history.add(second, piece([1, 2], 0))
    assert history.live([])[0].tolist() == [0, 1, 2]
    history.drop(second)
    assert history.live([])[0].tolist() == [0, 1, 2, 3]


def test_the_past_of_a_file_that_was_cut_is_superseded_whatever_its_steps() -> None:
    past, now, other = slot(1), slot(1), slot(0)
    history = History()
    history.add(other, piece([0, 1], 0))
    history.add(past, piece([0, 50, 60], 0))
    past.void = True
    history.find_superseded_again()
    assert history.live([])[0].tolist() == [0, 1]
    history.add(now, piece([2, 3], 0))
    assert history.live([])[0].tolist() == [0, 1, 2, 3]
    assert sorted(history.superseded([])[0].tolist()) == [0, 50, 60]


def test_an_empty_history_has_no_columns() -> None:
    history = History()
    assert history.whole() == history.live([]) == history.superseded([]) == ()
    assert len(history) == 0
