"""Writes event files for benchmarks, quickly: a million scalars take about a second.

    python benchmarks/generate_logs.py FOLDER [NAME...]

NAME is one of the layouts below (default: all). Each becomes a log directory FOLDER/NAME; one that exists is kept.
The bytes are those that torch (TF1 layout), TensorFlow 2 and Keras write.
"""

from __future__ import annotations

import argparse
import struct
import sys
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from tbtui.events.checksum import contributions, length_checksum
from tbtui.events.record import HEADER_BYTES, OVERHEAD, encode_record
from tbtui.events.wire import BYTES, FIXED64, VARINT, key, write_varint

START = 1.7e9  # wall time of the first event
MASK_DELTA = np.uint32(0xA282EAD8)
SLOT = b"\xde\xad\xbe\xef"  # stands for a value in a template; occurs in no tag
NAMES = [
    *("train/loss", "train/accuracy", "val/loss", "val/accuracy", "lr", "grad_norm", "samples_per_second"),
    *("train/loss_ce", "train/loss_aux", "gpu/memory_gb", "gpu/utilisation", "epoch", "val/f1_macro"),
    *("optimiser/momentum", "optimiser/weight_decay", "train/perplexity", "encoder.0/weight_norm"),
    *("encoder.1/weight_norm", "decoder.0/weight_norm", "decoder.1/weight_norm"),
]


# --------------------------------------------------------------------------- messages


def field(number: int, body: bytes) -> bytes:
    """A field that holds bytes."""
    return write_varint(key(number, BYTES)) + write_varint(len(body)) + body


def doubles(number: int, values: NDArray[np.float64]) -> bytes:
    """A packed field of doubles."""
    return field(number, values.astype("<f8").tobytes())


def event(wall: float, step: int, body: bytes) -> bytes:
    """The record of an event."""
    number = write_varint(key(2, VARINT)) + write_varint(step) if step else b""
    return encode_record(bytes([key(1, FIXED64)]) + struct.pack("<d", wall) + number + body)


def version_record() -> bytes:
    """What a file begins with."""
    return event(START, 0, field(3, b"brain.Event:2"))


def simple_value(tag: str) -> bytes:
    """A value as torch and TF1 write it, with a slot for the number."""
    return field(1, field(1, tag.encode()) + b"\x15" + SLOT)


def tensor_value(tag: str) -> bytes:
    """A value as TensorFlow 2 writes it: a tensor of rank 0, and its plugin each time."""
    tensor = b"\x08\x01\x12\x00" + field(4, SLOT)
    return field(1, field(1, tag.encode()) + field(8, tensor) + field(9, field(1, field(1, b"scalars"))))


# --------------------------------------------------------------------------- scalars by the million


@dataclass
class Block:
    """Whole records of one length, and where each belongs among all (`order`)."""

    rows: NDArray[np.uint8]
    order: NDArray[np.int64]


def varints(steps: NDArray[np.int64], width: int) -> NDArray[np.uint8]:
    """Each step as a varint of `width` bytes, a row each."""
    out = np.empty((len(steps), width), np.uint8)
    for i in range(width):
        out[:, i] = (steps >> 7 * i) & 0x7F | (0x80 if i < width - 1 else 0)
    return out


def checksums(payloads: NDArray[np.uint8]) -> NDArray[np.uint32]:
    """Masked CRC of each row."""
    length = payloads.shape[1]
    crc = np.zeros(len(payloads), np.uint32)
    for i in range(length):
        column = payloads[:, i] ^ 255 if i < 4 else payloads[:, i]
        crc ^= contributions(length - 1 - i).take(column)
    return (crc ^ np.uint32(0xFFFFFFFF)) + MASK_DELTA


def stamp(
    template: bytes,
    steps: NDArray[np.int64],
    walls: NDArray[np.float64],
    values: NDArray[np.float32],
    order: NDArray[np.int64],
) -> Iterator[Block]:
    """Records that share a template; `values` has a column for each slot of it. One block for each width of step."""
    body = field(5, template)
    widths = np.where(steps == 0, 0, 1 + sum((steps >= 1 << bits).astype(np.int64) for bits in range(7, 63, 7)))
    for width in np.unique(widths).tolist():
        at = np.flatnonzero(widths == width)
        begin = 9 + (width + 1 if width else 0)
        length = begin + len(body)
        rows = np.empty((len(at), length + OVERHEAD), np.uint8)
        payload = rows[:, HEADER_BYTES : HEADER_BYTES + length]
        header = struct.pack("<QI", length, length_checksum(length))
        rows[:, :HEADER_BYTES] = np.frombuffer(header, np.uint8)
        payload[:, 0] = 0x09
        payload[:, 1:9] = walls[at].astype("<f8")[:, None].view(np.uint8)
        if width:
            payload[:, 9] = 0x10
            payload[:, 10:begin] = varints(steps[at], width)
        payload[:, begin:] = np.frombuffer(body, np.uint8)
        slot, column = body.find(SLOT), 0
        while slot >= 0:
            number = values[at, column].astype("<f4")[:, None].view(np.uint8)
            payload[:, begin + slot : begin + slot + 4] = number
            slot, column = body.find(SLOT, slot + 4), column + 1
        rows[:, HEADER_BYTES + length :] = checksums(payload).astype("<u4")[:, None].view(np.uint8)
        yield Block(rows, order[at])


def put_together(blocks: list[Block]) -> bytes:
    """All records in their order."""
    order = np.concatenate([block.order for block in blocks])
    sizes = np.concatenate([np.full(len(block.order), block.rows.shape[1]) for block in blocks])
    rank = np.argsort(order, kind="stable")
    begins = np.empty(len(order), np.int64)
    begins[rank] = np.cumsum(sizes[rank]) - sizes[rank]
    out = np.empty(int(sizes.sum()), np.uint8)
    done = 0
    for block in blocks:
        begin = begins[done : done + len(block.order)]
        for i in range(block.rows.shape[1]):
            out[begin + i] = block.rows[:, i]
        done += len(block.order)
    return out.tobytes()


def curves(chance: np.random.Generator, steps: int, tags: int) -> NDArray[np.float32]:
    """Losses that fall, with noise: a column for each tag."""
    fall = np.exp(-np.arange(steps)[:, None] / (chance.uniform(0.05, 0.4, tags) * max(steps, 1)))
    noise = chance.normal(0, 0.03, (steps, tags))
    return (0.1 + fall * chance.uniform(0.5, 5, tags) + noise).astype(np.float32)


def scalar_records(
    chance: np.random.Generator,
    tags: list[str],
    steps: int,
    value: Callable[[str], bytes] = simple_value,
    missing: float = 0.0,
) -> bytes:
    """An event for each tag and step; `missing` of them, by chance, are left out."""
    walls = START + np.cumsum(chance.uniform(0.02, 0.06, steps))
    numbers = curves(chance, steps, len(tags))
    if "epoch" in tags:
        numbers[:, tags.index("epoch")] = np.arange(steps) * 20 // max(1, steps)
    blocks: list[Block] = []
    for column, tag in enumerate(tags):
        at = np.flatnonzero(chance.random(steps) >= missing)
        order = at * len(tags) + column
        wall = walls[at] + column * 1e-5 + chance.uniform(0, 1e-5, len(at))
        blocks += stamp(value(tag), at, wall, numbers[at, column : column + 1], order)
    return put_together(blocks)


def shared_records(chance: np.random.Generator, tags: list[str], steps: int) -> bytes:
    """One event a step, with the values of all tags."""
    walls = START + np.cumsum(chance.uniform(0.02, 0.06, steps))
    template = b"".join(map(simple_value, tags))
    every = np.arange(steps)
    return put_together(list(stamp(template, every, walls, curves(chance, steps, len(tags)), every)))


def tag_names(count: int) -> list[str]:
    """The names of a small experiment, then those of the layers of a large one."""
    return (NAMES + [f"blocks.{i}/attention.output.weight_norm" for i in range(count)])[:count]


# --------------------------------------------------------------------------- blobs


def histogram_record(chance: np.random.Generator, tag: str, step: int) -> bytes:
    """A weight histogram in torch's buckets, about 9 kB."""
    positive = 1e-12 * 1.1 ** np.arange(774)
    edges = np.concatenate((-positive[::-1], [0.0], positive))
    sample = chance.normal(0, 0.02, 2048)
    counts = np.histogram(sample, edges)[0]
    used = np.flatnonzero(counts)
    first, last = int(used[0]), int(used[-1]) + 1
    sums = (sample.min(), sample.max(), sample.size, sample.sum(), sample @ sample)
    body = b"".join(bytes([key(i + 1, FIXED64)]) + struct.pack("<d", x) for i, x in enumerate(sums))
    body += doubles(6, edges[first : last + 1]) + doubles(7, np.append(counts[first:last], 0).astype(np.float64))
    return event(START + step, step, field(5, field(1, field(1, tag.encode()) + field(5, body))))


def png(pixels: NDArray[np.uint8]) -> bytes:
    """An RGB picture as a PNG file."""
    height, width, _ = pixels.shape

    def part(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    lines = np.concatenate((np.zeros((height, 1), np.uint8), pixels.reshape(height, -1)), axis=1)
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(lines.tobytes(), 1)
    return b"\x89PNG\r\n\x1a\n" + part(b"IHDR", head) + part(b"IDAT", body) + part(b"IEND", b"")


def image_record(picture: bytes, tag: str, step: int, size: int) -> bytes:
    """An image summary of TF1's form."""
    body = b"\x08" + write_varint(size) + b"\x10" + write_varint(size) + b"\x18\x03" + field(4, picture)
    return event(START + step, step, field(5, field(1, field(1, tag.encode()) + field(4, body))))


# --------------------------------------------------------------------------- log directories


def save(folder: Path, number: int, data: bytes) -> None:
    """Write the event file of one run."""
    run = folder / f"run_{number:04}"
    run.mkdir(parents=True, exist_ok=True)
    (run / f"events.out.tfevents.{int(START)}.bench.1.0").write_bytes(version_record() + data)


def write_scalars(
    folder: Path,
    *,
    runs: int,
    tags: int,
    steps: int,
    value: Callable[[str], bytes] = simple_value,
    missing: float = 0.0,
) -> None:
    """Runs of scalars, an event for each value; `missing` of them, by chance, are left out."""
    for number in range(runs):
        chance = np.random.default_rng([7, number])
        save(folder, number, scalar_records(chance, tag_names(tags), steps, value, missing))


def make_shared(folder: Path) -> None:
    """A run whose events hold the values of 20 tags each."""
    save(folder, 0, shared_records(np.random.default_rng(7), tag_names(20), 50_000))


def make_histograms(folder: Path) -> None:
    """60 layers at 500 steps; each step's histograms are the same but for tag and step."""
    chance = np.random.default_rng(7)
    layers = [f"layers.{i}.weight" for i in range(60)]
    save(folder, 0, b"".join(histogram_record(chance, tag, step) for step in range(500) for tag in layers))


def make_images(folder: Path) -> None:
    """4 tags at 300 steps, noisy pictures of 256 x 256."""
    chance = np.random.default_rng(7)
    pictures = [png(chance.integers(0, 256, (256, 256, 3), dtype=np.uint8)) for _ in range(8)]
    parts = [image_record(pictures[(step + i) % 8], f"samples/{i}", step, 256) for step in range(300) for i in range(4)]
    save(folder, 0, b"".join(parts))


LAYOUTS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "tf1": ("1 run x 1M scalars, TF1 layout", lambda f: write_scalars(f, runs=1, tags=20, steps=50_000)),
    "tf2": (
        "1 run x 1M scalars, TF2 layout",
        lambda f: write_scalars(f, runs=1, tags=20, steps=50_000, value=tensor_value),
    ),
    "gaps": (
        "1 run x 1M scalars, 30 % missing",
        lambda f: write_scalars(f, runs=1, tags=20, steps=71_429, missing=0.3),
    ),
    "shared": ("1 run x 1M scalars, 20 an event", make_shared),
    "runs100": ("100 runs x 10k", lambda f: write_scalars(f, runs=100, tags=20, steps=500)),
    "runs1000": ("1000 runs x 1k", lambda f: write_scalars(f, runs=1000, tags=20, steps=50)),
    "tags2000": ("2000 tags x 500 steps", lambda f: write_scalars(f, runs=1, tags=2000, steps=500)),
    "histograms": ("30k histograms", make_histograms),
    "images": ("1200 images", make_images),
}


def generate(folder: Path, names: list[str]) -> None:
    """Make the log directories that are not there yet."""
    for name in names:
        target = folder / name
        if target.exists():
            continue
        partial = folder / f"{name}.partial"
        LAYOUTS[name][1](partial)
        partial.rename(target)
        size = sum(file.stat().st_size for file in target.rglob("*tfevents*"))
        print(f"{target}: {LAYOUTS[name][0]}, {size / 1e6:.0f} MB", file=sys.stderr)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(LAYOUTS))
    options = parser.parse_args()
    unknown = set(options.names) - set(LAYOUTS)
    if unknown:
        parser.error(f"no layout is called {', '.join(sorted(unknown))}")
    generate(options.folder, options.names or list(LAYOUTS))


if __name__ == "__main__":
    main()
