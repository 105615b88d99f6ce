"""Rebinning by TensorBoard's rule, against that rule told bin by bin; sketches; the numbers of one histogram."""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis.histograms import (
    BINS,
    HIGH,
    KNOTS,
    LOW,
    TOTAL,
    bin_edges,
    binned,
    central_range,
    common_range,
    rebin,
    sketches,
    statistics,
    whole_range,
)
from tbtui.events.summaries import BadSummary, Histogram, histogram
from tbtui.store.blobs import BlobUnreadable
from tbtui.store.opening import open_logdir
from tbtui.store.sweep import read_values
from tests.support.histograms_js import tensorboard_bins, why_not

RECORDED = Path(__file__).parent.parent / "recorded"


def make(left: Sequence[float], right: Sequence[float], count: Sequence[float], **more: float) -> Histogram:
    edges = [np.array(part, np.float64) for part in (left, right, count)]
    low, high = (float(edges[0][0]), float(edges[1][-1])) if len(count) else (0.0, 0.0)
    return Histogram(edges[0], edges[1], edges[2], low, high, float(edges[2].sum()), **more)


def tensorboard(one: Histogram, low: float, high: float, bins: int = BINS) -> list[float]:
    """The rule bin by bin and bucket by bucket, as TensorBoard's dashboard walks them."""
    if low == high:
        low, high = low / 1.1 - 1, high * 1.1 + 1
        if low > high:  # it leaves large negative values out; we mirror what it does with positive ones
            low, high = one.left.item(0) * 1.1 - 1, one.left.item(0) / 1.1 + 1
    step = (high - low) / bins
    found, counted_to = [], low
    for number in range(bins):
        begin = low + number * step
        final = number == bins - 1
        end = high if final else begin + step
        total = 0.0
        for left, right, count in zip(one.left.tolist(), one.right.tolist(), one.count.tolist(), strict=True):
            if math.isnan(left) or math.isnan(right):
                continue  # no comparison with it holds
            left, right = max(low, left), min(high, right)
            if right > left:
                overlap = min(right, end) - max(left, begin)
                total += overlap / (right - left) * count if overlap > 0 else 0.0
            elif right == left and left >= counted_to and (right <= end if final else right < end):
                total += count
        counted_to = end
        found.append(total)
    return found


def rounding(one: Histogram, low: float, high: float) -> float:
    """By how much counts may differ: edges of bins are rounded, which shifts more of a bucket the narrower it is. What
    is narrower than that TensorBoard counts twice at times, or not at all."""
    width = one.right - one.left
    wide = width > 0
    with np.errstate(over="ignore"):
        shifted = 16 * np.finfo(float).eps * max(abs(low), abs(high)) / width[wide]
    return float((one.count[wide] * np.minimum(shifted, 1)).sum())


def same(one: Histogram, low: float, high: float, bins: int = BINS) -> None:
    found = rebin([one], low, high, bins)[0]
    np.testing.assert_allclose(found, tensorboard(one, low, high, bins), rtol=1e-9, atol=1e-12 * max(one.total, 1e-300))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    """Any a writer may make: any number of buckets, some without width or values, far ends."""
    count = draw(st.integers(0, 40))
    numbers = st.floats(-1e6, 1e6) | st.sampled_from((0.0, 1e-12, -1e-12, 1.7976931348623157e308, -1.7e308))
    edges = sorted(draw(st.lists(numbers, min_size=count + 1, max_size=count + 1)))
    counts = draw(st.lists(st.floats(0, 1e9) | st.integers(0, 5).map(float), min_size=count, max_size=count))
    return make(edges[:-1], edges[1:], counts)


@given(st.lists(histograms(), min_size=1, max_size=4), st.integers(1, 60))
@settings(deadline=None)
def test_rebinning_is_tensorboards(many: list[Histogram], bins: int) -> None:
    low, high = common_range(many)
    if not enough_apart(low, high, bins):
        return
    found = rebin(many, low, high, bins)
    for row, one in zip(found, many, strict=True):
        atol = 1e-9 * max(one.count.max(initial=0), 1e-300) + rounding(one, low, high)
        np.testing.assert_allclose(row, tensorboard(one, low, high, bins), rtol=1e-9, atol=atol)


@given(st.lists(histograms(), min_size=1, max_size=5))
@settings(deadline=None)
def test_nothing_is_lost_and_many_at_once_are_as_one(many: list[Histogram]) -> None:
    low, high = common_range(many)
    if not math.isfinite(high - low):
        return
    found = rebin(many, low, high)
    np.testing.assert_allclose(found.sum(axis=1), [one.total for one in many], rtol=1e-9)
    for row, one in zip(found, many, strict=True):
        assert np.array_equal(row, rebin([one], low, high)[0])


def test_values_without_width_are_in_the_bin_at_their_right() -> None:
    one = make([0, 1, 2, 4], [0, 1, 2, 4], [1, 10, 100, 1000])
    assert rebin([one], 0, 4, 4).tolist() == [[1, 10, 100, 1000]]
    assert rebin([one], 0, 8, 2).tolist() == [[111, 1000]]


def test_all_equal_and_nothing_at_all() -> None:
    equal = make([3.0] * 30, [3.0] * 30, [0.0] * 29 + [7.0])
    assert common_range([equal]) == (3.0, 3.0)
    found = rebin([equal], 3.0, 3.0)[0]
    assert found.sum() == found.max() == 7.0
    nothing = make([], [], [])
    assert common_range([nothing]) == (0.0, 0.0)
    assert rebin([nothing], 0.0, 0.0).tolist() == [[0.0] * BINS]
    assert rebin([], 0.0, 1.0).shape == (0, BINS)
    assert common_range([nothing, equal]) == (3.0, 3.0)


@pytest.mark.parametrize("value", [-1.7e308, -1e12, -100.0, -1.0, 0.0, 3.0, 1e12, 1.7976931348623157e308])
def test_a_single_value_is_among_its_bins(value: float) -> None:
    edges = bin_edges(value, value)
    assert np.isfinite(edges).all()
    assert edges[0] <= value <= edges[-1]
    assert rebin([make([value], [value], [5.0])], value, value).sum() == 5.0


def test_edges_that_are_no_numbers() -> None:
    one = make([math.nan, 1.0], [1.0, math.nan], [2.0, 3.0])
    assert rebin([one], 0.0, 2.0, 2).tolist() == [[0.0, 5.0]]
    lost = make([math.nan], [math.nan], [2.0])
    assert rebin([lost, one], 0.0, 2.0, 2).sum() == 5.0
    assert sketches([lost])[0, TOTAL] == 0
    endless = make([-math.inf, 0.0], [0.0, math.inf], [1.0, 3.0])
    assert rebin([endless], -1.0, 1.0, 2).tolist() == [[1.0, 3.0]]
    assert np.isfinite(sketches([endless])).all()


# --- sketches


@given(st.lists(histograms(), min_size=1, max_size=5))
@settings(deadline=None)
def test_a_sketch_of_few_buckets_is_exact(many: list[Histogram]) -> None:
    rows = sketches(many)
    assert np.isfinite(rows).all()
    low, high = whole_range(rows)
    if not math.isfinite(high - low) or abs(low) + abs(high) > 1e300:
        return
    edges = bin_edges(low, high, 8)
    used = [one for one in many if one.total > 0]
    # A value between two bins may be counted in either of them, where it has no width: look at edges between.
    found, wanted = binned(rows, edges).cumsum(axis=1), rebin(many, low, high, 8).cumsum(axis=1)
    np.testing.assert_allclose(found[:, -1], wanted[:, -1], rtol=1e-6)
    assert len(used) == np.count_nonzero(rows[:, TOTAL])


def test_a_sketch_of_many_buckets_is_close() -> None:
    edges = np.concatenate((-np.geomspace(10, 1e-12, 400), np.geomspace(1e-12, 10, 400)))
    values = np.random.default_rng(1).normal(0, 0.5, 100_000)
    count = np.histogram(values, edges)[0].astype(float)
    one = make(edges[:-1].tolist(), edges[1:].tolist(), count.tolist())
    rows = sketches([one])
    used = np.flatnonzero(count)
    assert rows[0, LOW] == edges[used[0]]
    assert rows[0, HIGH] == edges[used[-1] + 1]
    bins = bin_edges(-2, 2, 40)
    off = np.abs(binned(rows, bins) - rebin([one], -2, 2, 40))
    assert off.max() < 0.01 * one.total
    low, high = central_range(rows)
    assert -1.5 < low < -1.1
    assert 1.1 < high < 1.5


def test_sketches_in_bins() -> None:
    even, point = make([0.0, 1.0], [1.0, 2.0], [4.0, 4.0]), make([1.0], [1.0], [3.0])
    rows = sketches([even, point, make([], [], [])])
    assert binned(rows, bin_edges(0.0, 2.0, 4)).tolist() == [[2, 2, 2, 2], [0, 0, 3, 0], [0] * 4]
    assert binned(rows, np.array([1.0, 1.5])).tolist() == [[2.0], [3.0], [0.0]]
    assert binned(rows, np.array([0.0, 1.0])).tolist() == [[4.0], [3.0], [0.0]]
    assert binned(rows[:0], np.array([0.0, 1.0])).shape == (0, 1)
    assert whole_range(rows) == (0.0, 2.0)
    assert whole_range(rows[2:]) == central_range(rows[2:]) == (0.0, 0.0)
    assert KNOTS == 64


# --- one in numbers


def test_numbers_of_one() -> None:
    found = statistics(make([-1.0, 0.0], [0.0, 1.0], [1.0, 3.0], sum=2.0, sum_squares=5.0, number=5.0))
    assert (found.count, found.minimum, found.maximum, found.mean, found.exact) == (4.0, -1.0, 1.0, 0.5, True)
    assert found.std == pytest.approx(1.0)
    assert found.bad == pytest.approx(0.2)
    assert found.zeros_at_most
    empty = statistics(make([], [], []))
    assert empty.count == 0
    assert math.isnan(empty.mean)


def test_zeros_of_narrow_buckets_are_counted() -> None:
    found = statistics(make([-1.0, -1e-12, 0.0, 1e-12], [-1e-12, 0.0, 1e-12, 1.0], [1.0, 2.0, 0.0, 1.0]))
    assert found.zeros == 0.5
    assert not found.zeros_at_most
    assert statistics(make([0.0] * 3, [0.0] * 3, [0.0, 0.0, 9.0])).zeros == 1.0


# --- what was written


def recorded() -> Iterator[Histogram]:
    """Every histogram in the recorded directories, and in those that TBTUI_REALDATA names."""
    real = [folder for folder in os.environ.get("TBTUI_REALDATA", "").split(os.pathsep) if folder]
    corpora = [str(found) for folder in real if (found := Path(folder).parent / "corpus").is_dir()]
    for folder in [str(RECORDED), *real, *corpora]:
        for run in open_logdir(folder).runs():
            for series in run.series():
                if series.plugin != "histograms" or not hasattr(series, "references"):
                    continue
                for value in read_values(series.references(False)):
                    try:
                        if not isinstance(value, BlobUnreadable):
                            yield histogram(value)
                    except BadSummary:
                        continue


def test_every_recorded_histogram() -> None:
    seen = 0
    for one in recorded():
        low, high = common_range([one])
        if math.isfinite(high - low):
            same(one, low, high)
            same(one, low - 0.1 * (high - low), high + 0.2 * (high - low))
            seen += 1
    assert seen > 10


# --- TensorBoard's own functions


def same_as_dashboards(several: Sequence[Histogram], bins: int) -> int:
    """How many were compared: what a dashboard loses by rounding (a value at the very edge of a bin) is not."""
    jobs = [(one, *common_range([one]), bins) for one in several]
    jobs = [job for job in jobs if math.isfinite(job[2] - job[1])]
    compared = 0
    for (one, low, high, _), both in zip(jobs, tensorboard_bins(jobs), strict=True):
        found = rebin([one], low, high, bins)[0]
        for theirs in both:
            if math.isclose(theirs.sum(), one.total, rel_tol=1e-9):
                atol = 1e-12 * max(one.total, 1e-300) + rounding(one, low, high)
                np.testing.assert_allclose(found, theirs, rtol=1e-9, atol=atol)
                compared += 1
    return compared


@pytest.mark.skipif(bool(why_not()), reason=why_not())
@pytest.mark.timeout(300)
def test_every_recorded_histogram_is_as_tensorboards_dashboards_bin_it() -> None:
    several = [one for one in recorded() if not np.isnan([one.left, one.right]).any()]
    assert same_as_dashboards(several, BINS) == 2 * len([one for one in several if math.isfinite(one.maximum)])
    assert len(several) > 10


@pytest.mark.skipif(bool(why_not()), reason=why_not())
@given(st.lists(histograms(), min_size=10, max_size=40), st.sampled_from((1, 7, BINS)))
@settings(deadline=None, max_examples=25)
def test_any_histogram_is_as_tensorboards_dashboards_bin_it(several: list[Histogram], bins: int) -> None:
    several = [one for one in several if enough_apart(*common_range([one]), bins)]
    same_as_dashboards(several, bins)


def enough_apart(low: float, high: float, bins: int) -> bool:
    """Whether floats tell the bins apart, also those that TensorBoard makes around a single value."""
    if low == high and not math.isfinite(high * 1.1 + 1):
        return False
    return math.isfinite(high - low) and bool((np.diff(bin_edges(low, high, bins)) > 0).all())


def test_a_bucket_narrower_than_floats_tell_bins_apart_counts_once() -> None:
    one = make([-1e-12, 0.0, 0.0, 8e-122], [0.0, 0.0, 8e-122, 1e-12], [1.0, 0.0, 1.0, 1.0])
    assert sum(tensorboard(one, -1e-12, 1e-12, 8)) == 4.0
    assert rebin([one], -1e-12, 1e-12, 8).sum() == pytest.approx(3.0)
