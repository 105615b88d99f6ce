"""The log directories of a command line: `PATH` or `NAME=PATH`, each with the name its runs get in front."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Root:
    """A log directory: `path` is absolute, `given` is what the user typed for it.

    `name` is "" for a single log directory that was given none: its runs are then named by their path alone.
    """

    name: str
    path: str
    given: str = ""

    def qualify(self, relative: str) -> str:
        """The name of something inside (path relative to the log directory, "." for itself), with the name in front."""
        if not self.name:
            return relative
        return self.name if relative in ("", ".") else f"{self.name}/{relative}"


def parse_roots(arguments: Sequence[str]) -> list[Root]:
    """Reads the log directories of a command line, in their order; the same one given twice counts once.

    A text that exists as a path is a path even when it contains "=", and so is one with a separator before its first
    "=". Several directories without a name are named by the end of their paths, as short as tells them apart. Raises
    ValueError, with a sentence for the user, when a name or path is empty or two directories are given the same name.
    """
    named: dict[str, Root] = {}
    plain: dict[str, str] = {}
    order: list[tuple[str, str]] = []
    for argument in arguments:
        name, given = split_name(argument)
        path = os.path.abspath(os.path.expanduser(given))
        if name:
            other = named.get(name)
            if other is not None and other.path != path:
                raise ValueError(f"two log directories are called {name!r}: {other.given} and {given}")
            if other is None:
                named[name] = Root(name, path, given)
                order.append((name, path))
        elif path not in plain:
            plain[path] = given
            order.append(("", path))
    single = len(order) == 1
    names = {next(iter(plain)): ""} if single and plain else short_names(list(plain), set(named))
    return [named[name] if name else Root(names[path], path, plain[path]) for name, path in order]


def split_name(argument: str) -> tuple[str, str]:
    """Takes `NAME=PATH` apart into name and path; the name is "" where there is none. Raises ValueError."""
    if not argument:
        raise ValueError("the path of a log directory is empty")
    name, equals, path = argument.partition("=")
    if not equals or os.sep in name or os.path.lexists(os.path.expanduser(argument)):
        return "", argument
    name = name.strip()
    if not name or not path:
        raise ValueError(f"{argument!r} should be NAME=PATH")
    return name, path


def short_names(paths: Sequence[str], taken: set[str]) -> dict[str, str]:
    """Names paths by their last parts, as few as make each name its own and none of `taken`."""
    parts = {path: [part for part in path.split(os.sep) if part] or [os.sep] for path in paths}
    depth = dict.fromkeys(paths, 1)
    while True:
        names = {path: "/".join(parts[path][-depth[path] :]) for path in paths}
        counts: dict[str, int] = {}
        for name in names.values():
            counts[name] = counts.get(name, 0) + 1
        clashing = [path for path in paths if counts[names[path]] > 1 or names[path] in taken]
        longer = [path for path in clashing if depth[path] < len(parts[path])]
        if not longer:
            break
        for path in longer:
            depth[path] += 1
    for path in clashing:
        number = 2
        while f"{names[path]}-{number}" in taken or f"{names[path]}-{number}" in names.values():
            number += 1
        names[path] = f"{names[path]}-{number}"
    return names
