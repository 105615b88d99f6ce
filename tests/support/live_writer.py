"""A real writer in a process of its own: tensorboardX, told what to write line by line.

with LiveWriter(directory) as writer:
    writer.open("run")
    writer.add("run", "loss", range(10), 0.5)  # flushed when the call returns
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path


class LiveWriter:
    """Writes runs below a directory through tensorboardX. Every call returns when its bytes are in the file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.live_writer", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def open(self, *runs: str, suffix: str = "", purge_step: int | None = None) -> None:
        """Begin a new event file in each run. tensorboardX names files by the second: another file needs a suffix."""
        self._tell("open", runs, suffix, purge_step)

    def add(self, run: str, tag: str, steps: Sequence[int], value: float) -> None:
        """Add one point for each step, all of one value."""
        self._tell("add", run, tag, list(steps), value)

    def fill(self, runs: Sequence[str], tag: str, steps: Sequence[int], value: float) -> None:
        """The same in many runs."""
        self._tell("fill", runs, tag, list(steps), value)

    def close(self, *runs: str) -> None:
        """Close the files of runs."""
        self._tell("close", runs)

    def _tell(self, *words: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(words) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        assert answer == "done\n", f"the writer ended while told {words}"

    def __enter__(self) -> "LiveWriter":
        return self

    def __exit__(self, *exception: object) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(30)
        assert self._process.stdout is not None
        self._process.stdout.close()


def main() -> None:
    """The process: obeys one line of standard input after the other."""
    from tensorboardX import SummaryWriter

    directory = Path(sys.argv[1])
    writers: dict[str, SummaryWriter] = {}

    def add(run: str, tag: str, steps: list[int], value: float) -> None:
        for step in steps:
            writers[run].add_scalar(tag, value, step)
        writers[run].flush()

    for line in sys.stdin:
        command, *words = json.loads(line)
        if command == "open":
            runs, suffix, purge_step = words
            for run in runs:
                writers[run] = SummaryWriter(str(directory / run), purge_step=purge_step, filename_suffix=suffix)
                writers[run].flush()
        elif command == "add":
            add(*words)
        elif command == "fill":
            for run in words[0]:
                add(run, *words[1:])
        else:
            for run in words[0]:
                writers.pop(run).close()
        print("done", flush=True)


if __name__ == "__main__":
    main()
