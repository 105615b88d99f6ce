"""How a run is doing: alive or silent, how fast, how long still, and whether its values went bad.

Runs write at very different rhythms, some a hundred points a second, some one an hour. So silence is judged by the
run's own rhythm, and never sooner than writers flush (TensorBoard's, PyTorch's and TensorFlow's every two minutes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.goals import Goal, HasValues

__all__ = [
    "Activity",
    "Flag",
    "NonFinite",
    "State",
    "diverged",
    "divergence",
    "eta",
    "flags",
    "non_finite",
    "plateau",
    "recent_rate",
    "rhythm",
    "run_state",
]

State = Literal["live", "stalled", "ended", "bad", "unreadable", "empty"]

FLUSH_SECONDS = 180.0  # silence up to here tells nothing: a writer's two minutes and some for a slow disk
LIVE_BEATS = 5  # so many of its own pauses a run may be silent and still count as live
GIVEN_UP_SECONDS = 1800.0
GIVEN_UP_BEATS = 50
WATCHED_GIVEN_UP_SECONDS = 24 * 3600.0

DIVERGENCE = 10.0
"""So many times worse than at its best, a metric has diverged."""

PLATEAU_POINTS = 60
"""Fewer values do not tell whether a metric stands still."""

_NEIGHBOURS = 0.9539  # median size of the difference of two normal values, in standard deviations
_MEDIAN_ERROR = 1.2533  # error of a median of n normal values, in standard deviations over the root of n

_RECENT = 200  # points at the end from which rhythm and rate are taken
_PAUSE = 20.0  # a gap so many times the usual one is a pause (a machine asleep, a restart), not a speed


@dataclass(frozen=True)
class Activity:
    """What is known of a run, for :func:`run_state`.

    points: values of any kind read so far; last_wall: newest wall time (seconds since 1970), None before there is
    one; rhythm: seconds between its writes, None while unknown; stopped: it said that it ended (SessionLog STOP after
    its last value); bad: its newest values are not finite or diverged; unreadable: it has files and none can be read;
    watched: it was live since this program looks at it.
    """

    points: int
    last_wall: float | None = None
    rhythm: float | None = None
    stopped: bool = False
    bad: bool = False
    unreadable: bool = False
    watched: bool = False


def run_state(activity: Activity, now: float) -> State:
    """The state of a run at wall time `now`.

    Live for five of its own pauses and at least three minutes after its newest value, then stalled, then ended: after
    fifty pauses and at least half an hour, or after a day if it was live before our eyes. Bad values outrank both.
    A newest value from the future counts as new where clocks may just differ, and as no clock at all beyond that.
    """
    if activity.points == 0:
        return "unreadable" if activity.unreadable else "empty"
    if activity.bad:
        return "bad"
    if activity.stopped or activity.last_wall is None or not math.isfinite(activity.last_wall):
        return "ended"
    silence = now - activity.last_wall
    beat = activity.rhythm or 0.0
    if abs(silence) <= max(FLUSH_SECONDS, LIVE_BEATS * beat):
        return "live"
    patience = max(GIVEN_UP_SECONDS, GIVEN_UP_BEATS * beat)
    if activity.watched:
        patience = max(patience, WATCHED_GIVEN_UP_SECONDS)
    return "stalled" if 0 < silence <= patience else "ended"


def rhythm(walls: npt.NDArray[np.float64]) -> float | None:
    """The seconds between two writes that nine of ten recent pauses do not exceed; None for fewer than two times.

    walls: float64[n] in order of writing. Equal, falling and non-finite times are passed over.
    """
    gaps = np.diff(_finite(walls[-_RECENT:]))
    gaps = gaps[gaps > 0]
    return _ninth_tenth(gaps) if len(gaps) else None


def _ninth_tenth(values: npt.NDArray[np.float64]) -> float:
    """The 0.9 quantile of finite values, between two of them where it falls there; NumPy's takes ten times as long for
    few values, and there may be thousands of runs."""
    values = np.sort(values)
    place = 0.9 * (len(values) - 1)
    below = int(place)
    low, high = values.item(below), values.item(min(below + 1, len(values) - 1))
    return float(low + (high - low) * (place - below))


def recent_rate(steps: npt.NDArray[np.int64], walls: npt.NDArray[np.float64]) -> float | None:
    """Steps a second over the last points whose steps and wall times rise, long pauses left out; None where unknown.

    steps: int64[n], walls: float64[n], in order of writing.
    """
    steps, walls = steps[-_RECENT:], walls[-_RECENT:]
    if len(steps) < 2:
        return None
    with np.errstate(invalid="ignore"):
        step_gaps, wall_gaps = np.diff(steps.astype(np.float64)), np.diff(walls)
        good = (step_gaps > 0) & (wall_gaps >= 0) & np.isfinite(wall_gaps)
    broken = np.flatnonzero(~good)
    begin = broken.item(-1) + 1 if len(broken) else 0
    step_gaps, wall_gaps = step_gaps[begin:], wall_gaps[begin:]
    if not len(wall_gaps):
        return None
    usual = float(np.median(wall_gaps))
    if usual > 0:
        kept = wall_gaps <= _PAUSE * usual
        step_gaps, wall_gaps = step_gaps[kept], wall_gaps[kept]
    seconds = float(wall_gaps.sum())
    return float(step_gaps.sum()) / seconds if seconds > 0 else None


def eta(step: int, goal: int | None, rate: float | None) -> float | None:
    """Seconds until `goal` is reached at `rate` steps a second; None where that can't be said, or it is reached.

    Of `goal` steps counted from 0 the last is `goal` - 1.
    """
    if goal is None or rate is None or rate <= 0 or goal - 1 <= step:
        return None
    return (goal - step) / rate


class NonFinite(NamedTuple):
    """How many values are NaN and how many infinite, and the step of the first of either."""

    nans: int
    infinities: int
    first_step: int


class Flag(NamedTuple):
    """Something about a series that somebody should look at. step: since when; text: by which rule, in words."""

    kind: Literal["nonfinite", "divergence", "plateau"]
    step: int
    text: str


def non_finite(points: HasValues) -> NonFinite | None:
    """The values of a series that are not finite; None where all are."""
    bad = np.flatnonzero(~np.isfinite(points.values))
    if not len(bad):
        return None
    nans = int(np.count_nonzero(np.isnan(points.values[bad])))
    return NonFinite(nans, len(bad) - nans, int(points.steps[bad[0]]))


def diverged(values: npt.NDArray[np.floating[Any]]) -> bool:
    """Whether a quantity that should fall has gone wrong: its newest value is not finite, or it has climbed from its
    best to ten times that, and above where it began.

    values: float[n], live points in order. Short series (under 20 values) are only judged by their newest value.
    """
    if not len(values):
        return False
    if not np.isfinite(values[-1]):
        return True
    return _collapse(_finite(values.astype(np.float64, copy=False)), "down", DIVERGENCE) is not None


def flags(points: HasValues, goal: Goal | None) -> list[Flag]:
    """Everything that is to be said of a series; without a goal only whether its values are finite."""
    found = []
    bad = non_finite(points)
    if bad is not None:
        words = [f"{count} {name}" for count, name in ((bad.nans, "NaN"), (bad.infinities, "Inf")) if count]
        found.append(Flag("nonfinite", bad.first_step, f"{', '.join(words)} since step {bad.first_step}"))
    if goal is not None:
        apart = divergence(points, goal)
        level = plateau(points, goal) if apart is None else None
        found += [flag for flag in (apart, level) if flag is not None]
    return found


def divergence(points: HasValues, goal: Goal, factor: float = DIVERGENCE) -> Flag | None:
    """Whether a metric has gone from its best to `factor` times worse, and worse than where it began.

    The finite values are cut into ten equal pieces, of which each counts by its median, so that single spikes do not
    matter: the newest piece must be worse than the first, and (for metrics that should fall) above `factor` times the
    best one, or (for those that should rise) below the best one divided by it. Only levels above 0 can be compared
    so; series of fewer than 20 finite values are not judged. `step` is where the pieces begin that are all so bad.
    """
    finite = np.isfinite(points.values)
    values, steps = points.values[finite].astype(np.float64), points.steps[finite]
    since = _collapse(values, goal, factor)
    if since is None:
        return None
    where = "above" if goal == "down" else "below 1 /"
    return Flag("divergence", int(steps[since]), f"median {where} {factor:g} times the best since step {steps[since]}")


def plateau(points: HasValues, goal: Goal) -> Flag | None:
    """Whether a metric has stopped to get better: over its last third it gained no more than its noise.

    The last third of the finite values (of at least 60) is cut in two halves. The gain from one half's median to the
    other's counts as none where it is below twice the error that noise gives such a difference (noise: the median
    size of the change from one value to the next), or below a two-hundredth of the way from the first tenth's median to
    the best tenth's. `step` is where that third begins.
    """
    finite = np.isfinite(points.values)
    values, steps = points.values[finite].astype(np.float64), points.steps[finite]
    if len(values) < PLATEAU_POINTS:
        return None
    if goal == "up":
        values = -values
    begin = len(values) - len(values) // 3
    last = values[begin:]
    half = len(last) // 2
    gain = float(np.median(last[:half]) - np.median(last[half:]))
    noise = float(np.median(np.abs(np.diff(last)))) / _NEIGHBOURS
    levels = _levels(values)
    way = max(0.0, float(levels[0] - levels.min()))
    if gain > max(2 * _MEDIAN_ERROR * noise * math.sqrt(2 / half), way / 200):
        return None
    return Flag(
        "plateau", int(steps[begin]), f"no gain beyond its noise since step {steps[begin]} (last third of the points)"
    )


def _collapse(values: npt.NDArray[np.float64], goal: Goal, factor: float) -> int | None:
    """Index of the finite values from which on every piece is so bad; None where the newest is not."""
    if len(values) < 20:
        return None
    tenth = max(2, len(values) // 10)
    if _is_near_its_best(values, values[-tenth:], goal, factor):
        return None
    levels = _levels(values)
    newest = float(np.median(values[-tenth:]))
    if levels.min() <= 0 or newest <= 0:
        return None
    if goal == "down":
        bad, fell = levels > factor * levels.min(), newest > factor * levels.min() and newest > levels[0]
    else:
        bad, fell = levels * factor < levels.max(), newest * factor < levels.max() and newest < levels[0]
    if not fell:
        return None
    good = np.flatnonzero(~bad)
    since = (good.item(-1) + 1 if len(good) else 0) * tenth
    return min(since, len(values) - tenth)


def _is_near_its_best(
    values: npt.NDArray[np.float64], last: npt.NDArray[np.float64], goal: Goal, factor: float
) -> bool:
    """Whether no median of the last values can be `factor` times worse than the best median: medians lie between the
    smallest and the largest value. Says so of nearly all series, and takes a tenth of the time."""
    low, high = values.min(), values.max()
    return bool(low > 0 and (last.max() <= factor * low if goal == "down" else last.min() * factor >= high))


def _levels(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The medians of ten equal pieces, or of eleven where a rest is long enough."""
    tenth = max(2, len(values) // 10)
    levels: npt.NDArray[np.float64] = np.median(values[: len(values) // tenth * tenth].reshape(-1, tenth), axis=1)
    return levels


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
