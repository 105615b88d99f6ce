"""What is in force, and why: command line over environment over configuration file over defaults.

Whatever is wrong in the file or the environment is one `Problem` that says so, and the next weaker value counts. The
file is only ever read.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Literal

from tbtui.events.problem import Problem
from tbtui.settings.files import config_file, read_small
from tbtui.settings.option import Option, Value
from tbtui.settings.option_table import BY_NAME, OPTIONS
from tbtui.settings.options import Options

Source = Literal["default", "file", "environment", "command line"]

MOST_DOTS = 4
"""More are in no name of a key."""

MOST_PROBLEMS = 50
"""More are not told of one file."""


_Told = list[tuple[str, str, Option | None]]
"""Where (the file and its key, or a variable), what is wrong, and the option whose value in force is told with it."""


@dataclass(frozen=True, slots=True)
class Setting:
    """An option as it is in force; `place` is where it was set: its key in the file, its variable or its flag."""

    option: Option
    value: Value
    source: Source = "default"
    place: str = ""


@dataclass(frozen=True, slots=True)
class Settings:
    """All options, in the order of the table."""

    settings: dict[str, Setting]
    keys: dict[str, str] = field(default_factory=dict)
    """The file's table `[keys]`: what it names -> keys, separated by commas; whether there are such names is not known
    here."""
    file: str | None = None
    """The configuration file, whether or not it exists."""
    found: bool = False
    """Whether it could be read."""
    problems: tuple[Problem, ...] = ()

    def value(self, name: str) -> Value:
        """The value of an option."""
        return self.settings[name].value


class ConfigUnreadable(OSError):
    """The configuration file that the command line names can't be read."""


def settle(flags: Mapping[str, Value], environ: Mapping[str, str] = os.environ, config: str | None = None) -> Settings:
    """Finds out what is in force.

    flags: option name -> value, of what the command line says. config: the file that it names; None: the one that
    TBTUI_CONFIG names, or the usual one. Raises ConfigUnreadable where the file named here can't be read.
    """
    path = os.path.expanduser(config or environ.get("TBTUI_CONFIG") or config_file(environ) or "") or None
    told: _Told = []
    table = _table(path, told, named=config is not None) if path else None
    in_file = _flat(table or {}, told, path or "")
    settings = {}
    for option in OPTIONS:
        settings[option.name] = _setting(option, flags, environ, in_file, told, path or "")
    keys = _keys((table or {}).get("keys", {}), told, path or "")
    problems = []
    for place, reason, about in told[:MOST_PROBLEMS]:
        used = f"; {shown(settings[about.name].value)} is used" if about is not None else ""
        problems.append(Problem(place, None, reason + used))
    return Settings(settings, keys, path, table is not None, tuple(problems))


def _setting(
    option: Option,
    flags: Mapping[str, Value],
    environ: Mapping[str, str],
    in_file: Mapping[str, object],
    told: _Told,
    path: str,
) -> Setting:
    if option.name in flags:
        return Setting(option, flags[option.name], "command line", option.flags[-1])
    if option.flag_only:
        return Setting(option, option.default)
    found = Setting(option, option.default)
    if option.name in in_file:
        value = in_file[option.name]
        try:
            found = Setting(option, option.read(value), "file", option.name)
        except ValueError as error:
            told.append((f"{path}: {option.name}", f"{shown(value)} is not {error}", option))
    text = environ.get(option.variable)
    if text:
        try:
            return Setting(option, option.parse(text), "environment", option.variable)
        except ValueError as error:
            told.append((option.variable, f"{shown(text)} is not {error}", option))
    return found


def _table(path: str, told: _Told, named: bool) -> dict[str, object] | None:
    """The file's content; None where there is none, or none that can be understood."""
    try:
        data = read_small(path, wait=named)
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        if named:
            raise ConfigUnreadable(f"{path}: {reason}") from None
        if not isinstance(error, FileNotFoundError | NotADirectoryError):
            told.append((path, f"can't be read: {reason}; the defaults are used", None))
        return None
    import tomllib

    try:
        return tomllib.loads(data.decode("utf-8-sig"))
    except UnicodeDecodeError:
        reason = "it is no UTF-8"
    except (ValueError, RecursionError) as error:
        reason = str(error) or "it is nested too deeply"
    told.append((path, f"is no TOML: {reason}; the defaults are used", None))
    return None


def _flat(table: Mapping[str, object], told: _Told, path: str) -> dict[str, object]:
    """Option name -> value as it stands in the file; keys that nobody knows are told."""
    sections = {option.section for option in OPTIONS if option.section}
    flat: dict[str, object] = {}
    for key, value in table.items():
        if key == "keys" and isinstance(value, dict):
            continue
        if key in sections and isinstance(value, dict):
            flat.update({f"{key}.{inner}": one for inner, one in value.items()})
        else:
            flat[key] = value
    for name in list(flat):
        option = BY_NAME.get(name)
        if option is None:
            told.append((f"{path}: {shorter(name)}", f"there is no such option{_meant(name)}", None))
        elif option.flag_only:
            told.append((f"{path}: {name}", "this can only be given on the command line", None))
    return flat


def _meant(name: str) -> str:
    import difflib

    near = difflib.get_close_matches(name.replace("-", "_"), BY_NAME, 1)
    return f"; {near[0]} is one" if near else ""


def _keys(table: object, told: _Told, path: str) -> dict[str, str]:
    """The table `[keys]`: a key, keys separated by commas, or a list of keys for each name."""
    keys: dict[str, str] = {}
    if not isinstance(table, dict):
        return keys
    for name, value in _dotted(table):
        names = value.split(",") if isinstance(value, str) and value != "," else value
        names = [names] if isinstance(names, str) else names
        if isinstance(names, list) and names and all(isinstance(one, str) and one.strip() for one in names):
            keys[name] = ",".join("comma" if one == "," else one.strip() for one in names)
        else:
            told.append((f"{path}: keys.{shorter(name)}", f"{shown(value)} is not a key or a list of keys", None))
    return keys


def _dotted(table: Mapping[str, object], before: str = "") -> Iterable[tuple[str, object]]:
    """`zoom.in = "+"` without quotes is a table in TOML; here it is the name "zoom.in"."""
    for name, value in table.items():
        if isinstance(value, dict) and before.count(".") < MOST_DOTS:
            yield from _dotted(value, f"{before}{name}.")
        else:
            yield before + name, value


def shown(value: object) -> str:
    """A value as the file would have it, on one line."""
    match value:
        case None:
            return "not set"
        case bool():
            return "true" if value else "false"
        case float():
            return f"{value:g}"
        case str():
            return shorter(f'"{value}"')
        case tuple() | list():
            return shorter(f"[{', '.join('…' if isinstance(one, list) else shown(one) for one in value[:20])}]")
        case dict():
            return "a table"
    return shorter(str(value)) if not isinstance(value, int) or abs(value) < 10**20 else "a huge number"


def shorter(text: str, most: int = 60) -> str:
    """At most so many characters of a text."""
    return text if len(text) <= most else text[: most - 1] + "…"


def options_from(settings: Settings, logdirs: Iterable[str]) -> Options:
    """The options for one run of the program."""
    value = {name: setting.value for name, setting in settings.settings.items()}
    theme = value["theme"]
    options = Options(
        logdirs=tuple(logdirs),
        theme=None if theme == "auto" else str(theme),
        config=settings.file or "",
        keymap=dict(settings.keys),
        start={option.view: value[option.name] for option in OPTIONS if option.view},
        asked=frozenset(
            option.view or option.name for option in OPTIONS if settings.settings[option.name].source == "command line"
        ),
        problems=settings.problems,
    )
    plain = (
        "run",
        "tag",
        "purge",
        "poll",
        "longest_record",
        "ascii",
        "cache",
        "color",
        "mouse",
        "images",
        "frames",
        "max_steps",
        "log_file",
        "verbose",
    )
    for name in plain:
        setattr(options, name, value[name])
    options.fresh, options.remember = bool(value["fresh"]), bool(value["remember"])
    return options
