"""Which combinations of numbers there are among many, and sums over each of them: no Python for each one."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Generic, TypeVar

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.model import NOTHING, Indexes, Numbers

T = TypeVar("T", bound=Hashable)

_MOST_MARKED = 1 << 24  # numbers below which each has a place in a table


class Codes(Generic[T]):
    """Numbers things in the order in which they are met, behind those that are `first`."""

    def __init__(self, first: Sequence[T] = ()) -> None:
        self.all: list[T] = [*first]
        self._known: dict[T, int] = {thing: code for code, thing in enumerate(first)}

    def of(self, thing: T) -> int:
        """The number of a thing."""
        code = self._known.setdefault(thing, len(self.all))
        if code == len(self.all):
            self.all.append(thing)
        return code


def narrow(values: Sequence[int]) -> Numbers:
    """Numbers (-1, NOTHING, and up) in two bytes each where these do, else in four."""
    return np.array(values, np.int16 if max(values, default=0) <= np.iinfo(np.int16).max else np.int32)


def combinations(columns: Sequence[NDArray[Any]]) -> tuple[list[tuple[int, ...]], Indexes]:
    """The different rows of some columns of integers (-1, NOTHING, and up), ascending, and for each row the number of
    its combination. int64[n]."""
    values: list[Indexes] = []
    number = np.zeros(len(columns[0]), np.int64)
    for column in columns:
        if len(column) and (column == column[0]).all():  # tells none apart
            values.append(np.full(len(values[0]) if values else 1, column[0], np.int64))
            continue
        width = int(column.max(initial=NOTHING)) + 2
        known, others = len(values[0]) if values else 1, None
        if width * known > _MOST_MARKED:
            others, column = dense(column)
            width = len(others)
        for part in blocks(len(number)):
            number[part] *= width
            number[part] += column[part]
            if others is None:
                number[part] -= NOTHING
        before, behind = np.divmod(_number_anew(number), width)
        values = [*(each[before] for each in values), behind + NOTHING if others is None else others[behind]]
    return list(zip(*(each.tolist() for each in values), strict=True)), number


def dense(values: NDArray[Any]) -> tuple[Indexes, Indexes]:
    """The different ones of some integers (-1, NOTHING, and up), ascending, and for each value the place of its own
    among them. int64 both."""
    number = values.astype(np.int64)
    return _number_anew(number), number


def _number_anew(number: Indexes) -> Indexes:
    """The different ones of some integers (-1, NOTHING, and up), ascending; puts in place of each its place among
    them."""
    most = int(number.max(initial=NOTHING))
    if most >= _MOST_MARKED:
        different, number[:] = np.unique(number, return_inverse=True)
        return different
    met = np.zeros(most + 2, bool)
    for part in blocks(len(number)):
        met[number[part]] = True  # NOTHING is the last place
    different = np.append(NOTHING, np.flatnonzero(met[:-1])) if met[NOTHING] else np.flatnonzero(met[:-1])
    places = np.zeros(most + 2, np.int64)
    places[different] = np.arange(len(different))
    for part in blocks(len(number)):
        number[part] = places.take(number[part])
    return different


def sums(number: Indexes, values: Indexes, count: int) -> list[int]:
    """The sum of the values with each number below `count`."""
    total = np.zeros(count, np.int64)
    np.add.at(total, number, values)
    return [int(each) for each in total.tolist()]
