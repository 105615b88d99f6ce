"""The demo's training runs: several configurations of one network, side by side, each writing its own logs."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tbtui.demo import graph, measure, pictures, writer
from tbtui.demo.digits import Digits, glyphs, make_digits
from tbtui.demo.network import (
    KERNEL,
    Adam,
    Momentum,
    Optimizer,
    Parameters,
    accuracy,
    cross_entropy,
    forward,
    gradients,
    initial_parameters,
)
from tbtui.demo.options import DEFAULT_STEPS, STEPS_A_SECOND

DATA_SEED = 20
TRAINING_PICTURES = 2000
VALIDATION_PICTURES = 500
SHOWN_PICTURES = 32

EVERY_VALIDATION = 10
EVERY_HISTOGRAM = 10
EVERY_PICTURE = 50
EVERY_TEXT = 100
"""Steps between two reports of a kind; the first and the last step are always reported."""


@dataclass(frozen=True)
class Configuration:
    """One way to train. `schedule` is "constant" or "cosine"; both begin with `warmup` steps of growing rate."""

    name: str
    optimizer: str
    learning_rate: float
    schedule: str
    warmup: int
    batch_size: int
    filters: int
    hidden: int
    nesterov: bool = False
    seed: int = 1

    def rate(self, step: int, steps: int) -> float:
        """The learning rate of a step out of `steps`."""
        rate = self.learning_rate * min(1.0, (step + 1) / self.warmup)
        return rate * (0.5 + 0.5 * math.cos(math.pi * step / steps)) if self.schedule == "cosine" else rate

    def make_optimizer(self) -> Optimizer:
        """A fresh optimizer."""
        return Adam() if self.optimizer == "adam" else Momentum(nesterov=self.nesterov)


CONFIGURATIONS = (
    Configuration("small-sgd", "momentum", 0.01, "constant", 20, batch_size=64, filters=4, hidden=24),
    Configuration("wide-adam", "adam", 0.001, "cosine", 20, batch_size=128, filters=16, hidden=96),
    Configuration("wild-sgd", "momentum", 0.3, "constant", 300, batch_size=64, filters=8, hidden=48, nesterov=True),
)
"""What the demo trains. The learning rate of `wild-sgd` grows until the network falls apart, for the eye to see."""


class Trial:
    """Training with one configuration: the weights, and the writers of `<name>/train` and `<name>/validation`."""

    def __init__(
        self,
        configuration: Configuration,
        directory: Path,
        data: tuple[Digits, Digits],
        steps: int,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.configuration = configuration
        self.steps = steps
        self._clock = clock
        self._training, self._validation = data
        self._random = np.random.default_rng(configuration.seed)
        self.parameters = initial_parameters(configuration.filters, configuration.hidden, self._random)
        self._optimizer = configuration.make_optimizer()
        self._best = 0.0
        self._train = writer.EventWriter(directory / configuration.name / "train", clock)
        self._valid = writer.EventWriter(directory / configuration.name / "validation", clock)
        self._introduce()

    def step(self, number: int) -> None:
        """Train on one batch, and report what is due."""
        settings = self.configuration
        chosen = self._random.integers(0, len(self._training), settings.batch_size)
        images, labels = self._training.images[chosen], self._training.labels[chosen]
        state = forward(self.parameters, images)
        slopes = gradients(self.parameters, state, labels)
        rate = settings.rate(number, self.steps)
        self._train.scalar("loss", cross_entropy(state.probabilities, labels), number, "Mean cross entropy of a batch")
        self._train.scalar("accuracy", accuracy(state.probabilities, labels), number)
        self._train.scalar("learning_rate", rate, number)
        for name in ("conv1", "dense1", "logits"):
            self._train.scalar(f"gradient_norm/{name}", _norm(slopes[f"{name}/kernel"]), number)
            self._train.scalar(f"weight_norm/{name}", _norm(self.parameters[f"{name}/kernel"]), number)
        if self._due(number, EVERY_HISTOGRAM):
            self._report_weights(number, slopes)
        if self._due(number, EVERY_VALIDATION):
            self._validate(number)
        self._optimizer.update(self.parameters, slopes, rate)
        self._train.flush()
        self._valid.flush()

    def finish(self) -> None:
        """Say that the training ended well, and close the files."""
        self._train.hparams("session_end_info", writer.hparams_end(self._clock()))
        self.close()

    def close(self) -> None:
        """Close the files."""
        self._train.close()
        self._valid.close()

    def _due(self, number: int, every: int) -> bool:
        return number % every == 0 or number == self.steps - 1

    def _introduce(self) -> None:
        """Write what is known before the first step: hyperparameters, the graph, a description, some pictures."""
        settings, now = self.configuration, self._clock()
        values = {name: value for name, value in asdict(settings).items() if name not in ("name", "seed")}
        values["steps"] = self.steps
        shown = {"loss": "loss", "accuracy": "accuracy", "best_validation_accuracy": "best validation accuracy"}
        about = "Reading 16x16 digits with a small convolutional network"
        self._train.hparams("experiment", writer.hparams_experiment(values, shown, about, now))
        self._train.hparams("session_start_info", writer.hparams_start(values, settings.name, now))
        nodes = graph.network_nodes(settings.filters, settings.hidden, settings.optimizer)
        self._train.graph(graph.graph_def(nodes))
        self._train.text("model", describe(settings, self.parameters), 0, "The network and how it is trained")
        samples = (self._training.images[:4] * 255).astype(np.uint8)
        large = [pictures.encode_png(pictures.enlarge(sample, 4)) for sample in samples]
        side = samples.shape[1] * 4
        self._train.images("samples", (side, side), large, 0, "Four pictures of the training set")
        self._train.flush()

    def _report_weights(self, number: int, slopes: Parameters) -> None:
        for name in self.parameters:
            self._train.histogram(f"weights/{name}", measure.histogram(self.parameters[name]), number)
            self._train.histogram(f"gradients/{name}", measure.histogram(slopes[name]), number)
        if self._due(number, EVERY_PICTURE):
            kernels = self.parameters["conv1/kernel"].T.reshape(-1, KERNEL, KERNEL)
            sheet = pictures.montage(pictures.enlarge_tiles(pictures.heat(kernels), 6), 4, gap=2, background=96)
            self._picture(self._train, "filters/conv1", sheet, number, "Weights of the first layer, one tile a filter")

    def _validate(self, number: int) -> None:
        images, labels = self._validation.images, self._validation.labels
        state = forward(self.parameters, images)
        right = accuracy(state.probabilities, labels)
        self._best = max(self._best, right)
        self._valid.scalar("loss", cross_entropy(state.probabilities, labels), number, "Mean cross entropy")
        self._valid.scalar("accuracy", right, number)
        self._train.scalar("best_validation_accuracy", self._best, number)
        predicted = state.probabilities.argmax(axis=1)
        if self._due(number, EVERY_HISTOGRAM):
            self._valid.histogram("activations/dense1", measure.histogram(state.hidden), number)
        if self._due(number, EVERY_PICTURE):
            self._show(number, predicted)
            truth = labels[:, None] == np.arange(state.probabilities.shape[1])
            self._valid.pr_curve("pr/all", measure.pr_curve(state.probabilities, truth), number)
            self._valid.pr_curve("pr/digit_8", measure.pr_curve(state.probabilities[:, 8], truth[:, 8]), number)
        if self._due(number, EVERY_TEXT):
            self._valid.text("report", measure.report(predicted, labels), number)

    def _show(self, number: int, predicted: np.ndarray[tuple[int, ...], np.dtype[np.integer]]) -> None:
        shown = slice(0, SHOWN_PICTURES)
        tiles = (self._validation.images[shown] * 255).astype(np.uint8)
        right = predicted[shown] == self._validation.labels[shown]
        signs = (glyphs()[predicted[shown]] * 255).astype(np.uint8)
        sheet = pictures.montage(pictures.answers(tiles, signs, right), 8, gap=2)
        self._picture(self._valid, "predictions", pictures.enlarge(sheet, 2), number, "Green: read right; red: wrong")

    @staticmethod
    def _picture(to: writer.EventWriter, tag: str, pixels: pictures.Pixels, number: int, description: str) -> None:
        size = (pixels.shape[1], pixels.shape[0])
        to.images(tag, size, [pictures.encode_png(pixels)], number, description)


def describe(settings: Configuration, parameters: Parameters) -> str:
    """The network and its training as Markdown."""
    lines = [f"# {settings.name}", "", "| layer | kernel | parameters |", "|:------|-------:|-----------:|"]
    for layer in ("conv1", "dense1", "logits"):
        kernel, bias = parameters[f"{layer}/kernel"], parameters[f"{layer}/bias"]
        lines.append(f"| {layer} | {' x '.join(map(str, kernel.shape))} | {kernel.size + bias.size:,} |")
    total = sum(weights.size for weights in parameters.values())
    lines += [
        "",
        f"**{total:,} parameters**, trained with `{settings.optimizer}` at a learning rate of "
        f"`{settings.learning_rate:g}` ({settings.schedule}, {settings.warmup} steps of warm-up), "
        f"{settings.batch_size} pictures a batch.",
    ]
    return "\n".join(lines)


def train(
    directory: Path,
    steps: int = DEFAULT_STEPS,
    pace: float | None = STEPS_A_SECOND,
    stop: threading.Event | None = None,
    clock: Callable[[], float] = time.time,
    configurations: Sequence[Configuration] = CONFIGURATIONS,
    progress: Callable[[int], None] = lambda done: None,
) -> bool:
    """Train all configurations step by step, each step of all of them before the next.

    Args:
        directory: Where the runs are written, as `<configuration>/train` and `<configuration>/validation`.
        steps: How many steps.
        pace: Steps a second; None as fast as it goes.
        stop: Ends the training early when it is set.
        clock: Gives the wall times that are written. What else is written depends on the seeds alone.
        configurations: What to train.
        progress: Told how many steps are done, after each.

    Returns:
        True when all steps were trained, False when it was stopped.
    """
    stop = stop or threading.Event()
    random = np.random.default_rng(DATA_SEED)
    data = make_digits(TRAINING_PICTURES, random), make_digits(VALIDATION_PICTURES, random)
    trials = [Trial(configuration, directory, data, steps, clock) for configuration in configurations]
    started = time.monotonic()
    for number in range(steps):
        wait = 0.0 if pace is None else started + number / pace - time.monotonic()
        if stop.wait(wait) if wait > 0 else stop.is_set():
            break
        for trial in trials:
            trial.step(number)
        progress(number + 1)
    else:
        for trial in trials:
            trial.finish()
        return True
    for trial in trials:
        trial.close()
    return False


def _norm(values: np.ndarray[tuple[int, ...], np.dtype[np.floating]]) -> float:
    return float(np.linalg.norm(values))
