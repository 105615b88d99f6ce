"""What could not be read: file, offset, reason. One line each; the one at the cursor in full below."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.strip import Strip

from tbtui.analysis.text import cut, pad, safe
from tbtui.events.problem import Problem
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.session import Session


class ProblemLines(Lines):
    """A line for each problem."""

    has_cursor = True

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session
        self._seen = -1
        self._problems: list[Problem] = []

    def problems(self) -> list[Problem]:
        """The problems, asked for again only when the store moved."""
        if self._seen != self.session.store.version:
            self._seen = self.session.store.version
            self._problems = self.session.store.problems()
        return self._problems

    def current(self) -> Problem | None:
        """The problem at the cursor."""
        problems = self.problems()
        return problems[min(self.cursor, len(problems) - 1)] if problems else None

    def count(self, width: int) -> int:
        return max(1, len(self.problems()))

    def row(self, number: int, width: int) -> list[Piece]:
        if not self.problems():
            return [("Everything could be read.", self.look("good"))]
        problem = self.problems()[number]
        place = safe(problem.file) + ("" if problem.offset is None else f" @{problem.offset}")
        cells = max(10, width * 2 // 5)
        return [
            (pad(cut(place, cells, keep="tail"), cells) + "  ", self.look("muted")),
            (cut(safe(problem.reason), max(0, width - cells - 2)), self.look("text")),
        ]

    def moved(self) -> None:
        self.screen.query_one(ProblemDetail).repaint()


class ProblemDetail(Painted):
    """The problem at the cursor, in full."""

    DEFAULT_CSS = "ProblemDetail { height: 4; border-top: solid $frame; }"

    def paint(self, width: int, height: int) -> list[Strip]:
        problem = self.screen.query_one(ProblemLines).current()
        if problem is None:
            return []
        place = safe(problem.file) + ("" if problem.offset is None else f", byte {problem.offset}")
        reason = safe(problem.reason)
        texts = [cut(place, width, keep="middle"), reason[:width], cut(reason[width:], width)]
        looks = ("strong", "text", "text")
        return [self.line([(text, self.look(look))], width) for text, look in zip(texts, looks, strict=True)]


class ProblemsPanel(Panel):
    """All problems of the store."""

    BINDINGS: ClassVar[list[BindingType]] = [("exclamation_mark", "close")]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def title_text(self) -> str:
        count = self.session.store.problem_count
        return "1 problem" if count == 1 else f"{count or 'No'} problems"

    def lines(self) -> Lines:
        return ProblemLines(self.session)

    def compose(self) -> ComposeResult:
        with Vertical(id="panel"):
            yield self.lines()
            yield ProblemDetail(id="detail")

    def update_data(self) -> None:
        super().update_data()
        self.query_one(ProblemDetail).repaint()
