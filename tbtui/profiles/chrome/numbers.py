"""Numbers of Chrome traces, of whatever type they are written: times, and what identifies something.

Times are microseconds with decimals, of which the ones behind the third are rounding.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.chrome.text import Piece
from tbtui.profiles.model import NOTHING

NS_PER_US = 1000
NO_TIME = -(1 << 63)

_COARSE = 2.0**52 / 1000  # microseconds from here on, a float64 does not tell nanoseconds apart
_LARGEST = 1 << 62


def nanoseconds(values: Sequence[Any]) -> NDArray[np.int64]:
    """Microseconds as whole nanoseconds, NO_TIME where one is none."""
    kinds = set(map(type, values))
    if not kinds <= {int, float}:
        return np.array([one_time(value) for value in values], np.int64)
    if kinds == {int}:
        whole = np.array(values, object) if values and max(map(abs, values)) > _LARGEST else np.array(values, np.int64)
        return (
            np.array([one_time(value) for value in values], np.int64) if whole.dtype == object else _thousandfold(whole)
        )
    numbers = np.array(values, np.float64) * NS_PER_US
    good = np.abs(numbers) < _LARGEST
    found = np.full(len(numbers), NO_TIME, np.int64)
    found[good] = np.rint(numbers[good]).astype(np.int64)
    return found


def _thousandfold(values: NDArray[np.int64]) -> NDArray[np.int64]:
    good = np.abs(values) < _LARGEST // NS_PER_US
    return np.where(good, values * NS_PER_US, NO_TIME)


def one_time(value: Any) -> int:
    """One time, of whatever type it is."""
    if isinstance(value, str | bytes):
        try:
            value = Decimal(value if isinstance(value, str) else value.strip(b'"').decode("ascii", "replace"))
        except InvalidOperation:
            return NO_TIME
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal) or not math.isfinite(value):
        return NO_TIME
    whole = round(value * NS_PER_US)
    return whole if abs(whole) < _LARGEST else NO_TIME


def exact_times(piece: Piece) -> NDArray[np.int64] | None:
    """The times of all events as they are written, where a float64 would round them: old traces tell them since 1970,
    new ones since the machine was started. None where that makes no difference."""
    largest = max((event.ts for event in piece.events if isinstance(event.ts, float)), default=0.0)
    if not largest > _COARSE:
        return None
    written = piece.written_times()
    if not written:
        return None
    if all(text[-4:-3] == b"." for text in written):  # three decimals: without the point they are nanoseconds
        text = b"[" + b",".join(written).replace(b".", b"") + b"]"
        try:
            return np.array(msgspec.json.decode(text, type=list[int]), np.int64)
        except (msgspec.DecodeError, OverflowError):
            pass
    return np.array([one_time(text) for text in written], np.int64)


def whole_numbers(values: Sequence[Any]) -> NDArray[np.int64]:
    """Numbers that identify something, NOTHING where one is none."""
    if set(map(type, values)) == {int} and min(values) > -_LARGEST and max(values) < _LARGEST:
        return np.array(values, np.int64)
    return np.array([one_whole(value) for value in values], np.int64)


def one_whole(value: Any) -> int:
    """A number that identifies something, NOTHING where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return NOTHING
    try:
        number = int(value)
    except (ValueError, OverflowError):
        return NOTHING
    return number if -_LARGEST < number < _LARGEST else NOTHING


def whole_or_zero(value: Any) -> int:
    number = one_whole(value)
    return 0 if number == NOTHING and value != NOTHING else number
