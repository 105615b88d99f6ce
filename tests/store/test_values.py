"""The cache of decoded values: bounded in bytes, shared by threads, reasons kept."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tbtui.events.parse import Value
from tbtui.store.blobs import BlobUnreadable
from tbtui.store.history import FileSlot
from tbtui.store.series import Reference
from tbtui.store.values import Unreadable, Values

SLOT = FileSlot((), "f", "f")
reads: list[int] = []


@pytest.fixture(autouse=True)
def _fresh() -> None:
    reads.clear()


def place(number: int) -> Reference:
    return Reference(number, 0.0, SLOT, number * 100, 50, 0)


def read(reference: Reference) -> Value:
    reads.append(reference.offset)
    if reference.offset == 700:
        raise BlobUnreadable("the file is gone")
    return Value(str(reference.offset), "tensor", None, None, False, memoryview(b""))


def values(most: int = 1000) -> Values[str]:
    return Values(lambda value: value.tag, most, lambda tag: 100, read)


def test_a_value_is_read_once() -> None:
    kept = values()
    assert kept.peek(place(3)) is None
    assert kept.get(place(3)) == kept.get(place(3)) == kept.peek(place(3)) == "300"
    assert reads == [300]


def test_the_ones_used_last_stay() -> None:
    kept = values(300)
    for number in (1, 2, 3):
        kept.get(place(number))
    kept.get(place(1))
    kept.get(place(4))
    assert kept.bytes == 300
    assert len(kept) == 3
    assert kept.peek(place(2)) is None
    assert kept.peek(place(1)) == "100"
    kept.forget()
    assert kept.bytes == 0
    assert kept.peek(place(1)) is None


def test_a_value_larger_than_all_is_kept_alone() -> None:
    kept = values(50)
    assert kept.get(place(1)) == "100"
    assert kept.peek(place(1)) == "100"
    kept.get(place(2))
    assert len(kept) == 1


def test_a_reason_is_kept() -> None:
    kept = values()
    assert kept.get(place(7)) == kept.get(place(7)) == Unreadable("the file is gone")
    assert reads == [700]


def test_a_rewritten_file_is_another_one() -> None:
    kept = values()
    kept.get(place(3))
    again = Reference(3, 0.0, FileSlot((), "f", "f"), 300, 50, 0)
    assert kept.peek(again) is None


def test_threads_share_it() -> None:
    kept = values(500)
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda n: kept.get(place(n % 20 + 10)), range(400)))
    assert found == [str((n % 20 + 10) * 100) for n in range(400)]
    assert kept.bytes == 100 * len(kept) <= 500
