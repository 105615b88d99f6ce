"""Where our own files lie, and how they are read and written: small, whole, and never half."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Mapping

MOST_BYTES = 8 << 20
"""Larger files are not ours."""

STALE = 60.0
"""Seconds after which a temporary file is one that its writer left behind."""


def config_file(environ: Mapping[str, str] = os.environ) -> str | None:
    """The configuration file where nobody names another one; None where there is no home directory."""
    folder = _folder(environ, "XDG_CONFIG_HOME", ".config")
    return folder and os.path.join(folder, "config.toml")


def state_folder(environ: Mapping[str, str] = os.environ) -> str | None:
    """The directory of what is remembered; None where there is no home directory."""
    return _folder(environ, "XDG_STATE_HOME", os.path.join(".local", "state"))


def profiles_folder(environ: Mapping[str, str] = os.environ) -> str | None:
    """The directory of profiles that were read before, which may be removed at any time; None where there is no home
    directory."""
    folder = _folder(environ, "XDG_CACHE_HOME", ".cache")
    return folder and os.path.join(folder, "profiles")


def _folder(environ: Mapping[str, str], variable: str, below_home: str) -> str | None:
    base = environ.get(variable, "")
    if not os.path.isabs(base):  # a relative one is to be ignored, says the XDG base directory specification
        home = environ.get("HOME") or _home()
        if not os.path.isabs(home):
            return None
        base = os.path.join(home, below_home)
    return os.path.join(base, "tbtui")


def _home() -> str:
    import pwd

    try:
        return pwd.getpwuid(os.getuid()).pw_dir
    except KeyError:
        return ""


def read_small(path: str, wait: bool = False) -> bytes:
    """The whole of a small file. Raises OSError, also where it is a directory or has more than MOST_BYTES.

    wait: a pipe may take its time; otherwise nothing that stands in the file's place can hold us up.
    """
    with open(path, "rb", opener=None if wait else _open_at_once) as file:
        data = file.read(MOST_BYTES + 1) or b""
    if len(data) > MOST_BYTES:
        raise OSError(f"has more than {MOST_BYTES >> 20} MiB")
    return data


def _open_at_once(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NONBLOCK)


def write_whole(path: str, data: bytes) -> None:
    """Writes a file so that at any moment it is the old one or the new one. Raises OSError; then it is the old one.

    The folder is made where it is missing; a link stays, and what it points to is replaced.
    """
    path = os.path.realpath(path)
    folder = os.path.dirname(path)
    os.makedirs(folder, mode=0o700, exist_ok=True)
    temporary = f"{path}.{os.getpid()}.tmp"
    with contextlib.suppress(FileNotFoundError):
        os.unlink(temporary)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        try:
            rest = memoryview(data)
            while rest:
                rest = rest[os.write(descriptor, rest) :]
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(temporary)
        raise
    _settle(folder, os.path.basename(path))


def _settle(folder: str, name: str) -> None:
    """Makes the new name last, and removes what writers that were killed left behind. Nothing depends on it."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    with contextlib.suppress(OSError):
        for entry in os.scandir(folder):
            left = entry.name.startswith(f"{name}.") and entry.name.endswith(".tmp")
            if left and time.time() - entry.stat(follow_symlinks=False).st_mtime > STALE:
                os.unlink(entry.path)
