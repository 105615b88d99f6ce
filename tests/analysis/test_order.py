"""TensorBoard's order of names."""

from __future__ import annotations

import re
from functools import cmp_to_key

from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.order import distinct_parts, natural_key, tag_group


def ordered(names: list[str]) -> list[str]:
    return sorted(names, key=natural_key)


def test_numbers_compare_as_numbers() -> None:
    assert ordered(["l10", "l2", "l1"]) == ["l1", "l2", "l10"]
    assert ordered(["lr1e-3", "lr1e-10", "lr0.5"]) == ["lr1e-10", "lr1e-3", "lr0.5"]
    assert ordered(["v2.5", "v2.25", "v10"]) == ["v2.25", "v2.5", "v10"]


def test_slash_and_numbers_come_before_letters() -> None:
    assert ordered(["ab", "a/b", "a1", "a", "a-b"]) == ["a", "a/b", "a1", "a-b", "ab"]
    assert ordered(["train_loss", "train/loss", "train"]) == ["train", "train/loss", "train_loss"]


def test_same_number_written_differently() -> None:
    assert ordered(["a01", "a1", "a1.0"]) == ordered(["a1.0", "a1", "a01"])


def compare_by_rule(one: str, two: str) -> int:
    """The rule, character by character: the end first, then "/", then numbers by value, then letters by code."""
    while one and two:
        numbers = [re.match(r"[0-9]+", text) for text in (one, two)]
        if numbers[0] and numbers[1]:
            left, right = int(numbers[0][0]), int(numbers[1][0])
            if left != right:
                return -1 if left < right else 1
            one, two = one[numbers[0].end() :], two[numbers[1].end() :]
            continue
        ranks = [(0, "") if t[0] == "/" else (1, "") if t[0] in "0123456789" else (2, t[0]) for t in (one, two)]
        if ranks[0] != ranks[1]:
            return -1 if ranks[0] < ranks[1] else 1
        one, two = one[1:], two[1:]
    return bool(one) - bool(two)


@given(st.lists(st.text("abz-_/0129", max_size=8), max_size=12, unique_by=lambda s: re.sub(r"0+([0-9])", r"\1", s)))
def test_equals_the_rule(names: list[str]) -> None:
    assert ordered(names) == sorted(sorted(names), key=cmp_to_key(compare_by_rule))


@given(st.lists(st.text(), max_size=10))
def test_any_names_can_be_ordered(names: list[str]) -> None:
    assert sorted(ordered(names)) == sorted(names)


def test_groups() -> None:
    assert [tag_group(tag) for tag in ("loss", "train/loss", "a/b/c", "/x", "")] == ["loss", "train", "a", "", ""]


def test_distinct_parts() -> None:
    assert distinct_parts(["train/loss", "val/loss"]) == ["train", "val"]
    assert distinct_parts(["acc/low", "acc/high"]) == ["low", "high"]
    assert distinct_parts(["a/x/loss", "a/y/deep/loss"]) == ["x", "y/deep"]
    assert distinct_parts(["loss", "train/loss"]) == ["loss", "train/loss"]
    assert distinct_parts(["loss", "lr"]) == ["loss", "lr"]
    assert distinct_parts(["train/loss"]) == ["train/loss"]
    assert distinct_parts([]) == []
