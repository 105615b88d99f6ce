"""The installed command in a real pseudo-terminal: it starts, shows curves, and leaves nothing behind."""

import signal
import subprocess
from pathlib import Path

import pytest

from tests.e2e.conftest import CURVE
from tests.support.pty import Terminal

SIZES = [(200, 50), (120, 35), (80, 24), (45, 60), (30, 8)]


@pytest.mark.parametrize("size", SIZES, ids=lambda size: f"{size[0]}x{size[1]}")
def test_it_shows_curves_and_quits(command: list[str], demo_logs: Path, size: tuple[int, int]) -> None:
    with Terminal([*command, str(demo_logs)], size) as terminal:
        terminal.wait_for(CURVE)
        assert 1049 in terminal.modes
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.not_restored == []


def test_it_names_runs_and_tags(command: list[str], demo_logs: Path) -> None:
    with Terminal([*command, str(demo_logs)], (200, 50)) as terminal:
        terminal.wait_for("small-sgd/train")
        terminal.wait_for("wide-adam/validation")
        terminal.wait_for("accuracy")
        terminal.wait_for(CURVE)
        terminal.press("ctrl+c")
        assert terminal.wait() == 0


def test_the_demo_trains_before_the_eye_and_clears_up(command: list[str], tmp_path: Path) -> None:
    with Terminal([*command, "demo"], (120, 35), env={"TMPDIR": str(tmp_path)}) as terminal:
        first = int(terminal.wait_for(r"step (\d+)").group(1))
        terminal.wait_until(lambda: int(terminal.wait_for(r"step (\d+)").group(1)) > first, what="the next step")
        terminal.wait_for(CURVE)
        assert list(tmp_path.glob("tbtui-demo-*"))
        terminal.press("q")
        assert terminal.wait() == 0
        assert terminal.not_restored == []
    assert not list(tmp_path.glob("tbtui-demo-*"))


def test_a_terminated_demo_clears_up(command: list[str], tmp_path: Path) -> None:
    with Terminal([*command, "demo"], (80, 24), env={"TMPDIR": str(tmp_path)}) as terminal:
        terminal.wait_for(CURVE)
        terminal.signal(signal.SIGTERM)
        assert terminal.wait() == 128 + signal.SIGTERM
        assert terminal.not_restored == []
        terminal.wait_until(lambda: not list(tmp_path.glob("tbtui-demo-*")), what="the removal of the directory")


def test_a_kept_demo_stays(command: list[str], tmp_path: Path) -> None:
    logs = tmp_path / "kept"
    with Terminal([*command, "demo", "--keep", str(logs), "--steps", "20", "--fast"], (120, 35)) as terminal:
        terminal.wait_for(r"step 19\b")
        terminal.press("q")
        assert terminal.wait() == 0
    inspected = subprocess.run([*command, "inspect", str(logs)], capture_output=True, text=True, timeout=60)
    assert inspected.returncode == 0
    assert "wide-adam/validation" in inspected.stdout
    with Terminal([*command, "demo", "--keep", str(logs)], (120, 35)) as terminal:
        assert terminal.wait() == 2
        assert "not empty" in terminal.text


def test_a_missing_directory_comes_alive(command: list[str], demo_logs: Path, tmp_path: Path) -> None:
    later = tmp_path / "later"
    with Terminal([*command, str(later)], (120, 35)) as terminal:
        terminal.wait_for("(?i)wait")
        assert "later" in terminal.text
        later.symlink_to(demo_logs)
        terminal.wait_for(CURVE)
        terminal.press("q")
        assert terminal.wait() == 0


def test_answers_that_come_late_are_no_keys(command: list[str], demo_logs: Path) -> None:
    with Terminal([*command, str(demo_logs), "--theme", "dark"], (120, 35)) as terminal:
        terminal.wait_for(CURVE)
        before = terminal.settle()
        terminal.write(b"\x1b]11;rgb:ffff/ffff/ffff\x1b\\\x1b[?62;4;22c\x1b[?62;4c")
        terminal.write(b"\x1b]11;rgb:ffff/ffff/ffff\x07")
        terminal.press("?")
        terminal.wait_for("esc close")
        terminal.press("escape")
        terminal.wait_gone("esc close")
        assert _charts(before) == _charts(terminal.settle())
        terminal.press("q")
        assert terminal.wait() == 0


def _charts(screen: str) -> list[str]:
    """The charts between title and footer, without the list of runs: its ages move with the clock."""
    return [line[34:] for line in screen.splitlines()[1:-1]]
