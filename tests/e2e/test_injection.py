"""Foreign strings in a real terminal: run names, tags, file names and paths full of what terminals act upon."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest

from tests.support.logfiles import NAME, header, scalar
from tests.support.payloads import CONTROL, FORBIDDEN, MARKUP
from tests.support.pty import Terminal

WALK = ("j", "k", "?", "escape", "!", "j", "end", "escape", "enter", "end", "escape", "tab", "j", "enter", "x", "n")
"""Through the places where foreign strings are shown: list, charts, help, problems, details, one chart."""

POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z]+\x07")
"""Textual tells the terminal which shape the mouse pointer is to have."""

MORE = ("escape", "t", "j", "t", "f", "a", "enter", "/", "a", "enter", "ctrl+p", "escape", "T", "r", "e", "q")


def make_logs(root: Path, payloads: dict[str, str]) -> Path:
    """A log directory with every payload as run name, tag, file name and problem, under a path that is one too."""
    logdir = root / ("logs" + payloads[next(iter(payloads))].replace("/", "_"))
    for number, text in enumerate(payloads.values()):
        run = logdir / f"{number:02} {text}".replace("/", "_")
        run.mkdir(parents=True)
        records = header() + b"".join(scalar(step, 1 / (step + 1), f"{text}{number}") for step in range(20))
        (run / NAME).write_bytes(records)
        (run / f"{NAME}{text}".replace("/", "_")).write_bytes(records[:-3] + b"abc" + records[-100:])
        (run / f"{NAME}.{number}.txt").write_bytes(b"not an event file")
    return logdir


def walk(logdir: Path, size: tuple[int, int]) -> Terminal:
    with Terminal([sys.executable, "-m", "tbtui", str(logdir)], size) as terminal:
        terminal.wait_for(r"\d runs")
        terminal.settle()
        for key in (*WALK, *MORE):
            terminal.press(key)
            terminal.settle(0.15, 3)
        assert terminal.wait(10) == 0
        assert terminal.not_restored == []
    return terminal


@pytest.mark.parametrize("size", [(200, 50), (80, 24)], ids=["wide", "narrow"])
def test_no_payload_reaches_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = walk(make_logs(tmp_path, CONTROL), size)
    for name, text in CONTROL.items():
        if name not in ("tab", "lines", "return"):
            assert text.encode("utf-8") not in terminal.raw, name
    raw = POINTER_SHAPE.sub(b"", bytes(terminal.raw))
    for code in FORBIDDEN:
        place = raw.find(code)
        assert place < 0, (code, raw[max(0, place - 60) : place + 20])
    assert [command for command in terminal.commands if not command.startswith(b"22;")] == [b"11;?"]
    assert "pwned" in terminal.raw.decode("utf-8", "replace")


def test_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    terminal = walk(make_logs(tmp_path, MARKUP), (200, 50))
    shown = terminal.raw.decode("utf-8", "replace")
    for text in ("[_x]", "[r", "[0] a", "[@click=app.quit]"):
        assert text in shown, text
