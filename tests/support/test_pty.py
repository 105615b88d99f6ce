"""The terminal that the tests look through, itself looked at."""

import signal
import sys

import pytest

from tests.support.pty import Terminal, TerminalError, key_bytes

SHELL = ["sh", "-c"]


def python(code: str) -> list[str]:
    return [sys.executable, "-c", code]


def test_text_colours_and_size_are_seen() -> None:
    with Terminal(
        [*SHELL, r"printf 'h\303\251llo \033[38;2;1;2;3mred\033[2m dim\033[0m'; stty size"], (40, 5)
    ) as terminal:
        assert terminal.wait() == 0
        assert terminal.text.startswith("héllo red dim5 40")
        cell = terminal.screen.buffer[0][6]
        assert (cell.data, cell.fg, cell.blink) == ("r", "010203", False)
        assert terminal.screen.buffer[0][10].blink  # stands for dim


def test_sequences_unknown_to_pyte_leave_no_letters() -> None:
    code = r"stty -echo; printf '\033[>1u\033[?2026$p\033[<u\033[>0q\033]52;c;YQ==\a\033]8;;x\033\\ok'"
    with Terminal([*SHELL, code], (40, 5)) as terminal:
        assert terminal.wait() == 0
        assert terminal.text.strip() == "ok"
        assert terminal.keyboard_depth == 0
        assert b"52;c;YQ==" in terminal.commands


def test_sequences_cut_anywhere_are_put_together() -> None:
    terminal = Terminal(["true"], (40, 5))
    with terminal:
        terminal.wait()
        for byte in "é\x1b[1mA\x1b[0m\x1b]0;title\x1b\\\x1b[?1049h⣿".encode():
            terminal._interpret(bytes([byte]))
        assert terminal.text.strip() == "éA⣿"
        assert 1049 in terminal.modes


def test_questions_are_answered_and_keys_arrive() -> None:
    code = (
        "import sys, tty\n"
        "tty.setraw(0)\n"
        "sys.stdout.write('\\x1b[c\\x1b[?2026$p'); sys.stdout.flush()\n"
        "data = b''\n"
        "while not data.endswith(b'q'): data += sys.stdin.buffer.raw.read(100)\n"
        "print(repr(data))\n"
    )
    with Terminal(python(code), (80, 5)) as terminal:
        terminal.wait_until(lambda: b"2026" in terminal.raw)
        terminal.pump()
        terminal.press("up", "ctrl+p", "é", "q")
        assert terminal.wait() == 0
        for part in (r"\x1b[?62;4c", r"\x1b[?2026;2$y", r"\x1b[A", r"\x10", r"\xc3\xa9q"):
            assert part in terminal.text.replace("\n", "")


def test_what_is_left_changed_is_named() -> None:
    code = r"printf '\033[?1049h\033[?25l\033[?1003h'; stty -echo; printf ready; sleep 60"
    with Terminal([*SHELL, code], (40, 5)) as terminal:
        terminal.wait_for("ready")
        assert terminal.not_restored == ["alternate screen", "mouse", "cursor hidden", "echo off"]
        terminal.signal(signal.SIGTERM)
        assert terminal.wait() == -signal.SIGTERM


def test_resize_is_told() -> None:
    code = "trap 'stty size' WINCH; printf ready; while :; do sleep 0.05; done"
    with Terminal([*SHELL, code], (40, 5)) as terminal:
        terminal.wait_for("ready")
        terminal.resize(60, 20)
        terminal.wait_for("20 60")


def test_closing_the_master_hangs_up() -> None:
    with Terminal([*SHELL, "printf ready; sleep 60"], (40, 5)) as terminal:
        terminal.wait_for("ready")
        terminal.close_master()
        assert terminal.wait() == -signal.SIGHUP


def test_what_does_not_come_is_an_error_with_the_screen() -> None:
    command = [*SHELL, "printf something; sleep 60"]
    with Terminal(command, (40, 5)) as terminal, pytest.raises(TerminalError, match="something"):
        terminal.wait_for("nothing", timeout=0.3)
    with Terminal(["true"], (40, 5)) as terminal, pytest.raises(TerminalError, match="ended"):
        terminal.wait_for("nothing")


def test_names_of_keys() -> None:
    assert key_bytes("escape") == b"\x1b"
    assert key_bytes("ctrl+c") == b"\x03"
    assert key_bytes("loss") == b"loss"
