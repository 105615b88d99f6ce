"""What the keys do on the images dashboard. Whatever does nothing says why."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cut, safe
from tbtui.charts.pictures import BadPicture
from tbtui.charts.raster import AS_IS, WHOLE, Sight, beyond
from tbtui.dashboards.drawn import Directions
from tbtui.dashboards.images.darkroom import Darkroom, Subject
from tbtui.dashboards.images.gallery import Box, Gallery
from tbtui.dashboards.images.single import Single
from tbtui.dashboards.images.wall import Wall
from tbtui.dashboards.new_file import new_file
from tbtui.dashboards.steps import StepKeys
from tbtui.events.media import image_info
from tbtui.settings import CHART_SIZES
from tbtui.widgets.session import Session

ZOOM = 1.5
PAN = 0.25
"""Of what is seen, at one press."""


class Actions(Directions, StepKeys):
    """Keys of the scope "images" (`action_...`) and of the scope "list" (`do_...`)."""

    session: Session
    gallery: Gallery
    room: Darkroom
    wall: Wall
    single: Single
    large: bool
    """One image over the whole pane."""
    playing: bool

    def moved(self) -> None:
        """Something else is to be seen."""
        raise NotImplementedError

    def changed(self) -> None:
        """The view changed."""
        raise NotImplementedError

    def copy_text(self, text: str) -> None:
        """To the clipboard."""
        raise NotImplementedError

    def in_background(self, work: Callable[[], str]) -> None:
        """Do it in a thread, and tell the user the sentence it gives."""
        raise NotImplementedError

    # -- steps (the cursor is that of the focused box)

    def focused_steps(self) -> npt.NDArray[np.int64]:
        return self.gallery.steps(self.wall.focus)

    def step_moved(self) -> None:
        self.moved()

    def at_cursor(self) -> None:
        """Keys of steps move the cursor of the focused box."""
        self.cursor = self.gallery.cursor_of(self.wall.focus)

    # -- moving about (scope "list")

    def move(self, dx: int, dy: int) -> None:
        sight = self.single.sight
        if not self.large:
            if not self.wall.move(dx, dy):
                self.say("No image in this direction")
        elif not self._all_seen():
            self.single.sight = sight.moved(*self._pan(dx, dy))
            if not self._beyond()[0 if dx else 1]:
                self.say(f"All of its {'width' if dx else 'height'} is seen")
            elif self.single.sight == sight:
                self.say("This is the edge of the image")
        elif dx:
            self.move_steps(dx)
            return
        else:
            self._neighbour(dy)
        self.moved()

    def _all_seen(self) -> bool:
        """Whether there is nothing of the picture beyond the pane."""
        sight = self.single.sight
        return not any(self._beyond()) if sight.actual else sight.zoom <= 1

    def _beyond(self) -> tuple[bool, bool]:
        """Whether there is more of the picture to the sides, and above or below; a cell is twice as high as wide."""
        shown, (width, height) = self.shown_size(), self.single.size
        return (True, True) if shown is None else beyond(*shown, width, 2 * height, self.single.sight)

    def _pan(self, dx: int, dy: int) -> tuple[float, float]:
        """How far one press goes, in what is seen; at actual size in the whole picture."""
        shown = self.shown_size()
        if not self.single.sight.actual or shown is None:
            return dx * PAN, dy * PAN
        width, height = self.single.size
        return dx * PAN * width / shown[0], dy * PAN * 2 * height / shown[1]

    def shown_size(self) -> tuple[int, int] | None:
        """Width and height of the focused picture, where it is drawn."""
        for shot in self.single.shots():
            found = self.room.peek(shot)
            if found is not None and found.width:
                return found.width, found.height
        return None

    def _neighbour(self, by: int) -> None:
        order = self.wall.order()
        if self.wall.focus not in order:
            return
        place = order.index(self.wall.focus) + by
        if not 0 <= place < len(order):
            self.say("This is the last image" if by > 0 else "This is the first image")
            return
        self.wall.go_to(order[place])

    def do_first(self) -> None:
        if self.large:
            self.action_first_step()
            return
        order = self.wall.order()
        if order:
            self._go_to(order[0])
        self.moved()

    def do_last(self) -> None:
        if self.large:
            self.action_last_step()
            return
        order = self.wall.order()
        if order:
            self._go_to(order[-1])
        self.moved()

    def _go_to(self, box: Box) -> None:
        if box == self.wall.focus:
            self.say("No image in this direction")
        self.wall.go_to(box)

    def do_page_down(self) -> None:
        self.action_next_page()

    def do_page_up(self) -> None:
        self.action_previous_page()

    def do_open(self) -> None:
        """Enter: the focused image over the whole pane, and back."""
        if self.wall.focus is None:
            self.say("There is no image to open")
            return
        self.large = not self.large
        self.single.sight = WHOLE
        self.moved()

    # -- pages and sizes

    def action_next_page(self) -> None:
        self._page(1)

    def action_previous_page(self) -> None:
        self._page(-1)

    def _page(self, by: int) -> None:
        if self.large:
            self._neighbour(by)
        elif not self.wall.turn_page(by, wrap=True):
            self.say("There is one page only")
        self.moved()

    def action_larger(self) -> None:
        self._resize(1)

    def action_smaller(self) -> None:
        self._resize(-1)

    def _resize(self, by: int) -> None:
        view = self.session.view
        size = view.chart_size + by
        if self.large:
            self._zoom(ZOOM**by)
        elif not 0 <= size < CHART_SIZES:
            self.say("Images get no larger; enter shows one alone" if by > 0 else "Images get no smaller")
        else:
            view.chart_size = size
            self.changed()

    # -- looking closer

    def action_zoom_in(self) -> None:
        if not self.large:
            self.do_open()
        self._zoom(ZOOM)

    def action_zoom_out(self) -> None:
        if not self.large:
            self.say("Enter shows the image alone; there z and Z zoom")
            return
        self._zoom(1 / ZOOM)

    def _zoom(self, factor: float) -> None:
        before = self.single.sight
        self.single.sight = before.zoomed(factor)
        if self.single.sight == before:
            self.say("This is as near as it gets" if factor > 1 else "All of the image is seen")
        self.moved()

    def action_pan_left(self) -> None:
        self._sideways(-1)

    def action_pan_right(self) -> None:
        self._sideways(1)

    def _sideways(self, by: int) -> None:
        if not self.large or self._all_seen():
            self.say("All of the image is seen; z zooms in")
            return
        self.move(by, 0)

    def action_actual_size(self) -> None:
        if not self.large:
            self.do_open()
        sight = self.single.sight
        self.single.sight = Sight(actual=not sight.actual)
        self.say("A pixel of the image is one of the screen" if not sight.actual else "The image fits the screen")
        self.moved()

    def action_fit(self) -> None:
        self.single.sight = WHOLE
        self.gallery.look = AS_IS
        self.say("The whole image, as it is")
        self.moved()

    # -- brightness and contrast

    def action_brighter(self) -> None:
        self._tell_look(self.gallery.brighten(1), "Brightness")

    def action_darker(self) -> None:
        self._tell_look(self.gallery.brighten(-1), "Brightness")

    def action_more_contrast(self) -> None:
        self._tell_look(self.gallery.sharpen(1), "Contrast")

    def action_less_contrast(self) -> None:
        self._tell_look(self.gallery.sharpen(-1), "Contrast")

    def _tell_look(self, changed: bool, name: str) -> None:
        value = self.gallery.look.brightness if name == "Brightness" else self.gallery.look.contrast
        self.say(f"{name} {value:.3g}" if changed else f"{name} stays at {value:.3g}")
        self.moved()

    # -- samples, animations, differences, steps

    def action_next_sample(self) -> None:
        self._sample(1)

    def action_previous_sample(self) -> None:
        self._sample(-1)

    def _sample(self, by: int) -> None:
        """Of all images at once; each counts modulo what it has."""
        shots = self.single.shots() if self.large else self.wall.shots()
        counts = [found.samples for shot in shots if (found := self.room.peek(shot)) is not None]
        most = max(counts, default=0)
        if most < 2:
            self.say("One sample a step only")
            return
        self.gallery.sample = (self.gallery.sample + by) % most
        self.say(f"Sample {self.gallery.sample + 1} of {most}")
        self.moved()

    def action_play(self) -> None:
        self.playing = not self.playing
        self.say("Animations play" if self.playing else "Animations stand still")
        self.moved()

    def action_difference(self) -> None:
        versus = self.gallery.next_versus()
        marked = self.session.view.marked_run
        if versus == "previous":
            self.say("What differs from the step before")
        elif versus == "run" and marked is not None:
            self.say(f"What differs from {cut(self.session.label(marked), 40)}")
        else:
            self.say("The images themselves" + ("" if marked is not None else "; M marks a run to compare with"))
        self.moved()

    def action_linked(self) -> None:
        self.gallery.link(self.wall.focus)
        self.say("All images at one step" if self.gallery.linked else "Each image at a step of its own")
        self.moved()

    # -- taking away

    def _subject(self) -> Subject | None:
        moment = self.gallery.moment(self.wall.focus) if self.wall.focus is not None else None
        return None if moment is None else moment.subject

    def action_copy(self) -> None:
        subject, box = self._subject(), self.wall.focus
        if subject is None or box is None:
            self.say("There is nothing to copy")
            return
        self.copy_text(f"{box.run}\t{box.tag}\t{subject.reference.step}\t{subject.sample}")
        self.say("Copied run, tag, step and sample to the clipboard")

    def action_export(self) -> None:
        """The bytes of the focused image as they were logged, into a new file in the current directory."""
        subject, box = self._subject(), self.wall.focus
        if subject is None or box is None:
            self.say("There is nothing to save")
            return
        title = f"{box.run}-{box.tag}-{subject.reference.step}-{subject.sample}"
        self.in_background(lambda: save_original(self.room, subject, Path.cwd(), title))


def save_original(room: Darkroom, subject: Subject, directory: Path, title: str) -> str:
    """Write an image to a file that did not exist. Returns a sentence for the user."""
    try:
        data = room.original(subject)
        info = image_info(data)
        ending = {"jpeg": "jpg"}.get(info.kind, info.kind) if info is not None else "bin"
        with new_file(directory, title, ending) as file:
            file.write(data)
        return f"Wrote {format_bytes(len(data))} to {cut(safe(file.name), 60, keep='tail')}"
    except BadPicture as bad:
        return f"Not written: {bad}"
    except OSError as error:
        return f"Not written: {error.strerror or error}"
