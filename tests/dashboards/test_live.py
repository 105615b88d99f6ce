"""While data grow: only what changed is drawn and sent, and the picture is the one of a fresh look."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator

import numpy as np
import pytest
from textual.geometry import Region

from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.dashboards.painter import Painter
from tbtui.dashboards.scalars import grid as grid_module
from tbtui.widgets.chart_panel import ChartPanel, changed_regions
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store, noisy


def refreshed_cells(page: Page, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Counts of cells that each refresh of the pane asks for, from now on."""
    counts: list[int] = []
    show = page.dashboard.pane.show
    monkeypatch.setattr(page.dashboard.painter, "_show", lambda cells: counts.append(show(cells)))
    return counts


async def test_a_new_point_refreshes_a_few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store({"a": {f"t{i}": noisy(1000, i) for i in range(4)}})
    async with scalars(store, size=(200, 60)) as page:
        add_points(store, "a", "t0", [0.1])
        await page.data()
        counts = refreshed_cells(page, monkeypatch)
        for _ in range(5):
            add_points(store, "a", "t0", [0.1])
            await page.data()
        assert 0 < sum(counts) < 5 * 200


async def test_nothing_new_refreshes_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scalars() as page:
        counts = refreshed_cells(page, monkeypatch)
        page.store.version += 1
        await page.data()
        assert sum(counts) == 0


async def test_only_charts_whose_data_changed_are_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    async with scalars() as page:
        drawn = []
        draw = grid_module.draw_curves_only
        monkeypatch.setattr(
            grid_module, "draw_curves_only", lambda spec, *rest: (drawn.append(spec.title), draw(spec, *rest))[1]
        )
        add_points(page.store, "b", "loss", [0.5])
        await page.data()
        assert drawn == ["loss"]
        await page.press("left_square_bracket", "left_square_bracket", "l", "v")
        assert drawn == ["loss"]


async def test_growing_ends_with_the_picture_of_a_fresh_look() -> None:
    values = noisy(400)
    store = make_store({"a": {"loss": values[:100]}})
    async with scalars(store) as page:
        for end in (101, 150, 399, 400):
            add_points(store, "a", "loss", values[len(store.run("a").scalars["loss"].points().steps) : end])  # type: ignore[union-attr]
            await page.data()
        window = page.grid.chart_at(page.grid.current.slots[0]).window  # type: ignore[union-attr]
        grown = page.text
    assert window.x.high >= 399
    async with scalars({"a": {"loss": values}}) as fresh:
        assert fresh.lines[0] == grown.split("\n")[0]


async def test_axes_stand_still_while_points_are_added() -> None:
    store = make_store({"a": {"loss": noisy(1000)}})
    async with scalars(store) as page:
        windows = set()
        for number in range(40):
            add_points(store, "a", "loss", noisy(5, number))
            await page.data()
            windows.add(page.grid.chart_at(page.grid.current.slots[0]).window)  # type: ignore[union-attr]
        assert len(windows) <= 3


async def test_new_runs_and_tags_appear() -> None:
    store = make_store({"a": {"loss": noisy(10)}})
    async with scalars(store) as page:
        add_points(store, "b", "new/tag", noisy(10))
        await page.data()
        assert [slot.tag for slot in page.grid.current.slots] == ["loss", "new/tag"]
        assert page.focus == "loss"


async def test_changes_of_the_theme_change_the_colours_and_nothing_else() -> None:
    async with scalars() as page:
        before, cells = page.text, page.dashboard.pane.cells
        await page.press("T")
        await page.settle()
        after = page.dashboard.pane.cells
        assert page.text == before
        assert cells is not None
        assert after is not None
        assert (cells.colors != after.colors).any()


async def test_lines_that_are_out_of_sight_are_given_back(monkeypatch: pytest.MonkeyPatch) -> None:
    from tbtui.dashboards.scalars import lines as lines_module

    monkeypatch.setattr(lines_module.Lines.trim, "__defaults__", (0,))
    async with scalars({"a": {f"t{i:03}": noisy(100, i) for i in range(100)}}) as page:
        for _ in range(5):
            await page.press("n")
        assert len(page.model.lines) <= len(page.grid.current.slots) + 2  # and what the pages beside begin with


# --- the panel


def cells_of(*rows: str) -> Cells:
    cells = blank(len(rows), len(rows[0]))
    for number, row in enumerate(rows):
        cells.put(number, 0, row)
    return cells


def test_changed_stretches_of_rows() -> None:
    old = cells_of("." * 40, "." * 40, "." * 40)
    new = cells_of("." * 40, "..x..x" + "." * 30 + "x...", "." * 40)
    assert changed_regions(old, new) == [Region(2, 1, 4, 1), Region(36, 1, 1, 1)]
    assert changed_regions(old, old) == []
    assert changed_regions(old, cells_of("#" * 40, "#" * 40, "#" * 40)) is None
    assert changed_regions(old, blank(2, 2)) is None
    colored = old.copy()
    colored.colors[2, 5] = 0xFF0000
    assert changed_regions(old, colored) == [Region(5, 2, 1, 1)]


async def test_the_panel_shows_its_cells_in_their_colours() -> None:
    from textual.app import App, ComposeResult

    class Alone(App[None]):
        def compose(self) -> ComposeResult:
            yield ChartPanel()

    app = Alone()
    async with app.run_test(size=(12, 3)) as pilot:
        panel = app.query_one(ChartPanel)
        cells = blank(2, 8)
        cells.put(0, 0, "ab", 0x102030, BOLD)
        cells.put(0, 3, "c", -1, REVERSE)
        cells.put(1, 0, "漢字")
        panel.show(cells)
        await pilot.pause()
        strip = panel.render_line(0)
        assert strip.text == "ab c        "
        first = next(iter(strip))
        assert first.style is not None
        assert first.style.color is not None
        assert first.style.bold
        assert first.style.color.get_truecolor() == (0x10, 0x20, 0x30)
        assert [segment.text for segment in strip if segment.style and segment.style.reverse] == ["c"]
        assert panel.render_line(1).text == "漢字" + " " * 8
        assert panel.render_line(1).cell_length == 12
        assert panel.render_line(2).text == " " * 12


# --- the painter


class Slow:
    """A sight whose work comes in pieces."""

    fresh = True

    def __init__(self, pieces: int, work: Callable[[], None] | None = None) -> None:
        self.pieces, self.work, self.begun, self.finished = pieces, work, 0, 0

    def steps(self) -> Iterator[Callable[[], None] | None]:
        self.begun += 1
        for _ in range(self.pieces):
            yield self.work
        self.finished += 1

    def compose(self) -> Cells:
        return blank(1, 1)


async def seen_at_once() -> None:
    await asyncio.sleep(0)


def painter_of(sight: Slow | None, shown: list[Cells]) -> Painter:
    return Painter(lambda: sight, shown.append, asyncio.create_task, seen_at_once)


async def test_long_work_is_done_in_a_thread() -> None:
    import threading

    threads: list[threading.Thread] = []
    sight, shown = Slow(3, lambda: threads.append(threading.current_thread())), []
    painter = painter_of(sight, shown)
    painter.paint()
    assert painter.busy
    await painter.settled()
    assert len(threads) == 3
    assert threading.main_thread() not in threads
    assert shown


async def test_a_key_begins_anew_and_new_data_wait_their_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tbtui.dashboards.painter.SLICE", 0.0)
    for hurry, finished in ((True, 1), (False, 2)):
        sight = Slow(50)
        painter = painter_of(sight, [])
        painter.paint()
        for _ in range(10):
            await asyncio.sleep(0)
        painter.paint(hurry=hurry)
        await painter.settled()
        assert (sight.begun, sight.finished) == (2, finished)


async def test_data_that_came_while_it_was_painted_wait_until_it_has_rested(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tbtui.dashboards.painter.SLICE", 0.0)
    monkeypatch.setattr("tbtui.dashboards.painter.SHORT", 0.0)
    sight, waiting = Slow(20), list[Callable[[], None]]()
    painter = painter_of(sight, [])
    painter._later = lambda delay, then: waiting.append(then)
    painter.paint()
    for _ in range(5):
        await asyncio.sleep(0)
    for _ in range(3):
        painter.follow()
    while not waiting:
        await asyncio.sleep(0)
    assert (sight.begun, sight.finished, len(waiting), painter.busy) == (1, 1, 1, True)
    painter.paint(hurry=True)  # a key: what came is painted with what it changes, and need not be once more
    for _ in range(100):
        await asyncio.sleep(0)
    assert sight.finished == 2
    waiting[0]()
    await painter.settled()
    assert (sight.begun, sight.finished) == (2, 2)


async def test_what_a_key_brings_is_seen_before_more_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    order, pressed = list[str](), [0.0]

    class Telling(Slow):
        fresh = False

        def steps(self) -> Iterator[Callable[[], None] | None]:
            for number in range(6):
                order.append(f"piece {number}")
                if number == 2:
                    pressed[0] = time.perf_counter()
                yield None

    async def seen() -> None:
        order.append("seen")

    monkeypatch.setattr("tbtui.dashboards.painter.LATE", 100.0)
    sight = Telling(6)
    painter = Painter(lambda: sight, lambda cells: None, asyncio.create_task, seen, pressed=lambda: pressed[0])
    painter.paint()
    await painter.settled()
    assert order == ["piece 0", "piece 1", "piece 2", "seen", "piece 3", "piece 4", "piece 5"]


async def test_nothing_to_paint_is_no_harm() -> None:
    painter = painter_of(None, [])
    painter.paint()
    await painter.settled()
    assert not painter.busy


def test_what_is_shown_of_many_points_is_exact() -> None:
    """One spike among a million points is in the cells."""
    from tbtui.dashboards.scalars.model import Model
    from tbtui.dashboards.scalars.subjects import Subject
    from tbtui.widgets.session import Session

    values = np.zeros(1_000_000, np.float32)
    values[765_432] = 5.0
    model = Model(Session(make_store({"a": {"loss": values}})))
    model.session.view.smoothing = 0
    model.session.view.y_range = "full"
    entries = model.entries(Subject(("loss",)))
    model.update(entries)
    spec = model.spec(Subject(("loss",)), entries)
    assert spec.window is not None
    assert spec.window.y.high >= 5
    chart = grid_module.draw_curves_only(spec, 60, 15)
    top = chart.cells.glyphs[chart.plot.row : chart.plot.row + 4, chart.plot.col :]
    assert ((top >= 0x2800) & (top < 0x2900)).any()


async def test_axes_of_what_was_half_read_are_forgotten_when_all_is_read() -> None:
    from tbtui.logdir.updates import Progress

    store = make_store({"a": {"loss": np.linspace(5.0, 4.0, 30)}})
    async with scalars(store) as page:
        page.model._loaded = False
        store.progress = Progress(1, 2, 1, quiet=False)
        add_points(store, "a", "loss", np.full(3000, 2.6))
        await page.data()
        store.progress = Progress(2, 2, 1, quiet=True)
        store.version += 1
        await page.data()
        window = page.grid.chart_at(page.grid.current.slots[0]).window  # type: ignore[union-attr]
    async with scalars(store) as fresh:
        assert fresh.grid.chart_at(fresh.grid.current.slots[0]).window == window  # type: ignore[union-attr]
