"""The profile dashboard where there is little room: which views are named, which columns stay, how lanes are called."""

from __future__ import annotations

from pathlib import Path

from tbtui.dashboards.profile.facts import in_lines, title_line
from tests.dashboards.test_profile import profile, settled
from tests.support.captures import Trace, training


async def test_views_in_which_there_is_nothing_are_left_out(tmp_path: Path) -> None:
    trace = Trace().span("cpu_op", "aten::add", 0, 10)
    async with profile(tmp_path, ("worker0", trace), size=(200, 50)) as (page, _):
        assert all(word in page.text for word in ("Kernels", "Framework", "Memory", "Distributed", "Analyses"))
    async with profile(tmp_path, ("worker0", trace), size=(70, 30)) as (page, _):
        line = next(line for line in page.lines if "O Overview" in line)
        assert line.split() == ["O", "Overview", "X", "Steps", "P", "Operators", "L", "Timeline"]
        await page.press("K")
        assert any("K Kernels" in line for line in page.lines)  # what is shown is named all the same


async def test_that_there_are_more_views_is_said(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), size=(40, 30)) as (page, _):
        assert any("O Overview" in line and line.endswith("›") for line in page.lines)
        await page.press("K")
        assert any(line.startswith("‹") and line.endswith("›") and "K Kernels" in line for line in page.lines)
        await page.press("L")
        assert any(line.startswith("‹") and line.endswith("L Timel.") for line in page.lines)


async def test_when_a_step_began_goes_before_what_it_took(tmp_path: Path) -> None:
    async with profile(tmp_path, ("worker0", training()), size=(45, 30)) as (page, _):
        await page.press("X")
        (heads,) = [line for line in page.lines if "duration" in line]
        assert "start" not in heads
        assert "kernel" in heads


async def test_lanes_are_told_apart(tmp_path: Path) -> None:
    trace = (
        training()
        .span("cpu_op", "aten::add", 0, 10, tid=30048192640)
        .span("cpu_op", "aten::add", 0, 10, tid=30048192641)
    )
    trace.span("kernel", "gemm", 30, 40, tid="stream 21", pid=0, device=0, stream=21)
    async with profile(tmp_path, ("worker0", trace), size=(45, 60)) as (page, _):
        await page.press("L")
        await settled(page)
        assert any("thr…2640" in line.replace(" ", "") for line in page.lines)
        assert any("thr…2641" in line.replace(" ", "") for line in page.lines)
        assert "dev 0 s7" in page.text
        assert "dev 0 s21" in page.text


def test_words_are_not_broken() -> None:
    assert in_lines(["busy 50%", "idle 50%", "of it"], 18) == ["busy 50%  idle 50%", "of it"]
    assert in_lines(["a word that is too long", "b"], 8) == ["a word …", "b"]
    assert in_lines([], 8) == [""]
    assert [part.text for part in title_line("Where", "each once", 20)] == ["Where", "  each once"]
    assert [part.text for part in title_line("Where", "each once", 15)] == ["Where"]
