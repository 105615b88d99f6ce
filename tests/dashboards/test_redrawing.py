"""What is not drawn, or worked out, a second time."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from tbtui.dashboards.scalars import grid as grid_module
from tbtui.dashboards.scalars.grid import SHORT
from tbtui.logdir.updates import Progress
from tests.dashboards.helpers import TWO_RUNS, scalars
from tests.support.scalars import add_points, make_store, noisy

MANY_RUNS = {f"run{n:02}": {"loss": noisy(20, n), "acc": noisy(20, 50 + n)} for n in range(24)}


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The titles of charts, as their curves are drawn."""
    titles: list[str] = []
    real: Callable[..., object] = grid_module.draw_curves_only

    def noted(spec: object, *rest: object) -> object:
        titles.append(spec.title)  # type: ignore[attr-defined]
        return real(spec, *rest)

    monkeypatch.setattr(grid_module, "draw_curves_only", noted)
    return titles


async def test_another_order_of_many_runs_draws_no_chart(drawn: list[str]) -> None:
    async with scalars(MANY_RUNS) as page:
        page.view.focused_run = "run03"
        await page.press("y", "y", "y")
        before, order = page.text, [run.name for run in page.screen.session.visible_runs()]
        drawn.clear()
        page.view.run_order = "last"
        await page.press("U")
        assert [run.name for run in page.screen.session.visible_runs()] != order
        assert (page.text, drawn) == (before, [])


async def test_what_is_switched_back_is_not_drawn_again_and_can_be_read(drawn: list[str]) -> None:
    async with scalars(TWO_RUNS) as page:
        before = page.text
        await page.press("s")
        assert page.text != before
        drawn.clear()
        await page.press("S")
        assert (page.text, drawn) == (before, [])
        entries = page.model.tag_entries("loss")
        assert {entry.line.weight for entry in entries} == {page.view.smoothing}
        await page.press("left_square_bracket")  # the cursor is written over curves that are kept
        assert page.text != before
        assert drawn == []


async def test_charts_that_were_kept_are_drawn_again_when_points_were_added(drawn: list[str]) -> None:
    async with scalars(TWO_RUNS) as page:
        await page.press("s")
        add_points(page.store, "a", "loss", [0.0] * 5)
        drawn.clear()
        await page.press("S")
        assert "loss" in drawn


async def test_the_next_page_begins_with_curves_that_are_ready() -> None:
    tags = {f"t{n:03}": noisy(20, n) for n in range(60)}
    long = {f"t{n:03}": noisy(SHORT + 1, n) for n in range(60)}
    for runs, ready in (({"a": tags}, True), ({"a": long}, False)):
        async with scalars(runs) as page:
            await page.screen.pilot.app.workers.wait_for_complete()
            tag = page.grid.pages[1].slots[0].tag
            (entry,) = page.model.tag_entries(tag)
            assert (len(entry.line) > 0) == ready
            await page.press("n")
            assert tag == page.focus


async def test_looking_whether_files_have_grown_paints_nothing() -> None:
    store = make_store(TWO_RUNS)
    async with scalars(store) as page:
        await page.data()
        asked = 0

        def follow() -> None:
            nonlocal asked
            asked += 1

        page.dashboard.painter.follow = follow  # type: ignore[method-assign]
        for quiet in (False, True, False, True):
            store.apply([Progress(1, 1, 2, quiet=quiet)])
            page.dashboard.update_data()
        assert asked == 0
        store.apply([Progress(1, 2, 2, quiet=False)])
        add_points(store, next(iter(TWO_RUNS)), "loss", [1.0])
        page.dashboard.update_data()
        assert asked == 1
        store.apply([Progress(2, 2, 2, quiet=True)])
        page.dashboard.update_data()  # once more when all is read: what pages hold may depend on it
        page.dashboard.update_data()
        assert asked == 2


async def test_new_data_wait_after_a_long_painting_and_keys_are_painted_at_once() -> None:
    store = make_store(TWO_RUNS)
    async with scalars(store) as page:
        painter, asked = page.dashboard.painter, list[bool]()
        paint, waiting = painter.paint, list[tuple[float, Callable[[], None]]]()
        painter.paint = lambda hurry=False: (asked.append(hurry), paint(hurry))[1]  # type: ignore[method-assign]
        painter._later = lambda delay, then: waiting.append((delay, then))
        painter.seconds, painter._ended = 0.6, time.perf_counter()
        for _ in range(2):
            store.changes += 1
            page.dashboard.update_data()
        assert asked == []
        assert [1 < delay < 2 for delay, _ in waiting] == [True]
        assert painter.busy
        waiting[0][1]()
        await page.settle()
        assert asked == [False]
        painter.seconds, painter._ended = 0.6, time.perf_counter()
        page.dashboard.view_changed()
        assert asked == [False, True]
        await page.settle()
        painter.seconds, painter._ended = 0.6, time.perf_counter() - 7.0
        store.changes += 1
        page.dashboard.update_data()
        assert asked == [False, True, False]
        await page.settle()
