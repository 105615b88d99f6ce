"""The demo's small protobuf encoder, read back by the protobuf library itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, tensor_shape_pb2

from tbtui.demo import wire


@given(st.integers(-(2**63), 2**63 - 1), st.floats(allow_nan=False), st.text())
def test_fields_are_what_protobuf_reads(step: int, wall: float, tag: str) -> None:
    value = wire.data(1, tag) + wire.single(2, 0.1)
    event = event_pb2.Event.FromString(
        wire.double(1, wall) + wire.integer(2, step) + wire.message(5, [wire.data(1, value)])
    )
    assert (event.wall_time, event.step, event.summary.value[0].tag) == (wall, step, tag)
    assert event.summary.value[0].simple_value == pytest.approx(0.1)


@pytest.mark.parametrize("number", [0, 1, 127, 128, 300, 2**32, 2**63 - 1, -1])
def test_numbers_of_every_length(number: int) -> None:
    assert tensor_shape_pb2.TensorShapeProto.Dim.FromString(wire.integer(1, number)).size == number
