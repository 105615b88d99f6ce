"""Sizes, waiting, panels and palette."""

from __future__ import annotations

import re

import numpy as np
import pytest

from tbtui.events.problem import Problem
from tbtui.logdir.updates import Progress
from tbtui.settings import View
from tbtui.widgets.problems_panel import ProblemsPanel
from tbtui.widgets.run_details import RunDetails
from tbtui.widgets.side_bar import SideBar
from tbtui.window import layout
from tests.support.app import NOW, shown, some_runs
from tests.support.scalars import add_points, make_store, new_store, noisy

SIZES = [(200, 50), (120, 35), (100, 30), (99, 30), (80, 24), (60, 20), (45, 60), (30, 8), (10, 3), (1, 1), (1, 200)]
BRAILLE = re.compile("[\u2801-\u28ff]")


@pytest.mark.parametrize("size", SIZES, ids=lambda size: "x".join(map(str, size)))
async def test_every_size_shows_what_it_can(size: tuple[int, int]) -> None:
    async with shown(size=size) as screen:
        await screen.settle()
        assert len(screen.lines) == size[1]
        if size[0] >= 30:
            assert "tbtui" in screen.lines[0] or "5 runs" in screen.lines[0] or "step" in screen.lines[0]
        if size[0] >= 30 and size[1] >= 8:
            assert BRAILLE.search(screen.text)
        if 20 <= size[0] < 60 and size[1] >= 8:
            assert screen.lines[-1].split()[:2] == ["?", "help"]


async def test_one_window_through_all_sizes_and_back() -> None:
    async with shown() as screen:
        for size in (*SIZES, (500, 2), (2, 500)):
            await screen.resize(*size)
            for key in ("j", "space", "tab", "r", "r", "space", "k", "?", "escape", "n", "p"):
                await screen.press(key)
        await screen.resize(120, 35)
        await screen.settle()
        assert "─ Runs 5 ─" in screen.text
        assert BRAILLE.search(screen.text)


async def test_zero_by_zero() -> None:
    async with shown() as screen:
        from textual import events
        from textual.geometry import Size

        screen.app.post_message(events.Resize(Size(0, 0), Size(0, 0)))
        await screen.pilot.pause()
        await screen.resize(120, 35)
        assert "run_0" in screen.text


@pytest.mark.parametrize("width", [1, 10, 19, 20, 59, 60, 99, 100, 140, 200, 500])
@pytest.mark.parametrize("height", [1, 4, 5, 7, 12, 14, 30, 60])
def test_the_chart_always_gets_most_of_the_height(width: int, height: int) -> None:
    parts = layout(width, height, View())
    if parts.body:
        assert height - 1 - parts.tabs - parts.run_line - parts.status >= height / 2
        assert parts.side == (width >= 100)


async def test_a_lone_line_under_the_smallest_size() -> None:
    async with shown(size=(40, 3)) as screen:
        assert "step 59" in screen.lines[0]
        assert screen.lines[1:] == ["", ""]


# -- waiting ----------------------------------------------------------------------------------------------------


async def test_an_empty_directory_is_waited_for_and_comes_alive() -> None:
    store = new_store()
    store.progress = Progress(0, 0, 0, quiet=True, waiting=(("logs", "is not there"),))
    async with shown(store) as screen:
        assert "Waiting for event files" in screen.text
        assert "is not there" in screen.text
        add_points(store, "first", "loss", noisy(40))
        await screen.data()
        await screen.data()
        await screen.settle()
        assert "Waiting" not in screen.text
        assert BRAILLE.search(screen.text)
        assert "first" in screen.text


@pytest.mark.parametrize("size", [(30, 8), (30, 20), (45, 60)])
async def test_what_is_waited_for_is_not_cut_in_narrow_windows(size: tuple[int, int]) -> None:
    store = new_store()
    store.progress = Progress(0, 0, 0, quiet=True, waiting=(("logs", "is not there"),))
    async with shown(store, size=size) as screen:
        words = " ".join(screen.text.split())
        assert "Waiting for event files" in words
        assert "is not there" in words
        assert "They appear here as soon as a" in words
        assert ("a file with `tfevents` in its name." in words) == (size[1] >= 20)


async def test_runs_without_scalars_say_what_was_found() -> None:
    store = new_store("a")
    store.run("a")._blob_series("flight", "x")
    async with shown(store) as screen:
        assert "No scalars here" in screen.text
        assert "Found: 1 flight" in screen.text


async def test_reading_is_shown_as_bytes_of_bytes() -> None:
    store = some_runs()
    store.progress = Progress(45_000_000, 90_000_000, 3, quiet=False)
    async with shown(store) as screen:
        assert "45.0 MB of 90.0 MB" in screen.lines[0]
        store.progress = Progress(90_000_000, 90_000_000, 3, quiet=True)
        store.version += 1
        await screen.data()
        assert "MB" not in screen.lines[0]


# -- title ------------------------------------------------------------------------------------------------------


async def test_the_title_tells_how_it_goes() -> None:
    store = make_store({"run": {"loss": noisy(60)}})
    add_points(store, "run", "loss", [0.1, 0.1], walls=[NOW - 3, NOW - 2])
    async with shown(store) as screen:
        assert "● live 2s" in screen.lines[0]
        assert "1 run  1 tag" in screen.lines[0]
        assert "step 61" in screen.lines[0]
        assert "it/s" in screen.lines[0]


async def test_time_passes_only_where_it_is_read() -> None:
    """Once a second the age grows; nothing but the age is sent to the terminal."""
    store = make_store({"run": {"loss": noisy(60)}})
    add_points(store, "run", "loss", [0.1], walls=[NOW - 2])
    async with shown(store) as screen:
        from tbtui.widgets.run_list import RunList
        from tbtui.widgets.title_bar import TitleBar

        refreshed: list[tuple[object, ...]] = []
        for part in (TitleBar, RunList):
            widget = screen.app.window.query_one(part)
            widget.refresh = lambda *regions, _part=part, **_: refreshed.append((_part, *regions))  # type: ignore
        screen.session.clock = lambda: NOW + 1
        await screen.app.tick()
        assert {part for part, _ in refreshed} == {TitleBar, RunList}
        assert sum(region.width for _, region in refreshed) < 14
        refreshed.clear()
        await screen.app.tick()
        assert refreshed == []


# -- problems and palette -----------------------------------------------------------------------------------------


async def test_problems_are_listed_and_read_in_full() -> None:
    store = some_runs()
    for number in range(40):
        store.note(Problem(f"run_0/events.{number:02}", 1234, f"length checksum is wrong, number {number}"))
    async with shown(store) as screen:
        assert "40 problems" in screen.lines[0]
        await screen.press("!")
        assert "40 problems" in screen.text
        assert "run_0/events.00, byte 1234" in screen.text
        await screen.press("end")
        assert "run_0/events.39, byte 1234" in screen.text
        store.note(Problem("run_0/events.99", 5, "one more"))
        await screen.data()
        assert "41 problems" in screen.text


async def test_no_problems_is_said() -> None:
    async with shown() as screen:
        await screen.press("!")
        assert isinstance(screen.app.screen, ProblemsPanel)
        assert "Everything could be read" in screen.text


async def test_the_palette_finds_and_runs_actions() -> None:
    async with shown() as screen:
        await screen.press("ctrl+p")
        await screen.press(*"high contrast")
        await screen.pilot.pause(0.3)
        await screen.press("enter")
        await screen.pilot.pause(0.3)
        assert screen.view.theme == "light"


async def test_the_palette_reaches_the_dashboard() -> None:
    async with shown() as screen:
        before = screen.view.smoothing
        await screen.press("ctrl+p")
        await screen.press(*"more smooth")
        await screen.pilot.pause(0.3)
        await screen.press("enter")
        await screen.pilot.pause(0.3)
        assert screen.view.smoothing > before


async def test_nothing_is_drawn_when_nothing_moved() -> None:
    store = make_store({"run": {"loss": np.ones(10)}})
    async with shown(store) as screen:
        await screen.pilot.pause(0.3)
        frames = []
        screen.app.post_display_hook = lambda: frames.append(1)  # type: ignore[method-assign]
        await screen.pilot.pause(0.6)
        assert frames == []


async def test_the_footer_and_the_title_can_be_clicked() -> None:
    store = some_runs()
    store.note(Problem("run_0/events", 1, "bad"))
    async with shown(store) as screen:
        await screen.pilot.click(offset=(screen.lines[-1].index("smooth"), 34))
        await screen.pilot.pause()
        assert screen.view.smoothing > 0.6
        await screen.pilot.click(offset=(screen.lines[0].index("1 problem"), 0))
        await screen.pilot.pause()
        assert isinstance(screen.app.screen, ProblemsPanel)


async def test_tabs_can_be_clicked() -> None:
    async with shown() as screen:
        await screen.pilot.click(offset=(3, 1))
        await screen.pilot.pause()
        assert screen.app.window.dashboard is not None


async def test_the_title_follows_the_newest_run_until_one_is_chosen() -> None:
    store = make_store({"a_old": {"loss": noisy(10)}, "b_new": {"loss": noisy(200)}})
    async with shown(store) as screen:
        assert "step 199" in screen.lines[0]
        await screen.press("j", "k")
        assert "step 9" in screen.lines[0]
        assert "step 9 " in f"{screen.lines[0]} "


async def test_an_old_run_with_bad_values_has_no_speed() -> None:
    store = make_store({"run": {"loss": np.full(30, np.nan)}})
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store) as screen:
        screen.session.clock = lambda: NOW + 1e7
        await screen.app.tick()
        await screen.pilot.pause()
        assert "⚠ bad values" in screen.lines[0]
        assert "it/s" not in screen.lines[0]


@pytest.mark.parametrize("key", ["t", "s", "/"])
async def test_runs_that_cover_the_dashboard_make_room_for_what_is_asked_of_it(key: str) -> None:
    async with shown(size=(45, 60)) as screen:
        await screen.press("r", key)
        assert not screen.app.window.query_one(SideBar).display
        await screen.press("escape", "escape", "r", "space", "j")
        assert screen.app.window.query_one(SideBar).display, "keys of runs need no room"


async def test_runs_over_a_part_of_the_dashboard_stay() -> None:
    async with shown(size=(80, 24)) as screen:
        await screen.press("r", "t")
        assert screen.app.window.query_one(SideBar).display


async def test_the_footer_of_the_runs_promises_what_enter_does() -> None:
    async with shown() as screen:
        assert "enter open" in screen.lines[-1]
        await screen.press("enter")
        assert isinstance(screen.app.screen, RunDetails)


async def test_without_colours_names_tell_curves_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with shown() as screen:
        await screen.press("j")
        assert any("run_1" in line[40:] for line in screen.lines)
