"""Graphs that torch's `add_graph` writes: scopes named "Class[name]", parameters apart from what uses them.

The trace names a scope by the modules that were called, but a parameter by the modules that hold it: what lies in a
list of modules has one more scope there (`Net/ModuleList[blocks]/Block[0]` against `Net/Block[0]`). Both are put where
the parameters are, because that is how the model is written.
"""

from __future__ import annotations

import re

from tbtui.graphs.table import NOBODY, Table

IO_NODE, PARAMETER = "IO Node", "prim::GetAttr"
LISTS = frozenset(
    f"prim::{one}{what}" for one in ("List", "Tuple") for what in ("Construct", "Unpack")
) | {"prim::TupleIndex", "prim::DictConstruct"}  # fmt: skip
"""Operations that only pack and unpack: the data flows through them."""

_MODULE = re.compile(r"(.*)\[(.*)\]", re.DOTALL)
Path = tuple[str, ...]


def is_torch(table: Table) -> bool:
    """Whether torch or tensorboardX wrote it: they alone have nodes for what goes in and out of the model."""
    return any(op == IO_NODE or op.startswith(("aten::", "prim::")) for op in set(table.ops))


def module(segment: str) -> tuple[str, str]:
    """(name, class) of a scope: "Conv2d[conv1]" is conv1 of the class Conv2d; others have no class."""
    found = _MODULE.fullmatch(segment)
    return (found[2], found[1]) if found and found[2] and "]" not in found[2] else (segment, "")


def rearrange(table: Table) -> None:
    """Gives nodes the places in the tree that the model has them at; their names stay."""
    table.torch = True
    places = list(table.names)
    parameters: dict[int, Path] = {}
    for node, op in enumerate(table.ops):
        if op == PARAMETER:
            parts = tuple(places[node].split("/"))
            if len(parts) > 2:  # "<module>/weight/weight.7": the scope has no other nodes
                parameters[node] = parts[:-2]
                places[node] = "/".join(parts[:-1])
    moves = _moves(table, parameters)
    for node, name in enumerate(table.names):
        if node not in parameters and moves:
            scope, slash, last = name.rpartition("/")
            places[node] = _moved(tuple(scope.split("/")), moves) + slash + last if slash else name
    _bring_together(table, parameters, places)
    table.places = places


def _moves(table: Table, parameters: dict[int, Path]) -> dict[Path, Path]:
    """For scopes of operations: the scope of the parameters they use, where there is just one."""
    found: dict[Path, set[Path]] = {}
    seen: set[tuple[Path, Path]] = set()
    targets = table.targets
    for edge, source in enumerate(table.sources.tolist()):
        if source == NOBODY or source not in parameters:
            continue
        held = parameters[source]
        used = tuple(table.names[int(targets[edge])].split("/")[:-1])
        if (held, used) in seen:
            continue
        seen.add((held, used))
        for short, long in _aligned(used, held):
            found.setdefault(short, set()).add(long)
    return {short: next(iter(longs)) for short, longs in found.items() if len(longs) == 1 and longs != {short}}


def _aligned(used: Path, held: Path) -> list[tuple[Path, Path]]:
    """Each scope above `used` with the one above `held` that it is; [] where the two are not the same module."""
    pairs = []
    place = 0
    for depth, segment in enumerate(used, 1):
        while place < len(held) and held[place] != segment:
            place += 1
        if place == len(held):
            return []
        place += 1
        pairs.append((used[:depth], held[:place]))
    return pairs if place == len(held) else []


def _moved(scope: Path, moves: dict[Path, Path]) -> str:
    for depth in range(len(scope), 0, -1):
        there = moves.get(scope[:depth])
        if there is not None:
            return "/".join(there + scope[depth:])
    return "/".join(scope)


def _bring_together(table: Table, parameters: dict[int, Path], places: list[str]) -> None:
    """Parameters that no scope could be moved to move to the one scope that uses them, where it is the same module."""
    targets = table.targets
    users: dict[int, set[str]] = {}
    for edge, source in enumerate(table.sources.tolist()):
        if source in parameters:
            users.setdefault(source, set()).add(places[int(targets[edge])].rpartition("/")[0])
    for node, scopes in users.items():
        here, _, last = places[node].rpartition("/")
        if len(scopes) == 1 and here not in scopes:
            scope = scopes.pop()
            if _aligned(tuple(scope.split("/")), parameters[node]):
                places[node] = f"{scope}/{last}"
