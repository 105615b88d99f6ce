"""Opening log directories: for the library, for the commands, for the app."""

from __future__ import annotations

import os
from collections.abc import Callable, Collection, Mapping, Sequence
from types import TracebackType

from tbtui.logdir.follow import Follower
from tbtui.logdir.roots import Root, parse_roots
from tbtui.store.history import LONGEST_RECORD
from tbtui.store.reader import Reader
from tbtui.store.run import Run
from tbtui.store.store import Store

PathLike = str | os.PathLike[str]


class LogDir:
    """Log directories that were opened: a store, and the reader that fills it.

    with tbtui.open_logdir("logs/") as logdir:
        for run in logdir.runs():
            for tag, series in run.scalars.items():
                steps, walls, values = series.points()
    """

    def __init__(self, store: Store, reader: Reader) -> None:
        self.store = store
        self.reader = reader

    def runs(self) -> list[Run]:
        """All runs by start time, then name."""
        return self.store.runs()

    def __getitem__(self, name: str) -> Run:
        run = self.store.run(name)
        if run is None:
            raise KeyError(name)
        return run

    def refresh(self) -> None:
        """Reads what was written since; not needed (and not allowed) while a thread follows the files."""
        self.reader.changed()
        self.reader.read_all()

    def close(self) -> None:
        """Ends following. What was read can still be looked at."""
        self.reader.stop()

    def __enter__(self) -> LogDir:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


def open_logdir(
    logdir: PathLike | Sequence[PathLike] | Mapping[str, PathLike],
    *,
    follow: bool = False,
    poll: float | None = None,
    processes: int | None = None,
    on_progress: Callable[[Store], None] | None = None,
    leave_out: Collection[str] = (),
    longest_record: int = LONGEST_RECORD,
) -> LogDir:
    """Opens log directories (one, several, or names with paths) and reads every event file below them.

    follow: return at once and keep reading in a thread, as the files grow; otherwise all there is now is read before
    the call returns. poll: look for changes every so many seconds, without the file system's help. processes: how many
    read at most (None: by cores and size). on_progress: called after every bite when not following. A missing
    directory is no error: `store.progress.waiting` names it, and it is read when it appears. leave_out: names of runs
    that are listed and not read (`LogDir.reader.leave_out` changes it). longest_record: images and other values whose
    record has more bytes are listed, but not read when somebody looks at them.
    """
    roots = _roots(logdir)
    store = Store([root.path for root in roots], longest_record)
    follower = Follower(roots, poll=poll, processes=processes)
    follower.leave_out(leave_out)
    watcher = None
    if follow and poll is None:
        from tbtui.logdir.watch import Watcher

        watcher = Watcher([root.path for root in roots])
    reader = Reader(store, follower, watcher)
    if follow:
        reader.start()
    else:
        reader.read_all(None if on_progress is None else lambda: on_progress(store))
    return LogDir(store, reader)


def _roots(logdir: PathLike | Sequence[PathLike] | Mapping[str, PathLike]) -> list[Root]:
    if isinstance(logdir, Mapping):
        return [Root(name, os.fspath(path)) for name, path in logdir.items()]
    if isinstance(logdir, str | os.PathLike):
        return parse_roots([os.fspath(logdir)])
    return parse_roots([os.fspath(path) for path in logdir])
