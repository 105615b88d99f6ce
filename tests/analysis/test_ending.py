"""Where runs end."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.ending import end_of_run, numbers_in_text, steps_per_epoch
from tbtui.store import Points


@pytest.mark.parametrize(
    ("hparams", "per_epoch", "step"),
    [
        ({}, None, None),
        ({"max_steps": 500}, None, 500),
        ({"Trainer.Max_Steps": "1e3"}, None, 1000),
        ({"max_steps": -1, "num_train_epochs": 3}, None, None),
        ({"max_steps": -1, "num_train_epochs": 3}, 12.5, 38),
        ({"epochs": 4, "steps_per_epoch": 10}, 99.0, 40),
        ({"epochs": 30}, 1.0, 30),
        ({"steps": 7, "max_steps": 9}, None, 9),
        ({"max_steps": math.nan, "total_steps": math.inf, "num_steps": True, "steps": None}, 1.0, None),
        ({"max_steps": [1, 2], "epochs": "many"}, 1.0, None),
    ],
)
def test_by_hyperparameters(hparams: dict[str, Any], per_epoch: float | None, step: int | None) -> None:
    found = end_of_run(hparams, per_epoch=per_epoch)
    assert (None if found is None else found.step) == step


def test_what_comes_first() -> None:
    hparams, text = {"max_steps": 9}, "max_steps=11"
    assert end_of_run(hparams, 7, texts=[text]) == (7, "--max-steps")
    assert end_of_run(hparams, texts=[text]) == (9, "hyperparameter max_steps")
    assert end_of_run({}, texts=["nothing", text]) == (11, "max_steps in a text")
    assert end_of_run({}, per_epoch=4, texts=["epochs: 3"]) == (12, "epochs in a text")


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ('{"max_steps": 1000, "num_train_epochs": 3.0}', {"max_steps": 1000, "num_train_epochs": 3}),
        ("    max_steps: 1_000\n", {"max_steps": 1000}),
        ("| epochs | 12 |\n| lr | 0.1 |", {"epochs": 12}),
        ("**total_timesteps**: `1e6`", {"total_timesteps": 1e6}),
        ("--max_iters=20,000", {"max_iters": 20000}),
        ("max_steps: -1, epochs: 2", {"epochs": 2}),
        ("my_max_steps: 5 max_steps_x: 6 max_steps: 7abc steps 5", {}),
        ("epochs: 2 epochs: 3", {"epochs": 2}),
    ],
)
def test_in_texts(text: str, found: dict[str, float]) -> None:
    assert numbers_in_text(text) == found


@given(st.text(st.sampled_from("max_steps:=| \"'1e9,._+"), max_size=60))
def test_any_text(text: str) -> None:
    assert all(1 < number < 1e15 for number in numbers_in_text(text).values())


def epochs(steps: list[int], values: list[float]) -> Points:
    return Points(np.array(steps, np.int64), np.zeros(len(steps)), np.array(values))


def test_measured_epochs() -> None:
    assert steps_per_epoch(epochs([10, 20, 30], [0.5, 1.0, 1.5])) == 20
    assert steps_per_epoch(epochs([0, 49, 50, 99, 100, 120], [0, 0, 1, 1, 2, 2])) == 50
    assert steps_per_epoch(epochs([0, 1, 2], [0, 1, 2])) == 1
    assert steps_per_epoch(epochs([0, 49], [0, 0])) is None
    assert steps_per_epoch(epochs([0, 49], [0, 1])) is None
    assert steps_per_epoch(epochs([], [])) is None
    assert steps_per_epoch(epochs([5, 5], [0.5, 0.7])) is None
    assert steps_per_epoch(epochs([5, 6], [math.nan, 0.7])) is None
