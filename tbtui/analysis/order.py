"""The order in which TensorBoard lists tags and runs, and the groups it puts tags into."""

from __future__ import annotations

import re
import struct
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["distinct_parts", "natural_key", "tag_group"]

_PIECES = re.compile(r"(/)|([0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?)|([^/0-9]+)")

Key = tuple[str, str]


@lru_cache(maxsize=65_536)
def natural_key(name: str) -> Key:
    """A sort key: numbers inside names compare as numbers (`layer2` before `layer10`), `/` and numbers before letters.

    Numbers may have decimals and an exponent, as in TensorBoard. Names that differ only in how they write a number
    (`1` and `01`) are told apart by the plain text, so that the order is total.
    """
    return "".join(map(_sortable, _PIECES.findall(name))), name


def _sortable(piece: tuple[str, str, str]) -> str:
    """A text that compares as the piece does: the bits of a number of at least 0, largest first, rise with it."""
    slash, number, words = piece
    if slash:
        return "\0"
    return f"\1{struct.pack('>d', float(number)).decode('latin-1')}" if number else f"\2{words}"


def distinct_parts(tags: Sequence[str]) -> list[str]:
    """Of each tag what tells it from the others: without the folders that all begin with, and those that all end with.

    `train/loss` and `val/loss` -> `train` and `val`; where nothing would be left of one, all stay whole.
    """
    parts = [tag.split("/") for tag in tags]
    fewest = min((len(one) for one in parts), default=0)
    first, last = 0, 0
    while first < fewest and len({one[first] for one in parts}) == 1:
        first += 1
    while last < fewest - first and len({one[-1 - last] for one in parts}) == 1:
        last += 1
    short = ["/".join(one[first : len(one) - last]) for one in parts]
    return short if len(tags) > 1 and all(short) else list(tags)


def tag_group(tag: str) -> str:
    """The group of a tag: what stands before its first `/`; a tag without one is a group of its own."""
    return tag.split("/", 1)[0]
