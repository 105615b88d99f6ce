"""What is refused as no protobuf message, and the official parser refusing the same."""

from __future__ import annotations

import pytest
from google.protobuf.message import DecodeError
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2

from tbtui.events.wire import BadWire, fields, read_varint, signed32, signed64, write_varint


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"\x10", "ends inside a number"),
        (b"\x10" + b"\x80" * 9, "ends inside a number"),
        (b"\x10" + b"\x80" * 10 + b"\x01", "longer than ten bytes"),
        (b"\x00\x01", "0 is no field number"),
        (b"\x02\x00", "0 is no field number"),
        (b"\x80\x80\x80\x80\x80\x01\x01", "is no field number"),
        (b"\x2a\x05abc", "says 5 bytes, 3 are left"),
        (b"\x09abc", "needs 8 bytes, 3 are left"),
        (b"\x15ab", "needs 4 bytes, 2 are left"),
        (b"\x0c", "group 1 ends without a beginning"),
        (b"\x0b\x14", "group 2 ends without a beginning"),
        (b"\x0b", "ends inside a number"),
        (b"\x0b\x10\x01", "ends inside a number"),
        (b"\x0b\x12\x09abc", "ends inside group 1"),
        (b"\x0b\x15ab", "ends inside group 1"),
        (b"\x0b\x0f\x0c", "unknown wire type 7"),
        (b"\x0e", "unknown wire type 6"),
    ],
)
def test_what_is_no_message(data: bytes, reason: str) -> None:
    with pytest.raises(BadWire, match=reason):
        list(fields(memoryview(data)))
    with pytest.raises(DecodeError):
        event_pb2.Event.FromString(data)


def test_fields_before_the_fault_are_given() -> None:
    found = fields(memoryview(b"\x10\x05\x2a\x7f"))
    assert next(found)[:2] == (0x10, 5)
    with pytest.raises(BadWire):
        next(found)


@given(st.integers(-(2**63), 2**63 - 1))
def test_numbers_there_and_back(number: int) -> None:
    data = write_varint(number & 0xFFFFFFFFFFFFFFFF)
    value, position = read_varint(memoryview(data), 0)
    assert (signed64(value), position) == (number, len(data))
    assert signed32(value) == (number + 2**31) % 2**32 - 2**31


def test_bits_beyond_sixty_four_are_dropped_as_the_official_parser_does() -> None:
    data = b"\xff" * 9 + b"\x7f"
    assert read_varint(memoryview(data), 0) == (2**64 - 1, 10)
    assert event_pb2.Event.FromString(b"\x10" + data).step == -1
