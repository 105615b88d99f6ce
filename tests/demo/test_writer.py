"""Every kind of summary that the demo writes, as TensorBoard's own reader sees it."""

from pathlib import Path

import numpy as np
import pytest
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.compat.proto import graph_pb2
from tensorboard.plugins.hparams import metadata as hparams_metadata
from tensorboard.plugins.hparams import plugin_data_pb2 as hparams_data
from tensorboard.plugins.pr_curve import metadata as pr_metadata
from tensorboard.util import tensor_util

from tbtui.demo import graph, writer


def written(directory: Path, fill: object) -> EventMultiplexer:
    assert callable(fill)
    moments = iter(float(second) for second in range(1_700_000_000, 1_700_000_100))
    events = writer.EventWriter(directory / "run", lambda: next(moments))
    fill(events)
    events.close()
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(directory))
    multiplexer.Reload()
    return multiplexer


def plugin(multiplexer: EventMultiplexer, tag: str) -> str:
    return multiplexer.SummaryMetadata("run", tag).plugin_data.plugin_name


def arrays(multiplexer: EventMultiplexer, tag: str) -> list[np.ndarray]:
    return [tensor_util.make_ndarray(event.tensor_proto) for event in multiplexer.Tensors("run", tag)]


def test_scalars(tmp_path: Path) -> None:
    values = [0.1, -1e30, float("inf"), float("nan")]

    def fill(events: writer.EventWriter) -> None:
        for step, value in enumerate(values):
            events.scalar("größe/loss", value, step, "what it *means*")

    multiplexer = written(tmp_path, fill)
    read = multiplexer.Tensors("run", "größe/loss")
    assert [event.step for event in read] == [0, 1, 2, 3]
    assert read[0].wall_time > 1_700_000_000
    assert [event.wall_time - read[0].wall_time for event in read] == [0, 1, 2, 3]
    assert np.array_equal(arrays(multiplexer, "größe/loss"), np.float32(values), equal_nan=True)
    assert plugin(multiplexer, "größe/loss") == "scalars"
    assert multiplexer.SummaryMetadata("run", "größe/loss").summary_description == "what it *means*"


def test_histogram_image_text_and_pr_curve(tmp_path: Path) -> None:
    buckets = np.random.default_rng(1).normal(size=(30, 3))
    curve = np.random.default_rng(2).uniform(size=(6, 11)).astype(np.float32)

    def fill(events: writer.EventWriter) -> None:
        events.histogram("weights", buckets, 7)
        events.images("filters", (3, 2), [b"first", b"second"], 8)
        events.text("report", "| a |\n|--|\n| ü |", 9)
        events.pr_curve("pr", curve, 10)

    multiplexer = written(tmp_path, fill)
    assert np.array_equal(arrays(multiplexer, "weights")[0], buckets)
    assert arrays(multiplexer, "filters")[0].tolist() == [b"3", b"2", b"first", b"second"]
    assert arrays(multiplexer, "report")[0].item().decode() == "| a |\n|--|\n| ü |"
    assert np.array_equal(arrays(multiplexer, "pr")[0], curve)
    names = {tag: plugin(multiplexer, tag) for tag in ("weights", "filters", "report", "pr")}
    assert names == {"weights": "histograms", "filters": "images", "report": "text", "pr": "pr_curves"}
    content = multiplexer.SummaryMetadata("run", "pr").plugin_data.content
    assert pr_metadata.parse_plugin_metadata(content).num_thresholds == 11


def test_hparams(tmp_path: Path) -> None:
    values: dict[str, bool | float | str] = {"optimizer": "adam", "learning_rate": 0.001, "nesterov": True}

    def fill(events: writer.EventWriter) -> None:
        events.hparams("experiment", writer.hparams_experiment(values, {"loss": "the loss"}, "about", 5.0))
        events.hparams("session_start_info", writer.hparams_start(values, "group", 6.0))
        events.hparams("session_end_info", writer.hparams_end(7.0))

    multiplexer = written(tmp_path, fill)

    def content(tag: str) -> bytes:
        content = multiplexer.SummaryMetadata("run", tag).plugin_data.content
        assert isinstance(content, bytes)
        return content

    experiment = hparams_metadata.parse_experiment_plugin_data(content("_hparams_/experiment"))
    assert [(info.name, info.type) for info in experiment.hparam_infos] == [
        ("optimizer", 1),
        ("learning_rate", 3),
        ("nesterov", 2),
    ]
    metric = experiment.metric_infos[0]
    assert (metric.name.group, metric.name.tag, metric.display_name) == ("", "loss", "the loss")
    start = hparams_metadata.parse_session_start_info_plugin_data(content("_hparams_/session_start_info"))
    assert (start.group_name, start.start_time_secs) == ("group", 6.0)
    assert start.hparams["optimizer"].string_value == "adam"
    assert start.hparams["learning_rate"].number_value == 0.001
    assert start.hparams["nesterov"].bool_value is True
    end = hparams_metadata.parse_session_end_info_plugin_data(content("_hparams_/session_end_info"))
    assert (end.status, end.end_time_secs) == (1, 7.0)
    assert isinstance(end, hparams_data.SessionEndInfo)


@pytest.mark.parametrize("optimizer", ["momentum", "adam"])
def test_graph_is_whole(tmp_path: Path, optimizer: str) -> None:
    nodes = graph.network_nodes(4, 24, optimizer)
    multiplexer = written(tmp_path, lambda events: events.graph(graph.graph_def(nodes)))
    read = multiplexer.Graph("run")
    assert isinstance(read, graph_pb2.GraphDef)
    assert [node.name for node in read.node] == [node.name for node in nodes]
    names = {node.name for node in nodes}
    assert len(names) == len(nodes)
    assert {source.removeprefix("^") for node in nodes for source in node.inputs} <= names
    kernel = next(node for node in read.node if node.name == "dense1/kernel")
    shape = kernel.attr["_output_shapes"].list.shape[0]
    assert [dim.size for dim in shape.dim] == [144, 24]
    convolution = next(node for node in read.node if node.op == "Conv2D")
    assert list(convolution.attr["strides"].list.i) == [1, 2, 2, 1]
    assert convolution.attr["T"].type == 1


def test_nothing_reaches_the_file_before_the_flush(tmp_path: Path) -> None:
    events = writer.EventWriter(tmp_path, lambda: 1.0)
    size = events.path.stat().st_size
    assert size > 0  # the version record: the run is seen at once
    events.scalar("loss", 1.0, 0)
    assert events.path.stat().st_size == size
    events.flush()
    assert events.path.stat().st_size > size
    events.close()
