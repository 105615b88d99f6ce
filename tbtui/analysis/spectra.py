"""How much of which frequency is in a sound, over time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tbtui.analysis.axes import Axis
from tbtui.analysis.sounds import Sound

__all__ = ["RANGE", "frequency_axis", "spectrogram", "window_size"]

RANGE = 80.0
"""Decibels between nothing and the loudest."""

_SECONDS = 0.03
_SMALLEST, _LARGEST = 64, 8192
_A_COLUMN = 4
"""Windows whose mean a column shows at most."""
_LOWEST = 50.0


def window_size(sound: Sound) -> int:
    """Frames that are looked at together: about 30 ms, a power of two."""
    wanted = max(sound.rate, 1) * _SECONDS
    size = 1 << max(0, round(float(np.log2(wanted))) if wanted > 1 else 0)
    return int(min(max(size, _SMALLEST), _LARGEST))


def frequency_axis(sound: Sound, logarithmic: bool) -> Axis:
    """From the lowest frequency that is shown to the highest that the sound can hold."""
    high = max(sound.rate, 2) / 2
    if logarithmic:
        return Axis(min(max(_LOWEST, sound.rate / window_size(sound)), high / 2), high, "log")
    return Axis(0.0, high)


@np.errstate(all="ignore")
def spectrogram(sound: Sound, start: int, stop: int, axis: Axis, rows: int, columns: int) -> npt.NDArray[np.float64]:
    """Loudness float64[rows, columns], 0 (`RANGE` decibels below the loudest, or silence) to 1, highest row first.

    Of the mean of all channels, from frame start to stop; a Hann window of `window_size` around each place.
    """
    if rows < 1 or columns < 1 or stop <= start or not sound.frames:
        return np.zeros((max(rows, 0), max(columns, 0)))
    size = window_size(sound)
    power = _columns(sound, start, stop, size, columns)
    edges = axis.value(np.linspace(1, 0, rows + 1)) * size / max(sound.rate, 1)
    picked = _in_rows(power, edges)
    loudest = float(picked.max())
    if not loudest > 0:
        return np.zeros((rows, columns))
    return np.clip(1 + 10 * np.log10(np.maximum(picked / loudest, 1e-30)) / RANGE, 0, 1)


def _columns(sound: Sound, start: int, stop: int, size: int, columns: int) -> npt.NDArray[np.float64]:
    """Power float64[bins, columns]."""
    a_column = (stop - start) / columns
    times = int(min(max(round(2 * a_column / size), 1), _A_COLUMN))
    middles = start + (np.arange(columns * times) + 0.5) * a_column / times
    window = np.hanning(size)
    pieces = np.zeros((len(middles), size))
    for row, middle in enumerate(middles):
        first = int(middle) - size // 2
        part = sound.part(first, first + size).mean(axis=1)
        at = max(0, -first)
        pieces[row, at : at + len(part)] = np.where(np.isfinite(part), part, 0.0)
    power = np.square(np.abs(np.fft.rfft(pieces * window, axis=1)))
    return np.asarray(power.reshape(columns, times, -1).mean(axis=1).T)


def _in_rows(power: npt.NDArray[np.float64], edges: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The greatest power of the frequencies of each row; between two of them where a row is narrower than one.

    edges: rising downwards, in bins, one more than rows.
    """
    last = len(power) - 1
    high, low = np.clip(edges[:-1], 0, last), np.clip(edges[1:], 0, last)
    middle = (high + low) / 2
    below = middle.astype(np.int64)
    share = (middle - below)[:, None]
    between = power[below] * (1 - share) + power[np.minimum(below + 1, last)] * share
    first, end = np.ceil(low).astype(np.int64), np.floor(high).astype(np.int64)
    wide = np.flatnonzero(end > first)
    for row in wide:
        between[row] = power[first[row] : end[row] + 1].max(axis=0)
    return between
