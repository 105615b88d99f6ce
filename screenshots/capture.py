"""Captures of a made-up training on four devices for the pictures: what PyTorch's profiler writes, one trace a rank."""

from __future__ import annotations

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

STEPS, LAYERS, RANKS = 6, 8, 4
LATE = 2
"""The rank that is slower than the others."""
MEGABYTE = 1 << 20
HOST, MAIN, BACKWARD = 4242, 4242, 4260
COMPUTE, TALK = 7, 20

GEMM = "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel"
NORM = "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<c10::BFloat16, float>(int, float)"
GELU = "void at::native::vectorized_elementwise_kernel<4, at::native::GeluCUDAKernelImpl<float>, int>(int, float)"
ADAM = "void at::native::(anonymous namespace)::multi_tensor_apply_kernel<FusedAdamMathFunctor<float, 4>>(int)"
BROADCAST = "ncclDevKernel_Broadcast_RING_LL(ncclDevKernelArgsStorage<4096ul>)"
REDUCE = "ncclDevKernel_AllReduce_Sum_f32_RING_LL(ncclDevKernelArgsStorage<4096ul>)"


@dataclass
class Recorder:
    """Puts a trace together; times in microseconds. `free`: when each stream has done what it was given."""

    rank: int
    chance: np.random.Generator
    events: list[dict[str, Any]] = field(default_factory=list)
    free: dict[int, float] = field(default_factory=dict)
    number: int = 0
    allocated: int = 900 * MEGABYTE

    def span(self, cat: str, name: str, at: float, long: float, tid: int = MAIN, pid: int = HOST, **args: Any) -> None:
        """One event with a duration."""
        args = {key.replace("_", " "): value for key, value in args.items()}
        self.events.append(
            {"ph": "X", "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": round(at, 3), "dur": round(long, 3),
             "args": args}
        )  # fmt: skip

    def operator(self, name: str, kernel: str, at: float, long: float, work: float, tid: int, stream: int) -> float:
        """An operator that launches a kernel; returns when the operator is over."""
        begin = max(self.free.get(stream, 0.0), at + long / 2)
        work *= float(self.chance.uniform(0.9, 1.1))
        told = {"grid": [512, 1, 1], "block": [256, 1, 1], "blocks_per_SM": 0.9 if kernel == GEMM else 0.4,
                "registers_per_thread": 168, "shared_memory": 98304, "est._achieved_occupancy_%": 38}  # fmt: skip
        return self.launch(name, kernel, at, long, begin, work, tid, stream, **told)

    def launch(
        self, name: str, kernel: str, at: float, long: float, begin: float, work: float, tid: int, stream: int,
        **told: Any,
    ) -> float:  # fmt: skip
        """An operator, and the kernel that it launches, which begins then and takes so long; returns when the operator
        is over."""
        self.number += 1
        self.span("cpu_op", name, at, long, tid, External_id=self.number, Input_Dims=[[16, 512, 1024], [1024, 1024]])
        self.span(
            "cuda_runtime", "cudaLaunchKernel", at + long / 3, 4.0, tid,
            External_id=self.number, correlation=self.number,
        )  # fmt: skip
        self.span(
            "kernel", kernel, begin, work, stream, self.rank,
            External_id=self.number, correlation=self.number, device=self.rank, stream=stream, **told,
        )  # fmt: skip
        self.free[stream] = begin + work
        return at + long

    def memory(self, at: float, size: int, address: int, tid: int = MAIN) -> None:
        """Memory of the device that is taken, or given back."""
        self.allocated += size
        args = {"Device Type": 1, "Device Id": self.rank, "Bytes": size, "Addr": address,
                "Total Allocated": self.allocated, "Total Reserved": 3600 * MEGABYTE}  # fmt: skip
        self.events.append(
            {"ph": "i", "s": "t", "cat": "cpu_instant_event", "name": "[memory]", "pid": HOST, "tid": tid,
             "ts": round(at, 3), "args": args}
        )  # fmt: skip


def make_captures(directory: Path) -> None:
    """The traces of four ranks, of which the third is slower, so that the others wait for it."""
    directory.mkdir(parents=True)
    recorders = [Recorder(rank, np.random.default_rng(rank)) for rank in range(RANKS)]
    begins = [0.0] * RANKS
    for step in range(STEPS):
        begins = _step(recorders, step, begins)
    for rank, recorder in enumerate(recorders):
        document = {
            "schemaVersion": 1,
            "deviceProperties": [{"id": rank, "name": "NVIDIA H100 80GB HBM3", "totalGlobalMem": 85 * 10**9}],
            "distributedInfo": {"backend": "nccl", "rank": rank, "world_size": RANKS},
            "traceEvents": recorder.events,
        }
        path = directory / f"rank{rank}.1760000000000000000.pt.trace.json.gz"
        path.write_bytes(gzip.compress(json.dumps(document).encode(), 6))


def _step(recorders: Sequence[Recorder], number: int, begins: Sequence[float]) -> list[float]:
    """A step of all ranks, which begin it at these times; returns when each ends it."""
    forward = [_forward(recorder, begin) for recorder, begin in zip(recorders, begins, strict=True)]
    _together(recorders, forward, "c10d::broadcast_", "broadcast", BROADCAST, 2 * MEGABYTE, 60)
    ats = [at + 60 for at in forward]
    for layer in reversed(range(LAYERS)):
        for rank, recorder in enumerate(recorders):
            ats[rank] = recorder.operator(
                "autograd::engine::evaluate_function: AddmmBackward0", GEMM, ats[rank] + 8, 95,
                980 * _slower(recorder), BACKWARD, COMPUTE,
            )  # fmt: skip
            recorder.free[TALK] = max(recorder.free.get(TALK, 0.0), recorder.free[COMPUTE])  # of what was computed
        ats = _together(recorders, ats, "c10d::allreduce_", "allreduce", REDUCE, 96 * MEGABYTE, 640)
        for recorder in recorders:
            done = recorder.free[COMPUTE]
            recorder.memory(done, -180 * MEGABYTE, 1000 + layer, BACKWARD)
            recorder.memory(done + 1, -90 * MEGABYTE, 2000 + layer, BACKWARD)
    return [_update(recorder, number, *each) for recorder, *each in zip(recorders, begins, ats, strict=True)]


def _slower(recorder: Recorder) -> float:
    return 1.35 if recorder.rank == LATE else 1.0


def _together(
    recorders: Sequence[Recorder],
    ats: Sequence[float],
    operator: str,
    collective: str,
    kernel: str,
    size: int,
    work: float,
) -> list[float]:
    """A collective: it ends for all at once, so much after the last rank has begun it."""
    ready = [max(recorder.free.get(TALK, 0.0), at + 19) for recorder, at in zip(recorders, ats, strict=True)]
    end = max(ready) + work * float(recorders[0].chance.uniform(0.9, 1.1))
    return [
        recorder.launch(
            operator, kernel, at + 4, 30, begin, end - begin, BACKWARD, TALK,
            Collective_name=collective, In_msg_nelems=size // 4, Out_msg_nelems=size // 4, dtype="Float",
            Group_size=RANKS, Process_Group_Name="0", Process_Group_Description="default_pg",
        )
        for recorder, at, begin in zip(recorders, ats, ready, strict=True)
    ]  # fmt: skip


def _forward(recorder: Recorder, begin: float) -> float:
    wait = 2200.0 * float(recorder.chance.uniform(0.5, 1.6))
    recorder.span("user_annotation", "enumerate(DataLoader)#_MultiProcessingDataLoaderIter.__next__", begin, wait)
    at = begin + wait + 40
    recorder.span("cpu_op", "aten::to", at - 30, 28)
    recorder.span("gpu_memcpy", "Memcpy HtoD (Pinned -> Device)", at + 20, 380, COMPUTE, recorder.rank,
                  device=recorder.rank, stream=COMPUTE, bytes=16 * MEGABYTE)  # fmt: skip
    recorder.free[COMPUTE] = at + 400
    forward, slower = at, _slower(recorder)
    for layer in range(LAYERS):
        recorder.memory(at + 5, 180 * MEGABYTE, 1000 + layer)
        at = recorder.operator("aten::layer_norm", NORM, at, 45, 90 * slower, MAIN, COMPUTE)
        at = recorder.operator("aten::linear", GEMM, at + 6, 70, 520 * slower, MAIN, COMPUTE)
        recorder.memory(at - 30, 90 * MEGABYTE, 2000 + layer)
        at = recorder.operator("aten::gelu", GELU, at + 6, 40, 110 * slower, MAIN, COMPUTE)
    recorder.span("user_annotation", "forward", forward, at - forward)
    return at


def _update(recorder: Recorder, number: int, begin: float, at: float) -> float:
    update = max(at + 80, recorder.free[TALK] - 300)
    recorder.span("user_annotation", "Optimizer.step#AdamW.step", update, 1150)
    recorder.free[COMPUTE] = max(recorder.free[COMPUTE], recorder.free[TALK])  # of what all ranks have computed
    recorder.operator("aten::_fused_adamw_", ADAM, update + 60, 900, 700, MAIN, COMPUTE)
    end = max(update + 1300, recorder.free[COMPUTE] + 120)
    recorder.span("user_annotation", f"ProfilerStep#{number + 10}", begin, end - begin)
    return end
