"""Groups of runs as a mean with a band."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tbtui.charts.cells import DIM
from tbtui.dashboards.scalars.grouped import GroupLine, band_at
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.subjects import Subject
from tbtui.settings import View
from tbtui.store import Store
from tbtui.widgets.session import Session
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import START, add_points, new_store

VALUES = {"a/0": [4.0, 2.0, 1.0], "a/1": [6.0, 4.0, 2.0], "a/2": [8.0, 3.0, 0.0], "b/0": [9.0, 8.0, 7.0]}


def store_of(values: dict[str, list[float]] = VALUES) -> Store:
    store = new_store()
    for run, column in values.items():
        add_points(store, run, "loss", column)
    return store


def joined(store: Store, band: str = "std", **view: object) -> dict[str, GroupLine]:
    """The groups of a store by directory, by name."""
    model = Model(Session(store, View(grouping="directory", group_band=band, smoothing=0.0)))
    for name, value in view.items():
        setattr(model.session.view, name, value)
    entries = model.entries(Subject(("loss",)))
    model.update(entries)
    return {entry.run.name.strip(): entry.line for entry in entries if isinstance(entry.line, GroupLine)}


def stack(*names: str) -> npt.NDArray[np.float64]:
    return np.array([VALUES[name] for name in names])


@pytest.mark.parametrize("band", ["std", "stderr", "minmax"])
def test_aligned_steps_are_those_of_numpy(band: str) -> None:
    line, rows = joined(store_of(), band)["a"], stack("a/0", "a/1", "a/2")
    mean, std = rows.mean(axis=0), rows.std(axis=0, ddof=1)
    spread = std / np.sqrt(3) if band == "stderr" else std
    low, high = (rows.min(axis=0), rows.max(axis=0)) if band == "minmax" else (mean - spread, mean + spread)
    np.testing.assert_array_equal(line.shown(), mean)
    np.testing.assert_array_equal(line.low, low)
    np.testing.assert_array_equal(line.high, high)
    assert line.n.tolist() == [3, 3, 3]
    assert line.points.steps.tolist() == [0, 1, 2]


series = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(series, st.integers(0, 5), st.integers(1, 4)), min_size=1, max_size=4),
    st.sampled_from(["std", "stderr", "minmax"]),
)
def test_steps_of_any_kind_are_joined_by_straight_lines(runs: list[tuple[list[float], int, int]], band: str) -> None:
    store = new_store()
    for number, (values, first, every) in enumerate(runs):
        add_points(store, f"a/{number}", "loss", values, steps=first + every * np.arange(len(values)))
    line = joined(store, band)["a"]
    places = [first + every * np.arange(len(values)) for values, first, every in runs]
    union = np.unique(np.concatenate(places))
    rows = np.array(
        [np.interp(union, x, values, left=np.nan, right=np.nan) for x, (values, _, _) in zip(places, runs, strict=True)]
    )
    n = (~np.isnan(rows)).sum(axis=0)
    assert line.points.steps.tolist() == union.tolist()
    assert line.n.tolist() == n.tolist()
    for column, count in enumerate(n):
        found = rows[:, column][~np.isnan(rows[:, column])]
        if not count:
            assert np.isnan(line.shown()[column])
            continue
        spread = found.std(ddof=1) if count > 1 else 0.0
        spread = spread / np.sqrt(count) if band == "stderr" else spread
        ends = (found.min(), found.max()) if band == "minmax" else (found.mean() - spread, found.mean() + spread)
        assert line.low is not None
        assert line.high is not None
        got = [line.shown()[column], line.low[column], line.high[column]]
        np.testing.assert_allclose(got, [found.mean(), *ends], rtol=1e-9, atol=1e-6)


def test_smoothing_comes_before_joining() -> None:
    store = store_of()
    line = joined(store, smoothing=0.9)["a"]
    model = Model(Session(store, View(smoothing=0.9)))
    entries = model.entries(Subject(("loss",)))
    model.update(entries)
    rows = np.array([entry.line.shown() for entry in entries[:3]])
    np.testing.assert_array_equal(line.shown(), rows.mean(axis=0))
    np.testing.assert_allclose(line.high, rows.mean(axis=0) + rows.std(axis=0, ddof=1))
    np.testing.assert_array_equal(line.points.values, stack("a/0", "a/1", "a/2").mean(axis=0))


@pytest.mark.parametrize("mode", ["step", "relative_step", "relative", "wall", "index"])
def test_runs_are_joined_by_what_the_x_axis_counts(mode: str) -> None:
    store = new_store()
    add_points(store, "a/0", "loss", [4.0, 2.0], steps=[10, 20], walls=[START, START + 10])
    add_points(store, "a/1", "loss", [6.0, 4.0], steps=[30, 40], walls=[START + 100, START + 110])
    line = joined(store, x_axis=mode)["a"]
    expected = {"step": [10, 20, 30, 40], "relative_step": [0, 10], "relative": [0, 10], "index": [0, 1]}
    expected["wall"] = [START, START + 10, START + 100, START + 110]
    assert line.x(mode).tolist() == expected[mode]
    assert line.n.tolist() == ([2, 2] if len(expected[mode]) == 2 else [1, 1, 1, 1])


@asynccontextmanager
async def grouped(store: Store, options: dict[str, Any] | None = None, **view: object) -> AsyncIterator[Page]:
    """The dashboard with this view."""
    async with scalars(store, **(options or {})) as page:
        for name, value in {"smoothing": 0.0, **view}.items():
            setattr(page.view, name, value)
        page.screen.app.changed()
        await page.settle()
        yield page


async def drawn_store(page: Page) -> list[str]:
    return [entry.name for entry in page.dashboard.entries()]


async def test_g_draws_groups_and_percent_changes_their_band() -> None:
    async with grouped(store_of()) as page:
        assert len(page.dashboard.entries()) == 4
        await page.press("g")
        assert await drawn_store(page) == ["a n=3", "b n=1"]
        assert "mean ± std, n=3" in page.text
        seen = {page.text}
        for words, notice in (
            ("mean ± stderr", "standard error"),
            ("mean, min to max", "from minimum to maximum"),
            ("mean", "as their mean"),
        ):
            await page.press("%")
            assert words in page.text
            assert notice in page.notice
            seen.add(page.text)
        assert len(seen) == 4
        await page.press("%")
        assert "each run by itself" in page.notice
        assert len(page.dashboard.entries()) == 4
        await page.press("%")
        assert "in the colour of its group" in page.notice
        assert len(page.dashboard.entries()) == 4
        await page.press("%")
        assert await drawn_store(page) == ["a n=3", "b n=1"]


async def test_the_band_is_drawn_in_the_colour_of_its_group() -> None:
    wide = {f"a/{n}": [float(n), float(n) + 1] for n in range(5)} | {f"b/{n}": [n + 2.0, n + 2.5] for n in range(5)}
    async with grouped(store_of(wide), grouping="directory", group_band="minmax") as page:
        cells = page.dashboard.pane.cells
        assert cells is not None
        dim = cells.attrs & DIM != 0
        one, other = (entry.color for entry in page.dashboard.entries())
        assert one != other
        assert (dim & (cells.colors == one)).sum() > 100
        assert (dim & (cells.colors == other)).sum() > 100
        both = {tuple(row) for row in np.argwhere(dim & (cells.colors == one))}
        beside = {(row, col + 1) for row, col in np.argwhere(dim & (cells.colors == other)).tolist()}
        assert len(both & beside) > 20  # they take turns where they overlap


async def test_ampersand_draws_the_runs_of_unfolded_groups() -> None:
    async with scalars(store_of()) as page:
        await page.press("&")
        assert "not in groups" in page.notice
        await page.press("g", "&")
        assert "behind the means" in page.notice
        assert [entry.behind for entry in page.dashboard.entries()] == [False, True, True, True, False, True]
        page.view.folded_runs = {"a"}
        await page.data()
        assert [entry.behind for entry in page.dashboard.entries()] == [False, False, True]
        await page.press("&")
        assert page.notice == "Groups hide their runs"


async def test_full_screen_tells_of_the_band_at_the_cursor() -> None:
    async with grouped(store_of()) as page:
        await page.press("g", "enter", "home")
        assert page.dashboard.mode == "chart"
        assert "band low" in page.text
        row = next(line for line in page.lines if line.startswith("▌ a n=3"))
        assert row.split()[3:7] == ["6", "4", "8", "3"]
        reading = page.model.read(page.dashboard.entries())[0]
        assert band_at(reading) == (4.0, 8.0, 3)
        await page.press("j")
        assert page.view.focused_group == "b"
        await page.press("l", "v", "l", "v")
        assert "change" in page.text
        assert " -1 " in next(line for line in page.lines if line.startswith("▌ b n=1"))


async def test_live_data_move_the_mean() -> None:
    store = store_of()
    async with grouped(store) as page:
        await page.press("g")
        for run in ("a/0", "a/1", "a/2"):
            add_points(store, run, "loss", [30.0])
        await page.data()
        line = page.dashboard.entries()[0].line
        assert line.shown()[-1] == 30.0
        assert len(line) == 4


async def test_hidden_runs_do_not_count() -> None:
    async with grouped(store_of()) as page:
        await page.press("g")
        page.view.hidden = {"a/2"}
        page.screen.app.changed()
        await page.settle()
        line = page.dashboard.entries()[0].line
        assert line.shown().tolist() == [5.0, 3.0, 1.5]
        assert (await drawn_store(page))[0] == "a n=2"


async def test_no_colours_and_ascii() -> None:
    wide = {f"a/{n}": [float(n), float(n) + 1] for n in range(5)}
    async with grouped(store_of(wide), {"ascii": True, "color": "never"}, grouping="directory") as page:
        assert page.text.isascii()
        assert "mean +- std, n=5" in page.text
        assert max(line.count(".") for line in page.lines) > 20


async def test_mean_band_and_runs_are_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with grouped(store_of()) as page:
        await page.press("g", "e")
        await page.screen.app.workers.wait_for_complete()
        lines = (tmp_path / "tbtui-loss.csv").read_text().splitlines()
        assert sum(line.startswith("a (mean of 3),loss,") for line in lines) == 3
        assert sum(line.startswith("a (band low),loss,") for line in lines) == 3
        assert sum(line.startswith("a/1,loss,") for line in lines) == 3


async def test_the_colour_of_a_group_stays_when_others_come_and_is_changed_by_c() -> None:
    store = store_of()
    async with scalars(store) as page:
        await page.press("g")
        before = {entry.name[0]: entry.color for entry in page.dashboard.entries()}
        add_points(store, "0/x", "loss", [1.0, 2.0])
        await page.data()
        after = {entry.name[0]: entry.color for entry in page.dashboard.entries()}
        assert before.items() <= after.items()
        assert len(set(after.values())) == 3
        page.view.focused_run = "a/1"
        await page.press("c")
        assert "\na" in page.view.colors
        assert page.dashboard.entries()[1].color != before["a"]
        assert page.screen.session.color("a/0") == page.view.colors["\na"]


def test_joining_many_points_is_left_to_a_thread_and_done_once() -> None:
    store = new_store()
    for run in range(3):
        add_points(store, f"a/{run}", "loss", np.arange(40_000.0), steps=np.arange(40_000) * 2 + run)
    model = Model(Session(store, View(grouping="directory", smoothing=0.0)))
    (entry,) = model.entries(Subject(("loss",)))
    assert [points > 250_000 for _, points in model.work([entry])] == [True]
    model.update([entry])
    assert not list(model.work([entry]))
    assert 10_000 < len(entry.line) <= 20_010
    model.session.view.group_band = "minmax"
    assert [points < 250_000 for _, points in model.work(model.entries(Subject(("loss",))))] == [True]


async def test_each_run_by_itself_in_the_colour_of_its_group() -> None:
    async with grouped(store_of(), grouping="directory", group_band="runs") as page:
        apart = {entry.run.name: entry.color for entry in page.dashboard.entries()}
        assert len(set(apart.values())) == 4
        await page.press("percent_sign")
        assert page.notice == "Groups are drawn as each run by itself, in the colour of its group"
        colors = {entry.run.name: entry.color for entry in page.dashboard.entries()}
        assert colors["a/0"] == colors["a/1"] == colors["a/2"] != colors["b/0"]
        await page.press("percent_sign")
        assert page.view.group_band == "std"
