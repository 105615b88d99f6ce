"""Cutting bytes into records: torn tails, zeros, damaged and gigantic lengths, searching behind damage."""

from __future__ import annotations

import random
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.buffer import Buffer
from tbtui.events.chunk import Span
from tbtui.events.framing import NOTHING_BEHIND, Frames, frame
from tbtui.events.headers import LONGEST, header_at, scan, search, walk
from tests.support.eventfiles import curve, decode, decode_growing, framed, header, records, scalar

GOOD = curve("loss", 10)
PAYLOADS = st.lists(
    st.one_of(
        st.binary(max_size=90),
        st.integers(0, 200).map(bytes),
        st.sampled_from([b"", bytes(255), bytes(256), b"\1" * 256, b"\1" * 511, bytes(66000)]),
    ),
    max_size=40,
)


def frame_files(*files: bytes, gap: int | None = None) -> tuple[Frames, list[Span]]:
    buffer = Buffer(sum(map(len, files)))
    spans, begin = [], 0
    for data in files:
        buffer.mem[begin : begin + len(data)] = data
        spans.append(Span(begin, begin + len(data), 0 if gap is None else 1000, gap))
        begin += len(data)
    return frame(buffer, spans), spans


def found(frames: Frames, span: int = 0) -> list[tuple[int, int]]:
    """Position and length of the records of one span."""
    rows = slice(int(frames.first[span]), int(frames.first[span + 1]))
    return list(zip(frames.at[rows].tolist(), frames.lengths[rows].tolist(), strict=True))


def wanted(data: bytes, begin: int = 0) -> list[tuple[int, int]]:
    return [(begin + at, len(payload)) for at, payload in records(data)]


def steps(data: bytes) -> Sequence[int]:
    return [point[0] for point in decode(data)[0].sorted_points().get("loss", [])]


@settings(deadline=None)
@given(st.lists(PAYLOADS, min_size=1, max_size=4))
def test_whole_records_of_any_content(files: list[list[bytes]]) -> None:
    data = [b"".join(map(framed, payloads)) for payloads in files]
    frames, spans = frame_files(*data)
    for number, (one, span) in enumerate(zip(data, spans, strict=True)):
        assert found(frames, number) == wanted(one, span.begin)
    assert frames.consumed == [len(one) for one in data]
    assert frames.waiting == [""] * len(data)
    assert frames.problems == []


def test_records_within_records() -> None:
    """A payload that holds whole records is one record."""
    inner = b"".join(GOOD)
    data = b"".join([*GOOD, framed(inner[:100]), framed(b"\x7a" + inner), *GOOD])
    assert found(frame_files(data)[0]) == wanted(data)


def test_nothing_at_all() -> None:
    frames, _ = frame_files(b"", b"")
    assert (frames.consumed, frames.waiting, len(frames.at)) == ([0, 0], ["", ""], 0)


def test_tail_cut_at_every_byte() -> None:
    data = b"".join(GOOD)
    begin = len(data) - len(GOOD[-1])
    for size in range(begin, len(data)):
        frames, _ = frame_files(data[:size])
        assert found(frames) == wanted(data)[:-1]
        assert frames.consumed == [begin]
        assert frames.waiting == ["" if size == begin else "torn"]
        assert frames.problems == []


@pytest.mark.parametrize("seed", range(5))
def test_a_cut_record_completed_in_several_writes(seed: int) -> None:
    data, chance = b"".join(GOOD), random.Random(seed)
    begin = len(data) - len(GOOD[-1])
    for size in range(begin, len(data)):
        cuts = [size, *(chance.randrange(size, len(data) + 1) for _ in range(chance.randrange(4)))]
        reading = decode_growing(data, cuts)
        assert [point[0] for point in reading.sorted_points()["loss"]] == list(range(10))
        assert reading.problems == []


@pytest.mark.parametrize("length", [LONGEST, 1 << 40, 1 << 63, (1 << 64) - 1, (1 << 64) - 16, (1 << 63) - 1])
def test_gigantic_lengths_with_right_checksums(length: int) -> None:
    good = b"".join(GOOD)
    tail = decode(good + header(length))[0]
    assert steps(good + header(length)) == list(range(10))
    assert (tail.consumed, tail.waiting) == (len(good), "damage")
    assert tail.problems == [(len(good), f"a record of {length} bytes is announced here; {NOTHING_BEHIND}")]
    more = b"".join(curve("loss", 10, first=10))
    middle = decode(good + header(length) + b"garbage" + more)[0]
    assert steps(good + header(length) + b"garbage" + more) == list(range(20))
    assert middle.problems == [(len(good), f"a record of {length} bytes is announced here; 19 bytes were skipped")]


def test_a_long_length_is_waited_for() -> None:
    frames, _ = frame_files(b"".join(GOOD) + header(LONGEST - 1))
    assert (frames.waiting, frames.problems) == (["torn"], [])


def test_damaged_header_in_what_looks_like_a_torn_tail() -> None:
    for at in range(12):
        data = bytearray(b"".join(GOOD))
        begin = len(data) - len(GOOD[-1])
        data[begin + at] ^= 0x40
        frames, _ = frame_files(bytes(data[:-3]))
        assert frames.waiting == ["damage"]
        assert [offset for _, offset, _ in frames.problems] == [begin]


def test_damaged_header_in_the_middle() -> None:
    for at in range(12):
        data = bytearray(b"".join(GOOD))
        begin, end = len(b"".join(GOOD[:4])), len(b"".join(GOOD[:5]))
        data[begin + at] ^= 0x04
        frames, _ = frame_files(bytes(data))
        assert found(frames) == [record for record in wanted(b"".join(GOOD)) if record[0] != begin]
        assert frames.problems == [(0, begin, f"no record begins here; {end - begin} bytes were skipped")]


def test_zero_length_record() -> None:
    data = b"".join([*GOOD[:5], framed(b""), *GOOD[5:], framed(b"")])
    assert found(frame_files(data)[0]) == wanted(data)
    assert steps(data) == list(range(10))


@pytest.mark.parametrize("zeros", [1, 11, 12, 13, 4096])
def test_zeros_at_the_tail_then_filled(zeros: int) -> None:
    data = b"".join(GOOD)
    reading = decode(data + bytes(zeros))[0]
    assert (reading.consumed, reading.waiting, reading.problems) == (len(data), "zeros", [])
    more = b"".join(curve("loss", 100, first=10))
    filled = decode(data + more + bytes(zeros))[0]
    assert [point[0] for point in filled.sorted_points()["loss"]] == list(range(110))


def test_a_page_of_a_record_that_is_not_written_yet() -> None:
    """The end of the last record is zeros: it waits, as the zeros behind it do."""
    for behind in (0, 5, 4096):
        for missing in range(4, len(GOOD[-1]) - 12):
            data = b"".join(GOOD)
            begin = len(data) - len(GOOD[-1])
            reading = decode(data[:-missing] + bytes(missing + behind))[0]
            assert (reading.consumed, reading.waiting, reading.problems) == (begin, "zeros", [])


@pytest.mark.parametrize("zeros", [12, 16, 4096, 70_000])
def test_zeros_in_the_middle(zeros: int) -> None:
    data = b"".join(GOOD) + bytes(zeros) + b"".join(curve("loss", 10, first=10))
    reading = decode(data)[0]
    assert steps(data) == list(range(20))
    assert reading.problems == [(len(b"".join(GOOD)), f"no record begins here; {zeros} bytes were skipped")]


POINTER = b"version https://git-lfs.github.com/spec/v1\n"


@pytest.mark.parametrize("garbage", [b"x", b"\xef\xbb\xbf", POINTER, bytes(range(256)) * 300])
def test_leading_garbage(garbage: bytes) -> None:
    data = garbage + b"".join(GOOD)
    reading = decode(data)[0]
    assert steps(data) == list(range(10))
    assert [offset for offset, _ in reading.problems] == [0]


def test_text_only() -> None:
    frames, _ = frame_files(b"this is no event file, whatever its name may say" * 100)
    assert (frames.consumed, frames.waiting, len(frames.at)) == ([0], ["damage"], 0)
    assert len(frames.problems) == 1


def test_a_header_behind_damage_must_have_its_payload() -> None:
    """A header with the right checksum and a wrong payload is passed over when a record is searched for."""
    lure = header(20) + b"z" * 24
    data = b"".join(GOOD[:5]) + b"garbage" + lure + b"".join(GOOD[5:])
    assert steps(data) == list(range(10))
    assert [offset for _, offset, _ in frame_files(data)[0].problems] == [len(b"".join(GOOD[:5]))]


def test_span_that_begins_in_damage() -> None:
    """Damage that began in an earlier span is reported where it began, with all that was skipped."""
    for garbage in (b"", b"garbage"):
        frames, _ = frame_files(garbage + b"".join(GOOD), gap=300)
        assert len(found(frames)) == 10
        reason = f"no record begins here; {700 + len(garbage)} bytes were skipped"
        assert frames.problems == [(0, 300, reason)]


def test_damage_of_one_file_does_not_touch_the_others() -> None:
    good = b"".join(GOOD)
    files = [good, b"garbage" * 10, good[:-1], bytes(100), good, header(1 << 62) + good, b"", good]
    frames, spans = frame_files(*files)
    for number in (0, 4, 7):
        assert found(frames, number) == wanted(good, spans[number].begin)
    assert frames.waiting == ["", "damage", "torn", "zeros", "", "", "", ""]
    assert {number for number, _, _ in frames.problems} == {1, 5}


@settings(deadline=None, max_examples=200)
@given(st.binary(min_size=1, max_size=400), st.integers(0, 9), st.booleans())
def test_any_garbage_anywhere(garbage: bytes, after: int, aligned: bool) -> None:
    """Nothing raises, what precedes the garbage is kept, and what follows is found again."""
    more = curve("other", 10)
    data = b"".join(GOOD[:after]) + garbage + bytes(aligned * 3) + b"".join(more)
    frames, _ = frame_files(data)
    assert found(frames)[:after] == wanted(b"".join(GOOD[:after]))
    assert found(frames)[-9:] == wanted(b"".join(more), len(data) - len(b"".join(more)))[-9:]


def test_scan_finds_every_short_record() -> None:
    """At every alignment, for every length of one byte."""
    for shift in range(8):
        data = b"\x55" * shift + b"".join(framed(b"\x09" * (length or 1)) for length in range(256))
        buffer = Buffer(len(data))
        buffer.mem[:] = data
        headers = scan(buffer, shift, len(data))
        assert list(zip(headers.at.tolist(), headers.lengths.tolist(), strict=True)) == wanted(data[shift:], shift)


def test_scan_finds_longer_records_behind_short_ones() -> None:
    short, long = framed(b"\x09" * 40), [framed(b"\x09" * size) for size in (256, 300, 512, 5000, 65536, 70000)]
    for shift in range(4):
        data = b"\x55" * shift + short + b"".join(one + short + one + one for one in long) + short + long[0]
        buffer = Buffer(len(data))
        buffer.mem[:] = data
        headers = scan(buffer, shift, len(data))
        assert list(zip(headers.at.tolist(), headers.lengths.tolist(), strict=True)) == wanted(data[shift:], shift)


def test_walk_stops_before_a_wrong_header() -> None:
    data = bytearray(b"".join(GOOD))
    begin = len(b"".join(GOOD[:6]))
    data[begin + 9] ^= 1
    buffer = Buffer(len(data))
    buffer.mem[:] = data
    assert len(walk(buffer, 0, len(data), 99).at) == 6
    assert len(walk(buffer, 0, len(data), 4).at) == 4
    assert header_at(buffer, begin) is None


def test_search_crosses_its_windows() -> None:
    for size in (65520, 65530, 65536, 65540, 131071):
        data = np.random.default_rng(size).integers(1, 256, size, dtype=np.uint8).tobytes() + scalar("loss", 1, 1.0)
        buffer = Buffer(len(data))
        buffer.mem[:] = data
        assert search(buffer, 0, len(data)) == size
        assert search(buffer, 0, size + 11) is None
