"""Keys of the x axis: logarithmic, and another tag."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.charts.chart import Chart
from tbtui.dashboards.scalars.subjects import Subject
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store, new_store, noisy


def chart_of(page: Page, tag: str) -> Chart:
    """The chart of a tag on the page."""
    slot = next(slot for slot in page.grid.current.slots if slot.tag == tag)
    chart = page.grid.chart_at(slot)
    assert chart is not None
    return chart


def full_chart(page: Page) -> Chart:
    """The full-screen chart."""
    chart = page.dashboard.full.chart
    assert chart is not None
    return chart


def shown_x(page: Page) -> tuple[float, float]:
    axis = full_chart(page).window.x
    return axis.low, axis.high


async def test_a_logarithmic_x_axis() -> None:
    async with scalars({"a": {"loss": noisy(1000)}}) as page:
        before = page.text
        await page.press("X")
        assert page.view.x_log
        assert "logarithmic" in page.notice
        axis = chart_of(page, "loss").window.x
        assert (axis.scale, axis.low, axis.high) == ("log", 1, 999)
        assert "◂" in page.text  # step 0 has no place, and that is said
        assert "100" in page.text
        await page.press("X")
        assert page.notice == "x axis: linear"
        assert page.text == before


async def test_zoom_and_pan_on_a_logarithmic_axis() -> None:
    async with scalars({"a": {"loss": noisy(10_001)}}) as page:
        await page.press("X", "enter", "z")
        low, high = shown_x(page)
        assert (low, high) == (pytest.approx(100), 10_000)
        assert "◂" not in page.text  # there is more to the left than what has no place
        await page.press("<")
        low, high = shown_x(page)
        assert (low, high) == (pytest.approx(10**1.5), pytest.approx(10**3.5))
        await page.press(*"<" * 8)
        assert "nothing more" in page.notice
        assert shown_x(page)[0] == 1
        assert "◂" in page.text
        await page.press("Z")
        assert shown_x(page) == (1, 10_000)
        await page.press(*"z" * 40)
        assert "no closer" in page.notice
        low, high = shown_x(page)
        assert high == 10_000
        assert high - low >= 1
        await page.press("0")
        assert shown_x(page) == (1, 10_000)


async def test_the_cursor_on_a_logarithmic_axis() -> None:
    async with scalars({"a": {"loss": noisy(1000)}}) as page:
        await page.press("X", "enter", "home")
        assert page.model.cursor == 0  # left of every place, and still read
        chart = full_chart(page)
        assert [(one.x, one.y) for one in chart.readings] == [
            (0, page.store.run("a").scalars["loss"].points().values[0])
        ]
        await page.press("right")
        assert page.model.cursor == 1
        await page.press("z", "colon", *"500", "enter")
        assert page.model.cursor == 500
        low, high = shown_x(page)
        assert low < 500 < high
        await page.press("z")
        middle = full_chart(page).window.x.fraction([500])[0]
        assert 0 < middle < 1
        await page.press("end", "right")
        assert page.model.cursor == 999
        assert shown_x(page)[1] == 999


async def test_a_zoomed_logarithmic_axis_follows_the_newest_point() -> None:
    store = make_store({"a": {"loss": noisy(1000)}})
    async with scalars(store) as page:
        await page.press("X", "enter", "z")
        before = shown_x(page)
        add_points(store, "a", "loss", noisy(9000))
        await page.data()
        after = shown_x(page)
        assert after[1] >= 9_999
        assert after[1] / after[0] == pytest.approx(before[1] / before[0])


async def test_the_wall_clock_has_no_logarithm() -> None:
    async with scalars() as page:
        await page.press("x", "x", "x", "X")
        assert page.view.x_axis == "wall"
        assert not page.view.x_log
        assert "no zero" in page.notice
        await page.press("x", "X", "x", "escape", "x", "x", "x")
        assert page.view.x_log
        assert page.view.x_axis == "wall"
        assert "linear" in page.notice
        assert chart_of(page, "loss").window.x.scale == "linear"


@pytest.mark.parametrize("axis", ["relative_step", "relative", "index"])
async def test_other_axes_can_be_logarithmic(axis: str) -> None:
    async with scalars() as page:
        page.view.x_axis, page.view.x_log = axis, True
        page.dashboard.view_changed()
        await page.settle()
        shown = chart_of(page, "loss").window.x
        assert (shown.scale, shown.low, shown.high) == ("log", 1, 199)
        assert "◂" in page.text


def with_epochs() -> object:
    """Two runs of which one says its epochs, a step later and every tenth step."""
    store = new_store("a", "b")
    add_points(store, "a", "loss", noisy(200), steps=range(200))
    add_points(store, "b", "loss", noisy(200), steps=range(200))
    add_points(store, "a", "train/epoch", np.arange(20.0), steps=range(1, 200, 10))
    return store


async def test_a_tag_as_the_x_axis() -> None:
    async with scalars(with_epochs()) as page:  # type: ignore[arg-type]
        await page.press("x", "x", "x", "x", "x")
        await page.screen.pilot.pause()
        picker = page.screen.app.screen
        assert type(picker).__name__ == "TagPicker"
        lines = picker.query_one("ChoiceLines")
        assert [choice.tag for choice in lines.shown] == ["train/epoch", "loss"]  # type: ignore[attr-defined]
        assert lines.shown[0].words == "1/2 runs"  # type: ignore[attr-defined]
        await page.press("down", "down", "up", "enter")
        assert page.view.x_axis == "tag:train/epoch"
        assert page.notice == "x axis: train/epoch, at the same step"
        chart = chart_of(page, "loss")
        assert (chart.window.x.low, chart.window.x.high) == (0, 19)
        assert "1 of 2 lack train/epoch" in page.text
        await page.press("enter", "end")
        assert page.model.cursor == 19
        readings = page.model.read(page.dashboard.entries())
        assert [(one.entry.run.name, one.step) for one in readings] == [("a", 199)]
        await page.press("left")
        assert page.model.cursor == 18
        await page.press("x")
        assert page.view.x_axis == "step"
        assert page.model.cursor == 190  # the same point: the last of its epoch
        await page.press("x", "x", "x", "x", "x", "enter")
        assert page.view.x_axis == "tag:train/epoch"  # the one of before is chosen at first
        assert page.model.cursor == 18


async def test_a_tag_is_typed_and_the_choice_can_be_left() -> None:
    async with scalars() as page:
        await page.press("x", "x", "x", "x", "x", *"lr")
        lines = page.screen.app.screen.query_one("ChoiceLines")
        assert [choice.tag for choice in lines.shown] == ["train/lr"]  # type: ignore[attr-defined]
        await page.press("x", "enter")
        assert "no tag matches" in "".join(segment.text for strip in lines.paint(40, 5) for segment in strip)  # type: ignore[attr-defined]
        await page.press("escape")
        assert page.view.x_axis == "step"


async def test_no_run_has_the_tag() -> None:
    async with scalars() as page:
        page.view.x_axis = "tag:nothing"
        page.dashboard.view_changed()
        await page.settle()
        assert "no run here has nothing" in page.text
        await page.press("enter", "right", "z", "<", "v", "y", "X")
        assert "no run here has nothing" in page.text


async def test_a_tag_that_falls_is_an_axis_too() -> None:
    store = new_store("a")
    add_points(store, "a", "loss", np.linspace(5, 1, 100), steps=range(100))
    add_points(store, "a", "lr", np.linspace(1.0, 0.1, 100), steps=range(100))
    async with scalars(store) as page:
        page.view.x_axis = "tag:lr"
        page.dashboard.view_changed()
        await page.settle()
        axis = chart_of(page, "loss").window.x
        assert (axis.low, axis.high) == (pytest.approx(0.1), pytest.approx(1.0))
        await page.press("X")
        assert chart_of(page, "loss").window.x.scale == "log"


async def test_points_come_while_a_tag_is_the_axis() -> None:
    store = with_epochs()
    async with scalars(store) as page:  # type: ignore[arg-type]
        page.view.x_axis = "tag:train/epoch"
        page.dashboard.view_changed()
        await page.settle()
        add_points(store, "a", "loss", noisy(50), steps=range(200, 250))  # type: ignore[arg-type]
        await page.data()
        (a, _) = page.model.tag_entries("loss")
        assert a.line.x("tag")[-1] == 19
        add_points(store, "a", "train/epoch", [30.0], steps=[225])  # type: ignore[arg-type]
        await page.data()
        assert list(a.line.x("tag")[224:226]) == [19, 30]
        assert chart_of(page, "loss").window.x.high >= 30


async def test_superseded_points_stand_where_the_tag_was_then() -> None:
    store = new_store()
    add_points(store, "a", "epoch", [0.0, 0.0, 1.0, 1.0, 2.0])
    add_points(store, "a", "loss", [5.0, 4.0, 3.0, 2.0, 1.0])
    add_points(store, "a", "epoch", [10.0], steps=[2])
    add_points(store, "a", "loss", [9.0], steps=[2])
    async with scalars(store) as page:
        page.view.x_axis, page.view.superseded = "tag:epoch", True
        entries = page.model.tag_entries("loss")
        page.model.update(entries)
        spec = page.model.spec(Subject(("loss",)), entries)
        assert spec.curves[0].dim
        assert spec.curves[0].x.tolist() == [1, 1, 2]
        assert spec.curves[0].y.tolist() == [3, 2, 1]
        assert spec.curves[-1].x.tolist() == [0, 0, 10]


async def test_tags_of_a_run_share_their_places_while_their_steps_are_the_same() -> None:
    store = make_store({run: {"epoch": np.arange(40) // 8, "acc": noisy(40), "loss": noisy(40, 3)} for run in "ab"})
    async with scalars(store) as page:
        page.view.x_axis = "tag:epoch"
        page.screen.app.changed()
        await page.settle()
        acc, loss = ({e.run.name: e.line.joined for e in page.model.tag_entries(tag)} for tag in ("acc", "loss"))
        assert acc["a"].x is loss["a"].x
        assert acc["a"].x is not acc["b"].x
        add_points(store, "a", "epoch", [7.0])
        add_points(store, "a", "acc", [1.0])
        await page.data()
        loss = {e.run.name: e.line.joined for e in page.model.tag_entries("loss")}
        acc = {e.run.name: e.line.joined for e in page.model.tag_entries("acc")}
        np.testing.assert_array_equal(acc["a"].x, [*(np.arange(40) // 8), 7])
        np.testing.assert_array_equal(loss["a"].x, np.arange(40) // 8)
        page.view.x_axis = "step"
        page.screen.app.changed()
        await page.settle()
        assert page.model.lines.joins == {}
