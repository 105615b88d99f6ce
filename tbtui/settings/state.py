"""What is remembered of a view, per set of log directories: one small JSON file each, below XDG_STATE_HOME.

A file holds only what the user changed; what equals the configuration is left to the configuration. It is written a
moment after the last change and at the end, as a whole or not at all, and never because of nothing. Of two programs on
the same log directories the last to write wins. Log directories themselves are only read.
"""

from __future__ import annotations

import hashlib
import json
import logging
import math
import os
import threading
import time
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

from tbtui.events.problem import Problem
from tbtui.settings.files import read_small, write_whole
from tbtui.settings.option import Option
from tbtui.settings.option_table import OPTIONS
from tbtui.settings.view import HISTOGRAM_MODES, TABLE_LAYOUTS, TABLE_MEASURES, TABLE_ORDERS, THEMES, View

VERSION = 1
"""Of the file's form. Of other versions every field is used that is understood."""

QUIET = 1.5
"""Seconds without a change after which is written."""

LONGEST = 10.0
"""Seconds after which is written though changes go on."""

PATIENCE = 0.5
"""Seconds that the file system has to resolve links."""

AT_EXIT = 1.0
"""Seconds that the end of the program waits for a file that is being written."""

log = logging.getLogger(__name__)


# -- fields --------------------------------------------------------------------------------------------------------


def _text(value: object) -> str:
    if isinstance(value, str):
        return value
    raise ValueError("a text")


def _texts(value: object) -> list[str]:
    if isinstance(value, list) and all(isinstance(one, str) for one in value):
        return list(dict.fromkeys(value))
    raise ValueError("a list of texts")


def _names(value: object) -> set[str]:
    return set(_texts(value))


def _one_of(words: Sequence[str], name: str) -> Callable[[object], str]:
    def read(value: object) -> str:
        if value in words:
            return str(value)
        raise ValueError(name)

    return read


def _goals(value: object) -> dict[str, str]:
    if isinstance(value, dict) and all(goal in ("up", "down") for goal in value.values()):
        return dict(value)
    raise ValueError("goals by tag")


def _yes_no_auto(value: object) -> bool | None:
    if value is None or isinstance(value, bool):
        return value
    raise ValueError("true, false or null")


def _colors(value: object) -> dict[str, tuple[int, int, int]]:
    if isinstance(value, dict) and all(_is_color(color) for color in value.values()):
        return {name: (color[0], color[1], color[2]) for name, color in value.items()}
    raise ValueError("colours by name")


def _is_color(value: object) -> bool:
    return isinstance(value, list) and len(value) == 3 and all(type(one) is int and 0 <= one < 256 for one in value)


def _aliases(value: object) -> dict[str, str]:
    if isinstance(value, dict) and all(isinstance(name, str) and name for name in value.values()):
        return dict(value)
    raise ValueError("texts by run")


def _hashtags(value: object) -> dict[str, list[str]]:
    if isinstance(value, dict):
        return {name: _texts(words) for name, words in value.items()}
    raise ValueError("lists of words by run")


def _steps(value: object) -> list[int]:
    if isinstance(value, list) and all(type(one) is int for one in value):
        return sorted(set(value))
    raise ValueError("a list of steps")


def _limits(value: object) -> dict[str, tuple[float | None, float | None]]:
    if isinstance(value, dict) and all(_is_limit(ends) for ends in value.values()):
        return {name: (ends[0], ends[1]) for name, ends in value.items()}
    raise ValueError("limits by tag")


def _is_limit(ends: object) -> bool:
    """Two ends in their order, of which one may be missing."""
    if not isinstance(ends, list) or len(ends) != 2 or ends == [None, None]:
        return False
    if not all(end is None or (type(end) in (int, float) and math.isfinite(end)) for end in ends):
        return False
    return None in ends or bool(ends[0] < ends[1])


def _yes_no(value: object) -> bool:
    if isinstance(value, bool):
        return value
    raise ValueError("true or false")


def _or_none(read: Callable[[object], Any]) -> Callable[[object], Any]:
    return lambda value: None if value is None else read(value)


def _option(option: Option) -> Callable[[object], Any]:
    return option.read


FIELDS: dict[str, Callable[[object], Any]] = {
    **{option.view: _option(option) for option in OPTIONS if option.view},
    "hidden": _names,
    "only": _or_none(_names),
    "focused_run": _or_none(_text),
    "focused_group": _or_none(_text),
    "focused_tag": _or_none(_text),
    "folded": _names,
    "pinned": _texts,
    "marked": _texts,
    "colors": _colors,
    "limits": _limits,
    "table_order": _one_of(TABLE_ORDERS, "an order of the table"),
    "table_column": _text,
    "table_layout": _one_of(TABLE_LAYOUTS, "a layout of the table"),
    "table_measure": _one_of(TABLE_MEASURES, "a number of the table"),
    "goals": _goals,
    "linked": _yes_no,
    "shared_range": _yes_no,
    "group_regex": _text,
    "group_members": _yes_no,
    "folded_runs": _names,
    "run_order_reversed": _yes_no,
    "away": _names,
    "show_away": _yes_no,
    "hide_empty": _yes_no,
    "top_runs": _texts,
    "aliases": _aliases,
    "notes": _aliases,
    "hashtags": _hashtags,
    "run_tree": _yes_no,
    "spotlight": _yes_no,
    "step_marks": _steps,
    "marked_run": _or_none(_text),
    "histogram_mode": _one_of(HISTOGRAM_MODES, "a way to draw histograms"),
    "histogram_log": _yes_no,
    "histogram_each": _yes_no,
    "histogram_central": _yes_no,
    "side_bar": _yes_no_auto,
    "theme": _one_of(THEMES, "a theme"),
}
"""Field of `View` -> how it is read from JSON; raises ValueError with what it should have been."""


def _plain(value: object) -> object:
    """For JSON, the same for the same value."""
    return sorted(value) if isinstance(value, set | frozenset) else value


def _copy(value: Any) -> Any:
    return type(value)(value) if isinstance(value, set | list | dict) else value


def values_of(view: View) -> dict[str, Any]:
    """The fields that are remembered, as they are now."""
    return {name: _copy(getattr(view, name)) for name in FIELDS}


# -- the file ------------------------------------------------------------------------------------------------------


def state_file(folder: str, paths: Iterable[str]) -> str:
    """The file of the log directories with these `real_paths`."""
    named = b"\0".join(os.fsencode(path) for path in paths)
    return os.path.join(folder, hashlib.sha256(named).hexdigest()[:24] + ".json")


def real_paths(logdirs: Sequence[str], seconds: float = PATIENCE) -> list[str]:
    """Log directories, each once and sorted, without the links by which they are reached.

    A file system that does not answer is not waited for; the paths are then taken as they are.
    """
    found: list[str] = []
    asking = threading.Thread(target=lambda: found.extend(map(os.path.realpath, logdirs)), daemon=True)
    asking.start()
    asking.join(seconds)
    return sorted(set(map(os.path.abspath, logdirs) if asking.is_alive() else found))


def read_state(path: str) -> tuple[dict[str, Any], dict[str, Any], list[str]]:
    """(fields of `View` that were understood, entries that this version does not know, what was wrong).

    A file that is not there is an empty one. Nothing that a file may hold raises.
    """
    try:
        document = json.loads(read_small(path).decode())
    except (FileNotFoundError, NotADirectoryError):
        return {}, {}, []
    except OSError as error:
        return {}, {}, [f"can't be read: {error.strerror or error}; what was remembered is not used"]
    except (ValueError, RecursionError):
        return {}, {}, ["is damaged; what was remembered is not used"]
    entries = document.get("view") if isinstance(document, dict) else None
    if not isinstance(entries, dict):
        return {}, {}, ["is damaged; what was remembered is not used"]
    known, unknown, wrong = {}, {}, []
    for name, value in entries.items():
        read = FIELDS.get(name)
        if read is None:
            unknown[name] = value
            continue
        try:
            known[name] = read(value)
        except ValueError as error:
            wrong.append(f"{name} is not {error}")
    return known, unknown, [f"{'; '.join(wrong)}; not used"] if wrong else []


def encode_state(entries: Mapping[str, object], logdirs: Iterable[str]) -> bytes:
    """The file's bytes: ASCII, the same for the same entries."""
    from tbtui import __version__

    document = {"version": VERSION, "tbtui": __version__, "logdirs": list(logdirs), "view": dict(entries)}
    return (json.dumps(document, default=_plain, indent=1, sort_keys=True) + "\n").encode("ascii")


# -- while the app runs --------------------------------------------------------------------------------------------


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="tbtui-state", daemon=True).start()


class Memory:
    """Remembers one view. `recall` once, then `look` now and then, and `close` at the end; all from one thread.

    path: the file, see `state_file`; "" where there is no place for one. logdirs: as `real_paths` says. asked: the
    fields that the command line names. fresh: nothing is recalled. clock: seconds, monotonic. start: runs the writing,
    which may take its time, elsewhere.
    """

    def __init__(
        self,
        path: str,
        logdirs: Sequence[str],
        *,
        asked: Collection[str] = (),
        fresh: bool = False,
        clock: Callable[[], float] = time.monotonic,
        start: Callable[[Callable[[], None]], None] = _in_thread,
    ) -> None:
        self.path = path
        self._logdirs = logdirs
        self._asked = frozenset(asked)
        self._fresh = fresh
        self._clock = clock
        self._start = start
        self._configured: dict[str, Any] = {}
        self._began: dict[str, Any] = {}
        self._kept: dict[str, Any] = {}
        self._unknown: dict[str, Any] = {}
        self._seen: dict[str, Any] = {}
        self._first_change: float | None = None
        self._last_change = 0.0
        self._written = b""
        self._idle = threading.Event()
        self._idle.set()
        self._failure = ""
        self._told = False
        self._problems: list[Problem] = []

    def put_away(self) -> frozenset[str]:
        """The runs that were put away: what is not to be read, known before there is a view."""
        if self._fresh or not self.path:
            return frozenset()
        kept = read_state(self.path)[0]
        return frozenset(() if kept.get("show_away") else kept.get("away", ()))

    def recall(self, view: View) -> None:
        """Put what was remembered into a view that is as the configuration asks."""
        self._configured = values_of(view)
        if not self.path:
            self._fail("there is no home directory")
        elif not self._fresh:
            self._kept, self._unknown, wrong = read_state(self.path)
            self._problems += [Problem(self.path, None, reason) for reason in wrong]
            for name in self._kept.keys() - self._asked:
                setattr(view, name, _copy(self._kept[name]))
        self._began = self._seen = values_of(view)
        self._written = self._encoded()

    def look(self, view: View) -> None:
        """Notice what changed, and write it when it is time; never waits. Cheap where nothing changed."""
        now = self._clock()
        self._notice(view, now)
        if self._first_change is None or not self._idle.is_set():
            return
        if now - self._last_change >= QUIET or now - self._first_change >= LONGEST:
            self._first_change = None
            data = self._encoded()
            if data != self._written and self.path:
                self._idle.clear()
                self._start(partial(self._write, data))

    def close(self, view: View) -> None:
        """Write what is not yet written."""
        self._notice(view, self._clock())
        if not self._idle.wait(AT_EXIT):
            self._fail("the disk does not answer")
            return
        data = self._encoded()
        if data != self._written and self.path:
            self._write(data)

    def take_problems(self) -> list[Problem]:
        """What went wrong since the last call; that nothing can be written is told once."""
        if self._failure and not self._told:
            self._told = True
            self._problems.append(Problem(self.path or "state", None, f"choices are not remembered: {self._failure}"))
        problems, self._problems = self._problems, []
        return problems

    def _notice(self, view: View, now: float) -> None:
        if any(getattr(view, name) != value for name, value in self._seen.items()):
            self._seen = values_of(view)
            self._last_change = now
            if self._first_change is None:
                self._first_change = now

    def _encoded(self) -> bytes:
        """What is to be remembered: what was, where nothing was changed; else what differs from the configuration."""
        entries = dict(self._unknown)
        for name, value in self._seen.items():
            if value == self._began[name]:
                if name in self._kept:
                    entries[name] = self._kept[name]
            elif name in self._asked or value != self._configured[name]:
                entries[name] = value
        return encode_state(entries, self._logdirs)

    def _write(self, data: bytes) -> None:
        try:
            write_whole(self.path, data)
            self._written = data
        except OSError as error:
            self._fail(error.strerror or str(error))
        finally:
            self._idle.set()

    def _fail(self, reason: str) -> None:
        if not self._failure:
            self._failure = reason
            log.warning("%s: choices are not remembered: %s", self.path, reason)
