"""Filters of runs: names, states, ages, steps and values."""

from __future__ import annotations

import pytest

from tbtui.store import Run, Store
from tbtui.widgets.run_filter import compile_run_filter
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
    def state(run: Run) -> str:
        return "live" if run.name == "run_3" else "ended"

    chosen = compile_run_filter(text)
    return "".join(run.name[-1] for run in store.runs() if chosen.matches(run, state, NOW))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("", "0123"),
        ("run_1", "1"),
        ("run_1 | run_2", "12"),
        ("state:live", "3"),
        ("state:e", "012"),
        ("STATE:LIVE", "3"),
        ("val/acc>0.3", "23"),
        ("acc>=0.4", "23"),
        ("acc<.1", "0"),
        ("acc=0.2", "1"),
        ("nothing>0", ""),
        ("step>=200", "23"),
        ("step<1e2", "0"),
        ("age<10m", "23"),
        ("age>600", "01"),
        ("age<0.2h !run_3", "12"),
        ("state:ended acc>0.1", "12"),
        ("state:live | run_0", "03"),
        ("acc>0.1 | state:live", "123"),
        ("/run_[01]/ acc>0.1", "1"),
        ("!run_1 step>0", "23"),
    ],
)
def test_conditions(store: Store, text: str, names: str) -> None:
    assert found(store, text) == names


def test_names_that_look_like_conditions_are_names() -> None:
    store = new_store("lr=fast", "state", "a>b")
    for text, name in (("lr=fast", "lr=fast"), ("state:", ""), ("a>b", "a>b")):
        chosen = compile_run_filter(text)
        assert [run.name for run in store.runs() if chosen.matches(run, lambda _: "live", 0.0)] == [name] * bool(name)


def test_faults_are_said() -> None:
    assert compile_run_filter("/(/ step>1").error


async def test_typed_and_live(store: Store) -> None:
    async with shown(store) as screen:
        await screen.press("f", *"acc>0.3", "enter")
        assert [run.name for run in screen.session.visible_runs()] == ["run_2", "run_3"]
        add_points(store, "run_0", "val/acc", [0.9])
        await screen.data()
        assert [run.name for run in screen.session.visible_runs()] == ["run_0", "run_2", "run_3"]
