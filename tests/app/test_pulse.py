"""The state of a run, while its files are still being read and after it."""

from dataclasses import replace
from pathlib import Path

import pytest

import tbtui
from tbtui.demo.writer import EventWriter
from tbtui.widgets.pulse import Pulses
from tbtui.widgets.session import Session

NOW = 1_700_000_100.0


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    writer = EventWriter(tmp_path / "run", lambda: NOW - 10)
    for step, value in enumerate([1.0, 0.5, float("nan")]):
        writer.scalar("loss", value, step)
    writer.close()
    return tmp_path


def test_what_is_looked_for_after_the_load_is_found_though_nothing_moves(logs: Path) -> None:
    with tbtui.open_logdir(logs) as opened:
        store, run = opened.store, opened["run"]
        pulses = Pulses(store)
        store.progress = replace(store.progress, quiet=False)
        assert pulses.state(run, NOW) == "live"
        store.progress = replace(store.progress, quiet=True)
        assert pulses.state(run, NOW + 2.5) == "bad"


def test_a_run_that_was_empty_is_looked_at_again_at_once(tmp_path: Path) -> None:
    writer = EventWriter(tmp_path / "run", lambda: NOW - 10)
    with tbtui.open_logdir(tmp_path) as opened:
        run = opened["run"]
        pulses = Pulses(opened.store)
        assert pulses.state(run, NOW) == "empty"
        writer.scalar("loss", 1.0, 0)
        writer.close()
        opened.refresh()
        assert pulses.state(run, NOW) == "live"


def test_the_last_step_is_the_furthest_that_is_not_superseded(tmp_path: Path) -> None:
    now = [NOW - 100]

    def write(tag: str, *steps: int) -> None:
        for step in steps:
            now[0] += 1
            writer.scalar(tag, 1.0, step)
        writer.flush()

    writer = EventWriter(tmp_path / "run", lambda: now[0])
    write("batch_loss", 100, 200, 300)
    write("epoch_loss", 1)
    with tbtui.open_logdir(tmp_path) as opened:
        session = Session(opened.store, clock=lambda: NOW)
        assert (opened["run"].last_step, session.last_step(opened["run"])) == (1, 300)
        write("batch_loss", 150)
        writer.close()
        opened.refresh()
        later = Session(opened.store, clock=lambda: NOW)
        assert later.last_step(opened["run"]) == 150
        pace = later.pace_of(opened["run"])
        assert pace is not None
        assert pace.step == 150


def test_runs_are_looked_at_ahead_a_little_at_a_time(logs: Path) -> None:
    for number in range(5):
        writer = EventWriter(logs / f"other{number}", lambda: NOW - 10)
        writer.scalar("loss", 1.0, 1)
        writer.close()
    with tbtui.open_logdir(logs) as opened:
        session = Session(opened.store, clock=lambda: NOW)
        opened.store.progress = replace(opened.store.progress, quiet=False)
        assert not session.look_ahead(0.0)  # not before all is read
        opened.store.progress = replace(opened.store.progress, quiet=True)
        assert session.look_ahead(-1.0)  # there is something to find out, and no time for it
        while session.look_ahead(0.001):
            pass
        assert not session.look_ahead(-1.0)
