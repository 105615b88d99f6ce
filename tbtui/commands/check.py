"""`tbtui inspect --check`: looks at every value that reading only takes note of, and says what is wrong with it.

Reading verifies what it needs: headers, scalars, the first value of each tag. Histograms, images, sounds and texts are
decoded when somebody looks at them; here all of them are, checksums included.
"""

from __future__ import annotations

from collections.abc import Iterator

from tbtui.commands.reading import ProgressLine, chosen_runs, chosen_series
from tbtui.settings import Options
from tbtui.store import BlobSeries, Reference, Store

__all__ = ["problems_of_values"]

GRAPH_PLUGINS = frozenset(
    ("graphs", "graph_keras_model", "graph_run_metadata", "graph_run_metadata_graph", "graph_tagged_run_metadata")
)


def problems_of_values(store: Store, options: Options) -> Iterator[tuple[str, int, str]]:
    """File, offset and reason of every value that can't be decoded, superseded ones included."""
    chosen = [series for run in chosen_runs(store, options) for series in chosen_series(run, options)]
    blobs = [series for series in chosen if isinstance(series, BlobSeries)]
    total, done = sum(series.total for series in blobs), 0
    line = ProgressLine()
    try:
        for series in blobs:
            for reference in series.references(purge=False):
                reason = problem_of_value(reference, series.plugin)
                if reason:
                    yield reference.slot.name, reference.offset, f"tag {series.tag!r}: {reason}"
                done += 1
                line.tell(f"looking at {done:,} of {total:,} values")
    finally:
        line.clear()


def problem_of_value(reference: Reference, plugin: str) -> str:
    """Why a value can't be decoded; "" where it can."""
    from tbtui.events.summaries import BadSummary, summary_head
    from tbtui.store.blobs import BlobUnreadable, read_event, value_of

    if plugin in GRAPH_PLUGINS:
        from tbtui.graphs.read import problem_of_graph

        return problem_of_graph(reference, plugin)
    try:
        event = read_event(reference)
        if event.kind == "summary":
            summary_head(value_of(event, reference), plugin)
    except (BlobUnreadable, BadSummary) as error:
        return str(error)
    return ""
