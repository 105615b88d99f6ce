"""Captures of a made-up training on two devices for the pictures: what PyTorch's profiler writes, one trace a rank."""

from __future__ import annotations

import gzip
import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

STEPS, LAYERS = 6, 8
MEGABYTE = 1 << 20
HOST, MAIN, BACKWARD = 4242, 4242, 4260
COMPUTE, TALK = 7, 20

GEMM = "sm90_xmma_gemm_bf16bf16_bf16f32_f32_tn_n_tilesize128x128x64_warpgroupsize1x1x1_execute_segment_k_off_kernel"
NORM = "void at::native::(anonymous namespace)::vectorized_layer_norm_kernel<c10::BFloat16, float>(int, float)"
GELU = "void at::native::vectorized_elementwise_kernel<4, at::native::GeluCUDAKernelImpl<float>, int>(int, float)"
ADAM = "void at::native::(anonymous namespace)::multi_tensor_apply_kernel<FusedAdamMathFunctor<float, 4>>(int)"
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
        self.number += 1
        self.span("cpu_op", name, at, long, tid, External_id=self.number, Input_Dims=[[16, 512, 1024], [1024, 1024]])
        self.span(
            "cuda_runtime", "cudaLaunchKernel", at + long / 3, 4.0, tid,
            External_id=self.number, correlation=self.number,
        )  # fmt: skip
        begin = max(self.free.get(stream, 0.0), at + long / 2)
        work *= float(self.chance.uniform(0.9, 1.1))
        told = {"grid": [512, 1, 1], "block": [256, 1, 1], "blocks_per_SM": 0.9 if kernel == GEMM else 0.4,
                "registers_per_thread": 168, "shared_memory": 98304, "est._achieved_occupancy_%": 38}  # fmt: skip
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
    """The traces of two ranks, the second of which is slower."""
    directory.mkdir(parents=True)
    for rank in (0, 1):
        recorder = Recorder(rank, np.random.default_rng(rank))
        at = 0.0
        for step in range(STEPS):
            at = _step(recorder, step, at)
        document = {
            "schemaVersion": 1,
            "deviceProperties": [{"id": rank, "name": "NVIDIA H100 80GB HBM3", "totalGlobalMem": 85 * 10**9}],
            "distributedInfo": {"backend": "nccl", "rank": rank, "world_size": 2},
            "traceEvents": recorder.events,
        }
        path = directory / f"rank{rank}.1760000000000000000.pt.trace.json.gz"
        path.write_bytes(gzip.compress(json.dumps(document).encode(), 6))


def _step(recorder: Recorder, number: int, begin: float) -> float:
    slower = 1.12 if recorder.rank else 1.0
    wait = 2200.0 * float(recorder.chance.uniform(0.5, 1.6))
    recorder.span("user_annotation", "enumerate(DataLoader)#_MultiProcessingDataLoaderIter.__next__", begin, wait)
    at = begin + wait + 40
    recorder.span("cpu_op", "aten::to", at - 30, 28)
    recorder.span("gpu_memcpy", "Memcpy HtoD (Pinned -> Device)", at + 20, 380, COMPUTE, recorder.rank,
                  device=recorder.rank, stream=COMPUTE, bytes=16 * MEGABYTE)  # fmt: skip
    recorder.free[COMPUTE] = at + 400
    forward = at
    for layer in range(LAYERS):
        recorder.memory(at + 5, 180 * MEGABYTE, 1000 + layer)
        at = recorder.operator("aten::layer_norm", NORM, at, 45, 90 * slower, MAIN, COMPUTE)
        at = recorder.operator("aten::linear", GEMM, at + 6, 70, 520 * slower, MAIN, COMPUTE)
        recorder.memory(at - 30, 90 * MEGABYTE, 2000 + layer)
        at = recorder.operator("aten::gelu", GELU, at + 6, 40, 110 * slower, MAIN, COMPUTE)
    recorder.span("user_annotation", "forward", forward, at - forward)
    backward = at + 60
    at = backward
    for layer in reversed(range(LAYERS)):
        at = recorder.operator("autograd::engine::evaluate_function: AddmmBackward0", GEMM, at + 8, 95,
                               980 * slower, BACKWARD, COMPUTE)  # fmt: skip
        recorder.free[TALK] = max(recorder.free.get(TALK, 0.0), recorder.free[COMPUTE])  # of what was computed
        at = recorder.operator("c10d::allreduce_", REDUCE, at + 4, 30, 640, BACKWARD, TALK)
        done = recorder.free[COMPUTE]
        recorder.memory(done, -180 * MEGABYTE, 1000 + layer, BACKWARD)
        recorder.memory(done + 1, -90 * MEGABYTE, 2000 + layer, BACKWARD)
    update = max(at + 80, recorder.free[TALK] - 300)
    recorder.span("user_annotation", "Optimizer.step#AdamW.step", update, 1150)
    recorder.operator("aten::_fused_adamw_", ADAM, update + 60, 900, 700, MAIN, COMPUTE)
    end = max(update + 1300, recorder.free[COMPUTE] + 120)
    recorder.span("user_annotation", f"ProfilerStep#{number + 10}", begin, end - begin)
    return end
