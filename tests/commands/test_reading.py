"""Progress, and log directories that can't be read."""

from __future__ import annotations

import io
import logging
import os
import warnings
from pathlib import Path

import pytest

from tbtui.commands.reading import ProgressLine
from tbtui.commands.session import CommandError, check_logdirs, holds_runs, logging_to
from tbtui.logdir.updates import Progress
from tbtui.settings import Options
from tbtui.store import Store
from tests.support.logfiles import NAME, header, write


class Screen(io.StringIO):
    """Standard error that says it is a terminal."""

    def isatty(self) -> bool:
        return True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def store() -> Store:
    found = Store(["logs"])
    found.apply([Progress(1_500_000, 3_000_000, 7, quiet=False)])
    return found


def test_progress_is_told_on_a_terminal_and_taken_away() -> None:
    screen, clock = Screen(), Clock()
    line = ProgressLine(screen, clock)
    line(store())
    assert screen.getvalue() == ""  # nothing for what is done in a moment
    clock.now = 0.5
    line(store())
    assert "reading 1.50 MB of 3.00 MB in 7 files" in screen.getvalue()
    told = len(screen.getvalue())
    line(store())
    assert len(screen.getvalue()) == told  # at most ten times a second
    line.clear()
    assert screen.getvalue().endswith("\r\x1b[K")


def test_no_progress_into_a_file() -> None:
    clock = Clock()
    plain = io.StringIO()
    line = ProgressLine(plain, clock)
    clock.now = 5.0
    line(store())
    line.tell("written")
    line.clear()
    assert plain.getvalue() == ""


def test_a_directory_that_cannot_be_read(tmp_path: Path) -> None:
    missing = Options(logdirs=[str(tmp_path / "missing\x1b[31m")])
    check_logdirs(missing)  # the app waits for it
    with pytest.raises(CommandError, match="No such file") as error:
        check_logdirs(missing, must_exist=True)
    assert error.value.code == 1
    assert "\x1b" not in str(error.value)


def test_what_is_neither_file_nor_directory(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(CommandError, match="pipe: is neither a directory nor a regular file") as error:
        check_logdirs(Options(logdirs=[str(tmp_path / "pipe")]), must_exist=True)
    assert error.value.code == 1


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_a_directory_without_permission(tmp_path: Path) -> None:
    tmp_path.chmod(0)
    try:
        with pytest.raises(CommandError, match="Permission"):
            check_logdirs(Options(logdirs=[str(tmp_path)]), must_exist=True)
    finally:
        tmp_path.chmod(0o700)


def test_two_directories_of_one_name(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error:
        check_logdirs(Options(logdirs=[f"a={tmp_path}", f"a={tmp_path / 'b'}"]))
    assert error.value.code == 2


def test_whether_there_is_something_to_open(tmp_path: Path) -> None:
    assert not holds_runs(str(tmp_path))
    write(tmp_path / ".git" / NAME, header())
    assert not holds_runs(str(tmp_path))
    write(tmp_path / "deep" / "er" / NAME, header())
    assert holds_runs(str(tmp_path))


def test_a_profile_is_something_to_open(tmp_path: Path) -> None:
    (tmp_path / "jax" / "plugins" / "profile" / "1").mkdir(parents=True)
    assert holds_runs(str(tmp_path))
    assert not holds_runs(str(tmp_path / "torch"))
    write(tmp_path / "torch" / "w.1.pt.trace.json.gz", b"")
    assert holds_runs(str(tmp_path / "torch"))


def test_the_log_is_harmless(tmp_path: Path) -> None:
    file = tmp_path / "log.txt"
    before = list(logging.getLogger().handlers)
    with logging_to(str(file), verbose=0):
        logging.getLogger("tbtui").info("tag %s", "\x1b]52;c;x\x07")
        logging.getLogger("tbtui").debug("not this")
        warnings.warn("a warning", stacklevel=1)
    lines = file.read_text().splitlines()
    assert lines[0].endswith("INFO tbtui: tag ␛]52;c;x␇")
    assert "a warning" in lines[1]
    assert logging.getLogger().handlers == before


def test_a_log_that_cannot_be_written(tmp_path: Path) -> None:
    with pytest.raises(CommandError) as error, logging_to(str(tmp_path), verbose=0):
        pass
    assert error.value.code == 2
