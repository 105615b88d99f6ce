"""From a run to its graphs: which are offered, which step stats go with them, and what can't be read."""

from __future__ import annotations

from pathlib import Path

import tbtui
from tbtui.events.proto.run_metadata_pb2 import RunMetadata
from tbtui.events.record import encode_record
from tbtui.graphs import GraphSource, read_graph, sources
from tests.support.graphdefs import graph_def
from tests.support.logfiles import NAME, header, write
from tests.support.messages import double, message, metadata, summary, tensor, value, varint

START = 1_700_000_000.0


def event(number: int, data: bytes, step: int = 0) -> bytes:
    return encode_record(double(1, START + step) + varint(2, step) + message(number, data))


def graph(*names: str) -> bytes:
    return graph_def([(name, "Op", ()) for name in names]).SerializeToString()


def stats(tag: str, step: int, micros: int, *, partitions: bool = False) -> bytes:
    told = RunMetadata()
    if micros:
        device = told.step_stats.dev_stats.add(device="/cpu:0")
        device.node_stats.add(node_name="a", op_end_rel_micros=micros)
    if partitions:
        told.partition_graphs.add().CopyFrom(graph_def([("p", "Op", ())]))
    return event(8, message(1, tag) + message(2, told.SerializeToString()), step)


def found(folder: Path) -> list[GraphSource]:
    with tbtui.open_logdir(folder) as logdir:
        (run,) = logdir.runs()
        return sources(run)


def test_the_newest_graph_with_the_newest_stats(tmp_path: Path) -> None:
    write(
        tmp_path / NAME,
        header(),
        event(4, graph("old")),
        event(4, graph("a", "b"), 1),
        stats("late", 9, 7),
        stats("early", 3, 5),
        stats("nothing", 10, 0),
        stats("inside", 2, 0, partitions=True),
    )
    first, second = found(tmp_path)
    assert (first.kind, first.title, first.step, first.count) == ("graph", "graph", 1, 2)
    assert [one.tag for one in first.stats] == ["early", "late"]
    shown = read_graph(first)
    assert [row.name for row in shown.children()] == ["a", "b"]
    assert shown.stats == "late"
    assert round(shown.children()[0].compute * 1e6) == 7
    assert shown.join(first.stats[0]) == ""
    assert round(shown.children()[0].compute * 1e6) == 5
    assert (second.kind, second.title) == ("run_metadata", "step inside")
    assert [row.name for row in read_graph(second).children()] == ["p"]


def test_what_can_not_be_read_is_said(tmp_path: Path) -> None:
    numbers = message(8, tensor(1, message(2), b""))
    parts = (
        summary(value("numbers", numbers, metadata("graph_keras_model", b"1"))),
        summary(value("nothing", metadata("graph_run_metadata", b"1"))),
    )
    path = write(tmp_path / NAME, header(), event(4, graph("a")), *(encode_record(part) for part in parts))
    graph_source, keras, trace = sorted(found(tmp_path), key=lambda one: one.tag)
    assert [one.kind for one in (graph_source, keras, trace)] == ["graph", "trace", "keras"]
    for source in (keras, trace):
        (problem,) = [words for words in read_graph(source).problems if "holds no nodes" not in words][:1]
        assert problem
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    path.unlink()
    shown = read_graph(graph_source)
    assert shown.problems[0].startswith("the file can't be read")
    assert shown.children() == []
    assert shown.summary().nodes == 0
    assert shown.search("a").keys == []
