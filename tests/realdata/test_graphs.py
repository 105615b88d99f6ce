"""Every graph in real log directories opens: nodes and edges are those in the protobuf, layers those in the JSON.

See `test_truth.py` for the environment variable that names the directories. What is counted here is counted by code
of its own: TensorBoard's protobuf classes where they read the bytes, `json` for Keras models.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.config_pb2 import RunMetadata
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.graph_pb2 import GraphDef
from tensorboard.compat.proto.meta_graph_pb2 import MetaGraphDef

import tbtui
from tbtui.graphs import Graph, GraphSource, read_graph, sources

FOLDER = Path(os.environ.get("TBTUI_REALDATA") or "nowhere")
CORPUS = FOLDER.parent / "corpus"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")

PLACES = sorted([*FOLDER.iterdir(), *CORPUS.iterdir()]) if FOLDER.is_dir() else []
MOST_ROWS = 3000

Counts = tuple[int, int]  # nodes, edges


@pytest.mark.parametrize("place", [place for place in PLACES if place.is_dir()], ids=lambda place: place.name)
def test_every_graph_opens_and_is_whole(place: Path) -> None:
    with tbtui.open_logdir(place) as logdir:
        found = [(run.path, source, read_graph(source)) for run in logdir.runs() for source in sources(run)]
    for path, source, graph in found:
        event = event_at(source)
        for variant, truth in truths(source, event):
            shown = graph if variant in ("", graph.variant) else read_graph(source, variant)
            told = shown.summary()
            assert (told.nodes, told.edges) == truth, (path, source.tag, variant)
        if truths(source, event) and truths(source, event)[0][1][0]:
            assert graph.problems == [] or all("name of another" in problem for problem in graph.problems), path
        look_at(graph)
    if place.name == "_synthetic":
        assert max(graph.summary().nodes for _, _, graph in found) == 100_000


def event_at(source: GraphSource) -> Event:
    """The event, by its number in the file, as TensorBoard's loader has it."""
    with open(source.reference.slot.path, "rb") as file:
        file.seek(source.reference.offset + 12)
        payload = file.read(source.reference.length)
    return Event.FromString(payload)


def test_tensorboard_finds_the_same_events() -> None:
    place = CORPUS / "torch" / "graph"
    with tbtui.open_logdir(place) as logdir:
        (source,) = sources(logdir.runs()[0])
    payloads = list(RawEventFileLoader(source.reference.slot.path).Load())
    assert event_at(source).graph_def in [Event.FromString(payload).graph_def for payload in payloads]


def truths(source: GraphSource, event: Event) -> list[tuple[str, Counts]]:
    """Nodes and edges of each variant of a graph."""
    if source.kind == "graph":
        return [("", counts([GraphDef.FromString(event.graph_def)]))]
    if source.kind == "meta_graph":
        return [("", counts([MetaGraphDef.FromString(event.meta_graph_def).graph_def]))]
    if source.kind == "keras":
        data = event.summary.value[source.reference.index].tensor.string_val[0]
        return [("", layers_of(json.loads(data)))]
    if source.kind == "run_metadata":
        data = event.tagged_run_metadata.run_metadata
    else:
        data = event.summary.value[source.reference.index].tensor.string_val[0]
    metadata = RunMetadata.FromString(data)
    functions = metadata.function_graphs
    if not functions:
        return [("partitions", counts(metadata.partition_graphs))] if metadata.partition_graphs else [("", (0, 0))]
    return [
        ("before optimisation", counts(one.pre_optimization_graph for one in functions)),
        ("after optimisation", counts(one.post_optimization_graph for one in functions)),
        ("partitions", counts(graph for one in functions for graph in one.partition_graphs)),
    ]


def counts(graphs: Any) -> Counts:
    nodes = [node for graph in graphs for node in graph.node]
    return len(nodes), sum(len(node.input) for node in nodes)


def layers_of(model: Any) -> Counts:
    """Layers that are no models, and how often one reads another (a model with several inputs shares them out)."""
    layers = list(leaves(model))
    return len(layers), sum(edges(model))


def leaves(model: Any) -> Iterator[Any]:
    config = model["config"]
    for layer in config["layers"] if isinstance(config, dict) else config:
        if "layers" in layer["config"]:
            yield from leaves(layer)
        else:
            yield layer


def edges(model: Any) -> Iterator[int]:
    layers = model["config"]["layers"]
    chain = not any("inbound_nodes" in layer for layer in layers)
    if chain:
        yield len(layers) - 1
    for layer in layers:
        if not chain:
            text = json.dumps(layer["inbound_nodes"])
            yield text.count('"keras_history"') or sum(len(call) for call in layer["inbound_nodes"])
        if "layers" in layer["config"]:
            yield from edges(layer)


def look_at(graph: Graph) -> None:
    """Unfolds the tree and looks at every row, at the first thousands of them where there are more."""
    waiting, looked = graph.children(), 0
    while waiting and looked < MOST_ROWS:
        row = waiting.pop(0)
        looked += 1
        waiting += graph.children(row)
        assert graph.entry(row.key) == row
        if looked % 7 == 0 or looked < 50:
            details = graph.details(row)
            assert details.entry == row
            near = graph.neighbourhood(row)
            assert near.boxes[0].entry == row
            graph.path_from_inputs(row)
    assert graph.search(".").error == ""


def test_graph_and_keras_model_of_a_run_have_the_same_parameters() -> None:
    """What an optimizer, metrics and counters keep is left out of the graph, and captured variables are found."""
    same = {}
    for place in (FOLDER / "Alwaysproblem__tensorboard-review", FOLDER / "TheCodeheadMT__TensorBoard-Tutorial"):
        with tbtui.open_logdir(place) as logdir:
            for run in logdir.runs():
                told = {source.kind: read_graph(source).summary() for source in sources(run)}
                graph, model = told.get("graph"), told.get("keras")
                if graph and model and not graph.at_least and not model.at_least and "hparam_tuning" not in run.name:
                    same[run.name] = (graph.parameters, model.parameters)
    assert len(same) > 10
    assert all(graph == model for graph, model in same.values()), same


def test_parameters_of_graphs_of_tensorflow_1() -> None:
    """By what is known of the models: slots of Adam, RMSProp and Ftrl, learning rates and step counts are none."""
    for place, run_name, count in (
        ("tensorflow__tensorboard", "log_tayo/train", 784 * 500 + 500 + 500 * 10 + 10),
        ("guildai__guildai", "model-proxies/logs", 784 * 512 + 512 + 512 * 512 + 512 + 512 * 10 + 10),
    ):
        with tbtui.open_logdir(FOLDER / place) as logdir:
            (run,) = [run for run in logdir.runs() if run.name.endswith(run_name)]
            graph = read_graph(sources(run)[0])
        assert (graph.summary().parameters, graph.summary().at_least) == (count, False)
        assert graph.summary().kept > count
