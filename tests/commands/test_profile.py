"""`tbtui profile`: what it prints, and what it says where it can't."""

from __future__ import annotations

import csv
import io
import json
import os
from pathlib import Path

import pytest

from tbtui.cli import DONE, UNREADABLE, WRONG, main
from tests.support.captures import Trace, training

NAME = "worker0.1700000000.pt.trace.json"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "logs" / NAME
    path.parent.mkdir()
    path.write_bytes(training().encode(deviceProperties=[{"id": 0, "name": "Some\x1b[31m GPU"}]))
    return path


def test_overview(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture.parent)]) == DONE
    out = capsys.readouterr().out
    assert "steps     2: mean 100 µs, median 100 µs" in out
    assert "device    busy 55.0% of the steps' time, kernels 50.0%" in out
    assert "input bound: 10%" in out
    assert "\x1b" not in out
    assert any(line.split()[:3] == ["aten::addmm", "operator", "2"] for line in out.splitlines())


@pytest.mark.parametrize(
    ("view", "first"),
    [
        ("steps", {"step": "ProfilerStep#5", "kernel_us": "40.0", "data_loader_us": "10.0", "device_busy_us": "55.0"}),
        ("ops", {"name": "ProfilerStep*", "calls": "2", "self_us": "120.0"}),
        ("kernels", {"name": "gemm", "operator": "aten::addmm", "total_us": "80.0", "grid": "2x1x1"}),
        ("memory", {"device": "0", "peak_bytes": "5000", "peak_at_us": "20.0"}),
    ],
)
def test_tables_as_csv(capture: Path, capsys: pytest.CaptureFixture[str], view: str, first: dict[str, str]) -> None:
    assert main(["profile", str(capture), "--csv", "--view", view, "--top", "1"]) == DONE
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert {name: row[name] for name in first} == first


def test_sorted_by_any_column(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture), "--csv", "--view", "ops", "--sort", "device_self_us"]) == DONE
    assert next(iter(csv.DictReader(io.StringIO(capsys.readouterr().out))))["name"] == "aten::addmm"
    assert main(["profile", str(capture), "--view", "ops", "--sort", "nothing"]) == WRONG
    assert "--sort: the view has the columns name, kind, calls" in capsys.readouterr().err


def test_json_has_all_tables(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["path"] == str(capture)
    assert found["host"] == "worker0"
    assert found["device_busy"] == pytest.approx(0.55)
    assert [len(found[view]) for view in ("steps", "ops", "kernels", "memory")] == [2, 5, 2, 1]


def test_the_newest_capture_is_taken_or_the_one_asked_for(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = capture.with_name("worker1.1700000001.pt.trace.json")
    other.write_bytes(Trace().span("cpu_op", "other", 0, 5).encode())
    os.utime(capture, (1_000, 1_000))
    assert main(["profile", str(capture.parent)]) == DONE
    out = capsys.readouterr().out
    assert "worker1" in out
    assert "the newest of 2 captures" in out
    assert main(["profile", str(capture.parent), "--run", "worker0"]) == DONE
    assert "gemm" not in out
    assert main(["profile", str(capture.parent), "--run", "worker7"]) == WRONG


def test_a_broken_capture_does_not_hide_an_older_one(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.with_name("worker1.1700000001.pt.trace.json").write_bytes(b"")
    os.utime(capture, (1_000, 1_000))
    assert main(["profile", str(capture.parent)]) == DONE
    assert "worker0" in capsys.readouterr().out


def test_what_can_not_be_read_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(tmp_path)]) == UNREADABLE
    assert "no captures of a profiler here" in capsys.readouterr().err
    assert main(["profile", str(tmp_path / "nowhere")]) == UNREADABLE
    capsys.readouterr()
    (tmp_path / NAME).write_bytes(b"{")
    assert main(["profile", str(tmp_path)]) == UNREADABLE
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "this is no Chrome trace" in error
