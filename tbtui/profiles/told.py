"""What else is told of spans: JSON in a file, read as it is asked for."""

from __future__ import annotations

import mmap
import weakref
from collections.abc import Mapping, Sequence
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

_DECODE = msgspec.json.Decoder()


class Told:
    """The JSON objects of spans, one behind the other in a file; called with the index of a span it gives its own."""

    def __init__(self, store: IO[bytes] | None) -> None:
        self.store = store
        self.starts: NDArray[np.int64] = np.empty(0, np.int64)
        self.lengths: NDArray[np.int32] = np.empty(0, np.int32)
        self._text: mmap.mmap | memoryview | bytes | None = None
        self._size = 0
        if store is not None:
            weakref.finalize(self, store.close)  # it is as long open as somebody may ask

    @classmethod
    def of(cls, text: memoryview, starts: NDArray[np.int64], lengths: NDArray[np.int32]) -> Told:
        """Objects that were written before."""
        told = cls(None)
        told._text, told.starts, told.lengths = text, starts, lengths
        return told

    def add(self, objects: Sequence[msgspec.Raw]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Writes the objects of some spans; where they begin, and how long they are, int64[n] both."""
        lengths = np.array([len(one) for one in objects], np.int64)
        ends = np.cumsum(lengths) + self._size
        if self.store is not None:
            self.store.write(b"".join(objects))
        self._size = int(ends[-1]) if len(ends) else self._size
        return ends - lengths, lengths

    def places(self, starts: NDArray[np.int64], lengths: NDArray[np.int32]) -> None:
        """Says where the object of each span lies, in the order of the profile."""
        self.starts, self.lengths = starts, lengths

    def __call__(self, index: int) -> Mapping[str, Any]:
        """What is told of a span; nothing where that can't be read."""
        length = int(self.lengths[index])
        if not length:
            return {}
        start = int(self.starts[index])
        try:
            found = _DECODE.decode(self._bytes()[start : start + length])
        except (msgspec.DecodeError, UnicodeDecodeError):
            return {}
        return found if isinstance(found, dict) else {}

    def _bytes(self) -> mmap.mmap | memoryview | bytes:
        if self._text is None and self.store is not None:
            self.store.flush()
            try:
                self._text = mmap.mmap(self.store.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):  # a file in memory, or an empty one
                self.store.seek(0)
                self._text = self.store.read()
        return b"" if self._text is None else self._text
