"""Playing a sound with a player of the machine tbtui runs on: found on PATH, run without a shell, ended in time."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tbtui.analysis.text import cut, safe

__all__ = ["PLAYERS", "Player", "Playing", "find_player"]

PLAYERS: dict[str, tuple[str, ...]] = {
    "pw-play": (),
    "paplay": (),
    "afplay": (),
    "aplay": ("-q",),
    "ffplay": ("-nodisp", "-autoexit", "-loglevel", "error"),
}
"""Programs that play a WAV file, with what stands before the file's name; the first that is found is taken."""

MOST_WORDS = 80
_PATIENCE = 0.5


@dataclass(frozen=True, slots=True)
class Player:
    """A program on PATH."""

    name: str
    path: str

    def command(self, file: str) -> list[str]:
        """What is run to play a file, whose name is a path and so never looks like an option."""
        return [self.path, *PLAYERS[self.name], file]


def find_player(which: Callable[[str], str | None] = shutil.which) -> Player | None:
    """The player to use; None where there is none."""
    for name in PLAYERS:
        path = which(name)
        if path:
            return Player(name, path)
    return None


class Playing:
    """At most one sound at a time. `stop` ends it; it is called when the dashboard goes."""

    def __init__(self) -> None:
        self.failure = ""
        """Why the last sound was not played to its end; "" where it was, or where it was stopped."""
        self._process: subprocess.Popen[bytes] | None = None
        self._file = ""

    @property
    def running(self) -> bool:
        """Whether a sound is being played now."""
        return self._process is not None and self._process.poll() is None

    def start(self, player: Player, data: bytes, ending: str) -> None:
        """Play an encoded sound. Raises OSError."""
        self.stop()
        self.failure = ""
        handle, self._file = tempfile.mkstemp(prefix="tbtui-", suffix=f".{ending}")  # for our eyes only (0600)
        try:
            with open(handle, "wb") as file:
                file.write(data)
            self._process = _run(player.command(self._file))
        except OSError:
            self._forget()
            raise

    def look(self) -> bool:
        """Whether it still plays; where it has ended, what is left of it is cleared away."""
        process = self._process
        if process is None:
            return False
        if process.poll() is None:
            return True
        said = process.stderr.read(4096).decode("utf-8", "replace") if process.stderr else ""
        if process.returncode:
            words = next((line for line in said.splitlines() if line.strip()), "")
            self.failure = cut(safe(words.strip()), MOST_WORDS) or f"it ended with {process.returncode}"
        self._forget()
        return False

    def stop(self) -> None:
        """End it, if one is being played."""
        process = self._process
        if process is not None and process.poll() is None:
            with contextlib.suppress(OSError):
                process.terminate()
            try:
                process.wait(_PATIENCE)
            except subprocess.TimeoutExpired:
                with contextlib.suppress(OSError):
                    process.kill()
                process.wait()
        self._forget()

    def _forget(self) -> None:
        if self._process is not None and self._process.stderr is not None:
            self._process.stderr.close()
        self._process = None
        if self._file:
            with contextlib.suppress(OSError):
                os.unlink(self._file)
        self._file = ""


def _run(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
