"""Keys that say which values the y axis shows: modes, typed limits, one range for a group."""

from __future__ import annotations

import numpy as np

from tbtui.analysis.axes import Axis
from tbtui.analysis.ranges import tensorboard_axis
from tbtui.dashboards.scalars.ranging import limits_text
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store, noisy


def y_axis(page: Page, tag: str) -> Axis:
    """What the chart of a tag shows of its y axis, as it was drawn."""
    slot = next(slot for slot in page.grid.current.slots if slot.tag == tag)
    chart = page.grid.chart_at(slot)
    assert chart is not None
    return chart.window.y


async def type_in(page: Page, text: str) -> None:
    page.dashboard.query_one("#limits-line").value = text  # type: ignore[attr-defined]
    await page.press("enter")


async def test_the_modes_in_turn() -> None:
    values = 5.0 + noisy(40)
    values[7] = 9.0
    async with scalars({"a": {"loss": values}}) as page:
        await page.press(*"SSSSSS")
        assert page.view.y_range == "robust"
        assert y_axis(page, "loss") == tensorboard_axis([values])
        assert y_axis(page, "loss").high < 9
        assert "▴" in page.text  # what is out of the range is not out of sight
        await page.press("O")
        assert page.view.y_range == "auto"
        assert "far outliers" in page.notice
        await page.press("O")
        assert page.view.y_range == "full"
        assert 0 < y_axis(page, "loss").low < y_axis(page, "loss").high
        assert y_axis(page, "loss").high >= 9
        await page.press("O")
        assert page.view.y_range == "zero"
        assert y_axis(page, "loss").low == 0
        await page.press("O")
        assert page.view.y_range == "robust"
        assert "5 to 95 %" in page.notice


async def test_limits_are_typed_for_one_chart() -> None:
    async with scalars() as page:
        before = page.text
        await page.press("b")
        await type_in(page, "-3..8.5")
        assert (y_axis(page, "acc").low, y_axis(page, "acc").high) == (-3, 8.5)
        assert y_axis(page, "loss") != y_axis(page, "acc")
        assert page.notice == "acc has the y range -3.0..8.5"
        await page.press("b", "escape")
        assert page.view.limits == {"acc": (-3.0, 8.5)}
        await page.press("b")
        await type_in(page, "4..1")
        assert "must be below" in page.notice
        assert page.view.limits == {"acc": (-3.0, 8.5)}
        await page.press("b")
        await type_in(page, "")
        assert page.view.limits == {}
        assert page.text == before


async def test_one_end_is_typed_and_stays_while_data_come() -> None:
    store = make_store({"a": {"loss": np.linspace(5.0, 4.0, 30)}})
    async with scalars(store) as page:
        page.view.limits["loss"] = (0.0, None)
        add_points(store, "a", "loss", np.full(60, 9.0))
        await page.data()
        assert y_axis(page, "loss").low == 0.0
        assert y_axis(page, "loss").high >= 9.0


async def test_the_charts_of_a_group_share_their_range() -> None:
    store = make_store({"a": {"m/one": np.linspace(0.0, 1.0, 50), "m/two": np.linspace(5.0, 9.0, 50), "x": noisy(50)}})
    async with scalars(store) as page:
        page.view.smoothing = 0.0
        assert y_axis(page, "m/one").high < 2
        await page.press("E")
        assert y_axis(page, "m/one") == y_axis(page, "m/two")
        assert (y_axis(page, "m/one").low, y_axis(page, "m/one").high >= 9) == (0, True)
        assert y_axis(page, "x").high < 5
        add_points(store, "a", "m/two", np.full(80, 30.0))
        await page.data()
        assert y_axis(page, "m/one") == y_axis(page, "m/two")
        assert y_axis(page, "m/one").high >= 30
        await page.press("E")
        assert y_axis(page, "m/one").high < 2


def test_limits_are_written_as_they_are_typed() -> None:
    assert limits_text((None, None)) == ""
    assert limits_text((0.5, None)) == "0.5.."
    assert limits_text((None, 1e-9)) == "..1e-09"


async def test_the_weight_of_smoothing_is_typed() -> None:
    async with scalars({"a": {"loss": noisy(40)}}) as page:
        for text, wanted in (("0.95", 0.95), ("0", 0.0), ("much", 0.0), ("1", 0.0), ("0.999", 0.999)):
            await page.press("at")
            line = page.dashboard.query_one("#smoothing-line")
            assert line.has_focus
            line.value = text  # type: ignore[attr-defined]
            await page.press("enter")
            assert page.view.smoothing == wanted
            assert ("is no number from 0 to 0.999" in page.notice) == (text in ("much", "1"))
