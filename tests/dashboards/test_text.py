"""The text dashboard: what it shows, every key, and texts that are hostile or huge."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from tests.dashboards.listed import listed
from tests.support.blobs import text_record, write_run

REPORT = """# Report {step}

All of **{run}** is `fine` at step {step}.

| key | value |
|---|---:|
| loss | 0.5 |

- one
- two

[docs](https://example.com)
"""


def records(run: str) -> list[bytes]:
    steps = [0, 10, 20]
    made = [
        text_record("report", [REPORT.format(run=run, step=step)], (), step, ("Reports", "Written *daily*"))
        for step in steps
    ]
    made.append(text_record("table", ["**a**", "b", "1", "x|y"], (2, 2), 5))
    made.append(text_record("list", ["first", "second"], (2,), 5))
    made.append(text_record("cube", [str(n) for n in range(8)], (2, 2, 2), 5))
    return made


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    for run in ("x", "y"):
        write_run(tmp_path / "logs", *records(run), run=run)
    return tmp_path / "logs"


async def test_what_is_shown(logs: Path) -> None:
    async with listed(logs) as page:
        assert page.focus == ("x", "cube")
        assert "a tensor of 2 x 2 x 2: the first 2 x 2 of it" in page.text
        assert "│ 2 │ 3 │" in page.text
        assert " 4 " not in page.text.split("cube")[-1]
        await page.press("n", "n", "n", "n")
        assert page.focus == ("x", "report")
        assert "text 5/8" in page.screen.text
        assert "Report 20" in page.lines
        assert "All of x is fine at step 20." in page.lines
        assert " loss    0.5" in page.lines
        assert " • one" in page.lines
        assert "docs (https://example.com)" in page.lines
        assert "Reports · Written daily" in page.lines
        assert "step 20  3/3  newest" in page.text


async def test_tables(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n")
        assert page.focus == ("x", "list")
        assert ["│ first  │" in page.text, "│ second │" in page.text] == [True, True]
        await page.press("n", "n", "n", "n")
        assert page.focus == ("x", "table")
        assert "│ a │ b   │" in page.text
        assert "│ 1 │ x|y │" in page.text


async def test_steps(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "n", "n")
        await page.press("[")
        assert "Report 10" in page.lines
        assert "step 10  2/3" in page.text
        await page.press("{")
        assert "Report 0" in page.lines
        await page.press("[")
        assert page.notice == "This is the first step"
        await page.press("]", "]")
        assert "newest" in page.text
        await page.press("]")
        assert page.notice == "This is the newest step"
        await page.press("{", "}")
        assert "Report 20" in page.lines
        await page.press(":")
        await page.type("9")
        assert "Report 10" in page.lines
        assert page.notice == "The nearest step is 10"
        await page.press("n")
        assert page.focus == ("y", "report")
        assert "All of y is fine at step 10." in page.lines


async def test_entries_and_their_ends(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("p")
        assert page.notice == "This is the first text"
        await page.press(*["n"] * 8)
        assert page.notice == "This is the last text"
        assert page.focus == ("y", "table")


async def test_the_list_of_runs_leads(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "n", "n")
        assert page.focus == ("x", "report")
        page.screen.view.focused_run = "y"
        page.screen.app.changed()
        await page.settle()
        assert page.focus == ("y", "report")


async def test_filters(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("/")
        await page.type("report")
        assert page.focus == ("x", "report")
        assert "table" not in page.text
        page.screen.view.hidden = {"x"}
        page.screen.app.changed()
        await page.settle()
        assert page.focus == ("y", "report")
        page.screen.view.tag_filter = "nothing"
        page.screen.app.changed()
        await page.settle()
        assert "No text passes the filter" in page.text


async def test_differences(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "n", "n", "v")
        assert page.notice == "What changed since step 10"
        assert "- # Report 10" in page.lines
        assert "+ # Report 20" in page.lines
        await page.press("{")
        assert "no step before this one: all of it" in page.text
        assert "Report 0" in page.lines
        await page.press("}", "v")
        assert page.notice == "What differs from y"
        assert "- All of **y** is `fine` at step 20." in page.lines
        assert "+ All of **x** is `fine` at step 20." in page.lines
        assert any("lines alike" in line for line in page.lines)
        await page.press("v")
        assert page.notice == "The whole text"
        await page.press("v", "escape")
        assert "Report 20" in page.lines


async def test_search(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "n", "n")
        await page.press(">")
        assert page.notice == "Nothing is searched for; s searches"
        await page.press("s")
        await page.type("o")
        count = int(page.text.split('"o": 1 of ')[1].split()[0])
        await page.press(">")
        assert f'"o": 2 of {count} found' in page.text
        await page.press("<", "<")
        assert f'"o": {count} of {count} found' in page.text
        pieces = [segment for y in range(40) for segment in page.dashboard.pane.render_line(y)]
        assert any(segment.style is not None and segment.style.reverse and segment.text == "o" for segment in pieces)
        await page.press("s")
        await page.type("zzz")
        await page.press("s")
        await page.screen.pilot.press("ctrl+u")
        await page.type("zebra")
        assert '"zebra" is not in it' in page.text
        await page.press(">")
        assert page.notice == '"zebra" is not in this text'
        await page.press("escape")
        assert "zebra" not in page.text


async def test_wrap_and_as_written(tmp_path: Path) -> None:
    write_run(tmp_path, text_record("t", ["# head\n\n" + "word " * 100 + "END"], (), 1))
    async with listed(tmp_path) as page:
        assert "END" in page.text
        await page.press("h")
        assert page.notice.startswith("Lines are wrapped")
        await page.press("m")
        assert page.notice == "Shown as it was written"
        assert "# head" in page.lines
        await page.press("w")
        assert "END" not in page.text
        await page.press(*["l"] * 60)
        assert "END" in page.text
        await page.press(*["h"] * 70)
        assert "# head" in page.lines
        await page.press("w", "m")
        assert "head" in page.lines


async def test_scrolling(tmp_path: Path) -> None:
    write_run(tmp_path, text_record("t", ["\n".join(f"- line {n}" for n in range(500))], (), 1))
    async with listed(tmp_path) as page:
        assert any("line 0" in line for line in page.lines)
        await page.press("j")
        assert not any(line.endswith("line 0") or "line 0 " in line for line in page.lines)
        await page.press("k", "k")
        assert any("• line 0" in line for line in page.lines)
        await page.press("pagedown")
        assert not any("• line 0 " in line + " " for line in page.lines)
        await page.press("G")
        assert any("line 499" in line for line in page.lines)
        await page.press("pageup", "home")
        assert any("• line 0" in line for line in page.lines)
        assert any("▐" in line for line in page.lines)


async def test_large_and_back(logs: Path) -> None:
    async with listed(logs) as page:
        before = page.lines
        await page.press("enter")
        assert page.lines[0].startswith("cube")
        await page.press("escape")
        assert page.lines == before


async def test_describe(logs: Path) -> None:
    async with listed(logs) as page:
        await page.press("n", "n", "n", "n")
        await page.press("quotation_mark")
        assert "Written daily" in page.screen.text
        await page.press("escape")
        assert "Report 20" in page.lines


async def test_copy_and_save(logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    copied: list[str] = []
    async with listed(logs) as page:
        monkeypatch.setattr(page.screen.app, "copy_to_clipboard", copied.append)
        await page.press("n", "n", "n", "n", "Y", "e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
    assert copied == [REPORT.format(run="x", step=20)]
    assert (tmp_path / "tbtui-report-step-20.md").read_text() == REPORT.format(run="x", step=20)


async def test_what_cannot_be_read_is_said(logs: Path) -> None:
    async with listed(logs) as page:
        for file in (logs / "x").iterdir():
            os.truncate(file, 100)
        await page.press("n", "n")
        await page.press("n", "n", "[")
        assert "This text can't be read" in page.text
        await page.press("Y")
        assert page.notice == "There is nothing to copy"
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
        assert page.notice.startswith("Not saved")


@pytest.mark.parametrize("size", [(200, 50), (80, 24), (45, 60), (30, 8), (20, 5)])
async def test_sizes(logs: Path, size: tuple[int, int]) -> None:
    async with listed(logs, size) as page:
        await page.press("n", "n", "n", "n", "v", "v", "v", "]", "w", "m")
        assert page.screen.text.strip()


async def test_a_huge_text_leaves_the_keys_alone(tmp_path: Path) -> None:
    lines = "".join(f"line {n} of a very long text\n" for n in range(350_000))
    write_run(tmp_path, text_record("big", [lines + "THE END"], (), 1), text_record("line", ["word " * 200_000], (), 1))
    async with listed(tmp_path) as page:
        assert len(lines) > 9_000_000
        assert "shown as written: too long to be rendered" in page.text
        await page.press("G")
        assert "THE END" in page.lines[-1]
        await page.press("s")
        await page.type("line 123456 ")
        assert "1 of 1 found" in page.text
        begun = time.perf_counter()
        for _ in range(5):
            await page.screen.pilot.press("j")
        assert time.perf_counter() - begun < 5
        await page.press("n")
        assert any(line.startswith("word word") for line in page.lines)
        await page.press("w")
        await page.press(*["l"] * 3)
        assert any("word word" in line for line in page.lines)


async def test_new_data_arrive(tmp_path: Path) -> None:
    write_run(tmp_path, text_record("t", ["first"], (), 1))
    import tbtui

    with tbtui.open_logdir(str(tmp_path)) as opened:
        from tests.dashboards.listed import Listed
        from tests.support.app import shown

        async with shown(opened.store, (100, 30)) as screen:
            page = Listed(screen)
            await page.settle()
            assert "first" in page.lines
            file = next((tmp_path / "run").iterdir())
            with file.open("ab") as out:
                out.write(text_record("t", ["second"], (), 2))
            opened.refresh()
            await screen.data()
            await page.settle()
            assert "second" in page.lines
            await page.press("[")
            assert "first" in page.lines
            with file.open("ab") as out:
                out.write(text_record("t", ["third"], (), 3))
            opened.refresh()
            await screen.data()
            await page.settle()
            assert "first" in page.lines
