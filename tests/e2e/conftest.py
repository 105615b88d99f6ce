"""What the tests of the installed command share."""

import os
import sys
from pathlib import Path

import pytest

from tbtui.demo.training import train

CURVE = "[\u2801-\u28ff]{2}"
"""Two braille cells side by side: something is drawn."""


@pytest.fixture(scope="session")
def command() -> list[str]:
    """The installed command: TBTUI_COMMAND names another one than that of this environment."""
    installed = os.environ.get("TBTUI_COMMAND", str(Path(sys.executable).with_name("tbtui")))
    assert Path(installed).exists(), f"{installed} is not installed"
    return [installed]


@pytest.fixture(scope="session")
def demo_logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The logs of a short demo run."""
    directory = tmp_path_factory.mktemp("demo") / "logs"
    train(directory, 60, pace=None)
    return directory
