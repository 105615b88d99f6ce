"""What dashboards that show one thing at a time choose from: a tag of a run each, in the order of tags and runs."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.order import natural_key
from tbtui.store import BlobSeries, Reference, Run
from tbtui.store.series import NO_POINTS
from tbtui.widgets.session import Session

__all__ = ["Entries", "Entry"]


class Entry(NamedTuple):
    """The values of one tag of one run."""

    run: Run
    series: BlobSeries

    @property
    def key(self) -> tuple[str, str]:
        """Names of run and tag."""
        return self.run.name, self.series.tag


class Entries:
    """Those of a plugin that the filters let through, one of them in focus.

    The focus stays on its run and tag whatever comes and goes; it follows the cursor of the list of runs.
    """

    def __init__(self, session: Session, plugin: str) -> None:
        self.session = session
        self.plugin = plugin
        self._focus = ("", "")
        self._run: str | None = None
        self._known: tuple[object, list[Entry], int] = (None, [], 0)

    def all(self) -> list[Entry]:
        """Tag after tag, runs in the order of the list."""
        return self._find()[0]

    def tag_counts(self) -> tuple[int, int]:
        """Tags that the filter lets through, and all."""
        entries, count = self._find()
        return len({entry.series.tag for entry in entries}), count

    def _find(self) -> tuple[list[Entry], int]:
        session = self.session
        runs = session.visible_runs()
        state = (session.store, session.store.structure, session.view.tag_filter, tuple(run.name for run in runs))
        if state != self._known[0]:
            tags = {tag for run in runs for plugin, tag in list(run.blobs) if plugin == self.plugin}
            shown = sorted((tag for tag in tags if session.tag_matches(tag)), key=natural_key)
            found = [(run, run.blobs.get((self.plugin, tag))) for tag in shown for run in runs]
            entries = [Entry(run, series) for run, series in found if series is not None and series.total]
            self._known = (state, entries, len(tags))
        return self._known[1], self._known[2]

    def index(self) -> int | None:
        """Which one is in focus; None where there is none."""
        entries = self.all()
        if not entries:
            return None
        run, tag = self._focus
        places = {entry.key: number for number, entry in enumerate(entries)}
        if self._focus in places:
            return places[self._focus]
        near = [number for number, entry in enumerate(entries) if entry.series.tag == tag]
        near = near or [number for number, entry in enumerate(entries) if entry.run.name == run]
        return near[0] if near else 0

    def current(self) -> Entry | None:
        """The one in focus."""
        index = self.index()
        return None if index is None else self.all()[index]

    def move(self, by: int) -> bool:
        """So many further on; False where there are no more."""
        index = self.index()
        if index is None:
            return False
        return self.go_to(index + by)

    def go_to(self, number: int) -> bool:
        """To this one, or as far as there are any; False where that changes nothing."""
        entries, index = self.all(), self.index()
        if index is None:
            return False
        wanted = min(max(number, 0), len(entries) - 1)
        self._focus = entries[wanted].key
        return wanted != index

    def follow_run(self) -> None:
        """Where the cursor of the list of runs went to another run: to the same tag of that run."""
        chosen = self.session.view.focused_run
        if chosen == self._run:
            return
        self._run = chosen
        current = self.current()
        if current is None or chosen is None or current.run.name == chosen:
            return
        theirs = [entry for entry in self.all() if entry.run.name == chosen]
        same = [entry for entry in theirs if entry.series.tag == current.series.tag]
        if theirs:
            self._focus = (same or theirs)[0].key

    # -- values

    @property
    def _purge(self) -> bool:
        return self.session.options.purge

    def steps(self, entry: Entry | None) -> npt.NDArray[np.int64]:
        """The steps of its values, rising."""
        if entry is None:
            return NO_POINTS.steps
        steps = entry.series.steps(self._purge)
        return steps if self._purge else np.sort(steps)

    def reference(self, entry: Entry, number: int) -> Reference | None:
        """Where value `number` of these steps lies; None where the file was rewritten meanwhile."""
        if number < 0:
            return None
        try:
            if not self._purge:
                number = int(np.argsort(entry.series.steps(False), kind="stable")[number])
            return entry.series.reference(number, self._purge)
        except IndexError:
            return None
