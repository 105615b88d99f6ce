"""Which histograms there are to draw, a panel for each tag and run, and on which page each stands."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tbtui.analysis.order import natural_key
from tbtui.analysis.pairs import partners
from tbtui.dashboards.layout import Page, Section, Slot, neighbour, other_size, paginate, unfolded

if TYPE_CHECKING:
    from tbtui.store import BlobSeries, Run
    from tbtui.widgets.session import Session

__all__ = ["Panel", "Panels", "Place"]

PLUGIN = "histograms"

Place = tuple[str, str]
"""Tag and run."""

_BETWEEN = "\0"


@dataclass(frozen=True, slots=True)
class Panel:
    """What a panel is about."""

    tag: str
    run: Run
    series: BlobSeries

    @property
    def place(self) -> Place:
        """What tells it apart."""
        return self.tag, self.run.name


class Panels:
    """Pages of panels, and which one has the focus."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.pages: Sequence[Page] = [Page()]
        self.page = 0
        self.focus: Place | None = None
        self.all: dict[Place, Panel] = {}
        self.matching = self.tags = 0
        self._key: Hashable = None
        self._charts, self._pane = 0, (0, 0, False)

    def other_size(self, by: int) -> int | None:
        """The next size of pictures, larger (1) or smaller (-1), that looks different; None where there is none."""
        width, height, narrow = self._pane
        return other_size(width, height, self.session.view.chart_size, by, self._charts, narrow=narrow)

    def lay_out(self, width: int, height: int, narrow: bool) -> None:
        """Find out what stands where; cheap when nothing changed."""
        session, view = self.session, self.session.view
        runs = session.visible_runs()
        known = tuple((id(run), len(run.blobs)) for run in runs)
        key = (known, view.tag_filter, frozenset(view.folded), width, height, view.chart_size, narrow)
        if key == self._key:
            return
        self._key = key
        found: dict[str, list[Panel]] = {}
        for run in runs:
            for (plugin, tag), series in list(run.blobs.items()):
                if plugin == PLUGIN:
                    found.setdefault(tag, []).append(Panel(tag, run, series))
        kept = [tag for tag in sorted(found, key=natural_key) if session.tag_matches(tag)]
        self.tags, self.matching = len(found), len(kept)
        self.all = {panel.place: panel for tag in kept for panel in found[tag]}
        groups: dict[str, list[str]] = {}
        for tag, run_name in self.all:
            groups.setdefault(_group_of(tag), []).append(tag + _BETWEEN + run_name)
        sections = [
            Section(key, key.rstrip("/") or key, tuple(groups[key]))
            for key in sorted(groups, key=lambda name: (name != "", natural_key(name)))
        ]
        alone = len(sections) < 2 or len(sections) > len(self.all) // 2
        self._charts, self._pane = unfolded(sections), (width, height, narrow)
        self.pages = paginate(sections, width, height, view.chart_size, narrow=narrow, headings=not alone)
        if self.focus not in self.all:
            same = [place for place in self.all if self.focus is not None and place[0] == self.focus[0]]
            self.focus = same[0] if same else next(iter(self.order()), None)
        self._turn_to_focus()

    def _turn_to_focus(self) -> None:
        numbers = (n for n, page in enumerate(self.pages) for slot in page.slots if place_of(slot) == self.focus)
        self.page = next(numbers, min(self.page, len(self.pages) - 1))

    @property
    def current(self) -> Page:
        """The page that is shown."""
        return self.pages[self.page]

    def order(self) -> list[Place]:
        """All panels in the order of the pages."""
        return [place_of(slot) for page in self.pages for slot in page.slots]

    def focused(self) -> Panel | None:
        """The panel that has the focus."""
        return self.all.get(self.focus) if self.focus is not None else None

    def of_tag(self, tag: str) -> list[Panel]:
        """All panels of a tag, in the order of the runs."""
        return [panel for place, panel in self.all.items() if place[0] == tag]

    def partner(self, panel: Panel) -> Panel | None:
        """The panel of the same training on the other part of the data, where names tell."""
        found = partners(tuple((run, tag) for tag, run in self.all)).get((panel.run.name, panel.tag))
        return self.all.get((found[1], found[0])) if found is not None else None

    def go_to(self, place: Place | None) -> None:
        """Give a panel the focus."""
        if place in self.all:
            self.focus = place
            self._turn_to_focus()

    def move(self, dx: int, dy: int) -> bool:
        """The focus to the panel beside, or to the next page at the border; False where there is none."""
        slots = self.current.slots
        here = next((n for n, slot in enumerate(slots) if place_of(slot) == self.focus), None)
        if here is None:
            return False
        there = neighbour([slot.rect for slot in slots], here, dx, dy)
        if there is not None:
            self.focus = place_of(slots[there])
            return True
        order = self.order()
        place = order.index(place_of(slots[here])) + dx + dy
        if dx or 0 <= place < len(order):
            if not 0 <= place < len(order):
                return False
            if dy and not self._leaves_page(dy):
                return False
            self.go_to(order[place] if dx else self._first_of_next(dy))
            return True
        return False

    def _leaves_page(self, dy: int) -> bool:
        return 0 <= self.page + dy < len(self.pages)

    def _first_of_next(self, dy: int) -> Place | None:
        slots = self.pages[self.page + dy].slots
        return place_of(slots[0 if dy > 0 else -1]) if slots else None

    def turn_page(self, by: int) -> bool:
        """To another page, round and round; False where there is only one."""
        if len(self.pages) < 2:
            return False
        self.page = (self.page + by) % len(self.pages)
        slots = self.current.slots
        self.focus = place_of(slots[0]) if slots else self.focus
        return True

    def beside(self, by: int) -> Place | None:
        """The panel so many further in the order, round and round."""
        order = self.order()
        return order[(order.index(self.focus) + by) % len(order)] if self.focus in order and len(order) > 1 else None


def place_of(slot: Slot) -> Place:
    """What stands in a slot."""
    tag, _, run = slot.tag.rpartition(_BETWEEN)
    return tag, run


def _group_of(tag: str) -> str:
    head, slash, _ = tag.partition("/")
    return head + slash if slash else ""
