"""How many numbers the parameters of a torch trace have.

The trace gives shapes of activations only; of a parameter it tells which operation uses it, as which argument. For the
layers whose arithmetic leaves no choice the shape of the parameter follows from that; of others nothing is claimed.
Source: the signatures of the aten operators.
"""

from __future__ import annotations

import math
import re

from tbtui.graphs.attributes import numbers_in
from tbtui.graphs.model import Shape
from tbtui.graphs.table import NOBODY, Table, Weight
from tbtui.graphs.torch import PARAMETER

FLOAT_BYTES = 4
BUFFERS = frozenset(("running_mean", "running_var", "num_batches_tracked"))
"""Kept from step to step, but not trained: torch does not count them."""

_VALUE = re.compile(r"\{\s*value\s*:\s*(-?\d+)\s*\}")
_CONVOLUTIONS = frozenset(("aten::_convolution", "aten::conv1d", "aten::conv2d", "aten::conv3d"))


def note_weights(table: Table) -> None:
    """Notes what is known of every parameter among the nodes of a trace."""
    parameters = {node for node, op in enumerate(table.ops) if op == PARAMETER}
    counts: dict[int, int | None] = {}
    targets = table.targets
    for edge, source in enumerate(table.sources.tolist()):
        if source in parameters and counts.get(source) is None:
            user = int(targets[edge])
            counts[source] = _Use(table, user).numbers(edge - int(table.starts[user]))
    for node in parameters:
        name = table.places[node].rpartition("/")[2]
        if name not in BUFFERS:
            told = numbers_in(_shape(table, node))
            count = counts.get(node) if told is None else told
            table.weights[node] = Weight(count, None if count is None else count * FLOAT_BYTES)


def _shape(table: Table, node: int) -> Shape:
    results = table.results(node) if node != NOBODY else []
    return results[0][1] if results else None


class _Use:
    """An operation that uses parameters."""

    def __init__(self, table: Table, node: int) -> None:
        self.table = table
        self.op = table.ops[node]
        self.sources: list[int] = table.sources[table.starts[node] : table.starts[node + 1]].tolist()
        self.given = _shape(table, node)
        self.taken = _shape(table, self.sources[0]) if self.sources else None

    def numbers(self, argument: int) -> int | None:
        """How many numbers an argument has, None where that can't be told."""
        if not self.given or not self.taken or min(*self.given[1:], *self.taken[1:], 0) < 0:
            return None
        if self.op == "aten::linear":
            return {1: self.given[-1] * self.taken[-1], 2: self.given[-1]}.get(argument)
        if self.op in _CONVOLUTIONS and len(self.given) > 2:
            return self._kernel() if argument == 1 else self.given[1] if argument == 2 else None
        if self.op in ("aten::batch_norm", "aten::instance_norm") and argument in (1, 2) and len(self.taken) > 1:
            return self.taken[1]
        if self.op == "aten::group_norm" and argument in (2, 3) and len(self.taken) > 1:
            return self.taken[1]
        if self.op == "aten::layer_norm" and argument in (2, 3):
            sizes = self._integers(1)
            return None if sizes is None else math.prod(sizes)
        return None

    def _kernel(self) -> int | None:
        """The weight of a convolution: where the stride is 1 the sizes of what goes in and out tell its own."""
        assert self.given is not None
        assert self.taken is not None
        stride, padding, dilation = (self._integers(argument) for argument in (3, 4, 5))
        groups = self._integer(8 if self.op == "aten::_convolution" else 6)
        inner = len(self.given) - 2
        if not stride or not padding or not dilation or not groups or len(self.taken) != len(self.given):
            return None
        if self.op == "aten::_convolution" and self._integer(6) != 0:  # transposed
            return None
        sizes = []
        for axis in range(inner):
            step, pad, wide = (one[axis % len(one)] for one in (stride, padding, dilation))
            span = self.taken[2 + axis] + 2 * pad - self.given[2 + axis]
            if step != 1 or wide < 1 or span < 0 or span % wide:
                return None
            sizes.append(span // wide + 1)
        return self.given[1] * (self.taken[1] // groups) * math.prod(sizes)

    def _integer(self, argument: int) -> int | None:
        return self._value(self.sources[argument]) if argument < len(self.sources) else None

    def _integers(self, argument: int) -> list[int] | None:
        """A list of constants; None where it is something else."""
        if argument >= len(self.sources) or self.sources[argument] == NOBODY:
            return None
        node, table = self.sources[argument], self.table
        if table.ops[node] != "prim::ListConstruct":
            return None
        values = [self._value(one) for one in table.sources[table.starts[node] : table.starts[node + 1]].tolist()]
        return [one for one in values if one is not None] if None not in values else None

    def _value(self, node: int) -> int | None:
        """The number of a constant."""
        if node == NOBODY or self.table.ops[node] != "prim::Constant":
            return None
        body, number = self.table.body(node)
        for attribute in body.attributes(number):
            found = _VALUE.search(attribute.text) if attribute.name == "attr" else None
            if found is not None:
                return int(found[1])
        return None
