"""Python's search for garbage, kept away from where many objects are made that stay."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

BULK = 20_000  # objects made by one load, so many that looking through them takes longer than a frame


@contextmanager
def collector_at_rest() -> Iterator[None]:
    """While reading: it makes many objects and no cycles, and looking for cycles would be a third of the load of 1000
    runs."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if gc.get_count()[0] > BULK:
            gc.freeze()  # or they would all be looked through at once, for nothing
        if was_on:
            gc.enable()
