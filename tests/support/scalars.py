"""Hand-made stores of scalar runs, without files: for tests of what is drawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from tbtui.store import Run, Store
from tbtui.store.history import FileSlot, Piece

START = 1_700_000_000.0


def new_store(*names: str) -> Store:
    """A store with empty runs of these names."""
    store = Store(["logs"])
    for name in names:
        store._run(name, f"logs/{name}")
    return store


def add_points(
    store: Store,
    run: str,
    tag: str,
    values: npt.ArrayLike,
    steps: Sequence[int] | npt.NDArray[np.int64] | None = None,
    walls: npt.ArrayLike | None = None,
) -> None:
    """Append points as if they had just been read; steps and wall times go on from the last point by default."""
    found: Run = store._run(run)
    slot = found.files.setdefault("events", FileSlot((run,), f"logs/{run}/events", f"{run}/events"))
    series = found.scalars.get(tag) or found._scalar_series(tag)
    numbers = np.asarray(values)
    if numbers.dtype not in (np.float32, np.float64):
        numbers = numbers.astype(np.float64)
    done = series.total
    step_column = np.arange(done, done + len(numbers)) if steps is None else np.asarray(steps, np.int64)
    wall_column = START + np.arange(done, done + len(numbers)) if walls is None else np.asarray(walls, np.float64)
    offsets = np.arange(done, done + len(numbers)) * 50
    columns = (step_column.astype(np.int64), wall_column.astype(np.float64), numbers)
    series._history.add(slot, Piece(columns, offsets.astype(np.int64), 0, len(numbers)))
    series.version += 1
    found.points += len(numbers)
    for wall in wall_column[:1]:
        found.reach.saw_wall(float(wall))
    if len(numbers):
        found.reach.saw_last(int(step_column[-1]), float(wall_column[-1]))
    store.version += 1


def make_store(runs: Mapping[str, Mapping[str, npt.ArrayLike]]) -> Store:
    """A store from run -> tag -> values, one point a second from `START` on."""
    store = new_store(*runs)
    for run, tags in runs.items():
        for tag, values in tags.items():
            add_points(store, run, tag, values)
    return store


def noisy(count: int, seed: int = 0, end: float = 0.1) -> npt.NDArray[np.float64]:
    """A falling loss with noise."""
    noise = np.random.default_rng(seed).normal(size=count) * 0.05
    return np.exp(-np.arange(count) / max(1, count / 5)) * 2 + end + noise
