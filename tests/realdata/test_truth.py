"""What `tbtui inspect` and `tbtui export` say of real log directories equals what TensorBoard reads in them.

The environment variable TBTUI_REALDATA names a folder of log directories with TensorBoard's own readings:

- `logdirs.txt`: a name and a path on each line;
- `truth/<name>.json`: TensorBoard's Python reader, nothing sampled, nothing purged: to be equal with `--no-purge`;
- `truth/rustboard/<name>.json`: counts and steps of TensorBoard's data server: to be equal by default.

In the folder `corpus` beside it, `manifest.json` names small directories and `oracle/*.json` what both readers find in
each. Where the two contradict each other, or fail, `DECISIONS` says what is right and why.
"""

from __future__ import annotations

import contextlib
import csv
import hashlib
import io
import json
import math
import os
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tbtui
from tbtui.cli import main

FOLDER = Path(os.environ.get("TBTUI_REALDATA") or "nowhere")
CORPUS = FOLDER.parent / "corpus"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")

Key = tuple[str, str, str]  # run, plugin, tag
Steps = tuple[int, Any, Any]  # count, first step, last step

LOGDIRS = (
    dict(line.split(maxsplit=1) for line in (FOLDER / "logdirs.txt").read_text().splitlines() if line.strip())
    if FOLDER.is_dir()
    else {}
)
CASES: dict[str, Any] = (
    {
        name: case
        for name, case in json.loads((CORPUS / "manifest.json").read_text())["cases"].items()
        if "oracle" in case and "symlink" not in name  # links are made where they are tested
    }
    if FOLDER.is_dir() and (CORPUS / "manifest.json").is_file()
    else {}
)

NULL_PLUGINS = ("flight",)
"""Plugins that TensorBoard does not know, whose values carry nothing but metadata: it leaves them out, we list them."""


def output(*arguments: str | Path) -> str:
    file = io.TextIOWrapper(io.BytesIO(), "utf-8", write_through=True)
    with contextlib.redirect_stdout(file):
        assert main([str(word) for word in arguments]) == 0
    return file.buffer.getvalue().decode()  # type: ignore[attr-defined]


@lru_cache(maxsize=4)
def inspected(path: Path, *options: str) -> Any:
    return json.loads(output("inspect", "--json", path, *options))


def listed(path: Path, *options: str) -> dict[Key, Any]:
    """Every series that `inspect` lists."""
    return {
        (run["name"], one["plugin"], one["tag"]): one
        for run in inspected(path, *options)["runs"]
        for one in run["series"]
    }


def number(value: Any) -> Any:
    return float(value) if isinstance(value, str) else value


def assert_number(got: Any, expected: Any, where: object, rel: float = 0.0) -> None:
    got, expected = number(got), number(expected)
    if expected is None or got is None:
        assert got is expected, where
    elif math.isnan(expected):
        assert math.isnan(got), where
    elif rel:
        assert got == pytest.approx(expected, rel=rel, abs=1e-300), where
    else:
        assert got == expected, where


# --- real log directories


@pytest.mark.parametrize("name", LOGDIRS)
def test_everything_is_read_as_the_python_reader_reads_it(name: str) -> None:
    path = FOLDER / LOGDIRS[name]
    truth = json.loads((FOLDER / "truth" / f"{name}.json").read_text())
    assert truth["error"] is None
    runs = {run["name"]: run for run in inspected(path, "--no-purge")["runs"]}
    known = {os.path.dirname(file) or "." for file in truth["event_files"]}  # files may have come since
    assert {run for run in runs if run in known} == set(truth["runs"])
    ours = listed(path, "--no-purge")
    expected = {
        (run, plugin, tag): facts
        for run, found in truth["runs"].items()
        for plugin, tags in found["plugins"].items()
        for tag, facts in tags.items()
    }
    extra = {key for key in set(ours) - set(expected) if key[0] in truth["runs"] and key[1] not in NULL_PLUGINS}
    assert extra == set()
    assert set(expected) - set(ours) == set()
    for key, facts in expected.items():
        _compare_series(key, ours[key], facts)
    for run, found in truth["runs"].items():
        _compare_run(run, runs[run], found)


def _compare_series(key: Key, ours: Any, truth: Any) -> None:
    for name in ("count", "first_step", "last_step", "min_step", "max_step", "first_wall", "last_wall"):
        assert_number(ours[name], truth[name], (key, name))
    if key[1] == "scalars":
        for name in ("first", "last", "min", "max", "nan", "inf"):
            assert_number(ours[name], truth[name], (key, name))
        assert_number(ours["mean"], truth["mean"], (key, "mean"), rel=1e-12)
    elif key[1] == "histograms":
        last = truth["last_h"]
        assert ours["last"]["buckets"] == last["buckets"], key
        assert_number(ours["last"]["total"], last["total"], key, rel=1e-6)  # theirs is float32 for TF1 histograms
        if last["buckets"]:
            assert_number(ours["last"]["min"], last["left"], key, rel=1e-6)
            assert_number(ours["last"]["max"], last["right"], key, rel=1e-6)
    elif key[1] == "images":
        last = truth["last_i"]
        assert (ours["samples"], ours["last"]["bytes"]) == (last["n"], last["bytes"][0]), key
        assert [ours["last"]["width"], ours["last"]["height"]] == [last["width"], last["height"]], key
    elif key[1] == "audio":
        assert ours["last"]["bytes"] == truth["last_a"]["bytes"], key
    elif key[1] == "text":
        assert ours["last"].startswith(truth["last_t"]["head"][:60]), key  # theirs is of the first cell


def _compare_run(name: str, ours: Any, truth: Any) -> None:
    if truth["graph"] is not None:
        assert ours["graph"]["nodes"] == truth["graph"]["nodes"], name
    else:
        assert ours["graph"] is None, name
    sessions = truth["plugins"].get("hparams", {}).get("_hparams_/session_start_info")
    if sessions is not None and sessions["hp"].get("hparams") is not None:
        assert ours["hparams"] == sessions["hp"]["hparams"], name
    first = truth["first_event_timestamp"]
    if first is not None and ours["start_time"] is not None:
        assert ours["start_time"] <= max(first, 0) or first <= 0, name


@pytest.mark.parametrize("name", LOGDIRS)
def test_live_points_are_those_of_the_data_server(name: str) -> None:
    path = FOLDER / LOGDIRS[name]
    truth = json.loads((FOLDER / "truth" / "rustboard" / f"{name}.json").read_text())
    expected: dict[Key, Steps] = {
        (run, plugin, tag): (count, first, last)
        for run, plugins in truth["runs"].items()
        for plugin, tags in plugins.items()
        for tag, (_, count, first, last) in tags.items()
    }
    ours = {key: (one["count"], one["first_step"], one["last_step"]) for key, one in listed(path).items()}
    runs = set(truth["runs"])
    mine = {key: steps for key, steps in ours.items() if key[0] in runs and key[1] not in NULL_PLUGINS}
    assert {key: steps for key, steps in mine.items() if expected.get(key) != steps} == {}
    assert set(expected) - set(mine) == set()


@pytest.mark.parametrize("name", LOGDIRS)
def test_export_gives_every_point_bit_for_bit(name: str) -> None:
    truth = json.loads((FOLDER / "truth" / f"{name}.json").read_text())
    store = tbtui.open_logdir(FOLDER / LOGDIRS[name]).store
    points: dict[tuple[str, str], tuple[list[int], list[float]]] = {}
    for row in csv.DictReader(io.StringIO(exported(FOLDER / LOGDIRS[name]))):
        steps, values = points.setdefault((row["run"], row["tag"]), ([], []))
        steps.append(int(row["step"]))
        values.append(float(row["value"]))
    for run, found in truth["runs"].items():
        for tag, facts in found["plugins"].get("scalars", {}).items():
            steps, values = points[run, tag]
            single = facts["dtype"] == 1
            assert sha1(np.array(steps, "<i8")) == facts["steps_sha1"], (run, tag)
            exact = np.array(values).astype("<f4").astype("<f8") if single else np.array(values, "<f8")
            # Text has one NaN, floats have many: which ones they were is in the store.
            read = store.run(run).scalars[tag].points(purge=False).values.astype("<f8")
            exact = np.where(np.isnan(exact), read, exact)
            assert sha1(exact) == facts["values_sha1"], (run, tag)


def exported(path: Path) -> str:
    file = io.TextIOWrapper(io.BytesIO(), "utf-8")
    with contextlib.redirect_stdout(file):
        assert main(["export", "--no-purge", str(path)]) in (0, 1)  # 1: there are no scalars
    return file.buffer.getvalue().decode()  # type: ignore[attr-defined]


def sha1(array: np.ndarray) -> str:
    return hashlib.sha1(array.tobytes()).hexdigest()


# --- the corpus

Decision = dict[str, tuple[int | None, int | None]]  # [plugin:]tag -> live points, all points; None: not listed

SKIPPED_ONE: Decision = {"loss": (6, 6)}
DECISIONS: dict[str, Decision] = {
    # A damaged record is left out, and what follows is read.
    "raw/bad_data_crc": SKIPPED_ONE,
    "raw/bad_length_crc": SKIPPED_ONE,
    "raw/bad_proto_bad_crc": SKIPPED_ONE,
    "raw/bad_proto_good_crc": SKIPPED_ONE,
    "raw/crlf_prefix": {"loss": (3, 3)},
    "raw/gigantic_length": {"loss": (3, 3)},
    "raw/gigantic_length_u64": {"loss": (3, 3)},
    "raw/bad_utf8_tag": {"loss": (2, 2), "\ufffd\ufffd": (1, 1)},
    # A wall time that is no time costs no point.
    "raw/nan_wall_time": {"loss": (6, 6)},
    "raw/inf_wall_time": {"loss": (6, 6)},
    # A tensor of one number is a scalar, whatever its type and shape, with metadata or without.
    "raw/scalar_tensors": {
        **dict.fromkeys(("bfloat16_val", "bool_val", "double_content", "double_val", "float_content"), (1, 1)),
        **dict.fromkeys(("float_no_shape", "float_shape1", "float_val", "float_val_unpacked", "half_val"), (1, 1)),
        **dict.fromkeys(("int32_val", "int64_content", "int64_val"), (1, 1)),
        **dict.fromkeys(("float_empty", "string_val"), (None, None)),
    },
    "torch/scalars_new_style": {"d": (5, 5)},
    "clu/metric_writers": {"raw": (1, 1)},
    # Metadata count from when they arrive; the first kind of a tag is its kind; a node's name stands in for a tag.
    "raw/metadata_late": {"acc": (4, 4)},
    "raw/metadata_conflict": {"x": (2, 2)},
    "raw/node_name_only": {"": (None, None), "old/node": (1, 1)},
    # Plugins nobody knows are listed.
    "raw/unknown_plugin": {"my_plugin:b": (1, 1), "c": (1, 1)},
    "torch/tensor": {
        **dict.fromkeys(
            ("tensor:bfloat16", "tensor:bool", "tensor:complex64", "tensor:float16", "tensor:float32"), (1, 1)
        ),
        **dict.fromkeys(("tensor:float64", "tensor:int32", "tensor:int64", "tensor:uint8"), (1, 1)),
    },
    # A histogram that makes no sense is left out; other values that can't be decoded are problems when looked at.
    "raw/histo_legacy_edges": {"histograms:mismatch": (None, None)},
    "raw/image_shapes": {"images:rank2": (1, 1)},
    # SessionLog.START supersedes every tag from its step on, also when it is the first one of a second file.
    "raw/restart_one_start": {"loss": (8, 14), "acc": (4, 10)},
    "raw/restart_two_starts": {"loss": (8, 14), "acc": (4, 10)},
    "torch/purge_step": {"only_first": (10, 20)},
    # Version 1 files are purged by the Python reader as the data server purges all files.
    "raw/step_decrease_v1": {"loss": (8, 14)},
}


UNTIMED = ("raw/negative_wall_time", "raw/no_wall_time", "raw/zero_length_record")
"""Directories with wall times of zero and below, which are no times: the data server takes them for the start."""


def counts(oracle: Any) -> dict[Key, int] | None:
    """How many points one of TensorBoard's readers found; None where it failed."""
    if "series" not in oracle:
        return None
    return {(one["run"], one["plugin"], one["tag"]): one["n"] for one in oracle["series"]}


def decided(found: dict[Key, int], case: str, which: int) -> dict[Key, int]:
    """A reader's counts, put right where we decided otherwise. `which`: 0 live points, 1 all."""
    for name, both in DECISIONS.get(case, {}).items():
        plugin, tag = name.split(":") if ":" in name else ("scalars", name)
        found.pop((".", plugin, tag), None)
        count = both[which]
        if count is not None:
            found[".", plugin, tag] = count
    return found


def oracle_of(case: str) -> Any:
    return json.loads((CORPUS / CASES[case]["oracle"]).read_text())


@pytest.mark.parametrize("case", CASES)
def test_the_corpus_is_read_as_tensorboard_reads_it(case: str) -> None:
    oracle = oracle_of(case)
    for which, reader, options in ((0, "rustboard", ()), (1, "python", ("--no-purge",))):
        ours = {key: one["count"] for key, one in listed(CORPUS / case, *options).items()}
        theirs = counts(oracle[reader])
        expected = decided({} if theirs is None else theirs, case, which)
        if theirs is None:  # it failed: what we decided is all that can be said
            ours = {key: count for key, count in ours.items() if key in expected}
        assert ours == expected, reader


@pytest.mark.parametrize("case", CASES)
def test_runs_of_the_corpus(case: str) -> None:
    oracle = oracle_of(case)
    ours = {run["name"]: run["start_time"] for run in inspected(CORPUS / case)["runs"] if run["event_files"]}
    for reader in ("rustboard", "python"):  # the data server lists no run before it could read an event
        assert {run["name"] for run in oracle[reader].get("runs", ())} <= set(ours)
    for run in oracle["rustboard"].get("runs", ()):
        assert ours[run["name"]] == run["start_time"] or case in UNTIMED


@pytest.mark.parametrize("case", CASES)
def test_points_of_the_corpus(case: str) -> None:
    oracle = oracle_of(case)
    for reader, options in ((oracle["rustboard"], ()), (oracle["python"], ("--no-purge",))):
        ours = listed(CORPUS / case, *options)
        for one in reader.get("series", ()):
            mine = ours.get((one["run"], one["plugin"], one["tag"]))
            if mine is not None and mine["count"] == one["n"] == len(one.get("points", ())) and one["n"]:
                _compare_points(mine, one["points"], (options, one["tag"]))


def _compare_points(ours: Any, points: Any, where: object) -> None:
    steps = [point["step"] for point in points]
    assert [ours[name] for name in ("first_step", "last_step", "min_step", "max_step")] == [
        steps[0],
        steps[-1],
        min(steps),
        max(steps),
    ], where
    assert_number(ours["first_wall"], points[0]["wall_time"], where)
    assert_number(ours["last_wall"], points[-1]["wall_time"], where)
    if ours["plugin"] != "scalars" or "value" not in points[0]:
        return
    values = [number(point["value"]) for point in points]
    finite = [value for value in values if math.isfinite(value)]
    assert_number(ours["first"], values[0], where)
    assert_number(ours["last"], values[-1], where)
    assert_number(ours["min"], min(finite, default=None), where)
    assert_number(ours["max"], max(finite, default=None), where)
    assert ours["nan"] == sum(map(math.isnan, values)), where
    assert ours["inf"] == sum(map(math.isinf, values)), where
    if finite:
        assert_number(ours["mean"], math.fsum(finite) / len(finite), where, rel=1e-9)
