"""Graphs recorded from the frameworks: the tree says what the frameworks say of their models."""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest

import tbtui
from tbtui.graphs import Graph, GraphSource, read_graph, sources
from tests.support.graphdefs import names

FOLDER = Path(__file__).parents[1] / "recorded" / "graphs"


@lru_cache
def graphs(name: str) -> tuple[list[GraphSource], list[Graph]]:
    with tbtui.open_logdir(FOLDER / name) as logdir:
        (run,) = logdir.runs()
        found = sources(run)
        return found, [read_graph(source) for source in found]


def told(kind: str) -> Any:
    return json.loads((FOLDER / f"{kind}.json").read_text())


def modules(name: str, root: str) -> Iterator[tuple[str, int]]:
    for path, count in told("torch")[name]["modules"].items():
        yield f"{root}/{path.replace('.', '/')}", count


def test_parameters_of_a_transformer_in_torch() -> None:
    _, (graph,) = graphs("torch/transformer")
    assert graph.summary().parameters == told("torch")["transformer"]["parameters"]
    assert not graph.summary().at_least
    for path, count in modules("transformer", "Transformer"):
        entry = graph.find(path)
        assert entry is not None, path
        assert (entry.parameters or 0) == count, path
    assert graph.problems == []


def test_operations_are_where_their_parameters_are() -> None:
    _, (graph,) = graphs("torch/transformer")
    assert names(graph) == ["input", "Transformer", "output"]
    assert names(graph, "Transformer") == ["embed", "layers", "head", "348", "1 constant, 1 list"]
    (series,) = graph.children(graph.find("Transformer/layers"))
    assert (series.kind, series.name, series.op, series.count) == ("series", "0..3", "Layer", 4)
    query = graph.find("Transformer/layers/2/attention/query")
    assert query is not None
    assert (query.op, query.parameters) == ("Linear", 72)
    details = graph.details(query)
    assert [link.label for link in details.inputs] == ["2×6×8"]
    near = graph.neighbourhood(query)
    assert [(box.entry.name, box.level) for box in near.boxes if box.entry] == [
        ("query", 0),
        ("norm1", -1),
        ("568", 1),
    ] or [box.entry.name for box in near.boxes if box.entry][:2] == ["query", "norm1"]


def test_a_module_is_found_by_the_name_it_has_in_the_model() -> None:
    _, (graph,) = graphs("torch/transformer")
    first = graph.entry(graph.search("layers.2.attention.query").keys[0])
    assert first == graph.find("Transformer/layers/2/attention/query")
    assert graph.search(r"^transformer/layers/2$").keys[0] == graph.find("Transformer/layers/2").key  # type: ignore[union-attr]
    assert graph.entry(graph.search(r"Layer\[2\]/Attention").keys[0]) == graph.find("Transformer/layers/2/attention")


def test_packing_is_no_neighbour() -> None:
    _, (graph,) = graphs("torch/transformer")
    near = graph.neighbourhood(graph.find("Transformer/head"))
    assert [box.entry.name for box in near.boxes if box.entry] == ["head", "layers", "output"]
    way = graph.path_from_inputs(graph.find("Transformer/head"))
    assert way[0].path == "input/x"


def test_two_lists_with_the_same_blocks_keep_parameters_and_operations_together() -> None:
    _, (graph,) = graphs("torch/two_lists")
    assert graph.summary().parameters == told("torch")["two_lists"]["parameters"]
    assert names(graph, "TwoLists") == ["stem", "0", "1", "input", "out", "4 constants, 1 list"]
    blocks = [graph.find(f"TwoLists/{i}") for i in range(2)]
    assert [block.parameters for block in blocks if block] == [312, 312]


def test_layers_of_keras() -> None:
    (source,), (graph,) = graphs("tensorflow/keras")
    assert (source.kind, source.title, source.tag) == ("keras", "Keras model keras", "keras")
    layers = told("tensorflow")["keras_model"]["layers"]
    tower = {name.removeprefix("tower/"): count for name, count in layers.items() if name.startswith("tower/")}
    for name, count in layers.items():
        path = name if name.startswith("whole/") else f"whole/{name}"
        entry = graph.find(path)
        if entry is None:  # the framework hides the input of a Sequential
            continue
        assert (entry.parameters or 0) == count, name
    assert set(tower) <= set(names(graph, "whole/tower"))
    assert graph.summary().parameters == told("tensorflow")["keras_model"]["parameters"]
    assert names(graph, "whole") == ["left", "right", "image", "tower", "eyes", "join", "out"]
    join = graph.details(graph.find("whole/join"))
    assert [link.name for link in join.inputs] == ["whole/tower/narrow", "whole/tower/narrow", "whole/eyes/flat"]
    assert [link.label for link in join.inputs] == ["float32 ?×4", "float32 ?×4", "float32 ?×200"]
    first = graph.details(graph.find("whole/eyes/image")).inputs
    assert [link.name for link in first] == ["whole/image"]


def test_a_graph_of_tf1_with_a_loop_and_what_a_step_cost() -> None:
    found, (graph, meta, step) = graphs("tensorflow/tf1")
    assert [source.kind for source in found] == ["graph", "meta_graph", "run_metadata"]
    truth = told("tensorflow")["tf1"]
    assert graph.summary().nodes == meta.summary().nodes == truth["nodes"]
    assert graph.summary().parameters == truth["parameters"]
    assert (graph.stats, meta.stats) == ("step 1", "step 1")
    relu = graph.find("dense/Relu")
    assert relu is not None
    assert relu.compute is not None
    assert relu.compute > 0
    for name, shapes in truth["shapes"].items():
        entry = graph.find(name)
        results = [] if entry is None or entry.kind != "node" else graph.details(entry).results
        for result, shape in zip(results, shapes, strict=False):
            if shape and "resource" not in result:
                words = "×".join("?" if size is None else str(size) for size in shape)
                assert words in result, name
    assert step.variants == ("partitions",)
    assert any(
        box.entry and box.entry.op == "NextIteration" for box in graph.neighbourhood(graph.find("loop/Merge")).boxes
    )


def test_a_traced_function() -> None:
    found, (graph, trace) = graphs("tensorflow/trace")
    assert [source.title for source in found] == ["graph", "trace outer"]
    assert graph.summary().functions == 3
    cond = graph.find("cond/cond") or graph.find("cond")
    assert cond is not None
    (node,) = [row for row in graph.children(graph.find("cond"), folded=False) if row.name == "(cond)"]
    assert len(graph.details(node).functions) == 2
    assert trace.variants == ("before optimisation", "after optimisation", "partitions")


@pytest.mark.parametrize("name", ["torch/transformer", "torch/two_lists", "tensorflow/keras", "tensorflow/tf1"])
def test_every_row_can_be_looked_at(name: str) -> None:
    for graph in graphs(name)[1]:
        waiting = graph.children()
        nodes = 0
        while waiting:
            row = waiting.pop()
            nodes += row.kind == "node"
            waiting += graph.children(row)
            assert graph.entry(row.key) == row
            graph.details(row)
            graph.neighbourhood(row, 2)
        assert nodes == graph.summary().nodes
