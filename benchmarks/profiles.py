"""Captures of profilers: how long until the overview, against only parsing the same file, in turns.

    python -m benchmarks.profiles

A Chrome trace of 200 MB, as PyTorch writes it, against `json.load`; an XLA capture of 100 MB against parsing it with
protobuf alone. Each in a fresh process; the start of the interpreter is left out, the peak of memory is the process's.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median

from benchmarks.report import Figure, latency, main, peak_memory, scratch
from benchmarks.terminal import tbtui
from tbtui.dashboards.profile.views import VIEWS

TRACE_BYTES, XPLANE_BYTES = 200 << 20, 100 << 20
MEGABYTE = 1 << 20
ROUNDS = 3
STEP_US = 100_000.0
LAUNCH_BYTES = 118  # about, of a function of Python, its launch, and the kernel
STATS = ("group_id", "correlation_id", "tf_op", "step_num", "kernel_details", "context_id", "hlo_op", "hlo_module")
KEY = 0.05  # seconds


@dataclass(frozen=True)
class Reading:
    """Seconds and peak memory in bytes of one reading."""

    seconds: float
    peak: int


def make_trace(path: Path) -> None:
    """Steps of 400 operators in operators, each inner one with a launch and a kernel."""
    unfinished = path.with_suffix(".new")
    with unfinished.open("w") as file:
        file.write('{"schemaVersion": 1, "deviceProperties": [{"id": 0, "name": "GPU"}], "traceEvents": [\n')
        step = 0
        while file.tell() < TRACE_BYTES:
            file.write(",\n".join(json.dumps(event) for event in _step(step)) + ",\n")
            step += 1
        file.write('{"ph": "M", "name": "process_name", "pid": 1, "tid": 0, "args": {"name": "python"}}]}')
    unfinished.rename(path)


def _step(number: int) -> list[dict[str, object]]:
    at = number * STEP_US
    events = [_event("user_annotation", f"ProfilerStep#{number}", at, STEP_US - 1)]
    for place in range(200):
        begin, external = at + place * 400.0, number * 1000 + 2 * place + 1
        name = f"aten::op_{place % 40}"
        told = {"External id": external, "Record function id": 0, "Sequence number": place, "Ev Idx": place}
        events.append(_event("cpu_op", name, begin, 300.125, {**told, "Input Dims": [[32, 512], [512, 512]]}))
        events.append(_event("cpu_op", f"{name}_inner", begin + 20, 200.5, {**told, "External id": external + 1}))
        launch = {"External id": external + 1, "cbid": 211, "correlation": external}
        events.append(_event("cuda_runtime", "cudaLaunchKernel", begin + 40, 10.25, launch))
        kernel = {"External id": external + 1, "correlation": external, "device": 0, "stream": 7, "grid": [64, 1, 1],
                  "block": [256, 1, 1], "registers per thread": 32, "shared memory": 0, "blocks per SM": 0.5,
                  "est. achieved occupancy %": 25}  # fmt: skip
        events.append(
            _event("kernel", f"void kernel_{place % 60}<float>(int)", begin + 80, 250.0, kernel, pid=0, tid=7)
        )
    return events


def _event(
    cat: str, name: str, ts: float, dur: float, args: dict[str, object] | None = None, pid: int = 1, tid: int = 1
) -> dict[str, object]:
    return {"ph": "X", "cat": cat, "name": name, "pid": pid, "tid": tid, "ts": ts, "dur": dur, "args": args or {}}


def make_xplane(path: Path) -> None:
    """Steps of a host thread on which functions of Python launch kernels, and a stream of these: events as long, and
    with as many stats, as in captures of JAX and TensorFlow."""
    from tbtui.events.proto import xplane_pb2

    space = xplane_pb2.XSpace()
    host, device = space.planes.add(name="/host:CPU"), space.planes.add(name="/device:GPU:0")
    thread = host.lines.add(name="python", timestamp_ns=10**18)
    stream = device.lines.add(name="Stream #7(Compute)", timestamp_ns=10**18)
    functions = [f"$layers.py:{n} forward" for n in range(300)]
    kernels = [f"fusion_{n}" for n in range(300)]
    for plane, names in ((host, [*functions, "cuLaunchKernel", "train"]), (device, kernels)):
        for number, name in enumerate(names, 1):
            plane.event_metadata[number].name = name
        for number, name in enumerate(STATS, 1):
            plane.stat_metadata[number].name = name
    details = [f"regs:32 static_shared:0 dynamic_shared:0 grid:{n},1,1 block:256,1,1 occ_pct:50" for n in range(1, 60)]
    operations = [f"layer_{n}/MatMul:MatMul" for n in range(300)]
    told = [*details, *operations, *(f"fusion.{n}" for n in range(300)), "jit_step"]
    for number, text in enumerate(told, 200):
        device.stat_metadata[number].name = text
    for number in range(XPLANE_BYTES // LAUNCH_BYTES):
        at = number * 1_000_000
        if number % 1000 == 0:
            mark = thread.events.add(metadata_id=302, offset_ps=at, duration_ps=999_000_000)
            mark.stats.add(metadata_id=4, int64_value=number // 1000)
        thread.events.add(metadata_id=1 + number % 300, offset_ps=at, duration_ps=800_000)
        launch = thread.events.add(metadata_id=301, offset_ps=at + 200_000, duration_ps=300_000)
        launch.stats.add(metadata_id=2, int64_value=number)
        launch.stats.add(metadata_id=1, int64_value=number // 1000)
        kernel = stream.events.add(metadata_id=1 + number % 300, offset_ps=at + 250_000, duration_ps=700_000)
        kernel.stats.add(metadata_id=2, int64_value=number)
        kernel.stats.add(metadata_id=5, ref_value=200 + number % 59)
        kernel.stats.add(metadata_id=3, ref_value=259 + number % 300)
        kernel.stats.add(metadata_id=1, int64_value=number // 1000)
        kernel.stats.add(metadata_id=6, str_value="$$1")
        kernel.stats.add(metadata_id=7, ref_value=559 + number % 300)
        kernel.stats.add(metadata_id=8, ref_value=859)
    unfinished = path.with_suffix(".new")
    unfinished.write_bytes(space.SerializeToString())
    unfinished.rename(path)


def inside(how: str, path: str) -> Reading:
    """One reading in this process, which must be fresh."""
    begin = time.perf_counter()
    if how == "json":
        with open(path, "rb") as file:
            json.load(file)
    elif how == "protobuf":
        from tbtui.events.proto import xplane_pb2

        begin = time.perf_counter()
        xplane_pb2.XSpace.FromString(Path(path).read_bytes())
    else:
        from tbtui.profiles.find import find_captures, read_capture
        from tbtui.profiles.overview import look_over

        (capture,) = find_captures(path)
        begin = time.perf_counter()
        overview = look_over(read_capture(capture))
        assert overview.steps
    seconds = time.perf_counter() - begin
    return Reading(seconds, peak_memory())


def read(how: str, path: Path) -> Reading:
    """One reading in a fresh process."""
    command = [sys.executable, "-m", "benchmarks.profiles", how, str(path)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Reading(**json.loads(out))


def race(path: Path, ours: str, rival: str, target: float | None, most: float | None) -> list[Figure]:
    """Both readings of a file, in turns."""
    mine, theirs = [], []
    for _ in range(ROUNDS):
        theirs.append(read(rival, path))
        mine.append(read(ours, path))
    size = path.stat().st_size
    seconds, plain = median(one.seconds for one in mine), median(one.seconds for one in theirs)
    peak = median(one.peak for one in mine)
    name = f"{size // MEGABYTE} MB {'XLA capture' if ours == 'xplane' else 'Chrome trace'}"
    words = "parsing it with protobuf alone" if ours == "xplane" else "json.load"
    return [
        Figure(
            f"{name}: overview against {words}",
            f"x{plain / seconds:.2f}",
            f">= x{target:g}" if target else "",
            plain / seconds >= target if target else None,
            f"{seconds:.1f} / {plain:.1f} s",
        ),
        Figure(
            f"{name}: peak memory",
            f"{peak / size:.1f} times the file",
            f"<= {most:g}" if most else "",
            peak / size <= most if most else None,
            f"{peak // MEGABYTE} MB",
        ),
    ]


def contains(text: bytes, data: bytes) -> bool:
    """Whether what was written holds a text."""
    return text in data


def keys_meanwhile(path: Path) -> Figure:
    """The keys of the app while it reads a trace and counts: until the name of the view is another one."""
    views = list(VIEWS.values())
    took: list[float] = []
    with tbtui(str(path), "--no-cache", columns=200, rows=50) as program:
        program.wait_for("Reading", 60)
        program.write(b"\t")
        number = 0
        while not any(b"busy" in data for _, data in program.chunks):  # of the overview, when all is counted
            number = (number + 1) % len(views)
            begin, pressed = len(program.chunks), time.perf_counter()
            program.write(b"v")
            title = views[number].title.encode()
            took.append(program.wait(partial(contains, title), 20, begin) - pressed)
            time.sleep(0.05)
    what = f"key to screen, p95: while {path.stat().st_size // MEGABYTE} MB are read and counted"
    return latency(what, took, KEY, f"{len(took)} keys", f"the slowest {max(took) * 1e3:.0f} ms")


def measure() -> list[Figure]:
    """Both kinds of capture."""
    trace, xplane = scratch() / "profile.pt.trace.json", scratch() / "profile.xplane.pb"
    if not trace.exists():
        make_trace(trace)
    if not xplane.exists():
        make_xplane(xplane)
    return [
        keys_meanwhile(trace),
        *race(trace, "chrome", "json", 1.0, 10.0),
        *race(xplane, "xplane", "protobuf", 1.0, 10.0),
    ]


if __name__ == "__main__":
    if len(sys.argv) == 3:
        print(json.dumps(vars(inside(*sys.argv[1:]))))
    else:
        main(measure)
