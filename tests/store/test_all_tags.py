"""Tags and structure of all runs, found out by looking at those that changed."""

from __future__ import annotations

from pathlib import Path

import pytest

import tbtui
from tbtui.store.run import Run
from tests.support.logfiles import NAME, append, header, scalar, write
from tests.support.scalars import add_points, new_store


def test_only_runs_that_changed_are_looked_at(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store(*(f"run{number}" for number in range(50)))
    for number in range(50):
        add_points(store, f"run{number}", "loss", [1.0])
    assert store.tags() == {"loss"}
    looked: list[str] = []
    scalars = Run.scalars

    def counted(run: Run) -> object:
        looked.append(run.name)
        return scalars.__get__(run)

    monkeypatch.setattr(Run, "scalars", property(counted))
    before = store.tags()
    add_points(store, "run7", "loss", [2.0])
    looked.clear()
    assert store.tags() is before
    assert looked == []
    add_points(store, "run7", "acc", [2.0])
    looked.clear()
    assert store.tags() == {"acc", "loss"}
    assert set(looked) == {"run7"}


def test_the_structure_is_that_of_all_runs() -> None:
    store = new_store("a", "b")
    for run, tag in (("a", "x"), ("b", "x"), ("a", "y"), ("a", "x")):
        add_points(store, run, tag, [1.0])
        assert store.structure == 2 + sum(run.structure for run in store.runs())


def test_tags_of_a_file_that_is_gone_are_forgotten(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / NAME, header(), scalar(1, 1.0, "old"), scalar(2, 1.0, "more"))
    write(tmp_path / "b" / NAME, header(), scalar(1, 1.0, "other"))
    with tbtui.open_logdir(tmp_path) as logdir:
        assert logdir.store.tags() == {"old", "more", "other"}
        path.unlink()
        write(tmp_path / "new" / NAME, header(), scalar(1, 1.0, "new"))
        (tmp_path / "new" / NAME).rename(path)
        logdir.refresh()
        assert logdir.store.tags() == {"new", "other"}
        append(path, scalar(2, 1.0, "newer"))
        logdir.refresh()
        assert logdir.store.tags() == {"new", "newer", "other"}
    assert logdir.store.runs_from(logdir.store.run_count) == []
    assert {run.name for run in logdir.store.runs_from(1)} < {run.name for run in logdir.store.runs()}
