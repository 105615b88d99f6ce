"""Decoded values of blobs, kept for as long as they are looked at: a cache that is bounded in bytes, for any thread.

What can't be read is kept too, as the reason in words, so that it is not tried again with every frame.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock
from typing import Generic, TypeVar

from tbtui.events.parse import Value
from tbtui.events.summaries import BadSummary
from tbtui.store.blobs import BlobUnreadable, read_value
from tbtui.store.series import Reference

__all__ = ["Unreadable", "Values"]

T = TypeVar("T")
Key = tuple[int, int, int]

_REASON_BYTES = 200
_MOST_ENTRIES = 100_000


@dataclass(frozen=True, slots=True)
class Unreadable:
    """Why a value can't be shown."""

    reason: str


class Values(Generic[T]):
    """Values that `decode` makes of what lies in files, the ones used last within `most_bytes`.

    decode: may raise BadSummary (or any ValueError), whose text is the reason; size: bytes that a decoded value takes.
    """

    def __init__(
        self,
        decode: Callable[[Value], T],
        most_bytes: int,
        size: Callable[[T], int],
        read: Callable[[Reference], Value] = read_value,
    ) -> None:
        self._decode = decode
        self._size = size
        self._read = read
        self._lock = Lock()
        self._kept: OrderedDict[Key, tuple[T | Unreadable, int, object]] = OrderedDict()
        self.most_bytes = most_bytes
        self.bytes = 0
        """Of all that is kept."""

    def __len__(self) -> int:
        return len(self._kept)

    def peek(self, reference: Reference) -> T | Unreadable | None:
        """The value if it is at hand; None where it has to be read. Never waits: for the event loop."""
        key = _key(reference)
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            self._kept.move_to_end(key)
            return found[0]

    def get(self, reference: Reference) -> T | Unreadable:
        """The value, read and decoded where it is not at hand. It may take its time: not for the event loop."""
        found = self.peek(reference)
        if found is not None:
            return found
        value: T | Unreadable
        try:
            value = self._decode(self._read(reference))
            size = self._size(value)
        except (BlobUnreadable, BadSummary, ValueError) as error:
            value, size = Unreadable(str(error)), _REASON_BYTES
        self._keep(reference, value, size)
        return value

    def forget(self) -> None:
        """Drop everything."""
        with self._lock:
            self._kept.clear()
            self.bytes = 0

    def _keep(self, reference: Reference, value: T | Unreadable, size: int) -> None:
        key = _key(reference)
        with self._lock:
            before = self._kept.pop(key, None)
            self.bytes += size - (before[1] if before else 0)
            self._kept[key] = (value, size, reference.slot)  # the slot lives as long, so that its id is its own
            while len(self._kept) > 1 and (self.bytes > self.most_bytes or len(self._kept) > _MOST_ENTRIES):
                self.bytes -= self._kept.popitem(last=False)[1][1]


def _key(reference: Reference) -> Key:
    return id(reference.slot), reference.offset, reference.index
