"""Record the graphs of small models, and beside them what the frameworks say of these models.

pip install torch==2.13.0 tensorboard; python -m tests.recorded.make_graphs torch
pip install tensorflow-cpu;            python -m tests.recorded.make_graphs tensorflow
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
Told = dict[str, Any]


def torch_graphs(folder: Path) -> Told:
    """A transformer with its layers in a list, and a network of convolutions with blocks in two lists."""
    import torch
    from torch import nn
    from torch.utils.tensorboard import SummaryWriter

    class Attention(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.query, self.key, self.value = (nn.Linear(width, width) for _ in range(3))
            self.out = nn.Linear(width, width)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            scores = torch.softmax(self.query(x) @ self.key(x).transpose(1, 2), -1)
            return self.out(scores @ self.value(x))

    class Layer(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.norm1, self.norm2 = nn.LayerNorm(width), nn.LayerNorm(width)
            self.attention = Attention(width)
            self.mlp = nn.Sequential(nn.Linear(width, 2 * width), nn.GELU(), nn.Linear(2 * width, width))

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = x + self.attention(self.norm1(x))
            return x + self.mlp(self.norm2(x))

    class Transformer(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.embed = nn.Linear(5, 8)
            self.layers = nn.ModuleList(Layer(8) for _ in range(4))
            self.head = nn.Linear(8, 3)

        def forward(self, x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
            x = self.embed(x)
            for layer in self.layers:
                x = layer(x)
            return self.head(x), x.mean()

    class Block(nn.Module):
        def __init__(self, width: int) -> None:
            super().__init__()
            self.conv = nn.Conv2d(width, width, 3, padding=1)
            self.norm = nn.BatchNorm2d(width)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            return torch.relu(x + self.norm(self.conv(x)))

    class TwoLists(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.stem = nn.Conv2d(3, 4, 5)
            self.first = nn.ModuleList(Block(4) for _ in range(2))
            self.second = nn.ModuleList(Block(4) for _ in range(2))
            self.out = nn.Linear(4, 2)

        def forward(self, x: torch.Tensor) -> torch.Tensor:
            x = self.stem(x)
            for block in (*self.first, *self.second):
                x = block(x)
            return self.out(x.mean((2, 3)))

    told: Told = {"torch": torch.__version__}
    for name, model, given in (
        ("transformer", Transformer(), torch.zeros(2, 6, 5)),
        ("two_lists", TwoLists(), torch.zeros(2, 3, 12, 12)),
    ):
        torch.manual_seed(0)
        with SummaryWriter(str(folder / name)) as writer:
            writer.add_graph(model.eval(), given)
        told[name] = {
            "parameters": sum(one.numel() for one in model.parameters()),
            "modules": {
                path: sum(one.numel() for one in module.parameters()) for path, module in model.named_modules() if path
            },
        }
    return told


def tensorflow_graphs(folder: Path) -> Told:
    """A TF1 graph with a step's stats and a loop, a traced function, and a Functional Keras model with models in it."""
    os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
    import keras
    import tensorflow as tf

    told: Told = {"tensorflow": tf.__version__, "keras": keras.__version__}
    with tf.Graph().as_default() as graph, tf.compat.v1.Session() as session:
        x = tf.compat.v1.placeholder(tf.float32, (None, 4), "x")
        with tf.compat.v1.variable_scope("dense"):
            kernel = tf.compat.v1.get_variable("kernel", (4, 3))
            bias = tf.compat.v1.get_variable("bias", (3,))
            hidden = tf.nn.relu(tf.matmul(x, kernel) + bias)
        tf.compat.v1.disable_control_flow_v2()
        loop = tf.while_loop(lambda i, y: i < 3, lambda i, y: (i + 1, y * 2.0), (tf.constant(0), hidden), name="loop")
        tf.compat.v1.summary.scalar("mean", tf.reduce_mean(loop[1]))
        session.run(tf.compat.v1.global_variables_initializer())
        metadata = tf.compat.v1.RunMetadata()
        session.run(
            loop[1],
            {x: [[1.0, 2.0, 3.0, 4.0]]},
            tf.compat.v1.RunOptions(trace_level=tf.compat.v1.RunOptions.FULL_TRACE, output_partition_graphs=True),
            metadata,
        )
        writer = tf.compat.v1.summary.FileWriter(str(folder / "tf1"), graph)
        writer.add_run_metadata(metadata, "step 1", 1)
        writer.close()
        told["tf1"] = {
            "nodes": len(graph.get_operations()),
            "parameters": 15,
            "shapes": {
                op.name: [output.shape.as_list() if output.shape.rank is not None else None for output in op.outputs]
                for op in graph.get_operations()
            },
        }

    @tf.function
    def inner(value: Any) -> Any:
        return value * 2.0

    @tf.function
    def outer(value: Any) -> Any:
        return tf.cond(tf.reduce_sum(value) > 0, lambda: inner(value) + 1.0, lambda: value)

    with tf.summary.create_file_writer(str(folder / "trace")).as_default():
        tf.summary.trace_on(graph=True, profiler=False)
        outer(tf.ones((2, 2)))
        tf.summary.trace_export("outer", step=0)
        tf.summary.graph(outer.get_concrete_function(tf.TensorSpec((2, 2))).graph.as_graph_def(add_shapes=True))

    layers = keras.layers
    tower = keras.Sequential([keras.Input((8,)), layers.Dense(6, "relu", name="wide"), layers.Dense(4, name="narrow")])
    tower.name = "tower"
    image = keras.Input((12, 12, 3), name="image")
    left, right = keras.Input((8,), name="left"), keras.Input((8,), name="right")
    y = layers.Flatten(name="flat")(layers.BatchNormalization(name="norm")(layers.Conv2D(2, 3, name="conv")(image)))
    eyes = keras.Model(image, y, name="eyes")
    joined = layers.Concatenate(name="join")([tower(left), tower(right), eyes(image)])
    model = keras.Model([left, right, image], layers.Dense(2, name="out")(joined), name="whole")
    with tf.summary.create_file_writer(str(folder / "keras")).as_default():
        metadata_proto = tf.compat.v1.SummaryMetadata()
        metadata_proto.plugin_data.plugin_name = "graph_keras_model"
        metadata_proto.plugin_data.content = b"1"
        tf.summary.write("keras", tf.constant(model.to_json()), step=0, metadata=metadata_proto)
    told["keras_model"] = {
        "parameters": model.count_params(),
        "layers": {
            f"{holder.name}/{layer.name}": layer.count_params()
            for holder in (model, tower, eyes)
            for layer in holder.layers
            if not isinstance(layer, keras.Model)
        },
    }
    return told


def main(kind: str) -> None:
    folder = HERE / "graphs" / kind
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    told = {"torch": torch_graphs, "tensorflow": tensorflow_graphs}[kind](folder)
    for path in folder.rglob("*tfevents*"):
        path.rename(path.with_name(path.name.replace(socket.gethostname(), "recorder")))
    (HERE / "graphs" / f"{kind}.json").write_text(json.dumps(told, indent=1, sort_keys=True) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1])
