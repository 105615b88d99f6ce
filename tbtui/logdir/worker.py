"""A process that reads event files for another one: jobs come in on standard input, what was read goes out.

Started by `tbtui.logdir.pool` as `python -c`, not through multiprocessing, which would run the user's script again.
Messages in both directions are pickles behind their length (8 bytes, little endian). A job is a list of (number, path).
The answers are a `Bite` for each bite and, when all files of the job are read, a `Done`.
"""

from __future__ import annotations

import os
import pickle
import stat
import struct
import sys
from dataclasses import dataclass
from typing import BinaryIO, NamedTuple

from tbtui.events.chunk import Chunk
from tbtui.logdir.files import sniff
from tbtui.logdir.reading import BiteReader, Cursor, ReadRequest, ReadResult

LENGTH = struct.Struct("<Q")
BITE_BYTES = 6 << 20
MOST_IDLE_BITES = 8

Job = list[tuple[int, str]]


class Answer(NamedTuple):
    """What became of one file in a bite; as `ReadResult`, with the file's number instead of the request.

    `sentence` says what a file is that is no event file.
    """

    number: int
    status: os.stat_result | None
    consumed: int
    waiting: str
    span: int
    first: bytes
    last: bytes
    error: OSError | None
    sentence: str


class Bite(NamedTuple):
    """What was read in one go; the chunk is shared by the answers."""

    answers: list[Answer]
    chunk: Chunk | None


class Done(NamedTuple):
    """All files of the job are read: for each its number, and the state of its cursor."""

    cursors: list[tuple[int, int, int | None, set[str]]]


@dataclass(slots=True)
class Task:
    """A file of a job."""

    number: int
    cursor: Cursor
    sentence: str = ""
    idle_bites: int = 0

    def check(self, descriptor: int, status: os.stat_result) -> bool:
        """Refuses what is no event file."""
        if not stat.S_ISREG(status.st_mode):
            self.sentence = "not a regular file"
        elif self.cursor.offset == 0 and self.cursor.gap is None:
            self.sentence = sniff(descriptor) or ""
        return not self.sentence


def encode(message: Job | Bite | Done) -> bytes:
    """A message as it goes through a pipe."""
    body = pickle.dumps(message, 5)
    return LENGTH.pack(len(body)) + body


def read_job(source: BinaryIO) -> Job | None:
    """The next job, or None when there will be none."""
    head = source.read(LENGTH.size)
    if len(head) < LENGTH.size:
        return None
    body = source.read(LENGTH.unpack(head)[0])
    job: Job = pickle.loads(body)  # from the process that started this one
    return job


def do(job: Job, reader: BiteReader, sink: BinaryIO) -> None:
    """Reads the files of a job to their present ends."""
    tasks = [Task(number, Cursor(path)) for number, path in job]
    left = tasks
    while left:
        results = reader.read([ReadRequest(task.cursor, task.check) for task in left], BITE_BYTES)
        answered = list(zip(left, results, strict=False))
        chunk = next((result.chunk for result in results if result.chunk is not None), None)
        sink.write(encode(Bite([answer(task, result) for task, result in answered], chunk)))
        sink.flush()
        left = [task for task, result in answered if goes_on(task, result)] + left[len(results) :]
    ends = [(task.number, task.cursor.offset, task.cursor.gap, task.cursor.seen) for task in tasks]
    sink.write(encode(Done(ends)))
    sink.flush()


def answer(task: Task, result: ReadResult) -> Answer:
    """A result as it is sent."""
    error = None if result.error is None else type(result.error)(*result.error.args)
    return Answer(
        task.number,
        result.status,
        result.consumed,
        result.waiting,
        result.span,
        result.first,
        result.last,
        error,
        task.sentence,
    )


def goes_on(task: Task, result: ReadResult) -> bool:
    """Whether there is more to read of a file."""
    task.idle_bites = 0 if result.consumed else task.idle_bites + 1
    return result.waiting == "more" and task.idle_bites < MOST_IDLE_BITES


def main() -> None:
    """Works until standard input ends or nobody takes the answers any more."""
    reader = BiteReader()
    try:
        while (job := read_job(sys.stdin.buffer)) is not None:
            do(job, reader, sys.stdout.buffer)
    except BrokenPipeError:
        os._exit(0)
