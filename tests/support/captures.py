"""Captures of profilers, made up: a few events of each kind, as PyTorch writes them."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any

Event = dict[str, Any]


@dataclass
class Trace:
    """A Chrome trace that is put together; times in microseconds."""

    events: list[Event] = field(default_factory=list)
    shift: float = 0.0

    def span(self, cat: str, name: str, ts: float, dur: float, tid: Any = 1, pid: Any = 7, **args: Any) -> Trace:
        """An event with a duration; underscores in the names of `args` are spaces."""
        told = {key.replace("_", " "): value for key, value in args.items()}
        self.events.append(
            {
                "ph": "X",
                "cat": cat,
                "name": name,
                "pid": pid,
                "tid": tid,
                "ts": ts + self.shift,
                "dur": dur,
                "args": told,
            }
        )
        return self

    def allocate(
        self, ts: float, size: int, total: int | None, device: int | None = None, address: int | None = 1
    ) -> Trace:
        """Memory taken, or given back where `size` is negative; `total` and `address` None: not told."""
        where = {"Device Type": 0, "Device Id": -1} if device is None else {"Device Type": 1, "Device Id": device}
        told = {} if total is None else {"Total Allocated": total, "Total Reserved": 2 * total}
        args = {"Bytes": size, **told, **where, **({} if address is None else {"Addr": address})}
        self.events.append(
            {"ph": "i", "cat": "cpu_instant_event", "s": "t", "name": "[memory]", "pid": 7, "tid": 1,
             "ts": ts + self.shift, "args": args}
        )  # fmt: skip
        return self

    def encode(self, **more: Any) -> bytes:
        """The document."""
        return json.dumps({"schemaVersion": 1, **more, "traceEvents": self.events}).encode()


def training(shift: float = 0.0, old: bool = False) -> Trace:
    """Two steps of 100 us: a data loader (10), an operator (30) in which another one (20) launches a kernel (40, of
    which 15 within a collective of 25), and a copy (5)."""
    names = ("Operator", "Operator", "Runtime", "Kernel", "Memcpy") if old else (
        "user_annotation", "cpu_op", "cuda_runtime", "kernel", "gpu_memcpy")  # fmt: skip
    note, operator, runtime, kernel, copy = names
    trace = Trace(shift=shift)
    key = "external_id" if old else "External_id"
    for number in (0, 1):
        at, ids = 100.0 * number, 10 * number + 1
        trace.span(note, f"ProfilerStep#{number + 5}", at, 100)
        trace.span(note, "enumerate(DataLoader)#_Iter.__next__", at, 10)
        trace.span(operator, "aten::linear", at + 10, 30, **{key: ids})
        trace.span(operator, "aten::addmm", at + 15, 20, **{key: ids + 1})
        trace.span(runtime, "cudaLaunchKernel", at + 16, 4, correlation=ids, **{key: ids + 1})
        told = {"device": 0, "stream": 7, "grid": [2, 1, 1], "block": [64, 1, 1], "registers_per_thread": 32}
        trace.span(
            kernel, "gemm", at + 30, 40, tid=7, pid=0, correlation=ids, blocks_per_SM=0.5, **told, **{key: ids + 1}
        )
        trace.span(kernel, "ncclDevKernel_AllReduce", at + 55, 25, tid=9, pid=0, device=0, stream=9)
        trace.span(copy, "Memcpy HtoD", at + 85, 5, tid=7, pid=0, device=0, stream=7, bytes=100)
        trace.allocate(at + 20, 1000, 5000, 0).allocate(at + 90, -1000, 4000, 0)
    return trace


def rank_traces(ranks: int, late: int | None = None, steps: int = 3) -> list[Trace]:
    """A session of several ranks, steps of 100 us: each computes for 30, the late one for 60, and then all reduce
    together, which ends 10 after the last has begun it; in the last 5 of these all compute as well."""
    traces = []
    for rank in range(ranks):
        trace = Trace()
        for number in range(steps):
            at = 100.0 * number
            ready, last = (at + 5 + (60 if each == late else 30) for each in (rank, late))
            end = max(ready, last if late is not None else ready) + 10
            trace.span("user_annotation", f"ProfilerStep#{number}", at, 100)
            told = {"device": rank, "tid": 7, "pid": rank}
            trace.span("kernel", "gemm", at + 5, ready - at - 5, **told)
            trace.span("kernel", "gemm_2", end - 5, 5, **told)
            trace.span(
                "kernel", "ncclDevKernel_AllReduce_Sum_f32", ready, end - ready, tid=20, pid=rank, device=rank,
                Collective_name="allreduce", In_msg_nelems=256, Out_msg_nelems=256, dtype="Float",
            )  # fmt: skip
        traces.append(trace)
    return traces
