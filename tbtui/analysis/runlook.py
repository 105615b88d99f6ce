"""What a run filter asks of a run, answered from the store; numbers are looked up once until the series moves."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tbtui.analysis.runfilter import Extreme
from tbtui.store import Run, ScalarSeries

__all__ = ["Extremes", "RunLook"]


class Extremes:
    """Last, smallest and largest values of series, kept until a series has a new version. For one thread."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str, Extreme], tuple[ScalarSeries, int, float | None]] = {}

    def of(self, series: ScalarSeries, which: Extreme) -> float | None:
        """The last value, or the smallest or largest finite one; None where there is none."""
        key = (series.run, series.tag, which)
        known = self._known.get(key)
        if known is not None and known[0] is series and known[1] == series.version:
            return known[2]
        version = series.version
        found = _value(series, which)
        self._known[key] = series, version, found
        return found


def _value(series: ScalarSeries, which: Extreme) -> float | None:
    values = series.points().values
    if which == "last":
        return float(values[-1]) if len(values) else None
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    return float(finite.min() if which == "min" else finite.max())


class RunLook:
    """One run at one moment: what `runfilter.RunFacts` asks for.

    state: how the run is (one of `runfilter.STATES`); hparams: its hyperparameters, like
    `HParamsCache.nearest(run, store.run).values`; both are only called when a filter asks. now: wall time in seconds
    since 1970.
    """

    __slots__ = ("_extremes", "_hparams", "_now", "_run", "_state")

    def __init__(
        self,
        run: Run,
        now: float,
        state: Callable[[Run], str],
        hparams: Callable[[Run], Mapping[str, Any]],
        extremes: Extremes,
    ) -> None:
        self._run = run
        self._now = now
        self._state = state
        self._hparams = hparams
        self._extremes = extremes

    @property
    def name(self) -> str:
        """The run's name."""
        return self._run.name

    def state(self) -> str:
        """How it is; "gone" where its files have vanished."""
        return "gone" if self._run.gone else self._state(self._run)

    def age(self) -> float | None:
        """Seconds since its newest value."""
        return None if self._run.last_wall is None else self._now - self._run.last_wall

    def last_step(self) -> int | None:
        """The step of its newest value."""
        return self._run.last_step

    def hparams(self) -> Mapping[str, Any]:
        """Its hyperparameters."""
        return self._hparams(self._run)

    def tags(self) -> Iterable[str]:
        """Its scalar tags."""
        return list(self._run.scalars)

    def value(self, tag: str, which: Extreme) -> float | None:
        """The last value of a scalar tag, or its smallest or largest finite one."""
        series = self._run.scalars.get(tag)
        return None if series is None else self._extremes.of(series, which)
