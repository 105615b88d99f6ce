"""Where records may begin: by scanning for headers, by walking from one to the next, by searching behind damage.

A header checks itself: eight bytes of length, then the checksum of those eight. So records can be found in the middle
of a buffer. All functions return only headers whose checksum is right; whether they follow each other without a gap is
for `framing` to see.
"""

from __future__ import annotations

import struct
from functools import lru_cache
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
_MOST_ROUNDS = 16  # records in a row that are no short ones


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
    """Headers of the records below 256 bytes in buffer[begin:end], all at once, and of those that follow them.

    The length of a short record is one byte and seven zeros, and seven zeros always contain an aligned word of zeros:
    look for such words, and take the last byte before them that is not zero for the length.
    """
    first = begin // 4
    words = buffer.words[first : end // 4]
    zeros = np.flatnonzero(words[1:] == 0)  # the index of the word before the zero word
    lengths = words.take(zeros)
    below = (lengths >= 1 << 8).view(np.uint8)  # how many bytes lie below the highest that is not zero
    below += (lengths >= 1 << 16).view(np.uint8)
    below += (lengths >= 1 << 24).view(np.uint8)
    at = (zeros + first) * 4
    at += below
    lengths >>= below.astype(np.uint32) << np.uint32(3)
    # What lies between that byte and the zero word is zero; the rest of the length, and its checksum:
    right = buffer.u8[4:][at] == _second_halves().take(lengths, mode="clip")
    if len(at) and at[0] < begin:
        right &= at >= begin
    if not right.all():
        at, lengths = at[right], lengths[right]
    return _with_followers(buffer, Headers(at, lengths.astype(np.int64)), end)


@lru_cache(maxsize=1)
def _second_halves() -> NDArray[np.uint64]:
    """For each length below 256: the upper half of the length field, and the checksum, as one word."""
    return short_length_checksums()[:256].astype(np.uint64) << np.uint64(32)


def _with_followers(buffer: Buffer, headers: Headers, end: int) -> Headers:
    """Adds the headers of longer records that come right behind known ones, round by round."""
    at, lengths = headers
    for _ in range(_MOST_ROUNDS):
        ends = at + lengths + OVERHEAD
        follower = ends[np.append(ends[:-1] != at[1:], True)[: len(at)]]
        follower = follower[follower + HEADER_BYTES <= end]
        follower = follower[at.take(np.searchsorted(at, follower), mode="clip") != follower]
        found = buffer.u8[follower]
        right = (length_checksums(found) == buffer.u4[follower + 8]) & (found < LONGEST)
        if not right.any():
            break
        both = np.concatenate((at, follower[right]))
        order = np.argsort(both, kind="stable")
        at, lengths = both.take(order), np.concatenate((lengths, found[right].view(np.int64))).take(order)
    return Headers(at, lengths)


def walk(buffer: Buffer, begin: int, end: int, most: int) -> Headers:
    """At most `most` records that lie whole in buffer[begin:end], one by one; stops before the first wrong header."""
    at: list[int] = []
    raw, unpack, note, overhead = buffer.u1.data, _LENGTH.unpack_from, at.append, OVERHEAD
    position = begin
    for _ in range(most):  # a quarter of a microsecond a record
        following = position + unpack(raw, position)[0] + overhead
        if following > end:
            break
        note(position)
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
