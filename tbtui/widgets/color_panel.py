"""A palette to choose the colour of a run, or of a group of runs, from."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from tbtui.analysis.colors import PALETTE, RGB
from tbtui.widgets.messages import ViewChanged
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.session import Session

NAMES = (
    "blue", "red", "green", "gold", "violet", "salmon", "plum", "magenta",
    "cyan", "olive", "mint", "purple", "sand", "brick", "lavender", "raspberry",
)  # fmt: skip
"""What the colours of `PALETTE` are called."""


class ColorLines(Lines):
    """A line for each colour, and one for the colour by the run's name. Enter takes what is at the cursor."""

    has_cursor = True

    def __init__(self, session: Session, names: Sequence[str], chosen_by: Sequence[str]) -> None:
        super().__init__()
        self.session = session
        self._chosen_by = chosen_by
        """The names that colours are given to: runs, or groups."""
        now = session.color(names[0])
        self._before = {name: session.view.colors.get(name) for name in chosen_by}
        self.cursor = PALETTE.index(now) if now in PALETTE else len(PALETTE)
        others = (run.name for run in session.visible_runs() if run.name not in names)
        of_group = session.drawn_groups.colored_as
        self._used = Counter(session.color(name) for name in others if of_group(name) not in chosen_by)

    def count(self, width: int) -> int:
        return len(PALETTE) + 1

    def row(self, number: int, width: int) -> list[Piece]:
        muted, text = self.look("muted"), self.look("text")
        if number == len(PALETTE):
            return [("       ", muted), ("as before any choice: by its name", text)]
        used = self._used[PALETTE[number]]
        pieces = [
            (" █████ ", self.look("text", PALETTE[number])),
            (NAMES[number].ljust(12), text),
        ]
        if used:
            pieces.append((f"{used} other {'run' if used == 1 else 'runs'}", muted))
        return pieces

    def moved(self) -> None:
        """What is at the cursor is shown at once."""
        self.cursor = max(0, min(self.cursor, len(PALETTE)))
        self.take(PALETTE[self.cursor] if self.cursor < len(PALETTE) else None)

    def take(self, color: RGB | None) -> None:
        """Give the colour; None: the one by name."""
        colors = dict(self.session.view.colors)
        for name in self._chosen_by:
            if color is None:
                colors.pop(name, None)
            else:
                colors[name] = color
        self.session.view.colors = colors
        self.app.post_message(ViewChanged())

    def restore(self) -> None:
        """As it was when the panel was opened."""
        colors = {name: color for name, color in self.session.view.colors.items() if name not in self._before}
        self.session.view.colors = colors | {name: c for name, c in self._before.items() if c is not None}
        self.app.post_message(ViewChanged())

    def open_row(self) -> None:
        if isinstance(self.screen, Panel):
            self.screen.dismiss()


class ColorPanel(Panel):
    """Colours; what is at the cursor is tried at once, enter keeps it, escape goes back."""

    DEFAULT_CSS = "ColorPanel > #panel { max-width: 46; max-height: 19; }"
    SUBTITLE = "j/k try   enter keep   esc as it was"

    def __init__(self, session: Session, title: str, names: Sequence[str], chosen_by: Sequence[str]) -> None:
        super().__init__()
        self._session, self._title, self._names, self._chosen_by = session, title, names, chosen_by

    def title_text(self) -> str:
        return f"colour of {self._title}"

    def lines(self) -> ColorLines:
        return ColorLines(self._session, self._names, self._chosen_by)

    def action_close(self) -> None:
        self.query_one(ColorLines).restore()
        self.dismiss()
