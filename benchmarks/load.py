"""Cold load, against TensorBoard's Rust data server on the same files, in turns, each in a fresh process.

    python -m benchmarks.load [-n ROUNDS] [NAME...]

NAME is a layout of `generate_logs`; the logs are made when they are missing. The server is the one from PyPI
(`tensorboard-data-server`): as it is by default (it keeps 1000 points a tag and checks no payload), and with
`--samples-per-plugin scalars=all --checksum`, which is the work done here. What is compared is the time from the first
look into the log directory until everything is in memory; start of the processes is left out on both sides. Medians.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.generate_logs import LAYOUTS, generate
from benchmarks.report import Figure, main, peak_memory, scratch

ROUNDS = 5
MEGABYTE = 1 << 20
EVERYTHING = ("--samples-per-plugin", "scalars=all", "--checksum")


@dataclass(frozen=True)
class Target:
    """How many times faster than the server by default, and than the server doing the same work."""

    default: float
    everything: float | None = None


TARGETS = {
    "tf1": Target(2.5, 5.0),
    "tf2": Target(4.0, 5.0),
    "gaps": Target(2.5, 5.0),
    "shared": Target(2.5, 5.0),
    "runs100": Target(2.0),
    "runs1000": Target(1.7),
    "tags2000": Target(2.5),
    "histograms": Target(3.0),
    "images": Target(3.0),
}


@dataclass(frozen=True)
class Load:
    """One load: seconds by the clock, CPU seconds (of the whole process), peak memory in bytes, bytes a point."""

    seconds: float
    cpu: float
    peak: int
    point_bytes: float = 0.0


def load_ours(logdir: Path) -> Load:
    """Load in a fresh interpreter."""
    command = [sys.executable, "-m", "benchmarks.load", "--inside", str(logdir)]
    out = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return Load(**json.loads(out))


def load_inside(logdir: str) -> Load:
    """Load in this process, which must be fresh."""
    from tbtui.store.opening import open_logdir

    before = peak_memory()
    begin = time.perf_counter()
    opened = open_logdir(logdir)
    seconds = time.perf_counter() - begin
    times = os.times()
    points = opened.store.points
    peak = peak_memory()
    grown = (peak - before) / points if points else 0.0
    opened.close()
    return Load(seconds, times.user + times.system + times.children_user + times.children_system, peak, grown)


def load_rust(logdir: Path, *options: str) -> Load:
    """Load with the data server; its own log tells how long the load took."""
    import tensorboard_data_server

    command = [
        tensorboard_data_server.server_binary(),
        "--logdir",
        str(logdir),
        "--port",
        "0",
        "--reload",
        "once",
        "-v",
    ]
    environment = os.environ | {"RUST_LOG_STYLE": "never"}
    server = subprocess.Popen([*command, *options], stderr=subprocess.PIPE, text=True, env=environment)
    try:
        assert server.stderr is not None
        for line in server.stderr:
            found = re.search(r"Finished load cycle \(([\d.]+)(ms|s|µs)\)", line)
            if found:
                break
        else:
            raise RuntimeError("the data server ended without a load")
        seconds = float(found[1]) * {"s": 1.0, "ms": 1e-3, "µs": 1e-6}[found[2]]
        return Load(seconds, cpu_seconds(server.pid), peak_memory(server.pid))
    finally:
        server.kill()
        server.wait()


def cpu_seconds(pid: int) -> float:
    """CPU seconds of a running process (Linux; 0 elsewhere)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def race(name: str, rounds: int) -> list[Figure]:
    """The loads of one log directory, in turns."""
    logdir = scratch() / "load" / name
    generate(logdir.parent, [name])
    default, everything, ours = [], [], []
    for _ in range(rounds):
        default.append(load_rust(logdir))
        everything.append(load_rust(logdir, *EVERYTHING))
        ours.append(load_ours(logdir))
    target = TARGETS[name]
    return [
        versus(name, "Rust default", default, ours, target.default),
        versus(name, "Rust all + checksum", everything, ours, target.everything),
        *memory(name, ours),
    ]


def versus(name: str, rival: str, theirs: list[Load], ours: list[Load], target: float | None) -> Figure:
    """How many times faster, by medians."""
    seconds, theirs_seconds = median(load.seconds for load in ours), median(load.seconds for load in theirs)
    cpu, theirs_cpu = median(load.cpu for load in ours), median(load.cpu for load in theirs)
    peak, theirs_peak = median(load.peak for load in ours), median(load.peak for load in theirs)
    ratio = theirs_seconds / seconds
    return Figure(
        f"{LAYOUTS[name][0]}: against {rival}",
        f"x{ratio:.2f}",
        f">= x{target:g}" if target else "",
        ratio >= target if target else None,
        f"{seconds * 1e3:.0f} / {theirs_seconds * 1e3:.0f} ms, CPU {cpu:.2f} / {theirs_cpu:.2f} s (ours with start), "
        f"peak {peak / MEGABYTE:.0f} / {theirs_peak / MEGABYTE:.0f} MB",
    )


def memory(name: str, ours: list[Load]) -> list[Figure]:
    """Bytes a point, all temporary memory of the load included."""
    grown = median(load.point_bytes for load in ours)
    if not grown:
        return []
    return [Figure(f"{LAYOUTS[name][0]}: growth of the process", f"{grown:.1f} bytes a point", "", None, "at its peak")]


def measure(names: list[str] | None = None, rounds: int = ROUNDS) -> list[Figure]:
    """All layouts."""
    return [figure for name in names or list(TARGETS) for figure in race(name, rounds)]


def command() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(TARGETS))
    parser.add_argument("-n", type=int, default=ROUNDS, dest="rounds", help="rounds (default %(default)s)")
    parser.add_argument("--inside", metavar="LOGDIR", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.inside:
        print(json.dumps(vars(load_inside(options.inside))))
    else:
        main(lambda: measure(options.names, options.rounds))


if __name__ == "__main__":
    command()
