"""The profile dashboard where older profilers left analyses: instead of a capture, and beside one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tbtui.dashboards.profile import ProfileDashboard
from tbtui.logdir.listing import describe_capture
from tbtui.logdir.updates import ProfileSeen, RunSeen
from tbtui.store import Store
from tests.dashboards.test_profile import opened
from tests.profiles.test_analyses import INPUT, KERNELS, OVERVIEW, STATS, message
from tests.support.app import Screen, shown
from tests.support.captures import training

LEFT = {"h.overview_page.pb": OVERVIEW, "h.tensorflow_stats.pb": STATS, "h.kernel_stats.pb": KERNELS}
CAPTURE = {"h.pt.trace.json": training().encode()}


def session(folder: Path, files: dict[str, bytes], name: str = "2020_01_01") -> Store:
    """A store in which the reader has found these files of a session."""
    store = Store(["logs"])
    store.apply([RunSeen("train", str(folder))])
    add(store, folder, files, name)
    return store


def add(store: Store, folder: Path, files: dict[str, bytes], name: str) -> None:
    place = folder / "plugins" / "profile" / name
    place.mkdir(parents=True)
    for file, data in files.items():
        (place / file).write_bytes(data)
        known = describe_capture(str(place), f"train/plugins/profile/{name}", file)
        assert known is not None
        store.apply([ProfileSeen("train", known.session, known.host, known.tool, str(place / file))])


async def first(page: Screen) -> ProfileDashboard:
    board = page.app.window.query_one(ProfileDashboard)
    await opened(page, board)
    board.focus_first()
    await page.pilot.pause()
    return board


async def test_a_session_without_a_capture_has_an_overview(tmp_path: Path) -> None:
    async with shown(session(tmp_path, LEFT), (120, 70)) as page:
        await first(page)
        text = page.text
        assert "2020_01_01 h" in text
        assert "there is no capture in this session" in text
        assert "input bound" in text  # what the profiler said
        assert "device idle" in text
        assert any(line.split()[-2:] == ["average", "12.5"] or "12.5 ms" in line for line in page.lines)
        assert any("dense/MatMul" in line and "4.50 µs" in line for line in page.lines)
        assert "kernels (kernel_stats), 1 rows" in text
        await page.press("Y")
        assert "dense/MatMul" in page.app.clipboard


async def test_its_tables_are_views_like_those_of_a_capture(tmp_path: Path) -> None:
    async with shown(session(tmp_path, LEFT)) as page:
        board = await first(page)
        await page.press("P")
        assert [(row[0], row[-1]) for row in board.table.rows] == [("dense/MatMul", 1.0)]  # of what is not idle
        await page.press("i")
        assert [row[0] for row in board.table.rows] == ["dense/MatMul", "IDLE"]
        await page.press("s", "s")
        assert [row[0] for row in board.table.rows] == ["dense/MatMul", "IDLE"]
        await page.press("S")
        assert [row[0] for row in board.table.rows] == ["IDLE", "dense/MatMul"]
        await page.press("slash", *"dense", "enter")
        assert [row[0] for row in board.table.rows] == ["dense/MatMul"]
        await page.press("enter")
        assert "self" in page.text
        await page.press("escape", "escape", "K")
        assert any("gemm" in line and "900 ns" in line and "256x1x1" in line for line in page.lines)
        await page.press("X")
        assert any("7" in line and "12.5 ms" in line for line in page.lines)


async def test_all_its_tables_one_after_the_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with shown(session(tmp_path, LEFT)) as page:
        board = await first(page)
        await page.press("m")
        names = [name for name, _ in board.choice_of_rows()]
        assert names[0] == "recommendation (overview_page)"
        assert "recommendation (overview_page), 1 of" in page.text
        seen = [board.row_kind]
        for _ in names:
            await page.press("g")
            seen.append(board.row_kind)
        assert seen == [*names, names[0]]
        await page.press("e")
        await page.app.workers.wait_for_complete()
        written = (tmp_path / "tbtui-profile-analyses-recommendation-overview_page.csv").read_text()
        assert written.startswith("what,value\nbottleneck,both\n")


async def test_sentences_have_the_room_there_is(tmp_path: Path) -> None:
    said = "a sentence of which no word is left out where there is room for all of it"
    page_file = {"h.overview_page.pb": message((4, message((1, "both"), (2, said))))}
    async with shown(session(tmp_path, page_file), (120, 35)) as page:
        await first(page)
        await page.press("r", "m")
        assert said in page.text


async def test_what_it_does_not_have_is_said(tmp_path: Path) -> None:
    async with shown(session(tmp_path, LEFT)) as page:
        board = await first(page)
        for key in "ELDW":
            await page.press(key)
            assert "there is no capture in this session" in page.text
        await page.press("d")
        assert page.notice.startswith("Only captures are compared")
        await page.press("z", "b", "n")
        assert board.pane() is board.table


async def test_analyses_beside_a_capture(tmp_path: Path) -> None:
    store = session(tmp_path, {**CAPTURE, **LEFT})
    add(store, tmp_path, LEFT, "2019_01_01")
    async with shown(store) as page:
        board = await first(page)
        assert len(board.opener.found) == 2
        await page.press("P")
        assert "aten::addmm" in page.text
        await page.press("m", "g")
        await page.app.workers.wait_for_complete()
        await page.press("m")
        while "operations (tensorflow_stats)" not in page.text:
            await page.press("g")
        assert "dense/MatMul" in page.text
        await page.press(")")
        await opened(page, board)
        assert "2019_01_01 h" in page.text
        assert "dense/MatMul" in page.text
        await page.press("D")
        assert "there is no capture in this session" in page.text


async def test_files_that_are_not_read_are_problems(tmp_path: Path) -> None:
    files = {"h.overview_page.pb": OVERVIEW, "h.tracetable": b"12345", "h.tensorflow_stats.pb": STATS[:-3]}
    async with shown(session(tmp_path, files)) as page:
        await first(page)
        assert page.store.problem_count == 2
        assert "h.tracetable: a file of the kind 'tracetable' (5 bytes) is not read" in page.text
    async with shown(session(tmp_path / "other", {"h.tracetable": b"12345"})) as page:
        await first(page)
        assert "h.tracetable: a file of the kind 'tracetable' (5 bytes) is not read" in page.text


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8)])
async def test_every_size(tmp_path: Path, size: tuple[int, int]) -> None:
    async with shown(session(tmp_path, {**LEFT, "h.input_pipeline.pb": INPUT}), size) as page:
        await first(page)
        for key in "OXPKELm":
            await page.press(key)
            assert len(page.lines) == size[1]
