"""Layouts of the custom scalars plugin: which charts a run asks for, put together over all runs."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from tbtui.events.proto.plugins_pb2 import Layout
    from tbtui.store.run import Run

__all__ = [
    "LAYOUT_TAG",
    "Category",
    "LayoutCache",
    "LayoutChart",
    "Layouts",
    "MarginTags",
    "matching_tags",
    "merge_layouts",
    "parse_layout",
]

LAYOUT_PLUGIN = "custom_scalars"
LAYOUT_TAG = "custom_scalars__config__"


class MarginTags(NamedTuple):
    """Three tags: a curve, and the lower and upper end of the band around it."""

    value: str
    lower: str
    upper: str


@dataclass(frozen=True, slots=True)
class LayoutChart:
    """A chart of a layout: curves of all tags that one of `patterns` matches, or bands of `margins`."""

    title: str
    patterns: tuple[str, ...] = ()
    margins: tuple[MarginTags, ...] = ()


@dataclass(frozen=True, slots=True)
class Category:
    """A group of charts; closed: folded until the user opens it."""

    title: str
    charts: tuple[LayoutChart, ...]
    closed: bool = False


class Layouts(NamedTuple):
    """The categories of all runs together, and what could not be read: (run, reason)."""

    categories: tuple[Category, ...]
    problems: tuple[tuple[str, str], ...] = ()


def parse_layout(data: bytes) -> tuple[Category, ...]:
    """The categories of one serialized Layout. Raises ValueError where it is none."""
    from google.protobuf.message import DecodeError

    from tbtui.events.proto.plugins_pb2 import Layout

    try:
        layout = Layout.FromString(data)
    except DecodeError as error:
        raise ValueError(f"the layout can't be read: {error}") from error
    return _categories(layout)


def _categories(layout: Layout) -> tuple[Category, ...]:
    categories = []
    for category in layout.category:
        charts = []
        for chart in category.chart:
            margins = [MarginTags(one.value, one.lower, one.upper) for one in chart.margin.series]
            charts.append(LayoutChart(chart.title, tuple(chart.multiline.tag), tuple(margins)))
        categories.append(Category(category.title, tuple(charts), category.closed))
    return tuple(categories)


def merge_layouts(layouts: Iterable[Sequence[Category]]) -> tuple[Category, ...]:
    """Layouts put together as TensorBoard does, in the order given (it takes runs by name).

    A category that has the title of an earlier one adds to it those of its charts that are not in it yet; otherwise it
    stands behind them. Within the first layout all stays as it is. An earlier category decides whether it is closed.
    """
    merged: list[Category] = []
    places: dict[str, int] = {}
    for number, layout in enumerate(layouts):
        for category in layout:
            place = places.get(category.title) if number else None
            if place is None:
                places[category.title] = len(merged)
                merged.append(category)
                continue
            known = merged[place]
            new = tuple(chart for chart in category.charts if chart not in known.charts)
            merged[place] = Category(known.title, known.charts + new, known.closed)
    return tuple(merged)


def matching_tags(chart: LayoutChart, tags: Iterable[str]) -> tuple[str, ...]:
    """The tags that a multiline chart shows, in the order of its patterns, each once.

    A pattern is a regular expression that has to match from the start of the tag on. A pattern that is none
    matches the tag that it spells.
    """
    known = list(tags)
    found: dict[str, None] = {}
    for pattern in chart.patterns:
        try:
            expression = re.compile(pattern)
        except re.error:
            found.update(dict.fromkeys(tag for tag in known if tag == pattern))
            continue
        found.update(dict.fromkeys(tag for tag in known if expression.match(tag)))
    return tuple(found)


class LayoutCache:
    """The layouts of many runs, read again when one was written anew. For one thread."""

    def __init__(self) -> None:
        self._known: dict[str, tuple[tuple[int, int], tuple[Category, ...], str | None]] = {}
        self._merged: tuple[tuple[tuple[str, tuple[int, int]], ...], Layouts] = ((), Layouts(()))

    def of(self, runs: Iterable[Run]) -> Layouts:
        """The merged layouts of these runs, taken in the order of their names."""
        with_layout = sorted(
            ((run.name, run) for run in runs if (LAYOUT_PLUGIN, LAYOUT_TAG) in run.blobs), key=lambda pair: pair[0]
        )
        state = tuple((name, self._read(run)) for name, run in with_layout)
        if state != self._merged[0]:
            known = [(name, self._known[name]) for name, _ in with_layout]
            problems = tuple((name, problem) for name, (_, _, problem) in known if problem is not None)
            self._merged = state, Layouts(merge_layouts([found for _, (_, found, _) in known if found]), problems)
        return self._merged[1]

    def _read(self, run: Run) -> tuple[int, int]:
        """Reads a run's newest layout where it is not known yet; returns what tells it from the next one."""
        series = run.blobs[LAYOUT_PLUGIN, LAYOUT_TAG]
        version = id(series), series.version
        known = self._known.get(run.name)
        if known is None or known[0] != version:
            try:
                self._known[run.name] = version, _newest_layout(run), None
            except ValueError as error:
                self._known[run.name] = version, (), str(error)
        return version


def _newest_layout(run: Run) -> tuple[Category, ...]:
    from tbtui.events.tensors import decode_tensor
    from tbtui.store.blobs import read_value

    series = run.blobs[LAYOUT_PLUGIN, LAYOUT_TAG]
    try:
        value = read_value(series.reference(-1))
    except IndexError:
        return ()
    content = np.ravel(decode_tensor(value.body))
    if len(content) != 1 or not isinstance(content[0], bytes):
        raise ValueError("the layout is no single text")
    return parse_layout(content[0])
