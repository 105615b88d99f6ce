"""A curve in one line of text."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from tbtui.charts.dots import Style

__all__ = ["sparkline"]

_BARS = "▁▂▃▄▅▆▇█"
_PLAIN_BARS = "_.-:=+*#"
_BAD, _PLAIN_BAD = "×", "x"


def sparkline(
    values: npt.ArrayLike, width: int, style: Style = "blocks", low: float | None = None, high: float | None = None
) -> str:
    """The values as bars, one character a cell: at most `width` of them, fewer where there are fewer values.

    Each cell shows the mean of its finite values between low and high (default: of the smallest and largest cell); a
    constant series is a line in the middle. A cell in which nothing is finite is a cross.
    """
    numbers = np.asarray(values, np.float64)
    count = min(len(numbers), width)
    if count < 1:
        return ""
    means = _means(numbers, count)
    plain = style == "ascii"
    bars = _PLAIN_BARS if plain else _BARS
    finite = np.isfinite(means)
    if not finite.any():
        return (_PLAIN_BAD if plain else _BAD) * count
    bottom = float(means[finite].min()) if low is None else low
    top = float(means[finite].max()) if high is None else high
    with np.errstate(all="ignore"):
        # Halves, as the whole range may be beyond the largest float.
        share = (means / 2 - bottom / 2) / (top / 2 - bottom / 2)
    share = np.where(np.isfinite(share), share, 0.5) if top > bottom else np.full(count, 0.45)
    levels = np.clip(share * len(bars), 0, len(bars) - 1).astype(int)
    bad = _PLAIN_BAD if plain else _BAD
    return "".join(bars[level] if ok else bad for level, ok in zip(levels.tolist(), finite.tolist(), strict=True))


def _means(numbers: npt.NDArray[np.float64], count: int) -> npt.NDArray[np.float64]:
    """The mean of the finite values in each of `count` even parts, NaN where there is none."""
    starts = np.arange(count) * len(numbers) // count
    finite = np.isfinite(numbers)
    counts = np.add.reduceat(finite.astype(np.int64), starts)
    with np.errstate(all="ignore"):
        share = np.where(finite, numbers, 0.0) / np.repeat(np.maximum(counts, 1), np.diff([*starts, len(numbers)]))
        return np.where(counts > 0, np.add.reduceat(share, starts), np.nan)
