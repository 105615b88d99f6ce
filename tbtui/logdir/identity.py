"""Is this still the file whose first bytes were read? Decided on an open descriptor, from the inode and the content.

A file goes on when device and inode are the same, it is not shorter than what was used of it, and the bytes used before
are still there: its first ones and those right before the place where reading goes on. Writers put the wall time into
the first records, so two event files with the same beginning are copies of each other. On network and FUSE file systems
inode numbers may change without a rewrite; there only size and content decide.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from typing import Literal

HEAD_BYTES = 256  # the version record (40 to 94 bytes) and at least the wall time of the record after it
TAIL_BYTES = 64  # the checksum, value and wall time of the record before the offset

Verdict = Literal["same", "truncated", "replaced"]


@dataclass(frozen=True, slots=True)
class Identity:
    """What is remembered of a file: `offset` bytes were used, `head` are the first of them and `tail` the last.

    With offset 0 nothing is known but device and inode.
    """

    device: int
    inode: int
    offset: int = 0
    head: bytes = b""
    tail: bytes = b""


def identify(descriptor: int, status: os.stat_result, offset: int, known: Identity | None = None) -> Identity:
    """The identity of an open file of which the first `offset` bytes have been used.

    `status` is its fstat. `known`, an identity of the same file at an earlier offset, saves reading the head again.
    Raises OSError when reading fails.
    """
    if known is not None and len(known.head) == min(HEAD_BYTES, offset):
        head = known.head
    else:
        head = os.pread(descriptor, min(HEAD_BYTES, offset), 0)
    start = max(0, offset - TAIL_BYTES)
    tail = os.pread(descriptor, offset - start, start) if offset > start else b""
    return Identity(status.st_dev, status.st_ino, offset, head, tail)


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
