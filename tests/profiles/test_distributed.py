"""Several ranks side by side: times, collectives, who waits for whom; and which files are of one session."""

from __future__ import annotations

import pytest

from tbtui.commands.ranks import said_of_ranks
from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.distributed import Distributed, RankWork, compare_ranks, rank_work
from tbtui.profiles.find import session_files
from tbtui.profiles.model import Profile
from tbtui.profiles.tables import collectives_table, ranks_table
from tests.support.captures import Trace, rank_traces, training

US = 1_000_000


def rank(number: int, *durations: float, **args: object) -> RankWork:
    """One step of 100 us: a kernel of 20 from 10 on; collectives one after the other from 20 on, 5 apart."""
    trace = Trace().span("user_annotation", "ProfilerStep#1", 0, 100)
    trace.span("kernel", "gemm", 10, 20, tid=7, pid=0, device=0)
    at = 20.0
    for duration in durations:
        trace.span("kernel", "ncclDevKernel_AllReduce_Sum_f32", at, duration, tid=9, pid=0, device=0, **args)
        at += duration + 5
    return rank_work(f"worker{number}", profile(trace, number))


def profile(trace: Trace, number: int) -> Profile:
    return read_chrome_trace(trace.encode(distributedInfo={"rank": number, "world_size": 2}))


def test_what_a_rank_spent_adds_up() -> None:
    work = rank(0, 30, 10)
    assert (work.rank, work.steps, work.duration) == (0, 1, 100 * US)
    assert (work.computation, work.communication, work.overlap) == (20 * US, 40 * US, 10 * US)
    assert work.computation + work.communication - work.overlap + work.other == work.duration


def test_the_last_to_come_is_who_the_others_wait_for() -> None:
    found = compare_ranks([rank(1, 5, 20), rank(0, 15, 12)])
    assert [row.work.rank for row in found.ranks] == [0, 1]
    (both,) = found.collectives
    assert (both.name, both.ranks, both.calls, both.total) == ("allreduce", 2, 4, 52 * US)
    assert (both.transfer, both.waiting, both.longest) == (34 * US, 18 * US, 20 * US)
    first, second = found.ranks
    assert (first.transfer, first.waiting, first.awaited) == (17 * US, 10 * US, 8 * US)
    assert (second.transfer, second.waiting, second.awaited) == (17 * US, 8 * US, 10 * US)
    assert [row.straggler for row in found.ranks] == [True, True]
    assert not any(row.straggler for row in compare_ranks([rank(1, 5), rank(0, 10)]).ranks)


def test_of_three_the_mean_of_the_others_is_told() -> None:
    found = compare_ranks([rank(0, 10), rank(1, 4), rank(2, 7)])
    assert [row.awaited for row in found.ranks] == [0, (6 + 3) * US // 2, 0]


def test_calls_that_do_not_match_are_said() -> None:
    found = compare_ranks([rank(0, 10), rank(1, 4, 4)])
    assert found.unmatched == ["allreduce"]
    assert (found.collectives[0].transfer, found.collectives[0].waiting) == (None, None)
    assert collectives_table(found).rows[0][-2:] == (None, None)
    assert [row.awaited for row in found.ranks] == [0, 0]


def test_size_and_group_are_told() -> None:
    told = {"Collective_name": "_allgather_base", "In_msg_nelems": 10, "Out_msg_nelems": 20, "dtype": "BFloat16",
            "Process_Group_Description": "fsdp"}  # fmt: skip
    found = compare_ranks([rank(0, 10, **told), rank(1, 4, **told)])
    (row,) = collectives_table(found).rows
    assert row[:6] == ("allgatherbase", "fsdp", 2, 2, 80, 40)
    assert collectives_table(compare_ranks([rank(0, 10)])).rows[0][4] is None


def test_collectives_without_kernels() -> None:
    """On the CPU only the host tells of them."""
    trace = Trace().span("user_annotation", "ProfilerStep#1", 0, 100).span("cpu_op", "aten::mm", 10, 20)
    trace.span("user_annotation", "gloo:all_reduce", 20, 30, tid=3)
    work = rank_work("w", profile(trace, 0))
    assert (work.computation, work.communication, work.overlap) == (20 * US, 30 * US, 10 * US)
    assert list(work.calls) == [("", "allreduce")]


@pytest.mark.parametrize(
    "works", [[], [rank_work("one", read_chrome_trace(Trace().span("cpu_op", "a", 0, 1).encode()))]]
)
def test_nothing_to_compare(works: list[RankWork]) -> None:
    found = compare_ranks(works)
    assert found == Distributed(found.ranks, [], [])
    assert len(ranks_table(found).rows) == len(works)


def test_old_names_give_the_same() -> None:
    old, new = (rank_work("w", read_chrome_trace(training(old=each).encode())) for each in (True, False))
    for work in (old, new):
        assert (work.computation, work.overlap, work.other) == (80 * US, 30 * US, 100 * US)


def test_which_files_are_of_one_session() -> None:
    files = [
        "logs/a.100.pt.trace.json", "logs/a.200.pt.trace.json.gz", "logs/b.101.pt.trace.json",
        "logs/b.99999.pt.trace.json", "logs/c.103.pt.trace.json", "other/a.100.pt.trace.json", "logs/host.xplane.pb",
    ]  # fmt: skip
    assert session_files(files[0], files) == [files[0], files[2], files[4]]
    assert session_files(files[1], files) == [files[1], files[3]]
    assert session_files(files[5], files) == [files[5]]
    assert session_files(files[6], files) == [files[6]]


def test_a_straggler_among_four() -> None:
    works = [
        rank_work(f"worker{number}", profile(trace, number)) for number, trace in enumerate(rank_traces(4, late=2))
    ]
    found = compare_ranks(works)
    assert [row.straggler for row in found.ranks] == [False, False, True, False]
    assert [row.awaited for row in found.ranks] == [0, 0, 90 * US, 0]
    assert [row.waiting for row in found.ranks] == [90 * US, 90 * US, 0, 90 * US]
    assert [row.work.overlap for row in found.ranks] == [15 * US] * 4
    assert [row.work.communication for row in found.ranks] == [120 * US, 120 * US, 30 * US, 120 * US]
    assert said_of_ranks(found) == [
        ("rank 2 is late: the others wait 90.0 µs for it in collectives, 30.0% of its steps' time "
         "(more than 5% is late)", True),
        ("15% of the communication is hidden by computation; the rest is 27.5% of the steps' time", False),
    ]  # fmt: skip


def test_ranks_of_which_none_is_late() -> None:
    assert said_of_ranks(compare_ranks([rank(1, 6), rank(0, 10)]))[0] == (
        "no rank is late: the most is 4.0% of its steps' time, for rank 1 (more than 5% is late)", False
    )  # fmt: skip
    assert said_of_ranks(compare_ranks([rank(1), rank(0)])) == [("no rank is late (more than 5% is late)", False)]
    assert said_of_ranks(compare_ranks([rank(0, 10), rank(1, 4, 4)]))[-1] == (
        "ranks differ in how often they call allreduce: its calls are not compared", True
    )  # fmt: skip
    assert said_of_ranks(compare_ranks([])) == []
