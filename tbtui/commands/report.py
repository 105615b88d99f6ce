"""What log directories hold, as plain data: the object that `tbtui inspect --json` prints (schema 1).

Counts, steps and values are of live points, or of all points where superseded ones are to count too. Numbers that
are not finite are the strings ``NaN``, ``Infinity`` and ``-Infinity``; values that can't be given are None.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from tbtui.commands.reading import chosen_runs, chosen_series
from tbtui.settings import Options
from tbtui.store import BlobSeries, Profile, Reference, Run, ScalarSeries, Series, Store
from tbtui.store.hparams import plugin_hparams
from tbtui.store.run import GRAPH_TAG, META_GRAPH_TAG

if TYPE_CHECKING:
    from tbtui.events.proto.graph_pb2 import GraphDef

__all__ = ["SCHEMA", "Json", "describe", "number"]

SCHEMA = 1

Json = dict[str, Any]

GRAPH_PLUGIN = "graphs"
RUN_GRAPH_PLUGINS = ("graph_run_metadata", "graph_run_metadata_graph", "graph_tagged_run_metadata")
KERAS_PLUGIN = "graph_keras_model"
HEADS = ("histograms", "images", "audio", "text")


def describe(store: Store, options: Options) -> Json:
    """The whole object: log directories as the user named them, runs, problems."""
    problems: list[Json] = []
    runs = [_run(run, options, problems) for run in chosen_runs(store, options)]
    known = [_problem(p.file, p.offset, p.reason) for p in store.problems()]
    return {"schema": SCHEMA, "logdirs": list(options.logdirs), "runs": runs, "problems": known + problems}


def number(value: float | None) -> float | int | str | None:
    """A number as JSON can hold it."""
    if value is None or math.isfinite(value):
        return value
    return "NaN" if value != value else "Infinity" if value > 0 else "-Infinity"


def _problem(file: str, offset: int | None, reason: str) -> Json:
    return {"file": file, "offset": offset, "reason": reason}


def _run(run: Run, options: Options, problems: list[Json]) -> Json:
    run.settled()
    chosen = [series for series in chosen_series(run, options) if series.tag != META_GRAPH_TAG]
    series = [_series(one, options.purge, problems) for one in chosen]
    tags = {plugin: [s.tag for s in chosen if s.plugin == plugin] for plugin in (*RUN_GRAPH_PLUGINS, KERAS_PLUGIN)}
    return {
        "name": run.name,
        "start_time": number(run.start_time),
        "event_files": run.event_files,
        "event_bytes": run.event_bytes,
        "series": series,
        "graph": _graph(run, problems),
        "run_graphs": [tag for plugin in RUN_GRAPH_PLUGINS for tag in tags[plugin]],
        "keras_graphs": tags[KERAS_PLUGIN],
        "hparams": _hparams(run, problems),
        "profiles": _profiles(run),
    }


def _series(series: Series, purge: bool, problems: list[Json]) -> Json:
    if isinstance(series, ScalarSeries):
        points = series.points(purge)
        return {**_common(series, points.steps, points.walls), **_values(points.values)}
    assert isinstance(series, BlobSeries)
    facts = _common(series, series.steps(purge), series.walls(purge))
    if series.plugin in HEADS and facts["count"]:
        head = _last_head(series, purge, problems)
        if series.plugin == "images":
            facts["samples"] = head.pop("samples") if isinstance(head, dict) else None
        facts["last"] = {key: number(n) for key, n in head.items()} if isinstance(head, dict) else head
    return facts


def _common(series: Series, steps: npt.NDArray[np.int64], walls: npt.NDArray[np.float64]) -> Json:
    some = len(steps) > 0
    return {
        "tag": series.tag,
        "plugin": series.plugin,
        "count": len(steps),
        "superseded": series.total - series.count,
        "first_step": steps.item(0) if some else None,
        "last_step": steps.item(-1) if some else None,
        "min_step": steps.min().item() if some else None,
        "max_step": steps.max().item() if some else None,
        "first_wall": number(walls.item(0)) if some else None,
        "last_wall": number(walls.item(-1)) if some else None,
    }


def _values(values: npt.NDArray[np.floating[Any]]) -> Json:
    """First, last, and over the finite values smallest, largest and mean (None where none is finite)."""
    finite = values[np.isfinite(values)]
    some = len(finite) > 0
    return {
        "first": number(values.item(0)) if len(values) else None,
        "last": number(values.item(-1)) if len(values) else None,
        "min": finite.min().item() if some else None,
        "max": finite.max().item() if some else None,
        "mean": _mean(finite) if some else None,
        "nan": int(np.isnan(values).sum()),
        "inf": int(np.isinf(values).sum()),
    }


def _mean(finite: npt.NDArray[np.floating[Any]]) -> float:
    with np.errstate(over="ignore"):
        mean = float(finite.mean(dtype=np.float64))
    # The sum of large numbers may be infinite although their mean is not.
    return mean if math.isfinite(mean) else float((finite / len(finite)).sum(dtype=np.float64))


def _last_head(series: BlobSeries, purge: bool, problems: list[Json]) -> Json | str | None:
    from tbtui.events.summaries import BadSummary, summary_head
    from tbtui.store.blobs import BlobUnreadable, read_value

    reference = series.reference(-1, purge)
    try:
        head = summary_head(read_value(reference), series.plugin)
    except (BadSummary, BlobUnreadable) as error:
        problems.append(_problem(reference.slot.name, reference.offset, f"tag {series.tag!r}: {error}"))
        return None
    return dict(head) if isinstance(head, dict) else head


def _graph(run: Run, problems: list[Json]) -> Json | None:
    """Nodes and edges of the run's newest graph. An edge is one input of a node, control inputs included."""
    found = [series for (plugin, _), series in run.blobs.items() if plugin == GRAPH_PLUGIN and series.count]
    if not found:
        return None
    # A graph by itself outranks the one inside a MetaGraphDef, which repeats it (and is no series to TensorBoard).
    series = min(found, key=lambda one: one.tag != GRAPH_TAG)
    reference = series.reference(-1)
    troubles: list[str] = []
    graph = _parse_graph(reference, troubles)
    for trouble in troubles:
        problems.append(_problem(reference.slot.name, reference.offset, f"the graph can't be read: {trouble}"))
    if troubles and not len(graph.node):
        return None
    return {"nodes": len(graph.node), "edges": sum(len(node.input) for node in graph.node)}


def _parse_graph(reference: Reference, troubles: list[str]) -> GraphDef:
    """As much of a graph as can be read; what is wrong with it is added to the troubles."""
    from tbtui.graphs.graphdef import meta_graph_data, parse_graph
    from tbtui.store.blobs import BlobUnreadable, read_event

    try:
        event = read_event(reference)
    except BlobUnreadable as error:
        troubles.append(str(error))
        return parse_graph(b"", troubles)
    body = bytes(event.body)
    return parse_graph(meta_graph_data(body, troubles) if event.kind == "meta_graph" else body, troubles)


def _hparams(run: Run, problems: list[Json]) -> Json | None:
    """The hyperparameters that the run's session was started with, None where it names none."""
    found = plugin_hparams(run)
    if found.problem is not None:
        problems.append(_problem(run.name, None, found.problem))
    return {name: _plain(value) for name, value in found.values.items()} if found.source == "plugin" else None


def _plain(value: Any) -> Any:
    """A hyperparameter as JSON can hold it."""
    if isinstance(value, float):
        return number(value)
    if isinstance(value, list):
        return [_plain(one) for one in value]
    return {name: _plain(one) for name, one in value.items()} if isinstance(value, dict) else value


def _profiles(run: Run) -> list[Json]:
    sessions: dict[str, list[Profile]] = {}
    for profile in run.profiles:
        sessions.setdefault(profile.session, []).append(profile)
    return [
        {
            "name": name,
            "hosts": sorted({one.host for one in captures}),
            "tools": sorted({one.tool for one in captures}),
        }
        for name, captures in sorted(sessions.items())
    ]
