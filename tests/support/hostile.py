"""A log directory of every kind of data in which every text is what a terminal or a markup parser would act upon."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.plugins.hparams import plugin_data_pb2

from tbtui.events.proto.graph_pb2 import GraphDef
from tests.support.blobs import image_record, sound_record, strings_record, text_record, wav
from tests.support.eventfiles import framed
from tests.support.histograms import drifting
from tests.support.logfiles import NAME, header, scalar
from tests.support.pictures import encoded, noise

STEPS = 3


def write_all_kinds(root: Path, text: str, number: int = 0) -> Path:
    """A run of that name with scalars, histograms, images, sounds, texts, hyperparameters, a graph and a capture whose
    tags, names, descriptions, contents and attributes are that text."""
    run = root / f"{number:02} {text}".replace("/", "_")
    run.mkdir(parents=True)
    described = (f"name {text}", f"description {text}")
    tag = f"{text}{number}"
    records = [header(), _graph(text), _hparams(text)]
    for step in range(STEPS):
        records += [
            scalar(step, 1 / (step + 1), tag),
            drifting(f"hist {tag}", step),
            image_record(f"image {tag}", [encoded(noise(8, 8, step)), text.encode()], step),
            sound_record(f"sound {tag}", [(wav(np.sin(np.arange(500) / 5)), text)], step, described),
            text_record(f"text {tag}", [_markdown(text)], (), step),
            text_record(f"table {tag}", [text, "x", text, "y"], (2, 2), step, described),
            strings_record(f"plugin {text}", f"other {tag}", [text.encode()], (), step, described=described),
        ]
    (run / NAME).write_bytes(b"".join(records))
    (run / "worker.pt.trace.json").write_text(json.dumps(_capture(text)))
    return run


def _markdown(text: str) -> str:
    return f"# {text}\n\n{text} `{text}`\n\n| a | {text} |\n|---|---|\n| b | {text} |"


def _graph(text: str) -> bytes:
    graph = GraphDef()
    graph.node.add(name=f"a{text}", op=f"Op{text}", device=text)
    node = graph.node.add(name=f"scope{text}/b{text}", op=text, input=[f"a{text}"])
    node.attr[f"attr{text}"].s = text.encode()
    return framed(event_pb2.Event(wall_time=1.7e9, graph_def=graph.SerializeToString()).SerializeToString())


def _hparams(text: str) -> bytes:
    data = plugin_data_pb2.HParamsPluginData()
    data.session_start_info.hparams[f"hp {text}"].string_value = text
    data.session_start_info.group_name = text
    value = summary_pb2.Summary.Value(tag="_hparams_/session_start_info")
    value.metadata.plugin_data.plugin_name = "hparams"
    value.metadata.plugin_data.content = data.SerializeToString()
    event = event_pb2.Event(wall_time=1.7e9)
    event.summary.value.append(value)
    return framed(event.SerializeToString())


def _capture(text: str) -> dict[str, object]:
    names = [f"ProfilerStep#{number}" for number in range(2)] + [text, f"aten::{text}"]
    events: list[dict[str, object]] = [
        {"ph": "X", "cat": "cpu_op", "name": name, "pid": 7, "tid": 1, "ts": 100 * at, "dur": 80, "args": {text: text}}
        for at, name in enumerate(names)
    ]
    events.append({"ph": "M", "name": "thread_name", "pid": 7, "tid": 1, "args": {"name": text}})
    return {"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": text}], "traceName": text, "traceEvents": events}
