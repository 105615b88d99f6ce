"""What every dashboard is to the app. The app knows no dashboard by name; it knows this class."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import ClassVar

from textual.widget import Widget

from tbtui.store.told import look_up
from tbtui.widgets.descriptions import DescriptionPanel
from tbtui.widgets.messages import Notice, ViewChanged
from tbtui.widgets.session import Session


class Dashboard(Widget):
    """One kind of data on the screen.

    A dashboard pulls: the app calls `update_data` when the store moved (at most `Options.frames` times a second, never
    while the terminal is behind), and `view_changed` when the user changed what is shown. Neither is called while the
    dashboard is not on the screen; `view_changed` is called when it comes back.

    Keys of scope "dashboard" in `widgets.key_table` arrive as `action_<name>()` whichever pane has the focus; a
    dashboard has methods for those it answers, and may say why not (`say`). Keys of scope "list" and "chart" it binds
    itself, on the widget that has the focus. Where it has a scope of its own, those keys arrive in the same way, and
    before.
    """

    SCOPES: ClassVar[tuple[str, ...]] = ("dashboard",)
    """The scopes of `widgets.key_table` whose keys hold while it is shown, whichever pane has the focus."""

    FILTER: ClassVar[str] = "tags"
    """What `/` lets the user type, one of `filter_input.PROMPTS`; where it is not "tags", see `typed`."""

    DEFAULT_CSS = "Dashboard { width: 1fr; height: 1fr; }"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self.session = session

    def update_data(self) -> None:
        """Look at what changed in the store and refresh just that."""

    def view_changed(self) -> None:
        """Draw anew what follows from `session.view`: filters, shown runs, smoothing, axes, sizes, theme."""

    def focus_first(self) -> None:
        """Take the focus, on the part of the dashboard that is to have it."""
        self.focus()

    def next_pane(self) -> bool:
        """Give the focus to its next pane; False: it is on the last of them."""
        return False

    def open_tag(self, tag: str) -> None:
        """Show this tag of the focused run as large as there is room, if the dashboard has it."""

    def step_out(self) -> bool:
        """One layer out (a full-screen chart back to the grid). False: there was nothing to leave."""
        return False

    def scopes(self) -> tuple[str, ...]:
        """The scopes of `widgets.key_table` at hand inside, the nearest first: for footer and help."""
        return ("list", "dashboard")

    def place(self) -> str:
        """Where the user is, for the status line: "page 2/5", "" for nothing to say."""
        return ""

    def tag_counts(self) -> tuple[int, int]:
        """(tags that the filter lets through, all tags) of this dashboard's kind, for the filter's preview."""
        return (0, 0)

    def typed(self) -> str:
        """What was typed last in the dashboard's own line (`FILTER`)."""
        return ""

    def type_text(self, text: str) -> None:
        """The dashboard's own line reads this now."""

    def typed_found(self) -> str:
        """A few words about what it finds, or what is wrong with it."""
        return ""

    def focused_tags(self) -> Sequence[str]:
        """The tags of what has the focus, for what their writers say of them."""
        return ()

    async def action_describe(self) -> None:
        """Show what the writers say of the focused tags: display names and descriptions."""
        tags = self.focused_tags()
        if not tags:
            self.say("No tag has the focus")
            return
        runs = self.session.visible_runs()
        await asyncio.to_thread(look_up, [(run, tag) for run in runs for tag in tags])
        self.app.push_screen(DescriptionPanel(tags, runs, self.session.label))

    def say(self, text: str) -> None:
        """Tell the user one sentence in the status line."""
        self.post_message(Notice(text))

    def changed(self) -> None:
        """Tell the app that this dashboard changed `session.view`."""
        self.post_message(ViewChanged())
