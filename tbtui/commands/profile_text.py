"""Values and tables of profiles for people: columns set in lines, durations, headings."""

from __future__ import annotations

from typing import Any

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import safe
from tbtui.commands.columns import Column, set_in_columns
from tbtui.profiles.model import PS_PER_US
from tbtui.profiles.tables import Table

__all__ = ["cell_text", "heading", "table_lines", "time_text"]


SHORTEST = 5
"""Picoseconds that are told as 0.01 ns; less is nothing."""


def table_lines(table: Table, width: int) -> list[str]:
    """A table in lines of this width, headings first."""
    if not table.rows:
        return ["nothing of that kind in this capture"]
    columns = [
        Column(heading(name), right=index > 0 and not _is_text(table, index), keep="middle" if index < 2 else None,
               optional=index > 4)
        for index, name in enumerate(table.names)
    ]  # fmt: skip
    rows = [[cell_text(name, value) for name, value in zip(table.names, row, strict=True)] for row in table.rows]
    return set_in_columns(columns, rows, width)


def _is_text(table: Table, index: int) -> bool:
    return any(isinstance(row[index], str) for row in table.rows)


def heading(name: str) -> str:
    """A column's name for people; its unit is in the cells."""
    return name.removesuffix("_us").removesuffix("_bytes").removesuffix("_pct").replace("_", " ")


def cell_text(name: str, value: Any) -> str:
    """A value of a table for people, safe to show; what `name` ends with tells the unit."""
    if value is None:
        return ""
    if isinstance(value, str):
        return safe(value)
    if name.endswith("_us"):
        return time_text(value * PS_PER_US)
    if name.endswith("_ms"):
        return time_text(value * 1000 * PS_PER_US)
    if name.endswith("_pct"):
        return f"{value:.1f}%"
    if name.endswith("_bytes") or name == "shared_memory":
        return format_bytes(value)
    if name.endswith("_share"):
        return f"{value:.1%}"
    if isinstance(value, bool):
        return "yes" if value else ""
    return f"{value:.1f}" if isinstance(value, float) else str(value)


def time_text(picoseconds: float) -> str:
    """A duration with three digits: 1.23 s, 45.0 ms, 789 µs, 12.3 ns; 0 is 0 µs."""
    if abs(picoseconds) < SHORTEST:
        return "0 µs"
    for unit, length in (("s", 1e12), ("ms", 1e9), ("µs", 1e6), ("ns", 1e3)):
        value = abs(picoseconds) / length
        if value >= 0.9995 or unit == "ns":
            decimals = 0 if value >= 99.95 else 1 if value >= 9.995 else 2
            return f"{'-' if picoseconds < 0 else ''}{value:.{decimals}f} {unit}"
    raise AssertionError("nanoseconds take everything")
