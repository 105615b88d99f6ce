"""Which curves lie on top, and which are faint."""

from __future__ import annotations

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.charts.canvas import Curve, Window, draw_traces, trace_curves
from tbtui.charts.cells import DIM
from tests.dashboards.helpers import Page, scalars

RUNS = {name: {"loss": np.linspace(number, number + 1, 50)} for number, name in enumerate("abcd")}


def faint(page: Page) -> set[str]:
    """The runs some of whose curve is faint in full screen."""
    found = set()
    cells = page.dashboard.pane.cells
    assert cells is not None
    chart = page.dashboard.full.chart
    assert chart is not None
    rows = slice(chart.plot.row, chart.plot.row + chart.plot.height)
    for entry in page.dashboard.entries():
        here = (cells.colors[rows] == entry.color) & (cells.attrs[rows] & DIM != 0) & (cells.glyphs[rows] >= 0x2800)
        if here.any():
            found.add(entry.run.name)
    return found


async def test_only_the_focused_marked_and_pinned_runs_keep_their_colour() -> None:
    async with scalars(RUNS) as page:
        page.view.smoothing = 0.0
        page.view.focused_run = "b"
        await page.press("O", "O", "enter")
        assert faint(page) == set()
        await page.press("full_stop")
        assert faint(page) == {"a", "c", "d"}
        assert page.notice.startswith("All runs faint")
        await page.press("j", "M")
        assert faint(page) == {"a", "b", "d"}
        page.view.top_runs = ["a"]
        await page.press("k")
        assert faint(page) == {"d"}
        await page.press("full_stop")
        assert faint(page) == set()


def test_what_is_pinned_lies_on_top_of_others_but_not_of_the_focused_curve() -> None:
    x = np.arange(20)
    curves = [Curve(x, np.full(20, 0.5), color) for color in (1, 2, 3)]
    curves[0].y = np.tile([0.45, 0.55], 10)  # the most dots
    window = Window(Axis(0, 19), Axis(0, 1))
    traces = trace_curves(curves, window, 10, 1)

    def colors(focus: int | None, on_top: tuple[int, ...]) -> set[int]:
        cells = draw_traces(traces, curves, 10, 1, focus=focus, on_top=on_top)
        return set(cells.colors[cells.glyphs >= 0x2801].tolist())

    assert colors(None, ()) == {1}
    assert colors(None, (1,)) == {2}
    assert colors(None, (1, 2)) == {3}
    assert colors(1, (2,)) == {2}


async def test_a_pin_changes_the_colour_of_shared_cells() -> None:
    runs = {name: {"loss": np.full(50, 1.0)} for name in "abc"}
    async with scalars(runs) as page:
        page.view.smoothing = 0.0
        page.view.focused_run = "a"
        colors = {entry.run.name: entry.color for entry in page.model.tag_entries("loss")}
        page.view.top_runs = ["c"]
        page.view.hidden = {"a"}
        await page.press("enter")
        cells = page.dashboard.pane.cells
        assert cells is not None
        assert (cells.colors[cells.glyphs >= 0x2801] == colors["c"]).all()
