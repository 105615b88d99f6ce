"""Curves on the canvas: every dot where the plain way puts it, whatever the numbers and however many points."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.reduce import BLOCK, Pyramid
from tbtui.charts import canvas as module
from tbtui.charts.canvas import (
    Curve,
    Kept,
    Trace,
    Window,
    draw_curves,
    draw_traces,
    trace_ahead,
    trace_curves,
)
from tbtui.charts.cells import DIM
from tbtui.charts.dots import STYLES, Style
from tests.support.dots import brute_dots

STYLE_NAMES: list[Style] = ["braille", "blocks", "ascii"]
NO_TURNS = np.empty(0, np.int64)

numbers = st.one_of(
    st.floats(-10, 10),
    st.floats(allow_nan=True, allow_infinity=True),
    st.sampled_from([0.0, -0.0, 1.0, 5e-324, -5e-324, 1e308, -1e308, np.nan, np.inf, -np.inf]),
)
scales = st.sampled_from(["linear", "log", "symlog"])


def trace_curve(curve: Curve, window: Window, width: int, height: int) -> Trace:
    return trace_curves([curve], window, width, height)[0]


def dots_of(trace: Trace, rows: int) -> npt.NDArray[np.bool_]:
    """The dots that a trace says there are."""
    across = np.arange(rows)[:, None, None]
    return ((across >= trace.top) & (across <= trace.bottom)).any(axis=1)


def as_dots(glyphs: npt.NDArray[np.uint32], style: Style) -> npt.NDArray[np.int64]:
    """How many dots each cell shows; -1 for a sign that is no pattern of dots."""
    known = {int(code): mask.bit_count() for mask, code in reversed(list(enumerate(STYLES[style].glyphs)))}
    return np.array([[known.get(int(code), -1) for code in row] for row in glyphs])


def axes(draw: st.DrawFn, low: float, high: float) -> Axis:
    scale = draw(scales)
    ends = sorted((draw(st.floats(low, high)), draw(st.floats(low, high))))
    if scale == "log":
        ends = [max(ends[0], 1e-3), max(ends[1], 1e-3)]
    return Axis(ends[0], ends[1], scale, 0.5)


@st.composite
def plots(
    draw: st.DrawFn, rising: bool
) -> tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Axis, Axis, int, int]:
    count = draw(st.integers(0, 60))
    x = np.array(draw(st.lists(st.floats(-10, 10) if rising else numbers, min_size=count, max_size=count)), np.float64)
    y = np.array(draw(st.lists(numbers, min_size=count, max_size=count)), np.float64)
    across, up = axes(draw, -12, 12), axes(draw, -12, 12)
    return np.sort(x) if rising else x, y, across, up, draw(st.integers(1, 12)), draw(st.integers(1, 6))


@settings(max_examples=300, deadline=None)
@given(plots(rising=True))
def test_every_dot_of_a_rising_curve(
    plot: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Axis, Axis, int, int],
) -> None:
    x, y, across, up, width, height = plot
    trace = trace_curve(Curve(x, y), Window(across, up), width, height)
    np.testing.assert_array_equal(dots_of(trace, height * 4), brute_dots(x, y, across, up, width * 2, height * 4))


@settings(max_examples=300, deadline=None)
@given(plots(rising=False))
def test_every_dot_of_a_curve_that_goes_to_and_fro(
    plot: tuple[npt.NDArray[np.float64], npt.NDArray[np.float64], Axis, Axis, int, int],
) -> None:
    x, y, across, up, width, height = plot
    curve = Curve(x, y, turns=np.arange(1, len(x)))  # as if it turned at every point, so that the general way is taken
    trace = trace_curve(curve, Window(across, up), width, height)
    np.testing.assert_array_equal(dots_of(trace, height * 4), brute_dots(x, y, across, up, width * 2, height * 4))


@pytest.mark.parametrize("jitter", [0.0, 40.0])
@pytest.mark.parametrize("bad", [False, True])
@pytest.mark.parametrize("kind", ["f8", "f4"])
def test_pyramid_changes_nothing(jitter: float, bad: bool, kind: str) -> None:
    rng = np.random.default_rng(3)
    count = 150_000
    x = np.arange(count) + rng.normal(size=count) * jitter
    y = np.cumsum(rng.normal(size=count)).astype(kind)
    if bad:
        y[rng.integers(0, count, 50)] = np.nan
        y[70_000:90_000] = np.nan
        y[rng.integers(0, count, 20)] = np.inf
    for scale in ("linear", "log"):
        for low, high in ((0, count), (1000, 140_000), (69_990, 90_010), (500, 700), (5.5, 5.75)):
            window = Window(
                Axis(low, high),
                Axis(float(np.nanmin(y[np.isfinite(y)])), 400.0) if scale == "linear" else Axis(0.1, 400.0, "log"),
            )
            fast = trace_curve(Curve(x, y, pyramid=Pyramid(y)), window, 60, 10)
            slow = trace_curve(Curve(x, y, pyramid=NoBlocks(y)), window, 60, 10)
            np.testing.assert_array_equal(dots_of(fast, 40), dots_of(slow, 40))
            np.testing.assert_array_equal(fast.flags, slow.flags)


class NoBlocks(Pyramid):
    """Looks at every value."""

    def update(self, values: npt.ArrayLike, keep: int | None = None) -> None:
        super().update(values, keep)
        self._count = 0


def test_integer_steps_are_drawn_like_floats() -> None:
    rng = np.random.default_rng(0)
    x = np.cumsum(rng.integers(1, 9, 5000))
    y = rng.normal(size=5000)
    for low, high in ((0, 25000), (100.5, 200.25), (-50, 50), (24000, 1e9), (7, 7)):
        window = Window(Axis(low, high), Axis(-4, 4))
        whole, real = (trace_curve(Curve(each, y), window, 50, 8) for each in (x, x.astype(np.float64)))
        np.testing.assert_array_equal(dots_of(whole, 32), dots_of(real, 32))


def test_largest_and_smallest_steps() -> None:
    x = np.array([-(2**63), -1, 0, 1, 2**63 - 1])
    window = Window(Axis(float(x[0]), float(x[-1])), Axis(0, 4))
    dots = dots_of(trace_curve(Curve(x, np.arange(5.0)), window, 20, 5), 20)
    assert dots[19, 0]
    assert dots[0, 39]
    assert dots.any(axis=0).all()


@pytest.mark.parametrize("at", [0, 1, BLOCK, 4_999_999, 7_654_321, 9_999_999])
def test_one_spike_in_ten_million_points_is_seen(ten_million: tuple[npt.NDArray[np.float32], Pyramid], at: int) -> None:
    flat, _ = ten_million
    values = flat.copy()
    values[at] = 1.0
    curve = Curve(np.arange(len(values)), values, pyramid=Pyramid(values), turns=NO_TURNS)
    for reach in (10_000_000, 3_000_000, 100_000, 1000, 10):
        window = Window(Axis(max(at - reach, 0), min(at + reach * 0.7, len(values) - 1)), Axis(-0.1, 1.1))
        dots = dots_of(trace_curve(curve, window, 80, 12), 48)
        assert dots[:6].any(), reach


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(0, 9_999_999), st.floats(0, 7), st.floats(0, 1), st.integers(4, 90))
def test_a_spike_anywhere_is_seen_at_any_zoom_that_contains_it(
    ten_million: tuple[npt.NDArray[np.float32], Pyramid], at: int, zoom: float, share: float, width: int
) -> None:
    values, pyramid = ten_million
    values[at] = 1.0
    pyramid.update(values, keep=at)
    low = max(at - 10**zoom * share, 0.0)
    high = min(max(at + 10**zoom * (1 - share), low + 1.0, float(at)), 9_999_999.0)
    low = min(low, high - 1.0)
    curve = Curve(np.arange(len(values)), values, pyramid=pyramid, turns=NO_TURNS)
    dots = dots_of(trace_curve(curve, Window(Axis(low, high), Axis(-0.1, 1.1)), width, 12), 48)
    values[at] = 0.0
    pyramid.update(values, keep=at)
    place = min(int((at - low) / (high - low) * width * 2), width * 2 - 1)
    assert dots[:5, max(place - 1, 0) : place + 2].any()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.floats(-5, 5), min_size=2, max_size=30), st.floats(0, 0.98), st.floats(0.001, 1))
def test_a_curve_zoomed_in_runs_to_both_borders(y: list[float], start: float, part: float) -> None:
    last = len(y) - 1
    low, high = start * last, min(start + part, 1.0) * last
    window = Window(Axis(low, high), Axis(-6, 6))
    dots = dots_of(trace_curve(Curve(np.arange(len(y)), np.array(y)), window, 30, 10), 40)
    assert dots.any(axis=0).all()


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.floats(-5, 5), min_size=20, max_size=20), min_size=2, max_size=5), st.integers(0, 4))
def test_every_dot_of_every_curve_stays_where_curves_overlap(rows: list[list[float]], focus: int) -> None:
    window = Window(Axis(0, 19), Axis(-5, 5))
    curves = [Curve(np.arange(20), np.array(row), number) for number, row in enumerate(rows)]
    together = draw_curves(curves, window, 16, 8, focus=focus % len(curves))
    alone = [draw_curves([curve], window, 16, 8) for curve in curves]
    blank = ord(" ")
    dots = [np.where(cells.glyphs == blank, 0x2800, cells.glyphs) for cells in alone]
    expected = np.bitwise_or.reduce(dots)  # braille characters are numbered by their dots
    np.testing.assert_array_equal(np.where(together.glyphs == blank, 0x2800, together.glyphs), expected)
    mine = alone[focus % len(curves)].colors >= 0
    assert (together.colors[mine] == focus % len(curves)).all()
    for row, column in np.argwhere(~mine & (together.colors >= 0)).tolist():
        assert alone[together.colors[row, column]].colors[row, column] >= 0


@pytest.fixture(scope="module")
def ten_million() -> tuple[npt.NDArray[np.float32], Pyramid]:
    flat = np.zeros(10_000_000, np.float32)
    return flat, Pyramid(flat)


def test_curves_run_on_to_the_border_when_zoomed() -> None:
    x, y = np.array([0.0, 100.0]), np.array([0.0, 1.0])
    dots = dots_of(trace_curve(Curve(x, y), Window(Axis(40, 60), Axis(0, 1)), 30, 10), 40)
    assert dots.any(axis=0).all()
    assert abs(int(np.argmax(dots[:, 0])) - 23) <= 1  # 0.4 of the way up
    assert abs(int(np.argmax(dots[:, -1])) - 16) <= 1


def test_a_line_that_leaves_the_plot_is_drawn_to_its_edge() -> None:
    x, y = np.arange(3.0), np.array([0.5, 9.0, 0.5])
    dots = dots_of(trace_curve(Curve(x, y), Window(Axis(0, 2), Axis(0, 1)), 40, 10), 40)
    assert dots[0].sum() >= 2  # up through the upper edge and down again
    assert not dots[:, 40].any()  # out of sight in between


def test_gaps_stay_gaps() -> None:
    y = np.ones(100)
    y[40:60] = np.nan
    dots = dots_of(trace_curve(Curve(np.arange(100.0), y), Window(Axis(0, 99), Axis(0, 2)), 50, 4), 16)
    held = dots.any(axis=0)
    assert held[:40].all()
    assert not held[41:60].any()
    assert held[61:].all()


@pytest.mark.parametrize("style", STYLE_NAMES)
def test_single_points_can_be_seen(style: Style) -> None:
    y = np.array([np.nan, 0.5, np.nan])
    cells = draw_curves([Curve(np.arange(3.0), y, 0xFF0000)], Window(Axis(0, 2), Axis(0, 1)), 21, 5, style)
    assert cells.to_text().strip() == chr(STYLES[style].point)
    assert cells.glyphs[2, 10] == STYLES[style].point
    assert cells.colors[2, 10] == 0xFF0000


def test_overlapping_curves_both_stay_visible() -> None:
    x = np.arange(200.0)
    one, other = Curve(x, x * 0 + 0.5, 0x111111), Curve(x, x / 199, 0x222222)
    window = Window(Axis(0, 199), Axis(0, 1))
    both = as_dots(draw_curves([one, other], window, 40, 10).glyphs, "braille")
    alone = [as_dots(draw_curves([curve], window, 40, 10).glyphs, "braille") for curve in (one, other)]
    assert (both >= np.maximum(*alone)).all()
    assert both.sum() > max(part.sum() for part in alone)
    colors = draw_curves([one, other], window, 40, 10).colors
    assert {0x111111, 0x222222} <= set(colors.ravel().tolist())


def test_shared_cells_go_to_the_focused_curve_else_to_the_one_with_most_dots() -> None:
    x = np.arange(200.0)
    flat = Curve(x, x * 0 + 0.5, 0x111111)
    dense = Curve(x, np.where(x % 2 == 0, 0.0, 1.0), 0x222222)
    window = Window(Axis(0, 199), Axis(0, 1))
    row = 2
    assert set(draw_curves([flat, dense], window, 20, 5).colors[row]) == {0x222222}
    assert set(draw_curves([flat, dense], window, 20, 5, focus=0).colors[row]) == {0x111111}
    assert set(draw_curves([flat, dense], window, 20, 5, focus=0).colors[0]) == {0x222222}


def test_dim_curves_lie_behind() -> None:
    x = np.arange(100.0)
    raw = Curve(x, np.where(x % 2 == 0, 0.0, 1.0), 0x123456, dim=True)
    smooth = Curve(x, x * 0 + 0.5, 0x123456)
    window = Window(Axis(0, 99), Axis(0, 1))
    cells = draw_curves([raw, smooth], window, 20, 5)
    line = draw_curves([smooth], window, 20, 5)
    np.testing.assert_array_equal(cells.glyphs[2], line.glyphs[2])
    assert (cells.attrs[2] == 0).all()
    assert (cells.attrs[[0, 1, 3, 4]] == DIM).all()


def test_focus_counts_the_curves_as_given() -> None:
    x = np.arange(10.0)
    curves = [Curve(x, x, 1, dim=True), Curve(x, x, 2), Curve(x, x, 3)]
    colors = draw_curves(curves, Window(Axis(0, 9), Axis(0, 9)), 8, 4, focus=2).colors
    assert set(colors.ravel().tolist()) == {-1, 3}


def test_curves_are_traced_together_as_they_are_alone() -> None:
    rng = np.random.default_rng(5)
    curves = [Curve(np.sort(rng.normal(size=40)), rng.normal(size=40)) for _ in range(5)]
    curves.insert(2, Curve(rng.normal(size=40), rng.normal(size=40)))
    window = Window(Axis(-2, 2), Axis(-1, 1))
    for curve, trace in zip(curves, trace_curves(curves, window, 30, 8), strict=True):
        np.testing.assert_array_equal(dots_of(trace, 32), dots_of(trace_curve(curve, window, 30, 8), 32))


def test_many_curves_at_once() -> None:
    x = np.arange(50.0)
    curves = [Curve(x, x * 0 + number, number) for number in range(200)]
    cells = draw_curves(curves, Window(Axis(0, 49), Axis(0, 199)), 30, 50)
    assert set(cells.colors.ravel().tolist()) == set(range(200)) or len(set(cells.colors.ravel().tolist())) >= 50
    assert (as_dots(cells.glyphs, "braille") == 8).all()


@settings(max_examples=60, deadline=None)
@given(
    st.lists(numbers, max_size=30),
    st.lists(numbers, max_size=30),
    st.integers(0, 40),
    st.integers(0, 20),
    st.sampled_from(STYLE_NAMES),
    scales,
    scales,
)
def test_no_numbers_and_no_size_are_too_odd(
    x: list[float], y: list[float], width: int, height: int, style: Style, across: str, up: str
) -> None:
    count = min(len(x), len(y))
    curve = Curve(np.array(x[:count], np.float64), np.array(y[:count], np.float64))
    for low, high in ((1.0, 2.0), (5e-324, 1.7e308), (1e-300, 2e-300), (3.0, 3.0)):
        window = Window(Axis(low, high, across), Axis(low, high, up))  # type: ignore[arg-type]
        cells = draw_curves([curve, curve], window, width, height, style, markers=["a", "b"])
        assert cells.glyphs.shape == (height, width)


def test_markers_tell_curves_apart_without_colours() -> None:
    x = np.arange(300.0)
    curves = [Curve(x, x * 0 + height) for height in (0.2, 0.8)]
    text = draw_curves(curves, Window(Axis(0, 299), Axis(0, 1)), 60, 10, markers=["o", "x"]).to_text()
    rows = text.split("\n")
    assert [row for row in rows if "o" in row] != [row for row in rows if "x" in row]
    assert 3 <= text.count("o") <= 10
    assert 3 <= text.count("x") <= 10


@pytest.mark.parametrize("style", ["braille", "blocks", "ascii"])
def test_another_focus_is_drawn_from_what_was_kept(style: Style) -> None:
    rng = np.random.default_rng(4)
    window, kept = Window(Axis(0, 40), Axis(-2, 2)), Kept()
    curves = [Curve(np.arange(40), rng.normal(size=40), number, stamp=number) for number in range(9)]
    behind = [Curve(np.arange(40), rng.normal(size=40), 100 + number, dim=True) for number in range(9)]
    for focus in (3, 7, 0):
        both = [behind[focus], *curves]
        traces = trace_curves(both, window, 20, 6, style, kept)
        got = draw_traces(traces, both, 20, 6, style, 1 + focus, kept=kept)
        expected = draw_curves(both, window, 20, 6, style, 1 + focus)
        for one, other in ((got.glyphs, expected.glyphs), (got.colors, expected.colors), (got.attrs, expected.attrs)):
            np.testing.assert_array_equal(one, other)
    assert len(kept.traces) == 9
    curves[4] = Curve(np.arange(40), rng.normal(size=40), 4, stamp="new")
    drawn = draw_traces(trace_curves(curves, window, 20, 6, style, kept), curves, 20, 6, style, kept=kept)
    np.testing.assert_array_equal(drawn.glyphs, draw_curves(curves, window, 20, 6, style).glyphs)
    np.testing.assert_array_equal(drawn.colors, draw_curves(curves, window, 20, 6, style).colors)
    before = list(kept.traces)
    for fewer in (curves[:3] + curves[5:], curves, curves[::-1]):
        drawn = draw_traces(trace_curves(fewer, window, 20, 6, style, kept), fewer, 20, 6, style, kept=kept)
        np.testing.assert_array_equal(drawn.glyphs, draw_curves(fewer, window, 20, 6, style).glyphs)
        np.testing.assert_array_equal(drawn.colors, draw_curves(fewer, window, 20, 6, style).colors)
    assert kept.traces[::-1][0] is before[0]  # a curve that stayed was not looked at again


def test_curves_that_go_to_and_fro_are_traced_in_parts() -> None:
    rng = np.random.default_rng(5)
    window, size = Window(Axis(0, 1), Axis(0, 1)), (20, 6)
    winding = [Curve(rng.random(30_000), rng.random(30_000), number, stamp=number) for number in range(3)]
    curves = [winding[0], Curve(np.linspace(0, 1, 9), rng.random(9), 9, stamp="rising"), *winding[1:]]
    kept = Kept()
    parts = 0
    for part in trace_ahead(curves, window, *size, "braille", kept):
        before = len(kept.traces)
        assert part is not None
        part()
        parts += 1
        assert len(kept.traces) > before
    assert parts == 3
    known = list(kept.traces)
    traces = trace_curves(curves, window, *size, "braille", kept)
    assert {id(trace) for trace in traces} >= {id(trace) for trace in known}
    assert not list(trace_ahead(curves, window, *size, "braille", kept))
    drawn = draw_traces(traces, curves, *size, kept=kept)
    np.testing.assert_array_equal(drawn.glyphs, draw_curves(curves, window, *size).glyphs)


NO_TURNS = np.empty(0, np.int64)


@pytest.mark.parametrize("style", ["braille", "ascii"])
def test_hundreds_of_curves_are_traced_and_united_in_parts(monkeypatch: pytest.MonkeyPatch, style: Style) -> None:
    monkeypatch.setattr(module, "_BITE", 20_000)
    monkeypatch.setattr(module, "_MANY_BITS", 40_000)
    rng = np.random.default_rng(6)
    window, size = Window(Axis(0, 19), Axis(-2, 2), Axis(-1, 5)), (30, 8)
    curves = [
        Curve(np.arange(20), rng.normal(size=20), n, stamp=n, turns=NO_TURNS, dashed=n % 3 == 0, right=n % 5 == 0)
        for n in range(700)
    ]
    behind = Curve(np.arange(20), rng.normal(size=20), 999, dim=True)
    kept, parts, known = Kept(), 0, 0
    for part in trace_ahead([behind, *curves], window, *size, style, kept):
        assert part is None  # they are done where keys are answered, as short as they are
        parts += 1
        assert len(kept.traces) - known < 400
        known = len(kept.traces)
    assert parts > 10
    assert len(kept.traces) == 700
    assert kept.union is not None

    def never(*_: object) -> None:
        raise AssertionError("was united before")

    expected = draw_curves([behind, *curves], window, *size, style, 7)
    monkeypatch.setattr(module, "_unite", never)
    traces = trace_curves(curves, window, *size, style, kept)
    got = draw_traces(traces, curves, *size, style, 6, kept=kept)
    monkeypatch.undo()
    alone = draw_curves(curves, window, *size, style, 6)
    np.testing.assert_array_equal(got.glyphs, alone.glyphs)
    np.testing.assert_array_equal(got.colors, alone.colors)
    both = draw_traces(
        trace_curves([behind, *curves], window, *size, style, kept), [behind, *curves], *size, style, 7, kept=kept
    )
    np.testing.assert_array_equal(both.glyphs, expected.glyphs)
    np.testing.assert_array_equal(both.colors, expected.colors)
    assert not [part for part in trace_ahead(curves, window, *size, style, kept) if part is not None]
