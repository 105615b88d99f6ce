"""The tables of a capture, against torch's own, against what was made up, and against counting every microsecond."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.profiles import blocks
from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.grouping import combinations
from tbtui.profiles.intervals import clip, inside, intersect, subtract, total, union, when
from tbtui.profiles.kernels import kernel_table, occupancy, sm_efficiency
from tbtui.profiles.memory import memory_use
from tbtui.profiles.model import NOTHING, Indexes, Spans
from tbtui.profiles.nesting import _one_by_one, _parents_of_lane, add_up, by_lane, parents, self_times
from tbtui.profiles.operators import nest_calls, operator_table
from tbtui.profiles.overview import look_over
from tbtui.profiles.steps import find_activity, overlap, step_table
from tests.support.captures import Trace, training

US = 1_000_000
RECORDED = Path(__file__).parents[1] / "recorded" / "torch_profile"


@pytest.mark.parametrize("name", ["plain", "stacks"])
def test_operators_as_torch_counts_them(name: str) -> None:
    """To a microsecond a row; with stacks torch's table has Python's functions as rows of their own."""
    profile = read_chrome_trace((RECORDED / f"{name}.pt.trace.json.gz").read_bytes())
    rows = {row.name: row for row in operator_table(profile, nest_calls(profile, python=name == "stacks"))}
    expected = json.loads((RECORDED / f"{name}.json").read_text())
    assert set(rows) == {row["name"] for row in expected}
    for row in expected:
        mine = rows[row["name"]]
        assert mine.calls == row["calls"], row["name"]
        assert mine.total / US == pytest.approx(row["total_us"], abs=1), row["name"]
        assert mine.own / US == pytest.approx(row["self_us"], abs=1), row["name"]


@pytest.mark.parametrize("old", [False, True])
def test_operators_and_what_they_launched(old: bool) -> None:
    profile = read_chrome_trace(training(old=old).encode())
    rows = {row.name: row for row in operator_table(profile)}
    linear, addmm, launch = rows["aten::linear"], rows["aten::addmm"], rows["cudaLaunchKernel"]
    assert (linear.calls, linear.total, linear.own) == (2, 60 * US, 20 * US)
    assert (linear.device_total, linear.device_own) == (80 * US, 0)
    assert (addmm.calls, addmm.total, addmm.own) == (2, 40 * US, 32 * US)
    assert (addmm.device_total, addmm.device_own) == (80 * US, 80 * US)
    assert (launch.calls, launch.own) == (2, 8 * US)
    assert rows["ProfilerStep*"].own == 2 * (100 - 10 - 30) * US


def test_a_kernel_without_an_id_belongs_to_the_operator_around_its_launch() -> None:
    trace = Trace().span("cpu_op", "outer", 0, 50).span("cpu_op", "inner", 5, 20)
    trace.span("cuda_runtime", "cudaLaunchKernel", 6, 2, correlation=4)
    trace.span("kernel", "k", 30, 10, tid=7, pid=0, device=0, correlation=4)
    rows = {row.name: row for row in operator_table(read_chrome_trace(trace.encode()))}
    assert rows["inner"].device_own == 10 * US
    assert (rows["outer"].device_own, rows["outer"].device_total) == (0, 10 * US)


def test_the_only_call_in_one_of_its_name_is_that_call() -> None:
    trace = Trace().span("cpu_op", "add", 0, 10, External_id=1).span("cpu_op", "add", 2, 6, External_id=2)
    trace.span("kernel", "k", 20, 5, tid=7, pid=0, device=0, External_id=2)
    (row,) = operator_table(read_chrome_trace(trace.encode()))
    assert (row.calls, row.total, row.own) == (1, 10 * US, 10 * US)
    assert (row.device_total, row.device_own) == (5 * US, 5 * US)


calls = st.lists(st.tuples(st.integers(0, 1), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=14)


@settings(deadline=None)
@given(calls)
def test_parents_by_looking_at_every_pair(found: list[tuple[int, int, int]]) -> None:
    """Of those that lie around a call the last to begin, and of those the first to end; no slack, no equal calls."""
    found = sorted(set(found))
    trace = Trace()
    for number, (thread, start, length) in enumerate(found):
        trace.span("cpu_op", f"n{number}", 10 * start, 10 * length, tid=thread)
    trace.span("cpu_op", "zero", 0, 0, tid=9)
    profile = read_chrome_trace(trace.encode())
    spans = profile.spans
    which = np.arange(len(spans))
    parent = parents(spans, which, slack=0)
    for i in which.tolist():
        around = [
            j
            for j in which.tolist()
            if j != i
            and spans.lane[j] == spans.lane[i]
            and spans.start[j] <= spans.start[i]
            and spans.end[j] >= spans.end[i]
            and spans.duration[j] > spans.duration[i]
        ]
        crossing = any(
            spans.lane[j] == spans.lane[k] and spans.start[j] < spans.start[k] < spans.end[j] < spans.end[k]
            for j in which.tolist()
            for k in which.tolist()
        )
        if crossing or not spans.duration[i]:
            continue  # threads do not do that; and what takes no time lies in either of its neighbours
        innermost = max(around, key=lambda j: (spans.start[j], -spans.end[j]), default=NOTHING)
        assert parent[i] == innermost


@given(calls, st.integers(0, 2))
def test_counting_how_deep_calls_lie_finds_what_going_through_them_finds(
    found: list[tuple[int, int, int]], slack: int
) -> None:
    start, length = (np.array([one[side] for one in found], np.int64) for side in (1, 2))
    order = by_lane(start, start + length, np.zeros(len(found), np.int32))
    start, end = start[order], (start + length)[order]
    assert _parents_of_lane(start, end, slack).tolist() == _one_by_one(start, end, slack).tolist()


@given(calls, st.integers(0, 2), st.integers(1, 4))
def test_parents_are_found_part_by_part(found: list[tuple[int, int, int]], slack: int, most: int) -> None:
    spans = spans_of(found)
    which = np.arange(len(spans))
    with pytest.MonkeyPatch.context() as patch:
        whole = parents(spans, which, slack)
        patch.setattr(blocks, "BLOCK", most)
        assert parents(spans, which, slack).tolist() == whole.tolist()


@given(calls, st.integers(0, 2), st.integers(1, 4))
def test_what_lies_in_calls_is_taken_off_and_added_up(found: list[tuple[int, int, int]], slack: int, most: int) -> None:
    spans = spans_of(found)
    which = np.arange(len(spans))[::2]
    parent = parents(spans, which, slack)
    own, whole = spans.duration[which].tolist(), spans.duration[which].tolist()
    for place, above in enumerate(parent.tolist()):
        while above != NOTHING:
            whole[above] += int(spans.duration[which[place]])
            above = int(parent[above])
        if parent[place] != NOTHING:
            own[parent[place]] -= int(spans.duration[which[place]])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", most)
        assert self_times(spans, which, parent).tolist() == own
        assert add_up(spans.duration[which], parent).tolist() == whole


@given(calls, st.sets(st.integers(0, 13)), st.integers(1, 4), st.one_of(st.none(), st.integers(0, 70)))
def test_when_spans_run_is_found_part_by_part(
    found: list[tuple[int, int, int]], chosen: set[int], most: int, last: int | None
) -> None:
    spans = spans_of(found)
    which = np.isin(np.arange(len(spans)), list(chosen))

    def latest(start: Indexes) -> Indexes:
        assert last is not None
        return np.maximum(start, last)

    end = spans.end if last is None else np.minimum(spans.end, latest(spans.start))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", most)
        assert when(spans, which, None if last is None else latest).tolist() == (
            union(spans.start[which], end[which]).tolist()
        )


def spans_of(found: list[tuple[int, int, int]]) -> Spans:
    """Calls as (lane, start, duration), each lane's by start."""
    lane, start, duration = np.array(sorted(found, key=lambda one: (one[0], one[1], -one[2])), np.int64).T.copy()
    none = np.full(len(lane), NOTHING)
    code = np.zeros(len(lane), np.int32)
    return Spans(start, duration, lane.astype(np.int32), code, code.astype(np.int8), none, none)


@given(
    st.lists(st.tuples(st.integers(-1, 3), st.integers(-1, 5000), st.integers(-1, 5000))),
    st.booleans(),
    st.integers(1, 4),
)
def test_combinations(rows: list[tuple[int, int, int]], huge: bool, most: int) -> None:
    columns = [np.array([row[side] for row in rows], np.int64) for side in range(3)]
    if huge:
        columns[2] = np.where(columns[2] > 0, columns[2] << 40, columns[2])
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(blocks, "BLOCK", most)
        found, number = combinations(columns)
    assert found == sorted(set(found))
    assert [found[one] for one in number.tolist()] == list(zip(*(column.tolist() for column in columns), strict=True))


stretches = st.lists(st.tuples(st.integers(0, 40), st.integers(0, 8)), max_size=8)


def seconds(found: list[tuple[int, int]]) -> set[int]:
    return {t for start, length in found for t in range(start, start + length)}


@given(stretches, stretches, st.integers(0, 40), st.integers(0, 40))
def test_sets_of_time(one: list[tuple[int, int]], other: list[tuple[int, int]], begin: int, end: int) -> None:
    def made(found: list[tuple[int, int]]) -> np.ndarray:  # type: ignore[type-arg]
        pairs = np.array(found, np.int64).reshape(-1, 2)
        return union(pairs[:, 0], pairs[:, 0] + pairs[:, 1])

    def back(found: np.ndarray) -> set[int]:  # type: ignore[type-arg]
        assert np.all(found[1:, 0] > found[:-1, 1])
        return {t for start, stop in found.tolist() for t in range(start, stop)}

    a, b = made(one), made(other)
    assert back(a) == seconds(one)
    assert total(a) == len(seconds(one))
    assert back(subtract(a, b)) == seconds(one) - seconds(other)
    assert back(intersect(a, b)) == seconds(one) & seconds(other)
    if begin <= end:
        covered = inside(a, np.array([begin]), np.array([end])).tolist()
        assert covered == [len({t for t in seconds(one) if begin <= t < end})]
        assert back(clip(a, begin, end)) == {t for t in seconds(one) if begin <= t < end}


def test_steps_count_each_moment_once() -> None:
    profile = read_chrome_trace(training().encode())
    activity = find_activity(profile)
    steps = step_table(profile, activity)
    assert [step.name for step in steps] == ["ProfilerStep#5", "ProfilerStep#6"]
    for step in steps:
        told = {name: spent // US for name, spent in step.spent.items()}
        assert told == {
            "kernel": 40,
            "memcpy": 5,
            "memset": 0,
            "communication": 10,
            "runtime": 4,
            "data loader": 10,
            "CPU operator": 16,
            "other": 15,
        }
        assert sum(step.spent.values()) == step.duration == 100 * US
        assert (step.device_busy, step.kernel_busy) == (55 * US, 50 * US)
    assert overlap(activity) == (overlap(activity).__class__)(2 * 15 * US, 2 * 10 * US)


def test_without_marks_the_capture_is_one_step() -> None:
    trace = Trace().span("cpu_op", "a", 5, 10).span("cpu_op", "b", 20, 10)
    (step,) = step_table(read_chrome_trace(trace.encode()))
    assert (step.duration, step.spent["CPU operator"], step.spent["other"]) == (25 * US, 20 * US, 5 * US)


def test_kernels() -> None:
    profile = read_chrome_trace(training().encode())
    rows = {row.name: row for row in kernel_table(profile, nest_calls(profile))}
    gemm = rows["gemm"]
    assert (gemm.operator, gemm.calls, gemm.total, gemm.mean) == ("aten::addmm", 2, 80 * US, 40 * US)
    assert (gemm.grid, gemm.block, gemm.registers, gemm.blocks_per_sm) == ((2, 1, 1), (64, 1, 1), 32, 0.5)
    assert rows["ncclDevKernel_AllReduce"].operator == ""
    assert occupancy(list(rows.values())) is None
    # 0.5 of the multiprocessors for 40 of 100 us
    assert sm_efficiency(profile, step_table(profile)) == pytest.approx(20.0)


def test_memory() -> None:
    trace = training().allocate(30, 50, 70).allocate(40, -50, 20)
    host, device = memory_use(read_chrome_trace(trace.encode(deviceProperties=[{"id": 0, "totalGlobalMem": 5200}])))
    assert (host.device, host.peak, host.peak_time) == (None, 70, 30 * US)
    assert (device.device, device.peak, device.peak_time, device.capacity) == (0, 5000, 20 * US, 5200)


def test_advice_has_its_numbers() -> None:
    properties = [{"id": 0, "name": "g", "totalGlobalMem": 5200}]
    overview = look_over(read_chrome_trace(training().encode(deviceProperties=properties)))
    assert overview.busy == pytest.approx(0.55)
    assert overview.kernel_busy == pytest.approx(0.50)
    assert [sentence.split(";")[0] for sentence in overview.advice] == [
        "device 0 had 96% of its memory allocated at the peak (more than 90%)",
        "kernels on tensor cores take 0% of the kernels' time (less than 10%)",
    ]
    quiet = look_over(read_chrome_trace(Trace().span("cpu_op", "a", 0, 10).encode()))
    assert (quiet.busy, quiet.kernel_busy, quiet.overlap, quiet.advice) == (None, None, None, [])


def test_recorded_captures_hold_memory_and_steps() -> None:
    data = (RECORDED / "plain.pt.trace.json.gz").read_bytes()
    assert gzip.decompress(data)
    overview = look_over(read_chrome_trace(data))
    assert len(overview.steps) == 2
    assert overview.memory
    assert overview.memory[0].device is None
    assert overview.memory[0].peak > 0
