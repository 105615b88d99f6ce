"""Keys that take data away: to the clipboard, or into a file."""

from __future__ import annotations

import io
from collections.abc import Iterable
from pathlib import Path

from tbtui.analysis.text import cut, safe
from tbtui.commands.export import write_csv
from tbtui.dashboards.new_file import new_file
from tbtui.dashboards.scalars.grouped import rows_to_take
from tbtui.dashboards.scalars.tabling import Tabling
from tbtui.store import Points


class Taking(Tabling):
    """The focused chart, as CSV with the columns of `tbtui export`, or the table as it is shown."""

    def action_copy(self) -> None:
        """The points that are read at the cursor (without one: the newest), a row for each run."""
        if self.mode == "table":
            self.copy_table()
            return
        readings = self.model.read(self.entries())
        if not readings:
            self.say("There is nothing to copy")
            return
        rows = [row for reading in readings for row in rows_to_take(reading.entry, self.model.purge, reading.index)]
        file = io.BytesIO()
        write_csv(rows, file)
        self.copy_text(file.getvalue().decode())
        self.say(f"Copied {len(rows)} {'row' if len(rows) == 1 else 'rows'} to the clipboard")

    def action_export(self) -> None:
        """All points of the focused chart, into a new file in the current directory."""
        if self.mode == "table":
            self.export_table()
            return
        subject, entries = self.subject(), self.entries()
        rows = [row for entry in entries if not entry.behind for row in rows_to_take(entry, self.model.purge)]
        if subject is None or not any(len(points.steps) for _, _, points in rows):
            self.say("There is nothing to export")
            return
        self.in_background(lambda: export_rows(rows, Path.cwd(), subject.title))


def export_rows(rows: Iterable[tuple[str, str, Points]], directory: Path, title: str) -> str:
    """Write points to a file that did not exist, named after a tag. Returns a sentence for the user."""
    try:
        with new_file(directory, title) as file:
            count = write_csv(rows, file)
        return f"Wrote {count} rows to {cut(safe(file.name), 60, keep='tail')}"
    except OSError as error:
        return f"Not written: {error.strerror or error}"
