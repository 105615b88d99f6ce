"""What a run filter may ask of a run: looked up in the session when it asks, and no sooner."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tbtui.analysis.runfilter import Extreme
from tbtui.settings import View
from tbtui.store import Run, ScalarSeries

StateOf = Callable[[Run], str]
StepOf = Callable[[Run], int | None]
HParamsOf = Callable[[Run], Mapping[str, Any]]


class Patience:
    """So many seconds in which things of runs are looked up, from the first of them on.

    left: the runs for which there was no time.
    """

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._until = 0.0
        self.left: list[Run] = []

    def over(self, run: Run) -> bool:
        """Whether there is no time to look something up; only asked where it is not known."""
        now = time.perf_counter()
        if not self._until:
            self._until = now + self._seconds
        if now < self._until:
            return False
        self.left.append(run)
        return True


class Values:
    """The last, lowest and highest value of series, computed again only when a series moved."""

    def __init__(self) -> None:
        self._known: dict[ScalarSeries, tuple[int, dict[Extreme, float | None]]] = {}

    def of(self, run: Run, tag: str, which: Extreme, patience: Patience | None = None) -> float | None:
        """The value of a tag, or of the first tag that ends with `/tag`; None where there is none.

        When the patience is over: what was known last.
        """
        series = run.scalars.get(tag)
        if series is None:
            ending = f"/{tag}"
            series = next((one for name, one in list(run.scalars.items()) if name.endswith(ending)), None)
            if series is None:
                return None
        known = self._known.get(series)
        if known is not None and known[0] == series.version and which in known[1]:
            return known[1][which]
        if patience is not None and patience.over(run):
            return None if known is None else known[1].get(which)
        if known is None or known[0] != series.version:
            self._known[series] = known = (series.version, {})
        found = known[1][which] = _value(series.points().values, which)
        return found


def _value(values: Any, which: Extreme) -> float | None:
    if not len(values):
        return None
    if which == "last":
        return float(values[-1])
    finite = values[np.isfinite(values)]
    if not len(finite):
        return None
    return float(finite.min() if which == "min" else finite.max())


class Facts:
    """One run, as `analysis.runfilter` asks about it at wall time `now`."""

    __slots__ = ("_hparams", "_now", "_run", "_state", "_step", "_values", "_view", "name")

    def __init__(
        self, run: Run, now: float, state: StateOf, hparams: HParamsOf, values: Values, view: View, step: StepOf
    ) -> None:
        self.name, self._view = run.name, view
        self._step = step
        self._run, self._now, self._state, self._hparams, self._values = run, now, state, hparams, values

    def state(self) -> str:
        """Its state; "gone" where its files have vanished."""
        return "gone" if self._run.gone else self._state(self._run)

    def age(self) -> float | None:
        """Seconds since it was written last."""
        return None if self._run.last_wall is None else self._now - self._run.last_wall

    def last_step(self) -> int | None:
        """How far it has come."""
        return self._step(self._run)

    def hparams(self) -> Mapping[str, Any]:
        """Its hyperparameters."""
        return self._hparams(self._run)

    def tags(self) -> Iterable[str]:
        """Its scalar tags."""
        return list(self._run.scalars)

    def hashtags(self) -> Iterable[str]:
        """The user's words for it."""
        return self._view.hashtags.get(self.name, ())

    def note(self) -> str:
        """The user's note to it."""
        return self._view.notes.get(self.name, "")

    def value(self, tag: str, which: Extreme) -> float | None:
        """A value of a scalar tag."""
        return self._values.of(self._run, tag, which)
