"""Filter lines that choose runs by what they hold."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.filters import compile_filter
from tbtui.analysis.runfilter import compile_run_filter


@dataclass
class FakeRun:
    name: str
    kept_state: str = "ended"
    kept_age: float | None = None
    kept_step: int | None = None
    kept_hparams: dict[str, Any] = field(default_factory=dict)
    scalars: dict[str, list[float]] = field(default_factory=dict)
    words: tuple[str, ...] = ()
    written: str = ""
    asked: list[str] = field(default_factory=list)

    def state(self) -> str:
        self.asked.append("state")
        return self.kept_state

    def age(self) -> float | None:
        self.asked.append("age")
        return self.kept_age

    def last_step(self) -> int | None:
        self.asked.append("step")
        return self.kept_step

    def hparams(self) -> Mapping[str, Any]:
        self.asked.append("hparams")
        return self.kept_hparams

    def tags(self) -> Iterable[str]:
        self.asked.append("tags")
        return self.scalars

    def hashtags(self) -> Iterable[str]:
        self.asked.append("hashtags")
        return self.words

    def note(self) -> str:
        self.asked.append("notes")
        return self.written

    def value(self, tag: str, which: str) -> float | None:
        self.asked.append(f"{which}({tag})")
        values = self.scalars.get(tag)
        return None if not values else values[-1] if which == "last" else {"min": min, "max": max}[which](values)


def runs() -> list[FakeRun]:
    return [
        FakeRun("a/lr=0.1", "live", 10.0, 5_000, {"lr": 0.1, "opt": "Adam", "aug": True}, {"val/acc": [0.9, 0.75]}),
        FakeRun(
            "b", "stalled", 4_000.0, 20_000, {"LR": "1e-3", "opt": "sgd"}, {"val/acc": [0.5, 0.85], "my loss": [2.0]}
        ),
        FakeRun("c", "ended", 90_000.0, 50, {"lr": 1, "opt": None}, {"loss": [3.0, math.nan], "step": [7.0]}),
        FakeRun("d", words=("Best", "lr-sweep"), written="Diverged after a restart"),
    ]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("", "abcd"),
        ("a | b", "ab"),
        ("lr=0.1", "a"),
        ("=", "a"),
        ("/^[bc]$/", "bc"),
        ("hp.lr>=1e-3", "abc"),
        ("hp.lr>1e-3", "ac"),
        ("hp.lr = 1", "c"),
        ("hp.lr!=1", "ab"),
        ("!hp.lr>1e-3", "bd"),
        ("hp.opt==adam", "a"),
        ("hp.opt=s*", "b"),
        ('hp.opt!="adam"', "bc"),
        ("hp.opt=none", "c"),
        ("hp.aug=true", "a"),
        ("hp.aug==1", ""),
        ("hp.opt>3", ""),
        ("hp.missing!=3", ""),
        ("val/acc>0.8", "b"),
        ("val/acc > 0.8", "b"),
        ("val/acc<=0.75", "a"),
        ("val/acc==.75", "a"),
        ("max(val/acc)>0.8", "ab"),
        ("best(val/acc)>=0.9", "a"),
        ("min( val/acc )<0.6", "b"),
        ("LAST(val/acc)<0.8", "a"),
        ('"my loss">1', "b"),
        ('max("my loss")==2', "b"),
        ('"step"==7', "c"),
        ("last(step)==7", "c"),
        ("loss>0", ""),
        ("loss!=3", "c"),
        ("loss==nan", "c"),
        ("step>10k", "b"),
        ("step>=5k", "ab"),
        ("step<1", ""),
        ("age<1h", "a"),
        ("age<1h30m", "ab"),
        ("age > 1d", "c"),
        ("age<30", "a"),
        ("state:live", "a"),
        ("state:s", "b"),
        ("!state:ended", "ab"),
        ("tag:loss", "bc"),
        ("tag:val/*", "ab"),
        ("hp:l", "abc"),
        ("#best", "d"),
        ("#b", "d"),
        ("#est", ""),
        ("#*sweep", "d"),
        ("!#best", "abc"),
        ("#", "abcd"),
        ("#lr | b", "bd"),
        ("note:diverged", "d"),
        ("note:d*restart", "d"),
        ("note:", "abcd"),
        ("!note:after", "abc"),
        ("hp:au?", "a"),
        ("b val/acc>0.8", "b"),
        ("val/acc>0.8 | c", "bc"),
        ("val/acc>0.8|c", "bc"),
        ("val/acc>0 step>10k | state:e hp:lr", "bc"),
        ("val/acc>", "abcd"),
        ("c val/acc>", "c"),
        ("val/acc>-", "abcd"),
        ("val/acc>1e-", "abcd"),
        ("state:", "abcd"),
        ("hp.lr=", "abcd"),
        ("!", "abcd"),
    ],
)
def test_lines(line: str, expected: str) -> None:
    found = compile_run_filter(line)
    assert found.error is None
    assert "".join(run.name[0] for run in runs() if found.matches(run)) == expected


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("val/acc>x", "x is no number"),
        ("age<soon", "no span of time"),
        ("state:happy", "no state is called happy"),
        ("median(x)>1", "no value is called median"),
        ("best(whatever)>1", "rise or fall"),
        ("a | /(/", "regular expression"),
    ],
)
def test_faults_are_told(line: str, words: str) -> None:
    found = compile_run_filter(line)
    assert words in (found.error or "")
    assert not any(found.matches(run) for run in runs())


def test_float32_equals_what_was_typed() -> None:
    run = FakeRun("x", scalars={"acc": [float(np.float32(0.9))]})
    for line in ("acc>=0.9", "acc<=0.9", "acc==0.9"):
        assert compile_run_filter(line).matches(run)
    for line in ("acc>0.9", "acc<0.9", "acc!=0.9"):
        assert not compile_run_filter(line).matches(run)


def test_only_what_is_named_is_asked() -> None:
    for line, asked, needs in [
        ("x y", [], set()),
        ("nothing val/acc>1", [], {"values"}),
        ("a val/acc>1", ["last(val/acc)"], {"values"}),
        ("age<1m", ["age"], {"age"}),
    ]:
        run = runs()[0]
        found = compile_run_filter(line)
        found.matches(run)
        assert (run.asked, found.needs) == (asked, needs)


names = st.text("ab/.1", max_size=6)


@given(st.text("ab/|!*?[]()\\ .^$+1", max_size=12), names)
def test_without_comparisons_it_is_the_filter_of_names(line: str, name: str) -> None:
    plain, rich = compile_filter(line), compile_run_filter(line)
    assert (plain.error is None) == (rich.error is None)
    assert plain.matches(name) == rich.matches(FakeRun(name))
    assert plain.empty == rich.empty


pieces = st.sampled_from(
    ["hp.", "lr", "step", "age", "state:", "tag:", "hp:", "max(", "best(", ")", '"', ">", "=", "<", "!"]
)
more = st.sampled_from([" ", "|", "1e-3", "10k", "1h", "/", "a", "*", "-", "nan", "==", '"'])


@given(st.lists(pieces | more, max_size=10))
def test_nothing_that_can_be_typed_raises(parts: list[str]) -> None:
    line = "".join(parts)
    found = compile_run_filter(line)
    assert found.text == line
    for run in runs():
        assert found.matches(run) in (True, False)
        assert found.error is None or not found.matches(run)


@given(
    st.floats(allow_nan=False, allow_infinity=False), st.floats(), st.sampled_from([">", ">=", "<", "<=", "==", "!="])
)
def test_comparisons(wanted: float, value: float, op: str) -> None:
    run = FakeRun("x", scalars={"v": [value]})
    same = value == wanted or (math.isfinite(value) and abs(value - wanted) <= 1e-7 * max(abs(value), abs(wanted)))
    expected = {">": value > wanted and not same, "<": value < wanted and not same, "==": same, "!=": not same}
    expected |= {">=": expected[">"] or same, "<=": expected["<"] or same}
    assert compile_run_filter(f"v{op}{wanted!r}").matches(run) == expected[op]
