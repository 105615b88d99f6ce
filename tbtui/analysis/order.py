"""The order in which TensorBoard lists tags and runs, and the groups it puts tags into."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

__all__ = ["distinct_parts", "natural_key", "tag_group"]

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
