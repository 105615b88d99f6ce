"""The exact parser, against TensorBoard's own classes and against everything a broken writer might leave."""

from __future__ import annotations

import math
import struct
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.message import DecodeError
from hypothesis import example, given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.event_file_writer import EventFileWriter
from tensorboardX import SummaryWriter

from tbtui.events.parse import BadEvent, Event, Metadata, parse_event
from tests.support import messages as m

TEXT = st.text(max_size=12)
INT64 = st.integers(-(2**63), 2**63 - 1)
NUMBER = st.floats(allow_nan=True, allow_infinity=True)
SINGLE = st.floats(width=32)

TENTH = struct.unpack("<f", struct.pack("<f", 0.1))[0]  # as a float32 has it
ONEOF_KINDS = {
    "simple_value": "scalar",
    "image": "image",
    "histo": "histogram",
    "audio": "audio",
    "tensor": "tensor",
    "obsolete_old_style_histogram": "none",
    None: "none",
}
SESSION_KINDS = {1: "session_start", 2: "session_stop", 3: "checkpoint"}


def same(a: float | None, b: float | None) -> bool:
    """Equal to the last bit, one NaN as good as another."""
    if a is None or b is None:
        return a is b
    return struct.pack("<d", a) == struct.pack("<d", b) or (math.isnan(a) and math.isnan(b))


@st.composite
def values(draw: st.DrawFn) -> summary_pb2.Summary.Value:
    value = summary_pb2.Summary.Value(tag=draw(TEXT), node_name=draw(TEXT))
    which = draw(st.sampled_from(["simple", "image", "histo", "audio", "tensor", "old", "nothing"]))
    if which == "simple":
        value.simple_value = draw(SINGLE)
    elif which == "image":
        value.image.height = draw(st.integers(-5, 500))
        value.image.encoded_image_string = draw(st.binary(max_size=20))
    elif which == "histo":
        value.histo.min = draw(NUMBER)
        value.histo.bucket.extend(draw(st.lists(NUMBER, max_size=4)))
    elif which == "audio":
        value.audio.sample_rate = draw(SINGLE)
    elif which == "tensor":
        value.tensor.dtype = draw(st.integers(0, 30))
        value.tensor.float_val.extend(draw(st.lists(SINGLE, max_size=3)))
        value.tensor.string_val.extend(draw(st.lists(st.binary(max_size=5), max_size=3)))
    elif which == "old":
        value.obsolete_old_style_histogram = draw(st.binary(max_size=5))
    if draw(st.booleans()):
        value.metadata.plugin_data.plugin_name = draw(TEXT)
        value.metadata.plugin_data.content = draw(st.binary(max_size=10))
        value.metadata.display_name = draw(TEXT)
        value.metadata.summary_description = draw(TEXT)
        value.metadata.data_class = draw(st.integers(-1, 4))
    return value


@st.composite
def events(draw: st.DrawFn) -> event_pb2.Event:
    event = event_pb2.Event(wall_time=draw(NUMBER), step=draw(INT64))
    which = draw(st.sampled_from(["summary"] * 4 + ["version", "graph", "meta", "log", "session", "run", "nothing"]))
    if which == "summary":
        event.summary.value.extend(draw(st.lists(values(), max_size=4)))
        event.summary.SetInParent()
    elif which == "version":
        event.file_version = draw(TEXT)
    elif which == "graph":
        event.graph_def = draw(st.binary(max_size=20))
    elif which == "meta":
        event.meta_graph_def = draw(st.binary(max_size=20))
    elif which == "log":
        event.log_message.message = draw(TEXT)
    elif which == "session":
        event.session_log.status = draw(st.integers(0, 4))
        event.session_log.checkpoint_path = draw(TEXT)
    elif which == "run":
        event.tagged_run_metadata.tag = draw(TEXT)
        event.tagged_run_metadata.run_metadata = draw(st.binary(max_size=20))
    if draw(st.booleans()):
        event.source_metadata.writer = draw(TEXT)
    return event


def assert_same(mine: Event, theirs: event_pb2.Event) -> None:
    """Everything we read is what TensorBoard's class reads."""
    assert same(mine.wall, theirs.wall_time)
    assert mine.step == theirs.step
    assert mine.writer == theirs.source_metadata.writer
    what = theirs.WhichOneof("what")
    if what == "summary":
        assert mine.kind == "summary"
        assert len(mine.values) == len(theirs.summary.value)
        for own, other in zip(mine.values, theirs.summary.value, strict=True):
            assert_same_value(own, other)
    elif what == "session_log":
        assert mine.kind == SESSION_KINDS.get(theirs.session_log.status, "none")
        assert mine.text == theirs.session_log.checkpoint_path
    elif what == "tagged_run_metadata":
        run = theirs.tagged_run_metadata
        assert (mine.kind, mine.tag, bytes(mine.body)) == ("run_metadata", run.tag, run.run_metadata)
    else:
        expected = {
            None: ("none", "", b""),
            "file_version": ("version", theirs.file_version, b""),
            "graph_def": ("graph", "", theirs.graph_def),
            "meta_graph_def": ("meta_graph", "", theirs.meta_graph_def),
            "log_message": ("log", theirs.log_message.message, b""),
        }[what]
        assert (mine.kind, mine.text, bytes(mine.body)) == expected


def assert_same_value(mine: Any, theirs: summary_pb2.Summary.Value) -> None:
    which = theirs.WhichOneof("value")
    assert mine.kind == ONEOF_KINDS[which]
    assert mine.tag == (theirs.tag or theirs.node_name)
    if theirs.HasField("metadata"):
        data = theirs.metadata
        plugin = data.plugin_data
        assert mine.metadata == Metadata(
            plugin.plugin_name, plugin.content, data.display_name, data.summary_description, data.data_class
        )
    else:
        assert mine.metadata is None
    if which == "simple_value":
        assert same(mine.scalar, theirs.simple_value)
        assert mine.single
        assert bytes(mine.body) == struct.pack("<f", theirs.simple_value) or math.isnan(theirs.simple_value)
    elif which in ("image", "histo", "audio", "tensor"):
        again = type(getattr(theirs, which)).FromString(bytes(mine.body))
        assert again.SerializeToString(deterministic=True) == getattr(theirs, which).SerializeToString(
            deterministic=True
        )


@given(events())
def test_reads_what_tensorboard_reads(event: event_pb2.Event) -> None:
    assert_same(parse_event(event.SerializeToString()), event)


# Fields of an Event as bytes: right ones, wrong wire types, unknown ones, several pieces of one message.
NUMBERS = st.integers(0, 2**64 - 1)
SCALAR_FIELD = st.one_of(
    st.builds(m.varint, st.sampled_from([1, 2, 3, 5, 8, 9, 15, 99, 536870911]), NUMBERS),
    st.builds(m.double, st.sampled_from([1, 2, 5, 8, 14]), NUMBER),
    st.builds(m.single, st.sampled_from([1, 2, 5, 13]), SINGLE),
    st.builds(m.group, st.sampled_from([1, 5, 20]), st.builds(m.varint, st.just(1), NUMBERS)),
    st.builds(m.message, st.sampled_from([12, 200]), st.binary(max_size=6)),
)
METADATA_FIELD = st.one_of(
    st.builds(m.message, st.just(1), st.builds(m.message, st.sampled_from([1, 2, 3]), TEXT)),
    st.builds(m.message, st.sampled_from([2, 3]), TEXT),
    st.builds(m.varint, st.just(4), NUMBERS),
)
TENSOR_FIELD = st.one_of(
    st.builds(m.varint, st.sampled_from([1, 3, 7, 10, 11]), NUMBERS),
    st.builds(m.single, st.just(5), SINGLE),
    st.builds(m.double, st.just(6), NUMBER),
    st.builds(m.shape, st.integers(-1, 3)),
    st.builds(m.message, st.just(4), st.binary(max_size=8)),
)
VALUE_FIELD = st.one_of(
    SCALAR_FIELD,
    st.builds(m.message, st.sampled_from([1, 7]), TEXT),
    st.builds(m.message, st.just(3), st.binary(max_size=4)),
    st.builds(m.message, st.just(9), METADATA_FIELD, METADATA_FIELD),
    st.builds(m.message, st.just(8), TENSOR_FIELD, TENSOR_FIELD),
    st.builds(m.message, st.sampled_from([4, 5, 6]), st.builds(m.varint, st.sampled_from([1, 2]), NUMBERS)),
    st.builds(m.single, st.just(2), SINGLE),
)
VALUE = st.lists(VALUE_FIELD, max_size=5).map(lambda parts: m.message(1, *parts))
EVENT_FIELD = st.one_of(
    SCALAR_FIELD,
    st.lists(VALUE, max_size=3).map(lambda parts: m.message(5, *parts)),
    st.builds(m.message, st.just(3), TEXT),
    st.builds(m.message, st.sampled_from([4, 9]), st.binary(max_size=6)),
    st.builds(m.message, st.just(7), st.builds(m.varint, st.just(1), NUMBERS)),
    st.builds(m.message, st.just(6), st.builds(m.message, st.just(2), TEXT)),
    st.builds(m.message, st.just(8), st.builds(m.message, st.sampled_from([1, 2]), TEXT)),
    st.builds(m.message, st.just(10), st.builds(m.message, st.just(1), TEXT)),
)


@given(st.lists(EVENT_FIELD, max_size=8).map(b"".join))
@settings(max_examples=300)
def test_any_order_pieces_and_unknown_fields_as_the_official_parser(payload: bytes) -> None:
    """The wire rules, field by field; where protobuf reads a message we read the same one."""
    assert_same(parse_event(payload), event_pb2.Event.FromString(payload))


@given(st.binary(max_size=200))
@example(b"\x2a\xff\xff\xff\xff\xff\xff\xff\xff\x7f")
def test_random_bytes_are_an_event_or_refused(payload: bytes) -> None:
    try:
        assert isinstance(parse_event(payload), Event)
    except BadEvent:
        with pytest.raises(DecodeError):
            event_pb2.Event.FromString(payload)


@given(events(), st.data())
def test_truncated_anywhere_is_an_event_or_refused(event: event_pb2.Event, data: st.DataObject) -> None:
    payload = event.SerializeToString()
    cut = payload[: data.draw(st.integers(0, len(payload)))]
    try:
        theirs = event_pb2.Event.FromString(cut)
    except DecodeError:
        theirs = None
    try:
        mine = parse_event(cut)
    except BadEvent:
        assert theirs is None
    else:
        if theirs is not None:
            assert_same(mine, theirs)


def test_a_tag_that_is_not_utf8_is_mended_and_the_other_values_stay() -> None:
    event = parse_event(m.summary(m.value(b"ba\xffd", m.single(2, 1.0)), m.value("good", m.single(2, 2.0))))
    assert [(value.tag, value.scalar) for value in event.values] == [("ba\ufffdd", 1.0), ("good", 2.0)]


@pytest.mark.parametrize("depth", [101, 20_000])
def test_deeply_nested_groups_are_refused_without_recursion(depth: int) -> None:
    bomb = b"\x0b" * depth + b"\x0c" * depth
    with pytest.raises(BadEvent, match="nested"):
        parse_event(m.summary(m.value("x", m.single(2, 1.0))) + bomb)


def test_a_hundred_groups_are_skipped() -> None:
    event = parse_event(m.summary(m.value("x", m.single(2, 1.0))) + b"\x5b" * 100 + b"\x5c" * 100)
    assert event.values[0].scalar == 1.0


@pytest.mark.parametrize("number", [4, 5, 6, 8, 9, 11])
def test_a_thousand_nested_messages_do_not_recurse(number: int) -> None:
    """Whatever field they sit in."""
    bomb = b""
    for _ in range(1000):
        bomb = m.message(1, bomb)
    event = parse_event(m.summary(m.value("bomb", m.message(number, bomb)), m.value("x", m.single(2, 1.0))))
    assert event.values[1].scalar == 1.0
    assert parse_event(m.message(number, bomb)).step == 0 or number == 5


def test_a_summary_in_two_pieces_holds_both_values() -> None:
    payload = m.summary(m.value("a", m.single(2, 1.0))) + m.message(5, m.value("b", m.single(2, 2.0)))
    assert [value.tag for value in parse_event(payload).values] == ["a", "b"]


def test_the_last_of_a_oneof_wins() -> None:
    payload = m.summary(m.value("a", m.single(2, 1.0), m.message(8, m.tensor(1, m.single(5, 3.0)))))
    (value,) = parse_event(payload).values
    assert (value.kind, value.scalar, value.single) == ("tensor", 3.0, True)
    assert parse_event(payload + m.message(3, "brain.Event:2")).kind == "version"
    (twice,) = parse_event(m.summary(m.value("a", m.single(2, 1.0), m.single(2, 2.0)))).values
    assert (twice.kind, twice.scalar) == ("scalar", 2.0)


def test_metadata_after_the_value_and_node_name_for_the_tag() -> None:
    payload = m.summary(m.message(1, m.single(2, 5.0), m.message(7, "conv1"), m.metadata("scalars", b"\x08\x01")))
    (value,) = parse_event(payload).values
    assert (value.tag, value.scalar) == ("conv1", 5.0)
    assert value.metadata == Metadata("scalars", b"\x08\x01", "", "", 0)


@pytest.mark.parametrize("bits", [0x7F800001, 0x7FC00123, 0xFFC00000, 0x80000000, 0x00000001, 0x7F7FFFFF])
def test_the_bits_of_a_number_are_kept(bits: int) -> None:
    """Signalling NaN, NaN with a payload, -0.0, the smallest and the largest float32."""
    (value,) = parse_event(m.summary(m.value("x", b"\x15" + struct.pack("<I", bits)))).values
    assert bytes(value.body) == struct.pack("<I", bits)


@pytest.mark.parametrize(
    ("tensor", "number", "single"),
    [
        (m.tensor(1, m.shape(), m.message(4, struct.pack("<f", 0.1))), TENTH, True),
        (m.tensor(2, m.shape(1), m.double(6, 0.1)), 0.1, False),
        (m.tensor(3, m.shape(1, 1), m.varint(7, -5)), -5.0, False),
        (m.tensor(10, m.varint(11, 1)), 1.0, False),
        (m.tensor(19, m.varint(13, 0x3C00)), 1.0, False),
        (m.tensor(14, m.varint(13, 0x3F80)), 1.0, False),
        (m.tensor(23, m.varint(17, 2**64 - 1)), float(2**64), False),
        (m.tensor(1, m.shape(2), m.single(5, 1.0)), None, False),
        (m.tensor(1, m.shape(0)), None, False),
        (m.tensor(1, m.shape()), None, False),
        (m.tensor(7, m.message(8, "1.0")), None, False),
        (m.tensor(8, m.single(9, 1.0) + m.single(9, 0.0)), None, False),
        (m.tensor(2, m.message(4, b"\0\0\0")), None, False),
        (m.tensor(0, m.single(5, 1.0)), None, False),
        (b"\x08", None, False),
    ],
)  # fmt: skip
def test_the_number_of_a_one_element_tensor(tensor: bytes, number: float | None, single: bool) -> None:
    (value,) = parse_event(m.summary(m.value("x", m.message(8, tensor)))).values
    assert (value.kind, value.scalar, value.single) == ("tensor", number, single)


def test_files_of_tensorboardx(tmp_path: Path) -> None:
    with SummaryWriter(str(tmp_path)) as writer:
        writer.add_scalar("loss", 0.5, 3)
        writer.add_scalar("named", 1.5, 4, display_name="Name", summary_description="words")
        writer.add_histogram("weights", [1.0, 2.0, 3.0], 5)
        writer.add_text("note", "hello", 6)
    assert_file_same(tmp_path)


def test_files_of_tensorboard(tmp_path: Path) -> None:
    writer = EventFileWriter(str(tmp_path))
    event = event_pb2.Event(step=-1, wall_time=12.5)
    event.summary.value.add(tag="loss", simple_value=math.inf)
    writer.add_event(event)
    writer.close()
    assert_file_same(tmp_path)


def assert_file_same(folder: Path) -> None:
    (path,) = folder.glob("*tfevents*")
    found = m.payloads(path)
    assert parse_event(found[0]).kind == "version"
    assert len(found) > 1
    for payload in found:
        assert_same(parse_event(payload), event_pb2.Event.FromString(payload))
