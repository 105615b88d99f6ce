"""Parts of scalars by span, and what they come to in short."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.chunk import Columns, ScalarPart
from tbtui.events.parts import ScalarParts

SPANS = 4

numbers = st.tuples(st.integers(0, 50), st.floats(width=32), st.integers(0, 2**40))
stretches = st.tuples(
    st.integers(0, SPANS - 1),
    st.sampled_from(["loss", "acc", ""]),
    st.lists(numbers, min_size=1, max_size=5),
    st.integers(0, 1000),
    st.booleans(),
)


def made(stretch: tuple[int, str, list[tuple[int, float, int]], int, bool]) -> ScalarPart:
    span, tag, points, shift, turned = stretch
    steps, walls, at = (np.array(column) for column in zip(*points, strict=True))
    order = np.arange(len(points))[::-1].copy() if turned else None
    columns = Columns(steps, walls.astype(np.float64), np.zeros(len(points)), at, order)
    return ScalarPart(span, tag, columns, 0, len(points), shift)


def plain(part: ScalarPart) -> tuple[object, ...]:
    return part.span, part.tag, part.columns.steps[part.rows()].tolist(), part.offsets().tolist(), part.first_offset()


@settings(deadline=None)
@given(st.lists(stretches, max_size=12))
def test_what_goes_in_comes_out_by_span(found: list[tuple[int, str, list[tuple[int, float, int]], int, bool]]) -> None:
    parts = [made(stretch) for stretch in found]
    table = ScalarParts(SPANS, parts)
    for span in range(SPANS):
        mine = [part for part in parts if part.span == span]
        assert list(map(plain, table.of(span))) == list(map(plain, mine))
        extent = table.extent(span)
        if not mine:
            assert extent is None
            continue
        assert extent is not None
        walls = [part.columns.walls[part.rows()].tolist() for part in mine]
        lasts = [part.columns.steps[part.rows()].tolist()[-1] for part in mine]
        assert extent.points == sum(map(len, walls))
        assert extent.first_wall == min([wall[0] for wall in walls if wall[0] > 0], default=math.inf)
        finite = [(wall[-1], step) for wall, step in zip(walls, lasts, strict=True) if math.isfinite(wall[-1])]
        if finite:
            assert (extent.last_wall, extent.last_step) == max(finite)
        else:
            assert extent.last_step == max(lasts)
            assert not math.isfinite(extent.last_wall)
    assert [part.tag for part in table] == [part.tag for span in range(SPANS) for part in table.of(span)]


def test_later_parts_are_found_too() -> None:
    table = ScalarParts(1, [made((0, "a", [(1, 2.0, 3)], 0, False))])
    assert [part.tag for part in table.of(0)] == ["a"]
    table.extend([made((0, "b", [(2, 3.0, 4)], 0, False))])
    assert [part.tag for part in table.of(0)] == ["a", "b"]
