"""All runs at a glance."""

from __future__ import annotations

import numpy as np

from tbtui.store import Store
from tbtui.widgets.glance_panel import GlanceLines, count_bad
from tests.support.app import NOW, Screen, shown
from tests.support.payloads import CONTROL
from tests.support.scalars import add_points, new_store


def three_runs() -> Store:
    store = new_store()
    for name, count, start in (("a", 100, 900), ("b", 300, 500), ("c", 200, 800)):
        values = np.ones(count)
        values[: count // 100] = np.nan
        add_points(store, name, "loss", values, walls=NOW - start + np.arange(count))
    add_points(store, "c", "acc", [np.inf, 1.0], steps=[198, 199], walls=[NOW - 602, NOW - 601])
    return store


async def opened(screen: Screen) -> GlanceLines:
    await screen.press("Q")
    lines = screen.app.screen.query_one(GlanceLines)
    await screen.pilot.app.workers.wait_for_complete()
    await screen.pilot.pause()
    return lines


async def test_each_run_has_a_line_with_all_of_it() -> None:
    async with shown(three_runs(), (160, 40)) as screen:
        await opened(screen)
        line = next(line for line in screen.lines if " c  " in line)
        for words in ("199", "13m", "10m", "3m19s", "3", "202", "2 scalars"):
            assert words in line.split(" c  ")[1]
        assert "3 runs" in screen.text


async def test_any_column_sorts_either_way_and_enter_goes_to_the_run() -> None:
    async with shown(three_runs(), (160, 40)) as screen:
        lines = await opened(screen)
        assert [run.name for run in lines.runs()] == ["a", "b", "c"]
        await screen.press("l")
        assert [run.name for run in lines.runs()] == ["b", "c", "a"]
        assert "last step▼" in screen.text
        await screen.press("semicolon")
        assert [run.name for run in lines.runs()] == ["a", "c", "b"]
        for _ in range(len(lines.columns)):
            await screen.press("l")
        assert lines.sorted_by == 0
        await screen.press("h", "h")
        assert lines.columns[lines.sorted_by - 1].title == "size"
        await screen.press("j", "enter")
        assert screen.app.screen is screen.app.window
        focused = screen.session.focused_run()
        assert focused is not None
        assert focused.name == "b"


def test_bad_values_are_counted_over_all_tags() -> None:
    assert [count_bad(run) for run in sorted(three_runs().runs(), key=lambda run: run.name)] == [1, 3, 3]


async def test_narrow_and_hostile() -> None:
    store = three_runs()
    for name in CONTROL.values():
        add_points(store, name, "loss", [1.0])
    for size in ((45, 60), (80, 24), (30, 8)):
        async with shown(store, size) as screen:
            lines = await opened(screen)
            for _ in lines.columns:
                await screen.press("l")
            assert "\x1b" not in screen.text
            assert all(len(line) <= size[0] for line in screen.lines)
            await screen.press("Q")
            assert screen.app.screen is screen.app.window
