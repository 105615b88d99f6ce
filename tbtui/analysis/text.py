"""Foreign text for a grid of cells: made harmless, measured, cut and padded.

A tag, a run name or a path can hold anything: escape sequences that a terminal obeys, line breaks, characters that
turn the reading direction round or that can't be seen at all. :func:`safe` is the one gate such a string passes on
its way to a terminal. The other functions count terminal cells, and never cut what is drawn as one character.

Widths follow Unicode's East Asian Width and general categories (:mod:`unicodedata`), as terminals do.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Literal

__all__ = ["cell_width", "clusters", "cut", "cut_path", "left_out", "pad", "safe", "safe_lines", "wrap"]

BETWEEN_WORDS = "/_-. ·"

_JOINER = "\u200d"
_EMOJI_LOOK = "\ufe0f"
_REPLACEMENT = "\ufffd"
_MARKS_KEPT = 8  # more than any script puts on one letter, fewer than a tower that hides other lines

# Invisible although their category says letter or mark: fillers, joiners and selectors.
_INVISIBLE = frozenset("\u034f\u115f\u1160\u17b4\u17b5\u180b\u180c\u180d\u180f\u3164\uffa0")
_SKIN_TONES = range(0x1F3FB, 0x1F400)
_FLAG_LETTERS = range(0x1F1E6, 0x1F200)
_WIDE_SINCE_UNICODE_16 = (
    range(0x2630, 0x2638),
    range(0x268A, 0x2690),
    range(0x4DC0, 0x4E00),
    range(0x1D300, 0x1D357),
    range(0x1D360, 0x1D377),
)
_PLAIN = re.compile(r"[ -~]*", re.ASCII)
_MARK_TOWER = re.compile(rf"[^\x00-\x7f]{{{_MARKS_KEPT + 1},}}")


def safe(text: str) -> str:
    """The text as it may be shown: one line, no character that a terminal acts upon or that can't be seen.

    Control characters become their pictures (``␛``, ``␊``), C1 controls, direction overrides and isolates,
    zero-width and other invisible characters become escapes such as ``\\u202e``, lone surrogates (from names that
    are not UTF-8) become U+FFFD. Emoji joined by zero-width joiners are shown side by side and presentation
    selectors are dropped, because terminals disagree about their width. Letters and their accents are composed, and
    at most eight marks stay on one letter.
    """
    if _PLAIN.fullmatch(text):
        return text
    return _safe(text)


def safe_lines(text: str, tab: int = 4) -> list[str]:
    """A text of many lines as they may be shown, each `safe`; tabs become spaces. Lines end with LF, CR or both.

    Nothing is kept: it is meant for texts of any length.
    """
    lines = text.replace("\r\n", "\n").replace("\r", "\n").expandtabs(tab).split("\n")
    return [line if _PLAIN.fullmatch(line) else _made_safe(line) for line in lines]


def wrap(line: str, width: int) -> list[str]:
    """A `safe` line in pieces of at most `width` cells, broken at spaces where there are any in the second half of a
    piece; the pieces joined are the line. One piece at least."""
    width = max(width, 2)
    if len(line) <= width and cell_width(line) <= width:
        return [line]
    pieces: list[str] = []
    start, plain = 0, line.isascii()
    while start < len(line):
        piece = line[start : start + width]
        if not plain and not piece.isascii():
            piece = _fit(line[start : start + 4 * width], width) or line[start]
        end = start + len(piece)
        if end < len(line) and line[end] != " ":
            space = piece.rfind(" ", len(piece) // 2)
            end = end if space < 0 else start + space + 1
        elif end < len(line):
            end += 1  # the space at which it is broken is not seen
        pieces.append(line[start:end])
        start = end
    return pieces or [""]


@lru_cache(maxsize=32768)
def _safe(text: str) -> str:
    return _made_safe(text)


def _made_safe(text: str) -> str:
    if not text.isascii():
        # A lone surrogate can't be normalised by every build of Python, and must go in any case.
        text = unicodedata.normalize("NFC", "".join(_REPLACEMENT if "\ud800" <= c <= "\udfff" else c for c in text))
        text = _limit_marks(text)
    out: list[str] = []
    if unicodedata.category(text[0])[0] == "M":
        out.append("◌")  # a mark without a letter would be drawn onto whatever stands to the left
    for index, char in enumerate(text):
        if char == _JOINER and index and index + 1 < len(text) and _joins_pictures(text[index - 1], text[index + 1]):
            continue
        if "\ufe00" <= char <= _EMOJI_LOOK and out:
            continue
        out.append(_shown(char))
    return "".join(out)


@lru_cache(maxsize=4096)
def _shown(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if unicodedata.category(char) in ("Cc", "Cf", "Zl", "Zp") or char in _INVISIBLE or _is_selector(code):
        return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    return char


def _is_selector(code: int) -> bool:
    return 0xFE00 <= code <= 0xFE0F or 0xE0000 <= code <= 0xE0FFF


def _joins_pictures(before: str, after: str) -> bool:
    return _char_width(after) == 2 and (_char_width(before) == 2 or before == _EMOJI_LOOK or _is_tone(before))


def _is_tone(char: str) -> bool:
    return ord(char) in _SKIN_TONES


def _limit_marks(text: str) -> str:
    if not _MARK_TOWER.search(text):
        return text
    out: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.category(char) in ("Mn", "Me") else 0
        if marks <= _MARKS_KEPT:
            out.append(char)
    return "".join(out)


@lru_cache(maxsize=8192)
def _char_width(char: str) -> int:
    """Cells of one character: 0, 1 or 2."""
    code = ord(char)
    if code < 0x20 or 0x7F <= code < 0xA0:
        return 0
    category = unicodedata.category(char)
    if category in ("Mn", "Me", "Mc", "Zl", "Zp", "Cs") or (category == "Cf" and code != 0xAD):
        return 0
    if 0x1160 <= code <= 0x11FF or 0xD7B0 <= code <= 0xD7FF or code in _SKIN_TONES:
        return 0  # parts of a Korean syllable after its first, and tones of skin: drawn into the cells before them
    if any(code in wide for wide in _WIDE_SINCE_UNICODE_16):
        return 2
    return 2 if unicodedata.east_asian_width(char) in "WF" else 1


def clusters(text: str) -> Iterator[tuple[str, int]]:
    """The characters as they are seen (a base with its marks, joined emoji, a flag), each with its width in cells."""
    start = 0
    width = 0
    index = 0
    length = len(text)
    flag_open = False
    while index < length:
        char = text[index]
        own = _char_width(char)
        if index > start and own and not (flag_open and ord(char) in _FLAG_LETTERS):
            yield text[start:index], width
            start, width, flag_open = index, 0, False
        if char == _JOINER and index > start:
            index += 2  # what is joined is drawn inside the cells of what it is joined to
            continue
        if char == _EMOJI_LOOK and width == 1 and unicodedata.category(text[start]) == "So":
            width = 2
        flag_open = ord(char) in _FLAG_LETTERS and not flag_open
        width += own
        index += 1
    if start < length:
        yield text[start:], width


def cell_width(text: str) -> int:
    """How many terminal cells the text takes."""
    if _PLAIN.fullmatch(text):
        return len(text)
    return _cell_width(text)


@lru_cache(maxsize=32768)
def _cell_width(text: str) -> int:
    return sum(width for _, width in clusters(text))


def cut(text: str, width: int, keep: Literal["head", "tail", "middle"] = "head", ellipsis: str = "…") -> str:
    """The text in at most `width` cells; where something is left out, `ellipsis` stands for it.

    `keep` says which part stays: the head, the tail, or (``"middle"``) both ends with the ellipsis between them.
    No cluster is cut, so the answer may be a cell shorter than asked for. Give it text that is :func:`safe`.
    """
    if cell_width(text) <= width:
        return text
    room = width - cell_width(ellipsis)
    if room < 0:
        return _fit(ellipsis, width)
    if keep == "head":
        return _fit(text, room) + ellipsis
    if keep == "tail":
        return ellipsis + _fit_end(text, room)
    head = _fit(text, room - room // 2)
    return head + ellipsis + _fit_end(text, room - cell_width(head))


def cut_path(path: str, width: int, ellipsis: str = "…") -> str:
    """A name of folders in at most `width` cells: as many of the last ones as fit whole, if that is two or more.

    What tells runs in deep folders apart stands at the end (`…/run-7/validation`); else both ends are kept.
    """
    if cell_width(path) <= width:
        return path
    parts = path.split("/")
    for first in range(1, len(parts) - 1):
        short = "/".join([ellipsis, *parts[first:]])
        if cell_width(short) <= width:
            return short
    return cut(path, width, "middle", ellipsis)


def _fit(text: str, width: int) -> str:
    """The longest beginning that fits."""
    if text.isascii():
        return text[: max(width, 0)]
    out: list[str] = []
    for cluster, cells in clusters(text):
        width -= cells
        if width < 0:
            break
        out.append(cluster)
    return "".join(out)


def _fit_end(text: str, width: int) -> str:
    """The longest end that fits."""
    if text.isascii():
        return text[len(text) - width :] if width > 0 else ""
    out: list[str] = []
    for cluster, cells in reversed(list(clusters(text))):
        width -= cells
        if width < 0:
            break
        out.append(cluster)
    return "".join(reversed(out))


def pad(text: str, width: int, align: Literal["left", "right", "center"] = "left") -> str:
    """The text in exactly `width` cells: cut at its end, or filled with spaces on the side away from `align`."""
    text = cut(text, width)
    spare = max(width - cell_width(text), 0)
    if align == "left":
        return text + " " * spare
    if align == "right":
        return " " * spare + text
    return " " * (spare // 2) + text + " " * (spare - spare // 2)


def left_out(names: Sequence[str], rooms: Sequence[int]) -> int:
    """How many characters to leave out of what all names begin with, so that the rest tells them apart.

    rooms: cells for each name. 0 where all have room, or where they have no beginning in common; else the same for all,
    as few as must be, and where a word begins among what is kept, up to there. An ellipsis is to stand for them.
    """
    first, last = min(names, default=""), max(names, default="")
    common = next((place for place, pair in enumerate(zip(first, last, strict=False)) if len(set(pair)) > 1), 0)
    if common < 2:
        return 0
    spaces = [room - cell_width(name[common:]) - 1 for name, room in zip(names, rooms, strict=True)]
    if all(cell_width(name) <= room for name, room in zip(names, rooms, strict=True)):
        return 0
    start = max(2, common - max(min(spaces), 0))
    return next((place for place in range(start, common) if names[0][place - 1] in BETWEEN_WORDS), min(start, common))
