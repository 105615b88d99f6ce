"""Overlays of tags whose values differ much in size, and raw values as a band."""

from __future__ import annotations

import numpy as np

from tbtui.dashboards.scalars.subjects import Subject
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store, noisy

RATES = {
    "a": {"loss": np.linspace(4.0, 1.0, 200), "lr": np.linspace(0.0, 1e-3, 200), "val": np.linspace(3.0, 2.0, 200)}
}


async def overlay(page: Page, *tags: str) -> None:
    """Mark these charts, and open the one that has all of them."""
    page.view.marked = list(tags)
    page.dashboard.view_changed()
    await page.settle()
    await page.press("home", "enter")
    subject = page.dashboard.full.subject
    assert subject is not None
    assert subject.tags == tags


async def test_tags_of_other_size_have_an_axis_of_their_own() -> None:
    async with scalars(RATES) as page:
        page.view.smoothing = 0.0
        await overlay(page, "loss", "lr", "val")
        chart = page.dashboard.full.chart
        assert chart is not None
        left, right = chart.window.y, chart.window.right
        assert right is not None
        assert (left.low <= 1 < 4 <= left.high, right.high) == (True, 0.001)
        assert page.model.right_tags(page.dashboard.full.subject) == {"lr"}  # type: ignore[arg-type]
        plot = chart.plot
        rows = [chart.cells.line(row)[plot.col + plot.width :] for row in range(plot.row, plot.row + plot.height)]
        assert all(row[0] in "│├" for row in rows)
        assert rows[0].startswith("├0.0010")
        assert "lr (right)" in page.text
        assert "▌ loss (right)" not in page.text
        await page.press("colon", *"100", "enter")
        chart = page.dashboard.full.chart
        assert chart is not None
        points = page.store.run("a").scalars["lr"].points()
        assert sorted(one.y for one in chart.readings)[0] == points.values[100]
        discs = [row for row in range(plot.height) if "●" in chart.cells.line(plot.row + row)]
        middle = float(right.fraction(points.values[100]))
        expected = round((1 - middle) * (4 * plot.height - 1)) // 4
        assert expected in discs  # on its own axis


async def test_one_axis_is_enough() -> None:
    async with scalars(RATES) as page:
        await overlay(page, "loss", "val")
        assert page.dashboard.full.chart.window.right is None  # type: ignore[union-attr]
        assert "(right)" not in page.text
    async with scalars(RATES) as page:
        await overlay(page, "loss", "lr")
        await page.press("y")  # a logarithmic axis has room for all sizes
        assert page.dashboard.full.chart.window.right is None  # type: ignore[union-attr]
        assert "(right)" not in page.text
        await page.press("y", "y")
        assert "lr (right)" in page.text


async def test_the_second_axis_stands_still_while_data_come() -> None:
    store = make_store(RATES)
    async with scalars(store) as page:
        await overlay(page, "loss", "lr")
        before = page.dashboard.full.chart.window.right  # type: ignore[union-attr]
        add_points(store, "a", "lr", np.full(5, 9e-4))
        await page.data()
        assert page.dashboard.full.chart.window.right == before  # type: ignore[union-attr]
        add_points(store, "a", "lr", np.full(400, 5e-3))
        await page.data()
        assert page.dashboard.full.chart.window.right.high >= 5e-3  # type: ignore[union-attr]


async def test_raw_values_are_a_curve_or_a_band_or_nothing() -> None:
    async with scalars({"a": {"loss": noisy(3000)}}) as page:
        page.view.smoothing = 0.9
        page.dashboard.view_changed()
        await page.settle()
        faint = page.text
        await page.press("tilde")
        assert page.view.raw == "envelope"
        assert "band" in page.notice
        band = page.text
        await page.press("tilde")
        assert page.view.raw == "none"
        bare = page.text
        assert len({faint, band, bare}) == 3
        assert sum(char > "⠀" for char in bare) < sum(char > "⠀" for char in band)
        await page.press("tilde")
        assert page.text == faint
        page.view.smoothing = 0.0
        await page.press("tilde")
        assert "smoothing is off" in page.notice


async def test_names_of_overlaid_curves_say_what_tells_them_apart() -> None:
    store = {run: {"train/loss": noisy(20), "val/loss": noisy(20)} for run in ("a", "b")}
    async with scalars(store) as page:
        page.view.pairs = False
        entries = page.model.entries(Subject(("train/loss", "val/loss")))
        assert [entry.name for entry in entries] == ["train · a", "val · a", "train · b", "val · b"]
        page.view.hidden.add("b")
        assert [entry.name for entry in page.model.entries(Subject(("train/loss", "val/loss")))] == ["train", "val"]
