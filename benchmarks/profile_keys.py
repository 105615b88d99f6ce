"""How long a key takes in a capture of 200 MB (a million events), in a window of 200x50.

The time is until the first change of the screen; of keys that count the capture anew until the last one.
"""

from __future__ import annotations

from pathlib import Path

from benchmarks.profiles import make_trace
from benchmarks.report import Figure, latency, main, percentile, scratch
from benchmarks.terminal import Answer, tbtui

ROUNDS = 3
KEY = 0.05
DOWN_PAGE = b"\x1b[6~"

ROUND: tuple[tuple[str, bytes], ...] = (
    ("view", b"P"),
    ("move", b"j"),
    ("move", b"j"),
    ("page", DOWN_PAGE),
    ("column", b"l"),
    ("sort", b"s"),
    ("sort", b"s"),
    ("view", b"K"),
    ("move", b"j"),
    ("sort", b"s"),
    ("view", b"X"),
    ("page", DOWN_PAGE),
    ("sort", b"s"),
    ("view", b"O"),
    ("page", DOWN_PAGE),
    ("timeline", b"L"),
    ("timeline: cursor", b"l"),
    ("timeline: cursor", b"j"),
    ("timeline: zoom", b"z"),
    ("timeline: zoom", b"Z"),
    ("timeline: zoom", b"Z"),
    ("timeline: pan", b">"),
    ("timeline: pan", b"<"),
    ("timeline: all", b"0"),
    ("timeline: cursor", b"l"),
    ("timeline: step", b"]"),
    ("timeline: step", b"["),
    ("timeline: next", b"n"),
    ("timeline: gap", b"b"),
)
COUNTED: tuple[tuple[str, bytes], ...] = (("by name and shape", b"g"), ("by type", b"g"), ("by module", b"g"))


def logs() -> Path:
    """A log directory of the trace that the benchmark of profiles reads; made once, and kept."""
    directory, trace = scratch() / "profile-keys", scratch() / "profile.pt.trace.json"
    if not trace.exists():
        make_trace(trace)
    directory.mkdir(exist_ok=True)
    link = directory / "worker0.pt.trace.json"
    if not link.exists():
        link.hardlink_to(trace)
    return directory


def measure() -> list[Figure]:
    """From the start to the overview; then the 95th percentile of each kind of key."""
    answers: dict[str, list[Answer]] = {}
    with tbtui(str(logs()), "--dashboard", "profile", columns=200, rows=50) as program:
        opened = program.wait_for("Where the time", 120)
        program.quiet(3)
        for _ in range(ROUNDS):
            for name, key in ROUND:
                answers.setdefault(name, []).append(program.press(key))
        program.press(b"P")
        for name, key in COUNTED:
            answers.setdefault(name, []).append(program.press(key, quiet=10.0, timeout=60.0))
        memory = program.memory("VmHWM")
    counted = {name for name, _ in COUNTED}
    return [
        Figure("capture of 200 MB: start to overview", f"{opened:.1f} s", "", None),
        *(_figure(name, found, name in counted) for name, found in answers.items()),
        Figure("capture of 200 MB: memory at most", f"{memory:.0f} MB", "", None),
    ]


def _figure(name: str, answers: list[Answer], counted: bool) -> Figure:
    last = percentile([one.last for one in answers], 0.5)
    done = f"counted in {last:.1f} s" if counted else f"all drawn {last * 1e3:.0f} ms"
    return latency(f"capture of 200 MB, key to screen, p95: {name}", [one.soonest for one in answers], KEY, done)


if __name__ == "__main__":
    main(measure)
