"""Textual's driver for Unix terminals, mended where a terminal that goes away or falls behind would hold the app.

- It draws on standard output (Textual: standard error), so that `2> file` works, and in ASCII where that is asked for.
- A terminal that is gone (hang-up, end of input, broken pipe) ends the app; Textual spins on the input, or freezes
  when its output thread has died.
- A terminal that does not take what is written loses whole frames instead of blocking the event loop; when it takes
  bytes again, the screen is drawn anew from the top.
- Answers to our questions that come late (a slow line) are dropped; Textual would take them for typed keys.
"""

from __future__ import annotations

import errno
import io
import os
import re
import select
import sys
import threading
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from textual._xterm_parser import XTermParser
from textual.drivers import linux_driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import InputEvent
from textual.message import Message

from tbtui import terminal

if TYPE_CHECKING:
    from textual.app import App

FULL_QUEUE = 24
"""Chunks waiting for the terminal from which frames are left out; Textual's queue blocks at 30."""

LARGE_WRITE = 4096
"""Characters that are written at once instead of waiting for what comes after them."""

LOST = 129
"""Exit code where the terminal went away, as if SIGHUP had ended the program."""

LATE_ANSWER = re.compile(
    r"\x1b\[\?[\d;]*c|\x1b\]1[01];[^\x07\x1b]*(?:\x07|\x1b\\)|\x1b_G[^\x1b]*\x1b\\|\x1bP>\|[^\x1b]*\x1b\\|\x1b\[6;\d+;\d+t"
)
"""What a terminal says to the questions for its attributes, its colours (`terminal.BackgroundQuestion`) and for what it
can show (`graphics.question`)."""


class KeyParser(XTermParser):
    """Textual's parser of what is typed, without late answers."""

    def feed(self, data: str) -> Iterable[Message]:
        typed = LATE_ANSWER.sub("", data)
        return super().feed(typed) if typed or not data else ()  # nothing at all means the end of input


class ScreenFile(io.TextIOBase):
    """Standard output as a text file in a given encoding; an error in writing is reported once, never raised."""

    def __init__(self, descriptor: int, encoding: str, on_error: Callable[[], None]) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._on_error = on_error
        self._failed = False
        self._pending: list[str] = []

    def fileno(self) -> int:
        return self._descriptor

    def isatty(self) -> bool:
        return os.isatty(self._descriptor)

    def write(self, text: str) -> int:
        self._pending.append(text)
        if len(text) > LARGE_WRITE:
            self.flush()
        return len(text)

    def flush(self) -> None:
        data = "".join(self._pending).encode(self._encoding, "tbtui_signs")
        self._pending.clear()
        try:
            while data and not self._failed:
                data = data[self._write(data) :]
        except OSError:
            self._failed = True
            self._on_error()

    def _write(self, data: bytes) -> int:
        try:
            return os.write(self._descriptor, data)
        except OSError as error:
            if error.errno != errno.EAGAIN:
                raise
            select.select([], [self._descriptor], [])
            return 0


class TerminalDriver(LinuxDriver):
    """The driver of a window on a real terminal."""

    ascii_only = False
    """Class-wide, set before the app runs: draw with ASCII characters."""

    def __init__(
        self, app: App[object], *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        # Only written to, flushed, and asked for its descriptor:
        self._file = ScreenFile(  # type: ignore[assignment]
            sys.__stdout__.fileno() if sys.__stdout__ else 1, "ascii" if self.ascii_only else "utf-8", self._lose
        )
        self._leaving = False
        self._frames_lost = False
        self._watching = False
        self.heard: Callable[[], object] = lambda: None
        """Called in the thread that takes keys, as soon as one has come: sooner than the app knows of it."""

    def start_application_mode(self) -> None:
        linux_driver.XTermParser = KeyParser  # type: ignore[attr-defined]  # where the input thread takes it
        self._leaving = False
        super().start_application_mode()  # type: ignore[no-untyped-call]
        if not self._watching:
            self._watching = True
            threading.Thread(target=self._watch, name="tbtui-terminal", daemon=True).start()

    def stop_application_mode(self) -> None:
        self._leaving = True
        super().stop_application_mode()

    @property
    def waiting(self) -> int:
        """How many chunks wait for the terminal to take them."""
        queue = getattr(self._writer_thread, "_queue", None)  # Textual offers no other way to know
        return 0 if queue is None else int(queue.qsize())

    def write(self, data: str) -> None:
        """Queue text for the terminal. Where too much waits already, it is left out, and `frames_lost` tells."""
        if self._frames_lost and not self._leaving:
            return
        if not self._leaving and self.waiting >= FULL_QUEUE:
            self._frames_lost = True
            return
        super().write(data)

    def recovered(self) -> bool:
        """True once after frames were left out and the terminal has taken everything: draw all of it again."""
        if self._frames_lost and self.waiting == 0:
            self._frames_lost = False
            return True
        return False

    def send_message(self, message: Message) -> None:
        if isinstance(message, InputEvent):
            self.heard()
        super().send_message(message)

    def _watch(self) -> None:
        """Wait until the terminal hangs up. Costs nothing while it does not."""
        poll = select.poll()
        poll.register(self.fileno, 0)
        while True:
            for _, event in poll.poll():
                if event & select.POLLNVAL:
                    return
                if event & (select.POLLHUP | select.POLLERR):
                    self._lose()
                    return

    def _lose(self) -> None:
        """The terminal is gone: end the app, from whichever thread finds out."""
        terminal.log.warning("the terminal is gone")
        leave: Callable[[int], None] | None = getattr(self._app, "leave", None)
        if leave is not None:
            leave(LOST)
