"""Reads the files that have something to read, the most wanted first, a bite at a time."""

from __future__ import annotations

import heapq
import logging
from collections.abc import Callable
from itertools import count

from tbtui.events.problem import Problem
from tbtui.events.record import HEADER_BYTES
from tbtui.logdir.files import FIRST_RETRY, EventFile
from tbtui.logdir.identity import advance
from tbtui.logdir.pool import JOB_BYTES, JOB_FILES, Pool, worth
from tbtui.logdir.reading import BiteReader, Cursor, ReadRequest, ReadResult
from tbtui.logdir.updates import FileChunk, FileGone, FileReset, ResetCause, Trouble, TroubleOver, Update

log = logging.getLogger(__name__)

BITE_BYTES = 6 << 20
MOST_FILES = 512  # opened in one bite
TURN_BYTES = 64 << 20  # so much of a file is read before others of its rank have their turn
MOST_IDLE_BITES = 8  # a file that says "more" and yields nothing so often is left alone until it changes

REASONS: dict[ResetCause, str] = {
    "truncated": "the file was cut or rewritten in place: it is read again",
    "replaced": "the file was replaced by another one: it is read again",
    "repointed": "the link to its directory leads elsewhere now",
}
ZEROS = "zero bytes where the next record should be: not written yet, or lost in a crash; waiting"


class Loader:
    """What waits to be read. `bytes_read` of `bytes_found` count over all files that are accounted for."""

    def __init__(self, reader: BiteReader, clock: Callable[[], float]) -> None:
        self.bytes_read = 0
        self.bytes_found = 0
        self._reader = reader
        self._clock = clock
        self._heap: list[tuple[tuple[bool, int, float], int, EventFile]] = []
        self._counter = count()
        self._preferred: frozenset[str] = frozenset()
        self._unwanted: frozenset[str] = frozenset()
        self._aside: dict[EventFile, None] = {}
        self._pool: Pool | None = None

    @property
    def busy(self) -> bool:
        """Whether anything waits to be read."""
        return bool(self._heap or self._pool)

    def get_help(self, processes: int | None) -> None:
        """Starts other processes to read what waits now, if that pays (`pool.worth`)."""
        helpers = worth(processes, len(self._heap), self.bytes_found - self.bytes_read)
        if helpers and self._pool is None:
            self._pool = Pool(helpers)

    def release(self) -> None:
        """Gives back the memory that is only kept for the next bite."""
        self._reader.release()

    def close(self) -> None:
        """Ends the processes that help; what they had not read waits to be read here."""
        if self._pool is not None:
            self._take_back(self._pool.close())
            self._pool = None

    def add(self, file: EventFile) -> None:
        """Reads a file as soon as its turn comes."""
        if file.run in self._unwanted:
            self._aside[file] = None
            self.account(file, file.size, file.size)  # nothing of it is waited for
        elif not file.pending:
            file.pending = True
            heapq.heappush(self._heap, (self._rank(file), next(self._counter), file))

    def prefer(self, runs: frozenset[str]) -> None:
        """Reads these runs before all others."""
        self._preferred = runs
        self._heap = [(self._rank(file), number, file) for _, number, file in self._heap]
        heapq.heapify(self._heap)

    def leave_out(self, runs: frozenset[str]) -> None:
        """Does not read these runs from now on, and reads on in those that were left out and are not any more."""
        if runs == self._unwanted:
            return
        self._unwanted = runs
        waiting = self._heap
        self._heap = [entry for entry in waiting if entry[2].run not in runs]
        heapq.heapify(self._heap)
        for _, _, file in waiting:
            if file.run in runs:
                file.pending = False
                self.add(file)
        for file in [file for file in self._aside if file.run not in runs]:
            del self._aside[file]
            if not file.gone:
                self.account(file, file.size, file.cursor.offset)
                self.add(file)

    def account(self, file: EventFile, size: int, done: int) -> None:
        """Notes how many bytes a file has, and how many of them are dealt with."""
        self.bytes_found += size - file.size
        self.bytes_read += done - file.done
        file.size, file.done = size, done

    def work(self, deadline: float, updates: list[Update]) -> None:
        """Reads one bite at least, and more until the clock shows `deadline`."""
        while self.busy:
            if self._heap:
                self.bite(updates)
            if self._pool is not None:
                self._share(self._pool, 0.0 if self._heap else max(0.0, deadline - self._clock()), updates)
            if self._reader.cut_short or self._clock() >= deadline:
                return

    def bite(self, updates: list[Update]) -> None:
        """Reads up to a buffer full, of one file or of many."""
        files = self._choose(BITE_BYTES, MOST_FILES)
        places = [(file.cursor.offset, file.cursor.gap) for file in files]
        try:
            results = self._reader.read([ReadRequest(file.cursor, file.check) for file in files], BITE_BYTES)
        except Exception as error:  # the fault of one file must not keep the others from being read
            log.exception("reading failed: %r", [file.path for file in files])
            self._went_wrong(files, places, error, updates)
            return
        for file, result in zip(files, results, strict=False):
            self._absorb(file, result, updates)
        for file in files[len(results) :]:
            self.add(file)

    def _rank(self, file: EventFile) -> tuple[bool, int, float]:
        return file.run not in self._preferred, file.cursor.offset // TURN_BYTES, -file.modified

    def _choose(self, room: int, most: int, lend: bool = False) -> list[EventFile]:
        """Takes the next files from the heap, at most so many and about so many bytes. To be lent are only files that
        nobody has begun to read."""
        files: list[EventFile] = []
        unfit: list[tuple[tuple[bool, int, float], int, EventFile]] = []
        while self._heap and room > 0 and len(files) < most:
            entry = heapq.heappop(self._heap)
            file = entry[2]
            if file.gone:
                file.pending = False
            elif (lend and (file.suspect or file.identity is not None)) or (file.suspect and files):
                unfit.append(entry)
            else:
                file.pending = False
                files.append(file)
                room -= max(0, file.size - file.cursor.offset)
                if file.suspect:
                    break
        for entry in unfit:
            heapq.heappush(self._heap, entry)
        return files

    def _share(self, pool: Pool, timeout: float, updates: list[Update]) -> None:
        """Takes what the helpers have read, waiting up to `timeout` seconds, and gives them more to do."""
        results, back = pool.collect(timeout)
        for file, result in results:
            self._absorb(file, result, updates)
        self._take_back(back)
        for helper in pool.idle():
            files = self._choose(JOB_BYTES, JOB_FILES, lend=True)
            if files:
                helper.lend(files)
                for file in files:
                    file.pending = file.lent = True
        if not pool.working and (not self._heap or not pool.alive):
            self.close()

    def _take_back(self, files: list[EventFile]) -> None:
        """Files that were lent: what was told of them stands; those that a helper could not finish wait here."""
        for file in files:
            file.pending = file.lent = False
            if file.again and not file.gone:
                file.cursor = Cursor(file.path, file.cursor.offset)
                self.add(file)

    def _went_wrong(
        self, files: list[EventFile], places: list[tuple[int, int | None]], error: Exception, updates: list[Update]
    ) -> None:
        """Decoding raised: puts the cursors back where they were; from now on each of the files is read by itself."""
        for file, (offset, gap) in zip(files, places, strict=True):
            file.cursor = Cursor(file.path, offset, set(), gap)
            file.again = True
            if file.suspect or len(files) == 1:
                what = "not enough memory" if isinstance(error, MemoryError) else f"{type(error).__name__}: {error}"
                self.troubled(file, f"reading failed: {what}", updates)
            else:
                self.add(file)
            file.suspect = True

    def _absorb(self, file: EventFile, result: ReadResult, updates: list[Update]) -> None:
        """Turns what became of a request into updates, and decides when to look at the file again."""
        if result.error is not None:
            self._failed(file, result.error, updates)
        elif result.refused:
            self._refused(file, updates)
        else:
            self._read(file, result, updates)

    def _failed(self, file: EventFile, error: OSError, updates: list[Update]) -> None:
        if isinstance(error, (FileNotFoundError, NotADirectoryError)):
            self.vanished(file, updates)
            return
        self.troubled(file, f"cannot be read: {error.strerror or error}", updates)

    def troubled(self, file: EventFile, reason: str, updates: list[Update]) -> None:
        """A file that cannot be read for now; it is tried again, ever more rarely."""
        file.retry_later()
        self._tell_trouble(file, None, reason, updates)

    def _tell_trouble(self, file: EventFile, offset: int | None, reason: str, updates: list[Update]) -> None:
        problem = Problem(file.name, offset, reason)
        if file.trouble != problem:
            file.trouble = problem
            updates.append(Trouble(problem))

    def _relieved(self, file: EventFile, updates: list[Update]) -> None:
        if file.trouble is not None:
            file.trouble = None
            updates.append(TroubleOver(file.name))

    def vanished(self, file: EventFile, updates: list[Update], renamed: bool = False) -> None:
        """The file is no longer there."""
        if file.gone and not renamed:
            return
        file.gone = file.left = True
        file.failed = None  # should the same file be back, it is to be read
        self.account(file, file.cursor.offset, file.cursor.offset)
        self._relieved(file, updates)
        updates.append(FileGone(file.run, file.name, renamed))

    def _refused(self, file: EventFile, updates: list[Update]) -> None:
        if file.verdict == "foreign":
            self._tell_trouble(file, None, file.sentence, updates)
            self.account(file, file.size, file.size)
        elif file.verdict == "truncated" or file.verdict == "replaced":
            self.reset(file, file.verdict, updates)
            self.add(file)

    def reset(self, file: EventFile, cause: ResetCause, updates: list[Update]) -> None:
        """Takes back all that was told of a file; it is to be read from its first byte."""
        self.account(file, file.size, 0)
        if file.told:
            updates.append(FileReset(file.run, file.name, REASONS[cause], cause))
        self._relieved(file, updates)
        file.restart()

    def _read(self, file: EventFile, result: ReadResult, updates: list[Update]) -> None:
        status, chunk = result.status, result.chunk
        if status is None or chunk is None:
            raise AssertionError("an answer without error has a status and a chunk")
        file.remember(status)
        file.identity = advance(file.identity, status, result.consumed, result.first, result.last)
        self.account(file, status.st_size, file.cursor.offset)
        if result.consumed:
            file.retry_after = FIRST_RETRY
        unwritten = result.waiting == "zeros"
        if unwritten:
            file.retry_later()
        if unwritten and status.st_size - file.cursor.offset >= HEADER_BYTES:  # less may be the beginning of a header
            self._tell_trouble(file, file.cursor.offset, ZEROS, updates)
        else:
            self._relieved(file, updates)
        if result.consumed or any(problem[0] == result.span for problem in chunk.problems):
            file.told = True
            updates.append(FileChunk(file.run, file.name, chunk, result.span))
        if result.waiting == "more":
            file.idle_bites = 0 if result.consumed else file.idle_bites + 1
            if file.idle_bites < MOST_IDLE_BITES:
                file.again = True
                self.add(file)
