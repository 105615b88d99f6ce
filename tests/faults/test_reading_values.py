"""Odd values, steps and times, from bytes on disk to arrays.

Files are made of our own message classes and records, and read through `tbtui.open_logdir`.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import tbtui
from tbtui.events.proto.event_pb2 import Event, SessionLog
from tbtui.events.proto.summary_pb2 import Summary
from tbtui.events.proto.tensor_pb2 import DataType, TensorProto
from tbtui.events.record import encode_record
from tbtui.events.summaries import histogram, images, summary_head, text
from tbtui.store.blobs import read_event, read_value
from tbtui.store.opening import LogDir
from tbtui.store.series import BlobSeries
from tests.support import messages as m

NAME = "events.out.tfevents.1700000000.host.1.0"
WALL = 1_700_000_000.0
LARGEST = np.finfo(np.float64).max
INT64 = np.iinfo(np.int64)


def event(*values: Summary.Value, step: int = 0, wall: float = WALL) -> Event:
    return Event(wall_time=wall, step=step, summary=Summary(value=values))


def scalar(tag: str, value: float, step: int, wall: float = WALL) -> Event:
    return event(Summary.Value(tag=tag, simple_value=value), step=step, wall=wall)


def with_plugin(value: Summary.Value, plugin: str, content: bytes = b"") -> Summary.Value:
    value.metadata.plugin_data.plugin_name = plugin
    value.metadata.plugin_data.content = content
    return value


def write(path: Path, events: Iterable[Event | bytes]) -> None:
    """A file with a version record and these events."""
    path.parent.mkdir(parents=True, exist_ok=True)
    payloads = [item if isinstance(item, bytes) else item.SerializeToString() for item in events]
    first = Event(wall_time=WALL, file_version="brain.Event:2").SerializeToString()
    path.write_bytes(b"".join(map(encode_record, [first, *payloads])))


def opened(folder: Path, *events: Event | bytes) -> LogDir:
    """A log directory of one file with these events, read."""
    write(folder / NAME, events)
    return tbtui.open_logdir(folder)


def reasons(logdir: LogDir) -> str:
    return "; ".join(problem.reason for problem in logdir.store.problems())


# --- numbers

PATTERNS = [
    0x00000000,
    0x80000000,  # -0.0
    0x00000001,  # smallest
    0x807FFFFF,  # denormal
    0x7F7FFFFF,  # largest
    0x7F800000,  # infinities
    0xFF800000,
    0x7FC00000,  # NaN, with a payload, and signalling
    0xFFC00123,
    0x7F800001,
    0x3DCCCCCD,
]


@pytest.mark.parametrize("unusual", [b"", m.varint(77, 5)], ids=["usual", "unusual"])
def test_float32_values_come_out_bit_for_bit(tmp_path: Path, unusual: bytes) -> None:
    """Whether the vectorised path reads them or, for a field nobody knows, the exact one."""
    payloads = [
        unusual + m.summary(m.value("x", b"\x15" + struct.pack("<I", bits)), step=step)
        for step, bits in enumerate(PATTERNS)
    ]
    points = opened(tmp_path, *payloads)["."].scalars["x"].points()
    assert points.values.dtype == np.float32
    assert points.values.view(np.uint32).tolist() == PATTERNS


DOUBLES = [0.0, -0.0, 5e-324, LARGEST, math.inf, -math.inf, math.nan, 0.1, -1e-300]


@pytest.mark.parametrize("separate", [True, False])
def test_float64_values_come_out_bit_for_bit(tmp_path: Path, separate: bool) -> None:
    events = []
    for step, number in enumerate(DOUBLES):
        tensor = TensorProto(dtype=DataType.DT_DOUBLE)
        if separate:
            tensor.double_val.append(number)
        else:
            tensor.tensor_content = struct.pack("<d", number)
        events.append(event(with_plugin(Summary.Value(tag="x", tensor=tensor), "scalars"), step=step))
    points = opened(tmp_path, *events)["."].scalars["x"].points()
    assert points.values.dtype == np.float64
    assert points.values.tobytes() == np.array(DOUBLES).tobytes()


def test_a_series_without_any_finite_value_is_there(tmp_path: Path) -> None:
    logdir = opened(tmp_path, *(scalar("x", math.nan, step) for step in range(5)))
    assert np.isnan(logdir["."].scalars["x"].points().values).tolist() == [True] * 5
    assert not logdir.store.problems()


@pytest.mark.parametrize(
    ("tensor", "number"),
    [
        (TensorProto(dtype=DataType.DT_INT64, int64_val=[-(2**53)]), -(2.0**53)),
        (TensorProto(dtype=DataType.DT_BOOL, bool_val=[True]), 1.0),
        (TensorProto(dtype=DataType.DT_HALF, half_val=[0x3555]), 0.333251953125),
        (TensorProto(dtype=DataType.DT_BFLOAT16, half_val=[0xC049]), -3.140625),
        (TensorProto(dtype=DataType.DT_UINT8, tensor_content=b"\xff"), 255.0),
    ],
)
@pytest.mark.parametrize("plugin", ["scalars", ""])
def test_one_number_of_any_type_is_a_scalar(tmp_path: Path, tensor: TensorProto, number: float, plugin: str) -> None:
    value = Summary.Value(tag="x", tensor=tensor)
    logdir = opened(tmp_path, event(with_plugin(value, plugin) if plugin else value, step=3))
    assert logdir["."].scalars["x"].points().values.tolist() == [number]


def test_a_scalar_tag_that_holds_no_number_is_a_problem_and_the_others_stay(tmp_path: Path) -> None:
    two = Summary.Value(tag="x", tensor=TensorProto(dtype=DataType.DT_FLOAT, float_val=[1, 2]))
    two.tensor.tensor_shape.dim.add(size=2)
    logdir = opened(tmp_path, scalar("x", 1.0, 0), event(with_plugin(two, "scalars"), step=1), scalar("x", 3.0, 2))
    assert logdir["."].scalars["x"].points().values.tolist() == [1.0, 3.0]
    (problem,) = logdir.store.problems()
    assert problem.file == NAME
    assert problem.offset is not None


# --- steps


def test_steps_at_the_ends_of_their_range(tmp_path: Path) -> None:
    steps = [INT64.min, INT64.min + 1, -1, 0, INT64.max - 1, INT64.max]
    points = opened(tmp_path, *(scalar("x", 1.0, step) for step in steps))["."].scalars["x"].points()
    assert points.steps.tolist() == steps


@pytest.mark.parametrize("step", [INT64.max, INT64.min, 0, -7])
def test_a_repeated_step_keeps_the_last_and_counts_the_others(tmp_path: Path, step: int) -> None:
    series = opened(tmp_path, *(scalar("x", float(i), step) for i in range(10)))["."].scalars["x"]
    assert (series.count, series.total) == (1, 10)
    assert series.points().values.tolist() == [9.0]
    assert series.superseded().values.tolist() == [float(i) for i in range(9)]
    assert series.points(purge=False).values.tolist() == [float(i) for i in range(10)]


def told_slowly(steps: Iterable[int]) -> list[int]:
    """Which points TensorBoard's data server keeps: each drops what it had at and after its step."""
    kept: list[tuple[int, int]] = []
    for index, step in enumerate(steps):
        while kept and kept[-1][1] >= step:
            kept.pop()
        kept.append((index, step))
    return [index for index, _ in kept]


STEPS = st.lists(st.one_of(st.integers(-2, 12), st.sampled_from([INT64.min, INT64.max])), max_size=30)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(st.lists(STEPS, min_size=1, max_size=3))
def test_steps_that_go_back_within_and_across_files(tmp_path: Path, files: list[list[int]]) -> None:
    number = 0
    for index, steps in enumerate(files):
        numbered = list(enumerate(steps, number))
        number += len(steps)
        write(tmp_path / f"events.out.tfevents.170000000{index}.host.1.0", [scalar("x", v, s) for v, s in numbered])
    for index in range(len(files), 3):
        (tmp_path / f"events.out.tfevents.170000000{index}.host.1.0").unlink(missing_ok=True)
    every = [step for steps in files for step in steps]
    series = tbtui.open_logdir(tmp_path)["."].scalars.get("x")
    if series is None:
        assert not every
        return
    assert series.points(purge=False).steps.tolist() == every
    assert series.points().values.tolist() == told_slowly(every)
    assert series.count + len(series.superseded().steps) == series.total == len(every)


def test_a_second_start_of_the_session_supersedes_every_tag(tmp_path: Path) -> None:
    start = SessionLog(status=SessionLog.START)
    written = [Event(wall_time=WALL, session_log=start)]
    written += [event(*(Summary.Value(tag=tag, simple_value=1) for tag in "ab"), step=step) for step in range(10)]
    written += [Event(wall_time=WALL, step=5, session_log=start)]
    written += [scalar("a", 2.0, step) for step in range(5, 8)]
    run = opened(tmp_path, *written)["."]
    assert run.scalars["a"].points().steps.tolist() == list(range(8))
    assert run.scalars["b"].points().steps.tolist() == list(range(5))
    assert run.scalars["b"].superseded().steps.tolist() == list(range(5, 10))


# --- wall times

WALLS = [math.nan, math.inf, -math.inf, -5.0, 0.0, 1e300, 4e9, WALL + 10, WALL + 5]


def test_any_wall_time_is_kept_and_none_moves_the_start(tmp_path: Path) -> None:
    logdir = opened(tmp_path, *(scalar("x", float(step), step, wall) for step, wall in enumerate(WALLS)))
    points = logdir["."].scalars["x"].points()
    assert points.walls.tobytes() == np.array(WALLS).tobytes()
    assert points.values.tolist() == list(range(len(WALLS)))
    assert not logdir.store.problems()
    assert logdir["."].start_time is not None
    assert math.isfinite(logdir["."].start_time)
    assert logdir["."].start_time > 0


def test_a_run_with_only_impossible_times_sorts_last(tmp_path: Path) -> None:
    for run, wall in (("a-nan", math.nan), ("b-never", 0.0), ("c-good", WALL)):
        path = tmp_path / run / NAME
        path.parent.mkdir()
        path.write_bytes(encode_record(scalar("x", 1.0, 0, wall).SerializeToString()))
    logdir = tbtui.open_logdir(tmp_path)
    assert [run.name for run in logdir.runs()] == ["c-good", "a-nan", "b-never"]
    assert logdir["a-nan"].start_time is None
    assert logdir["a-nan"].scalars["x"].count == 1


# --- tags


def small_histogram(tag: str) -> Summary.Value:
    value = Summary.Value(tag=tag)
    value.histo.bucket_limit.extend([0.0, 1.0])
    value.histo.bucket.extend([1.0, 2.0])
    return value


def test_a_tag_that_changes_its_kind_keeps_the_first(tmp_path: Path) -> None:
    logdir = opened(tmp_path, scalar("x", 1.0, 0), event(small_histogram("x"), step=1), scalar("x", 2.0, 2))
    assert logdir["."].scalars["x"].points().values.tolist() == [1.0, 2.0]
    assert not logdir["."].blobs
    assert "x" in reasons(logdir)
    assert "histograms" in reasons(logdir)


def test_a_histogram_that_becomes_a_scalar_stays_a_histogram(tmp_path: Path) -> None:
    logdir = opened(tmp_path, event(small_histogram("x"), step=0), scalar("x", 1.0, 1))
    assert logdir["."].blobs["histograms", "x"].count == 1
    assert not logdir["."].scalars
    assert "scalars" in reasons(logdir)


def null(tag: str, plugin: str = "", content: bytes = b"") -> Summary.Value:
    value = Summary.Value(tag=tag)
    return with_plugin(value, plugin, content) if plugin else value


def text_tensor(*cells: bytes, shape: Iterable[int] = ()) -> TensorProto:
    tensor = TensorProto(dtype=DataType.DT_STRING, string_val=cells)
    for size in shape:
        tensor.tensor_shape.dim.add(size=size)
    return tensor


def test_metadata_of_the_first_value_stands_for_the_others(tmp_path: Path) -> None:
    first = with_plugin(Summary.Value(tag="note", tensor=text_tensor(b"one")), "text")
    later = Summary.Value(tag="note", tensor=text_tensor(b"two"))
    other = with_plugin(Summary.Value(tag="note", tensor=text_tensor(b"three")), "text", b"changed")
    run = opened(tmp_path, *(event(value, step=step) for step, value in enumerate((first, later, other))))["."]
    assert run.blobs["text", "note"].steps().tolist() == [0, 1, 2]
    assert run.metadata["note"].content == b""


def test_metadata_that_comes_late_still_counts(tmp_path: Path) -> None:
    bare = Summary.Value(tag="note", tensor=text_tensor(b"one"))
    named = with_plugin(Summary.Value(tag="note", tensor=text_tensor(b"two")), "text")
    run = opened(tmp_path, event(bare, step=0), event(named, step=1))["."]
    assert run.blobs["text", "note"].steps().tolist() == [0, 1]


def test_values_of_unknown_plugins_and_without_data_are_listed(tmp_path: Path) -> None:
    content = bytes(1_200_000)
    values = [null("f", "flight", content), null("_hparams_/experiment", "hparams", b"\x10\x01")]
    run = opened(tmp_path, event(*values))["."]
    assert run.blobs["flight", "f"].count == 1
    assert run.metadata["f"].content == content
    assert run.blobs["hparams", "_hparams_/experiment"].count == 1


def test_the_same_tag_under_two_plugins(tmp_path: Path) -> None:
    first = with_plugin(Summary.Value(tag="x", tensor=text_tensor(b"one")), "text")
    second = with_plugin(Summary.Value(tag="x", tensor=text_tensor(b"two")), "other")
    logdir = opened(tmp_path, event(first, step=0), event(second, step=1))
    assert logdir["."].blobs["text", "x"].steps().tolist() == [0]
    assert "other" in reasons(logdir)


def test_twenty_graphs_show_the_newest_and_are_all_counted(tmp_path: Path) -> None:
    logdir = opened(tmp_path, *(Event(wall_time=WALL + i, graph_def=b"graph %d" % i) for i in range(20)))
    series = logdir["."].blobs["graphs", "__run_graph__"]
    assert series.total == 20
    assert bytes(read_event(series.reference(-1)).body) == b"graph 19"


def test_a_tag_that_is_not_utf8_hides_no_other(tmp_path: Path) -> None:
    bad = m.value(b"caf\xe9", m.single(2, 1.0))
    logdir = opened(
        tmp_path,
        m.summary(bad, m.value("good", m.single(2, 2.0)), step=1),
        scalar("good", 3.0, 2),
        m.summary(bad, step=3),
    )
    assert logdir["."].scalars["good"].points().values.tolist() == [2.0, 3.0]
    assert logdir["."].scalars["caf\ufffd"].points().steps.tolist() == [1, 3]


def test_one_record_that_is_no_event_hides_no_other(tmp_path: Path) -> None:
    """Garbage and nesting bombs with good checksums."""
    bombs = [b"\xff" * 30, b"\x0b" * 20_000 + b"\x0c" * 20_000, b"\x2a\x7f"]
    logdir = opened(tmp_path, scalar("x", 1.0, 0), *bombs, scalar("x", 2.0, 1))
    assert logdir["."].scalars["x"].points().values.tolist() == [1.0, 2.0]
    assert len(logdir.store.problems()) == len(bombs)
    assert all(problem.offset for problem in logdir.store.problems())


def test_values_of_an_event_beside_an_unknown_one(tmp_path: Path) -> None:
    """Fields that nobody knows are passed over, in the value as in the event."""
    odd = m.value("odd", m.message(77, b"whatever"), m.varint(88, 2**64 - 1))
    payload = m.summary(odd, m.value("x", m.single(2, 1.0)), step=1) + m.group(40, m.varint(1, 1))
    logdir = opened(tmp_path, payload)
    assert logdir["."].scalars["x"].points().values.tolist() == [1.0]
    assert not logdir.store.problems()


# --- histograms


def the_series(logdir: LogDir, plugin: str, tag: str = "x") -> BlobSeries:
    return logdir["."].blobs[plugin, tag]


def histo(limits: list[float], counts: list[float], low: float = 0.0, high: float = 0.0) -> Summary.Value:
    value = Summary.Value(tag="x")
    value.histo.min, value.histo.max = low, high
    value.histo.bucket_limit.extend(limits)
    value.histo.bucket.extend(counts)
    return value


@pytest.mark.parametrize(
    ("value", "rows"),
    [
        (histo([], []), []),
        (histo([0, 1], [0, 0]), []),
        (histo([LARGEST], [2], -1, 1), [[-1, 1, 2]]),
        (histo([-LARGEST, 0, LARGEST], [1, 2, 3], -4, 5), [[-4, -LARGEST, 1], [-LARGEST, 0, 2], [0, 5, 3]]),
        (histo([1, 2, 3], [1, -2, 3], 0, 3), [[0, 1, 1], [1, 2, -2], [2, 3, 3]]),
        (histo([math.nan, 1], [1, 1], 0, 1), [[0, math.nan, 1], [math.nan, 1, 1]]),
    ],
)
def test_odd_histograms(tmp_path: Path, value: Summary.Value, rows: list[list[float]]) -> None:
    series = the_series(opened(tmp_path, event(value, step=4)), "histograms")
    assert series.steps().tolist() == [4]
    found = histogram(read_value(series.reference(0)))
    np.testing.assert_array_equal(np.stack([found.left, found.right, found.count], 1), np.reshape(rows, (-1, 3)))


def test_a_histogram_of_unequal_lengths_is_left_out_and_told(tmp_path: Path) -> None:
    logdir = opened(tmp_path, event(histo([1, 2, 3], [1, 2])), event(histo([1], [2], 0, 1), step=1))
    series = the_series(logdir, "histograms")
    assert series.steps().tolist() == [1]
    assert histogram(read_value(series.reference(0))).total == 2
    assert reasons(logdir) == "tag 'x': 3 bucket limits and 2 counts; the histogram is left out"


# --- text, images


@pytest.mark.parametrize(
    ("shape", "cells", "plain"),
    [
        ((), [b"words"], "words"),
        ((2,), [b"a", b"b"], "a\nb"),
        ((2, 2), [b"a", b"b", b"c", b"d"], "a\tb\nc\td"),
        ((1, 2, 2), [b"a", b"b", b"c", b"d"], "a\tb\nc\td"),
        ((13, 2), [b"%d" % i for i in range(26)], "\n".join(f"{2 * i}\t{2 * i + 1}" for i in range(13))),
        ((0,), [], ""),
        ((1,), [b"caf\xe9 \xff"], "caf\ufffd \ufffd"),
        ((), [b"x" * 10_000_000], "x" * 10_000_000),
    ],
    ids=["rank 0", "rank 1", "rank 2", "rank 3", "table", "empty", "bad utf-8", "10 MB"],
)
def test_texts(tmp_path: Path, shape: tuple[int, ...], cells: list[bytes], plain: str) -> None:
    value = with_plugin(Summary.Value(tag="x", tensor=text_tensor(*cells, shape=shape)), "text")
    logdir = opened(tmp_path, event(value, step=1))
    assert not logdir.store.problems()
    found = text(read_value(the_series(logdir, "text").reference(0)))
    assert (found.shape, found.plain) == (shape, plain)


def test_broken_images_keep_their_place_and_their_words(tmp_path: Path) -> None:
    tensor = text_tensor(b"64", b"48", b"\x89PNG\r\n\x1a\ncut", b"", shape=(4,))
    value = with_plugin(Summary.Value(tag="x", tensor=tensor), "images")
    series = the_series(opened(tmp_path, event(value, step=9)), "images")
    found = read_value(series.reference(-1))
    assert summary_head(found, "images") == {"width": 64, "height": 48, "bytes": 11, "samples": 2}
    assert images(found).samples[1] == b""


def test_blobs_follow_the_rule_of_superseded_steps_too(tmp_path: Path) -> None:
    values = [
        event(with_plugin(Summary.Value(tag="x", tensor=text_tensor(b"%d" % i)), "text"), step=step)
        for i, step in enumerate([0, 1, 2, 1, 2, 2])
    ]
    series = the_series(opened(tmp_path, *values), "text")
    assert (series.count, series.total) == (3, 6)
    assert [text(read_value(reference)).plain for reference in series.references()] == ["0", "3", "5"]
