"""The runs at the left, and in narrow windows the one line that stands for them."""

from __future__ import annotations

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.strip import Strip

from tbtui.analysis.numbers import format_step
from tbtui.analysis.text import cell_width, cut, cut_path, safe
from tbtui.widgets.fitting import Item, fit, item
from tbtui.widgets.painted import Painted
from tbtui.widgets.run_list import RunList
from tbtui.widgets.session import Session


class ViewLine(Painted):
    """How curves are drawn: smoothing, axes, range."""

    DEFAULT_CSS = "ViewLine { height: 1; }"

    def __init__(self, session: Session) -> None:
        super().__init__(id="view-line")
        self.session = session

    def paint(self, width: int, height: int) -> list[Strip]:
        view, muted, text = self.session.view, self.look("muted"), self.look("text")
        items: list[Item] = [
            item(1, (" smooth ", muted), (f"{view.smoothing:.3g}", text)),
            item(2, ("x ", muted), (cut(safe(view.x_tag), 12) or view.x_axis.replace("_", " "), text)),
        ]
        if view.x_log:
            items.append(item(3, ("log x", text)))
        if view.y_scale != "linear":
            items.append(item(3, ("y ", muted), (view.y_scale, text)))
        if view.y_range != "robust":
            words = {"auto": "no outliers", "full": "all values", "zero": "from zero"}
            items.append(item(4, (words[view.y_range], text)))
        if view.raw != "faint":
            items.append(item(5, ("raw ", muted), (view.raw, text)))
        if view.shared_range:
            items.append(item(6, ("shared", text)))
        if not view.pairs:
            items.append(item(5, ("apart", text)))
        if view.superseded:
            items.append(item(5, ("superseded", text)))
        return [self.line(fit(items, (), width, text), width)]


class SideBar(Vertical):
    """The list of runs in its frame, and what the keys of the view are set to."""

    DEFAULT_CSS = """
    SideBar { width: 34; border: round $frame; background: $background; border-title-color: $muted;
              border-subtitle-color: $muted; }
    SideBar:focus-within { border: round $frame-focus; border-title-color: $foreground; }
    """

    def __init__(self, session: Session) -> None:
        super().__init__(id="side")
        self.session = session

    def compose(self) -> ComposeResult:
        yield RunList(self.session)
        yield ViewLine(self.session)

    def repaint(self) -> None:
        """Show what changed in the runs and in the view."""
        session, view = self.session, self.session.view
        runs = self.query_one(RunList)
        runs.repaint()  # first, for it says which lines it shows
        lines, all_ = len(session.listing.rows()), session.runs()
        shown = len(session.visible_runs())
        title = f"Runs {shown}/{len(all_)}" if shown != len(all_) else f"Runs {len(all_)}"
        room = max(8, self.size.width - len(title) - 8)
        if view.run_filter:
            typed = cut(safe(view.run_filter), room // 2)
            title, room = f"{title} f {typed}", room - cell_width(typed) - 3
        if view.run_order != "name" or view.run_order_reversed:
            title += f"  {cut(safe(session.listing.words()), max(6, room), keep='tail')}"
        height = runs.size.height
        subtitle = f"{runs.top + 1}-{min(runs.top + height, lines)} of {lines}" if 0 < height < lines else ""
        if view.hide_empty:
            subtitle = "without empty: `" + (f"   {subtitle}" if subtitle else "")
        if view.away:
            subtitle = f"{len(view.away)} put away: A" + (f"   {subtitle}" if subtitle else "")
        if session.listing.unfinished:
            subtitle = "being ordered" + (f"   {subtitle}" if subtitle else "")
        self._set_titles(title, subtitle)
        self.query_one(ViewLine).repaint()

    def _set_titles(self, title: str, subtitle: str) -> None:
        if str(self.border_title or "") != title:
            self.border_title = Content(title)
        if str(self.border_subtitle or "") != subtitle:
            self.border_subtitle = Content(subtitle)


class RunLine(Painted):
    """The focused run, and how many are shown, in one line; a click opens the side bar."""

    DEFAULT_CSS = "RunLine { height: 1; display: none; }"

    class Opened(Message):
        """The user wants the whole list."""

    def __init__(self, session: Session) -> None:
        super().__init__(id="run-line")
        self.session = session

    def paint(self, width: int, height: int) -> list[Strip]:
        session, muted, text = self.session, self.look("muted"), self.look("text")
        run = session.focused_run()
        left: list[Item] = []
        if run is not None:
            shape, look = session.state_sign(run)
            color = self.look("text", session.color(run.name))
            hidden = session.view.is_hidden(run.name)
            name = cut_path(session.label(run.name), max(6, width - 24))
            left.append(item(1, (" " if hidden else "▌", color), (f"{shape} ", self.look(look)), (name, text)))
            step = session.last_step(run)
            if step is not None:
                left.append(item(3, (format_step(step), muted)))
        shown, all_ = len(session.visible_runs()), len(session.runs())
        right = [item(2, (f"{shown}/{all_} runs ", muted), ("r ", self.look("key")))]
        return [self.line(fit(left, right, width, text), width)]

    def on_click(self, event: events.Click) -> None:
        self.post_message(self.Opened())
