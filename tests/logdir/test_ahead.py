"""Reading on while the bytes before are decoded: the same is found, whatever happens to the file in the meantime."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tbtui.logdir import reading as reading_module
from tbtui.logdir.ahead import ReadAhead
from tbtui.logdir.identity import StatKey
from tbtui.logdir.reading import BiteReader, Cursor, ReadRequest
from tests.support.eventfiles import Reading, curve, expected, framed, version

SMALLEST = 1 << 16
ASCII = bytes(range(128)) * 2


@pytest.fixture
def at_hand(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """How many bytes were at hand for each file that was opened; also small files are read ahead."""
    found: list[int] = []

    class Watched(ReadAhead):
        def bytes_at_hand(self, path: str, key: StatKey, offset: int) -> int:
            found.append(super().bytes_at_hand(path, key, offset))
            return found[-1]

    monkeypatch.setattr(reading_module, "_AHEAD", 0)
    monkeypatch.setattr(reading_module, "ReadAhead", Watched)
    return found


def data_of(steps: int, tag: str = "loss") -> bytes:
    return version() + b"".join(curve(tag, steps))


def read(path: Path, between: Callable[[int], None] = lambda bite: None, reader: BiteReader | None = None) -> Reading:
    """Read a file to its end, doing something between bites."""
    reader, cursor, found = reader or BiteReader(), Cursor(str(path)), Reading()
    for bite in range(100):
        (result,) = reader.read([ReadRequest(cursor)], SMALLEST)
        if result.error is not None:
            raise result.error
        assert result.chunk is not None
        found.add(result.chunk, result.span)
        if result.waiting != "more":
            break
        between(bite)
    return found


def nobody_reads() -> bool:
    return not any(thread.name == "tbtui-ahead" for thread in threading.enumerate())


def test_all_bites_but_the_first_are_at_hand(tmp_path: Path, at_hand: list[int]) -> None:
    data = data_of(8000)
    (tmp_path / "f").write_bytes(data)
    found = read(tmp_path / "f")
    assert found.sorted_points() == expected(data)
    assert found.consumed == len(data)
    assert at_hand[0] == 0
    assert len(at_hand) > 4
    assert all(at_hand[1:])
    assert nobody_reads()


def test_records_that_do_not_end_with_a_bite(tmp_path: Path, at_hand: list[int]) -> None:
    chance = random.Random(3)
    parts = [
        framed(b"\x09" + bytes(8) + b"\x1a\x7f" + chance.randbytes(127).translate(ASCII))
        + b"".join(curve("a", 5, "tf2"))
        for _ in range(900)
    ]
    (tmp_path / "f").write_bytes(b"".join(parts))
    assert read(tmp_path / "f").sorted_points() == expected(b"".join(parts))
    assert all(at_hand[1:])


def test_damage_at_the_end_of_bites(tmp_path: Path, at_hand: list[int]) -> None:
    data = bytearray(data_of(8000))
    for place in range(SMALLEST - 500, len(data), SMALLEST // 2):
        data[place : place + 700] = b"\xff" * 700
    (tmp_path / "f").write_bytes(data)
    found = read(tmp_path / "f")
    plain = BiteReader()
    plain._ahead.begin = lambda *_: None  # type: ignore[method-assign]
    wanted = read(tmp_path / "f", reader=plain)
    assert found.sorted_points() == wanted.sorted_points()
    assert found.problems == wanted.problems
    assert any(at_hand)


def test_a_file_that_grows_in_the_meantime(tmp_path: Path, at_hand: list[int]) -> None:
    path = tmp_path / "f"
    data = data_of(8000)
    path.write_bytes(data[: len(data) // 2])

    def grow(bite: int) -> None:
        if bite == 1:
            path.write_bytes(data)

    assert read(path, grow).sorted_points() == expected(data)
    assert at_hand[2] == 0


def test_a_file_that_is_rewritten_in_the_meantime(tmp_path: Path, at_hand: list[int]) -> None:
    """What is read ahead of one file is not taken for bytes of another."""
    path = tmp_path / "f"
    path.write_bytes(data_of(8000, "loss"))

    def rewrite(bite: int) -> None:
        if bite == 1:
            (tmp_path / "new").write_bytes(data_of(8000, "last"))
            os.replace(tmp_path / "new", path)

    found = read(path, rewrite).sorted_points()
    assert at_hand[2] == 0
    assert found["last"][0][3] > found["loss"][-1][3]


def test_a_file_that_vanishes_in_the_meantime(tmp_path: Path, at_hand: list[int]) -> None:
    path = tmp_path / "f"
    path.write_bytes(data_of(8000))
    with pytest.raises(FileNotFoundError):
        read(path, lambda bite: path.unlink())
    assert at_hand == [0]


def test_another_file_comes_next(tmp_path: Path, at_hand: list[int]) -> None:
    cursors = []
    for name in "ab":
        (tmp_path / name).write_bytes(data_of(8000, name))
        cursors.append(Cursor(str(tmp_path / name)))
    reader, found = BiteReader(), [Reading(), Reading()]
    for bite in range(40):
        (result,) = reader.read([ReadRequest(cursors[bite % 2])], SMALLEST)
        assert result.chunk is not None
        found[bite % 2].add(result.chunk, result.span)
    assert [one.sorted_points() for one in found] == [expected(data_of(8000, name)) for name in "ab"]
    assert not any(at_hand)


def test_memory_is_given_back_while_somebody_reads(tmp_path: Path, at_hand: list[int]) -> None:
    path = tmp_path / "f"
    data = data_of(8000)
    path.write_bytes(data)
    reader = BiteReader()
    assert read(path, lambda bite: reader.release(), reader).sorted_points() == expected(data)
    assert not any(at_hand)
    assert nobody_reads()


def test_nothing_to_read() -> None:
    assert BiteReader().read([]) == []
