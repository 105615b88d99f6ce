"""Histograms, images, sounds, texts and PR curves in both forms, against TensorBoard's conversion of the old ones."""

from __future__ import annotations

import io
import math
import struct
import wave
from contextlib import suppress
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from tensorboard import data_compat
from tensorboard.compat.proto import summary_pb2
from tensorboard.util import tensor_util

from tbtui.events.parse import Value, parse_event
from tbtui.events.summaries import BadSummary, audio, histogram, images, pr_curve, summary_head, text
from tests.support import messages as m

pytestmark = pytest.mark.filterwarnings("error")  # nothing may be printed over the screen

LARGEST = 1.7976931348623157e308


def the_value(*parts: bytes) -> Value:
    return parse_event(m.summary(m.value("x", *parts))).values[0]


def tensor_value(array: Any, plugin: str = "") -> Value:
    body = tensor_util.make_tensor_proto(array).SerializeToString()
    return the_value(m.message(8, body), *([m.metadata(plugin)] if plugin else []))


def histo(limits: list[float], counts: list[float], low: float = 0.0, high: float = 0.0, *more: bytes) -> Value:
    body = m.double(1, low) + m.double(2, high) + m.doubles(6, limits) + m.doubles(7, counts) + b"".join(more)
    return the_value(m.message(5, body))


def rows(value: Value) -> list[tuple[float, float, float]]:
    found = histogram(value)
    return list(zip(found.left.tolist(), found.right.tolist(), found.count.tolist(), strict=True))


def png(width: int, height: int) -> bytes:
    out = io.BytesIO()
    Image.new("L", (width, height)).save(out, "png")
    return out.getvalue()


def wav(rate: int = 8000, frames: int = 4000) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(rate)
        file.writeframes(bytes(2 * frames))
    return out.getvalue()


@given(
    st.lists(st.tuples(st.floats(-1e30, 1e30), st.integers(-1, 5)), max_size=12),
    st.floats(-1e30, 1e30),
    st.floats(-1e30, 1e30),
)
def test_old_histograms_are_tensorboards_new_ones(buckets: list[tuple[float, int]], low: float, high: float) -> None:
    proto = summary_pb2.HistogramProto(min=low, max=high)
    proto.bucket_limit.extend(limit for limit, _ in buckets)
    proto.bucket.extend(count for _, count in buckets)
    theirs = data_compat.migrate_value(summary_pb2.Summary.Value(tag="x", histo=proto))
    expected = tensor_util.make_ndarray(theirs.tensor)
    mine = histogram(the_value(m.message(5, proto.SerializeToString())))
    np.testing.assert_array_equal(np.stack([mine.left, mine.right, mine.count], 1).astype(np.float32), expected)


def test_empty_ends_go_and_the_extremes_are_the_outer_edges() -> None:
    """+-DBL_MAX limits, negative counts in the middle."""
    value = histo([-LARGEST, -1, 0, 1, LARGEST], [0, 3, 0, 5, 2], -7.5, 9.5)
    assert rows(value) == [(-7.5, -1, 3), (-1, 0, 0), (0, 1, 5), (1, 9.5, 2)]
    assert rows(histo([-1, 0, 1], [-2, 3, -1], -1, 1)) == [(-1, 1, 3)]
    assert rows(histo([LARGEST], [2], -1, 1)) == [(-1, 1, 2)]


def test_old_histograms_without_values() -> None:
    """Empty, zero counts, no fields at all."""
    for value in (histo([], []), histo([0, 1, 2], [0, 0, 0]), the_value(m.message(5))):
        assert rows(value) == []
        assert summary_head(value, "histograms") == {"buckets": 0, "min": 0.0, "max": 0.0, "total": 0.0}


def test_old_histograms_with_nan_limits_are_shown_as_they_are() -> None:
    (first, second) = rows(histo([math.nan, 1], [1, 2], math.nan, 1))
    assert math.isnan(first[0])
    assert second[1:] == (1, 2)


def test_histograms_of_unequal_lengths_are_refused() -> None:
    with pytest.raises(BadSummary, match="3 bucket limits and 2 counts"):
        histogram(histo([1, 2, 3], [1, 2]))
    with pytest.raises(BadSummary, match="inside a number"):
        histogram(the_value(m.message(5, m.message(6, b"1234567"))))
    with pytest.raises(BadSummary, match="not a histogram"):
        histogram(the_value(m.message(5, b"\x32\x7f")))


def test_old_histograms_know_their_sums_and_may_be_unpacked() -> None:
    body = (
        m.double(4, 6.0) + m.double(5, 14.0) + m.double(6, 1.0) + m.double(7, 4.0) + m.double(6, 2.0) + m.double(7, 1.0)
    )
    found = histogram(the_value(m.message(5, body + m.double(2, 2.5))))
    assert (found.sum, found.sum_squares, found.total) == (6.0, 14.0, 5.0)
    assert found.right.tolist() == [1.0, 2.5]


@pytest.mark.parametrize("kind", ["f8", "f4", "i8"])
@pytest.mark.parametrize("buckets", [0, 1, 30])
def test_new_histograms(kind: str, buckets: int) -> None:
    table = np.arange(3 * buckets).reshape(buckets, 3).astype(kind)
    value = tensor_value(table, "histograms")
    assert rows(value) == [tuple(row) for row in table.tolist()]
    head = summary_head(value, "histograms")
    low, high = (table[0, 0], table[-1, 1]) if buckets else (0, 0)
    assert head == {"buckets": buckets, "min": low, "max": high, "total": table[:, 2].sum()}


@pytest.mark.parametrize("table", [np.zeros((3, 4)), np.zeros(3), np.float32(1), np.zeros((2, 3, 1)), [[b"a"] * 3]])
def test_tensors_that_are_no_histogram(table: Any) -> None:
    with pytest.raises(BadSummary, match="rows of three numbers"):
        histogram(tensor_value(table))


def test_images_of_both_forms() -> None:
    new = images(tensor_value([b"640", b"480", png(20, 10), b"second"], "images"))
    assert (new.width, new.height, new.samples) == (20, 10, [png(20, 10), b"second"])  # the image knows better
    old_body = m.varint(1, 480) + m.varint(2, 640) + m.message(4, png(20, 10))
    old = images(the_value(m.message(4, old_body)))
    assert (old.width, old.height, old.samples) == (20, 10, [png(20, 10)])


def test_images_that_cannot_be_read_keep_their_declared_size() -> None:
    broken = tensor_value([b"640", b"480", b"no image"])
    assert summary_head(broken, "images") == {"width": 640, "height": 480, "bytes": 8, "samples": 1}
    assert summary_head(tensor_value([b"1", b"2"]), "images") == {"width": 1, "height": 2, "bytes": 0, "samples": 0}
    assert summary_head(tensor_value([b"x", b"-2"]), "images") == {"width": 0, "height": 0, "bytes": 0, "samples": 0}
    assert summary_head(the_value(m.message(4)), "images") == {"width": 0, "height": 0, "bytes": 0, "samples": 0}
    with pytest.raises(BadSummary, match="1 strings"):
        images(tensor_value([b"640"]))
    with pytest.raises(BadSummary, match="strings"):
        images(tensor_value([1.0, 2.0, 3.0]))


def test_sounds_of_both_forms() -> None:
    sound = wav()
    new = audio(tensor_value([[sound, b"*label*"], [b"x", b"\xff"]], "audio"))
    assert (new.sample_rate, new.channels, new.seconds) == (8000.0, 1, 0.5)
    assert (new.samples, new.labels) == ([sound, b"x"], ["*label*", "\ufffd"])
    bare = audio(tensor_value([sound, sound]))
    assert (len(bare.samples), bare.labels) == (2, ["", ""])
    body = m.single(1, 100.0) + m.varint(2, 2) + m.varint(3, 50) + m.message(4, b"OggS") + m.message(5, "audio/ogg")
    old = audio(the_value(m.message(6, body)))
    assert (old.sample_rate, old.channels, old.seconds, old.content_type) == (100.0, 2, 0.5, "audio/ogg")
    assert summary_head(the_value(m.message(6, m.message(4, sound))), "audio") == {
        "bytes": len(sound),
        "sample_rate": 8000.0,
        "seconds": 0.5,
    }


@pytest.mark.parametrize("rate", [0.0, -1.0, math.nan])
def test_sounds_without_a_usable_rate(rate: float) -> None:
    assert audio(the_value(m.message(6, m.single(1, rate) + m.varint(3, 50)))).seconds == 0.0
    assert audio(tensor_value([wav()[:20]])).seconds == 0.0


@pytest.mark.parametrize(
    ("array", "shape", "rows"),
    [
        (b"one", (), [["one"]]),
        ([b"a", b"b"], (2,), [["a"], ["b"]]),
        ([[b"a", b"b"], [b"c", b"d"]], (2, 2), [["a", "b"], ["c", "d"]]),
        (np.array([[[b"a"], [b"b"]], [[b"c"], [b"d"]]], object), (2, 2, 1), [["a"], ["b"]]),
        (np.zeros((0,), object), (0,), []),
        (np.zeros((0, 3, 3), object), (0, 3, 3), []),
        ([b"caf\xe9"], (1,), [["caf\ufffd"]]),
    ],
)
def test_texts_of_any_rank(array: Any, shape: tuple[int, ...], rows: list[list[str]]) -> None:
    sizes = np.asarray(array, object).shape
    cells = [m.message(8, cell) for cell in np.asarray(array, object).reshape(-1)]
    found = text(the_value(m.message(8, m.tensor(7, m.shape(*sizes), *cells))))
    assert (found.shape, found.rows) == (shape, rows)


def test_a_table_of_thirteen_rows_and_a_long_text() -> None:
    table = [[b"k%d" % row, b"v%d" % row] for row in range(13)]
    found = text(tensor_value(table))
    assert (found.shape, len(found.rows), found.rows[12]) == ((13, 2), 13, ["k12", "v12"])
    assert summary_head(tensor_value(table), "text").startswith("k0\tv0\nk1\tv1\n")
    assert summary_head(tensor_value(b"x" * 10_000_000), "text") == "x" * 80


def test_numbers_are_no_text() -> None:
    with pytest.raises(BadSummary, match="numbers"):
        text(tensor_value(1.0))


def test_pr_curves() -> None:
    table = np.arange(12, dtype=np.float32).reshape(6, 2)
    curve = pr_curve(tensor_value(table, "pr_curves"))
    assert curve.thresholds.tolist() == [0.0, 1.0]
    assert curve.true_positives.tolist() == [0.0, 1.0]
    assert curve.recall.tolist() == [10.0, 11.0]
    assert pr_curve(tensor_value(table[:, :1])).thresholds.tolist() == [0.0]
    with pytest.raises(BadSummary, match="six rows"):
        pr_curve(tensor_value(table[:5]))


def test_impossible_numbers_make_no_noise() -> None:
    signalling = struct.pack("<I", 0x7F800001) * 12
    body = m.tensor(1, m.shape(6, 2), m.message(4, signalling))
    assert np.isnan(pr_curve(the_value(m.message(8, body))).recall).all()
    body = m.tensor(1, m.shape(4, 3), m.message(4, signalling))
    assert math.isnan(histogram(the_value(m.message(8, body))).total)
    assert histogram(tensor_value(np.full((2, 3), LARGEST))).total == math.inf


def test_values_without_data_say_so() -> None:
    null = the_value(m.metadata("hparams", b"content"))
    assert summary_head(null, "hparams") is None
    for plugin in ("histograms", "images", "audio", "text"):
        with pytest.raises(BadSummary, match="no data"):
            summary_head(null, plugin)
    with pytest.raises(BadSummary, match="is a scalar"):
        histogram(the_value(m.single(2, 1.0)))


@given(st.sampled_from([4, 5, 6, 8]), st.binary(max_size=100))
def test_random_bytes_are_a_summary_or_refused(number: int, body: bytes) -> None:
    value = the_value(m.message(number, body))
    for plugin in ("histograms", "images", "audio", "text"):
        with suppress(BadSummary):
            summary_head(value, plugin)


@given(st.sampled_from([4, 5, 6]), st.data())
def test_cut_messages(number: int, data: st.DataObject) -> None:
    whole = {
        4: m.varint(1, 480) + m.message(4, png(3, 2)),
        5: m.double(1, 1.0) + m.doubles(6, [1.0, 2.0]) + m.doubles(7, [1.0, 2.0]),
        6: m.single(1, 100.0) + m.message(4, wav(frames=3)),
    }[number]
    value = the_value(m.message(number, whole[: data.draw(st.integers(0, len(whole)))]))
    plugin = {4: "images", 5: "histograms", 6: "audio"}[number]
    with suppress(BadSummary):
        summary_head(value, plugin)


def test_struct_layout_of_a_message_we_wrote_is_what_tensorboard_reads() -> None:
    """The builder of these tests is right: otherwise they would prove little."""
    body = m.double(1, -1.5) + m.doubles(6, [1.0]) + m.doubles(7, [2.0])
    proto = summary_pb2.HistogramProto.FromString(body)
    assert (proto.min, list(proto.bucket_limit), list(proto.bucket)) == (-1.5, [1.0], [2.0])
    assert struct.pack("<d", proto.min) in body
