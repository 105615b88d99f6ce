"""A terminal for tests: runs a program in a pseudo-terminal and shows what a person would see.

    with Terminal(["tbtui", "logs"], size=(120, 35)) as terminal:
        terminal.wait_for(r"loss")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.restored

Nothing runs in the background: output is read only inside `pump`, `wait_for`, `wait_until`, `settle` and `wait`, so
a test can also be a terminal that does not read. Sizes are (columns, rows), as a person says them.
"""

import codecs
import contextlib
import fcntl
import os
import re
import select
import signal as signals
import struct
import subprocess
import termios
import time
from collections.abc import Callable, Mapping, Sequence

import pyte

KEYS = {
    "enter": b"\r",
    "escape": b"\x1b",
    "tab": b"\t",
    "shift+tab": b"\x1b[Z",
    "space": b" ",
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "shift+right": b"\x1b[1;2C",
    "shift+left": b"\x1b[1;2D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "pgup": b"\x1b[5~",
    "pgdn": b"\x1b[6~",
}
"""Keys by name, as xterm sends them; besides these every text is sent as it is, and `ctrl+a` to `ctrl+z` are known."""

SIGNALS_OF_A_TERMINAL = (signals.SIGHUP, signals.SIGINT, signals.SIGQUIT, signals.SIGTSTP)

DEFAULT_ENVIRONMENT = {"TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}

# One control sequence: CSI, OSC, DCS and its like, or a two-byte escape.
_SEQUENCE = re.compile(
    rb"\x1b\[(?P<private>[<=>?]?)(?P<params>[0-9;:]*)(?P<middle>[ -/]*)(?P<final>[@-~])"
    rb"|\x1b\](?P<osc>[^\x07\x1b]*)(?:\x07|\x1b\\)"
    rb"|\x1b[P^_X][^\x1b]*\x1b\\"
    rb"|\x1b[ -/]*[0-OQ-WYZ\\`-~]"
)
# The beginning of a sequence whose rest was not read yet.
_UNFINISHED = re.compile(rb"\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b]*\x1b?|[P^_X][^\x1b]*\x1b?|[ -/]*)?$")


class TerminalError(AssertionError):
    """What was awaited did not come; the message holds the screen."""


class Screen(pyte.Screen):
    """pyte's screen, which knows no dim text: the attribute `blink`, that nobody uses, stands for dim here."""

    def select_graphic_rendition(self, *attrs: int, **kwargs: object) -> None:
        translated: list[int] = []
        rest = list(attrs)
        while rest:
            code = rest.pop(0)
            if code in (38, 48):  # a colour's own numbers are not attributes
                count = 4 if rest[:1] == [2] else 2
                translated += [code, *rest[:count]]
                del rest[:count]
            elif code == 2:
                translated.append(5)
            elif code == 22:
                translated += [22, 25]
            else:
                translated.append(code)
        super().select_graphic_rendition(*translated)


class Terminal:
    """A program in a pseudo-terminal of a given size.

    Args:
        argv: The program and its arguments.
        size: (columns, rows).
        env: Changes to the environment; None as a value removes the variable.
        cwd: Where the program starts.
        sync: Whether the terminal says it knows synchronized output (mode 2026).
        background: Answered to the question for the background colour, as `rgb:...`; None leaves it unanswered.
        ignore: Signals that the program ignores from the start (as under nohup).
    """

    def __init__(
        self,
        argv: Sequence[str],
        size: tuple[int, int] = (120, 35),
        env: Mapping[str, str | None] | None = None,
        cwd: str | os.PathLike[str] | None = None,
        sync: bool = True,
        background: str | None = None,
        ignore: Sequence[signals.Signals] = (),
    ) -> None:
        self.raw = bytearray()
        """Every byte that the program wrote."""
        self.chunks: list[tuple[float, int]] = []
        """(monotonic time, length of `raw` after it) of every read, for bytes per frame."""
        self.modes: set[int] = {25}
        """DEC private modes that are on: 25 cursor, 1049 alternate screen, 1000/1003/1006 mouse, 2004 paste."""
        self.keyboard_depth = 0
        """How many times the kitty keyboard protocol was pushed and not popped."""
        self.commands: list[bytes] = []
        """Operating system commands (OSC), such as the title or OSC 52."""
        self.screen = Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self._pending = b""
        self._sync = sync
        self._background = background
        self._closed = False
        environment = {**os.environ, **DEFAULT_ENVIRONMENT, **(env or {})}
        for name in ("NO_COLOR", "TMUX", "STY", "COLUMNS", "LINES"):
            if name not in (env or {}):
                environment.pop(name, None)
        master, slave = os.openpty()
        fcntl.ioctl(master, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))

        def enter() -> None:
            os.login_tty(slave)
            for number in SIGNALS_OF_A_TERMINAL:  # whoever started the tests may have them ignored (nohup, "&")
                signals.signal(number, signals.SIG_DFL)
            for number in ignore:
                signals.signal(number, signals.SIG_IGN)

        self.process = subprocess.Popen(
            list(argv),
            env={name: value for name, value in environment.items() if value is not None},
            cwd=cwd,
            preexec_fn=enter,
            close_fds=True,
        )
        os.close(slave)
        self.master = master

    # -- looking -----------------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[str]:
        """The screen's rows, without blanks at the end."""
        return [line.rstrip() for line in self.screen.display]

    @property
    def text(self) -> str:
        """The screen as text."""
        return "\n".join(self.lines)

    @property
    def exit_code(self) -> int | None:
        """None while it runs; negative: ended by that signal."""
        return self.process.poll()

    @property
    def echo(self) -> bool:
        """Whether the terminal echoes and cooks what is typed, as a shell leaves it."""
        flags = termios.tcgetattr(self.master)[3]
        return bool(flags & termios.ECHO) and bool(flags & termios.ICANON)

    @property
    def restored(self) -> bool:
        """Whether the terminal is as a program found it: screen, cursor, mouse, paste, keyboard, echo."""
        return not self.not_restored

    @property
    def not_restored(self) -> list[str]:
        """What was left changed, in words."""
        names = {1049: "alternate screen", 1004: "focus reports", 2004: "bracketed paste", 2026: "synchronized output"}
        mouse = {1000, 1002, 1003, 1005, 1006, 1015, 1016}
        wrong = [name for mode, name in names.items() if mode in self.modes]
        wrong += ["mouse"] if mouse & self.modes else []
        wrong += [] if 25 in self.modes else ["cursor hidden"]
        wrong += ["kitty keyboard"] if self.keyboard_depth else []
        wrong += [] if self.echo else ["echo off"]
        return wrong

    # -- acting ------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Type keys: names of `KEYS`, `ctrl+x`, or any text as it is."""
        for key in keys:
            self.write(key_bytes(key))

    def write(self, data: bytes) -> None:
        """Send bytes as if typed."""
        os.write(self.master, data)

    def click(self, column: int, row: int) -> None:
        """Press and release the left button on a cell, counted from 0 (SGR mouse reports)."""
        self.write(b"\x1b[<0;%d;%dM\x1b[<0;%d;%dm" % (column + 1, row + 1, column + 1, row + 1))

    def resize(self, columns: int, rows: int) -> None:
        """Give the terminal another size; the program gets SIGWINCH."""
        self.screen.resize(max(rows, 1), max(columns, 1))
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def signal(self, number: int) -> None:
        """Send a signal to the program."""
        self.process.send_signal(number)

    def close_master(self) -> None:
        """Take the terminal away, as a lost connection does."""
        if not self._closed:
            self._closed = True
            os.close(self.master)

    # -- waiting -----------------------------------------------------------------------------------------------

    def pump(self, seconds: float = 0.05) -> bool:
        """Read what there is, waiting at most `seconds` for the first byte; False when nothing came."""
        if self._closed:
            time.sleep(seconds)
            return False
        ready, _, _ = select.select([self.master], [], [], max(seconds, 0))
        if not ready:
            return False
        try:
            data = os.read(self.master, 1 << 16)
        except OSError:  # EIO: the program closed its side
            data = b""
        if not data:
            time.sleep(min(seconds, 0.01))
            return False
        self.raw += data
        self.chunks.append((time.monotonic(), len(self.raw)))
        self._interpret(data)
        return True

    def wait_until(self, condition: Callable[[], object], timeout: float = 20.0, what: str = "the condition") -> None:
        """Read output until the condition holds."""
        deadline = time.monotonic() + timeout
        while not condition():
            if time.monotonic() > deadline:
                raise TerminalError(f"{what} did not come within {timeout:g} s; the screen was:\n{self.text}")
            self.pump()
            if not condition() and not self._closed and self.exit_code is not None:
                while self.pump(0.0):
                    pass
                if not condition():
                    raise TerminalError(f"the program ended ({self.exit_code}) before {what} came:\n{self.text}")

    def wait_for(self, pattern: str, timeout: float = 20.0) -> re.Match[str]:
        """Read output until the screen's text matches the regular expression (lines joined by newlines)."""
        expression = re.compile(pattern, re.MULTILINE)
        self.wait_until(lambda: expression.search(self.text), timeout, f"/{pattern}/")
        found = expression.search(self.text)
        assert found is not None
        return found

    def wait_gone(self, pattern: str, timeout: float = 20.0) -> None:
        """Read output until the screen's text no longer matches."""
        expression = re.compile(pattern, re.MULTILINE)
        self.wait_until(lambda: not expression.search(self.text), timeout, f"the end of /{pattern}/")

    def settle(self, quiet: float = 0.3, timeout: float = 20.0) -> str:
        """Read output until nothing came for `quiet` seconds (or the time is over), and give the screen's text."""
        deadline = time.monotonic() + timeout
        while self.pump(quiet) and time.monotonic() < deadline:
            pass
        return self.text

    def wait(self, timeout: float = 20.0) -> int:
        """Read output until the program ends; its exit code (negative: a signal)."""
        deadline = time.monotonic() + timeout
        while self.exit_code is None:
            if time.monotonic() > deadline:
                raise TerminalError(f"the program did not end within {timeout:g} s; the screen was:\n{self.text}")
            self.pump()
        while self.pump(0.0):
            pass
        return self.process.returncode

    def close(self) -> None:
        """End the program, if it still runs, and give the terminal back."""
        if self.exit_code is None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self.process.pid, signals.SIGKILL)
        self.process.wait()
        self.close_master()

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    # -- being a terminal --------------------------------------------------------------------------------------

    def _interpret(self, data: bytes) -> None:
        """Answer questions, keep track of modes, and give pyte what it understands."""
        data = self._pending + data
        unfinished = _UNFINISHED.search(data)
        self._pending = data[unfinished.start() :] if unfinished else b""
        data = data[: len(data) - len(self._pending)]
        done = 0
        for found in _SEQUENCE.finditer(data):
            self._stream.feed(self._decode(data[done : found.start()]))
            done = found.end()
            if self._pass_on(found):
                self._stream.feed(found.group().decode("latin-1"))
        self._stream.feed(self._decode(data[done:]))

    def _pass_on(self, found: re.Match[bytes]) -> bool:
        """Note what a sequence says; True when pyte should see it as well."""
        if found["osc"] is not None:
            self.commands.append(found["osc"])
            if found["osc"] == b"11;?" and self._background:
                self.write(b"\x1b]11;" + self._background.encode() + b"\x1b\\")
            return False
        if found["final"] is None:
            return found.group()[1:2] not in (b"P", b"^", b"_", b"X")
        private, parameters, final = found["private"], found["params"], found["final"]
        if private == b"?" and final in b"hl" and not found["middle"]:
            numbers = {int(number) for number in parameters.split(b";") if number}
            self.modes = self.modes | numbers if final == b"h" else self.modes - numbers
            return True
        if private == b"?" and found["middle"] == b"$" and final == b"p":
            known = parameters == b"2026" and self._sync
            self.write(b"\x1b[?" + parameters + (b";2$y" if known else b";0$y"))
        elif final == b"u" and private in (b">", b"<"):
            self.keyboard_depth += 1 if private == b">" else -min(self.keyboard_depth, int(parameters or b"1"))
        elif final == b"c" and not private:
            self.write(b"\x1b[?62;4c")
        elif final == b"n" and not private and parameters == b"6":
            self.write(b"\x1b[%d;%dR" % (self.screen.cursor.y + 1, self.screen.cursor.x + 1))
        return not private and not found["middle"] and final not in (b"c", b"n", b"t")


def key_bytes(key: str) -> bytes:
    """What a terminal sends for a key, or for a text."""
    if key in KEYS:
        return KEYS[key]
    if re.fullmatch(r"ctrl\+[a-z]", key):
        return bytes([ord(key[-1]) - ord("a") + 1])
    return key.encode()
