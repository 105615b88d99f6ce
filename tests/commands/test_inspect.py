"""`tbtui inspect`: the contract of the JSON object, and the tables."""

from __future__ import annotations

import json
import math
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.cli import main
from tbtui.events.record import encode_record
from tests.analysis.test_text import PAYLOADS, is_harmless
from tests.support.logfiles import NAME, START, header, scalar, scalars, write
from tests.support.messages import doubles, message, metadata, shape, summary, tensor, value

RUN_KEYS = "name start_time event_files event_bytes series graph run_graphs keras_graphs hparams profiles"
SERIES_KEYS = "tag plugin count superseded first_step last_step min_step max_step first_wall last_wall"
SCALAR_KEYS = "first last min max mean nan inf"


def inspect(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> Any:
    assert main(["inspect", "--json", *map(str, arguments)]) == 0
    out = capsys.readouterr().out
    assert out.isascii()
    assert out.count("\n") == 1
    return json.loads(out)


def series(found: Any, run: str) -> dict[str, Any]:
    return {one["tag"]: one for one in next(r for r in found["runs"] if r["name"] == run)["series"]}


def tables(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> str:
    assert main(["inspect", *map(str, arguments)]) == 0
    return capsys.readouterr().out


def test_the_object(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspect(capsys, logs)
    assert list(found) == ["schema", "logdirs", "runs", "problems"]
    assert found["schema"] == 1
    assert found["logdirs"] == [str(logs)]
    assert [run["name"] for run in found["runs"]] == ["a", "b"]
    a = found["runs"][0]
    assert list(a) == RUN_KEYS.split()
    assert a["start_time"] == START
    assert a["event_files"] == 2
    assert a["event_bytes"] == sum(file.stat().st_size for file in (logs / "a").iterdir())
    assert (a["graph"], a["run_graphs"], a["keras_graphs"], a["hparams"], a["profiles"]) == (None, [], [], None, [])
    assert found["problems"] == []


def test_a_scalar_series(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loss = series(inspect(capsys, logs), "a")["loss"]
    assert list(loss) == [*SERIES_KEYS.split(), *SCALAR_KEYS.split()]
    values = [0.0, 1.0, 2.0, 3.0, 4.25, 5.25, 6.25, 7.25]
    assert loss == {
        "tag": "loss",
        "plugin": "scalars",
        "count": 8,
        "superseded": 2,
        "first_step": 0,
        "last_step": 7,
        "min_step": 0,
        "max_step": 7,
        "first_wall": START,
        "last_wall": START + 7,
        "first": 0.0,
        "last": 7.25,
        "min": 0.0,
        "max": 7.25,
        "mean": sum(values) / 8,
        "nan": 0,
        "inf": 0,
    }


def test_superseded_points_count_when_they_are_asked_for(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loss = series(inspect(capsys, logs, "--no-purge"), "a")["loss"]
    assert (loss["count"], loss["superseded"], loss["max"]) == (10, 2, 7.25)


def test_numbers_that_are_none(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    loss = series(inspect(capsys, logs), "b")["loss"]
    assert (loss["nan"], loss["inf"], loss["min"], loss["max"]) == (1, 1, -2.0, 1.0)
    assert loss["mean"] == pytest.approx((1 - 2 + float(np.float32(0.1))) / 3)
    assert loss["last"] == float(np.float32(0.1))


def test_a_series_without_a_finite_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / NAME, header(), scalar(0, math.nan), scalar(1, -math.inf), scalar(2, math.inf, wall=math.nan))
    loss = series(inspect(capsys, tmp_path), ".")["loss"]
    assert (loss["first"], loss["last"], loss["min"], loss["mean"]) == ("NaN", "Infinity", None, None)
    assert loss["last_wall"] == "NaN"
    assert (loss["nan"], loss["inf"]) == (1, 2)


def test_values_whose_sum_is_infinite_have_a_mean(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    big = tensor(2, message(4, np.array([1e308]).tobytes()))
    values = [summary(value("x", message(8, big), metadata("scalars")), step=step) for step in range(4)]
    write(tmp_path / NAME, header(), *map(encode_record, values))
    assert series(inspect(capsys, tmp_path), ".")["x"]["mean"] == pytest.approx(1e308)


def test_every_kind(kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspect(capsys, kinds)
    assert found["problems"] == []
    tags = series(found, "all")
    assert {tag: one["plugin"] for tag, one in tags.items()} == {
        "loss": "scalars",
        "w": "histograms",
        "im": "images",
        "sound": "audio",
        "note/text_summary": "text",
        "pr": "pr_curves",
    }
    assert next(iter(tags)) == "loss"
    histogram = tags["w"]["last"]
    assert list(histogram) == ["buckets", "min", "max", "total"]
    assert (histogram["min"], histogram["max"], histogram["total"]) == (-3.0, 3.0, 50.0)
    assert tags["im"]["samples"] == 1
    assert (tags["im"]["last"]["width"], tags["im"]["last"]["height"]) == (6, 4)
    assert tags["im"]["last"]["bytes"] > 0
    assert tags["sound"]["last"]["sample_rate"] == 8000
    assert tags["sound"]["last"]["seconds"] == pytest.approx(0.1)
    assert tags["note/text_summary"]["last"] == ("step 2: " + "long " * 40)[:80]
    assert "last" not in tags["pr"]
    assert all(one["count"] == (1 if one["plugin"] in ("audio", "pr_curves") else 3) for one in tags.values())


def test_hyperparameters(kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = {run["name"]: run for run in inspect(capsys, kinds)["runs"]}
    assert runs["all"]["hparams"] is None
    assert runs["tuned"]["hparams"] == {"layers": 3, "lr": 0.1, "nesterov": True, "opt": "adam"}
    assert {one["plugin"] for one in runs["tuned"]["series"]} == {"hparams", "scalars"}


def test_a_graph_is_counted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [("x", []), ("w", []), ("y", ["x", "w:0"]), ("train", ["^y"])]
    graph = [message(1, message(1, name), message(2, "Op"), *(message(3, i) for i in inputs)) for name, inputs in nodes]
    write(tmp_path / NAME, header(), encode_record(message(4, *graph)))
    run = inspect(capsys, tmp_path)["runs"][0]
    assert run["graph"] == {"nodes": 4, "edges": 3}
    assert [(one["tag"], one["plugin"]) for one in run["series"]] == [("__run_graph__", "graphs")]


def test_a_graph_that_is_none_is_a_problem(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(tmp_path / NAME, header(), encode_record(message(4, b"\x0a\xff\xff")))
    found = inspect(capsys, tmp_path)
    assert found["runs"][0]["graph"] is None
    assert found["problems"][0]["file"] == NAME
    assert "graph" in found["problems"][0]["reason"]


def test_runs_and_tags_are_chosen(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspect(capsys, logs, "--run", "^a$", "--tag", "acc")
    assert [run["name"] for run in found["runs"]] == ["a"]
    assert list(series(found, "a")) == ["train/acc"]


def test_several_directories_with_names(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspect(capsys, f"one={logs / 'a'}", f"two={logs / 'b'}")
    assert sorted(run["name"] for run in found["runs"]) == ["one", "two"]
    assert found["logdirs"] == [f"one={logs / 'a'}", f"two={logs / 'b'}"]


def test_a_single_event_file(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    found = inspect(capsys, logs / "a" / NAME)
    assert len(found["runs"]) == 1
    assert found["runs"][0]["event_files"] == 1


def test_profiles(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = tmp_path / "train" / "plugins" / "profile" / "2024_01_01_00_00_00"
    session.mkdir(parents=True)
    for host in ("vm2", "vm1"):
        (session / f"{host}.xplane.pb").write_bytes(b"")
    write(tmp_path / "train" / NAME, header(), scalars(0, 2))
    run = inspect(capsys, tmp_path)["runs"][0]
    assert run["profiles"] == [{"name": "2024_01_01_00_00_00", "hosts": ["vm1", "vm2"], "tools": ["xplane"]}]


def test_a_capture_of_xla_that_is_named_by_itself_is_of_no_session(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "vm1.xplane.pb"
    path.write_bytes(b"")
    assert main(["inspect", str(path)]) == 0
    assert "profile: xplane of vm1" in capsys.readouterr().out.splitlines()


def test_a_name_that_is_not_utf8_is_kept_exactly(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    name = b"caf\xe9"
    write(Path(os.fsdecode(os.fsencode(tmp_path) + b"/" + name)) / NAME, header(), scalars(0, 2))
    found = inspect(capsys, tmp_path)
    assert os.fsencode(found["runs"][0]["name"]) == name


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_foreign_strings_do_nothing_to_the_terminal(
    payload: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tag = ("x" + payload + "[/y] [bold]").encode("utf-8", "surrogateescape" if payload.isascii() else "replace")
    text = tensor(7, message(8, tag))
    records = [summary(value(tag, message(8, text), metadata("text"))), summary(value(tag + b"s", b"\x15\0\0\0\0"))]
    write(tmp_path / NAME, header(), *map(encode_record, records))
    assert all(is_harmless(line) for line in tables(capsys, tmp_path).split("\n"))
    assert len(inspect(capsys, tmp_path)["runs"][0]["series"]) == 2


def test_tables_tell_what_is_there(kinds: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tables(capsys, kinds)
    for words in ("3 runs", "tuned", "6×4 pixels", "10 buckets", "lr=0.1", "step 2: long", "0.3333", "8000 Hz"):
        assert words in out
    assert "\x1b" not in out


def test_many_runs_are_listed_one_a_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in range(12):
        write(tmp_path / f"run{number}" / NAME, header(START + number), scalar(3, 1.0, wall=START + number))
    out = tables(capsys, tmp_path)
    lines = [line for line in out.splitlines() if line.startswith("run") and not line.startswith("run ")]
    assert [line.split()[0] for line in lines] == [f"run{number}" for number in range(12)]
    assert "loss" not in out
    assert tables(capsys, tmp_path, "-v").count("loss") == 12


def test_problems_are_listed_and_decide_a_check(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["inspect", "--check", str(logs)]) == 0
    capsys.readouterr()
    path = logs / "b" / NAME
    data = bytearray(path.read_bytes())
    data[-6] ^= 1
    path.write_bytes(data)
    out = tables(capsys, logs)
    assert "1 problem" in out
    assert f"b/{NAME} at byte" in out
    assert main(["inspect", "--check", "--json", str(logs)]) == 1
    found = json.loads(capsys.readouterr().out)
    assert [list(problem) for problem in found["problems"]] == [["file", "offset", "reason"]]
    assert series(found, "b")["loss"]["count"] == 4


def test_an_empty_directory_is_not_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert inspect(capsys, tmp_path)["runs"] == []
    assert "0 runs" in tables(capsys, tmp_path)


def test_a_check_looks_at_every_value(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Not only at the newest: a histogram that is none and a text whose bytes were changed are both named."""

    def histogram(step: int, *shape_: int) -> bytes:
        rows = tensor(2, shape(*shape_), doubles(6, [1.0] * math.prod(shape_)))
        return encode_record(summary(value("w", message(8, rows), metadata("histograms")), step=step))

    def text(step: int, words: str) -> bytes:
        return encode_record(
            summary(value("note", message(8, tensor(7, message(8, words))), metadata("text")), step=step)
        )

    parts = [header(), histogram(0, 2, 3), histogram(1, 2, 2), histogram(2, 5, 3)]
    parts += [text(0, "first"), text(1, "x" * 1000).replace(b"xx", b"xy", 1), text(2, "last")]
    write(tmp_path / NAME, *parts)
    assert main(["inspect", "--check", "--json", str(tmp_path)]) == 1
    problems = json.loads(capsys.readouterr().out)["problems"]
    assert [(problem["offset"], problem["reason"]) for problem in problems] == [
        (sum(map(len, parts[:2])), "tag 'w': a histogram is rows of three numbers, this has the shape [2, 2]"),
        (sum(map(len, parts[:5])), "tag 'note': the checksum of the record is wrong"),
    ]
    assert inspect(capsys, tmp_path)["problems"] == []
