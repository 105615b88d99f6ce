"""Checksums, against TensorBoard's byte-by-byte code."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.tensorflow_stub.pywrap_tensorflow import masked_crc32c as reference

from tbtui.events.checksum import (
    MASK_DELTA,
    contributions,
    length_checksum,
    length_checksums,
    masked_crc32c,
    masked_crc32cs,
    rotated_start,
    rotated_sum,
    short_length_checksums,
)
from tbtui.events.record import encode_record
from tests.support.eventfiles import framed

SIZES = [0, 1, 3, 4, 5, 16, 17, 63, 64, 65, 1023, 1024, 1025, 4095, 4097, 64 * 4096, 64 * 4096 + 1, 300_001]


def right(data: bytes) -> int:
    return reference(data) & 0xFFFFFFFF


def test_known_value() -> None:
    assert masked_crc32c(b"\x1a\x11CRC test, one two") == 0x5794D08A


@pytest.mark.parametrize("size", SIZES)
def test_any_size(size: int) -> None:
    data = np.random.default_rng(size).integers(0, 256, size, dtype=np.uint8).tobytes()
    assert masked_crc32c(data) == right(data)
    assert masked_crc32c(memoryview(data)) == right(data)


@given(st.binary(max_size=1500))
def test_any_bytes(data: bytes) -> None:
    assert masked_crc32c(data) == right(data)


@pytest.mark.parametrize("length", [4, 5, 24, 512])
def test_many_of_one_length(length: int) -> None:
    messages = np.random.default_rng(length).integers(0, 256, (300, length), dtype=np.uint8)
    assert masked_crc32cs(messages).tolist() == [right(message.tobytes()) for message in messages]


@given(st.binary(min_size=4, max_size=200), st.randoms(use_true_random=False))
def test_constant_and_contributions_make_the_checksum(data: bytes, random: object) -> None:
    payload = np.frombuffer(data, np.uint8)
    fixed = np.array([random.random() < 0.5 for _ in data])  # type: ignore[attr-defined]
    crc = rotated_start(len(data)) ^ rotated_sum(np.where(fixed, payload, 0).astype(np.uint8))
    for at in np.flatnonzero(~fixed):
        crc ^= int(contributions(len(data) - 1 - int(at))[payload[at]])
    assert (crc + MASK_DELTA) & 0xFFFFFFFF == right(data)


@given(st.binary(min_size=2, max_size=100), st.binary(min_size=2, max_size=100))
def test_sums_of_two_halves_make_the_checksum(left: bytes, right_half: bytes) -> None:
    sums = rotated_sum(np.frombuffer(left, np.uint8), len(right_half)) ^ rotated_sum(
        np.frombuffer(right_half, np.uint8)
    )
    crc = rotated_start(len(left) + len(right_half)) ^ sums
    assert (crc + MASK_DELTA) & 0xFFFFFFFF == right(left + right_half)


@pytest.mark.parametrize("length", [0, 1, 255, 256, 65535, 65536, 1 << 24, 1 << 40, 1 << 63, (1 << 64) - 1])
def test_lengths(length: int) -> None:
    wanted = right(length.to_bytes(8, "little"))
    assert length_checksum(length) == wanted
    assert length_checksums(np.array([3, length, 7], np.uint64)).tolist()[1] == wanted


def test_table_of_short_lengths() -> None:
    table = short_length_checksums()
    assert len(table) == 65536
    for length in range(0, 65536, 257):
        assert table[length] == right(length.to_bytes(8, "little"))


def test_no_lengths() -> None:
    assert len(length_checksums(np.empty(0, np.uint64))) == 0


@given(st.binary(max_size=300))
def test_record(payload: bytes) -> None:
    assert encode_record(payload) == framed(payload)
