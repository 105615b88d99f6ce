"""The one table of options.

Command line, environment, configuration file, `tbtui config` and `docs/configuration.md` are all made from `OPTIONS`.
"""

from __future__ import annotations

from tbtui.settings.option import COMMANDS, Option, Range
from tbtui.settings.view import (
    CHART_SIZES,
    GROUP_BANDS,
    RAW_CURVES,
    RUN_ORDERS,
    THEMES,
    X_AXES,
    X_TAG,
    Y_RANGES,
    Y_SCALES,
)

IMAGES = ("auto", "kitty", "sixel", "iterm2", "blocks", "off")
"""How images may be drawn."""

SIDE_BAR = {"auto": None, "open": True, "closed": False}
"""`side_bar` as an option -> as `View.side_bar`."""

APP = ("", "demo", "config")
"""The commands that know the options of the screen."""


WEIGHT = Range(0, 1, "a weight from 0 up to, but not including, 1")
SECONDS = Range(0.05, 1e9, "a number of seconds (0.05 or more)")
CELLS = Range(1, 10_001, "a number of cells (1 to 10000)")
STEP = Range(-(2**63), 2**63, "a step")
STEPS = Range(1, 10**9, "a number of steps (1 or more)")
ROWS = Range(1, 10**9, "a number of rows (1 or more)")
LEVELS = Range(1, 10**6, "a number of levels (1 or more)")
FRAMES = Range(0.1, 61, "a number from 0.1 to 60")
MEGABYTES = Range(1, 1 << 20, "a number of megabytes (1 or more)")
LOUDNESS = Range(0, 10, "a number from 0 to 9")
SIZES = Range(0, CHART_SIZES, f"a size from 0 (smallest) to {CHART_SIZES - 1}")

OPTIONS: tuple[Option, ...] = (
    Option("run", "regex", None, "only runs whose name this regular expression finds", ("--run",), "RE"),
    Option("tag", "regex", None, "only tags that this regular expression finds", ("--tag",), "RE"),
    Option("purge", "switch", True, "leave out the points that a restart superseded", ("--purge",)),
    Option(
        "poll",
        "number",
        None,
        "look for new data this often, do not wait to be told",
        ("--poll",),
        "SECONDS",
        within=SECONDS,
    ),
    Option(
        "longest_record",
        "whole",
        256,
        "values in longer records are listed, but not read",
        ("--longest-record",),
        "MB",
        tuple(command for command in COMMANDS if command != "profile"),
        within=MEGABYTES,
    ),
    Option(
        "cache",
        "switch",
        True,
        "keep what was read of profilers' traces in the cache folder of the user, so that they open at once",
        ("--cache",),
        commands=(*APP, "profile"),
    ),
    Option(
        "color", "choice", "auto", "colours; auto: as NO_COLOR asks", ("--color",), choices=("auto", "always", "never")
    ),
    Option("ascii", "switch", False, "draw with ASCII characters only", ("--ascii",)),
    Option("log_file", "path", None, "write a log of what the program does", ("--log-file",), "FILE"),
    Option("verbose", "whole", 0, "tell more, and log more", ("-v", "--verbose"), within=LOUDNESS),
    Option(
        "theme",
        "choice",
        "auto",
        "auto: as the terminal's background asks",
        ("--theme",),
        commands=APP,
        choices=("auto", *THEMES),
    ),
    Option(
        "images",
        "choice",
        "auto",
        "how images are drawn; auto: as the terminal says; blocks: two pixels a cell; off: not decoded",
        ("--images",),
        commands=(*APP, "plot"),
        choices=IMAGES,
    ),
    Option("mouse", "switch", True, "take the mouse; off: it stays the terminal's", ("--mouse",), commands=APP),
    Option(
        "frames",
        "number",
        8.0,
        "draw new data at most so many times a second",
        ("--frames",),
        "N",
        APP,
        within=FRAMES,
    ),
    Option(
        "max_steps",
        "whole",
        None,
        "the step at which runs end (else as their hyperparameters say)",
        ("--max-steps",),
        "N",
        APP,
        within=STEPS,
    ),
    Option("remember", "switch", True, "remember choices per log directory", ("--remember",), commands=APP),
    Option("fresh", "switch", False, "begin as if nothing were remembered", ("--fresh",), commands=APP, flag_only=True),
    Option(
        "smoothing", "number", 0.6, "weight of smoothing", ("--smoothing",), "W", APP, view="smoothing", within=WEIGHT
    ),
    Option(
        "x_axis",
        "choice",
        "step",
        "the x axis; tag:NAME: what that scalar says at each step",
        ("--x-axis",),
        "AXIS",
        APP,
        choices=X_AXES,
        follows=X_TAG,
        view="x_axis",
    ),
    Option("x_log", "switch", False, "logarithmic x axis", ("--x-log",), commands=APP, view="x_log"),
    Option(
        "y_scale",
        "choice",
        "linear",
        "the scale of the y axis",
        ("--y-scale",),
        commands=APP,
        choices=Y_SCALES,
        view="y_scale",
    ),
    Option(
        "y_range",
        "choice",
        "robust",
        "values the y axis shows: 5 to 95 % as TensorBoard, all but far outliers, all, all and zero",
        ("--y-range",),
        commands=APP,
        choices=Y_RANGES,
        view="y_range",
    ),
    Option(
        "raw",
        "choice",
        "faint",
        "raw values behind smoothed curves: a faint curve, a band around them, or none",
        ("--raw",),
        commands=APP,
        choices=RAW_CURVES,
        view="raw",
    ),
    Option(
        "pairs",
        "switch",
        True,
        "training and validation of a metric in one chart",
        ("--pairs",),
        commands=APP,
        view="pairs",
    ),
    Option(
        "superseded",
        "switch",
        False,
        "show superseded points, faint",
        ("--superseded",),
        commands=APP,
        view="superseded",
    ),
    Option(
        "chart_size",
        "whole",
        2,
        "size of charts",
        ("--chart-size",),
        "N",
        APP,
        view="chart_size",
        within=SIZES,
    ),
    Option(
        "side_bar",
        "choice",
        "auto",
        "the runs beside the charts; auto: as the width asks",
        ("--side-bar",),
        commands=APP,
        choices=tuple(SIDE_BAR),
        view="side_bar",
    ),
    Option("table", "switch", False, "a table of values instead of charts", ("--table",), commands=APP, view="table"),
    Option(
        "run_order",
        "choice",
        "name",
        "the order of the runs; last, best: by the value of the tag under the cursor",
        ("--run-order",),
        commands=APP,
        choices=RUN_ORDERS,
        view="run_order",
    ),
    Option(
        "grouping",
        "text",
        "",
        "runs that belong together: directory, hparams, or /regex/; empty: none",
        ("--grouping",),
        "RULE",
        APP,
        view="grouping",
    ),
    Option(
        "group_band",
        "choice",
        "std",
        "groups of runs: mean with standard deviation, standard error, extremes, no band; each run; their colours",
        ("--group-band",),
        commands=APP,
        choices=GROUP_BANDS,
        view="group_band",
    ),
    Option(
        "event_marks",
        "switch",
        True,
        "restarts, checkpoints and epochs as marks on the x axis",
        ("--event-marks",),
        commands=APP,
        view="event_marks",
    ),
    Option(
        "dashboard", "text", "scalars", "the dashboard to begin with", ("--dashboard",), "NAME", APP, view="dashboard"
    ),
    Option(
        "run_filter", "text", "", "a filter for runs to begin with", ("--run-filter",), "TEXT", APP, view="run_filter"
    ),
    Option(
        "tag_filter", "text", "", "a filter for tags to begin with", ("--tag-filter",), "TEXT", APP, view="tag_filter"
    ),
    Option("pinned", "list", (), "tags whose charts come first", view="pinned"),
    Option("folded", "list", (), "groups of tags that are folded", view="folded"),
    Option(
        "demo.keep",
        "path",
        None,
        "write the logs to DIR and leave them there",
        ("--keep",),
        "DIR",
        ("demo",),
        flag_only=True,
    ),
    Option(
        "demo.steps",
        "whole",
        None,
        "how many training steps",
        ("--steps",),
        "N",
        ("demo",),
        within=STEPS,
    ),
    Option("demo.fast", "switch", False, "train as fast as it goes", ("--fast",), "", ("demo",), flag_only=True),
    Option(
        "plot.kind",
        "choice",
        "scalar",
        "what to draw: curves of scalars, histograms or their percentiles over the steps, images",
        ("--kind",),
        commands=("plot",),
        choices=("scalar", "histogram", "distribution", "image"),
        flag_only=True,
    ),
    Option(
        "plot.step",
        "whole",
        None,
        "images: of the step nearest to this one; else the newest",
        ("--step",),
        "N",
        ("plot",),
        flag_only=True,
        within=STEP,
    ),
    Option("plot.smooth", "number", 0.0, "weight of smoothing", ("--smooth",), "W", ("plot",), within=WEIGHT),
    Option(
        "plot.x",
        "choice",
        "step",
        "the x axis; tag:NAME: what that scalar says at each step",
        ("--x",),
        "AXIS",
        ("plot",),
        choices=X_AXES,
        follows=X_TAG,
    ),
    Option("plot.log_x", "switch", False, "logarithmic x axis", ("--log-x",), commands=("plot",)),
    Option(
        "plot.y_range",
        "choice",
        "robust",
        "values the y axis shows: 5 to 95 % as TensorBoard, all but far outliers, all, all and zero",
        ("--y-range",),
        commands=("plot",),
        choices=Y_RANGES,
    ),
    Option("plot.log_y", "switch", False, "logarithmic y axis", ("--log-y",), commands=("plot",)),
    Option(
        "plot.width",
        "whole",
        None,
        "columns of the picture; else the terminal's",
        ("--width",),
        "N",
        ("plot",),
        within=CELLS,
    ),
    Option("plot.height", "whole", None, "rows of each chart", ("--height",), "N", ("plot",), within=CELLS),
    Option(
        "plot.watch",
        "number",
        None,
        "draw again this often, until interrupted",
        ("--watch",),
        "SECONDS",
        ("plot",),
        flag_only=True,
        within=SECONDS,
    ),
    Option(
        "inspect.json", "switch", False, "one JSON object, for programs", ("--json",), "", ("inspect",), flag_only=True
    ),
    Option(
        "inspect.check",
        "switch",
        False,
        "exit with 1 if there is any problem in the files",
        ("--check",),
        "",
        ("inspect",),
        flag_only=True,
    ),
    Option(
        "export.output",
        "path",
        None,
        "write to FILE (default: standard output)",
        ("-o", "--output"),
        "FILE",
        ("export",),
        flag_only=True,
    ),
    Option(
        "export.kind",
        "choice",
        "scalars",
        "what to write: points of scalars, or buckets of histograms",
        ("--kind",),
        commands=("export",),
        choices=("scalars", "histograms"),
        flag_only=True,
    ),
    Option(
        "export.format",
        "choice",
        None,
        "by default by the ending of FILE, else csv",
        ("--format",),
        commands=("export",),
        choices=("csv", "jsonl", "parquet"),
    ),
    Option(
        "export.blobs",
        "path",
        None,
        "also write images, audio and text to files in DIR, as they were logged, with an index of them",
        ("--blobs",),
        "DIR",
        ("export",),
        flag_only=True,
    ),
    Option(
        "graph.depth",
        "whole",
        2,
        "so many levels of the tree",
        ("--depth",),
        "N",
        ("graph",),
        within=LEVELS,
    ),
    Option(
        "graph.scope",
        "text",
        "",
        "only what is below the scope of this full name",
        ("--scope",),
        "NAME",
        ("graph",),
        flag_only=True,
    ),
    Option("graph.json", "switch", False, "one JSON object, for programs", ("--json",), "", ("graph",), flag_only=True),
    Option(
        "profile.view",
        "choice",
        "overview",
        "which table to print",
        ("--view",),
        "NAME",
        ("profile",),
        choices=(
            "overview",
            "steps",
            "ops",
            "modules",
            "kernels",
            "framework",
            "memory",
            "distributed",
            "collectives",
            "difference",
            "analyses",
        ),
    ),
    Option(
        "profile.group",
        "choice",
        "name",
        "by what operators are put together; module: what they ran in, where that was recorded",
        ("--group",),
        commands=("profile",),
        choices=("name", "shape", "type", "module"),
    ),
    Option(
        "profile.sort",
        "text",
        "",
        "sort by this column (as --csv names it)",
        ("--sort",),
        "COL",
        ("profile",),
        flag_only=True,
    ),
    Option(
        "profile.top",
        "whole",
        None,
        "at most so many rows",
        ("--top",),
        "N",
        ("profile",),
        within=ROWS,
        flag_only=True,
    ),
    Option(
        "profile.python",
        "switch",
        False,
        "count functions of Python among the operators, where they were recorded",
        ("--python",),
        commands=("profile",),
    ),
    Option(
        "profile.json", "switch", False, "one JSON object, for programs", ("--json",), "", ("profile",), flag_only=True
    ),
    Option("profile.csv", "switch", False, "the view's table as CSV", ("--csv",), "", ("profile",), flag_only=True),
    Option(
        "config.json", "switch", False, "one JSON object, for programs", ("--json",), "", ("config",), flag_only=True
    ),
)
"""In the order of the documents. A row added here is an option everywhere; one that names a field of `View` is also
what the view begins with."""

BY_NAME = {option.name: option for option in OPTIONS}


def of_command(command: str) -> list[Option]:
    """The rows whose flag a command knows."""
    return [option for option in OPTIONS if option.flags and command in option.commands]


def flags_with_value() -> list[str]:
    """Every flag that is followed by a value."""
    return [flag for option in OPTIONS for flag in option.flags if option.kind != "switch" and option.name != "verbose"]
