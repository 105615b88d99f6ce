"""What is typed to choose runs: the language of `analysis.filters` for their names, and comparisons of what they hold.

``hp.lr>=1e-3``        a hyperparameter; ``hp.optimizer==adam`` compares words, cases alike, globs allowed
``val/acc>0.8``        the last value of a scalar tag; ``"my tag">1`` where the tag has spaces or is a word of this list
``min(val/loss)<0.1``  its smallest finite value; also ``max(...)``, ``last(...)`` and ``best(...)``, which is the one
                       of both that the metric's goal asks for, as the user changed it or as its name says
``step>10k``           the run's last step; ``k``, ``M`` and ``G`` stand for thousands, millions and billions
``age<1h``             how long ago it was written last: ``s``, ``m``, ``h``, ``d``, ``1h30m``; else seconds
``state:live``         how it is; the beginning of the word is enough
``tag:loss``           it has a scalar tag that holds the word, or matches the glob
``hp:lr``              it has a hyperparameter that holds the word, or matches the glob
``#best``              one of the hashtags that the user gave it begins so, or matches the glob
``note:word``          the user's note to it holds the word, or matches the glob

``>``, ``>=``, ``<``, ``<=``, ``==`` and ``!=`` compare; a single ``=`` does after ``hp.``, ``step`` and ``age``, for
names of runs are full of it (``lr=0.1``). Spaces around them may stand. Numbers are equal when they agree in seven
digits, as far as float32 goes. Comparisons combine with words as words do: ``resnet val/acc>0.8 | !state:ended``. A run
that lacks what is compared is not meant. A comparison whose right side is still being typed is passed over.
"""

from __future__ import annotations

import math
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol, get_args

from tbtui.analysis.filters import Test, glob_pattern, next_token, token_test
from tbtui.analysis.goals import Goal, guess_goal
from tbtui.analysis.health import State

__all__ = ["Extreme", "RunFacts", "RunFilter", "compile_run_filter"]

Extreme = Literal["last", "min", "max"]

STATES: tuple[str, ...] = (*get_args(State), "gone")


class RunFacts(Protocol):
    """What a filter may ask of a run. Nothing is asked but what the line names."""

    @property
    def name(self) -> str:
        """The run's name."""

    def state(self) -> str:
        """One of `STATES`."""

    def age(self) -> float | None:
        """Seconds since its newest value; None without one."""

    def last_step(self) -> int | None:
        """The step of its newest value."""

    def hparams(self) -> Mapping[str, Any]:
        """Its hyperparameters; empty without any."""

    def tags(self) -> Iterable[str]:
        """Its scalar tags."""

    def hashtags(self) -> Iterable[str]:
        """The hashtags that the user gave it, without their `#`."""

    def note(self) -> str:
        """What the user wrote about it; "" for nothing."""

    def value(self, tag: str, which: Extreme) -> float | None:
        """The last value of a scalar tag, or its smallest or largest finite one; None where there is none."""


RunTest = Callable[[RunFacts], bool]


@dataclass(frozen=True)
class RunFilter:
    """A compiled filter: `matches` tests one run.

    `error` is a sentence about what can't be understood (such a filter matches nothing), or None. `text` is what was
    typed; `empty` says that everything matches; `needs` names what beside names is looked at: "state", "age", "step",
    "hparams", "tags", "hashtags", "notes", "values" — a filter that needs nothing holds as long as the names do.
    """

    text: str
    matches: RunTest
    error: str | None = None
    empty: bool = False
    needs: frozenset[str] = frozenset()


class _Fault(ValueError):
    """What is wrong with a line, in words."""


_COMPARISON = re.compile(
    r"""\s*(?P<not>!)?
    (?:(?P<function>[A-Za-z]+)\((?P<inner>\s*"[^"]*"\s*|[^"()<>=!|]+)\)|(?P<key>"[^"]*"|[^\s|"<>=!/][^\s|"<>=!]*))
    \s*(?P<op>>=|<=|==|!=|=|>|<)
    \s*(?P<value>"[^"]*"|[^\s|]*)""",
    re.VERBOSE,
)
_KEYWORD = re.compile(r"(?P<key>state|tag|hp|note):(?P<word>.*)", re.IGNORECASE | re.DOTALL)
_NUMBER = re.compile(r"(?P<number>[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?)(?P<unit>[kMGT]?)", re.IGNORECASE)
_UNITS = {"": 1.0, "k": 1e3, "m": 1e6, "g": 1e9, "t": 1e12}
_SPAN = re.compile(r"(\d+\.?\d*|\.\d+)(s|m|h|d|w)")
_SECONDS = {"s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0, "w": 7 * 86400.0}
_HALF_TYPED = re.compile(r"[+-]?\.?|[+-]?[\d.]+e[+-]?", re.IGNORECASE)
_PRECISION = 1e-7
"""float32 rounds a number by less than this share of it."""


@lru_cache(maxsize=64)
def compile_run_filter(text: str, goals: tuple[tuple[str, Goal], ...] = ()) -> RunFilter:
    """Read a filter line (see the module's description). Never raises: a faulty line has its `error` set.

    goals: (tag, goal) of the metrics whose goal is not the one that their name says.
    """
    goal_of = dict(goals)
    alternatives: list[list[RunTest]] = [[]]
    needs: set[str] = set()
    position = 0
    try:
        while True:
            comparison = _COMPARISON.match(text, position)
            if comparison is not None and _is_meant(comparison):
                position = comparison.end()
                test = _comparison_test(comparison, needs, goal_of)
            else:
                token = next_token(text, position)
                if token is None:
                    break
                position = token.end()
                if token["or"]:
                    alternatives.append([])
                    continue
                comparison, test = token, _word_test(token, needs)
            if test is not None:
                alternatives[-1].append(_negated(test) if comparison["not"] else test)
    except re.error as error:
        return RunFilter(text, _nothing, f"not a regular expression: {error}")
    except _Fault as fault:
        return RunFilter(text, _nothing, str(fault))
    wanted = [tests for tests in alternatives if tests]
    if not wanted:
        return RunFilter(text, _everything, empty=True)
    return RunFilter(
        text, lambda run: any(all(test(run) for test in tests) for tests in wanted), None, False, frozenset(needs)
    )


def _everything(_run: RunFacts) -> bool:
    return True


def _nothing(_run: RunFacts) -> bool:
    return False


def _negated(test: RunTest) -> RunTest:
    return lambda run: not test(run)


def _is_meant(match: re.Match[str]) -> bool:
    """Whether this is a comparison, and not a name that has a `=` in it."""
    if match["op"] != "=":
        return True
    key = match["key"]
    return key is None or key.lower().startswith("hp.") or key.lower() in ("step", "age") or key.startswith('"')


def _word_test(token: re.Match[str], needs: set[str]) -> RunTest | None:
    """Of a word, a glob or a regular expression: the name is tested, unless it begins with a keyword and a colon."""
    keyword = _KEYWORD.fullmatch(token["word"]) if token["word"] else None
    if keyword is not None:
        return _keyword_test(keyword["key"].lower(), keyword["word"], needs)
    if token["word"] and token["word"][0] == "#":
        return _hashtag_test(token["word"][1:], needs)
    test = token_test(token)
    if test is None:
        return None
    plain: Test = test
    return lambda run: plain(run.name)


def _keyword_test(key: str, word: str, needs: set[str]) -> RunTest | None:
    if not word:
        return None
    if key == "state":
        meant = frozenset(state for state in STATES if state.startswith(word.lower()))
        if not meant:
            raise _Fault(f"no state is called {word}: there are {', '.join(STATES)}")
        needs.add("state")
        return lambda run: run.state() in meant
    test = _name_test(word)
    if key == "note":
        needs.add("notes")
        return lambda run: test(run.note())
    if key == "tag":
        needs.add("tags")
        return lambda run: any(test(tag) for tag in run.tags())
    needs.add("hparams")
    return lambda run: any(test(name) for name in run.hparams())


def _hashtag_test(word: str, needs: set[str]) -> RunTest | None:
    """Nothing is tested before the first letter is typed."""
    if not word:
        return None
    needs.add("hashtags")
    pattern = glob_pattern(word if "*" in word or "?" in word else f"{word}*")
    return lambda run: any(pattern.fullmatch(hashtag) for hashtag in run.hashtags())


def _name_test(word: str) -> Test:
    if "*" in word or "?" in word:
        pattern = glob_pattern(word)
        return lambda name: pattern.fullmatch(name) is not None
    folded = word.casefold()
    return lambda name: folded in name.casefold()


def _comparison_test(match: re.Match[str], needs: set[str], goals: Mapping[str, Goal]) -> RunTest | None:
    key, op, typed = match["key"] or "", match["op"], match["value"]
    if not typed:
        return None
    compare = _comparing(op)
    if key.lower().startswith("hp."):
        return _hparam_test(key[3:], op, typed, needs)
    if key.lower() == "age":
        seconds = _seconds(typed)
        needs.add("age")
        return None if seconds is None else lambda run: _holds(compare, run.age(), seconds)
    number = _number(typed, match[0].strip())
    if number is None:
        return None
    wanted: float = number
    if key.lower() == "step":
        needs.add("step")
        return lambda run: _holds(compare, run.last_step(), wanted)
    tag, which = _quantity(match, goals)
    needs.add("values")
    return lambda run: _holds(compare, run.value(tag, which), wanted)


def _quantity(match: re.Match[str], goals: Mapping[str, Goal]) -> tuple[str, Extreme]:
    """The tag, and which of its values is compared."""
    function = (match["function"] or "last").lower()
    tag = (match["inner"] or match["key"]).strip().strip('"')
    if function == "best":
        goal = _goal_of(tag, goals)
        if goal is None:
            raise _Fault(f"it is not known whether {tag} should rise or fall: say min({tag}) or max({tag})")
        return tag, "max" if goal == "up" else "min"
    if function not in get_args(Extreme):
        raise _Fault(f"no value is called {function}({tag}): there are last, min, max and best")
    return tag, function  # type: ignore[return-value]  # one of the three, as was just seen


def _goal_of(tag: str, goals: Mapping[str, Goal]) -> Goal | None:
    """That of the tag, or of one tag whose end was typed, as tags are looked up too."""
    ends = [goal for name, goal in goals.items() if name.endswith(f"/{tag}")]
    return goals.get(tag) or next(iter(ends), None) or guess_goal(tag)


def _hparam_test(name: str, op: str, typed: str, needs: set[str]) -> RunTest:
    needs.add("hparams")
    number, compare = _number_of(typed), _comparing(op)
    pattern = glob_pattern(typed.strip('"'))
    folded = name.casefold()

    def test(run: RunFacts) -> bool:
        hparams = run.hparams()
        if name in hparams:
            value = hparams[name]
        else:
            found = [one for one in hparams if one.casefold() == folded]
            if not found:
                return False
            value = hparams[found[0]]
        known = None if isinstance(value, bool) or number is None else _number_of(value)
        if known is not None and number is not None:
            return compare(known, number)
        same = pattern.fullmatch(_word_of(value)) is not None
        return same if op in ("=", "==") else not same if op == "!=" else False

    return test


def _word_of(value: Any) -> str:
    return "none" if value is None else str(value)


def _number_of(value: Any) -> float | None:
    """A number, or text that is one; None for anything else."""
    if isinstance(value, int | float):
        return float(value)
    match = _NUMBER.fullmatch(value.strip()) if isinstance(value, str) else None
    return None if match is None else float(match["number"]) * _UNITS[match["unit"].lower()]


def _number(typed: str, whole: str) -> float | None:
    """The right side of a comparison; None while it is being typed. Raises _Fault."""
    match = _NUMBER.fullmatch(typed)
    if match is not None:
        return float(match["number"]) * _UNITS[match["unit"].lower()]
    if _HALF_TYPED.fullmatch(typed):
        return None
    if typed.lower().lstrip("+-") in ("inf", "nan"):
        return float(typed)
    raise _Fault(f"{typed} is no number, in {whole}")


def _seconds(typed: str) -> float | None:
    """A span of time in seconds; None while it is being typed. Raises _Fault."""
    parts = _SPAN.findall(typed.lower())
    if parts and "".join(number + unit for number, unit in parts) == typed.lower():
        return sum(float(number) * _SECONDS[unit] for number, unit in parts)
    try:
        return float(typed)
    except ValueError:
        if typed == ".":
            return None
        raise _Fault(f"{typed} is no span of time: say 30s, 5m, 1h or 2d") from None


def _holds(compare: Callable[[float, float], bool], value: float | None, wanted: float) -> bool:
    return value is not None and compare(value, wanted)


def _comparing(op: str) -> Callable[[float, float], bool]:
    """A comparison to which numbers that agree in seven digits are equal. NaN equals NaN, and nothing else."""
    exact: Callable[[float, float], bool] = {
        ">": operator.gt,
        ">=": operator.gt,
        "<": operator.lt,
        "<=": operator.lt,
    }.get(op, lambda _one, _other: False)
    with_equal = op in (">=", "<=", "=", "==")

    def compare(one: float, other: float) -> bool:
        equal = one == other or math.isclose(one, other, rel_tol=_PRECISION) or (one != one and other != other)
        if op == "!=":
            return not equal
        return with_equal if equal else exact(one, other)

    return compare
