"""`tbtui profile` where there are only analyses that older profilers left: their tables, as they stand in the files."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import safe
from tbtui.commands.profile import UNBOUNDED, table_lines
from tbtui.commands.session import CommandError
from tbtui.profiles.analyses import Analysis, read_analysis
from tbtui.profiles.find import CaptureFile
from tbtui.profiles.model import BadProfile
from tbtui.profiles.tables import Table

__all__ = ["print_analyses"]


def print_analyses(captures: Sequence[CaptureFile], form: str, top: int | None, width: int = UNBOUNDED) -> int:
    """Prints the tables of the files of the newest session to standard output; what is not read is named with its
    size. Raises CommandError where none of them can be read."""
    newest = captures[0]
    mine = [one for one in captures if (one.session, one.host) == (newest.session, newest.host)]
    found: list[tuple[CaptureFile, list[Analysis]]] = []
    reasons = []
    for capture in mine:
        try:
            found.append((capture, _read(capture)))
        except BadProfile as error:
            reasons.append(f"{safe(capture.path)} ({format_bytes(capture.size)}): {safe(str(error))}")
    if not found:
        raise CommandError(reasons[0])
    tables = [(capture, one.title, _cut(one.table, top)) for capture, read in found for one in read]
    if form == "json":
        json.dump([_as_json(*each) for each in tables], sys.stdout, ensure_ascii=True, allow_nan=False)
        sys.stdout.write("\n")
    elif form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        for _, _, table in tables[:1]:
            writer.writerow(table.names)
            writer.writerows(table.rows)
    else:
        lines = [f"no capture here, but what the profiler made of one: session {safe(newest.session)}"]
        lines += [f"problem: {reason}" for reason in reasons]
        for capture, title, table in tables:
            shown = Table(tuple(safe(name) for name in table.names), table.rows)
            lines += ["", f"{safe(title)} ({safe(capture.tool)})", *table_lines(shown, width)]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _read(capture: CaptureFile) -> list[Analysis]:
    try:
        with open(capture.path, "rb") as file:
            return read_analysis(capture.tool, file.read())
    except OSError as error:
        raise BadProfile(error.strerror or str(error)) from None


def _cut(table: Table, top: int | None) -> Table:
    return Table(table.names, table.rows[:top])


def _as_json(capture: CaptureFile, title: str, table: Table) -> dict[str, Any]:
    rows = [
        {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in pairs}
        for pairs in (zip(table.names, row, strict=True) for row in table.rows)
    ]
    return {"path": capture.path, "session": capture.session, "host": capture.host, "title": title, "rows": rows}
