"""Keys that move: from chart to chart, page to page, row to row; into full screen and out."""

from __future__ import annotations

from tbtui.dashboards.drawn import Directions
from tbtui.dashboards.scalars.paging import Place
from tbtui.dashboards.scalars.subjects import Subject
from tbtui.dashboards.scalars.table_groups import focus_on_row
from tbtui.dashboards.scalars.tabling import Tabling


class Moving(Directions, Tabling):
    """Keys of the scope "list" (`do_...`), and pages. Whatever does nothing says why."""

    # --- moving about (scope "list")

    def move(self, dx: int, dy: int) -> None:
        if self.mode == "table":
            if dx:
                self.move_sideways(dx)
            else:
                self._move_row(dy)
            self.moved()
            return
        section = self.grid.focused_section()
        if dx and section is not None and section.folded and self.grid.focused_slot() is None:
            if dx > 0:
                self._fold(section.key)
            else:
                self.say("This group is folded; l or enter unfolds it")
            return
        if not self.grid.move(dx, dy):
            self.say("No chart in this direction")
        self.moved()

    def _move_row(self, rows: int) -> None:
        before = self.table.current()
        self.table.move(rows)
        if self.table.current() == before:
            self.say("No row in this direction")
        row = self.table.current()
        if row is not None and focus_on_row(self.session.view, row.run, self.table.sheet.members):
            self.changed()

    def do_first(self) -> None:
        self._to_end(last=False)

    def do_last(self) -> None:
        self._to_end(last=True)

    def _to_end(self, last: bool) -> None:
        if self.mode == "table":
            self._move_row(self.table.count if last else -self.table.count)
        else:
            before = self.grid.focus
            self.grid.to_end(last)
            if self.grid.focus == before:
                self.say("No chart in this direction")
        self.moved()

    def do_page_down(self) -> None:
        self.action_next_page()

    def do_page_up(self) -> None:
        self.action_previous_page()

    def do_open(self) -> None:
        """Enter: a chart over the whole pane and back, a folded group open."""
        if self.mode == "chart":
            self.close_chart()
        elif self.mode == "table":
            self._open_row()
        elif self.grid.focused_slot() is None:
            section = self.grid.focused_section()
            if section is None:
                self.say("There is no chart to open")
            else:
                self._fold(section.key)
        else:
            self.open_chart()

    def _open_row(self) -> None:
        row = self.table.current()
        if row is None:
            self.say("There is nothing to open")
            return
        self.session.view.table = False
        focus_on_row(self.session.view, row.run, self.table.sheet.members)
        self.mode = "grid"
        self.lay_out()
        place = self.grid.place_of(row.tag)
        if place is not None:
            self.grid.go_to(place)
            self.open_chart()
        else:
            self._open((row.tag, row.tag), Subject((row.tag,)))
        self.changed()

    def open_chart(self) -> None:
        """The focused chart over the whole pane."""
        slot, subject = self.grid.focused_slot(), self.grid.subject()
        if slot is not None and subject is not None:
            self._open((slot.section.key, slot.tag), subject)

    def _open(self, place: Place, subject: Subject) -> None:
        self.mode = "chart"
        self.full_place, self.full.subject, self.full.place = place, subject, "\n".join(place)
        self.moved()

    def close_chart(self) -> None:
        """Back to the page that has the chart."""
        self.mode = "grid"
        self.lay_out()
        self.grid.go_to(self.full_place)
        self.moved()

    def _fold(self, key: str) -> None:
        self.session.view.folded ^= {key}
        self.lay_out()
        place = next((place for place in self.grid.order() if place[0] == key), (key, ""))
        self.grid.go_to(place)
        self.changed()

    def action_fold(self) -> None:
        """Fold the group of the focused chart, or unfold the focused group."""
        section = self.grid.focused_section()
        if self.mode != "grid" or section is None or not section.title:
            self.say("No group has the focus")
        else:
            self._fold(section.key)

    # --- pages

    def action_next_page(self) -> None:
        self._turn(1)

    def action_previous_page(self) -> None:
        self._turn(-1)

    def _turn(self, by: int) -> None:
        if self.mode == "chart":
            order = self.grid.order()
            if self.full_place not in order or len(order) < 2:
                self.say("There is no other chart")
                return
            self._next_chart(order[(order.index(self.full_place) + by) % len(order)])
        elif self.mode == "table":
            self._move_row(by * max(1, self.table.size[1] - 2))
        elif not self.grid.turn_page(by):
            self.say("There is only one page")
        self.moved()

    def _next_chart(self, place: Place) -> None:
        self.grid.go_to(place)
        self.open_chart()
