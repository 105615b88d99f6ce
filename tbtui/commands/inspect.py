"""`tbtui inspect`: what log directories hold, as tables for people or as one JSON object for programs."""

from __future__ import annotations

import json
import sys
import time
from typing import TYPE_CHECKING, Any, TextIO

from tbtui.analysis.numbers import format_bytes, format_duration, format_step, format_value
from tbtui.analysis.text import cut, safe
from tbtui.commands.reading import read_logdirs
from tbtui.commands.report import Json, describe
from tbtui.settings import Options

if TYPE_CHECKING:
    from rich.console import Console
    from rich.table import Table

__all__ = ["run"]

MOST_DETAILED = 8
"""More runs than this are listed one a line, unless `-v` asks for everything."""

MOST_PROBLEMS = 20
UNBOUNDED = 500  # columns where nobody looks: nothing is cut for a pipe
NARROW = 40  # columns; a tag is not cut below this


def run(options: Options, as_json: bool = False, check: bool = False) -> int:
    """Prints what the log directories hold to standard output.

    check: problems make the exit code 1. Returns the exit code. Raises CommandError where nothing could be read.
    """
    with read_logdirs(options) as logdir:
        found = describe(logdir.store, options)
    if as_json:
        # Escapes outside ASCII keep every name exact, also one that is not UTF-8, and harmless on a terminal.
        sys.stdout.write(json.dumps(found, ensure_ascii=True, allow_nan=False) + "\n")
    else:
        print_tables(found, options, sys.stdout)
    return 1 if check and found["problems"] else 0


def print_tables(found: Json, options: Options, stream: TextIO) -> None:
    """The object of `inspect --json` as tables."""
    console = _console(options, stream)
    console.print(_totals(found), soft_wrap=True)
    runs = found["runs"]
    if len(runs) > MOST_DETAILED and not options.verbose:
        console.print()
        console.print(_run_table(runs))
        console.print("\nThe series of one run: --run NAME; of all runs: -v.", style="dim")
    else:
        for one in runs:
            console.print()
            _print_run(console, one)
    _print_problems(console, found["problems"], options)


def _console(options: Options, stream: TextIO) -> Console:
    from rich.console import Console

    settings: dict[str, Any] = {"file": stream, "markup": False, "highlight": False, "emoji": False}
    if options.color == "always":
        settings["force_terminal"] = True
    if options.color == "never":
        settings["no_color"] = True
    if not stream.isatty():
        settings["width"] = UNBOUNDED
    return Console(**settings)


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


def _run_table(runs: list[Json]) -> Table:
    """One line a run."""
    table = _table("run", ">tags", ">points", ">last step", "started", ">took", ">size")
    for run in runs:
        scalars = [one for one in run["series"] if one["plugin"] == "scalars"]
        steps = [one["last_step"] for one in run["series"] if one["count"]]
        table.add_row(
            *_texts(
                run["name"],
                str(len(run["series"])),
                f"{sum(one['count'] for one in scalars):,}",
                format_step(max(steps)) if steps else "",
                _moment(run["start_time"]),
                _took(run),
                format_bytes(run["event_bytes"]),
            )
        )
    return table


def _print_run(console: Console, run: Json) -> None:
    from rich.text import Text

    facts = [_count(run["event_files"], "file"), format_bytes(run["event_bytes"])]
    if run["start_time"] is not None:
        facts.append(f"started {_moment(run['start_time'])}, took {_took(run)}")
    console.print(Text.assemble((safe(run["name"]), "bold"), "   ", ("   ".join(facts), "dim")), soft_wrap=True)
    for line in _extras(run):
        console.print(Text("  " + line), soft_wrap=True)
    if run["series"]:
        table = _table("tag", "kind", ">points", ">steps", ">first", ">last", ">min", ">max", "")
        for one in run["series"]:
            table.add_row(*_texts("  " + safe(one["tag"]), *_series_cells(one)))
        console.print(table)


def _extras(run: Json) -> list[str]:
    lines = []
    if run["graph"] is not None:
        lines.append(f"graph: {_count(run['graph']['nodes'], 'node')}, {_count(run['graph']['edges'], 'edge')}")
    if run["hparams"]:
        pairs = (f"{safe(name)}={safe(str(value))}" for name, value in run["hparams"].items())
        lines.append("hyperparameters: " + ", ".join(pairs))
    for profile in run["profiles"]:
        tools, hosts = ", ".join(profile["tools"]), ", ".join(profile["hosts"])
        lines.append(safe(f"profile {profile['name']}: {tools} of {hosts}"))
    return lines


def _series_cells(one: Json) -> list[str]:
    """Kind, points, steps, first, last, min, max, remarks."""
    steps = "" if not one["count"] else _range(one["min_step"], one["max_step"])
    cells = [one["plugin"] or "(no plugin)", f"{one['count']:,}", steps]
    remarks = [f"{one['superseded']:,} superseded"] if one["superseded"] else []
    if one["plugin"] == "scalars":
        cells += [_value(one[key]) for key in ("first", "last", "min", "max")]
        remarks += [f"{one[key]:,} {name}" for key, name in (("nan", "NaN"), ("inf", "infinite")) if one[key]]
    else:
        cells += [""] * 4
        remarks.insert(0, _last(one))
    return [*cells, ", ".join(filter(None, remarks))]


def _range(low: int, high: int) -> str:
    return format_step(low) if low == high else f"{format_step(low)} … {format_step(high)}"


def _last(one: Json) -> str:
    """What the newest value is, in a few words."""
    last = one.get("last")
    if isinstance(last, str):
        return cut(safe(" ".join(last.split())), NARROW)
    if not isinstance(last, dict):
        return ""
    if "buckets" in last:
        return f"{last['buckets']} buckets, {_value(last['min'])} … {_value(last['max'])}"
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


def _table(*headings: str) -> Table:
    """A table without lines; `>` before a heading aligns its column to the right."""
    from rich.table import Table

    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="dim")
    for number, heading in enumerate(headings):
        right = heading.startswith(">")
        table.add_column(
            heading.lstrip(">"),
            justify="right" if right else "left",
            no_wrap=True,
            overflow="ellipsis",
            min_width=12 if number == 0 else None,
        )
    return table


def _texts(*cells: str) -> list[Any]:
    from rich.text import Text

    return [Text(safe(cell)) for cell in cells]


def _print_problems(console: Console, problems: list[Json], options: Options) -> None:
    from rich.text import Text

    if not problems:
        return
    console.print(f"\n{_count(len(problems), 'problem')}", style="bold")
    shown = problems if options.verbose else problems[:MOST_PROBLEMS]
    for problem in shown:
        where = safe(problem["file"]) + ("" if problem["offset"] is None else f" at byte {problem['offset']:,}")
        console.print(Text(f"  {where}: {safe(problem['reason'])}"), soft_wrap=True)
    if len(shown) < len(problems):
        console.print(f"  and {len(problems) - len(shown):,} more: -v lists all", style="dim")
