"""Everything that is no fast scalar, record by record: what it is and where it lies.

Most of it is only glanced at: the first bytes of a record tell kind, tag and step, and the rest is decoded when it is
looked at. A tag that a file shows for the first time is read completely, and its checksum verified: a damaged byte must
not become a new tag.
"""

from __future__ import annotations

import struct
from collections import Counter
from collections.abc import Sequence
from operator import itemgetter
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.blobs import blob_parts
from tbtui.events.buckets import unequal, unequal_at_all
from tbtui.events.buffer import Buffer
from tbtui.events.checksum import masked_crc32c, masked_crc32cs
from tbtui.events.chunk import BlobPart, Columns, Item, ScalarPart
from tbtui.events.glances import HISTOGRAM, KINDS, Glances, glance_at_all
from tbtui.events.headers import Headers
from tbtui.events.parse import BadEvent, Event, Value, parse_event
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES

Positions = NDArray[np.int64]

_MANY = 8  # records of one length whose checksums are computed together
_TINIEST = 4  # bytes of a payload that can be among them
_SMALL = 512  # payloads up to here are read completely: they may be numbers, texts or metadata

_DOUBLE = struct.Struct("<d")
_VERSION = b"\x1a\x0dbrain.Event:2"  # what is behind the wall time of a file's first event

WRONG_CHECKSUM = "the checksum of a record is wrong; the record is left out"


class Place(NamedTuple):
    """Where records come from: the number of the span, and the file offset, of each."""

    spans: Positions
    offsets: Positions


class Others:
    """Reads single records into the lists of a chunk."""

    def __init__(self) -> None:
        self.parts: list[ScalarPart] = []
        self.items: list[Item] = []
        self.blobs: list[BlobPart] = []
        self.problems: list[tuple[int, int, str]] = []

    def read(self, buffer: Buffer, headers: Headers, place: Place, seen: Sequence[set[str]]) -> None:
        """Read records that lie whole in a buffer, in their order; `place` tells span and file offset of each."""
        glances = glance_at_all(buffer, headers)
        _leave_out_unequal(buffer, headers, glances)
        usual = glances.usual & (headers.lengths > _SMALL)
        parts, strangers = blob_parts(buffer, headers, place, glances, np.flatnonzero(usual), seen)
        left = ~usual
        left[strangers] = True
        before = len(self.items)
        self._read_some(buffer, headers, place, glances, np.flatnonzero(left), seen)
        self.add_parts(parts, self.items[before:])

    def add_parts(self, parts: list[BlobPart], items: Sequence[Item]) -> None:
        """Take in parts; those of a tag that other parts or `items` have too become items in their place among them."""
        names = Counter((part.span, part.tag) for part in parts)
        names.update({(item.span, item.tag) for item in items})
        for part in parts:
            if names[part.span, part.tag] == 1:
                self.blobs.append(part)
            else:
                self.items += part.items()
        if names.total() > len(names):
            self.items.sort(key=itemgetter(0, 5))  # by span and offset; values of one event stay in their order

    def _read_some(
        self,
        buffer: Buffer,
        headers: Headers,
        place: Place,
        glances: Glances,
        which: Positions,
        seen: Sequence[set[str]],
    ) -> None:
        """Read the records `which` one by one; of the usual ones only the first of a tag is read completely."""
        right = _have_right_checksums(buffer, headers, which)
        columns = [column.take(which).tolist() for column in (*glances, headers.at, headers.lengths, *place)]
        names: dict[bytes, str] = {}
        for sound, usual, key, tag_at, size, step, wall, at, length, span, offset in zip(right, *columns, strict=True):
            if usual and length > _SMALL:
                raw = bytes(buffer.mem[tag_at : tag_at + size])
                tag = names.get(raw)
                if tag is None:
                    tag = names[raw] = str(raw, "utf-8", "replace")
                if tag in seen[span]:
                    self.items.append(Item(span, KINDS[key], tag, step, wall, offset, length, 0, None, None))
                    continue
            begin = at + HEADER_BYTES
            payload = buffer.mem[begin : begin + length]
            if sound or (sound is None and masked_crc32c(payload) == int(buffer.u4[begin + length])):
                self._read_sound(payload, span, offset, seen[span])
            else:
                self.problems.append((span, offset, WRONG_CHECKSUM))

    def read_all(self, payload: memoryview, checksum: int, span: int, offset: int, seen: set[str]) -> None:
        """Read one record completely, its checksum too."""
        if masked_crc32c(payload) != checksum:
            self.problems.append((span, offset, WRONG_CHECKSUM))
        else:
            self._read_sound(payload, span, offset, seen)

    def _read_sound(self, payload: memoryview, span: int, offset: int, seen: set[str]) -> None:
        if payload[9:] == _VERSION and payload[0] == 0x09:  # every file begins with it: a thousand in a thousand runs
            wall = _DOUBLE.unpack_from(payload, 1)[0]
            self.items.append(Item(span, "version", "", 0, wall, offset, len(payload), 0, None, None))
            return
        try:
            event = parse_event(payload)
        except BadEvent as bad:
            self.problems.append((span, offset, f"{bad}; the record is left out"))
            return
        if event.kind == "summary":
            self._summary(event, span, offset, len(payload), seen)
        elif event.kind != "none":
            step, wall = event.step, event.wall
            self.items.append(Item(span, event.kind, event.tag, step, wall, offset, len(payload), 0, None, None))

    def _summary(self, event: Event, span: int, offset: int, length: int, seen: set[str]) -> None:
        for index, value in enumerate(event.values):
            plugin = value.metadata.plugin if value.metadata is not None else ""
            scalar = value.scalar
            if scalar is not None and (plugin or ("scalars" if value.kind == "scalar" else "")) == "scalars":
                self.parts.append(_one_point(span, value, event, scalar, offset))
                continue
            odd = unequal(value.body) if value.kind == "histogram" else None
            if odd is not None:
                reason = (
                    f"tag {value.tag!r}: {odd.limits} bucket limits and {odd.counts} counts; the histogram is left out"
                )
                self.problems.append((span, offset, reason))
                continue
            seen.add(value.tag)
            kind = "tensor" if value.kind == "scalar" else value.kind
            self.items.append(
                Item(span, kind, value.tag, event.step, event.wall, offset, length, index, value.metadata, scalar)
            )


def _have_right_checksums(buffer: Buffer, headers: Headers, which: Positions) -> list[bool | None]:
    """Of the records `which`, whether their checksums are right; None where it is to be seen one by one.

    Looked at together are short records of one length where there are many: a thousand files begin with a thousand.
    """
    lengths = headers.lengths.take(which)
    right: list[bool | None] = [None] * len(which)
    for length, count in Counter(lengths.tolist()).most_common():
        if count < _MANY:
            break
        if _TINIEST <= length <= _SMALL:
            alike = np.flatnonzero(lengths == length)
            rows = buffer.rows(headers.at.take(which.take(alike)) + HEADER_BYTES, length + FOOTER_BYTES)
            payloads = rows.data.view(np.uint8).reshape(count, -1)[:, :length]
            sound = masked_crc32cs(payloads) == rows.column("<u4", length)
            for i, one in zip(alike.tolist(), sound.tolist(), strict=True):
                right[i] = one
    return right


def _leave_out_unequal(buffer: Buffer, headers: Headers, glances: Glances) -> None:
    """Histograms that make no sense are not usual: they are read completely, which finds what is wrong."""
    which = np.flatnonzero(glances.usual & (glances.keys == HISTOGRAM))
    if len(which):
        at = glances.tags[which] + glances.sizes[which]
        end = headers.at[which] + HEADER_BYTES + headers.lengths[which]
        glances.usual[which] = ~unequal_at_all(buffer, at, end)


def _one_point(span: int, value: Value, event: Event, number: float, offset: int) -> ScalarPart:
    steps, walls = np.array([event.step], np.int64), np.array([event.wall], np.float64)
    values: NDArray[np.float32] | NDArray[np.float64]
    if value.kind == "scalar":
        values = np.frombuffer(value.body, "<f4").astype(np.float32, copy=True)  # as written, a signalling NaN too
    else:
        values = np.array([number], np.float32) if value.single else np.array([number], np.float64)
    columns = Columns(steps, walls, values, np.array([offset], np.int64))
    return ScalarPart(span, value.tag, columns, 0, 1, 0)
