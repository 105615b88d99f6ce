"""What the keys and the mouse of the scalars dashboard act on."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Literal

from tbtui.dashboards.scalars.fullscreen import FullScreen
from tbtui.dashboards.scalars.grid import Grid
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.paging import Place
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.dashboards.scalars.table import Table

if TYPE_CHECKING:
    from tbtui.dashboards.painter import Painter
    from tbtui.widgets.session import Session
    from tbtui.widgets.tag_picker import Choice


class Acting:
    """The parts of the dashboard, and what has the focus; keys are answered by subclasses."""

    mode: Literal["grid", "chart", "table"]
    session: Session
    model: Model
    grid: Grid
    full: FullScreen
    table: Table
    painter: Painter
    full_place: Place = ("", "")
    last_x_tag: str = ""
    """The tag that was the x axis last."""

    # --- what the dashboard lends

    def say(self, text: str) -> None:
        """One sentence for the user."""
        raise NotImplementedError

    def changed(self) -> None:
        """The view was changed."""
        raise NotImplementedError

    def lay_out(self) -> None:
        """Find out what stands where."""
        raise NotImplementedError

    def ask_for_step(self) -> None:
        """Let the user type a step."""
        raise NotImplementedError

    def ask_for_limits(self, before: str) -> None:
        """Let the user type limits of the y axis, beginning with those of now."""
        raise NotImplementedError

    def ask_for_smoothing(self, before: str) -> None:
        """Let the user type the weight of smoothing, beginning with that of now."""
        raise NotImplementedError

    def ask_for_tag(
        self, title: str, choices: Sequence[Choice], chosen: Callable[[str | None], None], focused: str
    ) -> None:
        """Let the user choose a tag, beginning at `focused`."""
        raise NotImplementedError

    def copy_text(self, text: str) -> None:
        """Put a text on the clipboard."""
        raise NotImplementedError

    def in_background(self, work: Callable[[], str], then: Callable[[], None] | None = None) -> None:
        """Do something in a thread, `then` something here, and say the sentence that comes of it."""
        raise NotImplementedError

    def moved(self) -> None:
        """Something other than the view was changed: the place, the cursor, the part of the axis."""
        raise NotImplementedError

    # --- what is focused

    def subject(self) -> Subject | None:
        """What the focused chart is about."""
        if self.mode == "chart":
            return self.full.subject
        if self.mode == "table":
            row = self.table.current()
            return Subject((row.tag,)) if row else None
        return self.grid.subject()

    def entries(self) -> list[Entry]:
        """The curves of the focused chart."""
        subject = self.subject()
        return self.model.entries(subject) if subject else []

    def _chart(self) -> tuple[Subject, list[Entry]] | None:
        """The focused chart and its curves; says so where there is none."""
        subject = self.subject()
        if subject is None or self.mode == "table":
            self.say("No chart has the focus")
            return None
        return subject, self.model.entries(subject)
