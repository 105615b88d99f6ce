"""The scalars of a chunk: parts by span, made when they are asked for, and what they come to in short."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.chunk import Columns, Places, ScalarPart

Numbers = NDArray[np.int64]


class Extent(NamedTuple):
    """Of all the points of one span: how many there are, the smallest positive wall time of those that begin a part
    (infinite where there is none), and step and wall time of the newest of those that end one.

    Newest is the largest finite wall time, and the largest step at that time; -inf where no time is finite.
    """

    points: int
    first_wall: float
    last_step: int
    last_wall: float


class _Stretches(NamedTuple):
    """Stretches of points that share columns: columns[begins[i]:ends[i]] are of tags[number[i]] and spans[i]."""

    columns: Columns
    tags: Sequence[str]
    number: Numbers
    spans: Numbers
    shifts: Numbers
    begins: Numbers
    ends: Numbers


class _Index(NamedTuple):
    """All stretches of all columns, one behind the other, by span: those of span i are order[cuts[i]:cuts[i + 1]]."""

    of: Numbers  # to which columns a stretch belongs
    row: Numbers  # its number among those
    order: Numbers
    cuts: list[int]
    extents: list[Extent | None]


class ScalarParts:
    """The scalars of `spans` spans. A thousand files bring some ten thousand parts, of which few are looked at."""

    def __init__(self, spans: int, parts: Iterable[ScalarPart] = ()) -> None:
        self._spans = spans
        self._stretches: list[_Stretches] = []
        self._index: _Index | None = None
        self.extend(parts)

    def __iter__(self) -> Iterator[ScalarPart]:
        for span in range(self._spans):
            yield from self.of(span)

    def add(
        self,
        columns: Columns,
        tags: Sequence[str],
        number: Numbers,
        spans: Numbers,
        shifts: Numbers,
        begins: Numbers,
        ends: Numbers,
    ) -> None:
        """Take in points: `begins[i]` to `ends[i]`, in the order of the columns, are of tags[number[i]] and span
        `spans[i]`; `shifts[i]` as in `ScalarPart`. None of them is empty."""
        self._stretches.append(_Stretches(columns, tags, number, spans, shifts, begins, ends))
        self._index = None

    def extend(self, parts: Iterable[ScalarPart]) -> None:
        """Take in parts."""
        zero = np.zeros(1, np.int64)
        for span, tag, columns, start, stop, shift in parts:
            numbers = (np.array([number], np.int64) for number in (span, shift, start, stop))
            self.add(columns, (tag,), zero, *numbers)

    def of(self, span: int) -> list[ScalarPart]:
        """The parts of one span."""
        index = self._indexed()
        parts = []
        rows = index.order[index.cuts[span] : index.cuts[span + 1]]
        for of, row in zip(index.of[rows].tolist(), index.row[rows].tolist(), strict=True):
            columns, tags, number, _, shifts, begins, ends = self._stretches[of]
            tag = tags[number.item(row)]
            parts.append(ScalarPart(span, tag, columns, begins.item(row), ends.item(row), shifts.item(row)))
        return parts

    def extent(self, span: int) -> Extent | None:
        """What the points of one span come to; None where it has none."""
        return self._indexed().extents[span]

    def _indexed(self) -> _Index:
        if self._index is None:
            self._index = self._make_index()
        return self._index

    def _make_index(self) -> _Index:
        if not self._stretches:
            return _Index(_NONE, _NONE, _NONE, [0] * (self._spans + 1), [None] * self._spans)
        spans = np.concatenate([stretches.spans for stretches in self._stretches])
        lengths = [len(stretches.spans) for stretches in self._stretches]
        of = np.repeat(np.arange(len(lengths)), lengths)
        row = np.concatenate([np.arange(length) for length in lengths])
        order = np.argsort(spans, kind="stable")
        cuts = np.searchsorted(spans[order], np.arange(self._spans + 1))
        return _Index(of, row, order, cuts.tolist(), self._extents(order, cuts))

    def _extents(self, order: Numbers, cuts: Numbers) -> list[Extent | None]:
        filled = np.flatnonzero(cuts[1:] > cuts[:-1])
        begins, counts = cuts[filled], np.diff(cuts)[filled]
        ends = zip(*map(_ends_of, self._stretches), strict=True)
        points, first, step, wall = (np.concatenate(column)[order] for column in ends)
        first[~(first > 0)] = math.inf
        wall[~np.isfinite(wall)] = -math.inf
        newest = np.maximum.reduceat(wall, begins)
        step[wall < np.repeat(newest, counts)] = _SMALLEST
        columns = (
            np.add.reduceat(points, begins),
            np.minimum.reduceat(first, begins),
            np.maximum.reduceat(step, begins),
            newest,
        )
        extents: list[Extent | None] = [None] * self._spans
        for span, *numbers in zip(filled.tolist(), *(column.tolist() for column in columns), strict=True):
            extents[span] = Extent(*numbers)
        return extents


_SMALLEST = np.iinfo(np.int64).min
_NONE = np.empty(0, np.int64)


def _ends_of(stretches: _Stretches) -> tuple[Numbers, NDArray[np.float64], Numbers, NDArray[np.float64]]:
    """Of each stretch: how many points, wall time of the first, step and wall time of the last."""
    columns = stretches.columns
    first: Places = stretches.begins
    last: Places = stretches.ends - 1
    if columns.order is not None:
        first, last = columns.order[first], columns.order[last]
    return stretches.ends - stretches.begins, columns.walls[first], columns.steps[last], columns.walls[last]
