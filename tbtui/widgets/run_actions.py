"""What the keys of scope "run" do, for whoever binds them: they act on the run, or the group, under the cursor."""

from __future__ import annotations

from collections.abc import Callable

from tbtui.analysis.colors import PALETTE, RGB
from tbtui.analysis.text import safe
from tbtui.settings import GROUP_BANDS, RUN_ORDERS
from tbtui.store import Run
from tbtui.widgets.session import Session

BAND_WORDS = {
    "std": "their mean, with a band of the standard deviation",
    "stderr": "their mean, with a band of the standard error",
    "minmax": "their mean, with a band from minimum to maximum",
    "mean": "their mean",
    "runs": "each run by itself",
    "colors": "each run by itself, in the colour of its group",
}
"""How charts draw groups, by `View.group_band`."""


class RunActions:
    """Mixed into the app, which says and asks things, and tells its widgets that the view changed."""

    session: Session

    def say(self, text: str) -> None:
        """One sentence for the user."""
        raise NotImplementedError

    def ask(self, kind: str) -> None:
        """Let the user type: "name" a name for the run, "note" a note to it, its "hashtags", "groups" a rule."""
        raise NotImplementedError

    def copy_text(self, text: str) -> None:
        """Put a text into the clipboard."""
        raise NotImplementedError

    def changed(self) -> None:
        """The view changed."""
        raise NotImplementedError

    # -- which runs are drawn ----------------------------------------------------------------------------------

    def action_toggle_run(self) -> None:
        def toggle(names: list[str]) -> None:
            view = self.session.view
            if len(names) == 1:
                view.toggle(names[0])
            else:
                view.toggle_all(names)

        self._change(toggle)

    def action_only_run(self) -> None:
        self._change(self.session.view.toggle_only)

    def action_all_runs(self) -> None:
        self._change(lambda _: self.session.view.toggle_all(self._listed()))

    def action_invert_runs(self) -> None:
        def invert(_: list[str]) -> None:
            for name in self._listed():
                self.session.view.toggle(name)

        self._change(invert)

    def _listed(self) -> list[str]:
        """The filtered runs, without those that were put away."""
        away = self.session.view.away
        return [run.name for run in self.session.filtered_runs() if run.name not in away]

    # -- how they are listed -----------------------------------------------------------------------------------

    def action_run_order(self) -> None:
        view = self.session.view
        view.run_order = RUN_ORDERS[(RUN_ORDERS.index(view.run_order) + 1) % len(RUN_ORDERS)]
        view.run_order_reversed = False
        self._tell_order()

    def action_reverse_runs(self) -> None:
        self.session.view.run_order_reversed ^= True
        self._tell_order()

    def _tell_order(self) -> None:
        self.say(f"Runs in order of {self.session.listing.words()}")
        self.changed()

    def action_top_run(self) -> None:
        def pin(names: list[str]) -> None:
            top = self.session.view.top_runs
            if all(name in top for name in names):
                top[:] = [name for name in top if name not in names]
            else:
                top += [name for name in names if name not in top]

        self._change(pin)

    def action_put_away(self) -> None:
        view, before = self.session.view, self.session.listing.rows()
        away = view.away

        def put_away(names: list[str]) -> None:
            if away.issuperset(names):
                view.away = away.difference(names)
                self.say(f"{self._runs(len(names))} back in the list")
                return
            place = next((n for n, row in enumerate(before) if {run.name for run in row.runs} & set(names)), 0)
            view.away = away.union(names)
            self.say(f"Put away {self._runs(len(names))}, {len(view.away)} in all; A lists them")
            if not view.show_away:
                view.focused_group = None
                left = self.session.listing.rows()
                if left:
                    view.focused_run = left[min(place, len(left) - 1)].runs[0].name

        self._change(put_away)

    def _runs(self, count: int) -> str:
        return "1 run" if count == 1 else f"{count} runs"

    def action_show_away(self) -> None:
        view = self.session.view
        if not view.away:
            self.say("No run was put away; D puts the run under the cursor away")
            return
        view.show_away ^= True
        self.say(f"{self._runs(len(view.away))} put away: {'listed' if view.show_away else 'not listed'}")
        self.changed()

    def action_run_tree(self) -> None:
        view = self.session.view
        view.run_tree ^= True
        if not view.run_tree:
            view.focused_group = None if not view.grouping else view.focused_group
            self.say("Runs are a list")
        elif view.grouping:
            self.say("Runs are in groups; without them (g) they are a tree of their folders")
        else:
            self.say("Runs as a tree: h folds, l unfolds")
        self.changed()

    def action_hide_empty(self) -> None:
        view = self.session.view
        empty = sum(run.empty for run in self.session.runs())
        if not empty and not view.hide_empty:
            self.say("Every run has data")
            return
        view.hide_empty ^= True
        self.say(f"{self._runs(empty)} without data: {'not listed' if view.hide_empty else 'listed'}")
        self.changed()

    # -- how they look -----------------------------------------------------------------------------------------

    def action_color_run(self) -> None:
        def next_color(names: list[str]) -> None:
            colors: dict[str, RGB] = {}
            for name in names:
                color = self.session.color(name)
                place = PALETTE.index(color) if color in PALETTE else -1
                colors[self.session.drawn_groups.colored_as(name)] = PALETTE[(place + 1) % len(PALETTE)]
            self.session.view.colors |= colors

        self._change(next_color)

    def action_choose_color(self) -> None:
        names = [run.name for run in self.session.chosen_runs()]
        if not names:
            self.say("There is no run here")
            return
        owners = list(dict.fromkeys(self.session.drawn_groups.colored_as(name) for name in names))
        group = self.session.drawn_groups.colored().get(names[0])
        title = self.session.label(names[0]) if len(names) == 1 else f"{len(names)} runs"
        self.choose_color(group.title if group is not None else title, names, owners)

    def choose_color(self, title: str, names: list[str], owners: list[str]) -> None:
        """Let the user choose a colour for these runs; owners: what it is given to, runs or their groups."""
        raise NotImplementedError

    def action_spotlight(self) -> None:
        view = self.session.view
        view.spotlight ^= True
        self.say("All runs faint but this, marked, pinned" if view.spotlight else "All runs have their full colour")
        self.changed()

    def action_name_run(self) -> None:
        self._ask_of_run("name")

    def action_note_run(self) -> None:
        self._ask_of_run("note")

    def action_hashtag_run(self) -> None:
        self._ask_of_run("hashtags")

    def _ask_of_run(self, what: str) -> None:
        run = self.session.focused_run()
        if run is None:
            self.say("There is no run here")
            return
        self.session.view.focused_group = None
        self.session.view.focused_run = run.name
        self.ask(what)

    def action_copy_path(self) -> None:
        run = self.session.focused_run()
        if run is None:
            self.say("There is no run here")
            return
        self.copy_text(safe(run.path))
        self.say(f"Copied {safe(run.path)}")

    # -- two runs ----------------------------------------------------------------------------------------------

    def action_mark_run(self) -> None:
        def mark(names: list[str]) -> None:
            view = self.session.view
            view.marked_run = None if view.marked_run == names[0] else names[0]
            name = self.session.label(names[0])
            self.say(f"{name} is marked: d on another run compares" if view.marked_run else "No run is marked")

        self._change(mark)

    def action_difference(self) -> None:
        view, run = self.session.view, self.session.focused_run()
        marked = self.session.store.run(view.marked_run) if view.marked_run is not None else None
        if run is None:
            self.say("There is no run here")
        elif marked is None:
            self.say("Mark a run first (M), then d on another one compares them")
        elif marked is run:
            self.say("This is the marked run: move to another one to compare")
        else:
            self.compare(marked, run)

    def compare(self, left: Run, right: Run) -> None:
        """Show what is different in two runs."""
        raise NotImplementedError

    # -- groups ------------------------------------------------------------------------------------------------

    def action_group_runs(self) -> None:
        view = self.session.view
        rules = ["", "directory", "hparams"]
        if view.group_regex:
            rules.append(f"/{view.group_regex}/")
        place = rules.index(view.grouping) if view.grouping in rules else -1
        view.grouping = rules[(place + 1) % len(rules)]
        self.say(self.group_words())
        self.changed()

    def group_words(self) -> str:
        """What the rule for groups makes of the runs."""
        rule, found = self.session.view.grouping, self.session.grouping()
        if not rule:
            return "No groups of runs"
        named = {"directory": "by directory", "hparams": "by hyperparameters"}.get(rule, f"by {rule}")
        count = len(found.groups)
        return found.error or f"Groups {named}: {count or 'none found'}"

    def action_group_band(self) -> None:
        view = self.session.view
        if not view.grouping:
            self.say("Runs are not in groups (g puts them together)")
            return
        view.group_band = GROUP_BANDS[(GROUP_BANDS.index(view.group_band) + 1) % len(GROUP_BANDS)]
        self.say(f"Groups are drawn as {BAND_WORDS[view.group_band]}")
        self.changed()

    def action_group_members(self) -> None:
        view = self.session.view
        if not view.grouping:
            self.say("Runs are not in groups (g puts them together)")
            return
        view.group_members ^= True
        self.say(
            "Runs of unfolded groups are drawn behind the means" if view.group_members else "Groups hide their runs"
        )
        self.changed()

    def action_group_rule(self) -> None:
        self.ask("groups")

    def _change(self, change: Callable[[list[str]], None]) -> None:
        runs = self.session.chosen_runs()
        if not runs:
            self.say("There is no run here")
            return
        if self.session.group_at_cursor() is None:
            self.session.view.focused_run = runs[0].name
        change([run.name for run in runs])
        self.changed()
