"""The end of a run, told by a text summary."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import tbtui
from tbtui.demo.writer import EventWriter
from tbtui.widgets.config_texts import ConfigTexts
from tbtui.widgets.pulse import Pulses

NOW = 1_700_000_100.0


def write_run(run: Path, tag: str, text: str, epochs: bool = False) -> None:
    writer = EventWriter(run, lambda: NOW - 10)
    for step in range(0, 100, 10):
        writer.scalar("loss", 1.0, step)
        if epochs:
            writer.scalar("epoch", step / 50, step)
    if text:
        writer.text(tag, text, 0)
    writer.close()


def end(logs: Path, name: str) -> tuple[int, str] | None:
    """What is told of the end of a run when its texts were read."""
    with tbtui.open_logdir(logs) as opened:
        later: list[Callable[[], None]] = []
        pulses = Pulses(opened.store, texts=ConfigTexts(start=later.append))
        run = opened[name]
        assert pulses.facts(run, NOW).end is None  # nothing was read while somebody waited
        for seconds in (3, 6):
            while later:
                later.pop()()
            found = pulses.facts(run, NOW + seconds).end
        return None if found is None else (found.step, found.why)


def test_json_yaml_and_tables(tmp_path: Path) -> None:
    write_run(tmp_path / "json", "config", '```\n{"optim": {"lr": 0.1}, "max_steps": 5000}\n```')
    write_run(tmp_path / "yaml", "any/tag", "lr: 0.1\nnum_train_steps: 7000\n")
    write_run(tmp_path / "table", "hparams", "|name|value|\n|-|-|\n|total_steps|900|\n")
    write_run(tmp_path / "none", "note", "nothing of it")
    assert end(tmp_path, "json") == (5000, "max_steps in a text")
    assert end(tmp_path, "yaml") == (7000, "num_train_steps in a text")
    assert end(tmp_path, "table") == (900, "total_steps in a text")
    assert end(tmp_path, "none") is None


def test_epochs_need_their_length(tmp_path: Path) -> None:
    write_run(tmp_path / "told", "args", "epochs: 20\nsteps_per_epoch: 30")
    write_run(tmp_path / "measured", "args", "num_epochs: 20", epochs=True)
    write_run(tmp_path / "unknown", "args", "num_epochs: 20")
    assert end(tmp_path, "told") == (600, "epochs in a text")
    assert end(tmp_path, "measured") == (1000, "num_epochs in a text")
    assert end(tmp_path, "unknown") is None


def test_what_started_a_run_speaks_for_it(tmp_path: Path) -> None:
    write_run(tmp_path / "trial", "config", "max_steps: 400")
    write_run(tmp_path / "trial/train", "", "")
    assert end(tmp_path, "trial/train") == (400, "max_steps in a text")


def test_a_text_that_is_gone_says_nothing(tmp_path: Path) -> None:
    write_run(tmp_path / "run", "config", "max_steps: 400")
    with tbtui.open_logdir(tmp_path) as opened:
        later: list[Callable[[], None]] = []
        texts = ConfigTexts(start=later.append)
        run = opened["run"]
        assert texts.of(run) == ()
        for file in (tmp_path / "run").iterdir():
            file.unlink()
        later.pop()()
        assert texts.of(run) == ()
        assert not later
