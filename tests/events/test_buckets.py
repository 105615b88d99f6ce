"""Histograms with more bucket limits than counts, or fewer, are found without being decoded."""

from __future__ import annotations

import struct

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbtui.events.buckets import Unequal, unequal
from tests.support.eventfiles import decode, framed, version
from tests.support.messages import double, doubles, message, metadata, summary, value


def body(limits: int, counts: int, numbers: int = 5) -> bytes:
    start = b"".join(double(number, 1.5) for number in range(1, numbers + 1))
    packed = [doubles(6, [float(i) for i in range(limits)]) if limits else b""]
    packed.append(doubles(7, [1.0] * counts) if counts else b"")
    return start + b"".join(packed)


def record(step: int, limits: int, counts: int, *more: bytes, tag: str = "w") -> bytes:
    return framed(summary(value(tag, message(5, body(limits, counts)), *more), step=step))


@given(st.integers(0, 40), st.integers(0, 40), st.integers(0, 5))
def test_the_numbers_are_told_where_they_differ(limits: int, counts: int, numbers: int) -> None:
    found = unequal(memoryview(body(limits, counts, numbers)))
    assert found == (None if limits == counts else Unequal(limits, counts))


@given(st.binary(max_size=200))
@example(b"\x32\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01")
@example(b"\x09")
def test_what_is_laid_out_otherwise_is_not_judged(data: bytes) -> None:
    found = unequal(memoryview(data))
    assert found is None or found.limits * 8 + found.counts * 8 <= len(data)


def test_unpacked_numbers_are_not_judged() -> None:
    unpacked = b"".join(b"\x31" + struct.pack("<d", i) for i in range(3)) + doubles(7, [1.0, 2.0, 3.0])
    assert unequal(memoryview(unpacked)) is None


@pytest.mark.parametrize("size", [2, 30, 300])
@pytest.mark.parametrize("more", [b"", metadata("histograms")], ids=["bare", "with metadata"])
def test_only_the_odd_one_is_left_out_and_told(size: int, more: bytes) -> None:
    """Short and long ones, in the middle, at the beginning, in a tag of their own."""
    kinds = [(size, size), (size, size), (size, size - 1), (size, size), (0, size), (size, size), (size, 0)]
    records = [record(step, limits, counts, more) for step, (limits, counts) in enumerate(kinds)]
    alone = record(9, size, size + 1, more, tag="alone")
    data = version() + b"".join(records) + alone
    (reading,) = decode(data)
    assert [item.step for item in reading.items if item.tag == "w"] == [0, 1, 3, 5]
    assert not any(item.tag == "alone" for item in reading.items)
    begins = [data.index(records[index]) for index in (2, 4, 6)] + [data.index(alone)]
    assert [offset for offset, _ in reading.problems] == begins
    assert reading.problems[0][1] == f"tag 'w': {size} bucket limits and {size - 1} counts; the histogram is left out"
    assert reading.problems[1][1].startswith(f"tag 'w': 0 bucket limits and {size} counts")
