"""Which variables of a graph are parameters of the model, and which something else keeps from step to step.

A GraphDef calls all of them variables: weights, the moments an optimizer keeps for each of them, step counts, what
metrics add up. The rules are in `Use.is_parameter`; they are those of docs/graphs.md.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from tbtui.graphs.attributes import element_bytes, numbers_in
from tbtui.graphs.model import Shape
from tbtui.graphs.table import CONTROL, Table, Weight

VARIABLES = frozenset(("Variable", "VariableV2", "VarHandleOp", "Parameter", "prim::Param"))
"""Operations that stand for what is kept from step to step. `Parameter` was written by torch before 1.2."""

CAPTURES = frozenset(("Placeholder", "_Arg"))
"""A traced function is given its variables from outside: resources that it reads as variables."""

RESOURCE = "resource"

_READS = frozenset(("Identity", "ReadVariableOp", "Cast", "Enter"))
"""What comes out is the variable still."""
_GATHER = "ResourceGather"
"""Reads rows of a variable, which does not tell how many it has."""
_MOST_READS = 4

_APPLY = re.compile(r"(Resource)?(Sparse)?Apply[A-Z]\w*")
_ADD = frozenset(("AssignAdd", "AssignAddVariableOp"))
_SUBTRACT = frozenset(("AssignSub", "AssignSubVariableOp"))

_OPTIMIZERS = frozenset(
    (
        "adadelta",
        "adafactor",
        "adagrad",
        "adagradda",
        "adam",
        "adamax",
        "adamw",
        "amsgrad",
        "exponentialmovingaverage",
        "ftrl",
        "lamb",
        "lion",
        "lossscaleoptimizer",
        "momentum",
        "muon",
        "nadam",
        "optimizer",
        "rmsprop",
        "sgd",
        "beta1_power",
        "beta2_power",
    )
)
"""Parts of names, in small letters and without the number at their end."""
_METRICS = frozenset(("total", "count"))
"""Single numbers of these names, at the end, are a metric's."""
_LAST_NUMBER = re.compile(r"_\d+$")


class Variable(NamedTuple):
    """A node that is a variable, or may be one: the name it was given, and what it holds."""

    name: str
    dtype: str
    shape: Shape


@dataclass(slots=True)
class Use:
    """What a graph does with one variable: `read` is what reading it gives, where that is told."""

    updated: bool = False
    helps_update: bool = False
    added_to: bool = False
    subtracted_from: bool = False
    is_read: bool = False
    read: tuple[str, Shape] = ("", None)

    def is_parameter(self, variable: Variable) -> bool:
        """Whether it is a parameter of the model.

        None is what holds whole numbers, truths or texts; what an operation of an optimizer (`Apply...`) takes beside
        the variable that it changes; what is only ever added to; what a part of whose name is that of an optimizer;
        the sum and the count of a metric.
        """
        if variable.dtype.startswith(("int", "uint", "bool", "string", "variant")):
            return False
        if self.updated or self.helps_update:
            return self.updated
        if self.added_to and not self.subtracted_from:
            return False
        parts = [_LAST_NUMBER.sub("", part) for part in variable.name.lower().strip("/").split("/")]
        return _OPTIMIZERS.isdisjoint(parts) and not (variable.shape == () and parts[-1] in _METRICS)


def sort_out(table: Table, variables: dict[int, Variable]) -> None:
    """Fills in `weights` with the parameters among the variables, by their nodes, and `kept` with the others.

    Captured variables count where the graph has no variables of its own: they might be the same.
    """
    own = any(variable.dtype != RESOURCE for variable in variables.values())
    for node, use in _uses(table, variables).items():
        variable = variables[node]
        if variable.dtype == RESOURCE:
            if own or not use.is_read:
                continue
            variable = Variable(variable.name, *use.read)
        count = numbers_in(variable.shape)
        weight = Weight(count, None if count is None else count * element_bytes(variable.dtype))
        (table.weights if use.is_parameter(variable) else table.kept)[node] = weight


def _uses(table: Table, variables: Iterable[int]) -> dict[int, Use]:
    """What is done with each variable, also with what was read from it."""
    uses = {node: Use() for node in variables}
    carried = {node: node for node in uses}  # nodes that give a variable: which
    targets, new = table.targets, list(uses)
    for _ in range(_MOST_READS):
        if not new:
            break
        edges = np.flatnonzero(np.isin(table.sources, new) & (table.ports != CONTROL))
        new = []
        for edge in edges.tolist():
            target = int(targets[edge])
            op, argument = table.ops[target], edge - int(table.starts[target])
            node = carried[int(table.sources[edge])]
            use = uses[node]
            if _APPLY.fullmatch(op):
                use.updated |= argument == 0
                use.helps_update |= argument > 0
            elif argument == 0 and op in _ADD:
                use.added_to = True
            elif argument == 0 and op in _SUBTRACT:
                use.subtracted_from = True
            elif op == _GATHER and argument == 0:
                use.is_read = True
            elif op in _READS and target not in carried:
                carried[target] = node
                new.append(target)
                if op == "ReadVariableOp":
                    use.is_read = True
                    if use.read[1] is None:
                        use.read = next(iter(table.results(target)), ("", None))
    return uses
