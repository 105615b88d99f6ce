"""What stands beside and below the lanes of the timeline: their labels, round times, names of spans."""

from __future__ import annotations

import math
import re

import numpy as np

from tbtui.dashboards.profile.opening import Opened
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.profiles.model import Kind, Lane

TICK_CELLS = 11
UNITS = ((1e12, "s"), (1e9, "ms"), (1e6, "µs"), (1e3, "ns"), (1.0, "ps"))
_ROUND = (1, 2, 5, 10)
_STREAM = re.compile(r"\s*(?:stream)?\s*#?(\d+)", re.IGNORECASE)
"""What a stream is called: its number, alone or behind a word, and what it is for."""


def ticks(begin: float, end: float, columns: int, ascii_only: bool = False) -> list[tuple[int, str]]:
    """(column, text) of round times along an axis of so many columns, each text beginning with the mark of the time."""
    length = end - begin
    if columns < 2 or length <= 0:
        return []
    least = length * TICK_CELLS / columns
    power = 10.0 ** math.floor(math.log10(least))
    step = next(each * power for each in _ROUND if each * power >= least * (1 - 1e-9))
    largest = max(abs(begin), abs(end))
    unit, letters = next((one for one in UNITS if largest >= one[0] and step >= one[0] / 1e6), UNITS[-1])
    letters = letters.replace("µ", "u") if ascii_only else letters
    decimals = max(0, math.ceil(-math.log10(step / unit) - 1e-9))
    found = []
    for number in range(math.ceil(begin / step), math.floor(end / step) + 1):
        column = round((number * step - begin) / length * columns)
        if column < columns:
            found.append((column, f"|{number * step / unit:.{decimals}f} {letters}"))
    return found


def shown_name(opened: Opened, span: int) -> str:
    """The name of a span, that of a kernel shortened."""
    name = opened.profile.name_of(span)
    return short_kernel_name(name) if opened.profile.spans.kind[span] == Kind.KERNEL else name


def lane_label(lane: Lane, short: bool = False) -> str:
    """What a lane is called; short where there is little room."""
    if short and lane.on_device and (stream := _STREAM.match(lane.thread)):
        return f"dev {lane.device} s{stream[1]}"
    if short and lane.thread.isdecimal():
        return f"thr {lane.thread}"
    if lane.on_device:
        return f"dev {lane.device} {'stream ' if lane.thread.isdecimal() else ''}{lane.thread}"
    return lane.title or (f"thread {lane.thread}" if lane.thread.isdecimal() else lane.thread)


def launcher_of(opened: Opened, span: int) -> str:
    """The operator that launched a device's span; "" where there is none."""
    calls = opened.calls
    place = np.searchsorted(calls.work, span)
    if place < len(calls.work) and int(calls.work[place]) == span and int(calls.launched_by[place]) >= 0:
        return opened.profile.name_of(int(calls.which[int(calls.launched_by[place])]))
    return ""
