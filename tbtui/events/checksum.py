"""Masked CRC-32C, the checksum of TFRecord files: of one message, and of a million little ones at once.

CRC-32C (Castagnoli, polynomial 0x82F63B78 reflected) is linear over GF(2): what a byte adds to the checksum depends
on nothing but the byte and the number of bytes behind it, and all contributions are put together by XOR. So

* the checksum of a short message is a look-up for every byte and an XOR over them, with no loop in Python;
* a long message is cut into lanes that are worked on side by side and then joined two by two;
* of many messages that differ in a few bytes only, each costs the look-ups of those bytes (`contributions`), and one
  sum stands for the bytes they share (`rotated_sum`).

The initial register of all ones is the same as a message whose first four bytes are inverted. The mask is a rotation
by 15 bits and an addition (source: TensorFlow's record format); the rotation is linear too, so `contributions` are
rotated beforehand and only the addition of `MASK_DELTA` is left.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Words = NDArray[np.uint32]

MASK_DELTA = 0xA282EAD8

_POLYNOMIAL = 0x82F63B78  # reflected
_TINY = 48  # bytes of a message for which a loop in Python is the fastest
_SHORT = 1024  # bytes of a message that is looked up in one go
_TOGETHER = 1 << 16  # bytes of short messages that are looked up in one go
_LANE = 64  # bytes of a lane of a long message
_LANES = 128  # worked on together: what they need stays in the cache


def _rotated(crc: Words) -> Words:
    return (crc >> np.uint32(15)) | (crc << np.uint32(17))


def _last_byte() -> Words:
    """uint32[256]: what the last byte of a message adds to its CRC."""
    table = np.arange(256, dtype=np.uint32)
    for _ in range(8):
        table = np.where(table & 1, (table >> 1) ^ np.uint32(_POLYNOMIAL), table >> 1).astype(np.uint32)
    return table


class _Tables(NamedTuple):
    """What byte b adds to a CRC when k bytes follow it: plain[k, b], and the same rotated."""

    plain: Words
    rotated: Words


class _Growing:
    """The tables for as many following bytes as were asked for so far; usable from any thread."""

    def __init__(self) -> None:
        first = _last_byte()[None, :]
        self._tables = _Tables(first, _rotated(first))

    def reach(self, following: int) -> _Tables:
        """Tables that hold entries for up to `following` bytes."""
        tables = self._tables
        known = len(tables.plain)
        if following < known:
            return tables
        plain = np.empty((max(following + 1, 2 * known), 256), np.uint32)
        plain[:known] = tables.plain
        for k in range(known, len(plain)):  # one more zero byte behind it
            before = plain[k - 1]
            np.bitwise_xor(plain[0].take(before & np.uint32(255)), before >> np.uint32(8), out=plain[k])
        self._tables = tables = _Tables(plain, _rotated(plain))
        return tables


_reach = _Growing().reach


def contributions(following: int) -> Words:
    """uint32[256]: what each byte adds (by XOR) to a rotated CRC when `following` bytes come behind it."""
    row: Words = _reach(following).rotated[following]
    return row


def rotated_sum(data: NDArray[np.uint8], following: int = 0) -> int:
    """What `data` adds (by XOR) to a rotated CRC when `following` bytes come behind it; zero bytes add nothing."""
    rotated = _reach(len(data) + following).rotated
    at = np.flatnonzero(data)
    return int(np.bitwise_xor.reduce(rotated[len(data) + following - 1 - at, data[at]]))


def rotated_start(length: int) -> int:
    """The rotated CRC of `length` (at least four) bytes of which every one adds nothing.

    XOR it with what the bytes add (`contributions`, `rotated_sum`) and add MASK_DELTA (modulo 2**32): the masked CRC.
    """
    inverted = _reach(length).rotated[length - 4 : length, 255]
    return int(np.bitwise_xor.reduce(inverted)) ^ 0xFFFFFFFF


def masked_crc32c(data: bytes | bytearray | memoryview) -> int:
    """The masked CRC-32C of `data`, as records carry it. Takes a few microseconds, and a millisecond a megabyte."""
    if len(data) <= _TINY:
        crc = _byte_by_byte(data)
    elif len(data) <= _SHORT:
        crc = _looked_up(np.frombuffer(data, np.uint8))
    else:
        crc = _joined(_lane_crcs(np.frombuffer(data, np.uint8)))
    return _masked(crc ^ 0xFFFFFFFF)


def masked_crc32cs(messages: NDArray[np.uint8]) -> Words:
    """The masked CRCs, uint32[n], of messages of one length (4 to some hundred bytes), a row each: uint8[n, length]."""
    count, length = messages.shape
    plain, behind = _reach(length).plain, _countdown(length)
    crcs = np.full(count, _initial(length) ^ 0xFFFFFFFF, np.uint32)
    most = max(1, _TOGETHER // length)
    for begin in range(0, count, most):
        some = slice(begin, begin + most)
        crcs[some] ^= np.bitwise_xor.reduce(plain[behind, messages[some]], axis=1)
    return _rotated(crcs) + np.uint32(MASK_DELTA)


@lru_cache(maxsize=1)
def short_length_checksums() -> Words:
    """uint32[65536]: the masked CRC of the length field of each record shorter than 64 kB."""
    rotated = _reach(8).rotated
    zero = _rotated(np.array([_byte_by_byte(bytes(8)) ^ 0xFFFFFFFF], np.uint32))
    table: Words = (rotated[6] ^ zero)[:, None] ^ rotated[7]  # second byte of the length, first byte
    table += np.uint32(MASK_DELTA)
    table.shape = (-1,)
    return table


def length_checksums(lengths: NDArray[np.integer]) -> Words:
    """The masked CRCs of the length fields of records of any length (int64 or uint64)."""
    if not len(lengths) or (int(lengths.max()) < 1 << 16 and int(lengths.min()) >= 0):
        return short_length_checksums().take(lengths.astype(np.intp))
    plain = _reach(8).plain
    raw = np.ascontiguousarray(lengths).view(np.uint8)
    crc = np.full(len(lengths), _byte_by_byte(bytes(8)) ^ 0xFFFFFFFF, np.uint32)
    for i in range(8):
        crc ^= plain[7 - i].take(raw[i::8])
    return _rotated(crc) + np.uint32(MASK_DELTA)


@lru_cache(maxsize=4096)
def length_checksum(length: int) -> int:
    """The masked CRC of one length field; `length` is unsigned."""
    if length < 1 << 16:
        return int(short_length_checksums()[length])
    return masked_crc32c(length.to_bytes(8, "little"))


def _masked(crc: int) -> int:
    return (((crc >> 15) | (crc << 17)) + MASK_DELTA) & 0xFFFFFFFF


_LAST_BYTE: list[int] = _last_byte().tolist()


def _byte_by_byte(data: bytes | bytearray | memoryview) -> int:
    """The register behind a few bytes."""
    register = 0xFFFFFFFF
    for byte in data:
        register = _LAST_BYTE[(register ^ byte) & 255] ^ (register >> 8)
    return register


def _looked_up(raw: NDArray[np.uint8]) -> int:
    """The register behind 4 to _SHORT bytes."""
    plain = _reach(len(raw)).plain
    added = plain[_countdown(len(raw)), raw]
    return int(np.bitwise_xor.reduce(added)) ^ _initial(len(raw))


@lru_cache(maxsize=_SHORT)
def _initial(length: int) -> int:
    """What the initial register adds to a message of at least four bytes: the same as inverting the first four."""
    return int(np.bitwise_xor.reduce(_reach(length).plain[length - 4 : length, 255]))


@lru_cache(maxsize=128)
def _countdown(count: int) -> NDArray[np.intp]:
    return np.arange(count - 1, -1, -1)


def _lane_crcs(raw: NDArray[np.uint8]) -> Words:
    """The register behind each lane by itself, begun with zero; zeros in front fill up the first lane."""
    table = _reach(_LANE).plain[:_LANE].reshape(-1)
    places = _countdown(_LANE) * 256  # of each byte's row in the table
    lanes = -(-len(raw) // _LANE)
    padded = np.zeros(lanes * _LANE, np.uint8)
    padded[-len(raw) :] = raw
    padded[-len(raw) :][:4] ^= 255
    rows = padded.reshape(lanes, _LANE)
    crcs = np.empty(lanes, np.uint32)
    for begin in range(0, lanes, _LANES):
        added = table.take(rows[begin : begin + _LANES] + places)
        np.bitwise_xor.reduce(added, axis=1, out=crcs[begin : begin + _LANES])
    return crcs


def _joined(crcs: Words) -> int:
    """Registers of neighbouring lanes -> the register of all their bytes, joining two by two."""
    doublings = 0
    while len(crcs) > 1:
        if len(crcs) % 2:  # a lane of zeros in front changes nothing
            crcs = np.concatenate((np.zeros(1, np.uint32), crcs))
        left = np.ascontiguousarray(crcs[0::2])
        crcs = _advanced(_lane_tables(doublings), left) ^ crcs[1::2]
        doublings += 1
    return int(crcs[0])


@lru_cache(maxsize=64)
def _lane_tables(doublings: int) -> Words:
    """uint32[4, 256]: the image of each byte of a register behind _LANE * 2**doublings zero bytes."""
    if doublings == 0:
        first: Words = _reach(_LANE).plain[[_LANE - 1, _LANE - 2, _LANE - 3, _LANE - 4]]
        return first
    half = _lane_tables(doublings - 1)
    return _advanced(half, half.reshape(-1)).reshape(4, 256)


def _advanced(tables: Words, crcs: Words) -> Words:
    raw = crcs.view(np.uint8)
    out: Words = tables[0].take(raw[0::4])
    for i in 1, 2, 3:
        out ^= tables[i].take(raw[i::4])
    return out
