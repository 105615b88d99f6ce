"""What is written beside images: names, facts, the slider of steps."""

from __future__ import annotations

import time

import numpy as np
import numpy.typing as npt

from tbtui.analysis.numbers import format_bytes
from tbtui.analysis.text import cell_width
from tbtui.charts.cells import BOLD, DIM, Cells
from tbtui.charts.raster import Look, Sight
from tbtui.dashboards.images.darkroom import Print
from tbtui.dashboards.images.gallery import Moment
from tbtui.dashboards.looks import Looks, put_cut
from tbtui.dashboards.steps import StepCursor

SEPARATOR = "  "


def clock_words(wall: float) -> str:
    """The time of day, with the date where that is another day's."""
    try:
        then, now = time.localtime(wall), time.localtime()
    except (OverflowError, ValueError, OSError):
        return ""
    return time.strftime("%H:%M:%S" if then[:3] == now[:3] else "%Y-%m-%d %H:%M:%S", then)


def short_facts(moment: Moment, shown: Print | None, sample: int) -> list[str]:
    """What the foot of an image in the grid says, the most important first."""
    words = [f"{moment.step:,}"]
    if shown is not None and shown.samples > 1:
        words.append(f"{sample % shown.samples + 1}/{shown.samples}")
    if moment.other_words:
        words.append(compared_words(moment, shown))
    if shown is not None and shown.width:
        words.append(f"{shown.width}x{shown.height}")
    if shown is not None and shown.words:
        words.append(shown.words)
    return words


def compared_words(moment: Moment, shown: Print | None) -> str:
    """What the image is compared with, and how much it differs at most."""
    if moment.other is None:
        return moment.other_words
    most = f", at most {shown.most}/255" if shown is not None and shown.most is not None else ""
    return f"minus {moment.other_words}{most}"


def long_facts(moment: Moment, shown: Print | None, sample: int, look: Look, sight: Sight) -> list[str]:
    """What is said of an image in full screen, the most important first."""
    words = []
    if shown is not None and shown.samples:
        words.append(f"sample {sample % shown.samples + 1} of {shown.samples}")
    if shown is not None and shown.width:
        words.append(f"{shown.width} x {shown.height} {shown.kind.upper()} {format_bytes(shown.encoded)}")
    if moment.other_words:
        words.append(compared_words(moment, shown))
    words += look_words(look, sight)
    if shown is not None and shown.words:
        words.append(shown.words)
    return [*words, clock_words(moment.wall)]


def look_words(look: Look, sight: Sight) -> list[str]:
    """How it is looked at, where that is not as it is."""
    words = []
    if sight.actual:
        words.append("actual size")
    elif sight.zoom > 1:
        words.append(f"zoom {sight.zoom:.3g}x")
    if look.brightness != 1:
        words.append(f"brightness {look.brightness:.3g}")
    if look.contrast != 1:
        words.append(f"contrast {look.contrast:.3g}")
    return words


def put_words(cells: Cells, row: int, col: int, width: int, words: list[str], color: int, looks: Looks) -> None:
    """As many of the words as there is room for, at least the first."""
    while len(words) > 1 and cell_width(SEPARATOR.join(words)) > width:
        words = words[:-1]
    put_cut(cells, row, col, width, SEPARATOR.join(words), color, looks=looks)


def put_slider(
    cells: Cells, row: int, cursor: StepCursor, steps: npt.NDArray[np.int64], looks: Looks, extra: str = ""
) -> tuple[int, int]:
    """Where the steps are, over the whole width. (column, width) of the line in it."""
    index = cursor.index(steps)
    if index is None:
        return 0, 0
    words = f" step {int(steps[index]):,} "
    place = f" {index + 1}/{len(steps)}"
    end = f"{place}  newest" if cursor.follows else place
    end += f"  {extra}" if extra else ""
    left = cells.put(row, 0, words, looks.text, BOLD)
    room = cells.width - left - cell_width(end) - 1
    if room < 8 and extra:
        end, room = place, cells.width - left - cell_width(place) - 1
    if room >= 4:
        line, knob = ("-", "#") if looks.ascii else ("─", "●")
        at = left + (round(index * (room - 1) / (len(steps) - 1)) if len(steps) > 1 else room - 1)
        cells.put(row, left, line * room, looks.faint)
        cells.put(row, left, line * (at - left), looks.accent)
        cells.put(row, at, knob, looks.accent)
        cells.put(row, left + room, end, looks.muted)
        return left, room
    cells.put(row, left, end, looks.muted)
    return 0, 0


def put_missing(cells: Cells, row: int, col: int, width: int, height: int, text: str, looks: Looks) -> None:
    """A box with the reason in the place of an image."""
    from textwrap import wrap

    if width < 4 or height < 1:
        return
    signs = "+-+|" if looks.ascii else "╭─╮│"
    lower = "+-+" if looks.ascii else "╰─╯"
    lines = wrap(text, max(4, width - 4))
    if height >= 3:
        cells.put(row, col, signs[0] + signs[1] * (width - 2) + signs[2], looks.faint, DIM)
        for line in range(1, height - 1):
            cells.put(row + line, col, signs[3], looks.faint, DIM)
            cells.put(row + line, col + width - 1, signs[3], looks.faint, DIM)
        cells.put(row + height - 1, col, lower[0] + lower[1] * (width - 2) + lower[2], looks.faint, DIM)
        row, height = row + 1, height - 2
    lines = lines[:height]
    for number, words in enumerate(lines):
        put_cut(cells, row + (height - len(lines)) // 2 + number, col + 2, width - 4, words, looks.muted, looks=looks)
