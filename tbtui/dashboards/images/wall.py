"""The page of images: tags by runs, which one has the focus, and the cells of the whole page."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median

from tbtui.charts.cells import BOLD, REVERSE, Cells, blank
from tbtui.dashboards.images.captions import put_missing, put_slider, put_words, short_facts
from tbtui.dashboards.images.darkroom import Darkroom, Film, Print, Shot, Subject
from tbtui.dashboards.images.gallery import Box, Gallery, Moment, boxes_by_tag
from tbtui.dashboards.layout import Page, Rect, Section, Slot, neighbour, paginate
from tbtui.dashboards.looks import Looks, put_cut, put_message

GAP = 1
"""Blank columns at the right of every image."""

IMAGE_ROWS = (5, 8, 12, 18, 27)
"""Rows of cells that an image about has, by `View.chart_size`; beyond that it has the page for itself."""

LEAST_WIDTH = 20
"""Columns that what is written beside an image needs."""

CAPTION_ROWS = 2

WELL_FILLED = 0.6
"""Where less of a page would be images, there is one column of them more, if these are broad enough still."""

BROAD = 40

MOST_MEASURED = 60
"""Tags whose images are measured before the first page is drawn; the others are taken to be like these."""

DESCRIBED_HEIGHT = 22
"""From so many rows on the description of the focused image has one of them."""

Frames = Callable[[Print], int]
"""Which frame of an animation is due."""


def shape(width: int, height: int, wanted: int | None, aspect: float, count: int, beside: int) -> tuple[int, int]:
    """Columns and rows of images on a page of (width, height) cells.

    wanted: about so many rows of cells for each, None for the whole page; aspect: width by height of the images;
    beside: rows of words at each. Where all fit on a page they are made as large as they can be.
    """
    if wanted is None or count < 1:
        return 1, 1
    most = max(1, width // LEAST_WIDTH)
    columns = min(max(1, round(width / (wanted * 2 * aspect + GAP))), most)

    def rows_of(columns: int) -> int:
        """Rows of images on a page."""
        tall = min(round((width // columns - GAP) / aspect / 2), wanted * 3 // 2)
        return max(1, height // (max(tall, 1) + beside))

    def filled(columns: int) -> float:
        """How much of the page is images."""
        across = min(width // columns - GAP, (height // rows_of(columns) - beside) * 2 * aspect)
        return columns * rows_of(columns) * across * across / (2 * aspect) / (width * height)

    roomy = width // (columns + 1) >= BROAD
    if roomy and filled(columns) < WELL_FILLED and filled(columns + 1) > filled(columns):
        columns += 1
    if columns * rows_of(columns) < count:
        return columns, rows_of(columns)

    def breadth(columns: int) -> float:
        """Of an image where all stand on one page."""
        rows_of_cells = height // -(-count // columns) - beside
        return min(width // columns - GAP, rows_of_cells * 2 * aspect)

    columns = max(range(1, min(most, count) + 1), key=breadth)
    return columns, -(-count // columns)


class Wall:
    """Pages of images. Everything is drawn from prints; what is not there yet keeps what stood there before."""

    def __init__(self, gallery: Gallery, room: Darkroom) -> None:
        self.gallery = gallery
        self.room = room
        self.looks = Looks()
        self.film = Film()
        self.pages: Sequence[Page] = [Page()]
        self.page = 0
        self.focus: Box | None = None
        self.size = (0, 0)
        self.by_runs = False
        self.slider = (0, 0)
        """Column and width of the line of steps."""
        self.placed: list[tuple[Rect, Print]] = []
        """Where pictures stand in the cells that were composed last."""
        self._key: object = None
        self._aspects: dict[str, float] = {}
        self._first: dict[str, Box] = {}
        self._before: dict[Box, tuple[tuple[int, int], Print]] = {}

    # -- what stands where

    def lay_out(self, width: int, height: int) -> bool:
        """Find out what stands where; cheap when nothing changed (False)."""
        boxes = self.gallery.boxes()
        tags = boxes_by_tag(boxes)
        known = [self._aspects[tag] for tag in tags if self._aspects.get(tag)]
        aspect = min(max(median(known), 0.3), 8.0) if known else 1.0
        size = self.gallery.session.view.chart_size
        key = (id(boxes), len(boxes), width, height, size, round(aspect, 1))
        if key == self._key:
            return False
        self._key, self.size = key, (width, height)
        self._first = {tag: each[0] for tag, each in tags.items()}
        self.by_runs = len(boxes) > len(tags)
        if self.by_runs:
            sections = [Section(tag, tag, tuple(box.run for box in each)) for tag, each in tags.items()]
        else:
            sections = [Section("", "", tuple(tags))] if tags else []
        area = self._area(height)
        wanted = IMAGE_ROWS[size] if size < len(IMAGE_ROWS) else None
        columns, rows = shape(width, area, wanted, aspect, len(boxes), CAPTION_ROWS + self.by_runs)
        self.pages = paginate(sections, width, area, size, shape=(columns, rows))
        self._keep_focus()
        return True

    def unmeasured(self) -> list[tuple[str, Subject]]:
        """Tags of whose images the shape is not known, each with one of them."""
        found: list[tuple[str, Subject]] = []
        for tag, box in self._first.items():
            if len(self._aspects) + len(found) >= MOST_MEASURED:
                break
            moment = None if tag in self._aspects else self.gallery.moment(box)
            if moment is not None:
                found.append((tag, moment.subject))
        return found

    def measure(self, tag: str, subject: Subject) -> None:
        """Learn the shape of a tag's images from one of them. For threads."""
        width, height = self.room.size(subject)
        self._aspects[tag] = width / height if width and height else 0.0

    def _area(self, height: int) -> int:
        return max(1, height - 1 - (height >= DESCRIBED_HEIGHT))

    def box(self, slot: Slot) -> Box:
        """The box of a slot."""
        if self.by_runs:
            return Box(slot.section.key, slot.tag)
        return self._first.get(slot.tag, Box(slot.tag, ""))

    def _keep_focus(self) -> None:
        for number, page in enumerate(self.pages):
            if any(self.box(slot) == self.focus for slot in page.slots):
                self.page = number
                return
        self.page = min(self.page, len(self.pages) - 1)
        self.focus = self.box(self.current.slots[0]) if self.current.slots else None

    @property
    def current(self) -> Page:
        """The page that is shown."""
        return self.pages[min(self.page, len(self.pages) - 1)]

    def order(self) -> list[Box]:
        """All boxes in reading order."""
        return [self.box(slot) for page in self.pages for slot in page.slots]

    def at(self, x: int, y: int) -> Box | None:
        """The box at a cell."""
        return next((self.box(slot) for slot in self.current.slots if slot.rect.contains(x, y)), None)

    # -- moving

    def move(self, dx: int, dy: int) -> bool:
        """The focus to the next image in a direction, over the edge of the page too; False at the end of everything."""
        slots = self.current.slots
        boxes = [self.box(slot) for slot in slots]
        if self.focus not in boxes:
            self.focus = boxes[0] if boxes else None
            return bool(boxes)
        here = boxes.index(self.focus)
        found = neighbour([slot.rect for slot in slots], here, dx, dy)
        if found is not None:
            self.focus = boxes[found]
            return True
        order = self.order()
        place = order.index(self.focus) + (dx or dy)
        if dx or not 0 <= self.page + dy < len(self.pages):
            if not 0 <= place < len(order):
                return False
            self.go_to(order[place])
            return True
        return self.turn_page(dy)

    def turn_page(self, by: int, wrap: bool = False) -> bool:
        """So many pages on; False where there is none."""
        page = self.page + by
        page = page % len(self.pages) if wrap else min(max(page, 0), len(self.pages) - 1)
        if page == self.page:
            return False
        self.page = page
        self.focus = self.box(self.current.slots[0]) if self.current.slots else None
        return True

    def go_to(self, box: Box) -> None:
        """The focus to a box, wherever it is."""
        self.focus = box
        self._keep_focus()

    # -- drawing

    def shots(self, by: int = 0) -> list[Shot]:
        """What the page needs, so many steps further on."""
        found = []
        for slot in self.current.slots:
            moment = self.gallery.moment(self.box(slot), by)
            if moment is not None:
                found.append(self._shot(moment, slot.rect))
        return found

    def _shot(self, moment: Moment, rect: Rect) -> Shot:
        return self.gallery.shot(moment, max(1, rect.width - GAP), max(1, rect.height - CAPTION_ROWS), self.film)

    def compose(self, frames: Frames) -> tuple[Cells, list[Shot]]:
        """The page as far as it is there, and the shots that are missing."""
        width, height = self.size
        cells = blank(height, width)
        missing: list[Shot] = []
        self.placed = []
        if not self.current.slots:
            put_message(cells, self.why_empty(), self.looks.muted)
        for slot in self.current.slots:
            self._put(cells, slot, frames, missing)
        for heading in self.current.headings:
            looks, rect = self.looks, heading.rect
            color = looks.muted if heading.continued else looks.text
            taken = put_cut(
                cells, rect.y, rect.x, rect.width - GAP, self._title(heading.section.title), color,
                0 if heading.continued else BOLD, keep="tail", looks=looks,
            )  # fmt: skip
            rule = rect.width - GAP - taken - 1
            if rule > 0:
                cells.put(rect.y, rect.x + taken + 1, looks.signs.rule * rule, looks.faint)
        self._put_foot(cells)
        return cells, missing

    def _put(self, cells: Cells, slot: Slot, frames: Frames, missing: list[Shot]) -> None:
        box, rect, looks = self.box(slot), slot.rect, self.looks
        room, rows = max(1, rect.width - GAP), rect.height - CAPTION_ROWS
        focused = box == self.focus
        self._put_name(cells, box, rect, focused)
        moment = self.gallery.moment(box)
        if moment is None:
            put_missing(cells, rect.y + 1, rect.x, room, rows, "no images", looks)
            return
        shot = self._shot(moment, rect)
        shown = self.room.peek(shot)
        if shown is not None and shown.moves:
            due = replace(shot, frame=frames(shown))
            moving = self.room.peek(due)
            if moving is None:
                missing.append(due)
            shown = moving or shown
        if shown is None:
            missing.append(shot)
            size, shown = self._before.get(box, ((0, 0), None))
            if size != (shot.columns, shot.rows):
                shown = None
        else:
            self._before[box] = ((shot.columns, shot.rows), shown)
        used = self.put_print(cells, shown, Rect(rect.x, rect.y + 1, room, rows))
        words = short_facts(moment, shown, self.gallery.sample)
        put_words(cells, rect.y + 1 + used, rect.x, room, words, looks.muted, looks)

    def put_print(self, cells: Cells, shown: Print | None, rect: Rect, center: bool = False) -> int:
        """An image in its place, or why there is none. How many rows it takes."""
        if shown is None:
            return rect.height
        if shown.cells is not None:
            left = (rect.width - shown.cells.width) // 2 if center else 0
            top = (rect.height - shown.cells.height) // 2 if center else 0
            cells.paste(shown.cells, rect.y + max(0, top), rect.x + max(0, left))
            return int(min(shown.cells.height, rect.height))
        if shown.pixels is not None and self.film.cell is not None:
            across, down = self.film.cell
            columns = min(rect.width, -(-shown.pixels.shape[1] // across))
            rows = min(rect.height, -(-shown.pixels.shape[0] // down))
            left = (rect.width - columns) // 2 if center else 0
            top = (rect.height - rows) // 2 if center else 0
            self.placed.append((Rect(rect.x + left, rect.y + top, columns, rows), shown))
            return int(rows)
        if shown.reason:
            put_missing(cells, rect.y, rect.x, rect.width, rect.height, shown.reason, self.looks)
        return rect.height

    def _put_name(self, cells: Cells, box: Box, rect: Rect, focused: bool) -> None:
        looks, session = self.looks, self.gallery.session
        red, green, blue = session.color(box.run)
        col = rect.x
        if self.by_runs:
            col += cells.put(rect.y, col, looks.signs.run, red << 16 | green << 8 | blue)
        name = session.label(box.run) if self.by_runs else self._title(box.tag, box)
        color, attrs = (looks.accent, BOLD | REVERSE) if focused else (looks.text, BOLD)
        put_cut(cells, rect.y, col, rect.x + rect.width - GAP - col, name, color, attrs, keep="tail", looks=looks)

    def _title(self, tag: str, box: Box | None = None) -> str:
        """A tag, and the name that is to be shown of it."""
        box = box or self._first.get(tag)
        name = self.gallery.described(box)[0] if box is not None else ""
        return f"{name} ({tag})" if name else tag

    def _put_foot(self, cells: Cells) -> None:
        """The description of the focused image, and the slider."""
        looks, box = self.looks, self.focus
        if cells.height < 3 or box is None:
            return
        if cells.height >= DESCRIBED_HEIGHT:
            description = " ".join(self.gallery.described(box)[1].split())
            put_cut(cells, cells.height - 2, 1, cells.width - 2, description, looks.muted, looks=looks)
        extra = "" if self.gallery.linked else "not linked"
        cursor = self.gallery.cursor_of(box)
        self.slider = put_slider(cells, cells.height - 1, cursor, self.gallery.steps(box), looks, extra)

    def why_empty(self) -> str:
        """Why there is nothing to see."""
        session = self.gallery.session
        if not session.visible_runs():
            return "No runs are shown (a shows all, f filters)"
        if self.gallery.tag_counts()[1]:
            return "No tag matches the filter (/ changes it)"
        return "The shown runs have no images"
