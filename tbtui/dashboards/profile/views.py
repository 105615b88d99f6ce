"""Which views there are, what the rows of each may stand for, and making their tables, which may take long."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from tbtui.dashboards.profile.opening import Opened
from tbtui.profiles.framework import IDLE
from tbtui.profiles.holders import memory_holders
from tbtui.profiles.idle import idle_times
from tbtui.profiles.modules import find_modules
from tbtui.profiles.operators import operator_table, operators_by_type
from tbtui.profiles.tables import (
    Table,
    allocators_table,
    holders_table,
    modules_table,
    operators_as_table,
    scoped_operators_table,
    with_idle,
    without_idle,
)

__all__ = ["VIEWS", "View", "make_table"]


@dataclass(frozen=True, slots=True)
class View:
    """A view: how it is called, the word for it where there is little room, and by name what its rows may stand for.
    hidden: columns that are not shown on the screen."""

    name: str
    title: str
    short: str
    rows: tuple[tuple[str, str], ...] = (("", ""),)
    hidden: frozenset[str] = frozenset()
    empty: str = ""


VIEWS: dict[str, View] = {
    view.name: view
    for view in (
        View("overview", "Overview", "Overview"),
        View("steps", "Steps", "Steps"),
        View(
            "ops",
            "Operators",
            "Ops",
            (
                ("", "by name"),
                ("shapes", "by name and shape"),
                ("types", "by type"),
                ("modules", "by module"),
                ("scoped", "by module and name"),
            ),
            frozenset(("path",)),
        ),
        View(
            "kernels", "Kernels", "Kernels", hidden=frozenset(("name",)), empty="no kernels of a device in this capture"
        ),
        View("framework", "Framework", "Framew.", empty="this capture tells of no framework's operations: XLA's do"),
        View(
            "memory",
            "Memory",
            "Memory",
            (("peak", "held at the peak"), ("allocations", "by what was allocated"), ("", "devices")),
            empty="no memory was recorded in this capture (profile_memory=True does)",
        ),
        View("timeline", "Timeline", "Timel."),
        View("distributed", "Distributed", "Distr.", (("", "ranks"), ("collectives", "collectives"))),
        View("difference", "Difference", "Differ."),
        View("analyses", "Analyses", "Analys."),
    )
}
"""By their names, in the order in which they follow each other."""


def make_table(opened: Opened, view: str, rows: str, idle: bool) -> Table:
    """The table of a view of one capture. May take long."""
    if opened.only_analyses:
        table = opened.tables.get(view, Table((), []))
        return table if idle or view != "ops" or not table.rows else without_idle(table, IDLE)
    if view == "ops":
        found = _OPERATORS[rows](opened)
        return with_idle(found, *idle_times(opened.profile, opened.calls)) if idle and not rows else found
    if view == "memory" and rows:
        holders = memory_holders(opened.profile, opened.calls)
        return holders_table(holders.at_peak) if rows == "peak" else allocators_table(holders.allocators)
    found = opened.tables[view]
    return without_idle(found, IDLE) if view == "framework" and not idle else found


_OPERATORS: dict[str, Callable[[Opened], Table]] = {
    "": lambda opened: opened.tables["ops"],
    "shapes": lambda opened: operators_as_table(operator_table(opened.profile, opened.calls, shapes=True)),
    "types": lambda opened: operators_as_table(operators_by_type(opened.overview.operators)),
    "modules": lambda opened: modules_table(find_modules(opened.profile)),
    "scoped": lambda opened: scoped_operators_table(find_modules(opened.profile)),
}


def lead(table: Table, column: str) -> Table:
    """The same table with another column as the first."""
    if column not in table.names:
        return table
    place = table.names.index(column)
    order = [place, *(other for other in range(len(table.names)) if other != place)]
    return replace(
        table,
        names=tuple(table.names[other] for other in order),
        rows=[tuple(row[other] for other in order) for row in table.rows],
    )
