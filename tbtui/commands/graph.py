"""`tbtui graph`: the computation graphs of runs as trees, for people or as JSON."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, TextIO

from tbtui.analysis.numbers import format_bytes, format_duration, format_step
from tbtui.analysis.text import safe
from tbtui.commands.columns import Column, set_in_columns
from tbtui.commands.output import can_show, size
from tbtui.commands.reading import chosen_runs, nothing_found, read_logdirs
from tbtui.commands.session import CommandError
from tbtui.settings import Options

if TYPE_CHECKING:
    from tbtui.graphs import Entry, Graph, GraphSource, Summary
    from tbtui.store import Run, Store

__all__ = ["Wanted", "run"]

SCHEMA = 1
UNBOUNDED = 10_000  # columns where nobody looks: nothing is cut for a pipe
MOST_OPS = 8

COLUMNS = (
    Column("name", keep="middle"),
    Column("op", keep="head"),
    Column("nodes", right=True),
    Column("parameters", right=True),
    Column("bytes", right=True, optional=True),
    Column("time", right=True),
    Column("memory", right=True, optional=True),
    Column("device", keep="middle", optional=True),
)

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to print: how many levels of the tree, below which scope ("" for all), whether as JSON."""

    depth: int = 2
    scope: str = ""
    as_json: bool = False


def run(options: Options, wanted: Wanted) -> int:
    """Prints the graphs of the log directories to standard output: for people the first of each run, as JSON all.

    With `--tag` those whose tag or title it finds. Returns the exit code. Raises CommandError where there is none.
    """
    out = sys.stdout
    found = missing = 0
    graphs: list[Json] = []
    with read_logdirs(options) as logdir:
        for one, source, others, graph in _graphs(logdir.store, options, every=wanted.as_json):
            found += 1
            below = graph.find(wanted.scope) if wanted.scope else None
            if wanted.scope and below is None:
                missing += 1
                continue
            if wanted.as_json:
                graphs.append(_as_json(one, source, graph, below, wanted.depth))
            else:
                _print(out, one, source, others, graph, below, wanted.depth, first=found - missing == 1)
        if not found:
            raise nothing_found(logdir.store, options, "graphs")
        if missing == found:
            raise CommandError(f"no graph has a scope or node named {safe(wanted.scope)!r}")
    if wanted.as_json:
        out.write(json.dumps({"schema": SCHEMA, "graphs": graphs}, ensure_ascii=True, allow_nan=False) + "\n")
    return 0


def _graphs(store: Store, options: Options, every: bool) -> Iterator[tuple[Run, GraphSource, list[GraphSource], Graph]]:
    """(run, source, other sources of the run, graph) of the chosen runs: the first of each, or every one."""
    from tbtui.graphs import read_graph, sources

    pattern = re.compile(options.tag or "")
    for one in chosen_runs(store, options):
        fitting = [source for source in sources(one) if pattern.search(source.tag) or pattern.search(source.title)]
        for source in fitting if every else fitting[:1]:
            yield one, source, fitting[1:], read_graph(source)


def _rows(graph: Graph, below: Entry | None, depth: int) -> Iterator[tuple[int, Entry]]:
    """(level, entry) of the tree in order, `depth` levels of it. No recursion, however deep it is."""
    top = graph.children(below) if below is None or below.kind != "node" else [below]
    waiting = [(0, entry) for entry in reversed(top)]
    while waiting:
        level, entry = waiting.pop()
        yield level, entry
        if level + 1 < depth and entry.kind != "minor":
            waiting += [(level + 1, child) for child in reversed(graph.children(entry))]


def _as_json(one: Run, source: GraphSource, graph: Graph, below: Entry | None, depth: int) -> Json:
    return {
        "run": one.name,
        "kind": source.kind,
        "tag": source.tag,
        "step": source.step,
        "count": source.count,
        "variants": list(graph.variants),
        "stats": graph.stats,
        "summary": asdict(graph.summary()),
        "problems": list(graph.problems),
        "rows": [{"level": level, **asdict(entry)} for level, entry in _rows(graph, below, depth)],
    }


def _print(
    out: TextIO,
    one: Run,
    source: GraphSource,
    others: list[GraphSource],
    graph: Graph,
    below: Entry | None,
    depth: int,
    first: bool,
) -> None:
    ascii_only = not can_show(out, "×≥▸")
    words = [safe(one.name), safe(source.title), *_facts(graph.summary(), ascii_only)]
    if graph.stats:
        words.append(f"cost of {safe(graph.stats)}")
    lines = ["   ".join(words)] if first else ["", "   ".join(words)]
    lines += [f"  {safe(problem)}" for problem in graph.problems]
    if others:
        lines.append(f"  also: {', '.join(safe(other.title) for other in others)} (--tag RE chooses)")
    if below is not None:
        lines.append(f"  below {safe(below.path)}")
    rows = [_cells(level, entry, ascii_only) for level, entry in _rows(graph, below, depth)]
    width = size(out)[0] if out.isatty() else UNBOUNDED
    if rows:
        lines += ["", *set_in_columns(COLUMNS, rows, width)]
    out.write("\n".join(lines) + "\n")


def _facts(told: Summary, ascii_only: bool) -> list[str]:
    facts = [f"{told.nodes:,} nodes", f"{told.edges:,} edges"]
    if told.functions:
        facts.append(f"{told.functions:,} functions")
    if told.parameters is not None:
        facts.append(f"{_at_least(told.at_least, ascii_only)}{told.parameters:,} parameters")
    return facts


def _at_least(at_least: bool, ascii_only: bool) -> str:
    return ("at least " if ascii_only else "≥ ") if at_least else ""


def _cells(level: int, entry: Entry, ascii_only: bool) -> list[str]:
    times = f" {'x' if ascii_only else '×'}{entry.count}" if entry.kind == "series" else ""
    parameters = "" if entry.parameters is None else format_step(entry.parameters)
    if entry.at_least:
        parameters = ("at least " if ascii_only else "≥") + parameters if parameters else "?"
    return [
        "  " * level + safe(entry.name) + times,
        safe(entry.op),
        f"{entry.ops:,}",
        parameters,
        "" if entry.size is None else format_bytes(entry.size),
        "" if entry.compute is None else _time(entry.compute),
        "" if entry.memory is None else format_bytes(entry.memory),
        safe(entry.device),
    ]


def _time(seconds: float) -> str:
    """A time from microseconds up."""
    if seconds >= 1:
        return format_duration(seconds)
    micros = seconds * 1e6
    return f"{micros / 1000:.4g} ms" if micros >= 1000 else f"{micros:.4g} us"
