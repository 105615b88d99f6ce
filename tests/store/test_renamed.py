"""Files that are written under another name first, as rsync does, leave nothing behind."""

from __future__ import annotations

from pathlib import Path

import tbtui
from tests.support.logfiles import NAME, append, header, scalars, write


def test_a_renamed_file_counts_once(tmp_path: Path) -> None:
    temporary = write(tmp_path / f".{NAME}.aB3dEf", header(), b"x" * 40, scalars(0, 10))
    with tbtui.open_logdir(tmp_path) as logdir:
        run = logdir["."]
        assert run.scalars["loss"].count == 10
        assert logdir.store.problem_count
        temporary.rename(tmp_path / NAME)
        append(tmp_path / NAME, scalars(10, 12))
        logdir.refresh()
        assert run.scalars["loss"].total == 12
        assert run.event_files == 1
        assert run.event_bytes == (tmp_path / NAME).stat().st_size
        assert len({problem.file for problem in logdir.store.problems()}) == 1
