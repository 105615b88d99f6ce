"""What is said of rows of a graph, in few cells: numbers, bars, signs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from tbtui.analysis.numbers import format_bytes, format_step
from tbtui.graphs import Entry

_EIGHTHS = " ▏▎▍▌▋▊▉█"
_UNITS = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"))


class Signs(NamedTuple):
    """Characters that mean something."""

    folded: str
    open: str
    node: str
    many: str
    into: str
    out: str
    ellipsis: str
    dot: str
    deeper: str


UNICODE = Signs("▸", "▾", "•", "×", "←", "→", "…", "·", "‹")
ASCII = Signs(">", "v", "*", "x", "<", ">", "~", "-", "<")


@dataclass(frozen=True, slots=True)
class Totals:
    """What bars are drawn against: the most that any topmost row has; 0 where nothing is known."""

    compute: float = 0.0
    memory: float = 0.0
    parameters: bool = False
    """Whether parameters are known of any row."""
    size: bool = False


def totals(entries: list[Entry]) -> Totals:
    """Those of the topmost rows."""
    return Totals(
        sum(entry.compute or 0.0 for entry in entries),
        sum(entry.memory or 0 for entry in entries),
        any(entry.parameters for entry in entries),
        any(entry.size for entry in entries),
    )


def format_time(seconds: float) -> str:
    """`0.00123` -> `1.23ms`."""
    unit, word = next(((unit, word) for unit, word in _UNITS if seconds >= unit), _UNITS[-1])
    value = seconds / unit
    return f"{value:.3g}{word}" if value < 1000 else f"{value:.0f}{word}"


def format_count(count: int | None) -> str:
    """`1234` -> `1.2k`; nothing where it is not known."""
    return "" if count is None else format_step(count)


def format_size(size: int | None) -> str:
    """Bytes; nothing where they are not known."""
    return "" if size is None else format_bytes(size)


def bar(share: float, cells: int, ascii_only: bool = False) -> str:
    """A bar of a share (0 to 1) of so many cells; what is more than nothing has at least a trace."""
    share = min(max(share, 0.0), 1.0)
    if ascii_only:
        return ("#" * max(round(share * cells), share > 0)).ljust(cells)
    eighths = max(round(share * cells * 8), share > 0)
    return ("█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()).ljust(cells)


def kind_words(entry: Entry, signs: Signs) -> str:
    """What a row is: the operation of a node, how many nodes are in a scope."""
    nodes = f"{entry.ops:,} node{'s' * (entry.ops != 1)}"
    if entry.kind == "node":
        return entry.op or "node without a type"
    if entry.kind == "series":
        return f"{entry.count} alike{f' ({entry.op})' if entry.op else ''}, {nodes}"
    if entry.kind == "minor":
        return entry.name
    return f"{entry.op or 'scope'} {signs.dot} {nodes}"


def number_words(entry: Entry, signs: Signs) -> list[tuple[str, str]]:
    """(what, how much) of everything that is known of a row's size and cost."""
    facts = []
    if entry.parameters is not None:
        size = f" ({format_size(entry.size)})" if entry.size is not None else ""
        least = "at least " if entry.at_least else ""
        facts.append(("parameters", f"{least}{entry.parameters:,}{size}"))
    if entry.compute is not None:
        facts.append(("compute", format_time(entry.compute)))
    if entry.memory is not None:
        facts.append(("memory", format_bytes(entry.memory)))
    return facts
