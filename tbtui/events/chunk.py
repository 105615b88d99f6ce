"""What decoding yields: columns of scalars, items for everything else, and what was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.parse import Metadata

if TYPE_CHECKING:
    from tbtui.events.parts import ScalarParts


Places = NDArray[np.int64] | NDArray[np.uint32]
"""Where something is in a buffer or in columns: four bytes are enough for that, and half the memory; for places in
files they are not."""


class Span(NamedTuple):
    """A stretch of a file: buffer[begin:end] holds the file's bytes from `offset` on; it begins on a record.

    With a `gap` it begins in the middle of damage instead, which began at that file offset.
    """

    begin: int
    end: int
    offset: int
    gap: int | None = None


class Columns(NamedTuple):
    """Points decoded together, one array per quantity, all of length n; never changed once they are handed out.

    `at` tells where each point's record begins, by a count that each file has its own beginning of (see `ScalarPart`).
    `order` is how the points are taken from the arrays; None: as they are there. Several parts, also of several
    tags and files, may share columns.
    """

    steps: NDArray[np.int64]
    walls: NDArray[np.float64]
    values: NDArray[np.float32] | NDArray[np.float64]
    at: Places
    order: Places | None = None


class ScalarPart(NamedTuple):
    """Points `start` to `stop` of the columns, taken in their order; of one tag of one span.

    The file offset of a point's record is its `at` plus `shift`. A tag may have several parts in a chunk; their ranges
    of offsets may interleave, and the points of a part need not be in the order of the file.
    """

    span: int
    tag: str
    columns: Columns
    start: int
    stop: int
    shift: int

    def rows(self) -> slice | Places:
        """What picks the part's points from the columns' arrays."""
        order = self.columns.order
        return slice(self.start, self.stop) if order is None else order[self.start : self.stop]

    def offsets(self) -> NDArray[np.int64]:
        """The file offset of each point's record."""
        return self.columns.at[self.rows()].astype(np.int64) + self.shift

    def first_offset(self) -> int:
        """The file offset of the record of the first point."""
        order = self.columns.order
        return self.columns.at.item(self.start if order is None else order.item(self.start)) + self.shift


class Item(NamedTuple):
    """One thing in a file that is no fast scalar: where it lies and what it is; decoded when it is looked at.

    `kind`: "histogram", "image", "audio" (the TF1 messages), "tensor" or "none" (only metadata, or nothing) for the
    values of a summary; "graph", "meta_graph", "run_metadata" (`tag` is its tag), "session_start", "session_stop",
    "checkpoint", "version", "log" for other events. `offset` is the file offset of the record (of its header),
    `length` that of its payload, `index` which value of the event's summary it is. `metadata` is decoded where the
    value carries it and it was looked for: at least at the first value of a tag in a file. `value` is the number of a
    tensor with one numeric element.
    """

    span: int
    kind: str
    tag: str
    step: int
    wall: float
    offset: int
    length: int
    index: int  # type: ignore[assignment]  # hides tuple.index, which nobody needs of an item
    metadata: Metadata | None
    value: float | None

    @property
    def first_offset(self) -> int:
        """That of the only record; a `BlobPart` has several."""
        return self.offset


class BlobColumns(NamedTuple):
    """As the fields of `Item`, one array per quantity, all of length n; never changed once they are handed out."""

    steps: NDArray[np.int64]
    walls: NDArray[np.float64]
    offsets: NDArray[np.int64]
    lengths: NDArray[np.int64]


class BlobPart(NamedTuple):
    """Records columns[start:stop] of one kind and tag of one span, in file order; it stands for that many items.

    Each is an event with one value whose tag the file has shown before, and of which no more was looked at: an `Item`
    with index 0, without metadata, without value. Between its records lies no other item of its tag.
    """

    span: int
    kind: str
    tag: str
    columns: BlobColumns
    start: int
    stop: int

    @property
    def step(self) -> int:
        """That of the last record."""
        return self.columns.steps.item(self.stop - 1)

    @property
    def wall(self) -> float:
        """That of the last record."""
        return self.columns.walls.item(self.stop - 1)

    @property
    def offset(self) -> int:
        """That of the last record."""
        return self.columns.offsets.item(self.stop - 1)

    @property
    def first_offset(self) -> int:
        """That of the first record."""
        return self.columns.offsets.item(self.start)

    def furthest(self) -> tuple[int, float]:
        """Step and wall time of the last record that is not of step 0; of the last one where all are."""
        last = self.stop - 1
        if not self.step:
            others = np.flatnonzero(self.columns.steps[self.start : self.stop])
            last = self.start + int(others[-1]) if len(others) else last
        return self.columns.steps.item(last), self.columns.walls.item(last)

    def items(self) -> Iterator[Item]:
        """The records one by one."""
        columns = (column[self.start : self.stop].tolist() for column in self.columns)
        for step, wall, offset, length in zip(*columns, strict=True):
            yield Item(self.span, self.kind, self.tag, step, wall, offset, length, 0, None, None)


class Chunk(NamedTuple):
    """What one call of the decoder found in its spans.

    `consumed`: for each span, how many bytes were whole records (or damage that was stepped over). `waiting`: for each
    span, why it stopped there: "" all used, "torn" (the record goes on behind the span), "zeros" (nothing but zero
    bytes to the end of the span), "damage" (no record found up to the end of the span). `problems`: span, file offset,
    reason.
    """

    consumed: list[int]
    waiting: list[str]
    scalars: ScalarParts
    items: list[Item]
    blobs: list[BlobPart]
    problems: list[tuple[int, int, str]]
