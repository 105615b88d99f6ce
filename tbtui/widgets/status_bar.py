"""The last line: which filters hide something, what just happened, and the keys at hand."""

from __future__ import annotations

from collections.abc import Sequence

from rich.style import Style
from textual import events
from textual.strip import Strip

from tbtui.analysis.text import cut, safe
from tbtui.widgets.fitting import Item, fit, item
from tbtui.widgets.key_table import Key
from tbtui.widgets.keys import key_names, split_keys
from tbtui.widgets.painted import Painted
from tbtui.widgets.session import Session

NARROW = 60
"""Under so many columns only the key for help is shown."""

FILTER_CELLS = 18
NOTICE_SECONDS = 4.0


class StatusBar(Painted):
    """Keys come from the table, for what has the focus; the least important leave where the line is too short."""

    DEFAULT_CSS = "StatusBar { height: 1; background: $panel; }"

    def __init__(self, session: Session) -> None:
        super().__init__(id="status")
        self.session = session
        self._keys: Sequence[Key] = ()
        self._place = ""
        self._notice = ""
        self._notice_is_problem = False
        self._said_again = False
        self._notices = 0

    def show(self, keys: Sequence[Key], place: str) -> None:
        """The keys to show, the one to keep longest first, and where the user is."""
        self._keys, self._place = keys, place
        self.repaint()

    def notify_user(self, text: str, problem: bool = False) -> None:
        """One sentence, for a few seconds. Said again while it stands there, it is turned over: each key shows."""
        self._said_again = not self._said_again and self._notice == safe(text)
        self._notice, self._notice_is_problem = safe(text), problem
        self._notices += 1
        number = self._notices
        self.repaint()
        self.set_timer(NOTICE_SECONDS, lambda: self._forget(number))

    def _forget(self, number: int) -> None:
        if number == self._notices:
            self._notice = ""
            self.repaint()

    @property
    def notice(self) -> str:
        """The sentence on the screen, "" when there is none."""
        return self._notice

    def paint(self, width: int, height: int) -> list[Strip]:
        muted, text = self.look("muted"), self.look("text")
        left = self._filters()
        right = [item(2, (safe(self._place), muted), (" ", muted))] if self._place else []
        if self._notice:
            look = self.look("warn" if self._notice_is_problem else "accent") + Style(reverse=self._said_again)
            left.append(item(0, (cut(f" {self._notice}", width), look)))
        else:
            keys = self._keys if width >= NARROW else [key for key in self._keys if key.id == "help"]
            help_last = sorted(keys, key=lambda key: key.id == "help")
            ranks = {key.id: rank for rank, key in enumerate(keys, 3)}
            left += [
                item(
                    ranks[key.id],
                    (("" if number else " ") + shown_keys(key), self.look("key") + pressing(key)),
                    (f" {key.label}", muted + pressing(key)),
                )
                for number, key in enumerate(help_last)
            ]
        return [self.line(fit(left, right, width, text), width)]

    def on_click(self, event: events.Click) -> None:
        key = event.style.meta.get("press")
        if key is not None:
            self.app.simulate_key(key)

    def _filters(self) -> list[Item]:
        """A filter that hides something is always said."""
        session, warn, muted = self.session, self.look("warn"), self.look("muted")
        items = []
        if session.view.run_filter:
            typed = cut(safe(session.view.run_filter), FILTER_CELLS)
            count = f" {len(session.filtered_runs())}/{len(session.runs())}"
            items.append(item(1, (" runs ", muted), (typed, warn), (count, muted)))
        if session.view.tag_filter:
            typed = cut(safe(session.view.tag_filter), FILTER_CELLS)
            items.append(item(1, (" tags ", muted), (typed, warn)))
        return items


def pressing(key: Key) -> Style:
    """Marks what presses a key when it is clicked."""
    return Style.from_meta({"press": split_keys(key.keys)[0]})


def shown_keys(key: Key) -> str:
    """The keys of a row for the footer: the first of them, or both of a pair of letters (`j/k`)."""
    names = key_names(key)
    return "/".join(names) if key.id == "move" else names[0]
