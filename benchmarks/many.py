"""How long a key takes to change the screen with many runs and tags: 500 runs of 200 tags, in a window of 200x50.

All runs are shown, so every chart has 500 curves. Keys of the list of runs are judged by the first change of the
screen, which is the list's own answer; the charts follow, and how long they take is told beside. Filters, pages and
which runs are shown are judged by the first chart that comes out differently.
"""

from __future__ import annotations

from benchmarks.keys import ESCAPE, TAB, figure
from benchmarks.report import Figure, logs, main
from benchmarks.terminal import Answer, tbtui

RUNS, TAGS, STEPS = 500, 200, 60
ROUNDS = 5
REST = 0.5
"""Seconds of silence after which everything is drawn."""

LIST_KEYS = frozenset(("move in the list", "page of the list", "order", "filter by state, typing"))


def typed(name: str, text: str) -> list[tuple[str, bytes]]:
    """A key for each letter, then back to where it was before."""
    return [(name, letter.encode()) for letter in text]


CLEAR = [("", ESCAPE), ("", ESCAPE)]

# What is typed in each round, by what it is called; keys without a name bring the screen back to where it was.
ROUND: list[tuple[str, bytes]] = [
    *[("move in the list", b"j")] * 4,
    *[("move in the list", b"k")] * 2,
    ("page of the list", b"\x1b[6~"),
    ("page of the list", b"\x1b[5~"),
    *[("show and hide a run", b" ")] * 2,
    *[("only this run", b"o")] * 2,
    *[("all and none", b"a")] * 2,
    *[("order", b"u")] * 6,
    *[("page of charts", b"n")] * 4,
    *[("page of charts", b"p")] * 4,
    ("", b"f"),
    *typed("filter runs, typing", "run_012"),
    *CLEAR,
    ("", b"f"),
    *typed("filter by state, typing", "state:end"),
    *CLEAR,
    ("", b"/"),
    *typed("filter tags, typing", "att 12"),
    *CLEAR,
    ("", TAB),
]


def measure() -> list[Figure]:
    """The 95th percentile of each group of keys, and how long it takes to open."""
    directory = logs("many", runs=RUNS, tags=TAGS, steps=STEPS)
    answers: dict[str, list[Answer]] = {}
    with tbtui(str(directory), columns=200, rows=50) as program:
        opened = program.wait_for_curve(60) - program.started
        program.quiet(2.0, 120)
        loaded = program.chunks[-1][0] - program.started
        for _ in range(ROUNDS):
            for name, key in ROUND:
                answer = program.press(key, REST)
                answers.setdefault(name, []).append(answer)
    answers.pop("")
    opening = Figure(
        "500 runs x 200 tags, launch to first curve", f"{opened:.2f} s", "", None, f"all read and drawn {loaded:.1f} s"
    )
    return [opening, *(figure(f"500 x 200, {name}", found, lists=name in LIST_KEYS) for name, found in answers.items())]


if __name__ == "__main__":
    main(measure)
