"""Foreign strings in a real terminal: run names, tags, file names and paths full of what terminals act upon."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.hostile import write_all_kinds
from tests.support.logfiles import NAME, header, scalar
from tests.support.payloads import CONTROL, FORBIDDEN, MARKUP
from tests.support.pty import Terminal

WALK = ("j", "k", "?", "escape", "!", "j", "end", "escape", "enter", "end", "escape", "tab", "j", "enter", "x", "n")
"""Through the places where foreign strings are shown: list, charts, help, problems, details, one chart."""

POINTER_SHAPE = re.compile(rb"\x1b\]22;[a-z]+\x07")
"""Textual tells the terminal which shape the mouse pointer is to have."""

MORE = ("escape", "t", "j", "t", "f", "a", "enter", "/", "a", "enter", "ctrl+p", "escape", "T", "r", "e", "q")

COMMANDS = (
    "inspect",
    "plot",
    "plot --kind histogram",
    "plot --kind distribution",
    "plot --kind image",
    "graph",
    "profile",
)
"""Those that print for people; what `export` and `--json` write is data."""

IN_DASHBOARDS = (
    'j tab enter n escape " M j d escape',
    'tab enter " escape n',
    "tab enter escape n",
    "tab j enter escape",
    "tab l j l j enter j i escape",
    "tab j enter v n v n v j enter escape",
    'tab n enter " escape',
    'tab n j " escape',
    "tab n n j v m enter escape",
)
"""In the order of the tabs."""


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


def assert_harmless(raw: bytes, *, escapes: bool = True) -> None:
    """Nothing of the payloads is in what was written; escapes: whether sequences of our own may be."""
    for name, text in CONTROL.items():
        if name not in ("tab", "lines", "return"):
            assert text.encode("utf-8") not in raw, name
    raw = POINTER_SHAPE.sub(b"", raw)
    for code in FORBIDDEN if escapes else (*FORBIDDEN, b"\x1b"):
        place = raw.find(code)
        assert place < 0, (code, raw[max(0, place - 60) : place + 20])


@pytest.fixture(scope="module")
def all_kinds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every kind of data, each of its texts a payload, a run for each."""
    logdir = tmp_path_factory.mktemp("kinds")
    for number, text in enumerate(CONTROL.values()):
        write_all_kinds(logdir, text, number)
    return logdir


@pytest.mark.parametrize("command", COMMANDS)
def test_no_payload_reaches_the_output_of_a_command(all_kinds: Path, tmp_path: Path, command: str) -> None:
    log = tmp_path / "log"
    words = [sys.executable, "-m", "tbtui", *command.split(), str(all_kinds), "--log-file", str(log), "-v"]
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout
    for written in (done.stdout, done.stderr, log.read_bytes()):
        assert_harmless(written, escapes=False)


def test_no_payload_of_any_kind_of_data_reaches_the_terminal(all_kinds: Path, tmp_path: Path) -> None:
    """Every dashboard, with what its keys open."""
    log, state = tmp_path / "log", {"XDG_STATE_HOME": str(tmp_path / "state")}
    words = [sys.executable, "-m", "tbtui", str(all_kinds), "--log-file", str(log), "-v"]
    with Terminal(words, (120, 35), env=state) as terminal:
        terminal.wait_for(r"\d runs")
        terminal.settle()
        for number, keys in enumerate(IN_DASHBOARDS, 1):
            for key in (str(number), *keys.split(), "escape"):
                terminal.press(key)
                terminal.settle(0.15, 3)
            assert terminal.exit_code is None, terminal.text
        terminal.press("ctrl+c")
        assert terminal.wait(10) == 0
    assert_harmless(bytes(terminal.raw))
    assert_harmless(log.read_bytes())
    assert "pwned" in terminal.raw.decode("utf-8", "replace")


@pytest.mark.parametrize("size", [(200, 50), (80, 24)], ids=["wide", "narrow"])
def test_no_payload_reaches_the_terminal(tmp_path: Path, size: tuple[int, int]) -> None:
    terminal = walk(make_logs(tmp_path, CONTROL), size)
    assert_harmless(bytes(terminal.raw))
    assert [command for command in terminal.commands if not command.startswith(b"22;")] == [b"11;?"]
    assert "pwned" in terminal.raw.decode("utf-8", "replace")


def test_markup_is_shown_as_it_is(tmp_path: Path) -> None:
    terminal = walk(make_logs(tmp_path, MARKUP), (200, 50))
    shown = terminal.raw.decode("utf-8", "replace")
    for text in ("[_x]", "[r", "[0] a", "[@click=app.quit]"):
        assert text in shown, text
