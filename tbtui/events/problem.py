"""What could not be read, and where: one line for a person."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong with the data.

    `file` is relative to its log directory (prefixed by the directory's name where several are open), `offset` is
    the byte in that file where the damaged record begins (None when the whole file is meant), `reason` says what is
    wrong in words. All three may hold foreign text: make them safe before they are shown.
    """

    file: str
    offset: int | None
    reason: str
