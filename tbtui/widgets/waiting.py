"""What is shown while there is nothing to show: what is being waited for, where, and what was found instead."""

from __future__ import annotations

import os
import textwrap

from textual.strip import Strip

from tbtui.analysis.text import cut, safe
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.run_details import kind_counts
from tbtui.widgets.session import Session
from tbtui.widgets.title_bar import shown_path

MEASURE = 56
"""Longer lines are not easy to read."""

APPEAR = "They appear here as soon as a program writes its first summary: a file with `tfevents` in its name."


class Waiting(Painted):
    """Takes the dashboard's place until there are data for one."""

    DEFAULT_CSS = "Waiting { width: 1fr; height: 1fr; }"

    def __init__(self, session: Session) -> None:
        super().__init__(id="waiting")
        self.session = session

    def words(self) -> list[tuple[str, str]]:
        """(text, look) of each line."""
        store = self.session.store
        if not store.progress.quiet and store.progress.bytes_found:
            return [("Reading …", "strong")]
        if store.runs():
            return self._no_dashboard(kind_counts(store.plugins()))
        if not store.progress.quiet and not store.progress.waiting:
            return [("Looking for event files …", "strong")]
        lines = [("Waiting for event files", "strong"), ("", "text")]
        reasons = dict(store.progress.waiting)
        for path in self.session.options.logdirs:
            where = path.partition("=")[2] or path
            reason = reasons.get(where) or reasons.get(path) or _reason(where)
            lines += [(shown_path(os.path.abspath(where)), "text"), (safe(reason), "muted")]
        return [
            *lines,
            ("", "text"),
            (APPEAR, "muted"),
            ("", "text"),
            ("`tbtui demo` trains a small model.", "muted"),
        ]

    def _no_dashboard(self, counts: str) -> list[tuple[str, str]]:
        if not counts:
            return [
                ("The runs have written nothing yet", "strong"),
                ("", "text"),
                ("enter on a run shows what is known of it", "muted"),
            ]
        return [
            ("No scalars here", "strong"),
            ("", "text"),
            (f"Found: {counts}.", "text"),
            ("There is no dashboard for these in this version.", "muted"),
        ]

    def paint(self, width: int, height: int) -> list[Strip]:
        words = fitted(self.words(), min(width - 2, MEASURE), height)
        above = max(0, (height - len(words)) // 2)
        blank: list[Strip] = [self.line([], width)] * above
        return blank + [self.line(self._centred(text, look, width), width) for text, look in words]

    def _centred(self, text: str, look: str, width: int) -> list[Piece]:
        shown = cut(text, max(0, width - 2), keep="middle")
        return [(" " * ((width - len(shown)) // 2), self.look("text")), (shown, self.look(look))]


def fitted(words: list[tuple[str, str]], width: int, height: int) -> list[tuple[str, str]]:
    """Sentences wrapped to the width, a path stays one line; where rows are short, blank ones go first."""
    lines: list[tuple[str, str]] = []
    for text, look in words:
        wraps = " " in text and os.sep not in text
        lines += [(line, look) for line in textwrap.wrap(text, max(1, width))] if wraps else [(text, look)]
    return lines if len(lines) <= height else [line for line in lines if line[0]]


def _reason(path: str) -> str:
    if not os.path.lexists(path):
        return "does not exist yet"
    if not os.access(path, os.R_OK):
        return "cannot be read"
    return "is there, and holds none yet"
