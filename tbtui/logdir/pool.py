"""Other processes that help with the first load, where there are many cores and much to read.

Whole files are lent to them, and what they read comes back bite by bite, as the chunks that reading here would have
made. A process that dies gives its files back: they are read here. Growth after the first load is always read here.
"""

from __future__ import annotations

import logging
import os
import pickle
import select
import subprocess
import sys
from collections.abc import Iterator, Sequence

from tbtui.logdir.files import EventFile
from tbtui.logdir.reading import Cursor, ReadRequest, ReadResult
from tbtui.logdir.worker import LENGTH, Answer, Bite, Done, encode

log = logging.getLogger(__name__)

WORTH_BYTES = 192 << 20  # what one process reads in about the time that it takes to start others
BYTES_A_WORKER = 48 << 20
MOST_WORKERS = 8  # the process that gathers everything keeps up with no more
FEWEST_CORES = 4
JOB_BYTES = 16 << 20
JOB_FILES = 256
READ_BYTES = 1 << 20
COMMAND = (sys.executable or "python3", "-c", "from tbtui.logdir.worker import main; main()")


def worth(processes: int | None, files: int, size: int) -> int:
    """How many helpers pay for reading `files` files of `size` bytes: `processes` less one if given, else by cores."""
    if processes is not None:
        return max(0, min(processes - 1, files))
    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # not every system has it
        cores = os.cpu_count() or 1
    if cores < FEWEST_CORES or size < WORTH_BYTES:
        return 0
    return min(cores - 1, MOST_WORKERS, files // 2, size // BYTES_A_WORKER)


class Helper:
    """One process, the files that are lent to it, and what came from it so far."""

    def __init__(self) -> None:
        environment = dict(os.environ, PYTHONPATH=os.pathsep.join(path for path in sys.path if path))
        self.process = subprocess.Popen(
            COMMAND,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            start_new_session=True,  # a Ctrl+C in the terminal is for the app
            env=environment,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout
        os.set_blocking(self.output.fileno(), False)
        self.lent: list[EventFile] = []
        self.received = bytearray()
        self.alive = True

    def lend(self, files: Sequence[EventFile]) -> None:
        """Lets the process read these files. It has to be idle."""
        self.lent = list(files)
        job = memoryview(encode([(number, file.path) for number, file in enumerate(files)]))
        try:
            while job:
                job = job[self.input.write(job) :]
        except OSError:
            self.alive = False

    def receive(self) -> Iterator[Bite | Done]:
        """The messages that have arrived; `alive` is false afterwards when there will be no more."""
        try:
            data = self.output.read(READ_BYTES)
        except OSError:
            data = b""
        if data is None:
            return
        if not data:
            self.alive = False
        self.received += data
        while len(self.received) >= LENGTH.size:
            end = LENGTH.size + LENGTH.unpack_from(self.received)[0]
            if len(self.received) < end:
                return
            with memoryview(self.received) as view, view[LENGTH.size : end] as body:
                message: Bite | Done = pickle.loads(body)  # from a process that we started
            del self.received[:end]
            yield message

    def close(self) -> None:
        """Ends the process."""
        self.process.kill()
        self.input.close()
        self.output.close()
        self.process.wait()


class Pool:
    """Helpers that read files which nobody has begun to read."""

    def __init__(self, count: int) -> None:
        self._helpers: list[Helper] = []
        for _ in range(count):
            try:
                self._helpers.append(Helper())
            except OSError:
                log.info("cannot start a process to help with reading", exc_info=True)
                break

    @property
    def alive(self) -> bool:
        """Whether any helper is left."""
        return bool(self._helpers)

    @property
    def working(self) -> bool:
        """Whether files are lent."""
        return any(helper.lent for helper in self._helpers)

    def idle(self) -> list[Helper]:
        """The helpers that have nothing to do."""
        return [helper for helper in self._helpers if not helper.lent]

    def collect(self, timeout: float) -> tuple[list[tuple[EventFile, ReadResult]], list[EventFile]]:
        """What arrived, waiting for at most `timeout` seconds: results, and the files that were given back.

        Cursors move as the results come. A file given back by a helper that died may have been read in part.
        """
        results: list[tuple[EventFile, ReadResult]] = []
        back: list[EventFile] = []
        working = [helper for helper in self._helpers if helper.lent]
        ready, _, _ = select.select([helper.output for helper in working], [], [], timeout) if working else ([], [], [])
        for helper in working:
            if helper.output in ready or not helper.alive:
                self._hear(helper, results, back)
        return results, back

    def _hear(self, helper: Helper, results: list[tuple[EventFile, ReadResult]], back: list[EventFile]) -> None:
        for message in helper.receive():
            if isinstance(message, Bite):
                results += translate(message, helper.lent)
            else:
                for number, offset, gap, seen in message.cursors:
                    file = helper.lent[number]
                    if file.lent:
                        file.cursor = Cursor(file.path, offset, seen, gap)
                back += helper.lent
                helper.lent = []
        if not helper.alive:
            log.info("a process that helped with reading ended early")
            for file in helper.lent:
                file.suspect = file.again = True  # perhaps one of them was the reason
            back += helper.lent
            self._helpers.remove(helper)
            helper.close()

    def close(self) -> list[EventFile]:
        """Ends all helpers; returns the files that were lent."""
        lent = [file for helper in self._helpers for file in helper.lent]
        for file in lent:
            file.again = True
        for helper in self._helpers:
            helper.close()
        self._helpers = []
        return lent


def translate(bite: Bite, lent: Sequence[EventFile]) -> list[tuple[EventFile, ReadResult]]:
    """The results that reading here would have given; moves the cursors."""
    found = []
    for one in bite.answers:
        file = lent[one.number]
        if not file.lent:
            continue
        file.cursor.offset += one.consumed
        if one.sentence and one.status is not None:
            file.verdict, file.sentence = "foreign", one.sentence
            file.remember(one.status)
        found.append((file, result_of(one, bite, file)))
    return found


def result_of(one: Answer, bite: Bite, file: EventFile) -> ReadResult:
    """An answer as a result: "more" is the helper's own business."""
    waiting = "" if one.waiting == "more" else one.waiting
    chunk = None if one.error is not None or one.sentence else bite.chunk
    request = ReadRequest(file.cursor)
    return ReadResult(
        request, one.status, one.consumed, waiting, chunk, one.span, one.first, one.last, one.error, bool(one.sentence)
    )
