"""Bars and ridges: what is drawn where, in any size."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.charts.bars import Ridges, bar_cells, draw_bars, draw_ridges, mixed, ridge_count
from tbtui.charts.cells import BOLD
from tbtui.charts.heat import HeatSpec, stretched
from tbtui.charts.palette import Shading


def spec(**more: object) -> HeatSpec:
    return HeatSpec(stretched(np.zeros((1, 1))), Axis(-1, 1), Axis(0, 1), x_kind="number", **more)  # type: ignore[arg-type]


def test_bars_are_as_high_as_they_should() -> None:
    cells = bar_cells(np.array([1.0, 0.5, 0.25, 0.0, 1e-9]), 2, 5, 7)
    assert cells.to_text() == "█\n██▄ ▁"
    assert cells.colors.tolist() == [[7, -1, -1, -1, -1], [7, 7, 7, -1, 7]]
    assert bar_cells(np.array([1.0, np.nan]), 1, 4, plain=True).to_text() == "##"
    assert bar_cells(np.array([0.1, 0.9]), 3, 4, plain=True).to_text().isascii()


def test_bars_have_axes() -> None:
    found = draw_bars(
        HeatSpec(lambda rows, columns: np.ones((1, 30)), Axis(-1, 1), Axis(0, 500), title="w", x_kind="number"), 60, 14
    )
    text = found.cells.to_text()
    assert "w" in text.split("\n")[0]
    assert "500" in text or "400" in text
    assert text.count("█") == found.plot.width * found.plot.height


def ridges(profiles: np.ndarray, **more: object) -> Ridges:
    count = len(profiles)
    wide = lambda columns: np.repeat(profiles, -(-columns // profiles.shape[1]), axis=1)[:, :columns]  # noqa: E731
    places = np.linspace(0, 1, count) if count > 1 else np.ones(count)
    return Ridges(spec(title="w"), wide, places, [0x100000 * (n + 1) for n in range(count)], **more)  # type: ignore[arg-type]


def test_the_newest_ridge_is_in_front() -> None:
    flat = np.full((2, 4), 1.0)
    found = draw_ridges(ridges(flat), 40, 20)
    plot = found.plot
    colors = found.cells.colors[plot.row : plot.row + plot.height, plot.col :]
    rows = [np.flatnonzero((colors == color).any(axis=1)) for color in (0x100000, 0x200000)]
    assert rows[0].max() < rows[1].min()
    assert rows[0].min() == 0


def test_what_is_behind_is_hidden() -> None:
    low_behind = np.array([[0.05] * 4, [1.0] * 4])
    made = ridges(low_behind)
    made.places, made.colors = np.array([0.9, 1.0]), [1, 2]
    one = draw_ridges(made, 40, 20)
    assert not (one.cells.colors == 1).any()


def test_the_one_at_the_cursor_stands_out() -> None:
    found = draw_ridges(ridges(np.full((3, 4), 0.5), strong={1: 0xFF9E3D}), 40, 20)
    strong = found.cells.colors == 0xFF9E3D
    assert strong.any()
    assert (found.cells.attrs[strong] & BOLD > 0).all()


def test_labels_stand_beside_their_ridges() -> None:
    found = draw_ridges(ridges(np.full((3, 4), 0.5), labels=[(0.0, "0"), (0.01, "1"), (1.0, "400")]), 40, 20)
    lines = found.cells.to_text().split("\n")
    assert sum("┤" in line for line in lines) == 2
    assert any(line.startswith("400┤") for line in lines)


@given(
    st.integers(0, 60), st.integers(0, 24), st.integers(0, 5), st.booleans(),
    st.sampled_from(("truecolor", "256", "16", "none")),
)  # fmt: skip
def test_any_size(width: int, height: int, count: int, plain: bool, system: str) -> None:
    made = ridges(np.random.default_rng(count).random((count, 6)) if count else np.zeros((0, 6)))
    made.spec.shading = Shading(system, 0x101010, True, plain)  # type: ignore[arg-type]
    cells = draw_ridges(made, width, height).cells
    assert (cells.height, cells.width) == (height, width)
    assert not plain or cells.to_text().isascii()
    bars = draw_bars(made.spec, width, height).cells
    assert (bars.height, bars.width) == (height, width)


@pytest.mark.parametrize(("height", "least", "most"), [(5, 2, 3), (14, 7, 9), (30, 18, 22), (500, 48, 48)])
def test_as_many_ridges_as_there_is_room_for(height: int, least: int, most: int) -> None:
    assert least <= ridge_count(height) <= most


def test_mixed_colours() -> None:
    assert mixed(0xFF0000, 0x000000, 0.5) == 0x800000
    assert mixed(-1, 0, 0.5) == mixed(5, -1, 0.5) == -1


def test_tops_of_other_bars() -> None:
    spec = HeatSpec(lambda rows, columns: np.array([[1.0, 0.25]]), Axis(0, 2), Axis(0, 1))
    found = draw_bars(spec, 8, 8, 0x00FF00, np.array([0.5, 1.0, 0.0, 0.0]), 0xFFFFFF)
    top = found.cells.glyphs == ord("━")
    plot = found.plot
    assert found.cells.backs is not None
    columns = top[:, plot.col : plot.col + plot.width].any(axis=0)
    assert columns[: plot.width // 2].all()
    assert not columns[plot.width // 2 :].any()
    assert (found.cells.colors[top] == 0xFFFFFF).all()
    assert 0x00FF00 in found.cells.backs[top]  # the bar goes on behind it


def test_axes_are_named_where_there_is_room() -> None:
    spec = HeatSpec(lambda rows, columns: np.array([[1.0]]), Axis(0, 95), Axis(0, 11_900), names=("value", "count"))
    lines = draw_bars(spec, 60, 20).cells.to_text().split("\n")
    assert any("value" in line for line in lines[-2:])
    assert any(line.startswith("count") for line in lines)
    assert "value" not in draw_bars(spec, 8, 4).cells.to_text()
