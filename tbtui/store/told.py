"""What writers say of scalar tags: names and descriptions, which the fast reading of scalars steps over.

They are read back from the record of a tag's first point when somebody asks.
"""

from __future__ import annotations

from collections.abc import Iterable

from tbtui.events.parse import Metadata
from tbtui.store.blobs import BlobUnreadable, read_event_at
from tbtui.store.run import Run

__all__ = ["known_metadata", "look_up", "missing"]


def known_metadata(run: Run, tag: str) -> Metadata | None:
    """What is known at once: of scalars only what was looked up before."""
    metadata = run.metadata.get(tag)
    if metadata is None and tag in run.looked_up:
        return run.looked_up[tag][1]
    return metadata


def missing(run: Run, tag: str) -> bool:
    """Whether it pays to look the tag up."""
    return tag not in run.metadata and tag not in run.looked_up and tag in run.scalars


def look_up(pairs: Iterable[tuple[Run, str]]) -> None:
    """Read what the first points of scalar tags of runs say, where that is not known. It may take its time: not for
    the event loop. Where it can't be read nothing is known."""
    for run, tag in pairs:
        _look_up(run, tag)


def _look_up(run: Run, tag: str) -> None:
    series = run.scalars.get(tag)
    place = series.first_place() if series is not None and tag not in run.metadata else None
    if place is None or (tag in run.looked_up and run.looked_up[tag][0] is place[0]):
        return
    slot, offset = place
    try:
        values = read_event_at(slot.path, offset).values
    except BlobUnreadable:
        values = []
    run.looked_up[tag] = (slot, next((value.metadata for value in values if value.tag == tag), None))
