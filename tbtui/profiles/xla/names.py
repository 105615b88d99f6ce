"""What the names and the stats of events mean in captures of XLA's profiler, whatever file they stand in."""

from __future__ import annotations

import re
from typing import Any

from tbtui.profiles.model import Kind, Launch, Operation

FRAMEWORK_OPERATION = re.compile(r"^(?P<name>[^\s:]+):(?P<type>[A-Z_][A-Za-z0-9_]*)$")
DATASET = "Iterator::"
_RUNTIME = re.compile(r"^(cu|cuda|hip)[A-Z]")
MARKS = ("train", "test", "TraceContext")
_INTEGER = re.compile(r"-?[0-9]{1,18}$")
REPEATED = frozenset(
    ("Steps", "XLA Modules", "Async XLA Ops", "Framework Ops", "Framework Name Scope", "Launch Stats", "Source code",
     "TensorFlow Ops", "TensorFlow Name Scope", "XLA TraceMe", "Source")
)  # fmt: skip
STEPS, OPERATIONS = "Steps", "XLA Ops"


def told_of(stats: dict[str, Any]) -> dict[str, Any]:
    """The stats of an event; those of a kernel under the names that PyTorch's captures have for them."""
    details = stats.get("kernel_details")
    if isinstance(details, str):
        launch = launch_of(details)
        told = (
            ("grid", list(launch.grid)),
            ("block", list(launch.block)),
            ("registers per thread", launch.registers),
            ("shared memory", launch.shared_memory),
            ("est. achieved occupancy %", launch.occupancy),
        )
        stats.update({name: value for name, value in told if value not in (None, [])})
    return stats


def launch_of(details: str) -> Launch:
    """What "regs:32 static_shared:0 dynamic_shared:16 grid:3,1,1 block:256,1,1 occ_pct:25" tells."""
    told: dict[str, list[str]] = {}
    for part in details.split():
        name, _, value = part.partition(":")
        told[name] = value.split(",")
    numbers = {name: [int(one) for one in parts if _INTEGER.match(one)] for name, parts in told.items()}
    shared = [one for name in ("static_shared", "dynamic_shared") for one in numbers.get(name, ())]
    return Launch(
        tuple(numbers.get("grid", ())),
        tuple(numbers.get("block", ())),
        next(iter(numbers.get("regs", ())), None),
        sum(shared) if shared else None,
        _float(told["occ_pct"][0]) if "occ_pct" in told else None,
    )


def host_kind(name: str) -> Kind:
    """What an event of this name is on the host."""
    if name.startswith("$"):
        return Kind.PYTHON
    if _RUNTIME.match(name):
        return Kind.RUNTIME
    return Kind.OPERATOR if name.startswith(DATASET) or FRAMEWORK_OPERATION.match(name) else Kind.OTHER


def device_kind(name: str) -> Kind:
    """What an event of this name is on a device, OTHER where the name does not tell."""
    return Kind.MEMCPY if name.startswith("Memcpy") else Kind.MEMSET if name.startswith("Memset") else Kind.OTHER


def operation_of(name: str, tf_op: str, hlo_op: str, category: str) -> Operation | None:
    """The operation that an event of this name with these stats is of."""
    found = FRAMEWORK_OPERATION.match(tf_op or name)
    if found:
        return Operation(found["name"], found["type"])
    if tf_op:
        return Operation(tf_op.partition(":")[0], category)
    if name.startswith(DATASET):
        return Operation(name, "Dataset")
    return Operation(hlo_op, "") if hlo_op else None


def _float(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
