"""The text dashboard: one text at a time, rendered, searched, compared with another one."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Hashable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textual.app import ComposeResult
from textual.strip import Strip
from textual.widgets import Input

from tbtui.analysis.text import cut, safe
from tbtui.commands.blobs import samples_of
from tbtui.dashboards.entries import Entry
from tbtui.dashboards.listed import ListedDashboard
from tbtui.dashboards.saving import save
from tbtui.dashboards.text.documents import Document, Form, difference_of, document_of, search
from tbtui.events.summaries import Text, text
from tbtui.store import Reference
from tbtui.store.blobs import read_value
from tbtui.store.values import Unreadable, Values
from tbtui.widgets.ask_line import AskLine
from tbtui.widgets.inks import Inks
from tbtui.widgets.markdown import plain_line
from tbtui.widgets.painted import Piece
from tbtui.widgets.session import Session

MOST_BYTES = 64 << 20
"""Of texts that are kept."""

MOST_COPIED = 100_000
"""Characters that are copied to the clipboard: terminals take no more."""

MOST_LINE = 200
"""Characters of a preview."""

SIDEWAYS = 8
"""Columns that a press of a key moves lines that are not wrapped."""

Versus = Literal["", "previous", "run"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is to be shown. other: what it is compared with, in words `versus`; looked_for: what is searched."""

    reference: Reference
    other: Reference | None
    form: Form
    theme: str
    looked_for: str

    @property
    def key(self) -> Hashable:
        """What it depends on."""
        places = [(id(one.slot), one.offset, one.index) if one else None for one in (self.reference, self.other)]
        return (*places, self.form, self.theme, self.looked_for)


@dataclass(slots=True)
class Made:
    """What was made of it, so far."""

    wanted: Wanted
    document: Document
    found: list[tuple[int, int, int]]
    reason: str = ""


class TextDashboard(ListedDashboard):
    """Texts of all shown runs."""

    PLUGIN = "text"
    WORD = "text"
    SCOPES: ClassVar[tuple[str, ...]] = ("text",)

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.texts: Values[Text] = Values(text, MOST_BYTES, _size)
        self.wrapped = True
        self.rendered = True
        self.versus: Versus = ""
        self.looked_for = ""
        self.top = self.left = 0
        self.match = -1
        self._made: Made | None = None
        self._shown: Made | None = None

    def compose(self) -> ComposeResult:
        yield from super().compose()
        yield AskLine(placeholder="search in the text", id="search-line", compact=True)

    # -- fetching

    def wish(self) -> None:
        if not self.is_attached or not self.pane.size.width:
            return
        entry = self.entries.current()
        reference = self.shown(entry)
        if entry is None or reference is None:
            return
        other = self._other(entry)
        form = Form(self.pane.size.width - 1, self.wrapped, self.rendered)
        wanted = Wanted(reference, other, form, self.app.theme, self.looked_for)
        listed = [self.shown(one) for one in self.listed(self.pane.size.height)]
        beside = [one for one in listed if one is not None and self.texts.peek(one) is None]
        key = (wanted.key, tuple((id(one.slot), one.offset) for one in beside))
        inks = self.inks
        self.fetching.ask(key, lambda: self._work(wanted, beside, inks))

    def _work(self, wanted: Wanted, beside: list[Reference], inks: Inks) -> Iterator[None]:
        """In a thread: the text of now first, then the previews of the list."""
        made = self._made
        if made is None or made.wanted.key != wanted.key or not made.document.done:
            yield from self._lay_out(wanted, inks)
        for reference in beside:
            self.texts.get(reference)
            yield

    def _lay_out(self, wanted: Wanted, inks: Inks) -> Iterator[None]:
        both = [self.texts.get(one) for one in (wanted.reference, wanted.other) if one is not None]
        bad = next((one for one in both if isinstance(one, Unreadable)), None)
        if bad is not None:
            self._made = Made(wanted, Document(done=True), [], bad.reason)
            yield
            return
        good = [one for one in both if isinstance(one, Text)]
        grown = (
            difference_of(good[1], good[0], wanted.form, inks) if len(good) > 1
            else document_of(good[0], wanted.form, inks)
        )  # fmt: skip
        for document in grown:
            found = search(document, wanted.looked_for) if document.done else []
            self._made = Made(wanted, document, found)
            yield

    def _other(self, entry: Entry) -> Reference | None:
        """What the text is compared with."""
        if self.versus == "previous":
            return self.shown(entry, -1)
        if self.versus == "run":
            theirs = self._other_entry(entry)
            return self.shown(theirs) if theirs is not None else None
        return None

    def _other_entry(self, entry: Entry) -> Entry | None:
        """The same tag of the marked run, or else of the next run that has it."""
        same = [one for one in self.entries.all() if one.series.tag == entry.series.tag]
        marked = [one for one in same if one.run.name == self.session.view.marked_run and one.key != entry.key]
        if marked or len(same) < 2:
            return marked[0] if marked else None
        place = next(number for number, one in enumerate(same) if one.key == entry.key)
        return same[(place + 1) % len(same)]

    def arrived(self) -> None:
        made, before = self._made, self._shown
        self._shown = made
        if made is not None and made.wanted.looked_for and made.document.done and self.match < 0:
            self._first_match(made)
        if made is not None and (before is None or before.wanted.reference is not made.wanted.reference):
            self.changed()
        super().arrived()

    # -- drawing

    def preview(self, entry: Entry) -> str:
        reference = self.shown(entry)
        kept = self.texts.peek(reference) if reference is not None else None
        if kept is None:
            return "…"
        if isinstance(kept, Unreadable):
            return kept.reason
        cells = (cell for row in kept.rows for cell in row)
        return plain_line(next((cell for cell in cells if cell.strip()), "")[:MOST_LINE])

    def paint_body(self, width: int, height: int) -> list[Strip]:
        made, inks, pane = self._shown, self.inks, self.pane
        if made is None:
            return [pane.dressed([("reading", inks.muted)], width)] if height else []
        lines: list[Strip] = []
        notes = self._notes(made)
        if notes:
            lines.append(pane.dressed([(cut(safe(notes), width), inks.muted)], width))
        if height > 6:
            lines.append(pane.dressed([], width))
        document = made.document
        if made.reason:
            lines.append(
                pane.dressed([(cut(safe(f"This text can't be read: {made.reason}"), width), inks.removed)], width)
            )
            return lines[:height]
        room = max(1, height - len(lines))
        count = len(document.rows)
        self._room = room
        self.top = max(0, min(self.top, count - room))
        self.left = 0 if self.wrapped else min(self.left, self._rightmost)
        marks: dict[int, list[tuple[int, int]]] = {}
        for row, begin, end in made.found:
            if self.top <= row < self.top + room:
                marks.setdefault(row, []).append((begin, end))
        bar = self._bar(room, count)
        for number in range(self.top, min(count, self.top + room)):
            pieces = document.pieces(number, inks, self.left, width - 1, marks.get(number, ()))
            lines.append(self._with_bar(pieces, width, bar, number - self.top))
        return lines[:height]

    def _bar(self, room: int, count: int) -> tuple[int, int]:
        """First row and end of the mark at the right that says which part is seen; (0, 0) for none."""
        if count <= room:
            return 0, 0
        size = max(1, room * room // count)
        first = round(self.top / (count - room) * (room - size))
        return first, first + size

    def _with_bar(self, pieces: list[Piece], width: int, bar: tuple[int, int], row: int) -> Strip:
        if bar == (0, 0):
            return self.pane.dressed(pieces, width)
        sign = "|" if self.session.options.ascii else "▐"
        inside = self.pane.dressed(pieces, width - 1)
        look = self.inks.muted if bar[0] <= row < bar[1] else self.inks.faint
        end = self.pane.dressed([(sign if bar[0] <= row < bar[1] else " ", look)], 1)
        return Strip([*inside, *end], width)

    def _notes(self, made: Made) -> str:
        notes = list(made.document.notes)
        if self.versus:
            notes.insert(0, self._versus_words())
        if made.wanted.looked_for:
            count = len(made.found)
            place = f"{self.match + 1} of {count}" if 0 <= self.match < count else f"{count}"
            notes.insert(
                0, f'"{made.wanted.looked_for}": {place} found' if count else f'"{made.wanted.looked_for}" is not in it'
            )
        if not made.document.done:
            notes.append("reading on")
        return " · ".join(notes)

    def _versus_words(self) -> str:
        entry = self.entries.current()
        if entry is None:
            return ""
        if self.versus == "previous":
            before = self.shown(entry, -1)
            return f"what changed since step {before.step:,}" if before else "no step before this one: all of it"
        theirs = self._other_entry(entry)
        return (
            f"what differs from {self.session.label(theirs.run.name)}"
            if theirs
            else "no other run has this tag: all of it"
        )

    # -- moving

    @property
    def _rows(self) -> int:
        """Rows of the text, as far as it is laid out."""
        return len(self._shown.document.rows) if self._shown else 0

    @property
    def _rightmost(self) -> int:
        """The last column that may be the first in sight."""
        return max(0, self._shown.document.longest - self.pane.size.width // 2) if self._shown else 0

    def _scroll(self, rows: int) -> None:
        before = self.top
        self.top = max(0, min(self.top + rows, self._rows - self._room))
        if self.top == before:
            self.say(f"No line {'below' if rows > 0 else 'above'} this one")
        self.pane.repaint()

    def do_down(self) -> None:
        self._scroll(1)

    def do_up(self) -> None:
        self._scroll(-1)

    def do_page_down(self) -> None:
        self._scroll(max(1, self._room - 1))

    def do_page_up(self) -> None:
        self._scroll(-max(1, self._room - 1))

    def do_first(self) -> None:
        self._scroll(-self._rows)

    def do_last(self) -> None:
        self._scroll(self._rows)

    def do_left(self) -> None:
        self._sideways(-SIDEWAYS)

    def do_right(self) -> None:
        self._sideways(SIDEWAYS)

    def _sideways(self, columns: int) -> None:
        if self.wrapped:
            self.say("Lines are wrapped; w shows them as long as they are")
            return
        before = self.left
        self.left = max(0, min(self.left + columns, self._rightmost))
        if self.left == before:
            self.say("This is the end of the lines" if columns > 0 else "This is the begin of the lines")
        self.pane.repaint()

    def wheel(self, rows: int) -> None:
        self._scroll(rows)

    def entry_changed(self) -> None:
        self.top = self.left = 0
        self.match = -1

    # -- how it is shown

    def action_wrap(self) -> None:
        self.wrapped = not self.wrapped
        self.left = 0
        self.say("Long lines are wrapped" if self.wrapped else "Lines are as long as they are; h and l move sideways")
        self._laid_out_anew()

    def action_as_written(self) -> None:
        self.rendered = not self.rendered
        self.say("Rendered as Markdown" if self.rendered else "Shown as it was written")
        self._laid_out_anew()

    def action_difference(self) -> None:
        entry = self.entries.current()
        if entry is None:
            self.say("There is no text")
            return
        order: tuple[Versus, ...] = ("", "previous", "run") if self._other_entry(entry) else ("", "previous")
        self.versus = order[(order.index(self.versus) + 1) % len(order)] if self.versus in order else ""
        words = self._versus_words() if self.versus else "the whole text"
        self.say(f"{words[:1].upper()}{words[1:]}")
        self._laid_out_anew()

    def _laid_out_anew(self) -> None:
        self.top, self.match = 0, -1
        self.moved()

    # -- searching

    def action_search(self) -> None:
        self.query_one("#search-line", AskLine).begin(self.looked_for)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        super().on_input_submitted(event)
        if event.input.id == "search-line":
            self.looked_for, self.match = event.value, -1
            self.moved()

    def _first_match(self, made: Made) -> None:
        """To the first match from the line on that is at the top, or else the first of all."""
        if not made.found:
            self.say(f'"{cut(safe(made.wanted.looked_for), 30)}" is not in this text')
            return
        self._to_match(next((n for n, (row, _, _) in enumerate(made.found) if row >= self.top), 0), made)

    def _to_match(self, number: int, made: Made) -> None:
        self.match = number
        row, begin, _ = made.found[number]
        if not self.top <= row < self.top + self._room:
            self.top = max(0, row - self._room // 3)
        if not self.wrapped and not self.left <= begin < self.left + self.pane.size.width - 1:
            self.left = max(0, begin - self.pane.size.width // 2)
        self.pane.repaint()

    def action_next_match(self) -> None:
        self._step_match(1)

    def action_previous_match(self) -> None:
        self._step_match(-1)

    def _step_match(self, by: int) -> None:
        made = self._shown
        if not self.looked_for or made is None:
            self.say("Nothing is searched for; s searches")
        elif not made.found:
            self.say(f'"{cut(safe(self.looked_for), 30)}" is not in this text')
        else:
            if len(made.found) == 1:
                self.say("It is found in one place only")
            self._to_match((self.match + by) % len(made.found), made)

    def step_out(self) -> bool:
        if self.looked_for:
            self.looked_for, self.match = "", -1
        elif self.versus:
            self.versus = ""
        else:
            return super().step_out()
        self.moved()
        return True

    # -- taking away

    def action_copy(self) -> None:
        """The text as it was logged, without what a terminal would act upon."""
        reference = self.shown(self.entries.current())
        kept = self.texts.peek(reference) if reference is not None else None
        if not isinstance(kept, Text):
            self.say("There is nothing to copy")
            return
        words = kept.plain[:MOST_COPIED]
        self.app.copy_to_clipboard(_harmless(words))
        more = "" if len(words) == len(kept.plain) else f", the first of {len(kept.plain):,}; e saves all"
        self.say(f"Copied {len(words):,} characters to the clipboard{more}")

    def action_export(self) -> None:
        """The bytes that were logged, into a new file in the current directory."""
        entry = self.entries.current()
        reference = self.shown(entry)
        if entry is None or reference is None:
            self.say("There is nothing to save")
            return
        title = f"{entry.series.tag}-step-{reference.step}"
        self._in_background(lambda: save(lambda: samples_of(read_value(reference), "text"), Path.cwd(), title))

    def _in_background(self, work: Callable[[], str]) -> None:
        async def do() -> None:
            self.say(await asyncio.to_thread(work))

        self.run_worker(do())

    _room = 10


def _size(value: Text) -> int:
    return 200 + sum(60 + len(cell) for row in value.rows for cell in row)


def _harmless(words: str) -> str:
    """For the clipboard: lines and tabs stay, other control characters go."""
    return "".join(char for char in words if char in "\n\t" or (char >= " " and not "\x7f" <= char <= "\x9f"))


__all__ = ["TextDashboard"]
