"""What the configuration of a Keras layer tells of shapes and parameters.

Only layers whose arithmetic is plain are known here; of others nothing is claimed. Sizes are those of channels_last
unless the layer says otherwise. Source: the documentation of the Keras layers.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
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
        "Cropping3D",
        "Dot",
        "Flatten",
        "Lambda",
        "Permute",
        "RepeatVector",
        "Reshape",
        "Resizing",
        "UpSampling1D",
        "UpSampling2D",
        "UpSampling3D",
        "ZeroPadding1D",
        "ZeroPadding2D",
        "ZeroPadding3D",
    ]
)

_GATES = {"LSTM": 4, "GRU": 3, "SimpleRNN": 1}
_CONVOLUTIONS = ("Conv1D", "Conv2D", "Conv3D")
_BY_CHANNEL = ("DepthwiseConv1D", "DepthwiseConv2D", "SeparableConv1D", "SeparableConv2D")
_TRANSPOSED = ("Conv1DTranspose", "Conv2DTranspose", "Conv3DTranspose")


def sizes(value: Any) -> Shape:
    """A shape as JSON has it ([null, 8]); None where it is something else, a list of shapes among them."""
    if not isinstance(value, list) or not all(one is None or isinstance(one, int) for one in value):
        return None
    return tuple(-1 if one is None else int(one) for one in value)


def output_shape(kind: str, config: Config, taken: Shape, others: Sequence[Shape] = ()) -> Shape:
    """The shape a layer gives for the shape it takes, None where that is not known here.

    others: the shapes of its further inputs, of layers that take several.
    """
    if taken is None or not taken:
        return None
    if kind in _SAME or kind == "MultiHeadAttention":
        return taken
    if kind == "Dense":
        return _with_last(taken, config.get("units"))
    if kind == "Embedding":
        return _with_last((*taken, 0), config.get("output_dim"))
    if kind == "Flatten":
        return (taken[0], _size(taken[1:]))
    if kind == "Concatenate":
        return _joined([taken, *others], config.get("axis", -1))
    if kind == "Reshape":
        return _reshaped(taken, config.get("target_shape"))
    if kind == "Permute" and _are_numbers(config.get("dims"), len(taken) - 1):
        return (taken[0], *(taken[one] if 0 < one < len(taken) else -1 for one in config["dims"]))
    if kind == "RepeatVector" and isinstance(config.get("n"), int) and len(taken) == 2:
        return (taken[0], config["n"], taken[1])
    if kind.startswith(("GlobalAveragePooling", "GlobalMaxPooling")) and len(taken) > 2:
        return (taken[0], taken[1] if _channels_first(config) else taken[-1])
    if kind in _GATES and isinstance(config.get("units"), int):
        return (*taken[:2], config["units"]) if config.get("return_sequences") else (taken[0], config["units"])
    inner = _wrapped(config)
    if kind == "Bidirectional" and inner is not None:
        one = output_shape(*inner, taken)
        return one if one is None or config.get("merge_mode") != "concat" else _with_last(one, 2 * one[-1])
    if kind == "TimeDistributed" and inner is not None and len(taken) > 2:
        one = output_shape(*inner, (taken[0], *taken[2:]))
        return None if one is None else (taken[0], taken[1], *one[1:])
    return _over_space(kind, config, taken)


def _over_space(kind: str, config: Config, taken: tuple[int, ...]) -> Shape:
    """The shape that convolutions, pooling, padding and the like give: channels stay, or are their own."""
    count = len(taken) - 2
    first = 2 if _channels_first(config) else 1
    space, channels = taken[first : first + count], taken[1] if first == 2 else taken[-1]
    sizes: list[int] | None = None
    if kind in (*_CONVOLUTIONS, *_BY_CHANNEL, *_TRANSPOSED) or kind.startswith(("MaxPooling", "AveragePooling")):
        window = config.get("pool_size", config.get("kernel_size"))
        dilation = config.get("dilation_rate") or [1] * count
        strides = config.get("strides") or (window if "pool_size" in config else [1] * count)
        if not all(_are_numbers(one, count) for one in (window, strides, dilation)) or not all(strides):
            return None
        move = _unpooled if kind in _TRANSPOSED else _pooled
        sizes = [move(*one, str(config.get("padding"))) for one in zip(space, window, strides, dilation, strict=True)]
        if kind in _BY_CHANNEL and isinstance(config.get("depth_multiplier", 1), int) and channels > 0:
            channels *= config.get("depth_multiplier", 1)
        channels = config["filters"] if isinstance(config.get("filters"), int) else channels
    elif kind.startswith("UpSampling"):
        times = config.get("size") if count > 1 else [config.get("size")]
        if _are_numbers(times, count):
            sizes = [-1 if size < 0 else size * by for size, by in zip(space, times or (), strict=True)]
    elif kind.startswith(("ZeroPadding", "Cropping")):
        edges = config.get("padding" if kind.startswith("Zero") else "cropping")
        pairs = edges if count > 1 else [edges]
        if isinstance(pairs, list) and len(pairs) == count and all(_are_numbers(pair, 2) for pair in pairs):
            by = 1 if kind.startswith("Zero") else -1
            sizes = [-1 if size < 0 else size + by * sum(pair) for size, pair in zip(space, pairs, strict=True)]
    if sizes is None:
        return None
    return (taken[0], channels, *sizes) if first == 2 else (taken[0], *sizes, channels)


def _pooled(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """How many places a window has that moves over so many."""
    if size < 0:
        return -1
    wide = 1 if padding in ("same", "causal") else dilation * (window - 1) + 1
    return max(0, -(-(size - wide + 1) // stride))


def _unpooled(size: int, window: int, stride: int, dilation: int, padding: str) -> int:
    """The same the other way round."""
    if size < 0:
        return -1
    return size * stride if padding == "same" else size * stride + max(dilation * (window - 1) + 1 - stride, 0)


def _joined(shapes: Sequence[Shape], axis: Any) -> Shape:
    """Several tensors as one, behind each other along an axis."""
    known = [shape for shape in shapes if shape is not None]
    if len(known) < len(shapes) or len({len(shape) for shape in known}) != 1 or not isinstance(axis, int):
        return None
    if not -len(known[0]) <= axis < len(known[0]):
        return None
    sizes = [shape[axis] for shape in known]
    shape = list(known[0])
    shape[axis] = -1 if min(sizes) < 0 else sum(sizes)
    return tuple(shape)


def _reshaped(taken: tuple[int, ...], target: Any) -> Shape:
    if not isinstance(target, list) or not all(isinstance(one, int) for one in target) or target.count(-1) > 1:
        return None
    given, all_of_it = math.prod(one for one in target if one != -1), _size(taken[1:])
    free = all_of_it // given if given and all_of_it >= 0 else -1
    return (taken[0], *(free if one == -1 else one for one in target))


def parameters(kind: str, config: Config, taken: Shape) -> int | None:
    """How many numbers the weights of a layer have, those that are not trained among them; None where unknown."""
    if kind in _NO_PARAMETERS or kind.startswith(("MaxPooling", "AveragePooling", "Global", "Random")):
        return 0
    if kind == "Embedding":
        return _product(config.get("input_dim"), config.get("output_dim"))
    if taken is None or not taken:
        return None
    inner = _wrapped(config)
    if kind == "Bidirectional" and inner is not None:
        one = parameters(*inner, taken)
        return None if one is None else 2 * one
    if kind == "TimeDistributed" and inner is not None:
        return parameters(*inner, (taken[0], *taken[2:]))
    channels = taken[1] if _channels_first(config) and len(taken) > 2 else taken[-1]
    if channels < 0:
        return None
    if kind == "BatchNormalization":
        return channels * (2 + _flag(config, "scale") + _flag(config, "center"))
    if kind in ("LayerNormalization", "GroupNormalization") and isinstance(config.get("axis", -1), int | list):
        return channels * (_flag(config, "scale") + _flag(config, "center")) if _last_axis(config, taken) else None
    if kind == "PReLU" and min(taken[1:], default=-1) >= 0:
        return math.prod(1 if axis in (config.get("shared_axes") or ()) else size
                         for axis, size in enumerate(taken) if axis)  # fmt: skip
    if kind == "MultiHeadAttention":
        return _attention(config, channels)
    if kind == "Dense":
        return _affine(_product(channels, config.get("units")), config.get("units"), config)
    if kind in (*_CONVOLUTIONS, *_BY_CHANNEL, *_TRANSPOSED) and isinstance(config.get("kernel_size"), list):
        return _convolution(kind, config, channels)
    if kind in _GATES and isinstance(config.get("units"), int):
        biases = 2 if kind == "GRU" and config.get("reset_after") else 1
        units = config["units"]
        return int(_GATES[kind] * units * (units + channels + biases * _flag(config, "use_bias")))
    return None


def _convolution(kind: str, config: Config, channels: int) -> int | None:
    """Kernel and bias; what is separable has two kernels."""
    groups, window = config.get("groups") or 1, config["kernel_size"]
    if kind in _BY_CHANNEL:
        each = _product(channels, config.get("depth_multiplier", 1))
        depth = None if each is None else _product(*window, each)
        if not kind.startswith("Separable") or depth is None:
            return _affine(depth, each, config)
        point = _product(each, config.get("filters"))
        return None if point is None else _affine(depth + point, config.get("filters"), config)
    inner = channels // groups if isinstance(groups, int) else None
    return _affine(_product(*window, config.get("filters"), inner), config.get("filters"), config)


def _attention(config: Config, width: int) -> int | None:
    """Query, key, value and what joins the heads, where all of them are as wide as the query and so is the result."""
    heads, size = config.get("num_heads"), config.get("key_dim")
    deep = config.get("value_dim") or size
    if config.get("output_shape"):
        return None
    if not (isinstance(heads, int) and isinstance(size, int) and isinstance(deep, int)):
        return None
    inner = heads * (2 * size + deep)
    return width * inner + heads * deep * width + (inner + width) * _flag(config, "use_bias")


def _wrapped(config: Config) -> tuple[str, Config] | None:
    """Class and configuration of the layer that a layer wraps."""
    inner = config.get("layer")
    if not isinstance(inner, dict) or not isinstance(inner.get("config"), dict):
        return None
    return str(inner.get("class_name")), inner["config"]


def _are_numbers(value: Any, count: int) -> bool:
    return isinstance(value, list) and len(value) == count and all(isinstance(one, int) for one in value)


def _size(shape: tuple[int, ...]) -> int:
    return -1 if any(size < 0 for size in shape) else math.prod(shape)


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
