"""What a step's time goes into: a colour and a letter for each category, and bars that are stacked of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from tbtui.analysis.colors import PALETTE, RGB

GREY: RGB = (0x7C, 0x86, 0x94)

_KNOWN: dict[str, tuple[RGB, str]] = {
    "kernel": ((0x22, 0xA0, 0x40), "K"),
    "device compute": ((0x22, 0xA0, 0x40), "D"),
    "memcpy": ((0x00, 0x96, 0xC3), "M"),
    "device to device": ((0x00, 0x96, 0xC3), "M"),
    "memset": ((0x87, 0x78, 0x00), "S"),
    "communication": ((0xF0, 0x4B, 0xC3), "C"),
    "collectives": ((0xF0, 0x4B, 0xC3), "C"),
    "runtime": ((0xE0, 0xC8, 0x00), "R"),
    "kernel launch": ((0xE0, 0xC8, 0x00), "L"),
    "launch": ((0xE0, 0xC8, 0x00), "L"),
    "data loader": ((0xF5, 0x39, 0x1E), "I"),
    "input": ((0xF5, 0x39, 0x1E), "I"),
    "CPU operator": ((0x3C, 0x78, 0xFF), "H"),
    "host": ((0x3C, 0x78, 0xFF), "H"),
    "host compute": ((0x3C, 0x78, 0xFF), "H"),
    "output": ((0xC3, 0xA5, 0xFF), "O"),
    "compilation": ((0xA5, 0x4B, 0x4B), "J"),
    "other": (GREY, "."),
}


class Category(NamedTuple):
    """How time that went into it is drawn: a colour, and a letter where there are no colours."""

    name: str
    color: RGB
    letter: str


class Stretch(NamedTuple):
    """So many cells of a bar."""

    text: str
    color: RGB


def categories(names: Sequence[str]) -> list[Category]:
    """Of these names, each with a letter of its own."""
    found: list[Category] = []
    used: set[str] = set()
    for number, name in enumerate(names):
        color, letter = _KNOWN.get(name, (PALETTE[number % len(PALETTE)], name[:1].upper()))
        while letter in used:
            letter = next((one for one in (*name.upper(), *"0123456789") if one.isalnum() and one not in used), "?")
            if letter == "?":
                break
        used.add(letter)
        found.append(Category(name, color, letter))
    return found


def stacked(
    spent: Mapping[str, float], whole: float, cells: int, kinds: Sequence[Category], plain: bool
) -> list[Stretch]:
    """A bar of `cells` cells for `whole`, each category as long as its share; every one ends where the sum of those
    before says, so that nothing drifts. plain: letters instead of colours."""
    found = []
    total, at = 0.0, 0
    for kind in kinds:
        total += spent.get(kind.name, 0)
        end = round(total / whole * cells) if whole > 0 else 0
        if end > at:
            found.append(Stretch((kind.letter if plain else "█") * (end - at), kind.color))
            at = end
    return found
