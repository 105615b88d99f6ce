"""The order of the list of runs, runs on top and away, other names, groups; all of it remembered in the view."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.logdir.updates import Progress
from tbtui.settings import View
from tbtui.settings.state import FIELDS, values_of
from tbtui.store import Store
from tbtui.widgets import listing as listing_module
from tbtui.widgets import session as session_module
from tbtui.widgets.listing import in_order
from tbtui.widgets.session import Session
from tbtui.widgets.side_bar import SideBar
from tests.support.app import NOW, Screen, shown
from tests.support.payloads import CONTROL, MARKUP
from tests.support.scalars import add_points, new_store


def unlike_runs() -> Store:
    store = new_store()
    for name, start, losses, accuracies in (
        ("a", 500, [3.0, 1.0, 2.0], [0.1, 0.7, 0.6]),
        ("b", 100, [3.0, 0.5], [0.1, 0.9]),
        ("c", 300, [9.0, 8.0, 7.0, 6.0], [0.2, 0.2, 0.2, 0.3]),
    ):
        walls = NOW - 1000 + start + np.arange(4.0)
        add_points(store, name, "loss", losses, walls=walls[: len(losses)])
        add_points(store, name, "acc", accuracies, walls=walls[: len(accuracies)])
    add_points(store, "d", "other", [float("nan")], walls=[NOW - 1000])
    return store


def names(screen: Screen) -> str:
    return "".join(run.name for run in screen.session.filtered_runs())


@pytest.mark.parametrize(
    ("order", "tag", "expected", "words"),
    [
        ("name", None, "abcd", "name ▲"),
        ("start", None, "acbd", "start ▼"),
        ("age", None, "acbd", "age ▲"),
        ("step", None, "cabd", "step ▼"),
        ("last", "loss", "bacd", "last loss ▲"),
        ("best", "loss", "bacd", "best loss ▲"),
        ("last", "acc", "bacd", "last acc ▼"),
        ("best", None, "bacd", "best acc ▼"),
        ("min", "loss", "bacd", "min loss ▲"),
        ("max", "loss", "abcd", "max loss ▲"),
        ("max", "acc", "bacd", "max acc ▼"),
        ("last", "other", "abcd", "last other ▼"),
    ],
)
def test_orders(order: str, tag: str | None, expected: str, words: str) -> None:
    session = Session(unlike_runs(), View(run_order=order, focused_tag=tag), clock=lambda: NOW)
    assert "".join(run.name for run in session.filtered_runs()) == expected
    assert session.listing.words() == words


def test_runs_without_a_number_are_last_either_way() -> None:
    store = new_store("a", "b", "c", "d")
    numbers = {"a": None, "b": 1.0, "c": float("nan"), "d": 2.0}
    for falling, expected in ((True, "dbac"), (False, "bdac")):
        found = in_order(store.runs(), lambda run: numbers[run.name], falling)
        assert "".join(run.name for run in found) == expected


async def test_keys_of_the_order_and_its_words() -> None:
    async with shown(unlike_runs()) as screen:
        screen.view.focused_tag = "loss"
        for order, expected in (("start", "acbd"), ("age", "acbd"), ("step", "cabd"), ("last", "bacd")):
            await screen.press("u")
            assert (screen.view.run_order, names(screen)) == (order, expected)
        assert "Runs 4  last loss ▲" in screen.text
        assert "6.0000" in screen.text or " 6 " in screen.text
        await screen.press("U")
        assert names(screen) == "cabd"
        assert "last loss ▼" in screen.text
        await screen.press("u", "u", "u", "u")
        assert (screen.view.run_order, names(screen)) == ("name", "abcd")


async def test_the_order_keeps_up_with_the_data() -> None:
    store = unlike_runs()
    moment = [NOW]
    async with shown(store) as screen:
        screen.session.clock = lambda: moment[0]
        screen.view.run_order, screen.view.focused_tag = "last", "loss"
        assert names(screen) == "bacd"
        add_points(store, "c", "loss", [0.1])
        moment[0] += 10
        assert names(screen) == "cbad"


async def test_a_run_on_top_of_every_order() -> None:
    async with shown(unlike_runs()) as screen:
        await screen.press("j", "j", "asterisk")
        assert names(screen) == "cabd"
        assert screen.session.focused_run().name == "c"
        assert "^c" in screen.text
        await screen.press("u")
        assert names(screen) == "cabd"
        await screen.press("asterisk")
        assert names(screen) == "acbd"


async def test_put_away_and_back() -> None:
    async with shown() as screen:
        await screen.press("A")
        assert "No run was put away" in screen.notice
        await screen.press("j", "D")
        assert "run_1" not in [run.name for run in screen.session.visible_runs()]
        assert "1 put away: A" in screen.text
        assert screen.session.focused_run().name == "run_2"
        assert "Runs 4/5" in screen.text
        await screen.press("A", "k")
        assert screen.session.focused_run().name == "run_1"
        assert "-run_1" in screen.text
        assert len(screen.session.visible_runs()) == 4
        await screen.press("a", "a")
        assert len(screen.session.visible_runs()) == 4
        await screen.press("space")
        assert len(screen.session.visible_runs()) == 5
        assert screen.view.away == set()


async def test_all_put_away() -> None:
    async with shown({"x": {"loss": [1.0]}}) as screen:
        await screen.press("D")
        assert "all runs were put away: A" in screen.text
        await screen.press("D")
        assert "There is no run here" in screen.notice


async def test_runs_without_data_are_hidden_by_one_key() -> None:
    store = new_store("empty", "later")
    add_points(store, "full", "loss", [1.0, 2.0])
    async with shown(store) as screen:
        await screen.press("`")
        assert names(screen) == "full"
        assert "2 runs without data: not listed" in screen.notice
        assert "without empty: `" in screen.text
        add_points(store, "later", "loss", [1.0])
        await screen.data()
        assert names(screen) == "fulllater"
        await screen.press("`")
        assert "1 run without data: listed" in screen.notice
        assert names(screen) == "emptyfulllater"


async def test_where_every_run_has_data_or_none_has() -> None:
    async with shown({"x": {"loss": [1.0]}}) as screen:
        await screen.press("`")
        assert screen.notice == "Every run has data"
    async with shown(new_store("a", "b")) as screen:
        await screen.press("`")
        assert "no run has data yet: `" in screen.text


async def test_invert() -> None:
    async with shown() as screen:
        await screen.press("space", "i")
        assert [run.name for run in screen.session.visible_runs()] == ["run_0"]
        await screen.press("i")
        assert [run.name for run in screen.session.visible_runs()] == ["run_1", "run_2", "run_3", "run_4"]


async def test_another_name() -> None:
    async with shown() as screen:
        await screen.press("j", "N", *"best", "enter")
        assert screen.view.aliases == {"run_1": "best"}
        assert "● best" in screen.text or "◐ best" in screen.text
        assert "run_1" not in "\n".join(line[:30] for line in screen.lines)
        await screen.press("N", "escape", "escape")
        assert screen.view.aliases == {}
        assert "run_1" in screen.text


@pytest.mark.parametrize("payload", [*CONTROL.values(), *MARKUP.values()][::3])
async def test_foreign_names_are_made_safe(payload: str) -> None:
    async with shown({f"{payload}/seed1": {"loss": [1.0]}, f"{payload}/seed2": {"loss": [1.0]}}) as screen:
        screen.view.aliases = {f"{payload}/seed1": payload}
        screen.view.run_order = "last"
        await screen.press("g", "u")
        assert "\x1b" not in screen.text
        assert "\x07" not in screen.text


def seeds() -> Store:
    return some_runs_named("cnn/s1", "cnn/s2", "mlp/s1", "mlp/s2", "alone")


def some_runs_named(*found: str) -> Store:
    store = new_store()
    for name in found:
        add_points(store, name, "loss", [2.0, 1.0])
    return store


async def test_groups_by_directory_fold() -> None:
    async with shown(seeds()) as screen:
        await screen.press("g")
        assert "Groups by directory: 2" in screen.notice
        rows = [row.run.name if row.run else row.group.title for row in screen.session.listing.rows()]
        assert rows == ["alone", "cnn", "cnn/s1", "cnn/s2", "mlp", "mlp/s1", "mlp/s2"]
        assert "▾ cnn 2" in screen.text
        assert [line[2:10].strip(" ●◐○") for line in screen.lines[5:7]] == ["s1", "s2"]
        await screen.press("j", "h")
        assert "▸ cnn 2" in screen.text
        assert [row.run.name for row in screen.session.listing.rows() if row.run] == ["alone", "mlp/s1", "mlp/s2"]
        assert len(screen.session.visible_runs()) == 5
        await screen.press("space")
        assert [run.name for run in screen.session.visible_runs()] == ["alone", "mlp/s1", "mlp/s2"]
        assert "▸ cnn 0/2" in screen.text
        await screen.press("space", "o")
        assert [run.name for run in screen.session.visible_runs()] == ["cnn/s1", "cnn/s2"]
        await screen.press("o", "l", "j")
        assert screen.session.focused_run().name == "cnn/s1"
        await screen.press("h", "enter")
        assert "▸ cnn 2" in screen.text
        await screen.press("j")
        assert screen.session.group_at_cursor().group.title == "mlp"


async def test_groups_by_a_regular_expression() -> None:
    async with shown(seeds()) as screen:
        await screen.press("B", *r"s(\d", "enter")
        assert "not a regular expression" in screen.session.grouping().error
        await screen.press("B", "escape", *r"s(\d)")
        assert "2 groups, 1 runs in none" in screen.lines[-1]
        await screen.press("enter")
        assert screen.view.grouping == r"/s(\d)/"
        await screen.press("g")
        assert screen.view.grouping == ""
        await screen.press("g", "g", "g")
        assert screen.view.grouping == r"/s(\d)/"


async def test_groups_by_hyperparameters(tmp_path: object) -> None:
    store = seeds()
    for number, run in enumerate(store.runs()):
        run.path = f"{tmp_path}/{number}"
        import os

        os.makedirs(run.path)
        with open(f"{run.path}/hparams.yaml", "w") as file:
            file.write(f"lr: {0.1 * (number % 2)}\nseed: {number}\n")
    async with shown(store) as screen:
        await screen.press("g", "g")
        assert "Groups by hyperparameters: 2" in screen.notice
        assert [group.title for group in screen.session.grouping().groups] == ["lr=0", "lr=0.1"]


def test_all_of_it_is_remembered() -> None:
    remembered = values_of(View())
    for name in ("run_order", "run_order_reversed", "away", "top_runs", "aliases", "grouping", "group_regex",
        "notes", "hashtags", "run_tree", "spotlight", "step_marks"):  # fmt: skip
        assert name in remembered
        assert name in FIELDS


async def test_a_note_is_kept_and_shown_in_the_details() -> None:
    async with shown() as screen:
        await screen.press("j", "apostrophe", *"good", "enter")
        assert screen.view.notes == {"run_1": "good"}
        await screen.press("enter")
        assert any("note" in line and "good" in line for line in screen.lines)
        await screen.press("escape", "apostrophe", "escape", "escape")
        assert screen.view.notes == {}


async def test_the_path_of_a_run_is_copied() -> None:
    async with shown() as screen:
        await screen.press("j", "dollar_sign")
        run = screen.store.run("run_1")
        assert run is not None
        assert screen.app.clipboard == run.path
        assert run.path in screen.notice


async def test_hashtags_are_given_shown_and_filtered_by() -> None:
    async with shown() as screen:
        await screen.press("j", "number_sign", *"#best lr best", "enter")
        assert screen.view.hashtags == {"run_1": ["best", "lr"]}
        assert any("run_1 #best #lr" in line for line in screen.lines)
        await screen.press("enter")
        assert any("hashtags" in line and "#best #lr" in line for line in screen.lines)
        await screen.press("escape", "f", *"#lr")
        assert [run.name for run in screen.session.filtered_runs()] == ["run_1"]
        await screen.press("escape", "escape", "number_sign", "escape", "enter")
        assert screen.view.hashtags == {}


async def test_foreign_hashtags_are_shown_harmless() -> None:
    async with shown() as screen:
        screen.view.hashtags = {"run_0": [*CONTROL.values(), *MARKUP.values()]}
        screen.app.changed()
        await screen.pilot.pause()
        assert "\x1b" not in screen.text
        assert "␛" in screen.text


async def test_a_note_is_found_by_the_filter_as_it_is_changed() -> None:
    async with shown() as screen:
        screen.view.run_filter = "note:good"
        assert screen.session.filtered_runs() == []
        screen.view.notes = {"run_1": "rather good"}
        assert [run.name for run in screen.session.filtered_runs()] == ["run_1"]


async def test_runs_that_are_put_away_are_not_read_until_they_are_listed() -> None:
    async with shown(unlike_runs()) as screen:
        reader = screen.app.opened.reader
        await screen.press("j", "D")
        assert reader.left_out == {"b"}  # type: ignore[attr-defined]
        await screen.press("A")
        assert reader.left_out == set()  # type: ignore[attr-defined]
        await screen.press("A")
        assert reader.left_out == {"b"}  # type: ignore[attr-defined]


async def test_the_list_says_at_once_which_lines_it_shows() -> None:
    names = [f"run{number:03}" for number in range(60)]
    store = new_store(*names)
    for name in names:
        add_points(store, name, "loss", [1.0])
    async with shown(store, (120, 30)) as screen:
        await screen.press("end")
        assert "-60 of 60" in screen.text
        await screen.press("home")
        assert " 1-" in screen.text


def test_lists_of_runs_are_made_again_only_when_they_change(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store(*(f"group/run{number}" for number in range(30)))
    session = Session(store, View())
    asked: list[str] = []
    safe = session_module.safe
    monkeypatch.setattr(session_module, "safe", lambda name: asked.append(name) or safe(name))
    runs, visible, drawn = session.runs(), session.visible_runs(), session.drawn_runs()
    asked.clear()
    add_points(store, "group/run3", "loss", [1.0])
    assert session.runs() is runs
    assert session.visible_runs() is visible
    assert session.drawn_runs() is drawn
    add_points(store, "group/run30", "loss", [1.0])
    assert len(session.runs()) == 31
    assert asked == ["run30"]
    assert session.label("group/run30") == "run30"
    add_points(store, "other", "loss", [1.0])
    assert session.label(session.runs()[0].name) == "group/run0"
    session.view.hidden = {"group/run4"}
    assert len(session.visible_runs()) == 31
    assert [run.name for run in session.drawn_runs()] == [r.name for r in session.runs() if r.name != "group/run4"]


def test_how_runs_are_doing_is_looked_ahead_run_by_run(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store(*(f"run{number}" for number in range(40)))
    for number in range(40):
        add_points(store, f"run{number}", "loss", [1.0])
    store.progress = Progress(1, 1, 1, quiet=True)
    session = Session(store, View())
    asked: list[str] = []
    missing = session._pulses.missing
    monkeypatch.setattr(session._pulses, "missing", lambda run: asked.append(run.name) or missing(run))
    while session.look_ahead(0.0):
        pass
    assert len(asked) == len(set(asked)) == 40


def test_of_thousands_of_new_runs_some_are_listed_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MANY_RUNS", 8)
    monkeypatch.setattr(session_module, "MOST_NEW", 5)
    store = new_store(*(f"run{number}" for number in range(10)))
    session = Session(store, View())
    assert len(session.runs()) == 10
    for number in range(10, 30):
        add_points(store, f"run{number}", "loss", [1.0])
    for expected in (15, 20):
        session._took_in -= 2 * session_module.SHORTEST_WAIT
        assert len(session.runs()) == expected
        assert len(session.runs()) == expected
    store.progress = Progress(1, 1, 1, quiet=True)
    assert [run.name for run in session.runs()] == [f"run{number}" for number in range(30)]


def test_runs_of_which_nothing_came_are_not_put_in_order_again() -> None:
    now = [NOW]
    store = new_store("a", "b")
    add_points(store, "a", "loss", [1.0, 2.0])
    add_points(store, "b", "loss", [1.0])
    session = Session(store, View(run_order="step"), clock=lambda: now[0])
    listing = session.listing
    first = listing.runs()
    assert [run.name for run in first] == ["a", "b"]
    now[0] += 60
    assert listing.runs() is first
    add_points(store, "b", "loss", [1.0, 1.0, 1.0])
    assert [run.name for run in listing.runs()] == ["b", "a"]
    add_points(store, "a", "loss", [1.0] * 5)
    assert [run.name for run in listing.runs()] == ["b", "a"]  # not at once: rows that jump can't be read
    now[0] += listing_module.RESORT_SECONDS
    assert [run.name for run in listing.runs()] == ["a", "b"]


def test_values_of_thousands_of_runs_are_looked_up_bit_by_bit(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store()
    for number in range(40):
        add_points(store, f"run{number:02}", "loss", [float((7 * number) % 40)])
    store.progress = Progress(1, 1, 1, quiet=True)
    by_value = [run.name for run in sorted(store.runs(), key=lambda run: run.scalars["loss"].points().values[-1])]
    for order in ("last", "step"):
        monkeypatch.setattr(listing_module, "MANY", 40)
        monkeypatch.setattr(listing_module, "LOOKING_UP", 0.0)
        session = Session(store, View(run_order=order))
        listing = session.listing
        first = listing.runs()
        assert listing.unfinished
        assert len(first) == 40  # those whose value is not known are not left out
        assert listing.runs() is first
        monkeypatch.setattr(listing_module, "LOOKING_UP", 60.0)
        assert listing.look_up()
        found = [run.name for run in listing.runs()]
        assert not listing.unfinished
        assert found == by_value if order == "last" else len(found) == 40


async def test_while_runs_are_put_in_order_the_list_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    store = new_store()
    for number in range(12):
        add_points(store, f"run{number:02}", "loss", [float(number)])
    store.progress = Progress(1, 1, 1, quiet=True)
    async with shown(store, (120, 35)) as screen:
        monkeypatch.setattr(listing_module, "MANY", 12)
        monkeypatch.setattr(listing_module, "LOOKING_UP", 0.0)
        monkeypatch.setattr(screen.app.window, "_look_ahead", lambda: None)
        screen.view.run_order = "last"
        side = screen.app.window.query_one(SideBar)
        side.repaint()
        assert str(side.border_subtitle).startswith("being ordered")
        monkeypatch.setattr(listing_module, "LOOKING_UP", 60.0)
        assert screen.app.session.listing.look_up()
        side.repaint()
        assert "ordered" not in str(side.border_subtitle)


def test_while_thousands_of_runs_are_found_a_few_more_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_module, "MANY_RUNS", 8)
    store = new_store(*(f"run{number}" for number in range(10)))
    session = Session(store, View())
    assert len(session.runs()) == 10
    add_points(store, "run10", "loss", [1.0])
    assert len(session.runs()) == 10
    session._took_in -= 2 * session_module.LONGEST_WAIT
    assert len(session.runs()) == 11
    for number in range(11, 15):
        add_points(store, f"run{number}", "loss", [1.0])
    assert len(session.runs()) == 11
    session._took_in -= session_module.SHORTEST_WAIT  # for more of them less long
    assert len(session.runs()) == 15
    add_points(store, "run15", "loss", [1.0])
    assert len(session.runs()) == 15
    store.progress = Progress(1, 1, 1, quiet=True)
    assert len(session.runs()) == 16


def test_the_lines_of_the_list_ask_the_store_for_its_tags_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each time the lock would be waited for, which the reading thread holds most of the time."""
    store = unlike_runs()
    session = Session(store, View(run_order="last"), clock=lambda: NOW)
    asked: list[str] = []
    tags = store.tags
    monkeypatch.setattr(store, "tags", lambda plugin="scalars": asked.append(plugin) or tags(plugin))
    cells = [session.listing.cell(run) for run in session.filtered_runs()]
    assert cells == ["0.9", "0.6", "0.3", ""]
    assert len(asked) == 1
    assert session.listing.metric() == "acc"
    add_points(store, "d", "aaa", [1.0])
    assert session.listing.metric() == "acc"
    assert len(asked) == 2
