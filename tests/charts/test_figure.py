"""The figure around a plot, as plotext draws it."""

from __future__ import annotations

import subprocess
import sys

import plotext
import pytest

from tbtui.charts import figure
from tbtui.charts.cells import DIM
from tbtui.charts.figure import Frame, draw_frame

FRAME = Frame(20, 5, 4, ((0, "1.0"), (2, "0.5"), (4, "0")), ((0, "0"), (9, "10k"), (18, "20k")))


@pytest.fixture(autouse=True)
def _fresh() -> None:
    figure._drawn.cache_clear()


def test_axes_ticks_and_labels() -> None:
    assert draw_frame(FRAME).to_text().split("\n") == [
        " 1.0┤",
        "    │",
        " 0.5┤",
        "    │",
        "   0┤",
        "    └┬────────┬────────┬─",
        "     0       10k     20k",
    ]


def test_parts_can_be_left_out() -> None:
    assert draw_frame(Frame(8, 2)).to_text().split("\n") == ["", "", "────────", ""]
    assert draw_frame(Frame(8, 2, axis_line=False, x_labels=False)).to_text() == "\n"
    assert draw_frame(Frame(8, 2, 1, ((0, "1"),), axis_line=False, x_labels=False)).to_text() == "1┤\n │"


def test_plain_figure() -> None:
    text = draw_frame(Frame(12, 2, 3, ((0, "1"),), ((3, "5"),), plain=True)).to_text()
    assert text.isascii()
    assert text.split("\n") == ["  1+", "   |", "   +---+--------", "       5"]


def test_colours_of_lines_and_labels() -> None:
    cells = draw_frame(Frame(8, 2, 1, ((0, "1"),), ((0, "0"),), axis_color=0x111111, label_color=0x222222))
    assert cells.colors[0, 0] == 0x222222
    assert cells.colors[0, 1] == cells.colors[2, 4] == 0x111111
    assert cells.colors[3, 2] == 0x222222
    assert draw_frame(FRAME).attrs[0, 4] == DIM


@pytest.mark.parametrize("width", [*range(9), 40, 300])
@pytest.mark.parametrize("height", [*range(6), 100])
def test_every_size(width: int, height: int) -> None:
    for labels in (0, 3):
        frame = Frame(width, height, labels, ((0, "1e9"),) if labels and height else (), ((0, "0"),) if width else ())
        cells = draw_frame(frame)
        assert cells.glyphs.shape == (height + frame.below, width + frame.left)
        plot = cells.glyphs[:height, frame.left :]
        assert (plot == 0x20).all()
        if labels and width and height:
            assert cells.line(0)[3] == "┤"
        if width and height:
            assert set(cells.line(height)[frame.left :]) <= set("─┬")


def test_drawn_once_and_safe_to_draw_into(monkeypatch: pytest.MonkeyPatch) -> None:
    first = draw_frame(FRAME)
    first.put(0, 0, "XXXX")
    monkeypatch.setattr(figure, "_build", lambda *_: pytest.fail("asked again"))
    assert draw_frame(FRAME).line(0).startswith(" 1.0")


def test_the_plotext_figure_of_others_is_left_alone() -> None:
    plotext.clear_figure()
    plotext.title("theirs")
    plotext.plot([1, 2, 3])
    before = plotext.build()
    draw_frame(FRAME)
    assert plotext.build() == before
    plotext.clear_figure()


@pytest.mark.parametrize("text", ["", "one line", "│" * 25 + "\n" * 7, "x" * 25 + "\n"])
def test_where_plotext_answers_something_else_the_plot_stays_bare(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    monkeypatch.setattr(figure, "_build", lambda *_: text)
    cells = draw_frame(FRAME)
    assert cells.glyphs.shape == (7, 25)
    assert cells.to_text().strip() == ""


@pytest.mark.parametrize("fault", [ImportError, AttributeError, ZeroDivisionError, IndexError])
def test_where_plotext_fails_the_plot_stays_bare(monkeypatch: pytest.MonkeyPatch, fault: type[Exception]) -> None:
    def fail(*_: object) -> str:
        raise fault

    monkeypatch.setattr(figure, "_build", fail)
    assert draw_frame(FRAME).to_text().strip() == ""


def test_plotext_is_imported_with_the_first_figure_only() -> None:
    code = (
        "import sys; import tbtui.charts.chart as c; assert 'plotext' not in sys.modules;"
        "c.draw_chart(c.ChartSpec('x'), 40, 12); assert 'plotext' in sys.modules;"
        "assert not {'textual', 'rich'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True, timeout=60)
