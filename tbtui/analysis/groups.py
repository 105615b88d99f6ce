"""Runs that belong together: the same training with other seeds.

A group is drawn as one mean with a band (`analysis.bands`). Runs are put together by what a regular expression
captures from their names, by the folder they lie in, or by equal hyperparameters.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from tbtui.analysis.order import natural_key

__all__ = [
    "SEEDS",
    "Grouping",
    "RunGroup",
    "group_by_hparams",
    "group_by_parent",
    "group_by_regex",
    "group_runs",
    "is_seed",
]

SEEDS = ("seed", "random_seed", "randomseed", "rng_seed", "manual_seed", "random_state", "trial", "repeat", "replicate")
"""Hyperparameters that make no difference between trainings; so do names that end with `seed`."""


class RunGroup(NamedTuple):
    """Runs that belong together. key: the same as long as the rule and the names are; title: in words, to show."""

    key: str
    title: str
    runs: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Grouping:
    """Groups in natural order of their titles, runs in each in natural order; rest: the runs that are in none.

    error: why the rule can't be understood (then all runs are in `rest`), or None.
    """

    groups: tuple[RunGroup, ...]
    rest: tuple[str, ...]
    error: str | None = None


def group_runs(rule: str, runs: Iterable[str], hparams: Mapping[str, Mapping[str, Any]]) -> Grouping:
    """Groups by a rule: "" (none), "directory", "hparams" (of `hparams`, by run), or "/regular expression/"."""
    if rule == "directory":
        return group_by_parent(runs)
    if rule == "hparams":
        return group_by_hparams(hparams, runs)
    if len(rule) > 2 and rule[0] == rule[-1] == "/":
        return group_by_regex(runs, rule[1:-1])
    error = f"{rule} is no rule for groups: there are directory, hparams and /regex/" if rule else None
    return Grouping((), _ordered(dict.fromkeys(runs)), error)


def group_by_regex(runs: Iterable[str], pattern: str) -> Grouping:
    """Groups by a regular expression, found anywhere in the name; upper and lower case are alike.

    What its capture groups capture makes the group, joined by `, ` (a capture that took no part is left out); without
    capture groups the whole match does. Runs in which it is not found are in no group.
    """
    names = list(dict.fromkeys(runs))
    try:
        expression = re.compile(pattern, re.IGNORECASE)
    except re.error as error:
        return Grouping((), _ordered(names), f"not a regular expression: {error}")
    keys: dict[str, tuple[str, str]] = {}
    for name in names:
        match = expression.search(name)
        if match is None:
            continue
        parts = match.groups() if expression.groups else (match[0],)
        title = ", ".join(part for part in parts if part)
        keys[name] = "\0".join("" if part is None else part for part in parts), title or "(nothing)"
    return _grouping(names, keys)


def group_by_parent(runs: Iterable[str]) -> Grouping:
    """Groups by the folder that the run's folder lies in. Runs at the top (and `.`) are in no group."""
    names = list(dict.fromkeys(runs))
    keys = {name: (parent, parent) for name in names if (parent := name.rpartition("/")[0])}
    return _grouping(names, keys)


def group_by_hparams(
    hparams: Mapping[str, Mapping[str, Any]], runs: Iterable[str], ignore: Collection[str] = ()
) -> Grouping:
    """Groups by equal hyperparameters, those that `is_seed` knows and those in `ignore` left out.

    hparams: run -> its hyperparameters (numbers, strings, bools, None, lists). Numbers are equal by value (1 and 1.0).
    Titles name only the hyperparameters in which the groups differ. Runs without hyperparameters are in no group.
    """
    names = list(dict.fromkeys(runs))
    kept = {
        name: {key: _plain(value) for key, value in hparams[name].items() if key not in ignore and not is_seed(key)}
        for name in names
        if hparams.get(name)
    }
    known = sorted({key for values in kept.values() for key in values}, key=natural_key)
    differing = [key for key in known if len({values.get(key, "unset") for values in kept.values()}) > 1]
    keys = {}
    for name, values in kept.items():
        key = "\0".join(f"{one}={values[one]}" for one in known if one in values)
        title = ", ".join(f"{one}={values[one]}" for one in differing if one in values)
        keys[name] = key, title or "same hyperparameters"
    return _grouping(names, keys)


def is_seed(name: str) -> bool:
    """Whether a hyperparameter only tells repetitions apart; its last part counts (`train.seed`)."""
    last = re.split(r"[./]", name.lower())[-1]
    return last in SEEDS or last.endswith("seed")


def _plain(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return str(value).lower() if value is not None else "none"
    if isinstance(value, int | float):
        return repr(int(value)) if math.isfinite(value) and value == int(value) else repr(value)
    return str(value)


def _grouping(names: list[str], keys: Mapping[str, tuple[str, str]]) -> Grouping:
    members: dict[tuple[str, str], list[str]] = {}
    for name, key in keys.items():
        members.setdefault(key, []).append(name)
    groups = [RunGroup(key, title, _ordered(runs)) for (key, title), runs in members.items()]
    groups.sort(key=lambda group: (natural_key(group.title), group.key))
    return Grouping(tuple(groups), _ordered([name for name in names if name not in keys]))


def _ordered(names: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(names, key=natural_key))
