"""A small convolutional network in NumPy, with its gradients written out by hand, and two optimizers.

picture 16x16 -> convolution 5x5, stride 2 -> ReLU -> dense -> ReLU -> dense -> softmax over ten digits.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import DTypeLike, NDArray

from tbtui.demo.digits import CLASSES, SIZE

KERNEL = 5
STRIDE = 2
SIDE = (SIZE - KERNEL) // STRIDE + 1
"""Height and width of the convolution's output."""

Parameters = dict[str, NDArray[np.floating]]
"""Weights (or gradients) by name: `conv1/kernel` float[25, filters], `conv1/bias` float[filters], ..."""


@dataclass(frozen=True)
class Pass:
    """What one pass forward leaves behind: everything the pass back needs.

    patches float[n*36, 25], features float[n, 36*filters], hidden float[n, hidden], probabilities float[n, 10].
    """

    patches: NDArray[np.floating]
    features: NDArray[np.floating]
    hidden: NDArray[np.floating]
    probabilities: NDArray[np.floating]


def initial_parameters(
    filters: int, hidden: int, random: np.random.Generator, dtype: DTypeLike = np.float32
) -> Parameters:
    """Weights drawn after He (standard deviation sqrt(2 / inputs)), biases zero."""
    shapes = {
        "conv1": (KERNEL * KERNEL, filters),
        "dense1": (SIDE * SIDE * filters, hidden),
        "logits": (hidden, CLASSES),
    }
    parameters: Parameters = {}
    for layer, (inputs, outputs) in shapes.items():
        parameters[f"{layer}/kernel"] = random.normal(0, np.sqrt(2 / inputs), (inputs, outputs)).astype(dtype)
        parameters[f"{layer}/bias"] = np.zeros(outputs, dtype)
    return parameters


def forward(parameters: Parameters, images: NDArray[np.floating]) -> Pass:
    """Run pictures float[n, 16, 16] through the network."""
    count = len(images)
    windows = sliding_window_view(images, (KERNEL, KERNEL), axis=(1, 2))[:, ::STRIDE, ::STRIDE]
    patches = windows.reshape(-1, KERNEL * KERNEL)
    convolved = patches @ parameters["conv1/kernel"] + parameters["conv1/bias"]
    features = np.maximum(convolved, 0).reshape(count, -1)
    hidden = np.maximum(features @ parameters["dense1/kernel"] + parameters["dense1/bias"], 0)
    logits = hidden @ parameters["logits/kernel"] + parameters["logits/bias"]
    logits = logits - logits.max(axis=1, keepdims=True)  # the same softmax, and no overflow
    exponentials = np.exp(logits)
    return Pass(patches, features, hidden, exponentials / exponentials.sum(axis=1, keepdims=True))


def cross_entropy(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """The mean of -log p(label) over float[n, 10]; no smaller p than 1e-30 is believed."""
    chosen = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return float(-np.log(np.maximum(chosen, 1e-30)).mean())


def accuracy(probabilities: NDArray[np.floating], labels: NDArray[np.int64]) -> float:
    """The share of pictures whose most probable class is the right one."""
    return float((probabilities.argmax(axis=1) == labels).mean())


def gradients(parameters: Parameters, state: Pass, labels: NDArray[np.int64]) -> Parameters:
    """The derivative of the mean cross entropy by every parameter."""
    count = len(labels)
    d_logits = state.probabilities.copy()
    d_logits[np.arange(count), labels] -= 1
    d_logits /= count
    d_hidden = (d_logits @ parameters["logits/kernel"].T) * (state.hidden > 0)
    d_features = (d_hidden @ parameters["dense1/kernel"].T) * (state.features > 0)
    d_convolved = d_features.reshape(len(state.patches), -1)
    return {
        "conv1/kernel": state.patches.T @ d_convolved,
        "conv1/bias": d_convolved.sum(axis=0),
        "dense1/kernel": state.features.T @ d_hidden,
        "dense1/bias": d_hidden.sum(axis=0),
        "logits/kernel": state.hidden.T @ d_logits,
        "logits/bias": d_logits.sum(axis=0),
    }


class Optimizer(Protocol):
    """Changes the parameters in place, given their gradients and the learning rate of this step."""

    def update(self, parameters: Parameters, slopes: Parameters, rate: float) -> None: ...


@dataclass
class Momentum:
    """Stochastic gradient descent with (Nesterov) momentum."""

    momentum: float = 0.9
    nesterov: bool = False
    velocity: Parameters = field(default_factory=dict)

    def update(self, parameters: Parameters, slopes: Parameters, rate: float) -> None:
        for name, slope in slopes.items():
            velocity = self.momentum * self.velocity.get(name, 0.0) - rate * slope
            self.velocity[name] = velocity
            parameters[name] += self.momentum * velocity - rate * slope if self.nesterov else velocity


@dataclass
class Adam:
    """Adam (Kingma and Ba, 2015)."""

    beta1: float = 0.9
    beta2: float = 0.999
    epsilon: float = 1e-8
    steps: int = 0
    first: Parameters = field(default_factory=dict)
    second: Parameters = field(default_factory=dict)

    def update(self, parameters: Parameters, slopes: Parameters, rate: float) -> None:
        self.steps += 1
        correct1, correct2 = 1 - self.beta1**self.steps, 1 - self.beta2**self.steps
        for name, slope in slopes.items():
            self.first[name] = self.beta1 * self.first.get(name, 0.0) + (1 - self.beta1) * slope
            self.second[name] = self.beta2 * self.second.get(name, 0.0) + (1 - self.beta2) * slope**2
            step = self.first[name] / correct1 / (np.sqrt(self.second[name] / correct2) + self.epsilon)
            parameters[name] -= rate * step
