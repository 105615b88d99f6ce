"""The overview of a capture: how long steps took, where their time went, what to do about it, what took most of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from rich.style import Style

from tbtui.analysis.colors import RGB
from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.commands.profile import time_text
from tbtui.dashboards.profile.categories import Category, Stretch, categories, stacked
from tbtui.dashboards.profile.table import bar_text
from tbtui.profiles.framework import IDLE
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.profiles.model import Profile
from tbtui.profiles.overview import Overview
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

WIDE = 130
"""Cells from which on what took most time stands beside the rest."""
BETWEEN = 4
LABEL_CELLS, SHORT_LABEL, NARROW = 15, 11, 60
SIDE_BAR_CELLS = 24
TOP = 10
SHARE_CELLS, TIME_CELLS = 6, 8
NAME_CELLS = 30
STEP = "ProfilerStep"
PERCENTILES = (5, 25, 75, 95)


class Part(NamedTuple):
    """A piece of a line: text that was made safe, its look, and its colour where it is not the look's."""

    text: str
    look: str = "text"
    color: RGB | None = None


Line = list[Part]


class OverviewPane(Lines):
    """The overview in lines that scroll; it is laid out anew for each width."""

    DEFAULT_CSS = "OverviewPane { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, moved: Callable[[], None], ascii_only: bool) -> None:
        super().__init__(id="profile-overview")
        self.moved = moved  # type: ignore[method-assign]
        self.colored = True
        self._ascii = ascii_only
        self._words = ""
        self._shown: tuple[Overview, Profile] | None = None
        self._laid_out: tuple[int, bool, list[Line]] = (-1, True, [])

    def show(self, overview: Overview, profile: Profile) -> None:
        """Show this capture."""
        self._shown = (overview, profile)
        self._anew()

    def show_words(self, text: str) -> None:
        """Say this instead."""
        self._words, self._shown = text, None
        self._anew()

    def _anew(self) -> None:
        self._laid_out = (-1, True, [])
        self.top = 0
        self.repaint()

    @property
    def text(self) -> str:
        """All of it as text."""
        return "\n".join("".join(part.text for part in line).rstrip() for line in self._lines(max(self.size.width, 40)))

    def count(self, width: int) -> int:
        return len(self._lines(width))

    def row(self, number: int, width: int) -> list[Piece]:
        return [(part.text, self._style(part)) for part in self._lines(width)[number]]

    def _style(self, part: Part) -> Style:
        return self.look(part.look, part.color)

    def _lines(self, width: int) -> list[Line]:
        if self._laid_out[:2] != (width, self.colored):
            if self._shown is None:
                lines = [[Part(line, "muted")] for line in wrap(safe(self._words), max(10, width))]
            else:
                layout = OverviewLayout(*self._shown, width, self._ascii, not self.colored)
                lines = layout.lines()
            self._laid_out = (width, self.colored, lines)
        return self._laid_out[2]


class OverviewLayout:
    """The lines of an overview for one width. plain: letters instead of colours; ascii_only: no blocks either."""

    def __init__(self, overview: Overview, profile: Profile, width: int, ascii_only: bool, plain: bool) -> None:
        self.overview, self.profile, self.width = overview, profile, width
        self._ascii, self._plain = ascii_only, plain or ascii_only
        self._kinds = categories([*overview.spent])

    def lines(self) -> list[Line]:
        """All of them: in one column, or with what took most time at the right."""
        if self.width < WIDE:
            parts = (self.facts, self.breakdown, self.step_bars, self.operators, self.kernels, self.framework)
            return _under_each_other([part(self.width) for part in parts])
        right = (self.width - BETWEEN) * 9 // 20
        left = self.width - BETWEEN - right
        beside = _under_each_other([self.operators(right), self.kernels(right), self.framework(right)])
        mine = _under_each_other([self.facts(left), self.breakdown(left), self.step_bars(left)])
        return _beside_each_other(mine, beside, left, BETWEEN)

    # -- what is said in words

    def facts(self, width: int) -> list[Line]:
        """Device, steps, utilisation, the verdict and advice."""
        overview, found = self.overview, list[Line]()
        for problem in self.profile.problems:
            found += self._said("problem", problem, width, "warn")
        found += self._said("device", self._devices(), width)
        took = overview.durations
        if took is not None:
            steps = len(overview.steps)
            words = [f"{steps:,}", f"mean {time_text(took.mean)}", f"median {time_text(took.median)}"]
            if steps > 1:
                words += [f"shortest {time_text(took.shortest)}", f"longest {time_text(took.longest)}"]
            found += self._listed("steps", words, width)
            if steps > 2:
                spread = np.percentile([step.duration for step in overview.steps], PERCENTILES)
                words = [f"{percent} % {time_text(each)}" for percent, each in zip(PERCENTILES, spread, strict=True)]
                found += self._listed("percentiles" if width >= NARROW else "spread", words, width)
        found += self._utilisation(width)
        if overview.overlap is not None:
            hidden, exposed = overview.overlap.overlapped, overview.overlap.exposed
            text = f"{time_text(hidden + exposed)}, of which {time_text(exposed)} is hidden by no computation"
            found += self._said("communication", text, width)
        if overview.verdict is not None:
            verdict = overview.verdict
            text = f"{verdict.words}: {verdict.share:.1%} of the steps' time waits for it ({verdict.rule})"
            look = "good" if verdict.words.startswith("not") else "warn"
            found += self._said("input", text, width, look)
        for sentence in overview.advice:
            found += self._said("advice", sentence, width, "good" if sentence.startswith("not ") else "warn")
        if not overview.advice and overview.durations is not None:
            found += self._said("advice", "none: no figure is out of its bounds", width, "good")
        return found

    def _devices(self) -> str:
        devices = self.profile.devices
        names = sorted({name for name in devices.values() if name})
        if not names:
            if self.overview.busy is None:
                return "none in this capture: times are of the host"
            lanes = {lane.device for lane in self.profile.lanes if lane.device is not None}
            return f"{len(lanes)} of unknown kind"
        return ", ".join(names) if len(devices) == 1 else f"{len(devices)}: {', '.join(names)}"

    def _utilisation(self, width: int) -> list[Line]:
        overview = self.overview
        if overview.busy is None or overview.kernel_busy is None:
            return []
        words = f"busy {overview.busy:.1%}, idle {1 - overview.busy:.1%} of the steps' time"
        label = self._label("device use", width)
        room = min(SIDE_BAR_CELLS, width - cell_width(label.text) - cell_width(words) - 2)
        line = [label]
        if room >= 8:
            idle = "-" if self._ascii else "░"
            full = round(overview.busy * room)
            line += [Part(("#" if self._ascii else "█") * full, "good"), Part(idle * (room - full) + "  ", "faint")]
        found = [[*line, Part(cut(words, max(4, width - sum(cell_width(part.text) for part in line))))]]
        told = [f"kernels {overview.kernel_busy:.1%}"]
        if overview.sm_efficiency is not None:
            told.append(f"SM efficiency {overview.sm_efficiency:.1f}% (estimated)")
        if overview.occupancy is not None:
            told.append(f"occupancy {overview.occupancy:.1f}%")
        return found + self._listed("", told, width)

    def _label(self, text: str, width: int) -> Part:
        room = SHORT_LABEL if width < NARROW else LABEL_CELLS
        return Part(pad(cut(text, room - 1), room), "muted")

    def _said(self, label: str, text: str, width: int, look: str = "text") -> list[Line]:
        """A label, and words that go on in the next line where they are too long."""
        first = self._label(label, width)
        room = max(10, width - cell_width(first.text))
        lines = wrap(safe(text), room) or [""]
        return [
            [first if number == 0 else Part(" " * cell_width(first.text)), Part(line.strip(), look)]
            for number, line in enumerate(lines)
        ]

    def _listed(self, label: str, words: Sequence[str], width: int) -> list[Line]:
        """A label, and words of which none is broken."""
        first = self._label(label, width)
        room, lines = max(10, width - cell_width(first.text)), [""]
        for word in words:
            longer = f"{lines[-1]}  {word}" if lines[-1] else word
            if lines[-1] and cell_width(longer) > room:
                lines.append(word)
            else:
                lines[-1] = longer
        blank = Part(" " * cell_width(first.text))
        return [[blank if number else first, Part(cut(line, room))] for number, line in enumerate(lines)]

    # -- where the time went

    def breakdown(self, width: int) -> list[Line]:
        """A bar of all steps together, and each category with its share."""
        spent, steps = self.overview.spent, max(1, len(self.overview.steps))
        whole = sum(spent.values())
        if not whole:
            return []
        found = [_title("Where the time of the steps went", "each moment counts once", width)]
        found.append([*_parts(stacked(spent, whole, width, self._kinds, self._plain))])
        mark = "#" if self._ascii else "■"
        for kind in self._kinds:
            time = spent[kind.name]
            if not time:
                continue
            sign = f"{kind.letter} " if self._plain else f"{mark} "
            words = f"{time / whole:>{SHARE_CELLS}.1%} {time_text(time):>{TIME_CELLS}}"
            if steps > 1 and width >= NARROW:
                words += f"   {time_text(time / steps):>{TIME_CELLS}} a step"
            name = pad(cut(safe(kind.name), LABEL_CELLS + 2), LABEL_CELLS + 2)
            found.append([Part(sign, "text", kind.color), Part(name), Part(words)])
        never = [kind.name for kind in self._kinds if not spent[kind.name]]
        if never:
            found.append([Part(cut(safe(f"  none: {', '.join(never)}"), width), "faint")])
        return found

    def step_bars(self, width: int) -> list[Line]:
        """Each step as a bar of the same categories, as long as the step took."""
        steps = self.overview.steps
        if len(steps) < 2:
            return []
        longest = max(step.duration for step in steps)
        names = min(max(cell_width(safe(step.name)) for step in steps), 12 if width < NARROW else 22)
        room = max(4, width - names - TIME_CELLS - 2)
        found = [_title("Step by step", "the longest fills the line", width)]
        for step in steps:
            name = pad(cut(safe(step.name), names, "tail"), names)
            parts = _parts(stacked(step.spent, longest, room, self._kinds, self._plain))
            found.append([Part(name, "muted"), Part(f" {time_text(step.duration):>{TIME_CELLS}} "), *parts])
        return found

    # -- what took most time

    def operators(self, width: int) -> list[Line]:
        """The operators with most time of their own."""
        steps = (STEP, *{mark.name.rpartition(" ")[0] or mark.name for mark in self.profile.marks})
        rows = [
            (row.name, row.own, f"{row.calls:,}x")
            for row in self.overview.operators
            if not row.name.startswith(steps)  # their own time is what no operator had
        ]
        title = "Operators" if self.overview.busy is None else "Operators on the host"
        return self._top(title, "by self time", rows, width)

    def kernels(self, width: int) -> list[Line]:
        """The kernels with most time, whoever launched them."""
        sums: dict[str, list[int]] = {}
        for row in self.overview.kernels:
            entry = sums.setdefault(row.name, [0, 0])
            entry[0] += row.total
            entry[1] += row.calls
        rows = [(short_kernel_name(name), time, f"{calls:,}x") for name, (time, calls) in sums.items()]
        return self._top("Kernels on the device", "by time", rows, width)

    def framework(self, width: int) -> list[Line]:
        """The operations of the framework with most time of their own, on the device where it has any."""
        rows = [row for row in self.overview.framework if row.type != IDLE]
        on_device = any(row.on_device for row in rows)
        mine = [(row.name, row.own, f"{row.calls:,}x") for row in rows if row.on_device == on_device]
        return self._top(
            "Operations on the device" if on_device else "Operations on the host", "by self time", mine, width
        )

    def _top(self, title: str, words: str, rows: Sequence[tuple[str, float, str]], width: int) -> list[Line]:
        rows = sorted((row for row in rows if row[1] > 0), key=lambda row: -row[1])
        whole = sum(time for _, time, _ in rows)
        if not whole:
            return []
        shown, largest = rows[:TOP], rows[0][1] / whole
        calls = max(cell_width(count) for _, _, count in shown)
        numbers = SHARE_CELLS + TIME_CELLS + 2
        names = min(max(cell_width(safe(name)) for name, _, _ in shown), max(NAME_CELLS, width - numbers - calls - 20))
        names = max(8, min(names, width - numbers))
        found = [_title(title, words, width)]
        for name, time, count in shown:
            line = [Part(pad(cut(safe(name), names, "middle"), names + 1))]
            line.append(Part(f"{time / whole:>{SHARE_CELLS}.1%} {time_text(time):>{TIME_CELLS}}"))
            left = width - names - numbers - 2
            if left >= calls + 6:
                line.append(Part(f"  {count:>{calls}}", "muted"))
                left -= calls + 2
            if left >= 4:
                line.append(
                    Part("  " + bar_text(time / whole / largest, min(SIDE_BAR_CELLS, left - 2), self._ascii), "key")
                )
            found.append(line)
        return found


def _title(text: str, words: str, width: int) -> Line:
    return [Part(cut(text, width), "strong"), Part(cut(f"  {words}", max(0, width - cell_width(text))), "muted")]


def _parts(stretches: Sequence[Stretch]) -> list[Part]:
    return [Part(stretch.text, "text", stretch.color) for stretch in stretches]


def _under_each_other(blocks: Sequence[list[Line]]) -> list[Line]:
    found: list[Line] = []
    for block in blocks:
        if block:
            found += [[], *block] if found else block
    return found


def _beside_each_other(left: list[Line], right: list[Line], width: int, between: int) -> list[Line]:
    found = []
    for number in range(max(len(left), len(right))):
        line = left[number] if number < len(left) else []
        gap = width - sum(cell_width(part.text) for part in line) + between
        found.append([*line, Part(" " * gap), *(right[number] if number < len(right) else [])])
    return found


__all__ = ["Category", "OverviewPane"]
