"""Layers: which tag is what, in which order, and what is said to be wrong with it."""

from __future__ import annotations

import numpy as np
import pytest

from tbtui.analysis.digests import COUNT, EVEN, LARGEST, MEAN, NINE, STD, WIDTH, ZEROS
from tbtui.analysis.layers import (
    STATISTICS,
    Floats,
    Layer,
    change,
    drift,
    flags,
    in_order,
    pair_gradients,
    ratio,
    role_of,
)


def rows(std: object, count: int = 10, mean: float = 0.0, zeros: float = 0.0) -> Floats:
    """Digests of normal-like values: one deviation for all steps, or one for each."""
    deviations = np.broadcast_to(np.asarray(std, np.float64), (count,)) if np.ndim(std) == 0 else np.asarray(std, float)
    table = np.empty((len(deviations), WIDTH))
    table[:, NINE] = mean + deviations[:, None] * np.linspace(-3, 3, 9)
    table[:, EVEN] = mean + deviations[:, None] * np.linspace(-1.6, 1.6, 10)
    table[:, MEAN], table[:, STD], table[:, LARGEST] = mean, deviations, 3 * deviations + abs(mean)
    table[:, ZEROS], table[:, COUNT] = zeros, 100
    return table


def layer(table: Floats, gradients: Floats | None = None, tag: str = "w") -> Layer:
    steps = np.arange(len(table), dtype=np.int64) * 10
    gradients = np.empty((0, WIDTH)) if gradients is None else gradients
    return Layer(tag, steps, steps.astype(np.float64), table, np.arange(len(gradients), dtype=np.int64) * 10, gradients)


def training(count: int = 10) -> Floats:
    """Weights as they should be: they move a little at every step."""
    return rows(1 + 0.01 * np.arange(count))


@pytest.mark.parametrize(
    ("weights", "gradients"),
    [
        ("w", "w_grad"),
        ("w", "w/grad"),
        ("w", "grad_w"),
        ("conv1.weight", "conv1.weight.grad"),
        ("conv1.weight", "gradients/conv1.weight"),
        ("layer1/conv1/kernel", "gradients/layer1/conv1/kernel"),
        ("weights/conv1/kernel", "gradients/conv1/kernel"),
        ("Weights/conv1", "Gradients/conv1"),
        ("parameters/0.weight", "gradients/0.weight"),
        ("weights/fc", "grads/fc"),
        ("conv1/weight", "conv1/weight/gradient"),
        ("dense/kernel_0", "dense/kernel_0_grad"),
        ("dense_1/kernel:0", "dense_1/kernel:0_grad"),
        ("dense/kernel/histogram", "dense/kernel_grad/histogram"),
        ("train/weights/fc", "train/gradients/fc"),
        ("model.layers.0.w", "grad/model.layers.0.w"),
    ],
)
def test_weights_and_their_gradients_find_each_other(weights: str, gradients: str) -> None:
    assert role_of(weights)[0] == "weights"
    assert role_of(gradients)[0] == "gradients"
    assert pair_gradients([gradients, weights, "other"]) == {weights: gradients}


@pytest.mark.parametrize("tag", ["gradual/w", "weights/graduate", "upgrade", "grad", "gradients"])
def test_words_that_only_look_like_gradients(tag: str) -> None:
    assert role_of(tag)[0] == "weights"


@pytest.mark.parametrize("tag", ["activations/dense1", "dense/output", "block1/act", "relu.activation", "out/0"])
def test_activations(tag: str) -> None:
    assert role_of(tag)[0] == "activations"


@pytest.mark.parametrize("tag", ["sequential/out/kernel/histogram", "output/bias", "out.weight", "hidden.0.gamma"])
def test_weights_of_layers_that_are_called_like_what_comes_out(tag: str) -> None:
    assert role_of(tag)[0] == "weights"


def test_a_layer_that_trains_has_no_flag() -> None:
    assert flags(layer(training(), rows(0.01)), "weights") == []
    assert flags(layer(training()), "weights") == []
    assert flags(layer(rows(1.0, zeros=0.5)), "activations") == []
    assert flags(layer(np.empty((0, WIDTH))), "weights") == []


def word(one: Layer, role: str = "weights") -> list[str]:
    return [flag.word for flag in flags(one, role)]  # type: ignore[arg-type]


def test_dead() -> None:
    zeros = np.array([0.1] * 6 + [0.97] * 4)
    table = training()
    table[:, ZEROS] = zeros
    (flag,) = flags(layer(table), "activations")
    assert flag == ("dead", "97% of the values are 0, over 95% since step 60")
    assert word(layer(rows(0.0))) == ["dead"]
    assert word(layer(rows(0.0, count=2))) == []  # biases begin so


def test_exploding() -> None:
    (flag,) = flags(layer(rows([1, 1.1, 1.2, 1.3, 1.4, 1.5, 400])), "weights")
    assert flag.word == "exploding"
    assert "1200" in flag.why
    assert "times their median" in flag.why
    assert word(layer(rows([1e4, 2e4]))) == ["exploding"]
    assert word(layer(training(), rows([0.1] * 9 + [1e5]))) == ["exploding"]
    assert word(layer(rows([1e-5] * 8 + [1e-2]))) == []  # it grew, but it is small


def test_values_without_end() -> None:
    table = training()
    table[4:, LARGEST] = np.inf
    assert flags(layer(table), "weights")[0] == ("not finite", "values without end since step 40")


def test_frozen() -> None:
    table = np.concatenate((training(10), np.repeat(rows(2.0, count=1), 8, axis=0)))
    (flag,) = flags(layer(table), "weights")
    assert flag == ("frozen", "no value moved since step 100, 8 histograms ago")
    assert word(layer(table), "activations") == []
    assert word(layer(rows(1.0, count=4))) == []  # too few to say


def test_vanishing() -> None:
    assert word(layer(training(), rows(1e-9))) == ["vanishing"]
    assert word(layer(training(), rows(np.geomspace(1, 1e-5, 10)))) == ["vanishing"]
    assert word(layer(training() * 1e3, rows(1e-5))) == ["vanishing"]
    assert word(layer(rows(np.geomspace(1, 1e-9, 10))), "gradients") == ["vanishing"]


def test_no_gradient() -> None:
    (flag,) = flags(layer(training(), rows([0.1] * 5 + [0.0] * 5)), "weights")
    assert flag == ("no gradient", "all gradients are 0 since step 50")


def test_change_and_drift_are_in_deviations() -> None:
    table = np.concatenate((rows(2.0, count=1), rows(2.0, count=1, mean=1.0), rows(2.0, count=1, mean=3.0)))
    np.testing.assert_allclose(change(table), [np.nan, 0.5, 1.0])
    np.testing.assert_allclose(drift(table), [0.0, 0.5, 1.5])
    assert len(change(table[:0])) == len(drift(table[:0])) == 0


def test_what_begins_with_zeros_has_no_size_to_drift_by() -> None:
    table = np.concatenate((rows(0.0, count=2), rows(1.0, count=1)))
    found = drift(table)
    assert found[:2].tolist() == [0.0, 0.0]
    assert np.isnan(found[2])


def test_ratio_is_of_the_nearest_gradients() -> None:
    weights, gradients = rows([2.0, 2.0, 0.0]), rows([1.0, 4.0])
    one = layer(weights, gradients)
    np.testing.assert_allclose(ratio(one), [0.5, 2.0, np.nan])
    assert np.isnan(ratio(layer(weights))).all()


def test_every_statistic_has_a_number_for_every_step() -> None:
    for statistic in STATISTICS:
        assert len(statistic.of(layer(training(), rows(0.1)))) == 10
        assert len(statistic.of(layer(np.empty((0, WIDTH))))) == 0


def test_orders() -> None:
    layers = [
        layer(rows(1.0, zeros=0.5), tag="l10"),
        layer(rows([3.0, 9.0], zeros=np.nan), tag="l2"),
        layer(rows(2.0, zeros=0.1), tag="l1"),
    ]
    assert in_order(layers, "network", [0, 0, 0]) == [2, 1, 0]
    assert in_order(layers, "flags", [1, 0, 0]) == [0, 2, 1]
    assert in_order(layers, "std", [0, 0, 0]) == [1, 2, 0]
    assert in_order(layers, "drift", [0, 0, 0]) == [1, 2, 0]
    assert in_order(layers, "zeros", [0, 0, 0]) == [0, 2, 1]  # what is not known comes last
