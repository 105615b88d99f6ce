"""Numbers as shown and as exported."""

from __future__ import annotations

import math
import struct
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tbtui.analysis.numbers import (
    format_age,
    format_bytes,
    format_duration,
    format_rate,
    format_step,
    format_value,
    shortest,
    shortest_all,
)
from tests.support.scalars_js import tensorboard_numbers, why_not


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (1.0, "1"),
        (0.1 + 0.2, "0.3"),
        (1 / 3, "0.3333"),
        (2 / 3, "0.6667"),
        (1234.5, "1235"),
        (9999.4, "9999"),
        (9999.6, "10000"),
        (10000.0, "1e+4"),
        (12345.0, "1.23e+4"),
        (12250.0, "1.23e+4"),  # an exact half goes up, as in JavaScript
        (-12345.0, "-1.23e+4"),
        (0.001, "0.001"),
        (0.00099, "9.9e-4"),
        (-0.000123456, "-1.23e-4"),
        (1e300, "1e+300"),
        (5e-324, "4.94e-324"),
        (float(np.float32(0.1)), "0.1"),
        (math.nan, "NaN"),
        (math.inf, "∞"),
        (-math.inf, "-∞"),
    ],
)
def test_values_follow_tensorboard(value: float, expected: str) -> None:
    assert format_value(value) == expected


@pytest.mark.skipif(why_not() != "", reason=why_not() or "it can be asked")
def test_values_are_what_tensorboard_shows() -> None:
    chance = np.random.default_rng(2)
    halves = [number / 2**power for number in range(1, 4000, 7) for power in range(14)]  # many exactly between two
    halves += [0.5**power for power in range(1075)] + [number * 5.0 for number in range(1990, 2400)]
    values = [*halves, *(chance.normal(size=5000) * 10 ** chance.uniform(-8, 8, 5000)).tolist()]
    values += np.asarray(values, np.float32).tolist()
    values += [*(-value for value in values), 1.7e308, -0.0]
    assert [format_value(value) for value in values] == [
        text.replace("\N{MINUS SIGN}", "-") for text in tensorboard_numbers(values)
    ]


def documented(value: float) -> str:
    """TensorBoard's rule, written down with C's formatting, which differs only where a value is exactly between two."""
    if value == 0:
        return "0"
    if abs(value) < 1e-3 or abs(value) >= 1e4:
        digits, exponent = f"{value:.2e}".split("e")
        return f"{digits.rstrip('0').rstrip('.')}e{int(exponent):+d}"
    text = format(Decimal(f"{value:.3e}"), "f")
    return text.rstrip("0").rstrip(".") if "." in text else text


def is_between(value: float, digits: int) -> bool:
    """Whether a value is exactly between two numbers of so many digits."""
    return Decimal(value).normalize().as_tuple().digits[digits:] == (5,)


@given(st.floats(allow_nan=False, allow_infinity=False) | st.floats(-1e5, 1e5) | st.floats(-0.01, 0.01))
def test_every_value_follows_the_documented_rule(value: float) -> None:
    exponent = abs(value) < 1e-3 or abs(value) >= 1e4
    if not is_between(value, 3 if exponent else 4):
        assert format_value(value) == documented(value)


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_every_float32_follows_the_documented_rule(value: float) -> None:
    test_every_value_follows_the_documented_rule.hypothesis.inner_test(value)  # type: ignore[attr-defined]


@given(st.floats(-1e307, 1e307))
def test_shown_values_are_near_and_short(value: float) -> None:
    shown = format_value(value)
    assert float(shown) == pytest.approx(value, rel=0.006, abs=0)
    assert len(shown) <= 10


@pytest.mark.parametrize(
    ("step", "expected"),
    [
        (0, "0"),
        (-1, "-1"),
        (9999, "9999"),
        (10000, "10.0k"),
        (45230, "45.2k"),
        (99950, "100k"),
        (999499, "999k"),
        (999500, "1.00M"),
        (1234567, "1.23M"),
        (2**63 - 1, "9.22E"),
        (-(2**63), "-9.22E"),
    ],
)
def test_steps(step: int, expected: str) -> None:
    assert format_step(step) == expected


@given(st.integers(-(2**63), 2**63 - 1))
def test_steps_are_never_wide(step: int) -> None:
    assert len(format_step(step).lstrip("-")) <= 5


@pytest.mark.parametrize(
    ("seconds", "duration", "age"),
    [
        (0, "0s", "now"),
        (0.5, "500ms", "now"),
        (4.23, "4.2s", "4s"),
        (9.96, "10s", "9s"),
        (59.6, "1m00s", "59s"),
        (725, "12m05s", "12m"),
        (4740, "1h19m", "1h"),
        (3 * 86400 + 4 * 3600, "3d04h", "3d"),
        (1e9, "31.7y", "31y"),
        (1e300, "ages", "ages"),
        (-5, "-5s", "now"),
        (math.nan, "?", "?"),
        (math.inf, "?", "?"),
    ],
)
def test_times(seconds: float, duration: str, age: str) -> None:
    assert format_duration(seconds) == duration
    assert format_age(seconds) == age


def test_bytes_and_rates() -> None:
    assert [format_bytes(n) for n in (0, 999, 1000, 12345, 1234567)] == [
        "0 B",
        "999 B",
        "1.00 kB",
        "12.3 kB",
        "1.23 MB",
    ]
    rates = [format_rate(r) for r in (3.14, 12.3, 100_000, 0.4, 0.001, 0, math.nan)]
    assert rates == ["3.1 it/s", "12 it/s", "100k it/s", "2.5 s/it", "16m40s/it", "", ""]


def digits_of(text: str) -> str:
    """The digits that count: 1000000000000.0 has one, 999999995904.0 has twelve."""
    return text.partition("e")[0].replace("-", "").replace(".", "").strip("0")


@given(st.floats(width=32))
@example(999999995904.0)
def test_shortest_gives_the_same_float32_back(value: float) -> None:
    text = shortest(value, single=True)
    back = np.float32(float(text))
    assert struct.pack("<f", back) == struct.pack("<f", value) or math.isnan(value)
    if math.isfinite(value):
        assert len(digits_of(text)) <= len(digits_of(repr(value)))


@given(st.floats())
def test_shortest_gives_the_same_float64_back(value: float) -> None:
    text = shortest(value, single=False)
    assert struct.pack("<d", float(text)) == struct.pack("<d", value) or math.isnan(value)


@given(st.lists(st.floats(width=32)))
def test_arrays_are_written_as_their_numbers_are(values: list[float]) -> None:
    array = np.array(values, dtype=np.float32)
    assert shortest_all(array) == [shortest(value, single=True) for value in values]
    assert shortest_all(array.astype(np.float64)) == [shortest(value, single=False) for value in values]


def test_every_power_of_two_of_float32() -> None:
    array = np.ldexp(np.float32(1), np.arange(-149, 128)).astype(np.float32)
    array = np.concatenate([array, np.nextafter(array, np.float32(0)), np.nextafter(array, np.float32(np.inf))])
    back = np.array([float(text) for text in shortest_all(array)]).astype(np.float32)
    np.testing.assert_array_equal(array.view(np.uint32), back.view(np.uint32))


def test_shortest_of_tenth() -> None:
    assert shortest(float(np.float32(0.1)), single=True) == "0.1"
    assert shortest(0.1, single=False) == "0.1"
    assert shortest(math.nan, True) == "NaN"
    assert shortest(-math.inf, False) == "-Infinity"
