"""Numbers, steps and times of every oddity, on their way from a file to tables, pictures and the screen.

Whatever is shown must come without an exception and without a warning of NumPy's: both would be seen on the screen.
"""

from __future__ import annotations

import itertools
import json
import math
import re
import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

import tbtui
from tbtui.analysis.smoothing import smooth
from tbtui.cli import main
from tbtui.events.record import encode_record
from tests.support.app import shown
from tests.support.logfiles import NAME, START, header, scalar, write
from tests.support.messages import doubles, message, metadata, summary, tensor, value

INT64 = np.iinfo(np.int64)
LARGEST = float(np.finfo(np.float32).max)
TINY = 1e-45  # the smallest float32

Series = tuple[Sequence[float], Sequence[int] | None, Sequence[float] | None]

NASTY: dict[str, Series] = {
    "constant": ([3.5] * 20, None, None),
    "constant zero": ([0.0] * 20, None, None),
    "negative zero": ([-0.0, 0.0, -0.0], None, None),
    "one point": ([1.0], None, None),
    "one point far out": ([LARGEST], [INT64.max], [4e9]),
    "two equal points": ([2.0, 2.0], None, None),
    "all nan": ([math.nan] * 10, None, None),
    "one nan": ([math.nan], None, None),
    "nan and infinities": ([1.0, math.nan, math.inf, -math.inf, 2.0], None, None),
    "infinity only": ([math.inf, math.inf], None, None),
    "gaps": ([1.0, math.nan, 2.0, math.nan, math.nan, 3.0, 2.5], None, None),
    "tiny range": ([1e-40, 2e-40, 1.5e-40], None, None),
    "smallest": ([TINY, 0.0, -TINY], None, None),
    "largest": ([-LARGEST, LARGEST, 0.0, LARGEST], None, None),
    "decades": ([10.0**e for e in range(-44, 38, 3)], None, None),
    "never positive": ([-1.0, 0.0, -5.0], None, None),
    "partly positive": ([-1.0, 0.0, 1e-3, 10.0], None, None),
    "extreme steps": ([1.0, 2.0, 3.0, 4.0], [INT64.min, -1, 0, INT64.max], None),
    "far steps": ([1.0, 2.0], [INT64.max - 1, INT64.max], None),
    "negative steps": ([1.0, 2.0, 3.0], [-10, -5, -1], None),
    "repeated steps": ([float(i) for i in range(10)], [7] * 10, None),
    "backward steps": ([float(i) for i in range(9)], [0, 1, 2, 3, 4, 2, 3, 1, 2], None),
    "no times": ([1.0, 2.0, 3.0], None, [math.nan, math.inf, -math.inf]),
    "odd times": ([1.0, 2.0, 3.0, 4.0, 5.0], None, [0.0, -5.0, 1e300, 4e9, START]),
    "clock back": ([1.0, 2.0, 3.0, 4.0], None, [START + 100, START + 200, START + 50, START + 150]),
    "one moment": ([1.0, 2.0, 3.0], None, [START] * 3),
}

DOUBLES: dict[str, Series] = {
    "far decades": ([10.0**e for e in range(-300, 301, 25)], None, None),
    "far smaller": ([1e-300, 2e-300, 1.5e-300], None, None),
    "far larger": ([-1.7e308, 1.7e308, 0.0, 1.7e308], None, None),
    "smallest double": ([5e-324, 0.0, -5e-324], None, None),
    "nearly equal": ([1.0, 1.0 + 2**-52, 1.0], None, None),
}
"""What only float64 can hold."""

NASTY |= DOUBLES


@pytest.fixture(autouse=True)
def no_warnings() -> Iterator[None]:
    """NumPy's warnings are faults here."""
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        yield


@pytest.fixture(scope="module")
def nasty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One run with all of it, and for each series a run of its own."""
    folder = tmp_path_factory.mktemp("nasty")
    parts = {name: records(name) for name in NASTY}
    write(folder / "together" / NAME, header(), *parts.values())
    for name, data in parts.items():
        write(folder / "each" / name / NAME, header(), data)
    return folder


def records(name: str) -> bytes:
    values, steps, walls = NASTY[name]
    places = list(range(len(values))) if steps is None else list(steps)
    times = [START + 10 * i for i in range(len(values))] if walls is None else list(walls)
    write_one = double_scalar if name in DOUBLES else scalar
    points = zip(places, values, times, strict=True)
    return b"".join(write_one(step, number, name, wall) for step, number, wall in points)


def double_scalar(step: int, number: float, tag: str, wall: float) -> bytes:
    """A record with one float64, as TF2 writes it."""
    body = message(8, tensor(2, message(2), doubles(6, [number])))
    return encode_record(summary(value(tag, body, metadata("scalars")), step=step, wall=wall))


# --- commands


@pytest.mark.parametrize("options", [[], ["--no-purge"]])
def test_inspect_and_export_tell_every_number(
    nasty: Path, capsys: pytest.CaptureFixture[str], options: list[str]
) -> None:
    """Every series is there, sums do not overflow, numbers that are none are named, tables are printed too."""
    assert main(["inspect", "--json", *options, str(nasty / "together")]) == 0
    (run,) = json.loads(capsys.readouterr().out)["runs"]
    found = {series["tag"]: series for series in run["series"]}
    assert set(found) == set(NASTY)
    assert run["start_time"] == START
    assert found["all nan"]["nan"] == 10
    assert found["all nan"]["min"] is found["all nan"]["mean"] is None
    assert found["infinity only"]["inf"] == 2
    assert found["largest"]["mean"] == pytest.approx(LARGEST / 4)
    assert (found["extreme steps"]["min_step"], found["extreme steps"]["max_step"]) == (INT64.min, INT64.max)
    assert found["no times"]["first_wall"] == "NaN"
    assert main(["inspect", "-v", *options, str(nasty)]) == 0
    assert all(name in capsys.readouterr().out for name in ["all nan"])
    assert main(["export", *options, str(nasty / "together")]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) - 1 == sum(series["count"] for series in found.values())


@pytest.mark.parametrize("x", ["step", "relative", "wall"])
@pytest.mark.parametrize("scale", [[], ["--log-y"]])
@pytest.mark.parametrize("smoothing", ["0", "0.9"])
def test_plot_draws_every_series_on_every_axis(
    nasty: Path, capsys: pytest.CaptureFixture[str], x: str, scale: list[str], smoothing: str
) -> None:
    """One chart a tag, none wider than asked for, no label that is no number."""
    for folder in ("together", "each"):
        command = ["plot", "--x", x, *scale, "--smooth", smoothing, "--width", "70", "--height", "12"]
        assert main([*command, str(nasty / folder)]) == 0
        printed = capsys.readouterr()
        assert printed.err == ""
        assert max(map(len, printed.out.splitlines())) <= 70
        assert all(name in printed.out for name in NASTY)
        labels = [line.split("┤")[0].strip() for line in printed.out.splitlines() if "┤" in line]
        assert all(re.fullmatch(r"-?[0-9][0-9.,]*(e-?[0-9]+|[kMGTPE])?", label) for label in labels), labels


def test_a_series_without_a_finite_value_says_so(nasty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name in ("all nan", "one nan", "infinity only"):
        assert main(["plot", "--tag", f"^{name}$", str(nasty / "together")]) == 0
        assert "no finite value" in capsys.readouterr().out


def test_a_logarithmic_axis_says_what_it_cannot_show(nasty: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What is not positive is marked; where nothing is positive there is a sentence instead of an empty chart."""
    assert main(["plot", "--log-y", "--tag", "^never positive$", str(nasty / "together")]) == 0
    assert "no positive value" in capsys.readouterr().out
    assert main(["plot", "--log-y", "--tag", "^partly positive$", str(nasty / "together")]) == 0
    assert "▾" in capsys.readouterr().out


# --- smoothing


def slowly(values: Sequence[float], weight: float) -> list[float]:
    """TensorBoard's smoothing, one value at a time: what is not finite passes through and leaves no trace."""
    last, count, out = 0.0, 0, []
    for number in values:
        if not math.isfinite(number):
            out.append(number)
            continue
        last = last * weight + (1 - weight) * number
        count += 1
        out.append(last / (1 - weight**count))
    return out


@pytest.mark.parametrize("name", ["gaps", "nan and infinities", "all nan", "tiny range", "decades", "one point"])
@pytest.mark.parametrize("weight", [0.3, 0.6, 0.99])
def test_smoothing_passes_over_gaps(name: str, weight: float) -> None:
    """A value that is no number is a gap and leaves no trace in what follows."""
    values = np.array(NASTY[name][0], np.float64)
    np.testing.assert_allclose(smooth(values, weight), slowly(values.tolist(), weight), rtol=1e-9)


# --- times


def test_the_relative_axis_begins_with_the_first_time_that_is_one(tmp_path: Path) -> None:
    """A version record later than the events, impossible times before the first good one: neither moves the origin."""
    walls = [math.nan, 0.0, -5.0, START + 10, START + 20, math.inf]
    parts = [scalar(step, 1.0, "loss", wall) for step, wall in enumerate(walls)]
    write(tmp_path / NAME, header(START + 1000), *parts)
    run = tbtui.open_logdir(tmp_path)["."]
    run.settled()
    assert run.start_time == START + 10


# --- the screen


async def test_the_app_shows_every_series_under_every_key(nasty: Path) -> None:
    """Charts by pages, each one full screen with its cursor, the table; with every axis, scale and smoothing."""
    store = tbtui.open_logdir(nasty / "together").store
    async with shown(store, size=(120, 40)) as screen:
        await screen.press("x", "pgdn", "y", "pgdn", "x", "pgup", "y", "O", "P", "s", "S", "t", "pgdn", "t", "enter")
        for key in itertools.islice(itertools.cycle(("right", "x", "y", "l", "s", "z", "h", "0")), len(NASTY)):
            await screen.press(key, "n")
        await screen.press("escape")
        assert screen.app.is_running
        for width, height in ((30, 8), (60, 20), (200, 50)):
            await screen.resize(width, height)
            assert all(len(line) <= width for line in screen.lines)


async def test_the_app_shows_runs_of_every_kind_side_by_side(nasty: Path) -> None:
    """Each oddity in a run of its own: the run list tells the state of each, and the charts are drawn."""
    store = tbtui.open_logdir(nasty / "each").store
    async with shown(store, size=(160, 50)) as screen:
        assert all(name in screen.text for name in ("constant zero", "extreme steps", "no times"))
        await screen.press("x", "x", "x", "y", "y", "y", "down", "down", "o", "j", "o", "t")
        assert screen.app.is_running
