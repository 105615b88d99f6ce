"""Filters of runs in the app: what a session tells of its runs, the preview, and faults."""

from __future__ import annotations

import pytest

from tbtui.settings import View
from tbtui.store import Store
from tbtui.widgets.session import Session
from tests.support.app import shown
from tests.support.scalars import START, add_points, new_store

NOW = START + 1000.0


@pytest.fixture
def store() -> Store:
    store = new_store()
    for number in range(4):
        walls = [START + 300 * number, START + 300 * number + 1]
        add_points(store, f"run_{number}", "val/acc", [0.1, 0.2 * number], walls=walls, steps=[0, 100 * number])
    return store


def found(store: Store, text: str) -> str:
    session = Session(store, View(run_filter=text), clock=lambda: NOW)
    return "".join(run.name[-1] for run in session.filtered_runs())


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "0123"),
        ("run_1", "1"),
        ("run_1 | run_2", "12"),
        ("state:live", "3"),
        ("val/acc>0.3", "23"),
        ("acc>=0.4", "23"),
        ("min(acc)<0.05", "0"),
        ("max(acc)==0.2", "1"),
        ("best(val/acc)>0.3", "23"),
        ("nothing>0", ""),
        ("step>=200", "23"),
        ("age<10m", "23"),
        ("age<0.2h !run_3", "12"),
        ("tag:acc run_1", "1"),
        ("hp:lr", ""),
        ("/run_[01]/ acc>0.1", "1"),
    ],
)
def test_conditions(store: Store, text: str, names: str) -> None:
    assert found(store, text) == names


def test_the_best_value_follows_a_changed_goal(store: Store) -> None:
    view = View(run_filter="best(val/acc)>0.15")
    session = Session(store, view, clock=lambda: NOW)
    assert [run.name for run in session.filtered_runs()] == ["run_1", "run_2", "run_3"]
    view.goals["val/acc"] = "down"
    assert session.filtered_runs() == []
    view.run_filter = "best(acc)<0.05"
    assert [run.name for run in session.filtered_runs()] == ["run_0"]


def test_values_that_are_not_finite() -> None:
    store = new_store()
    add_points(store, "run_0", "loss", [float("nan")])
    add_points(store, "run_1", "loss", [2.0, float("inf")])
    add_points(store, "run_2", "loss", [])
    assert found(store, "loss==nan") == "0"
    assert found(store, "max(loss)<3") == "1"
    assert found(store, "loss>0") == "1"


def test_a_gone_run_says_so(store: Store) -> None:
    store._run("run_1").gone = True
    assert found(store, "state:gone") == "1"


def test_hyperparameters_beside_the_files(store: Store, tmp_path: object) -> None:
    run = store._run("run_2")
    run.path = str(tmp_path)
    with open(f"{tmp_path}/hparams.yaml", "w") as file:
        file.write("lr: 0.01\n")
    assert found(store, "hp.lr>=1e-2") == "2"
    assert found(store, "hp.lr>0.01") == ""


async def test_typed_and_live(store: Store) -> None:
    async with shown(store) as screen:
        await screen.press("f", *"acc>0.3")
        assert "2 of 4" in screen.lines[-1]
        await screen.press("enter")
        assert [run.name for run in screen.session.visible_runs()] == ["run_2", "run_3"]
        add_points(store, "run_0", "val/acc", [0.9])
        await screen.data()
        assert [run.name for run in screen.session.visible_runs()] == ["run_0", "run_2", "run_3"]


async def test_a_fault_is_told_where_it_is_typed(store: Store) -> None:
    async with shown(store) as screen:
        await screen.press("f", *"state:x")
        assert "no state is called x" in screen.lines[-1]
        await screen.press("escape", *"acc>high")
        assert "high is no number" in screen.lines[-1]
