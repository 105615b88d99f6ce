"""The verdict on input and the advice, at and beside their bounds."""

from __future__ import annotations

import pytest

from tbtui.profiles.advice import further_advice, input_verdict
from tbtui.profiles.kernels import KernelRow
from tbtui.profiles.steps import Step

US = 1_000_000


@pytest.mark.parametrize(
    ("share", "words"),
    [(200, "highly"), (199, "moderately"), (50, "moderately"), (49, "not"), (0, "not")],
)
@pytest.mark.parametrize("category", ["data loader", "input"])
def test_verdict_on_input(category: str, share: int, words: str) -> None:
    """In one form, whoever wrote the capture: the verdict, its figure, its rule, what to try."""
    verdict = input_verdict({category: share, "kernel": 1000 - share, "other": 0})
    assert verdict is not None
    assert verdict.bound == (words != "not")
    told, _, remedy = verdict.sentence.partition("; ")
    assert told == (
        f"{words} input bound: {share / 10:.1f}% of the steps' time waits for input "
        "(20% or more is high, 5% or more moderate)"
    )
    assert remedy.startswith("try ") == verdict.bound


def test_no_steps_no_verdict() -> None:
    assert input_verdict({}) is None


def steps(*durations: int) -> list[Step]:
    return [Step(f"step {n}", 0, each, {}, 0, 0) for n, each in enumerate(durations)]


def kernel(name: str, calls: int, total: int) -> KernelRow:
    return KernelRow(name, "", calls, total, 1, 1, (), (), None, None, None, None)


def test_advice_names_its_number_and_its_bound() -> None:
    assert further_advice({"kernel": 86, "runtime": 14}, steps(10, 10, 10), [kernel("hmma", 1, 100 * US)]) == []
    launch = further_advice({"kernel": 85, "runtime": 15}, [], [])
    assert "15% of the steps' time is spent launching" in launch[0]
    assert "copies take 11%" in further_advice({"kernel": 89, "memcpy": 11}, [], [])[0]
    assert "step 2 took 1.6 times" in further_advice({}, steps(10, 10, 16), [])[0]
    assert further_advice({}, steps(10, 10, 15), []) == []


def test_advice_on_kernels() -> None:
    plain = further_advice({}, [], [kernel("gemm", 10, 91 * US), kernel("hmma", 1, 9 * US)])
    assert ["tensor cores take 9% of the kernels' time" in one for one in plain] == [True]
    short = further_advice({}, steps(10, 10), [kernel("hmma", 1200, 6000 * US)])
    assert "launches 600 kernels of 5.0 µs on average (less than 10)" in short[0]
    assert further_advice({}, steps(10, 10), [kernel("hmma", 1000, 5000 * US)]) == []
