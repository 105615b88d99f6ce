"""What the name of a metric tells, and where it was best."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.goals import best_of, guess_goal, is_better
from tbtui.analysis.stats import stats_of
from tbtui.store import Points

DOWN = [
    "loss",
    "train/loss",
    "Loss/train",
    "val_loss",
    "valLoss",
    "epoch_loss",
    "ppl",
    "perplexity",
    "eval/wer",
    "CER",
    "test_error",
    "mse",
    "RMSE",
    "FID",
    "kl_div",
    "loss/classifier",
    "losses/rpn_box_reg",
    "step_time",
    "eval/runtime",
    "nll",
    "reward_loss",
    "mean_absolute_error",
    "val/log_loss",
    "train/policy_gradient_loss",
    "train_error_rate",
]
UP = [
    "acc",
    "accuracy",
    "Accuracy/test",
    "val_acc",
    "epoch_binary_accuracy",
    "top5",
    "auc",
    "AUROC",
    "f1",
    "f1_score",
    "bleu",
    "BLEU-4",
    "rouge1",
    "reward",
    "rollout/ep_rew_mean",
    "eval/mean_reward",
    "mAP",
    "metrics/mAP50",
    "mAP@0.5",
    "mean_iou",
    "DetectionBoxes_Precision/mAP",
    "psnr",
    "SSIM",
    "Environment/Cumulative_Reward",
    "train/samples_per_second",
    "global_step/sec",
    "epoch_prc",
    "success_rate",
    "train/explained_variance",
    "valAcc",
    "precision",
    "recall",
    "time/fps",
]
UNKNOWN = [
    "lr",
    "learning_rate",
    "epoch",
    "grad_norm",
    "a",
    "",
    "/",
    "hp_metric",
    "weights/layer1",
    "beta",
    "mapping",
    "accent",
]


@pytest.mark.parametrize("tag", DOWN)
def test_should_fall(tag: str) -> None:
    assert guess_goal(tag) == "down"


@pytest.mark.parametrize("tag", UP)
def test_should_rise(tag: str) -> None:
    assert guess_goal(tag) == "up"


@pytest.mark.parametrize("tag", UNKNOWN)
def test_does_not_tell(tag: str) -> None:
    assert guess_goal(tag) is None


@given(st.text(max_size=40))
def test_any_name(tag: str) -> None:
    assert guess_goal(tag) in ("up", "down", None)


numbers = st.floats(width=32)


@given(st.lists(numbers, max_size=12), st.sampled_from(["up", "down"]))
def test_best(values: list[float], goal: str) -> None:
    points = Points(np.arange(len(values)) * 10, np.zeros(len(values)), np.array(values, np.float32))
    best = best_of(points, goal)  # type: ignore[arg-type]
    expected = None
    for index, value in enumerate(values):
        if math.isfinite(value) and (
            expected is None or (value > expected[0] if goal == "up" else value < expected[0])
        ):
            expected = (value, index * 10, index)
    assert best == expected
    of_stats = stats_of(points).best(goal)  # type: ignore[arg-type]
    assert of_stats == expected[:2] if expected is not None else math.isnan(of_stats[0])


def test_better() -> None:
    assert is_better(2, 1, "up")
    assert is_better(1, 2, "down")
    assert not is_better(1, 1, "up")
    assert not is_better(math.nan, 1, "up")
    assert not is_better(1, math.nan, "down")


class Empty(NamedTuple):
    steps: np.ndarray = np.empty(0, np.int64)
    values: np.ndarray = np.empty(0)


def test_nothing() -> None:
    assert best_of(Empty(), "up") is None
