"""Record a small training with torch's SummaryWriter: every kind of summary it has.

pip install torch==2.13.0 tensorboard numpy pillow scipy
python -m tests.recorded.make_torch
"""

from __future__ import annotations

import numpy as np
import torch
from torch import nn
from torch.utils.tensorboard import SummaryWriter

from tests.recorded.expected import Expected, two_moons

STEPS = 120
LAYOUT = {"losses": {"both": ["Multiline", ["loss/.*"]], "band": ["Margin", ["loss/train", "low", "high"]]}}


class Moons(nn.Module):
    """Two inputs, one hidden layer, two classes."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.hidden = nn.Linear(2, width)
        self.out = nn.Linear(width, 2)

    def forward(self, points: torch.Tensor) -> torch.Tensor:
        return self.out(torch.tanh(self.hidden(points)))


def train(expected: Expected, run: str, width: int, rate: float) -> None:
    """One run with its validation run below it."""
    torch.manual_seed(width)
    points, labels = (torch.from_numpy(array) for array in two_moons(np, 400, 0))
    held_points, held_labels = (torch.from_numpy(array) for array in two_moons(np, 200, 1))
    model, measure = Moons(width), nn.CrossEntropyLoss()
    optimizer = torch.optim.SGD(model.parameters(), lr=rate, momentum=0.9)
    with (
        SummaryWriter(str(expected.folder / run)) as writer,
        SummaryWriter(str(expected.folder / run / "validation")) as held,
    ):

        def scalar(tag: str, value: float, step: int) -> None:
            writer.add_scalar(tag, value, step)
            expected.add(run, tag, "scalars", step, value)

        for step in range(STEPS):
            chosen = slice(step * 50 % 400, step * 50 % 400 + 50)
            optimizer.zero_grad()
            loss = measure(model(points[chosen]), labels[chosen])
            loss.backward()
            optimizer.step()
            scalar("loss/train", loss.item(), step)
            if step % 40 == 39:
                for name, parameter in model.named_parameters():
                    writer.add_histogram(f"weights/{name}", parameter, step, bins="auto")
                    expected.add(run, f"weights/{name}", "histograms", step)
                with torch.no_grad():
                    scores = model(held_points)
                accuracy = (scores.argmax(1) == held_labels).float().mean().item()
                held.add_scalar("loss/train", measure(scores, held_labels).item(), step)
                expected.add(f"{run}/validation", "loss/train", "scalars", step, measure(scores, held_labels).item())
                held.add_scalar("accuracy", accuracy, step, new_style=True)
                expected.add(f"{run}/validation", "accuracy", "scalars", step, accuracy)
                writer.add_pr_curve("pr", held_labels, scores.softmax(1)[:, 1], step, num_thresholds=11)
                expected.add(run, "pr", "pr_curves", step)
        write_the_rest(expected, writer, run, model, points)


def write_the_rest(expected: Expected, writer: SummaryWriter, run: str, model: Moons, points: torch.Tensor) -> None:
    """What is written once."""
    field = torch.linspace(-2, 2, 24)
    grid = torch.cartesian_prod(field, field)
    with torch.no_grad():
        picture = model(grid).softmax(1)[:, 1].reshape(1, 24, 24)
    writer.add_image("boundary", picture, STEPS)
    expected.add(run, "boundary", "images", STEPS)
    writer.add_text("note", "**two moons**, tanh", STEPS)
    expected.add(run, "note/text_summary", "text", STEPS)
    tone = torch.sin(torch.arange(800) * 0.3)[None] * 0.5
    writer.add_audio("tone", tone, STEPS, sample_rate=8000)
    expected.add(run, "tone", "audio", STEPS)
    writer.add_mesh("cloud", torch.cat([points[:30], points[:30, :1] * 0], 1)[None], global_step=STEPS)
    expected.add(run, "cloud_VERTEX", "mesh", STEPS)
    writer.add_graph(model, points[:4])
    expected.add(run, "__run_graph__", "graphs", 0)
    expected.add(run, "step1", "graph_tagged_run_metadata", 0)
    writer.add_custom_scalars(LAYOUT)
    expected.add(run, "custom_scalars__config__", "custom_scalars", 0)


def main() -> None:
    expected = Expected("torch")
    train(expected, "narrow", 4, 0.1)
    train(expected, "wide", 16, 0.3)
    with SummaryWriter(str(expected.folder / "search")) as writer:
        for width, final in ((4, 0.25), (16, 0.125)):
            writer.add_hparams({"width": width, "activation": "tanh"}, {"hparam/final": final}, run_name=f"w{width}")
            for name in ("experiment", "session_start_info", "session_end_info"):
                expected.add(f"search/w{width}", f"_hparams_/{name}", "hparams", 0)
            expected.add(f"search/w{width}", "hparam/final", "scalars", 0, final)
        writer.add_scalars("loss/both", {"a": 1.0, "b": 2.0}, 3)
        expected.add("search/loss_both_a", "loss/both", "scalars", 3, 1.0)
        expected.add("search/loss_both_b", "loss/both", "scalars", 3, 2.0)
    expected.runs["search"] = {}
    expected.save(torch=torch.__version__)


if __name__ == "__main__":
    main()
