"""Layouts and shapes: what is learnt from one record, and when a record is believed to be of that kind."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.buffer import Buffer, Rows
from tbtui.events.layout import Layout, find_layout
from tbtui.events.parse import BadEvent, parse_event
from tbtui.events.record import HEADER_BYTES, OVERHEAD
from tbtui.events.shapes import Shape
from tests.support import messages as m
from tests.support.eventfiles import LAYOUTS, framed, scalar_value, scalars, single_bits


def rows_of(payloads: list[bytes]) -> Rows:
    """Records of one length, as the decoder copies them together."""
    data = b"".join(map(framed, payloads))
    buffer = Buffer(len(data))
    buffer.mem[:] = data
    length = len(payloads[0])
    return buffer.rows(np.arange(len(payloads)) * (length + OVERHEAD), length + OVERHEAD + 8)


def learnt(payload: bytes) -> Layout:
    layout = find_layout(payload)
    assert layout is not None
    return layout


@pytest.mark.parametrize("kind", LAYOUTS)
@pytest.mark.parametrize("step", [0, 1, 127, 128, 2**20, 2**48])
def test_layout_tells_where_everything_lies(kind: str, step: int) -> None:
    payload = scalars(step, 1.5, [scalar_value("a", 0.1, kind), scalar_value("b/c", -2.0, kind)])
    layout = learnt(payload)
    assert layout.tags == ("a", "b/c")
    values = [np.frombuffer(payload, dtype, 1, offset).tolist()[0] for offset, dtype in layout.slots]
    assert values == [0.1 if kind == "double" else single_bits(0.1), -2.0]
    assert layout.width == (0 if step == 0 else -(-step.bit_length() // 7))


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x09",
        m.summary(m.value("t")),
        m.summary(m.value("t", m.single(2, 1.0)), step=-1),
        m.summary(m.value("t", m.single(2, 1.0)), step=2**49),
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
    assert find_layout(payload) is None


@settings(deadline=None)
@given(st.binary(max_size=120))
def test_layout_of_garbage(payload: bytes) -> None:
    """What has a layout parses, and holds the same tags."""
    layout = find_layout(payload)
    if layout is not None:
        assert [value.tag for value in parse_event(payload).values] == list(layout.tags)


@settings(deadline=None)
@given(st.sampled_from(LAYOUTS), st.integers(0, 400), st.integers(0, 255))
def test_layout_of_damaged_events(kind: str, at: int, byte: int) -> None:
    payload = bytearray(scalars(77, 1.5e9, [scalar_value("some/tag", 0.5, kind)]))
    payload[at % len(payload)] = byte
    layout = find_layout(bytes(payload))
    if layout is None:
        return
    try:
        event = parse_event(bytes(payload))
    except BadEvent:
        pytest.fail("no event has a layout")
    assert [(value.tag, value.scalar is not None) for value in event.values] == [(layout.tags[0], True)]
    offset, dtype = layout.slots[0]
    number = np.frombuffer(bytes(payload), dtype, 1, offset)[0]
    assert event.values[0].scalar == number or np.isnan(number)


def test_tags_of_one_length_are_told_apart() -> None:
    payloads = [scalars(9, 1.0, [scalar_value(f"tag{i % 7}", i)]) for i in range(40)]
    shape = Shape(len(payloads[0]), learnt(payloads[0]))
    number, unknown = shape.recognise(rows_of(payloads))
    assert unknown is None
    assert number is not None
    assert [shape.tags[i][0] for i in number] == [f"tag{i % 7}" for i in range(40)]


def test_a_record_of_another_kind_is_not_believed() -> None:
    """Every byte that is not wall time, step or value counts, whatever the checksum says."""
    payloads = [scalars(9, 1.0, [scalar_value("tag", i)]) for i in range(20)]
    layout = learnt(payloads[0])
    varying = {*range(1, 9), 10, *range(layout.slots[0].offset, layout.slots[0].offset + 4)}
    for at in set(range(11, len(payloads[0]))) - varying:
        shape = Shape(len(payloads[0]), layout)
        shape.recognise(rows_of(payloads))
        other = bytearray(payloads[4])
        other[at] ^= 0x80
        _, unknown = shape.recognise(rows_of([*payloads[:4], bytes(other), *payloads[5:]]))
        assert unknown is None or np.flatnonzero(unknown).tolist() == [4], at
        assert unknown is not None or len(shape.tags) == 2, at


def test_wrong_checksums() -> None:
    payloads = [scalars(300 + i, 1 + i / 3, [scalar_value("tag", i)]) for i in range(50)]
    rows = rows_of(payloads)
    length = len(payloads[0])
    for damaged, at in ((3, 5), (7, 10), (11, length - 1), (20, length), (40, length + 3)):
        rows.row(damaged)[HEADER_BYTES + at] ^= 1
    shape = Shape(length, learnt(payloads[0]))
    shape.recognise(rows_of(payloads))
    decoded = shape.decode(rows, None)
    assert decoded.wrong is not None
    assert np.flatnonzero(decoded.wrong).tolist() == [3, 7, 11, 20, 40]
    good = ~decoded.wrong
    assert decoded.steps[good].tolist() == [300 + i for i in range(50) if good[i]]
    assert decoded.walls[good].tolist() == [1 + i / 3 for i in range(50) if good[i]]
