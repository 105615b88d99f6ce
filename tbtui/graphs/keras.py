"""A Keras model as JSON -> a table whose nodes are layers; models in models are scopes.

Known are the JSON of Keras 2 (`[[["layer", node, tensor, {}], ...]]`) and of Keras 3 (`__keras_tensor__` with a
`keras_history`), Functional and Sequential, in each other as deep as they like.
"""

from __future__ import annotations

import itertools
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from tbtui.graphs.attributes import cut_text, element_bytes
from tbtui.graphs.keras_shapes import output_shape, parameters, sizes
from tbtui.graphs.model import Attribute, Shape
from tbtui.graphs.table import MAIN, Body, Table, TableBuilder, Weight

MODELS = ("Functional", "Model", "Sequential")
Json = dict[str, Any]
Source = tuple[str, int]  # name of a layer among its siblings, which of its tensors


@dataclass(slots=True)
class Layer:
    """One layer, or a model in a model: then `layers` are its own and it is no node.

    sources: what it reads, by names of its siblings. taken, given: shapes of its first input and of each output.
    """

    name: str
    path: str
    kind: str
    config: Json
    dtype: str
    sources: list[Source] = field(default_factory=list)
    layers: list[Layer] | None = None
    inputs: list[str] = field(default_factory=list)  # of a model: the layers that take its inputs
    outputs: list[str] = field(default_factory=list)
    taken: Shape = None
    given: Shape = None


def keras_table(data: bytes, problems: list[str]) -> Table:
    """The table of a model's JSON; what is wrong with it is added to the problems."""
    builder = TableBuilder()
    builder.problems = problems
    layers: list[Layer] = []
    try:
        model = json.loads(data)
    except (ValueError, RecursionError) as error:
        problems.append(f"the model's JSON can't be read: {error}")
        model = None
    if model is not None and not _is_model(model):
        problems.append("the JSON is no model with layers")
    elif model is not None:
        layers = _add_model(builder, model, problems)
    builder.begin(Body(lambda n: _attributes(layers[n]), lambda n: [(layers[n].dtype, layers[n].given)]))
    for layer in layers:
        builder.add(layer.path, layer.kind, "", [f"{path}:{port}" for path, port in layer.sources], MAIN)
        count = parameters(layer.kind, layer.config, layer.taken)
        if count != 0:
            builder.weights[len(builder.names) - 1] = Weight(count, None if count is None else count * _width(layer))
    builder.end_space()
    return builder.finish()


def _is_model(one: Any) -> bool:
    return isinstance(one, dict) and isinstance(_config(one).get("layers") or one.get("config"), list)


def _config(one: Json) -> Json:
    config = one.get("config")
    return config if isinstance(config, dict) else {}


def _add_model(builder: TableBuilder, model: Json, problems: list[str]) -> list[Layer]:
    """The layers of a model and of the models in it that are nodes, in order, their sources as full names."""
    top = _layer(model, "", 0)
    top.path = top.name
    nodes: list[Layer] = []
    waiting: list[tuple[Layer, Json]] = [(top, model)]
    models: list[Layer] = []
    while waiting:
        outer, one = waiting.pop()
        models.append(outer)
        builder.classes[MAIN, outer.path] = outer.kind
        outer.layers = []
        for number, inner in enumerate(_layers_of(one)):
            if not isinstance(inner, dict):
                problems.append(f"layer {number} of {outer.name!r} is no layer")
                continue
            layer = _layer(inner, outer.path, number)
            outer.layers.append(layer)
            if _is_model(inner):
                waiting.append((layer, inner))
        _join(outer, one)
    _infer_shapes(models)
    _resolve(models)
    open_layers = [top]
    while open_layers:
        layer = open_layers.pop()
        if layer.layers is None:
            nodes.append(layer)
        else:
            open_layers.extend(reversed(layer.layers))
    return nodes


def _layers_of(model: Json) -> list[Any]:
    layers = _config(model).get("layers") or model.get("config")
    return layers if isinstance(layers, list) else []


def _layer(one: Json, scope: str, number: int) -> Layer:
    config = _config(one)
    kind = str(one.get("class_name") or "Layer")
    name = str(one.get("name") or config.get("name") or f"{kind.lower()}_{number}")
    layer = Layer(name, f"{scope}/{name}" if scope else name, kind, config, _dtype(config.get("dtype")))
    build = one.get("build_config")
    taken = build.get("input_shape") if isinstance(build, dict) else None
    first = taken[0] if isinstance(taken, list) and taken and isinstance(taken[0], list) else taken
    layer.taken = sizes(first) or sizes(config.get("batch_shape")) or sizes(config.get("batch_input_shape"))
    return layer


def _dtype(dtype: Any) -> str:
    """A type is a word, or in Keras 3 a policy with a name."""
    if isinstance(dtype, dict):
        dtype = _config(dtype).get("name")
    return dtype if isinstance(dtype, str) else ""


def _join(model: Layer, one: Json) -> None:
    """Notes what each layer of a model reads, and where the model's own inputs and outputs are."""
    layers = model.layers or []
    described = [inner for inner in _layers_of(one) if isinstance(inner, dict)]
    if any("inbound_nodes" in inner for inner in described):
        by_name = {layer.name: layer for layer in layers}
        for layer, inner in zip(layers, described, strict=True):
            for name, tensor, shape in _sources(inner.get("inbound_nodes")):
                layer.sources.append((name, tensor))
                if name in by_name and shape is not None:
                    by_name[name].given = by_name[name].given or shape
                layer.taken = layer.taken or shape
        model.inputs = [name for name, _ in _ends(_config(one).get("input_layers"))]
        model.outputs = [name for name, _ in _ends(_config(one).get("output_layers"))]
    else:
        for before, layer in itertools.pairwise(layers):
            layer.sources.append((before.name, 0))
        model.inputs = [layers[0].name] if layers else []
        model.outputs = [layers[-1].name] if layers else []


def _sources(inbound: Any) -> Iterator[tuple[str, int, Shape]]:
    """(layer, tensor, shape) of everything that is read at any call of a layer, in order. No recursion."""
    waiting = [inbound]
    while waiting:
        one = waiting.pop()
        if isinstance(one, dict):
            history = _config(one).get("keras_history")
            if one.get("class_name") == "__keras_tensor__" and isinstance(history, list) and len(history) > 2:
                tensor = history[2] if isinstance(history[2], int) else 0
                yield str(history[0]), tensor, sizes(_config(one).get("shape"))
            else:
                waiting.extend(reversed(list(one.values())))
        elif isinstance(one, list):
            if len(one) in (3, 4) and isinstance(one[0], str) and isinstance(one[1], int) and isinstance(one[2], int):
                yield one[0], one[2], None
                waiting.extend(one[3:])
            else:
                waiting.extend(reversed(one))


def _ends(described: Any) -> list[Source]:
    """Inputs or outputs of a model: a list of [layer, node, tensor], or a single one, or (named ones) a dictionary."""
    return [(name, tensor) for name, tensor, _ in _sources(described)]


def _infer_shapes(models: list[Layer]) -> None:
    """Fills in the shapes that the JSON leaves out, from layer to layer, where that is plain."""
    for model in models:
        by_name = {layer.name: layer for layer in model.layers or ()}
        for layer in model.layers or ():
            if layer.taken is None and layer.sources:
                before = by_name.get(layer.sources[0][0])
                layer.taken = before.given if before is not None else None
            if layer.given is None:
                others = [one.given if (one := by_name.get(name)) else None for name, _ in layer.sources[1:]]
                layer.given = output_shape(layer.kind, layer.config, layer.taken, others)
        for before, layer in zip(model.layers or (), (model.layers or [])[1:], strict=False):
            if before.given is None and layer.sources == [(before.name, 0)]:
                before.given = layer.taken


def _resolve(models: list[Layer]) -> None:
    """Turns what layers read into the full names of layers: into and out of models that are layers of others."""
    inside = {layer.path: layer for model in models for layer in model.layers or ()}
    waiting: list[tuple[Layer, list[Source]]] = []
    for model in models:
        for layer in model.layers or ():
            layer.sources = [_end_of(inside, f"{model.path}/{name}", tensor) for name, tensor in layer.sources]
            if layer.layers is not None and layer.sources:
                waiting.append((layer, layer.sources))
    while waiting:  # what a model reads is read by its input layers, in turn
        model, sources = waiting.pop()
        for number, name in enumerate(model.inputs):
            first = inside.get(f"{model.path}/{name}")
            share = sources[number :: len(model.inputs)]
            if first is not None and first.layers is not None:
                waiting.append((first, share))
            elif first is not None:
                first.sources = share + first.sources


def _end_of(inside: dict[str, Layer], path: str, tensor: int) -> Source:
    """The layer that really gives a tensor: of a model, the one at that output of it."""
    for _ in range(len(inside)):
        layer = inside.get(path)
        if layer is None or layer.layers is None or not layer.outputs:
            break
        path, tensor = f"{path}/{layer.outputs[min(tensor, len(layer.outputs) - 1)]}", 0
    return path, tensor


def _width(layer: Layer) -> int:
    """Bytes of one number of a layer's weights; a mixed policy keeps them in full."""
    return element_bytes("float32" if layer.dtype.startswith("mixed") else layer.dtype)


def _attributes(layer: Layer) -> list[Attribute]:
    """The configuration of a layer, what is not set left out, and its parameters."""
    found = []
    for name, value in layer.config.items():
        if value is not None and name not in ("name", "layers"):
            try:
                found.append(Attribute(str(name), _text(value), len(str(value))))
            except RecursionError:
                found.append(Attribute(str(name), "nested too deep"))
    count = parameters(layer.kind, layer.config, layer.taken)
    return [*found, Attribute("parameters", "unknown" if count is None else f"{count:,}")]


def _text(value: Any) -> str:
    """A value of a configuration in a few words: objects by their class and what is set in them."""
    if isinstance(value, dict) and "class_name" in value:
        inner = ", ".join(f"{name} {one}" for name, one in _config(value).items() if one is not None)
        return cut_text(f"{value['class_name']}({inner})")
    return cut_text(value if isinstance(value, str) else json.dumps(value))
