"""What a training run reports of itself: histograms, precision and recall, a table of its mistakes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from tbtui.demo.digits import CLASSES

BUCKETS = 30
THRESHOLDS = 101


def histogram(values: NDArray[np.floating], buckets: int = BUCKETS) -> NDArray[np.float64]:
    """Count values in buckets of equal width from the smallest to the largest: float64[buckets, 3].

    Rows are (left edge, right edge, count). Values that are not finite are left out. Where all values are equal, every
    bucket has no width and the last one counts them, as TensorFlow does it; without values all is zero.
    """
    finite = np.asarray(values, np.float64).ravel()
    finite = finite[np.isfinite(finite)]
    if not finite.size:
        return np.zeros((buckets, 3))
    low, high = finite.min(), finite.max()
    if low == high:
        rows = np.full((buckets, 3), low)
        rows[:, 2] = 0
        rows[-1, 2] = finite.size
        return rows
    counts, edges = np.histogram(finite, buckets, (low, high))
    return np.column_stack([edges[:-1], edges[1:], counts])


def pr_curve(
    scores: NDArray[np.floating], truth: NDArray[np.bool_], thresholds: int = THRESHOLDS
) -> NDArray[np.float64]:
    """Precision and recall at thresholds from 0 to 1: float64[6, thresholds].

    Rows: true positives, false positives, true negatives, false negatives, precision, recall. A score counts as
    positive from its threshold on; scores lie in [0, 1].
    """
    levels = np.floor(np.clip(scores, 0, 1) * (thresholds - 1)).astype(np.intp)

    def at_least(levels: NDArray[np.intp]) -> NDArray[np.float64]:
        return np.bincount(levels, minlength=thresholds)[::-1].cumsum()[::-1].astype(np.float64)

    true_positives, false_positives = at_least(levels[truth]), at_least(levels[~truth])
    true_negatives = false_positives[0] - false_positives
    false_negatives = true_positives[0] - true_positives
    precision = true_positives / np.maximum(true_positives + false_positives, 1e-7)
    recall = true_positives / np.maximum(true_positives + false_negatives, 1e-7)
    return np.stack([true_positives, false_positives, true_negatives, false_negatives, precision, recall])


def report(predicted: NDArray[np.integer], labels: NDArray[np.int64]) -> str:
    """A table in Markdown: for every digit how often it was found, and what it was most often taken for."""
    confusion = np.zeros((CLASSES, CLASSES), np.intp)
    np.add.at(confusion, (labels, predicted), 1)
    right = confusion.diagonal().sum()
    lines = [
        f"**{right} of {len(labels)}** validation pictures were read right.",
        "",
        "| digit | precision | recall | most often taken for |",
        "|:-----:|----------:|-------:|:---------------------|",
    ]
    for digit in range(CLASSES):
        found = confusion[digit, digit]
        precision, recall = found / max(confusion[:, digit].sum(), 1), found / max(confusion[digit].sum(), 1)
        wrong = confusion[digit].copy()
        wrong[digit] = 0
        other = f"{wrong.argmax()} ({wrong.max()} of {confusion[digit].sum()})" if wrong.max() else "-"
        lines.append(f"| {digit} | {precision:.1%} | {recall:.1%} | {other} |")
    return "\n".join(lines)
