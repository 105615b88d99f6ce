"""`tbtui inspect`: what log directories hold, as tables for people or as one JSON object for programs."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, TextIO

from tbtui.analysis.numbers import format_bytes, format_duration, format_step, format_value
from tbtui.analysis.text import cut, safe
from tbtui.commands.columns import Column, set_in_columns
from tbtui.commands.reading import read_logdirs
from tbtui.commands.report import Json, describe
from tbtui.settings import Options

if TYPE_CHECKING:
    from rich.console import Console

    from tbtui.store import Store

__all__ = ["run"]

MOST_DETAILED = 8
"""More runs than this are listed one a line, unless `-v` asks for everything."""

MOST_PROBLEMS = 20
UNBOUNDED = 10_000  # columns where nobody looks: nothing is cut for a pipe
TEXT_CELLS = 60  # of a text

RUN_COLUMNS = (
    Column("run", keep="middle"),
    Column("tags", right=True, optional=True),
    Column("points", right=True),
    Column("last step", right=True),
    Column("started", optional=True),
    Column("took", right=True, optional=True),
    Column("size", right=True, optional=True),
)
SCALAR_COLUMNS = (
    Column("tag", keep="middle"),
    Column("points", right=True),
    Column("steps", right=True),
    Column("first", right=True, optional=True),
    Column("last", right=True),
    Column("min", right=True, optional=True),
    Column("max", right=True, optional=True),
    Column("", keep="head"),
)
OTHER_COLUMNS = (
    Column("tag", keep="middle"),
    Column("kind"),
    Column("points", right=True),
    Column("steps", right=True, optional=True),
    Column("newest", keep="head"),
    Column("", keep="head"),
)


def run(options: Options, as_json: bool = False, check: bool = False) -> int:
    """Prints what the log directories hold to standard output.

    check: every value is looked at, and problems make the exit code 1. Returns the exit code. Raises CommandError where
    nothing could be read.
    """
    with read_logdirs(options) as logdir:
        found = describe(logdir.store, options)
        if check:
            _look_at_values(logdir.store, options, found["problems"])
    if as_json:
        # Escapes outside ASCII keep every name exact, also one that is not UTF-8, and harmless on a terminal.
        sys.stdout.write(json.dumps(found, ensure_ascii=True, allow_nan=False) + "\n")
    else:
        print_tables(found, options, sys.stdout)
    return 1 if check and found["problems"] else 0


def _look_at_values(store: Store, options: Options, problems: list[Json]) -> None:
    """Adds what is wrong with single values, where it is not told yet."""
    from tbtui.commands.check import problems_of_values

    told = {(one["file"], one["offset"], one["reason"]) for one in problems}
    for file, offset, reason in problems_of_values(store, options):
        if (file, offset, reason) not in told:
            problems.append({"file": file, "offset": offset, "reason": reason})


def print_tables(found: Json, options: Options, stream: TextIO) -> None:
    """The object of `inspect --json` as tables."""
    console = _console(options, stream)
    _say(console, _totals(found))
    runs = found["runs"]
    if len(runs) > MOST_DETAILED and not options.verbose:
        _print_table(console, RUN_COLUMNS, [_run_cells(run) for run in runs])
        _say(console, "\nThe series of one run: --run NAME; of all runs: -v.", "dim")
    else:
        for run in runs:
            _print_run(console, run)
    _print_problems(console, found["problems"], options)


def _say(console: Console, line: str, style: str = "") -> None:
    console.print(line, style=style, soft_wrap=True)


def _print_table(console: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    if rows:
        heading, *lines = set_in_columns(columns, rows, console.width)
        _say(console, "\n" + heading, "dim")
        _say(console, "\n".join(lines))


def _console(options: Options, stream: TextIO) -> Console:
    from rich.console import Console

    class Piped(Console):
        def on_broken_pipe(self) -> None:
            """Rich would end the program with a code of its own."""
            raise

    settings: dict[str, Any] = {"file": stream, "markup": False, "highlight": False, "emoji": False}
    if options.color == "always":
        settings["force_terminal"] = True
    if options.color == "never":
        settings["no_color"] = True
    if not stream.isatty():
        settings["width"] = UNBOUNDED
    return Piped(**settings)


def _totals(found: Json) -> str:
    series = [one for run in found["runs"] for one in run["series"]]
    points = sum(one["count"] for one in series if one["plugin"] == "scalars")
    parts = [
        safe(", ".join(found["logdirs"])),
        _count(len(found["runs"]), "run"),
        _count(len({(one["plugin"], one["tag"]) for one in series}), "tag"),
        _count(points, "scalar point"),
        format_bytes(sum(run["event_bytes"] for run in found["runs"])),
    ]
    if found["problems"]:
        parts.append(_count(len(found["problems"]), "problem"))
    return "   ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _run_cells(run: Json) -> list[str]:
    scalars = [one for one in run["series"] if one["plugin"] == "scalars"]
    steps = [one["last_step"] for one in run["series"] if one["count"]]
    return [
        safe(run["name"]),
        str(len(run["series"])),
        f"{sum(one['count'] for one in scalars):,}",
        format_step(max(steps)) if steps else "",
        _moment(run["start_time"]),
        _took(run),
        format_bytes(run["event_bytes"]),
    ]


def _print_run(console: Console, run: Json) -> None:
    from rich.text import Text

    facts = [_count(run["event_files"], "file"), format_bytes(run["event_bytes"])]
    if run["start_time"] is not None:
        facts.append(f"started {_moment(run['start_time'])}")
    if _took(run):
        facts.append(f"took {_took(run)}")
    title = Text.assemble("\n", (safe(run["name"]), "bold"), "   ", ("   ".join(facts), "dim"))
    console.print(title, soft_wrap=True)
    for line in _extras(run):
        _say(console, line)
    scalars = [_scalar_cells(one) for one in run["series"] if one["plugin"] == "scalars"]
    others = [_other_cells(one) for one in run["series"] if one["plugin"] != "scalars"]
    _print_table(console, SCALAR_COLUMNS, scalars)
    _print_table(console, OTHER_COLUMNS, others)


def _extras(run: Json) -> list[str]:
    lines = []
    if run["graph"] is not None:
        lines.append(f"graph: {_count(run['graph']['nodes'], 'node')}, {_count(run['graph']['edges'], 'edge')}")
    for key, what in (("keras_graphs", "Keras models"), ("run_graphs", "traces and steps with graphs or costs")):
        if run[key]:
            lines.append(f"{what}: {', '.join(safe(tag) for tag in run[key])}")
    if run["hparams"]:
        pairs = (f"{safe(name)}={safe(str(value))}" for name, value in run["hparams"].items())
        lines.append("hyperparameters: " + ", ".join(pairs))
    for profile in run["profiles"]:
        tools, hosts = ", ".join(profile["tools"]), ", ".join(profile["hosts"])
        session = f"profile {profile['name']}".rstrip()  # what was named by itself is of none
        lines.append(safe(f"{session}: {tools} of {hosts}"))
    return lines


def _scalar_cells(one: Json) -> list[str]:
    remarks = [f"{one[key]:,} {name}" for key, name in (("nan", "NaN"), ("inf", "infinite")) if one[key]]
    values = [_value(one[key]) for key in ("first", "last", "min", "max")]
    return [*_common_cells(one), *values, ", ".join(remarks + _superseded(one))]


def _other_cells(one: Json) -> list[str]:
    tag, *numbers = _common_cells(one)
    return [tag, safe(one["plugin"]) or "(no plugin)", *numbers, _last(one), ", ".join(_superseded(one))]


def _common_cells(one: Json) -> list[str]:
    steps = _range(one["min_step"], one["max_step"]) if one["count"] else ""
    return [safe(one["tag"]), f"{one['count']:,}", steps]


def _superseded(one: Json) -> list[str]:
    return [f"{one['superseded']:,} superseded"] if one["superseded"] else []


def _range(low: int, high: int) -> str:
    return format_step(low) if low == high else f"{format_step(low)} to {format_step(high)}"


def _last(one: Json) -> str:
    """What the newest value is, in a few words."""
    last = one.get("last")
    if isinstance(last, str):
        return cut(safe(" ".join(last.split())), TEXT_CELLS)
    if not isinstance(last, dict):
        return ""
    if "buckets" in last:
        return f"{last['buckets']} buckets, {_value(last['min'])} to {_value(last['max'])}"
    if "width" in last:
        samples = f"{one['samples']} × " if one.get("samples", 1) != 1 else ""
        return f"{samples}{last['width']}×{last['height']} pixels, {format_bytes(last['bytes'])}"
    return f"{_value(last['seconds'])} s at {_value(last['sample_rate'])} Hz, {format_bytes(last['bytes'])}"


def _value(value: float | str | None) -> str:
    return "" if value is None else format_value(float(value))


def _moment(wall: float | str | None) -> str:
    """A wall time in local time."""
    try:
        return "" if wall is None else time.strftime("%Y-%m-%d %H:%M", time.localtime(float(wall)))
    except (OverflowError, ValueError, OSError):
        return "?"


def _took(run: Json) -> str:
    ends = [one["last_wall"] for one in run["series"] if isinstance(one["last_wall"], int | float)]
    return format_duration(max(ends) - run["start_time"]) if ends and run["start_time"] is not None else ""


def _print_problems(console: Console, problems: list[Json], options: Options) -> None:
    if not problems:
        return
    _say(console, f"\n{_count(len(problems), 'problem')}", "bold")
    shown = problems if options.verbose else problems[:MOST_PROBLEMS]
    for problem in shown:
        where = safe(problem["file"]) + ("" if problem["offset"] is None else f" at byte {problem['offset']:,}")
        _say(console, f"  {where}: {safe(problem['reason'])}")
    if len(shown) < len(problems):
        _say(console, f"  and {len(problems) - len(shown):,} more: -v lists all", "dim")
