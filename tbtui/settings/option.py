"""One option: what it may be, and where it may be set."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from typing import Literal, NamedTuple

Value = bool | int | float | str | tuple[str, ...] | None
"""What an option may be: None where it is not set."""

SWITCH = {"1": True, "true": True, "yes": True, "on": True, "0": False, "false": False, "no": False, "off": False}
"""How a switch may be written where it is text."""

COMMANDS = ("", "demo", "plot", "inspect", "export", "graph", "profile", "config")
"""The commands; "" is the app."""


class Range(NamedTuple):
    """Numbers from `low` up to, but not including, `high`; `words` says so."""

    low: float
    high: float
    words: str

    def holds(self, number: float) -> bool:
        """False also for what is no number."""
        return self.low <= number < self.high


@dataclass(frozen=True, slots=True)
class Option:
    """One row of the table."""

    name: str
    """The key in the configuration file; `plot.width` is `width` in the table `[plot]`."""
    kind: Literal["switch", "choice", "number", "whole", "text", "regex", "path", "list"]
    default: Value
    help: str
    flags: tuple[str, ...] = ()
    """How the command line names it; a switch that is not `flag_only` has its `--no-` form too."""
    metavar: str = ""
    commands: tuple[str, ...] = COMMANDS
    """The commands that know its flag."""
    choices: tuple[str, ...] = ()
    follows: str = ""
    """A beginning like `tag:`; what begins with it and goes on is a choice too."""
    within: Range | None = None
    """Where a number may lie."""
    view: str = ""
    """The field of `View` that begins with it."""
    flag_only: bool = False
    """It says what to do this once, and stands neither in the file nor in the environment."""

    @property
    def section(self) -> str:
        """The table of the configuration file that it stands in; "" for the top."""
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        """Its name inside its table, and among the parsed arguments of a command line."""
        return self.name.rpartition(".")[2]

    @property
    def variable(self) -> str:
        """Its environment variable."""
        return "TBTUI_" + self.name.replace(".", "_").upper()

    @property
    def words(self) -> str:
        """What may be given, for people."""
        if self.kind == "choice":
            words = [*self.choices, f"{self.follows}NAME"] if self.follows else self.choices
            return f"{', '.join(words[:-1])} or {words[-1]}"
        if self.within is not None:
            return self.within.words
        return {
            "switch": "true or false",
            "text": "a text",
            "regex": "a regular expression",
            "path": "a path",
            "list": "a list of texts",
        }[self.kind]

    def read(self, value: object) -> Value:
        """The option from a value of a configuration file. Raises ValueError, with what it should have been."""
        match self.kind, value:
            case "switch", bool():
                return value
            case "number", int() | float() if not isinstance(value, bool) and self.within and self.within.holds(value):
                return float(value)
            case "whole", int() if not isinstance(value, bool) and self.within and self.within.holds(value):
                return value
            case "choice", str() if value in self.choices or self._follows(value):
                return value
            case "text", str():
                return value
            case "regex", str():
                _compile(value)
                return value
            case "path", str() if value and "\0" not in value:
                return os.path.expanduser(value)
            case "list", list() | tuple() if all(isinstance(one, str) for one in value):
                return tuple(value)
        raise ValueError(self.words)

    def parse(self, text: str) -> Value:
        """The option from a text of the environment or the command line. Raises ValueError as `read` does."""
        try:
            match self.kind:
                case "switch":
                    return SWITCH[text.strip().lower()]
                case "number":
                    return self.read(float(text))
                case "whole":
                    return self.read(int(text))
                case "list":
                    return tuple(word for word in (part.strip() for part in text.split(",")) if word)
        except (KeyError, ValueError):
            raise ValueError(self.words) from None
        return self.read(text)

    def _follows(self, value: str) -> bool:
        return bool(self.follows) and value.startswith(self.follows) and value != self.follows


def _compile(text: str) -> None:
    try:
        re.compile(text)
    except (re.error, OverflowError, RecursionError) as error:
        raise ValueError(f"a regular expression: {error}") from None
