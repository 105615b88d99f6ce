"""What all runs hold together, found out by looking only at those that changed: there may be ten thousand."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from tbtui.store.run import Run


class _Known(NamedTuple):
    """How often series of a run came or went, and how often they went, when it was looked at last."""

    structure: int
    losses: int


_NOTHING = _Known(0, 0)
NO_TAGS: frozenset[str] = frozenset()


class AllTags:
    """The tags of runs. Whoever changes a run says so (`touch`); not locked, and not for several threads at once."""

    def __init__(self) -> None:
        self._structure = 0
        self._known: dict[Run, _Known] = {}
        self._touched: dict[Run, None] = {}
        self._gained: dict[Run, None] = {}  # whose tags have to be looked at
        self._lost = False  # something that had a tag is gone
        self._found: dict[str, set[str]] = {}
        self._tags: dict[str, frozenset[str]] = {}

    def touch(self, run: Run) -> None:
        """Something in a run changes."""
        self._touched[run] = None

    def structure(self) -> int:
        """The sum of the runs' own."""
        touched, self._touched = self._touched, {}
        for run in touched:
            known = self._known.get(run, _NOTHING)
            now = self._known[run] = _Known(run.structure, run.losses)
            self._structure += now.structure - known.structure
            self._lost |= now.losses != known.losses
            if now.structure != known.structure:
                self._gained[run] = None
        return self._structure

    def tags(self) -> dict[str, frozenset[str]]:
        """The tags that any run has, by plugin; each set is the same object as long as it stays the same."""
        self.structure()
        gained, self._gained = self._gained, {}
        self._look(gained)
        if any(
            run.losses != self._known[run].losses for run in gained
        ):  # its series were only made while it was looked at
            self._touched |= gained
            self.structure()
        if self._lost:
            self._lost, self._found = False, {}
            self._look(self._known)
        elif not gained:
            return self._tags
        before = self._tags
        self._tags = {
            plugin: known
            if len(known := before.get(plugin, NO_TAGS)) == len(tags) and known == tags
            else frozenset(tags)
            for plugin, tags in self._found.items()
        }
        return self._tags

    def _look(self, runs: Iterable[Run]) -> None:
        for run in runs:
            if run.scalars:
                self._found.setdefault("scalars", set()).update(run.scalars)
            for plugin, tag in run.blobs:
                self._found.setdefault(plugin, set()).add(tag)
