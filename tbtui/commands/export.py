"""`tbtui export`: every scalar point as a table of run, tag, step, wall_time and value.

Numbers are the shortest decimals that give the same float back: a value as float32 where the file holds a float32,
else as float64; wall times as float64. Numbers that are not finite are written NaN, Infinity and -Infinity (in JSON as
strings; Parquet has them as such). Rows are written as they are made, never gathered.

CSV is for spreadsheets: a name that one would take for a formula gets a `'` in front, and control characters in names
are replaced by what can be seen. JSON lines keep every name exactly.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from tbtui.analysis.numbers import shortest_all
from tbtui.analysis.text import safe
from tbtui.commands.reading import ProgressLine, chosen_scalars, nothing_found, read_logdirs
from tbtui.commands.session import CommandError
from tbtui.settings import Options
from tbtui.store import Points, Store

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["COLUMNS", "FORMATS", "run"]


COLUMNS = ("run", "tag", "step", "wall_time", "value")
FORMATS = {".csv": "csv", ".jsonl": "jsonl", ".ndjson": "jsonl", ".parquet": "parquet", ".pq": "parquet"}

BLOCK = 50_000  # rows that are written at once
GROUP = 1_000_000  # rows of a Parquet row group, at most one series more

Block = tuple[str, str, Points]
Blocks = Iterator[Block]

_FORMULA = ("=", "+", "-", "@")
_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")


def run(
    options: Options,
    output: str | None = None,
    form: str | None = None,
    blobs: str | None = None,
    kind: str = "scalars",
) -> int:
    """Writes the chosen points, or histograms, to a file or (output None or "-") to standard output.

    kind: "scalars" for points, "histograms" for the buckets of histograms.
    form: "csv", "jsonl" or "parquet"; None: by the ending of the file's name, else csv. A file is only there when it
    is complete. blobs: a directory in which images, audio and text become files. Returns the exit code: 1 where some of
    these could not be read. Raises CommandError where something can't be read or written.
    """
    form = form or _form_of(output)
    if form == "parquet":
        _require_pyarrow()
    if kind == "histograms":
        if blobs is not None:
            raise CommandError("--blobs goes with scalars, not with --kind histograms", code=2)
        return _run_histograms(options, output, form)
    write = _WRITERS[form]
    with read_logdirs(options) as logdir, _opened(output, form) as file:
        line = ProgressLine()
        try:
            rows = write(_told(_blocks(logdir.store, options), line), file)
        finally:
            line.clear()
        files, unreadable = _export_blobs(logdir.store, options, blobs) if blobs is not None else (0, 0)
        if not rows and not files and not unreadable:
            what = "scalar points to export" if blobs is None else "scalar points, images, audio or texts to export"
            raise nothing_found(logdir.store, options, what)
    return 1 if unreadable else 0


def _run_histograms(options: Options, output: str | None, form: str) -> int:
    from tbtui.commands.histograms import WRITERS, all_histograms, tell_bad

    bad: list[str] = []
    with read_logdirs(options) as logdir, _opened(output, form) as file:
        if not WRITERS[form](all_histograms(logdir.store, options, bad), file) and not bad:
            raise nothing_found(logdir.store, options, "histograms to export")
    tell_bad(bad)
    return 1 if bad else 0


def _export_blobs(store: Store, options: Options, directory: str) -> tuple[int, int]:
    """Says on standard error what came of it: standard output may hold the points."""
    from tbtui.commands.blobs import INDEX, export_blobs

    files, unreadable = export_blobs(store, options, directory)
    words = f"{files:,} file{'' if files == 1 else 's'} written to {safe(directory)}"
    if unreadable:
        words += f"; {unreadable:,} could not be read, {INDEX} says why"
    sys.stderr.write(f"tbtui: {words}\n")
    return files, unreadable


def _form_of(output: str | None) -> str:
    if output is None or output == "-":
        return "csv"
    ending = Path(output).suffix.lower()
    if ending not in FORMATS:
        known = ", ".join(FORMATS)
        raise CommandError(f"{output}: the ending says no format ({known}); say it with --format", code=2)
    return FORMATS[ending]


def _require_pyarrow() -> None:
    try:
        import pyarrow.parquet  # noqa: F401 - only whether it is there
    except ImportError:
        raise CommandError("Parquet needs pyarrow: install tbtui[parquet]", code=2) from None


@contextlib.contextmanager
def _opened(output: str | None, form: str) -> Iterator[BinaryIO]:
    """The file to write; it takes its name when all went well."""
    if output is None or output == "-":
        if form == "parquet" and sys.stdout.isatty():
            raise CommandError("Parquet is no text for a terminal: give a file with -o", code=2)
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    path = Path(output)
    regular = not path.exists() or path.is_file()
    target = path.with_name(f".{path.name}.{os.getpid()}.part") if regular else path
    try:
        try:
            with open(target, "wb") as file:
                yield file
            if regular:
                os.replace(target, path)
        except BaseException:
            if regular:
                target.unlink(missing_ok=True)
            raise
    except BrokenPipeError:
        raise
    except OSError as error:
        raise CommandError(f"{output}: {error.strerror or error}") from None


def _blocks(store: Store, options: Options) -> Blocks:
    """The chosen points, some thousand rows of one series at a time."""
    for run_, series in chosen_scalars(store, options):
        points = series.points(options.purge)
        for start in range(0, len(points.steps), BLOCK):
            end = start + BLOCK
            part = Points(points.steps[start:end], points.walls[start:end], points.values[start:end])
            yield run_.name, series.tag, part


def _told(blocks: Blocks, line: ProgressLine) -> Blocks:
    """The blocks, with progress told between them."""
    rows = 0
    for block in blocks:
        yield block
        rows += len(block[2].steps)
        line.tell(f"written {rows:,} rows")


def write_csv(blocks: Iterable[Block], file: BinaryIO) -> int:
    """RFC 4180 with line feeds, UTF-8. Returns the number of rows."""
    file.write((",".join(COLUMNS) + "\n").encode())
    rows = 0
    for run_name, tag, points in blocks:
        start = f"{csv_name(run_name)},{csv_name(tag)},"
        columns = zip(points.steps.tolist(), shortest_all(points.walls), shortest_all(points.values), strict=True)
        file.write("".join([f"{start}{step},{wall},{value}\n" for step, wall, value in columns]).encode())
        rows += len(points.steps)
    return rows


def csv_name(name: str) -> str:
    """A name as one cell: nothing in it is a formula, a control character or the end of the cell."""
    if _UNSEEN.search(name):
        name = safe(name)
    if name.startswith(_FORMULA):
        name = "'" + name
    line = io.StringIO()
    csv.writer(line, lineterminator="").writerow([name])
    return line.getvalue() if name else ""


def write_jsonl(blocks: Iterable[Block], file: BinaryIO) -> int:
    """One JSON object a line, escapes outside ASCII. Returns the number of rows."""
    rows = 0
    for run_name, tag, points in blocks:
        start = f'{{"run": {json.dumps(run_name)}, "tag": {json.dumps(tag)}, "step": '
        walls, values = _json_numbers(points.walls), _json_numbers(points.values)
        columns = zip(points.steps.tolist(), walls, values, strict=True)
        lines = [f'{start}{step}, "wall_time": {wall}, "value": {value}}}\n' for step, wall, value in columns]
        file.write("".join(lines).encode())
        rows += len(points.steps)
    return rows


def _json_numbers(numbers: Any) -> list[str]:
    return [f'"{text}"' if text[-1] in "Ny" else text for text in shortest_all(numbers)]


def write_parquet(blocks: Iterable[Block], file: BinaryIO) -> int:
    """Row groups of about a million rows; values as float64, which holds every float32. Returns the number of rows."""
    import pyarrow as pa
    from pyarrow import parquet

    schema = pa.schema(
        [
            ("run", pa.string()),
            ("tag", pa.string()),
            ("step", pa.int64()),
            ("wall_time", pa.float64()),
            ("value", pa.float64()),
        ]
    )
    rows = waiting = 0
    group: list[pa.RecordBatch] = []
    with parquet.ParquetWriter(file, schema) as writer:
        for run_name, tag, points in blocks:
            count = len(points.steps)
            names = [pa.repeat(pa.scalar(_utf8(name)), count) for name in (run_name, tag)]
            columns = [pa.array(points.steps), pa.array(points.walls), pa.array(points.values.astype("float64"))]
            group.append(pa.RecordBatch.from_arrays([*names, *columns], schema=schema))
            waiting += count
            if waiting >= GROUP:
                writer.write_table(pa.Table.from_batches(group, schema))
                rows, waiting, group = rows + waiting, 0, []
        if group:
            writer.write_table(pa.Table.from_batches(group, schema))
    return rows + waiting


def _utf8(name: str) -> str:
    """Parquet holds UTF-8 only: bytes of a name that are none become U+FFFD."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_WRITERS: dict[str, Callable[[Iterable[Block], BinaryIO], int]] = {
    "csv": write_csv,
    "jsonl": write_jsonl,
    "parquet": write_parquet,
}
