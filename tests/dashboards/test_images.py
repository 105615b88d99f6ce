"""The images dashboard: every key, and what is drawn."""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from rich.style import Style

from tbtui.charts.cells import Cells
from tbtui.dashboards.images import ImagesDashboard
from tbtui.dashboards.images.darkroom import Darkroom, Film, Kept, Shot, Subject
from tbtui.dashboards.images.gallery import Box
from tbtui.graphics import Graphics
from tests.dashboards.pages import Page as BasePage
from tests.support.app import Screen, shown
from tests.support.pictures import Logged, animation, encoded, image_store, noise, plain
from tests.support.scalars import add_points

RED, GREEN, BLUE, WHITE = (200, 0, 0), (0, 200, 0), (0, 0, 200), (255, 255, 255)


def color(value: tuple[int, int, int]) -> int:
    return value[0] << 16 | value[1] << 8 | value[2]


def steps(*colors: tuple[int, int, int]) -> dict[int, list[bytes]]:
    """One image of each colour at the steps 0, 10, 20, ..."""
    return {10 * number: [encoded(plain(one))] for number, one in enumerate(colors)}


LOGGED: Logged = {
    "a": {"faces": steps(RED, GREEN, BLUE), "masks": steps(WHITE, WHITE, RED)},
    "b": {"faces": steps(RED, RED, GREEN)},
}


@pytest.fixture(autouse=True)
def _truecolor(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever terminal the tests run on."""
    monkeypatch.setattr("tbtui.dashboards.looks.color_system_of", lambda _: "truecolor")


class Page(BasePage[ImagesDashboard]):
    """The dashboard with the focus on it."""

    KIND = ImagesDashboard
    ROUNDS = 3

    def __init__(self, screen: Screen) -> None:
        super().__init__(screen)
        self.gallery = self.dashboard.gallery

    @property
    def cells(self) -> Cells:
        assert self.dashboard.pane.cells is not None
        return self.dashboard.pane.cells

    @property
    def colors(self) -> set[int]:
        """The colours of the pixels that are shown."""
        assert self.cells.backs is not None
        found = set(np.unique(self.cells.backs).tolist()) - {-1}
        return found | set(np.unique(self.cells.colors[self.cells.glyphs == ord("▀")]).tolist())

    @property
    def focus(self) -> Box | None:
        return self.dashboard.wall.focus


@asynccontextmanager
async def page(
    tmp_path: Path, logged: Logged = LOGGED, size: tuple[int, int] = (120, 40), description: str = "", **options: Any
) -> AsyncIterator[Page]:
    store = image_store(tmp_path / "logs", logged, description)
    async with shown(store, size, **options) as screen:
        found = Page(screen)
        await found.settle()
        found.dashboard.focus_first()
        await found.settle()
        yield found


async def test_the_title_counts_the_tags_of_every_kind(tmp_path: Path) -> None:
    store = image_store(tmp_path / "logs", LOGGED)
    add_points(store, "scalars of its own", "loss", [1.0, 2.0])
    add_points(store, "scalars of its own", "faces", [1.0])  # another kind of data, so another tag
    async with shown(store, (120, 40)) as screen:
        assert " 4 tags" in screen.lines[0]


async def test_tags_by_runs_at_the_newest_step(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        assert "Images" in images.screen.text
        assert " 2 tags" in images.screen.lines[0]
        assert "faces" in images.text
        assert "masks" in images.text
        assert images.text.count("20  32x24") == 3
        assert images.colors == {color(BLUE), color(GREEN), color(RED)}
        assert "step 20" in images.text
        assert "3/3  newest" in images.text


async def test_steps_are_walked_with_all_images_linked(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        await images.press("[")
        assert images.text.count("10  32x24") == 3
        assert images.colors == {color(GREEN), color(RED), color(WHITE)}
        await images.press("left_curly_bracket")
        assert images.text.count("0  32x24") == 3
        assert "1/3" in images.text
        await images.press("[")
        assert "first step" in images.notice
        await images.press("]", "right_curly_bracket")
        assert images.gallery.cursor.follows
        await images.press("]")
        assert "newest step" in images.notice


async def test_a_step_is_typed(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        size = images.dashboard.pane.size
        await images.press(":", "9")
        assert images.dashboard.pane.size == size
        await images.press("enter")
        assert "nearest step is 10" in images.notice
        assert images.text.count("10  32x24") == 3


async def test_the_steps_beside_are_at_hand(tmp_path: Path) -> None:
    async with page(tmp_path, {"a": {"faces": steps(RED, GREEN, BLUE, WHITE)}}) as images:
        await images.press("[")
        room, wall = images.dashboard.room, images.dashboard.wall
        for by in (-1, 0, 1):
            assert [room.peek(shot) is not None for shot in wall.shots(by)] == [True]
        await images.press("K")
        assert [room.peek(shot) is None for shot in wall.shots(-2)] == [True]


async def test_pictures_leave_no_garbage_behind(tmp_path: Path) -> None:
    """Lines that are no longer shown are freed at once: looking for thousands of them would hold up a key."""
    logged = {"a": {"faces": {step: [encoded(noise(64, 96, step))] for step in range(8)}}}
    async with page(tmp_path, logged) as images:
        await images.press("[", "[")
        gc.collect()
        gc.disable()
        try:
            await images.press(*"[[[")
            gc.set_debug(gc.DEBUG_SAVEALL)
            gc.collect()
            left = [one for one in gc.garbage if isinstance(one, Style)]
        finally:
            gc.set_debug(0)
            gc.garbage.clear()
            gc.enable()
        assert len(left) < 100


async def test_each_at_a_step_of_its_own(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        await images.press("K", "[")
        assert "not linked" in images.text
        assert images.text.count("10  32x24") == 1
        assert images.text.count("20  32x24") == 2
        await images.press("K")
        assert images.text.count("10  32x24") == 3


async def test_new_steps_are_followed_unless_the_cursor_was_moved(tmp_path: Path) -> None:
    from tbtui.dashboards.steps import StepCursor

    cursor = StepCursor()
    assert cursor.at(np.array([0, 10])) == 10
    async with page(tmp_path, {"a": {"im": steps(RED, GREEN)}}) as images:
        assert images.colors == {color(GREEN)}
        await images.press("[")
        assert images.colors == {color(RED)}
        images.dashboard.update_data()
        await images.settle()
        assert images.colors == {color(RED)}


async def test_focus_moves_over_images_and_pages(tmp_path: Path) -> None:
    logged = {"a": {f"tag{n:02}": steps(RED) for n in range(30)}}
    async with page(tmp_path, logged, size=(100, 30)) as images:
        assert images.focus == Box("tag00", "a")
        await images.press("l")
        assert images.focus == Box("tag01", "a")
        await images.press("h", "j", "k")
        assert images.focus == Box("tag00", "a")
        await images.press("k")
        assert "No image" in images.notice
        first = images.text
        await images.press("n")
        assert images.text != first
        assert "page 2/" in images.screen.text
        await images.press("pageup")
        assert images.text == first
        await images.press("end")
        assert images.focus == Box("tag29", "a")
        await images.press("l")
        assert "No image" in images.notice
        await images.press("home")
        assert images.focus == Box("tag00", "a")
        await images.press("p")
        assert images.focus is not None
        assert images.focus.tag > "tag20"


async def test_sizes(tmp_path: Path) -> None:
    logged = {"a": {f"tag{n:02}": steps(RED) for n in range(30)}}
    async with page(tmp_path, logged) as images:
        before = len(images.dashboard.wall.current.slots)
        await images.press("plus")
        assert len(images.dashboard.wall.current.slots) < before
        await images.press("minus", "minus", "minus", "minus")
        assert len(images.dashboard.wall.current.slots) > before
        assert "no smaller" in images.notice
        await images.press(*["plus"] * 6)
        assert len(images.dashboard.wall.current.slots) == 1
        assert "no larger" in images.notice


async def test_full_screen_and_back(tmp_path: Path) -> None:
    async with page(tmp_path, description="What faces *look* like") as images:
        assert "What faces *look* like" in images.text
        await images.press("enter")
        assert images.dashboard.large
        assert images.colors == {color(BLUE)}
        assert "32 x 24 PNG" in images.text
        assert "What faces *look* like" in images.text
        await images.press("left")
        assert images.colors == {color(GREEN)}
        await images.press("home")
        assert images.colors == {color(RED)}
        await images.press("end", "down")
        assert images.focus == Box("faces", "b")
        assert images.colors == {color(GREEN)}
        await images.press("n")
        assert images.focus == Box("masks", "a")
        await images.press("n")
        assert "last image" in images.notice
        await images.press("escape")
        assert not images.dashboard.large


async def test_zoom_and_pan(tmp_path: Path) -> None:
    pixels = plain(RED)
    pixels[:, 16:] = BLUE
    async with page(tmp_path, {"a": {"im": {0: [encoded(pixels)]}}}) as images:
        await images.press("z", "z")
        assert images.dashboard.large
        assert "zoom 2.25x" in images.text
        assert images.colors == {color(RED), color(BLUE)}
        await images.press("h", "h", "h")
        assert images.colors == {color(RED)}
        await images.press("h", "h")
        assert "edge" in images.notice
        await images.press(*["greater_than_sign"] * 5)
        assert images.colors == {color(BLUE)}
        await images.press("less_than_sign")
        await images.press("0")
        assert images.colors == {color(RED), color(BLUE)}
        await images.press("Z")
        assert "All of the image" in images.notice
        await images.press("z", "escape")
        assert images.dashboard.large
        await images.press("escape", "Z")
        assert "Enter shows" in images.notice


async def test_actual_size(tmp_path: Path) -> None:
    async with page(tmp_path, {"a": {"im": {0: [encoded(plain(RED, 400, 500))]}}}) as images:
        await images.press("x")
        assert "actual size" in images.text
        await images.press("j", "l")
        assert images.dashboard.single.sight.y > 0.5
        assert images.dashboard.single.sight.x > 0.5
        await images.press("x")
        assert "actual size" not in images.text


async def test_brightness_and_contrast(tmp_path: Path) -> None:
    async with page(tmp_path, {"a": {"im": {0: [encoded(plain((100, 100, 100)))]}}}) as images:
        await images.press("right_parenthesis")
        assert images.colors == {0x7D7D7D}
        assert "Brightness 1.25" in images.notice
        await images.press("left_parenthesis")
        assert images.colors == {0x646464}
        await images.press("semicolon")
        assert images.colors == {0x5D5D5D}
        await images.press("comma", "comma")
        assert "Contrast 0.8" in images.notice
        await images.press("0")
        assert images.colors == {0x646464}
        await images.press(*["right_parenthesis"] * 16)
        assert "stays" in images.notice


async def test_samples(tmp_path: Path) -> None:
    samples = [encoded(plain(one)) for one in (RED, GREEN, BLUE)]
    async with page(tmp_path, {"a": {"im": {0: samples}, "one": steps(WHITE)}}) as images:
        assert "1/3" in images.text
        await images.press("s")
        assert images.colors == {color(GREEN), color(WHITE)}
        assert "Sample 2 of 3" in images.notice
        await images.press("S", "S")
        assert images.colors == {color(BLUE), color(WHITE)}
        await images.press("s")
        assert images.colors == {color(RED), color(WHITE)}


async def test_one_sample_only(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        await images.press("s")
        assert "One sample" in images.notice


async def test_differences(tmp_path: Path) -> None:
    async with page(tmp_path, {"a": {"im": steps(RED, RED, GREEN)}, "b": {"im": steps(RED, RED, RED)}}) as images:
        await images.press("v")
        assert "step before" in images.notice
        assert images.text.count("minus step 10, at most 200/255") == 1
        assert images.text.count("minus step 10, at most 0/255") == 1
        assert images.colors == {0xFFFF00, 0}
        await images.press("left_curly_bracket")
        assert images.text.count("no step before") == 2
        await images.press("right_curly_bracket", "v")
        assert "The images themselves" in images.notice
        assert images.colors == {color(GREEN), color(RED)}
        images.screen.view.marked_run = "b"
        await images.press("v", "v")
        assert "differs from b" in images.notice
        assert "minus b, step 20, at most 200/255" in images.text
        assert "the marked run" in images.text


async def test_animations_play_and_stand_still(tmp_path: Path) -> None:
    frames = animation([plain(RED), plain(GREEN)], 10_000)
    async with page(tmp_path, {"a": {"im": {0: [frames]}}}) as images:
        assert "2 frames" in images.text
        assert len(images.colors) == 1
        first = images.colors
        images.dashboard._begun -= 10.0
        images.dashboard.paint()
        await images.settle()
        assert images.colors != first
        second = images.colors
        await images.press("P")
        images.dashboard._begun -= 10.0
        images.dashboard.paint()
        await images.settle()
        assert images.colors == second
        assert "stand still" in images.notice
        await images.press("P")
        assert "play" in images.notice


async def test_what_can_not_be_shown_is_a_box_with_the_reason(tmp_path: Path) -> None:
    logged = {
        "a": {"broken": {0: [encoded(noise())[:99]]}, "none": {0: []}, "svg": {0: [b"<svg width='8' height='4'/>"]}}
    }
    async with page(tmp_path, logged) as images:
        words = " ".join(images.text.split())
        assert "broken PNG" in words
        assert "no image" in words
        assert "SVG of 8 x 4" in words


async def test_a_tag_filter_and_hidden_runs(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        images.screen.view.tag_filter = "mask"
        images.dashboard.view_changed()
        await images.settle()
        assert "faces" not in images.text
        assert images.dashboard.tag_counts() == (1, 2)
        images.screen.view.tag_filter = "nothing"
        images.dashboard.view_changed()
        await images.settle()
        assert "No tag matches" in images.text
        images.screen.view.tag_filter = ""
        images.screen.view.hidden = {"a"}
        images.dashboard.view_changed()
        await images.settle()
        assert images.text.count("32x24") == 1
        images.screen.view.hidden = {"a", "b"}
        images.dashboard.view_changed()
        await images.settle()
        assert "No runs are shown" in images.text


async def test_the_bytes_that_were_logged_are_saved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with page(tmp_path) as images:
        await images.press("[", "e")
        await images.screen.app.workers.wait_for_complete()
        await images.settle()
        assert (tmp_path / "tbtui-a-faces-10-0.png").read_bytes() == LOGGED["a"]["faces"][10][0]
        assert "Wrote" in images.notice


async def test_run_tag_and_step_are_copied(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        await images.press("Y")
        assert images.screen.app.clipboard == "a\tfaces\t20\t0"


async def test_mouse(tmp_path: Path) -> None:
    async with page(tmp_path) as images:
        slot = images.dashboard.wall.current.slots[1]
        await images.screen.pilot.click("#pane", offset=(slot.rect.x + 2, slot.rect.y + 2))
        await images.settle()
        assert images.focus == Box("faces", "b")
        left, width = images.dashboard.wall.slider
        await images.screen.pilot.click("#pane", offset=(left, images.dashboard.pane.size.height - 1))
        await images.settle()
        assert images.text.count("0  32x24") == 3
        assert width > 20


@pytest.mark.parametrize("size", [(200, 50), (120, 35), (80, 24), (60, 20), (45, 60), (30, 8), (20, 5)])
async def test_no_size_is_too_small(tmp_path: Path, size: tuple[int, int]) -> None:
    async with page(tmp_path, size=size) as images:
        await images.press("enter", "z", "x", "escape", "escape", "n", "+", "-")
        assert images.dashboard.pane.cells is not None


@pytest.mark.parametrize("how", [{"ascii": True}, {"color": "never"}, {"images": "off"}])
async def test_poor_terminals(tmp_path: Path, how: dict[str, Any]) -> None:
    async with page(tmp_path, **how) as images:
        assert "▀" not in images.text
        if "ascii" in how:
            assert images.text.isascii()
        if "images" in how:
            assert "images are off" in images.text
            assert "32x24" in images.text


async def test_pictures_of_the_terminal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async with page(tmp_path) as images:
        written: list[str] = []
        monkeypatch.setattr(images.dashboard.pane, "_put", written.append)
        images.dashboard.pane.graphics = Graphics("kitty", (10, 20))
        images.dashboard.paint()
        await images.settle()
        await images.screen.app.workers.wait_for_complete()
        await images.settle()
        assert sum("a=T" in text for text in written) == 3
        assert "\U0010eeee\u0305\u0305" in images.screen.text
        assert "\U0010eeee\u030d\u030e" in images.screen.text
        images.dashboard.pane.forget_pictures()
        assert sum("a=d" in text for text in written) == 3


@pytest.mark.parametrize(("protocol", "sign"), [("sixel", "\x1bP0;1;0q"), ("iterm2", "\x1b]1337;File=")])
async def test_drawings_over_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, protocol: Any, sign: str) -> None:
    async with page(tmp_path) as images:
        written: list[str] = []
        monkeypatch.setattr(images.dashboard.pane, "_put", written.append)
        images.dashboard.pane.graphics = Graphics(protocol, (10, 20))
        images.dashboard.paint()
        await images.settle()
        await images.screen.app.workers.wait_for_complete()
        await images.settle()
        places = {text[: text.index("H")] for text in written}
        assert len(places) == 3
        assert all(sign in text and text.endswith("\x1b8") for text in written)
        written.clear()
        await images.press("question_mark")
        assert written == []
        await images.press("escape")
        assert {text[: text.index("H")] for text in written} == places


# -- caches


def test_what_is_kept_has_bounds(tmp_path: Path) -> None:
    logged = {"a": {"im": {step: [encoded(noise(64, 64, step))] for step in range(40)}}}
    store = image_store(tmp_path, logged)
    series = store.run("a").blobs[("images", "im")]  # type: ignore[union-attr]
    room = Darkroom(encoded=60_000, decoded=100_000, drawn=20_000)
    for number in range(40):
        shot = Shot(Subject(series.reference(number), 0), 20, 10, Film())
        assert room.peek(shot) is None
        assert room.develop(shot).cells is not None
        assert room.peek(shot) is not None
        assert room.kept < 200_000


def test_the_newest_is_kept_however_large() -> None:
    kept = Kept[str, bytes](10, len)
    kept.put("a", b"12345")
    kept.put("b", b"123456789012")
    assert (kept.get("a"), kept.get("b"), kept.bytes) == (None, b"123456789012", 12)
    kept.put("b", b"1")
    assert (kept.bytes, len(kept)) == (1, 1)
