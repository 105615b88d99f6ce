"""The list of runs: colour, state, name, last step, and the course of one tag. Only the rows in sight cost anything."""

from __future__ import annotations

from typing import NamedTuple

from rich.style import Style
from textual import events
from textual.message import Message
from textual.strip import Strip

from tbtui.analysis.colors import RGB
from tbtui.analysis.numbers import format_age, format_duration, format_rate
from tbtui.analysis.text import cell_width, cut, cut_path, left_out, pad, safe
from tbtui.store import Run
from tbtui.widgets.fitting import fit, item
from tbtui.widgets.health import LOOKS, short_words
from tbtui.widgets.keys import bindings
from tbtui.widgets.listing_rows import Row
from tbtui.widgets.messages import Notice, ViewChanged
from tbtui.widgets.painted import Painted, Piece
from tbtui.widgets.session import Session

WHEEL_ROWS = 3
MARK_CELLS = 3
SHORTEST_NAME = 8
SPARK_CELLS = (5, 16)
"""The fewest and the most cells of a sparkline; with less room there is none."""

AGE_CELLS, AGE_FROM = 5, 40
"""Cells that tell how long ago a run was written, and the width from which they are shown."""

HEALTH_FROM = 30
"""Cells from which live runs have a second line."""

CROWDED_FROM = 4
"""Lines of the list from which a live run at the cursor has one, though there is no room for all."""

SPARK_INK = 0.65
NO_FULL_BLOCK = {ord("█"): "▇"}
"""The sparklines of neighbouring rows do not touch."""


class Columns(NamedTuple):
    """Cells of the columns of the list."""

    name: int
    step: int
    age: int
    spark: int


class RunWords(NamedTuple):
    """What the line of a run says, and what decides on its look; lines that say the same are painted once."""

    name: str
    shown: bool
    color: RGB
    state: str
    state_look: str
    sign: str
    cell: str
    age: str
    spark: str
    hashtags: str
    depth: int
    at_cursor: bool
    focused: bool


def fit_columns(width: int, names: list[int], step: int) -> Columns:
    """Names get what they need; the sparkline gets the rest, and gives way where names are long."""
    age = AGE_CELLS if width >= AGE_FROM else 0
    room = max(SHORTEST_NAME, width - MARK_CELLS - step - 1 - age)
    name = min(room, max(names, default=0))
    spark = min(SPARK_CELLS[1], room - name - 1)
    if spark < SPARK_CELLS[0]:
        spark = SPARK_CELLS[0] if room >= 20 else 0
    return Columns(room - spark - (1 if spark else 0), step, age, spark)


def blend(color: RGB, ground: Style, share: float) -> RGB:
    """`share` of the colour on the style's background."""
    below = ground.bgcolor.get_truecolor() if ground.bgcolor else (0, 0, 0)
    red, green, blue = (round(share * one + (1 - share) * other) for one, other in zip(color, below, strict=True))
    return red, green, blue


class RunList(Painted, can_focus=True):
    """A line for each run that the filter lets through; the cursor is `View.focused_run`."""

    DEFAULT_CSS = "RunList { height: 1fr; }"
    BINDINGS = bindings("list")

    class Opened(Message):
        """The user wants to know more about a run."""

        def __init__(self, run: str) -> None:
            super().__init__()
            self.run = run

    def __init__(self, session: Session) -> None:
        super().__init__(id="runs")
        self.session = session
        self.top = 0
        self._lines: list[int] = []  # which row each line on the screen belongs to
        self._follow_cursor = True
        self._painted: dict[tuple[RunWords, Columns, int], Strip] = {}
        self._left_out = 0

    # -- painting ----------------------------------------------------------------------------------------------

    def paint(self, width: int, height: int) -> list[Strip]:
        rows = self.session.listing.rows()
        if not rows:
            return [self.line([(" " + self._nothing(), self.look("muted"))], width)]
        cursor = self._cursor(rows)
        living = self._living(rows, width, height, rows[cursor].run)
        room = height - 1 if living and len(rows) + len(living) > height else height
        self._scroll(cursor, len(rows), room)
        seen = rows[self.top : self.top + room]
        names = [
            cell_width(self._shown_name(row)) + row.depth + cell_width(self._hashtags(row.run))
            for row in seen
            if row.run is not None
        ]
        columns = fit_columns(width, names, max((cell_width(self._cell(row)) for row in seen), default=0))
        self._left_out = self._beginning_to_leave_out(seen, columns)
        strips: list[Strip] = []
        before, self._painted = self._painted, {}
        self._lines.clear()
        for number, row in enumerate(seen, self.top):
            if row.run is None:
                strips.append(self._heading(row, number == cursor, width))
            else:
                key = (self._words(row, row.run, number == cursor, columns), columns, width)
                strip = before.get(key) or self._run(*key)
                strips.append(strip)
                self._painted[key] = strip
            self._lines.append(number)
            if row.run is not None and row.run.name in living:
                strips.append(self._health(row.run, width))
                self._lines.append(number)
        return strips

    def _living(self, rows: list[Row], width: int, height: int, at_cursor: Run | None) -> set[str]:
        """The live runs, each of which has a line for its health; only that at the cursor if there is too little room.

        Runs beyond those that there could be room for are not looked at.
        """
        if width < HEALTH_FROM or height < CROWDED_FROM:
            return set()
        if len(rows) < height:
            living = {row.run.name for row in rows if row.run is not None and self.session.is_live(row.run)}
            if len(rows) + len(living) <= height:
                return living
        return {at_cursor.name} if at_cursor is not None and self.session.is_live(at_cursor) else set()

    def _health(self, run: Run, width: int) -> Strip:
        """Speed, age, time that is left, and what is to be looked at."""
        session, text, muted = self.session, self.look("text"), self.look("muted")
        pace, items = session.pace_of(run), [item(2, ("   ", muted))]
        if run.last_wall is not None:
            items.append(item(4, (format_age(session.clock() - run.last_wall), muted)))
        if pace is not None and pace.rate:
            items.append(item(3, (format_rate(pace.rate), muted)))
        if pace is not None and pace.eta is not None:
            items.append(item(2, ("ETA ", muted), (format_duration(pace.eta), text)))
        for rank, (tag, flag) in enumerate(session.main_flags(run)):
            items.append(
                item(1 + 4 * rank, (cut(short_words(tag, flag), max(8, width - 14)), self.look(LOOKS[flag.kind])))
            )
        return self.line(fit(items, (), width, text, 1), width)

    def _cell(self, row: Row) -> str:
        return self.session.listing.cell(row.run) if row.run is not None else ""

    def _nothing(self) -> str:
        if self.session.run_filter.error:
            return self.session.run_filter.error
        if not self.session.runs():
            return "no runs yet"
        view = self.session.view
        if view.hide_empty and all(run.empty for run in self.session.runs()):
            return "no run has data yet: `"
        return "no run matches the filter" if view.run_filter else "all runs were put away: A"

    def _heading(self, row: Row, at_cursor: bool, width: int) -> Strip:
        """A group's title, how many of its runs are shown, and whether it is folded."""
        ground = self._row_look(at_cursor, self.has_focus)
        strong, muted = ground + self.ink("strong"), ground + self.ink("muted")
        shown = sum(not self.session.view.is_hidden(run.name) for run in row.runs)
        count = f" {shown}/{len(row.runs)}" if shown != len(row.runs) else f" {len(row.runs)}"
        pieces: list[Piece] = [("▸ " if row.folded else "▾ ", muted)]
        pieces.insert(0, (" " * row.depth, muted))
        if row.group is not None and self.session.drawn_groups.colored():
            pieces.insert(
                0, ("▌" if shown else " ", ground + self.ink("text", self.session.drawn_groups.color(row.group)))
            )
        room = width - 3 - row.depth - len(pieces) - len(count)
        title = cut(safe(row.group.title if row.group else ""), max(4, room), keep="middle")
        return self.line([*pieces, (title, strong), (count, muted)], width, ground)

    def _beginning_to_leave_out(self, seen: list[Row], columns: Columns) -> int:
        """How much of their beginning names that are too long have in common: the rest of it tells them apart.

        Of paths the last folders are kept anyway.
        """
        names = [(self._shown_name(row), columns.name - row.depth) for row in seen if row.run is not None]
        cut_ones = [(name, room) for name, room in names if cell_width(name) > room and "/" not in name]
        return left_out([name for name, _ in cut_ones], [room for _, room in cut_ones]) if len(cut_ones) > 1 else 0

    def _row_look(self, at_cursor: bool, focused: bool) -> Style:
        return self.look(("cursor" if focused else "blur") if at_cursor else "text")

    def _words(self, row: Row, run: Run, at_cursor: bool, columns: Columns) -> RunWords:
        """What there is to say of the run of a row now."""
        session = self.session
        written = run.last_wall if columns.age else None
        name = self._shown_name(row)
        if self._left_out and "/" not in name and cell_width(name) > columns.name - row.depth:
            name = "…" + name[self._left_out :]
        return RunWords(
            name,
            not session.view.is_hidden(run.name),
            session.color(run.name),
            *session.state_sign(run),
            self._sign(run),
            session.listing.cell(run),
            "" if written is None else format_age(session.clock() - written),
            session.spark(run, columns.spark) if columns.spark else "",
            self._hashtags(run),
            row.depth,
            at_cursor,
            at_cursor and self.has_focus,
        )

    def _run(self, words: RunWords, columns: Columns, width: int) -> Strip:
        ground, depth, shown = self._row_look(words.at_cursor, words.focused), words.depth, words.shown
        strong, muted, faint, accent = (ground + self.ink(name) for name in ("strong", "muted", "faint", "key"))
        name = " " * depth + cut_path(words.name, max(1, columns.name - depth))
        room = max(0, columns.name - cell_width(name))
        pieces: list[Piece] = [
            ("▌" if shown else " ", ground + self.ink("text", words.color)),
            (words.state, ground + self.ink(words.state_look if shown else "faint")),
            (words.sign, ground + self.ink("accent")),
            (pad(name, columns.name - room), strong if words.at_cursor else ground if shown else faint),
            (pad(words.hashtags, room), accent if shown else faint),
            (pad(words.cell, columns.step + 1, "right"), muted if shown else faint),
        ]
        if columns.age:
            pieces.append((pad(words.age, columns.age, "right"), muted if shown else faint))
        if columns.spark:
            few_colors = self.app.console.color_system in ("standard", None)
            dimmed = words.color if few_colors else blend(words.color, ground, SPARK_INK)
            spark = words.spark.translate(NO_FULL_BLOCK)
            pieces.append((f" {spark}", ground + self.ink("text", dimmed) if shown else faint))
        return self.line(pieces, width, ground)

    def notify_style_update(self) -> None:
        super().notify_style_update()
        self._painted.clear()

    def _shown_name(self, row: Row) -> str:
        """Under the heading of a folder the folder is not said again."""
        view, run = self.session.view, row.runs[0]
        if run.name not in view.aliases:
            if row.name:
                return self.session.label(run.name) if run.name == "." else safe(row.name)
            if row.depth and view.grouping == "directory":
                return safe(run.name.rpartition("/")[2])
        return self.session.label(run.name)

    def _hashtags(self, run: Run) -> str:
        """The user's words for a run, to stand behind its name."""
        words = self.session.view.hashtags.get(run.name)
        return " " + " ".join(f"#{safe(word)}" for word in words) if words else ""

    def _sign(self, run: Run) -> str:
        """What was done with the run: marked, put away, pinned to the top; else that something of it was not read."""
        view = self.session.view
        if run.name == view.marked_run:
            return "="
        if run.name in view.away or run.name in view.top_runs:
            return "-" if run.name in view.away else "^"
        return "!" if run.points and self.session.store.has_problem(run) else " "  # without points its state says it

    # -- moving ------------------------------------------------------------------------------------------------

    def _cursor(self, rows: list[Row]) -> int:
        heading = self.session.group_at_cursor()
        if heading is not None:
            return rows.index(heading)
        run = self.session.focused_run()
        here = (number for number, row in enumerate(rows) if run in row.runs and (row.run is not None or row.folded))
        return next(here, 0)

    def _scroll(self, cursor: int, count: int, height: int) -> None:
        """Keep the cursor in sight, unless the wheel has just moved the list away from it."""
        if self._follow_cursor:
            self.top = min(max(self.top, cursor - height + 1), cursor)
        self.top = max(0, min(self.top, count - height))

    def _move_to(self, number: int) -> None:
        rows = self.session.listing.rows()
        if rows:
            self._follow_cursor = True
            row = rows[max(0, min(number, len(rows) - 1))]
            view = self.session.view
            view.focused_group = row.group.key if row.run is None and row.group is not None else None
            view.focused_run = row.runs[0].name
            self.post_message(ViewChanged())

    def _move(self, lines: int) -> None:
        rows = self.session.listing.rows()
        here = self._cursor(rows)
        if not 0 <= here + (1 if lines > 0 else -1) < len(rows):
            self.post_message(Notice(f"No run {'below' if lines > 0 else 'above'} this one" if rows else "No run here"))
        self._move_to(here + lines)

    def action_down(self) -> None:
        self._move(1)

    def action_up(self) -> None:
        self._move(-1)

    def action_page_down(self) -> None:
        self._move(max(1, self.size.height - 1))

    def action_page_up(self) -> None:
        self._move(-max(1, self.size.height - 1))

    def action_first(self) -> None:
        self._move(-len(self.session.listing.rows()))

    def action_last(self) -> None:
        self._move(len(self.session.listing.rows()))

    def _fold(self, fold: bool) -> bool:
        """Fold or unfold the group at the cursor; from inside, and where it is folded, to the heading above."""
        rows, view = self.session.listing.rows(), self.session.view
        if not rows:
            return False
        here = self._cursor(rows)
        row = rows[here]
        if fold and row.run is None and row.folded and row.depth:
            self._move_to(next(number for number in range(here, -1, -1) if rows[number].depth < row.depth))
            return True
        if row.group is None or (row.run is None and row.folded == fold) or (row.run is not None and not fold):
            return False
        if row.run is None:
            view.folded_runs = view.folded_runs ^ {row.group.key}
        view.focused_group, self._follow_cursor = row.group.key, True
        self.post_message(ViewChanged())
        return True

    def action_left(self) -> None:
        if not self._fold(True):
            self.post_message(Notice("Nothing to fold here; g makes groups of runs"))

    async def action_right(self) -> None:
        """Unfold; where there is nothing to unfold: to the charts."""
        if not self._fold(False):
            await self.run_action("app.next_pane")

    def action_open(self) -> None:
        heading, run = self.session.group_at_cursor(), self.session.focused_run()
        if heading is not None:
            self._fold(not heading.folded)
        elif run is not None:
            self.post_message(self.Opened(run.name))

    # -- mouse -------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        rows = self.session.listing.rows()
        if event.y >= len(self._lines) or self._lines[event.y] >= len(rows):
            return
        number = self._lines[event.y]
        self._move_to(number)
        run = rows[number].run
        if run is None:
            self._fold(not rows[number].folded)
        elif event.x < 3:
            self.session.view.toggle(run.name)
        elif event.chain == 2:
            self.action_open()

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        self._wheel(event, WHEEL_ROWS)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        self._wheel(event, -WHEEL_ROWS)

    def _wheel(self, event: events.MouseEvent, rows: int) -> None:
        event.stop()
        self._follow_cursor = False
        self.top = max(0, self.top + rows)
        self.repaint()

    def on_focus(self) -> None:
        self.repaint()

    def on_blur(self) -> None:
        self.repaint()
