"""Record a small training in JAX with the writers of Flax and of clu.

pip install jax flax clu tensorflow-cpu
python -m tests.recorded.make_jax
"""

from __future__ import annotations

import os

os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")

import flax
import jax
import numpy as np
from clu import metric_writers
from flax.metrics import tensorboard
from jax import numpy as jnp

from tests.recorded.expected import Expected, two_moons

STEPS = 30


def loss(weights: dict[str, jax.Array], points: jax.Array, labels: jax.Array) -> jax.Array:
    """Logistic regression on a few fixed features."""
    features = jnp.concatenate([points, points**2, points[:, :1] * points[:, 1:], points**3], 1)
    scores = features @ weights["kernel"] + weights["bias"]
    return jnp.mean(jnp.logaddexp(0.0, scores) - labels * scores)


def main() -> None:
    expected = Expected("jax")
    points, labels = two_moons(np, 200, 0)
    weights = {"kernel": jnp.zeros(7), "bias": jnp.zeros(())}
    step_of = jax.jit(jax.value_and_grad(loss))
    with_flax = tensorboard.SummaryWriter(str(expected.folder / "flax"))
    with_clu = metric_writers.SummaryWriter(str(expected.folder / "clu"))
    for step in range(STEPS):
        value, gradient = step_of(weights, points, labels)
        weights = jax.tree.map(lambda w, g: w - 0.3 * g, weights, gradient)
        with_flax.scalar("train_loss", value, step)
        expected.add("flax", "train_loss", "scalars", step, float(value))
        with_clu.write_scalars(step, {"loss": float(value), "bias": float(weights["bias"])})
        expected.add("clu", "loss", "scalars", step, float(value))
        expected.add("clu", "bias", "scalars", step, float(weights["bias"]))
        if step % 10 == 9:
            with_flax.histogram("kernel", np.asarray(weights["kernel"]), step, bins=5)
            expected.add("flax", "kernel", "histograms", step)
            with_clu.write_histograms(step, {"kernel": np.asarray(weights["kernel"])}, num_buckets={"kernel": 5})
            expected.add("clu", "kernel", "histograms", step)
    picture = np.random.default_rng(0).random((2, 8, 8, 3))
    with_flax.image("picture", picture[0], STEPS)
    expected.add("flax", "picture", "images", STEPS)
    with_flax.text("note", "some **text**", STEPS)
    expected.add("flax", "note", "text", STEPS)
    with_flax.audio("tone", np.sin(np.arange(400) / 3.0)[None, :, None].astype("f4"), STEPS, sample_rate=8000)
    expected.add("flax", "tone", "audio", STEPS)
    with_flax.hparams({"rate": 0.3, "features": 7})
    expected.add("flax", "_hparams_/session_start_info", "hparams", 0)
    with_flax.close()
    with_clu.write_images(STEPS, {"pictures": picture})
    expected.add("clu", "pictures", "images", STEPS)
    with_clu.write_texts(STEPS, {"note": "hi"})
    expected.add("clu", "note", "text", STEPS)
    with_clu.write_hparams({"rate": 0.3, "name": "x"})
    expected.add("clu", "_hparams_/session_start_info", "hparams", 0)
    with_clu.flush()
    with_clu.close()
    expected.save(jax=jax.__version__, flax=flax.__version__)


if __name__ == "__main__":
    main()
