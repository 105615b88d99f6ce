"""Asking for values that take their time: in a thread, the newest wish first, and never a queue of old ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Hashable, Iterator

__all__ = ["Fetching", "Work"]

Work = Callable[[], Iterator[None]]
"""Makes a job: it is called, and the iterator it gives advanced, in a thread. With every `yield` something new is there
to be shown. A job should yield often: that is where it is left when something else is wished for."""


class Fetching:
    """Does one job at a time beside the event loop, and tells when there is something new.

    start: runs a coroutine beside the loop's other work (`Widget.run_worker`); arrived: called on the loop after each
    piece of the job that is done. All methods are for the event loop.
    """

    def __init__(
        self, start: Callable[[Coroutine[object, object, None]], object], arrived: Callable[[], object]
    ) -> None:
        self._start = start
        self._arrived = arrived
        self._wish: tuple[Hashable, Work] | None = None
        self._doing: Hashable = None
        self._done: Hashable = None
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def busy(self) -> bool:
        """Whether something is under way."""
        return not self._idle.is_set()

    def ask(self, key: Hashable, work: Work) -> None:
        """Do this instead of what was wished before; `key` says what it is, never None.

        The same wish again changes nothing: neither while it is under way nor once it is done, as long as no other
        wish came between. What is being done for another wish is left at its next `yield`.
        """
        if self._wish is not None and key == self._wish[0]:
            return
        if key == self._doing:
            self._wish = None
            return
        if self._wish is None and key == self._done:
            return
        self._wish = (key, work)
        if self._idle.is_set():
            self._idle.clear()
            self._start(self._run())

    def forget(self) -> None:
        """What was wished for last is out of date: when it comes again it is done again."""
        self._wish = self._doing = self._done = None

    async def settled(self) -> None:
        """Wait until everything that was wished for is there."""
        await self._idle.wait()

    async def _run(self) -> None:
        try:
            while self._wish is not None:
                (key, work), self._wish = self._wish, None
                self._doing, self._done = key, None
                job = await asyncio.to_thread(work)
                while self._wish is None:
                    if await asyncio.to_thread(_advance, job):
                        self._done = self._doing
                        self._arrived()
                        break
                    self._arrived()
                self._doing = None
        finally:
            self._doing = None
            self._idle.set()


def _advance(job: Iterator[None]) -> bool:
    """One piece further; True when that was all."""
    try:
        next(job)
    except StopIteration:
        return True
    return False
