"""Logs of made-up trainings for the pictures: a sweep of learning rates with several seeds each, and a hundred runs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.custom_scalar import layout_pb2, metadata
from tensorboard.util import tensor_util

from tests.support.eventfiles import framed

RATES = (0.1, 0.03, 0.01)
SEEDS = 4
EPOCH = 50
"""Steps of an epoch."""

Columns = Mapping[str, NDArray[np.float64]]


def make_sweep(directory: Path, steps: int = 400) -> None:
    """Each learning rate with each seed; a layout of custom scalars; one run that went wrong near its end."""
    for rate in RATES:
        for seed in range(SEEDS):
            chance = np.random.default_rng([seed, int(1000 * rate)])
            columns = training(chance, rate, steps)
            if (rate, seed) == (RATES[0], 2):
                columns["train/loss"][steps - 60 :] = np.nan
            write_run(directory / f"lr-{rate}" / f"seed-{seed}", columns, [layout()])


def make_many(directory: Path, runs: int = 100, steps: int = 300) -> None:
    """Many runs, each with another learning rate."""
    rates = 10 ** np.random.default_rng(1).uniform(-2.5, -1.0, runs)
    for number, rate in enumerate(rates):
        chance = np.random.default_rng(number)
        write_run(directory / f"trial-{number:03}", training(chance, float(rate), steps))


def training(chance: np.random.Generator, rate: float, steps: int) -> dict[str, NDArray[np.float64]]:
    """Curves as of a classifier that begins to overfit, float64[steps] each; NaN where nothing is written."""
    step = np.arange(steps)
    speed = rate * chance.uniform(0.8, 1.2) / 6
    left = np.exp(-step * speed)
    loss = 0.25 + 2 * left + chance.normal(0, 0.05, steps) * (0.3 + left)
    validation = np.where(step % 10 == 0, 0.33 + 2.05 * left + 0.4 * (step * rate * 10 / steps) ** 2, np.nan)
    accuracy = 0.95 - 0.85 * left + chance.normal(0, 0.01, steps)
    return {
        "train/loss": loss,
        "val/loss": validation + chance.normal(0, 0.02, steps),
        "accuracy/mean": accuracy,
        "accuracy/low": accuracy - 0.04 - 0.1 * left,
        "accuracy/high": np.minimum(accuracy + 0.04 + 0.1 * left, 1.0),
        "gradient_norm": 40 * left * chance.lognormal(0, 0.3, steps) + 0.5,
        "learning_rate": rate * np.minimum(1, step / 40) * (1 - step / steps),
        "epoch": (step // EPOCH).astype(np.float64),
    }


def layout() -> summary_pb2.Summary:
    """A layout of custom scalars: losses together, and the accuracy with its margin."""
    series = layout_pb2.MarginChartContent.Series(value="accuracy/mean", lower="accuracy/low", upper="accuracy/high")
    charts = [
        layout_pb2.Chart(title="losses", multiline=layout_pb2.MultilineChartContent(tag=["(train|val)/loss"])),
        layout_pb2.Chart(title="accuracy", margin=layout_pb2.MarginChartContent(series=[series])),
    ]
    asked = layout_pb2.Layout(category=[layout_pb2.Category(title="overview", chart=charts)])
    summary = summary_pb2.Summary()
    summary.value.add(
        tag=metadata.CONFIG_SUMMARY_TAG,
        metadata=metadata.create_summary_metadata(),
        tensor=tensor_util.make_tensor_proto(asked.SerializeToString()),
    )
    return summary


def write_run(directory: Path, columns: Columns, first: Sequence[summary_pb2.Summary] = ()) -> None:
    """One event file. A value is left out where the curve has none; NaN after the last finite value is written."""
    directory.mkdir(parents=True)
    steps = len(next(iter(columns.values())))
    began = time.time() - 3600 - 6 * steps
    records = [framed(event_pb2.Event(wall_time=began, file_version="brain.Event:2").SerializeToString())]
    records += [framed(event_pb2.Event(wall_time=began, summary=one).SerializeToString()) for one in first]
    for step in range(steps):
        values = [
            summary_pb2.Summary.Value(tag=tag, simple_value=column[step])
            for tag, column in columns.items()
            if np.isfinite(column[step]) or tag == "train/loss"
        ]
        event = event_pb2.Event(wall_time=began + 6 * step, step=step, summary=summary_pb2.Summary(value=values))
        records.append(framed(event.SerializeToString()))
    (directory / f"events.out.tfevents.{int(began)}.host").write_bytes(b"".join(records))
