"""What calls an operator, what it calls, and which kernels it launches."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from tbtui.profiles.model import NOTHING, Indexes, Profile
from tbtui.profiles.operators import Calls, shown_name


@dataclass(frozen=True, slots=True)
class Neighbour:
    """A name, how often, and how long together (ps)."""

    name: str
    calls: int
    total: int


@dataclass(frozen=True, slots=True)
class Around:
    """The most time first: of callers that of the operator's calls in them, of the others their own. `kernels`: what
    was launched by the operator itself, not by what it calls."""

    callers: list[Neighbour]
    callees: list[Neighbour]
    kernels: list[Neighbour]


def around(profile: Profile, calls: Calls, name: str) -> Around:
    """What is around all calls of a name, as the table of operators has it."""
    spans = profile.spans
    wanted = np.array([shown_name(one) == name for one in profile.names], bool)
    names = spans.name[calls.which]
    mine = wanted[names]
    above = calls.parent
    called = np.flatnonzero(mine & (above != NOTHING))
    callees = np.flatnonzero((above != NOTHING) & mine[np.maximum(above, 0)])
    launched = calls.work[(calls.launched_by != NOTHING) & mine[np.maximum(calls.launched_by, 0)]]
    return Around(
        _together(profile, calls.which[above[called]], calls.which[called]),
        _together(profile, calls.which[callees], calls.which[callees]),
        _together(profile, launched, launched),
    )


def _together(profile: Profile, named: Indexes, timed: Indexes) -> list[Neighbour]:
    """By the names of the spans `named`, the times of the spans `timed`."""
    counts: dict[str, list[int]] = defaultdict(lambda: [0, 0])
    for index, span in zip(named.tolist(), timed.tolist(), strict=True):
        entry = counts[shown_name(profile.name_of(index))]
        entry[0] += 1
        entry[1] += int(profile.spans.duration[span])
    found = [Neighbour(name, number, total) for name, (number, total) in counts.items()]
    return sorted(found, key=lambda one: (-one.total, one.name))
