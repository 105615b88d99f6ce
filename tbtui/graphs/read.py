"""From a run to its graphs: which there are, and reading one."""

from __future__ import annotations

from functools import lru_cache

from tbtui.events import wire
from tbtui.events.tensors import BadTensor, decode_tensor
from tbtui.graphs import torch
from tbtui.graphs.graph import Graph
from tbtui.graphs.graphdef import (
    graph_table,
    meta_graph_data,
    meta_graph_table,
    parse_graph,
    parse_metadata,
    table_of,
    trace_tables,
)
from tbtui.graphs.keras import keras_table
from tbtui.graphs.model import GraphSource, SourceKind, StatsSource
from tbtui.graphs.stats import Cost, costs
from tbtui.graphs.table import Table
from tbtui.graphs.torch_weights import note_weights
from tbtui.store.blobs import BlobUnreadable, read_event, read_value
from tbtui.store.run import GRAPH_TAG, META_GRAPH_TAG, Run
from tbtui.store.series import BlobSeries, Reference

PLUGINS: dict[str, SourceKind] = {
    "graph_keras_model": "keras",
    "graph_run_metadata_graph": "trace",
    "graph_run_metadata": "trace",
}
STATS_PLUGIN = "graph_tagged_run_metadata"
MOST_STATS = 100
"""So many tagged run metadata are offered; of the newest tags."""

_STEP_STATS, _COST_GRAPH, _PARTITIONS, _FUNCTIONS = (wire.key(number, wire.BYTES) for number in (1, 2, 3, 4))


def sources(run: Run) -> list[GraphSource]:
    """The graphs a run has, the one to be shown first in front. Only run metadata are looked into, and briefly."""
    stats, extra = _stats(run)
    found = []
    for tag, kind, title in ((GRAPH_TAG, "graph", "graph"), (META_GRAPH_TAG, "meta_graph", "meta graph")):
        series = run.blobs.get(("graphs", tag))
        if series is not None and series.count:
            found.append(_source(series, "graph" if kind == "graph" else "meta_graph", title, stats))
    for plugin, kind_of in PLUGINS.items():
        for (of, tag), series in list(run.blobs.items()):
            if of == plugin and series.count:
                found.append(_source(series, kind_of, _title(kind_of, tag), ()))
    found += [_source(series, "run_metadata", f"step {series.tag}", ()) for series in extra]
    return found


def _title(kind: SourceKind, tag: str) -> str:
    return f"{'Keras model' if kind == 'keras' else 'trace'} {tag}"


def _source(series: BlobSeries, kind: SourceKind, title: str, stats: tuple[StatsSource, ...]) -> GraphSource:
    reference = series.reference(-1)
    return GraphSource(kind, title, series.tag, reference.step, reference.wall, series.count, reference, stats)


def _stats(run: Run) -> tuple[tuple[StatsSource, ...], list[BlobSeries]]:
    """Tagged run metadata that hold step stats or a cost graph, in order of time; and those that hold graphs."""
    tagged = [series for (plugin, _), series in list(run.blobs.items()) if plugin == STATS_PLUGIN and series.count]
    stats, graphs = [], []
    for series in tagged[-MOST_STATS:]:
        reference = series.reference(-1)
        keys = _parts(reference)
        if keys & {_STEP_STATS, _COST_GRAPH}:
            stats.append(StatsSource(series.tag, reference.step, reference.wall, reference))
        if keys & {_PARTITIONS, _FUNCTIONS}:
            graphs.append(series)
    return tuple(sorted(stats, key=lambda one: (one.wall, one.step))), graphs


@lru_cache(maxsize=4 * MOST_STATS)
def _parts_of(path: str, offset: int, length: int, reference: Reference) -> frozenset[int]:
    try:
        return frozenset(key for key, _, _ in wire.fields(read_event(reference).body))
    except (BlobUnreadable, wire.BadWire):
        return frozenset()


def _parts(reference: Reference) -> frozenset[int]:
    """Which fields run metadata have; torch writes some without any stats."""
    return _parts_of(reference.slot.path, reference.offset, reference.length, reference)


def read_graph(source: GraphSource, variant: str = "") -> Graph:
    """Reads a graph, with the newest step stats its source has. Never raises: what is wrong stands in its problems.

    variant: one of the `variants` of the graph as it was read before; "" takes the first.
    """
    problems: list[str] = []
    try:
        data = _read(source.kind, source.reference)
    except (BlobUnreadable, BadTensor) as error:
        data = b""
        problems.append(str(error))
    graph = parse(source.kind, data, problems, variant, source.title)
    if source.stats:
        problem = graph.join(source.stats[-1])
        if problem:
            graph.problems.append(problem)
    return graph


def parse(kind: SourceKind, data: bytes, problems: list[str], variant: str = "", title: str = "") -> Graph:
    """The graph that serialized bytes hold: GraphDef, MetaGraphDef, RunMetadata or JSON, as the kind says."""
    variants: tuple[str, ...] = ()
    own: dict[str, Cost] = {}
    table: Table
    if kind == "keras":
        table = keras_table(data, problems)
    elif kind == "graph":
        table = graph_table(data, problems)
    elif kind == "meta_graph":
        table = meta_graph_table(data, problems)
    else:
        metadata = parse_metadata(data, problems)
        found = trace_tables(metadata)
        variants = tuple(found)
        variant = variant if variant in found else next(iter(found), "")
        table = table_of(found.get(variant, []), problems)
        own = costs(metadata)
    if not len(table) and not problems:
        problems.append("it holds no nodes")
    if torch.is_torch(table):
        torch.rearrange(table)
        note_weights(table)
    graph = Graph(table, title, variants, variant)
    if own:
        graph.join_costs(own, title)
    return graph


def read_costs(source: StatsSource) -> tuple[dict[str, Cost], str]:
    """(what nodes cost by name, what is wrong or "") of step stats."""
    problems: list[str] = []
    try:
        metadata = parse_metadata(bytes(read_event(source.reference).body), problems)
    except BlobUnreadable as error:
        return {}, str(error)
    return costs(metadata), problems[0] if problems else ""


def problem_of_graph(reference: Reference, plugin: str) -> str:
    """What is wrong with a graph, or run metadata, of a plugin's series; "" where it can be read."""
    problems: list[str] = []
    try:
        if plugin in PLUGINS:
            data = _read(PLUGINS[plugin], reference)
            if PLUGINS[plugin] == "keras":
                keras_table(data, problems)
            else:
                parse_metadata(data, problems)
        else:
            event = read_event(reference)
            if event.kind == "run_metadata":
                parse_metadata(bytes(event.body), problems)
            else:
                body = bytes(event.body)
                parse_graph(meta_graph_data(body, problems) if event.kind == "meta_graph" else body, problems)
    except (BlobUnreadable, BadTensor) as error:
        return str(error)
    return "; ".join(problems)


def _read(kind: SourceKind, reference: Reference) -> bytes:
    """The serialized graph. Raises BlobUnreadable, BadTensor."""
    if kind in ("graph", "meta_graph", "run_metadata"):
        return bytes(read_event(reference).body)
    value = read_value(reference)
    if value.kind != "tensor":
        raise BadTensor(f"the value is no tensor but {value.kind}")
    texts = decode_tensor(value.body)
    if texts.dtype != object or texts.size != 1:
        raise BadTensor(f"a graph is one string, this is a tensor of shape {list(texts.shape)}")
    return bytes(texts.reshape(-1)[0])
