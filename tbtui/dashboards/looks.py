"""The colours of everything that is not a curve, from the theme, and small helpers to write into cells."""

from __future__ import annotations

import textwrap
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from textual.color import Color, ColorParseError

from tbtui.analysis.text import cell_width, cut, safe
from tbtui.charts.cells import DEFAULT, Cells, ColorSystem
from tbtui.charts.chart import ChartSpec
from tbtui.charts.dots import Style
from tbtui.charts.palette import Shading

if TYPE_CHECKING:
    from textual.app import App

    from tbtui.settings import Options


@dataclass(frozen=True, slots=True)
class Looks:
    """Colours as 0xRRGGBB, -1 for the terminal's own; and which characters may be used."""

    text: int = DEFAULT
    muted: int = DEFAULT
    faint: int = DEFAULT
    accent: int = DEFAULT
    bad: int = DEFAULT
    ascii: bool = False
    colored: bool = True
    shading: Shading = field(default_factory=Shading)
    """How amounts and pictures are shown."""

    @property
    def signs(self) -> Signs:
        """The signs for headings and marks."""
        return ASCII_SIGNS if self.ascii else UNICODE_SIGNS

    @property
    def style(self) -> Style:
        """How curves are drawn."""
        return "ascii" if self.ascii else "braille"

    def dress(self, spec: ChartSpec) -> None:
        """Give a chart these colours."""
        spec.axis_color, spec.label_color, spec.bad_color = self.faint, self.muted, self.bad
        spec.colored, spec.shading = self.colored, self.shading


@dataclass(frozen=True, slots=True)
class Signs:
    """Characters that mean something."""

    open: str
    folded: str
    rule: str
    pin: str
    run: str
    rising: str
    falling: str
    ellipsis: str
    dashed: str


UNICODE_SIGNS = Signs("▾", "▸", "─", "◆", "▌", "▲", "▼", "…", "╎")
ASCII_SIGNS = Signs("v", ">", "-", "*", "|", "^", "v", "~", ":")


def looks_from(
    variables: Mapping[str, str],
    *,
    ascii_only: bool = False,
    colored: bool = True,
    color_system: ColorSystem = "truecolor",
    dark: bool = True,
) -> Looks:
    """Looks from the variables of a theme; what is missing is the terminal's own colour."""

    def color(name: str) -> int:
        try:
            red, green, blue = Color.parse(variables[name]).rgb
        except (KeyError, ColorParseError):
            return DEFAULT
        return red << 16 | green << 8 | blue

    text, muted, faint, accent, bad = (color(name) for name in ("foreground", "muted", "faint", "accent", "error"))
    shading = Shading(color_system if colored else "none", color("background"), dark, ascii_only)
    return Looks(text, muted, faint, accent, bad, ascii_only, colored, shading)


def looks_of(app: App[object], options: Options) -> Looks:
    """Looks for what an app shows now: its theme, its terminal, and what the user asked for."""
    return looks_from(
        app.theme_variables,
        ascii_only=options.ascii,
        colored=options.color != "never",
        color_system=color_system_of(app),
        dark=app.current_theme.dark,
    )


def color_system_of(app: App[object]) -> ColorSystem:
    """The colours of the terminal: none where NO_COLOR asks for that, though Textual still shows greys."""
    if app.no_color:
        return "none"
    system = app.console.color_system
    return "256" if system == "256" else "truecolor" if system == "truecolor" else "16" if system else "none"


def put_cut(
    cells: Cells,
    row: int,
    col: int,
    width: int,
    text: str,
    color: int = DEFAULT,
    attrs: int = 0,
    *,
    keep: str = "head",
    right: bool = False,
    looks: Looks | None = None,
) -> int:
    """Write a foreign text in at most `width` cells, cut where it is longer; returns the cells it took."""
    ellipsis = "~" if looks is not None and looks.ascii else "…"
    shown = cut(safe(text), max(0, width), keep=keep, ellipsis=ellipsis)  # type: ignore[arg-type]
    taken = cell_width(shown)
    cells.put(row, col + (width - taken if right else 0), shown, color, attrs)
    return taken


def put_message(cells: Cells, text: str, color: int) -> None:
    """A sentence in the middle, broken into lines where it is too long."""
    lines = textwrap.wrap(text, max(8, cells.width - 4)) if cells.width > 4 else []
    top = max(0, (cells.height - len(lines)) // 2)
    for number, line in enumerate(lines):
        cells.put(top + number, max(0, (cells.width - cell_width(line)) // 2), line, color)


def put_beside_title(cells: Cells, title: int, words: str, looks: Looks) -> bool:
    """Words behind a title of so many cells, where there is room before what stands at the right; else False."""
    begin, end = title + 3, title + 3 + cell_width(words)
    if cells.height and end < cells.width and (cells.glyphs[0, title : end + 1] == ord(" ")).all():
        cells.put(0, begin, words, looks.text)
        return True
    return False
