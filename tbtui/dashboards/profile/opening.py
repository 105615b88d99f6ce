"""Which capture is shown: the newest of the run at the cursor, or one that was chosen; reading it in a thread."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import os
import time
from collections import Counter
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from tbtui.analysis.numbers import format_bytes
from tbtui.events.problem import Problem
from tbtui.logdir.listing import TORCH_TRACE
from tbtui.profiles.analysis_files import SessionAnalyses, read_analyses
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.find import READABLE, CaptureFile, read_capture
from tbtui.profiles.model import BadProfile, Profile, empty_profile
from tbtui.profiles.operators import Calls
from tbtui.profiles.overview import Overview, look_over
from tbtui.profiles.tables import TABLES, Table
from tbtui.settings.files import profiles_folder
from tbtui.store import Run
from tbtui.store.run import Profile as Capture
from tbtui.widgets.session import Session
from tbtui.widgets.tag_picker import Choice

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Opened:
    """A capture that was read, and everything that is shown of it; or, where there is none, its `analyses`."""

    capture: Capture
    profile: Profile
    overview: Overview
    python: bool = False  # whether the functions of Python are among the operators
    tables: dict[str, Table] = field(default_factory=dict)
    analyses: SessionAnalyses | None = None

    @property
    def calls(self) -> Calls:
        """The calls on the host, as the table of operators counts them."""
        return self.overview.calls

    @property
    def only_analyses(self) -> bool:
        """Whether there is no capture, only what an older profiler made of one."""
        return self.analyses is not None


class GivenUpError(Exception):
    """Nobody waits for the capture any longer."""


def load(
    capture: Capture,
    python: bool,
    progress: Callable[[int], None] = lambda _: None,
    cache: ProfileCache | None = None,
    beside: Sequence[Capture] = (),
) -> Opened:
    """Reads a capture and makes its tables. Takes long: `progress` is called with how many bytes of the file were read
    so far, and ends it by an exception. Raises BadProfile."""
    if capture.tool not in READABLE:
        return load_analyses(capture, beside)
    profile, size = read_profile(capture, progress, cache)
    progress(size)
    overview = look_over(profile, python)
    progress(size)
    tables = {view: make(overview) for view, make in TABLES.items()}
    return Opened(capture, profile, overview, python, tables)


def load_analyses(capture: Capture, files: Sequence[Capture]) -> Opened:
    """Reads the analyses of a session of which there is no capture. Raises BadProfile where none can be read."""
    analyses = read_files(files)
    if not analyses.found:
        raise BadProfile(analyses.problems[0][1] if analyses.problems else "it holds no table with rows")
    profile = empty_profile()
    overview = look_over(profile)
    tables = {view: make(overview) for view, make in TABLES.items()} | analyses.by_view()
    return Opened(capture, profile, overview, tables=tables, analyses=analyses)


def read_files(files: Sequence[Capture]) -> SessionAnalyses:
    """Reads analyses of one session and host."""
    return read_analyses([_as_file(one) for one in files])


def _as_file(capture: Capture) -> CaptureFile:
    """A capture as those who read files call it; the size of what is gone is 0."""
    modified, size = 0.0, 0
    with contextlib.suppress(OSError):
        status = os.stat(capture.path)
        modified, size = status.st_mtime, status.st_size
    return CaptureFile(capture.path, capture.session, capture.host, capture.tool, modified, size)


def read_profile(
    capture: Capture, progress: Callable[[int], None] = lambda _: None, cache: ProfileCache | None = None
) -> tuple[Profile, int]:
    """Reads a capture without making tables of it; with the size of its file. Raises BadProfile."""
    found = _as_file(capture)
    return read_capture(found, progress, cache), found.size


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

    found: the captures of all runs, the newest session first, each with its run's name; where a session has none, the
    first file of its analyses stands for them.
    """

    def __init__(self, session: Session, owner: Owner) -> None:
        self.session, self.owner = session, owner
        self.found: list[tuple[str, Capture]] = []
        self._analyses: dict[tuple[str, str], list[Capture]] = {}
        self.capture: Capture | None = None
        self.opened: Opened | None = None
        self.reading: Reading | None = None
        self.python = False
        self._focused: str | None = None
        self._titles: tuple[int, dict[Capture, str]] = (0, {})

    def look(self) -> None:
        """Follow the run at the cursor, and see whether there are captures that were not there."""
        before = len(self.found)
        runs = self.session.runs()
        self.found, self._analyses = _captures(runs), _analyses(runs)
        if not self.found:
            self.owner.show_message("No run has a capture yet")
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

    def beside(self, capture: Capture) -> list[Capture]:
        """The files with analyses of the same session and host."""
        return self._analyses.get(_place(capture), [])

    def comparable(self) -> list[Capture]:
        """What can be put side by side: captures, not analyses of them."""
        return [capture for _, capture in self.found if capture.tool in READABLE]

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
            cache, beside = cache_of(self.session), self.beside(capture)
            opened = await asyncio.to_thread(load, capture, python, reading.progress, cache, beside)
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
            self.note(capture, reason)
        if opened.analyses is not None:
            self.note_all(opened.analyses.problems)
        if reading.given_up:
            return
        self.reading, self.opened = None, opened
        self.owner.show_capture(opened)

    def note(self, capture: Capture, reason: str) -> None:
        """Tell that a capture can't be read."""
        self.session.store.note(Problem(capture.path, None, reason))

    def note_all(self, problems: Sequence[tuple[str, str]]) -> None:
        """Tell of files that can't be read."""
        for path, reason in problems:
            self.session.store.note(Problem(path, None, reason))

    def _failed(self, capture: Capture, reason: str) -> None:
        self.reading = None
        self.note(capture, reason)
        self.owner.show_message(f"{os.path.basename(capture.path)}: {reason}")

    def choices(self) -> dict[str, tuple[Choice, Capture]]:
        """The captures that may be chosen, by what they are called: several of one worker by their time as well, those
        of the same name in several runs by these."""
        often = Counter(_name(capture) for _, capture in self.found)
        often_in_run = Counter((run, _name(capture)) for run, capture in self.found)
        rows: dict[str, tuple[Choice, Capture]] = {}
        for run, capture in self.found:
            name = title = _name(capture)
            label = "" if run == "." else self.session.label(run)
            if often_in_run[run, name] > 1:
                title += f" {_when(capture) or os.path.basename(capture.path)}"
            if often[name] > often_in_run[run, name]:
                title, label = f"{label}: {title}", ""
            base, number = title, 1
            while title in rows:
                number += 1
                title = f"{base} ({number})"
            rows[title] = (Choice(title, label), capture)
        return rows

    def against(self, other: Capture) -> str:
        """What another capture is called where it is compared with the one that is shown: what both begin with is left
        out."""
        mine = self.title(self.capture).split() if self.capture is not None else []
        words = self.title(other).split()
        same = next((at for at, pair in enumerate(zip(mine, words, strict=False)) if pair[0] != pair[1]), 0)
        return " ".join(words[same:])

    def title(self, capture: Capture) -> str:
        """What a capture is called among the others."""
        if self._titles[0] != len(self.found):  # the head asks with every key
            self._titles = (len(self.found), {one: title for title, (_, one) in self.choices().items()})
        return self._titles[1].get(capture) or _name(capture)


def _captures(runs: list[Run]) -> list[tuple[str, Capture]]:
    found = [(run.name, capture) for run in runs for capture in run.profiles if capture.tool in READABLE]
    whole = {(run, capture.session, capture.host) for run, capture in found if capture.tool == "xplane"}
    kept = [
        (run, capture)
        for run, capture in found
        if capture.tool != "trace" or (run, capture.session, capture.host) not in whole
    ]
    known = {_place(capture) for _, capture in kept}
    for run in runs:
        for capture in sorted(run.profiles, key=lambda one: one.path):
            if _place(capture) not in known:
                known.add(_place(capture))
                kept.append((run.name, capture))
    return sorted(kept, key=lambda one: (one[1].session, os.path.basename(one[1].path)), reverse=True)


def _analyses(runs: list[Run]) -> dict[tuple[str, str], list[Capture]]:
    """The files with analyses by the place of their session and host, each of them sorted."""
    found: dict[tuple[str, str], list[Capture]] = {}
    for capture in sorted((capture for run in runs for capture in run.profiles), key=lambda one: one.path):
        if capture.tool not in READABLE:
            found.setdefault(_place(capture), []).append(capture)
    return found


def _name(capture: Capture) -> str:
    return " ".join(part for part in (capture.session, capture.host) if part)


def _when(capture: Capture) -> str:
    """When a capture of PyTorch was written, which the name of its file tells in ms or ns since 1970; "" where it does
    not."""
    named = TORCH_TRACE.match(os.path.basename(capture.path))
    digits = named[2][1:] if named and named[2] else ""
    if len(digits) not in (13, 19):
        return ""
    return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(int(digits) / 10 ** (len(digits) - 10)))


def _place(capture: Capture) -> tuple[str, str]:
    return os.path.dirname(capture.path), capture.host
