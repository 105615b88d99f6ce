"""The command line: parse it, then call one thing. Imports nothing that takes time."""

from __future__ import annotations

import argparse
import contextlib
import errno
import os
import sys
from collections.abc import Callable, Sequence
from typing import Any, NoReturn

from tbtui import __version__
from tbtui.settings.option import COMMANDS, Option
from tbtui.settings.option_table import flags_with_value, of_command
from tbtui.settings.options import Options

__all__ = ["DONE", "INTERRUPTED", "PIPE_CLOSED", "UNREADABLE", "WRONG", "find_command", "main"]

DONE, UNREADABLE, WRONG = 0, 1, 2
INTERRUPTED, PIPE_CLOSED = 130, 141  # as a shell says of a program that SIGINT or SIGPIPE ended

OUTPUT_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)

BEGIN = """\
There are no runs in this directory. How to begin:

  tbtui LOGDIR      look at the runs in LOGDIR
  tbtui demo        train a small model, and watch it
  tbtui --help      everything else
"""

WITH_VALUE = frozenset(("--config", *flags_with_value()))
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
    given = prepare().parse_intermixed_args(rest)
    _settle(name, given)
    return call(given)


def _settle(command: str, given: argparse.Namespace) -> None:
    """Fills what the command line leaves open from environment, configuration file and defaults."""
    from tbtui.commands.session import CommandError
    from tbtui.settings.config import ConfigUnreadable, settle

    flags = {option.name: getattr(given, option.key) for option in of_command(command) if hasattr(given, option.key)}
    try:
        given.settings = settle(flags, config=given.config)
    except ConfigUnreadable as error:
        raise CommandError(str(error), WRONG) from None
    for option in of_command(command):
        setattr(given, option.key, given.settings.value(option.name))


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
        if error.filename is not None:
            words = f"{os.fsdecode(error.filename)}: {words}"
        elif error.errno in OUTPUT_FULL:
            words = f"the output can't be written: {words}"
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


def _reader(option: Option) -> Callable[[str], Any]:
    """Reads the option's value from a word of the command line."""

    def read(text: str) -> Any:
        try:
            return option.parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(f"{text!r} is not {error}") from None

    return read


def _add(group: argparse._ActionsContainer, option: Option) -> None:
    """An option's flag. What is not given is left out of the result: others may have a say in it."""
    shared: dict[str, Any] = {"dest": option.key, "default": argparse.SUPPRESS, "help": option.help}
    if option.name == "verbose":
        group.add_argument(*option.flags, action="count", **shared)
    elif option.kind == "switch":
        action = "store_true" if option.flag_only else argparse.BooleanOptionalAction
        group.add_argument(*option.flags, action=action, **shared)
    elif option.kind == "choice" and not option.follows:
        if option.metavar:  # too many to stand in the usage
            shared |= {"metavar": option.metavar, "help": f"{option.help}: {', '.join(option.choices)}"}
        group.add_argument(*option.flags, choices=option.choices, **shared)
    else:
        group.add_argument(*option.flags, type=_reader(option), metavar=option.metavar, **shared)


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
    options = of_command(command)
    for option in options:
        if option.section:
            _add(parser, option)
    screen = [option for option in options if not option.section and option.commands != COMMANDS]
    if screen:
        group = parser.add_argument_group("how the app begins (changes are remembered per log directory)")
        for option in screen:
            _add(group, option)
    shared = parser.add_argument_group("options of all commands")
    for option in options:
        if option.commands == COMMANDS:
            _add(shared, option)
    shared.add_argument("--config", metavar="FILE", help="read this configuration file instead of the usual one")
    shared.add_argument("--version", action="version", version=f"tbtui {__version__}")
    return parser


def _app_parser() -> _Parser:
    epilog = """\
commands (tbtui COMMAND --help tells more):
  tbtui demo                train a small real model in a temporary directory, and watch it
  tbtui plot LOGDIR...      draw the curves to standard output
  tbtui inspect LOGDIR...   what is in it, as tables or as JSON
  tbtui export LOGDIR...    scalars as CSV, JSON lines or Parquet; images, audio and text as files
  tbtui graph LOGDIR...     the computation graph of each run, as a tree
  tbtui profile PATH...     the tables of a profiler's capture
  tbtui config              which options are in force, and why; where configuration and state lie

A directory that has a command's name is written with its path: ./demo
Exit codes: 0 done, 1 the data could not be read, 2 the command line is wrong."""
    return _parser("", "TensorBoard in the terminal: watch training runs live.", "*", epilog)


def _demo_parser() -> _Parser:
    return _parser("demo", "Train a small real model in a temporary directory, and watch it.", None)


def _plot_parser() -> _Parser:
    return _parser(
        "plot", "Draw curves, histograms or images to standard output; as plain text where it is no terminal.", "+"
    )


def _inspect_parser() -> _Parser:
    return _parser("inspect", "Show what is in log directories.", "+")


def _export_parser() -> _Parser:
    epilog = """\
Columns: run, tag, step, wall_time (seconds since 1970), value. A value is the shortest decimal number that reads
back as the same float: as a float32 where the file holds a float32 (most do), else as a float64.
--kind histograms: run, tag, step, wall_time, left, right, count; a row for each bucket of each histogram.
--blobs DIR: DIR/index.jsonl says what the files in DIR are (run, tag, step, wall_time, kind, file, bytes, ...)."""
    return _parser("export", "Write every scalar point as a table.", "+", epilog)


def _graph_parser() -> _Parser:
    epilog = """\
Of each run the first of its graphs is printed; --tag RE chooses others (a tag, or what it is called here).
Numbered siblings of the same form are one row, constants and summaries are folded."""
    return _parser("graph", "Print the computation graph of each run as a tree.", "+", epilog)


def _profile_parser() -> _Parser:
    epilog = """\
PATH is a trace (PyTorch's, or any Chrome trace, gzipped or not), or a directory: its newest capture is taken, or the
newest whose session and host --run finds. --view difference compares with the one before it, or with that of a PATH
that is named first. Times in CSV and JSON are microseconds."""
    return _parser("profile", "Print the tables of a profiler's capture.", "+", epilog)


def _config_parser() -> _Parser:
    return _parser("config", "Show which options are in force, why, and where configuration and state lie.", "*")


def _options(given: argparse.Namespace) -> Options:
    """What is in force, without what only one command asks."""
    from tbtui.settings.config import options_from

    return options_from(given.settings, getattr(given, "logdirs", ()))


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
    options.remember = options.remember and given.keep is not None  # another directory each time
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
    if given.kind == "image":
        from tbtui.commands import plot_images

        return plot_images.run(_options(given), plot_images.Wanted(given.step, given.width, given.height))
    if given.kind in ("histogram", "distribution"):
        from tbtui.commands import plot_histograms

        picture = plot_histograms.Wanted(given.kind, given.x, given.log_y, given.width, given.height)
        return plot_histograms.run(_options(given), picture)
    from tbtui.commands import plot

    wanted = plot.Picture(given.smooth, given.x, given.log_y, given.width, given.height, given.log_x, given.y_range)
    return plot.run(_options(given), wanted, given.watch)


def _inspect(given: argparse.Namespace) -> int:
    from tbtui.commands import inspect

    return inspect.run(_options(given), as_json=given.json, check=given.check)


def _export(given: argparse.Namespace) -> int:
    from tbtui.commands import export

    return export.run(_options(given), given.output, given.format, given.blobs, given.kind)


def _graph(given: argparse.Namespace) -> int:
    from tbtui.commands import graph

    return graph.run(_options(given), graph.Wanted(given.depth, given.scope, given.json))


def _profile(given: argparse.Namespace) -> int:
    from tbtui.commands import profile
    from tbtui.commands.session import CommandError

    if given.json and given.csv:
        raise CommandError("--json and --csv: one form at a time", WRONG)
    form = "json" if given.json else "csv" if given.csv else "text"
    options = _options(given)
    wanted = profile.Wanted(given.view, given.group, given.sort, given.top, given.python, form, options.cache)
    return profile.run(given.logdirs, wanted, options.run)


def _config(given: argparse.Namespace) -> int:
    from tbtui.commands import config

    return config.run(given.settings, given.logdirs, given.json)


def _without_screen(call: Callable[[argparse.Namespace], int]) -> Callable[[argparse.Namespace], int]:
    """What a command without a screen needs first."""

    def prepared(given: argparse.Namespace) -> int:
        from tbtui.commands.session import logging_to, prepare_output, tell

        prepare_output()
        tell(given.settings.problems)
        with logging_to(given.log_file, given.verbose):
            return call(given)

    return prepared


_COMMANDS: dict[str, tuple[Callable[[], _Parser], Callable[[argparse.Namespace], int]]] = {
    "": (_app_parser, _app),
    "demo": (_demo_parser, _demo),
    "plot": (_plot_parser, _without_screen(_plot)),
    "inspect": (_inspect_parser, _without_screen(_inspect)),
    "export": (_export_parser, _without_screen(_export)),
    "graph": (_graph_parser, _without_screen(_graph)),
    "profile": (_profile_parser, _without_screen(_profile)),
    "config": (_config_parser, _without_screen(_config)),
}
