"""The table of keys, and every key that means the same everywhere."""

from __future__ import annotations

from itertools import combinations

import pytest

from tbtui.analysis.colors import PALETTE
from tbtui.app import TbtuiApp
from tbtui.settings import THEMES
from tbtui.store.opening import LogDir
from tbtui.widgets.help_screen import HelpLines, HelpScreen
from tbtui.widgets.key_table import KEYS, SCOPES
from tbtui.widgets.keys import footer_keys, help_rows, rebound, split_keys
from tbtui.widgets.palette import KeyCommands
from tbtui.widgets.problems_panel import ProblemsPanel
from tbtui.widgets.run_details import RunDetails
from tbtui.widgets.run_list import RunList
from tests.support.app import shown, some_runs

AT_HAND_TOGETHER = [
    ("global", "run", "dashboard", "list"),
    ("global", "run", "dashboard", "chart"),
    ("global", "run", "graph", "list"),
]
SHADOWED = {"space", "enter", "home", "end", "pagedown", "pageup"}


def test_ids_are_unique() -> None:
    ids = [key.id for key in KEYS]
    assert len(set(ids)) == len(ids)


def test_every_scope_has_a_heading() -> None:
    assert {key.scope for key in KEYS} == set(SCOPES)


@pytest.mark.parametrize("scopes", AT_HAND_TOGETHER)
def test_no_key_means_two_things_at_once(scopes: tuple[str, ...]) -> None:
    rows = [key for key in KEYS if key.scope in scopes]
    for one, other in combinations(rows, 2):
        assert not set(split_keys(one.keys)) & set(split_keys(other.keys)), (one.id, other.id)


def test_the_keys_of_the_design() -> None:
    """What the project promises: these keys exist, by these names."""
    known = {name for key in KEYS for name in split_keys(key.keys)}
    promised = "q ctrl+c ? ctrl+p j k down up h l left right tab shift+tab enter escape / f space o a c s S x y O z Z"
    promised += " < > 0 v t m V g P n p pagedown pageup + - [ ] { } : r T e Y ! R 1 2 3 4 5 6 7 8 9"
    assert not set(promised.split()) - known


def test_help_shows_runs_of_keys_as_one() -> None:
    assert ("1 .. 9", "show that dashboard") in help_rows("global")


def test_the_footer_begins_with_what_is_kept_longest() -> None:
    rows = footer_keys(("list", "run", "dashboard", "global"))
    assert rows[0].id == "help"
    assert [key.footer for key in rows] == sorted(key.footer for key in rows)


def test_a_keymap_replaces_keys() -> None:
    changed = rebound(KEYS, {"theme": "f5"})
    assert next(key for key in changed if key.id == "theme").keys == "f5"
    assert [key.id for key in changed] == [key.id for key in KEYS]


async def test_a_keymap_is_obeyed() -> None:
    async with shown(keymap={"theme": "f5"}) as screen:
        await screen.press("T")
        assert screen.view.theme == "dark"
        await screen.press("f5")
        assert screen.view.theme == "light"


# -- global -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("key", ["q", "ctrl+c", "ctrl+q"])
async def test_quit(key: str) -> None:
    async with shown() as screen:
        await screen.press(key)
        assert screen.app.return_code == 0
        assert not screen.app.is_running


async def test_help_is_about_what_is_focused() -> None:
    async with shown() as screen:
        await screen.press("?")
        assert isinstance(screen.app.screen, HelpScreen)
        assert "show / hide the run" in screen.text
        await screen.press("?")
        assert screen.app.screen is screen.app.window


HERE_IN_SCALARS = ("global", "run", "dashboard")
NUMBERED = {key.id for key in KEYS if key.id.startswith("dashboard.")}
"""The tabs, which say their numbers themselves."""
ONLY_UNDER_FINGERS = {"palette", "quit.at_once", "pane.next", "pane.previous", "out"}
"""What nobody looks for in the palette: it is open, or the focus is in it."""


async def test_every_key_of_scalars_is_in_help_and_palette() -> None:
    async with shown(some_runs(), size=(200, 50)) as screen:
        await screen.press("?")
        lines = screen.app.screen.query_one(HelpLines)
        told = "\n".join("".join(words for words, _ in lines.row(row, 900)) for row in range(lines.count(900)))
        await screen.press("escape")
        provider = KeyCommands(screen.app.window)
        offered = {str(hit.text).casefold() async for hit in provider.discover()}
        for key in KEYS:
            if key.scope in (*HERE_IN_SCALARS, "list", "chart"):
                assert key.help in told, key.id
            if key.scope in HERE_IN_SCALARS and key.id not in ONLY_UNDER_FINGERS | NUMBERED:
                assert key.help.casefold() in offered, key.id


async def test_the_footers_word_for_an_action_finds_it_in_the_palette() -> None:
    async with shown() as screen:
        provider = KeyCommands(screen.app.window)
        for typed in ("spot", "smooth", "compare"):
            hits = [hit async for hit in provider.search(typed)]
            best = max(hits, key=lambda hit: hit.score)
            assert typed in next(row.label for row in KEYS if str(best.text).casefold() == row.help.casefold())


@pytest.mark.parametrize("close", ["escape", "q"])
async def test_panels_close(close: str) -> None:
    async with shown() as screen:
        for key, kind in (("?", HelpScreen), ("!", ProblemsPanel), ("enter", RunDetails)):
            await screen.press(key)
            assert isinstance(screen.app.screen, kind)
            await screen.press(close)
            assert screen.app.screen is screen.app.window
        assert screen.app.is_running


async def test_themes_go_round() -> None:
    async with shown() as screen:
        seen = []
        for _ in range(len(THEMES) + 1):
            seen.append(screen.app.theme)
            await screen.press("T")
            assert screen.notice.startswith("Theme: ")
        assert len(set(seen)) == len(THEMES)
        assert seen[0] == seen[-1]


async def test_dashboard_numbers() -> None:
    async with shown() as screen:
        await screen.press("1")
        assert screen.notice == "Scalars is what is shown already"
        await screen.press("2")
        assert "no dashboard 2" in screen.notice


async def test_panes_and_side_bar_when_wide() -> None:
    async with shown() as screen:
        runs = screen.app.window.query_one(RunList)
        assert runs.has_focus
        await screen.press("tab")
        assert not runs.has_focus
        await screen.press("shift+tab")
        assert runs.has_focus
        await screen.press("r")
        assert "─ Runs 5 ─" not in screen.text
        await screen.press("r")
        assert "─ Runs 5 ─" in screen.text
        assert runs.has_focus


async def test_side_bar_when_narrow_lies_over_the_charts() -> None:
    async with shown(size=(80, 24)) as screen:
        assert "─ Runs 5 ─" not in screen.text
        await screen.press("r")
        assert "─ Runs 5 ─" in screen.text
        await screen.press("escape")
        assert "─ Runs 5 ─" not in screen.text


async def test_escape_says_when_there_is_nothing_to_leave() -> None:
    async with shown() as screen:
        await screen.press("escape")
        assert "q quits" in screen.notice


async def test_every_dashboard_key_does_something_or_says_so() -> None:
    for key in (key for key in KEYS if key.scope == "dashboard"):
        async with shown() as screen:
            before = (screen.text, repr(screen.view), screen.app.screen)
            await screen.press(split_keys(key.keys)[0])
            after = (screen.text, repr(screen.view), screen.app.screen)
            assert before != after, f"{key.id} does nothing visible and says nothing"


async def test_a_key_without_meaning_here_says_so() -> None:
    from tests.support.scalars import new_store

    async with shown(new_store("empty")) as screen:
        await screen.press("s")
        assert screen.notice == "Does nothing here: more smoothing"


async def test_reload_opens_everything_anew() -> None:
    async with shown() as screen:
        await screen.press("R")
        assert screen.notice == "Nothing to read again"
        fresh = some_runs(2)
        screen.app._reopen = lambda: LogDir(fresh, None)  # type: ignore[arg-type]
        await screen.press("R")
        await screen.app.workers.wait_for_complete()
        await screen.data()
        assert [run.name for run in screen.session.runs()] == ["run_0", "run_1"]
        assert "─ Runs 2 ─" in screen.text


# -- runs -------------------------------------------------------------------------------------------------------


async def test_space_hides_and_shows_the_run_at_the_cursor() -> None:
    async with shown() as screen:
        await screen.press("j", "space")
        assert screen.view.is_hidden("run_1")
        assert "Runs 4/5" in screen.text
        await screen.press("space")
        assert not screen.view.is_hidden("run_1")


async def test_run_keys_work_from_the_charts_too() -> None:
    async with shown() as screen:
        await screen.press("j", "tab", "space")
        assert screen.view.is_hidden("run_1")


async def test_only_this_run_and_again_as_before() -> None:
    async with shown() as screen:
        await screen.press("space", "j", "o")
        assert [run.name for run in screen.session.visible_runs()] == ["run_1"]
        await screen.press("o")
        assert [run.name for run in screen.session.visible_runs()] == ["run_1", "run_2", "run_3", "run_4"]


async def test_moving_and_showing_while_only_one_is_shown() -> None:
    async with shown() as screen:
        await screen.press("o", "j", "space")
        assert [run.name for run in screen.session.visible_runs()] == ["run_0", "run_1"]


async def test_all_and_none() -> None:
    async with shown() as screen:
        await screen.press("a")
        assert screen.session.visible_runs() == []
        await screen.press("a")
        assert len(screen.session.visible_runs()) == 5


async def test_all_and_none_of_the_filtered_runs() -> None:
    async with shown() as screen:
        screen.view.run_filter = "run_0 | run_1"
        await screen.press("a")
        screen.view.run_filter = ""
        assert [run.name for run in screen.session.visible_runs()] == ["run_2", "run_3", "run_4"]


async def test_colour_walks_the_palette() -> None:
    async with shown() as screen:
        seen = set()
        for _ in PALETTE:
            await screen.press("c")
            seen.add(screen.session.color("run_0"))
        assert seen == set(PALETTE)


async def test_the_reader_prefers_what_is_shown() -> None:
    async with shown() as screen:
        await screen.press("o")
        reader = screen.app.opened.reader
        assert reader.preferred == ["run_0"]  # type: ignore[attr-defined]


async def test_the_reader_is_told_what_is_shown_only_when_that_changes() -> None:
    """There may be ten thousand runs, and the reader sorts by them what waits to be read."""
    async with shown() as screen:
        reader = screen.app.opened.reader
        await screen.press("o")
        told = reader.told  # type: ignore[attr-defined]
        await screen.press("j", "k")
        assert reader.told == told  # type: ignore[attr-defined]
        await screen.press("a")
        assert reader.told == told + 1  # type: ignore[attr-defined]


async def test_without_runs_run_keys_say_so() -> None:
    from tests.support.scalars import new_store

    async with shown(new_store()) as screen:
        await screen.press("space")
        assert screen.notice == "There is no run here"


def test_actions_exist() -> None:
    """A row of the table without a method would be a key that does nothing."""
    for key in KEYS:
        name = key.action.partition("(")[0]
        if key.scope in ("global", "run"):
            assert hasattr(TbtuiApp, f"action_{name}"), key.id
        elif key.scope == "list":
            assert hasattr(RunList, f"action_{name}"), key.id


@pytest.mark.parametrize("key", ["question_mark", "exclamation_mark"])
async def test_a_panel_says_in_its_frame_that_there_is_nothing_further(key: str) -> None:
    async with shown() as screen:
        await screen.press(key)
        assert "esc close" in screen.text
        await screen.press("k")
        assert "No line above this one" in screen.text
        await screen.press("G" if key == "question_mark" else "j", "j")
        assert "No line below this one" in screen.text
        await screen.press("escape")
        assert "No line" not in screen.text
