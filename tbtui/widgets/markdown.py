"""Markdown and tables of texts as styled lines, by Rich; nothing in them is acted upon.

HTML is shown as it was written, links are shown and lead nowhere, pictures are named. Lines stay lines: training code
writes reports and lists of settings, seldom prose. What Rich makes is made safe once more, because entities such as
``&#x202e;`` become characters only while Markdown is parsed.
"""

from __future__ import annotations

import io
import json
import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from rich.segment import Segment
from rich.style import Style

from tbtui.analysis.text import safe, safe_lines, wrap
from tbtui.widgets.inks import Inks
from tbtui.widgets.painted import Piece

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token
    from rich.console import Console, RenderableType

__all__ = ["Row", "code_rows", "coloring", "is_code", "markdown_rows", "plain_line", "table_rows"]

Row = tuple[Piece, ...]
"""A line: pieces of safe text with their styles."""

MOST_DEPTH = 20
"""Of quotes and lists inside one another; what is deeper is text."""

_CODE = re.compile(
    r"""(?P<name>"(?:[^"\\]|\\.)*"(?=\s*:)|'(?:[^'\\]|\\.)*'(?=\s*:)|^[\s-]*[A-Za-z_][\w.-]*(?=\s*[:=]))"""
    r"""|(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')"""
    r"""|(?P<number>(?<![\w.])[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?(?!\w)|\b(?:true|false|null|None|True|False|NaN|Infinity)\b)"""
    r"""|(?P<remark>(?:^|\s)\#.*)"""
)
_LONGEST_COLORED = 2000
"""Longer lines of code are not coloured."""


def markdown_rows(text: str, width: int, inks: Inks) -> list[Row]:
    """A text in Markdown as lines of at most `width` cells, as far as that can be."""
    return _rows(_parsed("\n".join(safe_lines(text))), width, inks)


def table_rows(cells: Sequence[Sequence[str]], width: int, inks: Inks) -> list[Row]:
    """A table of texts: one column for a list, several for a matrix; signs of Markdown inside the cells are read."""
    from rich import box
    from rich.table import Table

    lines = [[_inline("\n".join(safe_lines(cell)), inks) for cell in row] for row in cells]
    columns = max((len(row) for row in lines), default=0)
    table = Table(box=box.SQUARE, show_header=False, show_lines=True, border_style=inks.faint, padding=(0, 1))
    for _ in range(columns):
        table.add_column(overflow="fold")
    for row in lines:
        table.add_row(*row)
    return _rows(table, width, inks) if columns else []


def is_code(text: str) -> bool:
    """Whether a text is JSON, which is to be shown as it was written."""
    start = text.lstrip()[:1]
    if start not in ("{", "[") or not text.rstrip().endswith(("}", "]")):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def code_rows(text: str, width: int, inks: Inks) -> list[Row]:
    """A text as it was written, with names, strings and numbers in colours."""
    styles = {"name": inks.name, "string": inks.added, "number": inks.number, "remark": inks.muted, "": inks.text}
    return [
        tuple((words, styles[kind]) for words, kind in coloring(piece))
        for line in safe_lines(text)
        for piece in wrap(line, width)
    ]


@lru_cache(maxsize=512)
def plain_line(text: str) -> str:
    """A text in Markdown without its signs, on one line; safe."""
    tokens = _parser().parse("\n".join(safe_lines(text[:10_000])))
    words = []
    for token in tokens:
        for child in token.children or ():
            words.append(" " if child.type in ("softbreak", "hardbreak") else child.content)
        if not token.children and token.content:
            words.append(token.content)
        if token.nesting == -1 or token.type in ("fence", "code_block"):
            words.append(" ")
    return safe(" ".join("".join(words).split()))


def coloring(line: str) -> Iterator[tuple[str, str]]:
    """A line of code in pieces: (text, "name", "string", "number", "remark" or "" for anything else)."""
    if len(line) > _LONGEST_COLORED:
        yield line, ""
        return
    at = 0
    for found in _CODE.finditer(line):
        if found.start() > at:
            yield line[at : found.start()], ""
        yield found[0], found.lastgroup or ""
        at = found.end()
    if at < len(line):
        yield line[at:], ""


@lru_cache(maxsize=1)
def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    options = {"html": False, "linkify": False, "maxNesting": MOST_DEPTH}
    return MarkdownIt("commonmark", options).enable(["table", "strikethrough"])


def _parsed(text: str) -> RenderableType:
    """Rich's renderable of Markdown, with our own parser and our own look of headings, code and pictures."""
    from tbtui.widgets.markdown_elements import Document

    return Document(list(_lines_kept(_parser().parse(text))))


def _lines_kept(tokens: Sequence[Token]) -> Iterator[Token]:
    """The tokens, with the end of a line in the text as the end of a line on the screen, and pictures as words."""
    for token in tokens:
        for child in token.children or ():
            if child.type == "softbreak":
                child.type = "hardbreak"
            elif child.type == "image":  # it is not shown: what it is of, and where it lies
                name = f"picture: {child.content}" if child.content else "picture"
                child.type, child.tag = "text", ""
                child.content, child.children = f"[{name}] ({child.attrs.get('src', '')})", None
        yield token


def _inline(text: str, inks: Inks) -> RenderableType:
    """The signs of Markdown within one paragraph as styles."""
    from rich.text import Text

    styles = {"strong": inks.strong, "em": inks.text + Style(italic=True), "s": inks.text + Style(strike=True)}
    out = Text()
    stack = [inks.text]
    tokens = _parser().parseInline(text)
    for token in tokens[0].children or () if tokens else ():
        if token.nesting == 1:
            stack.append(styles.get(token.tag, stack[-1]))
        elif token.nesting == -1 and len(stack) > 1:
            stack.pop()
        elif token.type in ("softbreak", "hardbreak"):
            out.append("\n")
        else:
            out.append(safe(token.content), inks.code if token.type == "code_inline" else stack[-1])
    return out


def _console(width: int, inks: Inks) -> Console:
    from rich.console import Console
    from rich.theme import Theme

    quiet, bold = inks.muted, inks.strong
    styles = {
        "paragraph": inks.text, "text": inks.text, "em": Style(italic=True), "emph": Style(italic=True),
        "strong": Style(bold=True), "s": Style(strike=True), "code": inks.code, "code_block": inks.code,
        "block_quote": quiet, "list": inks.text, "item": inks.text, "item.bullet": inks.accent,
        "item.number": inks.accent, "hr": inks.faint, "link": inks.link, "link_url": quiet,
        "table.border": inks.faint, "table.header": bold, "kbd": bold,
        "h1": inks.accent, "h2": inks.accent, "h3": bold, "h4": bold, "h5": bold, "h6": bold,
        "remark": quiet, "name": inks.name, "string": inks.added, "number": inks.number,
    }  # fmt: skip
    return Console(
        file=io.StringIO(),
        width=max(width, 4),
        theme=Theme({f"markdown.{name}": style for name, style in styles.items()}, inherit=True),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
        markup=False,
        highlight=False,
        emoji=False,
        _environ={},
    )


def _rows(renderable: RenderableType, width: int, inks: Inks) -> list[Row]:
    console = _console(width, inks)
    lines = console.render_lines(renderable, console.options, style=inks.text, pad=False)
    rows: list[Row] = []
    for line in lines:
        pieces = tuple(_pieces(line))
        while pieces and not pieces[-1][0].strip():  # what only fills the line
            pieces = pieces[:-1]
        if pieces:
            text, style = pieces[-1]
            pieces = (*pieces[:-1], (text.rstrip(), style))
        if pieces or (rows and rows[-1]):
            rows.append(pieces)
    return rows[:-1] if rows and not rows[-1] else rows


def _pieces(line: Sequence[Segment]) -> Iterator[Piece]:
    """A line without what only a terminal understands: neither controls nor links nor backgrounds."""
    for text, style, control in line:
        if text and not control:
            look = style or Style()
            yield (
                safe(text),
                Style(
                    color=look.color, bold=look.bold, italic=look.italic, underline=look.underline, strike=look.strike
                ),
            )
