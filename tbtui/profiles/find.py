"""Which captures lie in a directory, and reading one of them."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from tbtui.logdir.listing import SKIPPED, TORCH_TRACE, describe_capture, describe_file, list_directory
from tbtui.profiles.cache import SMALLEST_BYTES, ProfileCache
from tbtui.profiles.model import BadProfile, Profile

READABLE = frozenset(("torch_trace", "trace", "xplane"))
"""Kinds of files that become a profile; the others are named only."""

MOST_BYTES = 4 << 30  # of an XLA capture: decoding takes several times as much memory
_HEAD_BYTES = 1 << 16  # that tell what wrote a trace


@dataclass(frozen=True, slots=True)
class CaptureFile:
    """A file of a capture: where it lies, which session, host or worker it is of, and its kind ("torch_trace", ...);
    `modified`: seconds since 1970."""

    path: str
    session: str
    host: str
    tool: str
    modified: float
    size: int


def find_captures(path: str) -> list[CaptureFile]:
    """The captures in a directory and all below it, newest first; or the one that `path` is, whatever its name.

    Directories that cannot be listed are passed over. Raises OSError where `path` itself cannot be looked at.
    """
    status = os.stat(path)
    if not os.path.isdir(path):
        known = describe_file(path)
        return [CaptureFile(path, known.session, known.host, known.tool, status.st_mtime, status.st_size)]
    found = []
    for folder, folders, _ in os.walk(path):
        folders[:] = sorted(name for name in folders if name not in SKIPPED)
        try:
            listing = list_directory(folder)
        except OSError:  # as a walk does: what can't be listed holds nothing for us
            continue
        for name in listing.captures:
            capture = describe_capture(folder, os.path.relpath(folder, path), name)
            file = os.path.join(folder, name)
            if capture is not None:
                state = os.stat(file)
                host = capture.host if capture.run == "." else f"{capture.run}/{capture.host}"
                found.append(CaptureFile(file, capture.session, host, capture.tool, state.st_mtime, state.st_size))
    return sorted(_without_twins(found), key=lambda one: (-one.modified, one.path))


def _without_twins(found: list[CaptureFile]) -> list[CaptureFile]:
    """JAX and TensorFlow write a trace for a viewer beside what they captured: the same once more, shortened."""
    whole = {(os.path.dirname(one.path), one.host) for one in found if one.tool == "xplane"}
    return [one for one in found if one.tool != "trace" or (os.path.dirname(one.path), one.host) not in whole]


def session_files(path: str, files: Iterable[str]) -> list[str]:
    """Of the captures `files` those of other hosts or workers that were made together with `path`, and itself: those in
    the same directory, one of each worker. A worker of PyTorch may have several there, each later than the one before:
    the k-th of every worker belong together. Sorted."""
    folder, tool = os.path.dirname(path), _is_torch(path)
    workers: dict[str, list[str]] = {}
    for file in sorted({path, *files}, key=_age):
        if os.path.dirname(file) == folder and _is_torch(file) == tool:
            workers.setdefault(_worker(file), []).append(file)
    place = workers[_worker(path)].index(path)
    return sorted(each[place] for each in workers.values() if place < len(each))


def _is_torch(path: str) -> bool:
    return TORCH_TRACE.match(os.path.basename(path)) is not None


def _worker(path: str) -> str:
    name = os.path.basename(path)
    torch = TORCH_TRACE.match(name)
    return torch["worker"] if torch else name


def _age(path: str) -> tuple[int, str]:
    """The number in a name of PyTorch's, which is a time since 1970; 0 where there is none."""
    torch = TORCH_TRACE.match(os.path.basename(path))
    return (int(torch[2][1:]) if torch and torch[2] else 0), path


def read_capture(
    capture: CaptureFile, progress: Callable[[int], None] = lambda _: None, cache: ProfileCache | None = None
) -> Profile:
    """Reads a capture; a Chrome trace is left in the cache, and taken out of it where it is there. An XLA capture is
    decoded about as quickly as it would be loaded, so it is not kept.

    `progress` is called with how many bytes of the file were read so far; what it raises ends the reading. Raises
    BadProfile, with the reason in words, where reading is not possible.
    """
    if capture.tool not in READABLE:
        raise BadProfile(f"captures of the kind {capture.tool!r} are not read yet")
    try:
        if capture.tool == "xplane":
            return _read_xplane(capture, progress)
        with open(capture.path, "rb") as file:
            if capture.tool == "trace" and capture.size <= MOST_BYTES:
                from tbtui.profiles.chrome.viewer import is_viewer_trace, read_viewer_trace

                if is_viewer_trace(file.read(_HEAD_BYTES)):
                    file.seek(0)
                    return read_viewer_trace(file.read())
                file.seek(0)
            from tbtui.profiles.chrome.trace import read_chrome_file

            if cache is None or capture.size < SMALLEST_BYTES:
                return read_chrome_file(file, tempfile.TemporaryFile(), progress)  # it is read later
            known = cache.find(capture.path)
            if known is not None:
                return known
            return cache.read(capture.path, lambda store: read_chrome_file(file, store, progress))
    except OSError as error:
        raise BadProfile(error.strerror or str(error)) from None
    except MemoryError:
        raise BadProfile("there is not enough memory to read the trace") from None


def _read_xplane(capture: CaptureFile, progress: Callable[[int], None]) -> Profile:
    if capture.size > MOST_BYTES:
        raise BadProfile(f"a trace of {capture.size} bytes is too long to be read")
    from tbtui.profiles.xla.capture import read_xplane
    from tbtui.profiles.xla.source import InFile

    return read_xplane(InFile(capture.path), progress)
