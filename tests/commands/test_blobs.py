"""`tbtui export --blobs`: files with the bytes that were logged, under names that lead nowhere else."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.cli import main
from tbtui.commands.file_names import LONGEST, FileNames, part
from tests.commands.conftest import wave_bytes
from tests.support.blobs import image_record, sound_record, text_record
from tests.support.logfiles import NAME, header, write

PNG = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x05\0\0\0\x07rest"
WEIRD = [
    "../../etc/passwd",
    "/abs/olute",
    "a/../b",
    "..",
    ".",
    "",
    "-rf",
    "\x1b]52;c;x\x07",
    "a" * 400,
    "tab\tline\n",
    "A",
    "a",
]


def index_of(directory: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (directory / "index.jsonl").read_text().splitlines()]


def test_every_kind_with_its_bytes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    wav = wave_bytes()
    write(
        tmp_path / "logs" / "a" / "b" / NAME,
        header(),
        image_record("samples/one", [PNG, b"GIF89a\x02\0\x03\0..."], 5),
        sound_record("voice", [(wav, "said **x**")], 5),
        sound_record("voice", [(b"OggS....", ""), (b"unknown", "")], 6),
        text_record("note", [b"caf\xc3\xa9 \xff"], (), 7),
        text_record("table", [b"x", b"\xffy", b"1", b"2"], (2, 2), -3),
    )
    out = tmp_path / "out"
    assert main(["export", str(tmp_path / "logs"), "--blobs", str(out)]) == 0
    rows = index_of(out)
    assert [row["file"] for row in rows] == [
        "a_b/audio/voice/step_5.wav",
        "a_b/audio/voice/step_6_1.ogg",
        "a_b/audio/voice/step_6_2.bin",
        "a_b/images/samples_one/step_5_1.png",
        "a_b/images/samples_one/step_5_2.gif",
        "a_b/text/note/step_7.md",
        "a_b/text/table/step_-3.json",
    ]
    assert [(out / row["file"]).read_bytes() for row in rows[:6]] == [
        wav, b"OggS....", b"unknown", PNG, b"GIF89a\x02\0\x03\0...", b"caf\xc3\xa9 \xff",
    ]  # fmt: skip
    table = json.loads((out / rows[6]["file"]).read_text())
    assert [[cell.encode("utf-8", "surrogateescape") for cell in row] for row in table] == [
        [b"x", b"\xffy"],
        [b"1", b"2"],
    ]
    told_of = ("run", "tag", "step", "kind", "bytes", "label", "sample_rate", "seconds")
    assert {key: rows[0][key] for key in told_of} == {
        "run": "a/b", "tag": "voice", "step": 5, "kind": "audio", "bytes": len(wav), "label": "said **x**",
        "sample_rate": 8000, "seconds": 0.1,
    }  # fmt: skip
    assert (rows[3]["width"], rows[3]["height"], rows[3]["sample"], rows[3]["samples"]) == (5, 7, 1, 2)
    assert all((out / row["file"]).stat().st_size == row["bytes"] for row in rows)
    told = capsys.readouterr()
    assert told.out == "run,tag,step,wall_time,value\n"
    assert "7 files written" in told.err


def test_what_is_damaged_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "logs" / NAME
    write(path, header(), text_record("note", [b"good"], (), 1), text_record("note", [b"spoilt"], (), 2))
    data = path.read_bytes()
    path.write_bytes(data[:-9] + bytes([data[-9] ^ 1]) + data[-8:])
    out = tmp_path / "out"
    assert main(["export", str(tmp_path / "logs"), "--blobs", str(out)]) in (0, 1)
    rows = index_of(out)
    assert rows[0]["bytes"] == 4
    assert all(row["file"] is None and row["problem"] for row in rows[1:])


def test_nothing_leaves_the_directory(tmp_path: Path) -> None:
    records = [text_record(tag, [str(n).encode()], (), 1) for n, tag in enumerate(WEIRD) if tag]
    write(tmp_path / "logs" / NAME, header(), *records)
    out = tmp_path / "deep" / "out"
    assert main(["export", str(tmp_path / "logs"), "--blobs", str(out)]) == 0
    rows = index_of(out)
    assert sorted(row["tag"] for row in rows) == sorted(tag for tag in WEIRD if tag)
    files = [out / row["file"] for row in rows]
    assert len({str(file).casefold() for file in files}) == len(files)
    assert all(file.resolve().is_relative_to(out.resolve()) for file in files)
    assert {file.read_text() for file in files} == {str(n) for n, tag in enumerate(WEIRD) if tag}
    assert os.listdir(tmp_path / "deep") == ["out"]


def test_a_link_in_the_way_is_not_followed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / "logs" / NAME, header(), text_record("note", [b"new"], (), 1))
    precious = tmp_path / "precious"
    precious.write_text("old")
    folder = tmp_path / "out" / "_" / "text" / "note"
    folder.mkdir(parents=True)
    (folder / "step_1.md").symlink_to(precious)
    assert main(["export", str(tmp_path / "logs"), "--blobs", str(tmp_path / "out")]) == 1
    assert precious.read_text() == "old"
    assert "step_1.md" in capsys.readouterr().err


def test_again_is_the_same(tmp_path: Path) -> None:
    write(tmp_path / "logs" / NAME, header(), *(text_record("n", [b"%d" % n], (), 1) for n in range(3)))
    out = tmp_path / "out"
    for _ in range(2):
        assert main(["export", str(tmp_path / "logs"), "--blobs", str(out), "--no-purge"]) == 0
        assert sorted(path.name for path in out.rglob("*.md")) == ["step_1.2.md", "step_1.3.md", "step_1.md"]


@given(st.text())
def test_a_part_is_one_part_of_a_path(name: str) -> None:
    made = part(name)
    assert made
    assert made not in (".", "..")
    assert not made.startswith((".", "-"))
    assert "/" not in made
    assert "\\" not in made
    assert made.isprintable()
    assert len(made.encode()) <= LONGEST


@given(st.lists(st.text(max_size=5), unique=True, max_size=30))
def test_each_name_has_its_own_part(names: list[str]) -> None:
    taken = FileNames()
    made = [taken.of(name) for name in names]
    assert len({one.casefold() for one in made}) == len(names)
    assert [taken.of(name) for name in names] == made
