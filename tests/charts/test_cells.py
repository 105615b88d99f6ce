"""Cells: text in its place whatever it holds, and the sequences that make it appear on a terminal."""

from __future__ import annotations

import re

import numpy as np
import pyte
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.text import cell_width, safe
from tbtui.charts.cells import BOLD, DIM, REVERSE, UNDERLINE, Cells, ColorSystem, blank

PAYLOADS = [
    "\x1b[31mred\x1b[0m",
    "\x1b]0;title\x07",
    "\x1b]52;c;aGk=\x1b\\",
    "\x1bc",
    "\x1b[6n",
    "\x9b31m",
    "a\x00b\x07c\x08d\re\x0bf\x0cg\x0e\x0f\x7f",
    "\u202egnp.exe\u202c \u2066x\u2069",
    "zero\u200bwidth\u200d\ufeff",
    "lone \ud800 surrogate",
    "line\nbreak\u2028",
    "[bold]no markup[/bold] [/x] [@click=app.quit]x[/]",
]


CONTROLS = {chr(code) for code in (*range(0x20), *range(0x7F, 0xA0), 0x200B, 0x202E, 0x2066, 0x2028)}


def test_put_and_read() -> None:
    cells = blank(2, 10)
    assert cells.put(0, 2, "loss", 0x3C96FF, BOLD) == 4
    assert cells.to_text() == "  loss\n"
    assert cells.colors[0].tolist() == [-1, -1] + [0x3C96FF] * 4 + [-1] * 4
    assert cells.attrs[0, 2:6].tolist() == [BOLD] * 4


@pytest.mark.parametrize(("col", "shown"), [(-2, "ss      "), (6, "      lo"), (8, ""), (-9, ""), (0, "loss")])
def test_text_is_cut_at_the_borders(col: int, shown: str) -> None:
    cells = blank(1, 8)
    assert cells.put(0, col, "loss") == 4
    assert cells.to_text() == shown.rstrip()
    for row in (-1, 1):
        cells.put(row, 0, "x")
    assert cells.to_text() == shown.rstrip()


def test_wide_characters_take_two_cells_and_are_never_halved() -> None:
    cells = blank(1, 6)
    assert cells.put(0, 0, "損失率") == 6
    assert cells.to_text() == "損失率"
    cells.put(0, 1, "x")  # over the second half of the first
    assert cells.line(0) == " x失率"
    cells = blank(1, 5)
    cells.put(0, 0, "損失率")
    assert cells.line(0) == "損失 "
    cells = blank(1, 5)
    cells.put(0, -1, "損失率")
    assert cells.line(0) == " 失率"


@given(st.text(max_size=30), st.integers(-5, 12), st.integers(0, 12))
def test_any_text_leaves_every_line_as_wide_as_the_grid(text: str, col: int, width: int) -> None:
    cells = blank(1, width)
    cells.put(0, col, text)
    assert cell_width(cells.line(0)) == width
    assert not set(cells.line(0)) & CONTROLS


@pytest.mark.parametrize("payload", PAYLOADS)
@pytest.mark.parametrize("system", ["truecolor", "256", "16", "none"])
def test_no_foreign_sequence_comes_out(payload: str, system: ColorSystem) -> None:
    cells = blank(1, 80)
    cells.put(0, 0, payload, 0xFF0000, BOLD)
    out = cells.to_ansi(system)
    for sequence in re.findall("\x1b.[^m]*.?", out):
        assert re.fullmatch("\x1b\\[[0-9;]*m", sequence), sequence
    rest = re.sub("\x1b\\[[0-9;]*m", "", out)
    assert rest.isprintable()
    assert rest.rstrip() == "".join(char for char in safe(payload) if cell_width(char)).rstrip()


def test_paste_is_cut_at_the_borders() -> None:
    small = blank(2, 3)
    small.put(0, 0, "abc", 1)
    small.put(1, 0, "def", 2)
    for row, col, shown in ((0, 0, "abc\ndef\n"), (-1, -1, "ef\n\n"), (2, 3, "\n\n   a"), (5, 5, "\n\n")):
        cells = blank(3, 4)
        cells.paste(small, row, col)
        assert cells.to_text() == shown


def test_a_copy_is_independent() -> None:
    cells = blank(1, 3)
    copy = cells.copy()
    copy.put(0, 0, "x")
    assert cells.to_text() == ""


def test_runs_join_blanks_and_part_looks() -> None:
    cells = blank(1, 12)
    cells.put(0, 1, "ab", 1)
    cells.put(0, 5, "cd", 1)
    cells.put(0, 8, "e", 2, BOLD)
    assert cells.runs(0) == [(" ab  cd ", 1, 0, -1), ("e   ", 2, BOLD, -1)]
    assert blank(1, 4).runs(0) == [("    ", -1, 0, -1)]
    assert blank(1, 0).runs(0) == []


def test_runs_part_backgrounds() -> None:
    cells = blank(1, 9)
    cells.put(0, 0, "a b", 1, back=7)
    cells.put(0, 4, "  c", 2, back=8)
    assert cells.runs(0) == [("a b", 1, 0, 7), (" ", -1, 0, -1), ("  c", 2, 0, 8), ("  ", -1, 0, -1)]
    cells.put(0, 1, "x", 3, back=None)
    assert cells.runs(0)[:3] == [("a", 1, 0, 7), ("x", 3, 0, 7), ("b", 1, 0, 7)]
    cells.put(0, 0, "abc")
    assert cells.runs(0)[0] == ("abc ", -1, 0, -1)
    copy = cells.copy()
    copy.back_grid()[:] = 5
    assert cells.backs is not None
    assert cells.backs[0, 8] == -1


def test_backgrounds_go_along_when_cells_are_pasted() -> None:
    cells, other, bare = blank(2, 4), blank(1, 2), blank(1, 1)
    other.back_grid()[:] = 9
    cells.paste(other, 0, 1)
    cells.paste(bare, 0, 1)
    assert cells.backs is not None
    assert cells.backs.tolist() == [[-1, -1, 9, -1], [-1] * 4]


@pytest.mark.parametrize(("system", "code"), [("truecolor", "48;2;255;0;0"), ("256", "48;5;196"), ("16", "41|101")])
def test_backgrounds_for_every_terminal(system: ColorSystem, code: str) -> None:
    cells = blank(1, 3)
    cells.put(0, 0, " ", back=0xFF0000)
    assert re.fullmatch(f"\x1b\\[({code})m \x1b\\[0m", cells.to_ansi(system))
    assert cells.to_ansi("none") == " "


@pytest.mark.parametrize(
    ("system", "expected"),
    [
        ("truecolor", "\x1b[1;38;2;60;150;255mx\x1b[0m"),
        ("256", "\x1b[1;38;5;69mx\x1b[0m"),
        ("none", "\x1b[1mx\x1b[0m"),
    ],
)
def test_colours_for_every_terminal(system: ColorSystem, expected: str) -> None:
    cells = blank(1, 3)
    cells.put(0, 0, "x", 0x3C96FF, BOLD)
    assert cells.to_ansi(system) == expected


def test_sixteen_colours() -> None:
    cells = blank(1, 2)
    cells.put(0, 0, "a", 0xFF0000)
    cells.put(0, 1, "b", 0x00AA00)
    assert re.fullmatch("\x1b\\[(31|91)ma\x1b\\[0m\x1b\\[(32|92)mb\x1b\\[0m", cells.to_ansi("16"))


def test_a_terminal_shows_what_the_cells_hold() -> None:
    rng = np.random.default_rng(0)
    cells = blank(6, 30)
    for _ in range(40):
        text = rng.choice(["loss", "⣿⡇", "損失", "0.5┤", "×▲"])
        attrs = int(rng.choice([0, BOLD, UNDERLINE, REVERSE]))
        cells.put(int(rng.integers(6)), int(rng.integers(-3, 30)), str(text), int(rng.integers(0, 1 << 24)), attrs)
    screen = pyte.Screen(30, 6)
    pyte.Stream(screen).feed(cells.to_ansi().replace("\n", "\r\n"))
    for row in range(6):
        for col in range(30):
            cell, glyph = screen.buffer[row][col], int(cells.glyphs[row, col])
            if glyph in (0, 0x20):
                assert cell.data.strip() == ""
                continue
            assert cell.data == chr(glyph)
            assert cell.fg == f"{int(cells.colors[row, col]):06x}"
            assert (cell.bold, cell.underscore, cell.reverse) == tuple(
                bool(cells.attrs[row, col] & bit) for bit in (BOLD, UNDERLINE, REVERSE)
            )


def test_dim_is_sent() -> None:
    cells = Cells(np.array([[0x41]], np.uint32), np.array([[-1]], np.int32), np.array([[DIM]], np.uint8))
    assert cells.to_ansi() == "\x1b[2mA\x1b[0m"


def test_no_size_at_all() -> None:
    assert blank(0, 0).to_text() == ""
    assert blank(-3, 5).glyphs.shape == (0, 5)
    assert blank(2, 0).to_ansi() == "\n"


def test_reversed_text_begins_where_it_begins() -> None:
    cells = blank(2, 6)
    cells.put(0, 3, "ab", attrs=REVERSE)
    assert [(text, attrs) for text, _, attrs, _ in cells.runs(0)] == [("   ", 0), ("ab", REVERSE), (" ", 0)]
    cells.back_grid()[1, 1:] = 0xFF
    cells.put(1, 3, "ab", attrs=REVERSE, back=None)
    assert [(text, attrs) for text, _, attrs, _ in cells.runs(1)] == [(" ", 0), ("  ", 0), ("ab", REVERSE), (" ", 0)]
