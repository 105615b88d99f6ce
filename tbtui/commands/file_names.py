"""Names of files made from names of runs and tags, which may hold anything: clear, and never leading elsewhere."""

from __future__ import annotations

import hashlib
import unicodedata

__all__ = ["FileNames", "part"]

LONGEST = 100
"""Bytes of a part of a path that come from a name."""

_KEPT = frozenset("-_.+=@,")
_MARK = 8  # hexadecimal digits


def part(name: str) -> str:
    """One part of a path from any name: letters, digits and a few signs stay, all else is `_`.

    Never empty, `.` or `..`, never hidden, without a separator, at most `LONGEST` bytes of UTF-8.
    """
    composed = unicodedata.normalize("NFC", "".join("_" if "\ud800" <= c <= "\udfff" else c for c in name))
    kept = "".join(char if char.isalnum() or char in _KEPT else "_" for char in composed)
    short = kept.encode()[:LONGEST].decode("utf-8", "ignore")
    begin = len(short) - len(short.lstrip(".-"))
    return "_" * begin + short[begin:].rstrip(".") or "_"


class FileNames:
    """Gives each name a part of its own: where two would be alike (also in capitals only), or one was cut, it is
    marked with a few digits of its checksum, so that the same name has the same part every time."""

    def __init__(self) -> None:
        self._taken: dict[str, str] = {}

    def of(self, name: str) -> str:
        """The part for this name."""
        plain = part(name)
        marked = f"{plain}~{hashlib.sha256(name.encode('utf-8', 'surrogateescape')).hexdigest()[:_MARK]}"
        for wanted in (marked,) if len(plain.encode()) >= LONGEST - 3 else (plain, marked):
            if self._taken.setdefault(wanted.casefold(), name) == name:
                return wanted
        number = 2
        while self._taken.setdefault(f"{marked}-{number}".casefold(), name) != name:
            number += 1
        return f"{marked}-{number}"
