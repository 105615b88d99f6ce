"""States of runs, their speed, their end."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.goals import Goal
from tbtui.analysis.health import (
    Activity,
    diverged,
    divergence,
    eta,
    flags,
    non_finite,
    plateau,
    recent_rate,
    rhythm,
    run_state,
)
from tbtui.store import Points

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
    assert eta(199, 200, 10.0) is None
    assert eta(198, 200, 10.0) == 0.2
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


def points(values: list[float] | np.ndarray) -> Points:
    return Points(np.arange(len(values)) * 10, np.zeros(len(values)), np.array(values, np.float32))


def test_values_that_are_not_finite() -> None:
    assert non_finite(points([1.0, 2.0])) is None
    assert non_finite(points([1.0, math.inf, math.nan, -math.inf])) == (1, 2, 10)
    assert non_finite(points([])) is None
    (flag,) = flags(points([1.0, math.nan]), None)
    assert (flag.kind, flag.step, flag.text) == ("nonfinite", 10, "1 NaN since step 10")


def test_divergence_tells_since_when() -> None:
    values = np.concatenate([np.linspace(2, 0.1, 50), np.linspace(3, 30, 50)])
    flag = divergence(points(values), "down")
    assert flag is not None
    assert flag.step == 500
    assert "10 times" in flag.text
    assert divergence(points(1 / values), "up").step == 500  # type: ignore[union-attr]
    assert divergence(points(values), "up") is None
    assert divergence(points(values), "down", factor=1000.0) is None
    assert divergence(points(values[:19]), "down") is None
    assert divergence(points(-values), "down") is None


def test_a_spike_is_no_divergence() -> None:
    values = np.full(100, 0.1)
    values[[30, 60, 99]] = 1e6
    assert divergence(points(values), "down") is None


@given(st.lists(st.floats(width=32), max_size=80), st.sampled_from(["up", "down"]))
def test_flags_of_any_values(values: list[float], goal: Goal) -> None:
    for flag in flags(points(values), goal):
        assert 0 <= flag.step < 10 * len(values)


@given(st.lists(st.floats(width=32), max_size=60))
def test_both_ways_to_ask_agree(values: list[float]) -> None:
    series = points(values)
    newest_bad = bool(values) and not math.isfinite(values[-1])
    assert diverged(series.values) == (newest_bad or divergence(series, "down") is not None)


def test_plateaus() -> None:
    chance = np.random.default_rng(1)
    steps = np.arange(600)
    noise = chance.normal(size=600) * 0.02
    still = points(np.exp(-steps / 50) + noise)
    flag = plateau(still, "down")
    assert flag is not None
    assert flag.step == 4000
    assert plateau(points(1 - np.exp(-steps / 50) + noise), "up") is not None
    falling = points(1 - steps / 600 + noise)
    assert plateau(falling, "down") is None
    assert plateau(falling, "up") is not None  # it only gets worse
    assert plateau(points(1 / np.sqrt(1 + steps) + noise / 100), "down") is None
    assert plateau(points([1.0] * 59), "down") is None
    assert plateau(points([1.0] * 60), "down") is not None
