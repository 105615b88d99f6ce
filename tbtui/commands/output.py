"""Where a command's output goes: how many colours it has, how wide it is, which characters it can show."""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from typing import Literal, TextIO

__all__ = ["ColorSystem", "can_show", "color_system", "size"]

ColorSystem = Literal["truecolor", "256", "16", "none"]


def color_system(stream: TextIO, color: str, environ: Mapping[str, str] = os.environ) -> ColorSystem | None:
    """The colours to write to a stream; None for plain text without any escape sequence.

    color: "always" writes colours into pipes too, "never" leaves them out, "auto" asks the stream and NO_COLOR.
    """
    term = environ.get("TERM", "")
    if color != "always" and (not stream.isatty() or term in ("", "dumb", "unknown")):
        return None
    if color == "never" or (color == "auto" and environ.get("NO_COLOR")):
        return "none"
    if environ.get("COLORTERM", "").lower() in ("truecolor", "24bit") or term.endswith("-direct"):
        return "truecolor"
    return "256" if "256" in term or not term else "16"


def size(stream: TextIO) -> tuple[int, int]:
    """Columns and rows of the terminal behind a stream; COLUMNS and LINES, else 80 and 24, where there is none."""
    if stream.isatty():
        return shutil.get_terminal_size()
    return _from_environ("COLUMNS", 80), _from_environ("LINES", 24)


def _from_environ(name: str, otherwise: int) -> int:
    text = os.environ.get(name, "")
    return int(text) if text.isdecimal() and 0 < int(text) <= 10_000 else otherwise


def can_show(stream: TextIO, characters: str) -> bool:
    """Whether a stream's encoding has all these characters."""
    try:
        characters.encode(stream.encoding or "ascii")
    except (UnicodeEncodeError, LookupError):
        return False
    return True
