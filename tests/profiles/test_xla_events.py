"""Events found in the bytes of a capture, all at once, against the same bytes parsed by protobuf."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tbtui.events.proto import xplane_pb2
from tbtui.events.wire import write_varint
from tbtui.profiles import blocks
from tbtui.profiles.model import NOTHING, Indexes
from tbtui.profiles.xla import events as xevents
from tbtui.profiles.xla import layouts as xlayouts
from tbtui.profiles.xla import source as xsource
from tbtui.profiles.xla.columns import NUMBER, REFERENCE, TEXT, Events, Wanted
from tbtui.profiles.xla.events import EventReader
from tbtui.profiles.xla.source import Bytes, InFile
from tbtui.profiles.xla.space import Line, read_space, tell

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


NAMES = ("first", "second", "third")
WANTED = Wanted(NAMES, {number: number % len(NAMES) for number in range(1, 7)}, frozenset(("second",)))

Found = list[tuple[int, int, int, dict[tuple[str, int], Any]]]
"""Of each event the number of its name, its offset, duration, and what counts of its stats by name and kind."""


def read_line(data: bytes | InFile, wanted: Wanted = WANTED) -> tuple[Found, Line, Bytes]:
    """The events of the first line."""
    source = Bytes(data)
    line = next(line for plane in read_space(source).planes for line in plane.lines)
    found: Found = []
    with ThreadPoolExecutor(1) as beside:
        reader = EventReader(source, wanted, beside)
        parts = list(reader.read(line.first, line.end, lambda part: tell(source, line, part)))
    for part in parts:
        told: list[dict[tuple[str, int], Any]] = [{} for _ in part.begin]
        for (name, kind), columns in part.stats.items():
            for one in columns:
                more = one.more.tolist() if len(one.more) else [None] * len(one.value)
                for event, value, length in zip(one.event.tolist(), one.value.tolist(), more, strict=True):
                    text = bytes(part.window.content(value, value + length)) if kind == TEXT else value
                    told[event][name, kind] = text
        found += zip(part.name.tolist(), part.offset.tolist(), part.duration.tolist(), told, strict=True)
    return found, line, source


def read_in_all_ways(data: bytes, monkeypatch: pytest.MonkeyPatch) -> list[Found]:
    """By layouts, without any, and one event at a time."""
    ways = [read_line(data)[0]]
    for module, name in ((xlayouts, "FEW"), (xevents, "FEW")):
        monkeypatch.setattr(module, name, 1 << 30)
        ways.append(read_line(data)[0])
    monkeypatch.undo()
    return ways


def _expected(line: xplane_pb2.XLine) -> Found:
    return [
        (
            event.metadata_id,
            event.offset_ps,
            event.duration_ps,
            {key: value for stat in event.stats for key, value in _told(stat)},
        )
        for event in line.events
    ]


def _told(stat: xplane_pb2.XStat) -> list[tuple[tuple[str, int], Any]]:
    kind = stat.WhichOneof("value")
    if stat.metadata_id not in WANTED.by_number or kind in (None, "double_value", "bytes_value"):
        return []
    value = getattr(stat, kind)
    name = NAMES[WANTED.by_number[stat.metadata_id]]
    if kind == "str_value":
        return [((name, TEXT), value.encode())]
    if kind in ("uint64_value", "ref_value") and value >> 63:
        value -= 1 << 64  # identifiers, of which only the bits count
    fits = value if -(1 << 62) < value < 1 << 62 else NOTHING
    return [((name, REFERENCE if kind == "ref_value" else NUMBER), fits)]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> None:
    """Layouts are learnt, and events looked at together, even where there are few."""
    monkeypatch.setattr(xlayouts, "FEW", 2)
    monkeypatch.setattr(xevents, "FEW", 2)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events, st.sampled_from(["t", '"\x04\x08\x01\x10\x05', ""]), st.integers(1, 20))
@example([(5, 40, 7, False, [(3, ("str_value", '"\x02\x08\x01'))])], "t", 30)
def test_events_are_those_that_protobuf_finds(
    monkeypatch: pytest.MonkeyPatch, found: list[Any], name: str, copies: int
) -> None:
    space = xplane_pb2.XSpace()
    line = line_of(found, name, copies)
    space.planes.add(name="/host:CPU").lines.append(line)
    space.hostnames.append("h" * 600)  # so that the end of the file is not near
    data = space.SerializeToString()
    with monkeypatch.context() as patch:
        for mine in read_in_all_ways(data, patch):
            assert mine == _expected(line)
    _, line_read, source = read_line(data)
    assert (line_read.shown, line_read.timestamp_ns) == (line.display_name, 77)
    assert (source.missing, source.damaged) == (0, 0)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events, st.integers(1, 40), st.integers(1, 3000), st.integers(0, 2000), st.integers(20, 300))
def test_a_file_is_read_in_stretches_of_any_length(
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    found: list[Any],
    copies: int,
    window: int,
    reach: int,
    near: int,
) -> None:
    space = xplane_pb2.XSpace()
    line = line_of(found, "t", copies)
    space.planes.add(name="/host:CPU").lines.append(line)
    path = tmp_path / "host.xplane.pb"
    path.write_bytes(space.SerializeToString())
    with monkeypatch.context() as patch:
        for name, size in (("_WINDOW", window), ("_REACH", reach), ("_NEAR", near)):
            patch.setattr(xsource, name, size)
        patch.setattr(blocks, "BLOCK", 1 + window // 3)
        mine, line_read, source = read_line(InFile(str(path)))
    assert mine == _expected(line)
    assert (line_read.shown, line_read.timestamp_ns) == (line.display_name, 77)
    assert (source.missing, source.damaged) == (0, 0)


def test_a_line_of_several_windows_is_read_by_layouts(monkeypatch: pytest.MonkeyPatch) -> None:
    others = 0

    def count(self: EventReader, found: Events, which: Indexes) -> None:
        nonlocal others
        others += len(which)
        read_others(self, found, which)

    read_others = EventReader._without_layout
    monkeypatch.setattr(EventReader, "_without_layout", count)
    event = (200, 1 << 40, 1 << 30, False, [(2, ("int64_value", 70000)), (3, ("str_value", "x" * 200))])
    line = line_of([event, (7, 5, 9, False, [])], "t", 9000)  # some 2 MB
    space = xplane_pb2.XSpace()
    space.planes.add(name="/host:CPU").lines.append(line)
    assert read_line(space.SerializeToString())[0] == _expected(line)
    assert others < 10  # of 18,000: those near the end of the file


def test_lines_of_very_many_layouts() -> None:
    """Texts of many lengths: more layouts than are learnt."""
    told = [
        (n, 1 << n % 50, n, False, [(1, ("str_value", "x" * (n * 7 % 211))), (2, ("int64_value", n))])
        for n in range(900)
    ]
    line = line_of(told, "t", 3)
    space = xplane_pb2.XSpace()
    space.planes.add(name="/host:CPU").lines.append(line)
    assert read_line(space.SerializeToString())[0] == _expected(line)


@settings(deadline=None, max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events, st.integers(1, 20), st.lists(st.tuples(st.integers(0, 5000), st.integers(0, 255)), max_size=6))
@example([(1 << 35, 1 << 28, 1 << 21, False, [(1, ("str_value", "0" * 40))])] * 2, 3, [(n, 128) for n in range(400)])
def test_all_ways_find_the_same_in_damaged_bytes(
    monkeypatch: pytest.MonkeyPatch, found: list[Any], copies: int, damage: list[tuple[int, int]]
) -> None:
    """Bytes that are other than they were, within the events of a line."""
    line = line_of(found, "t", copies).SerializeToString()
    begin = len(line_of([], "t", 0).SerializeToString()) - 12
    content = bytearray(line)
    for at, byte in damage:
        content[begin + at % (len(line) - begin)] = byte
    plane = xplane_pb2.XPlane(name="/host:CPU")
    plane.lines.add()
    data = b"".join((_part(0x1A, bytes(content)), plane.SerializeToString()))
    space = _part(0x0A, data) + _part(0x22, b"h" * 600)
    with monkeypatch.context() as patch:
        layouts, loose, slowly = read_in_all_ways(space, patch)
    assert layouts == slowly
    assert loose == slowly


def _part(key: int, body: bytes) -> bytes:
    return write_varint(key) + write_varint(len(body)) + body


@settings(deadline=None)
@given(events, st.integers(1, 20), st.integers(0, 2000), st.binary(max_size=3))
def test_a_cut_line_is_read_up_to_there(found: list[Any], copies: int, at: int, junk: bytes) -> None:
    space = xplane_pb2.XSpace()
    space.planes.add(name="/host:CPU").lines.append(line_of(found, "t", copies))
    data = space.SerializeToString()
    data = data[: at % len(data)] + junk
    if any(plane.lines for plane in read_space(Bytes(data)).planes):
        mine = read_line(data)[0]
        assert len(mine) <= len(found) * copies + 1
