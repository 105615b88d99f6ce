"""Training and validation of one metric in one chart, found by the names of runs and tags.

A *split word* says which part of the data a series was measured on: `train` and `training`, or `val`, `valid`,
`validation`, `dev`, `eval`, `evaluation` and `test`. It may be

- a whole part of a tag between slashes: `train/loss` with `val/loss`, `Loss/train` with `Loss/test`;
- a word of such a part: `train_loss` with `val_loss`, `loss` with `val_loss` or `loss_val`, `epoch_loss` with
  `epoch_val_loss`;
- the last folder of a run: `a/train` with `a/validation`, `a` with `a/eval`, `.` with `eval`.

What is left of a tag without its split words is the metric, what is left of a run without its own is the *base*. A
training and a validation series pair when metric and base are the same, letter by letter. A series without a split
word counts as training only where its base has a validation series of the metric and no training series that says so.
Tags that pair in any base share a chart, for all runs; every other tag keeps its own.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Hashable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np

from tbtui.analysis.goals import Goal, HasValues, best_of
from tbtui.analysis.order import natural_key

__all__ = [
    "BestValidation",
    "Member",
    "Metrics",
    "PairChart",
    "Role",
    "best_validation",
    "is_held_out",
    "pair_charts",
    "partners",
    "shared_metrics",
    "split_word",
    "typical_runs",
]

Role = Literal["train", "validation", "other"]

TRAIN = ("train", "training")
HELD_OUT = ("val", "valid", "validation", "dev", "eval", "evaluation", "test")
"""In the order in which they are chosen for the role "validation" where a base has several."""

_WORD = "|".join((*TRAIN, *HELD_OUT))
_AT_START = re.compile(rf"({_WORD})[_\-.: ](?=.)", re.IGNORECASE)
_AT_END = re.compile(rf"(?<=.)[_\-.: ]({_WORD})$", re.IGNORECASE)
_INSIDE = re.compile(rf"(?<=[^_\-.: ])[_\-.: ]({_WORD})(?=[_\-.: ].)", re.IGNORECASE)


class Member(NamedTuple):
    """One series of a chart.

    base: what its run is called without the split word, the same for all that were measured of one training;
    role: "validation" for one series of each base that has a training series here, "other" for what is neither;
    split: the split word as it is written, "" without one.
    """

    run: str
    tag: str
    base: str
    role: Role
    split: str


@dataclass(frozen=True, slots=True)
class PairChart:
    """One chart: tags (training first), and the series in it, by base, role, run and tag.

    title: the metric where tags were put together, else the tag. No two charts have a tag in common, nor the title.
    """

    title: str
    tags: tuple[str, ...]
    members: tuple[Member, ...]

    @property
    def paired(self) -> bool:
        """Whether a training and a validation series stand together here."""
        return any(member.role == "validation" for member in self.members)


class BestValidation(NamedTuple):
    """The best validation value, its step, training at that step, and validation minus training.

    train is the last finite training value at or before the step; train and gap are None where there is none.
    """

    step: int
    value: float
    train: float | None
    gap: float | None


class _Name(NamedTuple):
    """A tag or a run without its split words: what is left, the word, and how many of them were taken away."""

    rest: str
    split: str
    taken: int


def pair_charts(series: Iterable[tuple[str, str]]) -> list[PairChart]:
    """The charts of these (run, tag) pairs, in natural order of their first tags.

    Every pair is in exactly one chart. The order of `series` and pairs that are given twice make no difference. Where
    no tag pairs, every chart is one tag with all its runs.
    """
    by_tag: dict[str, set[str]] = {}
    for run, tag in series:
        by_tag.setdefault(tag, set()).add(run)
    names = _Names(by_tag)
    metrics: dict[str, list[str]] = {}
    for tag in names.tags:
        metrics.setdefault(_metric(tag).rest, []).append(tag)
    charts = []
    for metric, tags in metrics.items():
        together = _together(tags, names)
        if len(together) > 1:
            title = metric if metric not in by_tag or metric in together else " + ".join(together)
            charts.append(_chart(title, together, names))
            tags = [tag for tag in tags if tag not in together]
        charts += [_chart(tag, (tag,), names) for tag in tags]
    return sorted(charts, key=lambda chart: names.tags[chart.tags[0]])


@lru_cache(maxsize=64)
def partners(series: tuple[tuple[str, str], ...]) -> dict[tuple[str, str], tuple[str, str]]:
    """(run, tag) -> the one measured of the same training on the other part of the data, of those that have one.

    Training series go to the validation series of their base, and that to the first of them.
    """
    found: dict[tuple[str, str], tuple[str, str]] = {}
    for chart in pair_charts(series):
        held_out = {one.base: (one.run, one.tag) for one in chart.members if one.role == "validation"}
        for one in chart.members:
            if one.role == "train" and one.base in held_out:
                found[one.run, one.tag] = held_out[one.base]
                found.setdefault(held_out[one.base], (one.run, one.tag))
    return found


def typical_runs(tags_of: Mapping[str, Collection[str]]) -> list[str]:
    """Enough of the runs to find out which tags pair: of those that are alone in their base, one of a kind.

    tags_of: the tags of each run. `pair_charts` of these runs has the same tags and titles as that of all of them.
    """
    by_base: dict[str, list[str]] = {}
    bases = _bases(set(tags_of))
    for run, name in bases.items():
        by_base.setdefault(name.rest, []).append(run)
    kinds: dict[Hashable, str] = {}
    together: list[str] = []
    for runs in by_base.values():
        if len(runs) == 1:
            kinds.setdefault((_kind(bases[runs[0]].split), frozenset(tags_of[runs[0]])), runs[0])
        else:
            together += runs
    return [*together, *kinds.values()]


def shared_metrics(tags: Iterable[str]) -> set[str]:
    """Those of the tags that share their metric with another of them: no others can pair."""
    return Metrics(tags).shared


class Metrics:
    """Tags by their metric, of which there may be more and more. shared: those that `shared_metrics` finds."""

    def __init__(self, tags: Iterable[str] = ()) -> None:
        self.shared: set[str] = set()
        self._tags: dict[str, list[str]] = {}
        self.add(tags)

    def add(self, tags: Iterable[str]) -> None:
        """Take in tags that are new."""
        for tag in tags:
            together = self._tags.setdefault(_metric(tag).rest, [])
            together.append(tag)
            if len(together) > 1:
                self.shared.update(together)


def split_word(tag: str) -> str:
    """The split word of a tag as it is written, "" without one."""
    return _metric(tag).split


def is_held_out(tag: str) -> bool:
    """Whether a tag says that it was measured on data that were not trained on."""
    return _kind(_metric(tag).split) == "held out"


class _Names:
    """All names of one call, and the order they stand in.

    tags, bases: name -> place in natural order; runs: tag -> its runs in natural order; base: run -> base and split.
    """

    def __init__(self, by_tag: dict[str, set[str]]) -> None:
        every = {run for runs in by_tag.values() for run in runs}
        place = _places(every)
        self.tags = _places(by_tag)
        self.runs = {tag: sorted(runs, key=place.__getitem__) for tag, runs in by_tag.items()}
        self.base = _bases(every)
        self.bases = _places({name.rest for name in self.base.values()})
        self.kinds = {run: _kind(name.split) for run, name in self.base.items()}


def _places(names: Iterable[str]) -> dict[str, int]:
    return {name: place for place, name in enumerate(sorted(names, key=natural_key))}


def best_validation(validation: HasValues, train: HasValues | None, goal: Goal) -> BestValidation | None:
    """The best validation point by the metric's goal, and the gap to training there; None without a finite value.

    Both are points in order of rising steps. Values are taken as they are: hand over smoothed ones to compare those.
    """
    best = best_of(validation, goal)
    if best is None:
        return None
    value = _value_at(train, best.step) if train is not None else None
    return BestValidation(best.step, best.value, value, None if value is None else best.value - value)


def _value_at(points: HasValues, step: int) -> float | None:
    """The last finite value at or before a step."""
    before = points.values[: int(np.searchsorted(points.steps, step, "right"))]
    finite = np.flatnonzero(np.isfinite(before))
    return float(before[finite[-1]]) if len(finite) else None


@lru_cache(maxsize=65_536)
def _metric(tag: str) -> _Name:
    """A tag without its split words. Words of both kinds in one tag (`train/val_loss`) say nothing."""
    parts, splits = [], []
    for part in tag.split("/"):
        if part.lower() in TRAIN or part.lower() in HELD_OUT:
            splits.append(part)
            continue
        match = _AT_START.match(part) or _AT_END.search(part) or _INSIDE.search(part)
        if match:
            splits.append(match[1])
            part = part[: match.start()] + part[match.end() :]
        parts.append(part)
    if not splits or not "".join(parts) or len({_kind(split) for split in splits}) > 1:
        return _Name(tag, "", 0)
    return _Name("/".join(parts), splits[0], len(splits))


@lru_cache(maxsize=256)
def _kind(split: str) -> str:
    return "train" if split.lower() in TRAIN else "held out" if split else ""


def _bases(runs: set[str]) -> dict[str, _Name]:
    """Runs without the split word that ends them; `a_train` only where there is an `a_val` (or the like) beside it."""
    found: dict[str, _Name] = {}
    beside: dict[str, dict[str, str]] = {}
    for run in runs:
        folder, _, last = run.rpartition("/")
        if last.lower() in TRAIN or last.lower() in HELD_OUT:
            found[run] = _Name(folder or ".", last, 1)
            continue
        found[run] = _Name(run, "", 0)
        match = _AT_END.search(last)
        if match:
            beside.setdefault(run[: -len(match[0])], {})[run] = match[1]
    for base, members in beside.items():
        if len({_kind(split) for split in members.values()}) > 1:
            found.update({run: _Name(base, split, 1) for run, split in members.items()})
    return found


def _together(tags: list[str], names: _Names) -> tuple[str, ...]:
    """Those of the tags of one metric that pair in some base, training first; empty where none do."""
    if len(tags) == 1:
        return ()
    of_base: dict[str, dict[str, list[tuple[str, str]]]] = {}
    for tag in tags:
        kind = _kind(_metric(tag).split)
        for run in names.runs[tag]:
            kinds = of_base.setdefault(names.base[run].rest, {})
            kinds.setdefault(kind or names.kinds[run], []).append((run, tag))
    found: set[str] = set()
    for kinds in of_base.values():
        held_out, train = kinds.get("held out"), kinds.get("train") or kinds.get("")
        if held_out and train:
            found.update(_plainest(train, names), _plainest(held_out, names))
    return tuple(sorted(found, key=lambda tag: (_rank(_metric(tag).split), names.tags[tag])))


def _plainest(members: list[tuple[str, str]], names: _Names) -> set[str]:
    """Of `train/loss` and `train/train_loss`, which are the same metric by their names, the one of fewer words."""
    chosen: dict[tuple[str, str], str] = {}
    for run, tag in sorted(members, key=lambda member: (_metric(member[1]).taken, names.tags[member[1]])):
        chosen.setdefault((run, _metric(tag).split.lower()), tag)
    return set(chosen.values())


def _rank(split: str) -> int:
    word = split.lower()
    return HELD_OUT.index(word) + 1 if word in HELD_OUT else 0


def _chart(title: str, tags: tuple[str, ...], names: _Names) -> PairChart:
    of_base: dict[str, list[tuple[str, str, str]]] = {}
    for tag in tags:
        split = _metric(tag).split
        for run in names.runs[tag]:
            name = names.base[run]
            of_base.setdefault(name.rest, []).append((run, tag, split or name.split))
    members: list[Member] = []
    for base in sorted(of_base, key=names.bases.__getitem__):
        members += _members(base, of_base[base])
    return PairChart(title, tags, tuple(members))


_ORDER: dict[Role, int] = {"train": 0, "validation": 1, "other": 2}


def _members(base: str, series: list[tuple[str, str, str]]) -> list[Member]:
    """The series of one base in a chart with their roles, training first; otherwise in the order given."""
    kinds = [_kind(split) for _, _, split in series]
    training = "train" if "train" in kinds else ""
    if "held out" not in kinds or training not in kinds:
        return [Member(run, tag, base, "other", split) for run, tag, split in series]
    held_out = [number for number, kind in enumerate(kinds) if kind == "held out"]
    chosen = min(held_out, key=lambda number: _rank(series[number][2]))
    found = []
    for number, ((run, tag, split), kind) in enumerate(zip(series, kinds, strict=True)):
        role: Role = "validation" if number == chosen else "train" if kind == training else "other"
        found.append(Member(run, tag, base, role, split))
    return sorted(found, key=lambda member: _ORDER[member.role])
