"""Every image of real log directories opens, and is what TensorBoard reads: counts, sizes, first bytes.

See `test_truth.py` for the folder that TBTUI_REALDATA names.
"""

from __future__ import annotations

import glob
import os
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.charts.pictures import BadPicture, decode_picture
from tbtui.dashboards.images.darkroom import Darkroom, Shot, Subject
from tbtui.events.summaries import images
from tbtui.store.blobs import read_value
from tbtui.store.opening import open_logdir

FOLDER = Path(os.environ.get("TBTUI_REALDATA") or "nowhere")

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")

BROKEN = {"broken", "none", "svg"}
"""Tags of the corpus whose images are meant to be none."""


def folders() -> list[Path]:
    if not FOLDER.is_dir():
        return []
    return [path for path in (FOLDER, FOLDER.parent / "corpus") if path.is_dir()]


def by_tensorboard(run: Path) -> dict[str, list[tuple[int, list[bytes]]]]:
    """tag -> (step, encoded images) of every image value in a run, as TensorBoard's own classes read it."""
    from tensorboard import data_compat
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
    from tensorboard.util import tensor_util

    found: dict[str, list[tuple[int, list[bytes]]]] = defaultdict(list)
    plugins: dict[str, str] = {}
    for path in sorted(glob.glob(f"{glob.escape(str(run))}/*tfevents*")):
        metadata: dict[str, Any] = {}
        for event in LegacyEventFileLoader(path).Load():
            for raw in event.summary.value:
                if raw.WhichOneof("value") not in ("image", "tensor"):
                    continue
                value = data_compat.migrate_value(raw)
                metadata.setdefault(value.tag, value.metadata)
                plugins.setdefault(value.tag, metadata[value.tag].plugin_data.plugin_name)
                if plugins[value.tag] == "images" and value.HasField("tensor"):
                    strings = tensor_util.make_ndarray(value.tensor).ravel().tolist()
                    found[value.tag].append((event.step, strings[2:]))
    return found


@pytest.mark.parametrize("folder", folders(), ids=lambda path: path.name)
def test_every_image_opens_and_is_tensorboards(folder: Path) -> None:
    checked = 0
    room = Darkroom()
    with open_logdir([str(folder)]) as logdir:
        for run in logdir.store.runs():
            mine = {tag: series for (plugin, tag), series in run.blobs.items() if plugin == "images"}
            if not mine:
                continue
            truth = by_tensorboard(Path(run.path))
            assert set(mine) == set(truth), run.name
            for tag, series in mine.items():
                references = series.references(purge=False)
                assert [one.step for one in references] == [step for step, _ in truth[tag]], (run.name, tag)
                for reference, (_, samples) in zip(references, truth[tag], strict=True):
                    found = images(read_value(reference))
                    assert found.samples == samples, (run.name, tag)
                    checked += len(samples)
                _open(room, Subject(references[-1], 0), tag, found.width, found.height)
    assert checked > 30


def _open(room: Darkroom, subject: Subject, tag: str, width: int, height: int) -> None:
    """The newest image, decoded and drawn: its size is what Pillow says of it."""
    shown = room.develop(Shot(subject, 60, 20))
    if tag in BROKEN:
        assert shown.reason
        return
    assert shown.reason == ""
    assert (shown.width, shown.height) == (width, height)
    frame = decode_picture(room.original(subject)).frames[0]
    assert frame.shape == (height, width, 3)
    assert frame.dtype == np.uint8
    assert shown.cells is not None


def test_the_broken_ones_are_known() -> None:
    with pytest.raises(BadPicture):
        decode_picture(b"")
