"""How often files are looked at: those that grow often, the others rarely, and the more there are the rarer."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from tbtui.logdir.files import EventFile

HOT_SECONDS = 60.0  # a file that grew within this time is looked at often
LOOK_COST = 4e-6  # seconds for one stat and what belongs to it; on a network disk a hundred times that


def hot_pace(count: int) -> float:
    """Seconds between two looks at files that grow: at most 2 % of a core."""
    return max(0.1, count * LOOK_COST / 0.02)


def cold_pace(count: int) -> float:
    """Seconds between two looks at quiet files: at most 0.4 % of a core."""
    return max(min(1.0, 0.4 + count * 0.001), count * LOOK_COST / 0.004)


def hinted_pace(count: int) -> float:
    """The same where the operating system tells of changes, and looking is only to make sure."""
    return max(2.0, 2.5 * cold_pace(count))


def remote_pace(count: int) -> float:
    """Seconds between two looks at files on a network disk, where a look asks the server."""
    return max(1.0, count * LOOK_COST * 100 / 0.1)


@dataclass(slots=True)
class Round:
    """Comes to each of its members once in a period, in slices. `due`: when the next round begins."""

    pace: Callable[[int], float]
    members: dict[EventFile, None] = field(default_factory=dict)
    due: float = -float("inf")
    _left: Iterator[EventFile] | None = None

    @property
    def running(self) -> bool:
        """Whether a round has begun and is not over."""
        return self._left is not None

    @property
    def next_due(self) -> float:
        """When the next look pays."""
        if self._left is not None:
            return -float("inf")
        return self.due if self.members else float("inf")

    def take(self, now: float) -> EventFile | None:
        """The next file to look at, or None until the next round is due."""
        if self._left is None:
            if now < self.due or not self.members:
                return None
            self._left = iter(list(self.members))
        for file in self._left:  # goes on where the last call left it
            if file in self.members:
                return file
        self._left = None
        self.due = now + self.pace(len(self.members))
        return None


class Rounds:
    """The rounds over all files that are followed. `period` forces one pace for all of them."""

    def __init__(self, period: float | None = None) -> None:
        def forced(count: int) -> float:
            return max(period or 0.0, hot_pace(count))

        self.hot = Round(forced if period is not None else hot_pace)
        self.cold = Round(forced if period is not None else cold_pace)
        self.remote = Round(forced if period is not None else remote_pace)

    @property
    def running(self) -> bool:
        """Whether a round has begun and is not over."""
        return self.hot.running or self.cold.running or self.remote.running

    @property
    def next_due(self) -> float:
        """When the next look pays."""
        return min(self.hot.next_due, self.cold.next_due, self.remote.next_due)

    def rely_on_hints(self, on: bool) -> None:
        """Looks at quiet local files more rarely, or not, unless a pace is forced."""
        if self.cold.pace in (cold_pace, hinted_pace):
            self.cold.pace = hinted_pace if on else cold_pace

    def place(self, file: EventFile, now: float) -> None:
        """Puts a file into the round it belongs to now."""
        self.remove(file)
        quiet = self.remote if file.folder.remote else self.cold
        round_ = self.hot if now - file.grown < HOT_SECONDS else quiet
        if not round_.members:
            round_.due = now + round_.pace(1)
        round_.members[file] = None

    def remove(self, file: EventFile) -> None:
        """Looks at a file no more."""
        for one in (self.hot, self.cold, self.remote):
            one.members.pop(file, None)

    def look_now(self) -> None:
        """Lets all rounds begin at once."""
        for one in (self.hot, self.cold, self.remote):
            one.due = -float("inf")

    def take(self, now: float) -> EventFile | None:
        """The next file to look at, or None when none is due."""
        for one in (self.hot, self.cold, self.remote):
            file = one.take(now)
            if file is not None:
                if (one is self.hot) != (now - file.grown < HOT_SECONDS):
                    self.place(file, now)
                return file
        return None
