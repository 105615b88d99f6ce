"""Event files with histograms, in the form of TF2 and in that of torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from tensorboard.compat.proto import event_pb2, summary_pb2, types_pb2

from tbtui.store import Store
from tbtui.store.opening import open_logdir
from tests.support.eventfiles import framed, version
from tests.support.scalars import START

Rows = npt.NDArray[np.float64]


def tensor_value(tag: str, rows: Rows) -> summary_pb2.Summary.Value:
    """Rows of (left, right, count), as TF2 writes them."""
    out = summary_pb2.Summary.Value(tag=tag)
    out.metadata.plugin_data.plugin_name = "histograms"
    out.tensor.dtype = types_pb2.DT_DOUBLE
    for size in rows.shape:
        out.tensor.tensor_shape.dim.add(size=size)
    out.tensor.tensor_content = rows.astype("<f8").tobytes()
    return out


def message_value(tag: str, values: npt.NDArray[np.float64]) -> summary_pb2.Summary.Value:
    """Torch's exponential buckets, with a limit that is the largest float."""
    positive = np.append(1e-12 * 1.1 ** np.arange(774), 1.7976931348623157e308)
    edges = np.concatenate((-positive[::-1], [0.0], positive))
    count = np.histogram(values[np.isfinite(values)], edges)[0]
    out = summary_pb2.Summary.Value(tag=tag)
    out.histo.min, out.histo.max, out.histo.num = float(values.min()), float(values.max()), len(values)
    out.histo.sum, out.histo.sum_squares = float(values.sum()), float(values @ values)
    out.histo.bucket_limit.extend(edges[1:].tolist())
    out.histo.bucket.extend(count.tolist())
    return out


def even_rows(values: npt.NDArray[np.float64], bins: int = 30) -> Rows:
    """Buckets of one width."""
    count, edges = np.histogram(values, bins)
    return np.stack((edges[:-1], edges[1:], count.astype(np.float64)), axis=1)


def record(value: summary_pb2.Summary.Value, step: int) -> bytes:
    """One event."""
    event = event_pb2.Event(wall_time=START + step, step=step)
    event.summary.value.append(value)
    return framed(event.SerializeToString())


def drifting(tag: str, step: int, seed: int = 0) -> bytes:
    """A histogram whose mean goes up with the step."""
    values = np.random.default_rng(seed + step).normal(step / 100, 1.0, 500)
    return record(tensor_value(tag, even_rows(values)), step)


def write(
    folder: Path,
    runs: Mapping[str, Sequence[str]],
    steps: Sequence[int],
    make: Callable[[str, int, int], bytes] = drifting,
) -> None:
    """A file for each run, with a histogram for each of its tags at each step."""
    for number, (run, tags) in enumerate(runs.items()):
        (folder / run).mkdir(parents=True, exist_ok=True)
        records = [make(tag, step, 1000 * number) for step in steps for tag in tags]
        (folder / run / "events.out.tfevents.1700000000.h.1.0").write_bytes(version() + b"".join(records))


def read(folder: Path) -> Store:
    """The store of a log directory."""
    return open_logdir(str(folder)).store
