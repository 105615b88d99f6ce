"""What a recording script wrote, kept beside its log directory so that a test can compare."""

from __future__ import annotations

import json
import shutil
import socket
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
HOST = "recorder"  # instead of the name of the machine


class Expected:
    """Collects, per run and tag: plugin, steps, and the numbers of scalars as they were handed to the writer."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.folder = HERE / name
        shutil.rmtree(self.folder, ignore_errors=True)
        self.folder.mkdir()
        self.runs: dict[str, dict[str, dict[str, Any]]] = {}

    def add(self, run: str, tag: str, plugin: str, step: int, value: float | None = None) -> None:
        """One value was written."""
        known = self.runs.setdefault(run, {}).setdefault(tag, {"plugin": plugin, "steps": []})
        known["steps"].append(step)
        if value is not None:
            known.setdefault("values", []).append(value)

    def save(self, **versions: str) -> None:
        """Write the JSON; call after the writers are closed."""
        for path in self.folder.rglob("*tfevents*"):
            path.rename(path.with_name(path.name.replace(socket.gethostname(), HOST)))
        data = {"made_with": versions, "runs": self.runs}
        (HERE / f"{self.name}.json").write_text(json.dumps(data, indent=1, sort_keys=True) + "\n", encoding="utf-8")


def two_moons(numpy: Any, count: int, seed: int) -> tuple[Any, Any]:
    """A small data set that a small network learns in a few seconds: points f4[count, 2], labels i8[count]."""
    rng = numpy.random.default_rng(seed)
    labels = rng.integers(0, 2, count)
    angle = rng.uniform(0, numpy.pi, count) + numpy.pi * labels
    points = numpy.stack([numpy.cos(angle) + labels - 0.5, numpy.sin(angle) + 0.5 * labels - 0.25], 1)
    return (points + rng.normal(0, 0.15, points.shape)).astype("f4"), labels
