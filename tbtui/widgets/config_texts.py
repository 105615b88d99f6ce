"""Text summaries of runs in which a configuration may stand: read back from their files, never while a key waits."""

from __future__ import annotations

import re
import threading
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from tbtui.events.summaries import BadSummary, text
from tbtui.store import Run
from tbtui.store.blobs import BlobUnreadable, read_value
from tbtui.store.series import BlobSeries, Reference

CONFIG = re.compile(r"config|cfg|hparam|hyper|param|arg|setting|option|flag|spec|train", re.IGNORECASE)
"""Tags of texts that are looked at first, and again when they are written again; of others the first value counts."""

MOST_TAGS = 8
MOST_BYTES = 1 << 20
"""Longer texts are not read: they are no configuration."""


class _Known(NamedTuple):
    asked: tuple[tuple[str, int], ...]
    texts: tuple[str, ...]


def _in_thread(work: Callable[[], None]) -> None:
    threading.Thread(target=work, name="tbtui-texts", daemon=True).start()


class ConfigTexts:
    """The texts of runs, as far as they were read. start: runs the reading elsewhere."""

    def __init__(self, start: Callable[[Callable[[], None]], None] = _in_thread) -> None:
        self._start = start
        self._known: dict[str, _Known] = {}
        self._asked: dict[str, tuple[tuple[str, int], ...]] = {}
        self._queue: deque[tuple[str, tuple[tuple[str, int], ...], list[Reference]]] = deque()
        self._reading = False
        self._lock = threading.Lock()

    def of(self, run: Run) -> tuple[str, ...]:
        """The texts of a run; empty until they were read. Cheap, and the same object as long as nothing is new."""
        found = wanted(run)
        if found:
            asked = tuple((series.tag, number) for series, number in found)
            if asked != self._asked.get(run.name):
                self._asked[run.name] = asked
                self._read(run.name, asked, found)
        known = self._known.get(run.name)
        return known.texts if known is not None else ()

    def _read(self, name: str, asked: tuple[tuple[str, int], ...], found: list[tuple[BlobSeries, int]]) -> None:
        references = []
        for series, number in found:
            try:
                references.append(series.reference(number))
            except IndexError:
                continue
        with self._lock:
            self._queue.append((name, asked, references))
            if self._reading:
                return
            self._reading = True
        self._start(self._work)

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._queue:
                    self._reading = False
                    return
                name, asked, references = self._queue.popleft()
            texts = tuple(filter(None, map(_text, references)))
            self._known[name] = _Known(asked, texts)


def wanted(run: Run) -> list[tuple[BlobSeries, int]]:
    """The series of texts to look at, those that sound like a configuration first, and which value of each."""
    if not run.blobs:
        return []
    series = [one for one in list(run.blobs.values()) if one.plugin == "text"]
    found = [(one, one.count - 1 if CONFIG.search(one.tag) else 0) for one in series[: 8 * MOST_TAGS]]
    found.sort(key=lambda pair: CONFIG.search(pair[0].tag) is None)
    return [(one, number) for one, number in found[:MOST_TAGS] if number >= 0]


def _text(reference: Reference) -> str:
    """What a value says; nothing where it is too long or can't be read, which other places tell."""
    if reference.length > MOST_BYTES:
        return ""
    try:
        return text(read_value(reference)).plain
    except (BlobUnreadable, BadSummary):
        return ""
