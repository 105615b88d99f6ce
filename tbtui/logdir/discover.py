"""Finds the directories below a log directory that hold event files, and notices when that changes.

The walk is done in slices, so that ten thousand directories never hold up what is being read. After it, only
directories whose modification time moved are listed again, and each of them now and then, because not every file system
tells.
"""

from __future__ import annotations

import contextlib
import os
import stat
import time
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from typing import NamedTuple

from tbtui.logdir.listing import EVENT_INFIX, Listing, is_profile_file, list_directory
from tbtui.logdir.mounts import Mounts
from tbtui.logdir.roots import Root

RELIST_AFTER = 60.0  # seconds; every directory is listed at least this often
REST = 20.0  # times as long as a listing took is rested after it: a directory may hold a million other files
RELIST_REST = 1000.0  # the same for listings without a sign of change
GRAIN = 2.5  # seconds; a modification time younger than this may hide a second change (FAT and old NFS count in 2 s)


@dataclass(slots=True, eq=False)
class Folder:
    """A directory of the walk. `relative` is its path below the log directory, "." for the log directory itself.

    `linked`: reached through a symbolic link, here or further up; `target` is then its real path. `listed`: when it was
    listed last, `cost`: how many seconds that took.
    """

    path: str
    relative: str
    parent: Folder | None
    linked: bool = False
    key: tuple[int, int] = (0, 0)
    modified: int = -1
    settled: bool = False
    listed: float = 0.0
    cost: float = 0.0
    remote: bool = False
    target: str = ""
    error: str = ""
    events: set[str] = field(default_factory=set)
    captures: set[str] = field(default_factory=set)
    children: dict[str, Folder] = field(default_factory=dict)

    def inside(self, name: str) -> str:
        """The path of something in the directory."""
        return self.path + name if self.path.endswith(os.sep) else f"{self.path}{os.sep}{name}"


class FolderChange(NamedTuple):
    """What is new about a directory. `moved`: it is another directory now. `repointed`: because the symbolic link that
    led to it leads elsewhere. `lost`: it is gone."""

    folder: Folder
    added: tuple[str, ...] = ()
    removed: tuple[str, ...] = ()
    captures: tuple[str, ...] = ()
    moved: bool = False
    repointed: bool = False
    lost: bool = False


@dataclass(frozen=True, slots=True)
class FolderTrouble:
    """A directory cannot be listed (`reason`), or can be again (reason ""). What was known of it stays."""

    folder: Folder
    reason: str


Finding = FolderChange | FolderTrouble


class Tree:
    """Walks one log directory and keeps watch over its directories. Drive it by `work`.

    `folders` are the known directories by path. `missing` says in a few words why there is nothing to walk, or is "".
    `hinted`: the operating system tells of changes (`hint`), so that rarer looks will do.
    `period` forces the seconds between two looks at a directory; by itself it grows with their number.
    """

    def __init__(
        self,
        root: Root,
        mounts: Mounts,
        *,
        clock: Callable[[], float] = time.monotonic,
        wall: Callable[[], float] = time.time,
        period: float | None = None,
    ) -> None:
        self.root = root
        self.folders: dict[str, Folder] = {}
        self.missing = ""
        self.hinted = False
        self._mounts = mounts
        self._clock = clock
        self._wall = wall
        self._period = period
        self._queue: deque[Folder] = deque()
        self._links: deque[Folder] = deque()  # after the real directories: these decide which links show nothing new
        self._places: dict[tuple[int, int], int] = {}
        self._hints: dict[str, None] = {}
        self._round: Iterator[Folder] | None = None
        self._next_round = -float("inf")
        self._asked = -float("inf")  # when somebody asked for a look at everything
        self._file_root = False

    @property
    def busy(self) -> bool:
        """Whether there is work that should not wait."""
        return bool(self._queue or self._links or self._hints or self._round is not None)

    @property
    def next_due(self) -> float:
        """The time (of the clock) of the next look."""
        return -float("inf") if self.busy else self._next_round

    @property
    def period(self) -> float:
        """Seconds between two looks at a directory: the more there are, the rarer, to cost under 0.3 % of a core."""
        count = len(self.folders)
        own = max(0.5, min(2.0, count * 0.004), count / 1000)
        if self.hinted and not self._remote_root():
            own = max(2.0, 2 * own)
        return own if self._period is None else max(self._period, count / 1000)

    def _remote_root(self) -> bool:
        folder = self.folders.get(self.root.path)
        return folder is not None and folder.remote

    def hint(self, path: str) -> None:
        """Something changed at `path`: look at its directory soon."""
        if not self.folders:
            self._next_round = -float("inf")
            return
        if path in self.folders:
            self._hints[path] = None
        above = os.path.dirname(path)
        while above not in self.folders and len(above) > len(self.root.path):
            above = os.path.dirname(above)
        if above in self.folders:
            self._hints[above] = None

    def look_now(self) -> None:
        """Begins a look at every directory at once."""
        self._asked = self._clock()
        self._round = None
        self._next_round = -float("inf")

    def work(self, deadline: float) -> list[Finding]:
        """Does what is due until the clock shows `deadline` (one directory at least); returns what was found."""
        found: list[Finding] = []
        while True:
            step = self._take()
            if step is None:
                return found
            found += step()
            if self._clock() >= deadline:
                return found

    def _take(self) -> Callable[[], list[Finding]] | None:
        """The next thing to do: hints, then new directories, then the round over the known ones."""
        while self._hints:
            path = next(iter(self._hints))
            del self._hints[path]
            folder = self.folders.get(path)
            if folder is not None:
                return partial(self._look, folder, force=True)
        if self._queue or self._links:
            self._next_round = self._clock() + self.period
            return partial(self._enter, self._queue.popleft() if self._queue else self._links.popleft())
        if self._round is None:
            if self._clock() < self._next_round:
                return None
            if not self.folders or self._file_root:
                self._next_round = self._clock() + self.period
                return self._look_at_root
            self._round = iter(list(self.folders.values()))
        for folder in self._round:  # goes on where the last call left it
            if self.folders.get(folder.path) is folder:
                return partial(self._look, folder)
        self._round = None
        self._next_round = self._clock() + self.period
        return None

    def _look_at_root(self) -> list[Finding]:
        """Waits for the log directory, and looks after one that is a single file."""
        path = self.root.path
        try:
            status = os.stat(path)
        except OSError as error:
            absent = isinstance(error, (FileNotFoundError, NotADirectoryError))
            self.missing = "does not exist yet" if absent else f"cannot be reached: {error.strerror or error}"
            return self._lose_all() if absent else []
        if stat.S_ISDIR(status.st_mode):
            lost = self._lose_all()
            self.missing = ""
            self._mounts.forget()
            self._queue.append(Folder(path, ".", None))
            return lost
        if not stat.S_ISREG(status.st_mode):
            self.missing = "is neither a directory nor a regular file"
            return self._lose_all()
        self.missing = ""
        if self.folders:
            return []
        folder = Folder(os.path.dirname(path), ".", None, listed=self._clock())
        folder.remote = self._mounts.remote(path, status.st_dev)
        name = os.path.basename(path)
        is_trace = EVENT_INFIX not in name and (".json" in name or is_profile_file(name))
        (folder.captures if is_trace else folder.events).add(name)
        self.folders[folder.path] = folder
        self._file_root = True
        return [FolderChange(folder, added=tuple(folder.events), captures=tuple(folder.captures))]

    def _enter(self, folder: Folder) -> list[Finding]:
        """Takes a directory that the walk has come to into the tree, unless that would be walking in circles."""
        if folder.parent is not None and self.folders.get(folder.parent.path) is not folder.parent:
            return []
        if folder.path in self.folders:
            return []
        try:
            status = os.stat(folder.path)
        except OSError as error:
            return self._fail(folder, error)
        if not stat.S_ISDIR(status.st_mode) or self._circular(folder, (status.st_dev, status.st_ino)):
            return []
        if self._mounts.pseudo(folder.path, status.st_dev) and folder.linked:
            return []
        self._register(folder)
        return self._list(folder, status)

    def _register(self, folder: Folder) -> None:
        self.folders[folder.path] = folder
        if folder.parent is not None:
            folder.parent.children[os.path.basename(folder.path)] = folder

    def _circular(self, folder: Folder, key: tuple[int, int]) -> bool:
        """Whether a directory is one of those it lies in, or a link met behind a link to what the walk has seen."""
        if folder.linked and folder.parent is not None and folder.parent.linked and self._places.get(key):
            return os.path.islink(folder.path)
        above = folder.parent
        while above is not None:
            if above.key == key:
                return True
            above = above.parent
        return False

    def _look(self, folder: Folder, force: bool = False) -> list[Finding]:
        """Lists a known directory again if anything speaks for a change."""
        if self._file_root:
            return self._look_at_root()
        try:
            status = os.stat(folder.path)
        except OSError as error:
            return self._fail(folder, error)
        if not stat.S_ISDIR(status.st_mode):
            return self._lose(folder)
        age = self._clock() - folder.listed
        same = (status.st_dev, status.st_ino) == folder.key and status.st_mtime_ns == folder.modified
        fresh = age < max(RELIST_AFTER, RELIST_REST * folder.cost)
        resting = age < REST * folder.cost and folder.listed >= self._asked
        if (same and folder.settled and fresh and not force and not folder.error) or resting:
            return []
        return self._list(folder, status)

    def _list(self, folder: Folder, status: os.stat_result) -> list[Finding]:
        """Lists a directory, queues what is new below it, and tells the difference."""
        key = (status.st_dev, status.st_ino)
        moved = folder.modified != -1 and key != folder.key
        repointed = moved and (folder.linked or (folder.parent is None and os.path.islink(folder.path)))
        begun = self._clock()
        try:
            listing = list_directory(folder.path)
        except OSError as error:
            folder.key = key
            return self._fail(folder, error)
        self._leave_out_kernel_files(folder, listing)
        found: list[Finding] = []
        if moved:
            for child in list(folder.children.values()):
                found += self._lose(child, repointed)
        if folder.error:
            folder.error = ""
            found.append(FolderTrouble(folder, ""))
        if folder.modified == -1 or moved:
            self._place(folder, key)
        folder.modified = status.st_mtime_ns
        folder.listed = self._clock()
        folder.cost = folder.listed - begun
        folder.remote = self._mounts.remote(folder.path, status.st_dev)
        old = self._wall() - status.st_mtime > GRAIN
        folder.settled = old and not folder.remote and not listing.unsettled
        return found + self._compare(folder, listing, moved, repointed)

    def _leave_out_kernel_files(self, folder: Folder, listing: Listing) -> None:
        """Files of the kernel's own look regular, but may have no end, or do something when they are read."""
        for name in listing.linked:
            path = folder.inside(name)
            with contextlib.suppress(OSError):
                if self._mounts.pseudo(path, os.stat(path).st_dev):
                    listing.events.discard(name)
                    listing.captures.discard(name)

    def _place(self, folder: Folder, key: tuple[int, int]) -> None:
        self._unplace(folder)
        folder.key = key
        self._places[key] = self._places.get(key, 0) + 1
        folder.target = os.path.realpath(folder.path) if folder.linked else ""

    def _unplace(self, folder: Folder) -> None:
        count = self._places.get(folder.key, 0) - 1
        if count > 0:
            self._places[folder.key] = count
        else:
            self._places.pop(folder.key, None)

    def _compare(self, folder: Folder, listing: Listing, moved: bool, repointed: bool) -> list[Finding]:
        found: list[Finding] = []
        for name, child in list(folder.children.items()):
            if name not in listing.folders or child.linked != (folder.linked or listing.folders[name]):
                found += self._lose(child)
        for name, link in listing.folders.items():
            if name not in folder.children:
                path = folder.inside(name)
                relative = name if folder.relative == "." else os.path.join(folder.relative, name)
                child = Folder(path, relative, folder, linked=folder.linked or link)
                (self._links if link else self._queue).append(child)
        added, removed = listing.events - folder.events, folder.events - listing.events
        captures = listing.captures - folder.captures
        folder.events, folder.captures = listing.events, listing.captures
        if added or removed or captures or moved:
            found.append(
                FolderChange(
                    folder, tuple(sorted(added)), tuple(sorted(removed)), tuple(sorted(captures)), moved, repointed
                )
            )
        return found

    def _fail(self, folder: Folder, error: OSError) -> list[Finding]:
        """A directory that cannot be looked at: gone, or in trouble that may pass."""
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            return self._lose(folder)
        if folder.path not in self.folders:
            self._register(folder)
        reason = f"cannot list this directory: {error.strerror or error}"
        folder.settled = False
        if folder.error == reason:
            return []
        folder.error = reason
        return [FolderTrouble(folder, reason)]

    def _lose(self, folder: Folder, repointed: bool = False) -> list[Finding]:
        """Forgets a directory and all below it."""
        found: list[Finding] = []
        stack = [folder]
        while stack:
            gone = stack.pop()
            stack += gone.children.values()
            if self.folders.pop(gone.path, None) is not gone:
                continue
            self._unplace(gone)
            if gone.error:
                found.append(FolderTrouble(gone, ""))
            if gone.events or gone.captures:
                found.append(FolderChange(gone, removed=tuple(sorted(gone.events)), repointed=repointed, lost=True))
        if folder.parent is not None:
            folder.parent.children.pop(os.path.basename(folder.path), None)
        elif not self.folders:
            self.look_now()
        return found

    def _lose_all(self) -> list[Finding]:
        self._file_root = False
        return [finding for folder in list(self.folders.values()) for finding in self._lose(folder)]
