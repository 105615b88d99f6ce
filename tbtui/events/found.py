"""What the fast paths find in the spans of a buffer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.events.chunk import Columns, Span
from tbtui.events.heads import Positions
from tbtui.events.others import Place
from tbtui.events.parts import ScalarParts


class Found:
    """Collects what is found in the spans of one buffer: points, positions of bad records, positions of the others.

    The spans may be pieces of others: `owners[i]` is the number by which span i is told (None: its own).
    """

    def __init__(self, parts: ScalarParts, spans: Sequence[Span], owners: Sequence[int] | None = None) -> None:
        self.parts = parts
        self.bad: list[Positions] = []
        self.others: list[Positions] = []
        self.spans = len(spans)
        self._begins = np.array([span.begin for span in spans], np.int64)
        self._shifts = np.array([span.offset - span.begin for span in spans], np.int64)
        self._owners = np.arange(len(spans)) if owners is None else np.array(owners, np.int64)

    def place(self, at: Positions) -> Place:
        """Where the records at these positions come from."""
        spans = np.searchsorted(self._begins, at, "right") - 1
        return Place(self._owners[spans], at + self._shifts[spans])

    def add(
        self, tags: Sequence[str], columns: Columns, keys: NDArray[Any], begins: Positions, ends: Positions
    ) -> None:
        """Take in points: `begins[i]` to `ends[i]`, in the order of the columns, are of the tag and the span that
        `keys[i]` tells, which is the number of the tag times that of all spans, plus the number of the span."""
        number, spans = np.divmod(keys, self.spans)
        self.parts.add(columns, tags, number, self._owners[spans], self._shifts[spans], begins, ends)
