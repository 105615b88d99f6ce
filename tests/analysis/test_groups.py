"""Groups of seeds."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.groups import Grouping, group_by_hparams, group_by_parent, group_by_regex, is_seed

RUNS = ["b/seed10", "b/seed9", "a/seed1", "a/seed2", "other"]


def told(grouping: Grouping) -> dict[str, tuple[str, ...]]:
    assert grouping.error is None
    return {group.title: group.runs for group in grouping.groups}


def test_by_what_is_captured() -> None:
    grouping = group_by_regex(RUNS, r"^(.*)/SEED\d+")
    assert told(grouping) == {"a": ("a/seed1", "a/seed2"), "b": ("b/seed9", "b/seed10")}
    assert grouping.rest == ("other",)
    two = group_by_regex(["lr1_bs2_s3", "lr1_bs2_s4", "lr1_bs9_s3"], r"(lr\d+)_(bs\d+)")
    assert told(two) == {"lr1, bs2": ("lr1_bs2_s3", "lr1_bs2_s4"), "lr1, bs9": ("lr1_bs9_s3",)}


def test_captures_that_took_no_part() -> None:
    grouping = group_by_regex(["x1", "y1", "z"], r"(x)|(y)|z")
    assert told(grouping) == {"x": ("x1",), "y": ("y1",), "(nothing)": ("z",)}


def test_without_captures_the_match() -> None:
    assert told(group_by_regex(RUNS, "seed1")) == {"seed1": ("a/seed1", "b/seed10")}


def test_a_faulty_expression() -> None:
    grouping = group_by_regex(RUNS, "(")
    assert grouping.groups == ()
    assert set(grouping.rest) == set(RUNS)
    assert "regular expression" in (grouping.error or "")


def test_by_parent() -> None:
    grouping = group_by_parent([*RUNS, ".", "b/c/x"])
    assert told(grouping) == {"a": ("a/seed1", "a/seed2"), "b": ("b/seed9", "b/seed10"), "b/c": ("b/c/x",)}
    assert grouping.rest == (".", "other")


def test_by_hyperparameters() -> None:
    hparams = {
        "r1": {"lr": 0.1, "seed": 1, "opt": "adam"},
        "r2": {"lr": 0.1, "seed": 2, "opt": "adam"},
        "r3": {"lr": 1, "seed": 1, "opt": "adam"},
        "r4": {"lr": 1.0, "train.seed": 7, "opt": "adam", "run_name": "x"},
        "r5": {},
    }
    grouping = group_by_hparams(hparams, ["r6", "r5", "r4", "r3", "r2", "r1"], ignore=["run_name"])
    assert told(grouping) == {"lr=0.1": ("r1", "r2"), "lr=1": ("r3", "r4")}
    assert grouping.rest == ("r5", "r6")


def test_what_is_unset_is_a_difference() -> None:
    hparams = {"a": {"lr": 1, "x": None}, "b": {"lr": 1}, "c": {"lr": 1, "x": True}, "d": {"lr": 1, "x": 1}}
    assert len(group_by_hparams(hparams, "abcd").groups) == 4
    same = group_by_hparams({"a": {"lr": 1}, "b": {"lr": 1}}, "ab")
    assert told(same) == {"same hyperparameters": ("a", "b")}


def test_seeds() -> None:
    assert all(map(is_seed, ("seed", "SEED", "random_seed", "data/seed", "train.rng_seed", "torch_seed")))
    assert not any(map(is_seed, ("lr", "seeds_per_row", "depth")))


names = st.lists(st.text("ab1/s", max_size=5), max_size=10)


@given(names, st.sampled_from([r"(a)?b", r"s\d", r"(.*)/", "", r"(a)(b)|1"]), st.randoms())
def test_every_run_is_in_one_place(runs: list[str], pattern: str, shuffler: random.Random) -> None:
    for rule in (lambda some: group_by_regex(some, pattern), group_by_parent):
        grouping = rule(runs)
        members = [run for group in grouping.groups for run in group.runs]
        assert sorted([*members, *grouping.rest]) == sorted(set(runs))
        assert len({group.key for group in grouping.groups}) == len(grouping.groups)
        shuffled = list(runs)
        shuffler.shuffle(shuffled)
        assert rule(shuffled) == grouping
