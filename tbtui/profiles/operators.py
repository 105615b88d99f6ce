"""The table of operators: how often each ran, how long, and how long what it launched ran on devices."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.blocks import blocks
from tbtui.profiles.grouping import combinations, sums
from tbtui.profiles.model import DEVICE_WORK, HOST_CALLS, NOTHING, Indexes, Kind, Numbers, Profile
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
    for part in blocks(len(work)):
        known = np.flatnonzero(launched_by[part] != NOTHING)
        np.add.at(device_own, launched_by[part].take(known), spans.duration.take(work[part].take(known)))
    total = add_up(device_own, parent)
    return Calls(which, parent, self_times(spans, which, parent), device_own, total, work, launched_by)


def _launchers(profile: Profile, which: Indexes, parent: Indexes, work: Indexes) -> Indexes:
    """The operator that launched each device span: the one with the same external id, or else the innermost around the
    runtime call with the same correlation."""
    spans = profile.spans
    kinds = spans.kind.take(which)
    calls = np.flatnonzero(kinds == Kind.RUNTIME)
    launcher = _last_with(spans.correlation.take(which.take(calls)), calls)
    is_no_operator = (kinds == Kind.RUNTIME) | (kinds == Kind.PYTHON)
    # Of the same id an operator counts rather than an annotation, the last of several.
    named = np.concatenate([np.flatnonzero(kinds == kind) for kind in (Kind.ANNOTATION, Kind.OPERATOR)])
    owner = _last_with(spans.external[which[named]], named)
    found = np.empty(len(work), np.int64)
    for part in blocks(len(work)):
        around = launcher(spans.correlation.take(work[part]))
        inside = np.flatnonzero(around != NOTHING)
        while len(inside := inside.compress(is_no_operator.take(around.take(inside)))):
            around[inside] = parent.take(around.take(inside))
            inside = inside.compress(around.take(inside) != NOTHING)
        external = spans.external[work[part]]
        told = owner(np.where(external > 0, external, NOTHING))  # old traces write 0 for none
        found[part] = np.where(told == NOTHING, around, told)
    return found


def _last_with(keys: Numbers, values: Indexes) -> Callable[[Numbers], Indexes]:
    """Finds for wanted keys the last value that has each, NOTHING where none has (and for the key NOTHING)."""
    most = int(keys.max(initial=NOTHING))
    if most < _MOST_KEYS and keys.min(initial=0) >= NOTHING:
        last = np.full(most + 2, NOTHING, np.int64)
        for part in blocks(len(keys)):
            last[keys[part]] = values[part]
        last[-1] = NOTHING  # of the key NOTHING, and of those that no value has
        return lambda wanted: last[np.where((wanted < 0) | (wanted > most), NOTHING, wanted)]
    order = np.argsort(keys, kind="stable")
    keys = keys[order]

    def find(wanted: Numbers) -> Indexes:
        place = np.maximum(np.searchsorted(keys, wanted, "right") - 1, 0)
        there = (keys[place] == wanted) & (wanted != NOTHING)
        return np.where(there, values[order[place]], NOTHING)

    return find


def operator_table(profile: Profile, calls: Calls | None = None, shapes: bool = False) -> list[OperatorRow]:
    """One row for each name, largest own time first; with `shapes` for each name and shapes of its inputs.

    As PyTorch's `key_averages`: a call that is the only one inside a call of its own name is that call; the numbers of
    `ProfilerStep#N` are left out.
    """
    calls = nest_calls(profile) if calls is None else calls
    spans = profile.spans
    merged = _merged(profile, calls)
    which, own, device_own, device_total = calls.which, calls.own, calls.device_own, calls.device_total
    if merged.any():
        inner = np.flatnonzero(merged)  # their own time is that of the call around them
        above = calls.parent[inner]
        while merged[above].any():
            above = np.where(merged[above], calls.parent[above], above)
        own, device_own, left = own.copy(), device_own.copy(), ~merged
        np.add.at(own, above, calls.own[inner])
        np.add.at(device_own, above, calls.device_own[inner])
        which, own, device_own, device_total = (each.compress(left) for each in (which, own, device_own, device_total))
    names, number = _named(profile, which, shapes)
    calls_of, total = np.zeros(len(names), np.int64), np.zeros(len(names), np.int64)
    for part in blocks(len(which)):
        np.add.at(calls_of, number[part], 1)
        np.add.at(total, number[part], spans.duration.take(which[part]))
    columns = (
        calls_of.tolist(),
        total.tolist(),
        *(sums(number, values, len(names)) for values in (own, device_total, device_own)),
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
    name = profile.spans.name
    children = np.zeros(len(calls.which), np.int64)
    for part in blocks(len(calls.which)):
        around = calls.parent[part]
        np.add.at(children, around.compress(around != NOTHING), 1)
    merged = np.zeros(len(calls.which), bool)
    for part in blocks(len(calls.which)):
        around = calls.parent[part]
        inside = np.maximum(around, 0)
        same = name.take(calls.which.take(inside)) == name.take(calls.which[part])
        merged[part] = (around != NOTHING) & (children.take(inside) == 1) & same
    return merged


def _named(profile: Profile, which: Indexes, shapes: bool) -> tuple[list[tuple[str, Kind, str]], Indexes]:
    """The different (name, kind, shapes), and the number of each call's."""
    told: dict[str, int] = {"": 0}
    shape = np.zeros(len(which), np.int8)
    if shapes:
        shape = np.array([told.setdefault(_shapes(profile, index), len(told)) for index in which.tolist()], np.int64)
    texts = list(told)
    found, number = combinations((profile.spans.name.take(which), profile.spans.kind.take(which), shape))
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
