"""What an older profiler made of a capture, and left beside it or instead of it: as an overview, and table by table."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tbtui.analysis.text import cell_width, safe
from tbtui.commands.profile_text import cell_text, heading
from tbtui.dashboards.profile.facts import Line, Part, said, title_line, top_rows, under_each_other
from tbtui.dashboards.profile.opening import Opened, read_files
from tbtui.profiles.analyses import FIGURES
from tbtui.profiles.analysis_files import SessionAnalyses
from tbtui.profiles.framework import IDLE
from tbtui.profiles.model import PS_PER_US
from tbtui.profiles.tables import Row, Table

if TYPE_CHECKING:
    from tbtui.dashboards.profile import ProfileDashboard

WORDS = "there is no capture in this session, only what the profiler made of one"
COLUMN_OF = {"us": "_us", "ms": "_ms", "percent": "_pct"}
"""The end of a column's name that stands for the unit of a figure."""


class Analyses:
    """Reads the files beside a capture in a thread when they are asked for; kept until another capture is shown."""

    def __init__(self, owner: ProfileDashboard) -> None:
        self._owner = owner
        self._read: SessionAnalyses | None = None
        self._reading = False

    def show(self, opened: Opened) -> None:
        """Another capture is shown; where there is none, its analyses are there already."""
        self._read, self._reading = opened.analyses, False

    @property
    def any(self) -> bool:
        """Whether there are files with analyses, read or not."""
        capture = self._owner.opener.capture
        return capture is not None and bool(self._owner.opener.beside(capture))

    def names(self) -> list[str]:
        """What the tables are called."""
        return [one.name for one in self._read.found] if self._read is not None else []

    def table(self, name: str) -> Table:
        """The table of this name; one without rows where it is not read yet."""
        found = self._read.found if self._read is not None else ()
        return next((one.analysis.table for one in found if one.name == name), Table((), []))

    def words(self) -> str:
        """What is said while there is no table."""
        if self._reading:
            return "Reading what the profiler made of the capture ..."
        if self._read is not None and self._read.problems:
            return self._read.problems[0][1]
        return "older profilers left tables beside their captures; there are none beside this one"

    def look(self) -> None:
        """Begin to read the files, unless they are read or on their way."""
        opened = self._owner.opener.opened
        if opened is not None and self._read is None and not self._reading and self.any:
            self._reading = True
            self._owner.run_worker(self._read_files(opened), group="analyses", exclusive=True)

    async def _read_files(self, opened: Opened) -> None:
        files = self._owner.opener.beside(opened.capture)
        read = await asyncio.to_thread(read_files, files)
        self._owner.opener.note_all(read.problems)
        if self._owner.opener.opened is opened:
            self._read, self._reading = read, False
            self._owner.show_view(self._owner.view)


def analyses_lines(session: SessionAnalyses, width: int, ascii_only: bool) -> list[Line]:
    """An overview of analyses for this width: their figures and sentences, what took most time, and what else there
    is."""
    blocks: list[list[Line]] = [said("capture", WORDS, width)]
    for path, reason in session.problems:
        blocks[0] += said("problem", f"{path.rpartition('/')[2]}: {reason}", width, "warn")
    rest = []
    for one in session.found:
        table = one.analysis.table
        if table.names == FIGURES:
            name, _, unit = one.analysis.title.partition(", ")
            blocks.append([title_line(name.capitalize(), one.file.tool, width), *_figures(table, unit, width)])
        else:
            blocks.append(_most(one.analysis.title.capitalize(), table, width, ascii_only))
            rest.append(f"{one.name}, {len(table.rows):,} rows")
    if rest:
        blocks.append([title_line("Tables", "one after the other: g", width), *([Part(safe(one))] for one in rest)])
    return under_each_other(blocks)


def _figures(table: Table, unit: str, width: int) -> list[Line]:
    """Each with its unit, which stands behind its own name or is that of all."""
    told = []
    for name, value in table.rows:
        words, _, own = str(name).rpartition(", ")
        known = own in COLUMN_OF
        told.append((words if known else str(name), cell_text(COLUMN_OF.get(own if known else unit, "value"), value)))
    cells = min(max(cell_width(safe(name)) for name, _ in told) + 2, width * 2 // 3)
    return [line for name, text in told for line in said(name, text, width, cells=cells)]


def _most(title: str, table: Table, width: int, ascii_only: bool) -> list[Line]:
    """The first rows by their time, where there are times."""
    time = next((name for name in ("self_us", "total_us") if name in table.names), None)
    if time is None:
        return []
    kind = table.names.index("type") if "type" in table.names else None
    place = table.names.index(time)
    calls = table.names.index("calls") if "calls" in table.names else None
    rows = [
        (str(row[0]), (row[place] or 0.0) * PS_PER_US, _times(row, calls))
        for row in table.rows
        if kind is None or row[kind] != IDLE
    ]
    return top_rows(title, f"by {heading(time)} time", rows, width, ascii_only)


def _times(row: Row, calls: int | None) -> str:
    return f"{row[calls]:,}x" if calls is not None and isinstance(row[calls], int) else ""


def rows_of(names: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """What the rows of the view may stand for: each of the tables."""
    return tuple((name, f"{name}, {place} of {len(names)}") for place, name in enumerate(names, 1)) or (("", ""),)
