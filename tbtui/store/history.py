"""The points of one series, from every file of its run, in TensorBoard's order.

A run may have many files, any of which may grow at any time, be rewritten, or vanish.  A history therefore keeps its
points by file (`FileSlot`) and presents them as one sequence: file by file in the order of their names, and in the
order of writing within a file.  New pieces are only noted when they arrive; they are put in place (`settle`) when
somebody looks, so that reading a thousand runs does not pay for series nobody draws.

Superseded points follow the rule of TensorBoard's data server: a point supersedes every earlier point whose step is
not smaller.  Beyond it, a `SessionLog.START` supersedes every earlier point of the run from its step on, unless it is
the initial start of the run.  Nothing is forgotten: superseded points are marked, not removed.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

SHELF_FILES = 128
"""So many files at least are joined together, once there are twice as many."""

SHELF_POINTS = 100_000
"""Joined points of a shelf are kept up to so many: more are quickly joined anew, and would take memory."""

LONGEST_RECORD = 256 << 20
"""Payloads of more bytes are not read back unless it is asked for: decoding takes several times as much memory."""

NO_LATER_STEP = np.iinfo(np.int64).max


@dataclass(slots=True, eq=False)
class FileSlot:
    """One event file of a run, from one birth to one death: a file that is rewritten gets a new slot.

    order: sorts the files of a run; path: where to read again; name: how problems call it;
    starts: (offset, step) of each SessionLog.START read in it, in file order;
    void: the file was cut and written anew since: all its points are superseded;
    longest: records whose payload has more bytes are not read back from it.
    """

    order: tuple[Any, ...]
    path: str
    name: str
    starts: list[tuple[int, int]] = field(default_factory=list)
    void: bool = False
    longest: int = LONGEST_RECORD


class Piece(NamedTuple):
    """Points `begin` to `end` of some columns, read from one file.

    columns[0] are steps (int64), columns[1] wall times (float64), the rest is the series' own; offsets (int64) tell
    where in the file each point's record begins.
    """

    columns: tuple[Column, ...]
    offsets: Column
    begin: int
    end: int


class _Grown:
    """Columns that grow at the end; views that were given out stay as they are."""

    __slots__ = ("_buffers", "count")

    def __init__(self) -> None:
        self.count = 0
        self._buffers: list[Column] = []

    def append(self, new: Sequence[Column]) -> None:
        """The first time exactly what is needed; later with room, so that a tail costs what it brings."""
        count = self.count + len(new[0])
        if not self._buffers:
            self._buffers = list(new)
        else:
            kinds = [np.promote_types(old.dtype, more.dtype) for old, more in zip(self._buffers, new, strict=True)]
            full = count > len(self._buffers[0])
            if full or any(kind != old.dtype for kind, old in zip(kinds, self._buffers, strict=True)):
                capacity = count + count // 16 + 16
                grown = [np.empty(capacity, kind) for kind in kinds]
                for column, old in zip(grown, self._buffers, strict=True):
                    column[: self.count] = old[: self.count]
                self._buffers = grown
            for column, more in zip(self._buffers, new, strict=True):
                column[self.count : count] = more
        self.count = count

    def columns(self, begin: int = 0) -> list[Column]:
        """Views of what there is now, from point `begin` on; later points are written behind them."""
        return [column[begin : self.count] for column in self._buffers]


class _FileColumns(_Grown):
    """What one file holds of a series: columns that grow at the end, and where STARTs lie among the points."""

    __slots__ = ("first", "pending", "slot", "starts")

    def __init__(self, slot: FileSlot) -> None:
        super().__init__()
        self.slot = slot
        self.pending: list[Piece] = []
        self.starts: list[tuple[int, int]] = []
        self.first = -1  # the offset of its first point

    def settle(self) -> None:
        """Appends what is pending, in file order, and finds where new STARTs lie."""
        pending, self.pending = [piece for piece in self.pending if piece.begin < piece.end], []
        if pending:
            columns, offsets = _in_file_order(pending)
            before = self.count
            self.first = int(offsets[0]) if not before else self.first
            self.append(columns)
            for offset, step in self.slot.starts[len(self.starts) :]:
                if offset > int(offsets[-1]):
                    break
                self.starts.append((before + int(np.searchsorted(offsets, offset)), step))
        for _, step in self.slot.starts[len(self.starts) :]:
            self.starts.append((self.count, step))

    def compact(self, known: dict[tuple[int, ...], Column]) -> bool:
        """Shares steps with a series that has the same ones (`known`, of one run, is added to); whether it did so now.

        Shared steps have no room behind them, so the next append makes a copy of its own; the series that they came
        from may still write behind them.
        """
        steps = self._buffers[0][: self.count]
        key = (self.count, int(steps[0]), int(steps[-1]))
        shared = known.setdefault(key, steps)
        if shared.ctypes.data == steps.ctypes.data or not np.array_equal(shared, steps):
            return False
        self._buffers[0] = shared
        return True


class _Shelf:
    """Files that follow each other, and their points joined: of tens of thousands of files only the shelf that one of
    them stands on is joined anew when it brings something.

    joined: all their columns; None where they have to be joined anew.
    """

    __slots__ = ("files", "joined")

    def __init__(self, files: list[_FileColumns]) -> None:
        self.files = files
        self.joined: list[Column] | None = None

    def columns(self) -> list[Column] | None:
        """Every column with the points of all its files; None without any."""
        if self.joined is not None:
            return self.joined
        parts = [file.columns() for file in self.files if file.count]
        if len(parts) < 2:
            return parts[0] if parts else None
        joined = _joined(parts)
        self.joined = joined if len(joined[0]) <= SHELF_POINTS else None
        return joined


class History:
    """Columns of one series over all files of its run.  Not locked: whoever owns it locks."""

    __slots__ = ("_grown", "_live", "_pending", "_shelves", "_total", "_void", "_whole")

    def __init__(self) -> None:
        self._shelves: list[_Shelf] = []
        self._pending: dict[_FileColumns, None] = {}
        self._total = 0
        self._void = False  # whether any of the files may be void
        self._grown: _Grown | None = None  # the points of several files, in order; grows while the last file does
        self._whole: tuple[Column, ...] | None = None  # all points, in order
        self._live: tuple[Column, ...] | None = None  # those that are not superseded

    def add(self, slot: FileSlot, piece: Piece) -> None:
        """Notes points that were read from a file."""
        file = self._columns_of(slot)
        file.pending.append(piece)
        self._pending[file] = None
        self._total += piece.end - piece.begin
        self._whole = self._live = None

    def _columns_of(self, slot: FileSlot) -> _FileColumns:
        """What the file holds, placed among the others if it is new; quick for tens of thousands of files."""
        shelf = self._shelf_of(slot)
        files = shelf.files
        place = bisect_left(files, slot.order, key=_order)
        while place < len(files) and files[place].slot.order == slot.order:  # a file that was cut keeps its old slot
            if files[place].slot is slot:
                return files[place]
            place += 1
        file = _FileColumns(slot)
        files.insert(place, file)
        self._void |= slot.void
        if len(files) > 2 * SHELF_FILES:
            self._split(shelf)
        return file

    def _shelf_of(self, slot: FileSlot) -> _Shelf:
        """The shelf on which the file stands, or should."""
        shelves = self._shelves
        if not shelves:
            shelves.append(_Shelf([]))
        if len(shelves) == 1:
            return shelves[0]
        return shelves[min(bisect_left(shelves, slot.order, key=_last_order), len(shelves) - 1)]

    def _split(self, shelf: _Shelf) -> None:
        """Puts the later half of the files on a shelf of their own; those of the same order stay together."""
        files, place = shelf.files, SHELF_FILES
        while place < len(files) and files[place].slot.order == files[place - 1].slot.order:
            place += 1
        if place < len(files):
            self._shelves.insert(self._shelves.index(shelf) + 1, _Shelf(files[place:]))
            del files[place:]
            shelf.joined = None

    def _files(self) -> Iterator[_FileColumns]:
        """Every file, in order."""
        return (file for shelf in self._shelves for file in shelf.files)

    def drop(self, slot: FileSlot) -> None:
        """Forgets what was read from a file that was rewritten or is gone."""
        shelf = self._shelf_of(slot)
        dropped = [file for file in shelf.files if file.slot is slot]
        for file in dropped:
            shelf.files.remove(file)
            shelf.joined = None
            self._pending.pop(file, None)
            self._total -= file.count + sum(piece.end - piece.begin for piece in file.pending)
        if not shelf.files:
            self._shelves.remove(shelf)
        self._grown = self._whole = self._live = None

    def find_superseded_again(self) -> None:
        """To be called when a START was read somewhere in the run, or a file became void."""
        self._void = True
        self._live = None

    def __len__(self) -> int:
        """How many points there are, superseded ones included."""
        return self._total

    def settle(self) -> None:
        """Puts what was noted in its place, which frees the columns it shares with other series."""
        if not self._pending:
            return
        pending, self._pending = sorted(self._pending, key=_order), {}
        grown = self._grown
        last = self._last() if grown is not None else None  # looked for once: there may be tens of thousands
        for file in pending:
            before = file.count
            file.settle()
            if file.count == before:
                continue
            self._shelf_of(file.slot).joined = None
            if grown is None or last is None or not (file is last or last.slot.order < file.slot.order):
                grown = None
                continue
            grown.append(file.columns(before))
            last = file
        self._grown = grown

    def _last(self) -> _FileColumns | None:
        """The last file that has points."""
        files = (file for shelf in reversed(self._shelves) for file in reversed(shelf.files))
        return next((file for file in files if file.count), None)

    def first_place(self) -> tuple[FileSlot, int] | None:
        """The file and the offset of the record of the first point; None where there is none."""
        self.settle()
        return next(((file.slot, file.first) for file in self._files() if file.count and not file.slot.void), None)

    def compact(self, known: dict[tuple[int, ...], Column], least: int) -> bool:
        """Shares the steps of files of at least so many points, see `_FileColumns`; whether anything changed."""
        self.settle()
        changed = [file.compact(known) for file in self._files() if file.count >= least]
        if any(changed):
            self._whole = self._live = None
        return any(changed)

    def whole(self) -> tuple[Column, ...]:
        """Every column with all points; `()` where no point was ever read.  Never changed once given out."""
        if self._whole is None:
            self.settle()
            self._whole = _read_only(tuple(self._columns()))
        return self._whole

    def _columns(self) -> list[Column]:
        """All points, in order: those of the only file that has any, or those of several put behind each other."""
        if self._grown is None:
            last = self._last()
            if last is None:
                return []
            if last.count == self._total:
                return last.columns()
            self._grown = _Grown()
            self._grown.append(_joined([columns for shelf in self._shelves if (columns := shelf.columns())]))
        return self._grown.columns()

    def live(self, run_starts: Sequence[FileSlot]) -> tuple[Column, ...]:
        """Every column with the points that are not superseded; steps rise strictly.

        run_starts: the slots of the run in which a START was read, in file order.
        """
        if self._live is None:
            whole = self.whole()
            mask = self._mask(run_starts)
            self._live = whole if mask is None else _read_only(tuple(column[mask] for column in whole))
        return self._live

    def superseded(self, run_starts: Sequence[FileSlot]) -> tuple[Column, ...]:
        """Every column with the points that are superseded."""
        whole = self.whole()
        mask = self._mask(run_starts)
        if mask is None:
            return tuple(column[:0] for column in whole)
        return _read_only(tuple(column[~mask] for column in whole))

    def _mask(self, run_starts: Sequence[FileSlot]) -> Mask | None:
        """Which of the whole's points are live; None means all."""
        whole = self.whole()
        if not whole:
            return None
        barriers = self._barriers(run_starts)
        counted = [file for file in self._files() if file.count] if self._void else []
        if not any(file.slot.void for file in counted):
            return live_mask(whole[0], barriers)
        valid = np.concatenate([np.full(file.count, not file.slot.void) for file in counted])
        mask = live_mask(whole[0][valid], barriers)
        valid[valid] = True if mask is None else mask
        return valid

    def _barriers(self, run_starts: Sequence[FileSlot]) -> list[tuple[int, int]]:
        """(index, step) of every START of the run: points before the index are superseded from the step on."""
        barriers: list[tuple[int, int]] = []
        if not run_starts:
            return barriers
        files = list(self._files())
        file_of = {file.slot: file for file in files}
        place = before = 0
        for number, slot in enumerate(run_starts):
            while place < len(files) and files[place].slot.order < slot.order:
                before += 0 if files[place].slot.void else files[place].count
                place += 1
            starts = [(0, step) for _, step in slot.starts]
            own = file_of.get(slot)
            if own is not None:
                own.settle()
                starts = own.starts
            initial = number == 0 and before == 0
            barriers += [(before + index, step) for index, step in starts[1 if initial else 0 :]]
        return barriers


def _order(file: _FileColumns) -> tuple[Any, ...]:
    return file.slot.order


def _last_order(shelf: _Shelf) -> tuple[Any, ...]:
    return shelf.files[-1].slot.order


def live_mask(steps: Column, barriers: Iterable[tuple[int, int]] = ()) -> Mask | None:
    """Which points are not superseded, bool[n]; None means all of them.

    A point goes when a later point, or a barrier at a later index, has a step that is not larger.
    """
    count = len(steps)
    barriers = [(index, step) for index, step in barriers if index]
    if not barriers and bool((steps[1:] > steps[:-1]).all()):
        return None
    bound = np.full(count, NO_LATER_STEP, np.int64)
    bound[:-1] = steps[1:]
    for index, step in barriers:
        bound[index - 1] = min(int(bound[index - 1]), step)
    bound = np.minimum.accumulate(bound[::-1])[::-1]
    mask: Mask = steps < bound
    if count and all(index < count for index, _ in barriers):
        mask[-1] = True  # nothing comes after it, even if its step is the largest there is
    return None if mask.all() else mask


def _in_file_order(pieces: list[Piece]) -> tuple[list[Column], Column]:
    """The columns and offsets of pieces of one file, each point once, as the file has them."""
    if len(pieces) > 1:
        pieces.sort(key=lambda piece: int(piece.offsets[piece.begin]))
    wide = len(pieces[0].columns)
    if len(pieces) == 1 and _is_all_there_is(pieces[0]):
        columns, offsets = list(pieces[0].columns), pieces[0].offsets
    else:
        columns = [_cut([piece.columns[i] for piece in pieces], pieces) for i in range(wide)]
        offsets = _cut([piece.offsets for piece in pieces], pieces)
    if bool((offsets[1:] < offsets[:-1]).any()):
        order = np.argsort(offsets, kind="stable")
        columns, offsets = [column[order] for column in columns], offsets[order]
    return columns, offsets


def _is_all_there_is(piece: Piece) -> bool:
    """Whether the arrays hold nothing but the piece, and are parts of no others: then they are kept as they are."""
    return piece.begin == 0 and all(column.base is None and len(column) == piece.end for column in piece.columns)


def _cut(columns: list[Column], pieces: list[Piece]) -> Column:
    """The pieces' parts of one column, as one array of its own."""
    return np.concatenate([column[piece.begin : piece.end] for column, piece in zip(columns, pieces, strict=True)])


def _joined(parts: Sequence[list[Column]]) -> list[Column]:
    if len(parts) == 1:
        return parts[0]
    return [np.concatenate(same) for same in zip(*parts, strict=True)]


def _read_only(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    for column in columns:
        column.flags.writeable = False
    return columns
