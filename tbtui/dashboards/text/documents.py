"""Texts as lines on a screen: rendered Markdown, tables, code, differences; of any length, without waiting for the end.

A document grows in a thread while its first lines are on the screen already. Long texts are shown as they were written:
Markdown of more than `MOST_MARKDOWN` characters takes too long to be rendered.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from rich.style import Style

from tbtui.analysis.text import cell_width, cut, safe_lines, wrap
from tbtui.dashboards.text.differences import differences
from tbtui.events.summaries import Text
from tbtui.widgets.inks import Inks
from tbtui.widgets.markdown import Row, coloring, is_code, markdown_rows, table_rows
from tbtui.widgets.painted import Piece

__all__ = ["MOST_MARKDOWN", "Document", "Form", "difference_of", "document_of", "search"]

MOST_MARKDOWN = 100_000
LONGEST_MARKDOWN_LINE = 10_000
MOST_SHOWN = 32 << 20
MOST_TABLE_ROWS = 1000
MOST_TABLE = 200_000
"""Characters of a table that is drawn as one; more of them are lines of cells between tabs."""

MOST_FOUND = 10_000
PIECE = 1 << 16
"""Characters of a long text that are laid out at once."""

UNWRAPPED = 100_000
"""Columns that are enough for any table."""


@dataclass(frozen=True, slots=True)
class Form:
    """How a text is laid out."""

    width: int
    wrapped: bool = True
    rendered: bool = True


@dataclass(slots=True)
class Document:
    """Lines to show. rows: plain text, or pieces with styles; goes_on: whether the row is the same line as the one
    before; notes: what is to be said about it; done: whether all of it is there."""

    rows: list[Row | str] = field(default_factory=list)
    goes_on: bytearray = field(default_factory=bytearray)
    notes: list[str] = field(default_factory=list)
    longest: int = 0
    done: bool = False

    def add(self, row: Row | str, goes_on: bool = False) -> None:
        """One more row."""
        self.goes_on.append(goes_on)
        self.rows.append(row)

    def text(self, number: int) -> str:
        """A row without its styles."""
        row = self.rows[number]
        return row if isinstance(row, str) else "".join(text for text, _ in row)

    def pieces(
        self, number: int, inks: Inks, left: int, width: int, marks: Sequence[tuple[int, int]] = ()
    ) -> list[Piece]:
        """What is seen of a row from a column on, with some parts of its text marked as found."""
        row = self.rows[number]
        if isinstance(row, str):
            row = ((row[left : left + width], inks.text),)
        elif left:
            row = tuple(_from(row, left))
        if marks:
            row = tuple(_marked(row, [(begin - left, end - left) for begin, end in marks], inks.found))
        return list(row)


def _from(row: Row, left: int) -> Iterator[Piece]:
    for text, style in row:
        if left < len(text):
            yield text[left:], style
        left = max(0, left - len(text))


def _marked(row: Row, marks: Sequence[tuple[int, int]], style: Style) -> Iterator[Piece]:
    at = 0
    for text, look in row:
        cuts = sorted({0, len(text), *(min(max(end - at, 0), len(text)) for mark in marks for end in mark)})
        for begin, end in pairwise(cuts):
            found = any(mark[0] <= at + begin and at + end <= mark[1] for mark in marks)
            yield text[begin:end], look + style if found else look
        at += len(text)


def document_of(text: Text, form: Form, inks: Inks) -> Iterator[Document]:
    """Lay a text out; gives the same document again and again as it grows."""
    document = Document()
    if len(text.shape) > 2:
        size = " x ".join(map(str, text.shape))
        document.notes.append(f"a tensor of {size}: the first {len(text.rows)} x {_columns(text)} of it")
    count = sum(len(cell) for row in text.rows for cell in row)
    if not count and not text.rows:
        document.notes.append("an empty tensor")
    if len(text.rows) == 1 and len(text.rows[0]) == 1:
        yield from _one_text(document, text.rows[0][0], form, inks)
    elif text.rows:
        yield from _table(document, text, count, form, inks)
    document.done = True
    yield document


def _columns(text: Text) -> int:
    return max((len(row) for row in text.rows), default=0)


def _one_text(document: Document, text: str, form: Form, inks: Inks) -> Iterator[Document]:
    if len(text) > MOST_SHOWN:
        document.notes.append(f"the first {MOST_SHOWN:,} of {len(text):,} characters; e saves all of it")
        text = text[:MOST_SHOWN]
    if not text:
        document.notes.append("an empty text")
    long = len(text) > MOST_MARKDOWN or _longest(text) > LONGEST_MARKDOWN_LINE
    if form.rendered and not long and not is_code(text):
        for row in markdown_rows(text, form.width if form.wrapped else _widest(text, form.width), inks):
            document.add(row)
            document.longest = max(document.longest, sum(len(piece) for piece, _ in row))
        return
    if form.rendered and long:
        document.notes.append(f"{len(text):,} characters, shown as written: too long to be rendered as Markdown")
    yield from _source(document, text, form, inks, colored=not long)


def _longest(text: str) -> int:
    return max(len(line) for line in text.split("\n"))


def _widest(text: str, width: int) -> int:
    return max(width, min(_longest(text) + 8, LONGEST_MARKDOWN_LINE))


def _source(document: Document, text: str, form: Form, inks: Inks, *, colored: bool) -> Iterator[Document]:
    """As it was written, piece by piece. A piece ends at the end of a line, or within a very long one at any place."""
    at, goes_on = 0, False
    while at < len(text):
        end = min(at + PIECE, len(text))
        if end < len(text):
            line_end = text.rfind("\n", at, end)
            end = line_end + 1 if line_end >= 0 else end
        whole = text[end - 1] == "\n"
        for number, line in enumerate(safe_lines(text[at : end - 1 if whole else end])):
            _add_line(document, line, form, inks, colored, goes_on and number == 0)
        goes_on = not whole
        at = end
        yield document


def _add_line(document: Document, line: str, form: Form, inks: Inks, colored: bool, goes_on: bool) -> None:
    if not form.wrapped and goes_on and document.rows:  # the line that a piece ended in
        before = document.rows[-1]
        assert isinstance(before, str)
        document.rows[-1] = before + line
        document.longest = max(document.longest, len(before) + len(line))
        return
    styles = {"name": inks.name, "string": inks.added, "number": inks.number, "remark": inks.muted, "": inks.text}
    for number, piece in enumerate(wrap(line, form.width) if form.wrapped else [line]):
        row = tuple((words, styles[kind]) for words, kind in coloring(piece)) if colored and piece else piece
        document.add(row, goes_on or number > 0)
        document.longest = max(document.longest, len(piece))


def _table(document: Document, text: Text, count: int, form: Form, inks: Inks) -> Iterator[Document]:
    rows = text.rows
    if len(rows) > MOST_TABLE_ROWS or count > MOST_TABLE or not form.rendered:
        lines = "\n".join("\t".join(cell.replace("\t", " ") for cell in row) for row in rows[: MOST_TABLE_ROWS * 100])
        if form.rendered:
            document.notes.append(f"a table of {len(rows):,} x {_columns(text):,}: cells between tabs")
        yield from _source(document, lines[:MOST_SHOWN], form, inks, colored=False)
        return
    width = form.width if form.wrapped else UNWRAPPED
    for row in table_rows(rows, width, inks):
        document.add(row)
        document.longest = max(document.longest, sum(len(piece) for piece, _ in row))


_SIGNS = {"@": "⋯", "!": " "}


def difference_of(old: Text, new: Text, form: Form, inks: Inks) -> Iterator[Document]:
    """What differs in two texts, as they were written."""
    document = Document()
    styles = {" ": inks.muted, "+": inks.added, "-": inks.removed, "@": inks.faint, "!": inks.muted}
    room = max(4, form.width - 2)
    lines = [safe_lines(text.plain[: MOST_SHOWN // 4]) for text in (old, new)]
    for count, line in enumerate(differences(*lines)):
        style = styles[line.sign]
        strong = style + Style(bold=True, underline=True)
        words = "".join(piece for piece, _ in line.pieces)
        at = 0
        for number, part in enumerate(wrap(words, room) if form.wrapped else [words]):
            inside = _cut_out(line.pieces, at, at + len(part))
            sign = _SIGNS.get(line.sign, line.sign) if number == 0 else " "
            document.add(((f"{sign} ", style), *((piece, strong if on else style) for piece, on in inside)), number > 0)
            document.longest = max(document.longest, len(part) + 2)
            at += len(part)
        if count % 500 == 499:
            yield document
    document.done = True
    yield document


def _cut_out(pieces: Sequence[tuple[str, bool]], begin: int, end: int) -> Iterator[tuple[str, bool]]:
    at = 0
    for text, on in pieces:
        part = text[max(begin - at, 0) : max(end - at, 0)]
        if part:
            yield part, on
        at += len(text)


def search(document: Document, wanted: str) -> list[tuple[int, int, int]]:
    """(row, begin, end) of what was found, in order; over the ends of rows where a line goes on. Without regard to
    capitals unless there are some in what is wanted."""
    if not wanted:
        return []
    fold = wanted == wanted.lower()
    found: list[tuple[int, int, int]] = []
    count = len(document.rows)
    row = 0
    while row < count and len(found) < MOST_FOUND:
        end = row + 1
        while end < count and document.goes_on[end]:
            end += 1
        texts = [document.text(number) for number in range(row, end)]
        line = "".join(texts)
        line = line.lower() if fold and len(line.lower()) == len(line) else line
        at = line.find(wanted)
        if at >= 0:
            found += _places(texts, line, wanted, row)
        row = end
    return found[:MOST_FOUND]


def _places(texts: Sequence[str], line: str, wanted: str, row: int) -> Iterator[tuple[int, int, int]]:
    """The parts of a line's rows in which it is found; one that goes over the end of a row has two."""
    at, start, number = line.find(wanted), 0, 0
    while at >= 0:
        end = at + len(wanted)
        while at >= start + len(texts[number]):
            start += len(texts[number])
            number += 1
        here, begin = number, start
        while begin < end:
            stop = begin + len(texts[here])
            if stop > at:
                yield row + here, max(at, begin) - begin, min(end, stop) - begin
            begin, here = stop, here + 1
        at = line.find(wanted, end)


def shown_note(notes: Sequence[str], width: int) -> str:
    """All notes on one line."""
    return cut(" · ".join(notes), width) if notes and cell_width(notes[0]) else ""
