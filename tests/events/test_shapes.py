"""Heads, layouts and shapes: what is learnt from one event, and when an event is believed to be of that kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from tbtui.events.buffer import Buffer, Rows
from tbtui.events.heads import (
    NO_HEAD,
    ROOM,
    WALL_END,
    have_walls,
    head_checksums,
    step_bytes,
    step_fields,
    steps_of,
    walls_of,
)
from tbtui.events.layout import Layout, find_layout
from tbtui.events.parse import BadEvent, parse_event
from tbtui.events.record import HEADER_BYTES, OVERHEAD
from tbtui.events.shapes import Shape, _Index
from tests.support import messages as m
from tests.support.eventfiles import LAYOUTS, framed, scalar_value, scalars, single_bits


def buffer_of(payloads: list[bytes]) -> tuple[Buffer, NDArray[np.int64]]:
    """Records as they lie in a buffer, and where."""
    records = [framed(payload) for payload in payloads]
    buffer = Buffer(sum(map(len, records)))
    buffer.mem[:] = b"".join(records)
    return buffer, np.cumsum([0, *map(len, records)])[:-1]


def head_size(step: int) -> int:
    """How many bytes wall time and step take in an event."""
    return WALL_END + (1 + -(-step.bit_length() // 7) if step else 0)


def rows_of(payloads: list[bytes], head: int) -> Rows:
    """Records of one length, as the decoder copies them together; `head`: the bytes before the tail."""
    buffer, at = buffer_of(payloads)
    length = len(payloads[0]) - head
    return buffer.rows(at + (HEADER_BYTES + head - ROOM), ROOM + length + OVERHEAD - HEADER_BYTES + 8)


def learnt(tail: bytes) -> Layout:
    layout = find_layout(tail)
    assert layout is not None
    return layout


@given(st.lists(st.tuples(st.integers(0, 2**63 - 1), st.floats().filter(bool)), min_size=1, max_size=20))
def test_heads(events: list[tuple[int, float]]) -> None:
    payloads = [scalars(step, wall, [scalar_value("t", 1.0)]) for step, wall in events]
    buffer, at = buffer_of(payloads)
    sizes = step_fields(buffer, at)
    for (step, wall), payload, position, size in zip(events, payloads, at.tolist(), sizes.tolist(), strict=True):
        if step >= 2**42:
            assert size == NO_HEAD
            continue
        assert size == head_size(step) - WALL_END
        rows = buffer.rows(np.array([position + HEADER_BYTES + WALL_END + size - ROOM]), ROOM + 30)
        assert have_walls(rows, size).all()
        assert walls_of(rows, size).tobytes() == np.float64(wall).tobytes()
        words = step_bytes(rows, size)
        assert steps_of(words, size).tolist() == [step]
        tail = len(payload) - WALL_END - size
        shape = Shape(tail, learnt(payload[-tail:]))
        rows = rows_of([payload], WALL_END + size)
        shape.recognise(rows)
        _, wrong = shape.decode(rows, None, head_checksums(walls_of(rows, size).copy(), words, [(size, 0, 1)], tail))
        assert wrong is None


@pytest.mark.parametrize("behind", [b"\x18\x01", b"\x10" + b"\xff" * 6 + b"\x01", b"\x10" + b"\xff" * 9 + b"\x01", b""])
def test_what_is_no_head(behind: bytes) -> None:
    buffer, at = buffer_of([b"\x09" + bytes(8) + behind + b"\x2a\x00", scalars(5, 1.0, [scalar_value("t", 1.0)])])
    assert step_fields(buffer, at).tolist() == [NO_HEAD if behind else 0, 2]


def test_an_event_without_wall_time_has_no_head() -> None:
    payload = bytearray(scalars(5, 1.0, [scalar_value("t", 1.0)]))
    payload[0] = 0x11
    assert have_walls(rows_of([bytes(payload)], head_size(5)), 2).tolist() == [False]


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("step", [0, 1, 127, 128, 2**20, 2**48])
def test_layout_tells_where_everything_lies(kind: str, step: int) -> None:
    payload = scalars(step, 1.5, [scalar_value("a", 0.1, kind), scalar_value("b/c", -2.0, kind)])
    tail = payload[head_size(step) :]
    layout = learnt(tail)
    assert layout.tags == ("a", "b/c")
    values = [np.frombuffer(tail, dtype, 1, offset).tolist()[0] for offset, dtype in layout.slots]
    assert values == [0.1 if kind == "double" else single_bits(0.1), -2.0]


@pytest.mark.parametrize(
    "payload",
    [
        b"\x09" + bytes(8),
        m.summary(m.value("t")),
        m.summary(m.value("t", m.single(2, 1.0), m.single(2, 2.0))),
        m.summary(m.value("t", m.single(2, 1.0), m.metadata("mine"))),
        m.summary(m.value("t", m.message(8, m.tensor(1, m.message(5, b"\0" * 4))))),
        m.summary(m.value("t", m.message(8, m.tensor(3, m.message(7, b"\5"))), m.metadata("scalars"))),
        m.summary(m.value("t", m.message(8, m.tensor(1, m.shape(2), m.message(4, bytes(8)))), m.metadata("scalars"))),
        m.summary(m.value("t", m.single(2, 1.0)), m.value("h", m.message(5, m.doubles(7, [1.0])))),
        m.summary(m.value("t", m.single(2, 1.0))) + m.varint(2, 5),
        m.summary(m.value("t", m.single(2, 1.0))) + m.message(3, "brain.Event:2"),
    ],
)
def test_what_has_no_layout(payload: bytes) -> None:
    tail = payload[payload.index(b"\x2a") :] if b"\x2a" in payload else b""
    assert find_layout(tail) is None


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_layout_of_garbage(tail: bytes) -> None:
    """What has a layout parses, and holds the same tags."""
    layout = find_layout(tail)
    if layout is not None:
        assert [value.tag for value in parse_event(b"\x09" + bytes(8) + tail).values] == list(layout.tags)


@settings(deadline=None)
@given(st.sampled_from(LAYOUTS), st.integers(0, 400), st.integers(0, 255))
def test_layout_of_damaged_events(kind: str, at: int, byte: int) -> None:
    head = head_size(77)
    payload = bytearray(scalars(77, 1.5e9, [scalar_value("some/tag", 0.5, kind)]))
    payload[head + at % (len(payload) - head)] = byte
    layout = find_layout(bytes(payload[head:]))
    if layout is None:
        return
    try:
        event = parse_event(bytes(payload))
    except BadEvent:
        pytest.fail("no event has a layout")
    assert [(value.tag, value.scalar is not None) for value in event.values] == [(layout.tags[0], True)]
    offset, dtype = layout.slots[0]
    number = np.frombuffer(bytes(payload), dtype, 1, head + offset)[0]
    assert event.values[0].scalar == number or np.isnan(number)


def test_tags_of_one_length_are_told_apart() -> None:
    payloads = [scalars(9, 1.0, [scalar_value(f"tag{i % 7}", i)]) for i in range(40)]
    head = head_size(9)
    shape = Shape(len(payloads[0]) - head, learnt(payloads[0][head:]))
    number, unknown = shape.recognise(rows_of(payloads, head))
    assert unknown is None
    assert number is not None
    assert [shape.tags[i][0] for i in number] == [f"tag{i % 7}" for i in range(40)]


def test_a_tail_of_another_kind_is_not_believed() -> None:
    """Every byte that is no value counts, whatever the checksum says."""
    head = head_size(9)
    for tags in 1, 3:
        payloads = [scalars(9, 1.0, [scalar_value(f"tag{i % tags}", i)]) for i in range(20)]
        layout = learnt(payloads[0][head:])
        varying = range(head + layout.slots[0].offset, head + layout.slots[0].offset + 4)
        for at in set(range(head, len(payloads[0]))) - set(varying):
            shape = Shape(len(payloads[0]) - head, layout)
            shape.recognise(rows_of(payloads, head))
            other = bytearray(payloads[4])
            other[at] ^= 0x80
            _, unknown = shape.recognise(rows_of([*payloads[:4], bytes(other), *payloads[5:]], head))
            assert unknown is None or np.flatnonzero(unknown).tolist() == [4], at
            assert unknown is not None or len(shape.tags) == tags + 1, at


@settings(deadline=None)
@given(st.lists(st.integers(0, 2**64 - 1), min_size=1, max_size=300, unique=True), st.integers(0, 2**64 - 1))
def test_index_finds_what_it_holds_and_nothing_else(known: list[int], other: int) -> None:
    hashes = np.array(known, np.uint64)
    number, unknown = _Index(hashes).look_up(hashes)
    assert not unknown.any()
    assert number.tolist() == list(range(len(known)))
    assert _Index(hashes).look_up(np.array([other], np.uint64))[1].tolist() == [other not in known]


def test_wrong_checksums() -> None:
    payloads = [scalars(300 + i, 1 + i / 3, [scalar_value("tag", i)]) for i in range(50)]
    head = head_size(300)
    rows, good_rows = rows_of(payloads, head), rows_of(payloads, head)
    length = len(payloads[0])
    for damaged, at in ((3, 5), (7, 10), (11, length - 1), (20, length), (40, length + 3)):
        rows.row(damaged)[ROOM - head + at] ^= 1
    shape = Shape(length - head, learnt(payloads[0][head:]))
    shape.recognise(good_rows)
    walls, words = walls_of(rows, 3).copy(), step_bytes(rows, 3)
    values, wrong = shape.decode(rows, None, head_checksums(walls, words, [(3, 0, len(rows))], length - head))
    assert wrong is not None
    assert np.flatnonzero(wrong).tolist() == [3, 7, 11, 20, 40]
    good = ~wrong
    assert steps_of(words, 3)[good].tolist() == [300 + i for i in range(50) if good[i]]
    assert walls[good].tolist() == [1 + i / 3 for i in range(50) if good[i]]
    assert values[0][good].tolist() == [float(i) for i in range(50) if good[i]]
