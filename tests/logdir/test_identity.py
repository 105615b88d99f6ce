"""When a file is still the file that was read."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tbtui.logdir.diagnose import diagnose
from tbtui.logdir.files import file_order, sniff
from tbtui.logdir.identity import HEAD_BYTES, TAIL_BYTES, Identity, Verdict, advance, verify
from tests.support.logfiles import header, scalars


def know(path: Path, *pieces: int) -> Identity:
    """The identity after the file was read in pieces of these sizes."""
    data, status, known, done = path.read_bytes(), path.stat(), None, 0
    for size in pieces or (len(data),):
        used = data[done : done + size]
        known = advance(known, status, len(used), used[:HEAD_BYTES], used[-TAIL_BYTES:])
        done += len(used)
    assert known is not None
    return known


def judge(known: Identity, path: Path, trust_inode: bool = True) -> Verdict:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        return verify(known, descriptor, os.fstat(descriptor), trust_inode=trust_inode)
    finally:
        os.close(descriptor)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "events.out.tfevents.1"
    file.write_bytes(header() + scalars(0, 50))
    return file


@pytest.mark.parametrize("pieces", [(), (40, 1, 7, 2000), (300, 30, 5, 2000), (1,) * 700])
def test_head_and_tail_are_what_the_file_has(path: Path, pieces: tuple[int, ...]) -> None:
    known = know(path, *pieces)
    data = path.read_bytes()
    used = min(sum(pieces), len(data)) if pieces else len(data)
    assert known.offset == used
    assert known.head == data[: min(HEAD_BYTES, used)]
    assert known.tail == data[:used][-TAIL_BYTES:]
    assert judge(known, path) == "same"


def test_what_was_stepped_over_is_not_known(path: Path) -> None:
    status = path.stat()
    known = advance(advance(None, status, 40, b"x" * 40, b"x" * 40), status, 1000, b"y" * 256, b"")
    assert (known.offset, known.tail, len(known.head)) == (1040, b"", 256)


def test_growth_is_the_same_file(path: Path) -> None:
    known = know(path)
    with open(path, "ab") as file:
        file.write(scalars(50, 60))
    assert judge(known, path) == "same"


def test_cut_or_rewritten_in_place_is_truncated(path: Path) -> None:
    known, data = know(path), path.read_bytes()
    path.write_bytes(data[:-1])
    assert judge(known, path) == "truncated"
    path.write_bytes(header(wall=1.0) + scalars(0, 60))
    assert judge(known, path) == "truncated"
    path.write_bytes(data[: len(data) // 2] + scalars(100, 150))
    assert judge(known, path) == "truncated"
    path.write_bytes(data)
    assert judge(known, path) == "same"


@pytest.mark.parametrize("extra", [b"", b"more"])
def test_another_inode_is_another_file_unless_inodes_mean_nothing(path: Path, extra: bytes) -> None:
    known = know(path)
    other = path.with_name("other")
    other.write_bytes(path.read_bytes() + extra)
    os.replace(other, path)
    assert judge(known, path) == "replaced"
    assert judge(known, path, trust_inode=False) == "same"
    path.write_bytes(b"short")
    assert judge(known, path, trust_inode=False) == "replaced"


@pytest.mark.parametrize(
    ("head", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:abc\nsize 1\n", "git lfs pull"),
        (b"\x1f\x8b\x08\x00\x00\x00\x00\x00" + bytes(20), "gzip"),
        (b"PK\x03\x04" + bytes(20), "zip"),
        (b"<!DOCTYPE html><html><body>Not found</body></html>", "HTML"),
        (b"\xef\xbb\xbf<html>", "HTML"),
        (b"just some notes about a run\n", "text file"),
        ("déjà vu, encore une fois".encode(), "text file"),
    ],
)
def test_foreign_files_are_named(head: bytes, words: str) -> None:
    sentence = diagnose(head)
    assert sentence is not None
    assert words in sentence
    assert "\n" not in sentence


@pytest.mark.parametrize("head", [b"", b"\x18", bytes(100), b"\x9b\x03\xf1\x5e\x88" + bytes(8), b"\xff" * 64])
def test_what_is_not_known_is_not_named(head: bytes) -> None:
    assert diagnose(head) is None


def test_a_sound_header_says_more_than_a_signature(tmp_path: Path) -> None:
    from tbtui.events.checksum import masked_crc32c

    length = b"\x1f\x8b\x00\x00\x00\x00\x00\x00"
    file = tmp_path / "f"
    for content, foreign in [(length + masked_crc32c(length).to_bytes(4, "little"), False), (length + bytes(4), True)]:
        file.write_bytes(content)
        descriptor = os.open(file, os.O_RDONLY)
        assert (sniff(descriptor) is not None) == foreign
        os.close(descriptor)


def test_files_of_a_run_are_ordered_by_bytes_with_trailing_numbers_by_value() -> None:
    names = [
        "events.out.tfevents",
        "events.out.tfevents.1600000000.host.9.0",
        "events.out.tfevents.1700000000.host.7.2",
        "events.out.tfevents.1700000000.host.7.10",
        "events.out.tfevents.1700000000.host.7.10.v2",
        "events.out.tfevents.1700000000.host.12.0",
        "events.out.tfevents.1700000000.host2.1.0",
        "events.out.tfevents.999",
    ]
    mixed = [*names[1::2], *names[::2]]
    assert sorted(mixed, key=file_order) == names
    assert len({file_order(name) for name in ["a.tfevents.1700000000.01", "a.tfevents.1700000000.1"]}) == 2
