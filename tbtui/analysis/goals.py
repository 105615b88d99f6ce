"""Which way a metric should go, guessed from its name, and where it was best."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

import numpy as np
import numpy.typing as npt

__all__ = ["Best", "Goal", "HasValues", "best_of", "guess_goal", "is_better"]

Goal = Literal["up", "down"]
"""Whether large or small values of a metric are good."""


class HasValues(Protocol):
    """Points of a scalar series: steps int64[n] and values float[n], in order."""

    @property
    def steps(self) -> npt.NDArray[np.int64]:
        """Steps int64[n]."""

    @property
    def values(self) -> npt.NDArray[np.floating[Any]]:
        """Values float[n]."""


class Best(NamedTuple):
    """The best value of a series, and the first step at which it was reached; at: which point that is."""

    value: float
    step: int
    at: int


# The last word of a name that is known decides, for that is what is measured: `reward_loss` is a loss.
_WORDS: dict[Goal, str] = {
    "down": """
        loss losses logloss error errors err mse rmse mae mape smape rmsle msle nll bce ce xent crossentropy
        cost perplexity ppl bpc bpb bpd wer cer per ter fid kid lpips nfe ece brier regret penalty kl kld divergence
        distance dist hinge eer mcd residual violation violations deviance
        time seconds secs sec runtime duration latency ms delay memory mem overflow
        """,
    "up": """
        acc accuracy auc auroc roc auprc prauc prc f1 f2 fbeta fscore dice jaccard iou miou giou map ap mar ar ndcg mrr
        precision recall sensitivity specificity top1 top5 hits bleu sacrebleu rouge rouge1 rouge2 rougel rougelsum
        meteor cider spice chrf bertscore reward rewards return returns rew score scores psnr ssim msssim si sdr sisdr
        stoi pesq mos r2 mcc kappa elbo likelihood win winrate wins success correct correlation pearson spearman
        throughput fps inception em exact
        """,
}
_GOALS: dict[str, Goal] = {word: goal for goal, words in _WORDS.items() for word in words.split()}
_PHRASES: tuple[tuple[str, Goal], ...] = (
    ("per_second", "up"),
    ("per_sec", "up"),
    ("it_s", "up"),
    ("log_likelihood", "up"),
    ("log_prob", "up"),
    ("exact_match", "up"),
    ("cross_entropy", "down"),
    ("word_error_rate", "down"),
    ("error_rate", "down"),
    ("explained_variance", "up"),
    ("success_rate", "up"),
    ("win_rate", "up"),
    ("inception_score", "up"),
    ("false_positive", "down"),
    ("false_negative", "down"),
    ("true_positive", "up"),
    ("true_negative", "up"),
)
_SPLIT = re.compile(r"[^A-Za-z0-9]+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_NUMBERED = re.compile(r"(?:@\d+.*|(?<=[a-z])\d+)$")


@lru_cache(maxsize=16_384)
def guess_goal(tag: str) -> Goal | None:
    """Whether a metric of this name should rise ("up") or fall ("down"); None where the name does not tell.

    Words are what stands between characters that are no letters or digits, and parts of `camelCase`. Known phrases
    (`samples_per_second`) come first, then the last known word of the part after the last `/`, then the parts before
    it from right to left (`Loss/train`, `Accuracy/test`). What ends with `/sec` is a speed.
    """
    if tag.endswith(("/sec", "/s", "/second")):
        return "up"  # a speed
    for part in reversed(tag.split("/")):
        words = [word.lower() for word in _SPLIT.split(part) if word]
        line = "_" + "_".join(words) + "_"
        phrases = [(line.rfind(f"_{phrase}_"), goal) for phrase, goal in _PHRASES if f"_{phrase}_" in line]
        if phrases:
            return max(phrases, key=lambda found: found[0])[1]
        for word in reversed(words):
            goal = _GOALS.get(word) or _GOALS.get(_NUMBERED.sub("", word))
            if goal is not None:
                return goal
    return None


def is_better(value: float, than: float, goal: Goal) -> bool:
    """Whether one value is strictly better than another. NaN is never better than anything."""
    return value > than if goal == "up" else value < than


def best_of(points: HasValues, goal: Goal) -> Best | None:
    """The best finite value of a series, where it was reached first; None where no value is finite."""
    values = points.values
    if not len(values):
        return None
    finite = np.isfinite(values)
    if finite.all():
        index = int(values.argmax() if goal == "up" else values.argmin())
    elif not finite.any():
        return None
    else:
        kept = np.flatnonzero(finite)
        inner = values[kept]
        index = int(kept[int(inner.argmax() if goal == "up" else inner.argmin())])
    return Best(float(values[index]), int(points.steps[index]), index)
