"""A real writer in a process of its own: TensorBoard's, which PyTorch uses too, told what to write line by line.

with LiveWriter(directory) as writer:
    writer.open("run")
    writer.add("run", "loss", range(10), 0.5)  # flushed when the call returns
"""

import json
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path


class LiveWriter:
    """Writes runs below a directory. Every call returns when its bytes are in the file."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.support.live_writer", str(directory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )

    def open(self, *runs: str, purge_step: int | None = None) -> None:
        """Begin a new event file in each run; with `purge_step` it says that the job goes on from there."""
        self._tell("open", runs, purge_step)

    def add(self, runs: str | Sequence[str], tag: str, steps: Sequence[int], value: float) -> None:
        """Add one point for each step to a run, or to each of several: all of one value."""
        self._tell("add", [runs] if isinstance(runs, str) else runs, tag, list(steps), value)

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
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    directory = Path(sys.argv[1])
    writers: dict[str, EventFileWriter] = {}

    def begin(run: str, purge_step: int | None) -> None:
        writers[run] = EventFileWriter(str(directory / run))
        if purge_step is not None:  # as PyTorch's SummaryWriter(purge_step=...) does it
            start = SessionLog(status=SessionLog.START)
            writers[run].add_event(Event(wall_time=time.time(), step=purge_step, file_version="brain.Event:2"))
            writers[run].add_event(Event(wall_time=time.time(), step=purge_step, session_log=start))
        writers[run].flush()

    def add(run: str, tag: str, steps: list[int], value: float) -> None:
        for step in steps:
            summary = Summary(value=[Summary.Value(tag=tag, simple_value=value)])
            writers[run].add_event(Event(wall_time=time.time(), step=step, summary=summary))
        writers[run].flush()

    for line in sys.stdin:
        command, runs, *words = json.loads(line)
        for run in runs:
            if command == "open":
                begin(run, *words)
            elif command == "add":
                add(run, *words)
            else:
                writers.pop(run).close()
        print("done", flush=True)


if __name__ == "__main__":
    main()
