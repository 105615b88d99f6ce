"""How long a graph takes from its bytes to the first rows of its tree, and what single questions take then.

A graph of the size of ResNet-50 as torch traces it, and a GraphDef of 100,000 nodes.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

from benchmarks.report import Figure, main
from tbtui.events.proto.graph_pb2 import GraphDef
from tbtui.graphs import Graph
from tbtui.graphs.read import parse

ROUNDS = 5
KEY_MS = 50.0

Spec = tuple[str, str, list[str]]


def resnet50() -> bytes:
    """A trace of the shape that torch writes: 53 convolutions with their constants, normalisations, 16 blocks."""
    graph = GraphDef()
    place = "ResNet"
    data = "input/x"
    graph.node.add(name=data, op="IO Node").attr["_output_shapes"].list.shape.add()
    for name, op, inputs, size in _resnet(place, data):
        node = graph.node.add(name=name, op=op, input=inputs)
        node.attr["attr"].s = b"{ value : 1}" if op == "prim::Constant" else b"{}"
        if op.startswith("aten::"):
            shape = node.attr["_output_shapes"].list.shape.add()
            for one in (1, size, 56, 56):
                shape.dim.add(size=one)
            data = name
    graph.node.add(name="output/output.1", op="IO Node", input=[data])
    return graph.SerializeToString()


def _resnet(root: str, data: str) -> Iterator[tuple[str, str, list[str], int]]:
    for conv in _convolution(root, "Conv2d[conv1]", "BatchNorm2d[bn1]", data, 64):
        yield conv
        data = conv[0]
    for stage, (blocks, width) in enumerate(zip((3, 4, 6, 3), (64, 128, 256, 512), strict=True), 1):
        for block in range(blocks):
            scope, begun = f"{root}/Sequential[layer{stage}]/Bottleneck[{block}]", data
            for i, size in enumerate((width, width, 4 * width), 1):
                for node in _convolution(scope, f"Conv2d[conv{i}]", f"BatchNorm2d[bn{i}]", data, size):
                    yield node
                    data = node[0]
            if block == 0:
                for node in _convolution(
                    f"{scope}/Sequential[downsample]", "Conv2d[0]", "BatchNorm2d[1]", begun, 4 * width
                ):
                    yield node
                    begun = node[0]
            yield f"{scope}/add", "aten::add", [data, begun], 4 * width
            yield f"{scope}/relu", "aten::relu", [f"{scope}/add"], 4 * width
            data = f"{scope}/relu"


def _convolution(scope: str, conv: str, norm: str, data: str, size: int) -> Iterator[tuple[str, str, list[str], int]]:
    """A convolution and a normalisation; the last node is the result."""
    here, there = f"{scope}/{conv}", f"{scope}/{norm}"
    for i in range(4):
        yield f"{here}/c{i}", "prim::Constant", [], 0
    for i in range(4):
        yield f"{here}/l{i}", "prim::ListConstruct", [f"{here}/c0", f"{here}/c1"], 0
    yield f"{here}/weight/weight", "prim::GetAttr", [f"{here}/weight/conv"], 0
    lists = [f"{here}/l{i}" for i in range(4)]
    constants = [f"{here}/c{i}" for i in (2, 3, 2, 2, 3, 3, 3, 2)]
    yield (
        f"{here}/out",
        "aten::_convolution",
        [data, f"{here}/weight/weight", *constants[:1], *lists, *constants[1:]],
        size,
    )
    for i in range(3):
        yield f"{there}/c{i}", "prim::Constant", [], 0
    parts = ("weight", "bias", "running_mean", "running_var")
    for part in parts:
        yield f"{there}/{part}/{part}", "prim::GetAttr", [f"{there}/weight/bn"], 0
    inputs = [f"{here}/out", *(f"{there}/{part}/{part}" for part in parts), *(f"{there}/c{i}" for i in range(3))]
    yield f"{there}/out", "aten::batch_norm", inputs, size


def big(nodes: int = 100_000) -> bytes:
    """A GraphDef of 200 blocks of 10 layers, each node reading from the one before and from the layer's first."""
    graph = GraphDef()
    before = ""
    for i in range(nodes):
        layer = i // 50
        name = f"block_{layer // 10}/layer_{layer % 10}/op_{i % 50}"
        inputs = [before] if before else []
        if i % 50 > 1:
            inputs.append(f"block_{layer // 10}/layer_{layer % 10}/op_0")
        graph.node.add(name=name, op=("Conv2D", "Relu", "MatMul", "Const", "Identity")[i % 5], input=inputs)
        before = name
    return graph.SerializeToString()


def median(call: Callable[[], object], rounds: int = ROUNDS) -> float:
    """The median of several calls, in seconds."""
    taken = []
    for _ in range(rounds):
        begun = time.perf_counter()
        call()
        taken.append(time.perf_counter() - begun)
    return statistics.median(taken)


def opened(data: bytes) -> Graph:
    """A graph with the first rows of its tree made."""
    graph = parse("graph", data, [])
    for row in graph.children():
        graph.children(row)
    return graph


def measure() -> list[Figure]:
    """Opening both, and the questions that a key asks of the big one, asked again and for the first time."""
    figures = []
    opened(resnet50())  # imports
    for what, data, target in (("graph: ResNet-50 of torch", resnet50(), 1.0), ("graph: 100,000 nodes", big(), 2.0)):
        seconds = median(lambda data=data: opened(data))  # type: ignore[misc]
        nodes = opened(data).summary().nodes
        remark = f"{nodes:,} nodes, {len(data) / 1e6:.1f} MB"
        figures.append(Figure(what, f"{seconds:.3f} s", f"{target:.0f} s", seconds <= target, remark))
    graph = opened(big())
    (series,) = graph.children()
    node, block = graph.find("block_100/layer_5/op_3"), graph.find("block_100")
    assert node is not None
    assert block is not None
    questions: dict[str, Callable[[], object]] = {
        "rows": lambda: graph.children(block),
        "details": lambda: [graph.details(row) for row in (node, block, series)],
        "neighbourhood": lambda: [graph.neighbourhood(row, 3) for row in (node, block, series)],
        "search": lambda: graph.search("layer_5/op_3$"),
        "way from the inputs": lambda: graph.path_from_inputs(node),
    }
    for what, question in questions.items():
        first, again = 1000 * median(question, 1), 1000 * median(question)
        figures.append(
            Figure(f"graph: {what}", f"{again:.1f} ms", f"{KEY_MS:.0f} ms", again <= KEY_MS, f"first {first:.1f} ms")
        )
    return figures


if __name__ == "__main__":
    main(measure)
