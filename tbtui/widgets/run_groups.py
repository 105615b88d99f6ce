"""Groups of runs as the charts draw them: which run is in which, and what colour each has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tbtui.analysis.colors import RGB, run_colors
from tbtui.analysis.groups import Grouping, RunGroup

if TYPE_CHECKING:
    from tbtui.widgets.session import Session


def group_name(group: RunGroup) -> str:
    """What a group goes by where runs go by their names; no run is called so."""
    return f"\n{group.key}"


class DrawnGroups:
    """The groups that are drawn as one curve each; none where runs are drawn by themselves."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._grouping = Grouping((), ())
        self._of: dict[str, RunGroup] = {}
        self._colors: dict[str, RGB] = {}

    def of_runs(self) -> dict[str, RunGroup]:
        """Name of each run that is drawn as part of a group -> its group; cheap when nothing changed."""
        return {} if self._session.view.group_band == "colors" else self.colored()

    def colored(self) -> dict[str, RunGroup]:
        """Name of each run that has the colour of a group -> that group; cheap when nothing changed."""
        view = self._session.view
        if not view.grouping or view.group_band == "runs":
            return {}
        grouping = self._session.grouping()
        if grouping is not self._grouping:
            self._grouping = grouping
            self._of = {name: group for group in grouping.groups for name in group.runs}
        return self._of

    def color(self, group: RunGroup) -> RGB:
        """The group's colour: the one that was chosen, else one by its name, if it can be one of its own."""
        chosen = self._session.view.colors.get(group_name(group))
        if chosen is not None:
            return chosen
        if group_name(group) not in self._colors:
            grouping = self._session.grouping()
            names = [group_name(one) for one in grouping.groups]
            given = {name: color for name, color in self._session.view.colors.items() if name in names}
            alone = {name: self._session.color(name) for name in grouping.rest}
            colors = run_colors(names, {**alone, **self._colors, **given})
            self._colors |= {name: color for name, color in colors.items() if name not in given}
        return self._colors.get(group_name(group)) or run_colors([group_name(group)])[group_name(group)]

    def colored_as(self, run: str) -> str:
        """What colours of a run are given to: its group where that is drawn, else itself."""
        group = self.colored().get(run)
        return group_name(group) if group is not None else run
