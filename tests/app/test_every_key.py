"""Every key of the table, in every dashboard, in each of its modes: none is without an answer.

The log directory has all kinds of data. An answer is a change of what is on the screen, or a sentence.
"""

from __future__ import annotations

import asyncio
import copy
import dataclasses
import os
from pathlib import Path

import numpy as np
import pytest
from rich.segment import Segment
from textual.widgets import Input

import tbtui
from tbtui.dashboards import REGISTRY
from tbtui.demo.training import train
from tbtui.widgets.key_table import KEYS
from tbtui.widgets.keys import split_keys
from tests.support.app import Screen, shown
from tests.support.blobs import image_record, sound_record, wav, write_run
from tests.support.captures import training
from tests.support.pictures import encoded, noise

LEAVING = ("quit", "quit.at_once", "suspend")
PRESSED = list(dict.fromkeys(name for key in KEYS if key.id not in LEAVING for name in split_keys(key.keys)))
"""Every key but those that end or suspend the app."""

MODES: dict[str, tuple[str, ...]] = {
    "runs": (),
    "dashboard": ("tab",),
    "full screen": ("tab", "enter"),
    "table": ("tab", "t"),
    "operators": ("tab", "P"),
    "timeline": ("tab", "L"),
}
"""What is typed to get there from the list of runs."""

ALL = [kind.id for kind in REGISTRY]

PLACES = [("scalars", "runs"), *((name, "dashboard") for name in ALL)]
if "TBTUI_SOAK" in os.environ:
    PLACES += [("scalars", "table"), ("profile", "operators"), ("profile", "timeline")]
    PLACES += [(name, "full screen") for name in ALL if name != "graphs"]  # there enter is for the row at the cursor
"""In the list of runs all dashboards are alike, and only scalars have the table. `TBTUI_SOAK` asks for all of it."""


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pilot looks four times as often as usual whether the app is at rest: here all that is drawn is waited for by
    itself, and it looks at least once for each of some thousand keys."""
    monkeypatch.setattr("textual._wait.SLEEP_GRANULARITY", 0.005)
    monkeypatch.setattr("textual._wait.SLEEP_IDLE", 0.00025)


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A log directory with every kind of data; the demo's, with sounds and a capture."""
    directory = tmp_path_factory.mktemp("keys")
    train(directory, 40, pace=None)
    wave = np.sin(np.arange(4000) / 5)
    sounds = [(wav(wave), "a"), (wav(wave / 2), "b")]
    records = [sound_record(tag, sounds, step) for step in range(5) for tag in ("one", "two")]
    records += [image_record("a", [encoded(noise(64, 64, step))], step) for step in range(5)]  # no two parts are alike
    write_run(directory, *records)
    (directory / "run" / "worker0.pt.trace.json").write_bytes(training().encode())
    return directory


class Walk:
    """The app with one dashboard in one mode; keys without an answer are noted."""

    def __init__(self, screen: Screen, mode: str) -> None:
        self.screen = screen
        self.mode = mode
        self.silent: list[str] = []

    async def settle(self) -> None:
        """Until everything is drawn."""
        await self.screen.pilot.pause()
        settled = getattr(self.screen.app.window.dashboard, "settled", None)
        async with asyncio.timeout(20):
            if settled is not None:
                await settled()
            await self.screen.app.workers.wait_for_complete()
        await self.screen.pilot.pause()

    def seen(self) -> tuple[list[list[Segment]], object]:
        """All that can be seen."""
        strips = self.screen.app.screen._compositor.render_strips()
        return [list(strip) for strip in strips], self.screen.app.screen

    async def back(self) -> None:
        """From wherever a key led, to the mode."""
        app = self.screen.app
        for _ in range(4):
            if app.screen is app.window and not isinstance(app.focused, Input):
                break
            await self.screen.pilot.press("escape")
            await self.settle()

    def place(self) -> tuple[object, ...]:
        """Where the user is: what a key may have left."""
        window = self.screen.app.window
        return window.dashboard, self.screen.app.focused, window.scopes(), self.screen.view.table

    async def enter(self, number: int) -> None:
        """The mode of the dashboard, from anywhere."""
        await self.back()
        self.screen.view.table = False
        self.screen.app.changed()
        await self.screen.pilot.press(str(number))
        await self.settle()
        while self.screen.app.window.step_out():  # a dashboard that was left in full screen is still there
            await self.settle()
        self.screen.app.window.query_one("RunList").focus()
        await self.settle()
        for key in MODES[self.mode]:
            await self.screen.pilot.press(key)
            await self.settle()

    async def press(self, key: str) -> None:
        """One key, from the same state of the view as every other."""
        view = self.screen.view
        kept = {field.name: copy.deepcopy(getattr(view, field.name)) for field in dataclasses.fields(view)}
        self.screen.app.window.say("")
        await self.screen.pilot.pause()
        before = self.seen()
        await self.screen.pilot.press(key)
        await self.settle()
        if self.seen() == before and not self.screen.notice:
            self.silent.append(key)
        await self.back()
        for name, value in kept.items():
            setattr(view, name, value)
        self.screen.app.window._arrange()  # the side bar too is as it was
        self.screen.app.changed()


@pytest.mark.parametrize(("name", "mode"), PLACES)
async def test_every_key_has_an_answer(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, mode: str
) -> None:
    monkeypatch.chdir(tmp_path)
    number = ALL.index(name) + 1
    with tbtui.open_logdir(logs) as opened:
        async with shown(opened.store) as screen:
            walk = Walk(screen, mode)
            await walk.settle()
            assert len(screen.app.window.kinds) == len(REGISTRY)
            await walk.enter(number)
            home = walk.place()
            for key in PRESSED:
                if walk.place() != home:
                    await walk.enter(number)
                    assert walk.place() == home, key
                await walk.press(key)
            assert walk.silent == []
