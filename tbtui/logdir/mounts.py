"""On which kind of file system a path lies: whether the attributes of its files can be believed.

Network and FUSE file systems answer `stat` from a cache, change inode numbers, and tell nobody of writes made by other
machines. Files there are opened to be looked at, and watching them is not enough.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field

# fmt: off
REMOTE = frozenset(
    (
        "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "ncpfs", "afs", "9p", "virtiofs", "lustre",
        "gpfs", "beegfs", "ceph", "glusterfs", "ocfs2", "gfs2", "orangefs", "pvfs2", "panfs", "wekafs", "davfs",
        "webdav", "vboxsf", "vmhgfs", "prl_fs", "drvfs", "fakeowner", "grpcfuse", "osxfs",
    )
)
PSEUDO = frozenset(
    (
        "proc", "sysfs", "cgroup", "cgroup2", "devpts", "debugfs", "tracefs", "securityfs", "bpf", "configfs",
        "mqueue",
    )
)
# fmt: on


@dataclass(slots=True)
class Mounts:
    """The mounted file systems, as `/proc/self/mountinfo` lists them; where it is missing all counts as local."""

    source: str = "/proc/self/mountinfo"
    kinds: dict[int, str] = field(default_factory=dict)

    def kind(self, path: str, device: int) -> str:
        """The type of the file system of `path`, whose st_dev is `device` (asked once for each device), or ""."""
        known = self.kinds.get(device)
        if known is None:
            known = self.kinds[device] = find_kind(os.path.realpath(path), read_mounts(self.source))
        return known

    def remote(self, path: str, device: int) -> bool:
        """Whether `path` lies on a network or FUSE file system."""
        kind = self.kind(path, device)
        return kind in REMOTE or kind.startswith("fuse")

    def pseudo(self, path: str, device: int) -> bool:
        """Whether `path` lies on one of the kernel's own file systems, which hold no logs and have no end."""
        return self.kind(path, device) in PSEUDO

    def forget(self) -> None:
        """Asks again from now on: something may have been mounted."""
        self.kinds.clear()


def read_mounts(source: str) -> list[tuple[str, str]]:
    """The (mount point, type) pairs of a mountinfo file (proc(5)), in their order; none when it cannot be read."""
    try:
        with open(source, "rb") as file:
            lines = file.read().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        before, separator, after = line.partition(b" - ")
        fields = before.split(b" ")
        if separator and len(fields) > 4:
            found.append((os.fsdecode(unescape(fields[4])), after.split(b" ", 1)[0].decode("ascii", "replace")))
    return found


def unescape(text: bytes) -> bytes:
    """Undoes mountinfo's octal escapes of space, tab, newline and backslash."""
    for code, sign in ((b"\\040", b" "), (b"\\011", b"\t"), (b"\\012", b"\n"), (b"\\134", b"\\")):
        text = text.replace(code, sign)
    return text


def find_kind(path: str, mounts: list[tuple[str, str]]) -> str:
    """The type of the last mounted file system among the longest mount points that lead to a real path."""
    best, kind = -1, ""
    for point, name in mounts:
        inside = path == point or path.startswith(point if point.endswith(os.sep) else point + os.sep)
        if inside and len(point) >= best:
            best, kind = len(point), name
    return kind
