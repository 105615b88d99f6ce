"""Drawing piece by piece between keys: what takes long never keeps the event loop."""

from __future__ import annotations

import asyncio
import math
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


LONG = 0.5
"""After paintings of so many seconds what a key brought elsewhere is not to wait for the first piece of the next."""


SHORT, RESTS, LONGEST_REST = 0.05, 3, 3.0
"""After more seconds of painting than the first, new data wait for so many times as long, at most so many seconds."""


class Later(Protocol):
    """Calls something after so many seconds."""

    def __call__(self, delay: float, callback: Callable[[], None], /) -> object:
        """Returns at once."""


def after(delay: float, callback: Callable[[], None], /) -> object:
    """Calls something in this event loop."""
    return asyncio.get_running_loop().call_later(delay, callback)


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
    likely to be asked for next, in small pieces, done when everything is painted; later: calls something after a while;
    pressed: when (perf_counter) the last key came: what it brings is on the screen before the next piece is drawn.
    """

    def __init__(
        self,
        sight: Callable[[], Sight | None],
        show: Callable[[Cells], object],
        start: Callable[[Coroutine[object, object, None]], object],
        seen: Callable[[], Awaitable[None]],
        ahead: Callable[[], Iterator[None]] = lambda: iter(()),
        later: Later = after,
        pressed: Callable[[], float] = lambda: -math.inf,
    ) -> None:
        self._sight = sight
        self._show = show
        self._start = start
        self._seen = seen
        self._ahead = ahead
        self._later = later
        self._pressed = pressed
        self._idle = asyncio.Event()
        self._idle.set()
        self._running = False
        self._again = False
        self._hurry = False
        self._news = self._waits = False  # whether data came since the last painting began; whether they are waiting
        self.seconds = 0.0
        """What painting everything took the last time, without what was done in between."""
        self._ended = 0.0

    @property
    def busy(self) -> bool:
        """Whether something is being painted, or will be."""
        return not self._idle.is_set()

    def paint(self, hurry: bool = False) -> None:
        """Paint soon. `hurry`: what is being painted is out of date, begin anew (a key); else after it (new data)."""
        self._again = True
        self._hurry = self._hurry or hurry
        if not self._running:
            self._running = True
            self._idle.clear()
            self._start(self._run())

    def follow(self) -> None:
        """Paint what new data brought: soon where painting is quick, else when it has rested from the last time."""
        self._news = True
        if self._running or self._waits:
            return
        rest = self._ended + min(RESTS * self.seconds, LONGEST_REST) - time.perf_counter()
        if self.seconds <= SHORT or rest <= 0:
            self.paint()
            return
        self._waits = True
        self._idle.clear()
        self._later(rest, self._rested)

    def _rested(self) -> None:
        self._waits = False
        if self._news:
            self.paint()
        elif not self._running:
            self._idle.set()

    async def settled(self) -> None:
        """Wait until everything is painted."""
        await self._idle.wait()

    async def _run(self) -> None:
        try:
            while self._again:
                self._again = self._hurry = self._news = False
                await self._paint_once()
        finally:
            self._running = False
            if self._news:
                self.follow()
            elif not self._waits:
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
            await self._seen()
        begun = resumed = time.perf_counter()
        worked = 0.0
        shown = begun - SHOW  # what has the focus is drawn first, and shown at once
        waiting = True
        for work in sight.steps():
            if work is not None:
                await asyncio.to_thread(work)
                now = time.perf_counter()
                worked += now - resumed
                resumed = now
            now = time.perf_counter()
            due = (sight.fresh and now - shown > SHOW) or (waiting and now - begun > LATE)
            pressed = self._pressed() > resumed
            if now - resumed < SLICE and not due and not self._hurry and not pressed:
                continue
            worked += now - resumed
            if due:
                drawn, waiting = sight.fresh, False
                self._show(sight.compose())
                await self._seen()
                if drawn:
                    shown = time.perf_counter()
            elif pressed:
                await self._seen()
            else:
                await asyncio.sleep(0)
            if self._hurry:
                return
            resumed = time.perf_counter()
        self._show(sight.compose())
        self._ended = time.perf_counter()
        self.seconds = worked + self._ended - resumed
