"""The newest step of a run does not depend on the order in which its files were read."""

from __future__ import annotations

import itertools
import math
from threading import RLock

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.chunk import Columns, ScalarPart
from tbtui.events.parts import ScalarParts
from tbtui.store.history import FileSlot
from tbtui.store.run import Run

Part = tuple[str, int, int, float]  # file, tag, step, wall time of its last point

parts = st.tuples(
    st.sampled_from("ab"),
    st.integers(0, 3),
    st.integers(0, 5),
    st.sampled_from([1.0, 2.0, 3.0, math.nan, math.inf, -math.inf]),
)


def read(order: list[list[Part]]) -> tuple[int | None, float | None]:
    """What a run says after these bites, each of one file."""
    run = Run("r", "logs/r", RLock())
    slots = {name: FileSlot((name,), f"logs/r/{name}", f"r/{name}") for name in "ab"}
    for bite in order:
        scalars = []
        for _, tag, step, wall in bite:
            columns = Columns(np.array([step]), np.array([wall]), np.array([0.5]), np.array([0]))
            scalars.append(ScalarPart(0, f"tag{tag}", columns, 0, 1, 0))
        noted = ScalarParts(1, scalars)
        run.note_scalars(slots[bite[0][0]], noted, 0)
        extent = noted.extent(0)
        assert extent is not None
        run.saw(extent)
    return run.last_step, run.last_wall


@settings(max_examples=150, deadline=None)
@given(st.lists(st.lists(parts, min_size=1, max_size=4), min_size=1, max_size=3))
def test_any_order_gives_the_same(bites: list[list[Part]]) -> None:
    steps = {read(list(order))[0] for order in itertools.permutations(bites)}
    steps |= {read([list(reversed(bite)) for bite in bites])[0]}
    assert len(steps) == 1
    known = [(wall, step) for bite in bites for _, _, step, wall in bite if math.isfinite(wall)]
    if known:
        assert steps == {max(known)[1]}


def test_the_newest_time_counts_and_not_the_largest_step() -> None:
    assert read([[("a", 0, 5, 1.0)], [("b", 0, 2, 2.0)]]) == (2, 2.0)
    assert read([[("b", 0, 2, 2.0)], [("a", 0, 5, 1.0), ("a", 0, 4, 2.0)]]) == (4, 2.0)
    assert read([[("a", 0, 9, math.inf)], [("a", 0, 1, 1.0)]]) == (1, 1.0)


def test_what_is_written_at_step_0_says_nothing_of_scalars_that_went_on() -> None:
    late = {"text": 30.0, "pr_curves": 40.0}
    scalar = Columns(np.array([500]), np.array([20.0]), np.array([0.5]), np.array([0]))
    for order in itertools.permutations(("scalar", "text", "pr_curves")):
        run = Run("r", "logs/r", RLock())
        slot = FileSlot(("a",), "logs/r/a", "r/a")
        for kind in order:
            if kind == "scalar":
                noted = ScalarParts(1, [ScalarPart(0, "loss", scalar, 0, 1, 0)])
                run.note_scalars(slot, noted, 0)
                extent = noted.extent(0)
                assert extent is not None
                run.saw(extent)
            else:
                run.reach.saw_last(0, late[kind])
        assert (run.last_step, run.last_wall) == (500, 40.0)
        run.reach.saw_last(10, 41.0)
        assert run.last_step == 10


def test_without_anything_else_step_0_is_the_last_one() -> None:
    run = Run("r", "logs/r", RLock())
    run.reach.saw_last(0, 5.0)
    assert (run.last_step, run.last_wall) == (0, 5.0)
