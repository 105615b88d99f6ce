"""Hears from the operating system that files changed, sooner than the next poll would find out.

Only a hint: the follower looks at every file by itself, so that nothing is lost where nobody tells of changes (network
and FUSE file systems), where the kernel's limits are reached, where events are dropped, or where watchfiles is missing.
"""

from __future__ import annotations

import logging
import os
import threading
import time
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from tbtui.logdir.mounts import Mounts

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

log = logging.getLogger(__name__)

Notice = Callable[[Sequence[str]], None]

WATCHING = "watching"
START_DELAY = 1.0  # seconds; the first curves are on screen by then, and setting up the watches holds the interpreter
BUSY_STEP = 10  # milliseconds between looks at the queue of events, while there are some
QUIET_STEP = 40  # and while there are none: 0.15 % of a core
BUSY_SECONDS = 5.0
GROUPING = 100  # milliseconds in which events are gathered before they are told
CHECK_AFTER = 1000  # milliseconds after which the log directories are looked at: are they still the ones watched?
NOT_NOW = 0.5  # seconds after which is asked again whether the watches may be set up
RETRY_AFTER = 60.0  # seconds after which watching is tried again when it failed


class Watcher:
    """Watches log directories in a thread of its own and tells which paths changed.

    `mode` says in words what is on: "watching", or "polling" with the reason. `fault` is that reason where something
    is amiss (a limit of the system, a missing package), "" otherwise: a network disk is no fault.
    """

    def __init__(self, paths: Sequence[str], *, delay: float = START_DELAY, mounts: Mounts | None = None) -> None:
        self.mode = "polling: watching has not begun"
        self.fault = ""
        self._paths = [os.path.abspath(os.path.expanduser(path)) for path in paths]
        self._delay = delay
        self._mounts = mounts or Mounts()
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None

    @property
    def watching(self) -> bool:
        """Whether all log directories are being watched."""
        return self.mode == WATCHING

    def start(self, notice: Notice, may_hold: Callable[[], bool] = lambda: True) -> None:
        """Begins to watch; returns at once. `notice` is called in the watching thread with the paths that changed, or
        with none when anything may have. `may_hold`: whether the interpreter may be held now, as setting up the watches
        does, for 20 us a directory."""
        self._thread = threading.Thread(target=self._run, args=(notice, may_hold), name="tbtui-watcher", daemon=True)
        self._thread.start()

    def stop(self, timeout: float = 0.5) -> None:
        """Ends watching."""
        self._stop.set()
        if self._thread is not None and self._thread is not threading.current_thread():
            self._thread.join(timeout)

    def _run(self, notice: Notice, may_hold: Callable[[], bool]) -> None:
        pause = self._delay
        while not self._stop.wait(pause):
            if not may_hold():
                pause = NOT_NOW
                continue
            try:
                pause = self._watch_while_the_same(notice)
            except Exception as error:  # polling goes on; whatever the cause, there is no more to be done about it here
                log.info("watching failed", exc_info=True)
                self.fault = explain(error)
                self.mode = f"polling: {self.fault}"
                pause = RETRY_AFTER

    def _watch_while_the_same(self, notice: Notice) -> float:
        """Watches until a log directory comes, goes or is another one; returns the seconds to wait before going on."""
        places = self._places()
        watched = [path for path, place in zip(self._paths, places, strict=True) if place is not None]
        if not watched:
            self.mode = "polling: the log directory is missing, or on a network disk"
            return CHECK_AFTER / 1000
        try:
            from watchfiles._rust_notify import RustNotify
        except ImportError:
            self.fault = "watchfiles is not installed"
            self.mode = f"polling: {self.fault}"
            return RETRY_AFTER
        with RustNotify(watched, False, False, 300, True, True) as notifier:
            self.fault = ""
            self.mode = WATCHING if len(watched) == len(places) else "watching in part"
            notice(())  # what changed before the watches were set
            while not self._stop.is_set() and self._places() == places:
                self._listen(notifier, notice)
        notice(())
        return 0.0

    def _listen(self, notifier: RustNotify, notice: Notice) -> None:
        """Passes events on until there are none for a while."""
        heard = -BUSY_SECONDS
        while True:
            now = time.monotonic()
            step = BUSY_STEP if now - heard < BUSY_SECONDS else QUIET_STEP
            changes = notifier.watch(GROUPING, step, CHECK_AFTER, self._stop)
            if not isinstance(changes, set):  # "timeout", "stop" or "signal"
                return
            heard = now
            notice([path for _, path in changes])

    def _places(self) -> list[tuple[int, int] | None]:
        """Where the paths lead now: device and inode; None for what is missing or on a network disk."""
        places: list[tuple[int, int] | None] = []
        for path in self._paths:
            try:
                status = os.stat(path)
            except OSError:
                places.append(None)
            else:
                remote = self._mounts.remote(path, status.st_dev)
                places.append(None if remote else (status.st_dev, status.st_ino))
        return places


def explain(error: Exception) -> str:
    """Why watching failed, in a few words."""
    text = str(error)
    if "limit" in text or "No space left" in text or "os error 28" in text or "Too many open files" in text:
        return "the system's limit of watches is reached"
    return f"watching failed ({text or type(error).__name__})"
