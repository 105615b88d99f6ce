"""What decoding yields: columns of scalars, items for everything else, and what was wrong."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.parse import Metadata


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

    `offsets` is the file offset of each point's record. Several parts, also of several tags and files, may share them.
    """

    steps: NDArray[np.int64]
    walls: NDArray[np.float64]
    values: NDArray[np.float32] | NDArray[np.float64]
    offsets: NDArray[np.int64]


class ScalarPart(NamedTuple):
    """Points columns[start:stop] of one tag of one span, in file order.

    A tag may have several parts in a chunk; their ranges of offsets may interleave.
    """

    span: int
    tag: str
    columns: Columns
    start: int
    stop: int


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


class Chunk(NamedTuple):
    """What one call of the decoder found in its spans.

    `consumed`: for each span, how many bytes were whole records (or damage that was stepped over). `waiting`: for each
    span, why it stopped there: "" all used, "torn" (the record goes on behind the span), "zeros" (nothing but zero
    bytes to the end of the span), "damage" (no record found up to the end of the span). `problems`: span, file offset,
    reason.
    """

    consumed: list[int]
    waiting: list[str]
    scalars: list[ScalarPart]
    items: list[Item]
    problems: list[tuple[int, int, str]]
