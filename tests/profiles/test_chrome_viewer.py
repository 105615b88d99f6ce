"""Traces for a viewer, as TensorFlow and JAX left them, as JSON and as a message: both become the same profile."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.wire import BYTES, VARINT, key, write_varint
from tbtui.profiles.chrome.viewer import is_viewer_trace, read_viewer_trace
from tbtui.profiles.find import find_captures, read_capture
from tbtui.profiles.model import BadProfile, Kind, Profile
from tbtui.profiles.overview import look_over

US = 1_000_000
PROCESSES = {1: "/host:CPU", 2: "/device:GPU:0"}
THREADS = {(1, 7): "python", (1, 8): "tf_data", (2, 3): "Stream #3(Compute)", (2, 4): "XLA Ops", (2, 5): "XLA Modules"}
EVENTS: list[tuple[int, int, str, float, float, dict[str, str]]] = [
    (1, 7, "train", 0, 100, {"step_num": "4", "group_id": "1"}),
    (1, 7, "MatMul", 10, 30, {"long name": "dense/MatMul:MatMul"}),
    (1, 7, "cuLaunchKernel", 15, 5, {"correlation_id": "9"}),
    (1, 8, "Map", 0, 20, {"long name": "Iterator::Model::Map"}),
    (2, 3, "gemm", 50, 40, {"correlation_id": "9", "tf_op": "dense/MatMul:MatMul",
                            "kernel_details": "regs:8 grid:2,1,1 block:64,1,1"}),
    (2, 3, "MemcpyD2H", 92, 2, {"memcpy_details": "size:4"}),
    (2, 5, "jit_step", 50, 40, {}),
]  # fmt: skip


def as_json() -> bytes:
    events: list[dict[str, Any]] = [
        {"ph": "M", "pid": pid, "name": "process_name", "args": {"name": name}} for pid, name in PROCESSES.items()
    ]
    events += [
        {"ph": "M", "pid": pid, "tid": tid, "name": "thread_name", "args": {"name": name}}
        for (pid, tid), name in THREADS.items()
    ]
    events += [
        {"ph": "X", "pid": pid, "tid": tid, "name": name, "ts": ts, "dur": dur, "args": args}
        for pid, tid, name, ts, dur, args in EVENTS
    ]
    text = json.dumps({"displayTimeUnit": "ns", "metadata": {"highres-ticks": True}, "traceEvents": [*events, {}]})
    return gzip.compress(text.encode())


def part(number: int, value: int | bytes | str) -> bytes:
    """One field of a message."""
    if isinstance(value, int):
        return write_varint(key(number, VARINT)) + write_varint(value)
    body = value.encode() if isinstance(value, str) else value
    return write_varint(key(number, BYTES)) + write_varint(len(body)) + body


def as_message() -> bytes:
    data = b""
    for pid, name in PROCESSES.items():
        device = part(1, pid) + part(2, name)
        for (process, tid), thread in THREADS.items():
            if process == pid:
                device += part(3, part(1, tid) + part(2, part(1, tid) + part(2, thread)))
        data += part(1, part(1, pid) + part(2, device))
    for pid, tid, name, ts, dur, args in EVENTS:
        event = part(1, pid) + part(2, tid) + part(3, name) + part(9, round(ts * US)) + part(10, round(dur * US))
        data += part(4, event + b"".join(part(11, part(1, key) + part(2, value)) for key, value in args.items()))
    return data


@pytest.mark.parametrize("data", [as_json(), as_message()], ids=["json", "message"])
def test_what_is_read(data: bytes) -> None:
    assert is_viewer_trace(data)
    profile = read_viewer_trace(data)
    found = {profile.name_of(i): Kind(int(profile.spans.kind[i])) for i in range(len(profile.spans))}
    assert found == {
        "train": Kind.ANNOTATION,
        "dense/MatMul:MatMul": Kind.OPERATOR,
        "cuLaunchKernel": Kind.RUNTIME,
        "Iterator::Model::Map": Kind.OPERATOR,
        "gemm": Kind.KERNEL,
        "MemcpyD2H": Kind.MEMCPY,
    }
    overview = look_over(profile)
    (step,) = overview.steps
    assert (step.name, step.duration) == ("train 4", 100 * US)
    assert (step.spent["device compute"], step.spent["output"]) == (40 * US, 2 * US)
    (kernel,) = overview.kernels
    assert (kernel.operator, kernel.grid, kernel.registers) == ("dense/MatMul:MatMul", (2, 1, 1), 8)
    assert ("dense/MatMul", "MatMul") in {(row.name, row.type) for row in overview.framework if row.on_device}


@pytest.mark.parametrize("name", ["h.trace.json.gz", "h.trace"])
def test_found_in_a_session(tmp_path: Path, name: str) -> None:
    folder = tmp_path / "plugins" / "profile" / "s"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(as_message() if name == "h.trace" else as_json())
    (capture,) = find_captures(str(tmp_path))
    assert read_capture(capture).devices == {0: "GPU"}


def test_other_traces_are_none_of_these() -> None:
    assert not is_viewer_trace(b'{"traceEvents": [{"ph": "M", "name": "process_name", "args": {"name": "python"}}]}')
    assert not is_viewer_trace(b"\x1f\x8bjunk")
    assert not is_viewer_trace(b"")


def test_without_a_time_an_event_is_left_out() -> None:
    document = json.loads(gzip.decompress(as_json()))
    document["traceEvents"] += [
        {"ph": "X", "pid": 1, "tid": 7, "name": "a", "ts": ts, "dur": dur}
        for ts, dur in (("now", 1), (1, -1), (1e30, 1))
    ]
    profile = read_viewer_trace(json.dumps(document).encode())
    assert profile.problems == ["3 events without a usable time were left out"]


@settings(deadline=None)
@given(st.booleans(), st.integers(0, 2000), st.binary(max_size=4))
def test_damage_never_raises_anything_else(message: bool, at: int, junk: bytes) -> None:
    data = as_message() if message else as_json()
    at %= len(data)
    try:
        profile: Profile = read_viewer_trace(data[:at] + junk)
    except BadProfile:
        return
    look_over(profile)
    profile.details(0)
