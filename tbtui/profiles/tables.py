"""The tables of a capture in plain numbers, one for each view: for the command, for the screen, for files."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tbtui.profiles.model import PS_PER_US
from tbtui.profiles.overview import Overview


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of plain values under names. What a name ends with tells the unit: `_us` microseconds, `_bytes`, `_pct`
    percent, `_share` between 0 and 1. None is what the capture does not tell."""

    names: tuple[str, ...]
    rows: list[tuple[Any, ...]]


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
