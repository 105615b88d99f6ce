"""`inspect` and `export` against TensorBoard's own reader, on logs that tensorboardX writes at random."""

from __future__ import annotations

import csv
import json
import math
import random
from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.event_accumulator import STORE_EVERYTHING_SIZE_GUIDANCE, EventAccumulator
from tensorboardX import SummaryWriter

from tbtui.cli import main

ODD = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1e-45, 3.4028234e38)


def write_run(path: Path, rng: random.Random) -> bool:
    """One to three files of one to four tags, whose steps now and then go back, repeat, or are negative.

    Returns whether any of them says that it is a restart, which supersedes points of every tag.
    """
    restarted = False
    for number in range(rng.randint(1, 3)):
        purge = rng.choice([None, None, rng.randint(0, 30)])
        restarted |= purge is not None
        with SummaryWriter(str(path), purge_step=purge, filename_suffix=f".{number}") as writer:
            steps = dict.fromkeys(rng.sample(["loss", "train/acc", "été", "a b"], rng.randint(1, 4)), -2)
            for _ in range(rng.randint(1, 60)):
                tag = rng.choice(list(steps))
                steps[tag] += rng.choice([1, 1, 1, 1, 0, 5, -7])
                value = rng.choice(ODD) if rng.random() < 0.1 else rng.gauss(0, 1)
                writer.add_scalar(tag, value, steps[tag], walltime=1.7e9 + rng.random() * 1000)
            writer.add_histogram("w", np.array([rng.gauss(0, 1) for _ in range(20)]), rng.randint(0, 9), bins=5)
    return restarted


def live(steps: list[int]) -> int:
    """How many points TensorBoard's data server keeps: each one supersedes those before it with no smaller step."""
    kept: list[int] = []
    for step in steps:
        while kept and kept[-1] >= step:
            kept.pop()
        kept.append(step)
    return len(kept)


@pytest.mark.parametrize("seed", range(12))
def test_random_logs(seed: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rng = random.Random(seed)
    runs = {name: tmp_path / "logs" / name for name in ("a", "b/c", "d")}
    restarted = {name for name, path in runs.items() if write_run(path, rng)}
    assert main(["inspect", "--json", "--no-purge", str(tmp_path / "logs")]) == 0
    found = {run["name"]: {s["tag"]: s for s in run["series"]} for run in json.loads(capsys.readouterr().out)["runs"]}
    assert main(["inspect", "--json", str(tmp_path / "logs")]) == 0
    purged = {run["name"]: {s["tag"]: s for s in run["series"]} for run in json.loads(capsys.readouterr().out)["runs"]}
    out = tmp_path / "points.csv"
    assert main(["export", "--no-purge", str(tmp_path / "logs"), "-o", str(out)]) == 0
    with out.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert set(found) == set(runs)
    for name, path in runs.items():
        theirs = EventAccumulator(
            str(path), size_guidance=STORE_EVERYTHING_SIZE_GUIDANCE, purge_orphaned_data=False
        ).Reload()
        tags = theirs.Tags()
        assert {tag for tag, one in found[name].items() if one["plugin"] == "scalars"} == set(tags["scalars"])
        assert {tag for tag, one in found[name].items() if one["plugin"] == "histograms"} == set(tags["histograms"])
        assert found[name]["w"]["count"] == len(theirs.Histograms("w"))
        for tag in tags["scalars"]:
            points = theirs.Scalars(tag)
            ours = found[name][tag]
            assert (ours["count"], ours["last_step"]) == (len(points), points[-1].step)
            mine = [row for row in rows if (row["run"], row["tag"]) == (name, tag)]
            assert [int(row["step"]) for row in mine] == [point.step for point in points]
            assert [float(row["wall_time"]) for row in mine] == [point.wall_time for point in points]
            values = np.array([float(row["value"]) for row in mine]).astype(np.float32)
            np.testing.assert_array_equal(values, np.array([point.value for point in points], np.float32))
            counted = purged[name][tag]
            assert counted["count"] + counted["superseded"] == len(points)
            kept = live([point.step for point in points])
            assert counted["count"] <= kept if name in restarted else counted["count"] == kept
