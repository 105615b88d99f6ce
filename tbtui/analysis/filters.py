"""What is typed into a filter line, made into a test for names.

``loss val``      names that hold both words, in any order; upper and lower case are alike
``loss | acc``    names that hold one or the other
``!bias``         names that do not hold it
``*/loss``        ``*`` stands for anything, ``?`` for one character; such a word must match the whole name
``/^loss[0-9]/``  a regular expression, found anywhere in the name; upper and lower case are alike

Runs are also chosen by what they hold: see `analysis.runfilter`, which reads the same language and more.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache

__all__ = ["Filter", "Sieve", "Test", "compile_filter", "glob_pattern", "next_token", "token_test"]

Test = Callable[[str], bool]
"""Whether a name is meant."""

_TOKEN = re.compile(
    r"""\s*(?:
        (?P<or>\|)
      | !(?=\s|\||$)                                # its word is still being typed
      | (?P<not>!)?(?:
            /(?P<regex>(?:\\.|[^\\])+?)/(?=\s|\||$)   # ends at the first slash that ends a word
          | (?P<word>[^\s|]+)
        )
    )""",
    re.VERBOSE | re.DOTALL,
)


@dataclass(frozen=True)
class Filter:
    """A compiled filter.

    `matches` tests one name. `error` is a sentence about what can't be understood (such a filter matches nothing, as
    in TensorBoard), or None. `text` is what was typed; `empty` says that everything matches.
    """

    text: str
    matches: Test
    error: str | None = None
    empty: bool = False
    words: tuple[str, ...] | None = None
    """The words that a name has to hold, where that is all there is to it; None where it is more."""


def _everything(_name: str) -> bool:
    return True


def _nothing(_name: str) -> bool:
    return False


@lru_cache(maxsize=64)
def compile_filter(text: str) -> Filter:
    """Read a filter line (see the module's description). Never raises: a faulty line has its `error` set."""
    alternatives: list[list[Test]] = [[]]
    words: list[str] | None = []
    for match in _TOKEN.finditer(text):
        if words is not None and is_plain(match):
            words.append(match["word"].casefold())
        else:
            words = None
        if match["or"]:
            alternatives.append([])
            continue
        try:
            test = token_test(match)
        except re.error as error:
            return Filter(text, _nothing, f"not a regular expression: {error}")
        if test is not None:
            alternatives[-1].append(_negated(test) if match["not"] else test)
    wanted = [tests for tests in alternatives if tests]
    if not wanted:
        return Filter(text, _everything, empty=True)
    held = None if words is None else tuple(words)
    if len(wanted) == 1 and len(wanted[0]) == 1:
        return Filter(text, wanted[0][0], words=held)
    return Filter(text, lambda name: any(all(test(name) for test in tests) for tests in wanted), words=held)


class Sieve:
    """Filters the same many names again and again, as somebody types: what was sifted out is not looked at again."""

    def __init__(self) -> None:
        self._names: Sequence[str] = ()
        self._words: tuple[str, ...] = ()
        self._kept: Sequence[str] = ()

    def keep(self, names: Sequence[str], wanted: Filter) -> Sequence[str]:
        """The names that match, in their order; the same object where the filter is empty."""
        if wanted.empty:
            return names
        if wanted.words is None:
            return [name for name in names if wanted.matches(name)]
        kept, words = names, wanted.words
        if names is self._names and all(any(old in new for new in words) for old in self._words):
            kept, words = self._kept, tuple(word for word in words if word not in self._words)
        for word in words:
            kept = [name for name in kept if word in name.casefold()]
        self._names, self._words, self._kept = names, wanted.words, kept
        return kept


def is_plain(match: re.Match[str]) -> bool:
    """Whether a token is a word that a name has to hold, and nothing else."""
    return bool(match["word"]) and not match["not"] and not set(match["word"]) & set("*?")


def next_token(text: str, start: int) -> re.Match[str] | None:
    """The next `|`, word, glob or regular expression, with the `!` before it; None at the end of the line."""
    return _TOKEN.search(text, start)


def token_test(match: re.Match[str]) -> Test | None:
    """The test that a token asks for, without its `!`; None for a `!` alone. Raises re.error."""
    if match["regex"] is not None:
        return _regex_test(match["regex"])
    word = match["word"]
    if word is None:
        return None  # a "!" whose word is still being typed
    return _glob_test(word) if "*" in word or "?" in word else _word_test(word)


def _negated(test: Test) -> Test:
    return lambda name: not test(name)


def _word_test(word: str) -> Test:
    folded = word.casefold()
    return lambda name: folded in name.casefold()


def glob_pattern(word: str) -> re.Pattern[str]:
    """A pattern for `fullmatch`: `*` stands for anything, `?` for one character; cases are alike."""
    parts = [".*" if char == "*" else "." if char == "?" else re.escape(char) for char in word]
    return re.compile("".join(parts), re.IGNORECASE | re.DOTALL)


def _glob_test(word: str) -> Test:
    pattern = glob_pattern(word)
    return lambda name: pattern.fullmatch(name) is not None


def _regex_test(source: str) -> Test:
    pattern = re.compile(source, re.IGNORECASE)
    return lambda name: pattern.search(name) is not None
