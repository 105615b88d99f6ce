"""Digests of all histograms of the series on the screen: read in a thread, first a sample, then every step.

What is kept of a histogram is a row of numbers (`analysis.digests`), so that a series of hundreds of megabytes becomes
some kilobytes. Steps that were read once are not read again while the run goes on.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tbtui.analysis.digests import WIDTH, digests
from tbtui.dashboards.fetching import Fetching
from tbtui.events.summaries import BadSummary, Histogram, histogram
from tbtui.store.blobs import BlobUnreadable
from tbtui.store.sweep import read_values

if TYPE_CHECKING:
    from tbtui.store import BlobSeries, Reference

__all__ = ["Digest", "Digests"]

FIRST = 24
"""Evenly spread steps of every series that are read before any other."""

FINER = 4
"""So many times as many in each round after that."""

PIECE = 0.05
"""Seconds of reading after which what is there is shown, and something newer may be asked for."""

BATCH = 32
"""Histograms whose digests are made at once."""

MOST_ROWS = 300_000
"""Rows that are kept in all, of the series looked at last: about 200 bytes each."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Digest:
    """What is known of a series by now, in its order.

    steps int64[n], walls float64[n], rows float64[n, WIDTH] of the steps that were read; total: how many there are.
    unreadable: how many of those could not be read; reason: why the last of them could not.
    """

    steps: npt.NDArray[np.int64]
    walls: Floats
    rows: Floats
    total: int = 0
    unreadable: int = 0
    reason: str = ""
    stamp: int = 0
    """Another number whenever something was added."""

    @property
    def complete(self) -> bool:
        """Whether every step was read."""
        return len(self.steps) + self.unreadable >= self.total


NOTHING = Digest(np.empty(0, np.int64), np.empty(0), np.empty((0, WIDTH)))

_Key = tuple[int, int, int]


@dataclass(slots=True)
class _Track:
    """All that was read of a series."""

    table: Floats
    places: dict[_Key, int] = field(default_factory=dict)  # of a value -> its row, -1 where it can't be read
    used: int = 0
    reason: str = ""
    slots: set[Any] = field(default_factory=set)  # they live as long, so that their ids are their own
    digest: Digest = NOTHING

    def add(self, keys: Sequence[_Key], rows: Floats) -> None:
        """Keep rows."""
        end = self.used + len(rows)
        if end > len(self.table):
            table = np.empty((max(end, 64, len(self.table) * 3 // 2), self.table.shape[1]))
            table[: self.used] = self.table[: self.used]
            self.table = table
        self.table[self.used : end] = rows
        self.places.update(zip(keys, range(self.used, end), strict=True))
        self.used = end


class Digests:
    """Digests by series, of those that were asked for last.

    start, arrived: see `Fetching`. purge: superseded values are left out. make: the rows of some histograms, of `width`
    numbers each; most_rows: how many are kept in all.
    """

    def __init__(
        self,
        start: Callable[[Coroutine[object, object, None]], object],
        arrived: Callable[[], object],
        purge: bool = True,
        clock: Callable[[], float] = time.perf_counter,
        make: Callable[[Sequence[Histogram]], Floats] = digests,
        width: int = WIDTH,
        most_rows: int = MOST_ROWS,
    ) -> None:
        self._make = make
        self._width = width
        self._most_rows = most_rows
        self.fetching = Fetching(start, arrived)
        self._purge = purge
        self._clock = clock
        self._tracks: OrderedDict[int, tuple[BlobSeries, _Track]] = OrderedDict()

    def want(self, wanted: Sequence[BlobSeries]) -> None:
        """Read these, the first ones first. Cheap when nothing changed; for the event loop."""
        for series in wanted:
            key = id(series)
            if key not in self._tracks:
                self._tracks[key] = (series, _Track(np.empty((0, self._width))))
            self._tracks.move_to_end(key)
        kept = {id(series) for series in wanted}
        rows = sum(track.used for _, track in self._tracks.values())
        for key in [key for key in self._tracks if key not in kept]:
            if rows <= self._most_rows:
                break
            rows -= self._tracks.pop(key)[1].used
        if wanted:
            jobs = [(series, self._tracks[id(series)][1]) for series in wanted]
            key_of_all = tuple((id(series), series.version) for series in wanted)
            self.fetching.ask(key_of_all, lambda: self._read(jobs))

    def of(self, series: BlobSeries) -> Digest:
        """What is known of a series by now. Never waits."""
        found = self._tracks.get(id(series))
        return found[1].digest if found is not None else NOTHING

    async def settled(self) -> None:
        """Wait until everything that was asked for is read."""
        await self.fetching.settled()

    # --- in a thread

    def _read(self, jobs: Sequence[tuple[BlobSeries, _Track]]) -> Iterator[None]:
        """Round after round, each finer than the one before; yields when there is something to show."""
        began = self._clock()
        plans = []
        for series, track in jobs:
            references = series.references(self._purge)
            plans.append((track, references, [_key(one) for one in references]))
        wanted = FIRST
        most = max((len(references) for _, references, _ in plans), default=0)
        while True:
            for track, references, keys in plans:
                for done in self._fill(track, references, keys, _spread(len(keys), wanted)):
                    if self._clock() - began > PIECE or done:
                        _publish(track, references, keys)
                    if self._clock() - began > PIECE:
                        yield
                        began = self._clock()
            if wanted >= most:
                return
            wanted *= FINER

    def _fill(
        self, track: _Track, references: Sequence[Reference], keys: Sequence[_Key], numbers: Sequence[int]
    ) -> Iterator[bool]:
        """Read those of these values that are not known yet; yields after each batch, True at the end."""
        missing = [number for number in numbers if keys[number] not in track.places]
        for begin in range(0, len(missing), BATCH):
            batch = missing[begin : begin + BATCH]
            found: list[Histogram] = []
            places: list[_Key] = []
            for number, value in zip(batch, read_values(references[number] for number in batch), strict=True):
                track.slots.add(references[number].slot)
                try:
                    if isinstance(value, BlobUnreadable):
                        raise BadSummary(str(value))
                    found.append(histogram(value))
                    places.append(keys[number])
                except BadSummary as error:
                    track.places[keys[number]] = -1
                    track.reason = str(error)
            track.add(places, self._make(found))
            yield False
        yield True


def _key(reference: Reference) -> _Key:
    return id(reference.slot), reference.offset, reference.index


def _spread(count: int, wanted: int) -> Sequence[int]:
    """At most about `wanted` evenly spread numbers below `count`, the last one first."""
    if count <= wanted:
        return range(count)
    return sorted(set(np.linspace(0, count - 1, wanted).astype(np.int64).tolist()))


def _publish(track: _Track, references: Sequence[Reference], keys: Sequence[_Key]) -> None:
    """Put what is known into the order of the series."""
    rows = np.array([track.places.get(key, -2) for key in keys], np.int64)
    known = rows >= 0
    before = track.digest
    count, bad = int(known.sum()), int((rows == -1).sum())
    here = np.flatnonzero(known)
    steps = np.array([references[number].step for number in here.tolist()], np.int64)
    walls = np.array([references[number].wall for number in here.tolist()], np.float64)
    table = track.table[rows[here]]
    same = count == len(before.steps) and len(keys) == before.total and bad == before.unreadable
    if same and np.array_equal(steps, before.steps) and np.array_equal(table, before.rows, equal_nan=True):
        return
    track.digest = Digest(steps, walls, table, len(keys), bad, track.reason, before.stamp + 1)
