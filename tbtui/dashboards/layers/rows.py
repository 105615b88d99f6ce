"""Which layers of a run are shown, in which order, and what is known of each."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from tbtui.analysis.layers import (
    ORDERS,
    ROLES,
    STATISTICS,
    Flag,
    Floats,
    Layer,
    Role,
    Statistic,
    flags,
    in_order,
    pair_gradients,
    role_of,
)
from tbtui.analysis.order import natural_key
from tbtui.dashboards.distributions.model import histogram_tags
from tbtui.dashboards.distributions.series import HISTOGRAMS

if TYPE_CHECKING:
    from tbtui.dashboards.digests import Digest, Digests
    from tbtui.store import BlobSeries, Run
    from tbtui.widgets.session import Session

__all__ = ["EVERYTHING", "LayerRow", "LayerRows"]

EVERYTHING = "all"
"""All tags, whatever they are about."""


@dataclass(frozen=True, slots=True)
class LayerRow:
    """A line: its layer, what the tag is about, what is wrong, and the statistic at every step."""

    layer: Layer
    role: Role
    flags: list[Flag]
    values: Floats
    total: int
    stamp: Hashable


class LayerRows:
    """The lines of one run, brought up to date when asked.

    statistic: number of one of `STATISTICS`; order: one of `ORDERS`; which: one of `ROLES`, or `EVERYTHING`.
    """

    def __init__(self, session: Session, digests: Digests) -> None:
        self.session = session
        self.digests = digests
        self.statistic = 0
        self.order = ORDERS[0]
        self.which: str = ROLES[0]
        self.rows: list[LayerRow] = []
        self.stamp: Hashable = None
        """Changes whenever the rows are others."""
        self._roles: tuple[Hashable, dict[str, Role], dict[str, str]] = (None, {}, {})
        self._known: dict[str, LayerRow] = {}
        self._known_of: Hashable = None

    @property
    def number(self) -> Statistic:
        """The statistic that is shown."""
        return STATISTICS[self.statistic]

    def run(self) -> Run | None:
        """The run in focus, or where that has no histograms the first one shown that has."""
        focused = self.session.focused_run()
        runs = [run for run in (focused, *self.session.visible_runs()) if run is not None]
        return next((run for run in runs if histogram_tags(run)), None)

    def runs(self) -> list[Run]:
        """The shown runs that have histograms."""
        return [run for run in self.session.visible_runs() if histogram_tags(run)]

    def kinds(self) -> list[str]:
        """What the tags of the run may be chosen by: those roles that it has, and all where it has several."""
        run = self.run()
        roles = self._roles_of(run)[0] if run is not None else {}
        found = [role for role in ROLES if role in roles.values()]
        return [*found, EVERYTHING] if len(found) > 1 else [*found]

    def tags(self, run: Run) -> list[str]:
        """The tags that are shown, in network order."""
        roles, _ = self._roles_of(run)
        kinds = set(roles.values())
        which = self.which if self.which == EVERYTHING or self.which in kinds else next(iter(sorted(kinds)), EVERYTHING)
        return [tag for tag, role in roles.items() if which in (EVERYTHING, role) and self.session.tag_matches(tag)]

    def _roles_of(self, run: Run) -> tuple[dict[str, Role], dict[str, str]]:
        """Tag -> its role, in network order, and tag -> that of its gradients."""
        key = (run.name, len(run.blobs), id(run))
        if self._roles[0] != key:
            tags = sorted(histogram_tags(run), key=natural_key)
            self._roles = (key, {tag: role_of(tag)[0] for tag in tags}, pair_gradients(tags))
        return self._roles[1:]

    def sources(self) -> list[BlobSeries]:
        """The series that are to be read: of what is shown, and the gradients of that."""
        run = self.run()
        if run is None:
            return []
        _, gradients = self._roles_of(run)
        tags = self.tags(run)
        wanted = dict.fromkeys([*tags, *(gradients[tag] for tag in tags if tag in gradients)])
        return [run.blobs[HISTOGRAMS, tag] for tag in wanted if (HISTOGRAMS, tag) in run.blobs]

    def update(self) -> None:
        """Look at what was read since the last time; cheap where nothing was."""
        run = self.run()
        if run is None:
            self.rows, self.stamp = [], None
            return
        if self._known_of != (run.name, id(run)):
            self._known_of, self._known = (run.name, id(run)), {}
        roles, gradients = self._roles_of(run)
        found = []
        for tag in self.tags(run):
            digest = self._digest(run, tag)
            of_gradients = self._digest(run, gradients[tag]) if tag in gradients else None
            stamp = (self.statistic, digest.stamp, of_gradients.stamp if of_gradients else -1)
            row = self._known.get(tag)
            if row is None or row.stamp != stamp:
                row = self._known[tag] = self._row(tag, roles[tag], digest, of_gradients, stamp)
            found.append(row)
        stamps = (run.name, self.order, self.which, tuple((row.layer.tag, row.stamp) for row in found))
        if self.stamp != stamps:
            order = in_order([row.layer for row in found], self.order, [len(row.flags) for row in found])
            self.rows, self.stamp = [found[number] for number in order], stamps

    def _row(self, tag: str, role: Role, digest: Digest, gradients: Digest | None, stamp: Hashable) -> LayerRow:
        good = np.isfinite(digest.walls) if len(digest.walls) else np.empty(0, bool)
        steps, walls, rows = digest.steps, np.where(good, digest.walls, np.nan), digest.rows
        empty = (digest.steps[:0], digest.rows[:0])
        layer = Layer(tag, steps, walls, rows, *((gradients.steps, gradients.rows) if gradients else empty))
        return LayerRow(layer, role, flags(layer, role), self.number.of(layer), digest.total, stamp)

    def _digest(self, run: Run, tag: str) -> Digest:
        return self.digests.of(run.blobs[HISTOGRAMS, tag])

    def why_empty(self) -> str:
        """A sentence for a pane without rows."""
        session = self.session
        if not session.runs():
            return "No runs yet"
        run = self.run()
        if run is None:
            return "The shown runs have no histograms"
        return "No tag of histograms matches the filter (/ changes it)"


def reading_words(rows: Sequence[LayerRow]) -> str:
    """How much of what is shown was read, while it was not all."""
    known, total = sum(len(row.layer.steps) for row in rows), sum(row.total for row in rows)
    return f"{known:,} of {total:,} histograms read" if known < total else ""
