"""A run: what the event files of one directory hold, sorted into series."""

from __future__ import annotations

import math
from bisect import insort
from collections.abc import Iterable
from operator import attrgetter
from threading import RLock
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from tbtui.events.chunk import BlobPart, Columns, Item, ScalarPart
from tbtui.events.problem import Problem
from tbtui.store.history import FileSlot
from tbtui.store.reach import Reach, progress, recency
from tbtui.store.series import BlobSeries, ScalarSeries, Series

if TYPE_CHECKING:
    from tbtui.events.parse import Metadata
    from tbtui.events.parts import Extent, ScalarParts

GRAPH_TAG = "__run_graph__"
META_GRAPH_TAG = "__meta_graph__"
UNCLASSIFIED = ""

# The plugin of values and events that need no metadata to say so.
_PLUGINS = {
    "histogram": "histograms",
    "image": "images",
    "audio": "audio",
    "graph": "graphs",
    "meta_graph": "graphs",
    "run_metadata": "graph_tagged_run_metadata",
}
# Plugins whose values are of one class in TensorBoard: the first plugin of a tag takes in all of its class.
_BLOBS = ("images", "audio", "graph_run_metadata", "graph_run_metadata_graph", "graph_keras_model")
_TENSORS = ("histograms", "text", "hparams", "pr_curves", "mesh", "custom_scalars")
_DATA_CLASSES = dict.fromkeys(_BLOBS, "blobs") | dict.fromkeys(_TENSORS, "tensors")
_EVENT_TAGS = {"graph": GRAPH_TAG, "meta_graph": META_GRAPH_TAG}
_SESSION_EVENTS = frozenset(("session_start", "session_stop", "checkpoint"))
_WITHOUT_PROGRESS = frozenset(("hparams", "custom_scalars", "graphs"))
"""Plugins whose values are written about the run as a whole, at step 0, even at its end."""


class SessionMark(NamedTuple):
    """A SessionLog event: kind is "session_start", "session_stop" or "checkpoint"."""

    kind: str
    step: int
    wall: float


class Profile(NamedTuple):
    """A profiler's capture that lies in the run's directory; tool is "xplane", "torch_trace", ..."""

    session: str
    host: str
    tool: str
    path: str


class Run:
    """One run of a log directory.

    name: path relative to the log directory, "." for the log directory itself; path: where it lies; target: the real
    path where a symbolic link leads to it; gone: its files have vanished (what was read stays);
    version: grows whenever anything in it changes; structure: when series appear or vanish; losses: when they vanish or
    go to another plugin; points: scalar points read, superseded ones included.
    """

    def __init__(self, name: str, path: str, lock: RLock) -> None:
        self.name = name
        self.path = path
        self.target = ""
        self.gone = False
        self.version = 0
        self.structure = 0
        self.losses = 0
        self.reach = Reach()
        self.points = 0
        self.blobs: dict[tuple[str, str], BlobSeries] = {}  # (plugin, tag)
        self.metadata: dict[str, Metadata] = {}  # first usable of each tag
        self.looked_up: dict[str, tuple[FileSlot, Metadata | None]] = {}  # of scalar tags, see `store.told`
        self.sessions: list[SessionMark] = []
        self.profiles: list[Profile] = []
        self.files: dict[str, FileSlot] = {}
        self.file_bytes: dict[str, int] = {}
        self._lock = lock
        self._scalars: dict[str, ScalarSeries] = {}
        self._waiting: list[tuple[FileSlot, ScalarParts, int]] = []  # noted, but not sorted into series yet
        self._noted: list[ScalarSeries] = []  # series with points that were not settled yet
        self.news: list[ScalarSeries] = []  # series with new points that somebody looks at; the store takes them
        self._starts: list[FileSlot] = []  # slots in which a START was read, in file order
        self._void: dict[str, FileSlot] = {}  # by file: what it held before it was cut
        self._usual: dict[tuple[FileSlot, str, str], BlobSeries] = {}  # where a kind and tag of a file go
        self._plugins: dict[str, tuple[str, FileSlot]] = {}  # tag -> plugin of its first value, and where that was
        self._told_by: dict[str, FileSlot] = {}  # tag -> where its `metadata` come from

    @property
    def scalars(self) -> dict[str, ScalarSeries]:
        """The scalar series by tag, in the order they were met; made when somebody first looks at the run."""
        if self._waiting:
            with self._lock:
                self._sort_in()
        return self._scalars

    @property
    def start_time(self) -> float | None:
        """Smallest finite positive wall time (seconds since 1970) met so far; None before there is one."""
        first = (
            self.reach.first_wall
        )  # asked of thousands of runs at once: the lock would be waited for again and again
        return None if math.isinf(first) else first

    @property
    def last_step(self) -> int | None:
        """Of the newest point, see `Reach`; None before there is one."""
        return self.reach.step

    @property
    def last_wall(self) -> float | None:
        """When anything was written last, in seconds since 1970."""
        return self.reach.last_wall

    @property
    def empty(self) -> bool:
        """Whether it holds nothing that could be shown: its files have no more than headers, or not yet."""
        return not (self.points or self.blobs or self.profiles)

    @property
    def event_files(self) -> int:
        """How many event files the run has now."""
        return len(self.files)

    @property
    def event_bytes(self) -> int:
        """Their size in bytes, as far as it is known."""
        return sum(self.file_bytes.values())

    def series(self) -> list[Series]:
        """Every series of the run, scalars first, in the order they were met."""
        with self._lock:
            return [*self.scalars.values(), *self.blobs.values()]

    def plugins(self) -> dict[str, int]:
        """How many series each plugin has in this run."""
        counts: dict[str, int] = {}
        for series in self.series():
            counts[series.plugin] = counts.get(series.plugin, 0) + 1
        return counts

    # What follows is called by the store alone, under its lock.

    def note_scalars(self, slot: FileSlot, parts: ScalarParts, span: int) -> list[Problem]:
        """Notes all points of a span; returns problems where a tag was something else before.

        A thousand runs bring some ten thousand parts, and nobody looks at most of those runs: the series of a run that
        has none yet are made later (`scalars`).
        """
        if self._scalars or self.blobs:
            return self.add_scalars(slot, parts.of(span))
        self._waiting.append((slot, parts, span))
        self.structure += 1
        return []

    def saw(self, extent: Extent) -> None:
        """Notes how far the points of a file go, which are told by `note_scalars` or `add_scalars`."""
        self.points += extent.points
        self.reach.saw_wall(extent.first_wall)
        self.reach.saw_last(extent.last_step, extent.last_wall, scalar=True)

    def add_scalars(self, slot: FileSlot, parts: Iterable[ScalarPart]) -> list[Problem]:
        """Notes points of many tags; returns problems where a tag was something else before."""
        self._sort_in()
        return self._add_scalars(slot, parts)

    def settle(self, most: int | None = None) -> int:
        """Puts noted points of at most `most` series in place; returns of how many."""
        self._sort_in()
        noted, self._noted = self._noted[:most], self._noted[most:] if most is not None else []
        for series in noted:
            if series.noted:
                series.settle()
        return len(noted)

    @property
    def unsettled(self) -> bool:
        """Whether points are only noted."""
        return bool(self._waiting or self._noted)

    def _sort_in(self) -> None:
        """Makes the series of what was only noted. That there are such is no news: `structure` has moved before."""
        structure = self.structure
        for slot, parts, span in self._waiting:
            self._add_scalars(slot, parts.of(span))
        self._waiting = []  # last, for others look at it without the lock
        self.structure = structure

    def _add_scalars(self, slot: FileSlot, parts: Iterable[ScalarPart]) -> list[Problem]:
        problems: list[Problem] = []
        for part in parts:
            series = self._scalars.get(part.tag) or self._begin_scalars(slot, part, problems)
            if series is None:
                self.points -= part.stop - part.start
                continue
            series.add(slot, part)
            if not series.noted:
                series.noted = True
                self._noted.append(series)
            if series.seen:
                self.news.append(series)
        return problems

    def _begin_scalars(self, slot: FileSlot, part: ScalarPart, problems: list[Problem]) -> ScalarSeries | None:
        """The series of a tag that has none yet; None, and a problem, where the tag is something else."""
        tag = part.tag
        first, displaced = self._first_plugin(slot, tag, "scalars")
        if displaced is not None:
            problems.append(displaced)
        if first != "scalars":
            problems.append(self._conflict(slot, tag, part.first_offset(), first, "scalars"))
            return None
        return self._scalar_series(tag)

    def add_items(self, slot: FileSlot, items: Iterable[Item | BlobPart]) -> list[Problem]:
        """Notes everything that is no fast scalar; returns problems where something can't be placed.

        Most are the next of a kind and tag whose place is known already: those cost little more than a look-up.
        """
        problems: list[Problem] = []
        newest: tuple[int, float] | None = None
        latest: tuple[int, float] | None = None
        for item in items:
            series = self._usual.get((slot, item.kind, item.tag))
            if isinstance(item, BlobPart):
                if series is None:
                    problems += self.add_items(slot, item.items())
                    continue
            elif series is None or item.metadata is not None:
                problem = self._add_item(slot, item)
                if problem is not None:
                    problems.append(problem)
                continue
            series.add(slot, item)
            last = item.step, item.wall
            furthest = item.furthest() if isinstance(item, BlobPart) else last
            if newest is None or progress(*newest) < progress(*furthest):
                newest = furthest
            if latest is None or recency(*latest) < recency(*last):
                latest = last
        for one in (newest, latest):
            if one is not None:
                self.reach.saw_wall(one[1])
                self.reach.saw_last(*one)
        return problems

    def _add_item(self, slot: FileSlot, item: Item) -> Problem | None:
        self.reach.saw_wall(item.wall)
        if item.kind in _SESSION_EVENTS:
            self._add_session(slot, item)
            return None
        if item.kind in ("version", "log"):
            return None
        self._sort_in()
        tag = _EVENT_TAGS.get(item.kind, item.tag)
        plugin = self._classify(slot, tag, item)
        if plugin not in _WITHOUT_PROGRESS:
            self.reach.saw_last(item.step, item.wall, scalar=plugin == "scalars")
        if plugin == "scalars":
            return self._add_slow_scalar(slot, item)
        if item.kind == "none" and plugin == UNCLASSIFIED:
            return None
        problem = None
        if item.tag:
            first, problem = self._first_plugin(slot, tag, plugin)
            if _data_class(first) != _data_class(plugin):
                return self._conflict(slot, tag, item.offset, first, plugin)
            plugin = first
        series = self._blob_series(plugin, tag)
        series.add(slot, item)
        if problem is None and item.value is None and item.tag and plugin not in (*_WITHOUT_PROGRESS, UNCLASSIFIED):
            self._usual[slot, item.kind, item.tag] = series
        return problem

    def drop(self, slot: FileSlot) -> None:
        """Forgets what came from a file; series that hold nothing else are forgotten with it."""
        for series in self.series():
            series.drop(slot)
        if slot in self._starts:
            self._starts.remove(slot)
            self._find_superseded_again()
        self._scalars = {tag: series for tag, series in self.scalars.items() if series.total}
        self.blobs = {key: series for key, series in self.blobs.items() if series.total}
        left = {*self._scalars, *(tag for _, tag in self.blobs)}
        self._plugins = {tag: first for tag, first in self._plugins.items() if tag in left}
        self._usual = {}
        self.points = sum(series.total for series in self._scalars.values())
        self.structure += 1
        self.losses += 1
        self._find_last()

    def void(self, slot: FileSlot) -> None:
        """Marks what came from a file as superseded: it was cut and is written anew."""
        past = self._void.pop(slot.name, None)  # only the last past is kept, or memory would grow without new data
        if past is not None:
            self.drop(past)
        self._void[slot.name] = slot
        slot.void = True
        if slot in self._starts:
            self._starts.remove(slot)
        self._find_superseded_again()

    def _find_superseded_again(self) -> None:
        for series in self.series():
            series.find_superseded_again()

    def _find_last(self) -> None:
        self.reach.forget_last()
        for scalars in self.scalars.values():
            points = scalars.points()
            if len(points.steps):
                self.reach.saw_last(points.steps.item(-1), points.walls.item(-1), scalar=True)
        for blobs in self.blobs.values():
            if blobs.plugin not in _WITHOUT_PROGRESS and len(blobs.steps()):
                self.reach.saw_last(blobs.steps().item(-1), blobs.walls().item(-1))

    def settled(self) -> None:
        """Corrects the start time by every point; `inspect` asks for it, a screen does not need it."""
        for scalars in self.scalars.values():
            walls = scalars.points(purge=False).walls
            good = walls[np.isfinite(walls) & (walls > 0)]
            if len(good):
                self.reach.saw_wall(good.min().item())

    def _add_session(self, slot: FileSlot, item: Item) -> None:
        self.sessions.append(SessionMark(item.kind, item.step, item.wall))
        if item.kind == "session_start":
            slot.starts.append((item.offset, item.step))
            if slot not in self._starts:
                insort(self._starts, slot, key=attrgetter("order"))
            self._find_superseded_again()

    def _classify(self, slot: FileSlot, tag: str, item: Item) -> str:
        """The plugin of a value: by its kind, by its own metadata, or by what is known of its tag."""
        told = item.metadata is not None and item.metadata.plugin
        if told and item.tag:
            self._keep_metadata(slot, item)
        if item.kind in _PLUGINS:
            return _PLUGINS[item.kind]
        if told:
            return told
        first = self._plugins[tag][0] if tag in self._plugins else UNCLASSIFIED
        if first == UNCLASSIFIED and item.value is not None:
            return "scalars"
        return first

    def _keep_metadata(self, slot: FileSlot, item: Item) -> None:
        """The first metadata of a tag hold; first in file order, for a later file may have been read sooner."""
        metadata, tag = item.metadata, item.tag
        if metadata is None or (tag in self._told_by and not slot.order < self._told_by[tag].order):
            return
        if tag not in self._told_by:
            self._metadata_arrived(tag, metadata.plugin, slot)
        self.metadata[tag] = metadata
        self._told_by[tag] = slot

    def _first_plugin(self, slot: FileSlot, tag: str, plugin: str) -> tuple[str, Problem | None]:
        """The plugin that the first value of a tag has, where a value of `slot` has `plugin`.

        A value from an earlier file outranks what later files said; the problem tells of values that it displaces.
        """
        first, first_slot = self._plugins.setdefault(tag, (plugin, slot))
        if plugin in (first, UNCLASSIFIED):
            return first, None
        if first != UNCLASSIFIED and not slot.order < first_slot.order:
            return first, None
        self._plugins[tag] = plugin, slot
        self._usual = {}
        return plugin, self._displace(tag, first, first_slot, plugin)

    def _displace(self, tag: str, later: str, later_slot: FileSlot, earlier: str) -> Problem | None:
        """Gives the values of a tag the plugin that an earlier file tells, or leaves them out where they don't fit."""
        if later == UNCLASSIFIED:
            return None
        self.structure += 1
        self.losses += 1
        if later == "scalars":
            self.points -= self._scalars.pop(tag).total
        else:
            series = self.blobs.pop((later, tag))
            if _data_class(earlier) == _data_class(later):
                series.plugin = earlier
                self.blobs[earlier, tag] = series
                return None
        return Problem(later_slot.name, None, f"tag {tag!r} holds {later} here, but {earlier} before: left out")

    def _metadata_arrived(self, tag: str, plugin: str, slot: FileSlot) -> None:
        """Values of a tag that came before its metadata move to where they belong."""
        waiting = self.blobs.pop((UNCLASSIFIED, tag), None)
        if waiting is not None and plugin != "scalars":
            waiting.plugin = plugin
            self.structure += 1
            self.losses += 1
            self.blobs[plugin, tag] = waiting
            self._plugins[tag] = plugin, slot
            self._usual = {}

    def _add_slow_scalar(self, slot: FileSlot, item: Item) -> Problem | None:
        first, problem = self._first_plugin(slot, item.tag, "scalars")
        if first != "scalars":
            return self._conflict(slot, item.tag, item.offset, first, "scalars")
        if item.value is None:
            return Problem(slot.name, item.offset, f"tag {item.tag!r} holds a tensor that is not one number")
        series = self._scalars.get(item.tag) or self._scalar_series(item.tag)
        series.add(slot, _one_point(item, item.value))
        self.points += 1
        return problem

    def _scalar_series(self, tag: str) -> ScalarSeries:
        self.structure += 1
        series = self._scalars[tag] = ScalarSeries(self.name, tag, self._lock, self._starts)
        return series

    def _blob_series(self, plugin: str, tag: str) -> BlobSeries:
        series = self.blobs.get((plugin, tag))
        if series is None:
            self.structure += 1
            series = self.blobs[plugin, tag] = BlobSeries(self.name, tag, plugin, self._lock, self._starts)
        return series

    def _conflict(self, slot: FileSlot, tag: str, offset: int, first: str, now: str) -> Problem:
        return Problem(slot.name, offset, f"tag {tag!r} holds {now} here, but {first} before: left out")


def _data_class(plugin: str) -> str:
    """Scalars, blobs, tensors; plugins that TensorBoard does not know are a class of their own each."""
    return _DATA_CLASSES.get(plugin, plugin)


def _one_point(item: Item, value: float) -> ScalarPart:
    """A number that came as a tensor, as a part of its own."""
    columns = Columns(np.array([item.step]), np.array([item.wall]), np.array([value]), np.array([item.offset]))
    return ScalarPart(item.span, item.tag, columns, 0, 1, 0)
