"""Rows of the timeline, what a column shows, and what is around an operator."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from tbtui.charts.cells import blank
from tbtui.charts.lanes import LaneLooks, LaneRow, draw_lanes, put_load, stretched
from tbtui.dashboards.profile.timeline import load_between
from tbtui.dashboards.profile.timeline_labels import ticks
from tbtui.profiles.around import Neighbour, around
from tbtui.profiles.chrome.trace import read_chrome_trace
from tbtui.profiles.intervals import union
from tbtui.profiles.model import NOTHING, Lane
from tbtui.profiles.operators import nest_calls
from tbtui.profiles.timeline import TimelineRow, spans_at, timeline_rows
from tests.support.captures import Trace, training

US = 1_000_000


def test_devices_come_first_and_calls_lie_below_each_other() -> None:
    profile = read_chrome_trace(training().encode())
    rows = timeline_rows(profile)
    assert [(row.lane.thread, row.depth) for row in rows] == [
        ("7", 0),
        ("9", 0),
        ("1", 0),
        ("1", 1),
        ("1", 2),
        ("1", 3),
    ]
    names = [[profile.name_of(i) for i in row.which.tolist()] for row in rows]
    assert names[0] == ["gemm", "Memcpy HtoD"] * 2
    assert names[3] == ["enumerate(DataLoader)#_Iter.__next__", "aten::linear"] * 2
    assert names[5] == ["cudaLaunchKernel"] * 2
    for row in rows:
        assert np.all(row.start[1:] >= row.end[:-1])


def test_functions_of_python_are_shown_where_asked_for() -> None:
    trace = Trace().span("python_function", "f.py(1): f", 0, 10).span("cpu_op", "a", 2, 3)
    profile = read_chrome_trace(trace.encode())
    assert len(timeline_rows(profile)) == 1
    assert len(timeline_rows(profile, python=True)) == 2


@given(
    st.lists(st.tuples(st.integers(0, 5), st.integers(1, 9)), max_size=12),
    st.integers(-20, 60),
    st.integers(1, 80),
    st.integers(1, 30),
)
def test_a_column_shows_what_lies_in_it(found: list[tuple[int, int]], begin: int, length: int, columns: int) -> None:
    """A column is empty only where nothing begins in it and nothing is under way in its middle."""
    at, start, end = 0, [], []
    for gap, lasts in found:
        at += gap
        start.append(at)
        at += lasts
        end.append(at)
    row = TimelineRow(
        Lane("p", "t"), 0, np.arange(len(found)) + 100, np.array(start, np.int64), np.array(end, np.int64)
    )
    edges = np.linspace(begin, begin + length, columns + 1)
    shown = spans_at(row, edges).tolist()
    for left, right, which in zip(edges[:-1].tolist(), edges[1:].tolist(), shown, strict=True):
        middle = (left + right) / 2
        running = [n + 100 for n in range(len(found)) if start[n] <= middle < end[n]]
        begun = [n + 100 for n in range(len(found)) if left <= start[n] < right]
        assert which == (running or begun or [NOTHING])[0]


def test_around_an_operator() -> None:
    profile = read_chrome_trace(training().encode())
    calls = nest_calls(profile)
    found = around(profile, calls, "aten::addmm")
    assert found.callers == [Neighbour("aten::linear", 2, 40 * US)]
    assert found.callees == [Neighbour("cudaLaunchKernel", 2, 8 * US)]
    assert found.kernels == [Neighbour("gemm", 2, 80 * US)]
    assert around(profile, calls, "ProfilerStep*").callers == []


def test_lanes_as_cells() -> None:
    rows = [LaneRow("stream 7\x1b", np.array([NOTHING, 1, 1, 1, 1, 1, 2, 2])), LaneRow("", np.array([NOTHING] * 8))]
    names = {1: "gemm", 2: "copy"}
    colors = np.array([0, 0xFF, 0xFF00], np.int32)
    cells = draw_lanes(rows, names.__getitem__, colors.__getitem__, 10, (0, 7))
    text = cells.to_text().split("\n")
    assert text[0].startswith("stream ")
    assert "\x1b" not in text[0]
    assert text[0][10:].rstrip() == " gemm"
    assert cells.backs is not None
    assert cells.backs[0, 10:].tolist() == [-1, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFFFFFF, 0xFFFFFF]
    looks = LaneLooks(colored=False)
    plain = draw_lanes(rows, names.__getitem__, colors.__getitem__, 10, (0, 7), looks).to_text().split("\n")[0]
    assert plain[10:] == " gemm *="


def test_neighbours_without_colours_look_different() -> None:
    row = LaneRow("", np.array([1, 2, 3, NOTHING, 4, 5, NOTHING, NOTHING, 6]))
    cells = draw_lanes([row], str, lambda numbers: np.zeros(len(numbers), np.int32), 0, None, LaneLooks(colored=False))
    assert cells.to_text() == "#=# #=  #"


def test_lanes_can_be_higher() -> None:
    lanes = draw_lanes([LaneRow("a", np.array([1, 1, 1, 1, 2]))], str, lambda n: n.astype(np.int32), 3)
    tall = stretched(lanes, 2)
    assert tall.to_text() == "a  1\n"
    assert tall.backs is not None
    assert tall.backs[1].tolist() == tall.backs[0].tolist() == [-1, -1, -1, 1, 1, 1, 1, 2]


def test_load_is_seen_however_short() -> None:
    cells = blank(2, 5)
    put_load(cells, 0, 0, np.array([0.0, 0.001, 0.5, 1.0, 0.99]), 0xFF)
    put_load(cells, 1, 0, np.array([0.0, 0.001, 0.5, 1.0, 0.99]), 0xFF, ascii_only=True)
    assert cells.to_text() == " ▁▄██\n .=@@"


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(1, 20)), max_size=10), st.integers(-9, 40), st.integers(1, 50)
)
def test_load_between_edges(found: list[tuple[int, int]], begin: int, length: int) -> None:
    """As counting each picosecond."""
    start = np.array([one[0] for one in found], np.int64)
    end = start + np.array([one[1] for one in found], np.int64)
    edges = np.arange(begin, begin + length + 1).astype(np.float64)
    expected = [float(((start <= at) & (at < end)).any()) for at in edges[:-1].tolist()]
    assert load_between(union(start, end), edges).tolist() == expected


def test_ticks_are_round_and_different() -> None:
    assert ticks(0.0, 166e9, 70) == [(0, "|0 ms"), (21, "|50 ms"), (42, "|100 ms"), (63, "|150 ms")]
    close = [text for _, text in ticks(35_812_000_000.0, 35_812_700_000.0, 100)]
    assert len(close) > 3
    assert len(set(close)) == len(close)
    assert all(text.endswith(" ms") for text in close)
    assert ticks(5.0, 5.0, 100) == []
