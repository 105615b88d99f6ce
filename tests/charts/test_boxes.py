"""Boxes joined by lines: everything is inside, nothing lies on another, every line has two ends."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.charts.boxes import Box, Drawing, Line, draw_boxes
from tbtui.charts.neighbours import draw_neighbourhood
from tbtui.graphs.model import Entry, NearBox, NearEdge, Neighbourhood

CHAIN = [Box(("conv1", "Conv2d"), 0), Box(("input",), -1), Box(("relu", "aten::relu"), 1)]
LINES = [Line(1, 0, "2×1×16×16"), Line(0, 2, "2×6×14×14")]

WIDE = """\
╭────────────╮                ┏━━━━━━━━━━━━┓                ╭────────────╮
│ input      │─ 2×1×16×16 ───▶┃ conv1      ┃─ 2×6×14×14 ───▶│ relu       │
╰────────────╯                ┃ Conv2d     ┃                │ aten::relu │
                              ┗━━━━━━━━━━━━┛                ╰────────────╯"""

NARROW = """\
+----------------------------+
| input                      |- 2x1x16x16 -+
+----------------------------+             |
+----------------------------+             |
| conv1                      |<------------+
| Conv2d                     |- 2x6x14x14 -+
+----------------------------+             |
+----------------------------+             |
| relu                       |<------------+
| aten::relu                 |
+----------------------------+"""


def test_side_by_side() -> None:
    drawing = draw_boxes(CHAIN, LINES, 100, focus=0)
    assert drawing.columns
    assert drawing.cells.to_text() == WIDE


def test_below_each_other() -> None:
    lines = [Line(1, 0, "2x1x16x16"), Line(0, 2, "2x6x14x14")]
    drawing = draw_boxes(CHAIN, lines, 45, ascii_only=True)
    assert not drawing.columns
    assert drawing.cells.to_text() == NARROW


def test_a_line_that_passes_a_box_by() -> None:
    boxes = [Box(("a",), 0), Box(("b",), 1), Box(("c",), 2)]
    text = draw_boxes(boxes, [Line(0, 1), Line(1, 2), Line(0, 2, "past")], 120).cells.to_text()
    assert text.count("▶") == 3
    assert "past" in text


def test_a_circle_is_told() -> None:
    boxes = [Box(("a",), 0), Box(("b",), 1)]
    text = draw_boxes(boxes, [Line(0, 1), Line(1, 0), Line(0, 0)], 80).cells.to_text()
    assert text.count("▶") == 1
    assert text.count("↺") == 2


def test_lines_at_one_level_move_a_box() -> None:
    boxes = [Box(("focus",), 0), Box(("x",), -1), Box(("y",), -1)]
    drawing = draw_boxes(boxes, [Line(1, 0), Line(2, 0), Line(1, 2)], 100)
    assert drawing.places[1].col < drawing.places[2].col < drawing.places[0].col


def test_foreign_words_are_harmless() -> None:
    text = draw_boxes([Box(("\x1b[31mred\nnext",), 0)], [], 60).cells.to_text()
    assert "\x1b" not in text
    assert len(text.splitlines()) == 3


def test_a_neighbourhood_in_words() -> None:
    scope = Entry("scope", "s", "layers", "net/layers", op="ModuleList", ops=40, parameters=1200, at_least=True)
    node = Entry("node", "n", "x", "x", op="Placeholder")
    series = Entry("series", "r", "block_0..3", "", count=4, ops=1)
    near = Neighbourhood(
        [
            NearBox(scope, 0),
            NearBox(node, -1),
            NearBox(series, 1),
            NearBox(None, -1, 3, "constants"),
            NearBox(None, 1, 1),
        ],
        [NearEdge(1, 0, "float32 2", 2), NearEdge(0, 2, "", 1, True), NearEdge(3, 0), NearEdge(0, 4)],
    )
    text = draw_neighbourhood(near, 140).cells.to_text()
    for words in ("▸ layers", "ModuleList", "40 ops, ≥1200 params", "▸ block_0..3 ×4", "3 constants", "1 more"):
        assert words in text, words
    assert " float32 2 (2) " in text
    assert " control " in text
    assert draw_neighbourhood(near, 50, ascii_only=True).cells.to_text().isascii()


@st.composite
def graphs(draw: st.DrawFn) -> tuple[list[Box], list[Line]]:
    words = st.text(st.sampled_from("ab×字 \x1b"), max_size=60)
    boxes = draw(
        st.lists(st.builds(Box, st.lists(words, max_size=3).map(tuple), st.integers(-3, 3)), min_size=1, max_size=10)
    )
    ends = st.integers(0, len(boxes) - 1)
    return boxes, draw(st.lists(st.builds(Line, ends, ends, words, st.booleans()), max_size=14))


@given(graphs(), st.integers(45, 200), st.booleans())
def test_any_graph_at_any_width(graph: tuple[list[Box], list[Line]], width: int, ascii_only: bool) -> None:
    boxes, lines = graph
    drawing = draw_boxes(boxes, lines, width, focus=0, ascii_only=ascii_only)
    check(drawing, len(boxes), width)
    again = draw_boxes(boxes, lines, width, focus=0, ascii_only=ascii_only)
    assert drawing.cells.to_text() == again.cells.to_text()
    corner = "+" if ascii_only else "┏"
    place = drawing.places[0]
    assert chr(drawing.cells.glyphs[place.row, place.col]) == corner


def check(drawing: Drawing, boxes: int, width: int) -> None:
    assert drawing.cells.width == width
    assert len(drawing.places) == boxes
    for place in drawing.places:
        assert place.row >= 0
        assert place.col >= 0
        assert place.row + place.height <= drawing.cells.height
        assert place.col + place.width <= width
    for one, other in combinations(drawing.places, 2):
        apart = (
            one.row + one.height <= other.row
            or other.row + other.height <= one.row
            or one.col + one.width <= other.col
            or other.col + other.width <= one.col
        )
        assert apart


@pytest.mark.parametrize("width", [45, 60, 100, 200])
def test_many_producers_and_consumers(width: int) -> None:
    boxes = (
        [Box(("focus", "op"), 0)]
        + [Box((f"in {i}",), -1) for i in range(8)]
        + [Box((f"out {i}",), 1) for i in range(8)]
    )
    lines = [Line(i, 0, f"{i}×{i}") for i in range(1, 9)] + [Line(0, i, "7") for i in range(9, 17)]
    drawing = draw_boxes(boxes, lines, width)
    check(drawing, 17, width)
    text = drawing.cells.to_text()
    assert all(f"in {i}" in text and f"out {i}" in text for i in range(8))
    assert text.count("▶") + text.count("◀") == (16 if drawing.columns else 9)


def test_nothing() -> None:
    assert draw_boxes([], [], 80).places == []
