"""`tbtui export`: every point, bit for bit."""

from __future__ import annotations

import csv
import io
import json
import math
import struct
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tbtui
from tbtui.cli import main
from tbtui.commands import export
from tbtui.commands.export import write_csv, write_jsonl, write_parquet
from tbtui.store import Points
from tests.support.logfiles import NAME, header, scalar, write

HEADER = "run,tag,step,wall_time,value"
int64 = st.integers(-(2**63), 2**63 - 1)
any_point = st.tuples(int64, st.floats(), st.floats(width=32), st.floats())


def exported(capsysbinary: pytest.CaptureFixture[bytes], *arguments: str | Path) -> str:
    assert main(["export", *map(str, arguments)]) == 0
    return capsysbinary.readouterr().out.decode()


def bits(value: float, single: bool) -> bytes:
    return b"NaN" if math.isnan(value) else struct.pack("<f" if single else "<d", value)


def test_csv(logs: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    lines = exported(capsysbinary, logs, "--tag", "loss").splitlines()
    assert lines[0] == HEADER
    assert lines[1] == "a,loss,0,1700000000.0,0.0"
    assert lines[5] == "a,loss,4,1700000004.0,4.25"
    assert [line.rsplit(",")[-1] for line in lines[9:]] == ["1.0", "NaN", "-2.0", "Infinity", "0.1"]
    assert len(lines) == 1 + 8 + 5


def test_superseded_points_are_exported_when_they_are_asked_for(
    logs: Path, capsysbinary: pytest.CaptureFixture[bytes]
) -> None:
    rows = exported(capsysbinary, logs, "--run", "^a$", "--tag", "loss", "--no-purge").splitlines()[1:]
    assert [int(row.split(",")[2]) for row in rows] == [0, 1, 2, 3, 4, 5, 4, 5, 6, 7]


def test_jsonl(logs: Path, capsysbinary: pytest.CaptureFixture[bytes]) -> None:
    rows = [json.loads(line) for line in exported(capsysbinary, logs, "--format", "jsonl").splitlines()]
    assert rows[0] == {"run": "a", "tag": "loss", "step": 0, "wall_time": 1700000000.0, "value": 0.0}
    assert [row["value"] for row in rows if row["run"] == "b"] == [1.0, "NaN", -2.0, "Infinity", 0.1]
    assert len(rows) == 8 + 3 + 5


def blocks(points: list[tuple[int, float, float, float]]) -> Iterator[tuple[str, str, Points]]:
    steps = np.array([point[0] for point in points], np.int64)
    walls = np.array([point[1] for point in points], np.float64)
    yield "r", "single", Points(steps, walls, np.array([point[2] for point in points], np.float32))
    yield "r", "double", Points(steps, walls, np.array([point[3] for point in points], np.float64))


@given(st.lists(any_point, min_size=1))
def test_csv_gives_every_bit_back(points: list[tuple[int, float, float, float]]) -> None:
    file = io.BytesIO()
    assert write_csv(blocks(points), file) == 2 * len(points)
    rows = list(csv.DictReader(io.StringIO(file.getvalue().decode())))
    for row, (step, wall, single, _) in zip(rows, points, strict=False):
        assert (int(row["step"]), bits(float(row["wall_time"]), False)) == (step, bits(wall, False))
        assert bits(np.float32(float(row["value"])).item(), True) == bits(single, True)
    for row, (*_, double) in zip(rows[len(points) :], points, strict=True):
        assert bits(float(row["value"]), False) == bits(double, False)


@given(st.lists(any_point, min_size=1))
def test_jsonl_gives_every_bit_back(points: list[tuple[int, float, float, float]]) -> None:
    file = io.BytesIO()
    write_jsonl(blocks(points), file)
    rows = [json.loads(line) for line in file.getvalue().splitlines()]
    for row, (step, wall, single, _) in zip(rows, points, strict=False):
        assert (row["step"], bits(float(row["wall_time"]), False)) == (step, bits(wall, False))
        assert bits(np.float32(float(row["value"])).item(), True) == bits(single, True)


@settings(deadline=None, max_examples=30)
@given(st.lists(any_point, min_size=1))
def test_parquet_gives_every_bit_back(points: list[tuple[int, float, float, float]]) -> None:
    from pyarrow import parquet

    file = io.BytesIO()
    assert write_parquet(blocks(points), file) == 2 * len(points)
    table = parquet.read_table(io.BytesIO(file.getvalue()))
    assert table.column_names == HEADER.split(",")
    columns = table.to_pydict()
    assert columns["step"] == [point[0] for point in points] * 2
    for value, point in zip(columns["value"], points, strict=False):
        assert bits(value, True) == bits(point[2], True)
    for wall, point in zip(columns["wall_time"], points, strict=False):
        assert bits(wall, False) == bits(point[1], False)


def test_parquet_in_several_groups(monkeypatch: pytest.MonkeyPatch) -> None:
    from pyarrow import parquet

    monkeypatch.setattr(export, "GROUP", 3)
    file = io.BytesIO()
    assert write_parquet(blocks([(step, 0.0, 0.0, 0.0) for step in range(5)]), file) == 10
    read = parquet.ParquetFile(io.BytesIO(file.getvalue()))
    assert read.num_row_groups == 2
    assert read.read()["step"].to_pylist() == [*range(5), *range(5)]


@pytest.mark.parametrize(
    ("name", "cell"),
    [
        ("loss", "loss"),
        ("a,b", '"a,b"'),
        ('say "x"', '"say ""x"""'),
        ("=1+1", "'=1+1"),
        ("+x", "'+x"),
        ("-x", "'-x"),
        ("@x", "'@x"),
        ("\t=1", "␉=1"),
        ("a\nb", "a␊b"),
        ("\x1b[31mx", "␛[31mx"),
        ("\x9bx", "\\x9bx"),
        ("\udcff", "�"),
        ("é日本", "é日本"),
        ("", ""),
    ],
)
def test_names_in_csv(name: str, cell: str) -> None:
    file = io.BytesIO()
    write_csv([(name, name, Points(np.array([1]), np.array([2.0]), np.array([3.0])))], file)
    assert file.getvalue().decode() == f"{HEADER}\n{cell},{cell},1,2.0,3.0\n"


def test_names_in_json_lines_and_parquet() -> None:
    from pyarrow import parquet

    name = "=é\x1b\n\udcff"
    block = (name, name, Points(np.array([1]), np.array([2.0]), np.array([3.0])))
    file = io.BytesIO()
    write_jsonl([block], file)
    assert file.getvalue().isascii()
    assert json.loads(file.getvalue())["tag"] == name
    file = io.BytesIO()
    write_parquet([block], file)
    assert parquet.read_table(io.BytesIO(file.getvalue()))["tag"].to_pylist() == ["=é\x1b\n�"]


@pytest.mark.parametrize("write", [write_csv, write_jsonl], ids=["csv", "jsonl"])
def test_rows_are_written_as_they_come(write: object) -> None:
    """When the third block is asked for, the first is in the file."""
    file = io.BytesIO()
    sizes: list[int] = []

    def some() -> Iterator[tuple[str, str, Points]]:
        for _ in range(3):
            sizes.append(file.tell())
            yield "r", "t", Points(np.arange(5), np.zeros(5), np.zeros(5))

    write(some(), file)  # type: ignore[operator]
    assert sizes[0] < sizes[1] < sizes[2]


def test_long_series_are_cut_into_blocks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "BLOCK", 10)
    write(tmp_path / NAME, header(), *(scalar(step, step / 7) for step in range(25)))
    out = tmp_path / "x.csv"
    assert main(["export", str(tmp_path), "-o", str(out)]) == 0
    points = tbtui.open_logdir(tmp_path)["."].scalars["loss"].points()
    rows = list(csv.DictReader(out.open()))
    assert [int(row["step"]) for row in rows] == points.steps.tolist()
    np.testing.assert_array_equal(np.array([float(row["value"]) for row in rows]).astype(np.float32), points.values)


@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_a_file_says_its_format_by_its_ending(logs: Path, tmp_path: Path, ending: str) -> None:
    out = tmp_path / f"points.{ending}"
    assert main(["export", str(logs), "-o", str(out)]) == 0
    assert out.read_bytes().startswith({"csv": b"run,", "jsonl": b'{"run"', "parquet": b"PAR1"}[ending])
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == [out.name]


def test_the_format_can_be_said(logs: Path, tmp_path: Path) -> None:
    out = tmp_path / "points.txt"
    assert main(["export", str(logs), "-o", str(out), "--format", "jsonl"]) == 0
    assert out.read_bytes().startswith(b'{"run"')


def test_an_unknown_ending(logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(logs), "-o", str(tmp_path / "points.xls")]) == 2
    assert "--format" in capsys.readouterr().err


def test_a_file_that_cannot_be_written(logs: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(logs), "-o", str(tmp_path / "missing" / "points.csv")]) == 1
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "No such file" in error


def test_what_was_there_stays_when_export_fails(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "points.csv"
    out.write_text("before")

    def fails(*_: object) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setitem(export._WRITERS, "csv", fails)
    assert main(["export", str(logs), "-o", str(out)]) == 1
    assert "No space left" in capsys.readouterr().err
    assert out.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir() if path.is_file()] == ["points.csv"]


def test_parquet_without_pyarrow(
    logs: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    monkeypatch.setitem(sys.modules, "pyarrow.parquet", None)
    assert main(["export", str(logs), "-o", str(tmp_path / "x.parquet")]) == 2
    assert capsys.readouterr().err == "tbtui: Parquet needs pyarrow: install tbtui[parquet]\n"


def test_nothing_to_export_is_said(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", str(logs), "--tag", "nowhere"]) == 1
    assert "no scalar points" in capsys.readouterr().err
