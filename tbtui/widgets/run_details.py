"""Everything about one run on a page: state, times, sizes, and every series it holds, of whatever kind."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from tbtui.analysis.numbers import (
    format_age,
    format_bytes,
    format_duration,
    format_rate,
    format_step,
    format_value,
)
from tbtui.analysis.text import cell_width, cut, pad, safe, wrap
from tbtui.store import Run, ScalarSeries, Series
from tbtui.widgets.health import LOOKS
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.session import Session

LABEL_CELLS = 13
POINTS_CELLS = 6
NUMBER_CELLS = 10
KIND_CELLS = 12
NUMBERS = 4

MOST_FLAGGED = 200
"""So many scalar series of a run are judged."""

MOST_FLAGS = 8
FLAGS = {"nonfinite": "not finite", "divergence": "diverges", "plateau": "stands still"}

KINDS: dict[str, tuple[str, str]] = {
    "scalars": ("scalar", "scalars"),
    "histograms": ("histogram", "histograms"),
    "images": ("image", "images"),
    "audio": ("sound", "sounds"),
    "text": ("text", "texts"),
    "pr_curves": ("PR curve", "PR curves"),
    "mesh": ("mesh", "meshes"),
    "hparams": ("hyperparameter record", "hyperparameter records"),
    "graphs": ("graph", "graphs"),
    "graph_tagged_run_metadata": ("run metadata", "run metadata"),
    "graph_run_metadata": ("run metadata", "run metadata"),
    "graph_keras_model": ("Keras model", "Keras models"),
    "custom_scalars": ("custom scalar layout", "custom scalar layouts"),
}
"""What one series of a plugin is called, and several; other plugins go by their own names."""

Others = Callable[[dict[str, int]], dict[str, int]]
"""Keeps of a count of series by plugin those that no dashboard shows."""


def kind_counts(plugins: dict[str, int]) -> str:
    """`{"scalars": 34, "images": 1}` -> `34 scalars, 1 image`. Names of unknown plugins are foreign: made safe."""
    words = []
    for plugin, count in plugins.items():
        foreign = safe(plugin) or "unknown"
        words.append(f"{count} {KINDS.get(plugin, (foreign, foreign))[count != 1]}")
    return ", ".join(words)


class RunLines(Lines):
    """Facts with their labels, then a line for each series."""

    def __init__(self, session: Session, run: Run, others: Others) -> None:
        super().__init__()
        self.session, self.run, self.others = session, run, others
        self._seen: tuple[object, ...] = ()
        self._facts: list[tuple[str, str, str]] = []
        self._series: list[Series] = []
        self._kind_cells = KIND_CELLS
        self._numbers: dict[int, tuple[int, list[str]]] = {}

    def facts(self) -> list[tuple[str, str, str]]:
        """(label, value, look) of each fact that is known."""
        run, session = self.run, self.session
        shape, look = session.state_sign(run)
        facts = [("state", f"{shape} {session.state_words(run)}", look), ("folder", safe(run.path), "text")]
        if session.view.hashtags.get(run.name):
            facts.insert(
                1, ("hashtags", " ".join(f"#{safe(word)}" for word in session.view.hashtags[run.name]), "accent")
            )
        if session.view.notes.get(run.name):
            facts.insert(1, ("note", safe(session.view.notes[run.name]), "accent"))
        if run.target:
            facts.append(("same data as", safe(run.target), "text"))
        facts += [(label, value, "text") for label, value in self._times()]
        sizes = f"{run.event_files} event file{'s' * (run.event_files != 1)}, {format_bytes(run.event_bytes)}"
        facts.append(("size", f"{sizes}, {run.points:,} scalar points", "text"))
        plugins = run.plugins()
        facts.append(("holds", kind_counts(plugins) or "nothing yet", "text"))
        without = self.others(plugins)
        if without:
            facts.append(("not shown", f"{kind_counts(without)}: no dashboard in this version", "warn"))
        if run.profiles:
            facts.append(("profiles", str(len(run.profiles)), "text"))
        restarts = sum(mark.kind == "session_start" for mark in run.sessions)
        if restarts:
            facts.append(("sessions", str(restarts), "text"))
        facts += self._flags()
        problems = [problem for problem in session.store.problems() if problem.file in run.files]
        facts += [("problem", safe(problem.reason), "warn") for problem in problems]
        return facts

    def _times(self) -> list[tuple[str, str]]:
        run, now = self.run, self.session.clock()
        facts = []
        if run.start_time is not None and run.last_wall is not None:
            started = _moment(run.start_time)
            lasted = format_duration(max(0.0, run.last_wall - run.start_time))
            facts.append(("started", f"{started}, {format_age(now - run.start_time)} ago, and wrote for {lasted}"))
            facts.append(("last written", f"{_moment(run.last_wall)}, {format_age(now - run.last_wall)} ago"))
        step = self.session.last_step(run)
        if step is not None:
            rate = self.session.rate(run)
            pace = f", {format_rate(rate)}" if rate else ""
            facts.append(("last step", f"{step:,}{pace}"))
        end, at = self.session.end(run), self.session.pace_of(run)
        if end is not None:
            left = f", in {format_duration(at.eta)}" if at is not None and at.eta is not None else ""
            facts.append(("ends at", f"step {end.step:,}{left} ({safe(end.why)})"))
        return facts

    def _flags(self) -> list[tuple[str, str, str]]:
        """What is to be said of the metrics, each by its rule in words."""
        tags = [series.tag for series in self.run.series() if isinstance(series, ScalarSeries)][:MOST_FLAGGED]
        found = self.session.flags(self.run, tags)
        facts = [(FLAGS[flag.kind], f"{safe(tag)}: {flag.text}", LOOKS[flag.kind]) for tag, flag in found[:MOST_FLAGS]]
        if len(found) > MOST_FLAGS:
            facts.append(("", f"and {len(found) - MOST_FLAGS} more", "muted"))
        return facts

    def _refresh(self, width: int) -> None:
        """Facts and series, put together again when the run moved or a second has passed."""
        state = (width, self.run.version, self.session.store.problem_count, int(self.session.clock()))
        if state == self._seen:
            return
        self._seen = state
        room = max(10, width - LABEL_CELLS - 1)
        self._facts = []
        for label, value, look in self.facts():
            parts = wrap(value, room)
            self._facts += [(label if not number else "", part, look) for number, part in enumerate(parts)]
        self._series = self.run.series()
        self._kind_cells = min(KIND_CELLS, max([6, *(cell_width(_kind(series)) for series in self._series)]))

    def count(self, width: int) -> int:
        self._refresh(width)
        return len(self._facts) + (len(self._series) + 2 if self._series else 0)

    def row(self, number: int, width: int) -> list[Piece]:
        if number < len(self._facts):
            label, value, look = self._facts[number]
            return [(pad(label, LABEL_CELLS) + " ", self.look("muted")), (value, self.look(look))]
        number -= len(self._facts) + 2
        muted = self.look("muted")
        if number == -2:
            return []
        if number == -1:
            return self._columns("kind", "tag", ["points", "last", "lowest", "highest"], width, "faint")
        series = self._series[number]
        pieces = self._columns(_kind(series), safe(series.tag), self._numbers_of(series), width, "text")
        return [(pieces[0][0], muted), *pieces[1:]]

    def _columns(self, kind: str, tag: str, numbers: list[str], width: int, look: str) -> list[Piece]:
        numbers = [*numbers, *[""] * (NUMBERS - len(numbers))]
        fitting = max(1, min(len(numbers), (width - KIND_CELLS - 12) // (NUMBER_CELLS + 1)))
        sizes = [POINTS_CELLS + 1, *[NUMBER_CELLS + 1] * (fitting - 1)]
        room = max(4, width - self._kind_cells - 1 - sum(sizes))
        cells = [(pad(number, size, "right"), self.look(look)) for number, size in zip(numbers, sizes, strict=False)]
        head = pad(cut(kind, self._kind_cells), self._kind_cells + 1)
        return [(head, self.look(look)), (pad(cut(tag, room, keep="tail"), room), self.look(look)), *cells]

    def _numbers_of(self, series: Series) -> list[str]:
        """How many points, and of scalars the last, lowest and highest finite value."""
        known = self._numbers.get(id(series))
        if known is not None and known[0] == series.version:
            return known[1]
        version = series.version
        numbers = [format_step(series.count)]
        if isinstance(series, ScalarSeries):
            values = series.points().values
            finite = values[np.isfinite(values)]
            numbers.append(format_value(float(values[-1])) if len(values) else "")
            if len(finite):
                numbers += [format_value(float(finite.min())), format_value(float(finite.max()))]
        self._numbers[id(series)] = (version, numbers)
        return numbers


def _kind(series: Series) -> str:
    return KINDS.get(series.plugin, (safe(series.plugin), ""))[0]


def _moment(wall: float) -> str:
    try:
        return time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(wall))
    except (OverflowError, ValueError, OSError):
        return "at no date"


class RunDetails(Panel):
    """A page about one run."""

    def __init__(self, session: Session, run: Run, others: Others) -> None:
        super().__init__()
        self.session, self.run, self.others = session, run, others

    def title_text(self) -> str:
        return self.session.label(self.run.name)

    def lines(self) -> Lines:
        return RunLines(self.session, self.run, self.others)
