"""Which values the y axis of a chart shows: by the mode, as they were typed, or alike in all charts of a group."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from typing import TYPE_CHECKING, NamedTuple

from tbtui.analysis.axes import Axis, value_range
from tbtui.analysis.ranges import range_axis, shared_axis
from tbtui.analysis.units import on_second_axis
from tbtui.dashboards.scalars.tags import group_of

if TYPE_CHECKING:
    from tbtui.charts.canvas import Curve
    from tbtui.dashboards.scalars.model import Model
    from tbtui.dashboards.scalars.subjects import Entry, Subject

MOST = 100
"""Groups of more tags do not share a range: all their curves would have to be looked at for every chart."""


class SecondAxis(NamedTuple):
    """The tags that belong to the second y axis, and both axes."""

    tags: frozenset[str]
    left: Axis
    right: Axis


RIGHT_WORDS = " (right)"
"""What is said behind the name of a curve that belongs to the second axis."""


def move_right(tags: Collection[str], owners: Sequence[Entry], curves: Sequence[Curve]) -> None:
    """Give the curves of these tags the second axis, and say so in their names. owners: whose each curve is."""
    for entry, curve in zip(owners, curves, strict=True):
        if entry.tag in tags and not curve.right:
            curve.right = True
            curve.name += RIGHT_WORDS


def title_with_axes(subject: Subject, right: Collection[str]) -> str:
    """The title of a chart; of an overlay with two axes it says which tags belong to the second one."""
    if not right:
        return subject.title
    return " + ".join(tag + RIGHT_WORDS if tag in right else tag for tag in subject.tags)


class ValueAxes:
    """The y axes that the data ask for. `Model.window` keeps them still."""

    def __init__(self, model: Model) -> None:
        self._model = model
        self._own: dict[str, tuple[Hashable, Axis]] = {}

    def group(self, subject: Subject) -> tuple[str, ...]:
        """The tags that the chart shares its range with, its own among them; none where it has one of its own."""
        view, session = self._model.session.view, self._model.session
        if not view.shared_range or len(subject.tags) != 1 or subject.custom or subject.title in view.limits:
            return ()
        group = group_of(subject.title)
        if not group:  # tags without a slash have nothing in common
            return ()
        tags = [tag for tag in self._model.tags() if group_of(tag) == group and session.tag_matches(tag)]
        tags = [tag for tag in tags if tag not in view.limits]
        return tuple(tags) if 1 < len(tags) <= MOST else ()

    def beside(self, subject: Subject) -> list[Entry]:
        """The curves of other charts that have a say in the range of this one."""
        others = (tag for tag in self.group(subject) if tag != subject.title)
        return [entry for tag in others for entry in self._model.tag_entries(tag)]

    def look(self, subject: Subject) -> Hashable:
        """Changes when the range is made in another way; the data left out."""
        view = self._model.session.view
        return (view.y_range, view.limits.get(subject.title), tuple(e.name for e in self.beside(subject)))

    def axis(self, subject: Subject, entries: Sequence[Entry], x: Axis, whole: bool) -> Axis:
        """The y axis for the curves of a chart; `whole`: of all their points, else of those on the x axis.

        A shared axis is always of all points: a chart that is zoomed stays comparable.
        """
        tags = self.group(subject)
        return shared_axis([self._whole(tag, x) for tag in tags]) if tags else self._of(subject, entries, x, whole)

    def apart(self, subject: Subject, entries: Sequence[Entry], x: Axis, whole: bool) -> SecondAxis | None:
        """The two y axes of an overlay of tags whose values differ much in size; None where one axis serves them.

        One logarithmic axis serves values of all sizes; so do limits that were typed.
        """
        view = self._model.session.view
        if len(subject.tags) < 2 or subject.metric or subject.custom or view.y_scale != "linear":
            return None
        if subject.title in view.limits:
            return None
        by_tag = {tag: [entry for entry in entries if entry.tag == tag] for tag in subject.tags}
        tags = [tag for tag in subject.tags if by_tag[tag]]
        axes = [self._of(None, by_tag[tag], x, whole) for tag in tags]
        second = on_second_axis([max(abs(axis.low), abs(axis.high)) for axis in axes])
        if not any(second):
            return None
        right = frozenset(tag for tag, is_second in zip(tags, second, strict=True) if is_second)
        left = self._of(None, [entry for entry in entries if entry.tag not in right], x, whole)
        return SecondAxis(right, left, self._of(None, [entry for entry in entries if entry.tag in right], x, whole))

    def _whole(self, tag: str, x: Axis) -> Axis:
        """The axis that a tag of the group would have alone."""
        model = self._model
        view, entries = model.session.view, model.tag_entries(tag)
        key = (view.y_range, view.y_scale, tuple((e.name, e.line.version, e.line.weight) for e in entries))
        known = self._own.get(tag)
        if known is None or known[0] != key:
            known = self._own[tag] = (key, self._of(None, entries, x, True))
        return known[1]

    def _of(self, subject: Subject | None, entries: Sequence[Entry], x: Axis, whole: bool) -> Axis:
        model = self._model
        view = model.session.view
        scale = view.y_scale
        typed = view.limits.get(subject.title) if subject is not None else None
        values = []
        for entry in entries:
            part = slice(0, len(entry.line))
            if not whole:
                origin = model.origin(entry)
                part = entry.line.between(x.low + origin, x.high + origin, view.x_mode)
            outer = typed is not None or view.y_range in ("full", "zero")
            values.append(entry.line.range_values(part, everything=outer))
        if typed is not None:
            return range_axis(values, "typed", scale, typed)
        if view.y_range == "auto":
            return value_range(values, True, scale)
        return range_axis(values, view.y_range, scale)
