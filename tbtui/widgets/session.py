"""What every widget of one window looks at: the store, the view, and what follows from both."""

from __future__ import annotations

import math
import os
import re
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import takewhile
from operator import itemgetter
from typing import NamedTuple

from tbtui.analysis.colors import RGB, run_colors
from tbtui.analysis.ending import End
from tbtui.analysis.filters import Filter, Sieve, compile_filter
from tbtui.analysis.goals import Goal, guess_goal
from tbtui.analysis.groups import Grouping, group_runs
from tbtui.analysis.health import Flag, State, eta
from tbtui.analysis.numbers import format_age
from tbtui.analysis.order import Key, natural_key
from tbtui.analysis.runfilter import RunFilter, compile_run_filter
from tbtui.analysis.stats import ends_of_parts
from tbtui.analysis.text import safe
from tbtui.settings import Options, View
from tbtui.store import Run, ScalarSeries, Store
from tbtui.store.hparams import HParams, HParamsCache
from tbtui.widgets.health import Health
from tbtui.widgets.listing import Listing
from tbtui.widgets.listing_rows import Row
from tbtui.widgets.pulse import GONE_SIGN, GONE_WORDS, SIGNS, WORDS, Pulses, losses, main_series
from tbtui.widgets.run_facts import Patience
from tbtui.widgets.run_groups import DrawnGroups

SPARK_PARTS = 8
"""Parts of a curve for each cell of its sparkline; each counts by its smallest and its largest value."""

MOST_LISTED = 20
"""Charts on a page name the curves of so many runs at most, so that only up to there their order matters."""


MANY_RUNS, LONGEST_WAIT, SHORTEST_WAIT = 1000, 1.0, 0.1
"""While runs are being found and there are so many, a few more wait so many seconds until they are listed, many more
wait the shorter time."""

MOST_NEW = 1000
"""Then so many are listed at once: what looks at all runs takes long where it looks for the first time."""


class Pace(NamedTuple):
    """How far a run has come: its step, and where they are known its steps a second and its end."""

    step: int
    rate: float | None
    goal: int | None
    """The step at which it ends; None where it does not say, or has passed it."""
    eta: float | None
    """Seconds until then."""


def common_folders(runs: Sequence[str]) -> str:
    """The leading folders that all of several runs have in common, with the slash behind them."""
    levels = zip(*(run.split("/")[:-1] for run in runs), strict=False) if len(runs) > 1 else ()
    common = takewhile(lambda level: len(set(level)) == 1, levels)
    return "".join(f"{level[0]}/" for level in common)


def labels(runs: Sequence[str]) -> dict[str, str]:
    """Names to show: made safe, without the leading folders that all have in common."""
    start = len(common_folders(runs))
    return {run: safe(run[start:]) for run in runs}


class Session:
    """The store and the view of one window, and what is derived from them; no widget, and no Textual.

    Whoever changes `view` posts `ViewChanged`, and the app tells every widget on the screen. `clock` gives the wall
    time in seconds since 1970.
    """

    def __init__(
        self,
        store: Store,
        view: View | None = None,
        options: Options | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.store = store
        self.view = view or View()
        self.options = options or Options()
        self.clock = clock
        self.pressed = -math.inf
        """When (perf_counter) the last key came. What is done for nobody in particular lets it go first."""
        self._run_option = re.compile(self.options.run or "")
        self._tag_option = re.compile(self.options.tag or "")
        self._seen_runs = 0
        self._took_in = 0.0
        self._runs: list[Run] = []
        self._placed: list[tuple[Key, Run]] = []  # the same, each with what orders it
        self._visible: tuple[object, list[Run]] = (None, [])
        self._drawn: tuple[object, list[Run]] = (None, [])
        self._newest: tuple[int, Run | None] = (-1, None)
        self._colors: dict[str, RGB] = {}
        self._labels: dict[str, str] = {}
        self._sieve = Sieve()
        self._folders = ""  # that the labels are without
        self.listing = Listing(self)
        """What the list of runs shows."""
        self.drawn_groups = DrawnGroups(self)
        """Which runs are drawn as one curve."""
        self._pulses = self._new_pulses()
        self._health = Health(self.goal)
        self._sparks: dict[tuple[str, str, int], tuple[int, str]] = {}
        self._looked_at = self._looking_at = -1
        self._unsettled = sys.maxsize
        self._to_look_at: Iterator[Run] = iter(())
        self._main: dict[str, tuple[int, ScalarSeries | None]] = {}
        self._hparams = HParamsCache()
        self._grouping = Grouping((), ())
        self._grouped_for: tuple[object, ...] = ()

    def replace_store(self, store: Store) -> None:
        """Look at another store from now on: everything is read again."""
        self.store = store
        self._seen_runs = 0
        self._runs = []
        self._placed = []
        self._visible = self._drawn = (None, [])
        self._newest = (-1, None)
        self.listing = Listing(self)
        self._grouped_for = ()
        self.drawn_groups = DrawnGroups(self)
        self._hparams = HParamsCache()
        self._pulses = self._new_pulses()
        self._health = Health(self.goal)
        self._sparks.clear()
        self._main.clear()
        self._looked_at = self._looking_at = -1

    def runs(self) -> list[Run]:
        """All runs that the command line lets in, in natural order of their names; the same list until there are
        more."""
        if self._seen_runs != self.store.run_count and not self._later():
            self._took_in = time.monotonic()
            found = self.store.runs_from(self._seen_runs)[: MOST_NEW if self._many() else None]
            self._seen_runs += len(found)
            new = [run for run in found if self._run_option.search(run.name)]
            if new:
                self._take_in(new)
        return self._runs

    def _later(self) -> bool:
        """Whether new runs can wait: while thousands are found, each look at all of them takes long."""
        few = self.store.run_count - self._seen_runs < len(self._runs) // 4
        wait = LONGEST_WAIT if few else SHORTEST_WAIT
        return self._many() and time.monotonic() - self._took_in < wait

    def _many(self) -> bool:
        """Whether there are thousands of runs, and more are being found."""
        return len(self._runs) >= MANY_RUNS and not self.store.progress.quiet

    def _take_in(self, new: list[Run]) -> None:
        """Gives new runs their places, labels and colours."""
        several = len(self._runs) > 1
        placed = sorted(((natural_key(run.name), run) for run in new), key=itemgetter(0))
        new = [run for _, run in placed]
        self._placed = sorted([*self._placed, *placed], key=itemgetter(0))  # two sorted lists, which Python merges
        self._runs = [run for _, run in self._placed]
        names = [run.name for run in new]
        if several and all(name.startswith(self._folders) for name in names):
            self._labels |= {name: safe(name[len(self._folders) :]) for name in names}
        else:
            every = [run.name for run in self._runs]
            self._folders, self._labels = common_folders(every), labels(every)
        if len(self._runs) == 1 and new[0].name == ".":
            self._labels["."] = safe(os.path.basename(os.path.abspath(new[0].path))) or "."
        chosen = self.view.colors
        colors = run_colors(names, {**self._colors, **chosen})
        self._colors |= {name: color for name, color in colors.items() if name not in chosen}

    def filtered_runs(self) -> list[Run]:
        """The runs that the run filter lets through and that are not put away, in the order of the list."""
        return self.listing.runs()

    def visible_runs(self) -> list[Run]:
        """The runs whose data are drawn: let through by the filter, and not switched off; the same list until others
        are."""
        view, runs = self.view, self.filtered_runs()
        only = None if view.only is None else frozenset(view.only)
        state = (id(runs), self.listing.count, only, frozenset(view.hidden), frozenset(view.away))
        if state != self._visible[0]:
            none_hidden = only is None and not view.hidden and not view.away
            self._visible = state, runs if none_hidden else [run for run in runs if not view.is_hidden(run.name)]
        return self._visible[1]

    def drawn_runs(self) -> list[Run]:
        """The same as `visible_runs`, where there are many in order of their names: how charts are drawn then does not
        depend on the order of the list, and nothing has to be drawn anew when that changes."""
        runs = self.visible_runs()
        if len(runs) <= MOST_LISTED:
            return runs
        if self._drawn[0] is not self._visible[0]:
            every = self.runs()
            if len(runs) < len(every):
                visible = {run.name for run in runs}
                every = [run for run in every if run.name in visible]
            self._drawn = self._visible[0], every
        return self._drawn[1]

    def hparams(self, run: Run) -> HParams:
        """The run's hyperparameters: its own, or those of the nearest run above it."""
        return self._hparams.nearest(run, self.store.run)

    def grouping(self) -> Grouping:
        """All runs put together as `View.grouping` asks; the same object as long as nothing changes in it."""
        runs, rule = self.runs(), self.view.grouping
        structure = self.store.structure if rule == "hparams" else 0
        state = (rule, len(runs), runs[0].name if runs else "", structure)
        if state != self._grouped_for:
            self._grouped_for = state
            hparams = {run.name: self.hparams(run).values for run in runs} if rule == "hparams" else {}
            self._grouping = group_runs(rule, [run.name for run in runs], hparams)
        return self._grouping

    def focused_run(self) -> Run | None:
        """The run under the cursor: the one chosen, or the first of the list where that one is not to be seen."""
        chosen = self.listing.find(self.view.focused_run or "")
        return chosen or next((run for row in self.listing.rows() for run in row.runs), None)

    def group_at_cursor(self) -> Row | None:
        """The heading under the cursor of the list; None where the cursor is on a run."""
        chosen = self.view.focused_group
        if chosen is None:
            return None
        rows = self.listing.rows()
        return next((row for row in rows if row.run is None and row.group and row.group.key == chosen), None)

    def chosen_runs(self) -> list[Run]:
        """What keys of runs act on: the run under the cursor, or all runs of the group under it."""
        heading, run = self.group_at_cursor(), self.focused_run()
        if heading is not None:
            return list(heading.runs)
        return [run] if run is not None else []

    def color(self, run: str) -> RGB:
        """The colour of a run, the same everywhere; that of its group where groups are drawn."""
        group = self.drawn_groups.colored().get(run)
        if group is not None:
            return self.drawn_groups.color(group)
        chosen = self.view.colors.get(run)
        if chosen is not None:
            return chosen
        self.runs()
        if run not in self._colors:
            self._colors = {**self._colors, **run_colors([run], {**self._colors, **self.view.colors})}
        return self._colors[run]

    def label(self, run: str) -> str:
        """A run's name as it is shown: made safe, without the folders that all runs have in common, or its alias."""
        alias = self.view.aliases.get(run)
        return safe(alias) if alias else self._labels.get(run) or safe(run)

    @property
    def run_filter(self) -> RunFilter:
        """What was typed to choose runs, compiled."""
        return compile_run_filter(self.view.run_filter, tuple(sorted(self.view.goals.items())))

    @property
    def tag_filter(self) -> Filter:
        """What was typed to choose tags, compiled."""
        return compile_filter(self.view.tag_filter)

    def tag_matches(self, tag: str) -> bool:
        """True when the command line and the tag filter let the tag through."""
        return self._tag_option.search(tag) is not None and self.tag_filter.matches(tag)

    def matching(self, tags: Sequence[str]) -> Sequence[str]:
        """Those of many tags that `tag_matches` lets through, in their order; the same object where all are."""
        option = self._tag_option
        if self.options.tag:
            tags = [tag for tag in tags if option.search(tag) is not None]
        return self._sieve.keep(tags, self.tag_filter)

    def goal(self, tag: str) -> Goal | None:
        """Which way a metric should go: as the user said, or as its name says; None where nothing does."""
        return self.view.goals.get(tag) or guess_goal(tag)

    def tag_count(self) -> int:
        """How many tags there are, of each plugin the different ones, as `tbtui inspect` counts them."""
        return sum(self.store.plugins().values())

    # -- how runs are doing ------------------------------------------------------------------------------------

    def state(self, run: Run) -> State:
        """The run's state now."""
        return self._pulses.state(run, self.clock())

    def look_ahead(self, seconds: float = 0.005) -> bool:
        """Find out for so long how runs are doing, before somebody asks for all of them; False: all is known.

        Only when the first load is over.
        """
        structure = self.store.structure
        if not self.store.progress.quiet or self._looked_at == structure:
            return False
        before, self._unsettled = self._unsettled, self.store.unsettled
        if 0 < self._unsettled < before:  # the reading thread puts points in place, which would be done here else
            return True
        if self._looking_at != structure:
            self._looking_at, self._to_look_at = structure, iter(self.runs())
        until = time.perf_counter() + seconds
        for run in self._to_look_at:  # goes on where the last call left it
            if self._pulses.missing(run):
                self._pulses.facts(run, self.clock())
                if time.perf_counter() > until:
                    return True
        self._looked_at = structure
        return False

    def state_sign(self, run: Run) -> tuple[str, str]:
        """The state's shape, and its look."""
        return GONE_SIGN if run.gone else SIGNS[self.state(run)]

    def state_words(self, run: Run) -> str:
        """The state in words."""
        return GONE_WORDS if run.gone else WORDS[self.state(run)]

    def last_step(self, run: Run, patience: Patience | None = None) -> int | None:
        """How far the run has come: the step of its newest point, or the greatest of a curve where that is further.

        What is written once an epoch, and counts epochs, is at times the newest.
        """
        if not self.store.progress.quiet:  # all runs may be asked for, and everything moves
            return run.last_step
        reached = self._pulses.reached(run, patience)
        return max((step for step in (run.last_step, reached) if step is not None), default=None)

    def rate(self, run: Run) -> float | None:
        """Steps a second of late; None where unknown."""
        return self._pulses.rate(run, self.clock())

    def newest_run(self) -> Run | None:
        """The run that was written last."""
        version = self.store.version
        if self._newest[0] != version:
            newest, latest = None, 0.0
            for run in self.runs():  # of which there may be ten thousand, at every change
                wall = run.reach.last_wall
                if wall is not None and (newest is None or wall > latest):
                    newest, latest = run, wall
            self._newest = version, newest
        return self._newest[1]

    def liveness(self) -> tuple[str, str, str] | None:
        """(shape, look, words) of the whole: the state of the newest run, and how long ago it was written."""
        run = self.newest_run()
        if run is None or run.last_wall is None:
            return None
        state = self.state(run)
        word = {"bad": "bad values"}.get(state, state)
        return *SIGNS[state], f"{word} {format_age(self.clock() - run.last_wall)}"

    def pace(self) -> Pace | None:
        """How far a run has come: the one under the cursor, or the newest while the user has not chosen one."""
        run = self.focused_run() if self.view.focused_run is not None else self.newest_run()
        return None if run is None else self.pace_of(run)

    def pace_of(self, run: Run) -> Pace | None:
        """How far this run has come; None before it has a step."""
        step = self.last_step(run)
        if step is None:
            return None
        end = self.end(run)
        rate = self.rate(run) if self.is_live(run) else None
        goal = end.step if end is not None and end.step > step else None
        return Pace(step, rate, goal, eta(step, goal, rate))

    def end(self, run: Run) -> End | None:
        """The step at which the run ends, and what says so; None where nothing does."""
        return self._pulses.facts(run, self.clock()).end

    def is_live(self, run: Run) -> bool:
        """Whether the run still writes, be its values good or bad."""
        return not run.gone and self._pulses.is_live(run, self.clock())

    def flags(self, run: Run, tags: Sequence[str]) -> list[tuple[str, Flag]]:
        """(tag, what is to be said of it) of the tags that somebody should look at."""
        return self._health.of(run, tags, self.clock())

    def main_flags(self, run: Run) -> list[tuple[str, Flag]]:
        """The same of the focused tag, and of the first few that should fall."""
        tags = [self.view.focused_tag or "", *(series.tag for series in losses(run))]
        return self.flags(run, list(dict.fromkeys(tags)))

    def _new_pulses(self) -> Pulses:
        return Pulses(self.store, hparams=lambda run: self.hparams(run).values, max_steps=self.options.max_steps)

    def _main_series(self, run: Run) -> ScalarSeries | None:
        known = self._main.get(run.name)
        if known is None or known[0] != run.version:
            self._main[run.name] = known = (run.version, main_series(run))
        return known[1]

    def spark(self, run: Run, cells: int) -> str:
        """The course of the focused tag in `cells` cells (or of the run's first tag, where it has no such tag)."""
        series = run.scalars.get(self.view.focused_tag or "") or self._main_series(run)
        if series is None:
            return " " * cells
        key = (run.name, series.tag, cells)
        known = self._sparks.get(key)
        if known is None or known[0] != series.version:
            from tbtui.charts.dots import Style
            from tbtui.charts.spark import sparkline

            values = series.points().values
            style: Style = "ascii" if self.options.ascii else "blocks"
            known = (series.version, sparkline(ends_of_parts(values, cells * SPARK_PARTS), cells, style).ljust(cells))
            self._sparks[key] = known
        return known[1]
