"""Two captures against each other: which operators take more of a step, and which less."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from tbtui.profiles.operators import OperatorRow
from tbtui.profiles.overview import Overview


@dataclass(frozen=True, slots=True)
class Side:
    """An operator in one of the captures, for one step: `calls`, and times in ps. All 0 where it never ran."""

    calls: float = 0.0
    own: float = 0.0
    device_own: float = 0.0


@dataclass(frozen=True, slots=True)
class DifferenceRow:
    """One operator before and after."""

    name: str
    kind: str
    before: Side
    after: Side

    @property
    def change(self) -> float:
        """How much longer it takes by itself, on the host; ps a step."""
        return self.after.own - self.before.own

    @property
    def device_change(self) -> float:
        """The same of what it launched; ps a step."""
        return self.after.device_own - self.before.device_own


def difference_table(before: Overview, after: Overview) -> list[DifferenceRow]:
    """One row for each operator of either, the largest change first: of its own time on the host or of what it launched
    on devices, whichever is larger.

    Captures are of different length, so that all is told for one step; a capture without steps is one.
    """
    sides = [_sides(overview.operators, max(len(overview.steps), 1)) for overview in (before, after)]
    rows = [
        DifferenceRow(name, kind, sides[0].get((name, kind), Side()), sides[1].get((name, kind), Side()))
        for name, kind in sorted({*sides[0], *sides[1]})
    ]
    return sorted(rows, key=lambda row: (-max(abs(row.change), abs(row.device_change)), row.name))


def _sides(rows: Iterable[OperatorRow], steps: int) -> dict[tuple[str, str], Side]:
    found: dict[tuple[str, str], Side] = {}
    for row in rows:
        found[row.name, row.kind.name.lower()] = Side(row.calls / steps, row.own / steps, row.device_own / steps)
    return found
