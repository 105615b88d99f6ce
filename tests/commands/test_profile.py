"""`tbtui profile`: what it prints, and what it says where it can't."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
from pathlib import Path

import pytest

from tbtui.cli import DONE, UNREADABLE, WRONG, main
from tbtui.profiles import find
from tests.support.captures import Trace, training

NAME = "worker0.1700000000.pt.trace.json"


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    path = tmp_path / "logs" / NAME
    path.parent.mkdir()
    path.write_bytes(training().encode(deviceProperties=[{"id": 0, "name": "Some\x1b[31m GPU"}]))
    return path


def test_overview(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture.parent)]) == DONE
    out = capsys.readouterr().out
    assert "steps     2: mean 100 µs, median 100 µs" in out
    assert "device    busy 55.0% of the steps' time, kernels 50.0%" in out
    assert out.count("input bound") == 1
    assert "input     moderately input bound: 10.0% of the steps' time waits for input (20% or more is high" in out
    assert "\x1b" not in out
    assert any(line.split()[:3] == ["aten::addmm", "operator", "2"] for line in out.splitlines())


@pytest.mark.parametrize(
    ("view", "first"),
    [
        ("steps", {"step": "ProfilerStep#5", "kernel_us": "40.0", "data_loader_us": "10.0", "device_busy_us": "55.0"}),
        ("ops", {"name": "ProfilerStep*", "calls": "2", "self_us": "120.0"}),
        ("kernels", {"name": "gemm", "operator": "aten::addmm", "total_us": "80.0", "grid": "2x1x1"}),
        ("memory", {"device": "0", "peak_bytes": "5000", "peak_at_us": "20.0"}),
    ],
)
def test_tables_as_csv(capture: Path, capsys: pytest.CaptureFixture[str], view: str, first: dict[str, str]) -> None:
    assert main(["profile", str(capture), "--csv", "--view", view, "--top", "1"]) == DONE
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert {name: row[name] for name in first} == first


def test_sorted_by_any_column(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture), "--csv", "--view", "ops", "--sort", "device_self_us"]) == DONE
    assert next(iter(csv.DictReader(io.StringIO(capsys.readouterr().out))))["name"] == "aten::addmm"
    assert main(["profile", str(capture), "--view", "ops", "--sort", "nothing"]) == WRONG
    assert "--sort nothing: the view has the columns name, kind, calls" in capsys.readouterr().err


def test_json_has_all_tables(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture), "--json"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert found["path"] == str(capture)
    assert found["host"] == "worker0"
    assert found["device_busy"] == pytest.approx(0.55)
    assert [len(found[view]) for view in ("steps", "ops", "kernels", "memory")] == [2, 5, 2, 1]


def test_the_newest_capture_is_taken_or_the_one_asked_for(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    other = capture.with_name("worker1.1700000001.pt.trace.json")
    other.write_bytes(Trace().span("cpu_op", "other", 0, 5).encode())
    os.utime(capture, (1_000, 1_000))
    assert main(["profile", str(capture.parent)]) == DONE
    out = capsys.readouterr().out
    assert "worker1" in out
    assert "the newest of 2 captures" in out
    assert main(["profile", str(capture.parent), "--run", "worker0"]) == DONE
    assert "gemm" not in out
    assert main(["profile", str(capture.parent), "--run", "worker7"]) == WRONG


def test_a_broken_capture_does_not_hide_an_older_one(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capture.with_name("worker1.1700000001.pt.trace.json").write_bytes(b"")
    os.utime(capture, (1_000, 1_000))
    assert main(["profile", str(capture.parent)]) == DONE
    assert "worker0" in capsys.readouterr().out


def test_what_can_not_be_read_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(tmp_path)]) == UNREADABLE
    assert "no captures of a profiler here" in capsys.readouterr().err
    assert main(["profile", str(tmp_path / "nowhere")]) == UNREADABLE
    capsys.readouterr()
    (tmp_path / NAME).write_bytes(b"{")
    assert main(["profile", str(tmp_path)]) == UNREADABLE
    error = capsys.readouterr().err
    assert error.count("\n") == 1
    assert "this is no Chrome trace" in error


def test_operators_are_put_together_as_wanted(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    def names(group: str) -> list[str]:
        assert main(["profile", str(capture), "--csv", "--view", "ops", "--group", group]) == DONE
        return [row["name"] for row in csv.DictReader(io.StringIO(capsys.readouterr().out))]

    assert names("type") == ["annotation", "aten", "runtime"]
    assert set(names("shape")) == set(names("name"))
    assert names("module") == []


def test_ranks_of_a_session_side_by_side(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for number in (0, 1):
        trace = training().encode(distributedInfo={"rank": number, "world_size": 2})
        (tmp_path / f"rank{number}.1700000000.pt.trace.json").write_bytes(trace)
    for path in (tmp_path, tmp_path / "rank1.1700000000.pt.trace.json"):
        assert main(["profile", str(path), "--csv", "--view", "distributed"]) == DONE
        rows = list(csv.DictReader(io.StringIO(capsys.readouterr().out)))
        assert [(row["rank"], row["computation_us"], row["overlap_us"]) for row in rows] == [
            ("0", "50.0", "30.0"), ("1", "50.0", "30.0")]  # fmt: skip
    assert main(["profile", str(tmp_path), "--view", "distributed"]) == DONE
    out = capsys.readouterr().out
    assert "and 1 more of the same session" in out
    assert out.index("Collectives") < out.index("allreduce")
    assert main(["profile", str(tmp_path), "--json", "--view", "collectives"]) == DONE
    found = json.loads(capsys.readouterr().out)
    assert [len(found["beside"]), found["collectives"][0]["calls"]] == [1, 4]


def test_one_rank_is_not_compared(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    session = capture.parent / "plugins" / "profile" / "2020_01_01"
    session.mkdir(parents=True)
    (session / "h.trace.json.gz").write_bytes(gzip.compress(training().encode()))
    (session / "h.input_pipeline.pb").write_bytes(b"")  # no other rank
    assert main(["profile", str(session / "h.trace.json.gz"), "--view", "distributed"]) == UNREADABLE
    assert "one rank only" in capsys.readouterr().err
    assert main(["profile", str(capture), "--view", "distributed"]) == UNREADABLE
    assert "one rank only" in capsys.readouterr().err
    assert main(["profile", str(capture), "--view", "difference"]) == WRONG
    assert "needs two captures" in capsys.readouterr().err


def test_the_difference_of_two_captures(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    later = capture.with_name("worker0.1700000001.pt.trace.json")
    trace = training()
    for event in trace.events:
        if event["name"] == "aten::addmm":
            event["dur"] = 12
    later.write_bytes(trace.encode())
    os.utime(capture, (1_000, 1_000))
    for paths in ([capture.parent], [capture, later]):
        assert main(["profile", *map(str, paths), "--csv", "--view", "difference", "--top", "1"]) == DONE
        (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
        changes = ("self_before_us", "self_after_us", "self_change_us", "change_share")
        assert [row["name"], *(row[name] for name in changes)] == ["aten::addmm", "16.0", "8.0", "-8.0", "-0.5"]
    assert main(["profile", str(capture.parent), "--view", "difference"]) == DONE
    assert f"against {capture}" in capsys.readouterr().out


def test_modules_where_they_were_recorded(capture: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["profile", str(capture), "--view", "modules"]) == DONE
    assert "nothing of that kind" in capsys.readouterr().out
    capture.write_bytes(training().span("python_function", "nn.Module: Net_0", 5, 90).encode())
    assert main(["profile", str(capture), "--view", "modules", "--csv"]) == DONE
    (row,) = csv.DictReader(io.StringIO(capsys.readouterr().out))
    assert (row["module"], row["calls"], row["device_us"]) == ("Net_0", "1", "40.0")


def test_what_was_read_is_kept_or_not(
    capture: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(find, "SMALLEST_BYTES", 0)
    folder = Path(os.environ["XDG_CACHE_HOME"], "tbtui", "profiles")
    assert main(["profile", str(capture), "--no-cache"]) == DONE
    assert not folder.exists()
    first = capsys.readouterr().out
    assert main(["profile", str(capture)]) == DONE
    assert len(list(folder.iterdir())) == 1
    assert main(["profile", str(capture)]) == DONE
    assert capsys.readouterr().out == first * 2


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--top", "0"], "'0' is not a number of rows (1 or more)"),
        (["--json", "--csv"], "--json and --csv: one form at a time"),
        (["--view", "kernels", "--sort", "self"], "--sort self: the view has the columns kernel, operator"),
    ],
)
def test_what_cannot_be_meant_is_one_sentence(
    capture: Path, capsys: pytest.CaptureFixture[str], words: list[str], said: str
) -> None:
    try:
        code: object = main(["profile", str(capture), *words])
    except SystemExit as ended:
        code = ended.code
    assert code == WRONG
    out, err = capsys.readouterr()
    assert said in err
    assert (out, err.count("\n")) == ("", 1)
