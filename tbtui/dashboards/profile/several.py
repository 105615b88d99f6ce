"""What takes more than one capture: ranks side by side, and the difference to another session."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from tbtui.dashboards.profile.opening import Opened, cache_of, load, read_profile
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.difference import DifferenceRow, difference_table
from tbtui.profiles.distributed import Distributed, RankWork, compare_ranks, rank_work
from tbtui.profiles.find import session_files
from tbtui.profiles.model import BadProfile
from tbtui.store.run import Profile as Capture

if TYPE_CHECKING:
    from tbtui.dashboards.profile import ProfileDashboard

log = logging.getLogger(__name__)


class Several:
    """Reads the other captures in a thread, one after the other, when they are asked for; what was made is kept until
    another capture is shown."""

    def __init__(self, owner: ProfileDashboard) -> None:
        self._owner = owner
        self.distributed: Distributed | None = None
        self.difference: list[DifferenceRow] | None = None
        self.other: Capture | None = None
        self._reading = ""
        self._said: dict[str, str] = {}
        self._together: tuple[tuple[str, int], list[Capture]] = (("", 0), [])

    def forget(self) -> None:
        """Another capture is shown."""
        self.distributed = self.difference = None
        self._reading = ""
        self._said = {}
        if self.other == self._owner.opener.capture:
            self.other = None

    def together(self) -> list[Capture]:
        """The captures of all hosts or workers that were made together with the one that is shown."""
        shown, found = self._owner.opener.capture, self._owner.opener.found
        if shown is None:
            return []
        state = (shown.path, len(found))
        if state != self._together[0]:  # the head asks with every key
            known = {capture.path: capture for capture in self._owner.opener.comparable()}
            known[shown.path] = shown
            self._together = (state, [known[path] for path in session_files(shown.path, known)])
        return self._together[1]

    def words(self, view: str) -> str:
        """What is said while there is no table."""
        if self._reading:
            return self._reading
        if view in self._said:
            return self._said[view]
        if view == "difference" and len(self._owner.opener.comparable()) < 2:
            return "There is no other capture to compare with"
        if view == "difference":
            return "Choose the session to compare with (d again)"
        return "This session has one rank only: nothing to compare"

    def look(self) -> None:
        """Begin to read what the view needs, unless it is there or on its way."""
        view = self._owner.view
        if self._reading or view in self._said:
            return
        opened = self._owner.opener.opened
        if opened is None:
            return
        if view == "distributed" and self.distributed is None and len(self.together()) > 1:
            self._reading = "Reading the captures of the other ranks ..."
            self._owner.run_worker(self._read_ranks(opened), group="several", exclusive=True)
        elif view == "difference" and self.difference is None and self.other is not None:
            self._reading = "Reading the capture to compare with ..."
            self._owner.run_worker(self._read_other(opened, self.other), group="several", exclusive=True)

    def compare_with(self, other: Capture) -> None:
        """The difference is the one to this capture from now on."""
        self.other, self.difference = other, None
        self._reading = ""
        self._said.pop("difference", None)
        self._owner.show_view("difference")

    async def _read_ranks(self, opened: Opened) -> None:
        works: list[RankWork] = []
        captures = self.together()
        for number, capture in enumerate(captures, 1):
            self._reading = f"Reading rank {number} of {len(captures)} ..."
            self._owner.show_table()
            try:
                cache = cache_of(self._owner.session)
                works.append(await asyncio.to_thread(_work_of, capture, opened, cache))
            except BadProfile as error:
                self._owner.opener.note(capture, str(error))
            if self._owner.opener.opened is not opened:
                return
        self._reading = ""
        if len(works) > 1:
            self.distributed = await asyncio.to_thread(compare_ranks, works)
        else:
            self._said["distributed"] = "The captures of the other ranks can't be read"
        self._owner.show_view(self._owner.view)

    async def _read_other(self, opened: Opened, other: Capture) -> None:
        try:
            cache = cache_of(self._owner.session)
            before = await asyncio.to_thread(load, other, self._owner.opener.python, cache=cache)
            found = await asyncio.to_thread(difference_table, before.overview, opened.overview)
        except BadProfile as error:
            self._owner.opener.note(other, str(error))
            self._said["difference"] = f"{other.session} {other.host}: {error}"
        else:
            if self.other == other:
                self.difference = found
        if self._owner.opener.opened is opened:
            self._reading = ""
            self._owner.show_view(self._owner.view)


def _work_of(capture: Capture, opened: Opened, cache: ProfileCache | None) -> RankWork:
    if capture == opened.capture:
        return rank_work(capture.host, opened.profile, opened.calls)
    return rank_work(capture.host, read_profile(capture, cache=cache)[0])
