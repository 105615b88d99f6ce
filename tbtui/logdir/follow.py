"""Follows the event files of some log directories: finds them, reads them, notices every change.

A follower has no thread and sleeps nowhere. Whoever drives it calls `poll` again and again, at once while it is `busy`
and else when `next_due` has come or somebody hinted (`wake`) that something changed. Between polls it holds no file
open, and it never writes into a log directory.
"""

from __future__ import annotations

import os
import stat
import time
from collections import deque
from collections.abc import Callable, Collection, Sequence

from tbtui.events.problem import Problem
from tbtui.logdir.discover import Folder, FolderChange, FolderTrouble, Tree
from tbtui.logdir.files import NEVER, EventFile, file_order
from tbtui.logdir.identity import lies_at, stat_key
from tbtui.logdir.listing import Capture, describe_capture, describe_file
from tbtui.logdir.loader import Loader
from tbtui.logdir.mounts import Mounts
from tbtui.logdir.reading import BiteReader
from tbtui.logdir.roots import Root
from tbtui.logdir.rounds import Rounds
from tbtui.logdir.updates import (
    FileSeen,
    ProfileSeen,
    Progress,
    RunGone,
    RunSeen,
    Trouble,
    TroubleOver,
    Update,
)

WALK_FIRST = 0.2  # seconds given to finding files before the first is read, so that the newest run can be the first


class Branch:
    """One log directory that is followed: its walk, and the files found in it by path."""

    def __init__(self, root: Root, tree: Tree) -> None:
        self.root = root
        self.tree = tree
        self.real = os.path.realpath(root.path)
        self.files: dict[str, EventFile] = {}
        self.runs: set[str] = set()  # those that were seen and are not gone
        self.captures: set[str] = set()

    def name(self, folder: Folder, inside: str = "") -> str:
        """The name of a directory's run, or of something inside the directory."""
        relative = folder.relative
        if inside:
            relative = inside if relative == "." else f"{relative}{os.sep}{inside}"
        return self.root.qualify(relative.replace(os.sep, "/"))

    def localise(self, path: str) -> str | None:
        """A path that a watcher told, as the walk would call it; None where it lies elsewhere."""
        for prefix in (self.root.path, self.real):
            if path == prefix or path.startswith(prefix.rstrip(os.sep) + os.sep):
                return self.root.path + path[len(prefix) :]
        return None


class Follower:
    """Follows log directories (`roots`) and returns what is new as `Update`s.

    `clock` (monotonic) and `wall` (seconds since 1970) tell the time. `poll` forces the seconds between two looks at
    anything. `processes`: how many may read the first load together; None decides by cores and bytes, 1 is this
    process alone. `mounts` tells which file systems are remote. `reader` reads and decodes.
    """

    def __init__(
        self,
        roots: Sequence[Root],
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        poll: float | None = None,
        processes: int | None = None,
        mounts: Mounts | None = None,
        reader: BiteReader | None = None,
    ) -> None:
        self._clock = clock
        self._wall = wall
        self._processes = processes
        mounts = mounts or Mounts()
        self._branches = []
        for root in roots:
            absolute = Root(root.name, os.path.abspath(os.path.expanduser(root.path)), root.given or root.path)
            tree = Tree(absolute, mounts, clock=clock, wall=wall, period=poll)
            self._branches.append(Branch(absolute, tree))
        self._reader = reader or BiteReader()
        self._loader = Loader(self._reader, clock)
        self._rounds = Rounds(poll)
        self._arrivals: deque[tuple[Branch, Folder, str]] = deque()
        self._urgent: dict[EventFile, None] = {}
        self._hints: deque[str | None] = deque()  # filled by other threads; None: look at everything
        self._wanted: frozenset[str] | None = None  # set by other threads
        self._unwanted: frozenset[str] | None = None  # likewise
        self._progress: Progress | None = None
        self._updates: list[Update] = []  # those of a poll that is under way: should it fail, the next one returns them
        self._files = 0
        self._begun: float | None = None
        self._walked = False

    @property
    def busy(self) -> bool:
        """Whether there is something to do at once."""
        return bool(
            self._begun is None
            or self._hints
            or self._arrivals
            or self._urgent
            or self._loader.busy
            or self._rounds.running
            or any(branch.tree.busy for branch in self._branches)
        )

    @property
    def next_due(self) -> float:
        """The time, by the clock, at which the next poll pays."""
        if self.busy:
            return self._clock()
        return min(self._rounds.next_due, min((branch.tree.next_due for branch in self._branches), default=0.0))

    def wake(self, paths: Sequence[str] = ()) -> None:
        """Hints, from any thread, that something changed at these paths; without paths, anywhere."""
        if paths:
            self._hints.extend(paths)
        else:
            self._hints.append(None)

    def cut_short(self) -> None:
        """Ends the poll that is under way as soon as it can. From any thread."""
        self._reader.cut_short = True

    def release(self) -> None:
        """Gives back the memory that is only kept for the next poll: for when much was read and all is quiet."""
        self._loader.release()

    def rely_on_hints(self, on: bool) -> None:
        """Says whether somebody hints at changes as they happen: looks are rarer then."""
        self._rounds.rely_on_hints(on)
        for branch in self._branches:
            branch.tree.hinted = on and bool(branch.tree.folders)

    def prefer(self, runs: Sequence[str]) -> None:
        """Reads these runs before the others from now on. From any thread."""
        self._wanted = frozenset(runs)

    def leave_out(self, runs: Collection[str]) -> None:
        """Does not read these runs until it is told others. From any thread."""
        self._unwanted = frozenset(runs)

    def close(self) -> None:
        """Ends the processes that help with reading, if there are any."""
        self._loader.close()

    def poll(self, budget: float = 0.03) -> list[Update]:
        """Does what is due, for about `budget` seconds; returns what was found, in the order it is to be applied."""
        now = self._clock()
        self._reader.cut_short = False
        if self._begun is None:
            self._begun = now
        updates = self._updates
        self._take_hints()
        share = budget / 3 if self._loader.busy else budget
        for branch in self._branches:
            if branch.tree.next_due <= now:
                self._walk(branch, now + share / len(self._branches), updates)
        self._welcome(now + share, updates)
        self._look(now + 2 * share, updates)
        if not self._walked and not self._arrivals and not any(branch.tree.busy for branch in self._branches):
            self._walked = True
            self._loader.get_help(self._processes)
        if self._loader.busy and (self._walked or now - self._begun >= WALK_FIRST):
            self._loader.work(now + budget, updates)
        progress = self._measure()
        if progress != self._progress:
            self._progress = progress
            updates.append(progress)
        self._updates = []
        return updates

    def _take_hints(self) -> None:
        """Acts on what other threads asked for since the last poll."""
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            self._loader.prefer(wanted)
        unwanted, self._unwanted = self._unwanted, None
        if unwanted is not None:
            self._loader.leave_out(unwanted)
        paths: dict[str | None, None] = {}
        while self._hints:
            paths[self._hints.popleft()] = None
        if None in paths:
            self._rounds.look_now()
            for branch in self._branches:
                branch.tree.look_now()
        for path in paths:
            for branch in self._branches:
                inside = branch.localise(path) if path is not None else None
                if inside is None:
                    continue
                file = branch.files.get(inside)
                if file is not None:
                    self._urgent[file] = None
                if file is None or not os.path.lexists(inside):
                    branch.tree.hint(inside)

    def _walk(self, branch: Branch, deadline: float, updates: list[Update]) -> None:
        for finding in branch.tree.work(deadline):
            if isinstance(finding, FolderTrouble):
                name = branch.name(finding.folder)
                trouble = Trouble(Problem(name, None, finding.reason)) if finding.reason else TroubleOver(name)
                updates.append(trouble)
            else:
                self._apply(branch, finding, updates)

    def _apply(self, branch: Branch, change: FolderChange, updates: list[Update]) -> None:
        """Takes in what changed in a directory."""
        folder = change.folder
        moved_on = inodes(folder) if change.removed and not change.lost else {}
        for name in change.removed:
            file = branch.files.get(folder.inside(name))
            if file is not None:
                self._drop(branch, file, change.repointed, moved_on, updates)
        run = branch.name(folder)
        if run in branch.runs and (change.lost or not (folder.events or folder.captures)):
            branch.runs.discard(run)
            updates.append(RunGone(run))
        if change.lost:
            return
        if change.moved and run in branch.runs:
            updates.append(RunSeen(run, folder.path, folder.target))
            inside = (branch.files.get(folder.inside(name)) for name in folder.events)
            self._urgent.update(dict.fromkeys(file for file in inside if file is not None))
        for name in change.captures:
            self._capture(branch, folder, name, updates)
        self._arrivals.extend((branch, folder, name) for name in change.added)

    def _drop(
        self,
        branch: Branch,
        file: EventFile,
        repointed: bool,
        moved_on: dict[tuple[int, int], str],
        updates: list[Update],
    ) -> None:
        """A file is no longer listed. What a link showed before it led elsewhere is not shown any more, nor what is
        there under another name (`moved_on`: the files that are in the directory, by device and inode)."""
        file.listed = False
        self._rounds.remove(file)
        self._urgent.pop(file, None)
        if repointed:
            self._loader.reset(file, "repointed", updates)
        self._files -= not file.gone
        known = file.identity
        heir = moved_on.get((known.device, known.inode)) if known is not None and not file.lent else None
        renamed = known is not None and heir is not None and lies_at(known, heir)
        self._loader.vanished(file, updates, renamed)
        if renamed:
            self._loader.account(file, 0, 0)
            del branch.files[file.path]

    def _capture(self, branch: Branch, folder: Folder, name: str, updates: list[Update]) -> None:
        path = folder.inside(name)
        if path == branch.root.path:  # it is all that was asked for
            capture: Capture | None = describe_file(path)
        else:
            capture = describe_capture(folder.path, folder.relative, name)
        if capture is None or path in branch.captures:
            return
        branch.captures.add(path)
        run = branch.root.qualify(capture.run)
        if run not in branch.runs:
            above = os.path.join(branch.root.path, capture.run) if capture.run != "." else branch.root.path
            branch.runs.add(run)
            updates.append(RunSeen(run, above))
        updates.append(ProfileSeen(run, capture.session, capture.host, capture.tool, path))

    def _welcome(self, deadline: float, updates: list[Update]) -> None:
        """Takes in files that were found."""
        while self._arrivals:
            branch, folder, name = self._arrivals.popleft()
            if branch.tree.folders.get(folder.path) is folder and name in folder.events:
                self._greet(branch, folder, name, updates)
            if self._reader.cut_short or self._clock() >= deadline:
                return

    def _greet(self, branch: Branch, folder: Folder, name: str, updates: list[Update]) -> None:
        run = branch.name(folder)
        if run not in branch.runs:
            branch.runs.add(run)
            updates.append(RunSeen(run, folder.path, folder.target))
        path = folder.inside(name)
        file = branch.files.get(path)
        if file is None:
            file = EventFile(run, branch.name(folder, name), path, file_order(name), folder, self._clock, self._wall)
            branch.files[path] = file
            self._files += 1
        elif file.gone:
            self._files += 1
        file.folder = folder
        file.listed = True
        file.gone = False
        try:
            status = os.stat(path)
        except OSError:  # the look that follows tells why
            updates.append(FileSeen(run, file.name, file.order, path))
            self._urgent[file] = None
        else:
            self._loader.account(file, status.st_size, file.done)
            file.modified = status.st_mtime
            file.grown = self._clock() - max(0.0, self._wall() - status.st_mtime)
            updates.append(FileSeen(run, file.name, file.order, path, status.st_size))
            if status.st_size or file.told or folder.remote:
                self._loader.add(file)
        self._rounds.place(file, self._clock())

    def _look(self, deadline: float, updates: list[Update]) -> None:
        """Looks at the files whose turn it is, those that were hinted at first."""
        while True:
            if self._urgent:
                file = next(iter(self._urgent))
                del self._urgent[file]
            else:
                due = self._rounds.take(self._clock())
                if due is None:
                    return
                file = due
            self._look_at(file, updates)
            if self._reader.cut_short or self._clock() >= deadline:
                return

    def _look_at(self, file: EventFile, updates: list[Update]) -> None:
        """Queues a file for reading if anything about it moved, or its time to try again has come."""
        if file.pending or not file.listed:
            return
        now = self._clock()
        if file.folder.remote and not file.gone:
            # Its attributes may be old news: reading begins with opening it, which asks the server.
            if not file.trouble or now >= file.retry_at or file.retry_at == NEVER:
                self._loader.add(file)
            return
        try:
            status = os.stat(file.path)
        except (FileNotFoundError, NotADirectoryError):
            self._vanish(file, updates)
            return
        except OSError as error:
            if now >= file.retry_at or not file.trouble:
                self._loader.troubled(file, f"cannot be reached: {error.strerror or error}", updates)
            return
        if not stat.S_ISREG(status.st_mode):
            self._vanish(file, updates)
            return
        if file.gone:
            file.gone = False
            self._files += 1
            updates.append(FileSeen(file.run, file.name, file.order, file.path, status.st_size))
        key = stat_key(status)
        if ((key == file.key and file.settled) or key == file.failed) and now < file.retry_at:
            return
        file.failed = key
        if status.st_size != file.size:
            self._loader.account(file, status.st_size, file.done)
            file.grown = now
            self._rounds.place(file, now)
        file.modified = status.st_mtime
        if status.st_size or file.told:
            self._loader.add(file)

    def _vanish(self, file: EventFile, updates: list[Update]) -> None:
        if not file.gone:
            self._files -= 1
            self._loader.vanished(file, updates)

    def _measure(self) -> Progress:
        waiting = []
        for branch in self._branches:
            tree = branch.tree
            if tree.missing:
                waiting.append((branch.root.given, tree.missing))
            elif not branch.runs and not tree.busy:
                waiting.append((branch.root.given, "holds no event files yet"))
        loader = self._loader
        return Progress(loader.bytes_read, loader.bytes_found, self._files, not self.busy, tuple(waiting))


def inodes(folder: Folder) -> dict[tuple[int, int], str]:
    """The path of every event file in a directory by device and inode."""
    found = {}
    for name in folder.events:
        path = folder.inside(name)
        try:
            status = os.stat(path)
        except OSError:  # gone in the meantime, or not to be reached: then it tells nothing
            continue
        found[status.st_dev, status.st_ino] = path
    return found
