"""When groups that are still written are joined again: seldom enough that it takes a small part of a core.

Joining looks at every point of every run of a group. What it took the last time says how long it may rest: all groups
together take one part in `PARTS` of the time. What the user changes is joined at once.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass

PARTS = 6

SHORT = 0.1
"""Seconds: a shorter rest is none, for small groups follow their runs at once."""


@dataclass(slots=True)
class LastJoin:
    """What a group was joined from, when (monotonic), and the seconds of processor time it took."""

    of: Hashable = None
    at: float = 0.0
    seconds: float = 0.0


class Rests:
    """Says which groups wait, and lets the dashboard know when one has waited long enough.

    wake: is told in how many seconds to draw again; not told twice for the same time.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self.wake: Callable[[float], object] = lambda seconds: None
        self._clock = clock
        self._wakes_at = 0.0

    def waits(self, last: LastJoin, of: Hashable, every: Iterable[LastJoin]) -> bool:
        """Whether new points of a group can wait. of: what it is joined from now, but for points; every: all groups."""
        rest = PARTS * sum(one.seconds for one in every)
        now = self._clock()
        left = last.at + rest - now
        if last.of != of or rest < SHORT or left <= 0:
            return False
        if self._wakes_at <= now:
            self._wakes_at = now + left
            self.wake(left)
        return True
