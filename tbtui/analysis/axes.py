"""Axes: which part of the numbers is shown, on which scale, and where its ticks stand."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

__all__ = ["FAR", "Axis", "Scale"]

Floats = npt.NDArray[np.float64]
Scale = Literal["linear", "log", "symlog"]

FAR = 1e300
"""What lies further out than so many widths of an axis is taken to be there: infinite in practice, safe to compute."""


@dataclass(frozen=True, slots=True)
class Axis:
    """The stretch [low, high] of numbers that an axis shows.

    low, high: finite, low <= high; above 0 on a log scale.
    linear: on a symlog scale the size of numbers around which it turns from linear to logarithmic.
    """

    low: float
    high: float
    scale: Scale = "linear"
    linear: float = 1.0

    def fraction(self, values: npt.ArrayLike) -> Floats:
        """Where values lie: 0 at low, 1 at high, beyond that outside, at most `FAR`. NaN where the scale has no place.

        Never raises and never warns, whatever the numbers. Where low equals high everything lies at 0.5.
        """
        numbers = np.asarray(values, np.float64)
        with np.errstate(all="ignore"):
            at, low, high = (self._forward(part) for part in (numbers, np.float64(self.low), np.float64(self.high)))
            if not np.isfinite(high - low):  # a range beyond the largest float: halves of it are within
                at, low, high = at / 2, low / 2, high / 2
            if not high > low:
                return np.where(np.isnan(at), np.nan, 0.5)
            return np.asarray(np.clip((at - low) / (high - low), -FAR, FAR))

    def value(self, fraction: npt.ArrayLike) -> Floats:
        """The numbers at these places, the other way round."""
        share = np.asarray(fraction, np.float64)
        with np.errstate(all="ignore"):
            low, high = self._forward(np.float64(self.low)), self._forward(np.float64(self.high))
            return self._backward(low * (1 - share) + high * share)

    def _forward(self, values: Floats | np.float64) -> Floats:
        if self.scale == "log":
            return np.asarray(np.log10(np.where(values > 0, values, np.nan)))
        if self.scale == "symlog":
            return np.asarray(np.sign(values) * (np.log10(self.linear + np.abs(values)) - math.log10(self.linear)))
        return np.asarray(values)

    def _backward(self, places: Floats) -> Floats:
        if self.scale == "log":
            return np.asarray(10.0**places)
        if self.scale == "symlog":
            return np.asarray(np.sign(places) * self.linear * (10.0 ** np.abs(places) - 1))
        return places
