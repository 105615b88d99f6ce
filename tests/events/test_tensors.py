"""Tensors of every type, against TensorBoard's `make_ndarray` and against shapes that lie."""

from __future__ import annotations

import math
import struct
import tracemalloc
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from tensorboard.compat.proto import tensor_pb2
from tensorboard.util import tensor_util

from tbtui.events.tensors import MAX_REPEATED, BadTensor, decode_tensor
from tests.support import messages as m

pytestmark = pytest.mark.filterwarnings("error")  # nothing may be printed over the screen

TYPES = {
    1: "f4",
    2: "f8",
    3: "i4",
    4: "u1",
    5: "i2",
    6: "i1",
    8: "c8",
    9: "i8",
    10: "?",
    17: "u2",
    18: "c16",
    19: "f2",
    22: "u4",
    23: "u8",
}


def assert_same(mine: np.ndarray[Any, Any], theirs: np.ndarray[Any, Any]) -> None:
    assert mine.shape == theirs.shape
    assert mine.dtype == theirs.dtype
    if mine.dtype == object:
        assert mine.tolist() == theirs.tolist()
    else:
        assert np.ascontiguousarray(mine).tobytes() == theirs.tobytes()


def arrays() -> st.SearchStrategy[np.ndarray[Any, Any]]:
    shapes = hnp.array_shapes(min_dims=0, max_dims=4, min_side=0, max_side=4)
    return st.sampled_from(list(TYPES.values())).flatmap(lambda kind: hnp.arrays(kind, shapes))


@given(arrays())
def test_what_make_tensor_proto_writes(array: np.ndarray[Any, Any]) -> None:
    proto = tensor_util.make_tensor_proto(array)
    assert_same(decode_tensor(proto.SerializeToString()), array)


@given(
    st.lists(st.binary(max_size=6), max_size=8).flatmap(
        lambda items: st.tuples(st.just(items), st.sampled_from([(len(items),), (1, len(items)), (len(items), 1, 1)]))
    )
)
def test_strings(case: tuple[list[bytes], tuple[int, ...]]) -> None:
    items, sizes = case
    body = m.tensor(7, m.shape(*sizes), *(m.message(8, item) for item in items))
    mine = decode_tensor(body)
    assert (mine.dtype, mine.shape) == (np.dtype(object), sizes)
    assert mine.reshape(-1).tolist() == items


VALUES = {
    1: ("float_val", st.floats(width=32)),
    2: ("double_val", st.floats()),
    3: ("int_val", st.integers(-(2**31), 2**31 - 1)),
    4: ("int_val", st.integers(0, 255)),
    5: ("int_val", st.integers(-(2**15), 2**15 - 1)),
    6: ("int_val", st.integers(-128, 127)),
    9: ("int64_val", st.integers(-(2**63), 2**63 - 1)),
    10: ("bool_val", st.booleans()),
    17: ("int_val", st.integers(0, 2**16 - 1)),
    19: ("half_val", st.integers(0, 2**16 - 1)),
}


@given(
    st.sampled_from(list(VALUES)).flatmap(lambda kind: st.tuples(st.just(kind), st.lists(VALUES[kind][1], max_size=9)))
)
def test_separate_values(case: tuple[int, list[Any]]) -> None:
    dtype, items = case
    proto = tensor_pb2.TensorProto(dtype=dtype)
    proto.tensor_shape.dim.add(size=len(items))
    getattr(proto, VALUES[dtype][0]).extend(items)
    assert_same(decode_tensor(proto.SerializeToString()), tensor_util.make_ndarray(proto))


@given(st.lists(st.integers(0, 2**64 - 1), max_size=20))
def test_varints_of_any_length(items: list[int]) -> None:
    proto = tensor_pb2.TensorProto(dtype=23, uint64_val=items)
    proto.tensor_shape.dim.add(size=len(items))
    assert decode_tensor(proto.SerializeToString()).tolist() == items


@pytest.mark.parametrize(
    "parts",
    [
        [m.message(7, b"\x01\x02\x03")],  # packed
        [m.varint(7, 1), m.varint(7, 2), m.varint(7, 3)],  # not packed
        [m.message(7, b"\x01"), m.varint(7, 2), m.message(7, b"\x03")],  # both
    ],
)
def test_packed_and_unpacked(parts: list[bytes]) -> None:
    assert decode_tensor(m.tensor(3, m.shape(3), *parts)).tolist() == [1, 2, 3]


def test_unpacked_floats_and_fields_in_any_order() -> None:
    body = m.single(5, 1.5) + m.shape(2) + m.varint(99, 5) + m.varint(1, 1) + m.message(5, struct.pack("<f", 2.5))
    assert decode_tensor(body).tolist() == [1.5, 2.5]


def test_small_floats_become_float32() -> None:
    bfloat16 = decode_tensor(m.tensor(14, m.shape(3), m.message(4, struct.pack("<3H", 0x3F80, 0xC049, 0x7F80))))
    assert (bfloat16.dtype, bfloat16.tolist()) == (np.float32, [1.0, -3.140625, math.inf])
    e5m2 = decode_tensor(m.tensor(24, m.shape(5), m.message(18, b"\x3c\xbc\x01\x7b\x7c")))
    assert (e5m2.dtype, e5m2.tolist()) == (np.float32, [1.0, -1.0, 2.0**-16, 57344.0, math.inf])
    e4m3 = decode_tensor(m.tensor(25, m.shape(7), m.message(4, b"\x38\xb8\x01\x08\x7e\x80\x00")))
    assert (e4m3.dtype, e4m3.tolist()) == (np.float32, [1.0, -1.0, 2.0**-9, 2.0**-6, 448.0, 0.0, 0.0])
    assert math.copysign(1.0, e4m3[5]) == -1.0
    assert np.isnan(decode_tensor(m.tensor(25, m.shape(2), m.message(4, b"\x7f\xff")))).all()


def test_signalling_nans_make_no_noise() -> None:
    assert np.isnan(decode_tensor(m.tensor(19, m.shape(1), m.varint(13, 0x7C01)))).all()
    assert np.isnan(decode_tensor(m.tensor(24, m.shape(1), m.message(18, b"\x7d")))).all()
    assert np.isnan(decode_tensor(m.tensor(1, m.shape(1), m.message(4, b"\x01\0\x80\x7f")))).all()


def test_four_bit_integers() -> None:
    signed = decode_tensor(m.tensor(29, m.shape(4), m.message(4, b"\x00\x07\x08\xff")))
    assert (signed.dtype, signed.tolist()) == (np.int8, [0, 7, -8, -1])
    unsigned = decode_tensor(m.tensor(30, m.shape(2), m.varint(7, 15), m.varint(7, 3)))
    assert (unsigned.dtype, unsigned.tolist()) == (np.uint8, [15, 3])


@pytest.mark.parametrize(("quantized", "plain"), [(11, "i1"), (12, "u1"), (13, "i4"), (15, "i2"), (16, "u2")])
def test_quantized_types_are_their_integers(quantized: int, plain: str) -> None:
    array = decode_tensor(m.tensor(quantized, m.shape(2), m.message(4, np.array([1, 100], plain).tobytes())))
    assert (array.dtype, array.tolist()) == (np.dtype(plain), [1, 100])


def test_reference_types_are_their_types() -> None:
    assert decode_tensor(m.tensor(101, m.shape(1), m.single(5, 2.0))).tolist() == [2.0]


def test_one_value_stands_for_all_and_the_last_repeats() -> None:
    assert decode_tensor(m.tensor(1, m.shape(2, 2), m.single(5, 2.0))).tolist() == [[2.0, 2.0], [2.0, 2.0]]
    assert decode_tensor(m.tensor(7, m.shape(3), m.message(8, "a"))).tolist() == [b"a"] * 3
    assert decode_tensor(m.tensor(3, m.shape(4), m.message(7, b"\x01\x02"))).tolist() == [1, 2, 2, 2]


@pytest.mark.parametrize("dtype", [14, 19])
def test_the_halves_of_torch_are_float32_patterns(dtype: int) -> None:
    patterns = np.array([1.0, -0.25, 0.0], np.float32).view(np.uint32).tolist()
    array = decode_tensor(m.tensor(dtype, m.shape(3), *(m.varint(13, pattern) for pattern in patterns)))
    assert (array.dtype, array.tolist()) == (np.float32, [1.0, -0.25, 0.0])


def test_without_a_shape_the_rank_is_zero() -> None:
    assert decode_tensor(m.tensor(1, m.single(5, 2.0))).shape == ()
    assert decode_tensor(m.tensor(7, m.message(8, "x")))[()] == b"x"
    assert decode_tensor(m.tensor(1, m.message(2, m.varint(3, 1)), m.single(5, 2.0), m.single(5, 3.0))).shape == (2,)


@pytest.mark.parametrize(
    ("body", "reason"),
    [
        (m.tensor(1, m.shape(2), m.message(4, b"\0" * 7)), "whole number"),
        (m.tensor(1, m.shape(2), *[m.single(5, 1.0)] * 3), "holds 2 elements"),
        (m.tensor(1, m.shape(3), m.message(4, b"\0" * 16)), "holds 3 elements"),
        (m.tensor(2, m.shape(2)), "claims 2 elements, 0 are written"),
        (m.tensor(7, m.shape()), "claims 1 elements, 0 are written"),
        (m.tensor(1, m.shape(-1), m.single(5, 1.0)), "has size -1"),
        (m.tensor(1, m.shape(*[1] * 33), m.single(5, 1.0)), "more than 32 dimensions"),
        (m.tensor(20, m.shape(1)), "type 20"),
        (m.tensor(0, m.shape(1), m.single(5, 1.0)), "type 0"),
        (m.tensor(7, m.shape(1), m.message(4, b"abc")), "raw bytes"),
        (m.tensor(3, m.shape(1), m.message(7, b"\x80")), "inside a number"),
        (m.tensor(3, m.shape(1), m.message(7, b"\x80" * 11 + b"\x01")), "longer than ten"),
        (b"\x22\x7f", "not a tensor"),
    ],
)
def test_what_is_no_tensor_is_refused_with_a_reason(body: bytes, reason: str) -> None:
    with pytest.raises(BadTensor, match=reason):
        decode_tensor(body)


@pytest.mark.parametrize("sizes", [(2**40,), (2**31, 2**31), (2**62, 2**62), (MAX_REPEATED + 1,), (2**62, 0, 2**62)])
@pytest.mark.parametrize("written", [0, 1, 2])
def test_a_shape_alone_makes_nobody_allocate(sizes: tuple[int, ...], written: int) -> None:
    body = m.tensor(2, m.shape(*sizes), *[m.double(6, 1.0)] * written)
    tracemalloc.start()
    try:
        with pytest.raises(BadTensor):
            decode_tensor(body)
        assert tracemalloc.get_traced_memory()[1] < 100_000
    finally:
        tracemalloc.stop()


@given(st.binary(max_size=100))
def test_random_bytes_are_a_tensor_or_refused(body: bytes) -> None:
    with suppress(BadTensor):
        assert isinstance(decode_tensor(body), np.ndarray)


@given(arrays(), st.data())
def test_truncated_anywhere(array: np.ndarray[Any, Any], data: st.DataObject) -> None:
    body = tensor_util.make_tensor_proto(array).SerializeToString()
    with suppress(BadTensor):
        decode_tensor(body[: data.draw(st.integers(0, len(body)))])


def test_the_result_does_not_hang_on_the_buffer_it_came_from() -> None:
    buffer = bytearray(m.tensor(2, m.shape(2), m.message(4, struct.pack("<2d", 1.0, 2.0))))
    array = decode_tensor(memoryview(buffer))
    buffer[:] = bytes(len(buffer))
    assert array.tolist() == [1.0, 2.0]
