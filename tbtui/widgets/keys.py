"""The one table of keys. Bindings, footer, help screen, command palette and `docs/keys.md` are all made from it.

A key's `action` is the name of a method `action_<name>` on whoever binds the key's scope:

- "global" and "run": the app. Run keys act on the run under the cursor, whichever pane has the focus.
- "dashboard": the app binds them and hands them to the dashboard that is shown, whichever pane has the focus. A
  dashboard answers the ones it has a method for; for the others the app says that they do nothing here.
- "list": whatever is a list or a grid: run list, grid of charts, help, problems. Bound by the widget itself
  (`BINDINGS = bindings("list")`); j/k and the arrows move in what has the focus.
- "chart": a single chart with a cursor (full screen). Bound by the widget that shows it.
- "filter": the filter line.
- "graph", ...: a dashboard's own (`Dashboard.SCOPES`). They mean this only while that dashboard is shown, whichever
  pane has the focus; the app hands them to it before it looks for keys of "dashboard".
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from textual.binding import Binding, BindingType


@dataclass(frozen=True, slots=True)
class Key:
    """One action and the keys that call it."""

    id: str
    """What a keymap calls it."""
    keys: str
    """Keys in Textual's names, separated by commas; a single character stands for itself."""
    action: str
    """Textual action: `name` or `name(arguments)`."""
    label: str
    """One or two words, for the footer."""
    help: str
    """A sentence, for help and palette. Rows with the same sentence are shown as one."""
    scope: str
    footer: int = 0
    """Place in the footer: 0 never, 1 is kept longest where the line is too short."""
    priority: bool = False
    """Answered before whatever has the focus, even while text is being typed."""


SCOPES: dict[str, str] = {
    "global": "Everywhere",
    "list": "Moving",
    "run": "Runs",
    "dashboard": "Charts",
    "chart": "In a full-screen chart",
    "graph": "In the graph",
    "histograms": "Histograms",
    "layers": "Layers at a glance",
    "profile": "In the profile",
    "images": "Images",
    "text": "In texts",
    "audio": "In sounds",
    "filter": "While typing a filter",
}
"""Scope -> heading, in the order help shows them."""

_TOPICS: dict[str, dict[str, str]] = {
    "run": {"Groups of runs": "group"},
    "dashboard": {
        "Curves": "smoothing raw pairs superseded marks",
        "Axes": "x_axis x_log y_scale outliers limits shared zoom pan fit",
        "Reading values": "step range linked",
        "Tables": "table goal",
    },
}
"""Of scopes with many keys: heading -> the first words of the ids of those that stand under it in help."""

ANYWHERE = frozenset(("global", "list", "run", "filter"))
"""Scopes that every dashboard has."""

KEYS: tuple[Key, ...] = (
    Key("help", "?,f1", "help", "help", "help for what is focused", "global", 1),
    Key("quit", "q", "quit", "quit", "quit", "global", 30),
    Key("quit.at_once", "ctrl+c,ctrl+q", "quit", "quit", "quit, also while typing", "global", priority=True),
    Key("palette", "ctrl+p", "command_palette", "commands", "command palette", "global", 31),
    *(
        Key(f"dashboard.{n}", str(n), f"show_dashboard({n})", "dashboard", "show that dashboard", "global")
        for n in range(1, 10)
    ),
    Key("pane.next", "tab", "next_pane", "pane", "next pane", "global", 20),
    Key("pane.previous", "shift+tab", "previous_pane", "pane", "previous pane", "global"),
    Key("out", "escape", "step_out", "back", "one layer out", "global"),
    Key("filter.tags", "/", "filter_tags", "filter", "filter tags", "global", 4),
    Key("filter.runs", "f", "filter_runs", "filter runs", "filter runs", "global", 12),
    Key("side_bar", "r", "side_bar", "runs", "side bar with the runs", "global", 13),
    Key("theme", "T", "next_theme", "theme", "theme: dark, light, high contrast", "global"),
    Key("problems", "!", "problems", "problems", "problems: what could not be read, and why", "global", 25),
    Key("describe", "quotation_mark", "describe", "about", "what the writer says of the focused tag", "global", 24),
    Key("reload", "R", "reload", "reload", "read everything again", "global"),
    Key("suspend", "ctrl+z", "suspend_process", "suspend", "suspend; `fg` brings it back", "global", priority=True),
    Key("run.show", "space", "toggle_run", "show", "show / hide the run", "run", 5),
    Key("run.only", "o", "only_run", "only", "only this run (again: as before)", "run", 8),
    Key("run.all", "a", "all_runs", "all", "all / none of the filtered runs", "run", 14),
    Key("run.color", "c", "color_run", "colour", "another colour for the run", "run"),
    Key("run.palette", "C", "choose_color", "colours", "choose the colour of the run from the palette", "run"),
    Key("run.invert", "i", "invert_runs", "invert", "show the hidden and hide the shown of the filtered runs", "run"),
    Key("run.order", "u", "run_order", "order", "order of the runs: name, start, age, step, value", "run", 17),
    Key("run.reverse", "U", "reverse_runs", "reverse", "the order of the runs the other way round", "run"),
    Key("run.top", "asterisk", "top_run", "top", "pin the run to the top of the list (again: back)", "run"),
    Key("run.away", "D", "put_away", "put away", "put the run away: neither listed nor drawn (again: back)", "run"),
    Key("run.show_away", "A", "show_away", "put away", "list the runs that were put away (again: not)", "run"),
    Key("run.name", "N", "name_run", "name", "another name for the run, to show only", "run"),
    Key("run.note", "apostrophe", "note_run", "note", "a note to the run, shown in its details", "run"),
    Key("run.path", "dollar_sign", "copy_path", "path", "copy the path of the run to the clipboard (OSC 52)", "run"),
    Key("run.mark", "M", "mark_run", "mark", "mark the run, to compare another one with it (again: not)", "run"),
    Key("run.difference", "d", "difference", "compare", "what is different in the marked run and this one", "run", 18),
    Key("group", "g", "group_runs", "groups", "groups of runs: by directory, hyperparameters, your rule", "run"),
    Key("group.rule", "B", "group_rule", "groups by", "groups of runs by a regular expression", "run"),
    Key(
        "group.band",
        "percent_sign",
        "group_band",
        "band",
        "groups: mean with deviation, error, range, no band; each run",
        "run",
    ),
    Key("group.members", "ampersand", "group_members", "members", "runs behind the means of unfolded groups", "run"),
    Key("down", "j,down", "down", "down", "next: run, chart, line", "list"),
    Key("up", "k,up", "up", "up", "previous: run, chart, line", "list"),
    Key("left", "h,left", "left", "left", "chart to the left; fold", "list"),
    Key("right", "l,right", "right", "right", "chart to the right; unfold", "list"),
    Key("first", "home", "first", "first", "to the first", "list"),
    Key("last", "end,G", "last", "last", "to the last", "list"),
    Key("list.page_down", "pagedown", "page_down", "page", "a page down", "list"),
    Key("list.page_up", "pageup", "page_up", "page", "a page up", "list"),
    Key("open", "enter", "open", "zoom", "open: chart full screen, run details", "list", 3),
    Key("smoothing.up", "s", "smoothing_up", "smooth", "more smoothing", "dashboard", 6),
    Key("smoothing.down", "S", "smoothing_down", "smooth less", "less smoothing", "dashboard"),
    Key("smoothing.type", "at", "type_smoothing", "smooth", "type the weight of smoothing", "dashboard"),
    Key(
        "x_axis",
        "x",
        "x_axis",
        "x axis",
        "x axis: step, relative step or time, wall time, index, a tag",
        "dashboard",
        7,
    ),
    Key("x_log", "X", "x_log", "log x", "x axis: linear, log", "dashboard"),
    Key("raw", "tilde", "raw", "raw", "raw values behind smoothed curves: faint, as a band, not", "dashboard"),
    Key("y_scale", "y", "y_scale", "log", "y axis: linear, log, symlog", "dashboard", 9),
    Key("outliers", "O", "y_range", "range", "y range: 5-95 %, no far outliers, all values, from zero", "dashboard"),
    Key("limits", "b", "limits", "limits", "type the limits of the y axis of the chart", "dashboard"),
    Key("shared", "E", "shared_range", "shared", "one y range for all charts of a group (again: not)", "dashboard"),
    Key("table", "t", "table", "table", "table instead of charts", "dashboard", 10),
    Key("table.turn", "W", "turn_table", "turn", "turn the table: one by tag, runs as rows, tags as rows", "dashboard"),
    Key(
        "table.sort",
        "semicolon",
        "sort_table",
        "sort",
        "sort the table by the column (again: the other way)",
        "dashboard",
    ),
    Key(
        "table.order",
        "comma",
        "table_order",
        "order",
        "table: other numbers; under a chart: nearest, up, down",
        "dashboard",
    ),
    Key("goal", "J", "goal", "goal", "goal of the metric: up, down, as its name says", "dashboard"),
    Key("page.next", "n", "next_page", "page", "next page (full screen: next tag)", "dashboard", 11),
    Key("page.previous", "p", "previous_page", "page", "previous page (full screen: previous tag)", "dashboard"),
    Key("larger", "+,=", "larger", "larger", "larger charts", "dashboard", 15),
    Key("smaller", "-", "smaller", "smaller", "smaller charts", "dashboard"),
    Key("pin", "m", "pin", "pin", "pin the chart", "dashboard", 16),
    Key("pin.left", "(", "pin_left", "pin left", "move the pinned chart forward", "dashboard"),
    Key("pin.right", ")", "pin_right", "pin right", "move the pinned chart back", "dashboard"),
    Key("mark", "V", "mark", "overlay", "mark charts to overlay", "dashboard"),
    Key("fold", "F", "fold", "fold", "fold / unfold the group of the chart", "dashboard"),
    Key(
        "pairs",
        "w",
        "pairs",
        "pairs",
        "training and validation (dashed) in one chart / apart; distributions: runs",
        "dashboard",
    ),
    Key("superseded", "P", "superseded", "superseded", "superseded points", "dashboard"),
    Key("marks", "I", "event_marks", "marks", "restarts, checkpoints and epochs on the x axis", "dashboard"),
    Key("zoom.in", "z", "zoom_in", "zoom", "zoom in at the cursor", "dashboard"),
    Key("zoom.out", "Z", "zoom_out", "zoom out", "zoom out at the cursor", "dashboard"),
    Key("pan.left", "<", "pan_left", "pan", "pan left", "dashboard"),
    Key("pan.right", ">", "pan_right", "pan", "pan right", "dashboard"),
    Key("fit", "0", "fit", "fit", "fit the curves", "dashboard"),
    Key("range", "v", "range", "range", "mark a range (again: end, clear)", "dashboard"),
    Key("linked", "K", "linked", "link", "the cursor in all charts of the page (again: in one)", "dashboard", 19),
    Key("step.previous", "[", "previous_step", "step", "previous step", "dashboard"),
    Key("step.next", "]", "next_step", "step", "next step", "dashboard"),
    Key("step.first", "{", "first_step", "first step", "first step", "dashboard"),
    Key("step.last", "}", "last_step", "last step", "last step", "dashboard"),
    Key("step.go", ":", "go_to_step", "go to", "go to a step", "dashboard"),
    Key("export", "e", "export", "export", "export what is focused", "dashboard"),
    Key("copy", "Y", "copy", "copy", "copy its data to the clipboard (OSC 52)", "dashboard"),
    Key("cursor.left", "h,left", "cursor_left", "cursor", "cursor to the left", "chart", 2),
    Key("cursor.right", "l,right", "cursor_right", "cursor", "cursor to the right", "chart"),
    Key("cursor.far_left", "shift+left,H", "cursor_far_left", "cursor", "cursor ten points to the left", "chart"),
    Key("cursor.far_right", "shift+right,L", "cursor_far_right", "cursor", "cursor ten points to the right", "chart"),
    Key("cursor.first", "home", "cursor_first", "cursor", "cursor to the first point", "chart"),
    Key("cursor.last", "end,G", "cursor_last", "cursor", "cursor to the last point", "chart"),
    Key("chart.down", "j,down", "run_down", "run", "next run", "chart"),
    Key("chart.up", "k,up", "run_up", "run", "previous run", "chart"),
    Key("chart.far_down", "shift+down", "run_far_down", "run", "ten runs on", "chart"),
    Key("chart.far_up", "shift+up", "run_far_up", "run", "ten runs back", "chart"),
    Key("graph.next", "n", "next_found", "next", "to the next node that was found", "graph", 9),
    Key("graph.previous", "p", "previous_found", "previous", "to the previous node that was found", "graph"),
    Key("graph.back", "b", "back", "back", "back to where you were", "graph", 6),
    Key("graph.forward", "w", "forward", "forward", "forward again", "graph"),
    Key("graph.producer", "<", "producer", "input", "to what feeds this first", "graph", 7),
    Key("graph.consumer", ">", "consumer", "user", "to what takes from this first", "graph", 8),
    Key("graph.drawing", "v", "drawing", "drawing", "drawing of the neighbourhood (again: the tree)", "graph", 5),
    Key("graph.more", "+,=", "more_levels", "levels", "drawing: one level more", "graph"),
    Key("graph.less", "-", "fewer_levels", "levels", "drawing: one level less", "graph"),
    Key(
        "graph.path", "P", "path", "path", "the way from the inputs to this node, as a list (again: the tree)", "graph"
    ),
    Key("graph.op", "O", "same_op", "same op", "all nodes of this type, as a list (again: the tree)", "graph"),
    Key("graph.summary", "m", "summary", "summary", "summary: nodes by type, parameters, devices", "graph", 10),
    Key(
        "graph.sort",
        "s",
        "sort_rows",
        "sort",
        "sort by time, memory, parameters, nodes; as in the file",
        "graph",
        11,
    ),
    Key("graph.source", "S", "choose_source", "graph", "choose the graph, where the run has several", "graph", 12),
    Key("graph.colors", "y", "color_by", "colours", "colours: by type, by device, none", "graph"),
    Key(
        "graph.whole",
        "x",
        "whole",
        "all rows",
        "a row for each of like siblings, constants, summaries (again: folded)",
        "graph",
        15,
    ),
    Key("graph.unfold", "z", "unfold_all", "unfold", "unfold everything below", "graph"),
    Key("graph.fold", "Z", "fold_all", "fold", "fold everything", "graph"),
    Key("graph.details", "t", "details", "details", "details beside the tree (again: not)", "graph"),
    Key("graph.copy", "Y", "copy", "copy", "copy the name of the node to the clipboard (OSC 52)", "graph"),
    Key("profile.next", "v", "next_view", "view", "next view", "profile", 4),
    Key("profile.previous", "V", "previous_view", "view", "the view before", "profile"),
    Key("profile.overview", "O", "view_overview", "overview", "overview: steps, where their time went", "profile"),
    Key("profile.steps", "X", "view_steps", "steps", "steps as a table", "profile"),
    Key("profile.ops", "P", "view_ops", "operators", "operators; enter: what is around one", "profile", 6),
    Key("profile.kernels", "K", "view_kernels", "kernels", "kernels", "profile", 7),
    Key("profile.framework", "W", "view_framework", "framework", "operations of the framework, as xprof", "profile"),
    Key("profile.memory", "E", "view_memory", "memory", "memory over time", "profile", 9),
    Key("profile.timeline", "L", "view_timeline", "timeline", "timeline: threads and streams as lanes", "profile", 5),
    Key("profile.capture", "t", "choose_capture", "capture", "choose the capture: session and host", "profile", 10),
    Key("profile.sort", "s", "sort_rows", "sort", "sort the table by the next column", "profile", 8),
    Key("profile.turn", "S", "turn_rows", "turn", "the order of the table the other way round", "profile"),
    Key("profile.python", "x", "python", "python", "functions of Python among the operators (again: not)", "profile"),
    Key("profile.zoom.in", "z", "zoom_in", "zoom", "timeline: zoom in at the cursor", "profile", 11),
    Key("profile.zoom.out", "Z", "zoom_out", "zoom", "timeline: zoom out", "profile"),
    Key("profile.pan.left", "<", "pan_left", "pan", "timeline: earlier", "profile", 12),
    Key("profile.pan.right", ">", "pan_right", "pan", "timeline: later", "profile"),
    Key("profile.fit", "0", "fit", "fit", "timeline: the whole capture", "profile"),
    Key("profile.step.next", "],n", "next_step", "step", "timeline: the next step", "profile", 13),
    Key("profile.step.previous", "[,p", "previous_step", "step", "timeline: the step before", "profile"),
    Key("profile.export", "e", "export", "export", "write the table to a file", "profile", 14),
    Key("profile.copy", "Y", "copy", "copy", "copy the table to the clipboard (OSC 52)", "profile"),
    Key("images.step.previous", "[", "previous_step", "step", "previous step", "images", 4),
    Key("images.step.next", "]", "next_step", "step", "next step", "images", 4),
    Key("images.step.first", "{", "first_step", "first step", "first step", "images"),
    Key("images.step.last", "}", "last_step", "newest", "newest step, and along with it", "images", 16),
    Key("images.step.go", ":", "go_to_step", "go to", "go to a step", "images", 9),
    Key("images.linked", "K", "linked", "link", "all images at one step (again: each at its own)", "images", 17),
    Key("images.sample.next", "s", "next_sample", "sample", "next sample of the step", "images", 6),
    Key("images.sample.previous", "S", "previous_sample", "sample", "previous sample of the step", "images"),
    Key(
        "images.difference",
        "v",
        "difference",
        "differ",
        "what differs from the step before, from the marked run; off",
        "images",
        7,
    ),
    Key("images.page.next", "n", "next_page", "page", "next page (full screen: next image)", "images", 11),
    Key("images.page.previous", "p", "previous_page", "page", "previous page (full screen: previous image)", "images"),
    Key("images.larger", "+,=", "larger", "larger", "larger images", "images", 10),
    Key("images.smaller", "-", "smaller", "smaller", "smaller images", "images"),
    Key(
        "images.actual",
        "x",
        "actual_size",
        "1:1",
        "actual size: a pixel is a pixel (again: the whole image)",
        "images",
        12,
    ),
    Key("images.zoom.in", "z", "zoom_in", "zoom", "zoom in; hjkl and arrows then move the view", "images", 8),
    Key("images.zoom.out", "Z", "zoom_out", "zoom out", "zoom out", "images"),
    Key("images.pan.left", "<", "pan_left", "pan", "the view to the left", "images"),
    Key("images.pan.right", ">", "pan_right", "pan", "the view to the right", "images"),
    Key("images.fit", "0", "fit", "as it is", "the whole image, brightness and contrast as they are", "images", 15),
    Key("images.brighter", ")", "brighter", "brighter", "brighter", "images", 13),
    Key("images.darker", "(", "darker", "darker", "darker", "images"),
    Key("images.contrast.more", "semicolon", "more_contrast", "contrast", "more contrast", "images", 14),
    Key("images.contrast.less", "comma", "less_contrast", "contrast", "less contrast", "images"),
    Key("images.play", "P", "play", "play", "animations stand still (again: play)", "images"),
    Key(
        "images.save",
        "e",
        "export",
        "save",
        "save the image as it was logged, into the current directory",
        "images",
        18,
    ),
    Key("images.copy", "Y", "copy", "copy", "copy run, tag, step and sample to the clipboard (OSC 52)", "images"),
    Key("hist.mode", "v", "histogram_mode", "view", "ridges, steps over each other, heat map, bars", "histograms", 5),
    Key("hist.axis", "x", "time_axis", "axis", "axis of time: step, relative, wall time", "histograms", 7),
    Key("hist.counts", "y", "counts", "log", "counts: linear, log", "histograms", 9),
    Key("hist.each", "s", "each_step", "scale", "one scale for all steps, or one for each step", "histograms", 10),
    Key("hist.far", "O", "far_values", "range", "range: all values, the middle 99 %", "histograms", 11),
    Key("hist.shared", "E", "shared_range", "shared", "one range for all runs of a tag (again: not)", "histograms"),
    Key("hist.compare", "w", "compare", "compare", "two runs: beside each other, their difference", "histograms", 8),
    Key("hist.with", "W", "compare_with", "with", "another run to compare with", "histograms"),
    Key("hist.previous", "[", "previous_step", "step", "previous step", "histograms", 6),
    Key("hist.next", "]", "next_step", "step", "next step", "histograms", 6),
    Key("hist.first", "{", "first_step", "first step", "first step", "histograms"),
    Key("hist.last", "}", "last_step", "last step", "newest step, and along with it", "histograms"),
    Key("hist.go", ":", "go_to_step", "go to", "go to a step", "histograms"),
    Key("hist.page", "n", "next_page", "page", "next page (full screen: next histogram)", "histograms", 12),
    Key("hist.back", "p", "previous_page", "page", "previous page (full screen: previous one)", "histograms"),
    Key("hist.larger", "+,=", "larger", "larger", "larger pictures", "histograms", 15),
    Key("hist.smaller", "-", "smaller", "smaller", "smaller pictures", "histograms"),
    Key("hist.copy", "Y", "copy", "copy", "copy the buckets at the cursor to the clipboard (OSC 52)", "histograms"),
    Key(
        "layers.statistic",
        "v",
        "next_statistic",
        "number",
        "colours: deviation, mean, largest, zeros, ...",
        "layers",
        5,
    ),
    Key("layers.statistic.back", "V", "previous_statistic", "number", "colours: the number before", "layers"),
    Key("layers.sort", "s", "sort_layers", "order", "order: network, flags, deviation, drift, zeros", "layers", 6),
    Key("layers.tags", "w", "which_tags", "tags", "tags: weights, gradients, activations, all", "layers", 7),
    Key("layers.scale", "y", "own_scale", "scale", "one range of colours for all layers, or one each", "layers", 9),
    Key("layers.axis", "x", "time_axis", "axis", "axis of time: step, relative, wall time", "layers", 10),
    Key("layers.step.previous", "[", "previous_step", "step", "previous step", "layers", 8),
    Key("layers.step.next", "]", "next_step", "step", "next step", "layers", 8),
    Key("layers.step.first", "{", "first_step", "first step", "first step", "layers"),
    Key("layers.step.last", "}", "last_step", "newest", "newest step, and along with it", "layers"),
    Key("layers.step.go", ":", "go_to_step", "go to", "go to a step", "layers"),
    Key("layers.run.next", "n", "next_run", "run", "next run", "layers", 11),
    Key("layers.run.previous", "p", "previous_run", "run", "previous run", "layers"),
    Key("layers.export", "e", "export", "export", "export what the colours show of all layers", "layers", 15),
    Key("layers.copy", "Y", "copy", "copy", "copy the numbers of the layer to the clipboard (OSC 52)", "layers"),
    Key("text.next", "n", "next_entry", "next", "next text: another run or tag", "text", 6),
    Key("text.previous", "p", "previous_entry", "previous", "previous text", "text"),
    Key("text.step.previous", "[", "previous_step", "step", "previous step", "text", 4),
    Key("text.step.next", "]", "next_step", "step", "next step", "text", 4),
    Key("text.step.first", "{", "first_step", "first step", "first step", "text"),
    Key("text.step.last", "}", "last_step", "newest", "newest step, and along with it", "text", 15),
    Key("text.step.go", ":", "go_to_step", "go to", "go to a step", "text", 11),
    Key("text.search", "s", "search", "search", "search in the text", "text", 5),
    Key("text.match.next", ">", "next_match", "match", "next place that was found", "text"),
    Key("text.match.previous", "<", "previous_match", "match", "previous place that was found", "text"),
    Key(
        "text.difference",
        "v",
        "difference",
        "differ",
        "what differs from the step before, from the marked or the next run; off",
        "text",
        7,
    ),
    Key("text.wrap", "w", "wrap", "wrap", "long lines are wrapped (again: as long as they are)", "text", 9),
    Key("text.written", "m", "as_written", "markdown", "as it was written (again: rendered as Markdown)", "text", 10),
    Key("text.save", "e", "export", "save", "save the text as it was logged, into the current directory", "text", 16),
    Key("text.copy", "Y", "copy", "copy", "copy the text to the clipboard (OSC 52)", "text", 14),
    Key("audio.play", "P", "play", "play", "play the sound on this machine (again: stop)", "audio", 3),
    Key("audio.next", "n", "next_entry", "next", "next sound: another run or tag", "audio", 6),
    Key("audio.previous", "p", "previous_entry", "previous", "previous sound", "audio"),
    Key("audio.step.previous", "[", "previous_step", "step", "previous step", "audio", 4),
    Key("audio.step.next", "]", "next_step", "step", "next step", "audio", 4),
    Key("audio.step.first", "{", "first_step", "first step", "first step", "audio"),
    Key("audio.step.last", "}", "last_step", "newest", "newest step, and along with it", "audio", 15),
    Key("audio.step.go", ":", "go_to_step", "go to", "go to a step", "audio", 11),
    Key(
        "audio.sample.next", "s", "next_sample", "sample", "next sound of the step, where there are several", "audio", 9
    ),
    Key("audio.sample.previous", "S", "previous_sample", "sample", "previous sound of the step", "audio"),
    Key("audio.parts", "v", "parts", "parts", "waveform and spectrogram, one of them", "audio", 7),
    Key("audio.scale", "y", "frequencies", "scale", "frequencies: logarithmic, linear", "audio", 10),
    Key("audio.zoom.in", "z", "zoom_in", "zoom", "a shorter stretch of time", "audio", 8),
    Key("audio.zoom.out", "Z", "zoom_out", "zoom out", "a longer stretch of time", "audio"),
    Key("audio.pan.left", "<", "pan_left", "pan", "earlier", "audio"),
    Key("audio.pan.right", ">", "pan_right", "pan", "later", "audio"),
    Key("audio.fit", "0", "fit", "all", "all of the sound", "audio", 13),
    Key(
        "audio.save", "e", "export", "save", "save the sound as it was logged, into the current directory", "audio", 12
    ),
    Key("audio.copy", "Y", "copy", "copy", "copy what is said of the sound to the clipboard (OSC 52)", "audio"),
    Key("filter.keep", "enter", "keep", "keep", "keep the filter and leave the line", "filter", 2),
    Key("filter.clear", "escape", "clear", "clear", "clear the filter; once more: leave the line", "filter", 3),
)

MOVE_KEY = Key("move", "j,k", "", "move", "", "list", 2)
"""Stands in the footer for the four keys that move."""

SIGNS = {
    "question_mark": "?",
    "asterisk": "*",
    "comma": ",",
    "percent_sign": "%",
    "tilde": "~",
    "at": "@",
    "apostrophe": "'",
    "dollar_sign": "$",
    "ampersand": "&",
    "semicolon": ";",
    "quotation_mark": '"',
    "space": "space",
    "enter": "enter",
    "escape": "esc",
    "pagedown": "pgdn",
    "pageup": "pgup",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "shift+left": "shift+←",
    "shift+right": "shift+→",
    "shift+up": "shift+↑",
    "shift+down": "shift+↓",
}


def key_names(key: Key) -> list[str]:
    """The keys of one row as people write them: `pgdn`, `←`, `ctrl+p`."""
    return [SIGNS.get(name, name) for name in split_keys(key.keys)]


def split_keys(keys: str) -> list[str]:
    """`"j,down"` -> `["j", "down"]`."""
    return [name for name in keys.split(",") if name]


def bindings(*scopes: str) -> list[BindingType]:
    """Textual bindings of the keys of these scopes, each with its id, so that a keymap can replace its keys.

    "dashboard" keys call `action_dashboard(name)`, which the app answers by asking the dashboard that is shown.
    """
    return [
        Binding(
            key.keys,
            f"dashboard('{key.action}')" if key.scope == "dashboard" else key.action,
            key.help,
            show=False,
            id=key.id,
            priority=key.priority,
        )
        for key in KEYS
        if key.scope in scopes
    ]


def rebound(keys: Iterable[Key], keymap: dict[str, str]) -> list[Key]:
    """The same rows with the keys the user chose instead (`Options.keymap`)."""
    return [Key(k.id, keymap.get(k.id, k.keys), k.action, k.label, k.help, k.scope, k.footer, k.priority) for k in keys]


def footer_keys(scopes: Iterable[str], keys: Iterable[Key] = KEYS) -> list[Key]:
    """The rows the footer may show where these scopes are at hand, the one to keep longest first."""
    wanted = set(scopes)
    rows = [key for key in (*keys, MOVE_KEY) if key.footer and key.scope in wanted]
    return sorted(rows, key=lambda key: key.footer)


def help_rows(scope: str, keys: Iterable[Key] = KEYS) -> list[tuple[str, str]]:
    """(keys, sentence) of one scope, rows with the same sentence made one; runs of digits as `1`..`9`."""
    rows: dict[str, list[str]] = {}
    for key in keys:
        if key.scope == scope:
            rows.setdefault(key.help, []).extend(key_names(key))
    return [
        (f"{names[0]} .. {names[-1]}" if len(names) > 4 else " ".join(names), help_) for help_, names in rows.items()
    ]


def help_topics(scope: str, keys: Iterable[Key] = KEYS) -> list[tuple[str, list[tuple[str, str]]]]:
    """The rows of one scope under their headings, first those that have the heading of the scope."""
    heading_of = {word: heading for heading, words in _TOPICS.get(scope, {}).items() for word in words.split()}
    found: dict[str, list[Key]] = {SCOPES[scope]: [], **{heading: [] for heading in _TOPICS.get(scope, {})}}
    for key in keys:
        if key.scope == scope:
            found[heading_of.get(key.id.partition(".")[0], SCOPES[scope])].append(key)
    return [(heading, help_rows(scope, rows)) for heading, rows in found.items() if rows]


def in_help(scope: str, at_hand: Collection[str]) -> bool:
    """Whether help is about this scope where those are at hand: not about other dashboards."""
    return scope in ANYWHERE or scope in at_hand or (scope == "chart" and "dashboard" in at_hand)
