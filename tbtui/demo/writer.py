"""Writes TensorBoard event files: the summaries of TensorFlow 2, without TensorFlow."""

from __future__ import annotations

import io
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tbtui.demo import wire
from tbtui.events.record import encode_record

DT_FLOAT, DT_DOUBLE, DT_STRING = 1, 2, 7
"""Numbers of TensorFlow's data types, as far as they are written here."""


class EventWriter:
    """Writes one event file of one run, which begins with the version record as TensorBoard expects.

    Summaries are gathered until `flush`, which hands all of them to the file in one write.

    Args:
        run: The run's directory; it is made if it is missing.
        clock: Gives the wall time of every event, in seconds since 1970.
    """

    def __init__(self, run: Path, clock: Callable[[], float] = time.time) -> None:
        run.mkdir(parents=True, exist_ok=True)
        self._clock = clock
        self.path = run / f"events.out.tfevents.{int(clock()):010d}.demo.{os.getpid()}.0.v2"
        self._file = io.FileIO(self.path, "ab")
        self._gathered = bytearray()
        self._event(0, wire.data(3, "brain.Event:2") + wire.message(10, [wire.data(1, "tbtui.demo")]))
        self.flush()

    def scalar(self, tag: str, value: float, step: int, description: str = "") -> None:
        """A number, kept as float32."""
        tensor = _tensor(DT_FLOAT, (), np.float32(value).tobytes())
        self._value(tag, step, _metadata("scalars", description=description), tensor)

    def histogram(self, tag: str, buckets: NDArray[np.float64], step: int, description: str = "") -> None:
        """Buckets float64[k, 3] of (left edge, right edge, count)."""
        tensor = _tensor(DT_DOUBLE, buckets.shape, buckets.astype("<f8").tobytes())
        self._value(tag, step, _metadata("histograms", description=description), tensor)

    def images(
        self, tag: str, size: tuple[int, int], encoded: Sequence[bytes], step: int, description: str = ""
    ) -> None:
        """Pictures of one size (width, height), each encoded as PNG."""
        strings = [str(size[0]).encode(), str(size[1]).encode(), *encoded]
        tensor = _strings((len(strings),), strings)
        self._value(tag, step, _metadata("images", description=description), tensor)

    def text(self, tag: str, markdown: str, step: int, description: str = "") -> None:
        """A text in Markdown."""
        self._value(tag, step, _metadata("text", description=description), _strings((), [markdown.encode()]))

    def pr_curve(self, tag: str, curve: NDArray[np.floating], step: int, description: str = "") -> None:
        """Rows float[6, n]: true and false positives, true and false negatives, precision, recall by threshold."""
        content = wire.integer(2, curve.shape[1])
        tensor = _tensor(DT_FLOAT, curve.shape, curve.astype("<f4").tobytes())
        self._value(tag, step, _metadata("pr_curves", content, description), tensor)

    def hparams(self, part: str, content: bytes) -> None:
        """One part of the hparams plugin's data, as the functions `hparams_...` below make them."""
        null = _tensor(DT_FLOAT, (0,), b"")
        self._value(f"_hparams_/{part}", 0, _metadata("hparams", content), null)

    def graph(self, graph: bytes) -> None:
        """The network as a serialized GraphDef."""
        self._event(0, wire.data(4, graph))

    def flush(self) -> None:
        """Hand what was gathered to the file."""
        if self._gathered:
            self._file.write(bytes(self._gathered))
            self._gathered.clear()

    def close(self) -> None:
        """Flush and close the file."""
        self.flush()
        self._file.close()

    def _value(self, tag: str, step: int, metadata: bytes, tensor: bytes) -> None:
        value = wire.data(1, tag) + wire.data(9, metadata) + wire.data(8, tensor)
        self._event(step, wire.message(5, [wire.data(1, value)]))

    def _event(self, step: int, what: bytes) -> None:
        counted = wire.integer(2, step) if step else b""
        self._gathered += encode_record(wire.double(1, self._clock()) + counted + what)


def _metadata(plugin: str, content: bytes = b"", description: str = "") -> bytes:
    """A SummaryMetadata message."""
    parts = [wire.data(1, plugin)] + ([wire.data(2, content)] if content else [])
    return wire.message(1, parts) + (wire.data(3, description) if description else b"")


def _shape(shape: Sequence[int]) -> bytes:
    """A TensorShapeProto message."""
    return b"".join(wire.message(2, [wire.integer(1, size)]) for size in shape)


def _tensor(dtype: int, shape: Sequence[int], content: bytes) -> bytes:
    """A TensorProto message of numbers, in little-endian C order."""
    return wire.integer(1, dtype) + wire.data(2, _shape(shape)) + (wire.data(4, content) if content else b"")


def _strings(shape: Sequence[int], strings: Sequence[bytes]) -> bytes:
    """A TensorProto message of byte strings."""
    values = b"".join(wire.data(8, string) for string in strings)
    return wire.integer(1, DT_STRING) + wire.data(2, _shape(shape)) + values


def hparams_start(values: Mapping[str, bool | float | str], group: str, started: float) -> bytes:
    """HParamsPluginData of a session's start: its hyperparameters, its group, and when it began."""
    session = b"".join(wire.entry(1, name, _hparam(value)) for name, value in values.items())
    session += wire.data(4, group) + wire.double(5, started)
    return wire.data(3, session)


def hparams_end(ended: float) -> bytes:
    """HParamsPluginData of a session that ended well."""
    return wire.data(4, wire.integer(1, 1) + wire.double(2, ended))


def hparams_experiment(
    names: Mapping[str, bool | float | str], metrics: Mapping[str, str], description: str, created: float
) -> bytes:
    """HParamsPluginData of an experiment: hyperparameters (with a value that tells their type) and metrics.

    `metrics` maps the tags of scalars in the session's own run to the names to show for them.
    """
    infos = [wire.data(1, name) + wire.integer(4, _hparam_type(value)) for name, value in names.items()]
    tags = [wire.message(1, [wire.data(2, tag)]) + wire.data(3, shown) for tag, shown in metrics.items()]
    experiment = wire.data(1, description) + wire.double(3, created)
    experiment += b"".join(wire.data(4, info) for info in infos) + b"".join(wire.data(5, tag) for tag in tags)
    return wire.data(2, experiment)


def _hparam_type(value: bool | float | str) -> int:
    """The hparams plugin's number for a type: 1 string, 2 bool, 3 float64."""
    return 1 if isinstance(value, str) else 2 if isinstance(value, bool) else 3


def _hparam(value: bool | float | str) -> bytes:
    """A google.protobuf.Value message."""
    if isinstance(value, str):
        return wire.data(3, value)
    return wire.integer(4, int(value)) if isinstance(value, bool) else wire.double(2, value)
