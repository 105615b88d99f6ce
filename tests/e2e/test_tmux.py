"""In a real tmux: without passthrough pictures are half blocks, and nothing of the protocols is written."""

from __future__ import annotations

import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.support.blobs import image_record, write_run
from tests.support.pictures import encoded, noise

pytestmark = pytest.mark.skipif(shutil.which("tmux") is None, reason="no tmux")

PATIENCE = 30.0
HALF = "▀"


class Tmux:
    """A server of its own."""

    def __init__(self, folder: Path) -> None:
        self.command = ("tmux", "-S", str(folder / "socket"), "-f", "/dev/null")

    def run(self, *words: str) -> str:
        return subprocess.run([*self.command, *words], capture_output=True, text=True, check=True, timeout=20).stdout

    def wait(self, test: Callable[[str], bool]) -> str:
        """What is on the screen once it passes the test."""
        end = time.monotonic() + PATIENCE
        while True:
            text = self.run("capture-pane", "-p")
            if test(text) or time.monotonic() > end:
                return text
            time.sleep(0.1)  # tmux tells nobody what changed


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Tmux]:
    server = Tmux(tmp_path)
    yield server
    subprocess.run([*server.command, "kill-server"], capture_output=True, timeout=20, check=False)


@pytest.mark.parametrize("how", ["auto", "kitty"])
def test_blocks_without_passthrough(tmux: Tmux, tmp_path: Path, how: str) -> None:
    logs = write_run(tmp_path / "logs", image_record("im", [encoded(noise())], 1))
    piped = tmp_path / "written"
    tmux.run("new-session", "-d", "-x", "100", "-y", "30", "sh")
    tmux.run("set-option", "-g", "allow-passthrough", "off")
    tmux.run("pipe-pane", "-O", f"cat > {piped}")
    program = f"{sys.executable} -m tbtui {logs} --dashboard images --images {how}"
    tmux.run("send-keys", f"TBTUI_REMEMBER=0 {program}", "Enter")
    text = tmux.wait(lambda screen: HALF in screen)
    assert HALF in text
    written = piped.read_bytes()
    assert b"\x1b_G" not in written
    assert b"\x1bPtmux" not in written
    assert b"\x1bP0;1;0q" not in written
    assert "\U0010eeee".encode() not in written
