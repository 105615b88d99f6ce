"""The order in which TensorBoard lists tags and runs, and the groups it puts tags into."""

from __future__ import annotations

import re
from functools import lru_cache

__all__ = ["natural_key", "tag_group"]

_PIECES = re.compile(r"(/)|([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|([^/0-9]+)")

Key = tuple[tuple[tuple[int, float, str], ...], str]


@lru_cache(maxsize=65_536)
def natural_key(name: str) -> Key:
    """A sort key: numbers inside names compare as numbers (`layer2` before `layer10`), `/` and numbers before letters.

    Numbers may have decimals and an exponent, as in TensorBoard. Names that differ only in how they write a number
    (`1` and `01`) are told apart by the plain text, so that the order is total.
    """
    pieces: list[tuple[int, float, str]] = []
    for match in _PIECES.finditer(name):
        slash, number, words = match.groups()
        if slash:
            pieces.append((0, 0.0, ""))
        elif number:
            pieces.append((1, float(number), ""))
        else:
            pieces.append((2, 0.0, words))
    return tuple(pieces), name


def tag_group(tag: str) -> str:
    """The group of a tag: what stands before its first `/`; a tag without one is a group of its own."""
    return tag.split("/", 1)[0]
