"""A program in a pseudo-terminal: what it writes and when, what its keys bring, and what it costs."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

CURVE = re.compile(rb"\xe2[\xa0-\xa3][\x80-\xbf]")
"""A braille character: a piece of a curve."""

STYLE = re.compile(rb"\x1b\[[0-9;]*m")
"""What stands between words that are written in different looks."""

ANSWERS = (
    (b"\x1b[c", b"\x1b[?62;4c"),
    (b"\x1b[?2026$p", b"\x1b[?2026;2$y"),
    (b"\x1b]11;?", b"\x1b]11;rgb:0000/0000/0000\x1b\\"),
    (b"\x1b[6n", b"\x1b[1;1R"),
)
"""Questions of programs, and what an xterm says."""


@dataclass(frozen=True)
class Answer:
    """What a key brought: seconds to the first change of anything, to the first piece of a curve, or of what else was
    waited for (of anything, where none was sent), and to the last byte before quiet, and how many bytes."""

    soonest: float
    first: float
    last: float
    count: int


ENVIRONMENT = {
    "TERM": "xterm-256color",
    "COLORTERM": "truecolor",
    "TBTUI_CONFIG": os.devnull,  # nobody's configuration is measured
    "TBTUI_REMEMBER": "0",  # and every start is as the first
}


class Program:
    """Runs a command on a terminal of its own."""

    def __init__(self, command: Sequence[str], columns: int, rows: int, env: dict[str, str] | None = None) -> None:
        master, slave = pty.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        environment = {**os.environ, **ENVIRONMENT, **(env or {})}
        self.chunks: list[tuple[float, bytes]] = []
        self._changed = threading.Condition()
        self._master = master
        self.started = time.perf_counter()
        self._process = subprocess.Popen(
            list(command), stdin=slave, stdout=slave, stderr=slave, env=environment, start_new_session=True
        )
        os.close(slave)
        self._thread = threading.Thread(target=self._read, daemon=True)
        self._thread.start()

    def _read(self) -> None:
        while True:
            try:
                select.select([self._master], [], [])
                data = os.read(self._master, 1 << 20)
            except (OSError, ValueError):
                data = b""
            now = time.perf_counter()
            for question, answer in ANSWERS:
                if question in data:
                    os.write(self._master, answer)
            with self._changed:
                self.chunks.append((now, data))
                self._changed.notify_all()
            if not data:
                return

    @property
    def pid(self) -> int:
        """Of the program."""
        return self._process.pid

    def wait(self, test: Callable[[bytes], bool], timeout: float, begin: int = 0) -> float:
        """Wait until what was written from chunk `begin` on passes a test; the time (perf_counter) when it did."""
        deadline = time.perf_counter() + timeout
        seen, data = begin, b""
        with self._changed:
            while True:
                while seen < len(self.chunks):
                    when, more = self.chunks[seen]
                    data += more
                    seen += 1
                    if test(data):
                        return when
                    if not more:
                        raise EOFError(f"the program ended: {data[-600:]!r}")
                if not self._changed.wait(deadline - time.perf_counter()):
                    raise TimeoutError(f"not seen within {timeout} s: {data[-600:]!r}")

    def wait_for(self, text: str, timeout: float = 20.0) -> float:
        """Seconds from the start until a text was written."""
        return self.wait(lambda data: text.encode() in data, timeout) - self.started

    def wait_for_curve(self, timeout: float = 20.0, begin: int = 0) -> float:
        """The time (perf_counter) when the first piece of a curve was written."""
        return self.wait(lambda data: CURVE.search(data) is not None, timeout, begin)

    def quiet(self, seconds: float = 0.4, timeout: float = 60.0) -> None:
        """Wait until nothing was written for so long."""
        deadline = time.perf_counter() + timeout
        while time.perf_counter() < deadline:
            last = self.chunks[-1][0] if self.chunks else self.started
            rest = last + seconds - time.perf_counter()
            if rest <= 0:
                return
            time.sleep(rest)
        raise TimeoutError("the program never rests")

    def write(self, key: bytes) -> None:
        """Type a key, and watch nothing."""
        os.write(self._master, key)

    def press(
        self, key: bytes, quiet: float = 0.25, timeout: float = 10.0, wanted: re.Pattern[bytes] = CURVE
    ) -> Answer:
        """Type a key, and watch what it brings until nothing more comes."""
        begin = len(self.chunks)
        pressed = time.perf_counter()
        os.write(self._master, key)
        soonest = self.wait(lambda data: len(data) > 0, timeout, begin)
        self.quiet(quiet, timeout)
        chunks = self.chunks[begin:]
        first = next((when for when, data in chunks if wanted.search(data)), soonest)
        times = (when - pressed for when in (soonest, first, chunks[-1][0]))
        return Answer(*times, sum(len(data) for _, data in chunks))

    def answer(self, key: bytes, words: str, timeout: float = 10.0) -> float:
        """Type a key; seconds until words (a regular expression) are written that it alone brings, whatever else is
        being written."""
        begin, wanted = len(self.chunks), re.compile(words.encode())
        pressed = time.perf_counter()
        os.write(self._master, key)
        return self.wait(lambda data: wanted.search(STYLE.sub(b"", data)) is not None, timeout, begin) - pressed

    def bytes_since(self, begin: int) -> int:
        """How many bytes were written from chunk `begin` on."""
        return sum(len(data) for _, data in self.chunks[begin:])

    def said_since(self, seconds: float) -> bytes:
        """What was written in the last seconds, without the looks of it."""
        begin = time.perf_counter() - seconds
        return STYLE.sub(b"", b"".join(data for when, data in list(self.chunks) if when >= begin))

    def cpu_seconds(self) -> float:
        """Processor time so far, of all threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self, name: str = "VmRSS") -> float:
        """Megabytes in memory now ("VmRSS") or at most so far ("VmHWM")."""
        for line in Path(f"/proc/{self.pid}/status").read_text().splitlines():
            if line.startswith(name):
                return int(line.split()[1]) / 1000
        raise ValueError(name)

    def close(self) -> None:
        """End the program."""
        if self._process.poll() is None:
            os.write(self._master, b"q")
            try:
                self._process.wait(2)
            except subprocess.TimeoutExpired:
                self._process.send_signal(signal.SIGKILL)
                self._process.wait()
        os.close(self._master)

    def __enter__(self) -> Program:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def tbtui(*arguments: str, columns: int = 200, rows: int = 50) -> Program:
    """The app on a terminal of its own, with this interpreter."""
    return Program([sys.executable, "-m", "tbtui", *arguments], columns, rows)
