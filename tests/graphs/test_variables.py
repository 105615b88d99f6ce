"""Variables: what is a parameter of the model, and what an optimizer, a metric or a counter keeps."""

from __future__ import annotations

import pytest

from tbtui.demo.graph import graph_def as demo_graph
from tbtui.demo.graph import network_nodes
from tbtui.events.proto.graph_pb2 import GraphDef
from tbtui.graphs import Graph
from tests.support.graphdefs import graph_def, parsed, with_shapes

FLOAT, INT64, RESOURCE = 1, 9, 20


def with_variables(graph: GraphDef, *, dtype: int = FLOAT, sizes: tuple[int, ...] = (2, 3)) -> Graph:
    for node in graph.node:
        if node.op in ("VarHandleOp", "VariableV2"):
            node.attr["dtype"].type = dtype
            shape = node.attr["shape"].shape
            shape.SetInParent()
            for size in sizes:
                shape.dim.add(size=size)
    return parsed(graph.SerializeToString())


def parameters(graph: Graph) -> list[str]:
    found = [*graph.of_op("VarHandleOp"), *graph.of_op("VariableV2"), *graph.of_op("Placeholder")]
    return sorted(entry.path for entry in found if entry.parameters is not None)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_what_an_optimizer_of_the_demo_keeps_is_no_parameter(optimizer: str) -> None:
    graph = parsed(demo_graph(network_nodes(8, 64, optimizer)))
    assert parameters(graph) == [
        f"{layer}/{what}" for layer in ("conv1", "dense1", "logits") for what in ("bias", "kernel")
    ]
    told = graph.summary()
    assert told.parameters is not None
    assert told.kept == told.parameters * (1 if optimizer == "momentum" else 2)
    assert told.kept_size == told.kept * 4


def test_what_an_update_takes_beside_the_variable_it_changes() -> None:
    graph = graph_def(
        [
            ("w", "VariableV2", ()),
            ("w/read", "Identity", ("w",)),
            ("w/slot_1", "VariableV2", ()),
            ("rate", "VariableV2", ()),
            ("rate/read", "Identity", ("rate",)),
            ("sgd", "VariableV2", ()),
            ("up", "ApplyMomentum", ("w", "w/slot_1", "rate/read", "w/read")),
            ("too", "ResourceSparseApplyAdagrad", ("sgd", "other")),
        ]
    )
    assert parameters(with_variables(graph)) == ["sgd", "w"]


def test_counters_metrics_and_names_of_optimizers() -> None:
    graph = graph_def(
        [
            ("dense/kernel", "VarHandleOp", ()),
            ("training/RMSprop_1/Variable_3", "VarHandleOp", ()),
            ("dense/kernel/Adam_1", "VarHandleOp", ()),
            ("beta1_power", "VarHandleOp", ()),
            ("auc/true_positives", "VarHandleOp", ()),
            ("add", "AssignAddVariableOp", ("auc/true_positives", "x")),
            ("norm/mean", "VarHandleOp", ()),
            ("moved", "AssignSubVariableOp", ("norm/mean", "x")),
            ("named", "VarHandleOp", ()),
            ("momentum_encoder/kernel", "VarHandleOp", ()),
        ]
    )
    graph.node[8].attr["debug_name"].s = b"adam/dense_kernel_velocity/"
    assert parameters(with_variables(graph)) == ["dense/kernel", "momentum_encoder/kernel", "norm/mean"]
    assert parameters(with_variables(graph, dtype=INT64)) == []


def test_the_sum_of_a_metric_is_one_number() -> None:
    graph = graph_def([("loss/total", "VarHandleOp", ()), ("loss/count", "VarHandleOp", ()), ("s", "VarHandleOp", ())])
    assert parameters(with_variables(graph, sizes=())) == ["s"]
    assert parameters(with_variables(graph)) == ["loss/count", "loss/total", "s"]


def captured(*more: tuple[str, str, tuple[str, ...]]) -> GraphDef:
    graph = graph_def(
        [
            ("x", "Placeholder", ()),
            ("dense/resource", "Placeholder", ()),
            ("dense/read", "ReadVariableOp", ("dense/resource",)),
            ("rows/resource", "Placeholder", ()),
            ("rows/gather", "ResourceGather", ("rows/resource", "x")),
            ("total/resource", "Placeholder", ()),
            ("total/add", "AssignAddVariableOp", ("total/resource", "x")),
            ("total/read", "ReadVariableOp", ("total/resource", "^total/add")),
            ("iterator", "Placeholder", ()),
            *more,
        ]
    )
    for node in graph.node:
        if node.op == "Placeholder" and node.name != "x":
            node.attr["dtype"].type = RESOURCE
        if node.op == "ReadVariableOp":
            node.attr["dtype"].type = FLOAT
            with_shapes(graph, node.name, (2, 5) if node.name.startswith("dense") else ())
    return graph


def test_variables_that_a_function_is_given_are_known_by_what_reading_gives() -> None:
    graph = parsed(captured().SerializeToString())
    assert parameters(graph) == ["dense/resource"]
    told = graph.summary()
    assert (told.parameters, told.at_least, told.kept) == (10, True, 1)
    rows = graph.find("rows")
    assert rows is not None
    assert (rows.parameters, rows.at_least) == (None, True)


def test_they_do_not_count_beside_variables_of_the_graph() -> None:
    graph = with_variables(captured(("v", "VarHandleOp", ())))
    assert parameters(graph) == ["v"]
    assert graph.summary().parameters == 6
