"""Record a capture of torch's profiler, and what its own `key_averages` says of it.

pip install torch==2.13.0
python -m tests.recorded.make_torch_profile
"""

from __future__ import annotations

import gzip
import json
import re
from pathlib import Path

import torch
from torch import nn
from torch.profiler import ProfilerActivity, profile, record_function, schedule

FOLDER = Path(__file__).parent / "torch_profile"


def record(name: str, with_stack: bool) -> None:
    """A few steps of a small network, on the CPU."""
    torch.manual_seed(0)
    torch.set_num_threads(1)
    model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
    steps = 2
    with profile(
        activities=[ProfilerActivity.CPU],
        schedule=schedule(wait=0, warmup=1, active=steps, repeat=1),
        record_shapes=True,
        profile_memory=True,
        with_stack=with_stack,
    ) as captured:
        for _ in range(1 + steps):
            with record_function("forward"):
                loss = model(torch.randn(4, 8)).square().mean()
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            captured.step()
    path = FOLDER / f"{name}.pt.trace.json"
    captured.export_chrome_trace(str(path))
    text = re.sub(r'"(host_name|traceName)": "[^"]*"', r'"\1": "recorder"', path.read_text())
    path.unlink()
    (FOLDER / f"{name}.pt.trace.json.gz").write_bytes(gzip.compress(text.encode(), mtime=0))
    rows = [
        {
            "name": row.key,
            "calls": row.count,
            "total_us": row.cpu_time_total,
            "self_us": row.self_cpu_time_total,
        }
        for row in captured.key_averages()
    ]
    (FOLDER / f"{name}.json").write_text(json.dumps(rows, indent=1) + "\n")


if __name__ == "__main__":
    FOLDER.mkdir(exist_ok=True)
    record("plain", with_stack=False)
    record("stacks", with_stack=True)
