"""`python -m tbtui.demo DIRECTORY`: train, without a screen."""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import sys
import threading
from pathlib import Path

from tbtui.demo.options import DEFAULT_STEPS, STEPS_A_SECOND


def main(arguments: list[str] | None = None) -> int:
    """Parse the arguments and train. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m tbtui.demo", description=__doc__)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--steps", type=int, default=DEFAULT_STEPS)
    parser.add_argument("--fast", action="store_true", help="as fast as it goes")
    parser.add_argument("--leash", action="store_true", help="end when standard input is closed")
    parser.add_argument("--temporary", action="store_true", help="wait for that in any case, then remove the directory")
    options = parser.parse_args(arguments)
    closed = threading.Event()
    if options.leash or options.temporary:
        threading.Thread(target=_await_end_of_input, args=(closed,), daemon=True).start()
    with contextlib.suppress(OSError):
        os.nice(5)  # who watches goes first

    from tbtui.demo.training import train

    try:
        train(options.directory, options.steps, None if options.fast else STEPS_A_SECOND, closed)
        if options.temporary:
            closed.wait()  # the logs stay for as long as someone looks at them
    finally:
        if options.temporary:
            shutil.rmtree(options.directory, ignore_errors=True)
    return 0


def _await_end_of_input(closed: threading.Event) -> None:
    """Set the event when standard input ends, which is when the parent closes it or is gone."""
    with contextlib.suppress(OSError):
        while os.read(sys.stdin.fileno(), 4096):
            pass
    closed.set()


if __name__ == "__main__":
    raise SystemExit(main())
