"""`tbtui graph`, and what `inspect` says of graphs."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tbtui.cli import main
from tbtui.events.record import encode_record
from tests.support.graphdefs import graph_def
from tests.support.logfiles import NAME, header, scalar, write
from tests.support.messages import double, message, metadata, summary, tensor, value

NODES = [("x", "Placeholder", ()), *((f"net/layer_{i}/mul", "Mul", ("x",)) for i in range(4)), ("c", "Const", ())]
MODEL = {
    "class_name": "Sequential",
    "config": {"name": "m", "layers": [{"class_name": "Dense", "config": {"name": "d"}}]},
}


def graph_record(data: bytes) -> bytes:
    return encode_record(double(1, 1_700_000_000.0) + message(4, data))


def text_record(tag: str, plugin: str, data: bytes) -> bytes:
    return encode_record(
        summary(value(tag, message(8, tensor(7, message(2), message(8, data))), metadata(plugin, b"1")))
    )


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    model = text_record("keras", "graph_keras_model", json.dumps(MODEL).encode())
    write(tmp_path / "a" / NAME, header(), graph_record(graph_def(NODES).SerializeToString()), model, scalar(0, 1.0))
    write(tmp_path / "b" / NAME, header(), scalar(0, 1.0))
    return tmp_path


def test_as_a_tree(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(logs)]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "a   graph   6 nodes   4 edges"
    assert lines[1] == "  also: Keras model keras (--tag RE chooses)"
    assert [line.split()[0] for line in lines[3:]] == ["name", "x", "net", "layer_0..3", "c"]
    assert "×4" in lines[6]


def test_depth_and_scope(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(logs), "--scope", "net", "--depth", "9"]) == 0
    rows = [line.split()[0] for line in capsys.readouterr().out.splitlines()[5:]]
    assert rows == ["layer_0..3", *(word for i in range(4) for word in (f"layer_{i}", "mul"))]
    assert main(["graph", str(logs), "--scope", "net/layer_2/mul"]) == 0
    assert "Mul" in capsys.readouterr().out
    assert main(["graph", str(logs), "--scope", "nowhere"]) == 1
    assert capsys.readouterr().err == "tbtui: no graph has a scope or node named 'nowhere'\n"


def test_another_graph_by_its_tag(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(logs), "--tag", "keras"]) == 0
    assert capsys.readouterr().out.startswith("a   Keras model keras   1 nodes")


def test_for_programs(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(logs), "--json", "--depth", "1"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["schema"] == 1
    assert [(one["run"], one["kind"], one["summary"]["nodes"]) for one in told["graphs"]] == [
        ("a", "graph", 6),
        ("a", "keras", 1),
    ]
    assert [row["name"] for row in told["graphs"][0]["rows"]] == ["x", "net", "c"]


def test_no_graphs(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(logs / "b")]) == 1
    assert capsys.readouterr().err == "tbtui: there are no graphs\n"


def test_names_that_want_to_do_harm(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nodes = [("\x1b]0;title\x07/\x1b[31m\n", "\x9b31m", ("\x1b[2J",))]
    write(tmp_path / NAME, header(), graph_record(graph_def(nodes).SerializeToString()))
    assert main(["graph", str(tmp_path)]) == 0
    assert main(["graph", str(tmp_path), "--json"]) == 0
    out = capsys.readouterr().out
    assert not {"\x1b", "\x07", "\x9b"} & set(out)


def inspected(path: Path, capsys: pytest.CaptureFixture[str]) -> dict:  # type: ignore[type-arg]
    assert main(["inspect", "--json", str(path)]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_inspect_tells_of_graphs(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = inspected(logs, capsys)["runs"]
    assert (first["graph"], first["keras_graphs"], first["run_graphs"]) == ({"nodes": 6, "edges": 4}, ["keras"], [])
    assert (second["graph"], second["keras_graphs"]) == (None, [])
    assert main(["inspect", str(logs)]) == 0
    out = capsys.readouterr().out
    assert "graph: 6 nodes, 4 edges" in out
    assert "Keras models: keras" in out


def test_a_damaged_graph_is_counted_as_far_as_it_goes(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = graph_def(NODES).SerializeToString()
    write(tmp_path / NAME, header(), graph_record(data[:-4]))
    told = inspected(tmp_path, capsys)
    assert told["runs"][0]["graph"] == {"nodes": 5, "edges": 4}
    assert "the graph is damaged" in told["problems"][0]["reason"]
    assert main(["inspect", "--check", str(tmp_path)]) == 1
    assert "the graph is damaged" in capsys.readouterr().out
    write(tmp_path / NAME, header(), graph_record(b"\xff\xff\xff"))
    told = inspected(tmp_path, capsys)
    assert told["runs"][0]["graph"] is None
    assert len(told["problems"]) == 1
