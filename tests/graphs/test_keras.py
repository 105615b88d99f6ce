"""Keras models as JSON, both generations, and JSON that is none."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.graphs.keras_shapes import output_shape, parameters
from tests.support.graphdefs import names, parsed


def layer(kind: str, name: str, *sources: str, **config: Any) -> dict[str, Any]:
    """A layer of Keras 2."""
    inbound = [[[source, 0, 0, {}] for source in sources]] if sources else []
    return {"class_name": kind, "name": name, "config": {"name": name, **config}, "inbound_nodes": inbound}


def model(layers: list[dict[str, Any]], inputs: Any, outputs: Any, name: str = "model") -> dict[str, Any]:
    config = {"name": name, "layers": layers, "input_layers": inputs, "output_layers": outputs}
    return {"class_name": "Functional", "name": name, "config": config}


INNER = model(
    [layer("InputLayer", "in", batch_input_shape=[None, 4]), layer("Dense", "d", "in", units=3)],
    [["in", 0, 0]],
    [["d", 0, 0]],
    "inner",
)


def test_models_in_models_of_keras_2() -> None:
    outer = model(
        [
            layer("InputLayer", "x", batch_input_shape=[None, 4], dtype="float32"),
            INNER | {"inbound_nodes": [[["x", 0, 0, {}]]]},
            layer("Add", "sum", "inner", "x"),
        ],
        ["x", 0, 0],
        {"y": ["sum", 0, 0]},
    )
    graph = parsed(json.dumps(outer).encode(), "keras")
    assert graph.problems == []
    assert names(graph, "model") == ["x", "inner", "sum"]
    assert [link.name for link in graph.details(graph.find("model/inner/in")).inputs] == ["model/x"]
    assert [link.name for link in graph.details(graph.find("model/sum")).inputs] == ["model/inner/d", "model/x"]
    assert graph.summary().parameters == 15
    assert graph.details(graph.find("model/x")).results == ["float32 ?×4"]


def test_a_chain_of_layers() -> None:
    layers = [
        {"class_name": "Dense", "config": {"name": "a", "units": 5, "batch_input_shape": [None, 2]}},
        {"class_name": "Dropout", "config": {"name": "b"}},
        {"class_name": "Dense", "config": {"name": "c", "units": 1, "use_bias": False}},
    ]
    for config in ({"name": "chain", "layers": layers}, layers):  # the oldest have no name
        data = json.dumps({"class_name": "Sequential", "config": config}).encode()
        graph = parsed(data, "keras")
        assert (graph.summary().nodes, graph.summary().edges, graph.summary().parameters) == (3, 2, 20)


def test_unknown_layers_are_not_counted() -> None:
    layers = [layer("InputLayer", "x"), layer("MyLayer", "mine", "x"), layer("Dense", "d", "mine", units=2)]
    graph = parsed(json.dumps(model(layers, [], [])).encode(), "keras")
    assert (graph.summary().parameters, graph.summary().at_least) == (None, True)
    assert graph.summary().dangling == 0


@pytest.mark.parametrize(
    ("kind", "config", "taken", "count", "given_shape"),
    [
        ("Dense", {"units": 3}, (-1, 4), 15, (-1, 3)),
        ("Conv2D", {"filters": 8, "kernel_size": [3, 3]}, (-1, 9, 9, 3), 224, (-1, 7, 7, 8)),
        ("Conv2D", {"filters": 8, "kernel_size": [3, 3], "groups": 2}, (-1, 9, 9, 4), 152, (-1, 7, 7, 8)),
        ("Embedding", {"input_dim": 10, "output_dim": 4}, (-1, 7), 40, (-1, 7, 4)),
        ("BatchNormalization", {}, (-1, 5), 20, (-1, 5)),
        ("LayerNormalization", {"center": False}, (-1, 5), 5, (-1, 5)),
        ("Flatten", {}, (-1, 2, 3), 0, (-1, 6)),
        ("GlobalAveragePooling2D", {}, (-1, 4, 4, 6), 0, (-1, 6)),
        ("LSTM", {"units": 4}, (-1, 7, 3), 128, (-1, 4)),
        ("GRU", {"units": 4, "reset_after": True, "return_sequences": True}, (-1, 7, 3), 108, (-1, 7, 4)),
        ("Mystery", {}, (-1, 7), None, None),
    ],
)
def test_arithmetic_of_layers(kind: str, config: Any, taken: Any, count: int | None, given_shape: Any) -> None:
    assert parameters(kind, config, taken) == count
    assert output_shape(kind, config, taken) == given_shape


@pytest.mark.parametrize(
    "data", [b"", b"{", b"[]", b"3", b'{"config": {"layers": {}}}', b'{"config": 3}', b"[" * 100_000]
)
def test_what_is_no_model(data: bytes) -> None:
    graph = parsed(data, "keras")
    assert len(graph.problems) == 1
    assert graph.children() == []


ANY = st.recursive(
    st.none() | st.booleans() | st.integers(-2, 3) | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                (
                    "config",
                    "layers",
                    "inbound_nodes",
                    "name",
                    "class_name",
                    "input_layers",
                    "output_layers",
                    "keras_history",
                    "units",
                )
            ),
            inner | st.sampled_from(("__keras_tensor__", "Dense", "Sequential")),
            max_size=5,
        )
    ),
    max_leaves=25,
)


@given(ANY, st.lists(ANY, max_size=4))
def test_any_json_ends_in_words(one: Any, layers: list[Any]) -> None:
    for value in (one, {"class_name": "Functional", "config": {"name": "m", "layers": layers, "input_layers": one}}):
        graph = parsed(json.dumps(value).encode(), "keras")
        assert graph.problems or graph.children()
        for row in graph.children():
            graph.details(row)
