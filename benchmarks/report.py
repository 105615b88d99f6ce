"""What a benchmark hands back, how it is printed, and the logs it needs."""

from __future__ import annotations

import os
import re
import resource
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One line of the table: what was measured, the figure and its target in words, whether it holds, and a remark."""

    what: str
    figure: str
    target: str
    holds: bool | None
    remark: str = ""


def percentile(values: Sequence[float], share: float) -> float:
    """The value that a share (0 to 1) of them does not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


def latency(what: str, seconds: Sequence[float], target: float, *remarks: str) -> Figure:
    """The 95th percentile of what these took, in milliseconds, beside its target; the median is told too."""
    late = percentile(seconds, 0.95)
    told = ", ".join((f"median {percentile(seconds, 0.5) * 1e3:.0f} ms", *remarks))
    return Figure(what, f"{late * 1e3:.0f} ms", f"{target * 1e3:.0f} ms", late <= target, told)


def table(figures: Iterable[Figure]) -> str:
    """The figures as lines of text in columns."""
    rows = [("what", "figure", "target", "", "")]
    for one in figures:
        verdict = "" if one.holds is None else "ok" if one.holds else "MISSED"
        rows.append((one.what, one.figure, one.target, verdict, one.remark))
    widths = [max(len(row[column]) for row in rows) for column in range(5)]
    lines = ["  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip() for row in rows]
    return "\n".join((lines[0], "-" * len(lines[0]), *lines[1:]))


def main(measure: Callable[[], list[Figure]]) -> None:
    """Run one benchmark and print its table."""
    print(table(measure()))


def peak_memory(pid: int | str = "self") -> int:
    """The most bytes a process ever had in memory; 0 where that cannot be told.

    Linux counts the memory of the process that started one into its `ru_maxrss`, so /proc is asked there.
    """
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(found[1]) * 1024 if found else 0
    except OSError:
        own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss if pid == "self" else 0
        return own * (1 if sys.platform == "darwin" else 1024)


def scratch() -> Path:
    """Where logs are kept from one benchmark to the next: `TBTUI_BENCHMARK_DIR`, or a directory of the system's."""
    directory = Path(os.environ.get("TBTUI_BENCHMARK_DIR") or Path(tempfile.gettempdir()) / "tbtui-benchmarks")
    directory.mkdir(parents=True, exist_ok=True)
    return directory


def logs(name: str, *, runs: int, tags: int, steps: int) -> Path:
    """A log directory of scalars in the layout of PyTorch's writer; made once, and kept."""
    directory = scratch() / f"{name}-{runs}x{tags}x{steps}"
    if not directory.exists():
        from benchmarks.generate_logs import write_scalars

        unfinished = directory.with_suffix(".new")
        write_scalars(unfinished, runs=runs, tags=tags, steps=steps)
        unfinished.rename(directory)
    return directory
