"""Work that drawing hands out: see `Painter`."""

from __future__ import annotations

from collections.abc import Callable

Work = Callable[[], object]
"""Something that takes long, to be called in a thread."""

HEAVY = 250_000
"""From so many points of one line on, looking at them is left to another thread: it takes longer than 5 ms."""
