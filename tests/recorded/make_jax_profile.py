"""Record a capture of JAX's profiler: steps of a small network on the CPU, the first of which compiles; and what JAX's
own reader of captures finds in it.

pip install jax==0.10.2
python -m tests.recorded.make_jax_profile
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections import defaultdict
from pathlib import Path

import jax
import numpy as np
from jax import numpy as jnp

FOLDER = Path(__file__).parent / "jax_profile"
SESSION = FOLDER / "train" / "plugins" / "profile" / "2026_01_01_00_00_00"
STEPS = 6


def loss(weights: dict[str, jax.Array], points: jax.Array) -> jax.Array:
    """Of two layers."""
    hidden = jnp.tanh(points @ weights["first"])
    return jnp.mean(jnp.square(hidden @ weights["second"]))


@jax.jit
def update(weights: dict[str, jax.Array], points: jax.Array) -> dict[str, jax.Array]:
    """A step down the gradient."""
    gradients = jax.grad(loss)(weights, points)
    return {name: weights[name] - 0.1 * gradients[name] for name in weights}


def write_expected() -> None:
    """For each name on each line of the capture how many events there are, and how long they took together."""
    found: dict[tuple[str, str, str], list[float]] = defaultdict(list)
    for plane in jax.profiler.ProfileData.from_file(str(SESSION / "recorder.xplane.pb")).planes:
        for line in plane.lines:
            for event in line.events:
                found[plane.name, line.name, event.name].append(event.duration_ns)
    rows = [[*names, len(each), sum(each)] for names, each in sorted(found.items())]
    (FOLDER.parent / "jax_profile.json").write_text("[\n" + ",\n".join(map(json.dumps, rows)) + "\n]\n")


def main() -> None:
    jax.config.update("jax_hlo_source_file_canonicalization_regex", ".*/")  # no paths of the recording machine
    chance = np.random.default_rng(0)
    weights = {
        "first": jnp.asarray(chance.standard_normal((256, 512)), "f4"),
        "second": jnp.asarray(chance.standard_normal((512, 64)), "f4"),
    }
    points = jnp.asarray(chance.standard_normal((512, 256)), "f4")
    options = jax.profiler.ProfileOptions()
    options.python_tracer_level = 0  # every function of Python in the compiler would be most of the file
    with tempfile.TemporaryDirectory() as folder:
        with jax.profiler.trace(folder, profiler_options=options):
            for step in range(STEPS):
                with jax.profiler.StepTraceAnnotation("train", step_num=step):
                    weights = jax.block_until_ready(update(weights, points))
        (captured,) = Path(folder).glob("plugins/profile/*/*.xplane.pb")
        SESSION.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(captured, SESSION / "recorder.xplane.pb")
    write_expected()


if __name__ == "__main__":
    main()
