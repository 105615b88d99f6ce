"""Analyses that older profilers left: what their files tell, and what is said of those that are not read."""

from __future__ import annotations

import gzip
import json
import struct
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.cli import DONE, UNREADABLE, WRONG, main
from tbtui.events.wire import BYTES, FIXED64, VARINT, key, write_varint
from tbtui.profiles.analyses import read_analysis
from tbtui.profiles.analysis_files import analysis_files, read_analyses
from tbtui.profiles.find import CaptureFile, find_captures
from tbtui.profiles.model import BadProfile
from tests.support.captures import training


def message(*parts: tuple[int, Any]) -> bytes:
    """A message of these fields: whole numbers, floats, texts, messages."""
    data = b""
    for number, value in parts:
        if isinstance(value, int):
            data += write_varint(key(number, VARINT)) + write_varint(value)
        elif isinstance(value, float):
            data += write_varint(key(number, FIXED64)) + struct.pack("<d", value)
        else:
            body = value.encode() if isinstance(value, str) else value
            data += write_varint(key(number, BYTES)) + write_varint(len(body)) + body
    return data


def operation(rank: int, name: str, self_us: float) -> bytes:
    kind = "IDLE" if name == "IDLE" else "MatMul"
    row = message((1, rank), (2, "Host"), (3, kind), (4, name), (5, 2), (6, 9.5), (8, self_us), (12, 0.25))
    return message((1, row))


STATS = message((4, operation(1, "dense/MatMul", 4.5) + operation(2, "IDLE", 9223372036854.775)), (6, "GPU"))
KERNELS = message(
    (
        1,
        message(
            (1, "gemm"),
            (2, 96),
            (5, b"\x80\x02\x01\x01"),
            (6, 3),
            (6, 1),
            (7, 900),
            (12, "MatMul"),
            (13, 4),
            (14, 25.0),
        ),
    )
)
INPUT = message(
    (2, message((1, 12.5), (4, 20.0))),
    (4, message((1, "type.googleapis.com/x"), (2, message((1, 7), (2, 12.5), (11, 3.0))))),
    (5, message((3, 2838.8))),
    (6, message((1, "Iterator::Model"), (2, 7), (3, 1.5), (5, 0.25), (7, "Preprocessing"))),
)
OVERVIEW = message(
    (2, INPUT),
    (3, message((2, 33.0), (4, message((1, "fusion"), (3, 0.5))), (5, "no step markers"))),
    (4, message((1, "both"), (2, "input bound"))),
    (6, message((1, 1), (4, "GPU"))),
)


def tables(tool: str, data: bytes) -> dict[str, list[dict[str, Any]]]:
    return {
        one.title: [dict(zip(one.table.names, row, strict=True)) for row in one.table.rows]
        for one in read_analysis(tool, data)
    }


def test_operations() -> None:
    """What was never measured is left open."""
    (rows,) = tables("tensorflow_stats", STATS).values()
    assert [(row["operation"], row["calls"], row["total_us"], row["self_us"], row["self_share"]) for row in rows] == [
        ("dense/MatMul", 2, 9.5, 4.5, 0.25),
        ("IDLE", 2, 9.5, None, 0.25),
    ]


def test_kernels() -> None:
    ((row,),) = tables("kernel_stats", KERNELS).values()
    assert row == {
        "kernel": "gemm", "operator": "MatMul", "calls": 4, "total_us": 0.9, "grid": "3x1", "block": "256x1x1",
        "registers": 96, "occupancy_pct": 25.0, "name": "gemm",
    }  # fmt: skip


def test_input_and_overview() -> None:
    found = tables("overview_page", OVERVIEW)
    assert found["recommendation"] == [
        {"what": "bottleneck", "value": "both"},
        {"what": "in words", "value": "input bound"},
        {"what": "remark", "value": "no step markers"},
    ]
    assert {"what": "device idle, percent", "value": 33.0} in found["overview"]
    assert found["top operations on the device"] == [{"operation": "fusion", "self_share": 0.5}]
    alone = tables("input_pipeline", INPUT)
    assert alone["steps"] == [{"step": 7, "duration_us": 12500.0, "input_wait_us": 3000.0}]
    assert alone["step time, ms"] == [{"what": "average", "value": 12.5}, {"what": "maximum", "value": 20.0}]
    assert alone["input operations"][0]["operation"] == "Iterator::Model"
    assert set(alone) <= set(found)


def test_memory_and_trees() -> None:
    stats = {"peakBytesInUse": "512", "heapAllocatedBytes": "500", "fragmentation": 0.5}
    document = {"memoryProfilePerAllocator": {"GPU_0_bfc": {"profileSummary": {"peakStats": stats}}}}
    ((row,),) = tables("memory_profile", gzip.compress(json.dumps(document).encode())).values()
    assert (row["allocator"], row["peak_bytes"], row["heap_bytes"], row["fragmentation"]) == (
        "GPU_0_bfc",
        512,
        500,
        0.5,
    )
    tree = {
        "byProgram": {"name": "by_program", "metrics": {"time": 1}, "children": [{"name": "while"}, {"name": "dot"}]}
    }
    found = tables("op_profile", json.dumps(tree).encode())
    assert [row["operation"] for row in found["operations by program"]] == ["by_program", "  while", "  dot"]


def test_other_json() -> None:
    table = {
        "cols": [{"id": "a", "label": "A"}, {"id": "b"}],
        "rows": [{"c": [{"v": 1}, {"v": "x"}]}, {"c": [{"v": 2}]}],
    }
    assert tables("kernel_stats", json.dumps([table]).encode()) == {
        "kernel stats 1": [{"A": 1, "b": "x"}, {"A": 2, "b": None}]
    }
    assert tables("pod_viewer", b'{"a": [1, {"b": "c"}]}') == {
        "pod viewer": [{"what": "a[0]", "value": 1}, {"what": "a[1].b", "value": "c"}]
    }


def test_what_is_not_read_is_named_with_its_size() -> None:
    with pytest.raises(BadProfile, match=r"a file of the kind 'tracetable' \(5 bytes\) is not read"):
        read_analysis("tracetable", b"12345")
    with pytest.raises(BadProfile, match=r"a file of the kind 'tensorflow_stats' \(2 bytes\) is damaged"):
        read_analysis("tensorflow_stats", b"\x22\x09")


@settings(deadline=None)
@given(
    st.sampled_from([("tensorflow_stats", STATS), ("kernel_stats", KERNELS), ("overview_page", OVERVIEW)]),
    st.integers(0, 400),
    st.binary(max_size=9),
)
def test_damage_never_raises_anything_else(whole: tuple[str, bytes], at: int, junk: bytes) -> None:
    tool, data = whole
    at %= len(data)
    for damaged in (data[:at] + junk, data[:at] + junk + data[at + len(junk) :]):
        try:
            read_analysis(tool, damaged)
        except BadProfile:
            continue


def session(folder: Path, *more: tuple[str, bytes]) -> Path:
    """A session without a capture; returns its directory."""
    path = folder / "train" / "plugins" / "profile" / "2020_01_01"
    path.mkdir(parents=True)
    for name, data in (("h.tensorflow_stats.pb", STATS), ("h.overview_page.pb", OVERVIEW), *more):
        (path / name).write_bytes(data)
    return path


def test_files_of_a_session_and_a_host() -> None:
    files = [
        CaptureFile(f"/logs/{session}/{host}.{tool}", session, host, tool, 0.0, 1)
        for session in ("a", "b")
        for host in ("h", "i")
        for tool in ("trace", "kernel_stats", "overview_page")
    ]
    assert [one.path for one in analysis_files(files[0], files)] == [
        "/logs/a/h.kernel_stats",
        "/logs/a/h.overview_page",
    ]


def test_tables_that_are_repeated_and_files_that_are_not_read(tmp_path: Path) -> None:
    folder = session(tmp_path, ("h.input_pipeline.pb", INPUT), ("h.tracetable", b"12345"))
    found = read_analyses(find_captures(str(folder)))
    names = [one.name for one in found.found]
    assert names[0] == "recommendation (overview_page)"
    assert "input operations (overview_page)" in names
    assert not any("input_pipeline" in name for name in names)  # the overview has all of it
    assert found.problems == [(str(folder / "h.tracetable"), "a file of the kind 'tracetable' (5 bytes) is not read")]
    assert set(found.by_view()) == {"ops", "steps"}


def test_the_command_prints_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = session(tmp_path, ("h.tracetable", b"12345"))
    assert main(["profile", str(tmp_path)]) == DONE
    out = capsys.readouterr().out
    assert "session 2020_01_01" in out
    assert "is not read" in out
    assert any(line.split()[:4] == ["dense/MatMul", "MatMul", "Host", "2"] for line in out.splitlines())
    assert main(["profile", str(folder / "h.tensorflow_stats.pb"), "--json"]) == DONE
    (table,) = json.loads(capsys.readouterr().out)
    assert table["rows"][0]["operation"] == "dense/MatMul"
    assert main(["profile", str(folder / "h.tensorflow_stats.pb"), "--csv", "--top", "1"]) == DONE
    assert capsys.readouterr().out.splitlines()[0].startswith("operation,type,where,calls")
    assert main(["profile", str(folder / "h.tracetable")]) == UNREADABLE


def test_the_command_prints_one_view_of_them(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session(tmp_path)
    assert main(["profile", str(tmp_path), "--view", "ops", "--sort", "operation", "--csv"]) == DONE
    lines = capsys.readouterr().out.splitlines()
    assert [line.partition(",")[0] for line in lines] == ["operation", "IDLE", "dense/MatMul"]
    assert main(["profile", str(tmp_path), "--view", "kernels"]) == UNREADABLE
    assert "nothing for --view kernels; they tell: recommendation (overview_page)" in capsys.readouterr().err
    assert main(["profile", str(tmp_path), "--view", "ops", "--sort", "nothing"]) == WRONG
    assert "--sort nothing: the view has the columns operation, type" in capsys.readouterr().err


def test_analyses_beside_a_capture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (session(tmp_path) / "h.pt.trace.json").write_bytes(training().encode())
    assert main(["profile", str(tmp_path), "--view", "ops"]) == DONE
    assert "aten::addmm" in capsys.readouterr().out
    assert main(["profile", str(tmp_path), "--view", "analyses"]) == DONE
    out = capsys.readouterr().out
    assert "dense/MatMul" in out
    assert "input bound" in out
