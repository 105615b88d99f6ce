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
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]
Mask = npt.NDArray[np.bool_]

NO_LATER_STEP = np.iinfo(np.int64).max


@dataclass(slots=True, eq=False)
class FileSlot:
    """One event file of a run, from one birth to one death: a file that is rewritten gets a new slot.

    order: sorts the files of a run; path: where to read again; name: how problems call it;
    starts: (offset, step) of each SessionLog.START read in it, in file order;
    void: the file was cut and written anew since: all its points are superseded.
    """

    order: tuple[Any, ...]
    path: str
    name: str
    starts: list[tuple[int, int]] = field(default_factory=list)
    void: bool = False


class Piece(NamedTuple):
    """Points `begin` to `end` of some columns, read from one file.

    columns[0] are steps (int64), columns[1] wall times (float64), the rest is the series' own; offsets (int64) tell
    where in the file each point's record begins.
    """

    columns: tuple[Column, ...]
    offsets: Column
    begin: int
    end: int


class _FileColumns:
    """What one file holds of a series: columns that grow at the end, and where STARTs lie among the points."""

    __slots__ = ("_buffers", "count", "first", "pending", "slot", "starts")

    def __init__(self, slot: FileSlot) -> None:
        self.slot = slot
        self.pending: list[Piece] = []
        self.starts: list[tuple[int, int]] = []
        self.count = 0
        self.first = -1  # the offset of its first point
        self._buffers: list[Column] = []

    def settle(self) -> None:
        """Appends what is pending, in file order, and finds where new STARTs lie."""
        pending, self.pending = [piece for piece in self.pending if piece.begin < piece.end], []
        if pending:
            columns, offsets = _in_file_order(pending)
            before = self.count
            self.first = int(offsets[0]) if not before else self.first
            self._append(columns)
            for offset, step in self.slot.starts[len(self.starts) :]:
                if offset > int(offsets[-1]):
                    break
                self.starts.append((before + int(np.searchsorted(offsets, offset)), step))
        for _, step in self.slot.starts[len(self.starts) :]:
            self.starts.append((self.count, step))

    def _append(self, new: list[Column]) -> None:
        """The first time exactly what is needed; later with room, so that a tail costs what it brings."""
        count = self.count + len(new[0])
        if not self._buffers:
            self._buffers = new
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

    def columns(self) -> list[Column]:
        """Views of what there is now; later points are written behind them."""
        return [column[: self.count] for column in self._buffers]


class History:
    """Columns of one series over all files of its run.  Not locked: whoever owns it locks."""

    __slots__ = ("_files", "_live", "_whole")

    def __init__(self) -> None:
        self._files: list[_FileColumns] = []
        self._whole: tuple[Column, ...] | None = None  # all points, in order
        self._live: tuple[Column, ...] | None = None  # those that are not superseded

    def add(self, slot: FileSlot, piece: Piece) -> None:
        """Notes points that were read from a file."""
        self._columns_of(slot).pending.append(piece)
        self._whole = self._live = None

    def _columns_of(self, slot: FileSlot) -> _FileColumns:
        """What the file holds, placed among the others if it is new; quick for tens of thousands of files."""
        files = self._files
        place = bisect_left(files, slot.order, key=lambda known: known.slot.order)
        while place < len(files) and files[place].slot.order == slot.order:  # a file that was cut keeps its old slot
            if files[place].slot is slot:
                return files[place]
            place += 1
        files.insert(place, _FileColumns(slot))
        return files[place]

    def drop(self, slot: FileSlot) -> None:
        """Forgets what was read from a file that was rewritten or is gone."""
        self._files = [file for file in self._files if file.slot is not slot]
        self._whole = self._live = None

    def find_superseded_again(self) -> None:
        """To be called when a START was read somewhere in the run, or a file became void."""
        self._live = None

    def __len__(self) -> int:
        """How many points there are, superseded ones included."""
        return sum(file.count + sum(piece.end - piece.begin for piece in file.pending) for file in self._files)

    def settle(self) -> None:
        """Puts what was noted in its place, which frees the columns it shares with other series."""
        for file in self._files:
            if file.pending:
                file.settle()

    def first_place(self) -> tuple[FileSlot, int] | None:
        """The file and the offset of the record of the first point; None where there is none."""
        self.settle()
        return next(((file.slot, file.first) for file in self._files if file.count and not file.slot.void), None)

    def compact(self, known: dict[tuple[int, ...], Column], least: int) -> bool:
        """Shares the steps of files of at least so many points, see `_FileColumns`; whether anything changed."""
        self.settle()
        changed = [file.compact(known) for file in self._files if file.count >= least]
        if any(changed):
            self._whole = self._live = None
        return any(changed)

    def whole(self) -> tuple[Column, ...]:
        """Every column with all points; `()` where no point was ever read.  Never changed once given out."""
        if self._whole is None:
            self.settle()
            parts = [file.columns() for file in self._files if file.count]
            self._whole = _read_only(_joined(parts))
        return self._whole

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
        counted = [file for file in self._files if file.count]
        barriers = self._barriers(run_starts)
        if not any(file.slot.void for file in counted):
            return live_mask(whole[0], barriers)
        valid = np.concatenate([np.full(file.count, not file.slot.void) for file in counted])
        mask = live_mask(whole[0][valid], barriers)
        valid[valid] = True if mask is None else mask
        return valid

    def _barriers(self, run_starts: Sequence[FileSlot]) -> list[tuple[int, int]]:
        """(index, step) of every START of the run: points before the index are superseded from the step on."""
        barriers = []
        for number, slot in enumerate(run_starts):
            before, starts = 0, [(0, step) for _, step in slot.starts]
            for file in self._files:
                if file.slot is slot:
                    file.settle()
                    starts = file.starts
                elif file.slot.order < slot.order and not file.slot.void:
                    before += file.count
            initial = number == 0 and before == 0
            barriers += [(before + index, step) for index, step in starts[1 if initial else 0 :]]
        return barriers


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
    columns = [_cut([piece.columns[i] for piece in pieces], pieces) for i in range(wide)]
    offsets = _cut([piece.offsets for piece in pieces], pieces)
    if bool((offsets[1:] < offsets[:-1]).any()):
        order = np.argsort(offsets, kind="stable")
        columns, offsets = [column[order] for column in columns], offsets[order]
    return columns, offsets


def _cut(columns: list[Column], pieces: list[Piece]) -> Column:
    """The pieces' parts of one column, as one array of its own."""
    return np.concatenate([column[piece.begin : piece.end] for column, piece in zip(columns, pieces, strict=True)])


def _joined(parts: list[list[Column]]) -> tuple[Column, ...]:
    if len(parts) == 1:
        return tuple(parts[0])
    return tuple(np.concatenate(same) for same in zip(*parts, strict=True))


def _read_only(columns: tuple[Column, ...]) -> tuple[Column, ...]:
    for column in columns:
        column.flags.writeable = False
    return columns
