"""Log directories for the commands."""

from __future__ import annotations

import io
import math
import wave
from pathlib import Path

import numpy as np
import pytest

from tbtui.events.record import encode_record
from tests.support.logfiles import NAME, START, header, scalar, scalars, write
from tests.support.messages import message, single, summary, value, varint

SECOND = NAME.replace("1700000000", "1700000099")


def wave_bytes() -> bytes:
    """A tenth of a second of silence: 8000 Hz, mono, 16 bits."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(1600))
    return file.getvalue()


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    """Two runs of scalars: `a` restarts at step 4 in a second file, `b` has values that are no numbers."""
    root = tmp_path / "logs"
    write(root / "a" / NAME, header(), scalars(0, 6), scalars(0, 3, "train/acc"))
    write(root / "a" / SECOND, header(START + 100), scalars(4, 8, base=0.25))
    numbers = [1.0, math.nan, -2.0, math.inf, 0.1]
    write(root / "b" / NAME, header(START + 5), *(scalar(step, number) for step, number in enumerate(numbers)))
    return root


@pytest.fixture
def kinds(tmp_path: Path) -> Path:
    """One run with a value of every kind, written by tensorboardX."""
    from tensorboardX import SummaryWriter

    root = tmp_path / "kinds"
    with SummaryWriter(str(root / "all")) as writer:
        for step in range(3):
            writer.add_scalar("loss", 1 / (step + 1), step)
            writer.add_histogram("w", np.linspace(-1.0, 1.0, 50) * (step + 1), step, bins=10)
            writer.add_image("im", np.full((3, 4, 6), step * 50, np.uint8), step)
            writer.add_text("note", f"step {step}: " + "long " * 40, step)
        writer.add_pr_curve("pr", np.array([0, 1, 1, 0]), np.array([0.1, 0.8, 0.6, 0.4]), 2)
    sound = message(6, single(1, 8000), varint(2, 1), varint(3, 800), message(4, wave_bytes()))
    write(root / "all" / f"{NAME}.sound", header(), encode_record(summary(value("sound", sound), step=2)))
    with SummaryWriter(str(root)) as writer:
        writer.add_hparams({"lr": 0.1, "layers": 3, "opt": "adam", "nesterov": True}, {"best": 0.5}, name="tuned")
    return root
