"""Runs of the store, as filters see them."""

from __future__ import annotations

import math
from pathlib import Path

import tbtui
from tbtui.analysis.runfilter import compile_run_filter
from tbtui.analysis.runlook import Extremes, RunLook
from tbtui.demo.writer import EventWriter, hparams_start
from tbtui.store.hparams import HParamsCache


def test_runs_of_a_store(tmp_path: Path) -> None:
    for name, values in (("a", [3.0, 1.0, 2.0]), ("b/train", [5.0, math.nan]), ("b", [])):
        writer = EventWriter(tmp_path / name, clock=lambda: 1000.0)
        for step, value in enumerate(values):
            writer.scalar("loss", value, step)
        if name == "b":
            writer.hparams("session_start_info", hparams_start({"lr": 0.5}, "", 1.0))
        writer.close()
    with tbtui.open_logdir(tmp_path) as logdir:
        extremes, cache = Extremes(), HParamsCache()

        def names(line: str) -> list[str]:
            found = compile_run_filter(line)
            assert found.error is None
            looks = [
                RunLook(run, 1060.0, lambda _: "ended", lambda r: cache.nearest(r, logdir.store.run).values, extremes)
                for run in logdir.runs()
            ]
            return sorted(look.name for look in looks if found.matches(look))

        assert names("loss==2") == ["a"]
        assert names("min(loss)<=1") == ["a"]
        assert names("max(loss)>4") == ["b/train"]
        assert names("loss!=2") == ["b/train"]
        assert names("hp.lr=0.5") == ["b", "b/train"]
        assert names("tag:loss") == ["a", "b/train"]
        assert names("age<=60 tag:loss") == ["a", "b/train"]
        assert names("step>=2") == ["a"]
        assert names("state:ended") == ["a", "b", "b/train"]
        logdir["a"].gone = True
        assert names("state:gone") == ["a"]
        writer = EventWriter(tmp_path / "a", clock=lambda: 1001.0)
        writer.scalar("loss", -7.0, 3)
        writer.close()
        logdir.refresh()
        assert names("min(loss)<0") == ["a"]
