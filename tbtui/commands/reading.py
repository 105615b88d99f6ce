"""What all commands without a screen share: reading the log directories with progress, choosing runs and tags."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, TextIO

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.order import natural_key
from tbtui.commands.session import CommandError, check_logdirs
from tbtui.settings import Options

if TYPE_CHECKING:
    from tbtui.store import Run, ScalarSeries, Series, Store
    from tbtui.store.opening import LogDir

__all__ = ["ProgressLine", "chosen_runs", "chosen_scalars", "chosen_series", "nothing_found", "read_logdirs"]


class ProgressLine:
    """How far reading has come, on one line of standard error that is gone at the end; nothing where that is no
    terminal, nor for reading that is done in a moment."""

    def __init__(self, stream: TextIO | None = None, clock: Callable[[], float] = time.monotonic) -> None:
        self._stream = sys.stderr if stream is None else stream
        self._clock = clock
        self._due = clock() + 0.3
        self._shown = False
        self._wanted = self._stream.isatty()

    def __call__(self, store: Store) -> None:
        """Called after every bite of reading."""
        if self._is_due():
            progress = store.progress
            read, found = format_bytes(progress.bytes_read), format_bytes(progress.bytes_found)
            self._say(f"reading {read} of {found} in {progress.files:,} files")

    def tell(self, words: str) -> None:
        """Puts words in place of what stands there, at most ten times a second."""
        if self._is_due():
            self._say(words)

    def _is_due(self) -> bool:
        return self._wanted and self._clock() >= self._due

    def _say(self, words: str) -> None:
        self._due = self._clock() + 0.1
        self._shown = True
        self._stream.write(f"\r{words}\x1b[K")
        self._stream.flush()

    def clear(self) -> None:
        """Take the line away."""
        if self._shown:
            self._shown = False
            self._stream.write("\r\x1b[K")
            self._stream.flush()


def read_logdirs(options: Options) -> LogDir:
    """Reads everything there is now in the log directories. Raises CommandError where one of them can't be read."""
    check_logdirs(options, must_exist=True)
    from tbtui.store.opening import open_logdir

    line = ProgressLine()
    try:
        longest = options.longest_record << 20
        return open_logdir(options.logdirs, poll=options.poll, on_progress=line, longest_record=longest)
    finally:
        line.clear()


def chosen_runs(store: Store, options: Options) -> list[Run]:
    """The runs whose name `--run` finds, in TensorBoard's order."""
    pattern = re.compile(options.run or "")
    return [run for run in store.runs() if pattern.search(run.name)]


def chosen_series(run: Run, options: Options) -> list[Series]:
    """The series of a run whose tag `--tag` finds: scalars first, each kind in natural order of the tags."""
    pattern = re.compile(options.tag or "")
    found = [series for series in run.series() if pattern.search(series.tag)]
    return sorted(found, key=lambda s: (s.plugin != "scalars", s.plugin, natural_key(s.tag)))


def chosen_scalars(store: Store, options: Options) -> Iterator[tuple[Run, ScalarSeries]]:
    """Every chosen run with each of its chosen scalar series."""
    pattern = re.compile(options.tag or "")
    for run in chosen_runs(store, options):
        for tag in sorted(run.scalars, key=natural_key):
            if pattern.search(tag):
                yield run, run.scalars[tag]


def nothing_found(store: Store, options: Options, what: str) -> CommandError:
    """An error that says that there is nothing to be drawn or exported, and what may be the reason."""
    filters = [f"--{name}" for name, value in (("run", options.run), ("tag", options.tag)) if value]
    words = f"there are no {what}"
    if filters:
        words += f" that {' and '.join(filters)} would let through"
    if store.problem_count:
        words += "; `tbtui inspect` tells of problems in the files"
    return CommandError(words)
