"""What is typed to choose runs: the words of `analysis.filters` for names, and conditions on what the runs hold.

``state:live``      runs in that state: live, stalled, ended, bad, unreadable, empty
``age<10m``         written less than ten minutes ago (s, m, h, d)
``step>=1000``      the last step
``val/acc>0.8``     the last value of that tag, or of the first tag that ends so (``acc>0.8``)

Conditions and words stand side by side; all must hold, and ``|`` separates alternatives.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from tbtui.analysis.filters import Filter, compile_filter
from tbtui.analysis.health import State
from tbtui.store import Run

COMPARISONS: dict[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
    "=": operator.eq,
}
UNITS = {"": 1.0, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

_STATE = re.compile(r"state:(?P<state>[a-z]+)", re.IGNORECASE)
_NUMBER = re.compile(
    r"(?P<what>[^\s<>=|!/][^\s<>=|]*?)(?P<sign>>=|<=|>|<|=)(?P<number>[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)"
    r"(?P<unit>[smhd]?)",
    re.IGNORECASE,
)

StateOf = Callable[[Run], State]
Condition = Callable[[Run, StateOf, float], bool]
"""(run, how to learn its state, the wall time) -> whether it holds."""


@dataclass(frozen=True, slots=True)
class RunFilter:
    """A compiled filter of runs. `error` is a sentence about what can't be understood; `timed` that time changes it."""

    alternatives: tuple[tuple[Filter, tuple[Condition, ...]], ...]
    error: str | None
    timed: bool

    def matches(self, run: Run, state_of: StateOf, now: float) -> bool:
        """Whether the filter lets the run through."""
        return any(
            names.matches(run.name) and all(holds(run, state_of, now) for holds in conditions)
            for names, conditions in self.alternatives
        )


@lru_cache(maxsize=64)
def compile_run_filter(text: str) -> RunFilter:
    """Read what was typed. Without a condition it is a filter of names. Never raises."""
    if not any(_condition(word) for word in text.split()):
        names = compile_filter(text)
        return RunFilter(((names, ()),), names.error, timed=False)
    alternatives = []
    for part in re.split(r"\s\|\s", text):
        words = [(word, _condition(word)) for word in part.split()]
        names = compile_filter(" ".join(word for word, condition in words if condition is None))
        alternatives.append((names, tuple(condition for _, condition in words if condition is not None)))
    error = next((names.error for names, _ in alternatives if names.error), None)
    return RunFilter(tuple(alternatives), error, timed=True)


def _condition(word: str) -> Condition | None:
    state = _STATE.fullmatch(word)
    if state:
        wanted = state["state"].lower()
        return lambda run, state_of, _now: state_of(run).startswith(wanted)
    found = _NUMBER.fullmatch(word)
    if not found:
        return None
    what, compare, number = found["what"], COMPARISONS[found["sign"]], float(found["number"])
    if what == "age":
        seconds = number * UNITS[found["unit"].lower()]
        return lambda run, _state_of, now: run.last_wall is not None and compare(now - run.last_wall, seconds)
    if found["unit"]:
        return None
    if what == "step":
        return lambda run, _state_of, _now: run.last_step is not None and compare(run.last_step, number)
    return lambda run, _state_of, _now: compare(last_value(run, what), number)


def last_value(run: Run, tag: str) -> float:
    """The newest value of a tag, or of the first tag that ends with `/tag`; NaN where there is none."""
    series = run.scalars.get(tag)
    if series is None:
        ending = f"/{tag}"
        series = next((one for name, one in list(run.scalars.items()) if name.endswith(ending)), None)
    values = series.points().values if series is not None else ()
    return float(values[-1]) if len(values) else math.nan
