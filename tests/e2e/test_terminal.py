"""The app in a real pseudo-terminal: however it ends, the terminal is as it was found."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.logfiles import NAME, header, scalars
from tests.support.pty import Terminal

APP = [sys.executable, "-m", "tbtui"]
ENDS_SOON = 4.0
"""Seconds: well above the two that are promised, for machines that are busy with other tests."""


@pytest.fixture
def logdir(tmp_path: Path) -> Path:
    for run in ("training", "validation"):
        folder = tmp_path / "logs" / run
        folder.mkdir(parents=True)
        (folder / NAME).write_bytes(header() + scalars(0, 50))
    return tmp_path / "logs"


@pytest.fixture
def started(logdir: Path) -> Iterator[Terminal]:
    with Terminal([*APP, str(logdir)]) as terminal:
        terminal.wait_for("training")
        terminal.settle()
        yield terminal


def test_starts_in_the_alternate_screen_and_quits_clean(started: Terminal) -> None:
    assert {1049, 1003, 2004} <= started.modes
    assert 25 not in started.modes
    started.press("q")
    assert started.wait(ENDS_SOON) == 0
    assert started.not_restored == []


def test_ctrl_c_quits_even_while_typing(started: Terminal) -> None:
    started.press("f", "abc")
    started.wait_for("runs: abc")
    started.press("ctrl+c")
    assert started.wait(ENDS_SOON) == 0
    assert started.not_restored == []


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGINT])
def test_a_signal_ends_it_with_the_terminal_restored(started: Terminal, number: signal.Signals) -> None:
    started.signal(number)
    assert started.wait(ENDS_SOON) == 128 + number
    assert started.not_restored == []


@pytest.mark.parametrize("ignored", [(), (signal.SIGHUP,)])
def test_a_lost_terminal_ends_it(logdir: Path, ignored: tuple[signal.Signals, ...]) -> None:
    with Terminal([*APP, str(logdir)], ignore=ignored) as terminal:
        terminal.wait_for("training")
        terminal.close_master()
        assert terminal.process.wait(ENDS_SOON) == 129


def test_a_terminal_that_takes_nothing_does_not_hold_it(started: Terminal) -> None:
    """Nobody reads while a key is held down; then the program is asked to end."""
    for _ in range(400):
        started.press("T")
    time.sleep(0.5)
    started.signal(signal.SIGTERM)
    deadline = time.monotonic() + ENDS_SOON
    while started.exit_code is None and time.monotonic() < deadline:
        time.sleep(0.05)
    assert started.exit_code == 128 + signal.SIGTERM


def test_output_that_was_stalled_is_drawn_in_full_when_it_flows_again(started: Terminal) -> None:
    for _ in range(60):
        started.press("T")
    time.sleep(2.0)
    started.settle()
    started.press("?")
    started.wait_for("Moving")
    started.press("escape")
    started.wait_gone("Moving")
    started.wait_for("validation")


def test_an_error_is_one_sentence_and_its_details_a_file(logdir: Path, tmp_path: Path) -> None:
    log = tmp_path / "tbtui.log"
    program = (
        "import sys; from tbtui.widgets.session import Session; from tbtui.cli import main\n"
        "def broken(self): raise ValueError('made on purpose')\n"
        "Session.tag_count = broken\n"
        f"sys.exit(main(['--log-file', {str(log)!r}, {str(logdir)!r}]))"
    )
    with Terminal([sys.executable, "-c", program]) as terminal:
        assert terminal.wait() == 1
        assert terminal.not_restored == []
        assert "ValueError: made on purpose" in terminal.text
        assert "Traceback" not in terminal.text
    assert "Traceback" in log.read_text()


def test_suspended_and_resumed(started: Terminal) -> None:
    started.press("ctrl+z")
    started.wait_until(lambda: 1049 not in started.modes, what="leaving the alternate screen")
    started.settle()
    assert started.not_restored == []
    started.signal(signal.SIGCONT)
    started.wait_until(lambda: 1049 in started.modes, what="the alternate screen")
    started.wait_for("validation")
    started.press("q")
    assert started.wait(ENDS_SOON) == 0
    assert started.not_restored == []


def test_resized_while_running(started: Terminal) -> None:
    for size in ((1, 1), (200, 50), (10, 3), (1, 200), (500, 2), (30, 8), (80, 24)):
        started.resize(*size)
        started.settle(0.05)
    started.wait_for("tbtui")
    started.press("q")
    assert started.wait(ENDS_SOON) == 0


@pytest.mark.parametrize("locale", ["C", "POSIX", "de_DE.ISO-8859-1"])
def test_without_utf8_everything_is_ascii(logdir: Path, locale: str) -> None:
    with Terminal([*APP, str(logdir)], env={"LANG": locale, "LC_ALL": None, "LC_CTYPE": None}) as terminal:
        terminal.wait_for("training")
        terminal.settle()
        assert max(terminal.raw) < 0x80
        assert b"\\u" not in terminal.raw
        terminal.press("q")
        assert terminal.wait(ENDS_SOON) == 0


@pytest.mark.parametrize(
    ("words", "env", "colored"),
    [
        ([], {"NO_COLOR": "1"}, False),
        (["--color", "never"], {}, False),
        (["--color", "always"], {"NO_COLOR": "1"}, True),
    ],
)
def test_colours_are_left_out_where_that_is_asked(
    logdir: Path, words: list[str], env: dict[str, str], colored: bool
) -> None:
    with Terminal([*APP, str(logdir), *words], env=env) as terminal:
        terminal.wait_for("training")
        terminal.settle()
        shown = {cell.fg for row in terminal.screen.buffer.values() for cell in row.values()}
        assert all(is_grey(color) for color in shown) is not colored, shown


def is_grey(color: str) -> bool:
    return color == "default" or color[:2] == color[2:4] == color[4:]


@pytest.mark.parametrize("background", ["rgb:ffff/ffff/ffff", "rgb:1010/1010/1010", None])
def test_the_theme_follows_the_terminal(logdir: Path, background: str | None) -> None:
    with Terminal([*APP, str(logdir)], background=background) as terminal:
        terminal.wait_for("training")
        terminal.settle()
        ground = terminal.screen.buffer[20][60].bg
        light = background == "rgb:ffff/ffff/ffff"
        assert (int(ground[:2], 16) > 0x80) is light


@pytest.mark.parametrize("term", ["dumb", "", None])
def test_refuses_a_terminal_that_cannot_place_text(logdir: Path, term: str | None) -> None:
    with Terminal([*APP, str(logdir)], env={"TERM": term}) as terminal:
        assert terminal.wait() == 2
        assert "tbtui plot" in terminal.text
        assert b"\x1b" not in terminal.raw


def test_refuses_without_a_terminal(logdir: Path) -> None:
    import subprocess

    done = subprocess.run([*APP, str(logdir)], stdin=subprocess.DEVNULL, capture_output=True, timeout=30, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") <= 2
    assert b"terminal" in done.stderr


def test_errors_may_go_to_a_file(logdir: Path, tmp_path: Path) -> None:
    """`2> file` keeps the file free of what is drawn."""
    errors = tmp_path / "errors"
    command = f'exec "$0" -m tbtui "$1" 2> {errors}'
    with Terminal(["/bin/sh", "-c", command, sys.executable, str(logdir)]) as terminal:
        terminal.wait_for("training")
        terminal.press("q")
        assert terminal.wait(ENDS_SOON) == 0
    assert os.path.getsize(errors) == 0
