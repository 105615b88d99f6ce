"""A layer, its shapes and what feeds it, within five keys: in recorded models, at every size they were looked at."""

from __future__ import annotations

from pathlib import Path

import pytest

import tbtui
from tbtui.demo.digits import SIZE
from tbtui.demo.graph import graph_def, network_nodes
from tbtui.demo.writer import EventWriter
from tests.support.graphs import graph_shown

RECORDED = Path(__file__).parents[1] / "recorded" / "graphs"
MOST_KEYS = 5

QUESTIONS = {
    "demo": ("slash", "c", "o", "n", "v"),
    "tensorflow/keras": ("slash", "n", "a", "r"),
    "tensorflow/tf1": ("slash", "m", "a", "t"),
    "torch/transformer": ("slash", "2", "full_stop", "asterisk", "q"),
}
ANSWERS = {
    "demo": ("conv1", "input/images", f"float32 ?×{SIZE}×{SIZE}×1", "flatten/Reshape"),
    "tensorflow/keras": ("whole/tower/narrow", "whole/tower/wide", "float32 ?×6", "whole/join"),
    "tensorflow/tf1": ("dense/MatMul", "dense/kernel", "float32 ?×4", "dense/add"),
    "torch/transformer": ("Transformer/ModuleList[layers]/Layer[2]/Attention[attention]/Linear[query]",
                          "[norm1]/input.31", "2×6×8", "Attention[attention]/712"),
}  # fmt: skip
"""The row that is meant, what feeds it, the shape of that, and what reads from it."""

BOXES = {"demo": "input", "tensorflow/keras": "wide", "tensorflow/tf1": "kernel", "torch/transformer": "norm1"}
"""What is drawn for what feeds it: a scope, where it lies in another one."""


def logs(model: str, folder: Path) -> Path:
    if model != "demo":
        return RECORDED / model
    writer = EventWriter(folder, clock=lambda: 1.7e9)
    writer.graph(graph_def(network_nodes(8, 64, "adam")))
    writer.close()
    return folder


@pytest.mark.parametrize("model", QUESTIONS)
@pytest.mark.parametrize("size", [(200, 50), (120, 35), (80, 24), (45, 60)], ids=lambda size: "x".join(map(str, size)))
async def test_five_keys_answer(model: str, size: tuple[int, int], tmp_path: Path) -> None:
    keys, (layer, feeder, shape, user) = QUESTIONS[model], ANSWERS[model]
    assert len(keys) <= MOST_KEYS
    with tbtui.open_logdir(logs(model, tmp_path)) as logdir:
        store = logdir.store
    async with graph_shown(store, size) as page:
        await page.press(*keys)
        await page.settle()
        assert page.here == layer
        seen = page.text
        assert shape in seen
        for name in (feeder, user):
            assert name in seen or name[-14:] in seen, name
        await page.press("enter", "v")
        assert shape.removeprefix("float32 ") in page.text
        assert BOXES[model] in page.text
