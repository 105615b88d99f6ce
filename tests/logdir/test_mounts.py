"""Which file systems cannot be believed about their files' attributes."""

from __future__ import annotations

from pathlib import Path

import pytest

from tbtui.logdir.mounts import Mounts, find_kind, read_mounts

INFO = rb"""22 1 254:0 / / rw,relatime - ext4 /dev/vda rw
23 22 0:20 / /proc rw - proc proc rw
40 22 0:40 / /data rw shared:1 - nfs4 server:/export rw
41 40 0:41 / /data/fast\040disk rw - xfs /dev/sdb rw
42 22 0:42 / /remote rw master:2 propagate_from:1 - fuse.sshfs host:/ rw
43 22 0:43 / /data rw - cifs //server/share rw
a line that makes no sense
"""


@pytest.fixture
def source(tmp_path: Path) -> str:
    path = tmp_path / "mountinfo"
    path.write_bytes(INFO)
    return str(path)


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "ext4"),
        ("/home/x", "ext4"),
        ("/data", "cifs"),
        ("/data/logs", "cifs"),
        ("/database", "ext4"),
        ("/data/fast disk/logs", "xfs"),
        ("/remote/logs", "fuse.sshfs"),
        ("/proc/1", "proc"),
    ],
)
def test_the_longest_mount_point_decides_and_of_equal_ones_the_last(source: str, path: str, kind: str) -> None:
    assert find_kind(path, read_mounts(source)) == kind


def test_network_and_fuse_are_remote(source: str) -> None:
    mounts = Mounts(source)
    assert mounts.remote("/data/logs", 43)
    assert mounts.remote("/remote/logs", 42)
    assert not mounts.remote("/home", 1)
    assert not mounts.remote("/data/fast disk", 41)
    assert mounts.pseudo("/proc/self", 23)


def test_a_device_is_looked_up_once(source: str) -> None:
    mounts = Mounts(source)
    assert mounts.remote("/data/logs", 43)
    assert mounts.remote("/home", 43)
    mounts.forget()
    assert not mounts.remote("/home", 43)


def test_without_a_list_of_mounts_all_is_local(tmp_path: Path) -> None:
    assert not Mounts(str(tmp_path / "missing")).remote("/data", 1)


def test_this_machine_has_a_root_file_system() -> None:
    kind = Mounts().kind("/", 1)
    assert isinstance(kind, str)
