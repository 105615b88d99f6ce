"""The keys, in groups: those of what is focused first. Made from the table of keys."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import zip_longest
from textwrap import wrap
from typing import ClassVar

from textual.binding import BindingType

from tbtui.widgets.key_table import KEYS, SCOPES, Key
from tbtui.widgets.keys import help_topics, in_help
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel

KEY_CELLS = 9
COLUMN_CELLS = 46
"""A column has at least so many cells."""
MOST_COLUMNS = 3


class HelpLines(Lines):
    """Headings, keys and sentences; in several columns where there is room."""

    def __init__(self, scopes: Sequence[str], keys: Sequence[Key]) -> None:
        super().__init__()
        order = [*scopes, *(scope for scope in SCOPES if scope not in scopes and in_help(scope, scopes))]
        self._groups = [topic for scope in dict.fromkeys(order) for topic in help_topics(scope, keys)]
        self._laid_out: dict[int, list[list[tuple[str, str, str]]]] = {}  # by width

    def count(self, width: int) -> int:
        return max(map(len, self._columns(width)))

    def row(self, number: int, width: int) -> list[Piece]:
        columns = self._columns(width)
        cells = width // len(columns)
        pieces: list[Piece] = []
        for column in columns:
            heading, keys, sentence = column[number] if number < len(column) else ("", "", "")
            if heading:
                pieces.append((heading.ljust(cells)[:cells], self.look("accent")))
            else:
                pieces.append((f"{keys:<{KEY_CELLS}} ", self.look("key")))
                room = cells - KEY_CELLS - 1
                pieces.append((sentence.ljust(room)[: room - 1] + " ", self.look("muted")))
        return pieces

    def _columns(self, width: int) -> list[list[tuple[str, str, str]]]:
        if width not in self._laid_out:
            self._laid_out = {width: self._lay_out(width)}
        return self._laid_out[width]

    def _lay_out(self, width: int) -> list[list[tuple[str, str, str]]]:
        several = min(MOST_COLUMNS, max(1, width // COLUMN_CELLS))
        room = max(10, width // several - KEY_CELLS - 2)
        blocks = [
            [(heading, "", ""), *(line for row in rows for line in _wrapped(*row, room)), ("", "", "")]
            for heading, rows in self._groups
        ]
        columns: list[list[tuple[str, str, str]]] = [[] for _ in range(several)]
        for block in blocks:
            min(columns, key=len).extend(block)
        return columns


def _wrapped(keys: str, sentence: str, room: int) -> list[tuple[str, str, str]]:
    """The lines of one row: nothing of its keys or its sentence is cut."""
    names = [" ".join(keys.split())] if len(keys) <= KEY_CELLS else wrap(keys, KEY_CELLS, break_long_words=False)
    return [("", name, line) for name, line in zip_longest(names, wrap(sentence, room) or [""], fillvalue="")]


class HelpScreen(Panel):
    """Help for what is focused."""

    DEFAULT_CSS = "HelpScreen > #panel { max-width: 160; height: 100%; max-height: 100%; }"
    BINDINGS: ClassVar[list[BindingType]] = [("question_mark", "close"), ("f1", "close")]

    def __init__(self, scopes: Sequence[str], keys: Sequence[Key] = KEYS) -> None:
        super().__init__()
        self._scopes, self._keys = scopes, keys

    def title_text(self) -> str:
        return "Keys"

    def lines(self) -> Lines:
        return HelpLines(self._scopes, self._keys)
