"""Events found in the bytes of a capture, all at once, against the same bytes parsed by protobuf."""

from __future__ import annotations

from typing import Any

import numpy as np
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tbtui.events.proto import xplane_pb2
from tbtui.profiles.xevents import EventReader
from tbtui.profiles.xspace import Bytes, Line, read_space, tell

KEYS = {"double_value": 0x11, "uint64_value": 0x18, "int64_value": 0x20, "str_value": 0x2A, "bytes_value": 0x32}
KEYS["ref_value"] = 0x38

numbers = st.one_of(st.integers(0, 300), st.integers(0, (1 << 63) - 1))
offsets = st.one_of(st.none(), st.integers(0, 1 << 40), st.integers(-(1 << 63), (1 << 63) - 1))
texts = st.one_of(st.text(max_size=6), st.sampled_from(['"\x02\x08\x01', '"\x06\x08\x01\x10\x05\x18\x07', "x" * 300]))
values = st.one_of(
    st.tuples(st.just("int64_value"), st.one_of(st.integers(0, 1 << 20), st.integers(-(1 << 63), (1 << 63) - 1))),
    st.tuples(st.just("uint64_value"), st.integers(0, (1 << 64) - 1)),
    st.tuples(st.just("double_value"), st.floats(allow_nan=False)),
    st.tuples(st.just("str_value"), texts),
    st.tuples(st.just("bytes_value"), st.binary(max_size=200)),
    st.tuples(st.just("ref_value"), st.integers(0, 1 << 20)),
    st.none(),
)
stats = st.lists(st.tuples(st.one_of(st.integers(1, 9), numbers), values), max_size=4)
events = st.lists(
    st.tuples(numbers, offsets, st.one_of(st.integers(0, 1 << 45), numbers), st.booleans(), stats), max_size=9
)


def line_of(found: list[Any], name: str, copies: int) -> xplane_pb2.XLine:
    line = xplane_pb2.XLine(id=3, name=name, timestamp_ns=77, display_name=f"{name} shown")
    for _ in range(copies):
        for number, offset, duration, counted, told in found:
            event = line.events.add(metadata_id=number, duration_ps=duration)
            if counted:
                event.num_occurrences = 5
            elif offset is not None:
                event.offset_ps = offset
            for stat, value in told:
                one = event.stats.add(metadata_id=stat)
                if value is not None:
                    setattr(one, value[0], value[1])
    return line


def read(space: xplane_pb2.XSpace, wanted: frozenset[int]) -> tuple[list[Any], Line, Bytes]:
    """The events of the only line: (number, offset, duration, wanted stats as (number, key))."""
    source = Bytes(space.SerializeToString())
    ((line,),) = [plane.lines for plane in read_space(source).planes]
    reader = EventReader(source)
    found = reader.read(line.first, line.end, wanted, lambda part: tell(source, line, part))
    told: list[list[tuple[int, int, int]]] = [[] for _ in found.begin]
    for event, stat, key, at in zip(
        *(column.tolist() for column in (found.stat_event, found.stat, found.stat_key, found.stat_at)), strict=True
    ):
        fits = reader.numbers(np.array([at])) if key in (0x18, 0x20, 0x38) else None
        told[event].append((stat, key, int(fits[0][0]) if fits is not None and fits[1][0] else 0))
    columns = (found.name.tolist(), found.offset.tolist(), found.duration.tolist(), told)
    return list(zip(*columns, strict=True)), line, source


@settings(deadline=None, max_examples=300)
@given(events, st.sampled_from(["t", '"\x04\x08\x01\x10\x05', ""]), st.integers(1, 3))
@example([(5, 40, 7, False, [(3, ("str_value", '"\x02\x08\x01'))])], "t", 30)
def test_events_are_those_that_protobuf_finds(found: list[Any], name: str, copies: int) -> None:
    space = xplane_pb2.XSpace()
    line = line_of(found, name, copies)
    space.planes.add(name="/host:CPU").lines.append(line)
    space.hostnames.append("h" * 40)
    mine, read_line, source = read(space, frozenset(range(1, 7)))
    expected = [
        (
            event.metadata_id,
            event.offset_ps,
            event.duration_ps,
            [told for stat in event.stats for told in _told(stat) if stat.metadata_id in range(1, 7)],
        )
        for event in line.events
    ]
    assert mine == expected
    assert (read_line.shown, read_line.timestamp_ns) == (line.display_name, 77)
    assert (source.missing, source.damaged) == (0, 0)


def _told(stat: xplane_pb2.XStat) -> list[tuple[int, int, int]]:
    kind = stat.WhichOneof("value")
    if kind is None:
        return []
    value = getattr(stat, kind)
    if kind == "uint64_value" and value >> 63:
        value -= 1 << 64  # identifiers, of which only the bits count
    whole = kind in ("int64_value", "uint64_value", "ref_value") and -(1 << 62) < value < 1 << 62
    return [(stat.metadata_id, KEYS[kind], value if whole else 0)]


def test_a_line_of_several_windows() -> None:
    event = (200, 1 << 40, 1 << 30, False, [(2, ("int64_value", 70000)), (3, ("str_value", "x" * 200))])
    line = line_of([event, (7, 5, 9, False, [])], "t", 9000)  # some 2 MB
    space = xplane_pb2.XSpace()
    space.planes.add(name="/host:CPU").lines.append(line)
    mine, _, _ = read(space, frozenset((2,)))
    assert mine == [(200, 1 << 40, 1 << 30, [(2, 0x20, 70000)]), (7, 5, 9, [])] * 9000


@settings(deadline=None)
@given(events, st.integers(0, 2000), st.binary(max_size=3))
def test_damage_ends_reading_and_no_more(found: list[Any], at: int, junk: bytes) -> None:
    space = xplane_pb2.XSpace()
    space.planes.add(name="/host:CPU").lines.append(line_of(found, "t", 2))
    data = space.SerializeToString()
    data = data[: at % len(data)] + junk
    source = Bytes(data)
    for plane in read_space(source).planes:
        for line in plane.lines:
            EventReader(source).read(line.first, line.end, frozenset((2,)), lambda part: None)
