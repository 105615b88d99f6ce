"""The profile dashboard, key by key."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tbtui.dashboards.profile import ProfileDashboard, opening
from tbtui.dashboards.profile.views import VIEWS
from tbtui.logdir.updates import ProfileSeen, RunSeen
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.find import CaptureFile
from tbtui.profiles.model import Profile
from tbtui.store import Store
from tests.support.app import Screen, shown
from tests.support.captures import Trace, rank_traces, training


def capture(folder: Path, name: str, trace: Trace) -> Path:
    path = folder / f"{name}.pt.trace.json"
    path.write_bytes(trace.encode(deviceProperties=[{"id": 0, "name": "Some GPU", "totalGlobalMem": 5200}]))
    return path


@asynccontextmanager
async def profile(
    folder: Path, *traces: tuple[str, Trace], size: tuple[int, int] = (120, 35)
) -> AsyncIterator[tuple[Screen, ProfileDashboard]]:
    """The app on captures of one run; the first that was read is on the screen."""
    store = Store(["logs"])
    store.apply([RunSeen("run", str(folder))])
    for name, trace in traces:
        path = capture(folder, name, trace)
        store.apply([ProfileSeen("run", "torch", name, "torch_trace", str(path))])
    async with shown(store, size) as page:
        board = page.app.window.query_one(ProfileDashboard)
        await opened(page, board)
        board.focus_first()
        await page.pilot.pause()
        yield page, board


async def opened(page: Screen, board: ProfileDashboard) -> None:
    """Wait until what is being read is on the screen."""
    async with asyncio.timeout(20):
        await page.app.workers.wait_for_complete()
        await page.pilot.pause()
        await page.app.workers.wait_for_complete()  # what follows from it
    await page.pilot.pause()
    assert board.opener.opened is not None or board.opener.capture is not None


async def test_overview_tells_where_the_time_went(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        text = page.text
        assert "Profile" in page.lines[1]
        assert "busy 55.0%, idle 45.0%" in text
        assert "kernels 50.0%" in text
        assert "moderately input bound: 10.0% of the steps' time" in text
        assert text.count("input bound") == 1
        assert "percentiles" not in text  # of two steps
        assert any("ProfilerStep#6" in line and "100 µs" in line and "████" in line for line in page.lines)
        assert "Some GPU" in text
        assert any("kernel" in line and "40.0%" in line and "80.0 µs" in line for line in page.lines)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("X", "ProfilerStep#6"),
        ("P", "aten::addmm"),
        ("K", "ncclDevKernel_AllReduce"),
        ("W", "tells of no framework's operations"),
        ("E", "at most 5.00 kB allocated"),
        ("L", "ProfilerStep#5"),
        ("D", "one rank only"),
        ("d", "no other capture to compare with"),
        ("m", "older profilers left tables"),
    ],
)
async def test_every_view_has_its_key(tmp_path: Path, key: str, words: str) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        await page.press(key)
        await settled(page)
        assert words in page.text
        await page.press("O")
        await settled(page)
        assert "of the steps went" in page.text
        await page.press(key, "escape")
        await settled(page)
        assert "of the steps went" in page.text


async def test_views_in_turns(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        seen = []
        for _ in range(11):
            seen.append(board.view)
            await page.press("v")
        assert seen == [*VIEWS, "overview"]
        await page.press("V", "V")
        assert board.view == "analyses"


async def test_tables_are_sorted_turned_and_filtered(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("P", "s")
        names = [row[0] for row in board.table.rows]
        assert names == sorted(names)
        await page.press("S")
        assert [row[0] for row in board.table.rows] == names[::-1]
        await page.press("s")
        assert [row[0] for row in board.table.rows] == names
        await page.press(*["l"] * 8, "s")
        assert board.table.ordered_by == "device self"
        assert board.table.rows[0][0] == "aten::addmm"
        assert page.notice == "Sorted by device self, the largest first"
        await page.press("s")
        assert board.table.rows[-1][0] == "aten::addmm"
        await page.press("slash", *"aten", "enter")
        assert {row[0] for row in board.table.rows} == {"aten::addmm", "aten::linear"}
        await page.press("escape")
        assert len(board.table.rows) == 5


async def test_enter_tells_what_is_around_an_operator(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("P")
        at = [row[0] for row in board.table.rows].index("aten::addmm")
        await page.press(*["j"] * at, "enter")
        await settled(page)
        text = page.text
        assert "called by: 1" in text
        assert "aten::linear" in text
        assert "launches: 1" in text
        await page.press("escape")
        assert "called by" not in page.text


async def settled(page: Screen) -> None:
    """Wait for what was begun beside the rest."""
    async with asyncio.timeout(20):
        await page.app.workers.wait_for_complete()
    await page.pilot.pause()


def head(page: Screen) -> str:
    """The headings of the table."""
    return next(line for line in page.lines if line.lstrip().startswith("name"))


async def test_the_most_wanted_columns_stay_and_the_others_come_with_the_cursor(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), size=(60, 24)) as (page, _):
        await page.press("P")
        assert "self" in head(page)
        assert "kind" not in head(page)
        assert "device self" not in head(page)
        assert "+" in head(page)  # some are left out
        await page.press("l")
        assert "kind" in head(page)
        await page.press(*["l"] * 9)
        assert "device self" in head(page)
        assert "kind" not in head(page)
        await page.press(*["h"] * 9, "h")
        assert "device self" not in head(page)


async def test_rows_stand_for_something_else(tmp_path: Path) -> None:
    trace = training().span("python_function", "nn.Module: Net_0", 1, 98, Python_id=1, Python_module_id=0)
    async with profile(tmp_path, ("worker0", trace)) as (page, board):
        await page.press("P")
        seen = []
        for _ in range(5):
            await page.press("g")
            await settled(page)
            seen.append((board.rows_of["ops"], [row[0] for row in board.table.rows]))
        assert [kind for kind, _ in seen] == ["shapes", "types", "modules", "scoped", ""]
        assert "aten" in seen[1][1]
        assert any("Net_0" in name for name in seen[2][1])
        assert "by name" in page.text
        await page.press("X", "g")
        assert page.notice == "The rows of this view stand for one thing only"


async def test_idle_time_is_a_row(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("P", "i")
        await settled(page)
        idle = next(row for row in board.table.rows if row[0] == "IDLE")
        told = dict(zip(board.table.table.names, idle, strict=True))
        assert told["self_us"] == 0  # the steps follow each other on the thread
        assert told["device_self_us"] == 50  # between the first and the last work of the device
        await page.press("i")
        assert "IDLE" not in [row[0] for row in board.table.rows]
        await page.press("K", "i")
        assert page.notice.startswith("Idle time is a row")


async def test_names_of_kernels_in_full(tmp_path: Path) -> None:
    name = "void at::native::vectorized_elementwise_kernel<4, at::native::AddFunctor<float>, int>(int, float)"
    trace = training().span("kernel", name, 20, 1, tid=7, pid=0, device=0, stream=7)
    async with profile(tmp_path, ("worker0", trace), size=(200, 50)) as (page, _):
        await page.press("K")
        assert "vectorized_elementwise_kernel<AddFunctor<float>>" in page.text
        assert "at::native" not in page.text
        await page.press("w")
        assert "void at::native" in page.text
        await page.press("w", "G", "enter")
        assert "at::native::AddFunctor" in page.text  # the panel tells all
        await page.press("escape")
        assert "at::native" not in page.text


async def test_memory_tells_what_held_it_by_device(tmp_path: Path) -> None:
    trace = training().allocate(30, 64, 64, address=5)
    async with profile(tmp_path, ("worker0", trace)) as (page, board):
        await page.press("E")
        await settled(page)
        assert "kB allocated (dashed: reserved) over µs" in page.text
        assert "held at the peak" in page.text
        assert [(row[0], row[1], row[3]) for row in board.table.rows] == [
            ("aten::addmm", "host", 64),
            ("(before the capture)", "device 0", 4000),
            ("aten::addmm", "device 0", 1000),
        ]
        await page.press("y")
        await settled(page)
        assert {row[1] for row in board.table.rows} == {"host"}
        await page.press("y")
        assert {row[1] for row in board.table.rows} == {"device 0"}
        await page.press("y", "g")
        await settled(page)
        assert "by what was allocated" in page.text
        assert ("aten::addmm", "device 0", 2) in [row[:3] for row in board.table.rows]


async def test_timeline_moves_zooms_and_steps(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("L")
        lanes = board.timeline
        first = (lanes.begin, lanes.end)
        await page.press("]")
        assert lanes.begin > first[0]
        assert page.notice == "ProfilerStep#6"
        await page.press("[")
        assert (lanes.begin, lanes.end) == first
        await page.press(*["l"] * 30, "z")
        assert lanes.end - lanes.begin == pytest.approx((first[1] - first[0]) / 2)
        await page.press("Z")
        assert (lanes.begin, lanes.end) == pytest.approx(first)
        before = lanes.begin
        await page.press(">")
        assert lanes.begin > before
        await page.press("<")
        assert lanes.begin == pytest.approx(before)
        await page.press("0")
        assert (lanes.begin, lanes.end) == (0, 200_000_000)
        await page.press("home", "j", "j")
        assert lanes.row == 2
        assert lanes.at_cursor() is not None
        assert "ProfilerStep#5" in board.timeline.words()
        await page.press("k", "end")
        assert lanes.row == 1
        await page.press("}")
        assert page.notice == "ProfilerStep#6"
        await page.press("{")
        assert page.notice == "ProfilerStep#5"


async def test_timeline_goes_along_the_lane_and_from_gap_to_gap(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("L", "0", "home", "n")
        names = []
        for _ in range(3):
            found = board.timeline.at_cursor()
            assert found is not None
            assert board.opener.opened is not None
            names.append(board.opener.opened.profile.name_of(found))
            await page.press("n")
        assert names == ["gemm", "Memcpy HtoD", "gemm"]
        await page.press("p", "p", "p", "p", "p")
        assert page.notice == "Nothing more on this lane"
        await page.press("home", "b")
        assert page.notice == "The device is idle for 40.0 µs from 90.0 µs"
        assert "idle for 40.0 µs" in board.timeline.words()
        await page.press("enter")
        assert page.notice == "Nothing runs at the cursor"
        await page.press("z", "z", "B")
        assert page.notice == "The device is idle for 5.00 µs from 80.0 µs"
        await page.press("B")
        assert page.notice.startswith("No more idle time")


async def test_enter_in_the_timeline_tells_all_of_a_span(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        await page.press("L", "0", "home", "n", "enter")
        assert "launched by" in page.text
        assert "registers per thread" in page.text
        await page.press("escape")
        assert "launched by" not in page.text


async def test_load_of_the_device_shows_its_gaps(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("L", "0")
        line = next(line for line in page.lines if "dev 0 busy" in line).partition("busy")[2]
        share = line.count("█") / (board.timeline.size.width - 20)
        assert 0.4 < share < 0.6
        assert "     " in line.strip()


async def test_captures_follow_each_other(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), ("worker1", training())) as (page, board):
        hosts = []
        for key in (")", ")", "(", "("):
            await page.press(key)
            await opened(page, board)
            assert board.opener.capture is not None
            hosts.append(board.opener.capture.host)
        assert hosts == ["worker0", "worker1", "worker0", "worker1"]


async def test_ranks_side_by_side(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), ("worker1", training())) as (page, board):
        await page.press("D")
        await settled(page)
        assert [row[0] for row in board.table.rows] == ["worker0", "worker1"]
        assert "both at once" in page.text
        assert sum("█" in line and "worker" in line for line in page.lines) == 2
        await page.press("g")
        assert [row[0] for row in board.table.rows] == ["allreduce"]


@pytest.mark.parametrize("size", [(120, 35), (45, 60)])
async def test_who_is_late_is_named(tmp_path: Path, size: tuple[int, int]) -> None:
    traces = [(f"rank{number}", trace) for number, trace in enumerate(rank_traces(4, late=2))]
    async with profile(tmp_path, *traces, size=size) as (page, board):
        await page.press("D")
        await settled(page)
        text = " ".join(page.text.split())
        assert "rank2 is late: the others wait 90.0 µs for it in collectives, 30.0%" in text.replace("│ ", "")
        assert sum("rank2 (late)" in line and "█" in line for line in page.lines) == 1
        assert sum("(late)" in line for line in page.lines) == 1
        assert "awaited" in page.text
        await page.press("g")
        assert [row[:5] for row in board.table.rows] == [("allreduce", "", 4, 12, 12 * 1024)]
    async with profile(tmp_path, *traces[:2], size=size) as (page, _):
        await page.press("D")
        await settled(page)
        assert "no rank is late" in page.text


async def test_captures_of_one_worker_are_told_apart_by_their_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    store = Store(["logs"])
    store.apply([RunSeen("run", str(tmp_path))])
    for name in ("w.1623212756351", "w.1623213129365000000", "w.7", "other"):
        path = capture(tmp_path, name, training())
        store.apply([ProfileSeen("run", "torch", name.partition(".")[0], "torch_trace", str(path))])
    async with shown(store, (120, 35)) as page:
        board = page.app.window.query_one(ProfileDashboard)
        await opened(page, board)
        assert set(board.opener.choices()) == {
            "torch w 2021-06-09 04:25:56",
            "torch w 2021-06-09 04:32:09",
            "torch w w.7.pt.trace.json",
            "torch other",
        }
        assert "torch w w.7.pt.trace.json" in page.text


async def test_nothing_is_compared_with_itself(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), ("worker1", training())) as (page, _):
        await page.press("d")
        assert "worker0" in page.text
        assert sum("worker1" in line for line in page.lines) == 1  # what is shown, in the head
        await page.press("enter")
        await settled(page)
        assert "against worker0" in page.text


async def test_difference_to_another_capture(tmp_path: Path) -> None:
    slower = training().span("cpu_op", "aten::slow", 60, 20)
    async with profile(tmp_path, ("worker0", training()), ("worker1", slower)) as (page, board):
        await page.press("d")
        assert "Compare with" in page.text
        await page.press(*"worker0", "enter")
        await settled(page)
        changes = {row[0]: row[4:7] for row in board.table.rows}
        assert changes["aten::slow"] == (0, 10, 10)
        assert changes["aten::addmm"][2] == 0
        await page.press("O", "d")
        assert board.view == "difference"
        assert "Compare with" not in page.text
        await page.press("d")
        assert "Compare with" in page.text
        await page.press("escape")


async def test_a_kernel_tells_who_launched_it(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("L", "0", "home")
        while (found := board.timeline.at_cursor()) is None:
            await page.press("l")
        assert board.opener.opened is not None
        assert board.opener.opened.profile.name_of(found) == "gemm"
        assert "by aten::addmm" in board.timeline.words()


async def test_enter_on_a_step_goes_to_the_timeline(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("X", "j", "enter")
        assert board.view == "timeline"
        assert board.timeline.begin > 90_000_000


async def test_another_capture_is_chosen(tmp_path: Path) -> None:
    other = Trace().span("cpu_op", "other::op", 0, 10)
    async with profile(tmp_path, ("worker0", training()), ("worker1", other)) as (page, board):
        assert board.opener.capture is not None
        assert board.opener.capture.host == "worker1"
        await page.press("t", *"worker0", "enter")
        await opened(page, board)
        assert board.opener.capture.host == "worker0"
        await page.press("P")
        assert "aten::addmm" in page.text


async def test_a_broken_capture_is_a_problem_and_a_sentence(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", Trace())) as (page, _):
        assert "holds no trace events" in page.text
        assert page.store.problem_count == 1


async def test_table_is_exported_and_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        await page.press("P", "e")
        await page.app.workers.wait_for_complete()
        assert "aten::addmm,operator,2,40.0,32.0" in (tmp_path / "tbtui-profile-ops.csv").read_text()
        await page.press("E")
        await settled(page)
        await page.press("e")
        await settled(page)
        assert "(before the capture),device 0" in (tmp_path / "tbtui-profile-memory-peak.csv").read_text()
        await page.press("P")
        await page.press("Y")
        assert page.app.clipboard.startswith("name,kind,calls")
        await page.press("O", "e")
        assert page.notice == "Only tables are written to files"
        await page.press("Y")
        assert "of the steps went" in page.app.clipboard
        await page.press("L", "home", "n", "Y")
        assert "gemm" in page.app.clipboard


async def test_functions_of_python(tmp_path: Path) -> None:
    trace = training().span("python_function", "model.py(1): forward", 1, 98)
    async with profile(tmp_path, ("worker0", trace)) as (page, board):
        await page.press("P")
        assert "model.py" not in page.text
        await page.press("x")
        await opened(page, board)
        assert "model.py(1): forward" in page.text


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8)])
async def test_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with profile(tmp_path, ("worker0", training()), size=size) as (page, _):
        for key in "OXPKWELD":
            await page.press(key)
            assert len(page.lines) == size[1]


async def test_names_are_made_safe(tmp_path: Path) -> None:
    trace = Trace().span("cpu_op", "evil\x1b[31m\u202e[bold]x", 0, 10)
    async with profile(tmp_path, ("worker\x1b[2J", trace)) as (page, _):
        for key in "OPL":
            await page.press(key)
            assert "\x1b" not in page.text
            assert "\u202e" not in page.text


async def test_reading_tells_how_far_it_is_and_escape_gives_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    begun, go_on = threading.Event(), threading.Event()
    ended: list[BaseException] = []
    read = opening.read_capture

    def slow(capture: CaptureFile, progress: Callable[[int], None], cache: ProfileCache | None) -> Profile:
        progress(1000)
        begun.set()
        go_on.wait(20)
        try:
            return read(capture, progress, cache)
        except BaseException as error:
            ended.append(error)
            raise

    monkeypatch.setattr(opening, "read_capture", slow)
    store = Store(["logs"])
    store.apply([RunSeen("run", str(tmp_path))])
    path = capture(tmp_path, "worker0", training())
    store.apply([ProfileSeen("run", "torch", "worker0", "torch_trace", str(path))])
    async with shown(store, (120, 35)) as page:
        board = page.app.window.query_one(ProfileDashboard)
        await asyncio.to_thread(begun.wait, 20)
        await page.pilot.pause()
        assert "Reading worker0.pt.trace.json: 1.00 kB of " in page.text
        board.focus_first()
        await page.press("escape")
        assert "worker0.pt.trace.json: given up" in page.text
        go_on.set()
        await page.app.workers.wait_for_complete()
        await page.pilot.pause()
        assert [type(error) for error in ended] == [opening.GivenUpError]
        assert "given up" in page.text
        await page.press("t", "enter")  # read it after all
        await opened(page, board)
        assert board.opener.opened is not None
        assert "busy 55.0%" in page.text
