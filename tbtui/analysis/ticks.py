"""Where the ticks of an axis stand and what is written at them: values, steps, spans of time, the wall clock."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta, tzinfo
from typing import Literal, NamedTuple

from tbtui.analysis.axes import Axis, multiple
from tbtui.analysis.numbers import DAY, HOUR, MINUTE, YEAR

__all__ = ["TickKind", "Ticks", "fit_ticks", "nice_ticks"]

TickKind = Literal["number", "step", "relative", "wall"]

_MAX = 64
"""More ticks than this are never wanted; it also ends every loop."""
_DIGITS = 6
"""Numbers that would need more digits to be told apart are written as their distance from the first one."""
_SPANS = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, HOUR, 2 * HOUR, 3 * HOUR, 6 * HOUR, 12 * HOUR, DAY)
_LOG_SPANS = (0.01, 0.1, 1, 10, MINUTE, 10 * MINUTE, HOUR, 10 * HOUR, DAY, 10 * DAY, 100 * DAY, 1000 * DAY)
_DAYS = (1, 2, 5, 7, 14, 28)
_LETTERS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


class Ticks(NamedTuple):
    """Positions in the units of the axis, rising, inside it, and a short label for each; ASCII only."""

    positions: list[float]
    labels: list[str]


def nice_ticks(axis: Axis, count: int, kind: TickKind = "number", zone: tzinfo | None = None) -> Ticks:
    """At most about `count` ticks at round places of an axis. Never raises; there may be none.

    kind: numbers; steps (integers, 15k); spans of time in seconds (1h 20m); wall clock, seconds since 1970 shown in
    `zone`, by default the local one.
    """
    count = max(1, min(count, _MAX))
    if not (math.isfinite(axis.low) and math.isfinite(axis.high)) or axis.low > axis.high:
        return Ticks([], [])
    if axis.scale == "log":
        return _log_ticks(axis, count, kind) if axis.low > 0 else Ticks([], [])
    if axis.scale == "symlog":
        return _symlog_ticks(axis, count)
    if kind == "relative":
        return _relative_ticks(axis, count)
    if kind == "wall":
        try:
            return _wall_ticks(axis, count, zone)
        except (OverflowError, ValueError, OSError):  # a clock that ran wild: no calendar has such a date
            return _number_ticks(axis, count)
    return _step_ticks(axis, count) if kind == "step" else _number_ticks(axis, count)


def fit_ticks(axis: Axis, width: int, kind: TickKind = "step", zone: tzinfo | None = None) -> Ticks:
    """As many ticks as an x axis of `width` cells has room for, with the labels well apart."""
    seen: Ticks | None = None
    for count in _counts(width):
        ticks = nice_ticks(axis, count, kind, zone)
        if ticks == seen or len(ticks.positions) > count + count // 2 + 1:
            continue
        seen = ticks
        if _fits(ticks, axis, width):
            return ticks
    return seen if seen and len(seen.positions) == 1 and len(seen.labels[0]) <= width else Ticks([], [])


def tick_cells(axis: Axis, positions: Sequence[float], cells: int) -> list[int]:
    """The column of cells (0 at the low end) that each position is in."""
    return [min(int(share * cells), cells - 1) for share in axis.fraction(positions).tolist()]


def _counts(width: int) -> Iterator[int]:
    count = max(3, min(int(width / (6 + width / 30)), _MAX))  # further apart where there is much room
    while count > 2:
        yield count
        count = min(count - 1, int(count * 0.8))
    yield 2
    yield 1


def _fits(ticks: Ticks, axis: Axis, width: int) -> bool:
    if len(ticks.positions) < 2:
        return False
    last_end = -width
    for cell, label in zip(tick_cells(axis, ticks.positions, width), ticks.labels, strict=True):
        length = len(label)
        start = max(0, min(cell - (length - 1) // 2, width - length))
        if start - last_end < max(2, (length + 1) // 2):
            return False
        last_end = start + length
    return True


# Numbers and steps


def _number_ticks(axis: Axis, count: int) -> Ticks:
    step = _step_for(axis.low, axis.high, count, 0.0)
    positions = _multiples(axis.low, axis.high, step)
    return Ticks(positions, _number_labels(positions, step))


def _step_ticks(axis: Axis, count: int) -> Ticks:
    step = _step_for(axis.low, axis.high, count, 1.0)
    positions = _multiples(axis.low, axis.high, step)
    return Ticks(positions, [_step_label(position, step) for position in positions])


def _step_for(low: float, high: float, count: int, smallest: float) -> float:
    """The smallest round step (1, 2, 5 times a power of ten) with at most `count` ticks between low and high."""
    rough = (high / 2 - low / 2) / count * 2  # halves: the whole may be beyond the largest float
    if not (0 < rough < math.inf):
        return 0.0
    power = _exponent(rough)
    for exponent in (power, power + 1, power + 2):
        for factor in (1, 2, 5):
            step = max(float(f"{factor}e{exponent}"), smallest)
            found = len(_multiples(low, high, step)) if rough * 0.4 <= step < math.inf else 0
            if 0 < found <= count:
                return step
    return max(rough, smallest)


def _multiples(low: float, high: float, step: float) -> list[float]:
    if not 0 < step < math.inf or not math.isfinite(low / step) or not math.isfinite(high / step):
        return []
    slack = 1e-9
    first, last = math.ceil(low / step - slack), math.floor(high / step + slack)
    if last - first > 4 * _MAX or abs(first) > 2**53 or abs(last) > 2**53:
        return []
    return [min(max(multiple(whole, step), low), high) + 0.0 for whole in range(first, last + 1)]


def _number_labels(positions: Sequence[float], step: float) -> list[str]:
    """All with as many decimals as the step needs; with letters or exponents; as distances where that is shorter."""
    if not positions:
        return []
    largest = max(abs(position) for position in positions)
    decimals, digits = max(0, -_exponent(step)), _exponent(largest) - _exponent(step)
    base = positions[0]
    if digits > _DIGITS and base:
        distances = _number_labels([0.0, *(position - base for position in positions[1:])], step)
        return [_scientific(base, 0.0, 2), *(f"+{label}" for label in distances[1:])]
    if largest < 1e5 and decimals <= 4:
        return [_plain(position, decimals) for position in positions]
    if 1e5 <= largest < 1e15 and step >= 1:
        return [_step_label(position, step) for position in positions]
    return [_scientific(position, step, max(0, digits)) for position in positions]


def _plain(value: float, decimals: int) -> str:
    text = f"{value:.{decimals}f}"
    return text if text.strip("-0.") else "0"


def _scientific(value: float, step: float, digits: int) -> str:
    """Shortest form with an exponent that tells multiples of the step apart."""
    if value == 0 or abs(value) < step / 2:
        return "0"
    mantissa, _, exponent = f"{value:.{min(digits, 15)}e}".partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return f"{mantissa}e{int(exponent)}"


def _exponent(value: float) -> int:
    return math.floor(math.log10(abs(value)) + 1e-9) if value else 0


def _step_label(position: float, step: float) -> str:
    """15k, 1.25M; whole digits where a letter would need more than two decimals."""
    if position == 0:
        return "0"
    if abs(position) >= 1e15:
        return _scientific(position, step, max(0, min(_exponent(position) - _exponent(step), 2)))
    for unit, letter in _LETTERS:
        if abs(position) >= unit:
            decimals = max(0, _exponent(unit) - _exponent(step))
            if decimals <= 2:
                number = _plain(position / unit, decimals)
                return f"{number.rstrip('0').rstrip('.') if '.' in number else number}{letter}"
            break
    return f"{position:.0f}" if step >= 1 else f"{position:g}"


# Logarithmic scales


def _log_ticks(axis: Axis, count: int, kind: TickKind) -> Ticks:
    if kind == "relative" and axis.high >= 10 * MINUTE:
        spans = [span for span in _LOG_SPANS if axis.low <= span <= axis.high]
        spans = spans[:: -(-len(spans) // count)] if spans else []
        return Ticks(spans, [_span_label(span, min(span, 1.0)) for span in spans])
    low, high = math.log10(axis.low), math.log10(axis.high)
    first, last = math.ceil(low - 1e-9), math.floor(high + 1e-9)
    decades = last - first + 1
    if decades >= 2 or (decades == 1 and count == 1):
        stride = next(s for s in (1, 2, 3, 5, 10, 20, 30, 50, 100, 200, 300, 500, 1000) if decades <= s * count)
        powers = [power for power in range(first, last + 1) if power % stride == 0]
        positions = [_power(power) for power in powers]
        if stride == 1:
            for factors in ((2, 5), (3,)):
                between = [f * _power(p) for p in range(first - 1, last + 1) for f in (1, *factors)]
                between = [position for position in between if axis.low <= position <= axis.high]
                if len(between) <= count:
                    positions = sorted(between)
                    break
    else:
        between = [f * _power(p) for p in range(first - 1, last + 1) for f in (1, 2, 5)]
        positions = [position for position in between if axis.low <= position <= axis.high]
        if len(positions) < 2:
            return _number_ticks(Axis(axis.low, axis.high), count)
        positions = positions[:: -(-len(positions) // count)]
    positions = [min(max(position, axis.low), axis.high) for position in positions if position > 0]
    return Ticks(positions, [_log_label(position, kind) for position in positions])


def _power(power: int) -> float:
    return float(f"1e{power}") if power < 309 else math.inf


def _log_label(value: float, kind: TickKind) -> str:
    if value == 0:
        return "0"
    if kind == "step" and 1 <= abs(value) < 1e15:
        return _step_label(value, value)
    if 1e-3 <= abs(value) < 1e5:
        return f"{value:.6g}"
    return _scientific(value, 0.0, 2)


def _symlog_ticks(axis: Axis, count: int) -> Ticks:
    """Zero and powers of ten on either side of it, as many as there is room for."""
    largest = max(abs(axis.low), abs(axis.high))
    first, last = _exponent(axis.linear), _exponent(largest) if largest else 0
    for stride in (1, 2, 3, 5, 10, 20, 50, 100, 200, 700):
        powers = [_power(power) for power in range(last, first, -stride)]
        positions = sorted([*(-power for power in powers), 0.0, *powers])
        positions = [position for position in positions if axis.low <= position <= axis.high]
        if len(positions) <= count:
            break
    if len(positions) < 2:
        return _number_ticks(Axis(axis.low, axis.high), count)
    return Ticks(positions, [_log_label(position, "number") for position in positions])


# Time


def _relative_ticks(axis: Axis, count: int) -> Ticks:
    span = axis.high - axis.low
    if span < 2 * count or span / DAY > 1000 * count:
        unit = 1.0 if span < 2 * count else float(DAY)
        step = _step_for(axis.low / unit, axis.high / unit, count, 0.0) * unit
    else:
        sizes = [*_SPANS, *(DAY * days for days in (2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000))]
        step = float(next((size for size in sizes if span / size <= count - 0.5), sizes[-1]))
    positions = _multiples(axis.low, axis.high, step)
    return Ticks(positions, [_span_label(position, step) for position in positions])


def _span_label(seconds: float, step: float) -> str:
    """A span of time in as few units as tell multiples of the step apart: 20m, 1h 20m, 2d 12h, 0.5s, 2ms."""
    if seconds == 0:
        return "0"
    sign, size = ("-" if seconds < 0 else ""), abs(seconds)
    if step < 1 and size < MINUTE:
        if size < 1 and step < 0.1:
            return f"{sign}{size * 1e3:.4g}ms" if step >= 1e-6 else f"{sign}{size:.3g}s"
        return f"{sign}{size:.{max(0, -_exponent(step))}f}s"
    if size >= 1e5 * DAY:
        return f"{sign}{size / YEAR:.3g}y".replace("e+", "e")
    left, out = round(size, 6), []
    for unit, letter in ((DAY, "d"), (HOUR, "h"), (MINUTE, "m"), (1, "s")):
        whole = int(left // unit) if unit > 1 or step >= 1 else left
        left -= whole * unit
        if whole:
            out.append(f"{whole:g}{letter}")
    return sign + " ".join(out[:3]) if out else "0"


def _wall_ticks(axis: Axis, count: int, zone: tzinfo | None) -> Ticks:
    span = axis.high - axis.low
    if span < 2 * count:
        return _wall_by_seconds(axis, count, zone)
    size = next((size for size in _SPANS if span / size <= count - 0.5), None)
    if size is not None and size < DAY:
        midnight = _midnight(axis.low, zone)
        if size <= HOUR:
            # Clocks are put forward and back by whole hours (nearly everywhere): the hour is a safe place to start.
            start = math.floor((axis.low - midnight.timestamp()) / HOUR) * HOUR + midnight.timestamp()
            places = _multiples(axis.low - start, axis.high - start, float(size))
            moments = [datetime.fromtimestamp(start + place, zone) for place in places]
        else:
            moments = _moments(axis, midnight, size)
        return _clock_ticks(moments, size < MINUTE)
    days = next((days for days in _DAYS if span / DAY / days <= count - 0.5), None)
    if days is not None:
        first_day = _midnight(axis.low, zone)
        first_day -= timedelta(days=first_day.toordinal() % days)
        return _day_ticks(_moments(axis, first_day, days * DAY))
    return _calendar_ticks(axis, count, zone)


def _moments(axis: Axis, start: datetime, size: float, slack: float = 2 * HOUR) -> list[datetime]:
    """Every `size` seconds of the clock on the wall (which may be put forward or back) within the axis."""
    first = max(0, math.floor((axis.low - start.timestamp() - slack) / size))
    last = math.ceil((axis.high - start.timestamp() + slack) / size)
    found: list[datetime] = []
    for number in range(first, min(last, first + 64 * _MAX) + 1):
        moment = start + number * timedelta(seconds=size)
        at = moment.timestamp()
        if axis.low <= at <= axis.high and (not found or at > found[-1].timestamp()):
            found.append(moment)
    return found


def _midnight(at: float, zone: tzinfo | None) -> datetime:
    return datetime.fromtimestamp(at, zone).replace(hour=0, minute=0, second=0, microsecond=0, fold=0)


def _wall_by_seconds(axis: Axis, count: int, zone: tzinfo | None) -> Ticks:
    """Less than a few seconds: parts of a second."""
    start = datetime.fromtimestamp(math.floor(axis.low), zone).replace(microsecond=0)
    base = start.timestamp()
    step = _step_for(axis.low - base, axis.high - base, count, 1e-6)
    offsets = _multiples(axis.low - base, axis.high - base, step)
    positions = sorted({min(max(base + offset, axis.low), axis.high) for offset in offsets})
    decimals = max(0, -_exponent(step))
    labels = []
    for position in positions:
        moment = start + timedelta(seconds=round(position - base, 6))
        part = f"{moment.microsecond / 1e6:.{decimals}f}"[1:] if decimals else ""
        labels.append(f"{moment:%H:%M:%S}{part}")
    return Ticks(positions, labels)


def _clock_ticks(moments: Sequence[datetime], with_seconds: bool) -> Ticks:
    """Times of day; midnight is written as the date, and so is the first tick where there is no midnight."""
    labels = [f"{moment:%H:%M:%S}" if with_seconds else f"{moment:%H:%M}" for moment in moments]
    midnights = [number for number, moment in enumerate(moments) if not (moment.hour or moment.minute or moment.second)]
    for number in midnights:
        labels[number] = _day_label(moments[number])
    if labels and not midnights:
        labels[0] = f"{_day_label(moments[0])} {labels[0]}"
    return Ticks([moment.timestamp() for moment in moments], labels)


def _day_ticks(moments: Sequence[datetime]) -> Ticks:
    return Ticks([moment.timestamp() for moment in moments], [_day_label(moment) for moment in moments])


def _day_label(moment: datetime) -> str:
    return f"{_MONTHS[moment.month - 1]} {moment.day}"


def _calendar_ticks(axis: Axis, count: int, zone: tzinfo | None) -> Ticks:
    """The first of months, or of years."""
    begin, end = (datetime.fromtimestamp(at, zone) for at in (axis.low, axis.high))
    span = (end.year - begin.year) * 12 + end.month - begin.month + 1
    sizes = (1, 2, 3, 6, *(12 * years for years in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000)))
    size = next((size for size in sizes if span / size <= count), sizes[-1])
    first = (begin.year * 12 + begin.month - 1) // size * size
    positions, labels = [], []
    for month in range(max(first, 12), min(first + span + size, 9999 * 12), size):
        moment = datetime(month // 12, month % 12 + 1, 1, tzinfo=zone)
        at = moment.timestamp()
        if axis.low <= at <= axis.high:
            january = moment.month == 1
            positions.append(at)
            labels.append(str(moment.year) if january else _MONTHS[moment.month - 1])
    if labels and not any(label.isdigit() for label in labels):
        labels[0] = f"{labels[0]} {datetime.fromtimestamp(positions[0], zone).year}"
    return Ticks(positions, labels)
