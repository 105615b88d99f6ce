"""The demo's training as a whole: what it writes, that it is the same every time, and how it ends."""

import io
import threading
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tensorboard.backend.event_processing.plugin_event_multiplexer import EventMultiplexer
from tensorboard.util import tensor_util

from tbtui.demo.training import CONFIGURATIONS, train

STEPS = 120


def ticking() -> Callable[[], float]:
    """A clock that goes on by the same amount every time it is asked."""
    moments = iter(range(10**9))
    return lambda: 1_700_000_000.0 + next(moments) / 64


def values(multiplexer: EventMultiplexer, run: str, tag: str) -> list[float]:
    return [tensor_util.make_ndarray(event.tensor_proto).item() for event in multiplexer.Tensors(run, tag)]


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    directory = tmp_path_factory.mktemp("demo")
    assert train(directory, STEPS, pace=None, clock=ticking())
    return directory


@pytest.fixture(scope="module")
def tensorboard(logs: Path) -> EventMultiplexer:
    plugins = ("scalars", "histograms", "images", "text", "pr_curves", "hparams")
    multiplexer = EventMultiplexer(tensor_size_guidance=dict.fromkeys(plugins, 0))
    multiplexer.AddRunsFromDirectory(str(logs))
    multiplexer.Reload()
    return multiplexer


def test_tensorboard_finds_every_run_kind_and_point(tensorboard: EventMultiplexer) -> None:
    names = [f"{configuration.name}/{part}" for configuration in CONFIGURATIONS for part in ("train", "validation")]
    assert sorted(tensorboard.Runs()) == sorted(names)
    validations = [*range(0, STEPS, 10), STEPS - 1]
    for run in names:
        kinds: dict[str, int] = {}
        for tag in tensorboard.Runs()[run]["tensors"]:
            plugin = tensorboard.SummaryMetadata(run, tag).plugin_data.plugin_name
            kinds[plugin] = kinds.get(plugin, 0) + 1
        if run.endswith("train"):
            assert kinds == {"scalars": 10, "histograms": 12, "images": 2, "text": 1, "hparams": 3, "graphs": 1}
            assert [event.step for event in tensorboard.Tensors(run, "loss")] == list(range(STEPS))
            assert [event.step for event in tensorboard.Tensors(run, "weights/conv1/kernel")] == validations
        else:
            assert kinds == {"scalars": 2, "histograms": 1, "images": 1, "text": 1, "pr_curves": 2}
            assert [event.step for event in tensorboard.Tensors(run, "accuracy")] == validations
            assert [event.step for event in tensorboard.Tensors(run, "predictions")] == [0, 50, 100, 119]


def test_the_networks_learn(tensorboard: EventMultiplexer) -> None:
    for run in ("small-sgd/validation", "wide-adam/validation"):
        accuracy = [
            tensor_util.make_ndarray(event.tensor_proto).item() for event in tensorboard.Tensors(run, "accuracy")
        ]
        assert accuracy[0] < 0.3
        assert accuracy[-1] > 0.5


def test_pictures_have_the_size_they_claim(tensorboard: EventMultiplexer) -> None:
    for run, tag, count in (
        ("wide-adam/train", "samples", 4),
        ("wide-adam/train", "filters/conv1", 1),
        ("wide-adam/validation", "predictions", 1),
    ):
        width, height, *encoded = tensor_util.make_ndarray(tensorboard.Tensors(run, tag)[-1].tensor_proto).tolist()
        assert len(encoded) == count
        with Image.open(io.BytesIO(encoded[0])) as image:
            assert image.size == (int(width), int(height))


def test_histograms_count_all_weights(tensorboard: EventMultiplexer) -> None:
    run = "small-sgd/train"
    weights = tensor_util.make_ndarray(tensorboard.Tensors(run, "weights/dense1/kernel")[-1].tensor_proto)
    assert weights.dtype == np.float64
    assert weights[:, 2].sum() == 144 * 24


def test_the_same_seed_and_clock_write_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "two"):
        train(tmp_path / name, 12, pace=None, clock=ticking())
    one, two = (sorted((tmp_path / name).rglob("*tfevents*")) for name in ("one", "two"))
    assert [file.parent.relative_to(tmp_path / "one") for file in one] == [
        file.parent.relative_to(tmp_path / "two") for file in two
    ]
    assert [file.read_bytes() for file in one] == [file.read_bytes() for file in two]


def test_stopping_ends_it_early(tmp_path: Path) -> None:
    stop = threading.Event()
    steps: list[int] = []

    def progress(done: int) -> None:
        steps.append(done)
        if done == 3:
            stop.set()

    assert not train(tmp_path, 1000, pace=None, stop=stop, progress=progress)
    assert steps == [1, 2, 3]


def test_the_wild_run_falls_apart(tmp_path: Path) -> None:
    wild = next(configuration for configuration in CONFIGURATIONS if configuration.name == "wild-sgd")
    train(tmp_path, 900, pace=None, configurations=[wild])
    multiplexer = EventMultiplexer().AddRunsFromDirectory(str(tmp_path))
    multiplexer.Reload()
    accuracy = values(multiplexer, "wild-sgd/validation", "accuracy")
    assert max(accuracy) > 0.8
    assert accuracy[-1] < 0.5
