"""Layers at a glance: strips, flags, order, keys."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.analysis.layers import STATISTICS
from tbtui.dashboards.layers import LayersDashboard
from tbtui.dashboards.layers.picture import page_rows, row_names
from tbtui.dashboards.layers.strips import in_columns, scale_of
from tests.dashboards.pages import Page as BasePage
from tests.dashboards.pages import opened
from tests.support import histograms as made

STEPS = range(0, 300, 10)
LAYERS = 12


def make(tag: str, step: int, seed: int) -> bytes:
    """A network in which layer 3 freezes, layer 5 explodes and layer 7 dies."""
    layer = int(tag.split(".")[1])
    gradient = tag.endswith("grad")
    still = 100 if layer == 3 and step > 100 and not gradient else step
    chance = np.random.default_rng([seed, layer, still])
    values = chance.normal(0, 0.01 if gradient else 1 + still / 1000, 200)
    if layer == 5 and step > 250:
        values *= 1e4
    if layer == 7 and step > 100 and not gradient:
        values = np.where(np.arange(200) < 197, 0.0, values)
    return made.record(made.message_value(tag, values), step)


def write(folder: Path) -> None:
    weights = [f"net.{layer}.w" for layer in range(LAYERS)]
    tags = (*weights, *(f"{tag}.grad" for tag in weights))
    made.write(folder, {"a": tags, "b": tags}, STEPS, make)


class Page(BasePage[LayersDashboard]):
    """The dashboard with the focus on it."""

    KIND = LayersDashboard

    @property
    def tags(self) -> list[str]:
        return [row.layer.tag for row in self.dashboard.rows.rows]


@asynccontextmanager
async def layers(folder: Path, size: tuple[int, int] = (140, 40), **options: Any) -> AsyncIterator[Page]:
    if not any(folder.iterdir()):
        write(folder)
    async with opened(Page, made.read(folder), size, "layers", **options) as page:
        yield page


async def test_a_row_for_each_weight_in_network_order(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        assert page.tags == [f"net.{layer}.w" for layer in range(LAYERS)]
        assert all(len(row.layer.steps) == len(STEPS) == len(row.values) for row in page.dashboard.rows.rows)
        assert "standard deviation" in page.text
        assert "12 weights" in page.text


async def test_flags_and_the_rules_that_raised_them(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        words = {row.layer.tag: [flag.word for flag in row.flags] for row in page.dashboard.rows.rows}
        assert {tag: found for tag, found in words.items() if found} == {
            "net.3.w": ["frozen"],
            "net.5.w": ["exploding", "exploding"],
            "net.7.w": ["dead"],
        }
        assert "3 flagged" in page.text
        await page.press("s")
        assert page.tags[:3] == ["net.5.w", "net.3.w", "net.7.w"]  # the first one has two
        assert page.notice == "Order: what is flagged first"
        await page.press("home", "j")
        assert "no value moved since step" in page.text
        await page.press("j")
        assert "98% of the values are 0, over 95% since step 110" in page.text


async def test_every_number_and_order(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        seen = []
        for _ in STATISTICS:
            await page.press("v")
            seen.append(page.dashboard.rows.number.short)
            assert page.dashboard.rows.number.name[:20] in page.text
        assert sorted(seen) == sorted(statistic.short for statistic in STATISTICS)
        await page.press("V")
        assert page.dashboard.rows.number.short == "grad/w"
        assert np.isfinite(page.dashboard.rows.rows[0].values).all()
        await page.press("s", "s")
        assert page.tags[0] == "net.5.w"  # the largest deviation
        await page.press("s", "s")
        assert page.tags[0] == "net.7.w"  # the most zeros
        await page.press("s")
        assert page.tags[0] == "net.0.w"


async def test_which_tags(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        await page.press("w")
        assert page.notice == "Tags: gradients"
        assert page.tags[0] == "net.0.w.grad"
        await page.press("w")
        assert len(page.tags) == 2 * LAYERS
        await page.press("w")
        assert len(page.tags) == LAYERS


async def test_the_step_cursor(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        await page.press("[", "h", "left")
        assert page.dashboard.cursor.step == 260
        assert "step 260" in page.text
        await page.press("{")
        assert "step 0" in page.text
        await page.press("[")
        assert page.notice == "This is the first step"
        await page.press("]", "right")
        assert page.dashboard.cursor.step == 20
        await page.press("escape")
        assert page.dashboard.cursor.follows
        await page.press(":", "9", "9", "enter")
        assert page.dashboard.cursor.step == 100
        await page.press("}")
        assert page.dashboard.cursor.follows


async def test_colours_of_all_or_each_and_axes(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        await page.press("y")
        assert "least" in page.text
        await page.press("y")
        assert "least" not in page.text
        await page.press("x")
        assert page.view.x_axis == "relative"
        await page.press("x", "x")
        assert page.view.x_axis == "step"


async def test_other_runs(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        await page.press("n")
        assert page.view.focused_run == "b"
        await page.press("p")
        assert page.view.focused_run == "a"


async def test_moving_and_scrolling(tmp_path: Path) -> None:
    async with layers(tmp_path, (100, 16)) as page:
        await page.press("k")
        assert page.notice == "This is the first layer"
        await page.press("end")
        assert page.dashboard.focused == "net.11.w"
        assert "net.11.w" in page.text
        assert page.dashboard.top > 0
        await page.press("pageup", "home")
        assert page.dashboard.focused == "net.0.w"
        assert page.dashboard.top == 0


async def test_enter_goes_to_the_histogram(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        await page.press("j", "j", "enter")
        assert page.view.dashboard == "histograms"
        await page.screen.pilot.pause()
        assert "net.2.w" in page.screen.text


async def test_copy_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    async with layers(tmp_path / "logs") as page:
        await page.press("Y")
        assert page.notice == f"Copied {len(STEPS)} rows to the clipboard"
        assert "net.0.w (std)" in page.screen.app.clipboard
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
        (file,) = (tmp_path / "out").iterdir()
        assert len(file.read_text().splitlines()) == 1 + LAYERS * len(STEPS)


async def test_a_filter_and_an_empty_page(tmp_path: Path) -> None:
    async with layers(tmp_path) as page:
        page.view.tag_filter = "net.1"
        page.dashboard.view_changed()
        await page.settle()
        assert page.tags == ["net.1.w", "net.10.w", "net.11.w"]
        page.view.tag_filter = "nothing"
        page.dashboard.view_changed()
        await page.settle()
        assert "matches the filter" in page.text
        await page.press("j", "enter", "[", "e", "Y")
        assert page.notice


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8), (12, 4)])
@pytest.mark.parametrize("options", [{}, {"ascii": True}, {"color": "never"}])
async def test_no_size_and_no_terminal_is_too_poor(tmp_path: Path, size: tuple[int, int], options: Any) -> None:
    async with layers(tmp_path, size, **options) as page:
        await page.press("j", "v", "[", "y")
        if options.get("ascii"):
            assert page.text.isascii()


# --- strips


def test_a_column_shows_the_point_farthest_from_zero() -> None:
    x, values = np.arange(10.0), np.array([1.0, -9, 2, 3, 4, 5, 6, 7, 8, 9])
    assert in_columns(x, values, 0, 9, 3).tolist() == [-9, 5, 9]
    found = in_columns(x, values, -10, 10, 10)
    assert np.isnan(found[:5]).all()
    assert found[5:].tolist() == [-9, 3, 5, 7, 9]


def test_gaps_between_points_have_the_value_before() -> None:
    assert in_columns(np.array([0.0, 9.0]), np.array([1.0, 2.0]), 0, 9, 4).tolist() == [1, 1, 1, 2]
    assert np.isnan(in_columns(np.empty(0), np.empty(0), 0, 1, 3)).all()


def test_what_explodes_has_colours_of_its_own() -> None:
    std = STATISTICS[0]
    usual = np.geomspace(0.01, 0.1, 200)
    scale = scale_of(std, [usual, np.array([1e6])])
    amounts = scale.amounts(np.array([0.0, 0.01, 0.1, 1e6, np.nan]))
    assert amounts[0] == 0
    assert amounts[2] - amounts[1] > 0.5
    assert amounts[3] == 1
    assert amounts[3] - amounts[2] > 0.05
    assert np.isnan(amounts[4])


def test_names_lose_what_all_have_in_common() -> None:
    tags = ["net.encoder.0.weight", "net.encoder.10.weight"]
    assert row_names(tags, 40) == tags
    assert row_names(tags, 10) == ["0", "10"]
    assert row_names(["a/very/long/name"], 5) == ["a/very/long/name"]
    assert row_names(["x/aaaaaaaaaaaa", "x/b"], 5) == ["aaaaaaaaaaaa", "b"]


def test_rows_share_the_height() -> None:
    assert page_rows(40, 6) == (11, 3)
    assert page_rows(40, 60) == (33, 1)
    assert page_rows(3, 10)[0] >= 1
