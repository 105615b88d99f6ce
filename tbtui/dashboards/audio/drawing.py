"""Sounds as cells: the waveform, and below it the spectrogram on the same axis of time."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Literal

from tbtui.analysis.axes import Axis
from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.sounds import BadSound, Measures, Sound, decibels, extents, measure, read_sound
from tbtui.analysis.spectra import RANGE, frequency_axis, spectrogram
from tbtui.charts.cells import Cells, blank
from tbtui.charts.heat import HeatSpec, draw_heat_map
from tbtui.charts.waveform import WaveSpec, draw_wave
from tbtui.dashboards.looks import Looks
from tbtui.events.parse import Value
from tbtui.events.summaries import audio

__all__ = ["PARTS", "Clip", "Heard", "Picture", "clip_of", "draw", "facts"]

Parts = Literal["both", "waveform", "spectrogram"]
PARTS: tuple[Parts, ...] = ("both", "waveform", "spectrogram")

BOTH_FROM = 10
"""Rows from which both are drawn."""

WAVE_SHARE = 0.4
LEAST_FRAMES = 32
"""That are shown at most zoom."""


@dataclass(frozen=True, slots=True)
class Heard:
    """One sound: its bytes, and either what is in them or why that can't be said."""

    data: bytes
    label: str
    sound: Sound | None
    measures: Measures | None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Clip:
    """The sounds of one step."""

    heard: tuple[Heard, ...]

    @property
    def bytes(self) -> int:
        """About how much memory it takes."""
        return 500 + sum(len(one.data) * 5 // 4 for one in self.heard)


def clip_of(value: Value) -> Clip:
    """Read the sounds of a value. Raises BadSummary."""
    sounds = audio(value)
    labels = [*sounds.labels, *[""] * len(sounds.samples)]
    return Clip(tuple(_heard(data, label) for data, label in zip(sounds.samples, labels, strict=False)))


def _heard(data: bytes, label: str) -> Heard:
    try:
        sound = read_sound(data)
    except BadSound as bad:
        return Heard(data, label, None, None, str(bad))
    return Heard(data, label, sound, measure(sound))


def facts(heard: Heard) -> list[str]:
    """What is said of a sound, the most important first."""
    sound, measures = heard.sound, heard.measures
    if sound is None or measures is None:
        return [heard.reason]
    channels = {1: "mono", 2: "stereo"}.get(sound.channels, f"{sound.channels} channels")
    said = [
        f"{sound.seconds:.3g} s" if sound.rate else f"{sound.frames:,} frames, no sample rate",
        f"{sound.rate:,} Hz",
        channels,
        sound.form,
        f"peak {decibels(measures.peak)}",
        f"RMS {decibels(measures.rms)}",
        f"{measures.clipped:,} clipped",
        format_bytes(len(heard.data)),
    ]
    if measures.bad:
        said.insert(0, f"{measures.bad:,} samples are no finite number")
    if sound.missing:
        said.insert(0, f"cut off: {sound.missing:,} frames are missing")
    return said


@dataclass(frozen=True, slots=True)
class Picture:
    """What is drawn of a sound: which part of its time (shares from begin to end), in how many cells, how."""

    begin: float
    end: float
    width: int
    height: int
    parts: Parts
    logarithmic: bool
    looks: Looks
    color: int

    @property
    def key(self) -> Hashable:
        """What it depends on."""
        return self


def draw(heard: Heard, picture: Picture) -> Cells:
    """The cells of a picture; blank where there is nothing to be drawn."""
    sound, measures = heard.sound, heard.measures
    width, height = picture.width, picture.height
    cells = blank(height, width)
    if sound is None or measures is None or not sound.frames or width < 4 or height < 2:
        return cells
    start, stop = int(picture.begin * sound.frames), max(int(picture.end * sound.frames), 1)
    stop = min(max(stop, start + LEAST_FRAMES), sound.frames)
    rate = sound.rate or 1
    time = Axis(start / rate, max(stop, start + 1) / rate)
    parts = picture.parts if picture.parts != "both" or height >= BOTH_FROM else "waveform"
    wave_rows = {"both": round(height * WAVE_SHARE), "waveform": height, "spectrogram": 0}[parts]
    left = 6
    if wave_rows < height:
        spec = _spectrum(sound, start, stop, time, picture)
        heat = draw_heat_map(spec, width, height - wave_rows)
        cells.paste(heat.cells, wave_rows, 0)
        left = heat.plot.col
    if wave_rows:
        looks = picture.looks
        wave = WaveSpec(
            lambda columns: extents(sound, measures, start, stop, columns), sound.channels, time,
            _round_up(measures.peak), looks.style, wave_rows == height, left, picture.color, looks.faint, looks.muted,
        )  # fmt: skip
        cells.paste(draw_wave(wave, width, wave_rows).cells, 0, 0)
    return cells


def _spectrum(sound: Sound, start: int, stop: int, time: Axis, picture: Picture) -> HeatSpec:
    looks = picture.looks
    axis = frequency_axis(sound, picture.logarithmic)
    return HeatSpec(
        fill=lambda rows, columns: spectrogram(sound, start, stop, axis, rows, columns),
        x=time,
        y=axis,
        title="Hz",
        x_kind="number",
        ends=(f"-{RANGE:.0f}", "0 dB"),
        shading=looks.shading,
        axis_color=looks.faint,
        label_color=looks.muted,
        text_color=looks.muted,
    )


def _round_up(peak: float) -> float:
    """The height of a lane: full scale, or less where all of a sound is far below it."""
    for size in (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0):
        if peak <= size:
            return size
    return min(peak, 1e30)
