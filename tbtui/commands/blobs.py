"""`tbtui export --blobs`: images, audio and text as files, exactly the bytes that were logged, and an index of them.

    DIR/index.jsonl
    DIR/RUN/images/TAG/step_100.png
    DIR/RUN/audio/TAG/step_100_2.wav         the second of several at a step
    DIR/RUN/text/TAG/step_100.md
    DIR/RUN/text/TAG/step_100.json           a table of texts: lists of strings

RUN and TAG are one part of the path each, made of what their names have of letters and digits; the index has the names
themselves. What was no UTF-8 in a table of texts is there as lone surrogates (Python's "surrogateescape").
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from tbtui.commands.file_names import FileNames
from tbtui.commands.reading import ProgressLine, chosen_runs, chosen_series
from tbtui.commands.report import Json, number
from tbtui.commands.session import CommandError
from tbtui.events.media import image_info, sound_kind
from tbtui.events.parse import Value
from tbtui.events.summaries import BadSummary, audio, images, text_cells
from tbtui.settings import Options
from tbtui.store import BlobSeries, Reference, Run, Store
from tbtui.store.blobs import BlobUnreadable, read_value

__all__ = ["INDEX", "PLUGINS", "Sample", "export_blobs", "samples_of"]

INDEX = "index.jsonl"
PLUGINS = ("images", "audio", "text")

_IMAGE_ENDINGS = {"jpeg": "jpg"}


class Sample(NamedTuple):
    """One thing to be written: its bytes, the ending of its file's name, and what the index says of it."""

    data: bytes
    ending: str
    facts: Json


def export_blobs(store: Store, options: Options, directory: str) -> tuple[int, int]:
    """Write everything that is chosen under `directory`, which is made where it is missing.

    Returns how many files were written, and how many values could not be read. Raises CommandError.
    """
    root = Path(directory)
    files = unreadable = 0
    line = ProgressLine()
    try:
        root.mkdir(parents=True, exist_ok=True)
        part = root / f".{INDEX}.{os.getpid()}.part"
        try:
            with open(part, "w", encoding="ascii") as index:
                for row in _write_all(store, options, root):
                    index.write(json.dumps(row, allow_nan=False) + "\n")
                    files += row["file"] is not None
                    unreadable += row["file"] is None
                    line.tell(f"written {files:,} files")
            os.replace(part, root / INDEX)
        finally:
            part.unlink(missing_ok=True)
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else directory
        raise CommandError(f"{where}: {error.strerror or error}") from None
    finally:
        line.clear()
    return files, unreadable


def _write_all(store: Store, options: Options, root: Path) -> Iterator[Json]:
    """Writes file after file; a row of the index for each, and for each value that can't be read."""
    run_names = FileNames()
    for run in chosen_runs(store, options):
        tag_names: dict[str, FileNames] = {plugin: FileNames() for plugin in PLUGINS}
        for series in chosen_series(run, options):
            if isinstance(series, BlobSeries) and series.plugin in PLUGINS:
                folder = Path(run_names.of(run.name), series.plugin, tag_names[series.plugin].of(series.tag))
                yield from _write_series(run, series, options.purge, root, folder)


def _write_series(run: Run, series: BlobSeries, purge: bool, root: Path, folder: Path) -> Iterator[Json]:
    times: dict[int, int] = {}  # step -> values written of it
    for reference in series.references(purge):
        times[reference.step] = time = times.get(reference.step, 0) + 1
        row = {
            "run": run.name,
            "tag": series.tag,
            "step": reference.step,
            "wall_time": number(reference.wall),
            "kind": series.plugin,
        }
        try:
            samples = samples_of(read_value(reference), series.plugin)
        except (BlobUnreadable, BadSummary) as error:
            yield {**row, "file": None, "bytes": 0, "problem": str(error), **_place(reference)}
            continue
        name = f"step_{reference.step}" + (f".{time}" if time > 1 else "")
        for count, sample in enumerate(samples, 1):
            end = f"_{count}" if len(samples) > 1 else ""
            file = folder / f"{name}{end}.{sample.ending}"
            _write(root / file, sample.data)
            facts = {"sample": count, "samples": len(samples), **sample.facts}
            yield {**row, "file": file.as_posix(), "bytes": len(sample.data), **facts}


def _place(reference: Reference) -> Json:
    return {"event_file": reference.slot.name, "offset": reference.offset}


def _write(path: Path, data: bytes) -> None:
    """A file of this name, also where one was; never through a link that somebody put there."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | getattr(os, "O_NOFOLLOW", 0), 0o666)
    with open(descriptor, "wb") as file:
        file.write(data)


def samples_of(value: Value, plugin: str) -> list[Sample]:
    """What a value of one of `PLUGINS` is made of. Raises BadSummary."""
    if plugin == "images":
        return [_image(data) for data in images(value).samples]
    if plugin == "audio":
        sounds = audio(value)
        labels = [*sounds.labels, *[""] * len(sounds.samples)]
        return [_sound(data, label) for data, label in zip(sounds.samples, labels, strict=False)]
    return [_text(value)]


def _image(data: bytes) -> Sample:
    info = image_info(data)
    if info is None:
        return Sample(data, "bin", {"type": None, "width": 0, "height": 0})
    ending = _IMAGE_ENDINGS.get(info.kind, info.kind)
    return Sample(data, ending, {"type": info.kind, "width": info.width, "height": info.height})


def _sound(data: bytes, label: str) -> Sample:
    kind, info = sound_kind(data)
    facts: Json = {"type": kind, "label": label}
    if info is not None:
        facts |= {"sample_rate": info.sample_rate, "channels": info.channels, "bits": info.bits}
        facts |= {"seconds": info.seconds}
    return Sample(data, kind or "bin", facts)


def _text(value: Value) -> Sample:
    cells = text_cells(value)
    facts: Json = {"type": "text", "shape": list(cells.shape)}
    if cells.size == 1:
        return Sample(bytes(cells.reshape(-1)[0]), "md", facts)
    nested: Any = cells.reshape(-1).tolist()
    nested = [bytes(cell).decode("utf-8", "surrogateescape") for cell in nested]
    for length in reversed(cells.shape[1:]):
        nested = [nested[at : at + length] for at in range(0, len(nested), length)] if length else []
    return Sample(json.dumps(nested, indent=1).encode("ascii"), "json", facts)
