"""Groups that are still written: how often they are joined again."""

from __future__ import annotations

from tbtui.dashboards.scalars.grouped import GroupLine
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.resting import PARTS, SHORT, LastJoin, Rests
from tbtui.dashboards.scalars.subjects import Entry, Subject
from tbtui.settings import View
from tbtui.store import Store
from tbtui.widgets.session import Session
from tests.support.scalars import add_points, new_store


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def live(store: Store) -> tuple[Model, Clock, list[float]]:
    """A model of runs in groups, its clock, and for when it asked to be drawn again."""
    model, clock, asked = Model(Session(store, View(grouping="directory", group_band="std"))), Clock(), []
    model.groups.rests = Rests(clock)
    model.groups.rests.wake = asked.append
    return model, clock, asked


def drawn(model: Model) -> tuple[Entry, GroupLine]:
    entries = model.entries(Subject(("loss",)))
    model.update(entries)
    line = entries[0].line
    assert isinstance(line, GroupLine)
    return entries[0], line


def store_of_two() -> Store:
    store = new_store()
    for run in ("a/0", "a/1"):
        add_points(store, run, "loss", [1.0, 2.0])
    return store


def test_a_large_group_rests_and_comes_when_it_has_rested() -> None:
    store = store_of_two()
    model, clock, asked = live(store)
    _, line = drawn(model)
    line.last = LastJoin(line.last.of, clock.now, 0.5)
    for run in ("a/0", "a/1"):
        add_points(store, run, "loss", [3.0], steps=[2])
    clock.now += PARTS * 0.5 - 1
    for _ in range(3):
        entry, line = drawn(model)
        assert len(line) == 2
    assert asked == [1.0]
    before = model.curves_signature(Subject(("loss",)), [entry])
    clock.now += 1
    entry, line = drawn(model)
    assert line.points.values.tolist() == [1.0, 2.0, 3.0]
    assert model.curves_signature(Subject(("loss",)), [entry]) != before


def test_what_the_user_changes_is_joined_at_once() -> None:
    store = store_of_two()
    model, clock, asked = live(store)
    _, line = drawn(model)
    for change in ({"group_band": "minmax"}, {"x_axis": "index"}, {"smoothing": 0.9}, {"hidden": {"a/1"}}):
        line.last = LastJoin(line.last.of, clock.now, 0.5)
        add_points(store, "a/0", "loss", [3.0], steps=[int(line.series.version) % 1000 + 10])
        for name, value in change.items():
            setattr(model.session.view, name, value)
        joined_at = line.last.at
        _, line = drawn(model)
        assert line.last.at != joined_at, change
    assert not asked


def test_small_groups_never_rest() -> None:
    rests = Rests(Clock())
    last = LastJoin("same", 1000.0, SHORT / PARTS / 2)
    assert not rests.waits(last, "same", [last])
    assert rests.waits(last, "same", [last, last, last])
    assert not rests.waits(last, "other", [last, last, last])
