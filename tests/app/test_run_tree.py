"""Runs as a tree of their folders."""

from __future__ import annotations

from collections.abc import Iterable

from hypothesis import given
from hypothesis import strategies as st

from tbtui.settings import View
from tbtui.store import Store
from tbtui.widgets.listing_rows import FOLDER, Row, tree_rows
from tbtui.widgets.session import Session
from tests.support.app import NOW, shown
from tests.support.scalars import add_points, new_store

NAMES = (
    "logs/a/1/train",
    "logs/a/1/val",
    "logs/a/2/train",
    "logs/b",
    "logs/b/x",
    "logs/c/d/e",
    "logs/f/g/1",
    "logs/f/g/2",
)


def store_of(names: Iterable[str]) -> Store:
    store = new_store()
    for number, name in enumerate(names):
        add_points(store, name, "loss", [float(number), 1.0])
    return store


def lines(rows: Iterable[Row]) -> list[str]:
    """Each row as people read it."""
    return [
        " " * row.depth + (f"{row.name}" if row.run is not None else f"{row.group.title}/ {len(row.runs)}")  # type: ignore[union-attr]
        for row in rows
    ]


def test_folders_stand_where_their_first_run_would() -> None:
    session = Session(store_of(NAMES), View(run_tree=True), clock=lambda: NOW)
    assert lines(session.listing.rows()) == [
        "a/ 3", " 1/ 2", "  train", "  val", " 2/train", "b", "b/x", "c/d/e", "f/g/ 2", " 1", " 2",
    ]  # fmt: skip


def test_folded_folders_hide_what_is_in_them_and_pins_stand_before() -> None:
    view = View(run_tree=True, folded_runs={f"{FOLDER}a/"}, top_runs=["logs/a/2/train"])
    rows = Session(store_of(NAMES), view, clock=lambda: NOW).listing.rows()
    assert rows[0].run is not None
    assert rows[0].run.name == "logs/a/2/train"
    assert lines(rows)[1:3] == ["a/1/ 2", " train"]  # of a/ only one folder is left
    view.folded_runs = {f"{FOLDER}a/1/"}
    rows = Session(store_of(NAMES), view, clock=lambda: NOW).listing.rows()
    assert lines(rows)[1:3] == ["a/1/ 2", "b"]


NAME = st.lists(st.sampled_from(["a", "b", "c"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(NAME, unique=True, min_size=1), st.sets(st.integers(0, 20)))
def test_every_run_is_in_the_tree_once_under_headings_that_hold_it(names: list[str], picked: set[int]) -> None:
    runs = store_of(names).runs()
    open_rows = tree_rows(runs, (), ())
    assert sorted(row.run.name for row in open_rows if row.run is not None) == sorted(names)
    keys = [row.group.key for row in open_rows if row.run is None and row.group is not None]
    assert len(keys) == len(set(keys))
    for number, row in enumerate(open_rows):
        above: list[Row] = []
        for other in reversed(open_rows[:number]):
            if other.run is None and other.depth == row.depth - len(above) - 1:
                above.append(other)
        assert len(above) == row.depth
        assert all(set(row.runs) <= set(heading.runs) for heading in above)
        if row.run is not None:
            titles = [heading.group.title for heading in reversed(above) if heading.group]
            assert row.run.name.endswith("/".join([*titles, row.name]))
    folded = {key for number, key in enumerate(keys) if number in picked}
    rows = tree_rows(runs, (), folded)
    hidden = {run.name for row in rows if row.folded for run in row.runs}
    shown_runs = [row.run.name for row in rows if row.run is not None]
    assert sorted([*shown_runs, *hidden]) == sorted(names)


async def test_keys_in_the_tree() -> None:
    async with shown(store_of(NAMES)) as screen:
        await screen.press("backslash")
        assert "tree" in screen.notice
        await screen.press("home")
        heading = screen.session.group_at_cursor()
        assert heading is not None
        assert heading.group is not None
        assert heading.group.title == "a"
        await screen.press("space")
        assert screen.view.hidden == {"logs/a/1/train", "logs/a/1/val", "logs/a/2/train"}
        await screen.press("space", "j", "j")
        run = screen.session.focused_run()
        assert run is not None
        assert run.name == "logs/a/1/train"
        await screen.press("h", "h", "h")  # to its folder, which is folded, to the one above
        heading = screen.session.group_at_cursor()
        assert heading is not None
        assert heading.group is not None
        assert (heading.group.title, heading.folded) == ("a", False)
        assert screen.view.folded_runs == {f"{FOLDER}a/1/"}
        await screen.press("backslash")
        assert screen.session.group_at_cursor() is None
        assert len(screen.session.listing.rows()) == len(NAMES)


async def test_in_groups_there_is_no_tree() -> None:
    async with shown(store_of(NAMES)) as screen:
        await screen.press("g", "backslash")
        assert "without them" in screen.notice
        assert all(not row.name for row in screen.session.listing.rows())
