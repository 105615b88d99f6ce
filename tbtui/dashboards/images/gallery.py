"""Which images there are and which of them are seen: tags and runs, steps, samples, and how they are looked at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.order import natural_key
from tbtui.charts.protocols import most_side
from tbtui.charts.raster import AS_IS, WHOLE, Look, Sight
from tbtui.dashboards.images.darkroom import Film, Shot, Subject
from tbtui.dashboards.steps import StepCursor
from tbtui.store.series import NO_POINTS, BlobSeries
from tbtui.widgets.session import Session

PLUGIN = "images"

Versus = Literal["", "previous", "run"]
VERSUS: tuple[Versus, ...] = ("", "previous", "run")
"""What images are compared with: nothing, the step before, the marked run at the same step."""

FACTOR = 1.25
"""One press of a key for brightness or contrast."""

MOST_FACTOR = 16.0


class Box(NamedTuple):
    """The images of one tag of one run."""

    tag: str
    run: str


@dataclass(frozen=True, slots=True)
class Moment:
    """A value of a box: what to draw, at which step, written when."""

    subject: Subject
    step: int
    wall: float
    other: Subject | None = None
    other_words: str = ""
    """What it is compared with, for people; where it can't be, why."""


class Gallery:
    """The choices of the user, and what they come to."""

    def __init__(self, session: Session) -> None:
        self.session = session
        self.cursor = StepCursor()
        self.apart: dict[Box, StepCursor] = {}
        self.linked = True
        self.sample = 0
        self.look = AS_IS
        self.versus: Versus = ""
        self._known: tuple[object, list[Box], int] = (None, [], 0)

    # -- what there is

    def boxes(self) -> list[Box]:
        """Every tag of every shown run that the filters let through: tag after tag, runs in the order of the list."""
        return self._find()[0]

    def tag_counts(self) -> tuple[int, int]:
        """Tags that the filter lets through, and all."""
        boxes, all_ = self._find()
        return len({box.tag for box in boxes}), all_

    def _find(self) -> tuple[list[Box], int]:
        session = self.session
        runs = session.visible_runs()
        state = (session.store.structure, session.view.tag_filter, tuple(run.name for run in runs))
        if state != self._known[0]:
            tags = {tag for run in runs for plugin, tag in list(run.blobs) if plugin == PLUGIN}
            shown = sorted((tag for tag in tags if session.tag_matches(tag)), key=natural_key)
            boxes = [Box(tag, run.name) for tag in shown for run in runs if (PLUGIN, tag) in run.blobs]
            self._known = (state, boxes, len(tags))
        return self._known[1], self._known[2]

    def series(self, box: Box) -> BlobSeries | None:
        """The values of a box."""
        run = self.session.store.run(box.run)
        return None if run is None else run.blobs.get((PLUGIN, box.tag))

    def described(self, box: Box) -> tuple[str, str]:
        """(display name, description) as the writer gave them."""
        run = self.session.store.run(box.run)
        metadata = run.metadata.get(box.tag) if run is not None else None
        if metadata is None:
            return "", ""
        name = metadata.display_name
        return name if name != box.tag else "", metadata.description

    def steps(self, box: Box | None) -> npt.NDArray[np.int64]:
        """The steps of a box, rising."""
        series = None if box is None else self.series(box)
        if series is None:
            return NO_POINTS.steps
        steps = series.steps(self._purge)
        return steps if self._purge else np.sort(steps)

    @property
    def _purge(self) -> bool:
        return self.session.options.purge

    # -- where it is

    def cursor_of(self, box: Box | None) -> StepCursor:
        """The cursor that a box follows."""
        if self.linked or box is None:
            return self.cursor
        return self.apart.setdefault(box, StepCursor())

    def link(self, box: Box | None) -> None:
        """All boxes at one step, that of this box; or each at its own, from where it is."""
        self.linked = not self.linked
        if self.linked:
            self.cursor.step = self.apart[box].step if box in self.apart else None
        else:
            for each in self.boxes():
                self.apart[each] = StepCursor()
                self.apart[each].step = self.cursor.step

    def moment(self, box: Box, by: int = 0) -> Moment | None:
        """What a box shows; by: so many steps further on, None where there is no such step."""
        series = self.series(box)
        steps = self.steps(box)
        index = self.cursor_of(box).index(steps)
        if series is None or index is None or not 0 <= index + by < len(steps):
            return None
        number = index + by
        if not self._purge:
            number = int(np.argsort(series.steps(False), kind="stable")[number])
        try:
            reference = series.reference(number, self._purge)
        except IndexError:  # the file was rewritten meanwhile
            return None
        subject = Subject(reference, self.sample)
        return self._compared(box, Moment(subject, reference.step, reference.wall), series, index + by)

    def _compared(self, box: Box, moment: Moment, series: BlobSeries, index: int) -> Moment:
        if self.versus == "previous":
            if index < 1:
                return replace(moment, other_words="no step before")
            number = index - 1
            if not self._purge:
                number = int(np.argsort(series.steps(False), kind="stable")[number])
            before = series.reference(number, self._purge)
            return replace(moment, other=Subject(before, self.sample), other_words=f"step {before.step:,}")
        if self.versus == "run":
            marked = self.session.view.marked_run
            other = Box(box.tag, marked) if marked is not None else None
            theirs = self.series(other) if other is not None else None
            steps = self.steps(other)
            if marked is None or theirs is None or not len(steps) or marked == box.run:
                words = "the marked run" if marked == box.run else "not in the marked run"
                return replace(moment, other_words=words)
            near = int(np.abs(theirs.steps(self._purge) - moment.step).argmin())
            there = theirs.reference(near, self._purge)
            words = f"{self.session.label(marked)}, step {there.step:,}"
            return replace(moment, other=Subject(there, self.sample), other_words=words)
        return moment

    def shot(self, moment: Moment, columns: int, rows: int, film: Film, sight: Sight = WHOLE) -> Shot:
        """How a box is drawn in so many cells."""
        return Shot(
            moment.subject, min(columns, most_side()), min(rows, most_side()), film, moment.other, 0, self.look, sight
        )

    # -- how it is looked at

    def brighten(self, by: int) -> bool:
        """Brighter or darker by a step; False where it goes no further."""
        return self._set_look(replace(self.look, brightness=_stepped(self.look.brightness, by)))

    def sharpen(self, by: int) -> bool:
        """More or less contrast by a step; False where it goes no further."""
        return self._set_look(replace(self.look, contrast=_stepped(self.look.contrast, by)))

    def _set_look(self, look: Look) -> bool:
        changed, self.look = look != self.look, look
        return changed

    def next_versus(self) -> Versus:
        """Compare with the next thing there is to compare with."""
        self.versus = VERSUS[(VERSUS.index(self.versus) + 1) % len(VERSUS)]
        if self.versus == "run" and self.session.view.marked_run is None:
            self.versus = ""
        return self.versus


def _stepped(value: float, by: int) -> float:
    stepped = float(value * FACTOR**by)
    stepped = 1.0 if abs(stepped - 1.0) < 0.01 else stepped
    return min(max(stepped, 1 / MOST_FACTOR), MOST_FACTOR)


def boxes_by_tag(boxes: Sequence[Box]) -> dict[str, list[Box]]:
    """The boxes of each tag, in their order."""
    found: dict[str, list[Box]] = {}
    for box in boxes:
        found.setdefault(box.tag, []).append(box)
    return found
