"""Images, sounds and texts of real log directories: `export --blobs` and `inspect` against TensorBoard's own reader.

See `test_truth` for the folder that TBTUI_REALDATA names.
"""

from __future__ import annotations

import io
import json
import wave
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tbtui.cli import main
from tests.realdata.test_truth import CASES, CORPUS, FOLDER, LOGDIRS, inspected

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason="TBTUI_REALDATA names no folder of log directories")

PLACES = {name: FOLDER / path for name, path in LOGDIRS.items()} | {name: CORPUS / name for name in CASES}
DAMAGED = ("raw/",)
"""TensorBoard's reader fails or stops early in them."""


def events_of(path: Path) -> dict[tuple[str, str, int], list[list[bytes]]]:
    """(kind, tag, step) -> strings of every value, as TensorBoard's parser of events reads the files of one run."""
    from tensorboard import data_compat
    from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader

    found: dict[tuple[str, str, int], list[list[bytes]]] = {}
    plugins: dict[str, str] = {}
    for file in sorted(path.iterdir()):
        if "tfevents" not in file.name or not file.is_file():
            continue
        for event in LegacyEventFileLoader(str(file)).Load():
            for value in event.summary.value:
                value = data_compat.migrate_value(value)
                plugin = value.metadata.plugin_data.plugin_name
                if plugin:
                    plugins.setdefault(value.tag, plugin)
                kind = plugins.get(value.tag, "")
                if kind not in ("images", "audio", "text") or not value.HasField("tensor"):
                    continue
                strings = list(value.tensor.string_val)
                if kind == "images":
                    strings = strings[2:]
                elif kind == "audio" and len(value.tensor.tensor_shape.dim) == 2:
                    strings = strings[::2]
                found.setdefault((kind, value.tag, event.step), []).append(strings)
    return found


def exported(path: Path, out: Path) -> dict[str, list[dict[str, Any]]]:
    assert main(["export", str(path), "--blobs", str(out), "-o", str(out.with_suffix(".csv")), "--no-purge"]) in (0, 1)
    rows: dict[str, list[dict[str, Any]]] = {}
    for line in (out / "index.jsonl").read_text().splitlines():
        row = json.loads(line)
        rows.setdefault(row["run"], []).append(row)
    return rows


def bytes_of(row: dict[str, Any], out: Path) -> list[bytes]:
    data = (out / row["file"]).read_bytes()
    if not row["file"].endswith(".json"):
        return [data]
    flat = np.array(json.loads(data), object).reshape(-1).tolist()
    return [cell.encode("utf-8", "surrogateescape") for cell in flat]


@pytest.mark.parametrize("name", [name for name in PLACES if not name.startswith(DAMAGED)])
def test_the_same_bytes(name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path, out = PLACES[name], tmp_path / "out"
    kinds = {s["plugin"] for run in inspected(path, "--no-purge")["runs"] for s in run["series"]}
    if not kinds & {"images", "audio", "text"}:
        pytest.skip("holds no image, sound or text")
    rows = exported(path, out)
    runs = {run["name"]: run for run in inspected(path, "--no-purge")["runs"]}
    walked = 0
    for run_name, run in runs.items():
        theirs = events_of(path if run_name == "." else path / run_name)
        ours: dict[tuple[str, str, int], list[bytes]] = {}
        for row in rows.get(run_name, []):
            ours.setdefault((row["kind"], row["tag"], row["step"]), []).extend(bytes_of(row, out))
        assert ours == {key: [cell for cells in values for cell in cells] for key, values in theirs.items()}
        for one in run["series"]:
            if one["plugin"] not in ("images", "audio", "text"):
                continue
            values = [(step, cells) for (kind, tag, step), lists in theirs.items() for cells in lists
                      if (kind, tag) == (one["plugin"], one["tag"])]  # fmt: skip
            assert one["count"] == len(values)
            newest = [cells for step, cells in values if step == one["last_step"]][-1]
            check_head(one, newest)
            walked += len(values)
    assert walked


def check_head(one: dict[str, Any], cells: list[bytes]) -> None:
    """What `inspect` says of the newest value, against another decoder of these bytes."""
    last = one["last"]
    if one["plugin"] == "text":
        words = last.replace("\t", "\n").split("\n")[0][:80] if len(cells) > 1 else last
        assert cells[0].decode("utf-8", "replace")[: len(words)] == words
    elif one["plugin"] == "images":
        assert (one["samples"], last["bytes"]) == (len(cells), len(cells[0]))
        if cells[0].startswith(b"\x89PNG"):
            from PIL import Image

            with Image.open(io.BytesIO(cells[0])) as image:
                assert (last["width"], last["height"]) == image.size
    else:
        assert last["bytes"] == len(cells[0])
        with wave.open(io.BytesIO(cells[0])) as sound:
            assert last["sample_rate"] == sound.getframerate()
            assert last["seconds"] == pytest.approx(sound.getnframes() / sound.getframerate())


@pytest.mark.parametrize("name", [name for name in PLACES if "gigantic" not in name])
async def test_every_sound_and_text_opens(name: str) -> None:
    """At its newest and at its first step, without a reason why it can't be read."""
    import tbtui
    from tests.dashboards.listed import Listed
    from tests.support.app import shown

    with tbtui.open_logdir(str(PLACES[name])) as opened:
        kinds = [kind for kind in ("audio", "text") if kind in opened.store.plugins()]
        if not kinds:
            pytest.skip("holds no sound or text")
        async with shown(opened.store, (120, 40)) as screen:
            for kind in kinds:
                screen.view.dashboard = kind
                await screen.app.window.show_dashboard()
                page = Listed(screen)
                page.dashboard.focus_first()
                await page.settle()
                for _ in page.dashboard.entries.all():
                    for key in ("{", "}", "v", "v", "v"):
                        await page.press(key)
                        assert "can't be read" not in page.text
                        assert len([line for line in page.lines if line]) >= 2
                    await page.press("n")
