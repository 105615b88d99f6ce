"""How long a key takes to change the screen: 12 charts of 10 runs of 100,000 points, in a window of 200x50.

Once with each run as a curve, and once with the runs in two groups, each drawn as a mean with a band.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks.report import Figure, latency, logs, main, percentile
from benchmarks.terminal import Answer, tbtui

RUNS, TAGS, STEPS = 10, 12, 100_000
ROUNDS, GROUPED_ROUNDS = 8, 5
TARGET = 0.05

TAB, ESCAPE, ENTER = b"\t", b"\x1b", b"\r"

# What is typed in each round, by what it is called; keys without a name bring the screen back to where it was.
ROUND: tuple[tuple[str, bytes], ...] = (
    ("focus", b"l"),
    ("focus", b"j"),
    ("focus", b"h"),
    ("focus", b"k"),
    ("cursor", b"["),
    ("cursor", b"["),
    ("zoom", b"z"),
    ("pan", b"<"),
    ("pan", b">"),
    ("zoom", b"Z"),
    ("smoothing", b"s"),
    ("smoothing", b"S"),
    ("y axis", b"y"),
    ("y axis", b"y"),
    ("y axis", b"y"),
    ("x axis", b"x"),
    ("x axis", b"x"),
    ("x axis", b"x"),
    ("x axis", b"x"),
    ("tags for x", b"x"),
    ("", b"e"),
    ("", b"p"),
    ("tag as x", ENTER),
    *[("x axis", b"x")] * 5,
    ("tags for x", b"x"),
    ("", b"l"),
    ("", b"r"),
    ("tag that goes to and fro as x", ENTER),
    ("x axis", b"x"),
    ("log x", b"X"),
    ("log x", b"X"),
    ("raw", b"~"),
    ("raw", b"~"),
    ("raw", b"~"),
    ("size", b"+"),
    ("page", b"n"),
    ("page", b"p"),
    ("size", b"-"),
    ("full screen", ENTER),
    ("full cursor", b"h"),
    ("full cursor", b"h"),
    ("full cursor", b"l"),
    ("full screen", ENTER),
    ("runs", b" "),
    ("runs", b" "),
)


GROUPING = "/(run_000)[0-4]|(run_00)0[5-9]/"

LOOKS_ALIKE = frozenset(("band",))
"""Keys after which the focused chart may look as before: one band is at times as wide as another. They are judged by
the first change of the screen, which says what is drawn now."""

GROUPED_ROUND: tuple[tuple[str, bytes], ...] = (
    ("focus", b"l"),
    ("focus", b"h"),
    ("zoom", b"z"),
    ("pan", b"<"),
    ("pan", b">"),
    ("zoom", b"Z"),
    ("smoothing", b"s"),
    ("smoothing", b"S"),
    *[("y axis", b"y")] * 3,
    *[("x axis", b"x")] * 4,
    ("tags for x", b"x"),
    ("", b"e"),
    ("", b"p"),
    ("tag as x", ENTER),
    ("x axis", b"x"),
    *[("band", b"%")] * 6,
    *[("log x", b"X")] * 2,
    ("full screen", ENTER),
    ("full cursor", b"h"),
    ("full cursor", b"l"),
    ("full screen", ENTER),
)


def measure() -> list[Figure]:
    """The 95th percentile of each group of keys: to the first change of the screen, and to the last."""
    return [*_measured(ROUND, ROUNDS), *_measured(GROUPED_ROUND, GROUPED_ROUNDS, "groups, ", "--grouping", GROUPING)]


def _measured(keys: Sequence[tuple[str, bytes]], rounds: int, kind: str = "", *words: str) -> list[Figure]:
    directory = logs("curves", runs=RUNS, tags=TAGS, steps=STEPS)
    answers: dict[str, list[Answer]] = {}
    with tbtui(str(directory), *words, columns=200, rows=50) as program:
        program.wait_for_curve(60)
        program.quiet(1.5)
        program.press(TAB)
        for _ in range(rounds):
            for name, key in keys:
                answers.setdefault(name, []).append(program.press(key))
    answers.pop("", None)
    return [figure(kind + name, found, lists=name in LOOKS_ALIKE) for name, found in answers.items()]


def figure(name: str, answers: Sequence[Answer], *, lists: bool = False) -> Figure:
    """What these keys took; the target is for the first piece of a curve, or (`lists`) for the first change at all."""
    soonest, first, last = ([getattr(one, part) for one in answers] for part in ("soonest", "first", "last"))
    remarks = [f"until all is drawn {percentile(last, 0.5) * 1e3:.0f} ms"]
    if lists:
        chart = f"first chart {percentile(first, 0.5) * 1e3:.0f} ms, its p95 {percentile(first, 0.95) * 1e3:.0f} ms"
        remarks.insert(0, chart)
    return latency(f"key to screen, p95: {name}", soonest if lists else first, TARGET, *remarks)


if __name__ == "__main__":
    main(measure)
