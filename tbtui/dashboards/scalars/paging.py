"""Pages of charts: which chart stands where, which one has the focus, and how it moves."""

from __future__ import annotations

from collections.abc import Hashable, Mapping

from tbtui.analysis.pairs import PairChart
from tbtui.dashboards.layout import Heading, Page, Pages, Rect, Section, Slot, neighbour, other_size, paginate, unfolded
from tbtui.dashboards.scalars.custom import put_after_pins
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.subjects import Subject
from tbtui.dashboards.scalars.tags import find_pairs, join_pairs, make_sections, remember

MANY = 20_000
"""While runs are still being read, pairs are looked for among at most so many series: it takes some 50 ms."""

Place = tuple[str, str]
"""A chart, or (with an empty tag) the line of a folded section: key of the section, tag."""


class Paging:
    """The places of charts at a size. fresh: something is to be painted anew."""

    def __init__(self, model: Model) -> None:
        self.model = model
        self.pages: Pages = paginate((), 0, 0, 0)
        self.page = 0
        self.focus: Place | None = None
        self.matching = 0
        self.pairs: Mapping[str, PairChart] = {}
        self.size = (0, 0)
        self.fresh = False
        self._layout_key: Hashable = None
        self._paired: dict[Hashable, Mapping[str, PairChart]] = {}
        self._charts, self._narrow = 0, False

    # --- what stands where

    def lay_out(self, width: int, height: int, narrow: bool) -> None:
        """Find out what stands where; cheap when nothing changed."""
        view, session = self.model.session.view, self.model.session
        tags = self.model.tags()
        quiet = session.store.progress.quiet
        key = (
            tags, view.tag_filter, frozenset(view.folded), tuple(view.pinned), tuple(view.marked),
            width, height, view.chart_size, narrow, self.model.pairs, self.model.tag_list.known, quiet,
            self.model.custom.layouts(),
        )  # fmt: skip
        if key == self._layout_key:
            return
        self._layout_key = key
        self.fresh = True
        self.size, self._narrow = (width, height), narrow
        shown = session.matching(tags)
        self.matching = len(shown)
        sections = make_sections(shown, folded=view.folded, pinned=view.pinned, marked=view.marked)
        self.pairs = {}
        runs = session.drawn_runs()
        candidates = self.model.tag_list.may_pair(shown) if self.model.pairs else []
        if candidates and (quiet or len(runs) * len(candidates) <= MANY):
            typical = self.model.tag_list.typical(runs)
            few = frozenset((run.name, len(run.scalars)) for run in typical)
            series = (few, tuple(candidates), None if quiet else len(runs))
            found = self._paired.get(series)
            if found is None:  # which takes a while with many runs, and their order does not matter
                found = find_pairs(typical, candidates, None if quiet else MANY, len(runs))
                remember(self._paired, series, found)
            self.pairs = found
            sections = join_pairs(sections, self.pairs)
        sections = put_after_pins(sections, self.model.custom.sections(session.tag_matches, view.folded))
        self._charts = unfolded(sections)
        self.pages = paginate(sections, width, height, view.chart_size, narrow=narrow)
        self._keep_focus()

    def other_size(self, by: int) -> int | None:
        """The next size of charts, larger (1) or smaller (-1), that looks different here; None where there is none."""
        return other_size(*self.size, self.model.session.view.chart_size, by, self._charts, narrow=self._narrow)

    def _keep_focus(self) -> None:
        """After a new layout the page is the one of the focused chart, if it is still there."""
        if self.focus is not None:
            number = self.pages.find(*self.focus)
            if number is not None:
                self.page = number
                return
            pair = self.pairs.get(self.focus[1])
            tag = pair.tags[0] if pair else self.focus[1]
            key = self.pages.section_of(tag) if tag else None
            if key is not None:
                self.page, self.focus = self.pages.find(key, tag) or 0, (key, tag)
                return
        self.page = min(self.page, len(self.pages) - 1)
        places = self._places(self.pages[self.page])
        self.focus = places[0] if places else None

    @staticmethod
    def _places(page: Page) -> list[Place]:
        """What may have the focus: charts, and lines of folded sections; from top to bottom."""
        items = [(slot.rect, (slot.section.key, slot.tag)) for slot in page.slots]
        items += [(heading.rect, (heading.section.key, "")) for heading in page.headings if heading.section.folded]
        return [place for _, place in sorted(items, key=lambda item: (item[0].y, item[0].x))]

    def _rects(self, page: Page) -> dict[Place, Rect]:
        rects = {(slot.section.key, slot.tag): slot.rect for slot in page.slots}
        rects |= {(head.section.key, ""): head.rect for head in page.headings if head.section.folded}
        return rects

    @property
    def current(self) -> Page:
        """The page that is shown."""
        return self.pages[min(self.page, len(self.pages) - 1)]

    def focused_slot(self) -> Slot | None:
        """The focused chart; None when a folded section has the focus, or there is no chart."""
        return next((slot for slot in self.current.slots if (slot.section.key, slot.tag) == self.focus), None)

    def focused_section(self) -> Section | None:
        """The section the focus is in."""
        if self.focus is None:
            return None
        page = self.current
        sections = [slot.section for slot in page.slots] + [heading.section for heading in page.headings]
        return next((section for section in sections if section.key == self.focus[0]), None)

    def subject(self, slot: Slot | None = None) -> Subject | None:
        """What the focused chart (or that of `slot`) is about."""
        slot = slot or self.focused_slot()
        if slot is None:
            return None
        if slot.section.charts:
            return self.model.custom.subject(slot.section.charts[slot.section.tags.index(slot.tag)])
        pair = None if slot.section.together else self.pairs.get(slot.tag)
        return Subject(pair.tags, pair.title) if pair else Subject(slot.section.together or (slot.tag,))

    def place_of(self, tag: str) -> Place | None:
        """The first chart that shows a tag, alone or with those it pairs with."""
        first = self.pairs[tag].tags[0] if tag in self.pairs else tag
        return next((place for place in self.order() if place[1] == first), None)

    def order(self) -> list[Place]:
        """Every chart of every page, in reading order: for next and previous tag in full screen."""
        return self.pages.order()

    # --- moving

    def move(self, dx: int, dy: int) -> bool:
        """Move the focus to the neighbour, over the edge to the next page. False: there is none."""
        rects = self._rects(self.current)
        places = list(rects)
        if self.focus not in rects:
            self.focus = places[0] if places else None
            return self.focus is not None
        here = places.index(self.focus)
        found = neighbour(list(rects.values()), here, dx, dy)
        if found is not None:
            self.focus = places[found]
            return True
        if dx:
            order = self._places(self.current)
            index = order.index(self.focus) + dx
            if 0 <= index < len(order):
                self.focus = order[index]
                return True
        old = rects[self.focus]
        if not self.turn_page(1 if dx + dy > 0 else -1, wrap=False):
            return False
        if dy:
            self._focus_column(old, from_top=dy > 0)
        return True

    def _focus_column(self, old: Rect, from_top: bool) -> None:
        """After a page was turned by moving down or up: the focus stays in its column."""
        rects = self._rects(self.current)
        edge = min(rect.y for rect in rects.values()) if from_top else max(rect.y for rect in rects.values())
        row = {place: rect for place, rect in rects.items() if abs(rect.y - edge) <= 1}
        self.focus = min(row, key=lambda place: abs(row[place].x - old.x))

    def turn_page(self, by: int, wrap: bool = True) -> bool:
        """Show another page; the focus goes to its first chart, or (backwards, not wrapping) its last."""
        page = self.page + by
        if wrap:
            page %= len(self.pages)
        if not 0 <= page < len(self.pages) or page == self.page:
            return False
        self.page = page
        places = self._places(self.current)
        if places:
            self.focus = places[0] if wrap or by > 0 else places[-1]
        return True

    def to_end(self, last: bool) -> None:
        """To the first or the last chart of all."""
        self.page = len(self.pages) - 1 if last else 0
        places = self._places(self.current)
        if places:
            self.focus = places[-1 if last else 0]

    def go_to(self, place: Place) -> bool:
        """Give the focus to a chart, and show its page."""
        number = self.pages.find(*place)
        if number is None:
            return False
        self.page, self.focus = number, place
        return True

    def at(self, x: int, y: int) -> Slot | Heading | None:
        """What stands at a cell of the page."""
        page = self.current
        found: list[Slot | Heading] = [head for head in page.headings if head.rect.contains(x, y)]
        found += [slot for slot in page.slots if slot.rect.contains(x, y)]
        return found[0] if found else None
