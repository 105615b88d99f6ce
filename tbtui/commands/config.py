"""`tbtui config`: which options are in force and where each comes from; where configuration and state lie."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence

from tbtui.analysis.text import safe
from tbtui.commands.columns import Column, set_in_columns
from tbtui.commands.output import size
from tbtui.commands.session import CommandError
from tbtui.logdir.roots import parse_roots
from tbtui.settings.config import Setting, Settings, shown
from tbtui.settings.files import state_folder
from tbtui.settings.state import read_state, real_paths, state_file

__all__ = ["run"]

COLUMNS = (Column("option"), Column("value", keep="head"), Column("from"), Column("set there as", optional=True))

UNBOUNDED = 10_000  # columns where nobody looks


def run(settings: Settings, logdirs: Sequence[str] = (), as_json: bool = False) -> int:
    """Prints what is in force to standard output; with log directories also what is remembered of them.

    Raises CommandError where the log directories can't be meant.
    """
    try:
        paths = real_paths([root.path for root in parse_roots(logdirs)]) if logdirs else []
    except ValueError as error:
        raise CommandError(str(error), code=2) from None
    folder = state_folder()
    state = state_file(folder, paths) if folder is not None and paths else None
    write = _write_json if as_json else _write_text
    write(settings, folder, state)
    return 0


def _lasting(settings: Settings) -> list[Setting]:
    """What may stand in the file or in the environment."""
    return [setting for setting in settings.settings.values() if not setting.option.flag_only]


def _write_text(settings: Settings, folder: str | None, state: str | None) -> None:
    rows = [(one.option.name, safe(shown(one.value)), one.source, safe(one.place)) for one in _lasting(settings)]
    rows += [(f"keys.{safe(name)}", safe(keys), "file", "") for name, keys in settings.keys.items()]
    width = size(sys.stdout)[0] if sys.stdout.isatty() else UNBOUNDED
    for line in set_in_columns(COLUMNS, rows, width):
        print(line)
    print()
    print(f"Configuration file: {_place(settings.file, settings.found)}")
    print(f"State: {_place(folder, folder is not None and os.path.isdir(folder))}")
    if state is not None:
        print(f"State of these log directories: {_place(state, os.path.exists(state))}")
        known, _, wrong = read_state(state)
        for name, value in known.items():
            print(f"  {name}: {safe(shown(sorted(value) if isinstance(value, set) else value))}")
        for reason in wrong:
            print(f"  {safe(reason)}")


def _place(path: str | None, there: bool) -> str:
    if path is None:
        return "nowhere, for there is no home directory"
    return safe(path) + ("" if there else " (not there)")


def _write_json(settings: Settings, folder: str | None, state: str | None) -> None:
    document = {
        "schema": 1,
        "options": {
            one.option.name: {"value": one.value, "from": one.source, "place": one.place or None}
            for one in _lasting(settings)
        },
        "keys": settings.keys,
        "config_file": settings.file,
        "config_file_read": settings.found,
        "state_folder": folder,
        "state_file": state,
        "problems": [{"place": problem.file, "reason": problem.reason} for problem in settings.problems],
    }
    json.dump(document, sys.stdout, indent=2)
    print()
