"""Where the cursor of the charts stands, and the range between two of its places."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.dashboards.scalars.x_windows import XWindows


class Cursor(XWindows):
    """One cursor and one range for all charts, in what the x axis counts. The cursor goes by the points of the focused
    run; where it would be out of sight the window goes along."""

    if TYPE_CHECKING:

        def focus_of(self, entries: Sequence[Entry]) -> Entry | None: ...
        def update(self, entries: Sequence[Entry]) -> None: ...

    def __init__(self) -> None:
        super().__init__()
        self.cursor = None
        self.range: tuple[float, float | None] | None = None

    def move_cursor(self, subject: Subject, entries: Sequence[Entry], points: int) -> bool:
        """Move the cursor by so many points of the focused run; without one it appears at the newest point."""
        entry = self.focus_of(entries)
        if entry is None or not len(entry.line):
            return False
        line, origin = entry.line, self.origin(entry)
        axis = line.x(self.session.view.x_mode)
        if self.cursor is None:
            index = len(line) - 1
            end = self.right_end(subject, entries)
            if end is not None:
                index = line.nearest(end + origin, self.session.view.x_mode) or 0
        else:
            here = line.nearest(self.cursor + origin, self.session.view.x_mode) or 0
            index = min(max(here + points, 0), len(line) - 1)
            if axis[index] == axis[here] and 0 < index < len(line) - 1:
                beyond = axis[index:] if points > 0 else axis[index::-1]
                others = np.flatnonzero(beyond != axis[here])
                along = int(others[0]) if len(others) else len(beyond) - 1
                index += along if points > 0 else -along
        return self.set_cursor(subject, entries, float(axis[index]) - origin)

    def set_cursor(self, subject: Subject, entries: Sequence[Entry], x: float | None) -> bool:
        """Put the cursor somewhere, or away; the window moves where it would be out of sight."""
        if x is not None and not np.isfinite(x):
            return False
        moved = x != self.cursor
        self.cursor = x
        if x is not None:
            self.reveal(subject, entries, x)
        return moved

    def cursor_to_end(self, subject: Subject, entries: Sequence[Entry], last: bool) -> bool:
        """To the first or the last point of the focused run."""
        entry = self.focus_of(entries)
        if entry is None or not len(entry.line):
            return False
        axis = entry.line.x(self.session.view.x_mode)
        return self.set_cursor(subject, entries, float(axis[-1 if last else 0]) - self.origin(entry))

    def cursor_to_step(self, subject: Subject, entries: Sequence[Entry], step: int) -> int | None:
        """To the point of the focused run whose step is nearest; gives that step back."""
        entry = self.focus_of(entries)
        index = entry.line.nearest(step, "step") if entry is not None else None
        if entry is None or index is None:
            return None
        self.set_cursor(subject, entries, float(entry.line.x(self.session.view.x_mode)[index]) - self.origin(entry))
        return int(entry.line.points.steps[index])

    def step_at_cursor(self, entries: Sequence[Entry]) -> int | None:
        """The step of the point of the focused run that is nearest to the cursor; None without one."""
        entry = self.focus_of(entries)
        if entry is None or self.cursor is None:
            return None
        index = entry.line.nearest(self.cursor + self.origin(entry), self.session.view.x_mode)
        return None if index is None else int(entry.line.points.steps[index])

    def x_axis_changed(self, entries: Sequence[Entry], old: str) -> None:
        """Keep the cursor on the same point of the focused run after the x axis counts something else."""
        entry, view = self.focus_of(entries), self.session.view
        self.range = None
        if self.cursor is None or entry is None:
            return
        new, view.x_axis = view.x_axis, old
        index = entry.line.nearest(self.cursor + self.origin(entry), view.x_mode)
        view.x_axis = new
        self.cursor = None
        self.update([entry])  # another tag has to be joined first
        if index is not None and index < len(entry.line):
            x = float(entry.line.x(view.x_mode)[index]) - self.origin(entry)
            self.cursor = x if np.isfinite(x) else None

    def marked(self) -> tuple[float, float] | None:
        """The marked range; while only its start is marked it reaches to the cursor."""
        if self.range is None:
            return None
        start, end = self.range
        end = self.cursor if end is None else end
        return None if end is None else (min(start, end), max(start, end))
