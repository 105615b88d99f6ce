"""The demo's network as a GraphDef, the way a framework would write it: scopes, operations, shapes, edges."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tbtui.demo import wire
from tbtui.demo.digits import CLASSES, SIZE
from tbtui.demo.network import KERNEL, SIDE, STRIDE

DT_FLOAT, DT_INT64 = 1, 9
_PRODUCER = 22
_UNKNOWN = -1  # the batch: its size is not fixed

Shape = tuple[int, ...]


@dataclass(frozen=True)
class Node:
    """One operation: its scoped name, what it does, the names it reads, and the shape and type of what it gives."""

    name: str
    operation: str
    inputs: tuple[str, ...] = ()
    shape: Shape = ()
    dtype: int = DT_FLOAT
    attributes: Mapping[str, bytes] | None = None


def network_nodes(filters: int, hidden: int, optimizer: str) -> list[Node]:
    """The nodes of the network, its loss and its optimizer ("momentum" or "adam")."""
    batch = _UNKNOWN
    nodes = [
        Node("input/images", "Placeholder", (), (batch, SIZE, SIZE, 1)),
        Node("input/labels", "Placeholder", (), (batch,), DT_INT64),
    ]
    convolution = (batch, SIDE, SIDE, filters)
    strides = {"strides": _integers((1, STRIDE, STRIDE, 1)), "padding": _text("VALID")}
    kernel_shape = (KERNEL, KERNEL, 1, filters)
    nodes += _layer("conv1", "Conv2D", "input/images", kernel_shape, convolution, "Relu", strides)
    features = SIDE * SIDE * filters
    nodes.append(Node("flatten/Reshape", "Reshape", ("conv1/Relu",), (batch, features)))
    nodes += _layer("dense1", "MatMul", "flatten/Reshape", (features, hidden), (batch, hidden), "Relu")
    nodes += _layer("logits", "MatMul", "dense1/Relu", (hidden, CLASSES), (batch, CLASSES))
    nodes += [
        Node(
            "loss/cross_entropy",
            "SparseSoftmaxCrossEntropyWithLogits",
            ("logits/BiasAdd", "input/labels"),
            (batch,),
        ),
        Node("loss/Mean", "Mean", ("loss/cross_entropy",)),
        Node("accuracy/ArgMax", "ArgMax", ("logits/BiasAdd",), (batch,), DT_INT64),
        Node("accuracy/Equal", "Equal", ("accuracy/ArgMax", "input/labels"), (batch,)),
        Node("accuracy/Mean", "Mean", ("accuracy/Equal",)),
    ]
    variables = [node for node in nodes if node.operation == "VarHandleOp"]
    for variable in variables:
        nodes += _update(variable, optimizer)
    updates = tuple(f"^{optimizer}/{variable.name}/update" for variable in variables)
    nodes.append(Node(f"{optimizer}/train_step", "NoOp", updates))
    return nodes


def graph_def(nodes: Sequence[Node]) -> bytes:
    """Serialize nodes as a GraphDef message."""
    versions = wire.message(4, [wire.integer(1, _PRODUCER)])
    return b"".join(wire.data(1, _node(node)) for node in nodes) + versions


def _layer(
    scope: str,
    operation: str,
    source: str,
    kernel: Shape,
    output: Shape,
    activation: str = "",
    attributes: Mapping[str, bytes] | None = None,
) -> list[Node]:
    """A layer with kernel and bias, and perhaps an activation."""
    nodes = [
        Node(f"{scope}/kernel", "VarHandleOp", (), kernel),
        Node(f"{scope}/bias", "VarHandleOp", (), kernel[-1:]),
        Node(f"{scope}/{operation}", operation, (source, f"{scope}/kernel"), output, attributes=attributes),
        Node(f"{scope}/BiasAdd", "BiasAdd", (f"{scope}/{operation}", f"{scope}/bias"), output),
    ]
    if activation:
        nodes.append(Node(f"{scope}/{activation}", activation, (f"{scope}/BiasAdd",), output))
    return nodes


def _update(variable: Node, optimizer: str) -> list[Node]:
    """One step of an optimizer for one variable."""
    scope = f"{optimizer}/{variable.name}"
    slots = ("momentum",) if optimizer == "momentum" else ("m", "v")
    apply = "ResourceApplyMomentum" if optimizer == "momentum" else "ResourceApplyAdam"
    gradient = Node(f"gradients/{variable.name}", "SymbolicGradient", ("loss/Mean", variable.name), variable.shape)
    kept = [Node(f"{scope}/{slot}", "VarHandleOp", (), variable.shape) for slot in slots]
    reads = (variable.name, *(node.name for node in kept), f"{optimizer}/learning_rate", gradient.name)
    rate = [Node(f"{optimizer}/learning_rate", "Placeholder")] if variable.name == "conv1/kernel" else []
    return [gradient, *rate, *kept, Node(f"{scope}/update", apply, reads, variable.shape)]


def _node(node: Node) -> bytes:
    """A NodeDef message."""
    parts = [wire.data(1, node.name), wire.data(2, node.operation)]
    parts += [wire.data(3, source) for source in node.inputs]
    attributes = {"dtype" if not node.inputs else "T": wire.integer(6, node.dtype), **(node.attributes or {})}
    attributes["_output_shapes"] = wire.message(1, [wire.data(7, _shape(node.shape))])
    parts += [wire.entry(5, name, value) for name, value in attributes.items()]
    return b"".join(parts)


def _shape(shape: Shape) -> bytes:
    return b"".join(wire.message(2, [wire.integer(1, size)]) for size in shape)


def _integers(numbers: Sequence[int]) -> bytes:
    return wire.message(1, [wire.integer(3, number) for number in numbers])


def _text(text: str) -> bytes:
    return wire.data(2, text)
