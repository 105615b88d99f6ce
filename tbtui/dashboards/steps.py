"""A cursor on steps that all dashboards with steps share: where it is, and the keys that move it.

It follows the newest step for as long as it is there, and stays where the user put it otherwise, whatever arrives.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_step

__all__ = ["StepCursor", "StepKeys", "nearest"]

Steps = npt.NDArray[np.int64]
"""Rising."""


def nearest(steps: Steps, step: float) -> int | None:
    """Which of the steps is nearest, the earlier one of two; None where there are none."""
    if not len(steps):
        return None
    right = int(np.searchsorted(steps, step))
    if right == 0:
        return 0
    if right == len(steps):
        return right - 1
    return right - 1 if step - float(steps[right - 1]) <= float(steps[right]) - step else right


class StepCursor:
    """At a step that the user chose, or (`step` is None) at the newest there is.

    Every run shows its own nearest step, so the cursor may be anywhere; keys move it along the steps of the run in
    focus, which are passed to each method.
    """

    def __init__(self) -> None:
        self.step: int | None = None

    @property
    def follows(self) -> bool:
        """Whether it goes along with the newest step."""
        return self.step is None

    def index(self, steps: Steps) -> int | None:
        """Which of these steps is shown; None where there are none."""
        return nearest(steps, self.step) if self.step is not None else len(steps) - 1 if len(steps) else None

    def at(self, steps: Steps) -> int | None:
        """The step that is shown."""
        index = self.index(steps)
        return None if index is None else int(steps[index])

    def move(self, steps: Steps, by: int) -> bool:
        """So many steps on; False where there is no further one. On the newest it follows."""
        index = self.index(steps)
        if index is None:
            return False
        wanted = min(max(index + by, 0), len(steps) - 1)
        self._put(steps, wanted)
        return wanted != index

    def first(self, steps: Steps) -> bool:
        """To the first one; False where it is there already."""
        return self.move(steps, -len(steps))

    def last(self, steps: Steps) -> bool:
        """To the newest one, and along with it; False where it is there already."""
        return self.move(steps, len(steps))

    def go_to(self, steps: Steps, step: int) -> int | None:
        """To the step nearest to this one; gives it back, None where there are none."""
        index = nearest(steps, step)
        if index is None:
            return None
        self._put(steps, index)
        return int(steps[index])

    def words(self, steps: Steps) -> str:
        """Where it is, for people: "step 1,200  13/50" and whether it follows."""
        index = self.index(steps)
        if index is None:
            return ""
        end = "  newest" if self.follows else ""
        return f"step {format_step(int(steps[index]))}  {index + 1}/{len(steps)}{end}"

    def _put(self, steps: Steps, index: int) -> None:
        self.step = None if index == len(steps) - 1 else int(steps[index])


class StepKeys:
    """Answers the step keys of scope "dashboard" for a dashboard that mixes it in."""

    cursor: StepCursor

    def focused_steps(self) -> Steps:
        """The steps of what has the focus, rising."""
        raise NotImplementedError

    def step_moved(self) -> None:
        """The cursor is elsewhere: draw anew."""
        raise NotImplementedError

    def ask_for_step(self) -> None:
        """Let the user type a step; `go_to_step` takes it."""
        raise NotImplementedError

    def say(self, text: str) -> None:
        """One sentence for the user."""
        raise NotImplementedError

    def action_previous_step(self) -> None:
        self._step(lambda steps: self.cursor.move(steps, -1), "This is the first step")

    def action_next_step(self) -> None:
        self._step(lambda steps: self.cursor.move(steps, 1), "This is the newest step")

    def action_first_step(self) -> None:
        self._step(self.cursor.first, "This is the first step")

    def action_last_step(self) -> None:
        self._step(self.cursor.last, "This is the newest step")

    def action_go_to_step(self) -> None:
        if len(self.focused_steps()):
            self.ask_for_step()
        else:
            self.say("There are no steps")

    def go_to_step(self, text: str) -> None:
        """The cursor to the step nearest to what was typed."""
        try:
            wanted = int(text.replace(",", "").replace("_", ""))
        except ValueError:
            self.say("A step is a whole number")
            return
        found = self.cursor.go_to(self.focused_steps(), wanted)
        if found is None:
            self.say("There are no steps")
        elif found != wanted:
            self.say(f"The nearest step is {found}")
        self.step_moved()

    def move_steps(self, by: int) -> None:
        """So many steps on, for keys of a dashboard's own."""
        self._step(
            lambda steps: self.cursor.move(steps, by), "This is the newest step" if by > 0 else "This is the first step"
        )

    def _step(self, move: Callable[[Steps], bool], otherwise: str) -> None:
        steps = self.focused_steps()
        if not len(steps):
            self.say("There are no steps")
            return
        if not move(steps):
            self.say(otherwise)
        self.step_moved()
