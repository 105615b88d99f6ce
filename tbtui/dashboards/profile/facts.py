"""Lines of the overview that are laid out for a width: labels with words, titles, and what took most time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tbtui.analysis.colors import RGB
from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.commands.profile_text import time_text
from tbtui.dashboards.profile.table import bar_text

LABEL_CELLS, SHORT_LABEL, NARROW = 15, 11, 60
SIDE_BAR_CELLS = 24
TOP = 10
SHARE_CELLS, TIME_CELLS = 6, 8
NAME_CELLS = 30


class Part(NamedTuple):
    """A piece of a line: text that was made safe, its look, and its colour where it is not the look's."""

    text: str
    look: str = "text"
    color: RGB | None = None


Line = list[Part]


def label_part(text: str, width: int, cells: int = 0) -> Part:
    """What stands before words; as wide for all of them, or so many cells."""
    room = cells or (SHORT_LABEL if width < NARROW else LABEL_CELLS)
    return Part(pad(cut(safe(text), room - 1), room), "muted")


def said(label: str, text: str, width: int, look: str = "text", cells: int = 0) -> list[Line]:
    """A label, and words that go on in the next line where they are too long. cells: of the label, where it is not as
    wide as all are."""
    first = label_part(label, width, cells)
    room = max(10, width - cell_width(first.text))
    lines = wrap(safe(text), room) or [""]
    return [
        [first if number == 0 else Part(" " * cell_width(first.text)), Part(line.strip(), look)]
        for number, line in enumerate(lines)
    ]


def listed(label: str, words: Sequence[str], width: int) -> list[Line]:
    """A label, and words of which none is broken."""
    first = label_part(label, width)
    blank = Part(" " * cell_width(first.text))
    lines = in_lines(words, max(10, width - cell_width(first.text)))
    return [[blank if number else first, Part(line)] for number, line in enumerate(lines)]


def in_lines(words: Sequence[str], room: int, between: str = "  ") -> list[str]:
    """As many words in each line as there is room for."""
    lines = [""]
    for word in words:
        longer = f"{lines[-1]}{between}{word}" if lines[-1] else word
        if lines[-1] and cell_width(longer) > room:
            lines.append(word)
        else:
            lines[-1] = longer
    return [cut(line, room) for line in lines]


def title_line(text: str, words: str, width: int) -> Line:
    """A title; words behind it where there is room for them."""
    line = [Part(cut(safe(text), width), "strong")]
    behind = f"  {words}"
    return [*line, Part(behind, "muted")] if cell_width(text) + cell_width(behind) <= width else line


def top_rows(
    title: str, words: str, rows: Sequence[tuple[str, float, str]], width: int, ascii_only: bool
) -> list[Line]:
    """The first of (name, time in ps, how often) by time, each with its share of all of them; nothing where none took
    any time."""
    rows = sorted((row for row in rows if row[1] > 0), key=lambda row: -row[1])
    whole = sum(time for _, time, _ in rows)
    if not whole:
        return []
    shown, largest = rows[:TOP], rows[0][1] / whole
    calls = max(cell_width(count) for _, _, count in shown)
    numbers = SHARE_CELLS + TIME_CELLS + 2
    names = min(max(cell_width(safe(name)) for name, _, _ in shown), max(NAME_CELLS, width - numbers - calls - 20))
    names = max(8, min(names, width - numbers))
    found = [title_line(title, words, width)]
    for name, time, count in shown:
        line = [Part(pad(cut(safe(name), names, "middle"), names + 1))]
        line.append(Part(f"{time / whole:>{SHARE_CELLS}.1%} {time_text(time):>{TIME_CELLS}}"))
        left = width - names - numbers - 2
        if left >= calls + 6:
            line.append(Part(f"  {count:>{calls}}", "muted"))
            left -= calls + 2
        if left >= 4:
            bar = bar_text(time / whole / largest, min(SIDE_BAR_CELLS, left - 2), ascii_only)
            line.append(Part("  " + bar, "key"))
        found.append(line)
    return found


def under_each_other(blocks: Sequence[list[Line]]) -> list[Line]:
    """Blocks of lines with an empty line between them."""
    found: list[Line] = []
    for block in blocks:
        if block:
            found += [[], *block] if found else block
    return found
