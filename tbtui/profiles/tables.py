"""The tables of a capture in plain numbers, one for each view: for the command, for the screen, for files."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from tbtui.profiles.difference import DifferenceRow
from tbtui.profiles.distributed import Distributed
from tbtui.profiles.holders import Allocator, Holder
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.profiles.model import PS_PER_US
from tbtui.profiles.modules import OUTSIDE, Modules
from tbtui.profiles.operators import OperatorRow
from tbtui.profiles.overview import Overview

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values under names. What a name ends with tells the unit: `_us` microseconds, `_bytes`, `_pct`
    percent, `_share` between 0 and 1. None is what the capture does not tell."""

    names: tuple[str, ...]
    rows: list[Row]


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
    return operators_as_table(overview.operators)


def operators_as_table(rows: Sequence[OperatorRow]) -> Table:
    """Operators by name, by name and shapes of the inputs, or by type."""
    names = ("name", "kind", "calls", "total_us", "self_us", "mean_us", "self_share", "device_us", "device_self_us")
    with_shapes = any(row.shapes for row in rows)
    whole = sum(row.own for row in rows)
    found = [
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
            *((row.shapes,) if with_shapes else ()),
        )
        for row in rows
    ]
    return Table((*names, "input_shapes") if with_shapes else names, found)


def _kernels(overview: Overview) -> Table:
    names = (
        "kernel", "operator", "calls", "total_us", "mean_us", "min_us", "max_us", "grid", "block", "registers",
        "shared_memory", "occupancy_pct", "blocks_per_sm", "tensor_cores", "name",
    )  # fmt: skip
    rows = [
        (
            short_kernel_name(row.name),
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
            row.name,
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


def holders_table(rows: Sequence[Holder]) -> Table:
    """What held the memory of each device at its peak."""
    names = ("name", "device", "blocks", "size_bytes", "size_share")
    whole = _sizes_by_device((row.device, row.size) for row in rows)
    found = [
        (row.name, _device(row.device), row.blocks, row.size, row.size / whole[row.device] if row.size else 0.0)
        for row in rows
    ]
    return Table(names, found)


def allocators_table(rows: Sequence[Allocator]) -> Table:
    """Which operators allocated most."""
    names = ("name", "device", "calls", "size_bytes", "size_share", "mean_bytes", "max_bytes", "kept_bytes")
    whole = _sizes_by_device((row.device, row.size) for row in rows)
    found = [
        (
            row.name,
            _device(row.device),
            row.calls,
            row.size,
            row.size / whole[row.device],
            row.size // row.calls,
            row.largest,
            row.kept,
        )
        for row in rows
    ]
    return Table(names, found)


def _sizes_by_device(rows: Iterable[tuple[int | None, int]]) -> dict[int | None, int]:
    found: dict[int | None, int] = {}
    for device, size in rows:
        found[device] = found.get(device, 0) + size
    return found


def _device(number: int | None) -> str:
    return "host" if number is None else f"device {number}"


def with_idle(table: Table, host: int, devices: int) -> Table:
    """Operators by name, and a row for the time (ps) in which none ran; the shares are of all of it then."""
    names = table.names
    place, share = names.index("self_us"), names.index("self_share")
    whole = sum(row[place] for row in table.rows) + _us(host)
    idle = {"name": "IDLE", "kind": "idle", "calls": 0, "total_us": _us(host), "self_us": _us(host),
            "device_us": _us(devices), "device_self_us": _us(devices), "self_share": 0.0}  # fmt: skip
    rows = [*table.rows, tuple(idle.get(name) for name in names)]
    rows = [(*row[:share], row[place] / whole if whole else 0.0, *row[share + 1 :]) for row in rows]
    return Table(names, sorted(rows, key=lambda row: -row[place]))


def without_idle(table: Table, idle: str) -> Table:
    """The framework's operations without the rows of the type `idle`; the shares are of the rest."""
    names = table.names
    kind, where, place, share = (names.index(name) for name in ("type", "where", "self_us", "self_share"))
    rows = [row for row in table.rows if row[kind] != idle]
    whole: dict[str, float] = {}
    for row in rows:
        whole[row[where]] = whole.get(row[where], 0.0) + (row[place] or 0.0)
    return Table(
        names, [(*row[:share], (row[place] or 0.0) / (whole[row[where]] or 1.0), *row[share + 1 :]) for row in rows]
    )


def ranks_table(found: Distributed) -> Table:
    """What each rank spent its steps with; times are of all its steps together."""
    names = (
        "worker", "rank", "steps", "duration_us", "computation_us", "overlap_us", "communication_us", "other_us",
        "transfer_us", "waiting_us", "awaited_us", "straggler",
    )  # fmt: skip
    rows = [
        (
            row.work.worker,
            row.work.rank,
            row.work.steps,
            _us(row.work.duration),
            _us(row.work.computation - row.work.overlap),
            _us(row.work.overlap),
            _us(row.work.communication - row.work.overlap),
            _us(row.work.other),
            _us(row.transfer),
            _us(row.waiting),
            _us(row.awaited),
            row.straggler,
        )
        for row in found.ranks
    ]
    return Table(names, rows)


def collectives_table(found: Distributed) -> Table:
    """The collectives of all ranks together."""
    names = (
        "collective", "group", "ranks", "calls", "size_bytes", "mean_bytes", "total_us", "mean_us", "max_us",
        "transfer_us", "waiting_us",
    )  # fmt: skip
    rows = [
        (
            row.name,
            row.group,
            row.ranks,
            row.calls,
            row.size,
            None if row.size is None else row.size // row.calls,
            _us(row.total),
            _us(row.total / row.calls),
            _us(row.longest),
            None if row.transfer is None else _us(row.transfer),
            None if row.waiting is None else _us(row.waiting),
        )
        for row in found.collectives
    ]
    return Table(names, rows)


def difference_as_table(rows: Iterable[DifferenceRow]) -> Table:
    """Operators before and after; all for one step. The change as a share is None for what was not there before."""
    names = (
        "name", "kind", "calls_before", "calls_after", "self_before_us", "self_after_us", "self_change_us",
        "change_share", "device_self_before_us", "device_self_after_us", "device_self_change_us",
    )  # fmt: skip
    found = [
        (
            row.name,
            row.kind,
            row.before.calls,
            row.after.calls,
            _us(row.before.own),
            _us(row.after.own),
            _us(row.change),
            row.change / row.before.own if row.before.own else None,
            _us(row.before.device_own),
            _us(row.after.device_own),
            _us(row.device_change),
        )
        for row in rows
    ]
    return Table(names, found)


def modules_table(found: Modules) -> Table:
    """The modules, each before those in it, deeper ones moved to the right."""
    names = (
        "module", "calls", "total_us", "self_us", "device_us", "device_self_us", "backward_us", "backward_device_us",
        "path",
    )  # fmt: skip
    rows = [
        (
            "  " * row.depth + row.name,
            row.calls,
            _us(row.total),
            _us(row.own),
            _us(row.device_total),
            _us(row.device_own),
            _us(row.backward),
            _us(row.backward_device),
            row.path,
        )
        for row in found.rows
    ]
    return Table(names, rows)


def scoped_operators_table(found: Modules) -> Table:
    """Operators by the module, or range, that they ran in directly."""
    names = ("name", "module", "calls", "total_us", "self_us", "mean_us", "self_share", "device_us", "device_self_us")
    whole = sum(row.own for row in found.operators)
    rows = [
        (
            row.name,
            "(in none)" if row.path == OUTSIDE else row.path,
            row.calls,
            _us(row.total),
            _us(row.own),
            _us(row.total / row.calls),
            row.own / whole if whole else 0.0,
            _us(row.device_total),
            _us(row.device_own),
        )
        for row in found.operators
    ]
    return Table(names, rows)


def in_order(rows: list[Row], place: int | None, upward: bool) -> list[Row]:
    """Rows by a column: words from the first letter, numbers from the largest; what is not told stays at the end."""
    if place is None:
        return rows[::-1] if upward else rows
    known = [row for row in rows if row[place] is not None and row[place] != ""]
    words = any(isinstance(row[place], str) for row in known)
    if words:
        known.sort(key=lambda row: str(row[place]), reverse=upward)
    else:
        known.sort(key=lambda row: row[place], reverse=not upward)
    return known + [row for row in rows if row[place] is None or row[place] == ""]


def _us(picoseconds: float) -> float:
    return round(picoseconds / PS_PER_US, 6)


def _word(category: str) -> str:
    return category.lower().replace(" ", "_")


TABLES: dict[str, Callable[[Overview], Table]] = {
    "steps": _steps,
    "ops": _operators,
    "kernels": _kernels,
    "framework": _framework,
    "memory": _memory,
}
"""By the name of the view."""
