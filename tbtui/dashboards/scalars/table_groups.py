"""Groups of runs in the table: one row (or column) each, with the mean of its runs' numbers and how far they are apart.

Which runs are drawn as one curve, and how its band is made, the charts decide: the table follows.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.bands import band_of_rows
from tbtui.analysis.goals import Goal
from tbtui.analysis.groups import RunGroup
from tbtui.analysis.numbers import format_step, format_value
from tbtui.analysis.text import safe
from tbtui.dashboards.scalars.grouped import BAND_KINDS, SHORT_WORDS, GroupRun
from tbtui.dashboards.scalars.sheet import Measure

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.tallies import Tally
    from tbtui.settings import View
    from tbtui.store import Run
    from tbtui.widgets.session import Session

Members = Mapping[str, Sequence["Run"]]
"""Name of each `GroupRun` -> those of its runs that are shown."""


class TableRuns:
    """The runs of the table: where groups are drawn, each group in the place of its first run."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._groups: dict[str, GroupRun] = {}

    def look(self) -> object:
        """Changes when `find` would find others among the same runs."""
        view = self._session.view
        drawn = self._session.drawn_groups.of_runs()
        return (id(drawn), view.group_band, view.group_members, frozenset(view.folded_runs)) if drawn else None

    def find(self) -> tuple[list[Run], Members]:
        """What has a row; the runs of a group only where the charts draw them behind its mean."""
        session, view = self._session, self._session.view
        group_of, shown = session.drawn_groups.of_runs(), session.visible_runs()
        if not group_of:
            return shown, {}
        inside: dict[str, list[Run]] = {}
        for run in shown:
            if run.name in group_of:
                inside.setdefault(group_of[run.name].key, []).append(run)
        found: list[Run] = []
        members: dict[str, Sequence[Run]] = {}
        for run in shown:
            group = group_of.get(run.name)
            if group is None:
                found.append(run)
            elif group.key in inside:
                its = inside.pop(group.key)
                row = self._row(group)
                members[row.name] = its
                found.append(row)
                if view.group_members and group.key not in view.folded_runs:
                    found += its
        return found, members

    def _row(self, group: RunGroup) -> GroupRun:
        known = self._groups.get(group.key)
        if known is None or known.group != group:
            known = self._groups[group.key] = GroupRun(group)
        return known

    def label(self, run: Run, members: Members) -> str:
        """What a run or a group goes by, made safe."""
        if isinstance(run, GroupRun):
            return f"{safe(run.group.title)} n={len(members[run.name])}"
        return self._session.label(run.name)

    def color(self, run: Run) -> int:
        """The colour of a run or a group, 0xRRGGBB."""
        groups = self._session.drawn_groups
        red, green, blue = groups.color(run.group) if isinstance(run, GroupRun) else self._session.color(run.name)
        return red << 16 | green << 8 | blue


class Spread(NamedTuple):
    """Numbers of several runs: their mean, both ends of the band (NaN: there is none), and whether all are finite."""

    mean: float
    low: float
    high: float
    whole: bool


def spread_of(measure: Measure, tallies: Sequence[Tally], goal: Goal | None, band: str) -> Spread:
    """What a measure is of several runs, as `analysis.bands` joins their curves. Counts are added up: they have no
    band."""
    known = [measure.key(one.stats, goal) for one in tallies]
    finite = [value for value in known if math.isfinite(value)]
    if not finite:
        return Spread(math.nan, math.nan, math.nan, False)
    if measure.kind == "count":
        return Spread(sum(finite), math.nan, math.nan, True)
    kind = BAND_KINDS.get(band)
    joined = band_of_rows(np.zeros(1), [np.array([value]) for value in finite], kind or "std")
    low, high = (float(joined.low[0]), float(joined.high[0])) if kind is not None else (math.nan, math.nan)
    return Spread(float(joined.mean[0]), low, high, len(finite) == len(known))


def spread_words(measure: Measure, spread: Spread, band: str, ascii_only: bool = False) -> str:
    """A spread as it is shown: `0.302±0.015`, of the smallest and largest value `0.2931..0.3187`."""
    if math.isnan(spread.mean):
        return ""
    if measure.kind == "count":
        return format_step(int(spread.mean))
    if measure.kind == "step":
        return f"@{format_step(round(spread.mean))}"
    if band == "minmax":
        return f"{format_value(spread.low)}..{format_value(spread.high)}"
    away, sign = (spread.high - spread.low) / 2, "+" if measure.kind == "change" and spread.mean > 0 else ""
    if math.isnan(away):
        return sign + format_value(spread.mean)
    between = "+-" if ascii_only else "±"
    if 1e-4 <= away < 1e5 and abs(spread.mean) < 1e5:  # both to the same digit, two of which are the spread's
        digits = max(0, 1 - math.floor(math.log10(away)))
        return f"{sign}{spread.mean:.{digits}f}{between}{away:.{digits}f}"
    return f"{sign}{format_value(spread.mean)}{between}{format_value(float(f'{away:.2g}'))}"


def number_words(
    measure: Measure, tallies: Sequence[Tally], goal: Goal | None, band: str | None, ascii_only: bool
) -> tuple[str, bool]:
    """The text of a number, and whether it says that something is wrong; band: that of a group, None for a run."""
    if measure.title == "best" and goal is None:
        return "?", False
    if band is None:
        text = measure.text(tallies[0].stats, goal)
        return text, measure.title == "NaN" or text in ("NaN", "∞", "-∞")
    spread = spread_of(measure, tallies, goal, band)
    bad = measure.title == "NaN" or (measure.title == "last" and not spread.whole)
    return spread_words(measure, spread, band, ascii_only), bad


def mean_course(tallies: Sequence[Tally]) -> npt.NDArray[np.float64]:
    """The series in small: the mean of those that are as long as the longest."""
    longest = max((len(one.small) for one in tallies), default=0)
    same = [one.small for one in tallies if len(one.small) == longest]
    if not same:
        return np.empty(0)
    rows = np.array(same)
    return band_of_rows(np.arange(longest, dtype=np.float64), list(rows)).mean


def head_of_band(band: str, ascii_only: bool = False) -> str:
    """What the numbers of groups are, for the corner of the table."""
    words = SHORT_WORDS.get(band, "").removeprefix("mean, ")
    return words.replace("±", "+-") if ascii_only else words


def focus_on_row(view: View, run: Run, members: Members) -> bool:
    """Put the cursor of the list of runs where a row belongs: on a run, or on a heading. False: it is there."""
    before = (view.focused_group, view.focused_run)
    if isinstance(run, GroupRun):
        view.focused_group, view.focused_run = run.group.key, members[run.name][0].name
    else:
        view.focused_group, view.focused_run = None, run.name
    return before != (view.focused_group, view.focused_run)
