"""The histograms dashboard, key by key, in every size and colour."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.dashboards.histograms import HistogramsDashboard
from tests.dashboards.pages import Page as BasePage
from tests.dashboards.pages import opened
from tests.support import histograms as made

TWO = {"a": ("net/bias", "net/weight"), "b": ("net/bias", "net/weight")}
STEPS = tuple(range(0, 100, 10))


class Page(BasePage[HistogramsDashboard]):
    """The dashboard with the focus on it."""

    KIND = HistogramsDashboard

    @property
    def focus(self) -> tuple[str, str] | None:
        return self.dashboard.panels.focus


@asynccontextmanager
async def histograms(
    folder: Path, size: tuple[int, int] = (150, 40), runs: dict[str, Sequence[str]] | None = None, **options: Any
) -> AsyncIterator[Page]:
    if not any(folder.iterdir()):
        made.write(folder, runs or TWO, STEPS)
    async with opened(Page, made.read(folder), size, "histograms", **options) as page:
        yield page


async def test_a_picture_for_each_tag_and_run(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        assert len(page.dashboard.panels.order()) == 4
        assert page.focus == ("net/bias", "a")
        assert page.text.count("net/weight") == 2
        assert "90" in page.text  # the newest step in front
        assert "reading" not in page.text
        assert page.dashboard.digests.of(page.dashboard.panels.focused().series).complete  # type: ignore[union-attr]


async def test_modes_are_walked(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        seen = [page.text]
        for words in ("over each other", "Heat map", "bars", "Ridges"):
            await page.press("v")
            assert words in page.notice
            seen.append(page.text)
        assert seen[0] == seen[4]
        assert len(set(seen)) == 4
        assert "values per" in seen[2]


@pytest.mark.parametrize("mode", ["ridges", "overlay", "heat", "bars"])
@pytest.mark.parametrize("size", [(200, 50), (100, 30), (45, 60), (30, 8), (20, 5)])
@pytest.mark.parametrize("ascii_only", [False, True])
async def test_any_size(tmp_path: Path, mode: str, size: tuple[int, int], ascii_only: bool) -> None:
    async with histograms(tmp_path, size, ascii=ascii_only) as page:
        page.view.histogram_mode = mode
        page.dashboard.view_changed()
        await page.settle()
        await page.press("enter", "w", "w", "[", "escape")
        assert not ascii_only or page.text.isascii()


async def test_how_counts_and_ranges_are_drawn(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        await page.press("v", "v")
        before = page.text
        for key, words in (("y", "logarithmic"), ("s", "own scale"), ("O", "99 %"), ("x", "time since")):
            await page.press(key)
            assert words in page.notice
        assert page.text != before
        assert page.view.x_axis == "relative"
        await page.press("y", "s", "O", "x", "x")
        assert page.view.x_axis == "step"
        assert page.text == before


async def test_runs_share_a_range(tmp_path: Path) -> None:
    made.write(
        tmp_path,
        {"a": ("w",), "b": ("w",)},
        (1, 2),
        lambda tag, step, seed: made.record(made.tensor_value(tag, np.array([[0.0, 1.0 + seed, 5.0]])), step),
    )
    async with histograms(tmp_path) as page:
        one, other = page.dashboard.panels.of_tag("w")

        def ranges() -> list[tuple[float, float]]:
            return [page.dashboard.wall.shown(panel, focused=False).subject.range for panel in (one, other)]

        assert ranges()[0] != ranges()[1]
        await page.press("E")
        assert "one range" in page.notice
        assert ranges()[0] == ranges()[1]
        await page.press("E")
        assert "own range" in page.notice


async def test_the_step_cursor(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        await page.press("enter")
        assert "step 90" in page.text
        assert "newest" in page.text
        for key, step in (("[", 80), ("left", 70), ("{", 0), ("]", 10), ("right", 20), ("L", 90), ("home", 0)):
            await page.press(key)
            assert f"step {step} " in page.text, key
        await page.press("[")
        assert "first step" in page.notice
        await page.press("}")
        assert page.dashboard.cursor.follows
        await page.press(":", "3", "4", "enter")
        assert "nearest step is 30" in page.notice
        assert "step 30 " in page.text
        assert "count 500" in page.text
        await page.press(":", "escape")
        assert "step 30 " in page.text


async def test_numbers_of_the_one_at_the_cursor(tmp_path: Path) -> None:
    values = np.concatenate((np.zeros(250), np.full(150, 2.0), np.full(100, -1.0), [np.nan] * 0))
    made.write(
        tmp_path, {"a": ("w",)}, (1, 2), lambda tag, step, seed: made.record(made.message_value(tag, values), step)
    )
    async with histograms(tmp_path) as page:
        await page.press("enter")
        text = " ".join(page.text.split())
        for words in ("count 500", "min -1", "max 2", "mean 0.4", "zeros 50.0%", "NaN, Inf 0%"):
            assert words in text
        assert f"std {np.std(values):.3f}"[:7] in text


async def test_two_runs_are_compared(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        await page.press("w")
        assert "Beside b" in page.notice
        assert page.dashboard.mode == "full"
        assert page.text.splitlines()[0].split()[1] == "a"
        assert page.text.count("net/bias") == 2
        await page.press("w")
        assert "a minus b" in page.text
        await page.press("W")
        assert "No other run" in page.notice
        await page.press("w")
        assert "minus" not in page.text
        await page.press("W")
        assert "No two runs" in page.notice
        await page.press("w", "escape", "escape")
        assert page.dashboard.mode == "grid"


async def test_nothing_to_compare_with(tmp_path: Path) -> None:
    async with histograms(tmp_path, runs={"a": ("w",)}) as page:
        await page.press("w")
        assert "No other shown run" in page.notice
        await page.press("enter", "j")
        assert "No other shown run" in page.notice
        await page.press("n")
        assert "no other picture" in page.notice


async def test_another_run_to_compare_with(tmp_path: Path) -> None:
    async with histograms(tmp_path, runs={"a": ("w",), "b": ("w",), "c": ("w",)}) as page:
        await page.press("w", "W")
        assert "Compared with c" in page.notice
        await page.press("j")
        assert page.focus == ("w", "b")


async def test_training_and_validation_are_compared_by_themselves(tmp_path: Path) -> None:
    runs = dict.fromkeys(("a/train", "a/validation", "b/train", "b/validation"), ("w",))
    async with histograms(tmp_path, runs=runs) as page:
        await page.press("w")
        assert page.focus == ("w", "a/train")
        assert "Beside a/validation" in page.notice
        await page.press("escape", "escape", "end", "w")
        assert page.focus == ("w", "b/validation")
        assert "Beside b/train" in page.notice
        await page.press("w")
        assert "b/validation minus b/train" in page.text
        page.view.marked_run = "a/train"
        assert page.dashboard.other().run.name == "a/train"  # type: ignore[union-attr]


async def test_tags_of_training_and_validation_are_compared_too(tmp_path: Path) -> None:
    async with histograms(tmp_path, runs={"a": ("train/w", "val/w"), "b": ("other",)}) as page:
        page.dashboard.panels.go_to(("train/w", "a"))
        await page.press("w")
        assert "val/w" in page.notice
        await page.press("w")
        assert "train/w minus val/w" in page.text


async def test_two_steps_over_each_other(tmp_path: Path) -> None:
    async with histograms(tmp_path, runs={"a": ("w",)}) as page:
        await page.press("enter", "{", "m")
        assert "Step 0 is marked" in page.notice
        assert "mark 0" in page.dashboard.place()
        await page.press("]", "]")
        assert page.text.count("count 500") == 2  # the numbers of both
        assert "step 0  count" in page.text
        alone = []
        for words in ("step 0", "step 20"):
            await page.press("v")
            alone.append(page.text)
            assert words in page.text.split("\n")[0] + page.text.split("\n")[1] or page.view.histogram_mode == "heat"
        await page.press("m")
        assert "Step 20 is marked" in page.notice
        await page.press("m")
        assert page.notice == "No step is marked"
        assert page.text.count("count 500") == 1
        await page.press("{", "m", "escape", "escape", "escape")
        assert page.dashboard.mark is None


@pytest.mark.parametrize("mode", ["ridges", "overlay", "heat", "bars"])
@pytest.mark.parametrize("options", [{}, {"ascii": True}, {"color": "never"}])
async def test_the_mark_is_seen_in_every_view(tmp_path: Path, mode: str, options: Any) -> None:
    async with histograms(tmp_path, (120, 40), **options) as page:
        page.view.histogram_mode = mode
        await page.press("enter", "[", "[")
        before = page.text, page.dashboard.pane.cells.colors.copy()  # type: ignore[union-attr]
        await page.press("m", "[", "[", "[")
        moved = page.text
        await page.press("m", "m", "]", "[")  # the mark goes: only the cursor is left
        assert page.text != moved
        assert before[0] != moved
        assert not options.get("ascii") or page.text.isascii()


async def test_all_histograms_of_a_picture_are_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "logs").mkdir()
    monkeypatch.chdir(tmp_path / "out")
    async with histograms(tmp_path / "logs") as page:
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
        assert page.notice.startswith(f"Wrote {len(STEPS)} histograms to")
        (file,) = (tmp_path / "out").iterdir()
        lines = file.read_text().splitlines()
        assert lines[0] == "run,tag,step,wall_time,left,right,count"
        assert len(lines) == 1 + 30 * len(STEPS)
        assert {line.split(",")[0] for line in lines[1:]} == {"a"}
        file.unlink()
        await page.press("w", "e")
        await page.screen.app.workers.wait_for_complete()
        (file,) = (tmp_path / "out").iterdir()
        assert {line.split(",")[0] for line in file.read_text().splitlines()[1:]} == {"a", "b"}


async def test_a_far_fuller_step_leaves_colours_to_the_others(tmp_path: Path) -> None:
    def make(tag: str, step: int, seed: int) -> bytes:
        values = np.zeros(500) if step == 0 else np.random.default_rng(step).normal(0, 1, 500)
        return made.record(made.tensor_value(tag, made.even_rows(values)), step)

    made.write(tmp_path, {"a": ("w",)}, range(0, 400, 10), make)
    async with histograms(tmp_path) as page:
        await page.press("v", "v")
        assert "≥" in page.text.split("\n")[0]
        await page.press("y")
        assert "≥" not in page.text


async def test_moving_about(tmp_path: Path) -> None:
    async with histograms(tmp_path, (150, 30)) as page:
        await page.press("+")
        assert len(page.dashboard.panels.pages) == 4
        assert "no larger" not in page.notice
        await page.press("+")
        assert "no larger" in page.notice
        await page.press("n")
        assert page.focus == ("net/bias", "b")
        assert page.view.focused_run == "b"
        await page.press("p", "p")
        assert page.focus == ("net/weight", "b")
        await page.press("home")
        assert page.focus == ("net/bias", "a")
        await page.press("up")
        assert "No picture" in page.notice
        await page.press("G")
        assert page.focus == ("net/weight", "b")
        await page.press("-", "-", "-", "-", "-", "-")
        assert "no smaller" in page.notice
        await page.press("home", "l")
        assert page.focus != ("net/bias", "a")
        await page.press("enter", "n")
        assert page.dashboard.mode == "full"
        await page.press("+")
        assert "page of pictures" in page.notice
        await page.press("enter")
        assert page.dashboard.mode == "grid"


async def test_tags_and_runs_are_filtered(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        page.view.tag_filter = "weight"
        page.dashboard.view_changed()
        await page.settle()
        assert "net/bias" not in page.text
        assert page.dashboard.tag_counts() == (1, 2)
        page.view.hidden = {"a"}
        page.dashboard.view_changed()
        await page.settle()
        assert page.dashboard.panels.order() == [("net/weight", "b")]
        page.view.tag_filter = "nothing"
        page.dashboard.view_changed()
        await page.settle()
        assert "filter" in page.text
        await page.press("enter", "[", ":", "Y", "w")
        assert "No other" in page.notice


async def test_buckets_are_copied(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        await page.press("Y")
        assert "Copied 30 buckets" in page.notice
        assert page.screen.app.clipboard.startswith("left,right,count\n")
        assert len(page.screen.app.clipboard.splitlines()) == 31


async def test_damaged_and_odd_histograms(tmp_path: Path) -> None:
    odd = {
        "nothing": np.zeros((0, 3)),
        "one": np.array([[1.0, 2.0, 5.0]]),
        "equal": np.array([[3.0, 3.0, 0.0]] * 29 + [[3.0, 3.0, 7.0]]),
        "nan": np.array([[np.nan, np.nan, 4.0]]),
        "infinite": np.array([[-np.inf, 0.0, 4.0], [0.0, np.inf, 4.0]]),
        "huge": np.array([[-1.7e308, 1.7e308, 4.0]]),
        "square": np.ones((2, 2)),
        "zero": np.array([[0.0, 0.0, 0.0]] * 30),
    }
    made.write(
        tmp_path, {"a": tuple(odd)}, (1, 2), lambda tag, step, seed: made.record(made.tensor_value(tag, odd[tag]), step)
    )
    async with histograms(tmp_path) as page:
        for _ in range(4):
            await page.press("v", "y", "s", "O")
        for _ in odd:
            for key in ("enter", "v", "v", "v", "v", "y", "enter", "n"):
                await page.press(key)
        assert page.dashboard.is_attached


async def test_new_steps_appear_and_the_cursor_stays(tmp_path: Path) -> None:
    made.write(tmp_path, {"a": ("w",)}, (0, 10))
    async with histograms(tmp_path) as page:
        await page.press("enter")
        assert "step 10 " in page.text
        series = page.screen.store.runs()[0].blobs["histograms", "w"]
        (tmp_path / "more").mkdir()
        made.write(tmp_path / "more", {"a": ("w",)}, (20,))
        other = made.read(tmp_path / "more").runs()[0].blobs["histograms", "w"]
        slot = other.reference(0).slot

        def add(step: int, offset: int, length: int) -> None:
            from tbtui.events.chunk import Item

            item = Item(0, "tensor", "w", step, 1.7e9 + step, offset, length, 0, None, None)
            series.add(slot, item)

        reference = other.reference(0)
        add(20, reference.offset, reference.length)
        page.dashboard.update_data()
        await page.settle()
        assert "step 20 " in page.text
        await page.press("[")
        assert "step 10 " in page.text
        add(30, reference.offset, reference.length)
        page.dashboard.update_data()
        await page.settle()
        assert "step 10 " in page.text


async def test_clicks_and_the_wheel(tmp_path: Path) -> None:
    async with histograms(tmp_path) as page:
        slot = page.dashboard.panels.current.slots[3]
        await page.screen.pilot.click(page.dashboard.pane, offset=(slot.rect.x + 3, slot.rect.y + 3))
        await page.settle()
        assert page.focus == ("net/weight", "b")
        await page.screen.pilot.click(page.dashboard.pane, offset=(slot.rect.x + 3, slot.rect.y + 3), times=2)
        await page.settle()
        assert page.dashboard.mode == "full"


async def test_the_dashboard_that_is_chosen_takes_the_focus(tmp_path: Path) -> None:
    async with histograms(tmp_path, (80, 24)) as page:
        window = page.screen.app.window
        assert page.screen.app.focused is page.dashboard.pane
        page.view.dashboard = "distributions"
        await window.show_dashboard()
        await page.screen.pilot.pause()
        assert window.dashboard is not page.dashboard
        assert window.dashboard in page.screen.app.focused.ancestors  # type: ignore[union-attr]
