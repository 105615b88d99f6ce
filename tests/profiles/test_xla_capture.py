"""Captures of XLA's profiler, made up with protobuf: what is read, and the tables of it."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.proto import xplane_pb2
from tbtui.events.wire import write_varint
from tbtui.profiles.find import find_captures, read_capture
from tbtui.profiles.framework import operation_table
from tbtui.profiles.kernels import kernel_table
from tbtui.profiles.memory import memory_use
from tbtui.profiles.model import BadProfile, Kind, Profile, Spans
from tbtui.profiles.operators import nest_calls, operator_table
from tbtui.profiles.overview import look_over
from tbtui.profiles.steps import step_table
from tbtui.profiles.xla.capture import read_xplane
from tbtui.profiles.xla.source import InFile

US = 1_000_000
BEGIN_NS = 1_760_000_000_000_000_000


class Space:
    """A capture that is put together; times in microseconds."""

    def __init__(self) -> None:
        self.proto = xplane_pb2.XSpace()
        self._lines: dict[tuple[str, str], Any] = {}

    def event(self, plane: str, line: str, name: str, ts: float, dur: float, **stats: Any) -> Space:
        """An event; texts among the stats stand in the plane's table, as the profiler writes them."""
        where = next((one for one in self.proto.planes if one.name == plane), None) or self.proto.planes.add(name=plane)
        if (plane, line) not in self._lines:
            self._lines[plane, line] = where.lines.add(name=line, timestamp_ns=BEGIN_NS)
        number = next(
            (n for n, meta in where.event_metadata.items() if meta.name == name), len(where.event_metadata) + 1
        )
        where.event_metadata[number].name = name
        event = self._lines[plane, line].events.add(
            metadata_id=number, offset_ps=round(ts * US), duration_ps=round(dur * US)
        )
        for key, value in stats.items():
            stat = event.stats.add(metadata_id=self._stat(where, key))
            if isinstance(value, str):
                stat.ref_value = self._stat(where, value)
            else:
                stat.int64_value = value
        return self

    def _stat(self, plane: Any, name: str) -> int:
        known = next((n for n, meta in plane.stat_metadata.items() if meta.name == name), None)
        number: int = known or len(plane.stat_metadata) + 1
        plane.stat_metadata[number].name = name
        return number

    def encode(self) -> bytes:
        """The message."""
        data: bytes = self.proto.SerializeToString()
        return data


def training() -> Space:
    """Two steps of 100 us on the host, each launching a kernel of 40 us for dense/MatMul."""
    space = Space()
    details = "regs:96 static_shared:16 dynamic_shared:32 grid:3,1,1 block:256,1,1 occ_pct:25"
    for number in (0, 1):
        at = 100.0 * number
        space.event("/host:CPU", "python3", "train", at, 90, step_num=number, group_id=number)
        space.event("/host:CPU", "python3", "MatMul:MatMul", at + 10, 30, group_id=number)
        space.event("/host:CPU", "python3", "cuLaunchKernel", at + 15, 5, correlation_id=7 + number)
        space.event("/host:CPU", "data", "Iterator::Model", at + 5, 20)
        space.event("/host:CPU", "data", "Iterator::Model::Map", at + 10, 5)
        space.event(
            "/device:GPU:1", "Stream #15", "gemm", at + 20, 40, correlation_id=7 + number, kernel_details=details,
            tf_op="dense/MatMul:MatMul",
        )  # fmt: skip
        space.event(
            "/host:CPU", "allocator", "MemoryAllocation", at + 12, 0,
            bytes_allocated=500 + number, allocation_bytes=500, device_ordinal=1,
        )  # fmt: skip
        space.event("/device:GPU:1", "XLA Modules", "module", at, 90)  # repeats the time of the stream
    return space


def test_what_is_read() -> None:
    profile = read_xplane(training().encode())
    assert profile.begin_ns == BEGIN_NS
    assert [(step.name, step.start, step.duration) for step in profile.marks] == [
        ("train 0", 0, 90 * US),
        ("train 1", 100 * US, 90 * US),
    ]
    kinds = {profile.name_of(i): Kind(int(profile.spans.kind[i])) for i in range(len(profile.spans))}
    assert kinds == {
        "train": Kind.ANNOTATION,
        "MatMul:MatMul": Kind.OPERATOR,
        "cuLaunchKernel": Kind.RUNTIME,
        "Iterator::Model": Kind.OPERATOR,
        "Iterator::Model::Map": Kind.OPERATOR,
        "gemm": Kind.KERNEL,
        "MemoryAllocation": Kind.OTHER,
    }


def test_tables() -> None:
    profile = read_xplane(training().encode())
    calls = nest_calls(profile)
    rows = {row.name: row for row in operator_table(profile, calls)}
    assert (rows["MatMul:MatMul"].own, rows["MatMul:MatMul"].device_own) == (50 * US, 80 * US)
    (kernel,) = kernel_table(profile, calls)
    assert (kernel.operator, kernel.calls, kernel.total) == ("MatMul:MatMul", 2, 80 * US)
    assert (kernel.grid, kernel.block, kernel.registers) == ((3, 1, 1), (256, 1, 1), 96)
    assert (kernel.shared_memory, kernel.occupancy) == (48, 25.0)
    assert [step.spent["device compute"] for step in step_table(profile)] == [40 * US, 40 * US]
    (use,) = memory_use(profile)
    assert (use.device, use.peak, use.peak_time) == (1, 501, 112 * US)


def test_operations_of_the_framework() -> None:
    rows = [
        (r.on_device, r.type, r.name, r.calls, r.total // US, r.own // US)
        for r in operation_table(read_xplane(training().encode()))
    ]
    assert rows == [
        (True, "MatMul", "dense/MatMul", 2, 80, 80),
        (True, "IDLE", "IDLE", 0, 60, 60),
        (False, "IDLE", "IDLE", 0, 250 - 100, 250 - 100),
        (False, "MatMul", "MatMul", 2, 60, 60),
        (False, "Dataset", "Iterator::Model", 2, 40, 30),
        (False, "Dataset", "Iterator::Model::Map", 2, 10, 10),
    ]


def test_operations_of_xla_lie_in_each_other() -> None:
    space = Space()
    space.event("/device:TPU:0", "Steps", "0", 0, 100, step_num=0)
    space.event("/device:TPU:0", "XLA Ops", "while.1", 0, 60).event("/device:TPU:0", "XLA Ops", "fusion.2", 10, 40)
    space.event("/device:TPU:0", "XLA Ops", "all-reduce.3", 70, 20)
    profile = read_xplane(space.encode())
    (step,) = step_table(profile)
    assert (step.spent["device compute"], step.spent["collectives"], step.spent["other"]) == (60 * US, 20 * US, 20 * US)
    assert {row.name: row.own // US for row in operator_table(profile)} == {
        "while.1": 20,
        "fusion.2": 40,
        "all-reduce.3": 20,
    }


def test_steps_in_the_categories_of_xprof() -> None:
    """Every microsecond of a step is counted once, in the order of what counts first."""
    space = Space()
    host, gpu = "/host:CPU", "/device:GPU:0"
    space.event(host, "python3", "train", 0, 100, step_num=0)
    space.event(host, "python3", "$before.py:1 step", -5, 8)  # began before the step: is none of its time
    space.event(host, "python3", "IteratorGetNext:IteratorGetNext", 0, 10)
    space.event(host, "python3", "PjRtClient::Compile", 10, 10)
    space.event(host, "python3", "MatMul:MatMul", 20, 30).event(
        host, "python3", "cuLaunchKernel", 25, 5, correlation_id=1
    )
    space.event(gpu, "Stream #1(Compute)", "gemm", 40, 20, correlation_id=1)
    space.event(gpu, "Stream #2(MemcpyH2D)", "MemcpyH2D", 50, 15, memcpy_details="size:1")
    space.event(gpu, "Stream #3", "MemcpyD2H", 70, 5, memcpy_details="size:1")
    space.event(gpu, "Stream #4", "MemcpyD2D", 73, 5, memcpy_details="size:1")
    space.event(gpu, "Stream #1(Compute)", "ncclDevKernel_AllReduce", 80, 6)
    profile = read_xplane(space.encode())
    overview = look_over(profile)
    told = {name: spent / US for name, spent in overview.spent.items()}
    assert told == {
        "device compute": 20,
        "output": 5,
        "device to device": 3,
        "input": 10 + 5,
        "collectives": 6,
        "kernel launch": 5,
        "compilation": 10,
        "host compute": 15,
        "other": 21,
    }
    assert overview.advice[0] == (
        "5.0% of the steps' time, some (3% and more), is launching kernels; "
        "try larger batches, or fewer and larger operations"
    )


RULE = "20% or more is high, 5% or more moderate"


@pytest.mark.parametrize(
    ("waits", "computes", "words", "rule"),
    [
        (20, 80, "highly input bound", RULE),
        (19, 81, "moderately input bound", RULE),
        (4, 96, "not input bound", RULE),
        (4, 90, "perhaps input bound", f"{RULE}; with less, perhaps where 3% or more is of no known kind, here 6%"),
    ],
)
def test_the_verdict_on_input(waits: int, computes: int, words: str, rule: str) -> None:
    space = Space().event("/host:CPU", "python3", "train", 0, 100, step_num=0)
    space.event("/host:CPU", "python3", "IteratorGetNext", 0, waits)
    space.event("/host:CPU", "python3", "MatMul:MatMul", waits, computes)
    verdict = look_over(read_xplane(space.encode())).verdict
    assert verdict is not None
    assert (verdict.share, verdict.words, verdict.rule) == (waits / 100, words, rule)


def test_without_steps_nothing_is_said_of_input() -> None:
    overview = look_over(read_xplane(Space().event("/host:CPU", "python3", "MatMul:MatMul", 0, 9).encode()))
    assert overview.verdict is None
    (said,) = overview.advice
    assert said == "no steps are marked, so what bounds them is not known: shares are of the whole capture"


def test_absurd_times_are_left_out() -> None:
    space = training()
    space.proto.planes[0].lines[0].events.add(metadata_id=1, offset_ps=1 << 62, duration_ps=5)
    space.proto.planes[0].lines[0].events.add(metadata_id=1, offset_ps=5, duration_ps=-5)
    profile = read_xplane(space.encode())
    assert profile.problems == ["2 events without a usable time were left out"]


def test_a_capture_that_is_cut_off_is_read_as_far_as_it_goes() -> None:
    data = training().encode()
    whole = read_xplane(data)
    for kept in range(len(data) - 1, 0, -37):
        try:
            profile = read_xplane(data[:kept])
        except BadProfile:
            assert kept < len(data) // 2
            continue
        assert sum("cut off" in problem for problem in profile.problems) == 1
        assert len(profile.spans) <= len(whole.spans)
        assert set(profile.spans.duration.tolist()) <= set(whole.spans.duration.tolist())
        look_over(profile)


def test_what_is_not_known_is_named() -> None:
    space = training().event("/device:QUANTUM:x", "l", "e", 0, 1).event("/other", "l", "e", 0, 1)
    space.proto.planes[0].lines[0].events.add(metadata_id=(1 << 63) - 1, offset_ps=5, duration_ps=7)
    space.proto.planes[0].lines[0].events.add(metadata_id=1 << 40, offset_ps=9, duration_ps=7)
    profile = read_xplane(space.encode())
    sizes = [plane.ByteSize() for plane in space.proto.planes[-2:]]
    assert profile.problems == [
        "2 events have names that the capture does not tell: they are numbered",
        f"planes of an unknown kind were left out: '/device:QUANTUM:x' ({sizes[0]} bytes), '/other' ({sizes[1]} bytes)",
    ]
    assert {f"event {(1 << 63) - 1}", f"event {1 << 40}"} <= set(profile.names)


def test_names_are_kept_as_they_are_and_shown_safely() -> None:
    name = "\x1b[31m[red]bell\x07"
    profile = read_xplane(Space().event("/host:CPU", name, name, 0, 1, step_num=0).encode())
    assert profile.names == [name]
    assert [mark.name for mark in profile.marks] == [f"{name} 0"]


@pytest.mark.parametrize(
    "data",
    [b"", b"\x0a", b"junk that is none", Space().event("/other", "l", "e", 0, 1).encode()],
    ids=["empty", "cut", "junk", "nothing"],
)
def test_what_is_no_capture(data: bytes) -> None:
    with pytest.raises(BadProfile):
        read_xplane(data)


@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=40), st.integers(0, 400))
def test_damage_never_raises_anything_else(junk: bytes, at: int) -> None:
    data = training().encode()
    at %= len(data)
    try:
        profile = read_xplane(data[:at] + junk + data[at + len(junk) :])
    except BadProfile:
        return
    step_table(profile)
    operation_table(profile)
    kernel_table(profile, nest_calls(profile))


def test_progress_is_told_and_ends_the_reading(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "host.xplane.pb"
    path.write_bytes(training().encode())
    (capture,) = find_captures(str(path))
    monkeypatch.setattr("tbtui.profiles.xla.source._WINDOW", 100)
    told: list[int] = []
    read_capture(capture, told.append)
    assert len(told) > 3
    assert 0 < told[0] < told[-1] <= capture.size
    assert told == sorted(told)

    class StopError(Exception):
        pass

    for end in (told[0], told[-1]):

        def stop(done: int, end: int = end) -> None:
            if done == end:
                raise StopError

        with pytest.raises(StopError):
            read_capture(capture, stop)


def test_a_capture_that_is_written_to_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It becomes shorter, or others are its bytes: what was read is shown, and that it may be wrong."""
    path = tmp_path / "host.xplane.pb"
    space = training()
    for number in range(1000):
        space.event("/host:CPU", "python3", f"call {number % 9}", number * 100, 50)
    data = space.encode()
    for name, size in (("_WINDOW", 1000), ("_NEAR", 100)):
        monkeypatch.setattr(f"tbtui.profiles.xla.source.{name}", size)

    def read(change: Callable[[], object]) -> Profile:
        path.write_bytes(data)
        (capture,) = find_captures(str(path))
        left = [change]

        def step(_: int) -> None:
            while left:
                left.pop()()

        return read_capture(capture, step)

    def overwrite() -> None:
        path.write_bytes(b"\xff" * len(data))
        os.utime(path, (1, 1))  # clocks of files are coarse

    whole = read(lambda: None)
    assert whole.problems == []
    assert whole.details(0) == read_xplane(data).details(0)
    for change in (lambda: os.truncate(path, len(data) // 2), overwrite):
        profile = read(change)
        assert 0 < len(profile.spans) < len(whole.spans)
        assert any("written to while it was read" in problem for problem in profile.problems)
    path.write_bytes(data)
    (capture,) = find_captures(str(path))
    profile = read_capture(capture)
    os.utime(path, (1, 1))
    assert profile.problems == []
    assert profile.details(0) == {}  # other bytes may stand there now


def test_the_file_of_a_capture_is_open_as_long_as_somebody_may_ask(tmp_path: Path) -> None:
    path = tmp_path / "host.xplane.pb"
    path.write_bytes(training().encode())
    source = InFile(str(path))
    file, profile = source._file, read_xplane(source)
    del source
    gc.collect()
    assert profile.details(0) == read_xplane(path.read_bytes()).details(0)
    assert not file.closed
    del profile
    gc.collect()
    assert file.closed


def test_what_is_written_behind_the_size_that_was_known_is_read(tmp_path: Path) -> None:
    path = tmp_path / "host.xplane.pb"
    data = training().encode()
    path.write_bytes(data)
    (capture,) = find_captures(str(path))
    for size in (0, len(data) - 9, len(data) + 9):
        assert len(read_capture(replace(capture, size=size)).spans) == len(read_xplane(data).spans)


def test_what_stands_behind_the_events_of_a_line_counts() -> None:
    """The name of a line, and when it began, in whatever order they are written."""
    space = Space().event("/device:TPU:0", "XLA Ops", "while.1", 0, 60).event("/device:TPU:0", "x", "e", 5, 10)
    (plane,) = space.proto.planes
    for number, line in enumerate(plane.lines):
        line.timestamp_ns = 5000 * number
    whole = read_xplane(space.encode())
    turned = b""
    for line in plane.lines:
        events = b"".join(b"\x22" + bytes((event.ByteSize(),)) + event.SerializeToString() for event in line.events)
        del line.events[:]
        turned += b"\x1a" + bytes((line.ByteSize() + len(events),)) + events + line.SerializeToString()
    del plane.lines[:]
    turned += plane.SerializeToString()
    profile = read_xplane(b"\x0a" + write_varint(len(turned)) + turned)
    assert profile.lanes == whole.lanes
    assert profile.spans.start.tolist() == whole.spans.start.tolist()
    assert profile.spans.kind.tolist() == whole.spans.kind.tolist()


def test_an_event_that_reaches_out_of_its_line_tells_nothing_of_what_is_behind() -> None:
    def part(key: int, body: bytes) -> bytes:
        return write_varint(key) + write_varint(len(body)) + body

    event = b"\x08\x01\x10\x05\x18\x07"  # name, offset, duration
    line = part(0x12, b"thread") + b"\x22" + write_varint(len(event) + 20) + event
    like_a_stat = part(0x22, b"\x08\x01\x20\x05")  # to the plane it is a name without a text
    named = part(0x2A, b"\x08\x01" + part(0x12, part(0x12, b"secret")))
    plane = part(0x12, b"/host:CPU") + part(0x1A, line) + like_a_stat + named
    profile = read_xplane(part(0x0A, plane) + part(0x22, b"h" * 600))
    assert profile.spans.duration.tolist() == [7]
    assert profile.details(0) == {}
    assert any("damaged" in problem for problem in profile.problems)


def test_a_recorded_capture_of_jax() -> None:
    """Steps as the script made them, of which the first compiles; operators as often and as long as their events."""
    (path,) = (Path(__file__).parents[1] / "recorded" / "jax_profile").rglob("*.xplane.pb")
    data = path.read_bytes()
    overview = look_over(read_xplane(data))
    assert [step.name for step in overview.steps] == [f"train {number}" for number in range(6)]
    compiling = [step.spent["compilation"] for step in overview.steps]
    assert compiling[0] > overview.steps[0].duration / 4
    assert compiling[1:] == [0] * 5
    space = xplane_pb2.XSpace.FromString(data)
    spent: dict[str, list[int]] = {}
    for plane in space.planes:
        for line in plane.lines:
            for event in line.events:
                stats = {plane.stat_metadata[stat.metadata_id].name for stat in event.stats}
                if "hlo_op" in stats:
                    spent.setdefault(plane.event_metadata[event.metadata_id].name, []).append(event.duration_ps)
    rows = {row.name: (row.calls, row.total) for row in overview.operators if row.kind == Kind.OPERATOR}
    assert "dot" in rows
    assert rows == {name: (len(each), sum(each)) for name, each in spent.items()}


@pytest.mark.parametrize(
    ("what", "small"),
    [("capture._BYTES_PER_EVENT", 1 << 40), ("stats._MOST_STAT_NAMES", 2)],
    ids=["no room for columns", "no place for codes"],
)
def test_a_recorded_capture_is_the_same_where_everything_is_too_small(
    monkeypatch: pytest.MonkeyPatch, what: str, small: int
) -> None:
    (path,) = (Path(__file__).parents[1] / "recorded" / "jax_profile").rglob("*.xplane.pb")
    data = path.read_bytes()
    whole = read_xplane(data)
    monkeypatch.setattr(f"tbtui.profiles.xla.{what}", small)
    found = read_xplane(data)
    for column in Spans.__slots__:
        assert getattr(found.spans, column).tolist() == getattr(whole.spans, column).tolist()
    assert found.operations == whole.operations
    assert found.launches == whole.launches
    assert [found.details(index) for index in range(50)] == [whole.details(index) for index in range(50)]
