"""What the configuration of a Keras layer tells of shapes and parameters.

Only layers whose arithmetic is plain are known here; of others nothing is claimed. Sizes are those of channels_last
unless the layer says otherwise. Source: the documentation of the Keras layers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from tbtui.graphs.model import Shape

Config = Mapping[str, Any]

_SAME = frozenset(
    [
        "Activation",
        "ActivityRegularization",
        "AlphaDropout",
        "BatchNormalization",
        "Dropout",
        "ELU",
        "GaussianDropout",
        "GaussianNoise",
        "GroupNormalization",
        "LayerNormalization",
        "LeakyReLU",
        "Masking",
        "PReLU",
        "ReLU",
        "Rescaling",
        "Softmax",
        "SpatialDropout1D",
        "SpatialDropout2D",
        "SpatialDropout3D",
        "UnitNormalization",
        "InputLayer",
        "Add",
        "Subtract",
        "Multiply",
        "Average",
        "Maximum",
        "Minimum",
    ]
)
_NO_PARAMETERS = (_SAME - {"BatchNormalization", "GroupNormalization", "LayerNormalization", "PReLU"}) | frozenset(
    [
        "Concatenate",
        "Cropping1D",
        "Cropping2D",
        "Dot",
        "Flatten",
        "Lambda",
        "Permute",
        "RepeatVector",
        "Reshape",
        "Resizing",
        "UpSampling1D",
        "UpSampling2D",
        "ZeroPadding1D",
        "ZeroPadding2D",
    ]
)


def sizes(value: Any) -> Shape:
    """A shape as JSON has it ([null, 8]); None where it is something else, a list of shapes among them."""
    if not isinstance(value, list) or not all(one is None or isinstance(one, int) for one in value):
        return None
    return tuple(-1 if one is None else int(one) for one in value)


def output_shape(kind: str, config: Config, taken: Shape) -> Shape:
    """The shape a layer gives for the shape it takes, None where that is not known here."""
    if taken is None or not taken:
        return None
    if kind in _SAME:
        return taken
    if kind == "Dense":
        return _with_last(taken, config.get("units"))
    if kind == "Embedding":
        return _with_last((*taken, 0), config.get("output_dim"))
    if kind == "Flatten":
        inner = taken[1:]
        return (taken[0], -1 if any(size < 0 for size in inner) else math.prod(inner))
    if kind.startswith(("GlobalAveragePooling", "GlobalMaxPooling")) and len(taken) > 2:
        return (taken[0], taken[1] if _channels_first(config) else taken[-1])
    if kind in ("LSTM", "GRU", "SimpleRNN") and isinstance(config.get("units"), int):
        return (*taken[:2], config["units"]) if config.get("return_sequences") else (taken[0], config["units"])
    return None


def parameters(kind: str, config: Config, taken: Shape) -> int | None:
    """How many numbers the weights of a layer have, those that are not trained among them; None where unknown."""
    if kind in _NO_PARAMETERS or kind.startswith(("MaxPooling", "AveragePooling", "Global", "Random")):
        return 0
    if kind == "Embedding":
        return _product(config.get("input_dim"), config.get("output_dim"))
    if taken is None or not taken:
        return None
    channels = taken[1] if _channels_first(config) and len(taken) > 2 else taken[-1]
    if channels < 0:
        return None
    if kind == "BatchNormalization":
        return channels * (2 + _flag(config, "scale") + _flag(config, "center"))
    if kind == "LayerNormalization" and isinstance(config.get("axis", -1), int | list):
        return channels * (_flag(config, "scale") + _flag(config, "center")) if _last_axis(config, taken) else None
    if kind == "Dense":
        return _affine(_product(channels, config.get("units")), config.get("units"), config)
    if kind in ("Conv1D", "Conv2D", "Conv3D") and isinstance(config.get("kernel_size"), list):
        groups = config.get("groups") or 1
        weights = _product(*config["kernel_size"], config.get("filters"), channels // groups if groups else None)
        return _affine(weights, config.get("filters"), config)
    if kind in ("LSTM", "SimpleRNN") and isinstance(config.get("units"), int):
        units, gates = config["units"], 4 if kind == "LSTM" else 1
        return int(gates * (units * (units + channels) + units * _flag(config, "use_bias")))
    if kind == "GRU" and isinstance(config.get("units"), int):
        units, biases = config["units"], 2 if config.get("reset_after") else 1
        return int(3 * (units * (units + channels) + biases * units * _flag(config, "use_bias")))
    return None


def _last_axis(config: Config, taken: tuple[int, ...]) -> bool:
    axis = config.get("axis", -1)
    return axis in (-1, len(taken) - 1, [-1], [len(taken) - 1])


def _channels_first(config: Config) -> bool:
    return config.get("data_format") == "channels_first"


def _flag(config: Config, name: str) -> int:
    return int(bool(config.get(name, True)))


def _affine(weights: int | None, units: Any, config: Config) -> int | None:
    return None if weights is None or not isinstance(units, int) else weights + units * _flag(config, "use_bias")


def _product(*factors: Any) -> int | None:
    return math.prod(factors) if all(isinstance(one, int) for one in factors) else None


def _with_last(shape: tuple[int, ...], last: Any) -> Shape:
    return (*shape[:-1], last) if isinstance(last, int) else None
