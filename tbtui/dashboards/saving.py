"""Saving what was logged, byte for byte, into new files in the directory where the app was started."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from tbtui.analysis.text import cut, safe
from tbtui.commands.blobs import Sample
from tbtui.dashboards.new_file import new_file
from tbtui.events.summaries import BadSummary
from tbtui.store.blobs import BlobUnreadable

__all__ = ["save"]


def save(samples: Callable[[], Sequence[Sample]], directory: Path, title: str, only: int | None = None) -> str:
    """Write samples, or only one of them, to files that did not exist, named after a title. A sentence for the user."""
    try:
        found = list(samples())
        chosen = found if only is None else found[only : only + 1]
        names = [_write(sample, directory, title) for sample in chosen]
    except (BlobUnreadable, BadSummary) as error:
        return f"Not saved: {error}"
    except OSError as error:
        return f"Not saved: {error.strerror or error}"
    if not names:
        return "There is nothing to save"
    more = f" and {len(names) - 1} more" if len(names) > 1 else ""
    return f"Saved {cut(safe(names[0]), 70, keep='tail')}{more}"


def _write(sample: Sample, directory: Path, title: str) -> str:
    with new_file(directory, title, sample.ending) as file:
        file.write(sample.data)
        return file.name
