"""What differs between two texts, line by line, and within lines that are nearly alike."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from difflib import SequenceMatcher
from typing import Literal, NamedTuple

__all__ = ["Line", "differences"]

Sign = Literal[" ", "+", "-", "@", "!"]

CONTEXT = 3
"""Lines that are alike which are shown before and after a difference."""

MOST_WORK = 20_000_000
"""Lines of one text times lines of the other, of what is left without their common begin and end."""

LONGEST_COMPARED = 2000
"""Characters of a line within which words are compared."""

LIKE = 0.4
_WORDS = re.compile(r"\w+|\s+|[^\w\s]")


class Line(NamedTuple):
    """sign: " " in both, "+" in the new one only, "-" in the old one only, "@" so many lines that are alike are left
    out, "!" a note. pieces: (text, whether it is this part that differs)."""

    sign: Sign
    pieces: tuple[tuple[str, bool], ...]


def differences(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """The lines that differ, with some that are alike around them."""
    begin = 0
    while begin < min(len(old), len(new)) and old[begin] == new[begin]:
        begin += 1
    end = 0
    while end < min(len(old), len(new)) - begin and old[-1 - end] == new[-1 - end]:
        end += 1
    old_rest, new_rest = old[begin : len(old) - end], new[begin : len(new) - end]
    if not old_rest and not new_rest:
        yield _plain("!", "The two are alike")
        return
    yield from _alike(old[:begin], first=True, last=False)
    if len(old_rest) * len(new_rest) > MOST_WORK:
        yield _plain("!", "Too long to be compared line by line: all of one, then all of the other")
        yield from _replaced(old_rest, new_rest)
    else:
        found = SequenceMatcher(None, old_rest, new_rest, autojunk=len(old_rest) + len(new_rest) > 4000)
        for kind, a, b, c, d in found.get_opcodes():
            if kind == "equal":
                yield from _alike(old_rest[a:b], first=False, last=False)
            else:
                yield from _replaced(old_rest[a:b], new_rest[c:d])
    yield from _alike(old[len(old) - end :], first=False, last=True)


def _plain(sign: Sign, text: str) -> Line:
    return Line(sign, ((text, False),))


def _alike(lines: Sequence[str], *, first: bool, last: bool) -> Iterator[Line]:
    """Lines that are alike, at the begin or end of the text or between two differences."""
    head, tail = 0 if first else CONTEXT, 0 if last else CONTEXT
    if len(lines) <= head + tail + 1:
        yield from (_plain(" ", line) for line in lines)
        return
    yield from (_plain(" ", line) for line in lines[:head])
    left_out = len(lines) - head - tail
    yield _plain("@", f"{left_out:,} lines alike")
    yield from (_plain(" ", line) for line in lines[len(lines) - tail :])


def _replaced(old: Sequence[str], new: Sequence[str]) -> Iterator[Line]:
    """Lines that went and lines that came; side by side where there are as many of both."""
    if len(old) != len(new):
        yield from (_plain("-", line) for line in old)
        yield from (_plain("+", line) for line in new)
        return
    pairs = [_within(a, b) for a, b in zip(old, new, strict=True)]
    yield from (Line("-", pieces) for pieces, _ in pairs)
    yield from (Line("+", pieces) for _, pieces in pairs)


Pieces = tuple[tuple[str, bool], ...]


def _within(old: str, new: str) -> tuple[Pieces, Pieces]:
    """Two lines with the words marked that differ; nothing where hardly anything is alike."""
    if max(len(old), len(new)) > LONGEST_COMPARED:
        return ((old, False),), ((new, False),)
    before: list[str] = _WORDS.findall(old)
    after: list[str] = _WORDS.findall(new)
    found = SequenceMatcher(None, before, after, autojunk=False)
    if found.ratio() < LIKE:
        return ((old, False),), ((new, False),)
    parts: tuple[list[tuple[str, bool]], list[tuple[str, bool]]] = ([], [])
    for kind, a, b, c, d in found.get_opcodes():
        for part, piece in zip(parts, ("".join(before[a:b]), "".join(after[c:d])), strict=True):
            if piece:
                part.append((piece, kind != "equal"))
    return tuple(parts[0]), tuple(parts[1])
