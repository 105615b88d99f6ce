"""Whether values that are to be drawn together are of one size, or need an axis each."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise

__all__ = ["APART", "on_second_axis"]

APART = 10.0
"""Values that differ by more than this factor in size do not share an axis."""


def on_second_axis(sizes: Sequence[float]) -> list[bool]:
    """Which of several sizes belong to a second axis, where the largest is more than `APART` times the smallest.

    They are parted at the widest gap between neighbours in size; the first size is always on the first axis. Sizes that
    are not positive or not finite are on the first axis, and have no say.
    """
    logs = [math.log10(size) if size > 0 and math.isfinite(size) else math.nan for size in sizes]
    order = sorted(log for log in logs if not math.isnan(log))
    if len(order) < 2 or order[-1] - order[0] <= math.log10(APART) * (1 + 1e-12):
        return [False] * len(sizes)
    _, border = max((after - before, after) for before, after in pairwise(order))
    upper = [log >= border for log in logs]
    first = next((is_upper for is_upper, log in zip(upper, logs, strict=True) if not math.isnan(log)), False)
    return [is_upper != first and not math.isnan(log) for is_upper, log in zip(upper, logs, strict=True)]
