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
