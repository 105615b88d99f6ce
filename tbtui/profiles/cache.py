"""Profiles that were read once, kept in files of their own, so that they open at once the next time.

A file holds what is told of the spans (JSON, as it stood in the capture), the columns of the profile, a header in JSON
that says what is where, and a foot with the sum of header and columns. Nothing in it is ever executed; one that is
damaged, or of another version of the program, is as good as none.
"""

from __future__ import annotations

import contextlib
import hashlib
import mmap
import os
import struct
import tempfile
import zlib
from collections.abc import Callable
from dataclasses import fields
from typing import IO, Any

import msgspec
import numpy as np
from numpy.typing import NDArray

from tbtui.profiles.model import Lane, Launch, Memory, Profile, Spans
from tbtui.profiles.told import Told

VERSION = 1
"""Grows whenever the same capture would give another profile."""
SMALLEST_BYTES = 256 << 10
"""Captures shorter than this are read as quickly as they are looked up."""
MOST_BYTES = 1 << 30
"""All files together; those that were used longest ago go first."""

_SUFFIX, _UNFINISHED = ".profile", ".new"
_STALE = 3600.0  # seconds after which an unfinished file is one that its writer left behind
_FOOT = struct.Struct("<8sQQI")  # a word, where the columns begin, where the header begins, sum of both
_WORD = b"tbtuiPRF"


class _Header(msgspec.Struct):
    writer: str
    lanes: list[Lane]
    names: list[str]
    devices: dict[int, str]
    device_bytes: dict[int, int]
    rank: int | None
    world_size: int | None
    begin_ns: int | None
    problems: list[str]
    launches: list[Launch]
    columns: list[tuple[str, str, int]]  # name, type, length


class ProfileCache:
    """Profiles in the files of a folder, which is made when the first of them is written."""

    def __init__(self, folder: str, most_bytes: int = MOST_BYTES) -> None:
        self._folder, self._most_bytes = folder, most_bytes

    def find(self, path: str) -> Profile | None:
        """What was read of a capture before; None where it was not, or the capture has changed since."""
        try:
            file = self._file(path)
            profile = _load(file)
            os.utime(file)
        except (OSError, ValueError, struct.error, msgspec.MsgspecError):
            return None
        return profile

    def read(self, path: str, read: Callable[[IO[bytes]], Profile]) -> Profile:
        """Reads a capture and keeps the profile. `read` gets a file for what is told of spans; one that is gone
        afterwards where the folder can't be written to. Raises what `read` raises."""
        try:
            target = self._file(path)
            os.makedirs(self._folder, mode=0o700, exist_ok=True)
            store = tempfile.NamedTemporaryFile(dir=self._folder, suffix=_UNFINISHED, delete=False)  # noqa: SIM115
        except OSError:
            return read(tempfile.TemporaryFile())  # the profile reads it
        try:
            profile = read(store)
            with contextlib.suppress(OSError):  # a full disk: then it is not kept
                if _save(profile, store):
                    os.replace(store.name, target)
                    self._make_room()
        finally:
            with contextlib.suppress(OSError):
                os.unlink(store.name)
        return profile

    def _file(self, path: str) -> str:
        """Where the profile of a capture lies: what tells it from any other, and from itself after a change."""
        status = os.stat(path)
        identity = (VERSION, os.path.realpath(path), status.st_size, status.st_mtime_ns, status.st_ino)
        return os.path.join(self._folder, hashlib.sha256(repr(identity).encode()).hexdigest()[:32] + _SUFFIX)

    def _make_room(self) -> None:
        kept: list[tuple[float, int, str]] = []
        newest = 0.0
        with os.scandir(self._folder) as entries:
            for entry in entries:
                status = entry.stat()
                newest = max(newest, status.st_mtime)
                if entry.name.endswith((_SUFFIX, _UNFINISHED)):
                    kept.append((status.st_mtime, status.st_size, entry.path))
        left = sum(size for _, size, _ in kept)
        for used, size, file in sorted(kept):
            stale = file.endswith(_UNFINISHED) and used < newest - _STALE
            if stale or (left > self._most_bytes and file.endswith(_SUFFIX)):
                with contextlib.suppress(OSError):
                    os.unlink(file)
                    left -= size


def _columns(profile: Profile, told: Told) -> dict[str, NDArray[Any]]:
    columns = {
        **{f"spans.{each.name}": getattr(profile.spans, each.name) for each in fields(Spans)},
        **{f"memory.{each.name}": getattr(profile.memory, each.name) for each in fields(Memory)},
        "launch": profile.launch,
        "told.starts": told.starts,
        "told.lengths": told.lengths,
    }
    return dict(sorted(columns.items(), key=lambda one: -one[1].itemsize))  # so that all of them are aligned


def _save(profile: Profile, store: IO[bytes]) -> bool:
    """Writes all but what is told behind that, to the same file; whether that was possible."""
    told = profile.details
    if not isinstance(told, Told) or told.store is not store or profile.marks or profile.operations:
        return False
    columns = _columns(profile, told)
    header = _Header(
        profile.writer,
        profile.lanes,
        profile.names,
        profile.devices,
        profile.device_bytes,
        profile.rank,
        profile.world_size,
        profile.begin_ns,
        profile.problems,
        profile.launches,
        [(name, column.dtype.str, len(column)) for name, column in columns.items()],
    )
    begin = store.seek(0, os.SEEK_END)
    begin += store.write(b"\0" * (-begin % 8))
    summed = 0
    for part in (*columns.values(), None):
        if part is None:
            text = msgspec.json.encode(header)
            at = store.tell()
        else:
            text = np.ascontiguousarray(part).tobytes()
        summed = zlib.crc32(text, summed)
        store.write(text)
    store.write(_FOOT.pack(_WORD, begin, at, summed))
    store.flush()
    return True


def _load(path: str) -> Profile:
    """Raises ValueError, OSError, struct.error or msgspec's errors where the file is not what it should be."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    foot = len(data) - _FOOT.size
    word, begin, at, summed = _FOOT.unpack(data[max(foot, 0) :])
    if word != _WORD or not begin <= at <= foot or zlib.crc32(memoryview(data)[begin:foot]) != summed:
        raise ValueError("the file is damaged")
    header = msgspec.json.decode(data[at:foot], type=_Header)
    columns: dict[str, NDArray[Any]] = {}
    place = begin
    for name, kind, length in header.columns:
        columns[name] = np.frombuffer(data, np.dtype(kind), length, place)
        place += columns[name].nbytes
    told = Told.of(memoryview(data)[:begin], columns["told.starts"], columns["told.lengths"])
    return Profile(
        header.writer,
        header.lanes,
        header.names,
        Spans(*(columns[f"spans.{each.name}"] for each in fields(Spans))),
        Memory(*(columns[f"memory.{each.name}"] for each in fields(Memory))),
        header.devices,
        header.device_bytes,
        header.rank,
        header.world_size,
        header.begin_ns,
        header.problems,
        told,
        launch=columns["launch"],
        launches=header.launches,
    )
