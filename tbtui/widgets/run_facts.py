"""What a run filter may ask of a run: looked up in the session when it asks, and no sooner."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from tbtui.analysis.runfilter import Extreme
from tbtui.settings import View
from tbtui.store import Run, ScalarSeries

StateOf = Callable[[Run], str]
StepOf = Callable[[Run], int | None]
HParamsOf = Callable[[Run], Mapping[str, Any]]


class Values:
    """The last, lowest and highest value of series, computed again only when a series moved."""

    def __init__(self) -> None:
        self._known: dict[tuple[str, str], tuple[ScalarSeries, int, dict[Extreme, float | None]]] = {}

    def of(self, run: Run, tag: str, which: Extreme) -> float | None:
        """The value of a tag, or of the first tag that ends with `/tag`; None where there is none."""
        series = run.scalars.get(tag)
        if series is None:
            ending = f"/{tag}"
            series = next((one for name, one in list(run.scalars.items()) if name.endswith(ending)), None)
        if series is None:
            return None
        key = run.name, series.tag
        known = self._known.get(key)
        if known is None or known[0] is not series or known[1] != series.version:
            self._known[key] = known = (series, series.version, {})
        found = known[2]
        if which not in found:
            found[which] = _value(series.points().values, which)
        return found[which]


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
