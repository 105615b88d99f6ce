"""Sounds from the bytes of WAV files: samples, and what is to be said of them.

Samples become floats a piece at a time, where they are needed: of a long sound only the minima and maxima of blocks are
kept. Integers of any width up to 64 bits and floats of 32 and 64 bits are read, in plain and extensible files.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_bytes
from tbtui.events.media import WaveLayout, sound_kind, wave_format_name, wave_layout

__all__ = ["BLOCK", "BadSound", "Measures", "Sound", "decibels", "extents", "measure", "read_sound"]

Samples = npt.NDArray[np.float32]

BLOCK = 256
"""Frames of which only the least and the greatest sample are kept."""

MOST_CHANNELS = 64

_PCM, _FLOAT = 1, 3
_AT_ONCE = 1 << 18
_NAMES = {"ogg": "Ogg", "flac": "FLAC", "mp3": "MP3", "aiff": "AIFF", "au": "Sun/NeXT", "m4a": "MPEG-4"}


class BadSound(ValueError):
    """These bytes can't be shown as a sound; the text says what they are."""


@dataclass(frozen=True, slots=True)
class Sound:
    """A sound whose samples are at hand.

    rate: frames a second, 0 where the file says so; bits: of a sample, as the file says; form: "16 bit PCM"; frames:
    whole ones that are there; missing: frames that the header promises beyond them.
    """

    rate: int
    channels: int
    bits: int
    form: str
    frames: int
    missing: int
    floating: bool
    width: int
    data: memoryview

    @property
    def seconds(self) -> float:
        """How long it is; 0 where the rate is unknown."""
        return self.frames / self.rate if self.rate else 0.0

    def part(self, start: int, stop: int) -> Samples:
        """Samples float32[n, channels] of some frames, -1 to 1 for integers; a copy. What is no number stays."""
        start, stop = max(start, 0), min(stop, self.frames)
        frame = self.width * self.channels
        raw = self.data[start * frame : max(start, stop) * frame]
        return self._floats(raw).reshape(-1, self.channels)

    def _floats(self, raw: memoryview) -> Samples:
        if self.floating:
            with np.errstate(over="ignore", invalid="ignore"):
                return np.frombuffer(raw, "<f4" if self.width == 4 else "<f8").astype(np.float32)
        if self.width == 1:
            return (np.frombuffer(raw, np.uint8).astype(np.float32) - np.float32(128)) / np.float32(128)
        if self.width == 3:
            three = np.frombuffer(raw, np.uint8).reshape(-1, 3)
            wide = np.zeros((len(three), 4), np.uint8)
            wide[:, 1:] = three
            return wide.view("<i4")[:, 0].astype(np.float32) / np.float32(2.0**31)
        whole = np.frombuffer(raw, f"<i{self.width}")
        return whole.astype(np.float32) / np.float32(2.0 ** (8 * self.width - 1))


def read_sound(data: bytes) -> Sound:
    """The sound in these bytes. Raises BadSound, which names other encodings."""
    kind, _ = sound_kind(data)
    if kind != "wav":
        what = f"{_NAMES.get(kind, '')} sound" if kind else "bytes of an unknown kind"
        raise BadSound(f"{what}, {format_bytes(len(data))}: only WAV is drawn")
    layout = wave_layout(data)
    if layout is None:
        raise BadSound(f"a WAV file of {format_bytes(len(data))} that does not say its format")
    if layout.kind not in (_PCM, _FLOAT):
        raise BadSound(f"WAV with {wave_format_name(layout.kind)}, {format_bytes(len(data))}: not drawn")
    width = layout.frame // layout.channels if layout.channels else 0
    floating = layout.kind == _FLOAT
    if not _possible(layout, width, floating):
        raise BadSound(f"a WAV file of {layout.channels} channels of {layout.bits} bits in {layout.frame} bytes")
    size = layout.end - layout.begin
    frames = size // layout.frame
    form = f"{layout.bits} bit {'float' if floating else 'PCM'}"
    missing = max(0, layout.promised // layout.frame - frames)
    part = memoryview(data)[layout.begin : layout.begin + frames * layout.frame]
    return Sound(layout.sample_rate, layout.channels, layout.bits, form, frames, missing, floating, width, part)


def _possible(layout: WaveLayout, width: int, floating: bool) -> bool:
    widths = (4, 8) if floating else (1, 2, 3, 4, 8)
    return 0 < layout.channels <= MOST_CHANNELS and layout.frame == width * layout.channels and width in widths


@dataclass(frozen=True, slots=True)
class Measures:
    """What is said of a sound.

    peak: greatest size of a sample; rms: root of the mean square, both 1 at full scale; clipped: samples at full scale
    or beyond; bad: samples that are no finite number; low, high: float32[blocks, channels] of `BLOCK` frames each.
    """

    peak: float
    rms: float
    clipped: int
    bad: int
    low: Samples
    high: Samples


@np.errstate(all="ignore")
def measure(sound: Sound) -> Measures:
    """Go through all samples once."""
    peak, squares, clipped, bad = 0.0, 0.0, 0, 0
    lows: list[Samples] = []
    highs: list[Samples] = []
    # Full scale of integers ends one step below 1 on the positive side.
    full = 1.0 if sound.floating else 1.0 - 1.5 * 2.0 ** (1 - min(8 * sound.width, 24))
    for start in range(0, sound.frames, _AT_ONCE):
        part = sound.part(start, start + _AT_ONCE)
        finite = np.isfinite(part)
        if not finite.all():
            bad += int(part.size - np.count_nonzero(finite))
            part = np.where(finite, part, np.float32(0))
        sizes = np.abs(part)
        peak = max(peak, float(sizes.max()))
        squares += float(np.square(part, dtype=np.float64).sum())
        clipped += int(np.count_nonzero(part >= full) + np.count_nonzero(part <= -1.0))
        edges = np.arange(0, len(part), BLOCK)
        lows.append(np.minimum.reduceat(part, edges, axis=0))
        highs.append(np.maximum.reduceat(part, edges, axis=0))
    nothing = np.zeros((0, sound.channels), np.float32)
    samples = sound.frames * sound.channels
    rms = math.sqrt(squares / samples) if samples else 0.0
    low, high = (np.concatenate(parts) if parts else nothing for parts in (lows, highs))
    return Measures(peak, rms, clipped, bad, low, high)


def extents(sound: Sound, measures: Measures, start: int, stop: int, columns: int) -> tuple[Samples, Samples]:
    """Least and greatest sample float32[columns, channels] of the frames start to stop in so many equal columns.

    Of long stretches to the precision of a block; of short ones each column has at least one frame.
    """
    start, stop = max(start, 0), min(stop, sound.frames)
    if columns < 1 or stop <= start:
        nothing = np.zeros((max(columns, 0), sound.channels), np.float32)
        return nothing, nothing
    if stop - start >= 2 * BLOCK * columns:
        edges = np.linspace(start, stop, columns + 1) / BLOCK
        ends = np.ceil(edges[1:]).astype(np.int64)
        low, high = measures.low, measures.high
    else:
        edges = np.linspace(0, stop - start, columns + 1)
        ends = edges[1:].astype(np.int64)
        part = sound.part(start, stop)
        low = high = np.where(np.isfinite(part), part, np.float32(0))
    begins = edges[:-1].astype(np.int64)
    bounds = np.stack((begins, np.maximum(ends, begins + 1)), axis=1).reshape(-1)
    # Each column from its begin to its end; the last may end where there is nothing more.
    low, high = (np.concatenate((one, one[-1:])) for one in (low, high))
    return np.minimum.reduceat(low, bounds)[::2], np.maximum.reduceat(high, bounds)[::2]


def decibels(size: float) -> str:
    """A size of samples (1 at full scale) in decibels, for people: "-12.3 dB"."""
    return f"{20 * math.log10(size):.1f} dB" if size > 0 and math.isfinite(size) else "-∞ dB" if size == 0 else "? dB"
