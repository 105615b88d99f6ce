"""The columns that spans are written to: as many as come, as wide as their numbers, and by start on each lane."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.profiles import blocks
from tbtui.profiles.model import NOTHING
from tbtui.profiles.xla.spans import Columns, Rows, none

SMALL, WIDE = st.integers(NOTHING, 5), st.one_of(st.integers(NOTHING, 5), st.integers(NOTHING, 1 << 31 - 1))
ids = st.one_of(SMALL, st.integers(-(1 << 62), 1 << 62))
spans = st.tuples(
    st.integers(0, 9), st.integers(0, 9), WIDE, st.integers(0, 10), ids, WIDE, WIDE, st.integers(0, 1 << 33)
)
lanes = st.lists(
    st.tuples(st.one_of(st.integers(0, 3), st.just(40_000)), st.lists(st.lists(spans, max_size=4), max_size=3))
)


def rows_of(found: list[tuple[int, ...]]) -> Rows:
    kinds = (np.int64, np.int64, np.int32, np.int8, np.int64, np.int32, np.int32, np.int64)
    columns: list[Any] = [np.array([one[n] for one in found], kind) for n, kind in enumerate(kinds)]
    return Rows(*columns)


@given(lanes, st.integers(0, 5), st.integers(1, 3))
def test_spans_stay_as_they_were_written(
    found: list[tuple[int, list[list[tuple[int, ...]]]]], room: int, most: int
) -> None:
    columns = Columns(room)
    expected: list[tuple[int, ...]] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", most)
        for lane, parts in found:
            first = columns.count
            for part in parts:
                columns.add(rows_of(part))
            columns.finish(first, lane)
            mine = sorted((one for part in parts for one in part), key=lambda one: (one[0], -one[1]))
            expected += [(*one, lane) for one in mine]
    rows, lane_of = columns.taken()
    assert list(zip(*(column.tolist() for column in rows), lane_of.tolist(), strict=True)) == expected


def test_narrow_numbers_take_few_bytes() -> None:
    columns = Columns(10)
    columns.add(rows_of([(1, 2, 3, 4, 5, 6, 7, 8)])._replace(operation=none(1)))
    columns.finish(0, 0)
    rows, lane = columns.taken()
    assert sum(column.itemsize for column in (*rows, lane)) == 33
    assert rows.operation.tolist() == [NOTHING]
