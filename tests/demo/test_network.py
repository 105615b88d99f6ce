"""The demo's network learns, and its gradients are the derivatives they claim to be."""

import numpy as np
import pytest

from tbtui.demo import network
from tbtui.demo.digits import CLASSES, SIZE, glyphs, make_digits


def test_gradients_are_the_derivatives_of_the_loss() -> None:
    random = np.random.default_rng(3)
    parameters = network.initial_parameters(3, 7, random, np.float64)
    for name in parameters:  # away from the corners of ReLU
        parameters[name] += random.normal(0, 0.05, parameters[name].shape)
    digits = make_digits(12, random)
    images = digits.images.astype(np.float64)

    def loss() -> float:
        return network.cross_entropy(network.forward(parameters, images).probabilities, digits.labels)

    slopes = network.gradients(parameters, network.forward(parameters, images), digits.labels)
    assert slopes.keys() == parameters.keys()
    for name, weights in parameters.items():
        for place in random.integers(0, weights.size, 12):
            before, tiny = weights.flat[place], 1e-6
            weights.flat[place] = before + tiny
            above = loss()
            weights.flat[place] = before - tiny
            below = loss()
            weights.flat[place] = before
            assert slopes[name].flat[place] == pytest.approx((above - below) / (2 * tiny), rel=1e-4, abs=1e-7)


@pytest.mark.parametrize(
    ("optimizer", "rate"),
    [(network.Momentum(), 0.02), (network.Momentum(nesterov=True), 0.02), (network.Adam(), 0.002)],
)
def test_it_learns(optimizer: network.Optimizer, rate: float) -> None:
    random = np.random.default_rng(4)
    digits = make_digits(200, random)
    parameters = network.initial_parameters(6, 32, random)
    first = network.accuracy(network.forward(parameters, digits.images).probabilities, digits.labels)
    for _ in range(150):
        state = network.forward(parameters, digits.images)
        optimizer.update(parameters, network.gradients(parameters, state, digits.labels), rate)
    last = network.accuracy(network.forward(parameters, digits.images).probabilities, digits.labels)
    assert first < 0.4 < 0.9 < last


def test_loss_and_accuracy_of_known_probabilities() -> None:
    probabilities = np.array([[0.5, 0.5, 0.0], [0.25, 0.0, 0.75]])
    assert network.cross_entropy(probabilities, np.array([0, 2])) == pytest.approx(-np.log([0.5, 0.75]).mean())
    assert network.cross_entropy(probabilities, np.array([2, 2])) < 100  # no infinity where p is 0
    assert network.accuracy(probabilities, np.array([0, 1])) == 0.5


def test_digits_are_balanced_bounded_and_told_apart() -> None:
    digits = make_digits(400, np.random.default_rng(5))
    assert digits.images.shape == (400, SIZE, SIZE)
    assert digits.images.dtype == np.float32
    assert 0 <= digits.images.min() < 0.1
    assert 0.9 < digits.images.max() <= 1
    assert np.bincount(digits.labels).tolist() == [40] * CLASSES
    means = np.stack([digits.images[digits.labels == digit].mean(axis=0).ravel() for digit in range(CLASSES)])
    nearest = ((digits.images.reshape(400, 1, -1) - means) ** 2).sum(axis=2).argmin(axis=1)
    assert 0.5 < (nearest == digits.labels).mean() < 0.99  # no nonsense, and not too easy
    assert len({glyph.tobytes() for glyph in glyphs()}) == CLASSES


def test_the_same_seed_draws_the_same_digits() -> None:
    one, two = (make_digits(50, np.random.default_rng(6)) for _ in range(2))
    assert np.array_equal(one.images, two.images)
    assert np.array_equal(one.labels, two.labels)
