"""The list of runs: what a row says, and that thousands of them cost no more than those in sight."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from textual import events

import tbtui
from tbtui.analysis.text import cell_width
from tbtui.events.problem import Problem
from tbtui.widgets.run_details import RunDetails, kind_counts
from tbtui.widgets.run_list import RunList, fit_columns
from tbtui.widgets.session import Session, labels
from tests.support.app import NOW, shown, some_runs
from tests.support.logfiles import NAME, header, replace, scalars, write
from tests.support.scalars import add_points, make_store, new_store, noisy


def row_of(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if f" {name} " in line[:30])[:34]


async def test_a_row_says_colour_state_name_step_and_course() -> None:
    store = make_store({"live": {"loss": noisy(60)}})
    add_points(store, "old", "loss", noisy(9), walls=np.arange(9) + NOW - 1e6)
    add_points(store, "stuck", "loss", noisy(9), walls=np.arange(9) + NOW - 1000)
    add_points(store, "nan", "loss", [1.0, float("nan")], walls=[NOW - 2, NOW - 1])
    store._run("nothing", "logs/nothing")
    store.progress = store.progress.__class__(1, 1, 1, quiet=True)
    async with shown(store) as screen:
        assert row_of(screen.text, "live").startswith("│▌◐ live") or row_of(screen.text, "live").startswith("│▌● live")
        assert "59 █" in row_of(screen.text, "live") or "59 ▇" in row_of(screen.text, "live")
        assert "○ old" in row_of(screen.text, "old")
        assert "◐ stuck" in row_of(screen.text, "stuck")
        assert "⚠ nan" in row_of(screen.text, "nan")
        assert "· nothing" in row_of(screen.text, "nothing")


async def test_an_unreadable_run() -> None:
    from tbtui.logdir.updates import FileSeen, RunSeen

    store = new_store()
    store.apply([RunSeen("a", "logs/a"), FileSeen("a", "a/events", (b"1", 0), "logs/a/events", 10)])
    store.note(Problem("a/events", 0, "not an event file"))
    async with shown(store) as screen:
        assert "✗ a" in screen.text


async def test_a_run_of_which_something_was_not_read_is_marked(tmp_path: Path) -> None:
    """Until its file is whole again; the points around the damage are shown meanwhile."""
    good, cut = header() + scalars(0, 9), len(header() + scalars(0, 4)) + 20
    path = write(tmp_path / "bad" / NAME, good[:cut], b"?", good[cut + 1 :])
    write(tmp_path / "good" / NAME, good)
    with tbtui.open_logdir(tmp_path) as opened:
        async with shown(opened.store) as screen:
            assert "!bad" in screen.text
            assert "!good" not in screen.text
            replace(path, good)
            opened.refresh()
            await screen.data()
            assert "bad" in screen.text
            assert "!bad" not in screen.text


async def test_a_hidden_run_has_no_colour_mark() -> None:
    async with shown() as screen:
        assert "▌○ run_0" in screen.text.replace("●", "○").replace("◐", "○")
        await screen.press("space")
        assert " ○ run_0" in screen.text.replace("●", "○").replace("◐", "○")


async def test_the_cursor_stays_on_its_run_when_others_appear() -> None:
    store = some_runs(3)
    async with shown(store) as screen:
        await screen.press("j")
        assert screen.session.focused_run().name == "run_1"
        add_points(store, "run_00", "train/loss", noisy(5))
        await screen.data()
        assert screen.session.focused_run().name == "run_1"
        assert "Runs 4" in screen.text


async def test_a_filter_that_hides_the_cursor_moves_it() -> None:
    async with shown() as screen:
        await screen.press("j", "j", "f", "4", "enter", "space")
        assert screen.view.is_hidden("run_4")


async def test_thousands_of_runs_cost_only_what_is_in_sight(monkeypatch: pytest.MonkeyPatch) -> None:
    store = make_store({f"run_{n}": {"loss": [1.0, 0.5]} for n in range(3000)})
    looked_at: set[str] = set()
    spark = Session.spark

    def counted(self: Session, run: object, cells: int) -> str:
        looked_at.add(run.name)  # type: ignore[attr-defined]
        return spark(self, run, cells)  # type: ignore[arg-type]

    monkeypatch.setattr(Session, "spark", counted)
    async with shown(store) as screen:
        assert "1-29 of 3000" in screen.text
        assert len(looked_at) < 60
        await screen.press("end")
        assert "run_2999" in screen.text
        await screen.press("home", "pagedown")
        assert len(looked_at) < 150
        assert screen.session.focused_run().name == "run_28"


async def test_natural_order() -> None:
    async with shown(some_runs(12)) as screen:
        names = [run.name for run in screen.session.filtered_runs()]
        assert names == [f"run_{n}" for n in range(12)]


async def test_clicks() -> None:
    async with shown() as screen:
        await screen.pilot.click(RunList, offset=(6, 2))
        assert screen.session.focused_run().name == "run_2"
        await screen.pilot.click(RunList, offset=(0, 3))
        assert screen.view.is_hidden("run_3")
        await screen.pilot.click(RunList, offset=(6, 1), times=2)
        await screen.pilot.pause()
        assert isinstance(screen.app.screen, RunDetails)


async def test_the_wheel_scrolls_without_moving_the_cursor() -> None:
    async with shown(some_runs(100)) as screen:
        runs = screen.app.window.query_one(RunList)
        await screen.pilot._post_mouse_events([events.MouseScrollDown], RunList)
        await screen.pilot.pause()
        assert runs.top == 3
        assert screen.session.focused_run().name == "run_0"


def test_labels_leave_out_what_all_have_in_common() -> None:
    assert labels(["a/b/x", "a/b/y/z"]) == {"a/b/x": "x", "a/b/y/z": "y/z"}
    assert labels(["a/b", "a/bc"]) == {"a/b": "b", "a/bc": "bc"}
    assert labels(["a/b"]) == {"a/b": "a/b"}
    assert labels([".", "a"]) == {".": ".", "a": "a"}
    assert labels([]) == {}


@pytest.mark.parametrize("name", [1, 12, 80])
def test_columns_fill_the_width(name: int) -> None:
    for width in range(20, 60):
        columns = fit_columns(width, [name], 5)
        used = 3 + columns.name + columns.step + 1 + columns.age + (columns.spark + 1 if columns.spark else 0)
        assert columns.name >= min(name, 8)
        assert used == width


async def test_rows_keep_their_columns_with_wide_and_joined_characters() -> None:
    names = ["日本語の実験", "e\u0301te\u0301", "👩‍👩‍👧 family", "ok"]
    async with shown(make_store({name: {"loss": noisy(9)} for name in names})) as screen:
        rows = [line for line in screen.lines if line.startswith("│▌")]
        assert len(rows) == len(names)
        assert len({cell_width(row.split("│")[1]) for row in rows}) == 1


async def test_details_say_what_has_no_dashboard() -> None:
    store = make_store({"run": {"loss": noisy(30)}})
    run = store.run("run")
    run._blob_series("images", "im")
    run._blob_series("flight", "x")
    async with shown(store) as screen:
        await screen.press("enter")
        assert "1 scalar, 1 image, 1 flight" in screen.text
        assert "1 flight: no dashboard" in screen.text
        assert "30 scalar points" in screen.text
        assert "last step" in screen.text


async def test_details_in_a_narrow_window_keep_paths_and_tags_whole() -> None:
    store = new_store()
    store._run("run", "logs/" + "名前" * 12 + "/small-sgd")
    add_points(store, "run", "Environment/Episode_Len", noisy(30))
    async with shown(store, size=(45, 60)) as screen:
        await screen.press("r", "enter")
        lines = [line.strip("│ ") for line in screen.lines]
        assert "Environment/Episode_Len" in screen.text
        assert "".join(line.split()[-1] for line in lines if "名" in line).count("名前") == 12
        assert "small-sgd" in screen.text


def test_kinds_in_words() -> None:
    assert (
        kind_counts({"scalars": 1, "images": 2, "audio": 3, "\x1b[31m": 1}) == "1 scalar, 2 images, 3 sounds, 1 ␛[31m"
    )


async def test_long_names_are_told_apart_by_what_they_do_not_begin_with() -> None:
    store = make_store({f"Experiment with {kind} and 200 steps": {"loss": noisy(9)} for kind in ("adam", "sgd")})
    async with shown(store, size=(120, 30)) as screen:
        assert "…adam and" in screen.text
        assert "…sgd and" in screen.text
