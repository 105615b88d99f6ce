"""The installed command remembers, however it ends, and says so where it can not."""

import json
import signal
from pathlib import Path

import pytest

from tests.e2e.conftest import CURVE
from tests.support.pty import Terminal


def opened(command: list[str], logs: Path, home: Path, *words: str) -> Terminal:
    environment = {"XDG_STATE_HOME": str(home / "state"), "XDG_CONFIG_HOME": str(home / "config")}
    return Terminal([*command, *words, str(logs)], (150, 40), env=environment)


@pytest.mark.parametrize("end", ["q", signal.SIGTERM, signal.SIGHUP], ids=str)
def test_a_choice_is_there_again(
    command: list[str], demo_logs: Path, tmp_path: Path, end: str | signal.Signals
) -> None:
    with opened(command, demo_logs, tmp_path) as terminal:
        terminal.wait_for(CURVE)
        terminal.press("s")
        terminal.wait_for(r"smooth 0\.7")
        if isinstance(end, str):
            terminal.press(end)
        else:
            terminal.signal(end)
        terminal.wait()
    (file,) = (tmp_path / "state" / "tbtui").iterdir()
    assert json.loads(file.read_text())["view"]["smoothing"] == 0.7
    before = file.read_bytes()
    with opened(command, demo_logs, tmp_path) as terminal:
        terminal.wait_for(r"smooth 0\.7")
        terminal.press("q")
        assert terminal.wait() == 0
    with opened(command, demo_logs, tmp_path, "--fresh") as terminal:
        terminal.wait_for(r"smooth 0\.6")
        terminal.press("q")
        assert terminal.wait() == 0
    assert file.read_bytes() == before


def test_a_mistake_in_the_configuration_is_said_and_harmless(
    command: list[str], demo_logs: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "config" / "tbtui"
    folder.mkdir(parents=True)
    (folder / "config.toml").write_text('smoothing = 7\nx_axis = "wall"\n[keys]\ntheme = "f5"\n')
    with opened(command, demo_logs, tmp_path) as terminal:
        terminal.wait_for("smoothing: 7 is not a weight")
        terminal.wait_for("1 problem")
        terminal.wait_for("x wall")
        terminal.press("q")
        assert terminal.wait() == 0


def test_where_nothing_can_be_written_one_sentence_says_so(command: list[str], demo_logs: Path, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("no directory")
    with opened(command, demo_logs, tmp_path) as terminal:
        terminal.wait_for(CURVE)
        terminal.press("s")
        terminal.wait_for(r"smooth 0\.7")
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.text.count("choices are not remembered") == 1
        assert terminal.not_restored == []
