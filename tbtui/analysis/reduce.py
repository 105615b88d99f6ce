"""Long series cut down to what fits a screen, without losing a point: the smallest and largest value in each column.

A `Pyramid` holds the extremes of blocks of values, so that ten million points cost as much as a few hundred.
`extents.stacked_extents` asks it for the extremes between the edges of the columns of a plot.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

__all__ = [
    "BELOW",
    "BLOCK",
    "MINUS_INF",
    "NAN",
    "PLUS_INF",
    "Pyramid",
    "find_turns",
    "flags_of",
    "nearest",
]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.int64]
Flags = npt.NDArray[np.uint8]
Values = npt.NDArray[np.float64] | npt.NDArray[np.float32]
Places = npt.NDArray[np.float64] | npt.NDArray[np.int64]

NAN, PLUS_INF, MINUS_INF, BELOW = 1, 2, 4, 8
"""Bits that say what else is among some values: no number, infinities, numbers that a log scale has no place for."""

BLOCK = 128
"""Values in a block of a pyramid."""

_DIRECT, _DIRECT_BAD = 262144, 16384
"""So many values are sooner looked at one by one than by their blocks: all of them finite, or not."""
_INT_END = 2.0**63
_NO_TURNS: Integers = np.empty(0, np.int64)


class _Extremes(NamedTuple):
    """Of groups of values: smallest, largest (inf and -inf where nothing counts), and flags of what does not count."""

    low: Values
    high: Values
    flags: Flags


_NOTHING = _Extremes(np.empty(0), np.empty(0), np.empty(0, np.uint8))


class Pyramid:
    """Extremes of blocks of a growing array of values; what is not finite does not count and is told of by flags.

    positive: only values above 0 count, for log scales; finite others set the flag BELOW.
    Costs an eighth of a byte a value of float64.
    """

    def __init__(self, values: npt.ArrayLike = (), positive: bool = False) -> None:
        self.values: Values = _NOTHING.low
        self._only_positive = positive
        self._blocks = _NOTHING
        self._count = 0  # blocks that are filled in; the arrays have room for more
        self._clean = True  # whether every value of these blocks counts
        self._others: Pyramid | None = None
        if len(new := np.asarray(values)):
            self.update(new)

    def __len__(self) -> int:
        return len(self.values)

    def update(self, values: npt.ArrayLike, keep: int | None = None) -> None:
        """Takes the values as they are now, and looks only at new ones.

        values: float64 or float32 [n], never changed afterwards.  keep: how many of the first values are the same as at
        the last call; by default all of them when the array is a longer view of the same memory, else none.
        """
        new = np.asarray(values)
        if new.dtype not in (np.float64, np.float32):
            new = new.astype(np.float64)
        if keep is None:
            keep = len(self.values) if _begins_with(new, self.values) else 0
        if new.dtype != self.values.dtype:
            keep = 0
        self.values = new
        self._count = min(self._count, min(keep, len(new)) // BLOCK)
        self._extend()
        if self._others is not None:
            self._others.update(new, keep)

    def positive(self) -> Pyramid:
        """The pyramid of the positive values only; this one itself where there are no others."""
        if self._only_positive or self.overall()[0] > 0:
            return self
        if self._others is None:
            self._others = Pyramid(self.values, positive=True)
        return self._others

    def overall(self) -> tuple[float, float, int]:
        """Smallest and largest of all values that count (inf and -inf where none does), and the flags of the others."""
        low, high, flags = np.inf, -np.inf, 0
        tail = self._groups(self.values[self._count * BLOCK :], np.zeros(1, np.int64))
        for part, count in ((self._blocks, self._count), (tail, len(tail.low))):
            low = min(low, float(part.low[:count].min(initial=np.inf)))
            high = max(high, float(part.high[:count].max(initial=-np.inf)))
            flags |= int(np.bitwise_or.reduce(part.flags[:count]))
        return low, high, flags

    def between(self, bounds: Integers) -> tuple[Floats, Floats, Flags]:
        """Extremes of values[bounds[k]:bounds[k + 1]] for each k; bounds never go down.

        Returns smallest and largest float64[k] (inf and -inf where nothing counts) and flags uint8[k].
        """
        count = len(bounds) - 1
        low, high, flags = np.full(count, np.inf), np.full(count, -np.inf), np.zeros(count, np.uint8)
        first, last = int(bounds[0]), int(bounds[-1])
        limit = max(_DIRECT if self._clean else _DIRECT_BAD, BLOCK * count)
        if last - first <= limit or not self._count:
            filled = np.flatnonzero(bounds[1:] > bounds[:-1])
            if len(filled):
                found = self._groups(self.values[first:last], bounds[filled] - first)
                low[filled], high[filled], flags[filled] = found
            return low, high, flags
        # Whole blocks in the middle of each stretch, single values at its ends.
        begins, ends = bounds[:-1], bounds[1:]
        block_begins = np.minimum(-(-begins // BLOCK), self._count)
        block_ends = np.maximum(np.minimum(ends // BLOCK, self._count), block_begins)
        whole = np.flatnonzero(block_ends > block_begins)
        if len(whole):
            found = self._whole_blocks(block_begins[whole], block_ends[whole])
            low[whole], high[whole], flags[whole] = found
        head_ends = np.maximum(np.minimum(block_begins * BLOCK, ends), begins)
        tail_begins = np.maximum(block_ends * BLOCK, head_ends)
        for part_begins, part_ends in ((begins, head_ends), (tail_begins, ends)):
            part = np.flatnonzero(part_ends > part_begins)
            if len(part):
                indices, starts = _ranges(part_begins[part], part_ends[part])
                found = self._groups(self.values[indices], starts)
                low[part] = np.minimum(low[part], found.low)
                high[part] = np.maximum(high[part], found.high)
                flags[part] |= found.flags
        return low, high, flags

    def counts(self, values: npt.ArrayLike) -> Bools:
        """Which of these values count."""
        numbers = np.asarray(values)
        ok: Bools = np.isfinite(numbers)
        if self._only_positive:
            ok = ok & (numbers > 0)
        return ok

    def _whole_blocks(self, begins: Integers, ends: Integers) -> _Extremes:
        stops = int(ends[-1])
        cuts = np.empty(2 * len(begins) - 1, np.int64)
        cuts[0::2], cuts[1::2] = begins, ends[:-1]
        # Between the end of one stretch and the beginning of the next lies at most a block: every other answer is of
        # that, and is dropped. Where nothing lies between, reduceat answers with the block itself, dropped as well.
        low, high, flags = (part[:stops] for part in self._blocks)
        return _Extremes(
            np.minimum.reduceat(low, cuts)[::2],
            np.maximum.reduceat(high, cuts)[::2],
            np.bitwise_or.reduceat(flags, cuts)[::2],
        )

    def _groups(self, values: Values, starts: Integers) -> _Extremes:
        """Extremes of the groups that begin at `starts` (rising strictly) and end where the next begins."""
        if not len(values):
            return _Extremes(values, values, np.empty(0, np.uint8))
        with np.errstate(invalid="ignore"):
            low, high = np.minimum.reduceat(values, starts), np.maximum.reduceat(values, starts)
            clean = np.isfinite(low) & np.isfinite(high)
            if self._only_positive:
                clean &= low > 0
            flags = np.zeros(len(starts), np.uint8)
            if clean.all():
                return _Extremes(low, high, flags)
            ok = self.counts(values)
            return _Extremes(
                np.minimum.reduceat(np.where(ok, values, np.inf), starts),
                np.maximum.reduceat(np.where(ok, values, -np.inf), starts),
                np.bitwise_or.reduceat(flags_of(values, ok), starts),
            )

    def _extend(self) -> None:
        """Fills in the blocks that are complete by now."""
        old, new = self._count, len(self.values) // BLOCK
        if new <= old:
            return
        if new > len(self._blocks.low) or self._blocks.low.dtype != self.values.dtype:
            room = new + new // 4 + 16
            grown = _Extremes(
                np.empty(room, self.values.dtype), np.empty(room, self.values.dtype), np.empty(room, np.uint8)
            )
            for larger, part in zip(grown, self._blocks, strict=True):
                larger[:old] = part[:old]
            self._blocks = grown
        fresh = self.values[old * BLOCK : new * BLOCK]
        found = self._groups(fresh, np.arange(0, len(fresh), BLOCK))
        for part, values in zip(self._blocks, found, strict=True):
            part[old:new] = values
        self._count = new
        self._clean = (self._clean or not old) and not bool(found.flags.any())


def flags_of(values: Values, ok: Bools) -> Flags:
    """The flags of values that do not count, uint8[n]; 0 where `ok`."""
    flags = np.zeros(len(values), np.uint8)
    odd = np.flatnonzero(~ok)
    found = values[odd]
    kinds = np.where(np.isfinite(found), BELOW, np.where(found > 0, PLUS_INF, MINUS_INF))
    flags[odd] = np.where(np.isnan(found), NAN, kinds)
    return flags


def find_turns(x: Places, start: int = 0) -> Integers:
    """Where x does not go on upwards: indices i >= max(start, 1) for which not x[i] >= x[i - 1]. int64[k]."""
    start = max(start, 1)
    if (x[start:] >= x[start - 1 : -1]).all():
        return _NO_TURNS
    return np.flatnonzero(~(x[start:] >= x[start - 1 : -1])) + start


def nearest(x: Places, place: float, turns: Integers | None = None) -> int | None:
    """The index of the point whose x is nearest to a place; of several the last one. None where there is none."""
    if turns is None:
        turns = find_turns(x)
    if len(turns):
        with np.errstate(all="ignore"):
            distances = np.abs(x.astype(np.float64) - place)
        if np.isnan(distances).all():
            return None
        return len(x) - 1 - int(np.nanargmin(distances[::-1]))
    after = int(x.searchsorted(np.array(place, np.float64) if x.dtype.kind == "f" else _whole(place), "right"))
    candidates = [i for i in (after - 1, after) if 0 <= i < len(x)]
    if not candidates:
        return None
    best = min(candidates, key=lambda i: abs(float(x[i]) - place))
    return int(x.searchsorted(x[best], "right")) - 1


def _whole(place: float) -> np.int64:
    return np.int64(min(max(np.floor(place), -_INT_END), _INT_END - 1024)) if place == place else np.int64(0)


def _ranges(begins: Integers, ends: Integers) -> tuple[Integers, Integers]:
    """The integers of several stretches one after the other, and where each stretch begins among them."""
    lengths = ends - begins
    starts = np.cumsum(lengths) - lengths
    return np.repeat(begins - starts, lengths) + np.arange(int(lengths.sum())), starts


def _begins_with(new: Values, old: Values) -> bool:
    """Whether an array is a longer view of the same memory (which the owner of the old one keeps from changing)."""
    if not len(old) or len(new) < len(old) or new.dtype != old.dtype:
        return False
    return bool(new.ctypes.data == old.ctypes.data and new.strides == old.strides)
