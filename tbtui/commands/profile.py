"""`tbtui profile`: the tables of a profiler's capture, for people, as JSON or as CSV."""

from __future__ import annotations

import csv
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TextIO

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import safe
from tbtui.commands.columns import Column, set_in_columns
from tbtui.commands.output import can_show, size
from tbtui.commands.session import CommandError
from tbtui.profiles.find import CaptureFile, find_captures, read_capture
from tbtui.profiles.model import PS_PER_US, BadProfile

if TYPE_CHECKING:
    from tbtui.profiles.model import Profile
    from tbtui.profiles.overview import Overview

__all__ = ["VIEWS", "Wanted", "run"]

VIEWS = ("overview", "steps", "ops", "kernels", "framework", "memory")
BAR_CELLS = 20
TOP_OF_OVERVIEW = 10
UNBOUNDED = 10_000  # columns where nobody looks: nothing is cut for a pipe


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to print: the view, the column to sort by ("" for the view's own), how many rows, the form."""

    view: str = "overview"
    sort: str = ""
    top: int | None = None
    python: bool = False
    form: str = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values under names; `cells` shows one value for people."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]


def run(paths: Sequence[str], wanted: Wanted, run_pattern: str | None = None, whole: bool = False) -> int:
    """Prints a capture's tables to standard output. Of several captures the newest that `run_pattern` finds in
    "session host" is taken. whole: nothing is cut to the width of the terminal. Raises CommandError."""
    captures = _captures(paths, run_pattern)
    profile, capture = _first_readable(captures)
    from tbtui.profiles.overview import look_over

    overview = look_over(profile, wanted.python)
    out = sys.stdout
    if wanted.form == "json":
        json.dump(_as_json(capture, profile, overview, wanted), out, ensure_ascii=True, allow_nan=False)
        out.write("\n")
    elif wanted.form == "csv":
        table = _cut(_table(overview, wanted.view), wanted)
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(table.names)
        writer.writerows(table.rows)
    else:
        _print(capture, len(captures), profile, overview, wanted, out, whole)
    return 0


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


def _first_readable(captures: Sequence[CaptureFile]) -> tuple[Profile, CaptureFile]:
    reasons = []
    for capture in captures:
        try:
            return read_capture(capture), capture
        except BadProfile as error:
            reasons.append(f"{capture.path}: {error}")
    raise CommandError(reasons[0])


# --- the tables, in plain numbers


def _table(overview: Overview, view: str) -> Table:
    return _TABLES[view](overview)


def _steps(overview: Overview) -> Table:
    names = ("step", "start_us", "duration_us", *(f"{_word(name)}_us" for name in overview.spent), "device_busy_us")
    rows = [
        (
            step.name,
            _us(step.start),
            _us(step.duration),
            *(_us(step.spent[name]) for name in overview.spent),
            _us(step.device_busy),
        )
        for step in overview.steps
    ]
    return Table(names, rows)


def _operators(overview: Overview) -> Table:
    names = ("name", "kind", "calls", "total_us", "self_us", "mean_us", "self_share", "device_us", "device_self_us")
    whole = sum(row.own for row in overview.operators)
    rows = [
        (
            row.name,
            row.kind.name.lower(),
            row.calls,
            _us(row.total),
            _us(row.own),
            _us(row.total / row.calls),
            row.own / whole if whole else 0.0,
            _us(row.device_total),
            _us(row.device_own),
        )
        for row in overview.operators
    ]
    return Table(names, rows)


def _kernels(overview: Overview) -> Table:
    names = (
        "name", "operator", "calls", "total_us", "mean_us", "min_us", "max_us", "grid", "block", "registers",
        "shared_memory", "occupancy_pct", "blocks_per_sm", "tensor_cores",
    )  # fmt: skip
    rows = [
        (
            row.name,
            row.operator,
            row.calls,
            _us(row.total),
            _us(row.mean),
            _us(row.shortest),
            _us(row.longest),
            "x".join(map(str, row.grid)),
            "x".join(map(str, row.block)),
            row.registers,
            row.shared_memory,
            row.occupancy,
            row.blocks_per_sm,
            row.tensor_cores,
        )
        for row in overview.kernels
    ]
    return Table(names, rows)


def _framework(overview: Overview) -> Table:
    names = ("operation", "type", "where", "calls", "total_us", "self_us", "mean_us", "self_share")
    whole = {place: sum(row.own for row in overview.framework if row.on_device == place) for place in (True, False)}
    rows = [
        (
            row.name,
            row.type,
            "device" if row.on_device else "host",
            row.calls,
            _us(row.total),
            _us(row.own),
            _us(row.total / row.calls) if row.calls else None,
            row.own / whole[row.on_device] if whole[row.on_device] else 0.0,
        )
        for row in overview.framework
    ]
    return Table(names, rows)


def _memory(overview: Overview) -> Table:
    names = ("device", "peak_bytes", "peak_at_us", "reserved_bytes", "capacity_bytes")
    rows = [
        (
            "host" if use.device is None else use.device,
            use.peak,
            _us(use.peak_time),
            max(int(use.reserved.max(initial=0)), 0),
            use.capacity,
        )
        for use in overview.memory
    ]
    return Table(names, rows)


_TABLES: dict[str, Callable[[Overview], Table]] = {
    "overview": _operators,
    "steps": _steps,
    "ops": _operators,
    "kernels": _kernels,
    "framework": _framework,
    "memory": _memory,
}


def _cut(table: Table, wanted: Wanted) -> Table:
    """Sorted by the wanted column, numbers from the largest on, and cut to so many rows."""
    rows = table.rows
    if wanted.sort:
        if wanted.sort not in table.names:
            raise CommandError(f"--sort: the view has the columns {', '.join(table.names)}", 2)
        place = table.names.index(wanted.sort)
        words = any(isinstance(row[place], str) for row in rows)
        rows = sorted(rows, key=lambda row: str(row[place]) if words else -(row[place] or 0))
    return Table(table.names, rows[: wanted.top])


def _us(picoseconds: float) -> float:
    return round(picoseconds / PS_PER_US, 6)


def _word(category: str) -> str:
    return category.lower().replace(" ", "_")


# --- for programs


def _as_json(capture: CaptureFile, profile: Profile, overview: Overview, wanted: Wanted) -> dict[str, Any]:
    views = VIEWS[1:] if wanted.view == "overview" else (wanted.view,)
    found: dict[str, Any] = {
        "path": capture.path,
        "session": capture.session,
        "host": capture.host,
        "writer": profile.writer,
        "devices": {str(number): name for number, name in profile.devices.items()},
        "problems": profile.problems,
        "advice": overview.advice,
        "device_busy": overview.busy,
        "kernel_busy": overview.kernel_busy,
        "sm_efficiency_pct": overview.sm_efficiency,
        "occupancy_pct": overview.occupancy,
    }
    for view in views:
        table = _cut(_table(overview, view), wanted if view == wanted.view else Wanted(top=wanted.top))
        found[view] = [dict(zip(table.names, row, strict=True)) for row in table.rows]
    return found


# --- for people


def _print(
    capture: CaptureFile, count: int, profile: Profile, overview: Overview, wanted: Wanted, out: TextIO, whole: bool
) -> None:
    width = UNBOUNDED if whole or not out.isatty() else size(out)[0]
    lines = [f"{safe(capture.path)}"]
    if count > 1:
        lines.append(f"the newest of {count} captures (--run RE picks another by session and host)")
    lines += [f"problem: {safe(problem)}" for problem in profile.problems]
    lines.append("")
    if wanted.view == "overview":
        lines += _overview_lines(profile, overview, can_show(out, "█"))
        lines += ["", "Operators by their own time"]
        wanted = Wanted("ops", wanted.sort, TOP_OF_OVERVIEW if wanted.top is None else wanted.top)
    lines += _table_lines(_cut(_table(overview, wanted.view), wanted), width)
    out.write("\n".join(lines) + "\n")


def _overview_lines(profile: Profile, overview: Overview, blocks: bool) -> list[str]:
    devices = ", ".join(f"{number}: {safe(name)}" for number, name in sorted(profile.devices.items()))
    lines = [f"devices   {devices}"] if devices else []
    took = overview.durations
    if took is not None:
        lines.append(
            f"steps     {len(overview.steps)}: mean {_time(took.mean)}, median {_time(took.median)}, "
            f"95 % within {_time(took.high)}, {_time(took.shortest)} to {_time(took.longest)}"
        )
    if overview.busy is not None and overview.kernel_busy is not None:
        told = [f"busy {overview.busy:.1%} of the steps' time", f"kernels {overview.kernel_busy:.1%}"]
        if overview.sm_efficiency is not None:
            told.append(f"estimated SM efficiency {overview.sm_efficiency:.1f} %")
        if overview.occupancy is not None:
            told.append(f"occupancy {overview.occupancy:.1f} %")
        lines.append("device    " + ", ".join(told))
    if overview.overlap is not None:
        hidden, exposed = overview.overlap.overlapped, overview.overlap.exposed
        lines.append(f"communication {_time(hidden + exposed)}, of which {_time(exposed)} hidden by nothing")
    whole = sum(overview.spent.values())
    if whole:
        lines += ["", "Where the time of the steps went"]
        names = max(map(len, overview.spent))
        for name, spent in overview.spent.items():
            share = spent / whole
            bar = ("█" if blocks else "#") * round(share * BAR_CELLS)
            lines.append(f"  {name:<{names}}  {share:>6.1%}  {_time(spent):>10}  {bar}".rstrip())
    if overview.advice:
        lines += ["", *(f"! {sentence}" for sentence in overview.advice)]
    return lines


def _table_lines(table: Table, width: int) -> list[str]:
    if not table.rows:
        return ["nothing of that kind in this capture"]
    columns = [
        Column(_heading(name), right=index > 0 and not _is_text(table, index), keep="middle" if index < 2 else None,
               optional=index > 4)
        for index, name in enumerate(table.names)
    ]  # fmt: skip
    rows = [[_cell(name, value) for name, value in zip(table.names, row, strict=True)] for row in table.rows]
    return set_in_columns(columns, rows, width)


def _is_text(table: Table, index: int) -> bool:
    return any(isinstance(row[index], str) for row in table.rows)


def _heading(name: str) -> str:
    return name.removesuffix("_us").removesuffix("_bytes").removesuffix("_pct").replace("_", " ")


def _cell(name: str, value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    if name.endswith("_us"):
        return _time(value * PS_PER_US)
    if name.endswith("_bytes") or name == "shared_memory":
        return format_bytes(value)
    if name.endswith("_share"):
        return f"{value:.1%}"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def _time(picoseconds: float) -> str:
    """A duration with three digits: 1.23 s, 45.6 ms, 789 µs, 12.3 ns."""
    for unit, length in (("s", 1e12), ("ms", 1e9), ("µs", 1e6), ("ns", 1e3)):
        if picoseconds >= length or unit == "ns":
            value = picoseconds / length
            return f"{value:.0f} {unit}" if value >= 100 else f"{value:.3g} {unit}"
    raise AssertionError("nanoseconds take everything")
