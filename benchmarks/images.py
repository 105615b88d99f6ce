"""How long a key takes to bring other images: 10 tags at 500 steps each, as half blocks in a window of 120x35.

Keys between steps that were looked at lately, or lie beside the last one, find their pictures drawn; for a step that is
typed they have to be read and decoded first. The time is until the last byte of all images of the page.
"""

from __future__ import annotations

import tempfile
from pathlib import Path

import numpy as np

from benchmarks.report import Figure, latency, main, percentile, scratch
from benchmarks.terminal import Answer, Program, tbtui
from tbtui.demo.writer import EventWriter

TAGS, STEPS, SIDE = 10, 500, 128
ROUNDS = 20
CACHED, UNCACHED = 0.05, 0.15
MEGABYTES = 400
STARTS, SLOWER = 7, 1.1
TAB, ENTER = b"\t", b"\r"


def write_images(directory: Path) -> None:
    """Moving, colourful patterns as PNG, one a tag and step, by the demo's writer."""
    from tbtui.demo.pictures import encode_png

    writer = EventWriter(directory / "run", clock=lambda: 1.7e9)
    y, x = np.mgrid[0:SIDE, 0:SIDE] / SIDE
    for step in range(STEPS):
        for tag in range(TAGS):
            turn = step / 40 + tag
            red = np.sin(9 * x + turn) * np.cos(7 * y - turn)
            green = np.sin(5 * np.hypot(x - 0.5, y - 0.5) * (2 + tag) - turn)
            blue = np.cos(11 * (x - y) * (1 + tag / 9) + turn)
            pixels = np.uint8((np.stack((red, green, blue), axis=-1) + 1) * 127.5)
            writer.images(f"sample/{tag}", (SIDE, SIDE), [encode_png(pixels)], step * 10)
        writer.flush()
    writer.close()


def logs() -> Path:
    """The log directory; made once, and kept."""
    directory = scratch() / f"images-{TAGS}x{STEPS}x{SIDE}"
    if not directory.exists():
        unfinished = directory.with_suffix(".new")
        write_images(unfinished)
        unfinished.rename(directory)
    return directory


def measure() -> list[Figure]:
    """The 95th percentile of each kind of key, to the last byte of the page."""
    with tbtui(str(logs()), "--dashboard", "images", "--images", "blocks", columns=120, rows=35) as program:
        program.wait_for("newest", 60)
        program.quiet(1.5)
        program.press(TAB)
        beside, again, typed = [], [], []
        for number in range(ROUNDS):
            typed.append(_go_to(program, (number * 1370 + 250) % (STEPS * 10)))
            beside.append(program.press(b"["))
            again.append(program.press(b"]"))
            again.append(program.press(b"["))
        memory = program.memory("VmHWM")
    return [
        _figure("step beside the last one", beside, CACHED),
        _figure("step seen before", again, CACHED),
        _figure("any other step", typed, UNCACHED),
        Figure("5,000 images: memory at most", f"{memory:.0f} MB", f"{MEGABYTES} MB", memory < MEGABYTES),
        *measure_without(),
    ]


def measure_without() -> list[Figure]:
    """What images cost those who have none: starts that look for the terminal's pictures beside such that do not, in
    turns, and whether an imaging library is in memory once curves are on the screen."""
    times: dict[str, list[float]] = {"auto": [], "off": []}
    loaded = False
    with tempfile.TemporaryDirectory() as temporary:
        directory = Path(temporary)
        writer = EventWriter(directory / "run", clock=lambda: 1.7e9)
        for step in range(100):
            writer.scalar("loss", 1 / (step + 1), step)
        writer.close()
        for _ in range(STARTS):
            for how, measured in times.items():
                with tbtui(str(directory), "--images", how, columns=120, rows=35) as program:
                    measured.append(program.wait_for_curve() - program.started)
                    loaded |= "/PIL/" in Path(f"/proc/{program.pid}/maps").read_text()
    auto, off = (percentile(times[how], 0.5) for how in ("auto", "off"))
    remark = f"{auto * 1e3:.0f} ms against {off * 1e3:.0f} ms"
    return [
        Figure(
            "no images: launch, --images auto to off", f"{auto / off:.2f}", f"{SLOWER}", auto / off <= SLOWER, remark
        ),
        Figure("no images: imaging library in memory", "yes" if loaded else "no", "no", not loaded),
    ]


def _go_to(program: Program, step: int) -> Answer:
    """Type a step; what its last key brought."""
    program.press(b":", quiet=0.1)
    for digit in str(step).encode():
        program.press(bytes([digit]), quiet=0.05)
    return program.press(ENTER)


def _figure(what: str, answers: list[Answer], target: float) -> Figure:
    count = percentile([one.count for one in answers], 0.5)
    return latency(f"5,000 images, p95: {what}", [one.last for one in answers], target, f"{count / 1e3:.0f} kB")


if __name__ == "__main__":
    main(measure)
