"""The histograms dashboard: how weights, gradients and activations spread, step after step."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import TYPE_CHECKING, ClassVar, Literal, cast

from textual import events
from textual.app import ComposeResult
from textual.widgets import Input

from tbtui.analysis.histograms import SKETCH, sketches
from tbtui.analysis.numbers import format_step
from tbtui.dashboards.digests import Digests
from tbtui.dashboards.drawn import DrawnDashboard
from tbtui.dashboards.fetching import Fetching
from tbtui.dashboards.histograms.acting import Acting
from tbtui.dashboards.histograms.full import One, Pair
from tbtui.dashboards.histograms.panels import Panels, place_of
from tbtui.dashboards.histograms.pictures import Look, Mode
from tbtui.dashboards.histograms.subjects import Shown
from tbtui.dashboards.histograms.wall import FullWall, Wall
from tbtui.dashboards.layout import NARROW
from tbtui.dashboards.steps import StepCursor
from tbtui.events.summaries import Histogram, histogram
from tbtui.store.values import Values
from tbtui.widgets.ask_line import AskLine

if TYPE_CHECKING:
    from tbtui.store import Reference
    from tbtui.widgets.session import Session

__all__ = ["HistogramsDashboard"]

MOST_SKETCHES = 40_000
"""Histograms that are kept as sketches, about 1 kB each."""

MOST_BYTES = 8 << 20
"""Of histograms that are kept as they were written: those at the cursor."""


class HistogramsDashboard(DrawnDashboard, Acting):
    """Histograms over the steps, a picture for each tag and run."""

    SCOPES: ClassVar[tuple[str, ...]] = ("histograms",)
    PANE = "histograms-pane"

    def __init__(self, session: Session) -> None:
        super().__init__(session)
        self.mode: Literal["grid", "full"] = "grid"
        self.compare = ""
        self.other_run: str | None = None
        self.mark: int | None = None
        self.cursor = StepCursor()
        self.panels = Panels(session)
        self.digests = Digests(
            self._start,
            self._arrived,
            session.options.purge,
            make=sketches,
            width=SKETCH,
            most_rows=MOST_SKETCHES,
        )
        self.values: Values[Histogram] = Values(histogram, MOST_BYTES, lambda one: 24 * len(one.count) + 200)
        self.fetching = Fetching(self._start, self._arrived)
        self.wall = Wall(session, self.panels, self.digests, self.cursor)
        self.full = FullWall(self.wall, self._ones)
        self._told = ""

    def compose(self) -> ComposeResult:
        yield self.pane
        yield AskLine(placeholder="step", id="histograms-step-line", compact=True, type="integer")

    def _start(self, work: Coroutine[object, object, None]) -> None:
        self.run_worker(work)

    def _arrived(self) -> None:
        self.painter.paint()

    # --- what the app asks for

    def update_data(self) -> None:
        self.painter.paint()
        self._tell()

    def view_changed(self) -> None:
        self.painter.paint(hurry=True)

    def focus_first(self) -> None:
        self.pane.focus()

    def open_tag(self, tag: str) -> None:
        """The histograms of the tag, of the run in focus where it has them, over the whole pane."""
        self.lay_out()
        run, panels = self.session.focused_run(), self.panels.of_tag(tag)
        mine = [panel for panel in panels if run is not None and panel.run.name == run.name]
        if not panels:
            self.say("The tag is not among those that are shown")
            return
        self.panels.go_to((mine or panels)[0].place)
        self.mode = "full"
        self.moved()

    def step_out(self) -> bool:
        if self.mode == "full" and self.compare:
            self.compare = ""
        elif self.mode == "full":
            self.mode = "grid"
        elif not self.cursor.follows:
            self.cursor.step = None
        elif self.mark is not None:
            self.mark = None
        else:
            return False
        self.moved()
        return True

    def scopes(self) -> tuple[str, ...]:
        return ("chart" if self.mode == "full" else "list", *self.SCOPES)

    def place(self) -> str:
        steps = self.cursor.words(self.focused_steps())
        if self.mark is not None:
            steps = f"mark {format_step(self.mark)}  {steps}"
        if self.mode == "full":
            order = self.panels.order()
            here = f"{order.index(self.panels.focus) + 1}/{len(order)}" if self.panels.focus in order else ""
            return f"{steps}  histogram {here}" if here else steps
        pages = len(self.panels.pages)
        return f"{steps}  page {self.panels.page + 1}/{pages}" if pages > 1 else steps

    def tag_counts(self) -> tuple[int, int]:
        self.lay_out()
        return self.panels.matching, self.panels.tags

    def copy_text(self, text: str) -> None:
        self.app.copy_to_clipboard(text)

    def in_background(self, work: Callable[[], str]) -> None:
        async def do() -> None:
            self.say(await asyncio.to_thread(work))

        self.run_worker(do())

    def focused_tags(self) -> Sequence[str]:
        panel = self.panels.focused()
        return (panel.tag,) if panel is not None else ()

    def copied(self) -> list[tuple[float, float, float]]:
        self.lay_out()
        panel = self.panels.focused()
        shown = self.wall.shown(panel, focused=True) if panel is not None else None
        reference = self._reference(shown, self.cursor.step) if shown is not None else None
        one = self.values.get(reference) if reference is not None else None
        if not isinstance(one, Histogram):
            return []
        return list(zip(one.left.tolist(), one.right.tolist(), one.count.tolist(), strict=True))

    def moved(self) -> None:
        self._tell()
        self.painter.paint(hurry=True)

    def _tell(self) -> None:
        """The status line says where we are."""
        here = self.mode + self.place()
        if here != self._told:
            self._told = here
            self.changed()

    # --- drawing

    def lay_out(self) -> None:
        width, height = self.pane.size
        self.panels.lay_out(width, height, narrow=self.app.size.width < NARROW)

    def in_full_screen(self) -> bool:
        return self.mode == "full"

    def sight(self) -> Wall | FullWall | None:
        width, height = self.pane.size
        if not width or not height or not self.is_attached:
            return None
        self.lay_out()
        view = self.session.view
        self.wall.size = (width, height)
        self.wall.looks, self.wall.mark = self.looks(), self.mark
        mode = cast("Mode", view.histogram_mode)
        self.wall.look = Look(mode, view.histogram_log, view.histogram_each, view.histogram_central, self.way)
        if self.mode == "full" and self.panels.focused() is None:
            self.mode = "grid"
        sight: Wall | FullWall = self.wall
        if self.mode == "full":
            self.full.compare, self.full.other = self.compare, self.other() if self.compare else None
            sight = self.full
        self.digests.want([panel.series for panel in sight.wanted()])
        return sight

    def _reference(self, one: Shown, step: int | None) -> Reference | None:
        """Where the histogram lies that is nearest to a step, of those read; None: the newest."""
        number = one.course.at(step)
        steps = one.panel.series.steps(self.session.options.purge)
        if number is None or not len(steps):
            return None
        place = int(steps.searchsorted(one.course.digest.steps[number]))
        return one.panel.series.reference(min(place, len(steps) - 1), self.session.options.purge)

    def _ones(self, shown: list[Shown]) -> list[Pair]:
        """The histograms at the cursor and at the mark; what is not at hand is fetched."""
        references = [self._reference(one, self.cursor.step) for one in shown]
        if self.mark is not None:
            references += [self._reference(one, self.mark) for one in shown]
        found = [None if one is None else self.values.peek(one) for one in references]
        missing = [one for one, value in zip(references, found, strict=True) if one is not None and value is None]
        if missing:
            key = tuple((id(one.slot), one.offset, one.index) for one in missing)

            def work() -> Iterator[None]:
                for one in missing:
                    self.values.get(one)
                    yield

            self.fetching.ask(key, work)
        ones = [One.of(value) for value in found]
        marked: Sequence[One | None] = ones[len(shown) :] or [None] * len(shown)
        return [Pair(one, mark) for one, mark in zip(ones[: len(shown)], marked, strict=True)]

    async def settled(self) -> None:
        """Wait until everything that was asked for is read and drawn."""
        for _ in range(3):
            await self.painter.settled()
            await self.digests.settled()
            await self.fetching.settled()
        await self.painter.settled()

    # --- what is typed

    def ask_for_step(self) -> None:
        self.query_one(AskLine).begin()

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        event.input.display = False
        self.pane.focus()
        if event.value:
            self.go_to_step(event.value)

    # --- mouse

    def on_click(self, event: events.Click) -> None:
        if event.widget is not self.pane or self.mode == "full":
            return
        for slot in self.panels.current.slots:
            if slot.rect.contains(event.x, event.y):
                self.panels.go_to(place_of(slot))
                if event.chain > 1:
                    self.do_open()
                self.focus_moved()
                return

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        event.stop()
        self._wheel(1)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        event.stop()
        self._wheel(-1)

    def _wheel(self, by: int) -> None:
        if self.mode == "full":
            self.move_steps(by)
        else:
            self._turn(by)
