"""Pairs of training and validation."""

from __future__ import annotations

import math
import random
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.pairs import PairChart, best_validation, pair_charts, partners, typical_runs


def told(series: list[tuple[str, str]]) -> dict[str, dict[tuple[str, str], str]]:
    """title -> (run, tag) -> role"""
    return {chart.title: {(m.run, m.tag): m.role for m in chart.members} for chart in pair_charts(series)}


T, V, N = "train", "validation", "other"


@pytest.mark.parametrize(
    ("train", "held_out", "title"),
    [
        *(
            (f"train/{x}", f"{word}/{x}", x)
            for x in ("loss", "a/b")
            for word in ("val", "valid", "test", "dev", "eval")
        ),
        ("training/loss", "validation/loss", "loss"),
        ("loss", "val_loss", "loss"),
        ("loss", "loss_val", "loss"),
        ("loss", "eval_loss", "loss"),
        ("loss", "val/loss", "loss"),
        ("loss", "loss/val", "loss"),
        ("Loss/train", "Loss/test", "Loss"),
        ("train_loss", "val_loss", "loss"),
        ("metrics/train_acc", "metrics/val_acc", "metrics/acc"),
        ("train_metrics/acc", "val_metrics/acc", "metrics/acc"),
        ("train/train_loss", "val/val_loss", "loss"),
        ("acc.train", "acc.valid", "acc"),
        ("epoch_loss", "epoch_val_loss", "epoch_loss"),
        ("training loss", "validation loss", "loss"),
        ("loss vs step", "evaluation_loss vs step", "loss vs step"),
        ("Train/loss", "VAL/loss", "loss"),
    ],
)
def test_two_tags_of_one_run(train: str, held_out: str, title: str) -> None:
    assert told([("r", held_out), ("r", train)]) == {title: {("r", train): T, ("r", held_out): V}}
    (chart,) = pair_charts([("r", train), ("r", held_out)])
    assert chart.tags == (train, held_out)
    assert chart.paired


@pytest.mark.parametrize(
    ("train", "held_out"),
    [
        ("a/train", "a/validation"),
        ("a/train", "a/val"),
        ("a", "a/eval"),
        (".", "eval"),
        ("train", "test"),
        ("loss_train", "loss_val"),
    ],
)
def test_two_runs(train: str, held_out: str) -> None:
    assert told([(held_out, "epoch_x"), (train, "epoch_x")]) == {
        "epoch_x": {(train, "epoch_x"): T, (held_out, "epoch_x"): V}
    }


@pytest.mark.parametrize(
    "series",
    [
        [("r", "train/loss"), ("r", "val/acc")],
        [("r", "train/loss"), ("r", "val/Loss")],
        [("r", "train/loss"), ("s", "val/loss")],
        [("r", "val_loss")],
        [("r", "val_loss"), ("r", "test_loss")],
        [("r", "train_loss"), ("r", "loss")],
        [("r", "testing"), ("r", "ing"), ("r", "test_"), ("r", "val")],
        [("r", "train/val_loss"), ("r", "loss")],
        [("a/train", "x"), ("b/validation", "x")],
        [("base", "x"), ("test_base", "x"), ("base_test", "x")],
    ],
)
def test_nothing_pairs(series: list[tuple[str, str]]) -> None:
    charts = pair_charts(series)
    assert not any(chart.paired for chart in charts)
    assert sorted(chart.title for chart in charts) == sorted({tag for _, tag in series})
    assert all(member.role == N for chart in charts for member in chart.members)


def test_all_runs_of_a_metric_share_its_chart() -> None:
    series = [("a", "loss"), ("a", "val_loss"), ("b", "loss"), ("b", "lr")]
    assert told(series) == {
        "loss": {("a", "loss"): T, ("a", "val_loss"): V, ("b", "loss"): N},
        "lr": {("b", "lr"): N},
    }


def test_one_of_several_held_out_parts_is_the_validation() -> None:
    series = [("r", "test/x"), ("r", "dev/x"), ("r", "train/x"), ("r", "val/x")]
    assert told(series) == {"x": {("r", "train/x"): T, ("r", "val/x"): V, ("r", "dev/x"): N, ("r", "test/x"): N}}


def test_what_says_training_is_preferred() -> None:
    series = [("r", "x"), ("r", "train/x"), ("r", "val/x")]
    assert told(series) == {
        "train/x + val/x": {("r", "train/x"): T, ("r", "val/x"): V},
        "x": {("r", "x"): N},
    }


def test_of_two_names_for_one_metric_the_plainer() -> None:
    series = [("r", "train/train_loss"), ("r", "train/loss"), ("r", "eval/loss")]
    assert told(series) == {
        "loss": {("r", "train/loss"): T, ("r", "eval/loss"): V},
        "train/train_loss": {("r", "train/train_loss"): N},
    }


def test_order_and_bases() -> None:
    series = [("b/val", "x"), ("a10/val", "x"), ("a9/train", "x"), ("a10/train", "x"), ("b/train", "x"), ("c", "x")]
    (chart,) = pair_charts(series)
    assert [(m.base, m.run) for m in chart.members] == [
        ("a9", "a9/train"),
        ("a10", "a10/train"),
        ("a10", "a10/val"),
        ("b", "b/train"),
        ("b", "b/val"),
        ("c", "c"),
    ]
    assert [m.split for m in chart.members] == ["train", "train", "val", "train", "val", ""]


runs = st.sampled_from([".", "eval", "a", "a/train", "a/val", "a/test", "b_train", "b_val", "b", "train", "c/d"])
tags = st.sampled_from(
    ["x", "train/x", "val/x", "test/x", "x_val", "val_x", "train/train_x", "y", "val/y", "train", "x/dev"]
)


@given(st.lists(st.tuples(runs, tags), max_size=25), st.randoms())
def test_every_series_is_in_one_chart(series: list[tuple[str, str]], shuffler: random.Random) -> None:
    charts = pair_charts(series)
    members = [(m.run, m.tag) for chart in charts for m in chart.members]
    assert sorted(members) == sorted(set(series))
    every_tag = [tag for chart in charts for tag in chart.tags]
    assert len(every_tag) == len(set(every_tag))
    titles = [chart.title for chart in charts]
    assert len(titles) == len(set(titles))
    for chart in charts:
        check_roles(chart)
    again = [*series, *series[:3]]
    shuffler.shuffle(again)
    assert pair_charts(again) == charts


@given(st.lists(st.tuples(runs | st.sampled_from(["d", "e", "f/val", "g/val"]), tags), max_size=40))
def test_typical_runs_stand_for_all(series: list[tuple[str, str]]) -> None:
    tags_of = {run: sorted({tag for other, tag in series if other == run}) for run, _ in series}
    few = pair_charts((run, tag) for run in typical_runs(tags_of) for tag in tags_of[run])
    assert [(one.title, one.tags) for one in few] == [(one.title, one.tags) for one in pair_charts(series)]


def test_of_many_runs_alike_one_is_typical() -> None:
    tags_of = {f"r{number}": ["train/x", "val/x"] for number in range(50)}
    assert len(typical_runs(tags_of)) == 1


def check_roles(chart: PairChart) -> None:
    assert chart.paired or len(chart.tags) == 1
    for base in {m.base for m in chart.members}:
        roles = [m.role for m in chart.members if m.base == base]
        assert roles.count(V) <= 1
        assert (V in roles) == (T in roles)


class Values(NamedTuple):
    steps: np.ndarray
    values: np.ndarray


def points(*pairs: tuple[int, float]) -> Values:
    return Values(np.array([p[0] for p in pairs], np.int64), np.array([p[1] for p in pairs], np.float32))


def test_the_best_validation() -> None:
    validation = points((10, 0.5), (20, 0.25), (30, 0.25), (40, math.nan))
    train = points((5, 0.75), (19, 0.125), (20, math.nan), (21, 9.0))
    assert best_validation(validation, train, "down") == (20, 0.25, 0.125, 0.125)
    assert best_validation(validation, train, "up") == (10, 0.5, 0.75, -0.25)
    assert best_validation(validation, None, "up") == (10, 0.5, None, None)
    assert best_validation(validation, points((11, 1.0)), "up") == (10, 0.5, None, None)
    assert best_validation(points((1, math.nan)), train, "up") is None
    assert best_validation(points(), train, "up") is None


def test_partners_were_measured_of_the_same_training() -> None:
    series = (("a/train", "w"), ("a/validation", "w"), ("b/train", "w"), ("b/eval", "w"), ("c", "w"), ("d", "train/x"),
              ("d", "val/x"))  # fmt: skip
    found = partners(series)
    assert found["a/train", "w"] == ("a/validation", "w")
    assert found["a/validation", "w"] == ("a/train", "w")
    assert found["b/eval", "w"] == ("b/train", "w")
    assert found["d", "train/x"] == ("d", "val/x")
    assert ("c", "w") not in found
    assert partners((("a", "w"), ("b", "w"))) == {}
