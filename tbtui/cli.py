"""The command line: parse it, then call one thing. Imports nothing that takes time."""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tbtui import __version__
from tbtui.settings import THEMES, X_AXES, Options

__all__ = ["DONE", "INTERRUPTED", "PIPE_CLOSED", "UNREADABLE", "WRONG", "find_command", "main"]

DONE, UNREADABLE, WRONG = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141  # as a shell says of a program that SIGINT or SIGPIPE ended

BEGIN = """\
There are no runs in this directory. How to begin:

  tbtui LOGDIR      look at the runs in LOGDIR
  tbtui demo        train a small model, and watch it
  tbtui --help      everything else
"""

WITH_VALUE = frozenset(
    (
        *("--run", "--tag", "--poll", "--log-file", "--color", "--theme", "--keep", "--steps"),
        *("--smooth", "--x", "--width", "--height", "--watch", "-o", "--output", "--format"),
    )
)
"""Options that are followed by a value, for finding the command among them."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs the command line and returns the exit code: 0 done, 1 the data could not be read, 2 it is wrong.

    Whatever goes wrong is one sentence on standard error; with `--log-file` the details are in the log.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    try:
        code = _run(words)
        sys.stdout.flush()
    except KeyboardInterrupt:
        return INTERRUPTED
    except BrokenPipeError:
        _forget_output()  # whoever read it has left
        return PIPE_CLOSED
    except Exception as error:
        _forget_output()
        return _report(error)
    return code


def _run(words: list[str]) -> int:
    name, rest = find_command(words)
    prepare, call = _COMMANDS[name]
    return call(prepare().parse_intermixed_args(rest))


def _forget_output() -> None:
    """What Python still holds of the output must not be written at exit: that would fail again."""
    with contextlib.suppress(OSError, ValueError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _report(error: Exception) -> int:
    from tbtui.analysis.text import safe
    from tbtui.commands.session import CommandError

    if isinstance(error, CommandError):
        sys.stderr.write(f"tbtui: {error}\n")
        return error.code
    if isinstance(error, OSError):
        words = error.strerror or str(error)
    else:
        words = f"unexpected {type(error).__name__}: {error} (--log-file FILE writes the details)"
    sys.stderr.write(f"tbtui: {safe(words)}\n")
    return UNREADABLE


def find_command(words: Sequence[str]) -> tuple[str, list[str]]:
    """The command that a command line names ("" for the app), and the line without that word.

    The command is the first word that is neither an option nor an option's value, if it is a command's name.
    """
    position = 0
    while position < len(words) and words[position].startswith("-") and words[position] != "--":
        position += 2 if words[position] in WITH_VALUE else 1
    if position < len(words) and words[position] in _COMMANDS:
        return words[position], [*words[:position], *words[position + 1 :]]
    return "", list(words)


class _Parser(argparse.ArgumentParser):
    """Says what is wrong in one line, safe to print, and exits with 2."""

    def error(self, message: str) -> NoReturn:
        from tbtui.analysis.text import safe

        self.exit(WRONG, f"tbtui: {safe(message)}; see {self.prog} --help\n")


def _regex(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise argparse.ArgumentTypeError(f"{text!r} is no regular expression: {error}") from None
    return text


def _number(low: float, high: float, what: str, whole: bool = False) -> Callable[[str], Any]:
    """A reader of numbers from `low` to below `high`."""

    def read(text: str) -> float:
        with contextlib.suppress(ValueError):
            value = int(text) if whole else float(text)
            if low <= value < high:
                return value
        raise argparse.ArgumentTypeError(f"{text!r} is not {what}")

    return read


_seconds = _number(0.05, 1e9, "a number of seconds (0.05 or more)")
_weight = _number(0, 1, "a weight from 0 up to, but not including, 1")
_cells = _number(1, 10_001, "a number of cells (1 to 10000)", whole=True)
_steps = _number(1, 10**9, "a number of steps (1 or more)", whole=True)


def _parser(command: str, description: str, logdirs: str | None, epilog: str | None = None) -> _Parser:
    """A parser with the options that all commands share; `logdirs` is how many log directories it takes."""
    parser = _Parser(
        prog=f"tbtui {command}".strip(),
        description=description,
        epilog=epilog,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    if logdirs is not None:
        parser.add_argument(
            "logdirs",
            nargs=logdirs,
            metavar="LOGDIR",
            help="directory with runs, or one event file; NAME=PATH names it",
        )
    shared = parser.add_argument_group("options of all commands")
    shared.add_argument("--run", type=_regex, metavar="RE", help="only runs whose name this regular expression finds")
    shared.add_argument("--tag", type=_regex, metavar="RE", help="only tags that this regular expression finds")
    shared.add_argument(
        "--no-purge", dest="purge", action="store_false", help="count the points that a restart superseded, too"
    )
    shared.add_argument(
        "--poll", type=_seconds, metavar="SECONDS", help="look for new data this often, do not wait to be told"
    )
    shared.add_argument("--color", choices=("auto", "always", "never"), default="auto", help="auto: as NO_COLOR asks")
    shared.add_argument("--ascii", action="store_true", help="draw with ASCII characters only")
    shared.add_argument("--log-file", metavar="FILE", help="write a log of what the program does")
    shared.add_argument("-v", "--verbose", action="count", default=0, help="tell more, and log more")
    shared.add_argument("--version", action="version", version=f"tbtui {__version__}")
    return parser


def _screen_options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--theme", choices=THEMES, help="by default as the terminal's background asks")
    parser.add_argument("--no-mouse", dest="mouse", action="store_false", help="leave the mouse to the terminal")


def _app_parser() -> _Parser:
    epilog = """\
commands (tbtui COMMAND --help tells more):
  tbtui demo                train a small real model in a temporary directory, and watch it
  tbtui plot LOGDIR...      draw the curves to standard output
  tbtui inspect LOGDIR...   what is in it, as tables or as JSON
  tbtui export LOGDIR...    scalars as CSV, JSON lines or Parquet

A directory that has a command's name is written with its path: ./demo
Exit codes: 0 done, 1 the data could not be read, 2 the command line is wrong."""
    parser = _parser("", "TensorBoard in the terminal: watch training runs live.", "*", epilog)
    _screen_options(parser)
    return parser


def _demo_parser() -> _Parser:
    parser = _parser("demo", "Train a small real model in a temporary directory, and watch it.", None)
    parser.add_argument("--keep", metavar="DIR", help="write the logs to DIR and leave them there")
    parser.add_argument("--steps", type=_steps, metavar="N", help="how many training steps")
    parser.add_argument("--fast", action="store_true", help="train as fast as it goes")
    _screen_options(parser)
    return parser


def _plot_parser() -> _Parser:
    parser = _parser("plot", "Draw the curves to standard output; as plain text where it is no terminal.", "+")
    parser.add_argument(
        "--smooth", type=_weight, default=0.0, metavar="W", help="weight of smoothing (default 0: none)"
    )
    parser.add_argument("--x", choices=X_AXES, default="step", help="the x axis (default step)")
    parser.add_argument("--log-y", action="store_true", help="logarithmic y axis")
    parser.add_argument("--width", type=_cells, metavar="N", help="columns of the picture (default: the terminal's)")
    parser.add_argument("--height", type=_cells, metavar="N", help="rows of each chart")
    parser.add_argument("--watch", type=_seconds, metavar="SECONDS", help="draw again this often, until interrupted")
    return parser


def _inspect_parser() -> _Parser:
    parser = _parser("inspect", "Show what is in log directories.", "+")
    parser.add_argument("--json", action="store_true", help="one JSON object, for programs")
    parser.add_argument("--check", action="store_true", help="look at every value; exit with 1 if there is any problem")
    return parser


def _export_parser() -> _Parser:
    epilog = """\
Columns: run, tag, step, wall_time (seconds since 1970), value. A value is the shortest decimal number that reads
back as the same float: as a float32 where the file holds a float32 (most do), else as a float64."""
    parser = _parser("export", "Write every scalar point as a table.", "+", epilog)
    parser.add_argument("-o", "--output", metavar="FILE", help="write to FILE (default: standard output)")
    parser.add_argument(
        "--format", choices=("csv", "jsonl", "parquet"), help="by default by the ending of FILE, else csv"
    )
    return parser


def _options(given: argparse.Namespace) -> Options:
    """The parsed command line without what only one command asks."""
    return Options(
        logdirs=tuple(getattr(given, "logdirs", ())),
        run=given.run,
        tag=given.tag,
        purge=given.purge,
        poll=given.poll,
        theme=getattr(given, "theme", None),
        ascii=given.ascii,
        color=given.color,
        mouse=getattr(given, "mouse", True),
        log_file=given.log_file,
        verbose=given.verbose,
    )


def _app(given: argparse.Namespace) -> int:
    from tbtui.commands.session import holds_runs

    options = _options(given)
    if not options.logdirs:
        if not holds_runs("."):
            sys.stderr.write(BEGIN)
            return WRONG
        options.logdirs = (".",)
    _require_screen()
    return _open(options)


def _demo(given: argparse.Namespace) -> int:
    from tbtui.commands.session import CommandError
    from tbtui.demo.options import DEFAULT_STEPS
    from tbtui.demo.process import DemoError, Training

    _require_screen()
    options = _options(given)
    try:
        training = Training(given.keep, given.steps or DEFAULT_STEPS, given.fast)
    except DemoError as error:
        raise CommandError(str(error), WRONG) from None
    with training:
        options.logdirs = (str(training.directory),)
        code = _open(options)
        failure = training.stop()
    if failure is not None:
        raise CommandError(f"the training ended early: {failure}")
    return code


def _require_screen() -> None:
    from tbtui.commands.session import CommandError
    from tbtui.terminal import refusal

    reason = refusal(os.environ)
    if reason is not None:
        raise CommandError(reason, WRONG)


def _open(options: Options) -> int:
    from tbtui.commands.session import check_logdirs

    check_logdirs(options)
    from tbtui.launch import launch

    return launch(options)


def _plot(given: argparse.Namespace) -> int:
    from tbtui.commands import plot

    wanted = plot.Picture(given.smooth, given.x, given.log_y, given.width, given.height)
    return plot.run(_options(given), wanted, given.watch)


def _inspect(given: argparse.Namespace) -> int:
    from tbtui.commands import inspect

    return inspect.run(_options(given), as_json=given.json, check=given.check)


def _export(given: argparse.Namespace) -> int:
    from tbtui.commands import export

    return export.run(_options(given), given.output, given.format)


def _without_screen(call: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """What a command without a screen needs first."""

    def prepared(given: argparse.Namespace) -> int:
        from tbtui.commands.session import logging_to, prepare_output

        prepare_output()
        with logging_to(given.log_file, given.verbose):
            return call(given)

    return prepared


_COMMANDS: dict[str, tuple[Callable[[], _Parser], Callable[[argparse.Namespace], int]]] = {
    "": (_app_parser, _app),
    "demo": (_demo_parser, _demo),
    "plot": (_plot_parser, _without_screen(_plot)),
    "inspect": (_inspect_parser, _without_screen(_inspect)),
    "export": (_export_parser, _without_screen(_export)),
}
