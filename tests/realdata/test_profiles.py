"""Captures that other people's training left, and made-up ones whose tables are known.

See `test_truth` for the folder that TBTUI_REALDATA names.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest

from tbtui.profiles.chrome import read_chrome_trace
from tbtui.profiles.find import find_captures, read_capture
from tbtui.profiles.kernels import kernel_table, occupancy, sm_efficiency
from tbtui.profiles.memory import memory_use
from tbtui.profiles.model import BadProfile, Profile
from tbtui.profiles.operators import nest_calls, operator_table
from tbtui.profiles.overview import look_over
from tbtui.profiles.steps import find_activity, overlap, step_table

FOLDER = Path(os.environ.get("TBTUI_REALDATA") or "nowhere")
CORPUS = FOLDER.parent / "corpus"
US = 1_000_000

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")

TORCH = sorted((CORPUS / "torch_profiler").glob("*/*.pt.trace.json*")) if FOLDER.is_dir() else []
MADE = sorted((CORPUS / "torch_profiler_synth").glob("*/*.pt.trace.json*")) if FOLDER.is_dir() else []
REAL = sorted(FOLDER.glob("**/*trace.json*")) if FOLDER.is_dir() else []


def read(path: Path) -> Profile:
    return read_chrome_trace(path.read_bytes())


@pytest.mark.parametrize("path", TORCH, ids=lambda path: f"{path.parent.name}/{path.name[:12]}")
def test_operators_equal_key_averages(path: Path) -> None:
    """Of several captures of a worker the answers are not told apart by name: one of them must be this one's."""
    worker = path.name.split(".")[0]
    answers = [
        json.loads(file.read_text())
        for file in sorted(path.parent.glob("expected_key_averages*.json"))
        if "rank" not in file.name or worker in file.name
    ]
    if not answers:
        pytest.skip("no answer recorded")
    profile = read(path)
    rows = {row.name: row for row in operator_table(profile, nest_calls(profile, python=True))}
    assert any(is_equal(rows, answer) for answer in answers)


def is_equal(rows: dict[str, Any], answer: list[dict[str, Any]]) -> bool:
    return set(rows) == {row["key"] for row in answer} and all(
        rows[row["key"]].calls == row["count"]
        and abs(rows[row["key"]].total / US - row["cpu_total_us"]) <= 1
        and abs(rows[row["key"]].own / US - row["self_cpu_us"]) <= 1
        for row in answer
    )


@pytest.mark.parametrize("path", MADE, ids=lambda path: f"{path.parent.name}/{path.name[:5]}")
def test_made_up_captures(path: Path) -> None:
    rank = "_rank1" if path.name.startswith("rank1") else ""
    answer = path.parent / f"expected{rank}.json"
    if path.parent.name == "zero_length_file":
        with pytest.raises(BadProfile):
            read(path)
        return
    if not answer.exists():
        assert len(read(path).spans)
        return
    expected = json.loads(answer.read_text())
    profile = read(path)
    activity = find_activity(profile)
    steps = step_table(profile, activity)
    calls = nest_calls(profile)
    for step, wanted in zip(steps, expected["steps"], strict=True):
        assert step.name == wanted["name"]
        assert step.duration / US == wanted["dur_us"]
        assert [spent / US for spent in step.spent.values()] == list(wanted["breakdown_by_priority"].values())
        assert step.device_busy / US == wanted["gpu_busy_us"]
        assert step.kernel_busy / US == wanted["gpu_kernel_busy_us"]
    rows = {row.name: row for row in operator_table(profile, calls)}
    for name, wanted in expected["operators"].items():
        row = rows[name]
        assert (row.calls, row.total / US, row.own / US, row.device_total / US, row.device_own / US) == (
            wanted["calls"],
            wanted["host_total_us"],
            wanted["host_self_without_runtime_us"],
            wanted["device_total_us"],
            wanted["device_self_us"],
        ), name
    kernels = kernel_table(profile, calls)
    for name, wanted in expected["kernels"].items():
        mine = [row for row in kernels if row.name == name]
        assert sum(row.calls for row in mine) == wanted["calls"]
        assert sum(row.total for row in mine) / US == wanted["total_us"]
        assert min(row.shortest for row in mine) / US == wanted["min_us"]
        assert max(row.longest for row in mine) / US == wanted["max_us"]
    whole = sum(step.duration for step in steps)
    assert 100 * sum(step.device_busy for step in steps) / whole == pytest.approx(expected["gpu_busy_pct_of_steps"])
    assert sm_efficiency(profile, steps) == pytest.approx(expected["est_sm_efficiency_pct"])
    assert occupancy(kernels) == pytest.approx(expected["est_occupancy_pct_time_weighted"])
    both = overlap(activity)
    assert both.exposed / US == expected["exposed_communication_us"]
    assert both.overlapped / US == expected["overlapped_communication_us"]
    assert [use.peak for use in memory_use(profile)] == [expected["memory_peak_bytes"]]


@pytest.mark.parametrize("path", REAL, ids=lambda path: f"{path.parts[-3]}/{path.name[:24]}")
def test_every_real_trace_gives_tables(path: Path) -> None:
    (capture,) = find_captures(str(path))
    overview = look_over(read_capture(capture))
    assert sum(overview.spent.values()) == sum(step.duration for step in overview.steps)
    assert all(row.own <= row.total for row in overview.operators)
    if "samples" in path.parts:  # of PyTorch's plugin: a GPU
        assert overview.kernels
        assert overview.busy is not None
        assert overview.busy > 0.1
        assert sum(row.device_own for row in overview.operators) > 0
