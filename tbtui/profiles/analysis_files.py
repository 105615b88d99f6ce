"""The analyses of one session and host: which files hold them, and their tables under names that tell them apart."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from tbtui.profiles.analyses import Analysis, read_analysis
from tbtui.profiles.find import READABLE, CaptureFile
from tbtui.profiles.model import BadProfile
from tbtui.profiles.tables import Table

VIEW_OF = {
    "steps": "steps",
    "operations": "ops",
    "kernels": "kernels",
    "memory by allocator": "memory",
}
"""The view of a capture that a table stands for where there is no capture, by the table's title."""

_FIRST = ("overview_page", "input_pipeline", "tensorflow_stats", "kernel_stats", "memory_profile")


@dataclass(frozen=True, slots=True)
class Found:
    """A table and the file it stands in."""

    file: CaptureFile
    analysis: Analysis

    @property
    def name(self) -> str:
        """What it is called among those of its session."""
        return f"{self.analysis.title} ({self.file.tool})"


@dataclass(frozen=True, slots=True)
class SessionAnalyses:
    """What could be read, and of each file that could not be the reason in words."""

    found: list[Found] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def by_view(self) -> dict[str, Table]:
        """The tables that stand for the views of a capture."""
        tables: dict[str, Table] = {}
        for one in self.found:
            view = VIEW_OF.get(one.analysis.title)
            if view is not None:
                tables.setdefault(view, one.analysis.table)
        return tables


def analysis_files(of: CaptureFile, files: Iterable[CaptureFile]) -> list[CaptureFile]:
    """The files among these that hold analyses of the same session and host."""
    folder = os.path.dirname(of.path)
    mine = [one for one in files if os.path.dirname(one.path) == folder and one.host == of.host]
    return [one for one in mine if one.tool not in READABLE]


def read_analyses(files: Sequence[CaptureFile]) -> SessionAnalyses:
    """Reads them, what sums up the others first; a table that a second file repeats is left out."""
    session = SessionAnalyses()
    for file in sorted(
        files, key=lambda one: (_FIRST.index(one.tool) if one.tool in _FIRST else len(_FIRST), one.path)
    ):
        try:
            tables = _read(file)
        except BadProfile as error:
            session.problems.append((file.path, str(error)))
            continue
        known = [one.analysis for one in session.found]
        session.found.extend(Found(file, table) for table in tables if table not in known)
    return session


def _read(file: CaptureFile) -> list[Analysis]:
    try:
        with open(file.path, "rb") as opened:
            return read_analysis(file.tool, opened.read())
    except OSError as error:
        raise BadProfile(error.strerror or str(error)) from None
