"""What jobs do to the files of a run while somebody looks, each made with a real writer.

Every change is one function: it is done when the function returns, and the regular expression that it gives is then to
be seen in the app's list of runs. The run was written by the `LiveWriter` before, with points at steps 0 to 99.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from tests.support.live_writer import LiveWriter

RUN = "run000"
"""The run that changes; it is shown first."""

RUNS_OF = {count: [f"run{number:03d}" for number in range(count)] for count in (1, 200)}
"""The runs beside which it is looked at."""


def begin(writer: LiveWriter, count: int) -> None:
    """Write the runs that the changes begin with."""
    writer.open(*RUNS_OF[count])
    writer.add(RUNS_OF[count], "loss", range(100), 0.5)


def at_step(step: int) -> str:
    """What the list of runs shows where the run's last step is this one."""
    return rf"{RUN}\s+{step}\b"


def append(writer: LiveWriter) -> str:
    """A point more."""
    writer.add(RUN, "loss", [100], 0.25)
    return at_step(100)


def restart(writer: LiveWriter) -> str:
    """The job goes on from a checkpoint in a file of its own, which says so."""
    writer.close(RUN)
    writer.open(RUN, purge_step=50)
    writer.add(RUN, "loss", range(50, 61), 0.125)
    return at_step(60)


def rotate(writer: LiveWriter) -> str:
    """The job goes on in another file."""
    writer.close(RUN)
    writer.open(RUN)
    writer.add(RUN, "loss", range(100, 131), 0.25)
    return at_step(130)


def replace(writer: LiveWriter) -> str:
    """Another file is renamed to the name of the run's."""
    os.replace(_written_elsewhere(writer, 43), _file(writer))
    return at_step(42)


def truncate(writer: LiveWriter) -> str:
    """The file is cut to nothing, and begins again with less."""
    content = _written_elsewhere(writer, 21).read_bytes()
    file = _file(writer)
    assert len(content) < file.stat().st_size
    os.truncate(file, 0)
    with open(file, "r+b") as again:
        again.write(content)
    return at_step(20)


def delete(writer: LiveWriter) -> str:
    """The run's directory is deleted; its points stay, and it is marked."""
    shutil.copytree(writer.directory / RUN, _saved(writer))
    writer.close(RUN)
    shutil.rmtree(writer.directory / RUN)
    return f"✗ {RUN}"


def come_back(writer: LiveWriter) -> str:
    """A copy of the deleted directory is put there again, and the job goes on."""
    shutil.move(_saved(writer), writer.directory / RUN)
    writer.open(RUN)
    writer.add(RUN, "loss", range(100, 121), 0.25)
    return at_step(120)


Change = Callable[[LiveWriter], str]

LIVES: dict[str, tuple[Change, ...]] = {
    "append": (append,),
    "restart from a checkpoint": (restart,),
    "rotation": (rotate,),
    "replacement by rename": (replace,),
    "truncation": (truncate,),
    "deletion and return": (delete, come_back),
}
"""Changes that follow one another, by what they are called."""


def _file(writer: LiveWriter) -> Path:
    """The only event file of the run that changes."""
    (file,) = (writer.directory / RUN).iterdir()
    return file


def _saved(writer: LiveWriter) -> Path:
    return writer.directory.parent / "saved"


def _written_elsewhere(writer: LiveWriter, count: int) -> Path:
    """A file of another job, with points at steps 0 to `count` - 1."""
    with LiveWriter(writer.directory.parent / "elsewhere") as other:
        other.open(RUN)
        other.add(RUN, "loss", range(count), 0.25)
    (file,) = (other.directory / RUN).iterdir()
    return file
