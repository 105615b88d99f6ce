"""Reading files in bites: any size of bite, any state of the file, errors at any read."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tensorboard.compat.proto import event_pb2, summary_pb2

from tbtui.logdir.reading import BiteReader, Cursor, ReadRequest, ReadResult
from tests.support.eventfiles import (
    Reading,
    curve,
    decode,
    expected,
    framed,
    header,
    records,
    scalar_value,
    scalars,
    version,
)

SMALLEST = 1 << 16


def image(tag: str, step: int, size: int, plugin: str = "", legacy: bool = True) -> bytes:
    """A record with an image of `size` random bytes: TF1's message, or a tensor whose metadata come last."""
    raw = np.random.default_rng(size + step).integers(0, 256, size, dtype=np.uint8).tobytes()
    value = summary_pb2.Summary.Value(tag=tag)
    if legacy:
        value.image.width = value.image.height = 16
        value.image.encoded_image_string = raw
    else:
        value.tensor.dtype = 7
        value.tensor.string_val.extend([b"16", b"16", raw])
    if plugin:
        value.metadata.plugin_data.plugin_name = plugin
    return framed(scalars(step, 1.5e9 + step, [value]))


def read_on(reader: BiteReader, cursors: list[Cursor], readings: list[Reading], capacity: int) -> list[ReadResult]:
    """Read until no file says more; the last result of each."""
    last: dict[int, ReadResult] = {}
    todo = [ReadRequest(cursor) for cursor in cursors]
    number = {id(cursor): i for i, cursor in enumerate(cursors)}
    while todo:
        results = reader.read(todo, capacity)
        assert results
        again = []
        for result in results:
            assert result.error is None
            assert not result.refused
            assert result.chunk is not None
            i = number[id(result.request.cursor)]
            before = readings[i].consumed
            readings[i].add(result.chunk, result.span)
            readings[i].consumed = before + result.consumed
            last[i] = result
            if result.waiting == "more":
                again.append(result.request)
        todo = again + todo[len(results) :]
    return [last[i] for i in range(len(cursors))]


def read_files(paths: list[Path], capacity: int = SMALLEST) -> tuple[list[Reading], list[ReadResult]]:
    readings = [Reading() for _ in paths]
    results = read_on(BiteReader(), [Cursor(str(path)) for path in paths], readings, capacity)
    return readings, results


def read_file(path: Path, data: bytes, capacity: int = SMALLEST) -> tuple[Reading, ReadResult]:
    path.write_bytes(data)
    readings, results = read_files([path], capacity)
    return readings[0], results[0]


@pytest.mark.parametrize("capacity", [SMALLEST, 100_000, 8 << 20])
def test_a_large_file(tmp_path: Path, capacity: int) -> None:
    data = version() + b"".join(a + b for a, b in zip(curve("loss", 4000), curve("acc", 4000, "tf2"), strict=True))
    reading, result = read_file(tmp_path / "f", data, capacity)
    assert reading.sorted_points() == expected(data)
    assert (reading.consumed, result.waiting, reading.problems) == (len(data), "", [])


def test_many_small_files_share_a_bite(tmp_path: Path) -> None:
    files = [version() + b"".join(curve(f"tag{i % 3}", i)) for i in range(150)]
    for i, data in enumerate(files):
        (tmp_path / f"{i:03}").write_bytes(data)
    reader = BiteReader()
    requests = [ReadRequest(Cursor(str(path))) for path in sorted(tmp_path.iterdir())]
    results = reader.read(requests)
    assert len({id(result.chunk) for result in results}) == 1
    for data, result in zip(files, results, strict=True):
        reading = Reading()
        assert result.chunk is not None
        reading.add(result.chunk, result.span)
        assert reading.sorted_points() == expected(data)
        assert result.consumed == len(data)
        assert result.first == data[: min(256, len(data))]
        assert result.last == data[-64:]


def test_reading_goes_on_after_memory_was_given_back(tmp_path: Path) -> None:
    data = version() + b"".join(a + b for a, b in zip(curve("loss", 4000), curve("acc", 4000, "tf2"), strict=True))
    path = tmp_path / "f"
    reader, cursor, reading = BiteReader(), Cursor(str(path)), Reading()
    for end in len(data) // 2, len(data):
        path.write_bytes(data[:end])
        read_on(reader, [cursor], [reading], 1 << 20)
        reader.release()
    assert reading.sorted_points() == expected(data)


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_files_that_grow_in_random_pieces(tmp_path: Path, choice: st.DataObject) -> None:
    files = [
        version() + b"".join(curve("loss", 3000, "tf2")),
        b"".join(curve("a", 50)) + image("im", 1, 90_000) + b"".join(curve("a", 50, first=50)) + image("im", 2, 70_000),
        image("im", 1, 200_000, "images", legacy=False)
        + b"".join(curve("b", 9))
        + image("im", 2, 66_000, legacy=False),
    ]
    cursors = [Cursor(str(tmp_path / str(i))) for i in range(len(files))]
    readings = [Reading() for _ in files]
    reader = BiteReader()
    cuts = choice.draw(st.lists(st.floats(0, 1), max_size=5))
    for part in [*sorted(cuts), 1.0]:
        for cursor, data in zip(cursors, files, strict=True):
            Path(cursor.path).write_bytes(data[: int(part * len(data))])
        read_on(reader, cursors, readings, SMALLEST)
    for data, reading in zip(files, readings, strict=True):
        assert reading.sorted_points() == expected(data)
        assert reading.problems == []
        assert reading.consumed == len(data)
    assert [(i.kind, i.tag, i.step) for i in readings[1].items] == [("image", "im", 1), ("image", "im", 2)]
    assert [(i.kind, i.tag, i.step) for i in readings[2].items] == [("tensor", "im", 1), ("tensor", "im", 2)]


@pytest.mark.parametrize("size", [60_000, 66_000, 300_000, 9_000_000])
def test_long_records_are_stepped_over(tmp_path: Path, size: int) -> None:
    """The bytes of the images are not read, but where they lie, and the metadata behind them, are known."""
    parts = []
    for step in range(4):
        parts += [image("tf1", step, size, "images"), *curve("loss", 3, first=3 * step)]
        parts += [image("tf2", step, size, "images", legacy=False)]
    data = b"".join(parts)
    reading, result = read_file(tmp_path / "f", data)
    assert reading.sorted_points() == expected(data)
    places = {at: len(payload) for at, payload in records(data) if len(payload) > 50_000}
    assert {item.offset: item.length for item in reading.items} == places
    assert [(item.tag, item.step) for item in reading.items if item.kind == "image"] == [("tf1", s) for s in range(4)]
    firsts = {}
    for item in sorted(reading.items, key=lambda item: item.offset):
        firsts.setdefault(item.tag, item)
    for item in firsts.values():
        assert item.metadata is not None
        assert item.metadata.plugin == "images"
    assert (result.waiting, reading.problems, result.last) == ("", [], data[-64:])


def test_a_damaged_long_record_cannot_make_a_new_tag(tmp_path: Path) -> None:
    parts = [bytearray(image("weights", step, 100_000)) for step in range(3)]
    parts[1][parts[1].index(b"weights")] ^= 1
    reading, _ = read_file(tmp_path / "f", b"".join(parts))
    assert [item.step for item in reading.items] == [0, 2]
    assert [offset for offset, _ in reading.problems] == [len(parts[0])]


def test_long_events_of_other_kinds(tmp_path: Path) -> None:
    graph = framed(event_pb2.Event(wall_time=3.0, step=4, graph_def=b"\x0a" + bytes(200_000)).SerializeToString())
    tagged = event_pb2.TaggedRunMetadata(tag="step9", run_metadata=bytes(100_000))
    traced = framed(event_pb2.Event(tagged_run_metadata=tagged).SerializeToString())
    many = framed(scalars(1, 1.5e9, [scalar_value(f"tag{i}", i / 2) for i in range(6000)]))
    data = graph + traced + many + version()
    reading, result = read_file(tmp_path / "f", data)
    assert [(item.kind, item.tag, item.step) for item in reading.items] == [
        ("graph", "", 4),
        ("run_metadata", "step9", 0),
        ("version", "", 0),
    ]
    assert reading.sorted_points() == expected(data)
    assert (reading.consumed, result.waiting) == (len(data), "")


def test_an_event_longer_than_the_bite(tmp_path: Path) -> None:
    many = b"".join(framed(scalars(s, 1.5e9, [scalar_value(f"tag{i}", i / 2) for i in range(9000)])) for s in range(3))
    data = version() + many + b"".join(curve("loss", 5))
    reading, _ = read_file(tmp_path / "f", data)
    assert reading.sorted_points() == expected(data)


def test_a_long_record_that_is_no_event(tmp_path: Path) -> None:
    data = b"".join([*curve("loss", 2), framed(b"\x0a" * 100_001), *curve("loss", 2, first=2)])
    reading, _ = read_file(tmp_path / "f", data)
    assert reading.sorted_points() == {"loss": [p for p in decode_clean(data) if p]}
    assert len(reading.problems) == 1


def decode_clean(data: bytes) -> list[object]:
    return list(decode(data)[0].sorted_points()["loss"])


@pytest.mark.parametrize("zeros", [100, 70_000, 3_000_000])
def test_zeros_at_the_tail_are_waited_for(tmp_path: Path, zeros: int) -> None:
    good, more = b"".join(curve("loss", 10)), b"".join(curve("loss", 500, first=10))
    path = tmp_path / "f"
    path.write_bytes(good + bytes(zeros))
    reader, cursor, reading = BiteReader(), Cursor(str(path)), Reading()
    for _ in range(3):
        (result,) = read_on(reader, [cursor], [reading], SMALLEST)
        assert (cursor.offset, cursor.gap, result.waiting, reading.problems) == (len(good), None, "zeros", [])
    path.write_bytes(good + (more + bytes(zeros))[: max(zeros, len(more))])
    read_on(reader, [cursor], [reading], SMALLEST)
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(510))
    assert reading.problems == []


@pytest.mark.parametrize("hole", [b"\0", b"\7"])
@pytest.mark.parametrize("size", [50, 65_536, 131_072 + 5, 1_000_000])
def test_damage_longer_than_a_bite(tmp_path: Path, hole: bytes, size: int) -> None:
    good, more = b"".join(curve("loss", 10)), b"".join(curve("loss", 500, first=10))
    data = good + hole * size + more
    reading, result = read_file(tmp_path / "f", data)
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(510))
    assert reading.problems == [(len(good), f"no record begins here; {size} bytes were skipped")]
    assert (reading.consumed, result.waiting) == (len(data), "")


def test_a_sparse_hole(tmp_path: Path) -> None:
    """A hole of gigabytes costs nothing."""
    path = tmp_path / "f"
    good = b"".join(curve("loss", 10))
    path.write_bytes(good)
    with path.open("r+b") as file:
        file.seek(8 << 30)
        file.write(b"".join(curve("loss", 10, first=10)))
    (reading,), (result,) = read_files([path])
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(20))
    assert len(reading.problems) == 1
    assert result.waiting == ""


@pytest.mark.parametrize("failure", [errno.EINVAL, None])
def test_a_hole_where_the_file_system_tells_of_none(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failure: int | None
) -> None:
    def refusing(*_: object) -> int:
        raise AttributeError if failure is None else OSError(failure, "cannot seek")

    monkeypatch.setattr(os, "lseek", refusing)
    data = b"".join(curve("loss", 10)) + bytes(3_000_000) + b"".join(curve("loss", 10, first=10))
    reading, _ = read_file(tmp_path / "f", data)
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(20))
    assert len(reading.problems) == 1


def test_damage_at_the_end_is_reported_once_and_tried_again(tmp_path: Path) -> None:
    path, good = tmp_path / "f", b"".join(curve("loss", 10))
    path.write_bytes(good + b"garbage that is no record")
    reader, cursor, reading = BiteReader(), Cursor(str(path)), Reading()
    for _ in range(3):
        (result,) = read_on(reader, [cursor], [reading], SMALLEST)
        assert (cursor.offset, result.waiting) == (len(good), "damage")
    assert [offset for offset, _ in reading.problems] == [len(good)]
    with path.open("ab") as file:
        file.write(b"".join(curve("loss", 10, first=10)))
    read_on(reader, [cursor], [reading], SMALLEST)
    assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(20))
    assert {offset for offset, _ in reading.problems} == {len(good)}
    assert len(reading.problems) == 2


def test_no_event_file_at_all(tmp_path: Path) -> None:
    reading, result = read_file(tmp_path / "f", b"some text, and much of it\n" * 20_000)
    assert (reading.points, reading.items) == ({}, [])
    assert result.waiting == "damage"
    assert [offset for offset, _ in reading.problems] == [0]


def test_gigantic_length_at_the_end(tmp_path: Path) -> None:
    good = b"".join(curve("loss", 10))
    for length in (1 << 40, 1 << 63, (1 << 64) - 1):
        reading, result = read_file(tmp_path / "f", good + header(length))
        assert len(reading.points["loss"]) == 10
        assert (result.waiting, len(reading.problems)) == ("damage", 1)
    reading, result = read_file(tmp_path / "f", good + header(1 << 30) + bytes(5))
    assert (result.waiting, reading.problems) == ("torn", [])


def test_missing_and_forbidden_and_foreign_files(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "fifo")
    good = tmp_path / "good"
    good.write_bytes(b"".join(curve("loss", 10)))
    paths = [tmp_path / "missing", tmp_path, tmp_path / "fifo", good]
    results = BiteReader().read([ReadRequest(Cursor(str(path))) for path in paths])
    assert [type(result.error) for result in results[:2]] == [FileNotFoundError, IsADirectoryError]
    assert (results[3].error, results[3].consumed) == (None, good.stat().st_size)
    assert all(result.request.cursor.offset == 0 for result in results[:3])


def test_check_sees_the_open_file_and_may_refuse(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"".join(curve("loss", 10)))
    met: list[tuple[bytes, int]] = []

    def check(descriptor: int, status: os.stat_result) -> bool:
        met.append((os.pread(descriptor, 8, 0), status.st_size))
        return False

    cursor = Cursor(str(path))
    (result,) = BiteReader().read([ReadRequest(cursor, check)])
    assert met == [(path.read_bytes()[:8], path.stat().st_size)]
    assert (result.refused, result.chunk, cursor.offset) == (True, None, 0)


def test_limit(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"".join(curve("loss", 10_000)))
    cursor = Cursor(str(path))
    (result,) = BiteReader().read([ReadRequest(cursor, limit=100_000)])
    assert 99_000 < result.consumed <= 100_000
    assert result.waiting == "more"


def test_bites_become_smaller_while_they_take_long(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(b"".join(curve("loss", 500)) * 300)
    now = 0.0
    pace = 1.0

    def clock() -> float:
        nonlocal now
        now += pace
        return now

    reader, cursor = BiteReader(clock), Cursor(str(path))
    sizes = [reader.read([ReadRequest(cursor)], 1 << 20)[0].consumed for _ in range(5)]
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[4] <= SMALLEST < sizes[0]
    pace = 0.001
    sizes = [reader.read([ReadRequest(cursor)], 1 << 20)[0].consumed for _ in range(3)]
    assert sizes == sorted(sizes)
    assert sizes[0] < sizes[2]


def test_no_descriptor_stays_open(tmp_path: Path) -> None:
    before = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    paths = [tmp_path / str(i) for i in range(30)]
    for path in paths:
        path.write_bytes(b"".join(curve("loss", 10)) + image("im", 1, 100_000) + bytes(100))
    read_files([*paths])
    after = len(os.listdir("/proc/self/fd")) if os.path.exists("/proc/self/fd") else 0
    assert before == after


Call = Callable[..., int]


@pytest.mark.parametrize("failure", [errno.EIO, errno.ESTALE, errno.EINTR])
@pytest.mark.parametrize("nth", range(12))
def test_error_in_the_nth_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, nth: int, failure: int) -> None:
    """Whatever read fails, what was told before stays true, and trying again ends with everything read once."""
    data = b"".join(curve("loss", 3000)) + image("im", 1, 100_000, "images", legacy=False) + b"".join(curve("acc", 10))
    data += image("im", 2, 100_000, legacy=False) * 2
    path = tmp_path / "f"
    path.write_bytes(data)
    calls = 0

    def failing(real: Callable[..., object]) -> Callable[..., object]:
        def call(*args: object) -> object:
            nonlocal calls
            calls += 1
            if calls - 1 == nth:
                raise OSError(failure, os.strerror(failure))
            return real(*args)

        return call

    for name in ("pread", "preadv", "open", "fstat"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    reader, cursor, reading = BiteReader(), Cursor(str(path)), Reading()
    for _ in range(40):
        (result,) = reader.read([ReadRequest(cursor)], SMALLEST)
        if result.error is None:
            assert result.chunk is not None
            reading.add(result.chunk, result.span)
    assert reading.sorted_points() == expected(data)
    assert [(item.tag, item.step) for item in reading.items] == [("im", 1), ("im", 2), ("im", 2)]
    assert reading.items[0].metadata is not None
    assert reading.problems == []
    assert cursor.offset == len(data)


@pytest.mark.parametrize("most", [1, 7, 4096])
def test_short_reads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    data = b"".join(curve("loss", 100))
    path = tmp_path / "f"
    path.write_bytes(data)
    real = os.preadv
    monkeypatch.setattr(os, "preadv", lambda fd, buffers, at: real(fd, [buffers[0][:most]], at))
    (reading,), (result,) = read_files([path])
    assert reading.sorted_points() == expected(data)
    assert result.waiting == ""


def test_a_file_that_shrinks_while_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = b"".join(curve("loss", 100))
    path = tmp_path / "f"
    path.write_bytes(data)
    real = os.preadv

    def shrinking(descriptor: int, buffers: list[memoryview], at: int) -> int:
        os.truncate(path, len(data) // 2)
        return real(descriptor, buffers, at)

    monkeypatch.setattr(os, "preadv", shrinking)
    cursor = Cursor(str(path))
    (result,) = BiteReader().read([ReadRequest(cursor)])
    assert result.error is None
    assert cursor.offset <= len(data) // 2
    assert result.waiting == "more"


@settings(deadline=None, max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(choice=st.data())
def test_long_records_among_others(tmp_path: Path, choice: st.DataObject) -> None:
    """Whatever comes between them: new tags, short records, damage; the whole is what one look at it shows."""
    sizes = st.sampled_from([70_000, 70_000, 70_001, 90_000, 200])
    pieces = [version()]
    for step in range(choice.draw(st.integers(1, 90))):
        tag = choice.draw(st.sampled_from(["a", "a", "a", "b", "c"]))
        plugin = choice.draw(st.sampled_from(["", "", "", "images"]))
        legacy = choice.draw(st.sampled_from([True, True, True, False]))
        pieces.append(image(tag, step, choice.draw(sizes), plugin, legacy))
        if choice.draw(st.integers(0, 20)) == 0:
            pieces.append(
                choice.draw(st.sampled_from([b"junk" * 9, b"".join(curve("s", 3)), framed(b"\x09" + b"x" * 80_000)]))
            )
    data = b"".join([*pieces, version()])
    (whole,) = decode(data)
    for capacity in (SMALLEST, 8 << 20):
        reading, result = read_file(tmp_path / "events.out.tfevents.1", data, capacity)
        assert [item[1:8] for item in reading.items] == [item[1:8] for item in whole.items]
        assert reading.sorted_points() == whole.sorted_points()
        assert result.waiting == ""
