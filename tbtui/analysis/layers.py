"""Layers of a network, by the histograms a run writes of them: which tag is what, how it changes, what is wrong.

All of it is rules on names and on digests (`analysis.digests`): nothing is read here and nothing drawn.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from tbtui.analysis.digests import EVEN, LARGEST, MEAN, STD, ZEROS
from tbtui.analysis.numbers import format_step, format_value
from tbtui.analysis.order import natural_key

__all__ = [
    "ORDERS",
    "STATISTICS",
    "Flag",
    "Layer",
    "Role",
    "Statistic",
    "change",
    "drift",
    "flags",
    "in_order",
    "pair_gradients",
    "ratio",
    "role_of",
]

Floats = npt.NDArray[np.float64]
Steps = npt.NDArray[np.int64]

Role = Literal["weights", "gradients", "activations"]

ROLES: tuple[Role, ...] = ("weights", "gradients", "activations")
"""What a tag may be about."""

_GRADIENT = r"grad(?:s|ient|ients)?"
_END = r"(?:[:_]\d+)?"
"""TensorFlow's number of an output."""
_GRADIENT_FIRST = re.compile(rf"^{_GRADIENT}(?:[/. _-](?:of|wrt)?)", re.IGNORECASE)
_GRADIENT_LAST = re.compile(rf"[/. _:-]{_GRADIENT}{_END}$", re.IGNORECASE)
_GRADIENT_INSIDE = re.compile(rf"(?<=[/.]){_GRADIENT}[/.]", re.IGNORECASE)
_ACTIVATION = re.compile(
    r"(?:^|[/._ -])(?:activations?|outputs?|act|out|hidden(?:_states?)?|embeddings?_out)(?:$|[/._ :-])", re.IGNORECASE
)
_WEIGHT = re.compile(r"(?:^|[/._ -])(?:weights?|kernel|bias(?:es)?|gamma|beta|params?)(?:$|[/._ :-])", re.IGNORECASE)
_DRESS_FIRST = re.compile(
    r"^(?:weights?|params?|parameters?|values?|variables?|vars?|data|histograms?|model)[/.]", re.IGNORECASE
)
_DRESS_LAST = re.compile(r"[/.](?:values?|data|histograms?(?:_\d+)?|params?)$", re.IGNORECASE)


def role_of(tag: str) -> tuple[Role, str]:
    """What a tag is about, and the name of its layer, which weights and their gradients have in common.

    Gradients are told by the word grad, gradient or gradients, in front (`gradients/conv1`), at the end (`w_grad`,
    `conv1.weight.grad`, `dense/kernel_0_grad`, `conv1/gradient`) or as a folder inside (`train/grads/conv1`).
    """
    name = _DRESS_LAST.sub("", tag)
    for rule in (_GRADIENT_FIRST, _GRADIENT_LAST, _GRADIENT_INSIDE):
        bare, count = rule.subn("", name, count=1)
        if count and bare:
            return "gradients", _undressed(bare)
    role: Role = "activations" if _ACTIVATION.search(tag) and not _WEIGHT.search(tag) else "weights"
    return role, _undressed(name)


def _undressed(name: str) -> str:
    """Without what is said of all weights, and without the number of an output: `weights/w` and `w_0` are `w`."""
    bare = _DRESS_LAST.sub("", _DRESS_FIRST.sub("", name, count=1))
    inside = re.sub(r"(?<=[/.])(?:weights|params|parameters|values)[/.]", "", bare, count=1)
    return re.sub(r"(?<=\w)(?::0|_0)$", "", inside).casefold()


def pair_gradients(tags: Iterable[str]) -> dict[str, str]:
    """Tag of weights -> tag of their gradients, of those that have both."""
    gradients: dict[str, str] = {}
    weights: dict[str, str] = {}
    for tag in sorted(tags, key=natural_key):
        role, name = role_of(tag)
        (gradients if role == "gradients" else weights).setdefault(name, tag)
    return {tag: gradients[name] for name, tag in weights.items() if name in gradients}


# --- what is looked at


@dataclass(frozen=True, slots=True)
class Layer:
    """What is known of a tag: steps int64[n], walls float64[n], rows float64[n, WIDTH] of digests, and of its
    gradients, where they are logged: steps int64[m] and rows float64[m, WIDTH]."""

    tag: str
    steps: Steps
    walls: Floats
    rows: Floats
    gradient_steps: Steps
    gradient_rows: Floats


def change(rows: Floats) -> Floats:
    """How far values moved since the step before, in standard deviations of that step, float64[n]; NaN at the first.

    It is the mean distance of ten percentiles: what part of a deviation the values would have to be moved.
    """
    found = np.full(len(rows), np.nan)
    if len(rows) > 1:
        found[1:] = _distance(rows[1:], rows[:-1])
    return found


def drift(rows: Floats) -> Floats:
    """The same since the first step, float64[n]."""
    return _distance(rows, rows[:1]) if len(rows) else np.empty(0)


def _distance(rows: Floats, before: Floats) -> Floats:
    with np.errstate(all="ignore"):
        moved = np.abs(rows[:, EVEN] - before[:, EVEN]).mean(axis=1)
        size = np.where(before[:, STD] > 0, before[:, STD], before[:, LARGEST])
        return np.asarray(np.where(moved == 0, 0.0, moved / np.where(size > 0, size, np.nan)))


def ratio(layer: Layer) -> Floats:
    """The deviation of the gradients by that of the weights, at every step of the weights, float64[n].

    Gradients count that were written at the nearest step; NaN where there are none, or no weights.
    """
    steps = layer.gradient_steps
    if not len(steps) or not len(layer.steps):
        return np.full(len(layer.steps), np.nan)
    right = np.clip(np.searchsorted(steps, layer.steps), 0, len(steps) - 1)
    left = np.maximum(right - 1, 0)
    nearer = np.abs(layer.steps - steps[left]) <= np.abs(steps[right] - layer.steps)
    gradients = layer.gradient_rows[np.where(nearer, left, right), STD]
    with np.errstate(all="ignore"):
        return np.asarray(np.where(layer.rows[:, STD] > 0, gradients / layer.rows[:, STD], np.nan))


class Statistic(NamedTuple):
    """A number about every step of a layer: its name, a short one, how it is shaded, and how it is found.

    scale: "log" for sizes of any magnitude, "share" for 0 to 1, "sign" for values around 0.
    """

    name: str
    short: str
    scale: Literal["log", "share", "sign"]
    of: Callable[[Layer], Floats]


STATISTICS: tuple[Statistic, ...] = (
    Statistic("standard deviation", "std", "log", lambda layer: layer.rows[:, STD]),
    Statistic("mean", "mean", "sign", lambda layer: layer.rows[:, MEAN]),
    Statistic("largest absolute value", "max|x|", "log", lambda layer: layer.rows[:, LARGEST]),
    Statistic("share of zeros", "zeros", "share", lambda layer: layer.rows[:, ZEROS]),
    Statistic("change since the step before, in deviations", "change", "log", lambda layer: change(layer.rows)),
    Statistic("change since the first step, in deviations", "drift", "log", lambda layer: drift(layer.rows)),
    Statistic("deviation of gradients by that of weights", "grad/w", "log", ratio),
)
"""In the order in which a key walks them."""


# --- order

ORDERS = ("network", "flags", "std", "drift", "zeros")
"""By name as the network has them; what is flagged first; the largest deviation, drift, share of zeros first."""


def in_order(layers: Sequence[Layer], order: str, flagged: Sequence[int]) -> list[int]:
    """Numbers of the layers in one of `ORDERS`; flagged: how many flags each has. Ties are in network order."""
    numbers = sorted(range(len(layers)), key=lambda number: natural_key(layers[number].tag))
    if order == "flags":
        return sorted(numbers, key=lambda number: -flagged[number])
    keys: dict[str, Callable[[Layer], Floats]] = {
        "std": lambda layer: layer.rows[:, STD],
        "drift": lambda layer: drift(layer.rows),
        "zeros": lambda layer: layer.rows[:, ZEROS],
    }
    if order not in keys:
        return numbers
    last = [_last(keys[order](layer)) for layer in layers]
    return sorted(numbers, key=lambda number: -last[number] if np.isfinite(last[number]) else np.inf)


def _last(values: Floats) -> float:
    return float(values[-1]) if len(values) else np.nan


# --- what is wrong


class Flag(NamedTuple):
    """What somebody should look at: one word, and the rule that raised it, with its numbers."""

    word: str
    why: str


DEAD_SHARE = 0.95
FROZEN_STEPS = 5
GROWTH = 30.0
HUGE = 1e4
FAINT = 1e-7
FADED = 1e-3
MOVES_LITTLE = 1e-6


def flags(layer: Layer, role: Role) -> list[Flag]:
    """What the rules say of a layer as it is at its last step, the gravest first."""
    if not len(layer.rows):
        return []
    found = [
        _not_finite(layer),
        _dead(layer, role),
        _exploding(layer.rows[:, LARGEST], "values"),
        _frozen(layer) if role == "weights" else None,
        _vanishing(layer, role),
    ]
    if len(layer.gradient_rows):
        found.append(_exploding(layer.gradient_rows[:, LARGEST], "gradients"))
        found.append(_no_gradient(layer))
    return [flag for flag in found if flag is not None]


def _not_finite(layer: Layer) -> Flag | None:
    bad = ~np.isfinite(layer.rows[:, LARGEST]) & ~np.isnan(layer.rows[:, STD])
    if not bad.any():
        return None
    return Flag("not finite", f"values without end since step {format_step(int(layer.steps[bad.argmax()]))}")


def _dead(layer: Layer, role: Role) -> Flag | None:
    zeros, largest = layer.rows[-1, ZEROS], layer.rows[-1, LARGEST]
    if largest == 0:
        since = _since(layer.rows[:, LARGEST] == 0, layer.steps)
        if role == "weights" and len(layer.rows) < FROZEN_STEPS:
            return None  # biases begin with zeros
        return Flag("dead", f"all values are 0 since step {since}")
    if zeros >= DEAD_SHARE:
        since = _since(layer.rows[:, ZEROS] >= DEAD_SHARE, layer.steps)
        return Flag("dead", f"{100 * zeros:.0f}% of the values are 0, over {100 * DEAD_SHARE:.0f}% since step {since}")
    return None


def _exploding(largest: Floats, what: str) -> Flag | None:
    finite = largest[np.isfinite(largest)]
    if not len(finite):
        return None
    last, usual = float(finite[-1]), float(np.median(finite))
    if last >= HUGE:
        return Flag("exploding", f"{what} up to {format_value(last)}, over {format_value(HUGE)}")
    if len(finite) >= FROZEN_STEPS and last >= 1 and usual > 0 and last >= GROWTH * usual:
        times = last / usual
        return Flag("exploding", f"{what} up to {format_value(last)}, {times:.0f} times their median over the steps")
    return None


def _frozen(layer: Layer) -> Flag | None:
    if len(layer.rows) < FROZEN_STEPS or layer.rows[-1, LARGEST] == 0:
        return None
    same = (layer.rows[:, : EVEN.stop] == layer.rows[-1, : EVEN.stop]).all(axis=1)
    still = len(same) - (int(np.flatnonzero(~same)[-1]) + 1 if not same.all() else 0)
    if still < max(FROZEN_STEPS, len(same) // 10):
        return None
    return Flag("frozen", f"no value moved since step {format_step(int(layer.steps[-still]))}, {still} histograms ago")


def _vanishing(layer: Layer, role: Role) -> Flag | None:
    if role == "gradients" or len(layer.gradient_rows):
        deviations = layer.rows[:, STD] if role == "gradients" else layer.gradient_rows[:, STD]
        finite = deviations[np.isfinite(deviations)]
        if not len(finite) or finite[-1] == 0:
            return None
        last, first = float(finite[-1]), float(np.median(finite[: max(1, len(finite) // 10)]))
        if last < FAINT:
            return Flag("vanishing", f"gradients with a deviation of {format_value(last)}, under {format_value(FAINT)}")
        if len(finite) >= FROZEN_STEPS and last < FADED * first:
            return Flag("vanishing", f"gradients fell to 1/{first / last:.0f} of their deviation at the beginning")
    if role == "weights" and len(layer.gradient_rows):
        share = _last(ratio(layer))
        if 0 < share < MOVES_LITTLE:
            return Flag(
                "vanishing", f"gradients are {format_value(share)} of the weights, under {format_value(MOVES_LITTLE)}"
            )
    return None


def _no_gradient(layer: Layer) -> Flag | None:
    largest = layer.gradient_rows[:, LARGEST]
    if largest[-1] != 0:
        return None
    return Flag("no gradient", f"all gradients are 0 since step {_since(largest == 0, layer.gradient_steps)}")


def _since(holds: npt.NDArray[np.bool_], steps: Steps) -> str:
    """The step from which on it holds to the end."""
    no = np.flatnonzero(~holds)
    return format_step(int(steps[int(no[-1]) + 1 if len(no) else 0]))
