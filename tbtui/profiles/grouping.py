"""Which combinations of numbers there are among many, and sums over each of them: no Python for each one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.model import Indexes

_MOST_MARKED = 1 << 24  # combinations that could be, up to which each has a place in a table


def combinations(columns: Sequence[NDArray[Any]]) -> tuple[list[tuple[int, ...]], Indexes]:
    """The different rows of some columns of integers (-1, NOTHING, and up), ascending, and for each row the number of
    its combination. int64[n]."""
    sizes = [int(column.max(initial=-1)) + 2 for column in columns]
    space = 1
    for size in sizes:
        space *= size
    if space >= 1 << 62:  # a hostile file: no number holds them
        rows, number = np.unique(np.stack(columns, axis=1), axis=0, return_inverse=True)
        return [tuple(row) for row in rows.tolist()], number.reshape(-1).astype(np.int64)
    keys = np.zeros(len(columns[0]), np.int64)
    for column, size in zip(columns, sizes, strict=True):
        keys *= size
        keys += column
        keys += 1
    if space <= _MOST_MARKED:
        met = np.zeros(space, bool)
        met[keys] = True
        different = np.flatnonzero(met)
        places = np.zeros(space, np.int32)
        places[different] = np.arange(len(different))
        number = places[keys].astype(np.int64)
    else:
        different, number = np.unique(keys, return_inverse=True)
    parts = []
    for size in reversed(sizes):
        different, part = np.divmod(different, size)
        parts.append((part - 1).tolist())
    return list(zip(*reversed(parts), strict=True)), number


def sums(number: Indexes, values: Indexes, count: int) -> list[int]:
    """The sum of the values with each number below `count`."""
    total = np.zeros(count, np.int64)
    np.add.at(total, number, values)
    return [int(each) for each in total.tolist()]
