"""Keys that take histograms away: the one at the cursor to the clipboard, all of a picture into a file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tbtui.analysis.text import cut, safe
from tbtui.commands.histograms import One, histograms_of, write_csv
from tbtui.dashboards.histograms.comparing import Comparing
from tbtui.dashboards.new_file import new_file

if TYPE_CHECKING:
    from tbtui.store import BlobSeries

__all__ = ["Taking", "export_buckets"]


class Taking(Comparing):
    """Copying and exporting."""

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        raise NotImplementedError

    def copied(self) -> list[tuple[float, float, float]]:
        """(left, right, count) of the histogram at the cursor."""
        raise NotImplementedError

    def in_background(self, work: Callable[[], str]) -> None:
        """Do it in a thread, and tell the user the sentence it gives."""
        raise NotImplementedError

    def action_copy(self) -> None:
        rows = self.copied()
        if not rows:
            self.say("There is nothing to copy")
            return
        self.copy_text("left,right,count\n" + "".join(f"{a!r},{b!r},{c!r}\n" for a, b, c in rows))
        self.say(f"Copied {len(rows)} buckets to the clipboard")

    def action_export(self) -> None:
        """Every histogram of the focused picture, and of the one it is compared with, into a new file."""
        panel, other = self.panels.focused(), self.other() if self.compare else None
        if panel is None:
            self.say("There is nothing to export")
            return
        series = [one.series for one in (panel, other) if one is not None]
        purge = self.session.options.purge
        self.in_background(lambda: export_buckets(series, purge, Path.cwd(), panel.tag))


def export_buckets(several: Sequence[BlobSeries], purge: bool, directory: Path, title: str) -> str:
    """Write every bucket of every histogram of some series to a CSV file that did not exist, named after a title.

    Columns are those of `tbtui export --kind histograms`. Returns a sentence for the user.
    """
    bad: list[str] = []

    def readable() -> Iterator[One]:
        for series in several:
            for reference, found in histograms_of(series, purge):
                if isinstance(found, str):
                    bad.append(f"step {reference.step}: {found}")
                else:
                    yield One(series.run, series.tag, reference.step, reference.wall, found)

    try:
        with new_file(directory, title) as file:
            count = write_csv(readable(), file)
    except OSError as error:
        return f"Not written: {error.strerror or error}"
    left_out = f"; {len(bad)} can't be read, the first: {cut(safe(bad[0]), 60)}" if bad else ""
    return f"Wrote {count} histograms to {cut(safe(file.name), 60, keep='tail')}{left_out}"
