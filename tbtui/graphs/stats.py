"""Step stats and cost graph of run metadata: what nodes cost, by name."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tbtui.graphs.attributes import shape_of, type_name
from tbtui.graphs.table import Result

if TYPE_CHECKING:
    from tbtui.events.proto.run_metadata_pb2 import RunMetadata

_MICRO = 1e-6


@dataclass(slots=True)
class Cost:
    """What one node cost in one step: seconds of computing, bytes, its outputs by their number."""

    compute: float = 0.0
    memory: int = 0
    device: str = ""
    results: dict[int, Result] = field(default_factory=dict)


def costs(metadata: RunMetadata) -> dict[str, Cost]:
    """The costs of every node that was run, by its name.

    Compute time is what lies between begin and end of the operation, memory the sum over the allocators, as in
    TensorBoard. A node that ran several times, or on several devices, has the sum. GPU streams repeat what the device
    says. The cost graph counts where the step stats know nothing of a node.
    """
    found: dict[str, Cost] = {}
    devices = metadata.step_stats.dev_stats
    for device in devices:
        if "/stream:" in device.device or "/memcpy" in device.device:
            continue
        for stats in device.node_stats:
            cost = found.setdefault(stats.node_name, Cost(device=device.device))
            taken = stats.op_end_rel_micros - stats.op_start_rel_micros
            cost.compute += max(0, taken) * _MICRO
            cost.memory += sum(one.total_bytes for one in stats.memory)
            for output in stats.output:
                described = output.tensor_description
                cost.results[output.slot] = (type_name(described.dtype), shape_of(described.shape))
    for node in metadata.cost_graph.node:
        if node.name in found:
            continue
        memory = node.temporary_memory_size + node.persistent_memory_size + node.device_temp_memory_size
        results = {i: (type_name(one.dtype), shape_of(one.shape)) for i, one in enumerate(node.output_info)}
        found[node.name] = Cost(max(0, node.compute_time) * _MICRO, max(0, memory), node.device, results)
    return found
