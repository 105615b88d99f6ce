"""How parts of Markdown look: what Rich would draw for a page, drawn for a pane that is read line by line."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement
from rich.style import Style
from rich.text import Text

from tbtui.analysis.text import wrap

if TYPE_CHECKING:
    from markdown_it.token import Token

__all__ = ["Document"]

CODE_INDENT = 2


class PlainHeading(Heading):
    """At the left, in a style of its own; the first level underlined."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        self.text.justify = "left"
        if self.tag == "h1":
            self.text.stylize(Style(underline=True))
        yield self.text


class PlainCode(CodeBlock):
    """As it was written, a little to the right; lines that are too long go on below."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from tbtui.widgets.markdown import coloring

        styles = {name: console.get_style(f"markdown.{name}") for name in ("name", "string", "number", "remark")}
        plain = console.get_style("markdown.text")
        for line in str(self.text).rstrip("\n").split("\n"):
            for piece in wrap(line, max(options.max_width - CODE_INDENT, 2)):
                out = Text(" " * CODE_INDENT, no_wrap=True, overflow="ignore")
                for words, kind in coloring(piece):
                    out.append(words, styles.get(kind, plain))
                yield out


class Document(Markdown):
    """Rich's Markdown of tokens that were parsed already."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": PlainHeading,
        "fence": PlainCode,
        "code_block": PlainCode,
    }

    def __init__(self, tokens: Sequence[Token]) -> None:
        super().__init__("", hyperlinks=False)
        self.parsed: Any = tokens
