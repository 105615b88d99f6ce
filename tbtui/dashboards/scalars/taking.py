"""Keys that take data away: to the clipboard, or into a file."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable
from pathlib import Path

from tbtui.analysis.text import cut, safe
from tbtui.commands.export import write_csv
from tbtui.dashboards.scalars.acting import Acting
from tbtui.store import Points

LONGEST_NAME = 60
"""Characters of a tag that become part of a file's name."""


class Taking(Acting):
    """What is focused, as CSV with the columns of `tbtui export`."""

    def action_copy(self) -> None:
        """The points that are read at the cursor (without one: the newest), a row for each run."""
        readings = self.model.read(self.entries())
        if not readings:
            self.say("There is nothing to copy")
            return
        rows = [
            (reading.entry.run.name, reading.entry.tag, _part(reading.entry.line.points, reading.index))
            for reading in readings
        ]
        file = io.BytesIO()
        write_csv(rows, file)
        self.copy_text(file.getvalue().decode())
        self.say(f"Copied {len(rows)} {'row' if len(rows) == 1 else 'rows'} to the clipboard")

    def action_export(self) -> None:
        """All points of the focused chart, into a new file in the current directory."""
        subject, entries = self.subject(), self.entries()
        rows = [(entry.run.name, entry.tag, entry.line.series.points(self.model.purge)) for entry in entries]
        if subject is None or not any(len(points.steps) for _, _, points in rows):
            self.say("There is nothing to export")
            return
        self.in_background(lambda: export_rows(rows, Path.cwd(), subject.title))


def export_rows(rows: Iterable[tuple[str, str, Points]], directory: Path, title: str) -> str:
    """Write points to a file that did not exist, named after a tag. Returns a sentence for the user."""
    try:
        with _new_file(directory, title) as file:
            count = write_csv(rows, file)
        return f"Wrote {count} rows to {cut(safe(file.name), 60, keep='tail')}"
    except OSError as error:
        return f"Not written: {error.strerror or error}"


def _new_file(directory: Path, title: str) -> io.BufferedWriter:
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", title).strip("._")[:LONGEST_NAME] or "scalars"
    number = 1
    while True:
        path = directory / (f"tbtui-{name}.csv" if number == 1 else f"tbtui-{name}-{number}.csv")
        try:
            return path.open("xb")
        except FileExistsError:
            number += 1


def _part(points: Points, index: int) -> Points:
    here = slice(index, index + 1)
    return Points(points.steps[here], points.walls[here], points.values[here])
