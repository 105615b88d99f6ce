"""Bytes of many files at once -> chunks: columns of scalars, items, problems.

One decoder per reading thread; it learns the shapes of the records it meets. Many spans of one buffer are decoded
together, so that a thousand small files cost little more than one big one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tbtui.events.buffer import Buffer
from tbtui.events.chunk import Chunk, Columns, Item, ScalarPart, Span
from tbtui.events.framing import frame
from tbtui.events.headers import Headers
from tbtui.events.others import WRONG_CHECKSUM, Others
from tbtui.events.parse import Metadata
from tbtui.events.parts import ScalarParts
from tbtui.events.scalars import Found, ScalarDecoder

__all__ = ["Buffer", "Chunk", "Columns", "Decoder", "Item", "Metadata", "ScalarPart", "Span"]


class Decoder:
    """Decodes spans of event files."""

    def __init__(self) -> None:
        self._scalars = ScalarDecoder()

    def decode(self, buffer: Buffer, spans: Sequence[Span], seen: Sequence[set[str]]) -> Chunk:
        """Decode what `spans`, ascending and apart, hold of their files; each begins on a record.

        `seen[i]` holds the tags of file i whose metadata were decoded before; the new ones are added.
        """
        if not spans:
            return Chunk([], [], ScalarParts(0), [], [], [])
        frames = frame(buffer, spans)
        found = Found(spans)
        others = Others()
        if len(frames.at):
            self._scalars.decode(buffer, frames, found)
            if found.others:
                at = np.sort(np.concatenate(found.others))
                headers = Headers(at, buffer.u8[at].view(np.int64))
                others.read(buffer, headers, found.place(at), seen)
        found.parts.extend(others.parts)
        problems = sorted(frames.problems + _bad_records(found) + others.problems)
        return Chunk(frames.consumed, frames.waiting, found.parts, others.items, others.blobs, problems)


def _bad_records(found: Found) -> list[tuple[int, int, str]]:
    """Problems for the scalars whose checksum is wrong."""
    if not found.bad:
        return []
    spans, offsets = found.place(np.sort(np.concatenate(found.bad)))
    return [(span, offset, WRONG_CHECKSUM) for span, offset in zip(spans.tolist(), offsets.tolist(), strict=True)]
