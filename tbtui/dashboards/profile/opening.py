"""Which capture is shown: the newest of the run at the cursor, or one that was chosen; reading it in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tbtui.analysis.numbers import format_bytes
from tbtui.events.problem import Problem
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.find import READABLE, CaptureFile, read_capture
from tbtui.profiles.model import BadProfile, Profile
from tbtui.profiles.operators import Calls, nest_calls
from tbtui.profiles.overview import Overview, look_over
from tbtui.profiles.tables import TABLES, Table
from tbtui.profiles.timeline import TimelineRow, timeline_rows
from tbtui.settings.files import profiles_folder
from tbtui.store import Run
from tbtui.store.run import Profile as Capture
from tbtui.widgets.session import Session
from tbtui.widgets.tag_picker import Choice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A capture that was read, and everything that is shown of it."""

    capture: Capture
    profile: Profile
    calls: Calls
    overview: Overview
    timeline: list[TimelineRow]
    tables: dict[str, Table] = field(default_factory=dict)


class GivenUpError(Exception):
    """Nobody waits for the capture any longer."""


def load(
    capture: Capture, python: bool, progress: Callable[[int], None] = lambda _: None, cache: ProfileCache | None = None
) -> Opened:
    """Reads a capture and makes its tables. Takes long: `progress` is called with how many bytes of the file were read
    so far, and ends it by an exception. Raises BadProfile."""
    profile, size = read_profile(capture, progress, cache)
    progress(size)
    overview = look_over(profile, python)
    progress(size)
    tables = {view: make(overview) for view, make in TABLES.items()}
    return Opened(capture, profile, nest_calls(profile, python), overview, timeline_rows(profile, python), tables)


def read_profile(
    capture: Capture, progress: Callable[[int], None] = lambda _: None, cache: ProfileCache | None = None
) -> tuple[Profile, int]:
    """Reads a capture without making tables of it; with the size of its file. Raises BadProfile."""
    try:
        status = os.stat(capture.path)
    except OSError as error:
        raise BadProfile(error.strerror or str(error)) from None
    found = CaptureFile(capture.path, capture.session, capture.host, capture.tool, status.st_mtime, status.st_size)
    return read_capture(found, progress, cache), status.st_size


def cache_of(session: Session) -> ProfileCache | None:
    """Where profiles are kept, None where they are not to be."""
    folder = profiles_folder() if session.options.cache else None
    return None if folder is None else ProfileCache(folder)


class Reading:
    """One capture on its way: told of in the thread that reads it, looked at in the one of the screen."""

    def __init__(self, capture: Capture, say: Callable[[str], None]) -> None:
        self.name = os.path.basename(capture.path)
        self.given_up = False
        self._say = say
        self._loop = asyncio.get_running_loop()
        self._size = 0
        with contextlib.suppress(OSError):
            self._size = os.stat(capture.path).st_size

    def progress(self, done: int) -> None:
        """So many bytes were read. Raises GivenUpError when nobody waits for the rest."""
        if self.given_up:
            raise GivenUpError
        with contextlib.suppress(RuntimeError):  # the program ends
            self._loop.call_soon_threadsafe(self._tell, done)

    def _tell(self, done: int) -> None:
        if not self.given_up:
            self._say(self.words(done))

    def words(self, done: int) -> str:
        """How far it is."""
        if done >= self._size:
            return f"{self.name} is read: counting ... (escape gives up)"
        part = f"{format_bytes(done)} of {format_bytes(self._size)}"
        return f"Reading {self.name}: {part} (escape gives up)"


class Owner(Protocol):
    """Who shows what is opened."""

    def show_message(self, text: str) -> None:
        """Instead of a capture."""

    def show_capture(self, opened: Opened) -> None:
        """A capture was read."""

    def say(self, text: str) -> None:
        """One sentence."""

    def start(self, work: Callable[[], Coroutine[None, None, None]]) -> None:
        """Run this beside the rest; what still runs is given up."""


class Opener:
    """Looks for captures in the runs, and reads the one that is to be shown.

    found: the readable captures of all runs, the newest session first, each with its run's name.
    """

    def __init__(self, session: Session, owner: Owner) -> None:
        self.session, self.owner = session, owner
        self.found: list[tuple[str, Capture]] = []
        self.capture: Capture | None = None
        self.opened: Opened | None = None
        self.reading: Reading | None = None
        self.python = False
        self._focused: str | None = None

    def look(self) -> None:
        """Follow the run at the cursor, and see whether there are captures that were not there."""
        before = len(self.found)
        self.found = _captures(self.session.runs())
        if not self.found:
            unread = any(run.profiles for run in self.session.runs())
            words = "None of the captures here is of a kind that is read" if unread else "No run has a capture yet"
            self.owner.show_message(words)
            return
        focused = self.session.focused_run()
        name = focused.name if focused is not None else ""
        moved, self._focused = name != self._focused, name
        mine = [capture for run, capture in self.found if run == name]
        if self.capture is None or (moved and mine and self.capture not in mine):
            self.open((mine or [capture for _, capture in self.found])[0])
        elif before and len(self.found) > before:
            self.owner.say(f"{len(self.found) - before} more captures were written (t chooses)")

    def open(self, capture: Capture) -> None:
        """Read a capture and show it."""
        if self.reading is not None:
            self.reading.given_up = True
        self.capture, self.reading = capture, Reading(capture, self._say_progress)
        self.owner.show_message(self.reading.words(0))
        self.owner.start(partial(self._read, capture, self.python, self.reading))

    def give_up(self) -> bool:
        """Do not wait for what is being read; whether there was anything."""
        if self.reading is None:
            return False
        self.reading.given_up = True
        self.owner.show_message(f"{self.reading.name}: given up (t chooses a capture)")
        self.reading = None
        return True

    def _say_progress(self, words: str) -> None:
        if self.opened is None:
            self.owner.show_message(words)

    def again(self, python: bool) -> None:
        """Read what is shown once more, with or without Python's functions."""
        self.python = python
        if self.capture is not None:
            self.open(self.capture)

    async def _read(self, capture: Capture, python: bool, reading: Reading) -> None:
        try:
            opened = await asyncio.to_thread(load, capture, python, reading.progress, cache_of(self.session))
        except GivenUpError:
            return
        except asyncio.CancelledError:  # another one is read instead, or the program ends
            reading.given_up = True
            raise
        except BadProfile as error:
            self._failed(capture, str(error))
            return
        except Exception as error:  # whatever a file holds must not end the program
            log.exception("a capture can't be read")
            self._failed(capture, f"the capture can't be read: {type(error).__name__}: {error}")
            return
        for reason in opened.profile.problems:
            self.session.store.note(Problem(capture.path, None, reason))
        if reading.given_up:
            return
        self.reading, self.opened = None, opened
        self.owner.show_capture(opened)

    def note(self, capture: Capture, reason: str) -> None:
        """Tell that a capture can't be read."""
        self.session.store.note(Problem(capture.path, None, reason))

    def _failed(self, capture: Capture, reason: str) -> None:
        self.reading = None
        self.note(capture, reason)
        self.owner.show_message(f"{os.path.basename(capture.path)}: {reason}")

    def choices(self) -> dict[str, tuple[Choice, Capture]]:
        """The captures that may be chosen, by what they are called."""
        rows: dict[str, tuple[Choice, Capture]] = {}
        for run, capture in self.found:
            name = " ".join(part for part in (capture.session, capture.host) if part)
            title, number = name, 1
            while title in rows:
                number += 1
                title = f"{name} ({number})"
            rows[title] = (Choice(title, "" if run == "." else self.session.label(run)), capture)
        return rows


def _captures(runs: list[Run]) -> list[tuple[str, Capture]]:
    found = [(run.name, capture) for run in runs for capture in run.profiles if capture.tool in READABLE]
    whole = {(run, capture.session, capture.host) for run, capture in found if capture.tool == "xplane"}
    kept = [
        (run, capture)
        for run, capture in found
        if capture.tool != "trace" or (run, capture.session, capture.host) not in whole
    ]
    return sorted(kept, key=lambda one: (one[1].session, os.path.basename(one[1].path)), reverse=True)
