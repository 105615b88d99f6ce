"""Where records may begin: by scanning for headers, by walking from one to the next, by searching behind damage.

A header checks itself: eight bytes of length, then the checksum of those eight. So records can be found in the middle
of a buffer. All functions return only headers whose checksum is right; whether they follow each other without a gap is
for `framing` to see.
"""

from __future__ import annotations

import struct
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer
from tbtui.events.checksum import length_checksum, length_checksums, masked_crc32c, short_length_checksums
from tbtui.events.record import FOOTER_BYTES, HEADER_BYTES, OVERHEAD

Positions = NDArray[np.int64]

LONGEST = 1 << 31  # bytes of a payload; protobuf allows no longer message

_HEADER = struct.Struct("<QI")
_LENGTH = struct.Struct("<Q")
_WINDOW = 1 << 16


class Headers(NamedTuple):
    """Positions of headers in a buffer, ascending, and the payload lengths they tell; int64 both."""

    at: Positions
    lengths: Positions


NO_HEADERS = Headers(np.empty(0, np.int64), np.empty(0, np.int64))


def header_at(buffer: Buffer, position: int) -> int | None:
    """The payload length that the header at `position` tells; None where its checksum is wrong."""
    length, checksum = _HEADER.unpack_from(buffer.mem, position)
    return length if length_checksum(length) == checksum else None


def scan(buffer: Buffer, begin: int, end: int) -> Headers:
    """Headers of short records in buffer[begin:end], all at once; finds nearly all below 256 bytes, fewer above.

    The length of a short record is one byte and seven zeros, and seven zeros always contain an aligned word of zeros:
    look for such words, and take the last byte before them that is not zero for the length.
    """
    first = begin // 4
    words = buffer.words[first : end // 4]
    zeros = np.flatnonzero(words[1:] == 0)  # the index of the word before the zero word
    before = words.take(zeros)
    at = (zeros + first) * 4
    at += (before >= 1 << 8).view(np.int8)
    at += (before >= 1 << 16).view(np.int8)
    at += (before >= 1 << 24).view(np.int8)
    lengths = buffer.u8[at]
    right = length_checksums_or_wrong(lengths) == buffer.u4[at + 8]
    right &= at >= begin
    if not right.all():
        at, lengths = at[right], lengths[right]
    return Headers(at, lengths.view(np.int64))


def length_checksums_or_wrong(lengths: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """Checksums of length fields of short records; for longer ones that of the longest short one, which is wrong."""
    return short_length_checksums().take(lengths.view(np.int64), mode="clip")


def walk(buffer: Buffer, begin: int, end: int, most: int) -> Headers:
    """At most `most` records that lie whole in buffer[begin:end], one by one; stops before the first wrong header."""
    at: list[int] = []
    raw, unpack = buffer.mem, _LENGTH.unpack_from
    position = begin
    while position + OVERHEAD <= end and len(at) < most:
        following = position + unpack(raw, position)[0] + OVERHEAD
        if following > end:
            break
        at.append(position)
        position = following
    starts = np.array(at, np.int64)
    lengths = buffer.u8[starts]
    wrong = length_checksums(lengths) != buffer.u4[starts + 8]
    if wrong.any():
        first_wrong = int(wrong.argmax())
        starts, lengths = starts[:first_wrong], lengths[:first_wrong]
    return Headers(starts, lengths.view(np.int64))


def search(buffer: Buffer, begin: int, end: int) -> int | None:
    """The next position in buffer[begin:end] where a record begins, behind damage; None where there is none.

    The header's checksum must be right, and the payload's too where the record lies whole in the buffer.
    """
    last = end - HEADER_BYTES + 1
    while begin < last:
        window = buffer.u8[begin : min(begin + _WINDOW, last)]
        likely = np.flatnonzero(window - np.uint64(1) < LONGEST) + begin
        if len(likely):
            lengths = buffer.u8[likely]
            right = length_checksums(lengths) == buffer.u4[likely + 8]
            for position in likely[right].tolist():
                if _payload_is_right(buffer, position, end):
                    return int(position)
        begin += len(window)
    return None


def _payload_is_right(buffer: Buffer, position: int, end: int) -> bool:
    """Whether the payload of the record at `position` has its checksum, or goes on behind `end`."""
    footer = position + HEADER_BYTES + _LENGTH.unpack_from(buffer.mem, position)[0]
    if footer + FOOTER_BYTES > end:
        return True
    return masked_crc32c(buffer.mem[position + HEADER_BYTES : footer]) == int(buffer.u4[footer])
