"""Keys of the table: what it has, its order, its columns, the goals of metrics, and taking it away."""

from __future__ import annotations

from pathlib import Path

from tbtui.analysis.goals import Goal, guess_goal
from tbtui.analysis.text import cut, safe
from tbtui.dashboards.new_file import new_file
from tbtui.dashboards.scalars.acting import Acting
from tbtui.dashboards.scalars.table_text import TableText
from tbtui.settings import TABLE_LAYOUTS, TABLE_MEASURES, TABLE_ORDERS

LAYOUT_WORDS = {
    "list": "The table has the runs of each tag, with many numbers each",
    "runs": "The table has runs as rows and tags as columns",
    "tags": "The table has tags as rows and runs as columns",
}

MEASURE_WORDS = {
    "last": "the last value",
    "best": "the best value (J changes which way is better)",
    "mean": "the mean",
    "change": "the change since the first value",
    "min": "the smallest value",
    "max": "the largest value",
    "points": "the number of points",
}

ORDER_WORDS = {
    "list": "the list of runs",
    "nearest": "the distance to the focused run",
    "up": "values, the smallest first",
    "down": "values, the largest first",
}

MOST_COPIED = 2_000_000
"""Characters that a terminal may be asked to take; more go to a file."""


class Tabling(Acting):
    """Keys of the scope "dashboard" that are about tables; those that charts have too fall through to them."""

    def action_table(self) -> None:
        view = self.session.view
        view.table = not view.table
        subject = self.subject()
        self.mode = "table" if view.table else "grid"
        self.lay_out()
        if view.table and subject is not None and subject.tags:
            self.table.find_tag(subject.tags[0], self.session.focused_run())
            self.say("W turns, ; sorts, h and l go sideways")
        elif not view.table and subject is not None and subject.tags:
            place = self.grid.place_of(subject.tags[0])
            if place is not None:
                self.grid.go_to(place)
        self.changed()

    def action_turn_table(self) -> None:
        view = self.session.view
        if self.mode != "table":
            self.say("There is no table here (t shows it)")
            return
        view.table_layout = TABLE_LAYOUTS[(TABLE_LAYOUTS.index(view.table_layout) + 1) % len(TABLE_LAYOUTS)]
        self.say(LAYOUT_WORDS[view.table_layout])
        self.lay_out()
        self.changed()

    def action_sort_table(self) -> None:
        if self.mode == "table":
            series, words = self.table.current(), self.table.sort_here()
            if "best" in words and series is not None and self.session.goal(series.tag) is None:
                words = f"{cut(safe(series.tag), 30)} has no best value before J gives it a goal"
            self.say(words)
            self.moved()
        elif self.mode == "chart":
            self.say(self.full.readout.sort_next())
            self.changed()
        else:
            self.say("There is no table here (t shows it)")

    def action_table_order(self) -> None:
        """In the table: another number of every series. Under a chart: another order."""
        view = self.session.view
        if self.mode == "table":
            if view.table_layout == "list":
                self.say("This table has all numbers (W turns it)")
                return
            measures = TABLE_MEASURES
            view.table_measure = measures[(measures.index(view.table_measure) + 1) % len(measures)]
            self.say(f"The table shows {MEASURE_WORDS[view.table_measure]}")
        elif self.mode == "chart":
            view.table_order = TABLE_ORDERS[(TABLE_ORDERS.index(view.table_order) + 1) % len(TABLE_ORDERS)]
            self.say(f"The table is in the order of {ORDER_WORDS[view.table_order]}")
        else:
            self.say("There is no table here (t shows it, enter opens a chart with one)")
            return
        self.changed()

    def action_goal(self) -> None:
        """The goal of the focused metric: as its name says, then the other one (or both in turn)."""
        subject, goals = self.subject(), self.session.view.goals
        if subject is None or not subject.tags or (len(subject.tags) > 1 and not subject.metric):
            self.say("No single tag has the focus")
            return
        tag = subject.tags[0]
        goal = next_goal(goals.get(tag), guess_goal(tag))
        for one in subject.tags:
            if goal is None:
                goals.pop(one, None)
            else:
                goals[one] = goal
        now = self.session.goal(tag)
        words = {"up": "should go up", "down": "should go down", None: "has no goal"}[now]
        self.say(f"{cut(safe(subject.title), 30)} {words}{'' if goal else ', as its name says' if now else ''}")
        self.changed()

    # --- sideways

    def move_sideways(self, columns: int) -> None:
        """The cursor of the table to another column."""
        if not self.table.move_column(columns):
            self.say("This is the last column" if columns > 0 else "This is the first column")

    # --- taking the table away

    def table_text(self) -> TableText | None:
        """The table as it is now; says so where there is nothing in it."""
        if not self.table.count:
            self.say("The table is empty")
            return None
        table, model = self.table, self.model
        view = self.session.view
        goals: dict[str, Goal] = dict(view.goals)
        return TableText(
            table.sheet, table.tallies, table.sorted_by, table.largest_first, goals, model.purge, view.group_band
        )

    def copy_table(self) -> None:
        """The whole table to the clipboard."""
        text = self.table_text()
        if text is None:
            return
        made: list[str] = []

        def make() -> str:
            size = 0
            for line in text.lines():
                size += len(line)
                if size > MOST_COPIED:
                    made.clear()
                    return "Too much for a terminal's clipboard (e writes a file)"
                made.append(line)
            rows = len(made) - 1
            return f"Copied {rows} {'row' if rows == 1 else 'rows'} to the clipboard"

        self.in_background(make, lambda: self.copy_text("".join(made)) if made else None)

    def export_table(self) -> None:
        """The whole table into a new file in the current directory."""
        text = self.table_text()
        if text is None:
            return
        view = self.session.view
        title = "table" if view.table_layout == "list" else f"table-{view.table_measure}"
        directory = Path.cwd()
        self.in_background(lambda: write_table(text, directory, title))


def next_goal(chosen: Goal | None, guessed: Goal | None) -> Goal | None:
    """What a key makes of a goal: against the guess, or up and then down where there is none; then as guessed."""
    if chosen is None:
        return "down" if guessed == "up" else "up"
    return "down" if chosen == "up" and guessed is None else None


def write_table(text: TableText, directory: Path, title: str) -> str:
    """Write a table to a file that did not exist. Returns a sentence for the user."""
    try:
        rows = -1
        with new_file(directory, title) as file:
            for line in text.lines():
                file.write(line.encode())
                rows += 1
        return f"Wrote {rows} {'row' if rows == 1 else 'rows'} to {cut(safe(file.name), 60, keep='tail')}"
    except OSError as error:
        return f"Not written: {error.strerror or error}"
