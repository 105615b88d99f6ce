"""Captures that other people's training left, and made-up ones whose tables are known.

See `test_truth` for the folder that TBTUI_REALDATA names.
"""

from __future__ import annotations

import gzip
import json
import os
from pathlib import Path
from typing import Any

import pytest

from tbtui.events.proto import xplane_pb2
from tbtui.profiles.analyses import read_analysis
from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.distributed import compare_ranks, rank_work
from tbtui.profiles.find import READABLE, CaptureFile, find_captures, read_capture
from tbtui.profiles.framework import IDLE, operation_table
from tbtui.profiles.kernels import kernel_table, occupancy, sm_efficiency
from tbtui.profiles.memory import memory_use
from tbtui.profiles.model import BadProfile, Profile
from tbtui.profiles.operators import nest_calls, operator_table
from tbtui.profiles.overview import look_over
from tbtui.profiles.steps import find_activity, overlap, step_table
from tbtui.profiles.xla.capture import read_xplane

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
    counted = independent_count(path)
    number, took = counted["kernel"]
    assert sum(row.calls for row in overview.kernels) == number
    assert sum(row.total for row in overview.kernels) / US == pytest.approx(took, abs=0.001 * number)
    if counted["device"]:
        launched = sum(row.device_own for row in overview.operators) / US
        assert 0.9 * counted["device"] < launched <= counted["device"] + 1


def independent_count(path: Path) -> dict[str, Any]:
    """Kernels (number, microseconds) and all that ran on devices (microseconds), counted with nothing but a JSON
    reader by the categories that Kineto has now and had before. PyTorch's TensorBoard plugin (0.4.3) knows the old ones
    only: of a trace of today it finds no launch, and so no device time of any operator; here nine tenths at least of
    what ran on devices must have found the operator that launched it."""
    data = path.read_bytes()
    document = json.loads(gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data)
    kernels, device = [], 0.0
    for event in document if isinstance(document, list) else document["traceEvents"]:
        category = str(event.get("cat")).lower()
        if event.get("ph") == "X" and category in ("kernel", "gpu_memcpy", "memcpy", "gpu_memset", "memset"):
            device += event["dur"]
            if category == "kernel":
                kernels.append(event["dur"])
    return {"kernel": (len(kernels), sum(kernels)), "device": device}


def test_categories_of_today_and_of_before_give_the_same() -> None:
    """The made-up captures `cuda_modern` and `cuda_legacy` are one capture under both sets of names."""
    now, before = (
        look_over(read(next((CORPUS / "torch_profiler_synth" / name).glob("*.pt.trace.json*"))))
        for name in ("cuda_modern", "cuda_legacy")
    )
    modern, legacy = ({row.name: row for row in each.operators} for each in (now, before))
    assert sum(row.device_own for row in modern.values()) > 0
    for name, row in legacy.items():
        assert (modern[name].calls, modern[name].device_total) == (row.calls, row.device_total), name
        if not name.startswith(("nccl:", "record_param_comms")):  # whose kernels went from the range to the operator
            assert modern[name].device_own == row.device_own, name
    assert [step.spent for step in now.steps] == [step.spent for step in before.steps]


def test_ranks_of_the_made_up_session() -> None:
    """Against the answers for each rank by itself, and against the durations as they stand in the files: of both ranks'
    k-th all-reduce the shorter one is the transfer, the rest is waiting."""
    folder = CORPUS / "torch_profiler_synth" / "distributed"
    paths = sorted(folder.glob("*.pt.trace.json.gz"))
    found = compare_ranks([rank_work(path.name.split(".")[0], read(path)) for path in paths])
    for row, name in zip(found.ranks, ("expected.json", "expected_rank1.json"), strict=True):
        expected = json.loads((folder / name).read_text())
        assert row.work.overlap / US == expected["overlapped_communication_us"]
        assert (row.work.communication - row.work.overlap) / US == expected["exposed_communication_us"]
        computed = sum(step["breakdown_by_priority"]["kernel_us"] for step in expected["steps"])
        assert row.work.computation / US == computed
    durations = [
        [event["dur"] for event in json.loads(gzip.decompress(path.read_bytes()))["traceEvents"]
         if event.get("cat") == "kernel" and event["name"].startswith("nccl")]
        for path in paths
    ]  # fmt: skip
    (reduce,) = found.collectives
    transfer = sum(map(min, *durations))
    assert reduce.transfer is not None
    assert reduce.waiting is not None
    assert (reduce.calls, reduce.total / US) == (sum(map(len, durations)), sum(map(sum, durations)))
    assert reduce.transfer / US == 2 * transfer
    assert reduce.waiting / US == sum(map(sum, durations)) - 2 * transfer
    assert reduce.size == 8 * 262144 * 4


XPLANES = sorted(CORPUS.glob("**/expected_xprof.json")) if FOLDER.is_dir() else []
SESSIONS = [(path, session) for path in XPLANES for session in json.loads(path.read_text())]


@pytest.mark.parametrize(
    ("answer", "session"), SESSIONS, ids=[f"{path.parent.name}/{session[-8:]}" for path, session in SESSIONS]
)
def test_operations_equal_xprof(answer: Path, session: str) -> None:
    """To a microsecond a row. Of JAX on the CPU xprof counts nothing: there every event that names an `hlo_op` must be
    in our table, and nothing else."""
    expected = json.loads(answer.read_text())[session]
    (path,) = (answer.parent / session).glob("*.xplane.pb")
    profile = read_xplane(path.read_bytes())
    rows = {(row.on_device, row.type, row.name): row for row in operation_table(profile)}
    if not expected["ops_without_idle"]:
        names = sorted(row.name for row in rows.values() if row.type != IDLE for _ in range(row.calls))
        assert names == sorted(names_of_hlo(path))
        return
    for wanted in expected["ops_with_idle"]:
        row = rows[wanted["host_or_device"] == "Device", wanted["type"], wanted["operation"]]
        assert row.total / US == pytest.approx(wanted["total_time"], abs=1)
        assert row.own / US == pytest.approx(wanted["total_self_time"], abs=1)
        assert wanted["type"] == IDLE or row.calls == wanted["occurrences"]


@pytest.mark.parametrize(
    ("answer", "session"), SESSIONS, ids=[f"{path.parent.name}/{session[-8:]}" for path, session in SESSIONS]
)
def test_steps_equal_xprof(answer: Path, session: str) -> None:
    """To a microsecond a category. xprof counts no compilation on the host by itself: ours is of its host compute. Of
    captures whose steps only the host marks with names that xprof does not know, it has none; those have ours."""
    expected = json.loads(answer.read_text())[session]
    (path,) = (answer.parent / session).glob("*.xplane.pb")
    steps = {step.name: step for step in step_table(read_xplane(path.read_bytes()))}
    for wanted in expected["steps"]:
        step = steps[wanted["stepnum"]]
        spent = {name: time / US for name, time in step.spent.items()}
        assert step.duration / US == pytest.approx(1000 * wanted["stepTimeMs"], abs=1)
        for told, mine in (
            ("deviceComputeTimeMs", spent["device compute"]),
            ("deviceToDeviceTimeMs", spent["device to device"]),
            ("deviceCollectivesTimeMs", spent["collectives"]),
            ("hostComputeTimeMs", spent["host compute"] + spent["compilation"]),
            ("kernelLaunchTimeMs", spent["kernel launch"]),
            ("infeedTimeMs", spent["input"]),
            ("outfeedTimeMs", spent["output"]),
            ("otherTimeMs", spent["other"]),
        ):
            assert mine == pytest.approx(1000 * wanted[told], abs=1), told


def names_of_hlo(path: Path) -> list[str]:
    """What the events of a capture say they are, straight from the messages."""
    space = xplane_pb2.XSpace.FromString(path.read_bytes())
    found = []
    for plane in space.planes:
        names = {number: meta.name for number, meta in plane.stat_metadata.items()}
        for line in plane.lines:
            for event in line.events:
                found += [names[stat.ref_value] for stat in event.stats if names[stat.metadata_id] == "hlo_op"]
    return found


def test_made_up_xplanes() -> None:
    gpu = CORPUS / "xplane_synth" / "gpu"
    expected = json.loads((gpu / "expected.json").read_text())
    (path,) = gpu.glob("**/*.xplane.pb")
    overview = look_over(read_xplane(path.read_bytes()))
    assert [step.duration / US for step in overview.steps] == [step["host_us"] for step in expected["steps"]]
    for kernel in overview.kernels:
        wanted = expected["kernels"][kernel.name]
        assert (kernel.calls, kernel.total / US, kernel.registers) == (
            wanted["calls"],
            wanted["total_us"],
            wanted["regs"],
        )
        assert (list(kernel.grid), list(kernel.block)) == (wanted["grid"], wanted["block"])
        assert (kernel.shared_memory, kernel.occupancy) == (wanted["dynamic_shared"], wanted["occ_pct"])
    device = {row.name: row.own / US for row in overview.framework if row.on_device and row.type != IDLE}
    assert device == expected["device_ops_self_us"]
    assert [use.peak for use in overview.memory] == [expected["memory_peak_bytes"]]
    tpu = CORPUS / "xplane_synth" / "tpu_like"
    expected = json.loads((tpu / "expected.json").read_text())
    (path,) = tpu.glob("**/*.xplane.pb")
    overview = look_over(read_xplane(path.read_bytes()))
    assert [step.duration / US for step in overview.steps] == expected["steps_us"]
    assert {row.name: row.total / US for row in overview.operators} == expected["op_total_us"]
    assert {row.name: row.own / US for row in overview.operators} == expected["op_self_us"]
    whole = sum(step.duration - step.device_busy for step in overview.steps)
    assert whole / US == expected["device_idle_us_inside_steps"]


EVERY = sorted(
    file
    for folder in (FOLDER, CORPUS)
    for pattern in ("*.xplane.pb", "*.trace", "*.trace.json.gz")
    for file in folder.glob(f"**/plugins/profile/*/{pattern}")
    if FOLDER.is_dir()
)


@pytest.mark.parametrize("path", EVERY, ids=lambda path: f"{path.parts[-6]}/{path.parent.name}/{path.name}")
def test_every_capture_of_xla_gives_tables(path: Path) -> None:
    """Whole or cut off, of whatever year: steps whose time is told, and what ran."""
    (capture,) = find_captures(str(path))
    profile = read_capture(capture)
    overview = look_over(profile)
    assert overview.steps
    assert all(sum(step.spent.values()) == step.duration for step in overview.steps)
    assert overview.operators
    assert all(0 <= row.own <= row.total for row in overview.operators if row.calls)
    cut = "truncated" in path.parts
    assert any("cut off" in problem for problem in profile.problems) == cut
    assert all(isinstance(profile.details(index), dict) for index in range(0, len(profile.spans), 7))


ANALYSES = [one for one in find_captures(str(FOLDER)) if one.tool not in READABLE] if FOLDER.is_dir() else []


@pytest.mark.parametrize("capture", ANALYSES, ids=lambda one: f"{one.session}/{os.path.basename(one.path)}")
def test_every_analysis_is_read(capture: CaptureFile) -> None:
    found = {one.title: one.table for one in read_analysis(capture.tool, Path(capture.path).read_bytes())}
    if capture.tool == "tensorflow_stats":
        rows = [dict(zip(found["operations"].names, row, strict=True)) for row in found["operations"].rows]
        for where in {row["where"] for row in rows}:  # on the host, on the device
            assert sum(row["self_share"] for row in rows if row["where"] == where) == pytest.approx(1, abs=1e-6)
        assert all(row["self_us"] is None or row["self_us"] <= row["total_us"] + 1e-6 for row in rows)
    else:
        assert found["input operations"].rows
