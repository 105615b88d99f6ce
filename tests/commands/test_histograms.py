"""Histograms in the commands: inspect, export, plot."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.cli import main
from tbtui.commands import export, plot_histograms
from tbtui.commands.session import CommandError
from tbtui.settings import Options
from tests.support import histograms as made

STEPS = (0, 10, 20, 30, 40)


def write(folder: Path, bad_step: int | None = None) -> Path:
    """Two runs; `w` as TF2 writes it, `g` as torch does."""

    def make(tag: str, step: int, seed: int) -> bytes:
        values = np.random.default_rng([seed, step]).normal(step, 1.0, 400)
        if step == bad_step and tag == "w":
            return made.record(made.tensor_value(tag, np.zeros((3, 2))), step)
        value = made.message_value(tag, values) if tag == "g" else made.tensor_value(tag, made.even_rows(values))
        return made.record(value, step)

    made.write(folder, {"a": ("w", "g"), "b": ("w",)}, STEPS, make)
    return folder


def output(capfd: pytest.CaptureFixture[str], *arguments: object, code: int = 0) -> str:
    assert main([str(one) for one in arguments]) == code
    return capfd.readouterr().out


def test_inspect_says_what_the_newest_histogram_is(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    found = json.loads(output(capfd, "inspect", "--json", write(tmp_path), "--run", "a"))
    series = {one["tag"]: one for one in found["runs"][0]["series"]}
    assert {tag: (one["plugin"], one["count"]) for tag, one in series.items()} == {
        "w": ("histograms", 5),
        "g": ("histograms", 5),
    }
    for one in series.values():
        assert one["last_step"] == 40
        assert one["last"]["total"] == 400
        assert 36 < one["last"]["min"] < 40 < one["last"]["max"] < 44
    assert series["w"]["last"]["buckets"] == 30


def test_export_as_csv(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = output(capfd, "export", "--kind", "histograms", write(tmp_path), "--run", "b")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert list(rows[0]) == ["run", "tag", "step", "wall_time", "left", "right", "count"]
    assert len(rows) == 5 * 30
    values = np.random.default_rng([1000, 40]).normal(40, 1.0, 400)
    expected = made.even_rows(values)
    last = np.array([[float(row[part]) for part in ("left", "right", "count")] for row in rows if row["step"] == "40"])
    np.testing.assert_array_equal(last, expected)


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_export_in_other_formats_has_the_same_rows(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], form: str
) -> None:
    logs = write(tmp_path / "logs")
    expected = list(csv.DictReader(io.StringIO(output(capfd, "export", "--kind", "histograms", logs))))
    file = tmp_path / f"out.{form}"
    output(capfd, "export", "--kind", "histograms", logs, "-o", file)
    rows: list[dict[str, Any]]
    if form == "jsonl":
        rows = [json.loads(line) for line in file.read_text().splitlines()]
    else:
        from pyarrow import parquet

        rows = parquet.read_table(file).to_pylist()
    assert len(rows) == len(expected)
    for row, want in zip(rows, expected, strict=True):
        assert (row["run"], row["tag"], row["step"]) == (want["run"], want["tag"], int(want["step"]))
        for part in ("wall_time", "left", "right", "count"):
            assert row[part] == float(want[part])


def test_what_can_not_be_read_is_counted(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    logs = write(tmp_path, bad_step=20)
    assert main(["export", "--kind", "histograms", str(logs), "--tag", "w"]) == 1
    told = capfd.readouterr()
    assert len(told.out.splitlines()) == 1 + 2 * 4 * 30
    assert "2 histograms could not be read" in told.err
    assert main(["plot", "--kind", "distribution", str(logs), "--tag", "w"]) == 1
    assert "rows of three numbers" in capfd.readouterr().err


def test_nothing_to_export_or_draw(tmp_path: Path) -> None:
    options = Options(logdirs=(str(write(tmp_path)),), tag="nothing")
    for call in (
        lambda: export.run(options, kind="histograms"),
        lambda: plot_histograms.run(options, plot_histograms.Wanted("histogram")),
        lambda: plot_histograms.run(options, plot_histograms.Wanted("distribution")),
    ):
        with pytest.raises(CommandError, match="there are no histograms"):
            call()


def test_blobs_do_not_go_with_histograms(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="--blobs") as raised:
        export.run(Options(logdirs=(str(write(tmp_path)),)), blobs=str(tmp_path / "out"), kind="histograms")
    assert raised.value.code == 2


def test_plot_distributions_over_each_other(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = output(
        capfd, "plot", "--kind", "distribution", write(tmp_path), "--tag", "w", "--width", "80", "--height", "14"
    )
    lines = text.splitlines()
    assert len(lines) == 14
    assert lines[0].split()[0] == "w"
    assert all(ink in text for ink in "·░▒")
    assert "● a" in text
    assert "40" in lines[-1] or "40" in lines[-2]


def test_plot_heat_maps_one_for_each_run(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = output(
        capfd, "plot", "--kind", "histogram", write(tmp_path), "--tag", "w", "--width", "80", "--height", "12"
    )
    assert len(text.splitlines()) == 12 + 1 + 12
    assert "w  a" in text
    assert "w  b" in text
    assert "values" in text
    body = [line[5:] for line in text.splitlines()[1:10]]
    assert body[0].rstrip()[-1] in "░▒▓█"  # the newest steps are the largest
    assert body[-1][:8].strip("░▒▓█│┤ ") == ""


@pytest.mark.parametrize("kind", ["histogram", "distribution"])
@pytest.mark.parametrize("axis", ["step", "relative", "wall"])
def test_plot_in_plain_characters(tmp_path: Path, capfd: pytest.CaptureFixture[str], kind: str, axis: str) -> None:
    text = output(capfd, "plot", "--kind", kind, write(tmp_path), "--ascii", "--x", axis, "--width", "60")
    assert text.isascii()
    assert "w" in text


def test_plot_by_another_axis_is_refused(tmp_path: Path) -> None:
    options = Options(logdirs=(str(write(tmp_path)),))
    with pytest.raises(CommandError, match="step, relative, wall") as raised:
        plot_histograms.run(options, plot_histograms.Wanted("histogram", "index"))
    assert raised.value.code == 2


def test_plot_logarithmic_distributions_of_values_below_zero(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    text = output(capfd, "plot", "--kind", "distribution", write(tmp_path), "--log-y", "--tag", "g")
    assert text.startswith("g")
