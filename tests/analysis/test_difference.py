"""Two runs side by side."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.difference import (
    UNSET,
    common_tags,
    compare_tag,
    differing_hparams,
    differing_lines,
    parting,
)
from tbtui.store import Points


def points(values: np.ndarray | list[float], steps: np.ndarray | None = None) -> Points:
    made = np.array(values, np.float32)
    return Points(np.arange(len(made)) if steps is None else steps, np.zeros(len(made)), made)


def test_hyperparameters() -> None:
    left = {"lr": 0.1, "opt": "adam", "x": 1, "n": math.nan, "flag": True, "gone": 3, "layers": [1, 2]}
    right = {"lr": 0.2, "opt": "adam", "x": 1.0, "n": math.nan, "flag": 1, "new": None, "layers": [1, 3]}
    found = differing_hparams(left, right)
    assert [tuple(one) for one in found] == [
        ("flag", True, 1),
        ("gone", 3, UNSET),
        ("layers", [1, 2], [1, 3]),
        ("lr", 0.1, 0.2),
        ("new", UNSET, None),
    ]
    assert repr(UNSET) == "unset"
    assert differing_hparams(left, left) == []


def test_lines() -> None:
    assert differing_lines("a\nb\nc", "a\nx\nc") == [("-", "b"), ("+", "x")]
    assert differing_lines("a", "a") == []


def test_a_tag() -> None:
    found = compare_tag("val/acc", points([0.1, 0.9, 0.5]), points([0.2, 0.6, 0.7]))
    assert found.goal == "up"
    assert found.last_change == pytest.approx(0.2)
    assert found.best_change == pytest.approx(-0.2)
    assert found.better == "left"
    assert compare_tag("loss", points([2.0]), points([1.0])).better == "right"
    unknown = compare_tag("x", points([2.0]), points([1.0]))
    assert (unknown.goal, unknown.better) == (None, "")
    assert math.isnan(unknown.best_change)
    assert compare_tag("loss", points([1.0]), points([1.0])).better == ""
    assert compare_tag("loss", points([]), points([1.0])).better == ""
    assert common_tags(["b10", "b9", "a"], ["b9", "b10", "c"]) == ["b9", "b10"]


@pytest.mark.parametrize("at", [0, 300, 900])
def test_curves_that_part(at: int) -> None:
    chance = np.random.default_rng(at)
    steps = np.arange(1000)
    shared = 1 / np.sqrt(1 + steps)
    left = points(shared + chance.normal(size=1000) * 0.05)
    right = points(shared + chance.normal(size=1000) * 0.05 + np.where(steps >= at, 0.3, 0.0))
    found = parting(left, right)
    assert found is not None
    assert abs(found.step - at) <= 25  # smoothing reaches that far
    assert found.difference == pytest.approx(0.3, abs=0.1)
    assert 0 < found.noise < 0.05
    mirrored = parting(right, left)
    assert mirrored is not None
    assert (mirrored.step, mirrored.difference) == (found.step, -found.difference)


def test_curves_of_equal_course_do_not_part() -> None:
    chance = np.random.default_rng(0)
    parted = [
        parting(points(chance.normal(size=n)), points(chance.normal(size=n))) for n in range(5, 400) for _ in range(2)
    ]
    assert sum(one is not None for one in parted) <= 4


def test_without_noise_every_difference_counts() -> None:
    left = points([1.0] * 20)
    right = points([1.0] * 10 + [1.001] * 10)
    assert parting(left, right) is not None
    assert parting(left, right).step == 10  # type: ignore[union-attr]
    assert parting(left, points([1.0] * 20)) is None
    assert parting(left, points([1.0] * 18 + [2.0] * 2)) is None  # too late to be sure
    assert parting(points([0.1] * 20), points([np.nextafter(np.float32(0.1), np.float32(1))] * 20)) is None


def test_curves_at_other_steps() -> None:
    left = points([1.0] * 50, np.arange(50) * 2)
    right = points([1.0] * 25 + [3.0] * 25, np.arange(50) * 2 + 1)
    found = parting(left, right)
    assert found is not None
    assert 49 <= found.step <= 51
    assert parting(left, points([3.0] * 50, np.arange(50) + 1000)) is None


values = st.lists(st.floats(width=32) | st.integers(-3, 3).map(float), max_size=30)


@given(values, values)
def test_any_values(left: list[float], right: list[float]) -> None:
    found = parting(points(left), points(right))
    if found is not None:
        assert 0 <= found.step < min(len(left), len(right))
        assert found.difference
    assert parting(points(left), points(left)) is None
