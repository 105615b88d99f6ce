"""Makes the pictures of the README: `python -m screenshots.make [NAME...]`, from the root of the checkout.

Trains the demo's networks, runs the installed `tbtui` on their logs in a pseudo-terminal of the size that the picture's
name tells, types what a person would type, and draws the screen. Needs the `test` extra and the DejaVu fonts.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from screenshots.capture import make_captures
from screenshots.media import make_media
from screenshots.render import save
from screenshots.sweep import make_many, make_sweep
from tbtui.demo.options import STEPS_A_SECOND
from tbtui.demo.training import train
from tests.support.pty import Terminal

HERE = Path(__file__).parent
STEPS = 1500
CURVE = "[\u2801-\u28ff]{2}"


@dataclass(frozen=True)
class Picture:
    """One picture: `tbtui WORDS` at a size, then keys one after the other, each answered before the next.

    `wait` is a regular expression that the screen matches before the first key; `ends` is for commands that end by
    themselves and leave their output standing.
    """

    name: str
    size: tuple[int, int]
    keys: tuple[str, ...] = ()
    words: tuple[str, ...] = ("logs",)
    wait: str = CURVE
    ends: bool = False

    @property
    def path(self) -> Path:
        """Where it is kept: the size is part of the name."""
        return HERE / f"{self.name}-{self.size[0]}x{self.size[1]}.png"


ONE_TAG = ("logs", "--tag", "^loss$")

GRAPH = ("logs", "--dashboard", "graphs")
TORCH = ("graphs/torch/transformer", "--dashboard", "graphs")
MODELS = (
    ("keras", "tensorflow/keras", "nar"),
    ("tf1", "tensorflow/tf1", "mat"),
    ("torch", "torch/transformer", "2.*q"),
)
"""Recorded from the frameworks; what is typed finds a layer."""

IMAGES = ("logs", "--dashboard", "images", "--images", "blocks")
PROFILE = ("captures", "--dashboard", "profile")
READ = "Where the time"
CAPTURES = (
    ("", "captures", {"profile": (), "operators": ("P",), "timeline": ("L", *["n"] * 20), "memory": ("E",)}),
    (
        "-cpu",
        "torch_profile/plain.pt.trace.json.gz",
        {"profile": (), "operators": ("P",), "timeline": ("L", "j", "n", "n"), "memory": ("E",)},
    ),
    ("-jax", "jax_profile", {"profile": (), "operators": ("P",), "timeline": ("L", "]", "j", "j", "n")}),
)
"""Of devices, made up; recorded from PyTorch on the CPU, and from JAX, which tells nothing of memory there."""
MEDIA = ("media", "--images", "blocks", "--dashboard")
HISTOGRAMS = ("logs", "--dashboard", "histograms")
DISTRIBUTIONS = ("logs", "--dashboard", "distributions")
LAYERS = ("logs", "--dashboard", "layers", "--run", "wild-sgd/train")

PICTURES = (
    Picture("scalars", (200, 50)),
    Picture("scalars", (120, 35)),
    Picture("scalars", (80, 24)),
    Picture("scalars", (45, 60)),
    Picture("scalars", (30, 8)),
    Picture("chart", (120, 35), ("tab", "enter", "left", "left", "left", "left", "left", "left")),
    Picture("chart", (45, 60), ("enter", "left")),
    Picture("filter", (120, 35), ("/", "norm", "enter")),
    Picture("log", (120, 35), ("y", "x")),
    Picture("table", (120, 35), ("t",)),
    Picture("runs", (80, 24), ("r",)),
    Picture("groups", (120, 35), ("g",), ("seeds",)),
    Picture("groups", (45, 60), ("g",), ("seeds",)),
    Picture("groups-table", (120, 35), ("g", "t"), ("seeds",)),
    Picture("pairs", (120, 35), ("tab", "end", "enter"), ("seeds", "--tag", "loss", "--run", "lr-0.(1|03)/seed-0")),
    Picture(
        "axes",
        (120, 35),
        ("tab", "right", "V", "right", "V", "home", "enter"),
        ("seeds", "--run", "lr-0.1/seed-0", "--tag", "train/loss|learning_rate"),
    ),
    Picture("difference", (120, 35), ("M", "j", "j", "d")),
    Picture("custom", (120, 35), (), ("seeds",)),
    Picture("range", (120, 35), ("tab", "enter", ":", "400", "enter", "v", ":", "900", "enter", "v"), ONE_TAG),
    Picture("many", (200, 50), (), ("many",)),
    Picture("tree", (120, 35), ("\\", "j", "j", "#", "best", "enter", "."), ("seeds",)),
    Picture("glance", (120, 35), ("Q", "l"), ("seeds",)),
    Picture("glance", (45, 60), ("Q",), ("seeds",)),
    Picture("images", (200, 50), (), IMAGES, "newest"),
    Picture("images", (120, 35), ("tab", "[", "["), IMAGES, "newest"),
    Picture("images", (45, 60), (), IMAGES, "newest"),
    Picture("image", (120, 35), ("tab", "end", "enter"), IMAGES, "newest"),
    Picture("samples", (120, 35), (), (*MEDIA, "images", "--run", "gan|segmentation"), "newest"),
    Picture("audio", (120, 35), ("tab",), (*MEDIA, "audio"), "PCM"),
    Picture("audio", (45, 60), (), (*MEDIA, "audio"), "PCM"),
    Picture("text", (120, 35), ("tab", "n"), (*MEDIA, "text"), "learning_rate"),
    Picture("text", (45, 60), ("n",), (*MEDIA, "text"), "learning_rate"),
    Picture("tags", (120, 35), ("t", "W"), ("many",)),
    Picture("histograms", (200, 50), ("v", "v"), (*HISTOGRAMS, "--tag", "weights"), "conv1"),
    Picture("histograms", (120, 35), ("tab", "end", "enter", *["["] * 9), HISTOGRAMS, "dense1"),
    Picture("histograms", (45, 60), (), (*HISTOGRAMS, "--tag", "weights"), "conv1"),
    Picture("histogram-difference", (120, 35), ("tab", "end", "w", "w"), (*HISTOGRAMS, "--run", "train"), "conv1"),
    Picture("histogram-steps", (120, 35), ("tab", "end", "enter", "v", "{", "m", "}", "["), HISTOGRAMS, "conv1"),
    Picture("distributions", (200, 50), (), DISTRIBUTIONS, "conv1"),
    Picture("distributions", (120, 35), ("tab", "end", "enter", "left", "left"), DISTRIBUTIONS, "conv1"),
    Picture("distributions", (45, 60), (), (*DISTRIBUTIONS, "--tag", "weights"), "conv1"),
    Picture("layers", (200, 50), ("tab", "w", "w", *["["] * 5), LAYERS, "conv1"),
    Picture("layers", (120, 35), ("tab", "v", "v", "j"), LAYERS, "conv1"),
    Picture("layers", (45, 60), ("w", "w", "v", "v"), LAYERS, "conv1"),
    Picture("graph", (200, 50), ("tab", "j", "l", "j", "j", "j"), GRAPH, "conv1"),
    Picture("graph", (120, 35), ("tab", "j", "l", "j", "j", "j"), GRAPH, "conv1"),
    Picture("graph", (45, 60), ("j", "l", "j", "j", "j"), GRAPH, "conv1"),
    Picture("drawing", (120, 35), ("tab", "/", "dense1/MatMul", "enter", "v"), GRAPH, "conv1"),
    Picture("drawing", (45, 60), ("/", "dense1/MatMul", "enter", "v", "+"), GRAPH, "conv1"),
    *(
        Picture(view + kind, size, ("r", *keys) if size == (120, 35) else keys, (path, *PROFILE[1:]), READ)
        for kind, path, views in CAPTURES
        for view, keys in views.items()
        for size in ((200, 50), (120, 35), (45, 60))
    ),
    Picture("ranks", (120, 35), ("r", "D"), PROFILE, READ),
    Picture("ranks", (45, 60), ("D",), PROFILE, READ),
    Picture("graph", (80, 24), ("/", "conv"), GRAPH, "conv1"),
    *(
        Picture(f"graph-{name}", size, (*"/", *keys, "enter"), (f"graphs/{path}", "--dashboard", "graphs"), "nodes")
        for name, path, keys in MODELS
        for size in ((200, 50), (120, 35), (80, 24), (45, 60))
    ),
    Picture("drawing-torch", (120, 35), ("/", "2.*att", "enter", "l", "v", "+"), TORCH, "nodes"),
    Picture("drawing-torch", (45, 60), ("/", "2.*q", "enter", "v", "+"), TORCH, "nodes"),
    Picture("help", (120, 35), ("?",)),
    Picture("palette", (120, 35), ("ctrl+p", "smooth")),
    Picture("problems", (120, 35), ("!",), ("damaged",), "problem"),
    Picture("light", (120, 35), (), ("logs", "--theme", "light")),
    Picture("ascii", (80, 24), (), ("logs", "--ascii"), "accuracy"),
    Picture("plot", (100, 24), (), ("plot", "logs", "--tag", "^loss$", "--height", "22"), ends=True),
    Picture("inspect", (120, 35), (), ("inspect", "logs", "--run", "small-sgd"), "loss", ends=True),
)


def main() -> None:
    """Make the pictures whose names are given, or all."""
    parser = argparse.ArgumentParser(description=__doc__.split(":")[0])
    parser.add_argument("names", nargs="*", help="pictures to make, by the beginning of their names; all without")
    parser.add_argument("--command", default=str(Path(sys.executable).with_name("tbtui")), help="the tbtui to show")
    options = parser.parse_args()
    chosen = [picture for picture in PICTURES if picture.path.stem.startswith(tuple(options.names or [""]))]
    with tempfile.TemporaryDirectory() as temporary:
        make_logs(Path(temporary))
        for picture in chosen:
            take(picture, options.command, Path(temporary))
            print(picture.path.name)


def make_logs(directory: Path) -> None:
    """Train as the demo does, but in a moment, under a clock that runs at the demo's pace and ends now."""
    began = time.time() - STEPS / STEPS_A_SECOND
    done = [0]
    progress = done.append
    train(directory / "logs", STEPS, None, clock=lambda: began + done[-1] / STEPS_A_SECOND, progress=progress)
    done[:] = [0]
    train(directory / "damaged", 200, None, clock=lambda: began + done[-1] / STEPS_A_SECOND, progress=progress)
    for number, file in enumerate(sorted((directory / "damaged").rglob("*tfevents*"))[:3]):
        content = bytearray(file.read_bytes())
        content[len(content) * (number + 1) // 5] ^= 0x40
        file.write_bytes(content)
    for name in ("graphs", "torch_profile", "jax_profile"):
        shutil.copytree(HERE.parent / "tests" / "recorded" / name, directory / name)
    make_sweep(directory / "seeds")
    make_many(directory / "many")
    make_captures(directory / "captures")
    make_media(directory / "media")
    (directory / "damaged" / "lost").mkdir()
    pointer = "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n"
    (directory / "damaged" / "lost" / "events.out.tfevents.1700000000.host").write_text(pointer)


def take(picture: Picture, command: str, directory: Path) -> None:
    """Run tbtui, type, and draw."""
    home = directory / "home" / picture.path.stem  # nobody's configuration, and nothing remembered
    env = {"XDG_CONFIG_HOME": str(home / "config"), "XDG_STATE_HOME": str(home / "state")}
    with Terminal([command, *picture.words], picture.size, env, directory) as terminal:
        if picture.ends:
            terminal.wait()
            save(terminal.screen, picture.path)
            return
        terminal.wait_for(picture.wait)
        terminal.settle(0.5, 5)
        for key in picture.keys:
            terminal.press(key)
            terminal.settle(0.4, 3)
        save(terminal.screen, picture.path)
        terminal.press("ctrl+c")
        terminal.wait()


if __name__ == "__main__":
    main()
