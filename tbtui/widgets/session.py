"""What every widget of one window looks at: the store, the view, and what follows from both."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tbtui.settings import Options, View

if TYPE_CHECKING:
    from tbtui.store import Run, Store

Color = tuple[int, int, int]


class Session:
    """The store and the view of one window, and what is derived from them; no widget, and no Textual.

    Whoever changes `view` posts `ViewChanged`, and the app tells every widget on the screen.
    """

    def __init__(self, store: Store, view: View | None = None, options: Options | None = None) -> None:
        self.store = store
        self.view = view or View()
        self.options = options or Options()

    def runs(self) -> list[Run]:
        """All runs, in natural order of their names."""
        raise NotImplementedError

    def filtered_runs(self) -> list[Run]:
        """The runs that the run filter lets through, in the order of the list."""
        raise NotImplementedError

    def visible_runs(self) -> list[Run]:
        """The runs whose data are drawn: let through by the filter, and not switched off."""
        raise NotImplementedError

    def focused_run(self) -> Run | None:
        """The run under the cursor."""
        raise NotImplementedError

    def color(self, run: str) -> Color:
        """The colour of a run, the same everywhere."""
        raise NotImplementedError

    def tag_matches(self, tag: str) -> bool:
        """True when the tag filter lets the tag through."""
        raise NotImplementedError
