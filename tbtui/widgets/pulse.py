"""How each run is doing, for list and title: computed when somebody looks, and not again until the run moved."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from itertools import islice
from typing import Any

import numpy as np

from tbtui.analysis.ending import End, end_of_run, steps_per_epoch
from tbtui.analysis.health import Activity, State, diverged, recent_rate, rhythm, run_state
from tbtui.store import Run, ScalarSeries, Store
from tbtui.store.hparams import plugin_hparams
from tbtui.widgets.config_texts import ConfigTexts
from tbtui.widgets.run_facts import Patience

LOSS = re.compile(r"loss|cost|nll|perplexity|(^|[^a-z])(err|error|mse|mae|rmse)([^a-z]|$)", re.IGNORECASE)
"""Tags of quantities that should fall."""

MOST_LOSSES = 4
MOST_TAGS = 24

LOOKED_AT = 4000
"""So many values of a series tell whether it diverged."""

SIGNS: dict[State, tuple[str, str]] = {
    "live": ("●", "good"),
    "stalled": ("◐", "warn"),
    "ended": ("○", "muted"),
    "bad": ("⚠", "bad"),
    "unreadable": ("✗", "bad"),
    "empty": ("·", "faint"),
}
"""State -> its shape and its look."""

WORDS: dict[State, str] = {
    "live": "live",
    "stalled": "stalled: silent for far longer than its rhythm",
    "ended": "ended",
    "bad": "NaN, infinite or diverging values",
    "unreadable": "unreadable",
    "empty": "nothing written yet",
}

GONE_SIGN = SIGNS["unreadable"]
GONE_WORDS = "gone: its files have vanished, what was read is still here"


@dataclass(slots=True)
class Facts:
    """What is known of a run at one of its versions: all but the time."""

    version: int
    loaded: bool
    """Whether all that lay there was read by then; before that, bad values and goals are not looked for."""
    activity: Activity
    end: End | None
    """The step at which the run ends, where anything says so."""
    texts: tuple[str, ...] = ()
    """Texts of the run that were looked at for it."""


class Pulses:
    """The state and speed of runs. `now` is the wall time, `age` how old facts may be while a run keeps moving.

    hparams: the hyperparameters of a run; max_steps: the step at which runs end, as the command line says; texts: of
    text summaries, in which it may stand too.
    """

    def __init__(
        self,
        store: Store,
        age: float = 2.0,
        hparams: Callable[[Run], Mapping[str, Any]] = lambda run: plugin_hparams(run).values,
        max_steps: int | None = None,
        texts: ConfigTexts | None = None,
    ) -> None:
        self.store = store
        self.age = age
        self._hparams, self._max_steps = hparams, max_steps
        self._facts: dict[str, Facts] = {}
        self._rates: dict[str, tuple[Facts, float | None]] = {}
        self._reached: dict[str, tuple[int, int | None]] = {}
        self._taken: dict[str, float] = {}
        self._seen_live: set[str] = set()
        self._ends: dict[str, tuple[object, End | None]] = {}
        self._texts = texts or ConfigTexts()

    def facts(self, run: Run, now: float) -> Facts:
        """Computed anew when the run moved, or the first load is over, at most every `age` seconds."""
        known = self._facts.get(run.name)
        if known is not None:
            same = known.version == run.version and (known.loaded or not self.store.progress.quiet)
            same = same and known.texts is self._texts_of(run)
            young = known.activity.points > 0 and abs(now - self._taken[run.name]) < self.age
            if same or young:
                return known
        self._taken[run.name] = now
        self._facts[run.name] = found = self._look(run)
        return found

    def rate(self, run: Run, now: float) -> float | None:
        """Steps a second of late; None where unknown. As old as the facts, and not one of them: few runs are asked."""
        facts = self.facts(run, now)
        known = self._rates.get(run.name)
        if known is None or known[0] is not facts:
            series = main_series(run)
            points = None if series is None else series.points()
            rate = None if points is None else recent_rate(points.steps, points.walls)
            self._rates[run.name] = known = (facts, rate)
        return known[1]

    def reached(self, run: Run, patience: Patience | None = None) -> int | None:
        """The greatest step of the first few scalar series, superseded points left out; None without any, and (unless
        it was known) when the patience is over.

        Not among the facts: all runs are asked for it where it orders them, and the facts take twenty times as long.
        """
        known = self._reached.get(run.name)
        if known is None or known[0] != run.version:
            if patience is not None and patience.over(run):
                return None if known is None else known[1]
            version = run.version
            ends = [end for one in first_series(run) if (end := one.last_step()) is not None]
            self._reached[run.name] = known = (version, max(ends, default=None))
        return known[1]

    def missing(self, run: Run) -> bool:
        """Whether the facts were never looked for, or only while the first load was going on."""
        known = self._facts.get(run.name)
        return known is None or (not known.loaded and self.store.progress.quiet)

    def state(self, run: Run, now: float) -> State:
        """The run's state at this moment."""
        state = run_state(self.facts(run, now).activity, now)
        if state == "live":
            self._seen_live.add(run.name)
        return state

    def is_live(self, run: Run, now: float) -> bool:
        """Whether it still writes, be its values good or bad."""
        return run_state(replace(self.facts(run, now).activity, bad=False), now) == "live"

    def _look(self, run: Run) -> Facts:
        version, loaded = run.version, self.store.progress.quiet
        series = main_series(run)
        beat = None
        if series is not None:
            beat = rhythm(series.points().walls)
        last = run.sessions[-1] if run.sessions else None
        activity = Activity(
            points=run.points + len(run.blobs),
            last_wall=run.last_wall,
            rhythm=beat,
            stopped=last is not None and last.kind == "session_stop" and last.wall >= (run.last_wall or 0.0),
            bad=loaded and any(map(went_wrong, losses(run))),
            unreadable=run.event_files > 0 and self._has_problem(run),
            watched=run.name in self._seen_live,
        )
        texts = self._texts_of(run)
        return Facts(version, loaded, activity, self._end(run, texts), texts)

    def _texts_of(self, run: Run) -> tuple[str, ...]:
        """Texts of the run, else of the nearest run above it that has any: `trial/train` was started by `trial`."""
        if self._max_steps is not None or not self.store.progress.quiet:
            return ()
        name, found = run.name, self._texts.of(run)
        while not found and "/" in name:
            name = name.rpartition("/")[0]
            above = self.store.run(name)
            found = self._texts.of(above) if above is not None else ()
        return found

    def _end(self, run: Run, texts: tuple[str, ...]) -> End | None:
        """Looked up when the first load is over (the messages' module takes a while to import), then with new tags."""
        known = self._ends.get(run.name)
        state = (run.structure, texts)
        if self.store.progress.quiet and (known is None or known[0] != state):
            self._ends[run.name] = known = (state, end_of(run, self._hparams(run), self._max_steps, texts))
        return None if known is None else known[1]

    def _has_problem(self, run: Run) -> bool:
        return run.points == 0 and self.store.has_problem(run)


def main_series(run: Run) -> ScalarSeries | None:
    """The scalar series with the most points, of the first few."""
    return max(first_series(run), key=lambda one: one.total, default=None)


def first_series(run: Run) -> list[ScalarSeries]:
    """The first few scalar series, in the order they were met."""
    return list(run.scalars.values())[:MOST_TAGS]


def end_of(run: Run, hparams: Mapping[str, Any], max_steps: int | None = None, texts: Sequence[str] = ()) -> End | None:
    """Where the run ends; None where nothing says it. Epochs count where a tag `epoch` tells how long they are."""
    epochs = run.scalars.get("epoch") if hparams or texts else None
    return end_of_run(hparams, max_steps, steps_per_epoch(epochs.points()) if epochs is not None else None, texts)


def losses(run: Run) -> list[ScalarSeries]:
    """The first few series whose values should fall."""
    return list(islice((series for tag, series in list(run.scalars.items()) if _falls(tag)), MOST_LOSSES))


@lru_cache(maxsize=65_536)
def _falls(tag: str) -> bool:
    return LOSS.search(tag) is not None


def went_wrong(series: ScalarSeries) -> bool:
    """Whether the newest value is not finite, or the series has diverged."""
    values = series.points().values
    stride = max(1, len(values) // LOOKED_AT)
    return bool(diverged(np.ascontiguousarray(values[::-stride][::-1]))) if len(values) else False
