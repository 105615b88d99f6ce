"""Chrome traces: what is read of good ones, old ones, odd ones and cut ones."""

from __future__ import annotations

import gc
import gzip
import io
import json
import tempfile

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.profiles.chrome import text as chrome_text
from tbtui.profiles.chrome.trace import read_chrome_file, read_chrome_trace
from tbtui.profiles.model import BadProfile, Kind, Profile
from tests.support.captures import Trace, training

US = 1_000_000


def spans_of(profile: Profile) -> list[tuple[str, Kind, int, int]]:
    spans = profile.spans
    return [
        (profile.name_of(i), Kind(int(spans.kind[i])), int(spans.start[i]), int(spans.duration[i]))
        for i in range(len(spans))
    ]


def test_all_that_is_told() -> None:
    profile = read_chrome_trace(
        training().encode(
            deviceProperties=[{"id": 0, "name": "Some GPU", "totalGlobalMem": 1 << 30}],
            distributedInfo={"rank": 3, "world_size": 8},
            baseTimeNanoseconds=1_700_000_000_000_000_000,
        )
    )
    assert profile.devices == {0: "Some GPU"}
    assert profile.device_bytes == {0: 1 << 30}
    assert (profile.rank, profile.world_size) == (3, 8)
    assert profile.begin_ns == 1_700_000_000_000_000_000
    assert profile.problems == []
    assert ("gemm", Kind.KERNEL, 30 * US, 40 * US) in spans_of(profile)
    assert ("aten::addmm", Kind.OPERATOR, 15 * US, 20 * US) in spans_of(profile)
    assert sorted(lane.device for lane in profile.lanes if lane.on_device) == [0, 0]
    kernel = profile.spans.of(Kind.KERNEL).tolist()[0]
    assert profile.details(kernel)["grid"] == [2, 1, 1]
    assert profile.memory.allocated.tolist() == [5000, 4000, 5000, 4000]
    assert np.all(np.diff(profile.spans.start) >= 0)


def test_old_names_and_times_since_1970_are_the_same() -> None:
    """A float64 of microseconds since 1970 is good for a quarter of one; what is written is exact."""
    now = spans_of(read_chrome_trace(training().encode()))
    old = training(old=True)
    text = json.dumps({"traceEvents": old.events})
    for event in old.events:
        text = text.replace(f'"ts": {event["ts"]}, ', f'"ts": {1_610_366_662_289_000 + int(event["ts"])}.125, ')
    profile = read_chrome_trace(text.encode())
    assert spans_of(profile) == now
    assert profile.begin_ns == 1_610_366_662_289_000_125


@pytest.mark.parametrize("zipped", [False, True])
def test_a_bare_list(zipped: bool) -> None:
    data = json.dumps(training().events).encode()
    profile = read_chrome_trace(gzip.compress(data) if zipped else data)
    assert spans_of(profile) == spans_of(read_chrome_trace(training().encode()))
    assert profile.problems == []


@pytest.mark.parametrize("word", [b"N/A", b"NaN", b"-inf", b"Infinity"])
def test_what_is_not_quite_json(word: bytes) -> None:
    data = training().encode().replace(b'"stream": 9', b'"stream": ' + word).replace(b"Memcpy HtoD", b"C:\\path")
    profile = read_chrome_trace(data)
    assert len(profile.spans) == len(read_chrome_trace(training().encode()).spans)
    assert "C:\\path" in profile.names
    assert len(profile.problems) == 1


@pytest.mark.parametrize(
    ("good", "odd", "problems"),
    [
        (b"}]", b"},\n]", 1),
        (b"}]", b"}, {} , ]", 1),
        (b'"stream": 9}', b'"stream": 9,}', 1),
        (b"}]}", b"}]", 1),
        (b"}]}", b"}\n", 1),
        (b"}]}", b'}], "deviceProperties": [{"id": 0, "name": "GPU"}, {"id": 1}], "traceName": "x"}', 0),
        (b'"traceEvents": [', b'"traceEvents" :\n [ ', 0),
        (b"gemm", b"ge\xffmm", 1),
        (b"gemm", b"ge\\ud800mm", 0),
        (b'"name": "gemm"', b'"name": {"a": [{"b": 1}, {"c": 2}]}', 0),
    ],
)
def test_what_other_writers_leave(good: bytes, odd: bytes, problems: int) -> None:
    whole = training().encode()
    data = whole.replace(good, odd)
    assert data != whole
    profile = read_chrome_trace(data)
    assert len(profile.spans) == len(read_chrome_trace(whole).spans)
    assert len(profile.problems) == problems


def test_a_place_that_can_not_be_read_is_passed_over() -> None:
    data = training().encode().replace(b'"cat": "cuda_runtime"', b'"cat" "cuda_runtime"', 1)
    profile = read_chrome_trace(data)
    assert len(profile.spans) == len(read_chrome_trace(training().encode()).spans) - 1
    assert len(profile.problems) == 1
    assert "1 places of it could not be read" in profile.problems[0]


@pytest.mark.parametrize("piece", [1, 7, 100, 1000])
@pytest.mark.parametrize("form", ["object", "list", "gzip", "two gzip", "odd"])
def test_pieces_make_no_difference(monkeypatch: pytest.MonkeyPatch, piece: int, form: str) -> None:
    """Long files are read piece by piece, cut wherever they may be."""
    trace = training().span("cpu_op", "nested", 5, 1, things=[{"a": 1}, {"b": "}, {"}])
    data = trace.encode(deviceProperties=[{"id": 0, "name": "GPU"}])
    if form == "list":
        data = json.dumps(trace.events).encode()
    elif form == "odd":
        data = data.replace(b'"stream": 9', b'"stream": N/A')
    elif form == "gzip":
        data = gzip.compress(data)
    elif form == "two gzip":
        data = gzip.compress(data[:500]) + gzip.compress(data[500:])
    whole = read_chrome_trace(data)
    monkeypatch.setattr(chrome_text, "PIECE_BYTES", 16 * piece)
    parts = read_chrome_trace(data)
    assert spans_of(parts) == spans_of(whole)
    assert len(whole.spans) == 17
    assert parts.problems == whole.problems
    assert parts.devices == whole.devices
    assert [parts.details(i) for i in range(17)] == [whole.details(i) for i in range(17)]


def test_begin_and_end_make_a_span_and_flows_none() -> None:
    trace = Trace().span("cpu_op", "whole", 0, 100)
    for phase, name, ts, more in (
        ("B", "outer", 10, {}), ("B", "inner", 20, {"args": {"a": 1}}), ("E", "", 30, {}), ("E", "", 50, {}),
        ("b", "one", 11, {"id": 1}), ("b", "two", 12, {"id": 2}), ("e", "one", 31, {"id": 1}),
        ("e", "two", 42, {"id": 2}), ("s", "launch", 10, {"id": 3}), ("f", "launch", 20, {"id": 3, "bp": "e"}),
        ("B", "never ended", 60, {}), ("E", "", 5, {"tid": 9}), ("C", "counter", 1, {"args": {"x": 1}}),
    ):  # fmt: skip
        trace.events.append({"ph": phase, "cat": "c", "name": name, "pid": 7, "tid": 1, "ts": ts, **more})
    profile = read_chrome_trace(trace.encode())
    assert [(name, start // US, duration // US) for name, _, start, duration in spans_of(profile)] == [
        ("whole", 0, 100), ("outer", 10, 40), ("one", 11, 20), ("two", 12, 30), ("inner", 20, 10)]  # fmt: skip
    assert profile.details(4) == {"a": 1}
    assert {lane.thread for lane in profile.lanes} == {"1", "c (async)"}
    assert profile.problems == ["2 events without a usable time were left out"]


@pytest.mark.parametrize(
    ("ts", "expected"),
    [
        ("1.5", 1_500), ('"1.5"', 1_500), ("4572556287611.894", 4_572_556_287_611_894), ("1e3", 1_000_000),
        ("1760000000000001.25", 1_760_000_000_000_001_250), ("1760000000000001", 1_760_000_000_000_001_000),
        ("1760000000000001.0005", 1_760_000_000_000_001_000),
    ],
)  # fmt: skip
def test_times_are_exact_to_a_nanosecond(ts: str, expected: int) -> None:
    data = b'[{"ph":"X","cat":"cpu_op","name":"a","pid":1,"tid":1,"ts":%s,"dur":1.001}]' % ts.encode()
    profile = read_chrome_trace(data[:-1] + b"," + data[1:])
    assert len(profile.spans) == 2
    assert profile.spans.duration.tolist() == [1_001_000] * 2
    assert profile.begin_ns == (expected if expected > 10**17 else None)


def test_progress_is_told_and_ends_the_reading() -> None:
    class StoppedError(Exception):
        pass

    data = training().encode()
    seen: list[int] = []
    read_chrome_file(io.BytesIO(data), io.BytesIO(), seen.append)
    assert seen == [len(data)]

    def stop(_: int) -> None:
        raise StoppedError

    with pytest.raises(StoppedError):
        read_chrome_file(io.BytesIO(data), io.BytesIO(), stop)


def test_events_without_a_usable_time_are_counted() -> None:
    trace = training()
    for ts, dur in ((None, 1), ("soon", 1), (1, None), (1, -5), (True, 1)):
        trace.events.append({"ph": "X", "cat": "cpu_op", "name": "odd", "pid": 1, "tid": 1, "ts": ts, "dur": dur})
    profile = read_chrome_trace(trace.encode())
    assert profile.problems == ["5 events without a usable time were left out"]
    assert "odd" not in {name for name, *_ in spans_of(profile)}


def test_an_absurd_time_is_no_part_of_the_capture() -> None:
    trace = training().span("Trace", "Record Window End", 9e15, 1).span("cpu_op", "late", 9e15, 1)
    assert read_chrome_trace(trace.encode()).spans.end.max() == 200 * US


@pytest.mark.parametrize(
    "data", [b"", b"  \n", b"{}", b"[]", b"null", b"3", b"no json", b'{"traceEvents": 5}', b'{"traceEvents": [1, 2]}',
             gzip.compress(b"", mtime=0), b"\x1f\x8b junk", b'{"traceEvents": [{"ph": "M"}]}']
)  # fmt: skip
def test_what_is_no_trace(data: bytes) -> None:
    with pytest.raises(BadProfile):
        read_chrome_trace(data)


@settings(deadline=None, max_examples=60)
@given(st.floats(0, 1), st.booleans())
def test_cut_anywhere(share: float, zipped: bool) -> None:
    """While it is written a trace is cut off: what is there is read, and it is said that more is missing."""
    whole = training().encode()
    data = gzip.compress(whole, mtime=0) if zipped else whole
    cut = data[: int(share * len(data))]
    try:
        profile = read_chrome_trace(cut)
    except BadProfile:
        return
    assert len(cut) == len(data) or profile.problems
    assert set(spans_of(profile)) <= {
        (name, kind, start, duration) for name, kind, start, duration in spans_of(read_chrome_trace(whole))
    }


junk = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=6,
)


@settings(deadline=None, max_examples=100)
@given(st.lists(st.dictionaries(st.sampled_from(["ph", "cat", "name", "pid", "tid", "ts", "dur", "args"]), junk)))
def test_any_values_at_all(events: list[dict[str, object]]) -> None:
    trace = Trace().span("cpu_op", "good", 1, 2)
    data = json.dumps({"traceEvents": [*trace.events, *events]}).encode()
    try:
        profile = read_chrome_trace(data)
    except BadProfile:
        return
    assert "good" in profile.names
    for index in range(len(profile.spans)):
        profile.details(index)


@pytest.mark.filterwarnings("error")
def test_the_file_of_what_is_told_is_closed_when_nobody_may_ask_any_more() -> None:
    store = tempfile.TemporaryFile()  # noqa: SIM115 - the profile closes it
    profile = read_chrome_file(io.BytesIO(training().encode()), store)
    assert any(profile.details(index) for index in range(20))
    assert not store.closed
    del profile
    gc.collect()
    assert store.closed
