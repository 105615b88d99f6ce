"""States of runs, their speed, their end."""

from __future__ import annotations

import math

import numpy as np
import pytest

from tbtui.analysis.health import Activity, diverged, eta, recent_rate, rhythm, run_state

NOW = 1_700_000_000.0


def state(silence: float, **known: object) -> str:
    return run_state(Activity(points=10, last_wall=NOW - silence, **known), NOW)  # type: ignore[arg-type]


def test_a_fast_run() -> None:
    assert state(1, rhythm=0.1) == "live"
    assert state(170, rhythm=0.1) == "live"  # the writer may just not have flushed
    assert state(600, rhythm=0.1) == "stalled"
    assert state(7200, rhythm=0.1) == "ended"
    assert state(7200, rhythm=0.1, watched=True) == "stalled"
    assert state(2 * 86400, rhythm=0.1, watched=True) == "ended"


def test_a_slow_run_is_given_its_time() -> None:
    assert state(4 * 3600, rhythm=3600.0) == "live"
    assert state(6 * 3600, rhythm=3600.0) == "stalled"
    assert state(60 * 3600, rhythm=3600.0) == "ended"


def test_nothing_is_known_of_the_rhythm() -> None:
    assert state(60) == "live"
    assert state(600) == "stalled"
    assert state(86400) == "ended"


def test_it_said_that_it_ended() -> None:
    assert state(1, rhythm=0.1, stopped=True) == "ended"


def test_bad_outranks_silence() -> None:
    assert state(1, bad=True) == "bad"
    assert state(1e9, bad=True) == "bad"


def test_nothing_read() -> None:
    assert run_state(Activity(points=0), NOW) == "empty"
    assert run_state(Activity(points=0, unreadable=True), NOW) == "unreadable"


@pytest.mark.parametrize("wall", [None, math.nan, math.inf, -math.inf, 1e300, 0.0, NOW + 1e9])
def test_clocks_that_are_no_clocks(wall: float | None) -> None:
    assert run_state(Activity(points=5, last_wall=wall, rhythm=1.0), NOW) == "ended"


def test_clocks_that_differ_a_little() -> None:
    assert state(-100) == "live"


def test_rhythm() -> None:
    assert rhythm(np.arange(100.0)) == 1.0
    assert rhythm(np.array([1.0, 1.0, 1.0])) is None
    assert rhythm(np.array([5.0])) is None
    assert rhythm(np.array([0.0, math.nan, 2.0, 1.0, 3.0])) == pytest.approx(2.0, abs=0.2)


def test_rate() -> None:
    steps = np.arange(0, 1000, 10)
    assert recent_rate(steps, steps / 5.0) == pytest.approx(5.0)
    assert recent_rate(steps[:1], np.array([1.0])) is None
    assert recent_rate(steps, np.full(100, 7.0)) is None
    assert recent_rate(steps, np.full(100, math.nan)) is None


def test_rate_leaves_pauses_and_the_past_before_a_restart_out() -> None:
    walls = np.arange(100.0)
    walls[50:] += 100_000
    assert recent_rate(np.arange(100), walls) == pytest.approx(1.0)
    steps = np.concatenate([np.arange(0, 5000, 100), np.arange(50)])
    assert recent_rate(steps, np.arange(100.0)) == pytest.approx(1.0)


def test_rate_takes_the_recent_speed() -> None:
    walls = np.concatenate([np.arange(1000) * 10.0, 10_000 + np.arange(1000) * 0.5])
    assert recent_rate(np.arange(2000), walls) == pytest.approx(2.0)


def test_rate_at_the_ends_of_int64() -> None:
    steps = np.array([-(2**63), 2**63 - 1])
    rate = recent_rate(steps, np.array([0.0, 1.0]))
    assert rate == pytest.approx(2.0**64)


def test_eta() -> None:
    assert eta(100, 200, 10.0) == 10.0
    assert eta(200, 200, 10.0) is None
    assert eta(100, None, 10.0) is None
    assert eta(100, 200, None) is None
    assert eta(100, 200, 0.0) is None


def test_divergence() -> None:
    falling = 1 / np.arange(1, 200)
    assert not diverged(falling)
    assert not diverged(np.empty(0))
    assert not diverged(np.ones(100))
    assert diverged(np.array([1.0, math.nan]))
    assert diverged(np.append(falling, math.inf))
    assert diverged(np.concatenate([falling, np.full(60, 50.0)]))
    assert not diverged(np.append(falling, 50.0))  # one spike is no divergence
    assert not diverged(-falling)
    assert not diverged(np.array([1.0, 100.0]))
