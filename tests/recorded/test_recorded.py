"""Log directories recorded from the real writers: what is read is what was written."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tbtui
from tbtui.events.parse import parse_event
from tbtui.events.summaries import audio, histogram, images, pr_curve, summary_head, text
from tbtui.events.tensors import decode_tensor
from tbtui.store.blobs import read_event, read_value
from tbtui.store.store import Store
from tests.support.messages import payloads

HERE = Path(__file__).resolve().parent
NAMES = ["torch", "keras", "jax"]
PLUGIN_OF_EVENT = {"graph": ("__run_graph__", "graphs"), "run_metadata": ("", "graph_tagged_run_metadata")}
PLUGIN_OF_KIND = {"scalar": "scalars", "histogram": "histograms", "image": "images", "audio": "audio"}

Runs = dict[str, dict[str, dict[str, Any]]]


@pytest.fixture(params=NAMES)
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def expected(name: str) -> Runs:
    return json.loads((HERE / f"{name}.json").read_text(encoding="utf-8"))["runs"]


def parsed(name: str) -> Runs:
    """What the exact parser finds, one record after the other."""
    runs: Runs = {}
    for path in sorted((HERE / name).rglob("*tfevents*")):
        run = runs.setdefault(path.parent.relative_to(HERE / name).as_posix(), {})

        def note(run: Any, tag: str, plugin: str, step: int) -> dict[str, Any]:
            known = run.setdefault(tag, {"plugin": plugin, "steps": []})
            known["steps"].append(step)
            return known

        for payload in payloads(path):
            event = parse_event(payload)
            if event.kind in PLUGIN_OF_EVENT:
                tag, plugin = PLUGIN_OF_EVENT[event.kind]
                note(run, tag or event.tag, plugin, event.step)
            for value in event.values:
                plugin = value.metadata.plugin if value.metadata else PLUGIN_OF_KIND.get(value.kind, "")
                known = note(run, value.tag, plugin, event.step)
                if plugin == "scalars":
                    assert value.scalar is not None
                    known.setdefault("values", []).append(value.scalar)
    return runs


def opened(store: Store) -> Runs:
    """What the store holds."""
    runs: Runs = {}
    for run in store.runs():
        found = runs.setdefault(run.name, {})
        for tag, series in run.scalars.items():
            points = series.points(purge=False)
            found[tag] = {"plugin": "scalars", "steps": points.steps.tolist(), "values": points.values.tolist()}
        for (plugin, tag), blobs in run.blobs.items():
            found[tag] = {"plugin": plugin, "steps": blobs.steps(purge=False).tolist()}
    return runs


def as_written(runs: Runs) -> Runs:
    """Scalars as float32, which is what these writers make of them; runs without values left out."""
    tags = {run: dict(found) for run, found in runs.items() if found}
    for found in tags.values():
        for tag, series in found.items():
            if "values" in series:
                found[tag] = series | {"values": np.array(series["values"], np.float32).tolist()}
    return tags


def test_the_exact_parser(name: str) -> None:
    assert as_written(parsed(name)) == as_written(expected(name))


def test_the_store(name: str) -> None:
    with tbtui.open_logdir(HERE / name) as logdir:
        assert as_written(opened(logdir.store)) == as_written(expected(name))
        assert not logdir.store.problems()
        assert {run.name for run in logdir.runs()} == set(expected(name))


def test_every_blob_can_be_looked_at(name: str) -> None:
    """Read back from where it lies, decoded, and sane."""
    with tbtui.open_logdir(HERE / name) as logdir:
        seen = set()
        for run in logdir.runs():
            for (plugin, _), series in run.blobs.items():
                for reference in series.references(purge=False):
                    assert read_event(reference).step == reference.step
                    if plugin in ("graphs", "graph_tagged_run_metadata"):
                        continue
                    value = read_value(reference)
                    seen.add(plugin)
                    summary_head(value, plugin)
                    if plugin == "histograms":
                        found = histogram(value)
                        assert (found.left <= found.right).all()
                        assert (np.diff(found.left) >= 0).all()
                    elif plugin == "images":
                        assert images(value).width > 1
                    elif plugin == "audio":
                        assert audio(value).sample_rate == 8000
                        assert 0.04 < audio(value).seconds < 0.2
                    elif plugin == "text":
                        assert text(value).plain
                    elif plugin == "pr_curves":
                        assert ((pr_curve(value).precision >= 0) & (pr_curve(value).precision <= 1)).all()
        assert {"histograms", "images", "text", "hparams"} <= seen


def test_graphs_are_read_by_our_own_classes() -> None:
    from tbtui.events.proto import graph_pb2, plugins_pb2, run_metadata_pb2

    with tbtui.open_logdir(HERE) as logdir:
        torch = logdir["torch/narrow"]
        graph = graph_pb2.GraphDef.FromString(read_event(torch.blobs["graphs", "__run_graph__"].reference(0)).body)
        assert any(node.op == "aten::tanh" for node in graph.node)
        layout = read_value(torch.blobs["custom_scalars", "custom_scalars__config__"].reference(0))
        content = plugins_pb2.Layout.FromString(text_bytes(layout.body))
        assert content.category[0].chart[0].multiline.tag == ["loss/.*"]
        start = logdir["torch/search/w16"].metadata["_hparams_/session_start_info"].content
        hparams = plugins_pb2.HParamsPluginData.FromString(start).session_start_info.hparams
        assert (hparams["width"].number_value, hparams["activation"].string_value) == (16, "tanh")
        traced = read_value(logdir["keras/summary"].blobs["graph_run_metadata_graph", "traced"].reference(0))
        run = run_metadata_pb2.RunMetadata.FromString(text_bytes(traced.body))
        names = [node.name for node in run.function_graphs[0].pre_optimization_graph.node]
        assert any(name.startswith("layer/") for name in names)
        keras = read_value(logdir["keras/fit/train"].blobs["graph_keras_model", "keras"].reference(0))
        assert json.loads(text_bytes(keras.body))["class_name"] == "Sequential"


def text_bytes(body: memoryview) -> bytes:
    """The one string of a tensor."""
    return bytes(decode_tensor(body).item())
