"""The store: what has been read of some log directories, in memory, for many readers and one writer.

One thread applies what the follower found (`apply`); any thread asks.  A short lock guards both.  What is given out
(arrays, lists) is never changed afterwards.  `version` grows whenever anything does, so does each run's and each
series' own: a screen compares numbers and looks only at what moved.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, Any

from tbtui.events.problem import Problem
from tbtui.logdir.updates import (
    FileChunk,
    FileGone,
    FileReset,
    FileSeen,
    ProfileSeen,
    Progress,
    RunGone,
    RunSeen,
    Trouble,
    TroubleOver,
    Update,
)
from tbtui.store.all_tags import AllTags
from tbtui.store.history import LONGEST_RECORD, Column, FileSlot
from tbtui.store.run import Profile, Run
from tbtui.store.series import ScalarSeries

if TYPE_CHECKING:
    from tbtui.events.chunk import BlobPart, Chunk, Item, ScalarPart

MOST_PROBLEMS_A_FILE = 100

LONG = 1000
"""Series of fewer points are not worth making smaller."""


class _BySpan:
    """What one chunk brought, sorted by the span (file) it belongs to."""

    def __init__(self, chunk: Chunk) -> None:
        self.items: dict[int, list[Item | BlobPart]] = {}
        self.problems: dict[int, list[tuple[int, str]]] = {}
        for item in chunk.items:
            self.items.setdefault(item.span, []).append(item)
        for blobs in chunk.blobs:
            self.items.setdefault(blobs.span, []).append(blobs)
        if chunk.blobs:
            for items in self.items.values():
                items.sort(key=attrgetter("offset"))  # no other item of its tag lies between the records of a part
        for span, offset, reason in chunk.problems:
            self.problems.setdefault(span, []).append((offset, reason))


class Store:
    """Runs, series and problems of one or more log directories.

    logdirs: the log directories as the user named them; lock: held while anything is applied or put together;
    has_profiles: whether captures of profilers were found; longest_record: payloads of more bytes are not read back.
    """

    def __init__(self, logdirs: Sequence[str] = (), longest_record: int = LONGEST_RECORD) -> None:
        self.logdirs = tuple(logdirs)
        self.longest_record = longest_record
        self.lock = RLock()
        self.version = 0
        self.changes = 0
        """Grows when anything in runs or their series may have changed: not by what is told of progress alone."""
        self.progress = Progress(0, 0, 0, quiet=False)
        self._runs: dict[str, Run] = {}
        self._damage: dict[str, list[Problem]] = {}  # by file: stays until the file is reset
        self._damage_left_out: dict[str, int] = {}
        self._trouble: dict[str, Problem] = {}  # by file: passes
        self._all_tags = AllTags()
        self.has_profiles = False
        self._unsettled: dict[Run, None] = {}
        self._unsettled_points = 0
        self._news: dict[ScalarSeries, None] = {}  # that somebody looks at, with points that are only noted
        self._loose: dict[Run, None] = {}  # settled during a load, not made smaller yet

    # --- asking

    def runs(self) -> list[Run]:
        """All runs by start time, then name, as TensorBoard orders them; those without a wall time last."""
        with self.lock:
            runs = list(self._runs.values())
        return sorted(runs, key=lambda run: (run.start_time or math.inf, run.name))

    @property
    def run_count(self) -> int:
        """How many runs there are; none ever goes."""
        return len(self._runs)

    def runs_from(self, number: int) -> list[Run]:
        """The runs that were found after the first `number` ones, in the order in which they were found."""
        with self.lock:
            return list(islice(self._runs.values(), number, None))

    def run(self, name: str) -> Run | None:
        """The run of that name, if there is one."""
        return self._runs.get(name)

    @property
    def structure(self) -> int:
        """Grows when runs or series appear or vanish; points that are added do not move it."""
        with self.lock:
            return len(self._runs) + self._all_tags.structure()

    def tags(self, plugin: str = "scalars") -> frozenset[str]:
        """The tags that any run has for a plugin."""
        return self._tags_by_plugin().get(plugin, frozenset())

    def plugins(self) -> dict[str, int]:
        """How many different tags there are for each plugin that has any."""
        return {plugin: len(tags) for plugin, tags in self._tags_by_plugin().items()}

    def _tags_by_plugin(self) -> dict[str, frozenset[str]]:
        with self.lock:
            return self._all_tags.tags()

    @property
    def points(self) -> int:
        """How many scalar points are held, superseded ones included."""
        with self.lock:
            return sum(run.points for run in self._runs.values())

    def problems(self) -> list[Problem]:
        """What could not be read, by file and offset."""
        with self.lock:
            damage = [problem for problems in self._damage.values() for problem in problems]
            damage += [
                Problem(file, None, f"{count} more problems like these in this file")
                for file, count in self._damage_left_out.items()
            ]
            trouble = list(self._trouble.values())
        return sorted([*trouble, *damage], key=lambda p: (p.file, math.inf if p.offset is None else p.offset))

    def has_problem(self, run: Run) -> bool:
        """Whether anything of the run's files could not be read."""
        if not self._damage and not self._trouble:
            return False
        with self.lock:
            return not all(run.files.keys().isdisjoint(faulty.keys()) for faulty in (self._damage, self._trouble))

    @property
    def problem_count(self) -> int:
        """How many problems there are."""
        with self.lock:
            listed = sum(len(problems) for problems in self._damage.values())
            return listed + sum(self._damage_left_out.values()) + len(self._trouble)

    # --- telling

    def apply(self, updates: Iterable[Update]) -> None:
        """Takes in what a poll found, in order."""
        sorted_chunks: dict[int, _BySpan] = {}
        with self.lock:
            changed = False
            for update in updates:
                changed = True
                if isinstance(update, FileChunk):
                    by_span = sorted_chunks.get(id(update.chunk))
                    if by_span is None:
                        by_span = sorted_chunks[id(update.chunk)] = _BySpan(update.chunk)
                    self._apply_chunk(update, by_span)
                else:
                    self._apply_fact(update)
            self.version += changed

    def note(self, problem: Problem) -> None:
        """Adds a problem that did not come from a file's bytes; one for each `problem.file`."""
        self.apply([Trouble(problem)])

    def settle(self, most: int | None = None) -> bool:
        """Puts noted points of at most `most` series in place; returns whether more are left.

        Frees the columns that the series of a batch share. Done by the reader between bites, by others when they look.
        """
        with self.lock:
            while self._unsettled and (most is None or most > 0):
                run = next(iter(self._unsettled))
                settled = run.settle(most)
                if not run.unsettled:
                    del self._unsettled[run]
                most = None if most is None else most - max(settled, 1)
            if not self._unsettled:
                self._unsettled_points = 0
            return bool(self._unsettled)

    def settle_seen(self, most: int) -> Iterator[None]:
        """Puts noted points of those series in place that somebody looks at: who looks next would have to wait for it.
        Yields after so many notes, while the lock is not held."""
        news, self._news = self._news, {}
        for series in news:
            while series.settle_some(most):
                yield
            yield

    def compact(self) -> Iterator[None]:
        """Makes long series smaller, one at a time: for when a load is over. Tags of a run often have the same steps,
        which are then held only once. Yields after each."""
        for run in self.runs():
            yield from _compact(run)
        with self.lock:
            self.version += 1
            self.changes += 1
            self._loose = {}

    def settle_during_load(self, most: int) -> Iterator[None]:
        """Puts all noted points in place, and makes the series of runs smaller that have brought none since the last
        time: so memory does not pile up that is only given back when the load is over. Yields after at most so many
        series each: others may look at the store then."""
        with self.lock:
            settled = dict.fromkeys(self._unsettled)
        while self.settle(most):
            yield
        with self.lock:
            still = [run for run in self._loose if run not in settled]
            self._loose = settled
        for run in still:
            yield from _compact(run)

    @property
    def loading_much(self) -> bool:
        """Whether points had to be put in place during this load."""
        return bool(self._loose)

    @property
    def unsettled(self) -> int:
        """Of how many runs points are noted that are not in place yet."""
        return len(self._unsettled)

    @property
    def unsettled_points(self) -> int:
        """About how many points are only noted, in columns that many series share."""
        return self._unsettled_points

    def _apply_fact(self, update: Update) -> None:
        match update:
            case Progress():
                self.progress = update
            case RunSeen():
                run = self._run(update.run, update.path)
                run.path, run.target, run.gone = update.path, update.target, False
            case RunGone():
                self._run(update.run).gone = True
            case FileSeen():
                run = self._run(update.run)
                slot = run.files.get(update.file)
                if slot is None:
                    run.files[update.file] = self._slot(update.order, update.path, update.file)
                run.file_bytes[update.file] = update.size
            case FileReset():
                self._reset(update)
            case FileGone():
                self._run(update.run).version += 1
                if update.renamed:
                    self._forget(update)
            case ProfileSeen():
                run = self._run(update.run)
                self.has_profiles = True
                run.profiles.append(Profile(update.session, update.host, update.tool, update.path))
            case Trouble():
                self._trouble[update.problem.file] = update.problem
            case TroubleOver():
                self._trouble.pop(update.file, None)

    def _run(self, name: str, path: str = "") -> Run:
        run = self._runs.get(name)
        if run is None:
            run = self._runs[name] = Run(name, path, self.lock)
        run.version += 1
        self.changes += 1
        self._all_tags.touch(run)
        return run

    def _slot(self, order: tuple[Any, ...], path: str, name: str) -> FileSlot:
        return FileSlot(order, path, name, longest=self.longest_record)

    def _apply_chunk(self, update: FileChunk, by_span: _BySpan) -> None:
        run = self._run(update.run)
        slot = run.files[update.file]
        items = by_span.items.get(update.span, ())
        self._add_points(run, slot, update, items)
        for offset, reason in by_span.problems.get(update.span, ()):
            self._damaged(Problem(slot.name, offset, reason))

    def _add_points(self, run: Run, slot: FileSlot, update: FileChunk, items: Sequence[Item | BlobPart]) -> None:
        """Notes what a chunk holds for one file; the first value of a tag says what the tag is."""
        scalars, span = update.chunk.scalars, update.span
        extent = scalars.extent(span)
        problems: list[Problem] = []
        if extent is None:
            problems += run.add_items(slot, items)
        elif not any(item.tag for item in items):
            problems += run.add_items(slot, items)
            problems += run.note_scalars(slot, scalars, span)
        else:
            early, later = _around_items(scalars.of(span), items)
            problems += run.add_scalars(slot, early)
            problems += run.add_items(slot, items)
            problems += run.add_scalars(slot, later)
        if extent is not None:
            run.saw(extent)
            self._unsettled[run] = None
            self._unsettled_points += extent.points
            if run.news:
                self._news |= dict.fromkeys(run.news)
                run.news = []
        for problem in problems:
            self._damaged(problem)

    def _damaged(self, problem: Problem) -> None:
        known = self._damage.setdefault(problem.file, [])
        if len(known) < MOST_PROBLEMS_A_FILE:
            known.append(problem)
        else:
            self._damage_left_out[problem.file] = self._damage_left_out.get(problem.file, 0) + 1

    def _forget(self, update: FileGone) -> None:
        """A file is there under another name: what came from it is dropped, and the name with it."""
        run = self._run(update.run)
        slot = run.files.pop(update.file, None)
        run.file_bytes.pop(update.file, None)
        if slot is not None:
            run.drop(slot)
        self._damage.pop(update.file, None)
        self._damage_left_out.pop(update.file, None)

    def _reset(self, update: FileReset) -> None:
        run = self._run(update.run)
        old = run.files[update.file]
        run.files[update.file] = self._slot(old.order, old.path, old.name)
        if update.cause == "truncated":
            run.void(old)
        else:
            run.drop(old)
        self._damage.pop(update.file, None)
        self._damage_left_out.pop(update.file, None)
        self._trouble.pop(update.file, None)


def _compact(run: Run) -> Iterator[None]:
    if run.points < LONG:  # of thousands of runs: asking each of their series would take the lock again and again
        return
    known: dict[tuple[int, ...], Column] = {}
    for series in run.series():
        if isinstance(series, ScalarSeries) and series.total >= LONG:
            series.compact(known, LONG)
            yield


def _around_items(
    parts: Sequence[ScalarPart], items: Sequence[Item | BlobPart]
) -> tuple[Sequence[ScalarPart], Sequence[ScalarPart]]:
    """Parts whose tag also has items that begin behind them in the file, and the others.

    The first value of a tag says what the tag is, so those parts have to come first.
    """
    if not parts:
        return (), ()
    first_items = {item.tag: item.first_offset for item in reversed(items) if item.tag}
    if not first_items:
        return (), parts
    early: list[ScalarPart] = []
    later: list[ScalarPart] = []
    for part in parts:
        before = part.tag in first_items and part.first_offset() < first_items[part.tag]
        (early if before else later).append(part)
    return early, later
