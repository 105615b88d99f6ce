"""Percentiles of histograms are TensorBoard's, to the last digits, for any histogram."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis.percentiles import BASIS_POINTS, percentiles
from tbtui.events.summaries import BadSummary, Histogram, histogram
from tbtui.store.blobs import BlobUnreadable, read_value
from tbtui.store.opening import open_logdir

FOLDER = Path(os.environ.get("TBTUI_REALDATA") or "nowhere")


def made(edges: Any, counts: Any) -> Histogram:
    """Buckets side by side."""
    edges, counts = np.asarray(edges, np.float64), np.asarray(counts, np.float64)
    low, high = (edges[0], edges[-1]) if len(counts) else (0.0, 0.0)
    return Histogram(edges[:-1], edges[1:], counts, float(low), float(high), float(counts.sum()))


def of_tensorboard(one: Histogram) -> list[float]:
    from tensorboard.plugins.distribution.compressor import compress_histogram

    rows = np.stack((one.left, one.right, one.count), axis=1).tolist()
    return [value for _, value in compress_histogram(rows)]


def assert_same(histograms: list[Histogram]) -> None:
    found = percentiles(histograms)
    assert found.shape == (len(histograms), 9)
    with np.errstate(all="ignore"):
        for row, one in zip(found, histograms, strict=True):
            np.testing.assert_allclose(row, of_tensorboard(one), rtol=1e-9, atol=0)


def test_the_median_of_an_even_bucket_is_its_middle() -> None:
    assert percentiles([made([0, 10], [4])]).tolist() == [
        [0.0, 0.668, 1.587, 3.085, 5.0, 6.915, 8.413, 9.332, 10.0],
    ]


def test_without_buckets_and_without_counts() -> None:
    nothing, zeros = made([0], []), made([1, 2, 3], [0, 0])
    assert percentiles([nothing, zeros]).tolist() == [[0.0] * 9, [3.0] * 9]
    assert percentiles([]).shape == (0, 9)


def test_any_percentiles() -> None:
    np.testing.assert_allclose(percentiles([made([0, 1, 3], [1, 1])], [2500, 7500]), [[0.5, 2.0]])


def test_buckets_without_width_and_of_other_writers() -> None:
    equal = Histogram(np.full(30, 2.0), np.full(30, 2.0), np.array([0.0] * 29 + [64.0]), 2.0, 2.0, 64.0)
    assert percentiles([equal]).tolist() == [[2.0] * 9]
    assert_same([equal, made([-1.8e308, -1, 0, 1, 1.8e308], [0, 3, 5, 0]), made([0, 0, 0, 1], [1, 7, 1])])


numbers = st.floats(-1e12, 1e12, allow_nan=False)
counts = st.one_of(st.integers(0, 5).map(float), st.floats(0, 1e9))


@st.composite
def histograms(draw: st.DrawFn) -> Histogram:
    count = draw(st.integers(0, 40))
    edges = sorted(draw(st.lists(numbers, min_size=count + 1, max_size=count + 1)))
    return made(edges, draw(st.lists(counts, min_size=count, max_size=count)))


@settings(max_examples=150, deadline=None)
@given(st.lists(histograms(), max_size=8))
def test_as_tensorboard_computes_them(several: list[Histogram]) -> None:
    assert_same(several)


@settings(max_examples=60, deadline=None)
@given(st.lists(histograms().filter(lambda one: one.count.sum() > 0), min_size=1, max_size=6))
def test_they_rise_and_lie_inside(several: list[Histogram]) -> None:
    for row, one in zip(percentiles(several), several, strict=True):
        slack = 1e-9 * max(abs(one.minimum), abs(one.maximum), 1e-300)
        assert (np.diff(row) >= -slack).all()
        assert row[0] >= one.minimum - slack
        assert row[-1] <= one.maximum + slack


def real_histograms() -> Iterator[Histogram]:
    for folder in (FOLDER, FOLDER.parent / "corpus"):
        if not folder.is_dir():
            continue
        with open_logdir([str(folder)]) as logdir:
            for run in logdir.store.runs():
                for (plugin, _), series in run.blobs.items():
                    for reference in series.references(purge=False) if plugin == "histograms" else ():
                        try:
                            yield histogram(read_value(reference))
                        except (BadSummary, BlobUnreadable):
                            continue


@pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")
@pytest.mark.timeout(300)
def test_every_real_histogram() -> None:
    found = [one for one in real_histograms() if np.isfinite(one.count).all()]
    assert len(found) > 100
    for start in range(0, len(found), 100):
        assert_same(found[start : start + 100])
    assert len(BASIS_POINTS) == 9
