"""Is this still the file whose first bytes were read? Decided on an open descriptor, from the inode and the content.

A file goes on when device and inode are the same, it is not shorter than what was used of it, and the bytes used before
are still there: its first ones and those right before the place where reading goes on. Writers put the wall time into
the first records, so two event files with the same beginning are copies of each other. On network and FUSE file systems
inode numbers may change without a rewrite; there only size and content decide.
"""

from __future__ import annotations

import os
from typing import Literal, NamedTuple

HEAD_BYTES = 256  # the version record (40 to 94 bytes) and at least the wall time of the record after it
TAIL_BYTES = 64  # the checksum, value and wall time of the record before the offset

Verdict = Literal["same", "truncated", "replaced"]
StatKey = tuple[int, int, int, int, int]


class Identity(NamedTuple):
    """What is remembered of a file: `offset` bytes were used, `head` are the first of them and `tail` the last.

    With offset 0 nothing is known but device and inode.
    """

    device: int
    inode: int
    offset: int = 0
    head: bytes = b""
    tail: bytes = b""


def stat_key(status: os.stat_result) -> StatKey:
    """Moves whenever a file is written to, replaced or changed in its permissions (within the clock's grain)."""
    return status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def advance(known: Identity | None, status: os.stat_result, consumed: int, first: bytes, last: bytes) -> Identity:
    """The identity of a file of which `consumed` more bytes were used, beginning with `first` and ending with `last`.

    `known` is its identity before, None at the beginning; `status` its fstat. `last` may be shorter than could be.
    """
    offset, head, tail = (known.offset, known.head, known.tail) if known is not None else (0, b"", b"")
    if len(head) == offset:
        head = (head + first)[:HEAD_BYTES]
    if len(last) == consumed:
        last = tail + last
    return Identity(status.st_dev, status.st_ino, offset + consumed, head, last[-TAIL_BYTES:])


def verify(known: Identity, descriptor: int, status: os.stat_result, *, trust_inode: bool = True) -> Verdict:
    """Whether an open file is the one that is known, with the used bytes in place.

    "truncated": the same inode, but shorter than what was used, or with other content (rewritten in place).
    "replaced": another file under the same name. Raises OSError when reading fails.
    """
    moved = (status.st_dev, status.st_ino) != (known.device, known.inode)
    if moved and trust_inode:
        return "replaced"
    broken: Verdict = "replaced" if moved else "truncated"
    if status.st_size < known.offset:
        return broken
    if known.head and os.pread(descriptor, len(known.head), 0) != known.head:
        return broken
    if known.tail and os.pread(descriptor, len(known.tail), known.offset - len(known.tail)) != known.tail:
        return broken
    return "same"


def lies_at(known: Identity, path: str) -> bool:
    """Whether the file that is known is to be found at this path, with all that was used of it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return False
    try:
        return verify(known, descriptor, os.fstat(descriptor)) == "same"
    except OSError:
        return False
    finally:
        os.close(descriptor)
