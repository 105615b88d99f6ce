"""The nodes and edges of a graph in arrays, whatever they were read from."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from tbtui.graphs.model import Attribute, Shape

Ints = NDArray[np.int64]
Result = tuple[str, Shape]
"""What an output of a node is: its data type ("" where unknown) and shape."""

CONTROL = -1
"""The port of a control edge."""
NOBODY = -1
"""The source of an edge whose input names no node."""

MAIN, LIBRARY = 0, 1
"""The roots of the tree: the graph itself, its function library."""

MOST_LEVELS = 4096
"""Scopes deeper than this are not told apart: such a name is one that wants to do harm."""


class Weight(NamedTuple):
    """What a node keeps from step to step: how many numbers, and their bytes; None where its shape is not told.

    at_least: these are the fewest that it can have.
    """

    numbers: int | None
    size: int | None
    at_least: bool = False

    @property
    def is_open(self) -> bool:
        """Whether it may have more than it tells."""
        return self.at_least or self.numbers is None


@dataclass(slots=True)
class Body:
    """What a node tells when asked: each function takes the number of the node among those that share the body."""

    attributes: Callable[[int], list[Attribute]]
    results: Callable[[int], list[Result]]
    functions: Callable[[int], list[str]] = field(default=lambda number: [])


@dataclass(slots=True)
class Table:
    """Nodes 0..n-1 and their edges.

    names: full names; places: the names they have in the tree (some kinds of graphs rename); ops, devices: of each
    node, equal texts shared. root: MAIN or LIBRARY of each. made_up: nodes that no file holds (arguments and results
    of functions). starts int64[n+1]: edges starts[i]:starts[i+1] go into node i, in the order of its inputs;
    sources int64[e]: NOBODY where dangling; ports int64[e]: output of the source, or CONTROL. dangling: the text of
    inputs that name no node, by edge. classes: class of a scope, by root and path. weights: of the
    nodes that are or have parameters; kept: of variables that are none. problems: what is wrong, in words.
    torch: the scopes are named "Class[name]".
    """

    names: list[str]
    places: list[str]
    ops: list[str]
    devices: list[str]
    roots: list[int]
    made_up: NDArray[np.bool_]
    starts: Ints
    sources: Ints
    ports: Ints
    dangling: dict[int, str]
    bodies: list[tuple[Body, int]]
    body_starts: list[int]
    classes: dict[tuple[int, str], str]
    weights: dict[int, Weight]
    problems: list[str]
    torch: bool = False
    kept: dict[int, Weight] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.names)

    @property
    def targets(self) -> Ints:
        """The node each edge goes into, int64[e]."""
        return np.repeat(np.arange(len(self.names)), np.diff(self.starts))

    def body(self, node: int) -> tuple[Body, int]:
        """Who knows more about a node, and its number there."""
        place = int(np.searchsorted(np.asarray(self.body_starts), node, side="right")) - 1
        body, first = self.bodies[place]
        return body, node - first

    def results(self, node: int) -> list[Result]:
        """Data type and shape of each output of a node, as far as they are told."""
        body, number = self.body(node)
        return body.results(number)


class TableBuilder:
    """Takes nodes one after the other and joins their inputs at the end."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.ops: list[str] = []
        self.devices: list[str] = []
        self.roots: list[int] = []
        self.inputs: list[Sequence[str]] = []
        self.classes: dict[tuple[int, str], str] = {}
        self.weights: dict[int, Weight] = {}
        self.problems: list[str] = []
        self._made_up: list[int] = []
        self._spaces: list[tuple[int, int]] = []  # [first, last) of each group of nodes that see each other
        self._bodies: list[tuple[Body, int]] = []
        self._body_starts: list[int] = []
        self._texts: dict[str, str] = {}
        self._begun = 0

    def begin(self, body: Body) -> None:
        """From here on, nodes are known to `body`."""
        self._bodies.append((body, len(self.names)))
        self._body_starts.append(len(self.names))

    def add(
        self, name: str, op: str, device: str, inputs: Sequence[str], root: int = MAIN, made_up: bool = False
    ) -> None:
        """One node. Its inputs are written as the names of nodes were given to `end_space`."""
        if made_up:
            self._made_up.append(len(self.names))
        self.names.append(name)
        self.ops.append(self._texts.setdefault(op, op))
        self.devices.append(self._texts.setdefault(device, device))
        self.roots.append(root)
        self.inputs.append(inputs)

    def end_space(self) -> None:
        """The nodes since the last call see each other by their names, and nothing else."""
        self._spaces.append((self._begun, len(self.names)))
        self._begun = len(self.names)

    def finish(self, prefixes: Sequence[str] = ()) -> Table:
        """The table. prefixes: what `add` was given before the name, for each space ("" where there are fewer)."""
        sources: list[int] = []
        ports: list[int] = []
        dangling: dict[int, str] = {}
        counts: list[int] = []
        repeated = 0
        for number, (first, last) in enumerate(self._spaces):
            prefix = prefixes[number] if number < len(prefixes) else ""
            index = {name: first + i for i, name in reversed(list(enumerate(self.names[first:last])))}
            repeated += last - first - len(index)
            for inputs in self.inputs[first:last]:
                counts.append(len(inputs))
                for text in inputs:
                    source, port = _resolve(text, index, prefix)
                    if source == NOBODY:
                        dangling[len(sources)] = text
                    sources.append(source)
                    ports.append(port)
        if repeated:
            self.problems.append(f"{repeated:,} node{'s have' if repeated > 1 else ' has'} the name of another")
        starts = np.zeros(len(counts) + 1, np.int64)
        np.cumsum(counts, out=starts[1:])
        made_up = np.zeros(len(self.names), bool)
        made_up[self._made_up] = True
        return Table(
            names=self.names,
            places=self.names,
            ops=self.ops,
            devices=self.devices,
            roots=self.roots,
            made_up=made_up,
            starts=starts,
            sources=np.array(sources, np.int64),
            ports=np.array(ports, np.int64),
            dangling=dangling,
            bodies=self._bodies,
            body_starts=self._body_starts,
            classes=self.classes,
            weights=self.weights,
            problems=self.problems,
        )


def _resolve(text: str, index: dict[str, int], prefix: str) -> tuple[int, int]:
    """(source, port) of an input: `name`, `name:port`, `name:output:port`, `^name`."""
    found = index.get(prefix + text)
    if found is not None:
        return found, 0
    if text.startswith("^"):
        return index.get(prefix + text[1:], NOBODY), CONTROL
    name, colon, digits = text.rpartition(":")
    port = int(digits) if colon and digits.isdecimal() and len(digits) < 10 else 0
    if colon and digits.isdecimal():
        found = index.get(prefix + name)
        if found is None:
            found = index.get(prefix + name.rpartition(":")[0])
    return (NOBODY if found is None else found), port
