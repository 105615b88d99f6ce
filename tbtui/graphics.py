"""How a terminal shows pictures: asked of it once, together with what else it is asked, and told by its surroundings.

What can't be found out within that time counts as no: half blocks are always right.
"""

from __future__ import annotations

import fcntl
import os
import re
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

__all__ = ["Graphics", "Protocol", "Tmux", "ask_tmux", "cell_size", "choose", "question"]

Protocol = Literal["kitty", "sixel", "iterm2", "blocks", "off"]

USUAL_CELL = (10, 20)
"""Width and height of a cell in pixels, where nobody knows."""

TMUX_SECONDS = 0.5

_KITTY_ANSWER = re.compile(rb"\x1b_Gi=31;OK")
_ATTRIBUTES = re.compile(rb"\x1b\[\?([\d;]*)c")
_VERSION = re.compile(rb"\x1bP>\|([^\x1b]*)\x1b\\")
_CELL = re.compile(rb"\x1b\[6;(\d+);(\d+)t")
_SIXEL = b"4"


@dataclass(frozen=True, slots=True)
class Graphics:
    """What pictures are drawn with. cell: width and height of a cell in pixels; tmux: commands are wrapped for it."""

    protocol: Protocol = "blocks"
    cell: tuple[int, int] = USUAL_CELL
    tmux: bool = False


@dataclass(frozen=True, slots=True)
class Tmux:
    """The tmux around a program: whether it hands commands on, and the name of the terminal around it."""

    passthrough: bool
    terminal: str


def _multiplexed(environ: Mapping[str, str]) -> str:
    """ "tmux" or "screen" where the terminal is one of them, else ""."""
    term = environ.get("TERM", "")
    if environ.get("TMUX") or term.startswith("tmux"):
        return "tmux"
    return "screen" if term.startswith("screen") else ""


def question(environ: Mapping[str, str]) -> bytes:
    """What to ask the terminal; every terminal's answer to its attributes must be asked for after it.

    Kitty's question is left out where it would be shown, or taken for a title.
    """
    if environ.get("TERM") in ("linux", "dumb", "unknown", None, ""):
        return b""
    asked = b"\x1b[>q\x1b[16t"
    if not _multiplexed(environ) and environ.get("TERM_PROGRAM") != "Apple_Terminal":
        asked = b"\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\" + asked
    return asked


def ask_tmux(environ: Mapping[str, str]) -> Tmux:
    """What tmux says of itself; no, where it can't be asked (over SSH its name is all we have)."""
    pane = environ.get("TMUX_PANE", "")
    command = ["tmux", "display-message", "-p", *(["-t", pane] if pane else [])]
    try:
        said = subprocess.run(
            [*command, "#{allow-passthrough}\t#{client_termtype}\t#{client_termname}"],
            capture_output=True, timeout=TMUX_SECONDS, check=True, stdin=subprocess.DEVNULL, text=True,
        ).stdout  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return Tmux(False, "")
    allowed, _, rest = said.strip("\n").partition("\t")
    return Tmux(allowed in ("1", "2", "on", "all"), rest.lower())


def choose(
    asked: str,
    reply: bytes,
    environ: Mapping[str, str],
    tmux: Callable[[Mapping[str, str]], Tmux] = ask_tmux,
    stdout: int = 1,
) -> Graphics:
    """What to draw pictures with. asked: `--images`; reply: what the terminal said to `question`."""
    cell = cell_size(reply, stdout)
    around = _multiplexed(environ)
    if asked in ("blocks", "off"):
        return Graphics(asked, cell)  # type: ignore[arg-type]  # one of the two
    if asked != "auto":
        wrap = around == "tmux" and asked != "sixel" and tmux(environ).passthrough
        if around == "tmux" and not wrap and asked != "sixel":
            return Graphics("blocks", cell)
        return Graphics(asked, cell, wrap)  # type: ignore[arg-type]  # a protocol: see the table of options
    attributes = _ATTRIBUTES.search(reply)
    sixel = attributes is not None and _SIXEL in attributes[1].split(b";")[1:]
    if around == "tmux":
        found = tmux(environ) if environ.get("TMUX") else Tmux(False, "")
        if found.passthrough and _has_placeholders(found.terminal):
            return Graphics("kitty", cell, tmux=True)
        return Graphics("sixel" if sixel else "blocks", cell)
    if around:
        return Graphics("blocks", cell)
    version = _VERSION.search(reply)
    name = (version[1].decode("utf-8", "replace") if version else environ.get("TERM_PROGRAM", "")).lower()
    if "wezterm" in name or "iterm" in name:
        return Graphics("iterm2", cell)
    if _KITTY_ANSWER.search(reply) and _has_placeholders(name or environ.get("TERM", "")):
        return Graphics("kitty", cell)
    return Graphics("sixel" if sixel else "blocks", cell)


def _has_placeholders(name: str) -> bool:
    """Whether a terminal of this name knows placeholders; others know Kitty's protocol without them."""
    return "kitty" in name or "ghostty" in name


def cell_size(reply: bytes, stdout: int = 1) -> tuple[int, int]:
    """Width and height of a cell in pixels, as the terminal or the kernel says; else what is usual."""
    told = _CELL.search(reply)
    if told and 0 < int(told[1]) < 200 and 0 < int(told[2]) < 200:
        return int(told[2]), int(told[1])
    try:
        rows, columns, across, down = struct.unpack("HHHH", fcntl.ioctl(stdout, termios.TIOCGWINSZ, b"\0" * 8))
    except (OSError, ValueError):  # no terminal
        return USUAL_CELL
    if columns and rows and across >= 2 * columns and down >= 2 * rows:
        return across // columns, down // rows
    return USUAL_CELL


def ask(stdin: int, stdout: int, environ: Mapping[str, str] = os.environ, seconds: float = 0.2) -> bytes:
    """Ask the terminal now, without the answer being shown, and wait so long for it. For programs without a screen."""
    import contextlib
    import select
    import time

    reply = b""
    asked = question(environ)
    if not asked:
        return b""
    with contextlib.suppress(termios.error, OSError):
        before = termios.tcgetattr(stdin)
        quiet = list(before)
        quiet[3] &= ~(termios.ECHO | termios.ICANON)
        termios.tcsetattr(stdin, termios.TCSANOW, quiet)
        try:
            os.write(stdout, asked + b"\x1b[c")
            end = time.monotonic() + seconds
            while not _ATTRIBUTES.search(reply):
                ready, _, _ = select.select([stdin], [], [], max(0.0, end - time.monotonic()))
                if not ready:
                    break
                reply += os.read(stdin, 4096)
        finally:
            termios.tcsetattr(stdin, termios.TCSANOW, before)
    return reply
