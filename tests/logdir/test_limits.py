"""Many files and few descriptors, in a process of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tbtui.logdir.updates import FileChunk, FileSeen
from tests.support.logfiles import NAME, Watched, append, header, points, scalars, write

FEW_DESCRIPTORS = """
import resource, sys
from tests.support.logfiles import NAME, Watched, append, scalars
from pathlib import Path
import os
folder = Path(sys.argv[1])
watched = Watched(folder)
watched.poll()  # imports whatever is imported late
resource.setrlimit(resource.RLIMIT_NOFILE, (64, 64))
watched = Watched(folder)
watched.poll()
assert len(watched.all_points()) == 2000, len(watched.all_points())
for path in list(folder.glob("*/*"))[:500]:
    append(path, scalars(2, 3))
watched.poll()
assert len(watched.all_points()) == 2500, len(watched.all_points())
assert not watched.trouble, watched.trouble
print(len(os.listdir("/proc/self/fd")))
"""


def test_a_thousand_files_with_64_descriptors(tmp_path: Path) -> None:
    for run in range(1000):
        write(tmp_path / f"r{run}" / NAME, header(), scalars(0, 2))
    command = [sys.executable, "-c", FEW_DESCRIPTORS, str(tmp_path)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, cwd=root, check=False)
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) < 16


def test_many_small_files_in_one_run(tmp_path: Path) -> None:
    for number in range(3000):
        write(tmp_path / f"events.out.tfevents.1700000000.host.{number}.0", header(), scalars(number, number + 1))
    watched = Watched(tmp_path)
    updates = watched.poll()
    assert watched.all_points() == points(0, 3000)
    assert sum(isinstance(update, FileSeen) for update in updates) == 3000
    chunks = {id(update.chunk) for update in updates if isinstance(update, FileChunk)}
    assert len(chunks) < 30, "small files are to be read together"


def test_a_storm_of_writes_and_hints_is_gathered(tmp_path: Path) -> None:
    files = [write(tmp_path / f"r{run}" / NAME, header()) for run in range(100)]
    watched = Watched(tmp_path)
    watched.poll()
    for step in range(10):
        for path in files:
            append(path, scalars(step, step + 1))
            watched.follower.wake([str(path)])
    chunks = [update for update in watched.poll(0) if isinstance(update, FileChunk)]
    assert len(chunks) == 100
    assert len({id(update.chunk) for update in chunks}) == 1
    assert len(watched.all_points()) == 1000
