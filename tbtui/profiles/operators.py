"""The table of operators: how often each ran, how long, and how long what it launched ran on devices."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.grouping import combinations, sums
from tbtui.profiles.model import DEVICE_WORK, HOST_CALLS, NOTHING, Indexes, Kind, Profile
from tbtui.profiles.nesting import add_up, parents, self_times

_MOST_KEYS = 1 << 24  # below which each has a place in a table
_STEP = re.compile(r"^(ProfilerStep)#\d+$")


@dataclass(frozen=True, slots=True)
class OperatorRow:
    """All calls of one name. Times in ps. `total` counts calls within calls of the same name twice, as PyTorch's own
    table does; `own` is without what lies inside; `device_total` and `device_own`: of the work launched, with and
    without what lies inside."""

    name: str
    kind: Kind
    calls: int
    total: int
    own: int
    device_total: int
    device_own: int
    shapes: str = ""  # of the inputs, where calls are told apart by them


def shown_name(name: str) -> str:
    """A name without the number of the step."""
    return _STEP.sub(r"\1*", name)


@dataclass(slots=True)
class Calls:
    """The calls on the host, nested: `which` are their indexes among the spans; all else by place in `which`.

    `parent`: the place of the call that each lies in; `own`, `device_own`, `device_total`: as in `OperatorRow`;
    `launched_by`: for each device span (`work`, indexes among the spans) the place of its operator, or NOTHING.
    """

    which: Indexes
    parent: Indexes
    own: Indexes
    device_own: Indexes
    device_total: Indexes
    work: Indexes
    launched_by: Indexes


def nest_calls(profile: Profile, python: bool = False) -> Calls:
    """Finds which call lies in which, and what each launched; with `python` among the functions of Python too, where
    they were recorded (PyTorch's own table has them)."""
    spans = profile.spans
    which = spans.of(*HOST_CALLS, Kind.PYTHON) if python else spans.of(*HOST_CALLS)
    parent = parents(spans, which)
    work = spans.of(*DEVICE_WORK)
    launched_by = _launchers(profile, which, parent, work)
    device_own = np.zeros(len(which), np.int64)
    known = launched_by != NOTHING
    np.add.at(device_own, launched_by[known], spans.duration[work][known])
    total = add_up(device_own, parent)
    return Calls(which, parent, self_times(spans, which, parent), device_own, total, work, launched_by)


def _launchers(profile: Profile, which: Indexes, parent: Indexes, work: Indexes) -> Indexes:
    """The operator that launched each device span: the one with the same external id, or else the innermost around the
    runtime call with the same correlation."""
    spans = profile.spans
    kinds = spans.kind[which]
    calls = np.flatnonzero(kinds == Kind.RUNTIME)
    around = _last_with(spans.correlation[which][calls], calls, spans.correlation[work])
    is_no_operator = np.isin(kinds, (Kind.RUNTIME, Kind.PYTHON))
    inside = np.flatnonzero(around != NOTHING)
    while len(inside := inside[is_no_operator[around[inside]]]):
        around[inside] = parent[around[inside]]
        inside = inside[around[inside] != NOTHING]
    external = spans.external[work]
    some = np.flatnonzero(external > 0)  # old traces write 0 for none
    if len(some):
        # Of the same id an operator counts rather than an annotation, the last of several.
        named = np.concatenate([np.flatnonzero(kinds == kind) for kind in (Kind.ANNOTATION, Kind.OPERATOR)])
        found = _last_with(spans.external[which][named], named, external[some])
        around[some] = np.where(found == NOTHING, around[some], found)
    return around


def _last_with(keys: Indexes, values: Indexes, wanted: Indexes) -> Indexes:
    """For each wanted key the last value that has it, NOTHING where none has (and for the key NOTHING)."""
    most = int(keys.max(initial=NOTHING))
    if most < _MOST_KEYS and keys.min(initial=0) >= NOTHING:
        last = np.full(most + 2, NOTHING, np.int64)
        last[keys] = values
        last[-1] = NOTHING  # of the key NOTHING, and of those that no value has
        return last[np.where((wanted < 0) | (wanted > most), NOTHING, wanted)]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]
    place = np.maximum(np.searchsorted(keys, wanted, "right") - 1, 0)
    there = (keys[place] == wanted) & (wanted != NOTHING)
    return np.where(there, values[order[place]], NOTHING)


def operator_table(profile: Profile, calls: Calls | None = None, shapes: bool = False) -> list[OperatorRow]:
    """One row for each name, largest own time first; with `shapes` for each name and shapes of its inputs.

    As PyTorch's `key_averages`: a call that is the only one inside a call of its own name is that call; the numbers of
    `ProfilerStep#N` are left out.
    """
    calls = nest_calls(profile) if calls is None else calls
    spans = profile.spans
    merged = _merged(profile, calls)
    own, device_own = calls.own.copy(), calls.device_own.copy()
    inner = np.flatnonzero(merged)  # their own time is that of the call around them
    above = calls.parent[inner]
    while merged[above].any():
        above = np.where(merged[above], calls.parent[above], above)
    np.add.at(own, above, calls.own[inner])
    np.add.at(device_own, above, calls.device_own[inner])
    left = np.flatnonzero(~merged)
    names, number = _named(profile, calls.which[left], shapes)
    columns = (
        np.bincount(number, minlength=len(names)).tolist(),
        *(
            sums(number, values[left], len(names))
            for values in (spans.duration[calls.which], own, calls.device_total, device_own)
        ),
    )
    rows = [
        OperatorRow(name, kind, count, total, self_, device_total, device_own, shape)
        for (name, kind, shape), count, total, self_, device_total, device_own in zip(names, *columns, strict=True)
    ]
    return _sorted(rows)


def operators_by_type(rows: Iterable[OperatorRow]) -> list[OperatorRow]:
    """The rows of one type together, largest own time first: operators by the namespace they are of ("aten"), all else
    by its kind. Calls in calls of the same type count in both their totals."""
    found: dict[str, list[OperatorRow]] = {}
    for row in rows:
        space, colons, _ = row.name.partition("::")
        known = row.kind is Kind.OPERATOR and colons and space.isidentifier()
        found.setdefault(space if known else row.kind.name.lower(), []).append(row)
    return _sorted(
        OperatorRow(
            name,
            each[0].kind,
            sum(row.calls for row in each),
            sum(row.total for row in each),
            sum(row.own for row in each),
            sum(row.device_total for row in each),
            sum(row.device_own for row in each),
        )
        for name, each in found.items()
    )


def _sorted(rows: Iterable[OperatorRow]) -> list[OperatorRow]:
    return sorted(rows, key=lambda row: (-row.own, row.name, row.shapes))


def _merged(profile: Profile, calls: Calls) -> NDArray[np.bool_]:
    """Which calls are the only ones inside a call of their own name."""
    inside = calls.parent != NOTHING
    children = np.bincount(calls.parent[inside], minlength=len(calls.which))
    name = profile.spans.name[calls.which]
    above = np.where(inside, calls.parent, 0)
    merged: NDArray[np.bool_] = inside & (children[above] == 1) & (name[above] == name) if len(name) else inside
    return merged


def _named(profile: Profile, which: Indexes, shapes: bool) -> tuple[list[tuple[str, Kind, str]], Indexes]:
    """The different (name, kind, shapes), and the number of each call's."""
    names, kinds = profile.spans.name[which], profile.spans.kind[which]
    told: dict[str, int] = {"": 0}
    shape = np.zeros(len(which), np.int64)
    if shapes:
        shape[:] = [told.setdefault(_shapes(profile, index), len(told)) for index in which.tolist()]
    texts = list(told)
    found, number = combinations((names, kinds, shape))
    known: dict[tuple[str, Kind, str], int] = {}  # the numbers of steps are not told apart
    places = [
        known.setdefault((shown_name(profile.names[name]), Kind(kind), texts[text]), len(known))
        for name, kind, text in found
    ]
    return list(known), np.array(places, np.int64)[number]


def _shapes(profile: Profile, index: int) -> str:
    """The shapes of a call's inputs, as in "32x512, 512x512"; "" where they are not told."""
    if profile.spans.kind[index] != Kind.OPERATOR:
        return ""
    shapes = profile.details(index).get("Input Dims", profile.details(index).get("Input dims"))
    return ", ".join(_shape_text(shape) for shape in shapes) if isinstance(shapes, list) else ""


def _shape_text(shape: Any) -> str:
    if not isinstance(shape, list) or not shape:
        return "-"  # no tensor
    if isinstance(shape[0], list):
        return f"[{', '.join(map(_shape_text, shape))}]"
    return "x".join(map(str, shape))


def own_total(rows: Iterable[OperatorRow]) -> int:
    """The sum of the own times, of which shares are told."""
    return sum(row.own for row in rows)
