"""Where in the model the time goes: operators by the module, or the named range, that they ran in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tbtui.profiles.model import NOTHING, Indexes, Kind, Profile
from tbtui.profiles.operators import Calls, nest_calls, shown_name

_MODULE = "nn.Module: "
_NO_SCOPE = ("ProfilerStep#", "enumerate(DataLoader)")
"""Ranges that say when, not where."""
OUTSIDE = ""
"""The path of what ran in no scope."""


@dataclass(frozen=True, slots=True)
class ModuleRow:
    """All calls of one module in one place. Times in ps. `path`: its names from the outermost on, "/" between them;
    `own` and `device_own`: without the modules in it; `backward`, `backward_device`: of the backward pass of what ran
    in it and in the modules in it, where the capture tells which belongs to which."""

    path: str
    depth: int
    calls: int
    total: int
    own: int
    device_total: int
    device_own: int
    backward: int
    backward_device: int

    @property
    def name(self) -> str:
        """Its own name."""
        return self.path.rpartition("/")[2]


@dataclass(frozen=True, slots=True)
class ScopedRow:
    """All calls of one operator directly in one module, or in none ("" as `path`). Times in ps."""

    path: str
    name: str
    calls: int
    total: int
    own: int
    device_total: int
    device_own: int


@dataclass(frozen=True, slots=True)
class Modules:
    """The modules in the order of the model, each before those in it, and the operators by module, the longest first.

    `are_modules`: whether they are, or ranges that were named by the user, as no modules were recorded.
    """

    rows: list[ModuleRow]
    operators: list[ScopedRow]
    are_modules: bool


def find_modules(profile: Profile) -> Modules:
    """Finds the scopes of a capture; none where it has neither modules (`with_stack=True` or `with_modules=True`
    records them) nor ranges."""
    are_modules = any(name.startswith(_MODULE) for name in profile.names)
    calls = nest_calls(profile, python=are_modules)
    is_scope = _scopes(profile, calls, are_modules)
    if not is_scope.any():
        return Modules([], [], are_modules)
    paths, number = _paths(profile, calls, is_scope)
    rows = _module_rows(profile, calls, is_scope, paths, number)
    return Modules(rows, _scoped_rows(profile, calls, is_scope, paths, number), are_modules)


def _scopes(profile: Profile, calls: Calls, are_modules: bool) -> np.ndarray[Any, np.dtype[np.bool_]]:
    """Which of the calls are scopes."""
    spans = profile.spans
    if are_modules:
        wanted, kind = [name.startswith(_MODULE) for name in profile.names], Kind.PYTHON
    else:
        wanted, kind = [not name.startswith(_NO_SCOPE) for name in profile.names], Kind.ANNOTATION
    found: np.ndarray[Any, np.dtype[np.bool_]] = (spans.kind[calls.which] == kind) & np.array(wanted, bool)[
        spans.name[calls.which]
    ]
    return found


def _paths(profile: Profile, calls: Calls, is_scope: np.ndarray[Any, np.dtype[np.bool_]]) -> tuple[list[str], Indexes]:
    """The paths there are, "" first, and for each call the number of the one it runs in, or that it is."""
    paths = {OUTSIDE: 0}
    texts = [OUTSIDE]
    numbers: list[int] = []
    names = profile.spans.name[calls.which].tolist()
    # A call comes behind those that it lies in: they begin earlier, or together and end later.
    for place, (parent, scope) in enumerate(zip(calls.parent.tolist(), is_scope.tolist(), strict=True)):
        number = 0 if parent == NOTHING else numbers[parent]
        if scope:
            name = profile.names[names[place]].removeprefix(_MODULE).replace("/", "\N{DIVISION SLASH}")
            path = f"{texts[number]}/{name}" if number else name
            number = paths.setdefault(path, len(paths))
            if number == len(texts):
                texts.append(path)
        numbers.append(number)
    return texts, np.array(numbers, np.int64)


def _module_rows(
    profile: Profile, calls: Calls, is_scope: np.ndarray[Any, np.dtype[np.bool_]], paths: list[str], number: Indexes
) -> list[ModuleRow]:
    count = len(paths)
    duration = profile.spans.duration[calls.which]
    scopes = np.flatnonzero(is_scope)
    of_scope = number[scopes]
    times = np.bincount(of_scope, minlength=count)
    own = _sums(number, calls.own, count)
    device_own = _sums(number, calls.device_own, count)
    # A module in itself (a recursion) has a path of its own: every total counts once.
    total, device_total = (_sums(of_scope, values[scopes], count) for values in (duration, calls.device_total))
    backward, backward_device = _backward(profile, calls, paths, number)
    rows = [
        ModuleRow(
            path, path.count("/"), int(times[place]), total[place], own[place], device_total[place], device_own[place],
            backward[place], backward_device[place],
        )
        for place, path in enumerate(paths)
        if place
    ]  # fmt: skip
    return _in_order(rows)


def _in_order(rows: list[ModuleRow]) -> list[ModuleRow]:
    """As they first ran, those in a module right behind it."""
    below: dict[str, list[ModuleRow]] = {}
    for row in rows:
        below.setdefault(row.path.rpartition("/")[0], []).append(row)
    found: list[ModuleRow] = []
    left = below.get(OUTSIDE, [])[::-1]
    while left:
        row = left.pop()
        found.append(row)
        left += below.get(row.path, [])[::-1]
    return found


def _backward(profile: Profile, calls: Calls, paths: list[str], number: Indexes) -> tuple[list[int], list[int]]:
    """The backward pass of each path and of those below: an operator of it has the sequence number of the one whose
    gradient it computes, and tells on which thread that ran."""
    spans = profile.spans
    operators = np.flatnonzero(spans.kind[calls.which] == Kind.OPERATOR)
    forward: dict[int, int] = {}
    later: list[tuple[int, int]] = []
    for place in operators.tolist():
        told = profile.details(int(calls.which[place]))
        sequence = _whole(told, "Sequence number")
        if sequence is None or sequence < 0:
            continue
        if _whole(told, "Fwd thread id"):
            later.append((place, sequence))
        elif number[place]:
            forward[sequence] = int(number[place])
    host, device = [0] * len(paths), [0] * len(paths)
    counted: set[int] = set()
    for place, sequence in later:
        path = forward.get(sequence)
        parent = int(calls.parent[place])
        while parent != NOTHING and parent not in counted:
            parent = int(calls.parent[parent])
        if path is None or parent != NOTHING:  # in one that counts already
            continue
        counted.add(place)
        host[path] += int(spans.duration[calls.which[place]])
        device[path] += int(calls.device_total[place])
    known = {path: place for place, path in enumerate(paths)}
    for place in range(len(paths) - 1, 0, -1):  # a path comes behind the one it lies in
        above = known[paths[place].rpartition("/")[0]]
        host[above] += host[place]
        device[above] += device[place]
    return host, device


def _scoped_rows(
    profile: Profile, calls: Calls, is_scope: np.ndarray[Any, np.dtype[np.bool_]], paths: list[str], number: Indexes
) -> list[ScopedRow]:
    spans = profile.spans
    kinds = spans.kind[calls.which]
    places = np.flatnonzero(~is_scope & np.isin(kinds, (Kind.OPERATOR, Kind.ANNOTATION)))
    sums: dict[tuple[str, str], list[int]] = {}
    columns = (
        number[places].tolist(),
        spans.name[calls.which[places]].tolist(),
        *(
            values[places].tolist()
            for values in (spans.duration[calls.which], calls.own, calls.device_total, calls.device_own)
        ),
    )
    for path, name, *values in zip(*columns, strict=True):
        entry = sums.setdefault((paths[path], shown_name(profile.names[name])), [0] * 5)
        entry[0] += 1
        for column, value in enumerate(values, 1):
            entry[column] += value
    rows = [ScopedRow(path, name, *entry) for (path, name), entry in sums.items()]
    return sorted(rows, key=lambda row: (-row.own, row.path, row.name))


def _sums(number: Indexes, values: Indexes, count: int) -> list[int]:
    sums = np.zeros(count, np.int64)
    np.add.at(sums, number, values)
    return [int(total) for total in sums.tolist()]


def _whole(told: Mapping[str, Any], key: str) -> int | None:
    value = told.get(key)
    return value if isinstance(value, int) and not isinstance(value, bool) else None
