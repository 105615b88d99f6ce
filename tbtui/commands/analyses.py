"""`tbtui profile` of analyses that older profilers left: their tables, as they stand in the files."""

from __future__ import annotations

import csv
import json
import math
import sys
from collections.abc import Sequence
from typing import Any

from tbtui.analysis.text import safe
from tbtui.commands.profile import Wanted, cut_rows
from tbtui.commands.profile_text import table_lines
from tbtui.commands.session import CommandError
from tbtui.profiles.analysis_files import VIEW_OF, Found, analysis_files, read_analyses
from tbtui.profiles.find import CaptureFile
from tbtui.profiles.tables import Table

__all__ = ["print_analyses"]

WHOLE = ("overview", "analyses")
"""The views that show all tables."""


def print_analyses(captures: Sequence[CaptureFile], wanted: Wanted, width: int) -> int:
    """Prints the tables of the newest session that has such files to standard output, or the one that stands for the
    view; what is not read is named. Raises CommandError where none of the files can be read, and where the session has
    nothing for the view."""
    newest = next((one for one in captures if analysis_files(one, [one])), None)
    if newest is None:
        raise CommandError(f"{captures[0].path}: there are no analyses of an older profiler here")
    session = read_analyses(analysis_files(newest, captures))
    reasons = [f"{safe(path)}: {safe(reason)}" for path, reason in session.problems]
    if not session.found:
        raise CommandError(reasons[0] if reasons else f"{newest.path}: holds no table with rows")
    every = wanted.view in WHOLE
    chosen = [one for one in session.found if every or VIEW_OF.get(one.analysis.title) == wanted.view]
    if not chosen:
        raise CommandError(
            f"{newest.path}: there is no capture here, and the analyses of one have nothing for --view {wanted.view}; "
            f"they tell: {', '.join(one.name for one in session.found)}"
        )
    tables = _cut(chosen, wanted)
    if wanted.form == "json":
        json.dump([_as_json(*each) for each in tables], sys.stdout, ensure_ascii=True, allow_nan=False)
        sys.stdout.write("\n")
    elif wanted.form == "csv":
        writer = csv.writer(sys.stdout, lineterminator="\n")
        operations = [table for one, table in tables if VIEW_OF.get(one.analysis.title) == "ops"]
        table = (operations or [table for _, table in tables])[0]
        writer.writerow(table.names)
        writer.writerows(table.rows)
    else:
        lines = [f"what the profiler made of a capture: session {safe(newest.session)}"]
        lines += [f"problem: {reason}" for reason in reasons]
        for one, table in tables:
            shown = Table(tuple(safe(name) for name in table.names), table.rows)
            lines += ["", safe(one.name), *table_lines(shown, width)]
        sys.stdout.write("\n".join(lines) + "\n")
    return 0


def _cut(chosen: Sequence[Found], wanted: Wanted) -> list[tuple[Found, Table]]:
    """The rows that are wanted; tables without the column to sort by stay as they are, unless no table has it."""
    having = [one for one in chosen if wanted.sort in one.analysis.table.names] or chosen[:1]
    return [(one, cut_rows(one.analysis.table, wanted.sort if one in having else "", wanted.top)) for one in chosen]


def _as_json(one: Found, table: Table) -> dict[str, Any]:
    rows = [
        {name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in pairs}
        for pairs in (zip(table.names, row, strict=True) for row in table.rows)
    ]
    file = one.file
    return {
        "path": file.path, "session": file.session, "host": file.host, "title": one.analysis.title, "rows": rows,
    }  # fmt: skip
