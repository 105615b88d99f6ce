"""When a load is over, series of a run that have the same steps share them."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.logdir.updates import FileChunk
from tbtui.store import Points, Store
from tests.store.test_store import chunk, opened, part

COUNT = 3000


def told(tag: str, begin: int, end: int, every: int = 1) -> FileChunk:
    return FileChunk("a", "a/f", chunk(part(tag, list(range(begin, end, every)), offset=begin)), 0)


def points(store: Store, tag: str) -> Points:
    run = store.run("a")
    assert run is not None
    return run.scalars[tag].points()


@pytest.fixture
def store() -> Store:
    """Read in two bites, so that there is room behind the points; one tag has other steps."""
    store = opened(told("loss", 0, 2000), told("acc", 0, 2000), told("lr", 0, 2 * COUNT, 2))
    store.settle()
    store.apply([told("loss", 2000, COUNT), told("acc", 2000, COUNT)])
    return store


def test_same_steps_are_held_once(store: Store) -> None:
    before = points(store, "acc")
    kept = [column.copy() for column in before]
    list(store.compact())
    loss, acc, lr = (points(store, tag) for tag in ("loss", "acc", "lr"))
    assert np.shares_memory(loss.steps, acc.steps)
    assert not np.shares_memory(loss.steps, lr.steps)
    assert not np.shares_memory(loss.walls, acc.walls)
    assert lr.steps.tolist() == list(range(0, 2 * COUNT, 2))
    for column, old, copy in zip(acc, before, kept, strict=True):
        np.testing.assert_array_equal(column, copy)
        np.testing.assert_array_equal(old, copy)


def test_what_is_appended_later_is_each_tags_own(store: Store) -> None:
    list(store.compact())
    before = points(store, "acc")
    store.apply([told("loss", COUNT, COUNT + 2), told("acc", COUNT + 5, COUNT + 6)])
    assert points(store, "loss").steps[-3:].tolist() == [COUNT - 1, COUNT, COUNT + 1]
    assert points(store, "acc").steps[-2:].tolist() == [COUNT - 1, COUNT + 5]
    assert before.steps.tolist() == list(range(COUNT))
    store.apply([told("loss", COUNT + 2, COUNT + 3)])
    assert points(store, "acc").steps[-2:].tolist() == [COUNT - 1, COUNT + 5]


def test_only_what_was_shared_anew_has_another_version(store: Store) -> None:
    list(store.compact())
    run = store.run("a")
    assert run is not None
    versions = {tag: series.version for tag, series in run.scalars.items()}
    list(store.compact())
    assert versions == {tag: series.version for tag, series in run.scalars.items()}


def test_in_a_large_load_runs_that_are_through_share_steps_at_once() -> None:
    """A run that brought points since the last time may bring more: it is left alone, or would be copied each time."""
    store = opened(told("loss", 0, COUNT), told("acc", 0, COUNT))
    assert not store.loading_much
    list(store.settle_during_load(1))
    assert store.loading_much
    assert not np.shares_memory(points(store, "loss").steps, points(store, "acc").steps)
    store.apply([told("loss", COUNT, COUNT + 1), told("acc", COUNT, COUNT + 1)])
    list(store.settle_during_load(1))
    assert not np.shares_memory(points(store, "loss").steps, points(store, "acc").steps)
    list(store.settle_during_load(1))
    assert np.shares_memory(points(store, "loss").steps, points(store, "acc").steps)
    assert points(store, "acc").steps.tolist() == list(range(COUNT + 1))
    list(store.compact())
    assert not store.loading_much


def test_runs_of_few_points_are_not_asked() -> None:
    """Of ten thousand runs that would take the lock fifty thousand times, for nothing."""
    store = opened(told("loss", 0, 5))
    list(store.compact())
    run = store.run("a")
    assert run is not None
    assert not run._scalars  # nobody has looked at its series, which are made then
    assert points(store, "loss").steps.tolist() == list(range(5))
