"""What the demo reports of itself, against other ways to count."""

import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from PIL import Image

from tbtui.demo import measure, pictures

FLOATS = st.floats(-1e6, 1e6, width=32)


@given(arrays.arrays(np.float32, st.integers(0, 50), elements=FLOATS))
def test_histogram_counts_every_value_once(values: np.ndarray) -> None:
    buckets = measure.histogram(values)
    assert buckets.shape == (measure.BUCKETS, 3)
    assert buckets[:, 2].sum() == len(values)
    if len(values):
        assert (buckets[0, 0], buckets[-1, 1]) == (values.min(), values.max())
        assert (buckets[:, 0] <= buckets[:, 1]).all()


def test_histogram_of_odd_values() -> None:
    assert not measure.histogram(np.array([])).any()
    assert not measure.histogram(np.array([np.nan, np.inf])).any()
    same = measure.histogram(np.array([2.0, 2.0, np.nan]))
    assert (same[:, :2] == 2).all()
    assert same[:, 2].tolist() == [0] * (measure.BUCKETS - 1) + [2]


@given(st.lists(st.tuples(st.floats(0, 1), st.booleans()), max_size=40))
def test_pr_curve_counts_as_its_definition_says(pairs: list[tuple[float, bool]]) -> None:
    scores = np.array([score for score, _ in pairs])
    truth = np.array([positive for _, positive in pairs], bool)
    curve = measure.pr_curve(scores, truth, 11)
    assert curve.shape == (6, 11)
    for level in range(11):
        chosen = np.floor(scores * 10) >= level
        expected = [(chosen & truth).sum(), (chosen & ~truth).sum(), (~chosen & ~truth).sum(), (~chosen & truth).sum()]
        assert curve[:4, level].tolist() == expected
        assert curve[4, level] == pytest.approx(expected[0] / max(sum(expected[:2]), 1))
        assert curve[5, level] == pytest.approx(expected[0] / max(expected[0] + expected[3], 1))


def test_report_is_a_table_of_all_digits() -> None:
    labels = np.array([0, 0, 1, 1, 8, 8, 8])
    predicted = np.array([0, 0, 1, 7, 3, 3, 8])
    lines = measure.report(predicted, labels).splitlines()
    assert lines[0] == "**4 of 7** validation pictures were read right."
    assert "| 8 | 100.0% | 33.3% | 3 (2 of 3) |" in lines
    assert "| 0 | 100.0% | 100.0% | - |" in lines
    assert len(lines) == 4 + 10


@pytest.mark.parametrize("shape", [(1, 1), (5, 7), (3, 4, 3), (16, 16, 3)])
def test_png_is_read_back_by_pillow(shape: tuple[int, ...]) -> None:
    pixels = np.random.default_rng(1).integers(0, 256, shape, np.uint8)
    with Image.open(io.BytesIO(pictures.encode_png(pixels))) as image:
        image.load()
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), pixels)


def test_montage_keeps_every_tile() -> None:
    tiles = np.arange(1, 6, dtype=np.uint8)[:, None, None] * np.ones((5, 2, 3), np.uint8)
    sheet = pictures.montage(tiles, 2, gap=1, background=0)
    assert sheet.shape == (3 * 3 + 1, 2 * 4 + 1)
    assert [int((sheet == number).sum()) for number in range(1, 6)] == [6] * 5


def test_heat_shows_signs_and_what_is_no_number() -> None:
    blue, dark, orange, magenta = pictures.heat(np.array([-1.0, 0.0, 1.0, np.nan])).astype(int)
    assert blue[2] > blue[0]
    assert dark.tolist() == [24, 24, 24]
    assert orange[0] > orange[2]
    assert magenta.tolist() == [255, 0, 255]
