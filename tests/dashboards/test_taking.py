"""Taking data away: the clipboard, and a file."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from tbtui.dashboards.scalars.taking import export_rows
from tbtui.store import Points
from tests.dashboards.helpers import scalars
from tests.support.scalars import START, make_store


async def test_copying_what_the_cursor_reads(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = {"a": {"=loss": [1.5, 2.5, 3.5]}, "b\x1b]0;x\x07": {"=loss": [0.1, 0.2, 0.3]}}
    async with scalars(runs) as page:
        copied: list[str] = []
        monkeypatch.setattr(page.screen.app, "copy_to_clipboard", copied.append)
        await page.press("Y")
        await page.press("enter", "left", "left", "Y")
        assert page.notice == "Copied 2 rows to the clipboard"
        first, second = (list(csv.reader(text.splitlines())) for text in copied)
        assert first[0] == ["run", "tag", "step", "wall_time", "value"]
        assert [row[2] for row in first[1:]] == ["2", "2"]
        assert second[1] == ["a", "'=loss", "1", f"{START + 1}", "2.5"]
        assert not any(ord(char) < 32 for char in copied[1].replace("\n", ""))


async def test_exporting_a_chart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with scalars({"a": {"train/loss": [1.0, 2.0]}, "b": {"train/loss": [3.0]}}) as page:
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        await page.settle()
        rows = list(csv.reader((tmp_path / "tbtui-train_loss.csv").read_text().splitlines()))
        assert [(row[0], row[2], row[4]) for row in rows[1:]] == [
            ("a", "0", "1.0"),
            ("a", "1", "2.0"),
            ("b", "0", "3.0"),
        ]
        await page.press("e")
        await page.screen.app.workers.wait_for_complete()
        assert (tmp_path / "tbtui-train_loss-2.csv").exists()


def test_a_name_is_made_of_any_tag(tmp_path: Path) -> None:
    points = make_store({"a": {"x": [1.0]}}).run("a").scalars["x"].points()  # type: ignore[union-attr]
    for title, name in (
        ("../../etc/passwd", "tbtui-etc_passwd.csv"),
        ("", "tbtui-scalars.csv"),
        ("é" * 9, "tbtui-_.csv"),
    ):
        assert "Wrote 1 rows" in export_rows([("a", title, points)], tmp_path, title)
        assert (tmp_path / name).exists() or name == "tbtui-_.csv"
    assert all(path.parent == tmp_path for path in tmp_path.iterdir())


def test_what_cannot_be_written_is_said(tmp_path: Path) -> None:
    empty = Points(*(column[:0] for column in make_store({"a": {"x": [1.0]}}).run("a").scalars["x"].points()))  # type: ignore[union-attr]
    assert export_rows([("a", "x", empty)], tmp_path / "missing", "x").startswith("Not written: ")
