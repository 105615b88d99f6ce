"""The profile dashboard, key by key."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tbtui.dashboards.profile import ProfileDashboard
from tbtui.logdir.updates import ProfileSeen, RunSeen
from tbtui.store import Store
from tests.support.app import Screen, shown
from tests.support.captures import Trace, training


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
    assert board.opener.opened is not None or board.opener.capture is not None


async def test_overview_tells_where_the_time_went(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        text = page.text
        assert "Profile" in page.lines[1]
        assert "busy 55.0% of the steps' time, kernels 50.0%" in text
        assert "input bound: 10%" in text
        assert "Some GPU" in text
        assert any("kernel" in line and "40.0%" in line and "80 µs" in line for line in page.lines)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("X", "ProfilerStep#6"),
        ("P", "aten::addmm"),
        ("K", "ncclDevKernel_AllReduce"),
        ("W", "nothing of that kind"),
        ("E", "at most 5.00 kB allocated"),
        ("L", "ProfilerStep#5"),
    ],
)
async def test_every_view_has_its_key(tmp_path: Path, key: str, words: str) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, _):
        await page.press(key)
        assert words in page.text
        await page.press("O")
        assert "of the steps went to" in page.text
        await page.press(key, "escape")
        assert "of the steps went to" in page.text


async def test_views_in_turns(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        seen = []
        for _ in range(8):
            seen.append(board.view)
            await page.press("v")
        assert seen == ["overview", "steps", "ops", "kernels", "framework", "memory", "timeline", "overview"]
        await page.press("V", "V")
        assert board.view == "timeline"


async def test_tables_are_sorted_turned_and_filtered(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("P", "s")
        names = [row[0] for row in board.table.rows]
        assert names == sorted(names)
        await page.press("S")
        assert [row[0] for row in board.table.rows] == names[::-1]
        await page.press("s", "s", "s", "s", "s", "s", "s", "s")
        assert board.table.rows[0][0] == "aten::addmm"  # by the device's own time
        await page.press("slash", *"aten", "enter")
        assert {row[0] for row in board.table.rows} == {"aten::addmm", "aten::linear"}
        await page.press("escape")
        assert len(board.table.rows) == 5


async def test_enter_tells_what_is_around_an_operator(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training())) as (page, board):
        await page.press("P")
        at = [row[0] for row in board.table.rows].index("aten::addmm")
        await page.press(*["j"] * at, "enter")
        text = page.text
        assert "called by: 1" in text
        assert "aten::linear" in text
        assert "launches: 1" in text
        await page.press("escape")
        assert "called by" not in page.text


async def test_columns_scroll_sideways(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), size=(80, 24)) as (page, _):
        await page.press("P")
        head = next(line for line in page.lines if line.lstrip().startswith("name"))
        assert "device self" not in head
        await page.press(*["l"] * 6)
        head = next(line for line in page.lines if line.lstrip().startswith("name"))
        assert "device self" in head
        await page.press(*["h"] * 6)
        assert next(line for line in page.lines if line.lstrip().startswith("name")).split()[1] == "kind"


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
        await page.press("Y")
        assert page.app.clipboard.startswith("name,kind,calls")
        await page.press("O", "e")
        assert page.notice == "Only tables are written to files"


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
        for key in "OXPKWEL":
            await page.press(key)
            assert len(page.lines) == size[1]


async def test_names_are_made_safe(tmp_path: Path) -> None:
    trace = Trace().span("cpu_op", "evil\x1b[31m\u202e[bold]x", 0, 10)
    async with profile(tmp_path, ("worker\x1b[2J", trace)) as (page, _):
        for key in "OPL":
            await page.press(key)
            assert "\x1b" not in page.text
            assert "\u202e" not in page.text
