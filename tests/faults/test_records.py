"""Faults of records and of whole files, from bytes on disk to the store and to what `inspect` says of them."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import struct
import tracemalloc
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

import tbtui
from tbtui.cli import main
from tbtui.events.checksum import length_checksum
from tbtui.events.record import encode_record
from tbtui.store.blobs import BlobUnreadable, read_payload
from tbtui.store.opening import LogDir
from tbtui.store.sweep import read_values
from tests.support import messages as m
from tests.support.contents import contents, counts
from tests.support.logfiles import NAME, START, append, header, scalar, scalars, write
from tests.support.messages import doubles, message, metadata, single, summary, tensor, value, varint

MEGABYTE = 1 << 20


def histogram(step: int) -> bytes:
    body = message(5, m.double(1, -1.0), m.double(2, 1.0), doubles(6, [0.0, 1.0]), doubles(7, [2.0, 3.0]))
    return encode_record(summary(value("weights", body), step=step))


def text(step: int, words: str = "some words") -> bytes:
    cells = tensor(7, m.shape(1), message(8, words))
    return encode_record(summary(value("note", message(8, cells), metadata("text")), step=step))


def tf2_scalar(step: int) -> bytes:
    number = tensor(1, message(2), message(4, struct.pack("<f", step / 7)))
    return encode_record(summary(value("accuracy", message(8, number), metadata("scalars")), step=step))


def mixed_records(count: int = 6) -> list[bytes]:
    """Records of all usual kinds, the odd ones too: a session's start, an empty record, a step that goes back."""
    start = encode_record(m.double(1, 1.7e9) + varint(2, 3) + message(7, varint(1, 1)))
    records = [header()]
    for step in range(count):
        records += [scalar(step, step / 3), tf2_scalar(step), histogram(step), text(step)]
        records += [scalar(step % 4, float(step), "back")]
    records += [encode_record(b""), start, scalar(4, 1.0, wall=START + 60)]
    return [*records, image(9, 70_000), tf2_scalar(8), text(9, "x" * 3000)]


def image(step: int, size: int) -> bytes:
    body = message(4, varint(1, 4), varint(2, 4), varint(3, 3), message(4, bytes(size)))
    return encode_record(summary(value("picture", body, metadata("images")), step=step))


# --- growing


@pytest.mark.parametrize("most", [1, 7, 300, 4096])
def test_a_file_that_arrives_in_pieces_is_the_file_read_at_once(tmp_path: Path, most: int) -> None:
    """Whatever the pieces, nothing is shown before its record is whole, nothing twice, nothing is called a fault; and
    somebody who opens the directory in between sees the same as one who has watched all along."""
    records = mixed_records() if most > 1 else mixed_records(1)[:-3]
    data = b"".join(records)
    write(tmp_path / "whole" / NAME, data)
    path = write(tmp_path / "pieces" / NAME)
    ends = [sum(map(len, records[: n + 1])) for n in range(len(records))]
    with tbtui.open_logdir(tmp_path / "pieces") as growing:
        for begin in range(0, len(data), most):
            append(path, data[begin : begin + most])
            growing.refresh()
            assert not growing.store.problems()
            if begin // most % (25 if most < 100 else 1) == 0:
                whole = b"".join(records[: sum(end <= begin + most for end in ends)])
                write(tmp_path / "so far" / NAME, whole)
                assert contents(growing) == contents(tbtui.open_logdir(tmp_path / "so far"))
                os.unlink(tmp_path / "so far" / NAME)
        assert contents(growing) == contents(tbtui.open_logdir(tmp_path / "whole"))


def test_opening_again_at_any_time_shows_what_watching_showed(tmp_path: Path) -> None:
    """Files of several runs grow by random pieces; reading them from the start always equals having watched them."""
    chance = random.Random(5)
    files = {tmp_path / run / NAME: b"".join(mixed_records(4)) for run in ("a", "b", "c/d")}
    done = dict.fromkeys(files, 0)
    with tbtui.open_logdir(tmp_path) as watching:
        while any(done[path] < len(data) for path, data in files.items()):
            for path, data in files.items():
                more = chance.randrange(0, 12_000)
                path.parent.mkdir(parents=True, exist_ok=True)
                append(path, data[done[path] : done[path] + more])
                done[path] = min(done[path] + more, len(data))
            watching.refresh()
            assert contents(watching) == contents(tbtui.open_logdir(tmp_path))


# --- damage


def test_damage_of_any_kind_in_the_middle_is_one_problem_and_loses_one_record(tmp_path: Path) -> None:
    """A wrong byte in the length, in its checksum, in the data or in theirs: all other records are read, and the one
    problem names the place where the record begins."""
    first, last = header() + scalars(0, 5), scalars(6, 10)
    victim = scalar(5, 5.0)
    for at in range(len(victim)):
        broken = bytearray(victim)
        broken[at] ^= 0x10
        write(tmp_path / NAME, first, bytes(broken), last)
        logdir = tbtui.open_logdir(tmp_path)
        assert logdir["."].scalars["loss"].points().steps.tolist() == [0, 1, 2, 3, 4, 6, 7, 8, 9], at
        (problem,) = logdir.store.problems()
        assert (problem.file, problem.offset) == (NAME, len(first)), at


@pytest.mark.parametrize("garbage", [bytes(512), bytes(100_000), b"\xff" * 777, b"\r\n" * 5000, None])
@pytest.mark.parametrize("place", ["front", "middle"])
def test_garbage_before_and_between_records_hides_none(tmp_path: Path, garbage: bytes | None, place: str) -> None:
    """Zeros or anything else that is no record: the records behind it are found, and no point is invented."""
    if garbage is None:
        garbage = random.Random(1).randbytes(70_000)
    parts = [header(), scalars(0, 5), scalars(5, 9)]
    parts.insert(0 if place == "front" else 2, garbage)
    write(tmp_path / NAME, *parts)
    logdir = tbtui.open_logdir(tmp_path)
    assert logdir["."].scalars["loss"].points().values.tolist() == list(range(9))
    (problem,) = logdir.store.problems()
    assert problem.offset == (0 if place == "front" else len(parts[0] + parts[1]))
    assert f"{len(garbage)} bytes were skipped" in problem.reason


def test_a_record_within_lost_bytes_is_not_taken_for_one_of_the_file(tmp_path: Path) -> None:
    """Behind damage only a record counts whose length and data both have the right checksum."""
    fake = bytearray(scalar(77, 77.0))
    fake[-1] ^= 1
    write(tmp_path / NAME, header(), scalars(0, 3), b"\1" * 20, bytes(fake), b"\2" * 20, scalars(3, 5))
    logdir = tbtui.open_logdir(tmp_path)
    assert logdir["."].scalars["loss"].points().values.tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize("first", [None, "brain.Event:1", "", "nonsense"])
def test_files_with_an_unusual_beginning(tmp_path: Path, first: str | None) -> None:
    """No version record at all, an old one, an empty or an unknown one: the points count all the same."""
    begin = b"" if first is None else encode_record(m.double(1, 1.5e9) + message(3, first))
    write(tmp_path / "events.out.tfevents", begin, scalars(0, 4))
    logdir = tbtui.open_logdir(tmp_path)
    assert logdir["."].scalars["loss"].points().values.tolist() == [0, 1, 2, 3]
    assert not logdir.store.problems()


@pytest.mark.parametrize("extra", ["", "tensorboard.summary.writer.event_file_writer"])
def test_a_file_with_a_header_only_is_an_empty_run_and_no_problem(tmp_path: Path, extra: str) -> None:
    """As writers leave them by the hundred (with and without the writer's name in the first record)."""
    source = message(10, message(1, extra)) if extra else b""
    write(tmp_path / "r" / NAME, encode_record(m.double(1, 1.7e9) + message(3, "brain.Event:2") + source))
    write(tmp_path / "nothing" / NAME)
    logdir = tbtui.open_logdir(tmp_path)
    assert {run.name for run in logdir.runs()} == {"r", "nothing"}
    assert all((run.series(), run.last_step) == ([], None) for run in logdir.runs())
    assert not logdir.store.problems()


# --- files that are something else


def zipped() -> bytes:
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("events", "x" * 100)
    return file.getvalue()


POINTER = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"4d7a" * 16 + b"\nsize 12345\n"
PAGE = b"\n<!DOCTYPE html>\n<html><head><title>404</title></head><body>Not Found</body></html>"


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (POINTER, "git lfs pull"),
        (PAGE, "HTML"),
        (gzip.compress(header() + scalars(0, 50), mtime=0), "gzip"),
        (gzip.compress(header() + scalars(0, 50), mtime=1_700_000_000), "gzip"),
        (zipped(), "zip"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "PNG"),
        (b"step,loss\n0,1.5\n1,1.25\n", "text file"),
        (b'{"detail": "not found"}', "text file"),
    ],
    ids=["lfs", "html", "gzip", "gzip with a time", "zip", "png", "csv", "json"],
)
def test_a_file_that_is_something_else_is_named_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], data: bytes, words: str
) -> None:
    """Both for people and for programs: the file, what it is and, where there is one, the remedy; once."""
    write(tmp_path / "good" / NAME, header(), scalars(0, 5))
    write(tmp_path / "odd" / NAME, data)
    assert main(["inspect", "--check", str(tmp_path)]) == 1
    printed = capsys.readouterr()
    (line,) = [line for line in printed.out.splitlines() if f"odd/{NAME}" in line]
    assert words in line
    assert printed.err == ""
    assert main(["inspect", "--json", str(tmp_path)]) == 0
    found = json.loads(capsys.readouterr().out)
    assert [(p["file"], words in p["reason"]) for p in found["problems"]] == [(f"odd/{NAME}", True)]
    assert {run["name"]: len(run["series"]) for run in found["runs"]} == {"good": 1, "odd": 0}


# --- large things


def test_twenty_thousand_tags_in_one_event(tmp_path: Path) -> None:
    """Each is a series with its one point, and a later event finds them again."""
    tags = [f"layer_{i // 100}/weight_{i}" for i in range(20_001)]
    for step in range(2):
        values = [value(tag, single(2, i + step)) for i, tag in enumerate(tags)]
        (append if step else write)(tmp_path / NAME, encode_record(summary(*values, step=step)))
    run = tbtui.open_logdir(tmp_path)["."]
    assert list(run.scalars) == tags
    assert all(run.scalars[tag].points().values.tolist() == [i, i + 1] for i, tag in enumerate(tags))


def sparse_image(path: Path, size: int) -> None:
    """A file with an image of `size` bytes of zeros in the middle, which take no room on the disk; a wrong checksum."""
    field = b"\x22" + _varint(size)
    inner = message(1, "picture") + b"\x22" + _varint(len(field) + size) + field
    body = b"\x0a" + _varint(len(inner) + size) + inner
    head = m.double(1, 1.7e9) + varint(2, 5) + b"\x2a" + _varint(len(body) + size) + body
    length = len(head) + size
    with open(path, "wb") as file:
        file.write(header() + scalars(0, 5))
        file.write(struct.pack("<QI", length, length_checksum(length)) + head)
        file.seek(size, os.SEEK_CUR)
        file.write(b"\0\0\0\0" + scalars(5, 10))


def _varint(number: int) -> bytes:
    return varint(1, number)[1:]


@pytest.mark.parametrize("size", [64 * MEGABYTE, 1024 * MEGABYTE])
def test_a_gigantic_record_takes_no_memory_until_somebody_looks(tmp_path: Path, size: int) -> None:
    """It is stepped over: where it lies is known, what is around it is read. To look at it takes the memory of one
    copy and its checksum's, and is refused where that is too much."""
    sparse_image(tmp_path / NAME, size)
    tbtui.open_logdir(write(tmp_path / "other" / NAME, header()).parent)  # imports, tables and buffers
    tracemalloc.start()
    try:
        logdir = tbtui.open_logdir(tmp_path)
        opened = tracemalloc.get_traced_memory()[1]
        assert logdir["."].scalars["loss"].points().values.tolist() == list(range(10))
        reference = logdir["."].blobs["images", "picture"].reference(-1)
        assert reference.length > size
        assert opened < 128 * MEGABYTE, "a bite, and what decoding it takes"
        tracemalloc.reset_peak()
        reason = "checksum" if size == 64 * MEGABYTE else "too long"
        with pytest.raises(BlobUnreadable, match=reason):
            read_payload(reference)
        assert tracemalloc.get_traced_memory()[1] - opened < 160 * MEGABYTE
    finally:
        tracemalloc.stop()


def test_how_long_a_record_may_be_is_an_option(tmp_path: Path) -> None:
    """Of the library, and of the command line."""
    sparse_image(tmp_path / NAME, 10 * MEGABYTE)
    for longest, reason in ((10 * MEGABYTE, "too long.*--longest-record is 10 MB"), (11 * MEGABYTE, "checksum")):
        reference = tbtui.open_logdir(tmp_path, longest_record=longest)["."].blobs["images", "picture"].reference(-1)
        with pytest.raises(BlobUnreadable, match=reason):
            read_payload(reference)
        found = [str(one) for one in read_values([reference])]
        assert len(found) == 1
        assert re.search(reason, found[0])


@pytest.mark.parametrize(("megabytes", "reason"), [("10", "too long"), ("11", "checksum")])
def test_the_command_line_says_how_long_a_record_may_be(
    megabytes: str, reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs = tmp_path / "logs"
    logs.mkdir()
    sparse_image(logs / NAME, 10 * MEGABYTE)
    main(["inspect", "--longest-record", megabytes, str(logs)])
    assert reason in capsys.readouterr().out


@pytest.mark.parametrize(("length", "problems"), [((1 << 31) - 1, 0), (1 << 40, 1), ((1 << 64) - 1, 1)])
def test_an_announced_length_takes_no_memory(tmp_path: Path, length: int, problems: int) -> None:
    """A length is not believed before its bytes are there, though its checksum is right."""
    write(tmp_path / "whole" / NAME, header(), scalars(0, 5))
    announced = struct.pack("<QI", length, length_checksum(length))
    write(tmp_path / "torn" / NAME, header(), scalars(0, 5), announced, b"\x09")
    usual, _ = most_memory(tmp_path / "whole")
    most, logdir = most_memory(tmp_path / "torn")
    assert most < usual + MEGABYTE
    assert logdir["."].scalars["loss"].points().values.tolist() == list(range(5))
    assert len(logdir.store.problems()) == problems


def most_memory(path: Path) -> tuple[int, LogDir]:
    """How many bytes opening a log directory takes at most, and what was opened."""
    tbtui.open_logdir(path)  # imports and tables
    tracemalloc.start()
    try:
        logdir = tbtui.open_logdir(path)
        return tracemalloc.get_traced_memory()[1], logdir
    finally:
        tracemalloc.stop()


def test_memory_is_flat_while_a_run_is_watched_for_long(tmp_path: Path) -> None:
    """Thousands of looks at growing files cost what the new points cost, and looks at quiet files nothing."""
    paths = [write(tmp_path / run / NAME, header()) for run in "abc"]
    used: list[int] = []
    with tbtui.open_logdir(tmp_path) as logdir:

        def watch(first: int, stop: int) -> None:
            for step in range(first, stop):
                for path in paths[:2]:
                    append(path, scalar(step, step / 3), scalar(step, 1.0, "accuracy"))
                logdir.refresh()
                if step % 10 == 0:
                    for run in logdir.runs():
                        for series in run.scalars.values():
                            series.points()

        watch(0, 300)
        tracemalloc.start()
        try:
            used.append(tracemalloc.get_traced_memory()[0])
            watch(300, 1500)
            used.append(tracemalloc.get_traced_memory()[0])
            for _ in range(1000):
                logdir.refresh()
            used.append(tracemalloc.get_traced_memory()[0])
        finally:
            tracemalloc.stop()
        assert counts(logdir) == {(run, tag): 1500 for run in "ab" for tag in ("loss", "accuracy")}
    points = 1200 * 4
    assert (used[1] - used[0]) / points < 120, "bytes a point"
    assert used[2] - used[1] < 20_000, "bytes while nothing happened"
