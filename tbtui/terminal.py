"""The terminal around the app: whether it can show it, how it is asked things, and that it is left as it was found.

Nothing here imports Textual: all of it happens before Textual is there, or after it has gone.
"""

from __future__ import annotations

import codecs
import contextlib
import faulthandler
import logging
import os
import re
import select
import signal
import sys
import termios
import threading
import time
import unicodedata
import warnings
from collections.abc import Callable, Iterator, Mapping, MutableMapping
from typing import Any

from tbtui.analysis.harmless_log import SafeFormatter
from tbtui.analysis.text import cut, safe

RESTORE = (
    b"\x1b[?2026l\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[?2004l\x1b[?1004l"
    b"\x1b[?7h\x1b[<u\x1b[?1049l\x1b[?25h"
)
"""Leaves synchronized output, mouse, paste, keyboard and screen modes, and shows the cursor."""

ASCII_SIGNS = {
    **dict.fromkeys("─━╌┄═╴╶▔‾", "-"),
    **dict.fromkeys("│┃║┆┊▏▕▌▐╎", "|"),
    **dict.fromkeys("╭╮╰╯┌┐└┘├┤┬┴┼╔╗╚╝╠╣╦╩╬┏┓┗┛", "+"),
    **dict.fromkeys("▁▂▃", "_"),
    **dict.fromkeys("▄▅", "="),
    **dict.fromkeys("▆▇█", "#"),
    **dict.fromkeys("▀▒▓", "%"),
    **dict.fromkeys("·•∙░", "."),
    **dict.fromkeys("×✗✘", "x"),
    **dict.fromkeys("▲△↑▴", "^"),
    **dict.fromkeys("▼▽↓▾", "v"),
    **dict.fromkeys("▶▸→▷›❯", ">"),
    **dict.fromkeys("◀◂←◁‹❮", "<"),
    "●": "*",
    "µ": "u",
    "◐": "~",
    "○": "o",
    "⚠": "!",
    "✓": "+",
    "■": "#",
    "□": ".",
    "…": "~",
    "∞": "8",
    "±": "~",
    "−": "-",
    "–": "-",
    "—": "-",
    "“": '"',
    "”": '"',
    "’": "'",
    "⏎": "<",
    "␛": "e",
}
"""What stands for our own signs on a terminal that shows ASCII only; every one is one cell."""

ANSWER_TIME = 0.15
"""Seconds to wait for the terminal's answer after everything else is ready."""

log = logging.getLogger("tbtui")


def settle_color(wanted: str, environ: MutableMapping[str, str] = os.environ) -> None:
    """Tell Textual, which asks the environment only, whether there are to be colours: "never", "always" or "auto"."""
    if wanted == "never":
        environ["NO_COLOR"] = "1"
    elif wanted == "always":
        environ.pop("NO_COLOR", None)


def refusal(environ: Mapping[str, str], stdin: int = 0, stdout: int = 1) -> str | None:
    """Why the app cannot be shown here, as a sentence that says what can be done instead; None when it can."""
    instead = "`tbtui plot` and `tbtui inspect` print plain text."
    if not (os.isatty(stdin) and os.isatty(stdout)):
        return f"The app needs a terminal for input and output. {instead}"
    if environ.get("TERM", "") in ("", "dumb", "unknown"):
        return f"This terminal (TERM={environ.get('TERM', '')}) cannot place text on the screen. {instead}"
    return None


def shows_unicode(environ: Mapping[str, str]) -> bool:
    """True unless the locale says another encoding than UTF-8, so that frames, dots and signs may be drawn.

    Where nothing is said (many containers), UTF-8 is what terminals use. Python itself sets LC_CTYPE to C.UTF-8 where
    the user's locale is C, so that this value says nothing.
    """
    asked = [environ.get("LC_ALL"), environ.get("LC_CTYPE"), environ.get("LANG")]
    if asked[1] == "C.UTF-8":
        asked[1] = None
    locale = next(filter(None, asked), "UTF-8")
    return re.search(r"utf-?8", locale, re.IGNORECASE) is not None


def prepare_environment(environ: MutableMapping[str, str]) -> None:
    """Set what libraries read once, when they are imported.

    Textual: no animations, a quick escape key, and a screen that waits for at most 4 ms before it shows what a key did:
    two frames, where one was just drawn (how often new data are drawn is the app's to say). NumPy: one thread, as
    products of small matrices are quicker without the others, and these would spin.
    """
    for name, value in (
        ("TEXTUAL_ANIMATIONS", "none"),
        ("TEXTUAL_SMOOTH_SCROLL", "0"),
        ("TEXTUAL_FPS", "500"),
        ("OPENBLAS_NUM_THREADS", "1"),
        ("ESCDELAY", "50"),
    ):
        environ.setdefault(name, value)


def _signs_for(error: UnicodeError) -> tuple[str, int]:
    """Encoding error handler: a sign of our own becomes its ASCII look, any other as many `?` as it has cells."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    return "".join(map(_sign, error.object[error.start : error.end])), error.end


def _sign(character: str) -> str:
    if character in ASCII_SIGNS:
        return ASCII_SIGNS[character]
    if 0x2800 <= ord(character) < 0x2900:
        return " " if character == "\u2800" else ":"
    if unicodedata.combining(character):
        return ""
    return "??" if unicodedata.east_asian_width(character) in "WF" else "?"


codecs.register_error("tbtui_signs", _signs_for)


class BackgroundQuestion:
    """Asks the terminal for its background colour, and what it can show, while the program is still starting.

    The question ends with one that every terminal answers (device attributes), so that a terminal that does not know
    the first is not waited for. Use as a context; inside it the terminal does not echo the answer.
    """

    def __init__(self, stdin: int = 0, stdout: int = 1, more: bytes = b"") -> None:
        self.stdin, self.stdout = stdin, stdout
        self.more = more
        """What else is asked; its answers are in `reply` too."""
        self.reply = b""

    def __enter__(self) -> BackgroundQuestion:
        self._before: list[Any] | None = None
        with contextlib.suppress(termios.error, OSError):
            before = termios.tcgetattr(self.stdin)
            quiet = list(before)
            quiet[3] &= ~(termios.ECHO | termios.ICANON)
            termios.tcsetattr(self.stdin, termios.TCSANOW, quiet)
            self._before = before
            os.write(self.stdout, b"\x1b]11;?\x1b\\" + self.more + b"\x1b[c")
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Put the terminal's input back; nothing the second time."""
        before, self._before = self._before, None
        if before is not None:
            with contextlib.suppress(termios.error, OSError):
                termios.tcsetattr(self.stdin, termios.TCSANOW, before)

    def is_light(self, wait: float = ANSWER_TIME) -> bool | None:
        """True or False as the terminal says; None when it does not say within `wait` seconds."""
        self.listen(wait)
        return luminous(self.reply)

    def listen(self, wait: float = ANSWER_TIME) -> None:
        """Wait at most so many seconds for all that the terminal says."""
        end = time.monotonic() + wait
        while self._before is not None and not re.search(rb"\x1b\[\?[\d;]*c", self.reply):
            ready, _, _ = select.select([self.stdin], [], [], max(0.0, end - time.monotonic()))
            if not ready:
                break
            self.reply += os.read(self.stdin, 4096)


def luminous(reply: bytes) -> bool | None:
    """Whether the colour in an answer to OSC 11 (`rgb:ffff/ffff/ffff`) is nearer to white; None without one."""
    found = re.search(rb"\x1b\]11;rgba?:([0-9a-fA-F]+)/([0-9a-fA-F]+)/([0-9a-fA-F]+)", reply)
    if not found:
        return None
    red, green, blue = (int(part, 16) / (16 ** len(part) - 1) for part in found.groups())
    return bool(0.2126 * red + 0.7152 * green + 0.0722 * blue > 0.5)


@contextlib.contextmanager
def quiet_errors(log_file: str | None, verbose: int = 0) -> Iterator[None]:
    """Keep the screen free of what libraries print: standard error goes to the log file, or nowhere, for a while.

    A standard error that is no terminal (`2> file`) is left alone: nobody draws on it.
    """
    handler: logging.Handler = logging.NullHandler()
    if log_file:
        handler = logging.FileHandler(log_file, encoding="utf-8", errors="backslashreplace")
        handler.setFormatter(SafeFormatter())
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(True)
    warnings.simplefilter("default" if verbose else "ignore")
    faulthandler.enable() if not os.isatty(2) else faulthandler.disable()
    threading.excepthook = _log_thread_error
    saved = os.dup(2) if os.isatty(2) else None
    if saved is not None:
        sink = os.open(log_file or os.devnull, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        os.dup2(sink, 2)
        os.close(sink)
    try:
        yield
    finally:
        if saved is not None:
            os.dup2(saved, 2)
            os.close(saved)
        threading.excepthook = threading.__excepthook__
        root.removeHandler(handler)
        handler.close()


def _log_thread_error(args: threading.ExceptHookArgs) -> None:
    name = args.thread.name if args.thread else "a thread"
    log.error("%s ended by an error", name, exc_info=args.exc_value)


class EmergencyExit:
    """Ends the process though the terminal does not take what is written to it any more.

    Armed when the app begins to leave; if it has not left in time, the terminal's modes are restored as far as it
    takes bytes at once, and the process ends.
    """

    def __init__(self, stdin: int = 0, stdout: int = 1) -> None:
        self.stdin, self.stdout = stdin, stdout
        self._attributes: list[Any] | None = None
        with contextlib.suppress(termios.error):
            self._attributes = termios.tcgetattr(stdin)
        self._done = threading.Event()
        self._armed = False

    def arm(self, code: int, seconds: float = 1.2) -> None:
        """End the process with `code` in so many seconds, unless `disarm` comes first. Only the first call counts."""
        if not self._armed:
            self._armed = True
            threading.Thread(target=self._run, args=(code, seconds), name="tbtui-exit", daemon=True).start()

    def disarm(self) -> None:
        """All is well: the process ends by itself."""
        self._done.set()

    def _run(self, code: int, seconds: float) -> None:
        if not self._done.wait(seconds):
            restore(self.stdin, self.stdout, self._attributes)
            os._exit(code)


def restore(stdin: int, stdout: int, attributes: list[Any] | None) -> None:
    """Put the terminal back, without ever waiting for it."""
    with contextlib.suppress(OSError):
        os.set_blocking(stdout, False)
        os.write(stdout, RESTORE)
    with contextlib.suppress(OSError):
        os.set_blocking(stdout, True)
    if attributes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(stdin, termios.TCSANOW, attributes)


def error_sentence(details: str, log_file: str | None) -> str:
    """What to tell of an unexpected error; its details go to the log file, or else to a new file of our own."""
    if log_file:
        log.error("unexpected error\n%s", details)
        path = os.path.abspath(log_file)
    else:
        import tempfile

        descriptor, path = tempfile.mkstemp(prefix="tbtui-error-", suffix=".log")
        with open(descriptor, "w", encoding="utf-8", errors="backslashreplace") as file:
            file.writelines(safe(line) + "\n" for line in details.splitlines())
    reason = cut(safe(details.strip().splitlines()[-1]), 200)
    return f"something went wrong: {reason}. The details are in {safe(path)}"


def print_error(sentence: str) -> None:
    """One sentence on standard error."""
    with contextlib.suppress(OSError):
        print(f"tbtui: {sentence}", file=sys.stderr)


@contextlib.contextmanager
def signals_end(leave: Callable[[int], None]) -> Iterator[None]:
    """While inside, SIGTERM, SIGHUP, SIGINT and SIGQUIT call `leave(128 + number)`. An ignored SIGHUP stays ignored."""

    def handle(number: int, _frame: object) -> None:
        leave(128 + number)

    before = {}
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT, signal.SIGQUIT):
        if signal.getsignal(number) is not signal.SIG_IGN:
            before[number] = signal.signal(number, handle)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
