"""What is shown and how: everything a user changes by keys while the app runs. Plain data."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from tbtui.analysis.axes import Scale
    from tbtui.analysis.goals import Goal
    from tbtui.analysis.xaxis import XAxis

XMode = Literal["step", "relative_step", "relative", "wall", "index", "tag"]
"""What the x axis may count, see `X_AXES`; "tag": what another tag says at the step."""

X_AXES: tuple[XAxis, ...] = ("step", "relative_step", "relative", "wall", "index")
"""What the x axis may count, in the order the key walks it: steps, steps since the curve's first, the time since the
run's start, the wall clock, the curve's points. After them comes a tag, see `X_TAG`."""

_X_MODES: dict[str, XMode] = {mode: mode for mode in X_AXES}

X_TAG = "tag:"
"""What stands before the name of a tag where that is the x axis."""

Y_SCALES: tuple[Scale, ...] = ("linear", "log", "symlog")
"""The scales of the y axis, in the order the key walks them."""

YRange = Literal["robust", "auto", "full", "zero"]

Y_RANGES: tuple[YRange, ...] = ("robust", "auto", "full", "zero")
"""Values the y axis shows: 5 to 95 % of them as in TensorBoard, all but far outliers, all, all and zero."""

RawCurves = Literal["faint", "envelope", "none"]

RAW_CURVES: tuple[RawCurves, ...] = ("faint", "envelope", "none")
"""How raw values are drawn behind a smoothed curve: as a faint curve, as a band around them, not."""

RUN_ORDERS = ("name", "start", "age", "step", "last", "best", "min", "max")
"""What the list of runs may be in order of; from "last" on values of the focused tag: the last, best, lowest,
highest."""

GROUP_BANDS = ("std", "stderr", "minmax", "mean", "runs", "colors")
"""How charts draw a group of runs: as its mean with a band of the standard deviation, of the standard error, from the
smallest to the largest value, or without a band; "runs": each run by itself; "colors": the same in the
colours of the groups."""

TABLE_ORDERS = ("list", "nearest", "up", "down")
"""What the table under a chart is in order of: the list of runs, the distance to the focused run's value, values."""

TABLE_LAYOUTS = ("list", "runs", "tags")
"""What the table has: the runs of each tag with many numbers each; runs as rows and tags as columns; the reverse."""

TABLE_MEASURES = ("last", "best", "mean", "change", "min", "max", "points")
"""The number that a table of runs and tags shows of each series."""

THEMES = ("dark", "light", "contrast")
"""The looks of the app, in the order the key walks them."""

HISTOGRAM_MODES = ("ridges", "overlay", "heat", "bars")
"""How histograms over time are drawn: one behind the other, over each other, as a heat map, one step as bars."""

SMOOTHING_STEPS = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.85, 0.9, 0.95, 0.98, 0.99, 0.995, 0.999)
"""The weights the smoothing keys walk through; any weight in [0, 1) may be typed."""

CHART_SIZES = 6
"""How many sizes charts have; `View.chart_size` is one of range(CHART_SIZES)."""


@dataclass(slots=True)
class View:
    """What is shown and how. Changed by keys, read by every widget; whoever changes it says so to the app."""

    hidden: set[str] = field(default_factory=set)
    """Names of the runs that are switched off. Runs that appear later are on."""
    only: set[str] | None = None
    """Where the user asked for one run only: the runs that are shown; `hidden` is then left as it was."""
    focused_run: str | None = None
    """The run under the cursor: drawn on top, its values shown first."""
    focused_group: str | None = None
    """The key of the group of runs whose heading is under the cursor, instead of a run."""
    focused_tag: str | None = None
    run_filter: str = ""
    """In the language of `analysis.runfilter`: names, and comparisons of what runs hold."""
    tag_filter: str = ""
    """In the language of `analysis.filters`: words, `|`, `!`, globs, `/regex/`."""
    smoothing: float = 0.6
    """Weight of TensorBoard's debiased moving average, 0 (off) up to but not including 1."""
    x_axis: str = "step"
    """One of `X_AXES`, or `X_TAG` and a tag; `x_mode` and `x_tag` take it apart."""
    x_log: bool = False
    """The x axis is logarithmic, where it counts something that a logarithm can be taken of."""
    y_scale: Scale = "linear"
    y_range: YRange = "robust"
    raw: RawCurves = "faint"
    limits: dict[str, tuple[float | None, float | None]] = field(default_factory=dict)
    """Title of a chart (its tag) -> ends of the y axis that were typed; None: as the values ask."""
    shared_range: bool = False
    """The charts of a group of tags have one y range."""
    pairs: bool = True
    """Training and validation of a metric in one chart."""
    superseded: bool = False
    """Show the points that a restart wrote again, dimmed."""
    chart_size: int = 2
    table: bool = False
    """A table of values instead of charts."""
    table_order: str = "list"
    """One of `TABLE_ORDERS`: the table under a full-screen chart."""
    table_column: str = ""
    """The column that table is in order of; "": the first."""
    table_layout: str = "list"
    """One of `TABLE_LAYOUTS`."""
    table_measure: str = "last"
    """One of `TABLE_MEASURES`."""
    goals: dict[str, Goal] = field(default_factory=dict)
    """Tag -> "up" or "down": which way it should go, where the user knows better than its name tells."""
    linked: bool = False
    """The cursor is in all charts of the page, not only in the focused one."""
    grouping: str = ""
    """How runs are put together, to be drawn as their mean: "" (not), "directory", "hparams", or "/regex/"."""
    group_regex: str = ""
    """The regular expression for groups that was typed last."""
    group_band: str = "std"
    """One of `GROUP_BANDS`."""
    group_members: bool = False
    """The runs of unfolded groups are drawn faint behind the mean."""
    event_marks: bool = True
    """Restarts, checkpoints and epochs as marks on the x axis."""
    folded_runs: set[str] = field(default_factory=set)
    """Keys of the groups of runs that are folded in the list."""
    run_order: str = "name"
    """One of `RUN_ORDERS`."""
    run_order_reversed: bool = False
    away: set[str] = field(default_factory=set)
    """Runs that were put away: neither listed nor drawn."""
    show_away: bool = False
    hide_empty: bool = False
    """Runs without any data are not listed."""
    """List them nevertheless."""
    top_runs: list[str] = field(default_factory=list)
    """Runs that are listed first, whatever the order."""
    aliases: dict[str, str] = field(default_factory=dict)
    """Other names for runs, to show only."""
    notes: dict[str, str] = field(default_factory=dict)
    """What the user wrote about runs."""
    hashtags: dict[str, list[str]] = field(default_factory=dict)
    """Words by which the user sorts runs, without their `#`."""
    run_tree: bool = False
    """The list of runs is a tree of folders, where runs are not in groups."""
    spotlight: bool = False
    """Only the focused, the marked and the pinned runs have their full colour."""
    step_marks: list[int] = field(default_factory=list)
    """Steps that the user marked on the x axis."""
    marked_run: str | None = None
    """The run with which the focused one is compared."""
    folded: set[str] = field(default_factory=set)
    """Tag groups that are folded to one line."""
    pinned: list[str] = field(default_factory=list)
    """Tags whose charts come first."""
    marked: list[str] = field(default_factory=list)
    """Tags that are drawn together in one chart."""
    colors: dict[str, tuple[int, int, int]] = field(default_factory=dict)
    """Colours the user chose, by run name."""
    side_bar: bool | None = None
    """True or False: the user opened or closed the side bar; None: as the width asks."""
    histogram_mode: str = "ridges"
    """One of `HISTOGRAM_MODES`."""
    histogram_log: bool = False
    """The counts of histograms are logarithmic."""
    histogram_each: bool = False
    """Every step of a histogram has a scale of its own."""
    histogram_central: bool = False
    """The few far values of histograms are left out."""
    theme: str = "dark"
    dashboard: str = "scalars"

    @property
    def x_mode(self) -> XMode:
        """What the x axis counts."""
        return _X_MODES.get(self.x_axis, "tag")

    @property
    def x_tag(self) -> str:
        """The tag that is the x axis; "" where it is none."""
        return self.x_axis.removeprefix(X_TAG) if self.x_axis.startswith(X_TAG) else ""

    def is_hidden(self, run: str) -> bool:
        """True when the run is switched off or put away (for the filter see `Session.visible_runs`)."""
        return run in self.hidden or run in self.away if self.only is None else run not in self.only

    def toggle(self, run: str) -> None:
        """Switch one run on or off; on: it is no longer put away."""
        if self.only is None and run in self.away:
            self.away -= {run}
            self.hidden -= {run}
        elif self.only is None:
            self.hidden ^= {run}
        else:
            self.only ^= {run}

    def toggle_only(self, runs: Collection[str]) -> None:
        """Show these runs alone; asked again for the same runs: as before."""
        self.only = None if self.only == set(runs) else set(runs)

    def toggle_all(self, runs: Collection[str]) -> None:
        """Show all of these runs; where all are shown already, none of them."""
        if any(self.is_hidden(run) for run in runs):
            self.only = None
            self.hidden -= set(runs)
        elif self.only is None:
            self.hidden |= set(runs)
        else:
            self.only -= set(runs)
