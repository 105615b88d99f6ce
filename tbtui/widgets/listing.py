"""Which runs the list holds and in which order: filter, runs put away, order, pins, groups. No widget."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from math import isfinite
from operator import itemgetter
from typing import TYPE_CHECKING

from tbtui.analysis.numbers import format_age, format_step, format_value
from tbtui.analysis.order import natural_key
from tbtui.analysis.runfilter import Extreme
from tbtui.store import Run
from tbtui.widgets.listing_rows import Row, group_rows, tree_rows
from tbtui.widgets.run_facts import Facts, Patience, Values

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

RESORT_SECONDS = 2
"""Orders that follow the data are looked at again so often: rows that jump all the time can't be read."""

EXTREMES: dict[str, Extreme] = {"last": "last", "min": "min", "max": "max"}
METRIC_ORDERS = (*EXTREMES, "best")
"""Orders by a value of the focused tag."""

MANY, LOOKING_UP, NEXT_ORDER = 1000, 0.005, 0.5
"""Of so many runs values are looked up for so many seconds at a time; runs whose value is not known yet stand where
those without one do, and every so many seconds the list is put in order again."""

FALLING = ("start", "step")
"""Orders that begin with the largest."""


class Listing:
    """What the list of runs shows, put together again only when something moved that it follows from."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self._values = Values()
        self._matched: list[Run] = []
        self._matched_for: tuple[object, ...] = ()
        self._runs: list[Run] = []
        self._runs_for: tuple[object, ...] = ()
        self._rows: list[Row] = []
        self._rows_for: tuple[object, ...] = ()
        self.count = 0
        """Moves whenever other runs are listed, or in another order."""
        self._left: list[Run] = []  # whose values were not known when the list was put in order
        self._look_up: Callable[[Run], object] | None = None
        self._ordered_at = 0.0
        self._orders = 0
        self._beaten = (-1, -1)  # the changes of the store when runs were put in order last, and the beat then
        self._alone: dict[Run, Row] = {}
        self._by_name: tuple[int, dict[str, Run]] = (-1, {})
        self._all_tags: tuple[int, frozenset[str]] = (-1, frozenset())
        self._tags: frozenset[str] = frozenset()
        self._usual = ""

    def runs(self) -> list[Run]:
        """The runs that the filter lets through, without those put away or hidden, in the order of the list."""
        view, matched = self.session.view, self._matching()
        moving = view.run_order != "name"
        beat = self._beat() if moving else 0
        quiet = self.session.store.progress.quiet
        metric = self.metric() if view.run_order in METRIC_ORDERS else ""
        state = (
            self._matched_for, view.run_order, view.run_order_reversed, metric, beat, quiet, tuple(view.top_runs),
            frozenset(view.away), view.show_away, self.session.store.version if view.hide_empty else None,
            self.session.goal(metric), self._orders,
        )  # fmt: skip
        if state != self._runs_for:
            kept = matched
            if view.away and not view.show_away:
                kept = [run for run in kept if run.name not in view.away]
            if view.hide_empty:
                kept = [run for run in kept if not run.empty]
            patience = Patience(LOOKING_UP) if len(kept) >= MANY else None
            found = in_order(kept, self._key(metric, patience), self.falling())
            self._left = patience.left if patience is not None else []
            self._look_up, self._ordered_at = self._key(metric), time.monotonic()
            top = {name: place for place, name in enumerate(view.top_runs)}
            if top:
                found.sort(key=lambda run: top.get(run.name, len(top)))
            self._runs, self._runs_for = found, state
            self.count += 1
        return self._runs

    def _beat(self) -> int:
        """Moves when runs may stand in another order: when something came, but not too often."""
        changes, beat = self.session.store.changes, int(self.session.clock()) // RESORT_SECONDS
        if changes != self._beaten[0] and beat != self._beaten[1]:
            self._beaten = changes, beat
        return self._beaten[1]

    @property
    def unfinished(self) -> bool:
        """Whether the order will be another one when more values were looked up."""
        return bool(self._left)

    def look_up(self) -> bool:
        """Looks up values that were not known, for some milliseconds; whether the list is to be asked for again."""
        until = time.perf_counter() + LOOKING_UP
        while self._left and self._look_up is not None and time.perf_counter() < until:
            self._look_up(self._left.pop())
        if self._left and time.monotonic() - self._ordered_at < NEXT_ORDER:
            return False
        self._orders += 1
        return True

    def find(self, name: str) -> Run | None:
        """The listed run of that name."""
        runs = self.runs()
        if self._by_name[0] != self.count:
            self._by_name = self.count, {run.name: run for run in runs}
        return self._by_name[1].get(name)

    def _matching(self) -> list[Run]:
        session = self.session
        wanted, runs = session.run_filter, session.runs()
        moved = session.store.version if wanted.needs else 0
        second = int(session.clock()) if wanted.needs & {"age", "state"} else 0
        words: tuple[object, ...] = ()
        if wanted.needs & {"hashtags", "notes"}:
            words = (str(session.view.hashtags), str(session.view.notes))
        state = (wanted, len(runs), moved, second, words)
        if state != self._matched_for:
            self._matched = [run for run in runs if wanted.matches(self._facts(run))] if not wanted.empty else runs
            self._matched_for = state
        return self._matched

    def _facts(self, run: Run) -> Facts:
        session = self.session
        return Facts(
            run, session.clock(), session.state, lambda one: session.hparams(one).values, self._values, session.view,
            session.last_step,
        )  # fmt: skip

    # -- order -------------------------------------------------------------------------------------------------

    def metric(self) -> str:
        """The tag whose values order the runs: the focused one, or the first that has a goal; "" without any."""
        tags = self._tags_of_all()
        if self.session.view.focused_tag in tags:
            return self.session.view.focused_tag or ""
        if tags is not self._tags:
            ordered = sorted(tags, key=natural_key)
            self._tags = tags
            self._usual = next((tag for tag in ordered if self.session.goal(tag)), ordered[0] if ordered else "")
        return self._usual

    def _tags_of_all(self) -> frozenset[str]:
        """Asked for at every line of the list: the store's lock would be waited for each time."""
        version = self.session.store.version
        if version != self._all_tags[0]:
            self._all_tags = version, self.session.store.tags()
        return self._all_tags[1]

    def falling(self) -> bool:
        """Whether the largest come first. Of metrics it is the better ones that do."""
        view = self.session.view
        falling = view.run_order in FALLING
        if view.run_order in METRIC_ORDERS:
            falling = self.session.goal(self.metric()) != "down"
        return falling != view.run_order_reversed

    def words(self) -> str:
        """The order, to be shown: `name ▲`, `last loss ▲`. The tag is foreign."""
        order = self.session.view.run_order
        words = f"{order} {self.metric()}" if order in METRIC_ORDERS else order
        return f"{words} {'▼' if self.falling() else '▲'}"

    def value(self, run: Run) -> float | None:
        """The value of the metric that orders the runs; None for none, or where they are ordered otherwise."""
        order = self.session.view.run_order
        if order not in METRIC_ORDERS:
            return None
        return self._metric_value(run, self.metric(), order)

    def _metric_value(self, run: Run, tag: str, order: str) -> float | None:
        return self._values.of(run, tag, self._which(tag, order)) if tag in run.scalars else None

    def _which(self, tag: str, order: str) -> Extreme:
        """Which of its values stands for a series."""
        best: Extreme = "min" if self.session.goal(tag) == "down" else "max"
        return EXTREMES.get(order, best)

    def cell(self, run: Run) -> str:
        """What the list says of a run beside its name: by default the last step, else what orders the runs."""
        order, now = self.session.view.run_order, self.session.clock()
        if order in METRIC_ORDERS:
            value = self.value(run)
            return "" if value is None else format_value(value)
        if order == "start":
            start = run.start_time
            return "" if start is None else format_age(now - start)
        if order == "age":
            return "" if run.last_wall is None else format_age(now - run.last_wall)
        step = self.session.last_step(run)
        return "" if step is None else format_step(step)

    def _key(self, metric: str, patience: Patience | None = None) -> Callable[[Run], float | None] | None:
        order, now = self.session.view.run_order, self.session.clock()
        if order == "start":
            return lambda run: run.start_time
        if order == "age":
            return lambda run: None if run.last_wall is None else now - run.last_wall
        if order == "step":
            return lambda run: self.session.last_step(run, patience)
        if order in METRIC_ORDERS:
            which, values = self._which(metric, order), self._values
            return lambda run: values.of(run, metric, which, patience) if metric in run.scalars else None
        return None

    # -- rows --------------------------------------------------------------------------------------------------

    def rows(self) -> list[Row]:
        """The lines of the list. Groups stand where the first of their runs would; pinned runs before them."""
        view, runs = self.session.view, self.runs()
        grouping = self.session.grouping()
        state = (self.count, id(grouping), frozenset(view.folded_runs), view.run_tree)
        if state != self._rows_for:
            top = set(view.top_runs)
            if view.run_tree and not view.grouping:
                self._rows = tree_rows(runs, top, view.folded_runs)
            elif not grouping.groups:
                alone = self._alone  # the same objects again: there may be ten thousand
                self._rows = [alone.get(run) or alone.setdefault(run, Row(run, None, (run,))) for run in runs]
            else:
                self._rows = group_rows(runs, grouping.groups, top, view.folded_runs)
            self._rows_for = state
        return self._rows


def in_order(runs: Sequence[Run], key: Callable[[Run], float | None] | None, falling: bool) -> list[Run]:
    """Runs by a number, equal ones as they were; those without a finite one at the end. No key: as they were."""
    if key is None:
        return list(reversed(runs)) if falling else list(runs)
    known, without = [], []
    for run in runs:
        value = key(run)
        if value is None or not isfinite(value):
            without.append(run)
        else:
            known.append((-value if falling else value, run))
    known.sort(key=itemgetter(0))
    return [run for _, run in known] + without
