"""The page of charts: what is drawn anew, and the cells of the whole page."""

from __future__ import annotations

from collections.abc import Generator, Hashable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

from tbtui.analysis.text import cell_width, safe
from tbtui.charts.canvas import Kept
from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.charts.chart import Chart, draw_ahead, draw_curves_only, write_over
from tbtui.dashboards.layout import Heading, Slot
from tbtui.dashboards.looks import Looks, put_beside_title, put_cut, put_message
from tbtui.dashboards.scalars.grouped import count_lines
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.paging import Paging, Place
from tbtui.dashboards.scalars.range_panel import RangePanel
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.dashboards.scalars.work import HEAVY, Work

SHORT = 20_000
"""Curves of fewer points are looked at before their page is asked for; what is made of longer ones takes memory."""

MANY_CURVES = 2_000
"""From so many curves on, drawing them is left to another thread, which is slower but lets keys be answered."""

MOST_PAST = 2
"""So many charts that were drawn before the one that is seen are kept for each place: what was just switched off is
often switched on again."""

GAP = 1
"""Blank columns at the right of every chart."""


def prepare(model: Model, entries: Sequence[Entry]) -> Iterator[Work | None]:
    """Bring lines up to date, one after the other; long work is handed out to be done elsewhere."""
    for line, points in model.work(entries):
        if points >= HEAVY:
            yield partial(model.bring_up_to_date, line)
        else:
            model.bring_up_to_date(line)
            yield None


@dataclass(frozen=True, slots=True)
class Job:
    """A chart that may have to be drawn. The signatures change when its curves, or anything of it, look different.

    here: the cursor and the marked range are in this chart.
    """

    size: tuple[int, int]
    subject: Subject
    entries: list[Entry]
    focused: bool
    here: bool
    curves_signature: Hashable
    signature: Hashable


@dataclass(frozen=True, slots=True)
class Drawn:
    """A chart as it was drawn last: its curves, which cost most, and the whole with heading and cursor."""

    size: tuple[int, int]
    curves_signature: Hashable
    signature: Hashable
    curves: Chart
    chart: Chart
    kept: Kept | None
    """None where it was drawn before another one."""


class Grid(Paging):
    """Pages of charts. Holds what was drawn, so that only charts whose data or look changed are drawn again."""

    def __init__(self, model: Model) -> None:
        super().__init__(model)
        self.looks = Looks()
        self.runs_are_listed = True
        self.range_panel = RangePanel(model)
        self._drawn: dict[Place, Drawn] = {}
        self._past: dict[Place, list[Drawn]] = {}

    def chart_at(self, slot: Slot) -> Chart | None:
        """The chart of a slot as it was drawn last."""
        drawn = self._drawn.get((slot.section.key, slot.tag))
        return drawn.chart if drawn else None

    # --- drawing

    def steps(self) -> Iterator[Work | None]:
        """Draw what is not up to date, the focused chart first, in pieces of a few milliseconds.

        Yields after each piece, so that the caller can answer keys; what it yields, if not None, takes long and is to
        be called, in another thread if there is one, before going on.
        """
        page = self.current
        slots = sorted(page.slots, key=lambda slot: (slot.section.key, slot.tag) != self.focus)
        in_use = yield from self._draw_stale(slots)
        for work in self.range_panel.look(self.subject()):
            self.fresh = True
            yield work
        marks = self.model.event_marks
        before = marks.look()
        yield from marks.refresh()
        if marks.look() != before:
            yield from self._draw_stale(slots)
        if slots:  # where all runs are hidden they may come back
            self._forget_unused({(slot.section.key, slot.tag) for slot in slots})
            self.model.forget_unused(in_use)

    def _forget_unused(self, here: set[Place]) -> None:
        """Free the memory of charts that are not on the page."""
        for place, drawn in self._drawn.items():
            if place not in here and drawn.kept is not None:
                drawn.kept.clear()  # they take memory, and pages that are turned back to are still drawn
        if len(self._drawn) > 4 * len(here) + 64:
            self._drawn = {place: drawn for place, drawn in self._drawn.items() if place in here}
        if len(self._past) > len(here) + 64:
            self._past = {place: past for place, past in self._past.items() if place in here}

    def _draw_stale(self, slots: Sequence[Slot]) -> Generator[Work | None, None, int]:
        """Draw those of the charts that are not up to date; returns how many lines all of them need."""
        in_use = 0
        for slot in slots:
            subject = self.subject(slot)
            assert subject is not None
            entries = yield from self.model.find_entries(subject, listed=False)
            needed = [*entries, *self.model.values.beside(subject)]
            in_use += count_lines(needed)
            place = (slot.section.key, slot.tag)
            drawn = self._drawn.get(place)
            job = self._job(slot, subject, entries, place == self.focus)
            if drawn is not None and drawn.signature == job.signature:
                yield None
                continue
            before = self._before(place, drawn, job)
            if before is not None and before.signature == job.signature:
                self._drawn[place] = before
                self.fresh = True
                yield None
                yield from prepare(self.model, needed)  # the cursor reads them
                continue
            yield from prepare(self.model, needed)
            self._drawn[place] = yield from self._draw(job, drawn, before)
            self.fresh = True
            yield None
        return in_use

    def _before(self, place: Place, drawn: Drawn | None, job: Job) -> Drawn | None:
        """The chart as it was drawn lately with the same curves, if it was; `drawn`, which it replaces, is kept too."""
        if drawn is None or drawn.curves_signature == job.curves_signature:
            return drawn
        past = self._past.setdefault(place, [])
        found = next((one for one in past if one.curves_signature == job.curves_signature), None)
        past[:] = [replace(drawn, kept=None), *(one for one in past if one is not found)][:MOST_PAST]
        return None if found is None else replace(found, kept=drawn.kept)

    def ahead(self) -> Iterator[None]:
        """What is likely to be asked for next, while nobody waits: the curves of the chart that is seen first on the
        next page and on the one before. Short ones that were never looked at: long ones take memory."""
        number = min(self.page, len(self.pages) - 1)
        for page in {(number + 1) % len(self.pages): 0, number - 1: 0}:
            slots = self.pages[page].slots
            subject = self.subject(slots[0]) if slots else None
            if subject is None:
                continue
            for line, points in self.model.work(self.model.entries(subject, listed=False)):
                if not len(line) and points < SHORT:
                    self.model.bring_up_to_date(line)
                    yield None

    def _job(self, slot: Slot, subject: Subject, entries: list[Entry], focused: bool) -> Job:
        size = (max(1, slot.rect.width - GAP), slot.rect.height)
        here = focused or self.model.session.view.linked
        curves = (size, self.looks, self.runs_are_listed, self.model.curves_signature(subject, entries))
        return Job(
            size,
            subject,
            entries,
            focused,
            here,
            curves,
            (
                curves,
                focused,
                here and (self.model.cursor, self.model.range),
                self.model.event_marks.look(),
            ),
        )

    def _draw(self, job: Job, drawn: Drawn | None, before: Drawn | None) -> Generator[Work | None, None, Drawn]:
        """Draw a chart; of `before`, if it has the same curves, only what is written over them. Many curves are handed
        out as work."""
        style = self.looks.style
        spec = yield from self.model.make_spec(job.subject, job.entries, legend=self._legend(job), here=job.here)
        self.looks.dress(spec)
        kept = spec.kept = (drawn.kept if drawn is not None else None) or Kept()
        if before is not None:
            curves = before.curves
        elif len(job.entries) < MANY_CURVES:
            yield from draw_ahead(spec, *job.size, style)
            curves = draw_curves_only(spec, *job.size, style)
        else:
            found: list[Chart] = []
            yield lambda: found.append(draw_curves_only(spec, *job.size, style))
            curves = found[0]
        chart = write_over(curves, spec, style)
        mark_focus(chart.cells, job.focused, self.looks)
        words = self.model.head_words(job.entries, self.looks.ascii)
        put_beside_title(chart.cells, cell_width(safe(job.subject.title)), words, self.looks)
        return Drawn(job.size, job.curves_signature, job.signature, curves, chart, kept)

    def _legend(self, job: Job) -> int:
        """Rows for names: none where the list of runs beside tells the colours, or where one run is drawn at all."""
        height, curves = job.size[1], len(job.entries)
        listed = self.runs_are_listed and (len(job.subject.tags) < 2 or bool(job.subject.metric))
        if height < 9 or listed or not curves or (curves < 2 and len(self.model.session.drawn_runs()) < 2):
            return 0
        return 1 if curves <= 2 or height < 12 else 2

    def compose(self) -> Cells:
        """The page as it is drawn so far; charts that were never drawn show their title only."""
        width, height = self.size
        self.fresh = False
        cells = blank(height, width)
        page = self.current
        if not page.slots and not page.headings:
            put_message(cells, self.model.why_empty(), self.looks.muted)
        for slot in page.slots:
            drawn = self._drawn.get((slot.section.key, slot.tag))
            if drawn is not None and drawn.size == (max(1, slot.rect.width - GAP), slot.rect.height):
                cells.paste(drawn.chart.cells, slot.rect.y, slot.rect.x)
            else:
                subject = self.subject(slot)
                title = subject.title if subject else slot.tag
                put_cut(cells, slot.rect.y, slot.rect.x, slot.rect.width - GAP, title, self.looks.muted, keep="tail")
        for heading in page.headings:
            self._put_heading(cells, heading)
        focused = self.focused_slot()
        self.range_panel.put(cells, focused.rect if focused is not None else None, self.looks)
        return cells

    def _put_heading(self, cells: Cells, heading: Heading) -> None:
        section, rect, looks = heading.section, heading.rect, self.looks
        focused = section.folded and self.focus == (section.key, "")
        sign = looks.signs.folded if section.folded else looks.signs.pin if section.pinned else looks.signs.open
        color = looks.muted if heading.continued else looks.accent if focused else looks.text
        attrs = REVERSE if focused else 0 if heading.continued else BOLD
        room = max(0, rect.width - GAP)
        count = f" {section.count} "
        col = rect.x
        cells.put(rect.y, col, f"{sign} ", looks.muted)
        col += 2
        taken = put_cut(cells, rect.y, col, room - 2 - cell_width(count), section.title, color, attrs, looks=looks)
        col += taken
        col += cells.put(rect.y, col, count, looks.faint)
        rule = rect.x + room - col
        if rule > 0:
            cells.put(rect.y, col, looks.signs.rule * rule, looks.faint)


def mark_focus(cells: Cells, focused: bool, looks: Looks) -> None:
    """Show by its title that a chart has the focus."""
    if not focused or not cells.glyphs.size:
        return
    title = cells.attrs[0] & BOLD != 0
    cells.attrs[0, title] |= REVERSE
    cells.colors[0, title] = looks.accent
