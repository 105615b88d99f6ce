"""What the table has: rows and columns, and the number that stands where they meet. Nothing is read or drawn here.

A series is a run's tag. In the layout "list" every row is a series and every column a number about it; in "runs" and
"tags" rows are runs and columns tags, or the reverse, and one number is shown of every series.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Literal, NamedTuple

from tbtui.analysis.goals import Goal
from tbtui.analysis.numbers import format_step, format_value, shortest
from tbtui.analysis.stats import Stats

if TYPE_CHECKING:
    from tbtui.store import Run

Kind = Literal["value", "number", "change", "step", "count", "course"]
"""What a measure is: a value as it was written, a number made from values, one with its sign, a step, a count, or the
series in small."""

SPARK_WIDTH = 16
"""Cells of a series in small."""


SPREAD_KINDS = frozenset(("value", "number", "change"))
"""Measures that have a mean and a spread where a row stands for several runs, and need more room for both."""

SPREAD_WIDTH = 5


class Row(NamedTuple):
    """A line of the table; None: what the column is about."""

    run: Run | None
    tag: str | None


class Series(NamedTuple):
    """What a cell of the table is about."""

    run: Run
    tag: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A number about a series: its name, the cells it takes, and how it follows from `Stats`; None: there is none."""

    title: str
    width: int
    kind: Kind
    get: Callable[[Stats, Goal | None], float | None]

    def key(self, stats: Stats, goal: Goal | None) -> float:
        """What rows are sorted by; NaN where there is nothing."""
        value = self.get(stats, goal)
        return math.nan if value is None else float(value)

    def text(self, stats: Stats, goal: Goal | None) -> str:
        """As it is shown."""
        value = self.get(stats, goal)
        if value is None:
            return ""
        if self.kind == "step":
            return f"@{format_step(int(value))}"
        if self.kind == "count":
            return format_step(int(value))
        if self.kind == "change":
            return signed(value)
        return format_value(value)

    def exact(self, stats: Stats, goal: Goal | None, single: bool) -> str:
        """With all its digits, for other programs; `single`: values are float32."""
        value = self.get(stats, goal)
        if value is None:
            return ""
        if self.kind in ("step", "count"):
            return str(int(value))
        return shortest(value, single and self.kind == "value")


def signed(value: float) -> str:
    """A difference, with its sign; nothing for NaN."""
    return "" if math.isnan(value) else f"{'+' if value > 0 else ''}{format_value(value)}"


def _known(value: float) -> float | None:
    return None if math.isnan(value) else value


MEASURES = (
    Measure("last", 10, "value", lambda s, goal: s.last if s.count else None),
    Measure("best", 10, "value", lambda s, goal: _known(s.best(goal)[0]) if goal else None),
    Measure("best at", 8, "step", lambda s, goal: s.best(goal)[1] if goal else None),
    Measure("mean", 10, "number", lambda s, goal: _known(s.mean)),
    Measure("change", 10, "change", lambda s, goal: _known(s.change)),
    Measure("delta", 10, "change", lambda s, goal: _known(s.delta)),
    Measure("course", SPARK_WIDTH, "course", lambda s, goal: None),
    Measure("points", 8, "count", lambda s, goal: s.count),
    Measure("min", 10, "value", lambda s, goal: _known(s.low)),
    Measure("min at", 8, "step", lambda s, goal: s.low_step),
    Measure("max", 10, "value", lambda s, goal: _known(s.high)),
    Measure("max at", 8, "step", lambda s, goal: s.high_step),
    Measure("NaN", 6, "count", lambda s, goal: s.bad or None),
)
"""The columns of the layout "list". change: since the first value; delta: since the value before."""

BY_TITLE = {measure.title: measure for measure in MEASURES}


class ColumnKey(NamedTuple):
    """What tells a column from others, whatever else the table has."""

    measure: str
    run: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, the cells it takes, its number, and the run or the tag it is about, if it is."""

    title: str
    width: int
    measure: Measure
    run: Run | None = None
    tag: str | None = None

    @property
    def key(self) -> ColumnKey:
        """What tells it from others."""
        return ColumnKey(self.measure.title, self.run.name if self.run else "", self.tag or "")


@dataclass(frozen=True, slots=True)
class Block:
    """Lines under one heading: the runs of a tag. Without a title: the only block."""

    title: str
    count: int

    @property
    def height(self) -> int:
        """Lines, with the heading."""
        return self.count + bool(self.title)


class Sheet:
    """Rows and columns of a table. Rows are made when they are asked for: there may be a hundred thousand."""

    def __init__(
        self,
        layout: str,
        runs: Sequence[Run],
        tags: Sequence[str],
        measure: str,
        label: Callable[[Run], str],
        members: Mapping[str, Sequence[Run]] | None = None,
    ) -> None:
        self.layout = layout
        self.members = members or {}
        """Name of each of `runs` that stands for several -> those."""
        self.runs = list(runs)
        self.tags = list(tags)
        self.measure = BY_TITLE[measure]
        self.blocks: list[Block] = []
        self.columns: list[Column] = []
        self._label = label
        self._rows: dict[int, Sequence[Row]] = {}
        if layout == "list":
            self._make_list()
        else:
            self._make_matrix()
        self.ends = list(accumulate(block.height for block in self.blocks))
        """The number of the first line behind each block."""

    def _make_list(self) -> None:
        more = SPREAD_WIDTH if self.members else 0
        self.columns = [
            Column(measure.title, measure.width + more * (measure.kind in SPREAD_KINDS), measure)
            for measure in MEASURES
        ]
        if len(self.runs) == 1:
            self.tags = [tag for tag in self.tags if self.has(self.runs[0], tag)]
            self.blocks = [Block("", len(self.tags))] if self.tags else []
            return
        counts: Counter[str] = Counter()
        for run in self.runs:
            counts.update({tag for one in self.members.get(run.name, (run,)) for tag in list(one.scalars)})
        self.tags = [tag for tag in self.tags if counts[tag]]
        self.blocks = [Block(tag, counts[tag]) for tag in self.tags]

    def _make_matrix(self) -> None:
        measure = self.measure
        if self.layout == "runs":
            self.columns = [Column(tag, self._width(tag), measure, tag=tag) for tag in self.tags]
        else:
            labels = [self._label(run) for run in self.runs]
            self.columns = [
                Column(label, self._width(label), measure, run=run)
                for run, label in zip(self.runs, labels, strict=True)
            ]
        count = len(self.runs if self.layout == "runs" else self.tags)
        self.blocks = [Block("", count)] if count and self.columns else []

    def _width(self, title: str) -> int:
        wide = bool(self.members) and self.measure.kind in SPREAD_KINDS
        return max(10 + SPREAD_WIDTH * wide, min(len(title) + 2, 18))

    def has(self, run: Run, tag: str) -> bool:
        """Whether a run, or one of those that it stands for, has such a tag."""
        return any(tag in one.scalars for one in self.members.get(run.name, (run,)))

    def parts(self, series: Series) -> list[Series]:
        """The series of the runs that a series stands for: itself, where it is that of one run."""
        its = self.members.get(series.run.name)
        return [series] if its is None else [Series(run, series.tag) for run in its if series.tag in run.scalars]

    @property
    def count(self) -> int:
        """Lines of all blocks."""
        return self.ends[-1] if self.ends else 0

    @property
    def head(self) -> str:
        """What the names of the rows are names of."""
        return "tag" if self.layout == "tags" or (self.layout == "list" and len(self.runs) == 1) else "run"

    def begin(self, index: int) -> int:
        """The number of the first row of a block, behind its heading."""
        return self.ends[index] - self.blocks[index].count

    def block_at(self, line: int) -> int:
        """The number of the block that has a line."""
        return bisect_right(self.ends, line)

    def rows(self, index: int) -> Sequence[Row]:
        """The rows of a block, in the order of the list of runs, or natural order of tags."""
        rows = self._rows.get(index)
        if rows is None:
            rows = self._rows[index] = self._make_rows(index)
        return rows

    def _make_rows(self, index: int) -> Sequence[Row]:
        if self.layout == "runs":
            return [Row(run, None) for run in self.runs]
        if self.layout == "tags":
            return [Row(None, tag) for tag in self.tags]
        if not self.blocks[index].title:
            return [Row(self.runs[0], tag) for tag in self.tags]
        tag = self.blocks[index].title
        return [Row(run, tag) for run in self.runs if self.has(run, tag)][: self.blocks[index].count]

    def name(self, row: Row) -> str:
        """What stands before the numbers of a row."""
        if row.run is None or self.head == "tag":
            return row.tag or ""
        return self._label(row.run)

    def series(self, row: Row, column: Column) -> Series | None:
        """What a cell is about; None where the run has no such tag."""
        run, tag = row.run or column.run, row.tag if row.tag is not None else column.tag
        return Series(run, tag) if run is not None and tag is not None and self.has(run, tag) else None

    def place_of(self, column: ColumnKey | None) -> int | None:
        """The number of a column; None where there is no such column (any more)."""
        return next((number for number, one in enumerate(self.columns) if one.key == column), None)
