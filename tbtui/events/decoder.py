"""Bytes of many files at once -> chunks: columns of scalars, items, problems.

One decoder per reading thread; it learns the shapes of the records it meets. Many spans of one buffer are decoded
together, so that a thousand small files cost little more than one big one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tbtui.events.buffer import Buffer
from tbtui.events.chunk import Chunk, Columns, Item, ScalarPart, Span
from tbtui.events.found import Found
from tbtui.events.framing import Frames, frame
from tbtui.events.headers import Headers
from tbtui.events.lap_columns import decode_laps
from tbtui.events.laps import Cut, Cutter
from tbtui.events.others import WRONG_CHECKSUM, Others
from tbtui.events.parse import Metadata
from tbtui.events.parts import ScalarParts
from tbtui.events.scalars import ScalarDecoder

__all__ = ["Buffer", "Chunk", "Columns", "Decoder", "Item", "Metadata", "ScalarPart", "Span"]


class Decoder:
    """Decodes spans of event files."""

    def __init__(self) -> None:
        self._scalars = ScalarDecoder()
        self._cutter = Cutter()

    def decode(self, buffer: Buffer, spans: Sequence[Span], seen: Sequence[set[str]]) -> Chunk:
        """Decode what `spans`, ascending and apart, hold of their files; each begins on a record.

        `seen[i]` holds the tags of file i whose metadata were decoded before; the new ones are added.
        """
        if not spans:
            return Chunk([], [], ScalarParts(0), [], [], [])
        cut = self._cutter.cut(buffer, spans)
        chunk = None if cut is None else self._decode_cut(cut, spans, seen)
        if chunk is not None:
            return chunk
        frames = frame(buffer, spans)
        found = Found(ScalarParts(len(spans)), spans)
        others = self._decode(buffer, frames, found, seen)
        problems = sorted(frames.problems + _bad_records(found) + others.problems)
        return Chunk(frames.consumed, frames.waiting, found.parts, others.items, others.blobs, problems)

    def release(self) -> None:
        """Give back the memory that is only kept for the next time."""
        self._cutter.release()

    def _decode_cut(self, cut: Cut, spans: Sequence[Span], seen: Sequence[set[str]]) -> Chunk | None:
        """Decode laps and the pieces beside them; None where a walk over the pieces does not end where laps begin."""
        pieces, owners = cut.spans(spans), [piece.owner for piece in cut.pieces]
        frames = frame(cut.rest, pieces)
        if not cut.holds(frames.consumed, spans):
            return None
        parts = ScalarParts(len(spans))
        laps, rest = Found(parts, spans), Found(parts, pieces, owners)
        for some in cut.laps:
            decode_laps(some, laps)
        others = self._decode(cut.rest, frames, rest, seen)
        problems = [(owners[number], offset, reason) for number, offset, reason in frames.problems]
        problems += _bad_records(laps) + _bad_records(rest) + others.problems
        consumed, waiting = cut.ends(frames.consumed, frames.waiting, spans)
        return Chunk(consumed, waiting, parts, others.items, others.blobs, sorted(problems))

    def _decode(self, buffer: Buffer, frames: Frames, found: Found, seen: Sequence[set[str]]) -> Others:
        """Decode the records of some frames."""
        others = Others()
        if len(frames.at):
            self._scalars.decode(buffer, frames, found)
            if found.others:
                at = np.sort(np.concatenate(found.others))
                headers = Headers(at, buffer.u8[at].view(np.int64))
                others.read(buffer, headers, found.place(at), seen)
        found.parts.extend(others.parts)
        return others


def _bad_records(found: Found) -> list[tuple[int, int, str]]:
    """Problems for the scalars whose checksum is wrong."""
    if not found.bad:
        return []
    spans, offsets = found.place(np.sort(np.concatenate(found.bad)))
    return [(span, offset, WRONG_CHECKSUM) for span, offset in zip(spans.tolist(), offsets.tolist(), strict=True)]
