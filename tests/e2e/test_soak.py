"""Hundreds of keys at random, one after the other: each has its answer, nothing is left behind.

A key is answered when the screen changes. Where it does not (the same sentence twice, a key that a field of text does
not take), the window is made a column narrower or wider: the screen is drawn anew, so the app is listening.
`TBTUI_SOAK` says how many keys are typed instead of the usual number, `TBTUI_SEED` which.
"""

from __future__ import annotations

import os
import random
import re
from pathlib import Path

import psutil
import pytest

from tbtui.demo.training import train
from tbtui.widgets.key_table import KEYS
from tests.support.logfiles import NAME, header, scalar
from tests.support.pty import KEYS as NAMED
from tests.support.pty import Terminal

COUNT = int(os.environ.get("TBTUI_SOAK", "120"))
SEED = int(os.environ.get("TBTUI_SEED", "1"))
LEAVING = ("ctrl+c", "ctrl+q", "ctrl+z", "q")
SPELLED = {"pagedown": "pgdn", "pageup": "pgup", "asterisk": "*", "tilde": "~", "ampersand": "&"}
LONGEST = 10.0
"""Seconds to an answer, on however busy a machine."""

ENOUGH = 80
"""Megabytes that the second half of the keys may add: other kinds of data are opened, and their modules imported."""


def typed_keys() -> list[str]:
    """Every key of the table that can be typed here, but those that end or suspend the app."""
    found = dict.fromkeys(SPELLED.get(name, name) for key in KEYS for name in key.keys.split(","))
    known = [name for name in found if name in NAMED or len(name) == 1 or re.fullmatch(r"ctrl\+[a-z]", name)]
    return [name for name in known if name not in LEAVING]


class Soak:
    """A terminal into which keys are typed; told: every key so far."""

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal
        self.told: list[str] = []

    def press(self, key: str) -> None:
        """Type a key and wait for its answer."""
        self.told.append(key)
        self.terminal.press(key)
        if not self._answered(0.3):
            columns = 119 if self.terminal.screen.columns == 120 else 120
            self.terminal.resize(columns, 35)
            assert self._answered(LONGEST), f"no answer to {self.told[-12:]}\n{self.terminal.text}"
        self.terminal.settle(0.02, 2)

    def _answered(self, seconds: float) -> bool:
        return self.terminal.pump(seconds)

    def memory(self) -> float:
        """Megabytes."""
        return psutil.Process(self.terminal.process.pid).memory_info().rss / 1e6


@pytest.fixture(scope="module", params=["demo", "many"])
def logs(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The demo with all kinds of data, or 100 runs."""
    directory = tmp_path_factory.mktemp("soak") / "logs"
    if request.param == "demo":
        train(directory, 60, pace=None)
        return directory
    for number in range(100):
        run = directory / f"group{number % 7}" / f"run{number:03}"
        run.mkdir(parents=True)
        records = b"".join(
            scalar(step, number / (step + 1), tag)
            for step in range(40)
            for tag in ("train/loss", "val/loss", "lr", "acc", "epoch", *(f"layer{layer}/norm" for layer in range(9)))
        )
        (run / NAME).write_bytes(header() + records)
    return directory


@pytest.mark.timeout(600)
def test_every_key_is_answered(command: list[str], logs: Path, tmp_path: Path) -> None:
    keys, chosen, log = typed_keys(), random.Random(SEED), tmp_path / "tbtui.log"
    argv = [*command, str(logs), "--fresh", "--log-file", str(log)]
    here = tmp_path / "here"
    here.mkdir()
    with Terminal(argv, (120, 35), cwd=here, env={"XDG_STATE_HOME": str(tmp_path / "state")}) as terminal:
        terminal.wait_for(r"\d+ runs?")
        terminal.settle(1.0)
        soak, used = Soak(terminal), 0.0
        for number in range(COUNT):
            soak.press(chosen.choice(keys))
            if number % 3 == 0:  # what lies open (a panel, a field) would take all the others
                soak.press("escape")
            if number == COUNT // 2:
                used = soak.memory()
        assert terminal.exit_code is None, terminal.text
        assert soak.memory() < used + ENOUGH
        terminal.press("ctrl+c")
        assert terminal.wait() == 0
        assert terminal.not_restored == []
    assert "Traceback" not in terminal.raw.decode("utf-8", "replace")
    assert not log.exists() or "Traceback" not in log.read_text()
