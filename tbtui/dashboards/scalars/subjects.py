"""What charts are about: tags, their curves, and what a cursor reads of them. Plain data."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from tbtui.dashboards.scalars.lines import Line
    from tbtui.store import Run
    from tbtui.store.layouts import LayoutChart


@dataclass(frozen=True, slots=True)
class Subject:
    """What a chart is about: one tag, or several that are overlaid.

    metric: its title where the tags are training and validation of one metric, else "".
    custom: where a layout asks for the chart.
    """

    tags: tuple[str, ...]
    metric: str = ""
    custom: LayoutChart | None = None

    @property
    def title(self) -> str:
        """What stands above the chart."""
        if self.custom is not None:
            return self.custom.title or "(no title)"
        return self.metric or " + ".join(self.tags)


class Entry(NamedTuple):
    """One curve of a chart: whose it is, and its line. dashed: validation beside training of the same colour.

    members: the curves of which a group's is the mean; behind: one of them, drawn faint behind the mean.
    """

    run: Run
    tag: str
    line: Line
    color: int
    name: str
    dashed: bool = False
    members: tuple[Entry, ...] = ()
    behind: bool = False


@dataclass(frozen=True, slots=True)
class Reading:
    """What a run's curve is at the cursor: its own nearest point, with the true value and the smoothed one."""

    entry: Entry
    index: int
    value: float
    smoothed: float
    step: int
    wall: float
    relative: float
    x: float = math.nan
    """What the x axis says there, where it is a tag."""
    right: bool = False
    """The curve belongs to the second y axis."""
