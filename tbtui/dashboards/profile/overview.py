"""The overview of a capture: how long steps took, where their time went, what to do about it, what took most of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from rich.style import Style

from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.commands.profile_text import time_text
from tbtui.dashboards.profile.categories import Category, Stretch, categories, stacked
from tbtui.dashboards.profile.facts import (
    LABEL_CELLS,
    NARROW,
    SHARE_CELLS,
    SIDE_BAR_CELLS,
    TIME_CELLS,
    Line,
    Part,
    in_lines,
    label_part,
    listed,
    said,
    title_line,
    top_rows,
    under_each_other,
)
from tbtui.profiles.framework import IDLE
from tbtui.profiles.kernel_names import short_kernel_name
from tbtui.profiles.model import Profile
from tbtui.profiles.overview import Overview
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines

WIDE = 130
"""Cells from which on what took most time stands beside the rest."""
BETWEEN = 4
STEP = "ProfilerStep"
PERCENTILES = (5, 25, 75, 95)


class OverviewPane(Lines):
    """The overview in lines that scroll; it is laid out anew for each width."""

    DEFAULT_CSS = "OverviewPane { width: 1fr; height: 1fr; padding: 0 1; }"

    def __init__(self, moved: Callable[[], None], ascii_only: bool) -> None:
        super().__init__(id="profile-overview")
        self.moved = moved  # type: ignore[method-assign]
        self.colored = True
        self._ascii = ascii_only
        self._lay_out: Callable[[int], list[Line]] = lambda _: []
        self._shown: tuple[Overview, Profile] | None = None
        self._laid_out: tuple[int, bool, list[Line]] = (-1, True, [])

    def show(self, overview: Overview, profile: Profile) -> None:
        """Show this capture."""
        self._shown = (overview, profile)
        self._anew()

    def show_lines(self, lay_out: Callable[[int], list[Line]]) -> None:
        """Show these instead, which are laid out for a width."""
        self._shown, self._lay_out = None, lay_out
        self._anew()

    def show_words(self, text: str) -> None:
        """Say this instead."""
        self.show_lines(lambda width: [[Part(line, "muted")] for line in wrap(safe(text), max(10, width))])

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
                lines = self._lay_out(width)
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
            return under_each_other([part(self.width) for part in parts])
        right = (self.width - BETWEEN) * 9 // 20
        left = self.width - BETWEEN - right
        beside = under_each_other([self.operators(right), self.kernels(right), self.framework(right)])
        mine = under_each_other([self.facts(left), self.breakdown(left), self.step_bars(left)])
        return _beside_each_other(mine, beside, left, BETWEEN)

    # -- what is said in words

    def facts(self, width: int) -> list[Line]:
        """Device, steps, utilisation, the verdict and advice."""
        overview, found = self.overview, list[Line]()
        for problem in self.profile.problems:
            found += said("problem", problem, width, "warn")
        found += said("device", self._devices(), width)
        took = overview.durations
        if took is not None:
            steps = len(overview.steps)
            words = [f"{steps:,}", f"mean {time_text(took.mean)}", f"median {time_text(took.median)}"]
            if steps > 1:
                words += [f"shortest {time_text(took.shortest)}", f"longest {time_text(took.longest)}"]
            found += listed("steps", words, width)
            if steps > 2:
                spread = np.percentile([step.duration for step in overview.steps], PERCENTILES)
                words = [f"{percent} % {time_text(each)}" for percent, each in zip(PERCENTILES, spread, strict=True)]
                found += listed("percentiles" if width >= NARROW else "spread", words, width)
        found += self._utilisation(width)
        if overview.overlap is not None:
            hidden, exposed = overview.overlap.overlapped, overview.overlap.exposed
            text = f"{time_text(hidden + exposed)}, of which {time_text(exposed)} is hidden by no computation"
            found += said("communication" if width >= NARROW else "comms", text, width)
        if overview.verdict is not None:
            found += said("input", overview.verdict.sentence, width, "warn" if overview.verdict.bound else "good")
        for sentence in overview.advice:
            found += said("advice", sentence, width, "warn")
        bound = overview.verdict is not None and overview.verdict.bound
        if not overview.advice and not bound and overview.durations is not None:
            found += said("advice", "none: no figure is out of its bounds", width, "good")
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
        words = [f"busy {overview.busy:.1%}, idle {1 - overview.busy:.1%}", "of the steps' time"]
        label = label_part("device use", width)
        room = min(SIDE_BAR_CELLS, width - cell_width(label.text) - cell_width(" ".join(words)) - 2)
        if room >= 8:
            idle = "-" if self._ascii else "░"
            full = round(overview.busy * room)
            bar = [Part(("#" if self._ascii else "█") * full, "good"), Part(idle * (room - full) + "  ", "faint")]
            found = [[label, *bar, Part(" ".join(words))]]
        else:
            found = listed("device use", words, width)
        told = [f"kernels {overview.kernel_busy:.1%}"]
        if overview.sm_efficiency is not None:
            told.append(f"SM efficiency {overview.sm_efficiency:.1f}% (estimated)")
        if overview.occupancy is not None:
            told.append(f"occupancy {overview.occupancy:.1f}%")
        return found + listed("", told, width)

    # -- where the time went

    def breakdown(self, width: int) -> list[Line]:
        """A bar of all steps together, and each category with its share."""
        spent, steps = self.overview.spent, max(1, len(self.overview.steps))
        whole = sum(spent.values())
        if not whole:
            return []
        found = [title_line("Where the time of the steps went", "each moment counts once", width)]
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
        never = [safe(kind.name) for kind in self._kinds if not spent[kind.name]]
        if never:
            named = ["none:", *(f"{name}," for name in never[:-1]), never[-1]]
            found += [[Part(f"  {line}", "faint")] for line in in_lines(named, max(10, width - 2), " ")]
        return found

    def step_bars(self, width: int) -> list[Line]:
        """Each step as a bar of the same categories, as long as the step took."""
        steps = self.overview.steps
        if len(steps) < 2:
            return []
        longest = max(step.duration for step in steps)
        names = min(max(cell_width(safe(step.name)) for step in steps), 12 if width < NARROW else 22)
        room = max(4, width - names - TIME_CELLS - 2)
        found = [title_line("Step by step", "the longest fills the line", width)]
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
        return top_rows(title, "by self time", rows, width, self._ascii)

    def kernels(self, width: int) -> list[Line]:
        """The kernels with most time, whoever launched them."""
        sums: dict[str, list[int]] = {}
        for row in self.overview.kernels:
            entry = sums.setdefault(row.name, [0, 0])
            entry[0] += row.total
            entry[1] += row.calls
        rows = [(short_kernel_name(name), time, f"{calls:,}x") for name, (time, calls) in sums.items()]
        return top_rows("Kernels on the device", "by time", rows, width, self._ascii)

    def framework(self, width: int) -> list[Line]:
        """The operations of the framework that took most time of a device; those of the host are the operators."""
        rows = [row for row in self.overview.framework if row.on_device and row.type != IDLE]
        mine = [(row.name, row.own, f"{row.calls:,}x") for row in rows]
        return top_rows("Operations on the device", "by self time", mine, width, self._ascii)


def _parts(stretches: Sequence[Stretch]) -> list[Part]:
    return [Part(stretch.text, "text", stretch.color) for stretch in stretches]


def _beside_each_other(left: list[Line], right: list[Line], width: int, between: int) -> list[Line]:
    found = []
    for number in range(max(len(left), len(right))):
        line = left[number] if number < len(left) else []
        gap = width - sum(cell_width(part.text) for part in line) + between
        found.append([*line, Part(" " * gap), *(right[number] if number < len(right) else [])])
    return found


__all__ = ["Category", "OverviewPane"]
