"""Images for tests: made, encoded, and written as TensorBoard writes them."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from tbtui.demo.writer import EventWriter
from tbtui.store import Store
from tbtui.store.opening import open_logdir

Pixels = npt.NDArray[np.uint8]


def noise(height: int = 24, width: int = 32, seed: int = 0) -> Pixels:
    """Random pixels uint8[height, width, 3]."""
    return np.random.default_rng(seed).integers(0, 256, (height, width, 3), np.uint8)


def plain(color: Sequence[int], height: int = 24, width: int = 32) -> Pixels:
    """Pixels of one colour."""
    return np.broadcast_to(np.array(color, np.uint8), (height, width, 3)).copy()


def encoded(pixels: npt.NDArray[Any], kind: str = "PNG", **how: object) -> bytes:
    """An image file of pixels."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, kind, **how)  # type: ignore[arg-type]
    return file.getvalue()


def animation(frames: Sequence[Pixels], milliseconds: int = 100, kind: str = "GIF") -> bytes:
    """An animation of frames."""
    pictures = [Image.fromarray(frame) for frame in frames]
    file = io.BytesIO()
    pictures[0].save(file, kind, save_all=True, append_images=pictures[1:], duration=milliseconds)
    return file.getvalue()


Logged = Mapping[str, Mapping[str, Mapping[int, Sequence[bytes]]]]
"""run -> tag -> step -> encoded images."""


def write_images(directory: Path, runs: Logged, description: str = "") -> None:
    """Log images by the demo's writer."""
    for run, tags in runs.items():
        writer = EventWriter(directory / run, clock=lambda: 1_700_000_000.0)
        for tag, steps in tags.items():
            for step, samples in steps.items():
                writer.images(tag, (32, 24), samples, step, description)
        writer.close()


def image_store(directory: Path, runs: Logged, description: str = "") -> Store:
    """Log images, and read them."""
    write_images(directory, runs, description)
    with open_logdir([str(directory)]) as logdir:
        return logdir.store
