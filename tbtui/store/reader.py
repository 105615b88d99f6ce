"""The thread that reads: follows the log directories and fills the store while others look at it."""

from __future__ import annotations

import logging
import math
import threading
import time
from collections.abc import Callable, Collection, Sequence
from typing import TYPE_CHECKING

from tbtui.events.problem import Problem
from tbtui.logdir.updates import Trouble, TroubleOver, Update
from tbtui.store.collector import collector_at_rest
from tbtui.store.heap import give_back_freed_memory
from tbtui.store.store import Store

if TYPE_CHECKING:
    from tbtui.logdir.follow import Follower
    from tbtui.logdir.watch import Watcher

log = logging.getLogger(__name__)

BITE_SECONDS = 0.03
SETTLE_POINTS = 1_500_000  # noted points cost more memory than settled ones: the load must not pile them up
SETTLE_AGAIN = 500_000  # in a load that was settled before, which is therefore a large one
SETTLE_SERIES = 50  # at rest, so many at once: the lock is held for about a millisecond
SETTLE_SEEN = 50  # parts of a series that is looked at, likewise
TAKEN_IN = 100  # updates at once: a bite of small files has some hundred, and the lock is held for each time alone
SETTLE_LOADING = 200  # and while there is more to read
TURN = 0.0002  # seconds after each of these: a lock that is taken again at once goes to nobody who waits for it
SHORTEST_PAUSE = 0.5  # seconds, after a failure
TRIM_POINTS = 500_000  # after so many new points freed memory is worth giving back
TRIM_AFTER = 1.0  # seconds: those who look at the store have let go of what they had before by then
LONGEST_PAUSE = 30.0
FEW_RUNS = 1000  # setting up the watches of so many holds the interpreter for some 20 ms only
REST = 3.0  # seconds without a key, after which nobody is likely to be typing
READER_PROBLEM = "(reader)"
WATCHER_PROBLEM = "(watching)"
LOST_PROBLEM = "(store)"
LOST = "not all that was read could be taken in: points are missing until everything is read again"


class Reader:
    """Polls a follower in a thread of its own and applies what it finds to a store.

    watcher: tells of changes sooner than the next poll would, where the file system can; None polls only.
    """

    def __init__(self, store: Store, follower: Follower, watcher: Watcher | None = None) -> None:
        self.store = store
        self.follower = follower
        self.watcher = watcher
        self._stop = threading.Event()
        self._wake = threading.Event()
        self._thread: threading.Thread | None = None
        self._points_at_last_trim = 0
        self._trim_at = math.inf
        self._listeners: list[Callable[[], None]] = []
        self._left_out: frozenset[str] | None = None
        self._way_until = self._asked = -math.inf
        self._told = ""  # what keeps the system from telling of changes, once it was said

    def start(self) -> None:
        """Begins to read; returns at once."""
        self._thread = threading.Thread(target=self._run, name="tbtui-reader", daemon=True)
        self._thread.start()
        if self.watcher is not None:
            self.watcher.start(self.changed, self._may_hold)

    def stop(self, timeout: float = 1.0) -> None:
        """Ends reading; a read that is stuck in a dead file system is left behind rather than waited for."""
        self._stop.set()
        self._wake.set()
        if self.watcher is not None:
            self.watcher.stop()
        if self._thread is not None:
            self._thread.join(timeout)

    def prefer(self, runs: Sequence[str]) -> None:
        """Reads these runs before the others: the ones on screen."""
        self.follower.prefer(runs)

    def leave_out(self, runs: Collection[str]) -> None:
        """Does not read these runs until it is told others: the ones that were put away."""
        if self._left_out != frozenset(runs):
            self._left_out = frozenset(runs)
            self.follower.leave_out(runs)
            self._wake.set()

    def make_way(self, seconds: float) -> None:
        """Leaves the processor to others for so long, once the bite that is being read is done. That is cut short. From
        any thread."""
        self._asked = time.monotonic()
        self._way_until = self._asked + seconds
        self.follower.cut_short()

    def changed(self, paths: Sequence[str] = ()) -> None:
        """A hint from any thread that something may have changed; without paths, that all is worth a look."""
        self.follower.wake(paths)
        self._wake.set()

    def listen(self, callback: Callable[[], None]) -> None:
        """Calls back, in the reading thread, after updates were applied. The callback must be quick."""
        self._listeners.append(callback)

    def read_all(self, after_bite: Callable[[], None] | None = None) -> None:
        """Reads everything there is now, in the calling thread: for commands that end."""
        with collector_at_rest():
            more = True
            while more:
                more = self._bite(at_once=True)
                if after_bite is not None:
                    after_bite()

    def _run(self) -> None:
        pause = SHORTEST_PAUSE
        while not self._stop.is_set():
            try:
                self._step()
                if pause > SHORTEST_PAUSE:
                    self.store.apply([TroubleOver(READER_PROBLEM)])
                    pause = SHORTEST_PAUSE
            except Exception as error:  # a fault of ours must not end the reading of a week
                log.exception("reading failed")
                self.store.note(Problem(READER_PROBLEM, None, f"reading failed and is tried again: {error}"))
                self._stop.wait(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
        self.follower.close()

    def _step(self) -> None:
        """Reads in bites until all is read, then rests until the next look is due or somebody wakes us."""
        self._tell_of_watching()
        with collector_at_rest():
            while self._bite() and not self._stop.is_set():
                self._give_way()
        while self.store.settle(SETTLE_SERIES):
            if self._wake.is_set():
                break
            time.sleep(TURN)
            self._give_way()
        if self.store.points > self._points_at_last_trim + TRIM_POINTS:
            self._points_at_last_trim = self.store.points
            for _ in self.store.compact():
                if self._stop.is_set():
                    break
                self._give_way()
            for callback in self._listeners:
                callback()
            self._trim_at = time.monotonic() + TRIM_AFTER
        if time.monotonic() >= self._trim_at:
            self._trim_at = math.inf
            self.follower.release()
            give_back_freed_memory()
        self.follower.rely_on_hints(self.watcher is not None and self.watcher.watching)
        due = min(self.follower.next_due, self._trim_at)
        self._wake.wait(max(0.0, min(due - time.monotonic(), LONGEST_PAUSE)))
        self._wake.clear()

    def _give_way(self) -> None:
        """Rests as `make_way` asked; once between two bites, so that a key that is held down does not end reading."""
        rest = self._way_until - time.monotonic()
        if rest > 0:
            self._stop.wait(rest)

    def _may_hold(self) -> bool:
        """Whether the interpreter may be held for a moment, which is longer where there are more runs: of many, when
        all is read and nobody types."""
        few = self.store.run_count < FEW_RUNS
        return few or (not self.follower.busy and time.monotonic() - self._asked >= REST)

    def _tell_of_watching(self) -> None:
        """Where the system cannot tell of changes new points are only seen later: that is to be known."""
        fault = self.watcher.fault if self.watcher is not None else ""
        if fault != self._told:
            self._told = fault
            problem = Problem(WATCHER_PROBLEM, None, f"{fault}: changes are found by looking at the files by turns")
            self.store.apply([Trouble(problem) if fault else TroubleOver(WATCHER_PROBLEM)])

    def _bite(self, at_once: bool = False) -> bool:
        """Reads for some milliseconds; whether there is more to read at once. at_once: nobody looks at the store."""
        updates = self.follower.poll(BITE_SECONDS)
        if updates:
            self._take_in(updates, len(updates) if at_once else TAKEN_IN)
            for _ in self.store.settle_seen(SETTLE_SEEN):
                if self._way_until > time.monotonic():
                    break  # what is left is put in place when it is looked at
                time.sleep(TURN)
            for callback in self._listeners:
                callback()
        if self.store.unsettled_points > (SETTLE_AGAIN if self.store.loading_much else SETTLE_POINTS):
            for _ in self.store.settle_during_load(SETTLE_LOADING):
                time.sleep(TURN)
                self._give_way()
        return self.follower.busy

    def _take_in(self, updates: Sequence[Update], most: int) -> None:
        try:
            for begin in range(0, len(updates), most):
                if begin:
                    time.sleep(TURN)
                    self._give_way()
                self.store.apply(updates[begin : begin + most])
        except Exception:
            self.store.note(Problem(LOST_PROBLEM, None, LOST))  # stays: these updates will not come again
            raise
