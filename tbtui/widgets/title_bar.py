"""The first line: what is watched, whether it lives, how much there is, how far it has come."""

from __future__ import annotations

import os

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.numbers import format_bytes, format_duration, format_rate, format_step
from tbtui.analysis.text import cut, safe
from tbtui.widgets.fitting import Item, fit, item
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.session import Session

BAR_CELLS = 10
GAP = 2
TO_PROBLEMS = {"problems": True}
"""Marks the count of problems, which a click opens."""

PATH_CELLS = (8, 48)
"""Cells for the log directories: with less room than the first they are left out, the second is the most."""


class TitleBar(Painted):
    """Items leave from the least important one where the line is too short."""

    DEFAULT_CSS = "TitleBar { height: 1; background: $panel; }"

    def __init__(self, session: Session) -> None:
        super().__init__(id="title")
        self.session = session

    def paint(self, width: int, height: int) -> list[Strip]:
        left, right = self._left(), self._right()
        free = width - sum(entry.width + GAP for entry in (*left, *right))
        if free >= PATH_CELLS[0]:
            left.insert(1, self._paths(min(free, PATH_CELLS[1])))
        return [self.line(fit(left, right, width, self.look("muted"), GAP), width)]

    def _paths(self, cells: int) -> Item:
        paths = "  ".join(shown_path(path) for path in self.session.options.logdirs)
        return item(7, (cut(paths, cells, keep="tail"), self.look("text")))

    def _left(self) -> list[Item]:
        session, muted, strong = self.session, self.look("muted"), self.look("text")
        items = [item(6, (" tbtui ", self.look("accent")))]
        progress = session.store.progress
        if not progress.quiet and progress.bytes_found:
            items.append(item(1, *self._loading(progress.bytes_read, progress.bytes_found)))
        elif (state := session.liveness()) is not None:
            shape, look, words = state
            items.append(item(2, (shape, self.look(look)), (f" {words}", muted)))
        runs, tags = len(session.runs()), session.tag_count()
        items.append(item(8, (str(runs), strong), (" run" if runs == 1 else " runs", muted)))
        items.append(item(9, (str(tags), strong), (" tag" if tags == 1 else " tags", muted)))
        problems = session.store.problem_count
        if problems:
            items.append(
                item(3, (f"{problems} problem{'s' * (problems > 1)}", self.look("warn") + Style.from_meta(TO_PROBLEMS)))
            )
        return items

    async def on_click(self, event: events.Click) -> None:
        if "problems" in event.style.meta:
            await self.app.run_action("app.problems")

    def _loading(self, done: int, total: int) -> list[Piece]:
        cells = min(BAR_CELLS, BAR_CELLS * done // total)
        return [
            ("━" * cells, self.look("accent")),
            ("━" * (BAR_CELLS - cells), self.look("faint")),
            (f" {format_bytes(done)} of {format_bytes(total)}", self.look("muted")),
        ]

    def _right(self) -> list[Item]:
        muted, strong = self.look("muted"), self.look("text")
        pace = self.session.pace()
        if pace is None:
            return []
        items = []
        goal = f"/{format_step(pace.goal)}" if pace.goal is not None else ""
        items.append(item(4, ("step ", muted), (f"{format_step(pace.step)}{goal}", strong)))
        if pace.rate:
            items.append(item(5, (format_rate(pace.rate), strong)))
        if pace.eta is not None:
            items.append(item(3, ("ETA ", muted), (format_duration(pace.eta), strong)))
        items[-1] = item(items[-1].rank, *items[-1].pieces, (" ", muted))
        return items


def shown_path(path: str) -> str:
    """A log directory as the user named it, the home directory as `~`."""
    home = os.path.expanduser("~")
    if home != "~" and path.startswith(home + os.sep):
        path = "~" + path[len(home) :]
    return safe(path)
