"""Record a small training with Keras' TensorBoard callback, and what tf.summary has beyond it.

pip install tensorflow-cpu
python -m tests.recorded.make_keras
"""

from __future__ import annotations

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import keras
import numpy as np
import tensorflow as tf
from tensorboard.plugins.hparams import api as hp

from tests.recorded.expected import Expected, two_moons

EPOCHS = 4


def train(expected: Expected) -> None:
    """model.fit with the callback: train/ and validation/ runs."""
    keras.utils.set_random_seed(7)
    model = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(8, "tanh", name="hidden"), keras.layers.Dense(2, name="out")]
    )
    model.compile("adam", keras.losses.SparseCategoricalCrossentropy(from_logits=True), metrics=["accuracy"])
    folder = str(expected.folder / "fit")
    board = keras.callbacks.TensorBoard(folder, histogram_freq=2, write_graph=True, profile_batch=0)
    settings = hp.KerasCallback(folder, {"width": 8, "activation": "tanh"}, trial_id="first")
    points, labels = two_moons(np, 400, 0)
    history = model.fit(
        points,
        labels,
        epochs=EPOCHS,
        validation_data=two_moons(np, 200, 1),
        callbacks=[board, settings],
        verbose=0,
    ).history
    for epoch in range(EPOCHS):
        for name, values in history.items():
            run = "fit/validation" if name.startswith("val_") else "fit/train"
            expected.add(run, f"epoch_{name.removeprefix('val_')}", "scalars", epoch, values[epoch])
        expected.add("fit/train", "epoch_learning_rate", "scalars", epoch, float(model.optimizer.learning_rate))
        steps = 13 * (epoch + 1)  # 400 points in batches of 32
        for name in ("loss", "accuracy"):
            expected.add(
                "fit/validation", f"evaluation_{name}_vs_iterations", "scalars", steps, history[f"val_{name}"][epoch]
            )
        if epoch % 2 == 0:
            for layer in ("hidden", "out"):
                for part in ("kernel", "bias"):
                    expected.add("fit/train", f"sequential/{layer}/{part}/histogram", "histograms", epoch)
    expected.add("fit/train", "keras", "graph_keras_model", 0)
    for name in ("session_start_info", "session_end_info"):
        expected.add("fit", f"_hparams_/{name}", "hparams", 0)


def write_by_hand(expected: Expected) -> None:
    """tf.summary: one of each, with types and ranks that the callback never writes."""
    rng = np.random.default_rng(3)
    writer = tf.summary.create_file_writer(str(expected.folder / "summary"))

    @tf.function
    def traced(x: tf.Tensor) -> tf.Tensor:
        with tf.name_scope("layer"):
            return tf.reduce_sum(tf.nn.relu(tf.matmul(x, x)))

    with writer.as_default():
        for step in (0, 5, 10):
            tf.summary.scalar("single", 0.1 * step, step=step, description="in *Markdown*")
            expected.add("summary", "single", "scalars", step, 0.1 * step)
            with tf.name_scope("scope"):
                tf.summary.scalar("integer", step, step=step)
            expected.add("summary", "scope/integer", "scalars", step, step)
            tf.summary.histogram("normal", rng.normal(step, 1, 500), step=step)
            expected.add("summary", "normal", "histograms", step)
        tf.summary.histogram("nothing", np.zeros(0), step=0)
        expected.add("summary", "nothing", "histograms", 0)
        tf.summary.image("pictures", rng.random((5, 6, 10, 3)), step=1, max_outputs=3)
        expected.add("summary", "pictures", "images", 1)
        tf.summary.audio("tones", rng.uniform(-1, 1, (2, 400, 1)).astype("f4"), 8000, step=1)
        expected.add("summary", "tones", "audio", 1)
        tf.summary.text("one", "a *text*", step=1)
        tf.summary.text("table", [["k", "v"], ["lr", "0.1"]], step=1)
        expected.add("summary", "one", "text", 1)
        expected.add("summary", "table", "text", 1)
        tf.summary.trace_on(graph=True, profiler=False)
        traced(tf.ones((2, 2)))
        tf.summary.trace_export("traced", step=2)
        expected.add("summary", "traced", "graph_run_metadata_graph", 2)
        tf.summary.write("bare", tf.constant([1.5, 2.5]), step=3)
        expected.add("summary", "bare", "", 3)
    writer.close()


def main() -> None:
    expected = Expected("keras")
    train(expected)
    write_by_hand(expected)
    expected.save(tensorflow=tf.__version__, keras=keras.__version__)


if __name__ == "__main__":
    main()
