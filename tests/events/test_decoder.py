"""The decoder, point by point and bit by bit against protobuf; whole, growing and damaged files."""

from __future__ import annotations

import random

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2

from tbtui.events.decoder import Decoder
from tbtui.events.others import WRONG_CHECKSUM
from tests.support import messages as m
from tests.support.eventfiles import (
    LAYOUTS,
    Reading,
    bits,
    curve,
    decode,
    decode_growing,
    expected,
    framed,
    records,
    scalar,
    scalar_value,
    scalars,
    version,
)

TAGS = st.sampled_from(["loss", "acc", "lr", "a/b", "a/c", "ä", "x" * 130, "train/loss", "train/lost"])
STEPS = st.one_of(
    st.integers(0, 300),
    st.integers(16000, 17000),
    st.integers(2**41, 2**50),
    st.sampled_from([-1, -(2**63), 2**63 - 1, 2**49 - 1, 2**49, 127, 128]),
)
WALLS = st.one_of(st.floats(1.4e9, 1.9e9), st.sampled_from([0.0, -1.0, float("nan"), float("inf"), 1e300]))
VALUES = st.one_of(st.floats(width=32), st.sampled_from([0.0, -0.0, 1e-45]))


@st.composite
def bursts(draw: st.DrawFn) -> list[bytes]:
    """Records of one tag and layout: enough of them to be decoded together, or just one."""
    tag, layout, count = draw(TAGS), draw(st.sampled_from(LAYOUTS)), draw(st.sampled_from([1, 4, 5, 7, 30]))
    first, stride = draw(STEPS), draw(st.sampled_from([0, 1, 100]))
    wall, value = draw(WALLS), draw(VALUES)
    out = []
    for i in range(count):
        step = min(first + i * stride, 2**63 - 1)
        out.append(scalar(tag, step, value if i % 3 else i / 3, wall + i / 11, layout))
    return out


@st.composite
def multi(draw: st.DrawFn) -> list[bytes]:
    """Events that hold several values."""
    chosen = draw(st.lists(st.tuples(TAGS, st.sampled_from(LAYOUTS)), min_size=2, max_size=5))
    out = []
    for step in range(draw(st.sampled_from([1, 6]))):
        values = [scalar_value(tag, step + i / 3, layout) for i, (tag, layout) in enumerate(chosen)]
        out.append(framed(scalars(step, 1.5e9 + step, values)))
    return out


OTHERS = st.sampled_from(
    [
        [framed(m.summary(m.value("h", m.message(5, m.doubles(6, [1.0] * 45), m.doubles(7, [1.0] * 45))), step=3))] * 6,
        [framed(b"")],
        [version()],
        [
            framed(
                event_pb2.Event(wall_time=1.0, step=5, session_log=event_pb2.SessionLog(status=1)).SerializeToString()
            )
        ],
    ]
)


@st.composite
def files(draw: st.DrawFn) -> bytes:
    """Whole event files of mixed content."""
    pieces = draw(st.lists(st.one_of(bursts(), multi(), OTHERS), max_size=6))
    flat = [record for piece in pieces for record in piece]
    if draw(st.booleans()):
        random.Random(draw(st.integers(0, 99))).shuffle(flat)
    return b"".join([version(), *flat])


def check(reading: Reading, data: bytes) -> None:
    assert reading.sorted_points() == expected(data)
    assert reading.problems == []
    assert reading.consumed == len(data)
    assert reading.waiting == ""


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(files(), min_size=1, max_size=4))
def test_equals_protobuf(data: list[bytes]) -> None:
    for reading, one in zip(decode(*data), data, strict=True):
        check(reading, one)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
@given(files(), st.data())
def test_grown_in_random_pieces(data: bytes, choice: st.DataObject) -> None:
    cuts = choice.draw(st.lists(st.integers(0, len(data)), max_size=8))
    check(decode_growing(data, cuts), data)


@pytest.mark.parametrize("layout", LAYOUTS)
def test_one_decoder_for_many_files(layout: str) -> None:
    decoder = Decoder()
    for length in (3, 40, 200):
        data = [version() + b"".join(curve(f"tag{i % 3}", length, layout)) for i in range(5)]
        for reading, one in zip(decode(*data, decoder=decoder), data, strict=True):
            check(reading, one)


def test_same_length_different_tags_and_layouts() -> None:
    tags = [f"t{i:03}" for i in range(300)]
    mixed = [record for step in range(4) for tag in tags for record in curve(tag, 1, "tf1", 200 + step)]
    data = version() + b"".join(mixed)
    check(decode(data)[0], data)


def test_events_with_very_many_values() -> None:
    tags = [f"layer{i}/weight" for i in range(700)]
    data = b"".join(framed(scalars(s, 1.5e9 + s, [scalar_value(t, s + 0.5) for t in tags])) for s in range(8))
    check(decode(data)[0], data)


def test_twenty_thousand_tags_in_one_event() -> None:
    data = framed(scalars(1, 1.5e9, [scalar_value(f"tag{i}", float(i)) for i in range(20_001)]))
    reading = decode(data)[0]
    assert len(reading.points) == 20_001
    assert reading.points["tag17"] == [(1, bits(1.5e9), bits(17.0), 0)]


def test_values_that_alone_are_no_scalars() -> None:
    """A tensor without metadata of its own is an item that tells its number."""
    value = scalar_value("x", 2.5, "torch")
    value.ClearField("metadata")
    data = b"".join(framed(scalars(step, 1.5e9, [value])) for step in range(10))
    reading = decode(data)[0]
    assert reading.points == {}
    assert [(i.kind, i.tag, i.step, i.value) for i in reading.items] == [("tensor", "x", s, 2.5) for s in range(10)]


def test_whole_numbers_are_scalars_of_their_plugin() -> None:
    value = summary_pb2.Summary.Value(tag="n")
    value.metadata.plugin_data.plugin_name = "scalars"
    value.tensor.dtype = 9
    value.tensor.int64_val.append(41)
    data = b"".join(framed(scalars(step, 1.5e9, [value])) for step in range(6))
    assert [(p[0], p[2]) for p in decode(data)[0].points["n"]] == [(s, bits(41.0)) for s in range(6)]


def test_simple_value_of_another_plugin_is_an_item() -> None:
    value = scalar_value("x", 2.5)
    value.metadata.plugin_data.plugin_name = "mine"
    reading = decode(b"".join(framed(scalars(step, 1.5e9, [value])) for step in range(8)))[0]
    assert reading.points == {}
    assert {(i.kind, i.metadata.plugin, i.value) for i in reading.items if i.metadata} == {("tensor", "mine", 2.5)}


def test_unknown_fields_and_odd_orders() -> None:
    """Unknown fields, groups, step before wall time, tag after value, node_name: as protobuf reads them."""
    wall, step, tag = b"\x09" + bytes(6) + b"\xf0\x3f", b"\x10\x05", b"\x0a\x01t"
    number = b"\x15\x00\x00\x80\x3f"
    unknown, group = b"\xfa\x06\x03abc", b"\xfb\x06\x08\x01\xfc\x06"

    def summary(value: bytes) -> bytes:
        inner = b"\x0a" + bytes([len(value)]) + value
        return b"\x2a" + bytes([len(inner)]) + inner

    payloads = [
        wall + step + summary(tag + number),
        step + wall + summary(tag + number),
        wall + step + summary(number + tag),
        summary(tag + number) + wall + step,
        wall + step + summary(tag + unknown + number),
        wall + step + summary(tag + number) + unknown,
        wall + step + unknown + summary(tag + number),
        wall + step + group + summary(tag + number),
        wall + step + summary(tag + number + b"\x3a\x04node"),
        wall + wall + step + summary(tag + number),
        wall + step + summary(tag + number + number),
        wall + b"\x10\x85\x80\x00" + summary(tag + number),  # a varint longer than it need be
        wall + b"\x10\x00" + summary(tag + number),
        wall + step + summary(tag + number) + summary(tag + number),
    ]
    for payload in payloads:
        data = b"".join([framed(payload)] * 9)
        check(decode(data)[0], data)
    data = b"".join(framed(payload) for payload in payloads * 7)
    check(decode(data)[0], data)


def test_bad_utf8_in_a_tag() -> None:
    good = scalars(3, 1.5e9, [scalar_value("tag", 1.0), scalar_value("ok", 2.0)])
    data = b"".join([framed(good.replace(b"tag", b"t\xffg"))] * 6)
    points = decode(data)[0].points
    assert set(points) == {"t\ufffdg", "ok"}
    assert len(points["ok"]) == 6


def test_garbage_with_right_checksums_is_skipped() -> None:
    garbage = [b"\x09\x01", b"\xff" * 40, b"\x2a\xff\x7f", b"\x0b" * 20_000, b"hello"]
    good = curve("loss", 8)
    data = b"".join([*good[:4], *map(framed, garbage), *good[4:]])
    reading = decode(data)[0]
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(8))
    assert len(reading.problems) == len(garbage)
    assert reading.consumed == len(data)


def test_metadata_only_first() -> None:
    first = m_value("hist", metadata="histograms")
    later = m_value("hist")
    data = b"".join(framed(scalars(step, 1.5e9, [later if step else first])) for step in range(4))
    items = decode(data)[0].items
    assert [item.step for item in items] == [0, 1, 2, 3]
    assert items[0].metadata is not None
    assert items[0].metadata.plugin == "histograms"


def m_value(tag: str, metadata: str = "") -> summary_pb2.Summary.Value:
    value = summary_pb2.Summary.Value(tag=tag)
    value.tensor.dtype = 1
    value.tensor.tensor_shape.dim.add().size = 300
    value.tensor.tensor_content = np.arange(300, dtype="<f4").tobytes()
    if metadata:
        value.metadata.plugin_data.plugin_name = metadata
    return value


def test_kinds_of_other_events() -> None:
    events = [
        event_pb2.Event(file_version="brain.Event:2"),
        event_pb2.Event(graph_def=b"\x0a\x00"),
        event_pb2.Event(meta_graph_def=b"\x0a\x00"),
        event_pb2.Event(tagged_run_metadata=event_pb2.TaggedRunMetadata(tag="step1", run_metadata=b"")),
        event_pb2.Event(step=7, session_log=event_pb2.SessionLog(status=1)),
        event_pb2.Event(session_log=event_pb2.SessionLog(status=2)),
        event_pb2.Event(session_log=event_pb2.SessionLog(status=3)),
        event_pb2.Event(log_message=event_pb2.LogMessage(message="hello")),
    ]
    data = b"".join(framed(event.SerializeToString()) for event in events)
    kinds = ["version", "graph", "meta_graph", "run_metadata", "session_start", "session_stop", "checkpoint", "log"]
    items = decode(data)[0].items
    assert [item.kind for item in items] == kinds
    assert (items[3].tag, items[4].step) == ("step1", 7)
    assert [(item.offset, item.length) for item in items] == [(at, len(payload)) for at, payload in records(data)]


@pytest.mark.parametrize("seed", range(6))
def test_flipped_bits_lose_their_record_and_no_other(seed: int) -> None:
    """Each damaged record is gone and reported; none that is kept is wrong."""
    chance = random.Random(seed)
    layout = LAYOUTS[seed % len(LAYOUTS)]
    steps = [record for step in range(120) for tag in ("loss", "acc", "grad") for record in curve(tag, 1, layout, step)]
    clean = b"".join(steps)
    wanted = expected(clean)
    data, lost = bytearray(clean), set()
    spans = [(at, at + len(payload) + 16) for at, payload in records(clean)]
    for begin, end in chance.sample(spans[:-1], 12):
        bit = chance.randrange((end - begin) * 8)
        data[begin + bit // 8] ^= 1 << bit % 8
        lost.add(begin)
    reading = decode(bytes(data))[0]
    kept = {tag: [p for p in points if p[3] not in lost] for tag, points in wanted.items()}
    assert reading.sorted_points() == kept
    reported = {offset for offset, _ in reading.problems}
    assert reported <= lost
    assert len(reported) >= 1
    assert reading.consumed == len(data)


def test_every_byte_of_a_record_flipped() -> None:
    parts = curve("loss", 7)
    begin, end = len(b"".join(parts[:3])), len(b"".join(parts[:4]))
    wanted = [p for p in expected(b"".join(parts))["loss"] if p[3] != begin]
    for at in range(begin, end):
        data = bytearray(b"".join(parts))
        data[at] ^= 0x10
        reading = decode(bytes(data))[0]
        assert reading.sorted_points() == {"loss": wanted}, at - begin
        assert [offset for offset, _ in reading.problems] == [begin], at - begin


def test_wrong_checksum_is_reported_with_its_place_in_the_file() -> None:
    files = [bytearray(b"".join(curve("loss", 30))) for _ in range(3)]
    offsets = [at for at, _ in records(bytes(files[0]))]
    files[1][offsets[20] + 20] ^= 1
    readings = decode(*map(bytes, files))
    assert [reading.problems for reading in readings] == [[], [(offsets[20], WRONG_CHECKSUM)], []]
    assert [len(reading.points["loss"]) for reading in readings] == [30, 29, 30]


def test_wrong_checksum_among_the_first_events_of_many_files() -> None:
    files = [bytearray(version() + b"".join(curve("loss", 6))) for _ in range(30)]
    files[17][14] ^= 1
    readings = decode(*map(bytes, files))
    assert [reading.problems for reading in readings] == [[(0, WRONG_CHECKSUM)] if i == 17 else [] for i in range(30)]
    assert [[item.kind for item in reading.items] for reading in readings] == [
        [] if i == 17 else ["version"] for i in range(30)
    ]
    assert all(len(reading.points["loss"]) == 6 for reading in readings)


def test_damage_cannot_make_a_new_tag() -> None:
    value = m_value("weights", metadata="histograms")
    data = bytearray(b"".join(framed(scalars(step, 1.5e9, [value])) for step in range(3)))
    data[data.index(b"weights", 1500)] ^= 1
    reading = decode(bytes(data))[0]
    assert {item.tag for item in reading.items} == {"weights"}
    assert len(reading.problems) == 1
