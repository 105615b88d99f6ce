"""What is said of runs that are live: speed, age, time that is left, and flags, in the list and in the details."""

from __future__ import annotations

import numpy as np

from tbtui.store import Store
from tbtui.widgets.health import LOOKED_AT, flags_of
from tests.support.app import NOW, shown
from tests.support.payloads import CONTROL
from tests.support.scalars import add_points, new_store


def live_store(loss: np.ndarray | None = None, tag: str = "loss", count: int = 3) -> Store:
    store = new_store()
    for number in range(count):
        values = 1 / np.arange(1.0, 101.0) if loss is None else loss
        walls = NOW - 2 - np.arange(len(values))[::-1] / 2
        add_points(store, f"run_{number}", tag, values, walls=walls)
    add_points(store, "old", "loss", [1.0], walls=[NOW - 1e6])
    store.progress = store.progress.__class__(1, 1, 1, quiet=True)
    return store


def health(lines: list[str]) -> list[str]:
    return [line[:32] for line in lines if "it/s" in line[:32]]


async def test_each_live_run_has_a_line() -> None:
    async with shown(live_store(), max_steps=699) as screen:
        assert len(health(screen.lines)) == 3
        assert all("2s 2.0 it/s ETA 5m00s" in line or "2s 2.0 it/s ETA 5m" in line for line in health(screen.lines))
        await screen.press("j", "enter")
        assert "ends at" in screen.text
        assert "step 699, in 5m" in screen.text
        assert "(--max-steps)" in screen.text


async def test_only_the_run_at_the_cursor_has_a_line_where_they_do_not_fit() -> None:
    async with shown(live_store(count=20)) as screen:
        assert not health(screen.lines)  # the first is one that has ended
        assert "2.0 it/s" in screen.lines[0]
        await screen.press("j", "j", "j")
        row = next(n for n, line in enumerate(screen.lines) if "run_2" in line[:20])
        assert "2.0 it/s" in screen.lines[row + 1][:32]
        assert len(health(screen.lines)) == 1
    async with shown(live_store(count=60)) as screen:
        await screen.press("tab", "shift+tab", *["j"] * 60)
        row = next(n for n, line in enumerate(screen.lines) if "run_59" in line[:20])
        assert "2.0 it/s" in screen.lines[row + 1][:32]


async def test_a_click_meets_the_run_of_the_line() -> None:
    async with shown(live_store()) as screen:
        rows = [n for n, line in enumerate(screen.lines) if "run_1" in line[:20]]
        for row in (rows[0], rows[0] + 1):
            await screen.press("home")
            await screen.pilot.click(offset=(12, row))
            await screen.pilot.pause()
            assert screen.session.focused_run().name == "run_1"


async def test_flags_in_list_and_details() -> None:
    rising = np.concatenate([np.linspace(1, 0.01, 60), np.linspace(0.01, 9, 60)])
    store = live_store(rising, count=1)
    add_points(store, "run_0", "grad/norm", [1.0, float("nan"), 1.0], walls=[NOW - 2] * 3)
    async with shown(store) as screen:
        assert "loss diverges @" in screen.text
        screen.view.focused_tag = "grad/norm"
        await screen.press("j", "k")
        assert "NaN norm @1" in screen.text
        await screen.press("j", "enter")
        assert "diverges" in screen.text
        assert "loss: median above 10 times the best since step" in screen.text
        assert "grad/norm: 1 NaN since step 1" in screen.text


async def test_standstill() -> None:
    flat = np.concatenate([np.linspace(9, 1, 60), np.full(120, 1.0)])
    async with shown(live_store(flat, count=1)) as screen:
        assert "loss flat @" in screen.text


async def test_foreign_tags_are_made_safe() -> None:
    tag = CONTROL["csi"] + "loss"
    async with shown(live_store(np.array([1.0, float("nan")]), tag=tag, count=1)) as screen:
        assert "NaN" in screen.text
        await screen.press("enter")
        assert "\x1b" not in screen.text


def test_long_series_are_judged_by_a_sample_and_every_bad_value() -> None:
    store = new_store()
    values = np.concatenate([np.linspace(1, 0.01, 50_000), np.linspace(0.01, 9, 50_001)])
    values[777] = float("inf")
    add_points(store, "run", "loss", values)
    assert len(values) > LOOKED_AT
    found = {flag.kind: flag for flag in flags_of(store.run("run").scalars["loss"], "down")}  # type: ignore[union-attr]
    assert set(found) == {"nonfinite", "divergence"}
    assert found["nonfinite"].step == 777


async def test_flags_follow_a_changed_goal() -> None:
    async with shown(live_store(np.concatenate([np.linspace(5.0, 1.0, 60), np.linspace(2.0, 100.0, 60)]))) as screen:
        run = screen.store.run("run_0")
        assert run is not None
        assert "divergence" in [flag.kind for _, flag in screen.session.flags(run, ["loss"])]
        screen.view.goals["loss"] = "up"
        assert "divergence" not in [flag.kind for _, flag in screen.session.flags(run, ["loss"])]
