"""Everything about one run on a page: state, times, sizes, and how much of each kind of data it holds."""

from __future__ import annotations

import time
from collections.abc import Callable

from tbtui.analysis.numbers import format_age, format_bytes, format_duration, format_rate, format_step
from tbtui.analysis.text import cell_width, pad, safe
from tbtui.store import Run
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel
from tbtui.widgets.session import Session

LABEL_CELLS = 14

KIND_WORDS = {
    "scalars": "scalar",
    "histograms": "histogram",
    "images": "image",
    "audio": "audio",
    "text": "text",
    "pr_curves": "PR curve",
    "mesh": "mesh",
    "hparams": "hyperparameter record",
    "graphs": "graph",
    "graph_tagged_run_metadata": "run metadata",
    "graph_run_metadata": "run metadata",
    "graph_keras_model": "Keras model",
    "custom_scalars": "custom scalar layout",
}
"""What one series of a plugin is called; other plugins go by their own names."""


def kind_counts(plugins: dict[str, int]) -> str:
    """`{"scalars": 34, "images": 1}` -> `34 scalars, 1 image`. Names of unknown plugins are foreign: made safe."""
    words = []
    for plugin, count in plugins.items():
        word = KIND_WORDS.get(plugin) or safe(plugin) or "unknown"
        words.append(f"{count} {word}{'s' if count != 1 and word not in ('audio', 'text', 'run metadata') else ''}")
    return ", ".join(words)


class RunLines(Lines):
    """Label and value, one a line; long values go on in the next."""

    def __init__(self, session: Session, run: Run, others: Callable[[dict[str, int]], dict[str, int]]) -> None:
        super().__init__()
        self.session, self.run, self.others = session, run, others

    def facts(self) -> list[tuple[str, str, str]]:
        """(label, value, look) for each fact that is known."""
        run, session = self.run, self.session
        shape, look = session.state_sign(run)
        plugins = run.plugins()
        without = self.others(plugins)
        facts = [("state", f"{shape} {session.state_words(run)}", look), ("folder", safe(run.path), "text")]
        if run.target:
            facts.append(("same data as", safe(run.target), "text"))
        if run.start_time is not None and run.last_wall is not None:
            started = time.strftime("%Y-%m-%d %H:%M:%S", time.localtime(run.start_time))
            facts.append(("started", f"{started}, {format_age(session.clock() - run.start_time)} ago", "text"))
            facts.append(("ran for", format_duration(max(0.0, run.last_wall - run.start_time)), "text"))
            facts.append(("last written", f"{format_age(session.clock() - run.last_wall)} ago", "text"))
        if run.last_step is not None:
            rate = session.rate(run)
            pace = f", {format_rate(rate)}" if rate else ""
            facts.append(("last step", f"{run.last_step} ({format_step(run.last_step)}){pace}", "text"))
        facts.append(("files", f"{run.event_files}, {format_bytes(run.event_bytes)}", "text"))
        facts.append(("points", f"{run.points:,} scalar points", "text"))
        superseded = sum(series.total - series.count for series in list(run.scalars.values()))
        if superseded:
            facts.append(("superseded", f"{superseded:,} points, written again after a restart", "text"))
        facts.append(("holds", kind_counts(plugins) or "nothing yet", "text"))
        if without:
            facts.append(("not shown", f"{kind_counts(without)}: no dashboard for these here", "warn"))
        if run.profiles:
            facts.append(("profiles", str(len(run.profiles)), "text"))
        restarts = sum(mark.kind == "session_start" for mark in run.sessions)
        if restarts:
            facts.append(("sessions", str(restarts), "text"))
        for problem in session.store.problems():
            if problem.file.startswith(f"{run.name}/"):
                facts.append(("problem", safe(problem.reason), "warn"))
        return facts

    def _wrapped(self, width: int) -> list[tuple[str, str, str]]:
        room = max(10, width - LABEL_CELLS - 1)
        lines = []
        for label, value, look in self.facts():
            lines.append((label, value[:room], look))
            lines += [("", value[start : start + room], look) for start in range(room, len(value), room)]
        return lines

    def count(self, width: int) -> int:
        return len(self._wrapped(width))

    def row(self, number: int, width: int) -> list[Piece]:
        label, value, look = self._wrapped(width)[number]
        return [(pad(label, LABEL_CELLS) + " ", self.look("muted")), (value, self.look(look))]


class RunDetails(Panel):
    """A page about one run. `others` keeps of a count of series by plugin those that no dashboard shows."""

    def __init__(self, session: Session, run: Run, others: Callable[[dict[str, int]], dict[str, int]]) -> None:
        super().__init__()
        self.session, self.run, self.others = session, run, others

    def title_text(self) -> str:
        return safe(self.run.name) if cell_width(self.run.name) else "run"

    def lines(self) -> Lines:
        return RunLines(self.session, self.run, self.others)
