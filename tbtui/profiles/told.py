"""What else is told of spans: JSON in a file, read as it is asked for."""

from __future__ import annotations

import mmap
from collections.abc import Mapping, Sequence
from typing import Any, BinaryIO

import msgspec
import numpy as np
from numpy.typing import NDArray

_DECODE = msgspec.json.Decoder()


class Told:
    """The JSON objects of spans, one behind the other in a file; called with the index of a span it gives its own."""

    def __init__(self, store: BinaryIO) -> None:
        self.store = store
        self.starts = np.empty(0, np.int64)
        self.lengths = np.empty(0, np.int32)
        self._map: mmap.mmap | bytes | None = None
        self._size = store.tell()

    def add(self, objects: Sequence[msgspec.Raw]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Writes the objects of some spans; where they begin, and how long they are, int64[n] both."""
        lengths = np.array([len(one) for one in objects], np.int64)
        ends = np.cumsum(lengths) + self._size
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
        except msgspec.DecodeError:
            return {}
        return found if isinstance(found, dict) else {}

    def _bytes(self) -> mmap.mmap | bytes:
        if self._map is None:
            self.store.flush()
            try:
                self._map = mmap.mmap(self.store.fileno(), 0, access=mmap.ACCESS_READ)
            except (OSError, ValueError):  # a file in memory
                self.store.seek(0)
                self._map = self.store.read()
        return self._map
