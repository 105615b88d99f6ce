"""The app remembers: what was chosen is there again, what is wrong is said, and keys are those of the configuration."""

from __future__ import annotations

import errno
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tbtui.app import TbtuiApp
from tbtui.events.problem import Problem
from tbtui.launch import remembering
from tbtui.settings import Options
from tbtui.settings.options import starting_view
from tbtui.settings.state import Memory, values_of
from tbtui.store.opening import LogDir
from tbtui.widgets.key_table import KEYS
from tbtui.widgets.keymap import checked_keymap, key_name
from tbtui.widgets.keys import split_keys
from tests.support.app import NOW, NoReader, Screen, some_runs


@asynccontextmanager
async def session(directory: Path, **options: Any) -> AsyncIterator[Screen]:
    """The app from start to end, as `run_app` begins and ends it."""
    given = Options(logdirs=(str(directory),), **options)
    memory = remembering(given)
    opened = LogDir(some_runs(), NoReader())  # type: ignore[arg-type]
    app = TbtuiApp(opened, given, clock=lambda: NOW, memory=memory)
    async with app.run_test(size=(150, 40)) as pilot:
        await pilot.pause()
        yield Screen(app, pilot)
    if memory is not None:
        memory.close(app.session.view)


CHOICES = ("j", "space", "tab", "l", "m", "s", "s", "x", "y", "O", "plus", "T", "f", *"run_", "enter", "/", *"loss|acc")


async def test_a_session_is_there_again(tmp_path: Path) -> None:
    async with session(tmp_path) as screen:
        await screen.press(*CHOICES, "enter", "r", "r")
        await screen.press("j", "c")
        before, shown = values_of(screen.view), screen.lines
    assert before["hidden"] == {"run_1"}
    assert before["pinned"]
    assert before["smoothing"] > 0.6
    assert (before["run_filter"], before["tag_filter"], before["theme"]) == ("run_", "loss|acc", "light")
    async with session(tmp_path) as screen:
        assert values_of(screen.view) == before
        assert screen.lines[:1] == shown[:1]
        assert "light" in screen.app.theme
        assert screen.notice == ""
    async with session(tmp_path, fresh=True) as screen:
        assert screen.view == starting_view(Options(), None)
    async with session(tmp_path) as screen:
        assert values_of(screen.view) == before
    async with session(tmp_path / "elsewhere") as screen:
        assert screen.view == starting_view(Options(), None)


async def test_the_table_is_there_again(tmp_path: Path) -> None:
    async with session(tmp_path) as screen:
        await screen.press("t", "o")
        await screen.pilot.pause(0.1)
        before = screen.lines[1:-1]
        assert screen.view.table
    async with session(tmp_path) as screen:
        await screen.pilot.pause(0.1)
        assert screen.lines[1:-1] == before


async def test_what_is_wrong_is_still_known_after_reading_again(tmp_path: Path) -> None:
    given = Options(logdirs=(str(tmp_path),), problems=(Problem("c.toml: a", None, "no such option"),))

    def opened() -> LogDir:
        return LogDir(some_runs(), NoReader())  # type: ignore[arg-type]

    app = TbtuiApp(opened(), given, opened, clock=lambda: NOW)
    async with app.run_test(size=(150, 40)) as pilot:
        await pilot.pause()
        await pilot.press("R")
        await app.workers.wait_for_complete()
        assert [problem.file for problem in app.session.store.problems()] == ["c.toml: a"]


async def test_the_log_directory_stays_as_it_is(tmp_path: Path) -> None:
    async with session(tmp_path) as screen:
        await screen.press("s")
    assert list(tmp_path.iterdir()) == []


async def test_it_is_written_while_the_app_runs(tmp_path: Path) -> None:
    async with session(tmp_path) as screen:
        memory = screen.app.memory
        assert memory is not None
        now = 0.0
        memory._clock = lambda: now
        memory._start = lambda work: work()
        await screen.press("s")
        await screen.app.tick()
        assert not Path(memory.path).exists()
        now = 60.0
        await screen.app.tick()
        assert Path(memory.path).exists()


async def test_who_wants_no_memory_has_none(tmp_path: Path) -> None:
    async with session(tmp_path, remember=False) as screen:
        await screen.press("s")
    assert not Path(os.environ["XDG_STATE_HOME"]).exists()


async def test_a_full_disk_is_said_once_and_the_app_runs_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("tbtui.settings.state.write_whole", full)
    async with session(tmp_path) as screen:
        memory = screen.app.memory
        assert memory is not None
        now = 0.0
        memory._clock = lambda: now
        memory._start = lambda work: work()
        for n in range(3):
            await screen.press("s")
            await screen.app.tick()
            now += 60.0
            await screen.app.tick()
            await screen.pilot.pause()
            if n == 0:
                await screen.app.tick()
                await screen.pilot.pause()
                assert "not remembered: No space left" in screen.notice
        assert screen.store.problem_count == 1
        await screen.press("!")
        assert "1 problem" in screen.text


async def test_what_is_wrong_with_the_configuration_is_said(tmp_path: Path) -> None:
    wrong = (Problem("c.toml: smoothing", None, "7 is no weight"), Problem("c.toml: a", None, "no such option"))
    async with session(tmp_path, problems=wrong, keymap={"nothing": "x"}, config="c.toml") as screen:
        await screen.pilot.pause()
        assert screen.notice.startswith("c.toml: smoothing: 7 is no weight (and 2 more")
        await screen.data()
        assert "3 problems" in screen.lines[0]


async def test_a_damaged_memory_is_said(tmp_path: Path) -> None:
    memory = remembering(Options(logdirs=(str(tmp_path),)))
    assert isinstance(memory, Memory)
    Path(memory.path).parent.mkdir(parents=True)
    Path(memory.path).write_text("{")
    async with session(tmp_path) as screen:
        await screen.pilot.pause()
        assert "is damaged" in screen.notice
        assert screen.store.problem_count == 1


# -- keys ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("f", "f"),
        ("?", "question_mark"),
        ("question_mark", "question_mark"),
        ("f5", "f5"),
        ("ctrl+t", "ctrl+t"),
        ("pgdn", "pagedown"),
        ("esc", "escape"),
        ("←", "left"),
        ("shift+left", "shift+left"),
        ("ctrl+", None),
        ("nonsense", None),
        ("", None),
        ("<", "less_than_sign"),
    ],
)
def test_names_of_keys(written: str, name: str | None) -> None:
    assert key_name(written) == name


def test_every_key_of_the_table_has_a_name() -> None:
    assert all(key_name(name) is not None for key in KEYS for name in split_keys(key.keys))


def test_a_key_given_away_leaves_the_one_it_belonged_to() -> None:
    keymap, wrong = checked_keymap({"theme": "="})
    others = {"graph.more", "hist.larger", "images.larger"}  # of other dashboards, where theme is at hand too
    assert {name: keys for name, keys in keymap.items() if name not in others} == {
        "theme": "equals_sign",
        "larger": "plus",
    }
    assert wrong == []


def test_the_only_key_of_another_is_not_taken() -> None:
    keymap, wrong = checked_keymap({"theme": "f,f5"})
    assert keymap == {"theme": "f5"}
    assert wrong == [("theme", "f is the key of filter.runs, which needs another one first")]


def test_keys_can_be_exchanged() -> None:
    keymap, wrong = checked_keymap({"theme": "f", "filter.runs": "T"})
    assert keymap == {"theme": "f", "filter.runs": "T"}
    assert wrong == []


def test_what_cannot_be_is_said() -> None:
    keymap, wrong = checked_keymap({"nothing": "x", "theme": "hyperspace", "quit": "f9"})
    assert keymap == {"quit": "f9"}
    assert [name for name, _ in wrong] == ["nothing", "theme"]


async def test_exchanged_keys_do_what_they_are_given_to(tmp_path: Path) -> None:
    async with session(tmp_path, keymap={"smoothing.up": "S", "smoothing.down": "s", "theme": "="}) as screen:
        await screen.press("S")
        assert screen.view.smoothing == 0.7
        await screen.press("s", "s")
        assert screen.view.smoothing == 0.5
        await screen.press("=")
        assert screen.view.theme == "light"
        before = screen.view.chart_size
        await screen.press("+")
        assert screen.view.chart_size > before
