"""Bytes of many files at once -> chunks: columns of scalars, items, problems.

One decoder per reading thread; it learns the shapes of the records it meets. Many spans of one buffer are decoded
together, so that a thousand small files cost little more than one big one.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tbtui.events.buffer import Buffer, keep_freed_memory
from tbtui.events.chunk import Chunk, Columns, Item, ScalarPart, Span
from tbtui.events.framing import Frames, frame
from tbtui.events.others import WRONG_CHECKSUM, Others
from tbtui.events.parse import Metadata
from tbtui.events.record import HEADER_BYTES
from tbtui.events.scalars import Found, ScalarDecoder

__all__ = ["Buffer", "Chunk", "Columns", "Decoder", "Item", "Metadata", "ScalarPart", "Span"]


class Decoder:
    """Decodes spans of event files."""

    def __init__(self) -> None:
        self._scalars = ScalarDecoder()
        keep_freed_memory()

    def decode(self, buffer: Buffer, spans: Sequence[Span], seen: Sequence[set[str]]) -> Chunk:
        """Decode what `spans`, ascending and apart, hold of their files; each begins on a record.

        `seen[i]` holds the tags of file i whose metadata were decoded before; the new ones are added.
        """
        if not spans:
            return Chunk([], [], [], [], [])
        frames = frame(buffer, spans)
        found = Found(spans)
        others = Others()
        if len(frames.at):
            self._scalars.decode(buffer, frames, found)
            _read_others(buffer, spans, frames, found, others, seen)
        parts = found.parts + others.parts
        problems = sorted(frames.problems + _bad_records(frames, spans, found) + others.problems)
        return Chunk(frames.consumed, frames.waiting, parts, others.items, problems)


def _read_others(
    buffer: Buffer, spans: Sequence[Span], frames: Frames, found: Found, others: Others, seen: Sequence[set[str]]
) -> None:
    """Read the records that the fast path handed back, in the order they lie in the buffer."""
    if not found.others:
        return
    at = np.sort(np.concatenate(found.others))
    lengths = buffer.u8[at].tolist()
    for position, length, number in zip(at.tolist(), lengths, _spans_of(spans, at), strict=True):
        begin = position + HEADER_BYTES
        payload, checksum = buffer.mem[begin : begin + length], int(buffer.u4[begin + length])
        offset = position - spans[number].begin + spans[number].offset
        others.read(payload, checksum, number, offset, seen[number])


def _bad_records(frames: Frames, spans: Sequence[Span], found: Found) -> list[tuple[int, int, str]]:
    """Problems for the records whose checksum is wrong."""
    problems = []
    for at in found.bad:
        for position, number in zip(at.tolist(), _spans_of(spans, at), strict=True):
            offset = position - spans[number].begin + spans[number].offset
            problems.append((number, offset, WRONG_CHECKSUM))
    return problems


def _spans_of(spans: Sequence[Span], at: np.ndarray[tuple[int, ...], np.dtype[np.int64]]) -> list[int]:
    """The number of the span that each position lies in."""
    begins = np.array([span.begin for span in spans])
    numbers: list[int] = (np.searchsorted(begins, at, "right") - 1).tolist()
    return numbers
