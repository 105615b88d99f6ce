"""Filter lines."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.filters import compile_filter

NAMES = ["loss", "train/loss", "val/acc", "Val/Loss", "bias", "a|b", "layer 1", "l[0]"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", NAMES),
        ("   ", NAMES),
        ("LOSS", ["loss", "train/loss", "Val/Loss"]),
        ("loss val", ["Val/Loss"]),
        ("val loss", ["Val/Loss"]),
        ("train | acc", ["train/loss", "val/acc"]),
        ("train|acc", ["train/loss", "val/acc"]),
        ("loss !val | bias", ["loss", "train/loss", "bias"]),
        ("!a", ["loss", "l[0]"]),
        ("*/loss", ["train/loss", "Val/Loss"]),
        ("l??s", ["loss"]),
        ("!*/*", ["loss", "bias", "a|b", "layer 1", "l[0]"]),
        ("/^loss$/", ["loss"]),
        ("/^(loss|bias)$/", ["loss", "bias"]),
        ("/train/loss/", ["train/loss"]),
        ("/r 1/", ["layer 1"]),
        ("!/loss/ acc", ["val/acc"]),
        ("/^l/ | /c$/", ["loss", "val/acc", "layer 1", "l[0]"]),
        ("/lo", ["train/loss", "Val/Loss"]),
        ("[0]", ["l[0]"]),
        ("l[*", ["l[0]"]),
        ("!", NAMES),
        ("| |", NAMES),
        ("bias |", ["bias"]),
    ],
)
def test_lines(line: str, expected: list[str]) -> None:
    found = compile_filter(line)
    assert found.error is None
    assert [name for name in NAMES if found.matches(name)] == expected


def test_empty_says_so() -> None:
    assert compile_filter(" ").empty
    assert not compile_filter("x").empty


def test_a_faulty_regex_matches_nothing_and_says_why() -> None:
    found = compile_filter("/(/ | loss")
    assert found.error is not None
    assert "regular expression" in found.error
    assert not any(found.matches(name) for name in NAMES)


@given(st.text("ab/|!*?[]()\\ .^$+", max_size=12), st.text("ab/|\\ ", max_size=8))
def test_nothing_that_can_be_typed_raises(line: str, name: str) -> None:
    found = compile_filter(line)
    assert found.matches(name) in (True, False)
    assert found.text == line


@given(st.text(st.characters(exclude_characters="|!*?/", exclude_categories=["Z", "C"]), min_size=1), st.text())
def test_a_plain_word_is_found_anywhere(word: str, rest: str) -> None:
    assert compile_filter(word).matches(rest + word + rest)
    assert not compile_filter("!" + word).matches(rest + word)
