"""The tree, its rows and keys, details, neighbourhoods, search and paths, on graphs of a few nodes."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.graphs import Graph
from tbtui.graphs.stats import Cost
from tests.support.graphdefs import graph_def, made, names, parsed, with_shapes

NET = [
    ("x", "Placeholder", ()),
    ("a/w", "VariableV2", ()),
    ("a/c", "Const", ()),
    ("a/d", "Const", ()),
    ("a/mul", "MatMul", ("x", "a/w:0")),
    ("b/split", "Split", ("a/mul:0", "^a/c")),
    ("b/add", "Add", ("b/split:1", "b/split", "missing:2")),
    ("loss", "Mean", ("b/add",)),
    ("s", "ScalarSummary", ("loss",)),
    ("t", "HistogramSummary", ("loss",)),
]


def test_the_tree() -> None:
    graph = made(NET)
    assert names(graph) == ["x", "a", "b", "loss", "2 summaries"]
    assert names(graph, folded=False) == ["x", "a", "b", "loss", "s", "t"]
    assert names(graph, "a") == ["w", "mul", "2 constants"]
    minor = graph.children(graph.find("a"))[-1]
    assert [row.path for row in graph.children(minor)] == ["a/c", "a/d"]
    assert graph.children(graph.find("loss")) == []


def test_in_numbers() -> None:
    told = made(NET).summary()
    assert (told.nodes, told.edges, told.control_edges, told.dangling, told.scopes, told.depth) == (10, 10, 1, 1, 2, 1)
    assert told.ops[0] == ("Const", 2)
    assert (told.parameters, told.at_least) == (None, True)


def test_inputs_in_all_forms() -> None:
    nodes = [("a", "Op", ()), ("b", "Op", ("a", "a:1", "a:out:2", "^a", "a:", ":0", "", "a:x", "nobody", "^nobody"))]
    graph = made(nodes)
    details = graph.details(graph.find("b"))
    assert [link.entry.path if link.entry else None for link in details.inputs] == ["a", "a", "a"] + [None] * 5
    assert [link.name for link in details.inputs] == ["a", "a:1", "a:2", "a:", ":0", "", "a:x", "nobody"]
    assert [link.name for link in details.control_inputs] == ["^a", "^nobody"]


def test_a_name_with_a_colon_is_a_name() -> None:
    graph = made([("a:1", "Op", ()), ("a", "Op", ()), ("b", "Op", ("a:1",))])
    assert [link.entry.path for link in graph.details(graph.find("b")).inputs] == ["a:1"]


def test_details_of_a_node() -> None:
    message = graph_def(NET)
    with_shapes(message, "b/split", (2, -1), (3,))
    message.node[5].device = "/device:GPU:0"
    message.node[5].attr["T"].type = 1
    message.node[5].attr["big"].s = b"x" * 5000
    graph = parsed(message.SerializeToString())
    details = graph.details(graph.find("b/split"))
    assert details.entry.device == "/device:GPU:0"
    assert [(one.name, one.text) for one in details.attributes] == [("T", "float32"), ("big", "5,003 bytes")]
    assert details.results == ["float32 2×?", "float32 3"]
    assert [link.name for link in details.inputs] == ["a/mul"]
    assert [link.name for link in details.control_inputs] == ["^a/c"]
    assert [(link.entry.path, link.label) for link in details.outputs if link.entry] == [
        ("b/add", "float32 3"),
        ("b/add", "float32 2×?"),
    ]
    missing = graph.details(graph.find("b/add")).inputs[2]
    assert (missing.entry, missing.name) == (None, "missing:2")


def test_what_flows_into_a_scope_and_out_of_it() -> None:
    graph = made(NET)
    a, b = graph.details(graph.find("a")), graph.details(graph.find("b"))
    assert [(one.name, one.inside.path if one.inside else "") for one in a.inputs] == [("x", "a/mul")]
    assert [(one.name, one.inside.path if one.inside else "") for one in a.outputs] == [("b/split", "a/mul")]
    assert [one.name for one in a.control_outputs] == ["b/split"]
    assert [one.name for one in b.inputs] == ["a/mul", "missing:2"]
    assert [one.name for one in b.outputs] == ["loss"]


def test_series_of_scopes_and_nodes() -> None:
    nodes = [(f"net/layer_{i}/{op}", op, ()) for i in range(12) for op in ("MatMul", "Add")]
    nodes += [(f"conv{suffix}/Conv", "Conv", ()) for suffix in ("", "_1", "_2")]
    nodes += [(f"drop_{i}", "Dropout", ()) for i in range(4)] + [("two_1/a", "A", ()), ("two_2/a", "A", ())]
    graph = made(nodes)
    assert names(graph) == ["net", "conv..conv_2", *(f"drop_{i}" for i in range(4)), "two_1", "two_2"]
    (row,) = graph.children(graph.find("net"))
    assert (row.kind, row.name, row.count, row.ops) == ("series", "layer_0..11", 12, 24)
    assert [one.name for one in graph.children(row)] == [f"layer_{i}" for i in range(12)]
    assert len(names(graph, "net", folded=False)) == 12
    below = graph.find("net/layer_3/Add")
    assert below is not None
    assert [one.name for one in graph.trail(below)] == ["net", "layer_0..11", "layer_3"]
    assert [one.name for one in graph.trail(below, folded=False)] == ["net", "layer_3"]


def test_other_forms_are_no_series() -> None:
    nodes = [(f"a/layer_{i}/op", "A" if i < 2 else "B", ()) for i in range(4)]
    assert names(made(nodes), "a") == [f"layer_{i}" for i in range(4)]


def test_a_node_with_the_name_of_a_scope_lies_in_it() -> None:
    graph = made([("a", "Op", ()), ("a/b", "Op", ("a",)), ("a/b/c", "Op", ("a/b",))])
    assert names(graph) == ["a"]
    assert names(graph, "a") == ["(a)", "b"]
    assert names(graph, "a/b") == ["(b)", "c"]
    (inner,) = [row for row in graph.children(graph.find("a")) if row.name == "(a)"]
    assert graph.entry(inner.key) == inner


def test_duplicate_names_and_empty_parts() -> None:
    graph = made(
        [("a", "X", ()), ("a", "Y", ()), ("a", "Z", ()), ("b", "Op", ("a",)), ("/c//d/", "Op", ("b",)), ("", "Op", ())]
    )
    assert graph.problems == ["2 nodes have the name of another"]
    assert [row.op for row in graph.children() if row.name == "a"] == ["X", "Y", "Z"]
    for row in walk(graph):
        assert graph.entry(row.key) == row
    assert graph.details(graph.find("b")).inputs[0].entry == graph.children()[0]
    assert graph.summary().nodes == 6


def test_circles_and_self_loops() -> None:
    graph = made([("a", "Op", ("c", "a")), ("b", "Op", ("a",)), ("c", "Op", ("b",))])
    a = graph.find("a")
    assert a is not None
    assert [link.name for link in graph.details(a).inputs] == ["c", "a"]
    near = graph.neighbourhood(a, 3)
    assert {box.entry.path for box in near.boxes if box.entry} == {"a", "b", "c"}
    assert graph.path_from_inputs(a) == []


def test_a_thousand_levels() -> None:
    name = "/".join(f"s{i}" for i in range(1000))
    graph = made([(name, "Op", ()), (name + "/deeper", "Op", (name,))])
    entry = graph.find(name + "/deeper")
    assert entry is not None
    assert len(graph.trail(entry)) == 1000
    assert graph.summary().depth == 1000
    assert len(walk(graph)) == 1002


def test_names_that_want_to_do_harm_are_still_fast() -> None:
    graph = made([("/" * 100_000, "Op", ()), ("a/" * 50_000 + "x", "Op", ("/" * 100_000,)), ("1" * 50_000, "Op", ())])
    begun = time.process_time()
    assert graph.summary().nodes == 3
    assert graph.search("x").keys
    assert time.process_time() - begun < 20


def test_neighbourhood_at_the_height_of_the_row() -> None:
    graph = made(NET)
    near = graph.neighbourhood(graph.find("a/mul"))
    assert [(box.entry.name if box.entry else box.what, box.level) for box in near.boxes] == [
        ("mul", 0),
        ("x", -1),
        ("w", -1),
        ("b", 1),
    ]
    assert [(edge.source, edge.target) for edge in near.edges] == [(1, 0), (2, 0), (0, 3)]
    wider = graph.neighbourhood(graph.find("a/mul"), 2)
    assert {box.entry.name for box in wider.boxes if box.entry} == {"mul", "x", "w", "b", "loss"}


def test_neighbourhood_counts_what_it_leaves_out() -> None:
    nodes = [("x", "Op", ())] + [(f"y{'abcdefghij'[i]}", "Op", ("x",)) for i in range(10)]
    near = made(nodes).neighbourhood(made(nodes).find("x"), most=4)
    assert len(near.boxes) == 6
    assert (near.boxes[-1].entry, near.boxes[-1].more) == (None, 6)
    nodes = [("c", "Const", ()), ("d", "Const", ()), ("x", "Op", ("c", "d"))]
    near = made(nodes).neighbourhood(made(nodes).find("x"))
    assert [(box.what, box.more) for box in near.boxes[1:]] == [("constants", 2)]


def test_search() -> None:
    graph = made(NET)
    assert [graph.entry(key).path for key in graph.search("^b\\b|matmul").keys] == ["a/mul", "b", "b/split", "b/add"]  # type: ignore[union-attr]
    assert graph.search("(").error.startswith("no regular expression")
    assert graph.search("nothing like it").keys == []
    assert [entry.path for entry in graph.of_op("Const")] == ["a/c", "a/d"]


def test_the_way_from_the_inputs() -> None:
    graph = made(NET)
    assert [entry.path for entry in graph.path_from_inputs(graph.find("loss"))] == [
        "x",
        "a/mul",
        "b/split",
        "b/add",
        "loss",
    ]
    without = made([("a", "Op", ()), ("b", "Op", ("a",)), ("c", "Const", ()), ("d", "Op", ("c", "b"))])
    assert [entry.path for entry in without.path_from_inputs(without.find("d"))] == ["a", "b", "d"]


def test_costs_are_joined_and_summed() -> None:
    graph = made(NET)
    assert (
        graph.join_costs({"a/mul": Cost(0.5, 10, "gpu"), "b/add": Cost(0.25, 6), "other": Cost(9.0, 9)}, "step 1") == ""
    )
    a, b = graph.find("a"), graph.find("b/add")
    assert a is not None
    assert b is not None
    assert (a.compute, a.memory, a.device, b.compute, b.memory) == (0.5, 10, "gpu", 0.25, 6)
    assert graph.find("x").compute is None  # type: ignore[union-attr]
    assert (graph.summary().compute, graph.stats) == (0.75, "step 1")
    assert "names no node" in graph.join_costs({"other": Cost()}, "s").replace("name no", "names no")


def walk(graph: Graph) -> list:  # type: ignore[type-arg]
    """All rows of the tree as it is unfolded."""
    rows, waiting = [], graph.children(folded=False)
    while waiting:
        row = waiting.pop()
        rows.append(row)
        waiting += graph.children(row, folded=False)
    return rows


PARTS = st.text(st.sampled_from("ab1_[]:^/"), max_size=6)
NODES = st.lists(
    st.tuples(
        PARTS, st.sampled_from(("Const", "Op", "prim::GetAttr", "IO Node", "VarHandleOp")), st.lists(PARTS, max_size=3)
    ),
    max_size=12,
)


@given(NODES)
def test_every_row_of_any_graph_can_be_looked_at(nodes: list[tuple[str, str, list[str]]]) -> None:
    graph = made(nodes)
    rows = walk(graph)
    assert sum(row.kind == "node" for row in rows) == len(nodes) == graph.summary().nodes
    assert graph.summary().edges == sum(len(inputs) for _, _, inputs in nodes)
    waiting = graph.children()
    seen = []
    while waiting:
        row = waiting.pop()
        seen.append(row)
        waiting += graph.children(row)
    assert sorted(row.key for row in seen if row.kind == "node") == sorted(
        row.key for row in rows if row.kind == "node"
    )
    for row in seen:
        assert graph.entry(row.key) == row
        details = graph.details(row)
        if row.kind == "node":
            assert len(details.inputs) + len(details.control_inputs) >= 0
        near = graph.neighbourhood(row, 2, 3)
        assert near.boxes[0].entry == row
        assert all(edge.source < len(near.boxes) > edge.target for edge in near.edges)
        for above in graph.trail(row):
            assert above in seen
        graph.path_from_inputs(row)


@pytest.mark.parametrize("kind", ["graph", "meta_graph", "trace", "run_metadata", "keras"])
@given(data=st.binary(max_size=60))
def test_any_bytes_end_in_words(kind: str, data: bytes) -> None:
    graph = parsed(data, kind)  # type: ignore[arg-type]
    graph.summary()
    assert graph.problems or len(graph.table)
