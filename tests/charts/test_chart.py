"""Whole charts: pictures of a few, and what must hold for all."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.text import cell_width
from tbtui.charts.canvas import Curve, Window
from tbtui.charts.cells import BOLD
from tbtui.charts.chart import ChartSpec, draw_chart, fit_window, fit_x
from tbtui.charts.dots import Style
from tbtui.charts.words import trend
from tests.charts.test_cells import PAYLOADS

GOLDEN = Path(__file__).parent / "golden"
STEPS = np.arange(200)
FALLING = 2.3 * np.exp(-STEPS / 50.0) + 0.1
WAVES = 0.5 + 0.4 * np.sin(STEPS / 12.0)


def with_holes() -> np.ndarray:
    y = FALLING.copy()
    y[60:80] = np.nan
    y[120], y[160] = np.inf, -np.inf
    return y


def two() -> list[Curve]:
    return [
        Curve(STEPS * 100, FALLING, 0x3C96FF, "exp1/train", "●"),
        Curve(STEPS * 100, WAVES, 0xF5391E, "exp1/val", "▲"),
    ]


PICTURES: dict[str, tuple[ChartSpec, int, int, Style]] = {
    "normal": (ChartSpec("train/loss", two(), focus=0, legend=2), 60, 15, "braille"),
    "small": (ChartSpec("train/loss", two(), focus=0), 24, 7, "braille"),
    "tiny": (ChartSpec("train/loss", two()[:1]), 12, 3, "braille"),
    "ascii": (ChartSpec("train/loss", two(), focus=0, legend=2, colored=False), 60, 15, "ascii"),
    "blocks": (ChartSpec("train/loss", two(), focus=0, colored=False), 60, 15, "blocks"),
    "holes": (ChartSpec("loss", [Curve(STEPS, with_holes(), 1, "a")], note="20 NaN from 60"), 50, 12, "braille"),
    "logarithm": (
        ChartSpec("loss", [Curve(STEPS, np.where(STEPS % 50 == 25, -1.0, 10.0 ** (-STEPS / 40)), 1)], y_scale="log"),
        50,
        12,
        "braille",
    ),
    "constant": (ChartSpec("lr", [Curve(STEPS, np.full(200, 3e-4), 1)]), 40, 10, "braille"),
    "one point": (ChartSpec("test/acc", [Curve(np.array([1000]), np.array([0.9]), 1)]), 40, 10, "braille"),
    "nothing": (ChartSpec("later", []), 40, 10, "braille"),
    "cursor": (ChartSpec("loss", two(), focus=0, cursor=10_030.0, marked=[5000]), 60, 14, "braille"),
    "relative": (
        ChartSpec("loss", [Curve(1.7e9 + STEPS * 30.0, FALLING, 1, origin=1.7e9)], x_kind="relative"),
        60,
        10,
        "braille",
    ),
}


@pytest.mark.parametrize("name", PICTURES)
def test_pictures(name: str) -> None:
    spec, width, height, style = PICTURES[name]
    text = draw_chart(spec, width, height, style).cells.to_text() + "\n"
    path = GOLDEN / f"{name.replace(' ', '_')}.txt"
    assert text == path.read_text(encoding="utf-8"), f"\n{text}"


numbers = st.one_of(
    st.floats(-10, 10),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, 5e-324, 1e308, -1e308, 1.7e308, np.nan, np.inf, -np.inf]),
)


@settings(max_examples=150, deadline=None)
@given(
    st.lists(st.tuples(numbers, numbers), max_size=20),
    st.integers(0, 70),
    st.integers(0, 30),
    st.sampled_from(["braille", "blocks", "ascii"]),
    st.sampled_from(["linear", "log", "symlog"]),
    st.sampled_from(["linear", "log", "symlog"]),
    st.sampled_from(["step", "relative", "wall", "number"]),
    st.booleans(),
)
def test_nothing_makes_it_fail(
    points: list[tuple[float, float]], width: int, height: int, style: Style, x: str, y: str, kind: str, colored: bool
) -> None:
    xs, ys = (np.array([point[part] for point in points], np.float64) for part in (0, 1))
    curves = [Curve(xs, ys, 1, "run"), Curve(np.sort(xs), ys, 2, "other", "■"), Curve(xs, ys, 3, dim=True)]
    spec = ChartSpec(
        "tag",
        curves,
        "note",
        kind,
        x,
        y,
        ignore_outliers=False,
        focus=1,
        legend=3,
        colored=colored,  # type: ignore[arg-type]
        cursor=xs[0] if len(xs) else 1.0,
        marked=xs[:2].tolist(),
    )
    chart = draw_chart(spec, width, height, style)
    assert chart.cells.glyphs.shape == (height, width)
    assert all(cell_width(chart.cells.line(row)) == width for row in range(height))
    assert style != "ascii" or chart.cells.to_text().isascii()
    plot = chart.plot
    assert 0 <= plot.row <= plot.row + plot.height <= height
    assert 0 <= plot.col <= plot.col + plot.width <= width


@pytest.mark.parametrize("width", [0, 1, 2, 5, 11, 12, 17, 18, 24, 40, 300])
@pytest.mark.parametrize("height", [0, 1, 2, 3, 4, 5, 7, 9, 10, 12, 100])
def test_every_size_from_12x3_on_shows_a_curve(width: int, height: int) -> None:
    chart = draw_chart(ChartSpec("train/loss", two(), focus=0, legend=2), width, height)
    assert chart.cells.glyphs.shape == (height, width)
    if width >= 12 and height >= 3:
        plot = chart.cells.glyphs[chart.plot.row : chart.plot.row + chart.plot.height, chart.plot.col :]
        assert ((plot > 0x2800) & (plot < 0x2900)).sum() >= min(width, 12) - 2


def test_small_charts_lose_legend_then_ticks_then_title() -> None:
    def parts(width: int, height: int) -> tuple[bool, bool, bool]:
        text = draw_chart(ChartSpec("thetag", two(), focus=0, legend=1), width, height).cells.to_text()
        return "val" in text, "10k" in text or "0\n" in text or "┤" in text, "thetag" in text

    assert parts(60, 15) == (True, True, True)
    assert parts(60, 8) == (False, True, True)
    assert parts(17, 4) == (False, False, True)
    assert parts(12, 2) == (False, False, False)


@pytest.mark.parametrize("payload", PAYLOADS)
def test_foreign_strings_come_out_harmless(payload: str) -> None:
    for colored in (True, False):
        for style in ("braille", "ascii"):
            curves = [Curve(STEPS, FALLING, 1, payload, payload), Curve(STEPS, WAVES, 2, payload + "2", "x")]
            spec = ChartSpec(payload, curves, payload, focus=0, legend=2, colored=colored)
            out = draw_chart(spec, 90, 20, style).cells.to_ansi()  # type: ignore[arg-type]
            rest = re.sub("\x1b\\[[0-9;]*m", "", out)
            assert all(line.isprintable() for line in rest.split("\n"))


def test_markup_is_shown_as_it_is() -> None:
    assert "[bold]x[/bold]" in draw_chart(ChartSpec("[bold]x[/bold]", two()), 60, 12).cells.to_text()


def test_the_tail_of_a_long_tag_stays() -> None:
    text = draw_chart(ChartSpec("a/very/long/path/to/the/loss_total", two(), focus=1), 30, 8).cells.line(0)
    assert text.startswith("…")
    assert "loss_total" in text
    assert text.rstrip().endswith("▼")


def test_heading_has_value_and_trend_of_the_focused_curve() -> None:
    cells = draw_chart(ChartSpec("loss", two(), focus=1), 40, 10).cells
    value = f"{float(f'{WAVES[-1]:.4g}'):g}"
    assert value in cells.line(0)
    assert cells.colors[0, -1] == 0xF5391E
    assert "0." not in draw_chart(ChartSpec("loss", two()), 40, 10).cells.line(0)  # two curves and no focus


def test_marks_of_what_has_no_place() -> None:
    y = with_holes()
    chart = draw_chart(ChartSpec("loss", [Curve(STEPS, y, 7)]), 80, 16)
    lines = [chart.cells.line(row) for row in range(16)]
    axis = lines[chart.plot.row + chart.plot.height]
    assert axis.count("×") >= 6
    assert "▲" in lines[chart.plot.row]
    assert "▼" in lines[chart.plot.row + chart.plot.height - 1]
    nan_at = chart.x_at(axis.index("×"))
    assert 58 <= nan_at <= 81
    small = draw_chart(ChartSpec("loss", [Curve(STEPS, y, 7)]), 24, 7)
    assert "×" in small.cells.line(small.plot.row + small.plot.height - 1)


def test_a_curve_out_of_sight_is_pointed_at() -> None:
    window = Window(Axis(0, 199), Axis(0, 1))
    curves = [Curve(STEPS, FALLING * 0 + 5, 1), Curve(STEPS, FALLING * 0 - 5, 2), Curve(STEPS, WAVES, 3)]
    chart = draw_chart(ChartSpec("x", curves, window=window), 60, 12)
    top, bottom = chart.plot.row, chart.plot.row + chart.plot.height - 1
    assert chart.cells.line(top)[-1] == "▴"
    assert chart.cells.line(bottom)[-1] == "▾"
    assert chart.cells.colors[top, -1] == 1
    assert chart.cells.colors[bottom, -1] == 2


def test_all_nan_is_said_and_marked() -> None:
    chart = draw_chart(ChartSpec("x", [Curve(STEPS, np.full(200, np.nan), 1)]), 60, 12)
    assert "no finite value" in chart.cells.to_text()
    assert "×" in chart.cells.to_text()


def test_cursor_reads_the_true_points() -> None:
    chart = draw_chart(ChartSpec("x", two(), cursor=5049.0), 60, 14)
    assert [(reading.curve, reading.point, reading.x) for reading in chart.readings] == [
        (0, 50, 5000.0),
        (1, 50, 5000.0),
    ]
    assert [reading.y for reading in chart.readings] == [FALLING[50], WAVES[50]]
    text = chart.cells.to_text()
    assert text.count("●") == 2
    dim = two()
    dim[0].dim = True
    assert [reading.curve for reading in draw_chart(ChartSpec("x", dim, cursor=5049.0), 60, 14).readings] == [1]


def test_cursor_and_origin() -> None:
    curve = Curve(1.7e9 + STEPS * 60.0, WAVES, 1, origin=1.7e9)
    (reading,) = draw_chart(ChartSpec("x", [curve], x_kind="relative", cursor=3601.0), 60, 14).readings
    assert (reading.point, reading.x) == (60, 3600.0)


def test_clicks_find_their_place() -> None:
    chart = draw_chart(ChartSpec("x", two()), 60, 14)
    assert chart.x_at(chart.plot.col) == pytest.approx(0, abs=400)
    assert chart.x_at(chart.plot.col + chart.plot.width - 1) == pytest.approx(19_900, abs=400)


def test_legend_counts_what_it_leaves_out() -> None:
    curves = [Curve(STEPS, FALLING + number, number, f"experiment-{number:02}/train") for number in range(30)]
    chart = draw_chart(ChartSpec("x", curves, legend=2), 80, 24)
    text = "\n".join(chart.cells.line(row) for row in (22, 23))
    shown = text.count("●")
    assert 4 <= shown < 30
    assert f"+{30 - shown} more" in text


def test_a_legend_with_little_room_leaves_out_what_all_names_begin_with() -> None:
    names = [f"Experiment {number}_{which}_200_0.2" for number, which in enumerate(("adam", "rmsprop", "sgd", "lion"))]
    curves = [Curve(np.arange(9.0), np.arange(9.0), name=name) for name in names]
    lines = draw_chart(ChartSpec("x", curves, legend=1), 80, 14).cells.to_text().splitlines()
    assert all(f"…{number}_" in lines[-1] for number in range(4)), lines[-1]
    wide = draw_chart(ChartSpec("x", curves, legend=1), 200, 14).cells.to_text()
    assert all(name in wide for name in names)
    ends = [1.234e-4, 2.345e-4, 0.0, 3.456e-4, 4.567e-4, 5.678e-4, 0.0]  # those of zero have more room for their names
    alike = [Curve(np.arange(9.0), np.linspace(0, y, 9), name=f"trial-00{n}") for n, y in enumerate(ends)]
    legend = "".join(draw_chart(ChartSpec("x", alike, legend=2), 59, 14).cells.to_text().splitlines()[-2:])
    assert "trial" not in legend, legend
    assert all(f"…00{number} " in legend for number in range(5)), legend
    nested = [Curve(np.arange(9.0), np.arange(9.0), name=name) for name in ("experiments", "experiments_again")]
    assert "expe…nts" in draw_chart(ChartSpec("x", nested, legend=2), 14, 14).cells.to_text()


def test_legend_takes_no_more_rows_than_it_needs() -> None:
    with_two = draw_chart(ChartSpec("x", two(), legend=5), 80, 24)
    without = draw_chart(ChartSpec("x", two()), 80, 24)
    assert with_two.plot.height == without.plot.height - 1


def test_focused_run_is_bold_in_the_legend() -> None:
    cells = draw_chart(ChartSpec("x", two(), focus=1, legend=1), 80, 24).cells
    line = cells.line(23)
    assert cells.attrs[23, line.index("exp1/val")] == BOLD
    assert cells.attrs[23, line.index("exp1/train")] == 0


def test_names_stand_at_the_ends_without_colours() -> None:
    chart = draw_chart(ChartSpec("x", two(), colored=False), 70, 14)
    lines = chart.cells.to_text().split("\n")
    rows = [next(row for row, line in enumerate(lines) if line.endswith(name)) for name in ("exp1/train", "exp1/val")]
    assert rows[0] > rows[1]  # the loss ends below the other
    assert "● exp1/train" in lines[rows[0]]


def test_more_names_than_rows() -> None:
    curves = [Curve(STEPS, FALLING, number, f"run{number}") for number in range(40)]
    cells = draw_chart(ChartSpec("x", curves, names_at_end=True), 60, 10).cells
    assert len(re.findall(r"run\d+$", cells.to_text(), re.MULTILINE)) == 7


def test_window_from_the_curves() -> None:
    dim = Curve(STEPS * 1000, FALLING * 100, dim=True)
    window = fit_window(ChartSpec("x", [Curve(STEPS, WAVES), dim]))
    assert (window.x.low, window.x.high) == (0, 199)
    assert window.y.high <= 1
    assert fit_window(ChartSpec("x", [dim])).x.high == 199_000


@pytest.mark.parametrize(
    ("x", "kind", "expected"),
    [
        ([5], "step", (4, 6)),
        ([1.7e9], "wall", (1.7e9 - 60, 1.7e9 + 60)),
        ([], "step", (0, 1)),
        ([np.nan, 3.0, 4.0, np.inf], "wall", (3, 4)),
        ([3, 1, 2], "step", (1, 3)),
        ([2**63 - 1], "step", (2.0**63 - 2**24, 2.0**63 + 2**24)),
    ],
)
def test_x_axis_of_the_curves(x: list[float], kind: str, expected: tuple[float, float]) -> None:
    axis = fit_x([Curve(np.array(x), np.zeros(len(x)))], kind=kind)  # type: ignore[arg-type]
    assert axis.low < axis.high
    assert (axis.low, axis.high) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ([1.0, 2.0], 1),
        ([2.0, 1.0], -1),
        ([1.0], 0),
        ([], 0),
        ([1.0, np.nan], 0),
        ([np.nan, np.nan], 0),
        ([1.0, 1.001], 0),
    ],
)
def test_trend(values: list[float], expected: int) -> None:
    assert trend(Curve(np.arange(len(values)), np.array(values)), Axis(0, 2)) == expected


def test_trend_on_a_logarithmic_axis() -> None:
    falling = Curve(STEPS, 10.0 ** (-STEPS / 20))
    assert trend(falling, Axis(1e-10, 1, "log")) == -1
    assert trend(falling, Axis(0, 1)) == 0
