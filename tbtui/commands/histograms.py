"""`tbtui export --kind histograms`: every bucket of every histogram as a row, written as it is read.

Columns: run, tag, step, wall_time, left, right, count. Numbers are the shortest decimals that give the same float64
back; those that are not finite are NaN, Infinity and -Infinity (in JSON as strings).
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, BinaryIO, NamedTuple

import numpy as np

from tbtui.analysis.numbers import shortest, shortest_all
from tbtui.commands.reading import ProgressLine, chosen_runs, chosen_series
from tbtui.events.summaries import BadSummary, Histogram, histogram
from tbtui.settings import Options
from tbtui.store import BlobSeries, Reference, Run, Store
from tbtui.store.blobs import BlobUnreadable
from tbtui.store.sweep import read_values

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "WRITERS", "One", "all_histograms", "chosen_histograms", "histograms_of"]

COLUMNS = ("run", "tag", "step", "wall_time", "left", "right", "count")

PLUGIN = "histograms"
GROUP = 500_000  # rows of a Parquet row group, about


class One(NamedTuple):
    """A histogram and where it was written."""

    run: str
    tag: str
    step: int
    wall: float
    buckets: Histogram


def chosen_histograms(store: Store, options: Options) -> Iterator[tuple[Run, BlobSeries]]:
    """Every chosen run with each of its chosen series of histograms, in natural order of the tags."""
    for run in chosen_runs(store, options):
        for series in chosen_series(run, options):
            if series.plugin == PLUGIN and isinstance(series, BlobSeries):
                yield run, series


def histograms_of(series: BlobSeries, purge: bool) -> Iterator[tuple[Reference, Histogram | str]]:
    """Every histogram of a series with its place, or in words why it can't be read."""
    references = series.references(purge)
    for reference, value in zip(references, read_values(references), strict=True):
        if isinstance(value, BlobUnreadable):
            yield reference, str(value)
            continue
        try:
            yield reference, histogram(value)
        except BadSummary as error:
            yield reference, str(error)


def all_histograms(store: Store, options: Options, bad: list[str]) -> Iterator[One]:
    """Every chosen histogram that can be read; for the others a line is added to `bad`."""
    line, done = ProgressLine(), 0
    try:
        for run, series in chosen_histograms(store, options):
            for reference, found in histograms_of(series, options.purge):
                done += 1
                line.tell(f"read {done:,} histograms")
                if isinstance(found, str):
                    bad.append(f"{reference.slot.name}: tag {series.tag!r}, step {reference.step}: {found}")
                else:
                    yield One(run.name, series.tag, reference.step, reference.wall, found)
    finally:
        line.clear()


def _numbers(one: One) -> Iterator[tuple[str, str, str]]:
    columns = (one.buckets.left, one.buckets.right, one.buckets.count)
    return zip(*(shortest_all(column) for column in columns), strict=True)


def write_csv(found: Iterable[One], file: BinaryIO) -> int:
    """RFC 4180 with line feeds, UTF-8. Returns the number of histograms."""
    from tbtui.commands.export import csv_name

    file.write((",".join(COLUMNS) + "\n").encode())
    number = 0
    for number, one in enumerate(found, 1):  # noqa: B007 - it is what is returned
        start = f"{csv_name(one.run)},{csv_name(one.tag)},{one.step},{shortest(one.wall, False)},"
        file.write("".join([f"{start}{left},{right},{count}\n" for left, right, count in _numbers(one)]).encode())
    return number


def write_jsonl(found: Iterable[One], file: BinaryIO) -> int:
    """One JSON object for each bucket, escapes outside ASCII. Returns the number of histograms."""
    number = 0
    for number, one in enumerate(found, 1):  # noqa: B007 - it is what is returned
        wall = _json(shortest(one.wall, False))
        names = f'"run": {json.dumps(one.run)}, "tag": {json.dumps(one.tag)}'
        start = f'{{{names}, "step": {one.step}, "wall_time": {wall}, '
        lines = [
            f'{start}"left": {_json(left)}, "right": {_json(right)}, "count": {_json(count)}}}\n'
            for left, right, count in _numbers(one)
        ]
        file.write("".join(lines).encode())
    return number


def _json(text: str) -> str:
    return f'"{text}"' if text[-1] in "Ny" else text


def write_parquet(found: Iterable[One], file: BinaryIO) -> int:
    """Row groups of about half a million buckets. Returns the number of histograms."""
    import pyarrow as pa
    from pyarrow import parquet

    names = [(name, pa.string()) for name in COLUMNS[:2]]
    schema = pa.schema([*names, ("step", pa.int64()), *((name, pa.float64()) for name in COLUMNS[3:])])
    group: list[One] = []
    number = waiting = 0
    with parquet.ParquetWriter(file, schema) as writer:
        for number, one in enumerate(found, 1):  # noqa: B007 - it is what is returned
            group.append(one)
            waiting += len(one.buckets.count)
            if waiting >= GROUP:
                writer.write_table(_table(group, schema))
                group, waiting = [], 0
        if group:
            writer.write_table(_table(group, schema))
    return number


def _table(group: list[One], schema: pa.Schema) -> pa.Table:
    import pyarrow as pa

    counts = [len(one.buckets.count) for one in group]
    names = [
        np.repeat(np.array([_utf8(name) for name in column], object), counts)
        for column in ([one.run for one in group], [one.tag for one in group])
    ]
    steps = np.repeat(np.array([one.step for one in group], np.int64), counts)
    walls = np.repeat(np.array([one.wall for one in group], np.float64), counts)
    numbers = [
        np.concatenate([getattr(one.buckets, part) for one in group]) if group else np.empty(0)
        for part in ("left", "right", "count")
    ]
    return pa.table([*(pa.array(column) for column in (*names, steps, walls, *numbers))], schema=schema)


def _utf8(name: str) -> str:
    """Parquet holds UTF-8 only: bytes of a name that are none become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def tell_bad(bad: list[str]) -> None:
    """Says on standard error how many could not be read, and why the first."""
    from tbtui.analysis.text import safe

    if bad:
        sys.stderr.write(f"tbtui: {len(bad):,} histograms could not be read; the first: {safe(bad[0])}\n")


WRITERS: dict[str, Callable[[Iterable[One], BinaryIO], int]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}
