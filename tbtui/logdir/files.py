"""One event file that is followed: where reading goes on, whether it is still the same file, when to look again."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from tbtui.events.checksum import length_checksum
from tbtui.events.problem import Problem
from tbtui.logdir.diagnose import SAMPLE_BYTES, diagnose
from tbtui.logdir.discover import GRAIN, Folder
from tbtui.logdir.identity import Identity, StatKey, stat_key, verify
from tbtui.logdir.reading import Cursor
from tbtui.logdir.updates import FileOrder

NEVER = float("inf")
FIRST_RETRY = 0.5  # seconds, then doubled up to the longest
LONGEST_RETRY = 8.0
HEADER_BYTES = 12
GZIP = b"\x1f\x8b"  # may be followed by zeros where its time stamp would be

STAMPED = re.compile(
    rb"^(?P<stem>.*tfevents\.\d{10}\d*.*?)(?P<numbers>(?:\.\d+)*)(?P<rest>(?:\.[^.\d][^.]*)*)$", re.DOTALL
)

Verdict = Literal["", "same", "unchanged", "truncated", "replaced", "foreign"]


@dataclass(slots=True, eq=False)
class EventFile:
    """What is known of an event file.

    `clock` and `wall` tell the monotonic time and the seconds since 1970. `key` is its state when it was last read,
    None before that; `failed` its state before a read that failed. `settled`: it was read well after its last change,
    so that an equal `key` means equal content. `size` and `done` are the bytes that it has and that are dealt with.
    `verdict` and `sentence` are what the last check on an open descriptor said; `trouble` is the one that was told and
    stands. `again`: to be read although its state did not move. `suspect`: it is read by itself, because decoding
    it failed once. `listed`: its directory still lists it. `left`: it was seen to be gone, and not read since. `told`:
    something was reported that a reset must take back. `pending`: it waits to be read, here or (`lent`) by another
    process.
    """

    run: str
    name: str
    path: str
    order: FileOrder
    folder: Folder
    clock: Callable[[], float]
    wall: Callable[[], float]
    cursor: Cursor = field(init=False)
    identity: Identity | None = None
    key: StatKey | None = None
    settled: bool = False
    failed: StatKey | None = None
    size: int = 0
    done: int = 0
    modified: float = 0.0
    grown: float = -NEVER
    retry_at: float = NEVER
    retry_after: float = FIRST_RETRY
    verdict: Verdict = ""
    sentence: str = ""
    trouble: Problem | None = None
    again: bool = False
    suspect: bool = False
    gone: bool = False
    left: bool = False
    listed: bool = True
    pending: bool = False
    lent: bool = False
    told: bool = False
    idle_bites: int = 0

    def __post_init__(self) -> None:
        self.cursor = Cursor(self.path)

    def check(self, descriptor: int, status: os.stat_result) -> bool:
        """Whether to read on from the cursor, asked with the open file and its fstat; `verdict` says why not."""
        key = stat_key(status)
        self.verdict = "same"
        if self.key is not None and status.st_size != self.key[2]:
            self.grown = self.clock()
        if not stat.S_ISREG(status.st_mode):
            self.verdict, self.sentence = "foreign", "not a regular file"
        elif self.identity is not None and (key != self.key or not self.settled):
            self.verdict = verify(self.identity, descriptor, status, trust_inode=not self.folder.remote)
            if self.verdict == "truncated" and self.left:  # another file, to which the system gave the same inode
                self.verdict = "replaced"
        if self.verdict == "same" and key == self.key and not self.again:
            self.verdict = "unchanged"
        if self.verdict == "same" and self.cursor.offset == 0 and self.cursor.gap is None:
            sentence = sniff(descriptor)
            if sentence is not None:
                self.verdict, self.sentence = "foreign", sentence
        if self.verdict in ("unchanged", "foreign"):
            self.remember(status)
        return self.verdict == "same"

    def remember(self, status: os.stat_result) -> None:
        """Notes the state in which the file was read, and that nothing needs to be done until it moves."""
        self.key = stat_key(status)
        self.settled = self.wall() - status.st_mtime > GRAIN
        self.modified = status.st_mtime
        self.failed = None
        self.left = False
        self.again = False
        self.retry_at = NEVER

    def retry_later(self) -> None:
        """Asks to be read again, each time later than the last, whether its state moves or not."""
        self.again = True
        self.retry_at = self.clock() + self.retry_after
        self.retry_after = min(2 * self.retry_after, LONGEST_RETRY)

    def restart(self) -> None:
        """Forgets all that was read of it."""
        self.cursor = Cursor(self.path)
        self.identity = None
        self.key = None
        self.failed = None
        self.settled = False
        self.left = False
        self.told = False
        self.again = self.lent  # what another process still tells of it is out of date
        self.lent = False
        self.idle_bites = 0
        self.retry_at = NEVER
        self.retry_after = FIRST_RETRY


def sniff(descriptor: int) -> str | None:
    """What an open file is if its first record is none and it can be told; None for all else. Raises OSError."""
    header = os.pread(descriptor, HEADER_BYTES, 0)
    if len(header) < HEADER_BYTES or (header[4:8] == bytes(4) and not header.startswith(GZIP)):
        return None  # most files; a first record of 4 GB or more is the only one to be doubted here
    if int.from_bytes(header[8:], "little") == length_checksum(int.from_bytes(header[:8], "little")):
        return None
    return diagnose(os.pread(descriptor, SAMPLE_BYTES, 0))


def file_order(name: str) -> FileOrder:
    """Sorts event files of one directory: by bytes, but numbers behind the time stamp and host (process id, counter)
    by their value, so that `.2` comes before `.10`."""
    raw = os.fsencode(name)
    found = STAMPED.match(raw)
    if found is None:
        return raw, raw
    numbers = b"".join(b"." + number.rjust(20, b"0") for number in found["numbers"].split(b".")[1:])
    return found["stem"] + numbers + found["rest"], raw
