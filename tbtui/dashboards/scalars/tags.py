"""Which tags there are to draw, and in which groups: from the shown runs, the filter, folded groups and pins."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING, TypeVar

from tbtui.analysis.order import Key as NaturalKey
from tbtui.analysis.order import natural_key
from tbtui.analysis.pairs import Metrics, PairChart, pair_charts, shared_metrics, typical_runs
from tbtui.dashboards.layout import Section

if TYPE_CHECKING:
    from tbtui.store import Run

PINNED = "pinned"
"""Key of the group of pinned charts, as `View.folded` knows it. No tag group has it: theirs end with a slash."""

OVERLAY = "overlay"
"""Key of the group that holds the one chart of all marked tags."""


def group_of(tag: str) -> str:
    """The group of a tag, up to and with its first slash; tags without a slash are one group together, ""."""
    head, slash, _ = tag.partition("/")
    return head + slash if slash else ""


RECENT = 4
"""The tags of so many sets of runs are kept: what was just hidden is often shown again."""

Key = TypeVar("Key")
Value = TypeVar("Value")

Known = tuple[tuple[str, int], ...]
"""Runs, and how many tags each has."""


def remember(recent: dict[Key, Value], key: Key, value: Value) -> None:
    """Keep what was found out, and forget the oldest of more than `RECENT`."""
    recent[key] = value
    if len(recent) > RECENT:
        del recent[next(iter(recent))]


class TagOrder:
    """All tags that were ever met, in natural order: each is put in its place once, for there may be 100,000.

    metrics: which of them may pair.
    """

    def __init__(self) -> None:
        self.metrics = Metrics()
        self._met: set[str] = set()
        self._keys: list[NaturalKey] = []

    def of(self, tags: frozenset[str]) -> tuple[str, ...]:
        """These tags in order."""
        new = tags - self._met
        if new:
            self._met |= new
            self.metrics.add(new)
            # Two sorted lists behind each other, which Python merges.
            self._keys = sorted([*self._keys, *sorted(map(natural_key, new))])
        if len(tags) == len(self._met):
            return tuple([tag for _, tag in self._keys])
        return tuple([tag for _, tag in self._keys if tag in tags])


class TagList:
    """The tags of some runs, in natural order. Asked at every frame; it looks again only when runs gained tags."""

    def __init__(self) -> None:
        self._order = TagOrder()
        self._looked_at: tuple[Sequence[Run], int] = ((), -1)
        self._known: Known = ()
        self._tags: tuple[str, ...] = ()
        self._recent: dict[Known, tuple[str, ...]] = {}
        self._typical: dict[Known, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self._set_of: dict[str, frozenset[str]] = {}

    @property
    def known(self) -> Known:
        """The runs and how many tags each has: changes whenever other runs are shown, or one of them gained tags."""
        return self._known

    def update(self, runs: Sequence[Run], structure: int = -1) -> tuple[str, ...]:
        """Tags of scalars that at least one of `runs` has. structure: of the store; while that stays (and is told), and
        the list of runs is the same object, nothing is looked at."""
        if self._unmoved(runs, structure):
            return self._tags
        sets = [self._set(run) for run in runs]
        known = tuple(zip([run.name for run in runs], map(len, sets), strict=True))
        if known != self._known:
            self._known, found = known, self._recent.pop(known, None)
            if found is None:
                found = self._order.of(frozenset[str]().union(*set(sets)))
            self._tags = found
            remember(self._recent, known, found)
        return self._tags

    def may_pair(self, tags: Iterable[str]) -> list[str]:
        """Those of the tags that may share a chart with another one: all others do not."""
        shared = self._order.metrics.shared
        return [tag for tag in tags if tag in shared] if shared else []

    def _unmoved(self, runs: Sequence[Run], structure: int) -> bool:
        """Whether the same runs were looked at last, and no series came or went since."""
        before, self._looked_at = self._looked_at, (runs, structure)
        return before[0] is runs and before[1] == structure >= 0

    def typical(self, runs: Sequence[Run]) -> list[Run]:
        """Enough of the runs that were asked for last to find out which of any of their tags pair."""
        found = self._typical.get(self._known)
        if found is None:
            found = frozenset(typical_runs({run.name: self._set(run) for run in runs}))
            remember(self._typical, self._known, found)
        return [run for run in runs if run.name in found]

    def _set(self, run: Run) -> frozenset[str]:
        """The tags of a run: one and the same set for all runs that have these, so that many are quickly compared."""
        found = self._set_of.get(run.name)
        if found is None or len(found) != len(run.scalars):
            tags = frozenset(list(run.scalars))
            found = self._set_of[run.name] = self._sets.setdefault(tags, tags)
        return found


def make_sections(
    tags: Sequence[str],
    matches: Callable[[str], bool] | None = None,
    *,
    folded: Collection[str] = (),
    pinned: Sequence[str] = (),
    marked: Sequence[str] = (),
) -> list[Section]:
    """The groups a page shows, in order: the overlay of marked tags, pinned charts, then groups by tag prefix.

    Tags that the filter `matches` leaves out are in no group, groups without tags vanish; a pinned chart stands in its
    own group too.
    """
    groups: dict[str, list[str]] = {}
    kept = tags if matches is None else [tag for tag in tags if matches(tag)]
    for key, inside in groupby(kept, group_of):
        groups.setdefault(key, []).extend(inside)
    shown = frozenset(kept) if pinned or marked else frozenset()
    sections = []
    pins = tuple(tag for tag in pinned if tag in shown)
    together = tuple(tag for tag in marked if tag in shown)
    if len(together) > 1:
        sections.append(Section(OVERLAY, "overlay", (" + ".join(together),), pinned=True, together=together))
    if pins:
        sections.append(Section(PINNED, "pinned", pins, PINNED in folded, pinned=True))
    for key in sorted(groups, key=lambda name: (name != "", natural_key(name))):
        sections.append(Section(key, key.rstrip("/") or key, tuple(groups[key]), key in folded))
    return sections


def find_pairs(
    runs: Sequence[Run], tags: Iterable[str], most: int | None = None, stand_for: int = 1
) -> dict[str, PairChart]:
    """The charts that show several of the tags, by each of their tags; none where more than `most` series may pair.

    Their `members` are series of a few runs, which stand for the others. stand_for: how many runs these stand for.
    """
    wanted = sorted(shared_metrics(tags))
    if most is not None and max(len(runs), stand_for) * len(wanted) > most:
        return {}
    tags_of = {run.name: [tag for tag in wanted if tag in run.scalars] for run in runs}
    charts = pair_charts((run, tag) for run in typical_runs(tags_of) for tag in tags_of[run])
    return {tag: chart for chart in charts if len(chart.tags) > 1 for tag in chart.tags}


def join_pairs(sections: Iterable[Section], pairs: Mapping[str, PairChart]) -> list[Section]:
    """The same sections with one tag, the first, for each chart of several; empty ones vanish."""
    joined: list[Section] = []
    if not pairs:
        return [section for section in sections if section.tags]
    for section in sections:
        if section.pinned:
            tags = tuple(dict.fromkeys(pairs[tag].tags[0] if tag in pairs else tag for tag in section.tags))
        else:
            tags = tuple(tag for tag in section.tags if tag not in pairs or pairs[tag].tags[0] == tag)
        if tags:
            joined.append(replace(section, tags=tags))
    return joined
