"""What the dashboard draws: the page of pictures, or one over the whole pane; only what looks different is redrawn."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tbtui.analysis.text import safe
from tbtui.charts.cells import BOLD, Cells, blank
from tbtui.dashboards.digests import Digests
from tbtui.dashboards.histograms.course import Course, Range, together
from tbtui.dashboards.histograms.full import Pair, draw_full
from tbtui.dashboards.histograms.panels import Panel, Panels, Place, place_of
from tbtui.dashboards.histograms.pictures import Look, Subject, draw
from tbtui.dashboards.histograms.subjects import Shown
from tbtui.dashboards.looks import Looks, put_cut, put_message
from tbtui.dashboards.steps import StepCursor

if TYPE_CHECKING:
    from tbtui.widgets.session import Session

__all__ = ["FullWall", "Wall"]


@dataclass(slots=True)
class Drawn:
    """A picture as it was drawn last."""

    signature: Hashable
    cells: Cells


class Wall:
    """The page of pictures; a `Sight` of the painter."""

    def __init__(self, session: Session, panels: Panels, digests: Digests, cursor: StepCursor) -> None:
        self.session = session
        self.panels = panels
        self.digests = digests
        self.cursor = cursor
        self.looks = Looks()
        self.look = Look()
        self.mark: int | None = None
        self.size = (0, 0)
        self.fresh = False
        self._courses: dict[Place, tuple[Hashable, Course]] = {}
        self._drawn: dict[Place, Drawn] = {}

    # --- what there is to see of a panel

    def course(self, panel: Panel) -> Course:
        """The histograms of a panel that were read by now."""
        digest = self.digests.of(panel.series)
        key = (id(panel.series), digest.stamp, len(digest.steps), self.look.way)
        known = self._courses.get(panel.place)
        if known is None or known[0] != key:
            known = self._courses[panel.place] = (key, Course.of(digest, self.look.way, panel.run.start_time))
        return known[1]

    def range_of(self, panels: Sequence[Panel]) -> Range:
        """The values that pictures show which have one range."""
        courses = [self.course(panel) for panel in panels]
        return together([course.range(self.look.central) for course in courses if len(course)])

    def alike(self, panel: Panel) -> Sequence[Panel]:
        """The panels whose pictures have the same range as this one's on the page."""
        return self.panels.of_tag(panel.tag) if self.session.view.shared_range else [panel]

    def shown(self, panel: Panel, focused: bool, beside: Sequence[Panel] = (), full: bool = False) -> Shown:
        """All that a picture of a panel needs. beside: those it is compared with, in one range."""
        session = self.session
        course = self.course(panel)
        several = len(session.visible_runs()) > 1 or full
        label = session.label(panel.run.name)
        sign = f"{self.looks.signs.run} " if several and self.looks.colored else ""
        title, note = f"{sign}{safe(panel.tag)}", label if several else ""
        red, green, blue = session.color(panel.run.name)
        span = self.range_of(beside or self.alike(panel))
        subject = Subject(title, note, course, span, self.cursor.step, focused, mark=self.mark)
        color = red << 16 | green << 8 | blue
        return Shown(panel, course, subject, color, label, panel.run.start_time, sign)

    # --- the sight

    def wanted(self) -> list[Panel]:
        """The panels whose histograms are to be read, the focused one first."""
        focus = self.panels.focus
        places = sorted((place_of(slot) for slot in self.panels.current.slots), key=lambda place: place != focus)
        return [self.panels.all[place] for place in places if place in self.panels.all]

    def steps(self) -> Iterator[Callable[[], None] | None]:
        """Draw what looks different, the focused picture first."""
        focus = self.panels.focus
        for slot in sorted(self.panels.current.slots, key=lambda slot: place_of(slot) != focus):
            panel = self.panels.all.get(place_of(slot))
            if panel is None:
                continue
            shown = self.shown(panel, panel.place == focus)
            rect = slot.rect
            width, height = max(1, rect.width - (rect.x + rect.width < self.size[0])), rect.height
            signature = (
                id(shown.course), shown.subject.title, shown.subject.note, shown.subject.range,
                shown.subject.step, shown.subject.mark, shown.subject.focused,
                self.look, self.looks, shown.color, width, height,
            )  # fmt: skip
            known = self._drawn.get(panel.place)
            if known is None or known.signature != signature:
                cells = draw(shown.subject, self.look, self.looks, width, height)
                if shown.sign and cells.height:
                    cells.put(0, 0, self.looks.signs.run, shown.color, BOLD)
                self._drawn[panel.place] = Drawn(signature, cells)
                self.fresh = True
            yield None
        self._forget()

    def compose(self) -> Cells:
        """The page as it is now."""
        self.fresh = False
        cells = blank(self.size[1], self.size[0])
        page = self.panels.current
        for heading in page.headings:
            words = f"{self.looks.signs.open} {safe(heading.section.title)} "
            taken = put_cut(cells, heading.rect.y, heading.rect.x, heading.rect.width, words, self.looks.muted)
            rest = max(0, heading.rect.width - taken - 1)
            cells.put(heading.rect.y, heading.rect.x + taken, self.looks.signs.rule * rest, self.looks.faint)
        for slot in page.slots:
            drawn = self._drawn.get(place_of(slot))
            if drawn is not None:
                cells.paste(drawn.cells, slot.rect.y, slot.rect.x)
        if not page.slots:
            put_message(cells, self._why_nothing(), self.looks.muted)
        return cells

    def _why_nothing(self) -> str:
        if self.panels.tags:
            return "No histogram's tag matches the filter (/ changes it)"
        if not self.session.visible_runs():
            return "No run is shown (space shows the run under the cursor, a all of them)"
        return "The shown runs have no histograms"

    def _forget(self) -> None:
        """Drop what is on no page near."""
        if len(self._drawn) > 64:
            here = {place_of(slot) for slot in self.panels.current.slots}
            self._drawn = {place: drawn for place, drawn in self._drawn.items() if place in here}
            self._courses = {place: course for place, course in self._courses.items() if place in here}


class FullWall:
    """One series, or two of them, over the whole pane."""

    def __init__(self, wall: Wall, ones: Callable[[list[Shown]], list[Pair]]) -> None:
        self.wall = wall
        self.ones = ones
        self.compare = ""
        self.other: Panel | None = None
        self.fresh = False
        self._drawn = Drawn(None, blank(0, 0))

    def _panels(self) -> list[Panel]:
        first = self.wall.panels.focused()
        second = self.other if self.compare else None
        return [panel for panel in (first, second) if panel is not None]

    def wanted(self) -> list[Panel]:
        """The panels whose histograms are to be read."""
        return self._panels()

    def shown(self) -> list[Shown]:
        """What is compared, the focused one first."""
        panels = self._panels()
        beside = panels if len(panels) > 1 else ()
        return [self.wall.shown(panel, focused=True, beside=beside, full=True) for panel in panels]

    def steps(self) -> Iterator[Callable[[], None] | None]:
        """Draw it, where it looks different."""
        shown = self.shown()
        ones = self.ones(shown)
        wall = self.wall
        signature = (
            tuple((id(one.course), one.subject.title, one.subject.range, one.subject.step, one.subject.mark, one.color)
                  for one in shown),
            tuple((id(one.histogram), one.reason) for pair in ones for one in (pair.here, pair.marked) if one),
            wall.look, wall.looks, wall.size, self.compare,
        )  # fmt: skip
        if signature != self._drawn.signature:
            cells = draw_full(shown, ones, wall.look, wall.looks, self.compare, *wall.size)
            self._drawn = Drawn(signature, cells)
            self.fresh = True
        yield None

    def compose(self) -> Cells:
        """What was drawn."""
        self.fresh = False
        return self._drawn.cells
