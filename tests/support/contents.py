"""All that a store holds, as plain data that can be compared: two readings of the same files must be equal."""

from __future__ import annotations

from typing import Any

from tbtui.store import Store
from tbtui.store.opening import LogDir

Contents = dict[str, dict[Any, Any]]


def contents(opened: LogDir | Store) -> Contents:
    """By run: scalars bit for bit (live and superseded), where every other value lies, metadata, sessions, problems."""
    store = opened.store if isinstance(opened, LogDir) else opened
    found: Contents = {}
    for run in store.runs():
        one: dict[Any, Any] = {}
        for tag, scalars in run.scalars.items():
            for purge in (True, False):
                points = scalars.points(purge)
                one[tag, purge] = [(column.dtype.str, column.tobytes()) for column in points]
        for key, blobs in run.blobs.items():
            places = [(r.step, str(r.wall), r.slot.name, r.offset, r.length, r.index) for r in blobs.references(False)]
            one[key] = (places, blobs.steps().tolist())
        one["metadata"] = dict(run.metadata)
        one["sessions"] = [(mark.kind, mark.step) for mark in run.sessions]
        one["last"] = (run.last_step, str(run.last_wall))
        found[run.name] = one
    found["problems"] = dict(enumerate(store.problems()))
    return found


def counts(opened: LogDir | Store) -> dict[tuple[str, str], int]:
    """How many values, superseded ones included, each (run, tag) has."""
    store = opened.store if isinstance(opened, LogDir) else opened
    return {(run.name, series.tag): series.total for run in store.runs() for series in run.series()}
