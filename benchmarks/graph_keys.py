"""How long a key takes in a graph of 100,000 nodes, in a window of 200x50: 79,000 of them in layers of blocks, 20,000
in one scope, 1,000 at the end of 1,000 levels.

A key is answered by the first change of the screen; of keys that list and draw what has to be found, how long it takes
until that is drawn is judged as well.
"""

from __future__ import annotations

from itertools import product
from pathlib import Path
from string import ascii_lowercase

from benchmarks.report import Figure, latency, main, scratch
from benchmarks.terminal import Answer, Program, tbtui

BLOCKS, LAYERS, OPS, FLAT, DEEP = 79, 50, 20, 20_000, 1_000
ROUNDS = 5
KEY, WORK = 0.05, 0.5
READING = 4.0

TAB, ENTER, HOME, END, DOWN_PAGE = b"\t", b"\r", b"\x1b[H", b"\x1b[F", b"\x1b[6~"

ROUND: tuple[tuple[str, bytes], ...] = (
    ("move", b"j"),
    ("move", b"j"),
    ("move", b"k"),
    ("page", DOWN_PAGE),
    ("page", DOWN_PAGE),
    ("ends", END),
    ("ends", HOME),
    ("like siblings", b"x"),
    ("like siblings", b"x"),
    ("sort", b"s"),
    ("sort", b"s"),
    ("colours", b"y"),
    ("colours", b"y"),
    ("colours", b"y"),
    ("next found", b"n"),
    ("next found", b"n"),
    ("previous found", b"p"),
    ("user", b">"),
    ("input", b"<"),
    ("back", b"b"),
    ("details", ENTER),
    ("details", b"h"),
    ("drawing", b"v"),
    ("drawing", b"v"),
    ("list of a type", b"O"),
    ("list of a type", b"O"),
    ("way from the inputs", b"P"),
    ("way from the inputs", b"P"),
    ("summary", b"m"),
    ("summary", b"m"),
    ("fold all", b"Z"),
    ("unfold all", b"z"),
)

LONG = frozenset(("drawing", "list of a type", "way from the inputs"))
"""What has to be found first."""


def write_graph(directory: Path) -> None:
    """The graph in an event file, by the demo's writer."""
    from tbtui.demo.graph import Node, graph_def
    from tbtui.demo.writer import EventWriter

    nodes = [Node("input", "Placeholder", (), (-1, 64))]
    for block, layer, op in product(range(BLOCKS), range(LAYERS), range(OPS)):
        kind = ("MatMul", "BiasAdd", "Relu", "Mul")[op % 4]
        nodes.append(Node(f"net/block_{block}/layer_{layer}/{kind}_{op}", kind, (nodes[-1].name,), (-1, 64)))
    words = ("".join(letters) for letters in product(ascii_lowercase, repeat=4))
    nodes += [
        Node(f"flat/{word}", "Identity", ("input",), (-1, 64)) for word, _ in zip(words, range(FLAT), strict=False)
    ]
    deep = "/".join(f"level{'abcdefghij'[n % 10]}" for n in range(DEEP))
    nodes += [Node(f"{deep}/{word}", "NoOp", (nodes[-1].name,)) for word, _ in zip(words, range(DEEP), strict=False)]
    writer = EventWriter(directory / "run", clock=lambda: 1.7e9)
    writer.graph(graph_def(nodes))
    writer.flush()
    writer.close()


def logs() -> Path:
    """The log directory; made once, and kept."""
    directory = scratch() / f"graph-{BLOCKS * LAYERS * OPS + FLAT + DEEP}"
    if not directory.exists():
        unfinished = directory.with_suffix(".new")
        write_graph(unfinished)
        unfinished.rename(directory)
    return directory


def measure() -> list[Figure]:
    """From the start to the first row; then the 95th percentile of each kind of key."""
    answers: dict[str, list[Answer]] = {}
    with tbtui(str(logs()), "--dashboard", "graphs", columns=200, rows=50) as program:
        opened = program.wait_for("flat", 60)
        program.quiet(1.5)
        program.press(TAB)
        _search(program, "relu_2", answers)
        for _ in range(ROUNDS):
            for name, key in ROUND:
                answers.setdefault(name, []).append(program.press(key))
        _search(program, "level", answers)
        for key in (b"p", b"k", HOME, END, HOME, b"p", b"h", b"n", HOME):
            answers.setdefault("1,000 levels", []).append(program.press(key))
        memory = program.memory("VmHWM")
    return [
        Figure("100,000 nodes: start to first row", f"{opened:.2f} s", f"{READING:.0f} s", opened <= READING),
        *(_figure(name, [one.soonest for one in found], KEY) for name, found in answers.items()),
        *(_figure(f"{name}, until all is drawn", [one.last for one in answers[name]], WORK) for name in sorted(LONG)),
        Figure("100,000 nodes: memory at most", f"{memory:.0f} MB", "", None),
    ]


def _search(program: Program, text: str, answers: dict[str, list[Answer]]) -> None:
    """Search, letter by letter."""
    program.press(b"/")
    for letter in text.encode():
        answers.setdefault("a letter of a search", []).append(program.press(bytes([letter]), quiet=0.6))
    program.press(ENTER)


def _figure(name: str, times: list[float], target: float) -> Figure:
    return latency(f"100,000 nodes, key to screen, p95: {name}", times, target)


if __name__ == "__main__":
    main(measure)
