"""The table instead of the charts."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from operator import attrgetter
from pathlib import Path

import numpy as np
import pytest

from tbtui.dashboards.scalars.sheet import MEASURES, Series, Sheet
from tbtui.dashboards.scalars.table import Table
from tbtui.dashboards.scalars.table_groups import TableRuns
from tbtui.dashboards.scalars.table_text import TableText
from tbtui.dashboards.scalars.tabling import next_goal
from tbtui.dashboards.scalars.tallies import KEPT, Tallies
from tbtui.settings import View
from tbtui.store import Store
from tbtui.widgets.session import Session
from tests.dashboards.helpers import Page, scalars
from tests.support.scalars import add_points, make_store, new_store, noisy

THREE_RUNS = {
    name: {"acc": [1.0, last, 2.0], "loss": [last, -last]} for name, last in (("a", 5.0), ("b", 9.0), ("c", 7.0))
}


def column(title: str) -> int:
    return [measure.title for measure in MEASURES].index(title)


def names(page: Page, first: int, last: int) -> list[str]:
    return [line.split()[1] for line in page.lines[first:last]]


async def test_rows_have_the_numbers_of_their_series() -> None:
    async with scalars(THREE_RUNS, size=(200, 40)) as page:
        await page.press("t")
        assert page.dashboard.mode == "table"
        titles = "run last best best at mean change delta course points min min at max max at NaN"
        assert " ".join(page.lines[0].split()).startswith(titles[:60])
        assert page.lines[1].strip() == "acc ↑"
        row = page.lines[2].split()
        assert row[1:8] == ["a", "2", "5", "@1", "2.667", "+1", "-3"]
        assert row[9:14] == ["3", "1", "@0", "5", "@1"]
        assert page.lines[5].strip() == "loss ↓"
        assert page.lines[6].split()[1:8] == ["a", "-5", "-5", "@1", "0", "-10", "-10"]
        await page.press("t")
        assert page.dashboard.mode == "grid"


async def test_sorting_by_the_column_of_the_cursor() -> None:
    async with scalars(THREE_RUNS, size=(200, 40)) as page:
        await page.press("t", *["l"] * column("max"), "semicolon")
        assert page.notice == "sorted by max, largest first"
        assert names(page, 2, 5) == ["b", "c", "a"]
        assert "▼max" in page.lines[0]
        await page.press("semicolon")
        assert page.notice == "sorted by max, smallest first"
        assert "▲max" in page.lines[0]
        assert names(page, 2, 5) == ["a", "c", "b"]
        await page.press("semicolon")
        assert page.notice == "in the order of the list of runs"
        assert names(page, 2, 5) == ["a", "b", "c"]


@pytest.mark.parametrize("measure", [measure for measure in MEASURES if measure.kind != "course"])
def test_every_measure_sorts_what_is_missing_last(measure: object) -> None:
    store = make_store({"a": {"loss": [1.0, 2.0]}, "b": {"loss": [np.nan]}, "c": {"loss": [5.0, np.nan, 1.0, 1.0]}})
    sheet = Sheet("list", store.runs(), ["loss"], "last", attrgetter("name"))
    key = next(one.key for one in sheet.columns if one.measure is measure)
    for largest in (True, False):
        text = TableText(sheet, Tallies(), key, largest, {})
        rows = list(csv.DictReader(io.StringIO("".join(text.lines()))))
        found = [float(row[key.measure] or "nan") for row in rows]
        known = [value for value in found if not np.isnan(value)]
        assert known == sorted(known, reverse=largest)
        assert np.isnan(found[len(known) :]).all()


async def test_columns_scroll_and_names_stay() -> None:
    async with scalars(THREE_RUNS, size=(80, 24)) as page:
        await page.press("t")
        assert " last" in page.lines[0]
        assert "max at" not in page.lines[0]
        assert "column 1/13" in page.dashboard.place()
        await page.press(*["l"] * 12)
        assert "last" not in page.lines[0]
        assert "NaN" in page.lines[0]
        assert page.lines[2].split()[1] == "a"
        await page.press("l")
        assert page.notice == "This is the last column"
        await page.press("left_curly_bracket")
        assert page.dashboard.table.column == 0
        await page.press("right_curly_bracket", "less_than_sign")
        assert 0 < page.dashboard.table.column < 12
        await page.press("right_square_bracket", "left_square_bracket", "greater_than_sign", "h", "left_curly_bracket")
        await page.press("h")
        assert page.notice == "This is the first column"


async def test_turned_tables() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "j", "W")
        assert page.notice == "The table has runs as rows and tags as columns"
        assert page.lines[0].split() == ["run", "·", "last", "acc", "↑", "loss", "↓"]
        assert [line.split()[1:] for line in page.lines[1:4]] == [["a", "2", "-5"], ["b", "2", "-9"], ["c", "2", "-7"]]
        assert page.dashboard.table.current() == Series(page.store.run("b"), "acc")  # type: ignore[arg-type]
        await page.press("l", "semicolon")
        assert page.notice == "sorted by loss, smallest first"
        assert names(page, 1, 4) == ["b", "c", "a"]
        await page.press("W")
        assert page.lines[0].split() == ["tag", "·", "last", "a", "b", "c"]
        assert [line.split() for line in page.lines[1:3]] == [["acc", "2", "2", "2"], ["loss", "-5", "-9", "-7"]]
        current = page.dashboard.table.current()
        assert current is not None
        assert (current.run.name, current.tag) == ("b", "loss")
        await page.press("W")
        assert page.view.table_layout == "list"
        assert page.dashboard.place().startswith("row 5/6")


async def test_another_number_of_every_series() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "comma")
        assert page.notice == "This table has all numbers (W turns it)"
        await page.press("W", "comma")
        assert page.notice == "The table shows the best value (J changes which way is better)"
        assert page.lines[1].split()[1:] == ["a", "5", "-5"]
        for shown in (["2.667", "0"], ["+1", "-10"], ["1", "-5"], ["5", "5"], ["3", "2"], ["2", "-5"]):
            await page.press("comma")
            assert page.lines[1].split()[2:] == shown
        await page.press("t", "comma")
        assert "no table" in page.notice


async def test_goals_are_changed() -> None:
    async with scalars(THREE_RUNS, size=(200, 40)) as page:
        await page.press("t", "J")
        assert page.notice == "acc should go down"
        assert page.view.goals == {"acc": "down"}
        assert page.lines[1].strip() == "acc ↓"
        assert page.lines[2].split()[3:5] == ["1", "@0"]
        await page.press("J")
        assert page.notice == "acc should go up, as its name says"
        assert page.view.goals == {}
    async with scalars({"a": {"xyz": [1.0, 3.0]}}) as page:
        await page.press("J")
        assert page.notice == "xyz should go up"
        await page.press("J", "J")
        assert page.notice == "xyz has no goal"
        await page.press("t", "l")
        assert page.lines[1].split()[3] == "?"
        await page.press("semicolon")
        assert page.notice == "xyz has no best value before J gives it a goal"
        await page.press("J")
        assert page.lines[1].split()[3] == "3"


def test_goals_in_turn() -> None:
    assert [next_goal(None, "up"), next_goal("down", "up")] == ["down", None]
    assert [next_goal(None, "down"), next_goal("up", "down")] == ["up", None]
    assert [next_goal(None, None), next_goal("up", None), next_goal("down", None)] == ["up", "down", None]


async def test_the_whole_table_is_copied_with_all_digits(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store("x/a", "x/b", "x/\x1bc")
    for number, run in enumerate(("x/a", "x/b", "x/\x1bc")):
        add_points(store, run, "loss", np.array([1.0, 0.1 + number], np.float32))
        add_points(store, run, "=acc", [0.0, 1 / 3])
    async with scalars(store, size=(60, 12)) as page:
        copied: list[str] = []
        monkeypatch.setattr(page.screen.app, "copy_to_clipboard", copied.append)
        await page.press("t", "W", "l", "semicolon", "Y")
        await page.screen.app.workers.wait_for_complete()
        assert page.notice == "Copied 3 rows to the clipboard"
        rows = list(csv.reader(copied[0].splitlines()))
        assert rows[0] == ["run", "'=acc", "loss"]
        assert [row[2] for row in rows[1:]] == ["0.1", "1.1", "2.1"]
        assert {row[1] for row in rows[1:]} == {repr(1 / 3)}
        assert "\x1b" not in copied[0]
        await page.press("W", "Y")
        await page.screen.app.workers.wait_for_complete()
        rows = list(csv.reader(copied[1].splitlines()))
        assert [rows[0][0], *sorted(rows[0][1:])][:3] == ["tag", "x/a", "x/b"]
        assert [row[0] for row in rows[1:]] == ["'=acc", "loss"]


async def test_the_whole_table_is_exported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with scalars(THREE_RUNS, size=(60, 12)) as page:
        await page.press("t", "e")
        await page.screen.app.workers.wait_for_complete()
        rows = list(csv.DictReader((tmp_path / "tbtui-table.csv").open()))
        assert [(row["run"], row["tag"]) for row in rows] == [(run, tag) for tag in ("acc", "loss") for run in "abc"]
        assert rows[0] == {
            "run": "a", "tag": "acc", "last": "2.0", "best": "5.0", "best at": "1", "mean": repr(8 / 3),
            "change": "1.0", "delta": "-3.0", "points": "3", "min": "1.0", "min at": "0", "max": "5.0", "max at": "1",
            "NaN": "",
        }  # fmt: skip
        await page.press("W", "comma", "e")
        await page.screen.app.workers.wait_for_complete()
        lines = (tmp_path / "tbtui-table-best.csv").read_text().splitlines()
        assert lines == ["run,acc,loss", "a,5.0,-5.0", "b,9.0,-9.0", "c,7.0,-7.0"]


async def test_moving_takes_the_focused_run_along_and_steps_over_headings() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "j")
        assert page.view.focused_run == "b"
        await page.press("j", "j")
        row = page.dashboard.table.current()
        assert row is not None
        assert (row.tag, row.run.name) == ("loss", "a")
        assert page.dashboard.place().startswith("row 4/6")
        await page.press("k")
        row = page.dashboard.table.current()
        assert row is not None
        assert (row.tag, row.run.name) == ("acc", "c")


async def test_enter_opens_the_chart_of_the_cell() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t", "end", "enter")
        assert page.dashboard.mode == "chart"
        assert page.dashboard.subject().tags == ("loss",)  # type: ignore[union-attr]
        assert page.view.focused_run == "c"
        await page.press("escape")
        assert page.focus == "loss"
        await page.press("t", "W", "h", "home", "enter")
        assert page.dashboard.subject().tags == ("acc",)  # type: ignore[union-attr]
        assert page.view.focused_run == "a"


async def test_one_run_is_one_list_of_tags() -> None:
    async with scalars({"a": {"x": [1.0], "y": [3.0], "z": [np.nan, 2.0, np.nan]}}) as page:
        await page.press("t", "semicolon")
        assert names(page, 1, 4) == ["y", "x", "z"]
        z = page.lines[3].split()
        assert z[2] == "NaN"
        assert "2" in z


async def test_new_points_are_in_the_table() -> None:
    store = make_store({"a": {"x": [1.0, 2.0]}})
    async with scalars(store) as page:
        await page.press("t")
        add_points(store, "a", "x", [77.0])
        await page.data()
        assert "77" in page.lines[1].split()


async def test_new_points_change_the_order() -> None:
    store = make_store({"a": {"x": [1.0]}, "b": {"x": [2.0]}, "c": {"x": [3.0]}})
    async with scalars(store) as page:
        await page.press("t", "semicolon", "end")
        assert names(page, 2, 5) == ["c", "b", "a"]
        add_points(store, "a", "x", [9.0], steps=[5])
        await page.data()
        assert names(page, 2, 5) == ["a", "c", "b"]
        current = page.dashboard.table.current()
        assert current is not None
        assert current.run.name == "a"


async def test_a_click_on_a_heading_sorts_and_on_a_row_moves() -> None:
    async with scalars(THREE_RUNS) as page:
        await page.press("t")
        place = page.lines[0].index("mean")
        for first in ("b", "a", "a"):
            await page.screen.pilot.click(page.dashboard.pane, offset=(place, 0))
            await page.settle()
            assert page.lines[2].split()[1] == first
        assert page.dashboard.table.sorted_by is None
        await page.screen.pilot.click(page.dashboard.pane, offset=(place, 4))
        await page.settle()
        row = page.dashboard.table.current()
        assert row is not None
        assert row.run.name == "c"
        assert page.dashboard.table.column == column("mean")


async def test_pages_of_a_long_table() -> None:
    runs = {f"r{i}": {f"t{k}": noisy(5, k) for k in range(50)} for i in range(3)}
    async with scalars(runs, size=(100, 24)) as page:
        await page.press("t", "n", "n")
        assert page.dashboard.table.top > 20
        await page.press("p", "pageup", "pageup")
        assert page.dashboard.table.top == 0
        page.dashboard.wheel(1, 5, 5)
        await page.settle()
        assert page.dashboard.place().startswith("row ")


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8), (8, 3)])
async def test_any_size(size: tuple[int, int]) -> None:
    async with scalars(THREE_RUNS, size=size) as page:
        await page.press("t", "l", "W", "l", "semicolon", "W", "j", "end", "comma", "J", "t")


def test_rows_are_made_when_they_are_asked_for() -> None:
    store = make_store({"b2": {"x": [1.0]}, "b10": {"x": [1.0], "y": [1.0]}})
    sheet = Sheet("list", store.runs(), ["x", "y", "none"], "last", attrgetter("name"))
    assert [(block.title, block.count) for block in sheet.blocks] == [("x", 2), ("y", 1)]
    assert [row.run.name for row in sheet.rows(1) if row.run] == ["b10"]
    assert sheet.count == 5
    assert Sheet("list", [], ["x"], "last", attrgetter("name")).blocks == []
    assert Sheet("runs", store.runs(), [], "last", attrgetter("name")).blocks == []
    missing = Sheet("runs", store.runs(), ["y"], "last", attrgetter("name"))
    assert [missing.series(row, missing.columns[0]) is None for row in missing.rows(0)] == [
        "y" not in run.scalars for run in store.runs()
    ]


def test_only_what_is_in_sight_is_looked_at() -> None:
    looked: list[Series] = []

    class Counting(Tallies):
        def update(self, due: object) -> None:
            looked.append(due.series)  # type: ignore[attr-defined]
            super().update(due)  # type: ignore[arg-type]

    from tbtui.dashboards.scalars.model import Model
    from tbtui.settings import View
    from tbtui.widgets.session import Session

    store = make_store({f"r{n}": {f"t{k}": [1.0, 2.0] for k in range(40)} for n in range(60)})
    table = Table(Model(Session(store, View(table=True, table_layout="runs"))))
    table.tallies = Counting()

    def run(steps: Iterator[object]) -> None:
        for work in steps:
            if callable(work):
                work()

    table.lay_out(80, 20)
    run(table.steps())
    assert 0 < len(looked) <= 20 * 8
    assert not any("…" in table.compose().line(row)[20:] for row in range(1, 20))
    looked.clear()
    run(table.steps())
    assert not looked
    table.sort_here()
    run(table.steps())
    assert len(looked) == 60 - 19
    assert len(table.tallies._known) < KEPT


SEEDS = {"a/0": [4.0, 1.0], "a/1": [4.0, 3.0], "b/0": [9.0, 0.5]}


def seeds() -> Store:
    store = new_store()
    for run, values in SEEDS.items():
        add_points(store, run, "loss", values)
    return store


def rows_of(page: Page, name: str) -> list[str]:
    return [line for line in page.lines if name in line]


async def test_groups_are_rows_with_mean_and_spread() -> None:
    async with scalars(seeds(), size=(160, 40)) as page:
        page.view.grouping = "directory"
        await page.press("t")
        row = rows_of(page, "a n=2")[0]
        assert "2.0±1.4" in row  # the last values, 1 and 3
        assert "mean ± std" in page.lines[0]
        assert not rows_of(page, "a/0")
        await page.press("&")
        assert [line.split()[1] for line in page.lines if "/" in line] == ["a/0", "a/1", "b/0"]
        await page.press("%", "%")
        assert page.view.group_band == "minmax"
        assert "1..3" in rows_of(page, "a n=2")[0]
        await page.press("W")
        assert "1..3" in rows_of(page, "a n=2")[0]
        await page.press("W")
        assert "1..3" in rows_of(page, "loss")[0]


async def test_groups_are_sorted_by_their_means_and_opened() -> None:
    async with scalars(seeds(), size=(160, 40)) as page:
        page.view.grouping = "directory"
        await page.press("t", ";")
        assert [line.split()[1] for line in page.lines if "n=" in line] == ["b", "a"]
        await page.press("end")
        assert page.view.focused_group == "a"
        assert page.view.focused_run == "a/0"
        await page.press("enter")
        assert page.dashboard.mode == "chart"


def test_groups_in_csv() -> None:
    session = Session(seeds(), View(grouping="directory", group_band="minmax", group_members=True))
    listed, members = TableRuns(session).find()
    sheet = Sheet("list", listed, ["loss"], "last", attrgetter("name"), members)
    lines = [line.split(",") for line in TableText(sheet, Tallies(), None, True, {}, True, "minmax").lines()]
    assert [line[0] for line in lines[1:5]] == ["a (mean of 2)", "a (band low)", "a (band high)", "a/0"]
    last = lines[0].index("last")
    assert [line[last] for line in lines[1:5]] == ["2.0", "1.0", "3.0", "1.0"]
