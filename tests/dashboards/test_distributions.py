"""The distributions dashboard: fans over the steps, key by key, and what the cursor reads."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.dashboards.distributions import DistributionsDashboard
from tests.dashboards.pages import Page as BasePage
from tests.dashboards.pages import opened
from tests.support import histograms as made
from tests.support.app import Screen, shown

TWO = {"a": ("net/bias", "net/weight"), "b": ("net/bias", "net/weight")}
STEPS = tuple(range(0, 1000, 10))


class Page(BasePage[DistributionsDashboard]):
    """The dashboard with the focus on it."""

    KIND = DistributionsDashboard

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.model = self.dashboard.distributions

    @property
    def titles(self) -> list[str]:
        return [slot.tag for slot in self.dashboard.grid.current.slots]


@asynccontextmanager
async def distributions(
    folder: Path,
    size: tuple[int, int] = (150, 40),
    runs: Mapping[str, Sequence[str]] = TWO,
    steps: Sequence[int] = STEPS,
    **options: Any,
) -> AsyncIterator[Page]:
    if not any(folder.iterdir()):
        made.write(folder, runs, steps)
    async with opened(Page, made.read(folder), size, "distributions", **options) as page:
        yield page


async def test_a_chart_for_each_tag_with_every_step(tmp_path: Path) -> None:
    async with distributions(tmp_path) as page:
        assert page.titles == ["net/bias", "net/weight"]
        (line, _) = (entry.line for entry in page.model.tag_entries("net/bias"))
        assert line.points.steps.tolist() == list(STEPS)
        assert line.nine.shape == (100, 9)  # type: ignore[attr-defined]
        assert "7-93%" in page.text
        chart = page.text.split("\n", 2)[2]
        assert all(chart.count(ink) > 5 for ink in "·░▒▓")  # the four shades, where there are no colours


async def test_the_cursor_reads_nine_numbers_of_every_run(tmp_path: Path) -> None:
    async with distributions(tmp_path, (180, 40)) as page:
        await page.press("enter", "left", "left")
        assert page.dashboard.mode == "chart"
        for word in ("at cursor", "min", "7%", "16%", "31%", "median", "69%", "84%", "93%", "max", "980"):
            assert word in page.text
        line = page.model.tag_entries("net/bias")[0].line
        median = line.nine[-2, 4]  # type: ignore[attr-defined]
        assert f"{median:.4g}"[:5] in page.text
        await page.press("escape")
        assert page.dashboard.mode == "grid"


async def test_zoom_pan_and_fit(tmp_path: Path) -> None:
    async with distributions(tmp_path) as page:
        await page.press("z", "z")
        subject = page.dashboard.grid.subject()
        assert subject is not None
        assert page.model.zoomed(subject)
        await page.press("<", "Z", "0")
        assert not page.model.zoomed(subject)


@pytest.mark.parametrize("scale", ["log", "symlog"])
async def test_scales(tmp_path: Path, scale: str) -> None:
    async with distributions(tmp_path) as page:
        await page.press(*["y"] * (1 if scale == "log" else 2))
        assert page.view.y_scale == scale
        assert page.notice == f"y axis: {scale}"
        assert "net/bias" in page.text


async def test_axes_of_time(tmp_path: Path) -> None:
    async with distributions(tmp_path) as page:
        for _ in range(4):
            await page.press("x")
            assert "net/bias" in page.text
        assert page.view.x_axis == "index"


async def test_runs_apart_and_together(tmp_path: Path) -> None:
    async with distributions(tmp_path) as page:
        await page.press("w")
        assert page.titles == ["net/bias  a", "net/bias  b", "net/weight  a", "net/weight  b"]
        assert page.notice == "Every run has a chart of its own"
        assert len(page.model.tag_entries("net/bias  b")) == 1
        await page.press("w")
        assert page.titles == ["net/bias", "net/weight"]


async def test_of_many_runs_the_focused_one_has_a_fan(tmp_path: Path) -> None:
    runs = dict.fromkeys("abcd", ("w",))
    async with distributions(tmp_path, runs=runs) as page:
        subject = page.dashboard.grid.subject()
        assert subject is not None
        entries = page.model.entries(subject)
        spec = page.model.spec(subject, entries)
        assert len(spec.fans) == 1
        assert len(spec.curves) == 4
        page.view.focused_run = "c"
        page.dashboard.view_changed()
        await page.settle()
        assert page.model.spec(subject, page.model.entries(subject)).fans[0].color == entries[2].color


async def test_training_and_validation_have_their_fans_together(tmp_path: Path) -> None:
    runs = dict.fromkeys(("a/train", "a/validation", "b/train", "b/validation"), ("w",))
    async with distributions(tmp_path, runs=runs) as page:
        page.view.focused_run = "b/validation"
        subject = page.dashboard.grid.subject()
        assert subject is not None
        entries = page.model.entries(subject)
        assert [entry.run.name for entry in entries if page.model.has_fan(entry, entries)] == [
            "b/train",
            "b/validation",
        ]


async def test_a_narrow_chart_has_its_legend_too(tmp_path: Path) -> None:
    async with distributions(tmp_path, (45, 60), {"a": ("w",)}) as page:
        await page.press("enter")
        assert page.dashboard.mode == "chart"
        assert "68%" in page.text


@pytest.mark.parametrize(
    ("key", "words"),
    [("t", "no table"), ("s", "not smoothed"), ("S", "not smoothed"), ("J", "no goal"), ("P", "not shown")],
)
async def test_keys_that_mean_nothing_say_so(tmp_path: Path, key: str, words: str) -> None:
    async with distributions(tmp_path) as page:
        await page.press(key)
        assert words in page.notice


async def test_a_filter_and_pages(tmp_path: Path) -> None:
    tags = [f"layer{n}/w" for n in range(30)]
    async with distributions(tmp_path, runs={"a": tags}, steps=range(3)) as page:
        assert page.titles[:3] == tags[:3]
        await page.press("n")
        assert page.titles[0] != tags[0]
        page.view.tag_filter = "layer7/"
        page.dashboard.view_changed()
        await page.settle()
        assert page.titles == ["layer7/w"]
        assert page.dashboard.tag_counts() == (1, 30)


async def test_new_steps_appear_and_known_ones_are_not_read_again(tmp_path: Path) -> None:
    from tbtui.store.opening import open_logdir

    made.write(tmp_path, {"a": ("w",)}, range(5))
    with open_logdir(str(tmp_path)) as logdir:
        async with shown(logdir.store, (100, 30)) as screen:
            screen.view.dashboard = "distributions"
            await screen.app.window.show_dashboard()
            page = Page(screen)
            await page.settle()
            file = next((tmp_path / "a").iterdir())
            with file.open("ab") as out:
                out.write(made.drifting("w", 5) + made.drifting("w", 6))
            logdir.refresh()
            await screen.data()
            await page.settle()
            line = page.model.tag_entries("w")[0].line
            assert line.points.steps.tolist() == list(range(7))


async def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    def make(tag: str, step: int, seed: int) -> bytes:
        rows = np.zeros((3, 2)) if step == 4 else made.even_rows(np.arange(50.0) + step)
        return made.record(made.tensor_value(tag, rows), step)

    made.write(tmp_path, {"a": ("w",)}, range(10), make)
    async with distributions(tmp_path) as page:
        assert "1 of 10 steps can't be read" in page.text
        assert page.model.tag_entries("w")[0].line.points.steps.tolist() == [0, 1, 2, 3, 5, 6, 7, 8, 9]


async def test_copy_and_export(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    async with distributions(tmp_path / "logs", runs={"a": ("w",)}, steps=range(3)) as page:
        await page.press("Y")
        assert page.notice == "Copied 9 rows to the clipboard"
        assert "a,w (median),2," in page.screen.app.clipboard
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
        (file,) = (tmp_path / "out").iterdir()
        assert len(file.read_text().splitlines()) == 1 + 27


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8), (12, 4)])
@pytest.mark.parametrize("options", [{}, {"ascii": True}, {"color": "never"}])
async def test_no_size_and_no_terminal_is_too_poor(tmp_path: Path, size: tuple[int, int], options: Any) -> None:
    async with distributions(tmp_path, size, steps=range(0, 100, 10), **options) as page:
        await page.press("enter", "left", "w", "y")
        if options.get("ascii"):
            assert page.text.isascii()


async def test_a_tag_is_opened_from_elsewhere(tmp_path: Path) -> None:
    async with distributions(tmp_path) as page:
        page.dashboard.open_tag("net/weight")
        await page.settle()
        assert page.dashboard.mode == "chart"
        assert page.dashboard.full.subject is not None
        assert page.dashboard.full.subject.tags == ("net/weight",)
        page.dashboard.open_tag("nothing")
        await page.settle()
        assert "not among" in page.notice
