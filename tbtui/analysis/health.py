"""How a run is doing: alive or silent, how fast, how long still, and whether its values went bad.

Runs write at very different rhythms, some a hundred points a second, some one an hour. So silence is judged by the
run's own rhythm, and never sooner than writers flush (TensorBoard's, PyTorch's and TensorFlow's every two minutes).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

__all__ = ["Activity", "State", "diverged", "eta", "recent_rate", "rhythm", "run_state"]

State = Literal["live", "stalled", "ended", "bad", "unreadable", "empty"]

FLUSH_SECONDS = 180.0  # silence up to here tells nothing: a writer's two minutes and some for a slow disk
LIVE_BEATS = 5  # so many of its own pauses a run may be silent and still count as live
GIVEN_UP_SECONDS = 1800.0
GIVEN_UP_BEATS = 50
WATCHED_GIVEN_UP_SECONDS = 24 * 3600.0

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
    return float(np.quantile(gaps, 0.9)) if len(gaps) else None


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
    """Seconds until `goal` is reached at `rate` steps a second; None where that can't be said."""
    if goal is None or rate is None or rate <= 0 or goal <= step:
        return None
    return (goal - step) / rate


def diverged(values: npt.NDArray[np.floating[Any]]) -> bool:
    """Whether a quantity that should fall has gone wrong: its newest value is not finite, or it has climbed from its
    best to ten times that, and above where it began.

    values: float[n], live points in order. Short series (under 20 values) are only judged by their newest value.
    """
    if not len(values):
        return False
    if not np.isfinite(values[-1]):
        return True
    finite = _finite(values.astype(np.float64, copy=False))
    if len(finite) < 20:
        return False
    tenth = max(2, len(finite) // 10)
    pieces = finite[: len(finite) // tenth * tenth].reshape(-1, tenth)
    levels = np.median(pieces, axis=1)
    newest = float(np.median(finite[-tenth:]))
    return bool(levels.min() > 0 and newest > 10 * levels.min() and newest > levels[0])


def _finite(values: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    return values[np.isfinite(values)]
