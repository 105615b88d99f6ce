"""Event files that grow while somebody looks: a directory of runs to which points are added one at a time."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from pathlib import Path

from tbtui.events.proto import event_pb2, summary_pb2
from tbtui.events.record import encode_record


class GrowingRun:
    """One event file. Every point is in the file when `add` returns. Curves fall from `height` + 1 to `height`."""

    def __init__(self, directory: Path, name: str, tags: Sequence[str], points: int, height: float = 0.0) -> None:
        self.tags = tuple(tags)
        self.height = height
        self.step = 0
        self._path = directory / name / "events.out.tfevents.1700000000.host.1.0"
        self._path.parent.mkdir(parents=True, exist_ok=True)
        begin = encode_record(event_pb2.Event(wall_time=time.time(), file_version="brain.Event:2").SerializeToString())
        self._path.write_bytes(begin + b"".join(self._records() for _ in range(points)))

    def _records(self, tags: Sequence[str] | None = None) -> bytes:
        records = []
        for number, tag in enumerate(tags or self.tags):
            curve = 1 / (1 + self.step / 300) + 0.1 * math.sin(self.step / 40 + number)
            value = summary_pb2.Summary.Value(tag=tag, simple_value=curve + self.height)
            event = event_pb2.Event(wall_time=time.time(), step=self.step, summary=summary_pb2.Summary(value=[value]))
            records.append(encode_record(event.SerializeToString()))
        self.step += 1
        return b"".join(records)

    def add(self, *tags: str) -> float:
        """Add a point to these tags (default: all); the time (perf_counter) when it was in the file."""
        with self._path.open("ab") as file:
            file.write(self._records(tags))
        return time.perf_counter()
