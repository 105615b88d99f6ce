"""At which step a run will end, where anything tells: an option, its hyperparameters, its epochs, a text."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple

import numpy as np

from tbtui.analysis.goals import HasValues

__all__ = ["End", "end_of_run", "numbers_in_text", "steps_per_epoch"]

STEPS = (
    "max_steps",
    "total_steps",
    "num_steps",
    "train_steps",
    "training_steps",
    "num_train_steps",
    "num_training_steps",
    "total_training_steps",
    "max_train_steps",
    "max_iters",
    "max_iter",
    "num_iterations",
    "total_timesteps",
    "steps",
)
"""Names of hyperparameters that say at which step a run ends; the first that is there counts."""

EPOCHS = ("max_epochs", "num_epochs", "num_train_epochs", "n_epochs", "total_epochs", "epochs")
PER_EPOCH = ("steps_per_epoch", "iters_per_epoch", "num_update_steps_per_epoch", "batches_per_epoch", "num_batches")

_LARGEST = 1e15
_NAMES = "|".join((*STEPS, *EPOCHS, *PER_EPOCH))
_IN_TEXT = re.compile(
    rf"""(?<![\w.])({_NAMES})["'`*]{{0,3}}\s{{0,8}}[:=|]\s{{0,8}}["'`]?(\d[\d_,]{{0,15}}(?:\.\d{{1,15}})?(?:e\+?\d\d?)?)(?![\w.])""",
    re.IGNORECASE,
)
_TEXT = 200_000  # characters of a text are looked at


class End(NamedTuple):
    """The step at which a run ends, and what says so, in a few words."""

    step: int
    why: str


def end_of_run(
    hparams: Mapping[str, Any],
    max_steps: int | None = None,
    per_epoch: float | None = None,
    texts: Iterable[str] = (),
) -> End | None:
    """Where a run ends; None where nothing says it.

    In this order: `max_steps` (the option `--max-steps`), a hyperparameter of `STEPS`, one of `EPOCHS` times the steps
    of an epoch, the same two from `texts`. Steps of an epoch are a hyperparameter of `PER_EPOCH`, else `per_epoch` as
    it was measured (`steps_per_epoch`; 1 where steps count epochs). Names are compared without upper case, and by
    their last part (`trainer.max_steps`). Numbers that are not above 1 (-1 stands for "not set") or not finite say
    nothing.
    """
    if max_steps is not None:
        return End(max_steps, "--max-steps")
    named = {re.split(r"[./]", str(name).lower())[-1]: value for name, value in reversed(list(hparams.items()))}
    found = _end({name: number for name, value in named.items() if (number := _number(value)) is not None}, per_epoch)
    if found is not None:
        return End(found[0], f"hyperparameter {found[1]}")
    for text in texts:
        found = _end(numbers_in_text(text), per_epoch)
        if found is not None:
            return End(found[0], f"{found[1]} in a text")
    return None


def _end(numbers: Mapping[str, float], per_epoch: float | None) -> tuple[int, str] | None:
    for name in STEPS:
        if name in numbers:
            return int(numbers[name]), name
    of_epoch = next((numbers[name] for name in PER_EPOCH if name in numbers), per_epoch)
    epochs = next((name for name in EPOCHS if name in numbers), None)
    if epochs is None or of_epoch is None or not 0 < of_epoch * numbers[epochs] < _LARGEST:
        return None
    return round(of_epoch * numbers[epochs]), epochs


def _number(value: Any) -> float | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 1 < value < _LARGEST:
        return None
    return float(value)


def numbers_in_text(text: str) -> dict[str, float]:
    """Numbers that a text gives to the names known here, as JSON, YAML, `name=1` or a Markdown table row.

    The first of each name counts; names in lower case.
    """
    found: dict[str, float] = {}
    for match in _IN_TEXT.finditer(text[:_TEXT]):
        number = _number(float(match[2].replace(",", "").replace("_", "")))
        if number is not None:
            found.setdefault(match[1].lower(), number)
    return found


def steps_per_epoch(epochs: HasValues) -> float | None:
    """The steps of one epoch, measured on the points of a tag that counts epochs; None where they do not tell.

    Whole numbers tell from one change to another, fractions from the first point to the last. Points of rising steps.
    """
    values = np.asarray(epochs.values, np.float64)
    finite = np.isfinite(values)
    values, steps = values[finite], epochs.steps[finite]
    if len(values) and (values == np.floor(values)).all():
        changes = np.flatnonzero(values[1:] != values[:-1]) + 1
        values, steps = values[changes], steps[changes]
    if len(values) < 2:
        return None
    gained, went = float(values[-1] - values[0]), float(steps[-1]) - float(steps[0])
    return went / gained if gained > 0 and went > 0 and math.isfinite(went / gained) else None
