"""What the reader of log directories tells the store: small facts, in the order they were found.

A poll of `tbtui.logdir.follow.Follower` returns a list of these. They are to be applied in order; the facts about one
file always come as `RunSeen`, `FileSeen`, then any number of `FileChunk` and `FileReset`, perhaps `FileGone`, and after
that `FileSeen` again should the file come back.

Names: `run` is the run's name (path relative to its log directory with "/" between the parts, "." for the log directory
itself, prefixed by the log directory's name where several are open). `file` is the file's name in the same form, run
included; it identifies the file in every update and is what `Problem.file` holds. Both keep bytes that are not UTF-8 as
lone surrogates (`os.fsdecode`) and must be made safe before they are shown. `path` opens the file or directory.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from tbtui.events.decoder import Chunk
    from tbtui.events.problem import Problem

FileOrder = tuple[bytes, bytes]
"""Sorts the files of one run: their names with trailing numbers padded, then the names themselves."""

ResetCause = Literal["truncated", "replaced", "repointed"]
"""Why a file is read anew: it was cut or rewritten in place; it is another file; the symbolic link to its directory
leads elsewhere now."""


class RunSeen(NamedTuple):
    """A directory holds event files: a run. Told again when a run that was gone is back, or its `target` changes.

    `target` is the real path of the directory where a symbolic link leads to it, "" otherwise: a run with a target
    shows the same data as the run whose path that is.
    """

    run: str
    path: str
    target: str = ""


class FileSeen(NamedTuple):
    """An event file of a run was found, or is back after `FileGone` (its points then still count unless a `FileReset`
    follows). `order` places it among the files of its run, `path` opens it, `size` is its length in bytes now."""

    run: str
    file: str
    order: FileOrder
    path: str
    size: int = 0


class FileChunk(NamedTuple):
    """New records of a file: what concerns `chunk.*` with span number `span`. Chunks of one file come in file order.

    One `Chunk` may hold spans of many files; each of them is told by a `FileChunk` of its own.
    """

    run: str
    file: str
    chunk: Chunk
    span: int


@dataclass(frozen=True, slots=True)
class FileReset:
    """Everything this file contributed (points, items, problems) is void: it is read again from its first byte.

    Told right before the first `FileChunk` of the new content where there is one. With cause "truncated" the old points
    were true once and may be kept as superseded; with every other cause they are to be dropped.
    """

    run: str
    file: str
    reason: str
    cause: ResetCause


@dataclass(frozen=True, slots=True)
class FileGone:
    """The file has vanished. Its points stay; `FileSeen` tells when it is back.

    `renamed`: it lives on under another name in the same run, and what it contributed is void. So end the files that
    rsync and others write under a name of their own before they put them in place.
    """

    run: str
    file: str
    renamed: bool = False


@dataclass(frozen=True, slots=True)
class RunGone:
    """The run has no event file any more, or its directory is gone; its points stay. `RunSeen` tells it is back."""

    run: str


@dataclass(frozen=True, slots=True)
class ProfileSeen:
    """A profiler's capture was found (not read). Told once for each file.

    `run` is the directory that holds `plugins/profile/<session>` (it need not have event files), or the directory of a
    PyTorch trace. `tool` is the kind of file: "xplane", "torch_trace", "trace", or the legacy kind's name.
    """

    run: str
    session: str
    host: str
    tool: str
    path: str


@dataclass(frozen=True, slots=True)
class Trouble:
    """A state that hinders reading and may pass: no permission, not an event file, zeros where records should follow.

    At most one for each `problem.file` at a time: a later one takes the earlier one's place. Damage inside a file is
    told in its chunks and stays until the file is reset. `problem.file` may be a directory.
    """

    problem: Problem


@dataclass(frozen=True, slots=True)
class TroubleOver:
    """The `Trouble` of this file or directory has passed."""

    file: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How far reading has come. Told when one of the numbers moved.

    `bytes_read` of `bytes_found` bytes in `files` event files; `quiet` when all that was found has been read (what is
    torn or not written yet does not count). `waiting` names log directories that are missing or hold no run yet, each
    with the reason in a few words.
    """

    bytes_read: int
    bytes_found: int
    files: int
    quiet: bool
    waiting: tuple[tuple[str, str], ...] = ()


Update = (
    RunSeen | FileSeen | FileChunk | FileReset | FileGone | RunGone | ProfileSeen | Trouble | TroubleOver | Progress
)
