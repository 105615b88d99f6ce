"""The best validation step of a chart, for the run under the cursor."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from tbtui.analysis.numbers import format_value
from tbtui.analysis.pairs import best_validation, pair_charts
from tbtui.dashboards.scalars.model import Model
from tbtui.dashboards.scalars.subjects import Entry, Subject


class BestStep(NamedTuple):
    """Where validation was best: x, after the origin is subtracted, and words for the heading."""

    x: float
    words: str


def find_best(model: Model, subject: Subject, entries: Sequence[Entry]) -> BestStep | None:
    """The best validation point of what the focused run belongs to, and how far training was from it there.

    None where nothing in the chart is validation of it, where the goal of the metric is not known, and for overlays.
    Lines must be up to date.
    """
    focus = model.focus_of(entries)
    goal = next((found for tag in (*subject.tags, subject.title) if (found := model.session.goal(tag))), None)
    if focus is None or goal is None or (len(subject.tags) > 1 and not subject.metric):
        return None
    by_name = {(entry.run.name, entry.tag): entry for entry in entries}
    chart = next((chart for chart in pair_charts(by_name) if chart.paired), None)
    if chart is None:
        return None
    base = next((member.base for member in chart.members if member.run == focus.run.name), None)
    roles = {member.role: by_name[member.run, member.tag] for member in chart.members if member.base == base}
    if "validation" not in roles:
        return None
    validation, train = roles["validation"].line, roles.get("train")
    best = best_validation(validation.points, train.line.points if train else None, goal)
    index = validation.nearest(best.step, "step") if best is not None else None
    if best is None or index is None:
        return None
    words = f"best validation {format_value(best.value)} at step {best.step}"
    if best.gap is not None:
        words += f", {format_value(abs(best.gap))} {'above' if best.gap > 0 else 'below'} training"
    x = float(validation.x(model.session.view.x_mode)[index]) - model.origin(roles["validation"])
    return BestStep(x, words)
