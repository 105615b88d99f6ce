"""`tbtui plot --kind image`: images of log directories, printed as half blocks or as the terminal's own pictures."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, TextIO

import numpy as np

from tbtui.analysis.order import natural_key
from tbtui.analysis.text import safe
from tbtui.commands.output import can_show, color_system, size
from tbtui.commands.reading import chosen_runs, nothing_found, read_logdirs
from tbtui.graphics import Graphics, ask, choose
from tbtui.settings import Options

if TYPE_CHECKING:
    from tbtui.charts.pixels import Pixels
    from tbtui.store import Store
    from tbtui.store.series import BlobSeries

__all__ = ["Wanted", "draw_images", "run"]

PLUGIN = "images"


@dataclass(frozen=True)
class Wanted:
    """Which images, and how large: the step nearest to `step` (None: the newest), at most so many columns and rows
    (None: as the terminal has)."""

    step: int | None = None
    width: int | None = None
    height: int | None = None


def run(options: Options, wanted: Wanted) -> int:
    """Prints every image of every chosen tag and run at one step.

    Returns the exit code. Raises CommandError where nothing can be read, or nothing is there to be shown.
    """
    stream = sys.stdout
    with read_logdirs(options) as logdir:
        graphics = _graphics(options, stream)
        found = False
        for text in draw_images(logdir.store, options, wanted, stream, graphics):
            stream.write(("\n" if found else "") + text + "\n")
            stream.flush()
            found = True
        if not found:
            raise nothing_found(logdir.store, options, "images to show")
    return 0


def _graphics(options: Options, stream: TextIO) -> Graphics:
    """What the terminal can show; nothing but blocks where there is none, or where it has no colours."""
    colors = color_system(stream, options.color)
    usable = stream.isatty() and sys.stdin.isatty() and colors in ("truecolor", "256") and not options.ascii
    if options.images in ("blocks", "off") or not usable:
        return Graphics("off" if options.images == "off" else "blocks")
    reply = ask(sys.stdin.fileno(), stream.fileno()) if options.images == "auto" else b""
    return choose(options.images, reply, os.environ, stdout=stream.fileno())


def draw_images(store: Store, options: Options, wanted: Wanted, stream: TextIO, graphics: Graphics) -> Iterator[str]:
    """Each image with its name and facts, as text for a stream."""
    from tbtui.charts.pictures import BadPicture, decode_picture
    from tbtui.events.summaries import BadSummary, images
    from tbtui.store.blobs import BlobUnreadable, read_value

    pattern = re.compile(options.tag or "")
    columns, rows = size(stream)
    columns, rows = wanted.width or columns, wanted.height or max(4, rows - 3)
    several = [
        (tag, series)
        for one in chosen_runs(store, options)
        for (plugin, tag), series in one.blobs.items()
        if plugin == PLUGIN and pattern.search(tag) and len(series.steps(options.purge))
    ]
    for tag, series in sorted(several, key=lambda pair: natural_key(pair[0])):
        reference = series.reference(_index(series, wanted.step, options.purge), options.purge)
        title = f"{safe(tag)}  {safe(series.run)}  step {reference.step:,}"
        try:
            samples = images(read_value(reference)).samples
        except (BadSummary, BlobUnreadable) as error:
            yield f"{title}\n({safe(str(error))})"
            continue
        if not samples:
            yield f"{title}\n(this step has no image)"
        for number, data in enumerate(samples):
            name = f"{title}  {number + 1}/{len(samples)}" if len(samples) > 1 else title
            try:
                if graphics.protocol == "off":
                    raise BadPicture(f"{len(data):,} bytes; images are off")
                picture = decode_picture(data)
            except BadPicture as bad:
                yield f"{name}\n({safe(str(bad))})"
                continue
            facts = f"{picture.width} x {picture.height}"
            words = ", ".join(filter(None, (facts, picture.words)))
            drawn = _drawn(picture.frames[0], columns, rows, options, stream, graphics)
            yield f"{name}  {words}\n{drawn}"


def _index(series: BlobSeries, step: int | None, purge: bool) -> int:
    """The number of the value at the step nearest to this one."""
    return -1 if step is None else int(np.abs(series.steps(purge) - step).argmin())


def _drawn(frame: Pixels, columns: int, rows: int, options: Options, stream: TextIO, graphics: Graphics) -> str:
    from tbtui.charts.raster import in_cells, see

    if graphics.protocol == "blocks":
        colors = color_system(stream, options.color)
        plain = options.ascii or not can_show(stream, "▀█▚")
        cells = in_cells(frame, columns, rows, colors or "none", plain=plain)
        return cells.to_text() if colors is None else cells.to_ansi(colors)
    across, down = graphics.cell
    seen = see(frame, columns * across, rows * down)
    columns, rows = -(-seen.shape[1] // across), -(-seen.shape[0] // down)
    return _in_protocol(seen, columns, rows, graphics)


def _in_protocol(seen: Pixels, columns: int, rows: int, graphics: Graphics) -> str:
    """A picture as the terminal takes it; the cursor stands behind it at the end."""
    from tbtui.charts.protocols import iterm2, kitty_send, most_side, placeholder, sixel

    if graphics.protocol == "kitty":
        columns, rows = min(columns, most_side()), min(rows, most_side())
        number = 16 + int.from_bytes(os.urandom(4)) % 200  # a colour of 256, so that it arrives as it is
        lines = (
            f"\x1b[38;5;{number}m{''.join(placeholder(row, column) for column in range(columns))}\x1b[39m"
            for row in range(rows)
        )
        return kitty_send(number, seen, columns, rows, graphics.tmux) + "\n".join(lines)
    drawing = sixel(seen) if graphics.protocol == "sixel" else iterm2(seen, columns, rows, graphics.tmux)
    # Make room first: what is drawn at the bottom of the screen would be cut, or move the screen.
    return "\n" * rows + f"\x1b[{rows}A\x1b7{drawing}\x1b8\x1b[{rows}B"
