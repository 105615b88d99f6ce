"""GraphDef, MetaGraphDef and RunMetadata: functions, variants, attributes, damage."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.events.proto.graph_pb2 import AttrValue, GraphDef, MetaGraphDef
from tbtui.events.proto.run_metadata_pb2 import RunMetadata
from tbtui.graphs.attributes import attribute_text, node_results, shape_text, tensor_text
from tests.support.graphdefs import graph_def, names, parsed
from tests.support.messages import message

NODES = [(f"scope_{'abcdef'[i]}/node", "Op", ("scope_a/node",) if i else ()) for i in range(6)]


def with_function() -> GraphDef:
    graph = graph_def([("x", "Placeholder", ()), ("call", "PartitionedCall", ("x",))])
    graph.node[1].attr["f"].func.name = "double"
    function = graph.library.function.add()
    function.signature.name = "double"
    function.signature.input_arg.add(name="value", type=1)
    function.signature.output_arg.add(name="result", type=1)
    function.node_def.add(name="mul", op="Mul", input=["value", "two:output:0"])
    function.node_def.add(name="two", op="Const")
    function.ret["result"] = "mul:z:0"
    function.control_ret["done"] = "mul"
    return graph


def test_functions_are_roots_of_their_own() -> None:
    graph = parsed(with_function().SerializeToString())
    assert names(graph) == ["x", "call", "functions"]
    assert names(graph, "double", folded=False) == ["value", "mul", "two", "result", "done"]
    told = graph.summary()
    assert (told.nodes, told.edges, told.functions, told.function_nodes, told.function_edges) == (2, 1, 1, 2, 2)
    assert told.ops == [("Placeholder", 1), ("PartitionedCall", 1)]
    assert [one.path for one in graph.details(graph.find("call")).functions] == ["double"]
    mul = graph.details(graph.find("double/mul"))
    assert [(one.entry.path, one.label) for one in mul.inputs if one.entry] == [
        ("double/value", "float32"),
        ("double/two", ""),
    ]
    assert [one.name for one in mul.outputs] == ["double/result"]
    assert [one.name for one in mul.control_outputs] == ["double/done"]
    row = graph.find("double/mul")
    assert row is not None
    assert [one.name for one in graph.trail(row)] == ["functions", "double"]
    assert [one.path for one in graph.path_from_inputs(row)] == ["double/value", "double/mul"]


def test_the_graph_in_a_meta_graph() -> None:
    meta = MetaGraphDef(graph_def=graph_def(NODES)).SerializeToString()
    assert parsed(meta, "meta_graph").summary().nodes == 6


def test_a_trace_has_variants_and_prefixes() -> None:
    metadata = RunMetadata()
    for count in (2, 3):
        functions = metadata.function_graphs.add()
        functions.pre_optimization_graph.CopyFrom(graph_def(NODES[:count]))
        functions.partition_graphs.add().CopyFrom(graph_def(NODES[:1]))
    data = metadata.SerializeToString()
    graph = parsed(data, "trace")
    assert graph.variants == ("before optimisation", "partitions")
    assert names(graph) == ["graph_0", "graph_1"]
    assert graph.details(graph.find("graph_1/scope_c/node")).inputs[0].name == "graph_1/scope_a/node"
    assert parsed(data, "trace", "partitions").summary().nodes == 2
    assert parsed(data, "trace", "no such").variant == "before optimisation"
    assert parsed(b"", "trace").problems == ["it holds no nodes"]


def test_costs_among_the_metadata_of_a_step() -> None:
    metadata = RunMetadata()
    metadata.partition_graphs.add().CopyFrom(graph_def([("a/x", "Op", ()), ("a/y", "Op", ("a/x",)), ("z", "Op", ())]))
    for device, micros in (("/cpu:0", 5), ("/gpu:0", 7), ("/gpu:0/stream:all", 1000)):
        stats = metadata.step_stats.dev_stats.add(device=device).node_stats.add(
            node_name="a/x", op_start_rel_micros=1, op_end_rel_micros=1 + micros
        )
        stats.memory.add(total_bytes=100)
        stats.output.add(slot=0).tensor_description.dtype = 1
        stats.output[0].tensor_description.shape.dim.add(size=3)
    metadata.cost_graph.node.add(name="z", compute_time=4, temporary_memory_size=8)
    graph = parsed(metadata.SerializeToString(), "run_metadata")
    a, z = graph.find("a"), graph.find("z")
    assert a is not None
    assert z is not None
    assert (a.compute, a.memory) == (pytest.approx(12e-6), 200)
    assert (z.compute, z.memory) == (pytest.approx(4e-6), 8)
    assert graph.details(graph.find("a/y")).inputs[0].label == "float32 3"


def test_attributes_in_words() -> None:
    def text(**fields: object) -> str:
        return attribute_text(AttrValue(**fields))  # type: ignore[arg-type]

    assert text(s=b"VALID") == '"VALID"'
    assert text(s=b"\xff\xfe") == "2 bytes"
    assert text(s=b"x" * 2000) == "2,003 bytes"
    assert (text(i=-3), text(f=0.1), text(b=True), text(type=19)) == ("-3", "0.1", "true", "float16")
    assert attribute_text(AttrValue()) == ""
    value = AttrValue()
    value.list.i.extend(range(100))
    assert attribute_text(value) == "[0, 1, 2, 3, 4, 5, 6, 7, … 100 in all]"
    value = AttrValue()
    value.shape.dim.add(size=-1)
    value.shape.dim.add(size=7)
    assert attribute_text(value) == "[?, 7]"
    value.func.name = "f"
    assert attribute_text(value) == "function f"
    value.tensor.dtype = 1
    value.tensor.tensor_shape.dim.add(size=2)
    value.tensor.tensor_content = np.array([1.5, 2.0], "<f4").tobytes()
    assert attribute_text(value) == "float32 2: 1.5, 2"
    value.tensor.tensor_content = bytes(4000)
    value.tensor.tensor_shape.dim[0].size = 1000
    assert attribute_text(value).startswith("float32 1000, 4,0")
    value.tensor.tensor_content = b"abc"
    assert attribute_text(value).startswith("float32 1000: ")


def test_shapes_and_types() -> None:
    assert (shape_text((2, -1, 3)), shape_text(()), shape_text(None)) == ("2×?×3", "scalar", "")
    assert (tensor_text("int64", ()), tensor_text("", (1,)), tensor_text("resource", ())) == (
        "int64 scalar",
        "1",
        "resource",
    )
    graph = graph_def([("p", "Placeholder", ())])
    graph.node[0].attr["dtype"].type = 101
    graph.node[0].attr["shape"].shape.unknown_rank = True
    assert node_results(graph.node[0]) == [("float32*", None)]


def test_variables_are_counted() -> None:
    graph = graph_def([("a/v", "VarHandleOp", ()), ("a/h", "VariableV2", ()), ("b/u", "VarHandleOp", ())])
    for node, sizes, dtype in zip(graph.node, ((4, 3), (5,), (-1,)), (1, 19, 1), strict=True):
        node.attr["dtype"].type = dtype
        for size in sizes:
            node.attr["shape"].shape.dim.add(size=size)
    read = parsed(graph.SerializeToString())
    a, b = read.find("a"), read.find("b")
    assert a is not None
    assert b is not None
    assert (a.parameters, a.size, a.at_least) == (17, 58, False)
    assert (b.parameters, b.at_least) == (None, True)
    assert (read.summary().parameters, read.summary().at_least) == (17, True)


def test_texts_that_are_no_utf8_are_mended() -> None:
    bad = message(1, message(1, b"b\xffd"), message(2, "Op"), message(3, "scope_a/node"))
    data = graph_def(NODES).SerializeToString() + bad
    graph = parsed(data)
    assert graph.problems == ["1 nodes could be read in part only"]
    assert graph.summary().nodes == 7
    entry = graph.find("b\ufffdd")
    assert graph.details(entry).inputs[0].name == "scope_a/node" if entry else pytest.fail("the node is gone")


@given(st.integers(0, 200), st.binary(max_size=3))
def test_a_cut_graph_is_read_as_far_as_it_goes(length: int, added: bytes) -> None:
    data = graph_def(NODES).SerializeToString()
    graph = parsed(data[:length] + added)
    assert graph.summary().nodes <= 8
    if length < len(data) and not added:
        assert graph.summary().nodes <= 6
        assert graph.summary().nodes == 6 or graph.problems or length == 0 or graph.summary().nodes > 0


@given(st.data())
def test_damaged_bytes_never_raise(data: st.DataObject) -> None:
    metadata = RunMetadata()
    metadata.function_graphs.add().pre_optimization_graph.CopyFrom(with_function())
    metadata.step_stats.dev_stats.add(device="d").node_stats.add(node_name="x", op_end_rel_micros=3)
    whole = bytearray(metadata.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        whole[data.draw(st.integers(0, len(whole) - 1))] = data.draw(st.integers(0, 255))
    graph = parsed(bytes(whole), "trace")
    for row in graph.children(folded=False):
        graph.details(row)
