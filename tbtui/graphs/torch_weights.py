"""How many numbers the parameters of a torch trace have.

The trace gives shapes of activations only; of a parameter it tells which operation uses it, as which argument. For the
layers whose arithmetic leaves no choice the shape of the parameter follows from that; where it leaves some, as that of
a convolution with a stride does, the smallest that fits is told as such; of others nothing is claimed.
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

NOTHING = Weight(None, None)

_VALUE = re.compile(r"\{\s*value\s*:\s*(-?\d+)\s*\}")
_CONVOLUTIONS = frozenset(("aten::_convolution", "aten::conv1d", "aten::conv2d", "aten::conv3d"))
_SAME_NUMBERS = frozenset(f"aten::{one}" for one in ("t", "transpose", "permute", "view", "reshape", "numpy_T"))
"""Operations that give all the numbers they take."""
_LIST = "prim::ListConstruct"
_GATES = {"aten::lstm": 4, "aten::gru": 3, "aten::rnn_tanh": 1, "aten::rnn_relu": 1}
"""Recurrent layers: their weights are one list, layer by layer, direction by direction."""
_ATTENTION = {
    "aten::_native_multi_head_attention": (3, {5: (3, 2), 6: (3, 1), 7: (1, 2), 8: (1, 1)}),
    "aten::_transformer_encoder_layer_fwd": (
        1,
        {3: (3, 2), 4: (3, 1), 5: (1, 2), **dict.fromkeys((6, 10, 11, 12, 13, 17), (1, 1))},
    ),
}
"""The argument that is the width; of others how many times which power of the width they have."""


def note_weights(table: Table) -> None:
    """Notes what is known of every parameter among the nodes of a trace."""
    parameters = {node for node, op in enumerate(table.ops) if op == PARAMETER}
    found: dict[int, Weight] = {}
    places: dict[int, list[tuple[int, int]]] = {}  # of lists of parameters: which, and where in the list
    targets = table.targets
    for edge, source in enumerate(table.sources.tolist()):
        if source not in parameters or (source in found and not found[source].is_open):
            continue
        user = int(targets[edge])
        argument = edge - int(table.starts[user])
        if table.ops[user] == _LIST:
            places.setdefault(user, []).append((source, argument))
        else:
            _note(found, source, _Use(table, user).weight(argument))
    for edge, source in enumerate(table.sources.tolist()):
        if source in places and table.ops[int(targets[edge])] in _GATES:
            use = _Use(table, int(targets[edge]))
            for node, place in places[source]:
                _note(found, node, _weight(use.recurrent(source, place)))
    for node in parameters:
        name = table.places[node].rpartition("/")[2]
        if name not in BUFFERS:
            told = numbers_in(_shape(table, node))
            table.weights[node] = found.get(node, NOTHING) if told is None else _weight(told)


def _note(found: dict[int, Weight], node: int, weight: Weight) -> None:
    """What is certain counts, and a smallest number until then."""
    if weight.numbers is not None and (node not in found or not weight.at_least):
        found[node] = weight


def _weight(numbers: int | None, at_least: bool = False) -> Weight:
    return NOTHING if numbers is None else Weight(numbers, numbers * FLOAT_BYTES, at_least)


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

    def weight(self, argument: int) -> Weight:
        """What an argument is known to have."""
        if self.op in _SAME_NUMBERS and argument == 0:
            return _weight(numbers_in(self.given))
        if self.op in _ATTENTION:
            return _weight(self._attention(argument))
        if not self.given or not self.taken or min(*self.given[1:], *self.taken[1:], 0) < 0:
            return NOTHING
        if self.op in _CONVOLUTIONS and len(self.given) > 2 and argument == 1:
            return self._kernel(self.given, self.taken)
        return _weight(self._numbers(argument, self.given, self.taken))

    def _numbers(self, argument: int, given: tuple[int, ...], taken: tuple[int, ...]) -> int | None:
        if self.op == "aten::linear":
            return {1: given[-1] * taken[-1], 2: given[-1]}.get(argument)
        if self.op in _CONVOLUTIONS and len(given) > 2 and argument == 2:
            return given[1]
        if self.op in ("aten::batch_norm", "aten::instance_norm") and argument in (1, 2) and len(taken) > 1:
            return taken[1]
        if self.op == "aten::group_norm" and argument in (2, 3) and len(taken) > 1:
            return taken[1]
        if self.op in ("aten::layer_norm", "aten::rms_norm") and argument in (2, 3):
            sizes = self._integers(1)
            return None if sizes is None else math.prod(sizes)
        return None

    def _attention(self, argument: int) -> int | None:
        of_width, powers = _ATTENTION[self.op]
        width = self._integer(of_width)
        if width is None or argument not in powers:
            return None
        times, power = powers[argument]
        return times * int(width**power)

    def recurrent(self, packed: int, place: int) -> int | None:
        """How many numbers the weight at a place of the list of a recurrent layer has."""
        count = len(self._arguments(packed))
        biases, layers, two_ways = self._integer(3), self._integer(4), self._integer(7)
        if not self.given or not self.taken or None in (biases, layers, two_ways) or self.sources[2:3] != [packed]:
            return None
        ways = 2 if two_ways else 1
        each = 4 if biases else 2
        if count != each * ways * (layers or 0) or self.given[-1] < 1 or self.taken[-1] < 1:
            return None  # with projections there are more
        hidden = self.given[-1] // ways
        rows = _GATES[self.op] * hidden
        inputs = self.taken[-1] if place < each * ways else self.given[-1]
        return rows * (inputs, hidden, 1, 1)[place % each]

    def _kernel(self, given: tuple[int, ...], taken: tuple[int, ...]) -> Weight:
        """The weight of a convolution, from the sizes of what goes in and out; the smallest where the stride leaves a
        choice."""
        stride, padding, dilation = (self._integers(argument) for argument in (3, 4, 5))
        groups = self._integer(8 if self.op == "aten::_convolution" else 6)
        if not stride or not padding or not dilation or not groups or len(taken) != len(given):
            return NOTHING
        if self.op == "aten::_convolution" and self._integer(6) != 0:  # transposed
            return NOTHING
        sizes, choice = [], False
        for axis in range(len(given) - 2):
            step, pad, wide = (one[axis % len(one)] for one in (stride, padding, dilation))
            # (taken + 2 pad - wide (size - 1) - 1) // step + 1 == given: between these two lies wide (size - 1)
            most = taken[2 + axis] + 2 * pad - 1 - (given[2 + axis] - 1) * step
            if step < 1 or wide < 1 or most < 0:
                return NOTHING
            least = max(0, -(-(most - step + 1) // wide))
            if least * wide > most:
                return NOTHING
            choice |= most // wide > least
            sizes.append(least + 1)
        return _weight(given[1] * (taken[1] // groups) * math.prod(sizes), choice)

    def _arguments(self, node: int) -> list[int]:
        arguments: list[int] = self.table.sources[self.table.starts[node] : self.table.starts[node + 1]].tolist()
        return arguments

    def _integer(self, argument: int) -> int | None:
        return self._value(self.sources[argument]) if argument < len(self.sources) else None

    def _integers(self, argument: int) -> list[int] | None:
        """A list of constants; None where it is something else."""
        if argument >= len(self.sources) or self.sources[argument] == NOBODY:
            return None
        node = self.sources[argument]
        if self.table.ops[node] != _LIST:
            return None
        values = [self._value(one) for one in self._arguments(node)]
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
