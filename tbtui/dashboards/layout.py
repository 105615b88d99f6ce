"""Where the charts of a page stand: pure arithmetic on cells, no drawing.

Charts flow from left to right and from top to bottom, group after group; a row of charts in which a group begins has
one line of headings above it, as has the first row of a page, and a folded group is one line of its own. All rows of a
page share what height there is, so that a page is filled; the last page keeps the chart size of the others.
"""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, overload

if TYPE_CHECKING:
    from tbtui.store.layouts import LayoutChart

MIN_WIDTH, MIN_HEIGHT = 24, 7
"""No chart of a grid is made smaller than this many cells, unless the pane itself is."""

SIZES = ((26, 8), (34, 10), (42, 13), (58, 17), (86, 24), (9999, 9999))
"""Width and height in cells that a chart should about have, by `View.chart_size`. The last: one chart a page."""

NARROW = 100
"""On screens with fewer columns charts of the usual size and larger stand in one column."""


@dataclass(frozen=True, slots=True)
class Rect:
    """A rectangle of cells: its left column, top row, width and height."""

    x: int
    y: int
    width: int
    height: int

    def contains(self, x: int, y: int) -> bool:
        """True when the cell at column `x` and row `y` is inside."""
        return self.x <= x < self.x + self.width and self.y <= y < self.y + self.height


@dataclass(frozen=True, slots=True)
class Section:
    """A group of charts as the page shows it. An empty `title` has no heading. `pinned`: chosen by the user.

    tags: one chart each, unless `together` is given: then one chart shows all of those. charts: what a layout asks
    for; `tags` are then names that tell them apart.
    """

    key: str
    title: str
    tags: tuple[str, ...]
    folded: bool = False
    pinned: bool = False
    together: tuple[str, ...] = ()
    charts: tuple[LayoutChart, ...] = ()

    @property
    def count(self) -> int:
        """How many tags it is about."""
        return len(self.together or self.tags)


@dataclass(frozen=True, slots=True)
class Slot:
    """A chart on a page: which tag of which section, and where."""

    section: Section
    tag: str
    rect: Rect


@dataclass(frozen=True, slots=True)
class Heading:
    """The heading of a section on a page. `continued`: the section began on an earlier page, or row."""

    section: Section
    rect: Rect
    continued: bool = False


@dataclass(slots=True)
class Page:
    """What stands on one page, in reading order."""

    slots: list[Slot] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)


@dataclass(slots=True)
class _Band:
    """One row of charts, or (without cells) the line of a folded section."""

    cells: list[tuple[Section, str]] = field(default_factory=list)
    titles: list[tuple[int, Section, bool]] = field(default_factory=list)  # column, section, continued
    folded: Section | None = None


@dataclass(slots=True)
class _Stretch:
    """Unfolded sections that follow each other: their charts fill rows of `columns` without a gap.

    begins: the number of each section's first chart in the stretch.
    """

    columns: int
    sections: list[Section] = field(default_factory=list)
    begins: list[int] = field(default_factory=list)
    count: int = 0

    def add(self, section: Section) -> None:
        """Put a section behind the others."""
        self.sections.append(section)
        self.begins.append(self.count)
        self.count += len(section.tags)

    @property
    def rows(self) -> int:
        """How many rows the charts fill."""
        return -(-self.count // self.columns)

    def band(self, row: int, *, headings: bool) -> _Band:
        """A row of charts."""
        band = _Band()
        begin, end = row * self.columns, min((row + 1) * self.columns, self.count)
        at = max(0, bisect_right(self.begins, begin) - 1)
        for section, first in zip(self.sections[at:], self.begins[at:], strict=True):
            if first >= end:
                break
            here = range(max(begin, first), min(end, first + len(section.tags)))
            if here and headings and section.title:
                band.titles.append((len(band.cells), section, here[0] > first))
            band.cells += [(section, section.tags[number - first]) for number in here]
        return band

    def row_of(self, key: str, tag: str) -> int | None:
        """The row with that chart of that section."""
        for section, first in zip(self.sections, self.begins, strict=True):
            if section.key == key and tag in section.tags:
                return (first + section.tags.index(tag)) // self.columns
        return None


_Part = tuple[_Stretch | Section, range]
"""Some rows of a stretch, or the line of a folded section."""


class Pages(Sequence[Page]):
    """Pages that are laid out when they are asked for: of 100,000 charts few are ever seen."""

    def __init__(
        self, parts: Sequence[Sequence[_Part]], shape: tuple[int, int], width: int, height: int, *, headings: bool
    ) -> None:
        self._parts = parts or [[]]
        self._sizes = (*shape, width, height)
        self._headings = headings
        self._laid_out: dict[int, Page] = {}

    def __len__(self) -> int:
        return len(self._parts)

    @overload
    def __getitem__(self, number: int) -> Page: ...

    @overload
    def __getitem__(self, number: slice) -> Sequence[Page]: ...

    def __getitem__(self, number: int | slice) -> Page | Sequence[Page]:
        if isinstance(number, slice):
            return [self[one] for one in range(len(self))[number]]
        number = range(len(self))[number]
        page = self._laid_out.get(number)
        if page is None:
            page = self._laid_out[number] = _place(self._bands(number), *self._sizes)
        return page

    def _bands(self, number: int) -> list[_Band]:
        bands: list[_Band] = []
        for what, rows in self._parts[number]:
            if isinstance(what, Section):
                bands.append(_Band(folded=what))
            else:
                bands += [what.band(row, headings=self._headings) for row in rows]
        return bands

    def _stretches(self) -> list[_Stretch]:
        found = {id(what): what for parts in self._parts for what, _ in parts if isinstance(what, _Stretch)}
        return list(found.values())

    def order(self) -> list[tuple[str, str]]:
        """(key of the section, tag) of every chart, in reading order."""
        sections = (section for stretch in self._stretches() for section in stretch.sections)
        return [(section.key, tag) for section in sections for tag in section.tags]

    def find(self, key: str, tag: str) -> int | None:
        """The page with that chart, or (with an empty tag) with the line of that folded section."""
        rows = {id(stretch): stretch.row_of(key, tag) for stretch in self._stretches()}
        for number, parts in enumerate(self._parts):
            for what, of_page in parts:
                if isinstance(what, Section):
                    if not tag and what.key == key:
                        return number
                elif rows[id(what)] in of_page:
                    return number
        return None

    def section_of(self, tag: str) -> str | None:
        """The key of the first section with a chart of that tag."""
        sections = (section for stretch in self._stretches() for section in stretch.sections)
        return next((section.key for section in sections if tag in section.tags), None)


def grid_shape(width: int, height: int, size: int, charts: int, *, narrow: bool = False) -> tuple[int, int]:
    """Columns and rows of charts that a pane of `width` x `height` cells takes at `size`, an index of `SIZES`.

    Where fewer charts are there than would fit, they are made larger, so that the pane is well used.
    """
    wanted_width, wanted_height = SIZES[max(0, min(size, len(SIZES) - 1))]
    most_columns = max(1, min(round(width / wanted_width), width // MIN_WIDTH))
    most_rows = max(1, min(round(height / wanted_height), height // MIN_HEIGHT))
    if narrow and wanted_width >= SIZES[2][0]:
        most_columns = 1
    if charts >= most_columns * most_rows:
        return most_columns, most_rows
    best, best_score = (1, 1), -1.0
    for columns in range(1, most_columns + 1):
        rows = max(1, math.ceil(charts / columns))
        if rows > most_rows:
            continue
        score = min(width / columns / wanted_width, height / rows / wanted_height)
        if score > best_score:
            best, best_score = (columns, rows), score
    return best


def other_size(width: int, height: int, size: int, by: int, charts: int, *, narrow: bool = False) -> int | None:
    """The next size in a direction (`by` 1 or -1) at which a pane shows another grid; None where there is none."""
    now = grid_shape(width, height, size, charts, narrow=narrow)
    sizes = range(size + by, len(SIZES) if by > 0 else -1, by)
    return next((one for one in sizes if grid_shape(width, height, one, charts, narrow=narrow) != now), None)


def unfolded(sections: Sequence[Section]) -> int:
    """How many charts these sections show."""
    return sum(len(section.tags) for section in sections if not section.folded)


def paginate(
    sections: Sequence[Section],
    width: int,
    height: int,
    size: int,
    *,
    narrow: bool = False,
    headings: bool = True,
    shape: tuple[int, int] | None = None,
) -> Pages:
    """Lay all charts of `sections` out on pages of `width` x `height` cells. Always at least one page, maybe empty.

    shape: columns and rows where they are not those of `grid_shape`.
    """
    if width <= 0 or height <= 0:
        return Pages((), (1, 1), 0, 0, headings=headings)
    columns, rows = shape or grid_shape(width, height, size, unfolded(sections), narrow=narrow)
    parts = _split(sections, columns, rows, height)
    return Pages(parts, (columns, rows), width, height, headings=headings and height > MIN_HEIGHT)


def _split(sections: Sequence[Section], columns: int, rows: int, height: int) -> list[list[_Part]]:
    """What stands on each page: at most `rows` rows of charts, and folded sections only while the rows keep their
    size. A page of its own takes whatever comes first."""
    least = max(min(MIN_HEIGHT, height), int(height / rows * 0.7))
    pages: list[list[_Part]] = [[]]
    used_rows = used_lines = 0
    for what in _stretched(sections, columns):
        if isinstance(what, Section):
            if used_rows * least + used_lines + 1 > height and pages[-1]:
                pages.append([])
                used_rows = used_lines = 0
            pages[-1].append((what, range(0)))
            used_lines += 1
            continue
        done = 0
        while done < what.rows:
            room = min((height - used_lines) // least, rows) - used_rows
            if room < 1 and pages[-1]:
                pages.append([])
                used_rows = used_lines = 0
                continue
            taken = range(done, min(what.rows, done + max(1, room)))
            pages[-1].append((what, taken))
            used_rows, done = used_rows + len(taken), taken.stop
    return pages


def _stretched(sections: Sequence[Section], columns: int) -> list[_Stretch | Section]:
    """Folded sections by themselves, and those between them together."""
    found: list[_Stretch | Section] = []
    for section in sections:
        if section.folded:
            found.append(section)
            continue
        stretch = found[-1] if found else None
        if not isinstance(stretch, _Stretch):
            stretch = _Stretch(columns)
            found.append(stretch)
        stretch.add(section)
    return found


def _place(bands: Sequence[_Band], columns: int, rows: int, width: int, height: int) -> Page:
    page = Page()
    lines = sum(1 for band in bands if band.folded)
    heights = share(max(0, height - lines), rows)
    widths = share(width, columns)
    lefts = [sum(widths[:column]) for column in range(columns)]
    y, row = 0, 0
    for band in bands:
        if band.folded:
            page.headings.append(Heading(band.folded, Rect(0, y, width, 1)))
            y += 1
            continue
        band_height = heights[min(row, rows - 1)]
        row += 1
        top = y
        begins = any(not continued for _, _, continued in band.titles)
        if band.titles and (begins or band is bands[0]):
            ends = [column for column, _, _ in band.titles[1:]] + [columns]
            for (column, section, continued), end in zip(band.titles, ends, strict=True):
                x = lefts[column]
                right = lefts[end] if end < columns else width
                page.headings.append(Heading(section, Rect(x, top, right - x, 1), continued))
            top += 1
        for column, (section, tag) in enumerate(band.cells):
            rect = Rect(lefts[column], top, widths[column], max(1, band_height - (top - y)))
            page.slots.append(Slot(section, tag, rect))
        y += band_height
    return page


def share(total: int, parts: int) -> list[int]:
    """`total` cells in `parts` nearly equal parts, the larger ones first."""
    base, rest = divmod(total, max(1, parts))
    return [base + (1 if part < rest else 0) for part in range(max(1, parts))]


def neighbour(rects: Sequence[Rect], current: int, dx: int, dy: int) -> int | None:
    """Index of the rectangle next to `current` in a direction (`dx` or `dy` is -1 or 1), None at the border."""
    here = rects[current]
    center_x, center_y = here.x + here.width / 2, here.y + here.height / 2
    best: tuple[float, float] | None = None
    found: int | None = None
    for index, rect in enumerate(rects):
        if index == current:
            continue
        if dy:
            gap = (rect.y - here.y - here.height) if dy > 0 else (here.y - rect.y - rect.height)
            aside = max(0.0, max(rect.x, here.x) - min(rect.x + rect.width, here.x + here.width) + 1)
            away = abs(rect.x + min(rect.width, here.width) / 2 - center_x)
        else:
            overlap = min(rect.y + rect.height, here.y + here.height) - max(rect.y, here.y)
            if overlap <= 0:
                continue
            gap = (rect.x - here.x - here.width) if dx > 0 else (here.x - rect.x - rect.width)
            aside, away = 0.0, abs(rect.y + rect.height / 2 - center_y)
        if gap < 0:
            continue
        score = (gap + (1000.0 if aside else 0.0), away)
        if best is None or score < best:
            best, found = score, index
    return found
