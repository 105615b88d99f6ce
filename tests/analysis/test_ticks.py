"""Ticks: round places inside the axis, labels that can be told apart and do not touch, for any numbers."""

from __future__ import annotations

import math
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tbtui.analysis.axes import Axis
from tbtui.analysis.ticks import TickKind, Ticks, fit_ticks, nice_ticks, tick_cells

KINDS: list[TickKind] = ["number", "step", "relative", "wall"]
finite = st.floats(allow_nan=False, allow_infinity=False)
START = datetime(2023, 11, 14, 22, 13, 20, tzinfo=UTC).timestamp()
MINUTE, HOUR, DAY = 60, 3600, 86400


def labels(low: float, high: float, count: int, kind: TickKind = "number", scale: str = "linear") -> list[str]:
    return nice_ticks(Axis(low, high, scale, 1e-3), count, kind, UTC).labels  # type: ignore[arg-type]


@settings(max_examples=300, deadline=None)
@given(finite, finite, st.integers(1, 30), st.sampled_from(KINDS), st.sampled_from(["linear", "log", "symlog"]))
@example(5e-324, 1.7e308, 5, "number", "log")
@example(-1.7e308, 1.7e308, 5, "number", "linear")
@example(-(2.0**63), 2.0**63, 8, "step", "linear")
@example(0.0, 1e300, 8, "wall", "linear")
@example(1e16, 1e16 + 4, 8, "number", "linear")
@example(-62135596800.0, 253402300799.0, 8, "wall", "linear")
def test_any_axis_has_sane_ticks(one: float, other: float, count: int, kind: TickKind, scale: str) -> None:
    low, high = min(one, other), max(one, other)
    if scale == "log":
        low, high = max(low, 5e-324), max(high, 5e-324)
    axis = Axis(low, high, scale, 1.0)  # type: ignore[arg-type]
    ticks = nice_ticks(axis, count, kind, UTC)
    assert len(ticks.positions) == len(ticks.labels) <= 2 * count + 2
    assert all(low <= position <= high for position in ticks.positions)
    assert ticks.positions == sorted(set(ticks.positions))
    assert all(label.isascii() and label.isprintable() and 0 < len(label) <= 24 for label in ticks.labels)
    for width in (1, 5, 20, 77):
        fitted = fit_ticks(axis, width, kind, UTC)
        check_apart(fitted, axis, width)


def check_apart(ticks: Ticks, axis: Axis, width: int) -> None:
    end = -1
    for cell, label in zip(tick_cells(axis, ticks.positions, width), ticks.labels, strict=True):
        start = max(0, min(cell - (len(label) - 1) // 2, width - len(label)))
        assert start > end, ticks
        end = start + len(label)


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0, 1, 6, ["0", "0.2", "0.4", "0.6", "0.8", "1.0"]),
        (0, 1, 3, ["0", "0.5", "1.0"]),
        (-0.1, 1.1, 4, ["0", "0.5", "1.0"]),
        (0, 12_000, 4, ["0", "5000", "10000"]),
        (0, 5e8, 3, ["0", "200M", "400M"]),
        (0, 1.2e-4, 3, ["0", "5e-5", "1e-4"]),
        (-3e-12, 3e-12, 3, ["-2e-12", "0", "2e-12"]),
        (1_000_000, 1_000_000.01, 3, ["1e6", "+0.005", "+0.010"]),
        (0, 1e-300, 3, ["0", "5e-301", "1e-300"]),
    ],
)
def test_numbers(low: float, high: float, count: int, expected: list[str]) -> None:
    assert labels(low, high, count) == expected


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0, 45_200, 5, ["0", "10k", "20k", "30k", "40k"]),
        (0, 3, 8, ["0", "1", "2", "3"]),
        (0, 9e6, 4, ["0", "5M"]),
        (0, 2.4e6, 6, ["0", "500k", "1M", "1.5M", "2M"]),
        (45_200, 45_203, 5, ["45200", "45201", "45202", "45203"]),
        (-(2.0**63), 2.0**63, 3, ["-5e18", "0", "5e18"]),
    ],
)
def test_steps(low: float, high: float, count: int, expected: list[str]) -> None:
    assert labels(low, high, count, "step") == expected


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (0, 10, 6, ["0", "2s", "4s", "6s", "8s", "10s"]),
        (0, 0.02, 5, ["0", "5ms", "10ms", "15ms", "20ms"]),
        (0, 1.5, 4, ["0", "0.5s", "1.0s", "1.5s"]),
        (0, 80 * MINUTE, 6, ["0", "15m", "30m", "45m", "1h", "1h 15m"]),
        (0, 2.5 * DAY, 6, ["0", "12h", "1d", "1d 12h", "2d", "2d 12h"]),
        (0, 40 * DAY, 5, ["0", "10d", "20d", "30d", "40d"]),
        (-20, 20, 6, ["-20s", "-10s", "0", "10s", "20s"]),
    ],
)
def test_spans_of_time(low: float, high: float, count: int, expected: list[str]) -> None:
    assert labels(low, high, count, "relative") == expected


@pytest.mark.parametrize(
    ("span", "count", "expected"),
    [
        (100, 4, ["Nov 14 22:13:30", "22:14:00", "22:14:30", "22:15:00"]),
        (5000, 4, ["Nov 14 22:30", "23:00", "23:30"]),
        (DAY, 5, ["Nov 15", "06:00", "12:00", "18:00"]),
        (20 * DAY, 5, ["Nov 16", "Nov 21", "Nov 26", "Dec 1"]),
        (300 * DAY, 5, ["2024", "Apr", "Jul"]),
        (60 * DAY, 3, ["Dec 10", "Jan 7"]),
        (0.5, 3, ["22:13:20.0", "22:13:20.2", "22:13:20.4"]),
    ],
)
def test_clock(span: float, count: int, expected: list[str]) -> None:
    assert labels(START, START + span, count, "wall") == expected


def test_years() -> None:
    assert labels(0, START, 4, "wall") == ["1980", "2000", "2020"]


def test_a_day_on_which_clocks_change() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    low = datetime(2023, 10, 28, 12, tzinfo=berlin).timestamp()
    ticks = nice_ticks(Axis(low, low + 30 * HOUR), 8, "wall", berlin)
    assert ticks.labels == ["12:00", "18:00", "Oct 29", "06:00", "12:00"]
    assert [round(b - a) // HOUR for a, b in zip(ticks.positions, ticks.positions[1:], strict=False)] == [6, 6, 7, 6]


@pytest.mark.parametrize(
    ("low", "high", "count", "expected"),
    [
        (1e-5, 3, 6, ["1e-5", "1e-4", "0.001", "0.01", "0.1", "1"]),
        (1e-5, 3, 3, ["1e-4", "0.01", "1"]),
        (0.01, 0.3, 5, ["0.01", "0.02", "0.05", "0.1", "0.2"]),
        (1.1, 1.9, 4, ["1.2", "1.4", "1.6", "1.8"]),
        (1e-300, 1e300, 4, ["1e-200", "1", "1e200"]),
    ],
)
def test_logarithms(low: float, high: float, count: int, expected: list[str]) -> None:
    assert labels(low, high, count, scale="log") == expected


def test_logarithmic_steps_and_times() -> None:
    assert labels(1, 45_000, 3, "step", "log") == ["1", "100", "10k"]
    assert labels(1, 45_000, 6, "relative", "log") == ["1s", "10s", "1m", "10m", "1h", "10h"]


def test_symlog_has_zero_and_powers_on_both_sides() -> None:
    assert labels(-100, 1e5, 9, scale="symlog") == ["-10", "-0.1", "0", "0.1", "10", "1000", "1e5"]


def test_nothing_to_tell() -> None:
    assert nice_ticks(Axis(math.nan, 1), 5) == Ticks([], [])
    assert nice_ticks(Axis(0, 5e-324), 5).positions == []
    assert fit_ticks(Axis(0, 1), 0) == Ticks([], [])
