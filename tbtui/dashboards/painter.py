"""Drawing piece by piece between keys: what takes long never keeps the event loop."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine, Iterator
from typing import Protocol

from tbtui.charts.cells import Cells

SLICE = 0.012
"""After so many seconds of drawing keys get their turn."""

SHOW = 0.04
"""The first piece that is drawn is shown at once, and what is done so far after so many seconds each."""

LATE = 0.01
"""Where nothing is drawn after so many seconds, the rest of the screen does not wait for it: the list of runs has its
answer to a key, a page its headings."""


AHEAD, AHEAD_REST = 0.003, 0.01
"""Seconds of work ahead at a stretch, and between two of them: a key that comes meanwhile hardly waits."""


LONG, PAINTING_RESTS = 1.0, 3
"""Seconds of painting from which on new data wait while much is being read, for so many times as long."""


class Sight(Protocol):
    """What can be painted: pieces of work, and the cells of what is done so far.

    fresh: something was drawn since the cells were asked for.
    """

    fresh: bool

    def steps(self) -> Iterator[Callable[[], object] | None]:
        """Do the work piece by piece; a callable that is yielded takes long and is called in a thread."""

    def compose(self) -> Cells:
        """What there is to see now."""


class Painter:
    """Paints a sight whenever asked, at most once at a time.

    sight: gives what to paint now, laid out, or None for nothing; show: takes the cells; seen: waits until they are on
    the screen; start: runs a coroutine beside the event loop's other work, and sees to its errors; ahead: work that is
    likely to be asked for next, in small pieces, done when everything is painted.
    """

    def __init__(
        self,
        sight: Callable[[], Sight | None],
        show: Callable[[Cells], object],
        start: Callable[[Coroutine[object, object, None]], object],
        seen: Callable[[], Awaitable[None]],
        ahead: Callable[[], Iterator[None]] = lambda: iter(()),
    ) -> None:
        self._sight = sight
        self._show = show
        self._start = start
        self._seen = seen
        self._ahead = ahead
        self._idle = asyncio.Event()
        self._idle.set()
        self._again = False
        self._hurry = False
        self.seconds = 0.0
        """What painting everything took the last time."""
        self._ended = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is being painted, or will be."""
        return not self._idle.is_set()

    @property
    def rested(self) -> bool:
        """Whether the last painting was short, or long enough ago that keys had more time than it took."""
        return self.seconds < LONG or time.perf_counter() - self._ended > PAINTING_RESTS * self.seconds

    def paint(self, hurry: bool = False) -> None:
        """Paint soon. `hurry`: what is being painted is out of date, begin anew (a key); else after it (new data)."""
        self._again = True
        self._hurry = self._hurry or hurry
        if self._idle.is_set():
            self._idle.clear()
            self._start(self._run())

    async def settled(self) -> None:
        """Wait until everything is painted."""
        await self._idle.wait()

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = self._hurry = False
                await self._paint_once()
        finally:
            self._idle.set()
        await self._work_ahead()

    async def _work_ahead(self) -> None:
        """A little at a time, until something is to be painted."""
        resumed = time.perf_counter()
        for _ in self._ahead():
            if time.perf_counter() - resumed > AHEAD:
                await asyncio.sleep(AHEAD_REST)
                resumed = time.perf_counter()
            if not self._idle.is_set():
                return

    async def _paint_once(self) -> None:
        sight = self._sight()
        if sight is None:
            return
        if self.seconds > LONG:
            await self._seen()  # what a key brought elsewhere is not to wait for the first piece of this
        begun = resumed = time.perf_counter()
        shown = begun - SHOW  # what has the focus is drawn first, and shown at once
        waiting = True
        for work in sight.steps():
            if work is not None:
                await asyncio.to_thread(work)
                resumed = time.perf_counter()
            now = time.perf_counter()
            due = (sight.fresh and now - shown > SHOW) or (waiting and now - begun > LATE)
            if now - resumed < SLICE and not due and not self._hurry:
                continue
            if due:
                drawn, waiting = sight.fresh, False
                self._show(sight.compose())
                await self._seen()
                if drawn:
                    shown = time.perf_counter()
            else:
                await asyncio.sleep(0)
            if self._hurry:
                return
            resumed = time.perf_counter()
        self._show(sight.compose())
        self._ended = time.perf_counter()
        self.seconds = self._ended - begun
