"""What a picture shows, with all that belongs to it."""

from __future__ import annotations

from dataclasses import dataclass

from tbtui.dashboards.histograms.course import Course
from tbtui.dashboards.histograms.panels import Panel
from tbtui.dashboards.histograms.pictures import Subject

__all__ = ["Shown"]


@dataclass(frozen=True, slots=True)
class Shown:
    """A panel and its picture. color: of the run; label: its name; start: when it began, seconds since 1970.

    sign: what the heading begins with, to be in the colour of the run; "" where runs are not told apart by colour.
    """

    panel: Panel
    course: Course
    subject: Subject
    color: int
    label: str
    start: float | None
    sign: str
