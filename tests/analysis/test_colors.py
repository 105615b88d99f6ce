"""Colours of runs: stable, apart from each other, seen on dark and on light."""

from __future__ import annotations

import itertools

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.colors import ASCII_MARKERS, MARKERS, PALETTE, nearest16, nearest256, run_colors, run_marker

# Machado, Oliveira and Fernandes 2009, severity 1, on linear RGB.
VISIONS = {
    "usual": "1 0 0  0 1 0  0 0 1",
    "protanopia": "0.152286 1.052583 -0.204868  0.114503 0.786281 0.099216  -0.003882 -0.048116 1.051998",
    "deuteranopia": "0.367322 0.860646 -0.227968  0.280085 0.672501 0.047413  -0.01182 0.04294 0.968881",
    "tritanopia": "1.255528 -0.076749 -0.178779  -0.078411 0.930809 0.147602  0.004733 0.691367 0.3039",
}
TO_CONES = """
    0.4122214708 0.5363325363 0.0514459929  0.2119034982 0.6806995451 0.1073969566
    0.0883024619 0.2817188376 0.6299787005
"""
TO_LAB = """
    0.2104542553 0.793617785 -0.0040720468  1.9779984951 -2.428592205 0.4505937099
    0.0259040371 0.7827717662 -0.808675766
"""


def matrix(text: str) -> np.ndarray:
    return np.array(text.split(), dtype=float).reshape(3, 3)


def linear(colors: tuple[tuple[int, int, int], ...]) -> np.ndarray:
    part = np.array(colors) / 255
    return np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)


def oklab(rgb: np.ndarray) -> np.ndarray:
    return np.cbrt(rgb @ matrix(TO_CONES).T) @ matrix(TO_LAB).T


def test_palette_stands_out_from_black_and_white() -> None:
    luminance = linear(PALETTE) @ np.array([0.2126, 0.7152, 0.0722])
    assert ((luminance + 0.05) / 0.05).min() > 3.4
    assert (1.05 / (luminance + 0.05)).min() > 2.0


def test_first_colours_are_told_apart_by_everyone() -> None:
    for name, vision in VISIONS.items():
        seen = oklab(np.clip(linear(PALETTE[:8]) @ matrix(vision).T, 0, 1))
        nearest = min(np.linalg.norm(a - b) for a, b in itertools.combinations(seen, 2))
        assert nearest > 0.09, name
    assert len(set(PALETTE)) == len(PALETTE) == 16


@given(st.lists(st.text(), unique=True, max_size=40))
def test_colours_are_shared_evenly_and_the_same_every_time(names: list[str]) -> None:
    colors = run_colors(names)
    assert list(colors) == names
    assert colors == run_colors(names)
    used = [list(colors.values()).count(color) for color in PALETTE]
    assert max(used) - min(used) <= 1
    if len(names) <= 8:
        assert set(colors.values()) <= set(PALETTE[:8])


def test_a_new_run_changes_no_other() -> None:
    before = run_colors(["a", "b", "c"])
    after = run_colors(["0", "a", "b", "c", "d"], taken=before)
    assert {name: after[name] for name in before} == before
    assert len(set(after.values())) == 5


def test_a_colour_chosen_by_hand_stays() -> None:
    assert run_colors(["a"], taken={"a": (1, 2, 3)}) == {"a": (1, 2, 3)}


def test_names_that_are_not_utf8() -> None:
    assert run_colors(["\udcff"])


def test_nearest_of_256() -> None:
    assert nearest256((0, 0, 0)) == 16
    assert nearest256((255, 255, 255)) == 231
    assert nearest256((255, 0, 0)) == 196
    assert nearest256((128, 128, 128)) == 244
    assert nearest256((95, 135, 175)) == 67


def test_nearest_of_16_keeps_the_hue() -> None:
    assert nearest16((255, 0, 0)) == 9
    assert nearest16((150, 0, 10)) == 1
    assert nearest16((60, 150, 255)) == 12
    assert nearest16((30, 150, 105)) == 2
    assert nearest16((120, 120, 120)) == 8
    assert nearest16((220, 220, 220)) == 7
    assert len({nearest16(color) for color in PALETTE[:8]}) >= 6


def test_markers() -> None:
    assert run_marker(0) == MARKERS[0]
    assert run_marker(len(MARKERS)) == MARKERS[0]
    assert run_marker(1, ascii_only=True) == ASCII_MARKERS[1]
    assert ASCII_MARKERS.isascii()
    assert len(set(MARKERS)) == len(MARKERS) == len(ASCII_MARKERS)
