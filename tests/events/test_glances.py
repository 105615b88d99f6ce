"""First looks at long records: together, one by one and skimmed, against the complete parse."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.buffer import Buffer
from tbtui.events.glances import KINDS, SHORTEST, glance, glance_at_all
from tbtui.events.headers import Headers
from tbtui.events.parse import BadEvent, parse_event
from tbtui.events.skim import Unskimmable, skim
from tbtui.events.varints import joined, varints
from tbtui.events.wire import BadWire, write_varint
from tests.support import messages as m
from tests.support.eventfiles import framed

BODIES = st.sampled_from([300, 400, 16_200, 16_400, 70_000])
TAGS = st.sampled_from(["w", "layers.0/weight", "ä" * 40, "t" * 127, "t" * 128, ""])
STEPS = st.sampled_from([0, 1, 127, 128, 2**14, 2**35, 2**49 - 1, 2**49, 2**56, -1, -(2**63), 2**63 - 1])


def tensor(size: int) -> bytes:
    return m.message(8, m.tensor(7, m.message(8, b"x" * size)))


@st.composite
def payloads(draw: st.DrawFn) -> bytes:
    """Long events, most of them usual."""
    size, tag, step = draw(BODIES), draw(TAGS), draw(STEPS)
    content = draw(
        st.sampled_from(
            [
                m.message(4, m.varint(1, 16), m.message(4, b"p" * size)),
                m.message(5, m.doubles(7, [1.5] * (size // 8))),
                m.message(6, m.message(4, b"a" * size)),
                tensor(size),
                m.metadata("text") + tensor(size),
                m.message(3, b"o" * size),
                m.single(2, 1.0) + m.message(15, b"u" * size),
            ]
        )
    )
    value = m.value(tag, content, *draw(st.sampled_from([(), (m.metadata("mine", b"c" * 9),), (m.varint(20, 3),)])))
    payload = m.summary(value, *draw(st.sampled_from([(), (m.value("second", m.single(2, 2.0)),)])), step=step)
    return payload + draw(st.sampled_from([b"", m.varint(99, 1)]))


def glances_of(payload: bytes) -> tuple[bool, str, bytes, int, float]:
    """What `glance_at_all` tells of one payload among others."""
    records = framed(b"\x09" * 300) + framed(payload) + framed(b"")
    buffer = Buffer(len(records))
    buffer.mem[:] = records
    at = np.array([0, 316, 316 + 16 + len(payload)])
    found = glance_at_all(buffer, Headers(at, np.array([300, len(payload), 0])))
    tag = records[found.tags[1] : found.tags[1] + found.sizes[1]]
    kind = KINDS.get(int(found.keys[1]), "")
    return bool(found.usual[1]), kind, tag, int(found.steps[1]), float(found.walls[1])


@settings(deadline=None)
@given(payloads())
def test_glances_tell_what_the_parse_tells(payload: bytes) -> None:
    event = parse_event(payload)
    one = glance(payload[:600], 0, len(payload))
    usual, *together = glances_of(payload)
    if one is not None:
        value = event.values[0]
        assert len(event.values) == 1
        wanted = (value.kind, value.tag, event.step, event.wall)
        assert (one.kind, one.tag.decode(), one.step, one.wall) == wanted
    if usual:
        assert one is not None
        assert tuple(together) == tuple(one)


def test_usual_records_are_recognised() -> None:
    for step in (0, 5, 300, 2**40):
        for size in (300, 20_000):
            for content, kind in (
                (m.message(5, m.doubles(7, [1.0] * (size // 8))), "histogram"),
                (tensor(size), "tensor"),
            ):
                payload = m.summary(m.value("tag", content), step=step, wall=7.5)
                assert glances_of(payload) == (True, kind, b"tag", step, 7.5)
                assert glance(payload, 0, len(payload)) == (kind, b"tag", step, 7.5)


@given(st.binary(max_size=400))
def test_glances_at_garbage(payload: bytes) -> None:
    glance(payload, 0, len(payload))
    usual = glances_of(payload)[0]
    assert not usual or len(payload) >= SHORTEST


@settings(deadline=None)
@given(payloads())
def test_skim_tells_what_the_parse_tells(payload: bytes) -> None:
    try:
        skimmed = skim(lambda begin, end: payload[begin:end], len(payload))
    except Unskimmable:
        return
    event = parse_event(payload)
    assert (skimmed.kind, skimmed.step, skimmed.wall) == (event.kind, event.step, event.wall)
    told = [(value.kind, value.tag, value.metadata) for value in skimmed.values]
    assert told == [(value.kind, value.tag, value.metadata) for value in event.values]


def test_skim_reads_little() -> None:
    payload = m.summary(m.value("im", tensor(5_000_000), m.metadata("images", b"c")), step=3)
    read = 0

    def source(begin: int, end: int) -> bytes:
        nonlocal read
        read += end - begin
        return payload[begin:end]

    (value,) = skim(source, len(payload)).values
    assert value.metadata is not None
    assert (value.kind, value.tag, value.metadata.plugin) == ("tensor", "im", "images")
    assert read < 500


def test_skim_of_other_events() -> None:
    graph = m.double(1, 2.5) + m.varint(2, 7) + m.message(4, b"g" * 99_999)
    skimmed = skim(lambda begin, end: graph[begin:end], len(graph))
    assert (skimmed.kind, skimmed.step, skimmed.wall, skimmed.values) == ("graph", 7, 2.5, [])
    tagged = m.message(8, m.message(1, "step1"), m.message(2, b"r" * 99_999))
    skimmed = skim(lambda begin, end: tagged[begin:end], len(tagged))
    assert (skimmed.kind, skimmed.tag) == ("run_metadata", "step1")


@given(st.binary(max_size=300))
def test_skim_of_garbage(payload: bytes) -> None:
    try:
        skim(lambda begin, end: payload[begin:end], len(payload))
    except (Unskimmable, BadWire):
        return
    try:
        parse_event(payload)
    except BadEvent:
        pytest.skip("what lies behind the skimmed fields is not looked at")


@given(st.lists(st.integers(0, 2**56 - 1), min_size=1, max_size=30))
def test_varints(numbers: list[int]) -> None:
    raw = [write_varint(number) for number in numbers]
    words = np.array([int.from_bytes(one + bytes(8 - len(one)), "little") for one in raw], np.uint64)
    garbage = np.array([int.from_bytes((one + b"\xff" * 8)[:8], "little") for one in raw], np.uint64)
    width, value = varints(garbage)
    assert value.tolist() == numbers
    assert width.tolist() == [len(one) for one in raw]
    for one, word in zip(raw, words, strict=True):
        assert joined(np.array([word]), len(one)).tolist() == [numbers[raw.index(one)]]


def test_a_varint_that_does_not_end() -> None:
    width, _ = varints(np.array([0xFFFFFFFFFFFFFFFF, 0x7F], np.uint64))
    assert width.tolist() == [9, 1]
