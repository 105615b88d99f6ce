"""What every command does before its work: check the log directories, set up output and log. Imports nothing heavy."""

from __future__ import annotations

import contextlib
import logging
import os
import stat
import sys
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from tbtui.analysis.harmless_log import SafeFormatter
from tbtui.analysis.text import safe
from tbtui.events.problem import Problem
from tbtui.settings import Options

__all__ = ["CommandError", "check_logdirs", "holds_runs", "logging_to", "prepare_output", "tell"]

log = logging.getLogger("tbtui")


class CommandError(Exception):
    """The command can't do what was asked; the text is one sentence for the user.

    `code` is the exit code: 1 the data could not be read, 2 the command line is wrong.
    """

    def __init__(self, message: str, code: int = 1) -> None:
        super().__init__(safe(message))
        self.code = code


def check_logdirs(options: Options, must_exist: bool = False) -> None:
    """Raises CommandError where the log directories can't be meant: a name given twice, an empty path.

    must_exist: also where one of them can't be read; the app waits for it instead.
    """
    from tbtui.logdir.roots import parse_roots

    try:
        roots = parse_roots(options.logdirs)
    except ValueError as error:
        raise CommandError(str(error), code=2) from None
    for root in roots if must_exist else ():
        try:
            if os.path.isdir(root.path):
                os.scandir(root.path).close()
                continue
            regular = stat.S_ISREG(os.stat(root.path).st_mode)
        except OSError as error:
            raise CommandError(f"{root.given or root.path}: {error.strerror or error}") from None
        if not regular:
            raise CommandError(f"{root.given or root.path}: is neither a directory nor a regular file")


def holds_runs(directory: str, seconds: float = 1.0) -> bool:
    """Whether event files or profiles lie below a directory, as far as a look of some seconds can tell."""
    deadline = time.monotonic() + seconds
    for folder, folders, files in os.walk(directory):
        if any("tfevents" in name or ".pt.trace.json" in name for name in files) or folder.endswith("plugins/profile"):
            return True
        if time.monotonic() > deadline:
            return False
        folders[:] = [name for name in folders if name not in (".git", "node_modules", ".venv", "__pycache__")]
    return False


def prepare_output() -> None:
    """What the locale's encoding can't write becomes an escape or a `?` instead of an error."""
    for stream in (sys.stdout, sys.stderr):
        reconfigure = getattr(stream, "reconfigure", None)
        if reconfigure is not None:
            reconfigure(errors="backslashreplace")


def tell(problems: Iterable[Problem]) -> None:
    """One line on standard error for each problem of the configuration."""
    for problem in problems:
        sys.stderr.write(f"tbtui: {safe(problem.file)}: {safe(problem.reason)}\n")


@contextlib.contextmanager
def logging_to(log_file: str | None, verbose: int) -> Iterator[None]:
    """Writes the log and Python's warnings to a file; without one they are dropped, not printed among the output.

    Raises CommandError where the file can't be written.
    """
    handler: logging.Handler = logging.NullHandler()
    if log_file is not None:
        try:
            handler = logging.FileHandler(Path(log_file).expanduser(), encoding="utf-8", errors="backslashreplace")
        except OSError as error:
            raise CommandError(f"{log_file}: {error.strerror or error}", code=2) from None
        handler.setFormatter(SafeFormatter())
    root = logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG if verbose else logging.INFO)
    logging.captureWarnings(True)
    try:
        yield
    except Exception as error:
        if not isinstance(error, CommandError | BrokenPipeError):
            log.error("unexpected error", exc_info=error)
        raise
    finally:
        logging.captureWarnings(False)
        root.setLevel(level)
        root.removeHandler(handler)
        handler.close()
