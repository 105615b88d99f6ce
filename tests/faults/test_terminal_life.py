"""The app in a terminal and without one: what must not disturb the screen, whatever happens around it."""

from __future__ import annotations

import random
import shutil
import sys
from pathlib import Path

import pytest

import tbtui
from tbtui.app import TbtuiApp
from tbtui.settings import Options
from tests.support.app import Screen, shown
from tests.support.logfiles import NAME, append, header, scalars, write
from tests.support.pty import Terminal
from tests.support.scalars import add_points, make_store, noisy

SIZES = [(1, 1), (0, 0), (1, 40), (200, 1), (300, 120), (30, 8), (80, 24), (45, 60), (120, 35), (19, 4)]


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for run in ("exp1/train", "exp1/val"):
        write(tmp_path / "logs" / run / NAME, header(), scalars(0, 50))
    return tmp_path / "logs"


# --- without a terminal


async def test_a_storm_of_sizes_while_data_stream_in_ends_with_the_right_picture() -> None:
    """After any sizes, down to nothing, the last one is drawn as if it had been the first."""
    chance = random.Random(3)
    series = {f"run_{n}": {"loss": noisy(60, seed=n), "acc": noisy(60, seed=n + 9)} for n in range(4)}
    async with shown(series, size=(100, 30)) as screen:
        for turn in range(30):
            add_points(screen.store, f"run_{turn % 4}", "loss", noisy(3, seed=turn))
            await screen.resize(*chance.choice(SIZES))
            if turn % 3 == 0:
                await screen.press(chance.choice(["j", "x", "pgdn", "y", "+"]))
        await screen.press("0")
        for size in ((110, 32), (40, 12)):
            await screen.resize(*size)
            await screen.data()
            await screen.data()
            again = screen.lines
            await screen.resize(20, 6)
            await screen.resize(*size)
            await screen.data()
            assert screen.lines == again
            assert any("⠀" < char <= "⣿" for char in screen.text)


async def test_the_selected_run_may_vanish_and_come_back(logs: Path) -> None:
    """Its directory is deleted, and another takes its name: the cursor stays on a run, every key still works."""
    with tbtui.open_logdir(logs) as opened:
        app = TbtuiApp(opened, Options(logdirs=(str(logs),)))
        async with app.run_test(size=(120, 35)) as pilot:
            screen = Screen(app, pilot)
            await screen.press("j")
            for turn in range(3):
                shutil.rmtree(logs / "exp1/val")
                opened.refresh()
                await screen.data()
                await screen.press("space", "o", "o", "j", "k", "c", "space")
                assert "val" in screen.text
                write(logs / "exp1/val" / NAME, header(1.7e9 + turn), scalars(0, 5 + turn))
                opened.refresh()
                await screen.data()
                await screen.press("j", "o", "o", "k")
                assert app.is_running


async def test_a_run_of_five_thousand_characters_and_a_tag_of_slashes(tmp_path: Path) -> None:
    """Names that are longer than any screen, empty, or made of slashes alone, are shown and kept as they are."""
    tags = ["t" * 5000, "", "/", "///", "/a", "a/", "a//b", "a/b", "a", " ", "\u754c" * 200, "e\u0301" * 300]
    store = make_store({"r" * 5000: dict.fromkeys(tags, noisy(20)), "usual": dict.fromkeys(tags, noisy(20))})
    for size in ((120, 40), (45, 20)):
        async with shown(store, size=size) as screen:
            await screen.press("pgdn", "pgdn", "pgup", "t", "pgdn", "t", "enter", *("n" for _ in tags), "escape", "j")
            assert screen.app.is_running
            assert set(store.tags()) == set(tags)


# --- in a terminal

NOISE = """
import logging, os, sys, threading, warnings
from tbtui.cli import main

def noise():
    warnings.warn("NOISE of a warning")
    warnings.warn("NOISE of a change", DeprecationWarning)
    logging.getLogger("some.library").error("NOISE of a log")
    logging.error("NOISE of the root log")
    os.write(2, b"NOISE of a C library\\n")
    print("NOISE on the error stream", file=sys.stderr)
    raise ValueError("NOISE of a thread")

threading.Timer(1.0, noise).start()
sys.exit(main(sys.argv[1:]))
"""


def test_what_libraries_print_never_reaches_the_screen(logs: Path) -> None:
    """Warnings, logging, messages of C libraries and tracebacks of threads, while the app is on the screen."""
    with Terminal([sys.executable, "-W", "always", "-c", NOISE, str(logs)]) as terminal:
        terminal.wait_for("train +49")
        terminal.settle(2.0)
        terminal.press("j")
        terminal.settle()
        terminal.press("q")
        assert terminal.wait(10) == 0
        assert b"NOISE" not in terminal.raw
        assert terminal.not_restored == []


BROKEN_ERRORS = """
import os, sys
from tbtui.cli import main
reading, writing = os.pipe()
os.dup2(writing, 2)
os.close(reading)
os.close(writing)
sys.exit(main(sys.argv[1:]))
"""


def test_an_error_stream_that_nobody_reads_freezes_nothing(logs: Path) -> None:
    with Terminal([sys.executable, "-c", BROKEN_ERRORS, "-v", str(logs)]) as terminal:
        terminal.wait_for("train +49")
        append(logs / "exp1/train" / NAME, scalars(50, 60))
        terminal.settle()
        terminal.press("q")
        assert terminal.wait(10) == 0
        assert terminal.not_restored == []


@pytest.mark.parametrize(
    "environment",
    [
        {"TERM": "screen", "COLORTERM": None},
        {"TERM": "tmux-256color", "COLORTERM": None, "TMUX": "/tmp/none,1,0"},
        {"TERM": "xterm", "COLORTERM": None},
        {"TERM": "vt100", "COLORTERM": None},
    ],
    ids=["screen", "tmux", "xterm", "vt100"],
)
def test_terminals_that_know_less(logs: Path, environment: dict[str, str | None]) -> None:
    """No 24-bit colours where they were not promised; curves are drawn and the terminal is restored."""
    with Terminal([sys.executable, "-m", "tbtui", str(logs)], env=environment) as terminal:
        terminal.wait_for("train +49")
        terminal.wait_for("[\u2801-\u28ff]{2}")
        terminal.settle()
        assert b"38;2;" not in terminal.raw
        terminal.press("q")
        assert terminal.wait(10) == 0
        assert terminal.not_restored == []
