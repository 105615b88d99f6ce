"""The empty figure around a plot: axes, ticks and labels, drawn by plotext and kept as cells.

This is the only module that knows plotext, and it imports it when the first figure is asked for (50 ms).  plotext 5.3
is used because it is pure Python and starts quickly; 6.x is a rewrite with a compiled part, other names, and wheels for
fewer platforms.  It is asked for the figure only: it draws points one by one in Python, and raises on infinite ones.
No text from files reaches it: titles and legends are put beside the figure by `chart`.

plotext keeps one figure for the whole process; here every frame has one of its own, so nobody else's is touched.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from tbtui.analysis.text import cut
from tbtui.charts.cells import DEFAULT, DIM, Cells, blank

__all__ = ["Frame", "draw_frame"]

_SGR = re.compile("\x1b\\[[0-9;]*m")
_BOX = "│─└┌┐┘├┤┬┴┼"
_PLAIN_BOX = str.maketrans(_BOX, "|-+++++++++")
_FAULTS = (ImportError, AttributeError, TypeError, ValueError, LookupError, ArithmeticError)
"""What plotext raises where it has no room, or where another version is installed."""


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a plot of width x height cells.

    label_width: cells for the labels of the y axis, which stands between them and the plot; 0: no labels and no y axis.
    y_ticks: (row of the plot, counted from the top, label); x_ticks: (column of the plot, label).
    axis_line: whether the x axis is drawn, x_labels: whether its labels are; a row each below the plot.
    axis_color, label_color: 0xRRGGBB, -1 for the terminal's own (axes are dim then).  plain: ASCII only.
    """

    width: int
    height: int
    label_width: int = 0
    y_ticks: tuple[tuple[int, str], ...] = ()
    x_ticks: tuple[tuple[int, str], ...] = ()
    axis_line: bool = True
    x_labels: bool = True
    axis_color: int = DEFAULT
    label_color: int = DEFAULT
    plain: bool = False

    @property
    def left(self) -> int:
        """Cells to the left of the plot."""
        return self.label_width + 1 if self.label_width else 0

    @property
    def below(self) -> int:
        """Rows below the plot."""
        return int(self.axis_line) + int(self.x_labels)


def draw_frame(frame: Frame) -> Cells:
    """The frame with an empty plot in it, in cells of your own.

    Its parts are where `Frame.left` and `below` say, whatever plotext makes of them; where it fails, there is an
    empty area of the same size.
    """
    return _drawn(frame).copy()


@lru_cache(maxsize=256)
def _drawn(frame: Frame) -> Cells:
    width, height = frame.left + frame.width, frame.height + frame.below
    if frame.width < 1 or frame.height < 1:
        return blank(height, width)
    lines = _ask_plotext(frame, width, height)
    if lines is None:
        return blank(height, width)
    return _colored(frame, lines)


def _ask_plotext(frame: Frame, width: int, height: int) -> list[str] | None:
    """The figure as lines of text, None where plotext does not put the plot where it has to be."""
    try:
        # Without labels plotext has no row for them.
        missing = int(frame.x_labels and not frame.x_ticks)
        text = _SGR.sub("", _build(frame, width, height - missing))
    except _FAULTS:
        return None
    lines = [*text.split("\n")[: height - missing], *[" " * width] * missing]
    if len(lines) != height or any(len(line) != width for line in lines):
        return None
    body = lines[: frame.height]
    axis = frame.left - 1
    if any(line[frame.left :].strip() or (frame.left and line[axis] not in "│┤") for line in body):
        return None
    if frame.axis_line and not set(lines[frame.height][frame.left :]) <= set("─┬"):
        return None
    return lines


def _build(frame: Frame, width: int, height: int) -> str:
    import plotext

    figure = type(plotext.main())()  # the class of plotext's one figure has no public name
    figure._limit_size(False, False)  # else the terminal's size is the limit
    figure.plot_size(width, height)
    figure.theme("clear")
    figure.xaxes(frame.axis_line, False)
    figure.yaxes(bool(frame.left), False)
    # Cells are the units: plotext never sees the numbers, which may be of any size and scale.
    figure.xlim(0, max(frame.width - 1, 1))
    figure.ylim(0, max(frame.height - 1, 1))
    figure.scatter([0], [0], marker=" ")  # axes are drawn only where there is a point
    labels = [f"{cut(label, frame.label_width):>{frame.label_width}}" for _, label in frame.y_ticks]
    figure.yticks([frame.height - 1 - row for row, _ in frame.y_ticks], labels)
    figure.xticks([column for column, _ in frame.x_ticks], [label for _, label in frame.x_ticks])
    return str(figure.build())


def _colored(frame: Frame, lines: list[str]) -> Cells:
    text = "".join(lines)
    if frame.plain:
        text = text.translate(_PLAIN_BOX)
    glyphs = np.frombuffer(text.encode("utf-32-le"), np.uint32).reshape(len(lines), -1).copy()
    lined = _line_cells(frame, glyphs.shape)
    cells = Cells(glyphs, np.full(glyphs.shape, frame.label_color, np.int32), np.zeros(glyphs.shape, np.uint8))
    cells.colors[lined] = frame.axis_color
    if frame.axis_color == DEFAULT:
        cells.attrs[lined] = DIM
    return cells


def _line_cells(frame: Frame, shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Where the lines of the axes are."""
    lined = np.zeros(shape, np.bool_)
    end = frame.height + int(frame.axis_line)
    if frame.left:
        lined[:end, frame.left - 1] = True
    if frame.axis_line:
        lined[end - 1, max(frame.left - 1, 0) :] = True
    return lined
