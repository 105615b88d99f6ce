"""Zooming in on the y axis, by keys and by the mouse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events

from tbtui.analysis.axes import Axis
from tbtui.charts.canvas import Window
from tbtui.dashboards.scalars.subjects import Subject
from tbtui.dashboards.scalars.y_zoom import YZoom
from tbtui.settings import View
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store

LOSS = Subject(("loss",))


class Alone(YZoom):
    """Without charts."""

    def __init__(self) -> None:
        super().__init__()
        self.session = type("Session", (), {"view": View()})()


def axis_of(page: Page) -> Axis:
    chart = page.dashboard.full.chart if page.dashboard.mode == "chart" else None
    assert chart is not None
    return chart.window.y


@given(
    st.sampled_from([Axis(0.0, 8.0), Axis(-3.0, 5.0, "symlog"), Axis(0.01, 100.0, "log")]),
    st.lists(st.floats(-10, 110), min_size=1, max_size=12),
)
def test_each_step_in_shows_half_and_keeps_the_value_in_its_place(whole: Axis, values: list[float]) -> None:
    zoom, axis = Alone(), whole
    for value in values:
        place = float(axis.fraction(np.array([value]))[0])
        assert zoom.y_zoom_in(LOSS, axis, value)
        closer = zoom.y_zoom(LOSS)
        assert closer is not None
        ends = axis.fraction(np.array([closer.low, closer.high]))
        assert ends[1] - ends[0] == pytest.approx(0.5)
        if 0 <= place <= 1:
            assert float(closer.fraction(np.array([value]))[0]) == pytest.approx(place, abs=1e-6)
        axis = closer
    for _ in values:
        assert zoom.y_zoom(LOSS) is not None
        assert zoom.y_zoom_out(LOSS, axis)
        axis = zoom.y_zoom(LOSS) or whole
    assert zoom.y_zoom(LOSS) is None
    assert not zoom.y_zoom_out(LOSS, whole)


def test_there_is_a_closest_zoom() -> None:
    zoom, axis = Alone(), Axis(0.0, 1.0)
    for _ in range(100):
        if not zoom.y_zoom_in(LOSS, axis, 0.7):
            break
        axis = zoom.y_zoom(LOSS) or axis
    assert 0 < axis.high - axis.low < 1e-6
    assert not zoom.y_zoom_in(LOSS, axis, 0.7)


async def test_keys_zoom_in_at_the_cursor_and_out_and_fit() -> None:
    async with scalars({"a": {"loss": np.linspace(0, 100, 101)}}) as page:
        page.view.smoothing = 0.0
        await page.press("O", "O", "enter", "home")
        whole = axis_of(page)
        await page.press("circumflex_accent")
        assert axis_of(page).low == pytest.approx(whole.low / 2)  # 0, where the cursor is, stays in its place
        assert axis_of(page).high - axis_of(page).low == pytest.approx((whole.high - whole.low) / 2)
        await page.press("underscore")
        assert axis_of(page) == whole
        assert page.notice != "The y axis shows what its range asks for (O)"
        await page.press("underscore")
        assert page.notice == "The y axis shows what its range asks for (O)"
        await page.press("circumflex_accent", "circumflex_accent", "z", "0")
        assert axis_of(page) == whole
        assert "Everything" not in page.notice


async def test_a_zoomed_axis_stands_still_while_points_are_added_and_each_scale_has_its_own() -> None:
    store = make_store({"a": {"loss": np.linspace(1, 100, 101)}})
    async with scalars(store) as page:
        await page.press("enter", "circumflex_accent")
        zoomed = axis_of(page)
        add_points(store, "a", "loss", [1e6] * 50)
        await page.data()
        assert axis_of(page) == zoomed
        await page.press("y")
        assert axis_of(page).scale == "log"
        assert axis_of(page).high > 1000
        await page.press("y", "y")
        assert axis_of(page) == zoomed


async def test_a_chart_with_two_axes_keeps_them() -> None:
    runs = {"a": {"loss": np.linspace(1, 2, 20), "lr": np.linspace(1e-4, 2e-4, 20)}}
    async with scalars(runs) as page:
        await page.press("V", "l", "V", "home", "enter")
        assert page.model.right_tags(page.dashboard.full.subject)  # type: ignore[arg-type]
        before = axis_of(page)
        await page.press("circumflex_accent")
        assert "two y axes" in page.notice
        assert axis_of(page) == before


async def test_dragging_moves_what_is_zoomed() -> None:
    async with scalars({"a": {"loss": np.linspace(0, 100, 1001)}}) as page:
        await page.press("enter", "z", "circumflex_accent")
        chart = page.dashboard.full.chart
        assert chart is not None
        before, plot = chart.window, chart.plot

        async def move(kind: type[events.MouseEvent], x: int, y: int, button: int = 1) -> Window:
            """The pointer is at a cell of the plot."""
            x, y = plot.col + x, plot.row + y
            event = kind(page.dashboard.pane, x, y, 0, 0, button, False, False, False, x, y)
            page.dashboard.pane.post_message(event)
            await page.settle()
            assert page.dashboard.full.chart is not None
            return page.dashboard.full.chart.window

        await move(events.MouseDown, 5, 5)
        now = await move(events.MouseMove, 5 + plot.width // 2, 5)
        half = (before.x.high - before.x.low) / 2
        assert now.x.low == pytest.approx(before.x.low - half, abs=10)
        assert now.y == before.y
        now = await move(events.MouseMove, 5 + plot.width // 2, 7)
        assert now.y.low == pytest.approx(before.y.low + (before.y.high - before.y.low) * 2 / plot.height)
        await move(events.MouseUp, 5 + plot.width // 2, 7)
        await move(events.Click, 5 + plot.width // 2, 7)
        assert await move(events.MouseMove, 5, 5, 0) == now
        assert page.model.cursor is None  # what was dragged was not clicked
        await move(events.MouseDown, 9, 5)
        await move(events.MouseUp, 9, 5)
        await move(events.Click, 9, 5)
        assert page.model.cursor is not None
