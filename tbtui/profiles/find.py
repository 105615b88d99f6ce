"""Which captures lie in a directory, and reading one of them."""

from __future__ import annotations

import os
from dataclasses import dataclass

from tbtui.logdir.listing import SKIPPED, describe_capture, list_directory
from tbtui.profiles.model import BadProfile, Profile

READABLE = frozenset(("torch_trace", "trace", "xplane"))
"""Kinds of files that become a profile; the others are named only."""

MOST_BYTES = 4 << 30  # of a file: decoding takes several times as much memory


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
        folder, name = os.path.split(os.path.abspath(path))
        known = describe_capture(folder, ".", name)
        kind = "xplane" if name.endswith(".xplane.pb") else "torch_trace"
        session, host, tool = (known.session, known.host, known.tool) if known else ("", name, kind)
        return [CaptureFile(path, session, host, tool, status.st_mtime, status.st_size)]
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


def read_capture(capture: CaptureFile) -> Profile:
    """Reads a capture. Raises BadProfile, with the reason in words, where that is not possible."""
    if capture.tool not in READABLE:
        raise BadProfile(f"captures of the kind {capture.tool!r} are not read yet")
    if capture.size > MOST_BYTES:
        raise BadProfile(f"a trace of {capture.size} bytes is too long to be read")
    try:
        with open(capture.path, "rb") as file:
            data = file.read()
        if capture.tool == "xplane":
            from tbtui.profiles.xplane import read_xplane

            return read_xplane(data)
        from tbtui.profiles.chrome import read_chrome_trace

        return read_chrome_trace(data)
    except OSError as error:
        raise BadProfile(error.strerror or str(error)) from None
    except MemoryError:
        raise BadProfile("there is not enough memory to read the trace") from None
