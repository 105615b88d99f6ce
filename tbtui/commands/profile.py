"""`tbtui profile`: the tables of a profiler's capture, for people, as JSON or as CSV."""

from __future__ import annotations

import csv
import json
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, Any, TextIO

from tbtui.analysis.text import safe
from tbtui.commands.output import can_show, size
from tbtui.commands.profile_text import heading, table_lines, time_text
from tbtui.commands.ranks import said_of_ranks
from tbtui.commands.session import CommandError
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.difference import difference_table
from tbtui.profiles.distributed import Distributed, compare_ranks, rank_work
from tbtui.profiles.find import READABLE, CaptureFile, find_captures, read_capture, session_files
from tbtui.profiles.model import BadProfile
from tbtui.profiles.modules import find_modules
from tbtui.profiles.operators import nest_calls, operator_table, operators_by_type
from tbtui.profiles.tables import (
    TABLES,
    Table,
    collectives_table,
    difference_as_table,
    in_order,
    modules_table,
    operators_as_table,
    ranks_table,
    scoped_operators_table,
)
from tbtui.settings.files import profiles_folder

if TYPE_CHECKING:
    from tbtui.profiles.model import Profile
    from tbtui.profiles.overview import Overview

__all__ = ["VIEWS", "Wanted", "cut_rows", "run"]

VIEWS = (
    "overview", "steps", "ops", "modules", "kernels", "framework", "memory", "distributed", "collectives", "difference",
    "analyses",
)  # fmt: skip
BAR_CELLS = 20
TOP_OF_OVERVIEW = 10
UNBOUNDED = 10_000  # columns where nobody looks: nothing is cut for a pipe


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to print: the view, by what operators are put together, the column to sort by ("" for the view's own), how
    many rows, the form. cache: profiles may be kept, and taken, where they were kept before."""

    view: str = "overview"
    group: str = "name"
    sort: str = ""
    top: int | None = None
    python: bool = False
    form: str = "text"
    cache: bool = True


def run(paths: Sequence[str], wanted: Wanted, run_pattern: str | None = None, whole: bool = False) -> int:
    """Prints a capture's tables to standard output. Of several captures the newest that `run_pattern` finds in
    "session host" is taken. whole: nothing is cut to the width of the terminal. Raises CommandError."""
    captures = _captures(paths, run_pattern)
    readable = [capture for capture in captures if capture.tool in READABLE]
    if not readable or wanted.view == "analyses":
        from tbtui.commands.analyses import print_analyses

        width = UNBOUNDED if whole or not sys.stdout.isatty() else size(sys.stdout)[0]
        return print_analyses(captures, wanted, width)
    captures = readable
    shown = _shown(paths, captures, wanted)
    out = sys.stdout
    if wanted.form == "json":
        json.dump(_as_json(shown, wanted), out, ensure_ascii=True, allow_nan=False)
        out.write("\n")
    elif wanted.form == "csv":
        table = _cut(shown.tables["ops" if wanted.view == "overview" else wanted.view], wanted)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(table.names)
        writer.writerows(table.rows)
    else:
        _print(shown, len(captures), wanted, out, whole)
    return 0


@dataclass(frozen=True, slots=True)
class _Shown:
    """What is printed: the capture, and the tables by view; `beside`: the other captures that were read for them."""

    capture: CaptureFile
    profile: Profile
    overview: Overview
    tables: dict[str, Table]
    beside: list[CaptureFile]
    distributed: Distributed | None = None


def _shown(paths: Sequence[str], captures: Sequence[CaptureFile], wanted: Wanted) -> _Shown:
    from tbtui.profiles.overview import look_over

    profile, capture = _first_readable(captures, wanted)
    overview = look_over(profile, wanted.python)
    beside: list[CaptureFile] = []
    distributed = None
    if wanted.view in ("distributed", "collectives"):
        beside = _others_of_session(capture, captures)
        distributed = _ranks(profile, capture, beside, wanted)
        tables = {"distributed": ranks_table(distributed), "collectives": collectives_table(distributed)}
    elif wanted.view == "difference":
        beside = [_one_before(paths, capture, captures)]
        before = look_over(_read(beside[0], wanted), wanted.python)
        tables = {"difference": difference_as_table(difference_table(before, overview))}
    else:
        tables = {view: make(overview) for view, make in TABLES.items()}
        tables["ops"] = _operators(profile, overview, wanted)
        tables["modules"] = modules_table(find_modules(profile)) if wanted.view == "modules" else Table((), [])
    return _Shown(capture, profile, overview, tables, beside, distributed)


def _operators(profile: Profile, overview: Overview, wanted: Wanted) -> Table:
    """The operators, put together as wanted."""
    match wanted.group:
        case "type":
            return operators_as_table(operators_by_type(overview.operators))
        case "shape":
            return operators_as_table(operator_table(profile, nest_calls(profile, wanted.python), shapes=True))
        case "module":
            return scoped_operators_table(find_modules(profile))
    return operators_as_table(overview.operators)


def _others_of_session(capture: CaptureFile, captures: Sequence[CaptureFile]) -> list[CaptureFile]:
    """The captures of the other ranks; of a capture that was named by itself those that lie beside it."""
    beside = find_captures(os.path.dirname(os.path.abspath(capture.path)))
    known = {one.path: one for one in (*captures, *beside) if one.tool in READABLE}
    known[capture.path] = capture
    return [known[path] for path in session_files(capture.path, known) if path != capture.path]


def _ranks(profile: Profile, capture: CaptureFile, others: Sequence[CaptureFile], wanted: Wanted) -> Distributed:
    if not others:
        raise CommandError(f"{capture.path}: the session has one rank only, there is nothing to compare")
    works = [rank_work(capture.host, profile)]
    works += [rank_work(other.host, _read(other, wanted)) for other in others]
    return compare_ranks(works)


def _one_before(paths: Sequence[str], capture: CaptureFile, captures: Sequence[CaptureFile]) -> CaptureFile:
    """What to compare a capture with: the newest of the path given before, or the one before it of the same host."""
    if len(paths) > 1:
        return _captures(paths[:1], None)[0]
    earlier = [one for one in captures if one.host == capture.host and one.path != capture.path]
    if not earlier:
        raise CommandError("the difference needs two captures of a host: name two, the older one first", 2)
    return earlier[0]


def _captures(paths: Sequence[str], pattern: str | None) -> list[CaptureFile]:
    found: list[CaptureFile] = []
    for path in paths:
        try:
            found += find_captures(path)
        except OSError as error:
            raise CommandError(f"{path}: {error.strerror or error}") from None
    if not found:
        raise CommandError(f"{paths[0]}: no captures of a profiler here")
    if pattern is not None:
        found = [one for one in found if re.search(pattern, f"{one.session} {one.host}")]
        if not found:
            raise CommandError(f"no capture's session and host match {pattern!r}", 2)
    return sorted(found, key=lambda one: -one.modified)


def _first_readable(captures: Sequence[CaptureFile], wanted: Wanted) -> tuple[Profile, CaptureFile]:
    reasons = []
    for capture in captures:
        try:
            return read_capture(capture, cache=_cache(wanted)), capture
        except BadProfile as error:
            reasons.append(f"{capture.path}: {error}")
    raise CommandError(reasons[0])


def _read(capture: CaptureFile, wanted: Wanted) -> Profile:
    return _first_readable([capture], wanted)[0]


def _cache(wanted: Wanted) -> ProfileCache | None:
    folder = profiles_folder() if wanted.cache else None
    return None if folder is None else ProfileCache(folder)


# --- the tables, in plain numbers


def cut_rows(table: Table, sort: str, top: int | None) -> Table:
    """So many rows, sorted by this column (as CSV or the screen call it): numbers from the largest on, and what is not
    told last. Raises CommandError where there is no such column."""
    rows = table.rows
    if sort:
        place = next((place for place, name in enumerate(table.names) if sort in (name, heading(name))), None)
        if place is None:
            raise CommandError(f"--sort {sort}: the view has the columns {', '.join(table.names)}", 2)
        rows = in_order(rows, place, upward=False)
    return Table(table.names, rows[:top])


def _cut(table: Table, wanted: Wanted) -> Table:
    return cut_rows(table, wanted.sort, wanted.top)


# --- for programs


def _as_json(shown: _Shown, wanted: Wanted) -> dict[str, Any]:
    capture, profile, overview = shown.capture, shown.profile, shown.overview
    views = [*TABLES] if wanted.view == "overview" else [wanted.view]
    found: dict[str, Any] = {
        "path": capture.path,
        "session": capture.session,
        "host": capture.host,
        "writer": profile.writer,
        "devices": {str(number): name for number, name in profile.devices.items()},
        "problems": profile.problems,
        "input": None if overview.verdict is None else asdict(overview.verdict),
        "advice": overview.advice,
        "device_busy": overview.busy,
        "kernel_busy": overview.kernel_busy,
        "sm_efficiency_pct": overview.sm_efficiency,
        "occupancy_pct": overview.occupancy,
    }
    if shown.beside:
        found["beside"] = [one.path for one in shown.beside]
    if shown.distributed is not None:
        found["said"] = [sentence for sentence, _ in said_of_ranks(shown.distributed)]
    for view in views:
        table = _cut(shown.tables[view], wanted if view == wanted.view else Wanted(top=wanted.top))
        found[view] = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    return found


# --- for people


def _print(shown: _Shown, count: int, wanted: Wanted, out: TextIO, whole: bool) -> None:
    width = UNBOUNDED if whole or not out.isatty() else size(out)[0]
    lines = [f"{safe(shown.capture.path)}"]
    if wanted.view == "difference":
        lines.append(f"against {safe(shown.beside[0].path)}; all of one step")
    elif shown.beside:
        lines.append(f"and {len(shown.beside)} more of the same session; times of all steps together")
    elif count > 1:
        lines.append(f"the newest of {count} captures (--run RE picks another by session and host)")
    lines += [f"problem: {safe(problem)}" for problem in shown.profile.problems]
    lines.append("")
    if wanted.view == "overview":
        lines += _overview_lines(shown.profile, shown.overview, can_show(out, "█"))
        lines += ["", "Operators by their own time"]
        wanted = replace(wanted, view="ops", top=TOP_OF_OVERVIEW if wanted.top is None else wanted.top)
    if shown.distributed is not None:
        lines += [*(sentence for sentence, _ in said_of_ranks(shown.distributed)), ""]
    lines += table_lines(_cut(shown.tables[wanted.view], wanted), width)
    if wanted.view == "distributed":
        lines += ["", "Collectives", *table_lines(shown.tables["collectives"], width)]
    out.write("\n".join(lines) + "\n")


def _overview_lines(profile: Profile, overview: Overview, blocks: bool) -> list[str]:
    devices = ", ".join(f"{number}: {safe(name)}" for number, name in sorted(profile.devices.items()))
    lines = [f"devices   {devices}"] if devices else []
    took = overview.durations
    if took is not None:
        lines.append(
            f"steps     {len(overview.steps)}: mean {time_text(took.mean)}, median {time_text(took.median)}, "
            f"95 % within {time_text(took.high)}, {time_text(took.shortest)} to {time_text(took.longest)}"
        )
    if overview.busy is not None and overview.kernel_busy is not None:
        told = [f"busy {overview.busy:.1%} of the steps' time", f"kernels {overview.kernel_busy:.1%}"]
        if overview.sm_efficiency is not None:
            told.append(f"estimated SM efficiency {overview.sm_efficiency:.1f} %")
        if overview.occupancy is not None:
            told.append(f"occupancy {overview.occupancy:.1f} %")
        lines.append("device    " + ", ".join(told))
    if overview.verdict is not None:
        lines.append(f"input     {overview.verdict.sentence}")
    if overview.overlap is not None:
        hidden, exposed = overview.overlap.overlapped, overview.overlap.exposed
        lines.append(f"communication {time_text(hidden + exposed)}, of which {time_text(exposed)} hidden by nothing")
    whole = sum(overview.spent.values())
    if whole:
        lines += ["", "Where the time of the steps went"]
        names = max(map(len, overview.spent))
        for name, spent in overview.spent.items():
            share = spent / whole
            bar = ("█" if blocks else "#") * round(share * BAR_CELLS)
            lines.append(f"  {name:<{names}}  {share:>6.1%}  {time_text(spent):>10}  {bar}".rstrip())
    if overview.advice:
        lines += ["", *(f"! {sentence}" for sentence in overview.advice)]
    return lines
