"""The demo's training in a process of its own, which never touches the terminal and never outlives the app."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from types import TracebackType

from tbtui.demo.options import DEFAULT_STEPS

_PATIENCE = 3.0  # seconds that a process which was told to end may take


class DemoError(Exception):
    """The demo cannot begin; the text says why."""


class Training:
    """A training process, as a context: it trains while the block runs, and is gone after it.

        with Training(keep=None) as training:
            look_at(training.directory)

    The process reads its standard input, a pipe that only this object holds open: when the pipe closes, for whatever
    reason (even SIGKILL), the training ends and removes its temporary directory.

    Args:
        keep: Where the logs are written and stay; None: a temporary directory that is removed at the end.
        steps: How many training steps.
        fast: As fast as it goes, instead of a few steps a second.

    Raises:
        DemoError: `keep` holds something already, or cannot be made.
    """

    def __init__(
        self, keep: str | os.PathLike[str] | None = None, steps: int = DEFAULT_STEPS, fast: bool = False
    ) -> None:
        self._temporary = keep is None
        self.directory = Path(tempfile.mkdtemp(prefix="tbtui-demo-")) if keep is None else prepare(keep)
        """The log directory."""
        arguments = [str(self.directory), "--steps", str(steps), "--leash"]
        arguments += ["--fast"] if fast else []
        arguments += ["--temporary"] if self._temporary else []
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115 - closed by stop()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tbtui.demo", *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=self._errors,
            env={**os.environ, **_ENVIRONMENT},
            start_new_session=True,  # the terminal's signals are not for it
        )

    @property
    def running(self) -> bool:
        """Whether it is still training."""
        return self._process.poll() is None

    def stop(self) -> str | None:
        """End the training and clean up; None, or what went wrong in the training. May be called again."""
        if self._process.stdin is not None:
            self._process.stdin.close()
        try:
            self._process.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        if self._temporary:
            shutil.rmtree(self.directory, ignore_errors=True)
        if self._errors.closed:
            return None
        self._errors.seek(0)
        said = self._errors.read().decode(errors="replace").strip().splitlines()
        self._errors.close()
        return said[-1] if self._process.returncode and said else None

    def __enter__(self) -> Training:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()


_ENVIRONMENT = dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"), "1")
"""Environment of the training: such small matrices gain nothing from threads, and the app needs the cores."""


def prepare(keep: str | os.PathLike[str]) -> Path:
    """Make the directory that is to keep the logs; DemoError where that fails or it holds something already."""
    directory = Path(keep)
    try:
        directory.mkdir(parents=True, exist_ok=True)
        occupied = any(directory.iterdir())
    except OSError as error:
        raise DemoError(f"{directory}: {error.strerror}") from error
    if occupied:
        raise DemoError(f"{directory} is not empty; --keep wants a directory of its own")
    return directory
