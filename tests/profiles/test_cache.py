"""Profiles that are kept: the same as what was read, never more than allowed, and nothing breaks what they hold."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.profiles import find
from tbtui.profiles.cache import ProfileCache
from tbtui.profiles.find import find_captures, read_capture
from tbtui.profiles.model import BadProfile, Profile
from tbtui.profiles.overview import look_over
from tests.support.captures import Trace, training


@pytest.fixture(autouse=True)
def however_small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(find, "SMALLEST_BYTES", 0)


def trace_file(folder: Path, name: str = "w.1.pt.trace.json", trace: Trace | None = None) -> Path:
    path = folder / name
    more = {"rank": 1, "world_size": 2}
    devices = [{"id": 0, "name": "GPU", "totalGlobalMem": 1 << 30}]
    path.write_bytes((trace or training()).encode(distributedInfo=more, deviceProperties=devices)[:-1])  # cut off
    return path


def read(path: Path, cache: ProfileCache | None) -> Profile:
    (capture,) = find_captures(str(path))
    return read_capture(capture, cache=cache)


def assert_same(one: Profile, other: Profile) -> None:
    for part in ("spans", "memory"):
        mine, theirs = getattr(one, part), getattr(other, part)
        for each in fields(mine):
            np.testing.assert_array_equal(getattr(mine, each.name), getattr(theirs, each.name))
    for name in ("writer", "lanes", "names", "devices", "device_bytes", "rank", "world_size", "begin_ns", "problems",
                 "launches", "marks", "operations"):  # fmt: skip
        assert getattr(one, name) == getattr(other, name), name
    assert [one.details(i) for i in range(len(one.spans))] == [other.details(i) for i in range(len(other.spans))]
    assert look_over(one).operators == look_over(other).operators
    assert look_over(one).kernels == look_over(other).kernels


def test_what_is_kept_is_what_was_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path, cache = trace_file(tmp_path), ProfileCache(str(tmp_path / "cache" / "profiles"))
    plain = read(path, None)
    assert plain.problems
    assert_same(read(path, cache), plain)
    monkeypatch.setattr("tbtui.profiles.chrome.trace.read_chrome_file", None)  # it is not read again
    assert_same(read(path, cache), plain)
    (file,) = (tmp_path / "cache" / "profiles").iterdir()
    assert file.stat().st_mode & 0o077 == 0
    assert sorted(one.name for one in tmp_path.iterdir()) == ["cache", path.name]


def test_a_capture_that_changed_is_read_again(tmp_path: Path) -> None:
    path, cache = trace_file(tmp_path), ProfileCache(str(tmp_path / "cache"))
    read(path, cache)
    trace_file(tmp_path, trace=training().span("cpu_op", "more", 0, 1))
    assert "more" in read(path, cache).names


@given(st.integers(0, 1 << 20), st.integers(1, 255), st.booleans())
def test_a_damaged_file_is_as_good_as_none(
    tmp_path_factory: pytest.TempPathFactory, at: int, by: int, cut: bool
) -> None:
    folder = tmp_path_factory.mktemp("damaged")
    path, cache = trace_file(folder), ProfileCache(str(folder / "cache"))
    plain = read(path, cache)
    (file,) = (folder / "cache").iterdir()
    data = bytearray(file.read_bytes())
    at %= len(data)
    if cut:
        del data[at:]
    else:
        data[at] ^= by
    file.write_bytes(data)
    again = read(path, cache)
    np.testing.assert_array_equal(again.spans.start, plain.spans.start)
    assert again.names == plain.names
    assert all(isinstance(again.details(i), dict) for i in range(len(again.spans)))


def test_those_used_longest_ago_make_room(tmp_path: Path) -> None:
    folder = tmp_path / "cache"
    read(trace_file(tmp_path), ProfileCache(str(folder)))
    (file,) = folder.iterdir()
    cache = ProfileCache(str(folder), most_bytes=5 * file.stat().st_size // 2)
    left_behind = folder / "x.new"
    left_behind.write_bytes(b"x")
    for number, one in enumerate((left_behind, file)):
        os.utime(one, (1000 + number, 1000 + number))
    paths = [trace_file(tmp_path, f"w.{number}.pt.trace.json") for number in (2, 3)]
    for number, path in enumerate(paths):
        read(path, cache)
        for one in folder.glob("*.profile"):
            if one.stat().st_mtime > 1e6:
                os.utime(one, (2000 + number, 2000 + number))
    assert not left_behind.exists()
    assert not file.exists()
    assert len(list(folder.iterdir())) == 2
    assert all(cache.find(str(path)) is not None for path in paths)


def test_without_a_folder_it_is_read_all_the_same(tmp_path: Path) -> None:
    path = trace_file(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    assert_same(read(path, ProfileCache(str(tmp_path / "file" / "cache"))), read(path, None))


def test_what_can_not_be_read_leaves_nothing(tmp_path: Path) -> None:
    path = tmp_path / "w.1.pt.trace.json"
    path.write_bytes(b"{}")
    with pytest.raises(BadProfile):
        read(path, ProfileCache(str(tmp_path / "cache")))
    assert list((tmp_path / "cache").iterdir()) == []
