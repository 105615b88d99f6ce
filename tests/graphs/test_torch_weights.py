"""Parameters of torch traces, from what the operations that use them take and give."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.events.proto.graph_pb2 import GraphDef
from tbtui.graphs import Entry
from tests.support.graphdefs import parsed

Argument = int | str | Sequence[int] | None
"""A constant, a parameter's name, a list of constants; None for something else."""


def traced(op: str, taken: Sequence[int], given: Sequence[int], arguments: Sequence[Argument]) -> dict[str, Entry]:
    """The parameters of a layer that is one operation, by their names."""
    graph = GraphDef()
    graph.node.add(name="input/x", op="IO Node")
    node = graph.node.add(name="Net/Layer[layer]/result", op=op, input=["input/x"])
    for shape, one in ((taken, graph.node[0]), (given, node)):
        sizes = one.attr["_output_shapes"].list.shape.add()
        for size in shape:
            sizes.dim.add(size=size)
    names = []
    for number, argument in enumerate(arguments):
        place = f"Net/Layer[layer]/{number}"
        if isinstance(argument, int):
            node.input.append(_constant(graph, place, argument))
        elif isinstance(argument, str):
            names += _parameters(graph, argument)
            node.input.append(f"Net/Layer[layer]/{argument}/{argument}")
        elif argument is not None and argument and isinstance(argument[0], str):
            held = [name for one in argument for name in _parameters(graph, str(one))]
            names += held
            packed = graph.node.add(name=place, op="prim::ListConstruct")
            packed.input.extend(f"Net/Layer[layer]/{name}/{name}" for name in held)
            node.input.append(place)
        else:
            values = [_constant(graph, f"{place}_{i}", value) for i, value in enumerate(argument or ())]
            graph.node.add(name=place, op="prim::ListConstruct", input=values)
            node.input.append(place)
    shown = parsed(graph.SerializeToString())
    found = {name: shown.find(f"Net/layer/{name}") for name in names}
    return {name: entry for name, entry in found.items() if entry is not None}


def _constant(graph: GraphDef, name: str, value: int) -> str:
    graph.node.add(name=name, op="prim::Constant").attr["attr"].s = f"{{ value : {value}}}".encode()
    return name


def _parameters(graph: GraphDef, name: str) -> list[str]:
    graph.node.add(name=f"Net/Layer[layer]/{name}/{name}", op="prim::GetAttr", input=["Net/Layer[layer]/" + name])
    return [name]


def numbers(found: dict[str, Entry]) -> dict[str, int | None]:
    return {name: entry.parameters for name, entry in found.items()}


@given(
    st.integers(1, 9), st.integers(1, 4), st.integers(0, 4), st.integers(1, 3), st.integers(1, 3), st.integers(0, 30)
)
def test_a_kernel_is_never_said_to_be_larger_than_it_is(
    size: int, stride: int, padding: int, dilation: int, groups: int, more: int
) -> None:
    length = dilation * (size - 1) + 1 + more
    out = (length + 2 * padding - dilation * (size - 1) - 1) // stride + 1
    settings = ([stride], [padding], [dilation], 0, [0], groups)
    found = traced("aten::_convolution", (2, 6, length), (2, 12, out), ("weight", "bias", *settings))
    weight, truth = found["weight"], 12 * (6 // groups) * size
    assert weight.parameters is not None
    assert weight.parameters == truth or (weight.at_least and weight.parameters < truth)
    assert stride > 1 or not weight.at_least
    assert found["bias"].parameters == 12


def test_the_strided_convolutions_of_a_resnet() -> None:
    for size, padding, taken in ((7, 3, 224), (3, 1, 56), (1, 0, 56)):
        found = traced(
            "aten::_convolution",
            (1, 64, taken, taken),
            (1, 128, taken // 2, taken // 2),
            ("weight", "bias", [2, 2], [padding, padding], [1, 1], 0, [0, 0], 1),
        )
        assert (found["weight"].parameters, found["weight"].at_least) == (128 * 64 * size * size, True)


@pytest.mark.parametrize(("op", "gates"), [("aten::lstm", 4), ("aten::gru", 3), ("aten::rnn_tanh", 1)])
@pytest.mark.parametrize("ways", [1, 2])
def test_recurrent_layers(op: str, gates: int, ways: int) -> None:
    names = [f"{kind}_l{layer}_{way}" for layer in (0, 1) for way in range(ways) for kind in ("ih", "hh", "b1", "b2")]
    found = numbers(traced(op, (3, 7, 5), (3, 7, 6 * ways), (None, names, 1, 2, 0, 0, ways - 1, 1)))
    rows = gates * 6
    assert found["ih_l0_0"] == rows * 5
    assert found[f"ih_l1_{ways - 1}"] == rows * 6 * ways
    assert (found["hh_l1_0"], found["b1_l0_0"], found["b2_l1_0"]) == (rows * 6, rows, rows)
    projected = traced(op, (3, 7, 5), (3, 7, 6), (None, ["a", "b", "c", "d", "e"], 1, 1, 0, 0, 0, 1))
    assert set(numbers(projected).values()) == {None}


def test_attention_and_weights_turned_around() -> None:
    names = ("qkv", "qkv_bias", "out", "out_bias")
    found = numbers(traced("aten::_native_multi_head_attention", (2, 5, 8), (2, 5, 8), (0, 0, 8, 2, *names)))
    assert found == {"qkv": 3 * 64, "qkv_bias": 24, "out": 64, "out_bias": 8}
    graph = GraphDef()
    graph.node.add(name="input/x", op="IO Node")
    _parameters(graph, "weight")
    sizes = graph.node.add(name="Net/Layer[layer]/t", op="aten::t", input=["Net/Layer[layer]/weight/weight"])
    shape = sizes.attr["_output_shapes"].list.shape.add()
    for size in (3, 4):
        shape.dim.add(size=size)
    entry = parsed(graph.SerializeToString()).find("Net/layer/weight")
    assert entry is not None
    assert (entry.parameters, entry.size, entry.at_least) == (12, 48, False)


def test_of_an_embedding_nothing_is_claimed() -> None:
    graph = GraphDef()
    graph.node.add(name="input/x", op="IO Node")
    _parameters(graph, "weight")
    graph.node.add(name="Net/Layer[layer]/e", op="aten::embedding", input=["Net/Layer[layer]/weight/weight", "input/x"])
    shown = parsed(graph.SerializeToString())
    assert (shown.summary().parameters, shown.summary().at_least) == (None, True)
