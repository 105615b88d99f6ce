"""Blobs of tags that are known already, as columns: records of which a glance tells enough, parted by kind and tag."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.chunk import BlobColumns, BlobPart
from tbtui.events.glances import KINDS, Glances
from tbtui.events.headers import Headers

if TYPE_CHECKING:
    from tbtui.events.others import Place

Positions = NDArray[np.int64]
Seen = Sequence[set[str]] | Mapping[int, set[str]]
"""The tags that the file of a span has shown, by span."""

_WORD = 8
_FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(_WORD + 1)], np.uint64)
_SPREAD = np.uint64(0x9E3779B97F4A7C15)  # odd, without a pattern


def blob_parts(
    buffer: Buffer, headers: Headers, place: Place, glances: Glances, which: Positions, seen: Seen
) -> tuple[list[BlobPart], Positions]:
    """Parts of those of the usual records `which` (ascending) whose tag was seen, and the records whose tag was not.

    The records' first bytes lie in the buffer, from `headers.at` on; `glances` and `place` belong to the same records.
    """
    if not len(which):
        return [], which
    order, cuts = _by_tag(buffer, place.spans, glances, which)
    columns = BlobColumns(
        glances.steps.take(order), glances.walls.take(order), place.offsets.take(order), headers.lengths.take(order)
    )
    first = order.take(cuts[:-1])
    names = (place.spans, glances.keys, glances.tags, glances.sizes)
    rows = zip(cuts.tolist(), cuts[1:].tolist(), *(column.take(first).tolist() for column in names), strict=False)
    parts: list[BlobPart] = []
    strangers: list[Positions] = []
    for start, stop, span, key, at, size in rows:
        tag = str(buffer.mem[at : at + size], "utf-8", "replace")
        if tag in seen[span]:
            parts.append(BlobPart(span, KINDS[key], tag, columns, start, stop))
        else:
            strangers.append(order[start:stop])
    return parts, np.sort(np.concatenate(strangers)) if strangers else which[:0]


def _by_tag(buffer: Buffer, spans: Positions, glances: Glances, which: Positions) -> tuple[Positions, Positions]:
    """`which` sorted by span, kind and tag, each in its order, and where the groups begin and end.

    They are sorted by a hash; should two groups have the same one they are cut into more pieces than need be.
    """
    sizes = glances.sizes.take(which).astype(np.int64)
    count = int(sizes.max()) // _WORD + 1
    rows = buffer.rows(glances.tags.take(which), _WORD * count)
    words = [(spans.take(which) << 16 | glances.keys.take(which).astype(np.int64) << 8 | sizes).view(np.uint64)]
    for i in range(count):
        mask = _FIRST_BYTES.take(sizes - i * _WORD, mode="clip")
        words.append(rows.column("<u8", i * _WORD) & mask)
    mixed = words[0]
    for word in words[1:]:
        mixed = (mixed ^ mixed >> np.uint64(29)) * _SPREAD + word
    order = np.argsort(mixed, kind="stable")
    differs = np.zeros(len(which) - 1, bool)  # from the record before
    for word in words:
        there = word.take(order)
        differs |= there[1:] != there[:-1]
    return which.take(order), np.concatenate(([0], np.flatnonzero(differs) + 1, [len(which)]))
