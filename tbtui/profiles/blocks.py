"""Long columns a block at a time: what is made of a block stays in the processor's cache. Memory that was not used
before costs more than most of what is done with it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

T = TypeVar("T", bound=np.generic)

BLOCK = 1 << 16  # rows


def blocks(count: int) -> Iterator[slice]:
    """The rows below `count`."""
    for first in range(0, count, BLOCK):
        yield slice(first, min(first + BLOCK, count))


def looked_up(table: NDArray[T], places: NDArray[Any]) -> NDArray[T]:
    """table[places]; NumPy would make wide numbers of all of them first."""
    found = np.empty(len(places), table.dtype)
    for part in blocks(len(places)):
        found[part] = table.take(places[part])
    return found
