"""What the writer of a summary says of it: its display name and its description, for every kind of summary.

Descriptions are Markdown. A heading has room for a line (`description_line`); a panel shows all of it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache
from typing import ClassVar, NamedTuple

from textual.binding import BindingType

from tbtui.analysis.text import safe
from tbtui.store import Run
from tbtui.store.told import known_metadata
from tbtui.widgets.inks import Inks, inks_from
from tbtui.widgets.markdown import Row, markdown_rows, plain_line
from tbtui.widgets.painted import Piece
from tbtui.widgets.panel import Lines, Panel

__all__ = ["Described", "DescriptionPanel", "described", "description_line", "descriptions_of"]


class Described(NamedTuple):
    """name: the display name, "" where it says no more than the tag; words: the description, Markdown. Both foreign."""

    name: str
    words: str

    @property
    def empty(self) -> bool:
        """Whether the writer said nothing."""
        return not self.name and not self.words


def described(run: Run | None, tag: str) -> Described:
    """What the writer of a run says of a tag; of a scalar, once that was looked up (`store.told`)."""
    metadata = known_metadata(run, tag) if run is not None else None
    if metadata is None:
        return Described("", "")
    name = metadata.display_name
    plain = name if name and name not in (tag, tag.rpartition("/")[2]) else ""
    return Described(plain, metadata.description.strip())


def descriptions_of(runs: Sequence[Run], tag: str) -> dict[Described, list[Run]]:
    """What is said of a tag, and by which of the runs; those that say nothing are left out."""
    found: dict[Described, list[Run]] = {}
    for run in runs:
        said = described(run, tag)
        if not said.empty:
            found.setdefault(said, []).append(run)
    return found


@lru_cache(maxsize=512)
def description_line(said: Described) -> str:
    """Name and description on one line, safe; "" where nothing was said."""
    words = plain_line(said.words) if said.words else ""
    return " · ".join(part for part in (safe(said.name), words) if part)


class DescriptionLines(Lines):
    """The whole of what is said of some tags, each thing once with the runs that say it."""

    def __init__(self, tags: Sequence[str], runs: Sequence[Run], label: Callable[[str], str]) -> None:
        super().__init__()
        self._said = {tag: descriptions_of(runs, tag) for tag in tags}
        self._label = label
        self._rows: list[Row] = []
        self._for: tuple[int, str] = (-1, "")

    def _lay_out(self, width: int) -> list[Row]:
        if self._for != (width, self.app.theme):
            self._for = (width, self.app.theme)
            self._rows = list(self._made(width, inks_from(self.app.theme_variables)))
        return self._rows

    def _made(self, width: int, inks: Inks) -> Iterator[Row]:
        for number, (tag, said) in enumerate(self._said.items()):
            if number:
                yield ()
            if len(self._said) > 1:
                yield ((safe(tag), inks.accent),)
            if not said:
                yield (("The writer says nothing of this tag", inks.muted),)
            for place, (one, runs) in enumerate(said.items()):
                if place:
                    yield ()
                if len(said) > 1:
                    yield ((", ".join(self._label(run.name) for run in runs), inks.muted),)
                if one.name:
                    yield ((safe(one.name), inks.strong),)
                yield from markdown_rows(one.words, width, inks) if one.words else ()

    def count(self, width: int) -> int:
        return len(self._lay_out(width))

    def row(self, number: int, width: int) -> list[Piece]:
        return list(self._lay_out(width)[number])


class DescriptionPanel(Panel):
    """What the writers of runs say of tags. label: a run's name as it is shown."""

    BINDINGS: ClassVar[list[BindingType]] = [("quotation_mark", "close")]

    def __init__(self, tags: Sequence[str], runs: Sequence[Run], label: Callable[[str], str]) -> None:
        super().__init__()
        self._tags, self._lines = tags, DescriptionLines(tags, runs, label)

    def title_text(self) -> str:
        return " + ".join(self._tags)

    def lines(self) -> Lines:
        return self._lines
