"""Two runs side by side: hyperparameters that differ, what each tag reached in both, and where the curves part."""

from __future__ import annotations

import math
import time
from typing import Any

from textual.strip import Strip

from tbtui.analysis.difference import (
    UNSET,
    HParamDifference,
    TagDifference,
    common_tags,
    compare_tag,
    differing_hparams,
)
from tbtui.analysis.numbers import format_step, format_value
from tbtui.analysis.text import cut, pad, safe
from tbtui.store import Run, ScalarSeries
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.session import Session

COLUMNS = ("last left", "last right", "change", "best left", "best right", "change", "parts at")
CELLS = (11, 11, 11, 11, 11, 11, 9)
"""How wide they are, with the space before them."""
LEAVING = (5, 4, 3, 2, 6)
"""Which columns leave a narrow panel, the first first; a change can be seen from what is beside it."""

FRESH_SECONDS = 3.0
"""Of series that keep moving, the comparison may be so old."""

SMALLEST_TAG = 10

PATIENCE = 0.03
"""Seconds of comparing in one go; what is in sight and not yet compared follows a moment later."""


class DifferenceLines(Lines):
    """A table of hyperparameters, then one of tags. Tags are compared when they come into sight."""

    def __init__(self, session: Session, left: Run, right: Run) -> None:
        super().__init__()
        self.session, self.left, self.right = session, left, right
        self._known: dict[str, tuple[tuple[object, ...], float, TagDifference]] = {}
        self._made_for: tuple[object, ...] = ()
        self._hparams: list[HParamDifference] = []
        self._tags: list[str] = []
        self._rows: list[tuple[str, int]] = []
        self._deadline = 0.0
        self._late = False

    def paint(self, width: int, height: int) -> list[Strip]:
        self._deadline, self._late = time.monotonic() + PATIENCE, False
        strips = super().paint(width, height)
        if self._late:
            self.set_timer(0.01, self.repaint)
        return strips

    def count(self, width: int) -> int:
        state = (self.left.structure, self.right.structure)
        if state != self._made_for:
            self._made_for = state
            ours, theirs = self.session.hparams(self.left).values, self.session.hparams(self.right).values
            self._hparams = differing_hparams(ours, theirs)
            self._tags = [
                tag for tag in common_tags(self.left.scalars, self.right.scalars) if self.session.tag_matches(tag)
            ]
            rows = [("runs", 0), ("runs", 1), ("", 0)]
            if ours or theirs:
                rows += [("hparams", -1), *(("hparams", number) for number in range(len(self._hparams))), ("", 0)]
            rows += [("tags", -1), *(("tags", number) for number in range(len(self._tags)))]
            self._rows = rows
        return len(self._rows)

    def row(self, number: int, width: int) -> list[Piece]:
        kind, place = self._rows[number]
        if kind == "runs":
            return self._run((self.left, self.right)[place], ("left", "right")[place], width)
        if kind == "hparams":
            return self._hparam(place, width)
        return self._tag(place, width) if kind == "tags" else []

    def _run(self, run: Run, side: str, width: int) -> list[Piece]:
        shape, look = self.session.state_sign(run)
        last = self.session.last_step(run)
        step = "" if last is None else f"  step {format_step(last)}"
        name = cut(self.session.label(run.name), max(4, width - 12 - len(step)), keep="middle")
        return [
            (pad(side, 6), self.look("muted")),
            ("▌", self.look("text", self.session.color(run.name))),
            (f"{shape} ", self.look(look)),
            (name, self.look("strong")),
            (step, self.look("muted")),
        ]

    def _hparam(self, place: int, width: int) -> list[Piece]:
        room = max(8, min(28, (width - 4) // 3))
        name = max(6, width - 2 * (room + 1))
        if place < 0:
            words = "hyperparameters that differ" if self._hparams else "no hyperparameter differs"
            heads = ("left", "right") if self._hparams else ("", "")
            return [
                (pad(cut(words, name), name), self.look("faint")),
                *((pad(head, room + 1, "right"), self.look("faint")) for head in heads),
            ]
        one = self._hparams[place]
        values = (cut(shown(value), room) for value in (one.left, one.right))
        return [
            (pad(cut(safe(one.name), name), name), self.look("text")),
            *((pad(value, room + 1, "right"), self.look("muted" if value == "-" else "text")) for value in values),
        ]

    def _tag(self, place: int, width: int) -> list[Piece]:
        columns = list(range(len(COLUMNS)))
        for leaving in LEAVING:
            if width - sum(CELLS[one] for one in columns) < SMALLEST_TAG:
                columns.remove(leaving)
        room = max(4, width - sum(CELLS[one] for one in columns))
        faint = self.look("faint")
        if place < 0:
            words = "tags in common" if self._tags else "no tag in common"
            heads = [pad(COLUMNS[one], CELLS[one], "right") for one in columns] if self._tags else []
            return [(pad(cut(words, room), room), faint), *((head, faint) for head in heads)]
        tag = self._tags[place]
        found = self._compared(tag)
        if found is None:
            return [(pad(cut(safe(tag), room, keep="tail"), room), faint)]
        cells = self._cells(found)
        return [
            (pad(cut(safe(tag), room, keep="tail"), room), self.look("text")),
            *((pad(cells[one][0], CELLS[one], "right"), self.look(cells[one][1])) for one in columns),
        ]

    def _cells(self, found: TagDifference) -> list[tuple[str, str]]:
        """Text and look of each of `COLUMNS`."""
        goal = found.goal
        bests = (found.left.best(goal)[0], found.right.best(goal)[0]) if goal is not None else (math.nan, math.nan)
        parts = "-" if found.parting is None else format_step(found.parting.step)

        def change(value: float) -> tuple[str, str]:
            if goal is None or not value or value != value:
                return signed(value), "text"
            return signed(value), "good" if (value > 0) == (goal == "up") else "warn"

        return [
            (format_value(found.left.last), "text"),
            (format_value(found.right.last), "text"),
            change(found.last_change),
            ("" if goal is None else format_value(bests[0]), "muted"),
            ("" if goal is None else format_value(bests[1]), "muted"),
            ("", "text") if goal is None else change(found.best_change),
            (parts, "muted" if parts == "-" else "text"),
        ]

    def _compared(self, tag: str) -> TagDifference | None:
        left, right = self.left.scalars.get(tag), self.right.scalars.get(tag)
        if not isinstance(left, ScalarSeries) or not isinstance(right, ScalarSeries):
            return None
        goal = self.session.goal(tag)
        state, now = (left.version, right.version), self.session.clock()
        known = self._known.get(tag)
        if known is None or (known[0] != state and abs(now - known[1]) >= FRESH_SECONDS):
            if time.monotonic() > self._deadline:
                self._late = True
                return None if known is None else known[2]
            known = self._known[tag] = (state, now, compare_tag(tag, left.points(), right.points(), goal))
        return known[2]


def shown(value: Any) -> str:
    """A hyperparameter's value, made safe; `-` where the run does not have it."""
    if value is UNSET:
        return "-"
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    return format_value(value) if isinstance(value, float) else safe(str(value))


def signed(value: float) -> str:
    """A change with its sign."""
    return "" if value != value else f"+{format_value(value)}" if value > 0 else format_value(value)


class DifferencePanel(Panel):
    """What is different in two runs; the left one is the one that was marked."""

    DEFAULT_CSS = "DifferencePanel > #panel { max-width: 124; }"

    def __init__(self, session: Session, left: Run, right: Run) -> None:
        super().__init__()
        self.session, self.left, self.right = session, left, right

    def title_text(self) -> str:
        return f"{self.session.label(self.left.name)}  and  {self.session.label(self.right.name)}"

    def lines(self) -> Lines:
        return DifferenceLines(self.session, self.left, self.right)
