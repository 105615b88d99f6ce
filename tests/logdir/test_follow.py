"""Files that grow, are cut, replaced, deleted and made again, step by step as it happens in real life."""

from __future__ import annotations

import os
import shutil
from collections.abc import Sequence
from pathlib import Path

import pytest

from tbtui.events.record import encode_record
from tbtui.logdir.mounts import Mounts
from tbtui.logdir.reading import BiteReader, ReadRequest, ReadResult
from tbtui.logdir.updates import FileChunk, FileGone, FileReset, FileSeen, Progress, RunGone, RunSeen, Update
from tests.support.logfiles import NAME, Watched, append, header, points, replace, scalar, scalars, write
from tests.support.messages import message


def kinds(updates: list[Update]) -> list[str]:
    return [type(update).__name__ for update in updates if not isinstance(update, Progress)]


def causes(watched: Watched) -> list[str]:
    return [update.cause for update in watched.log if isinstance(update, FileReset)]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return write(tmp_path / NAME, header(), scalars(0, 10))


@pytest.fixture
def watched(path: Path) -> Watched:
    watched = Watched(path.parent)
    watched.poll()
    assert watched.all_points() == points(0, 10)
    return watched


# --- growth


def test_the_first_updates_of_a_file_come_in_order(path: Path) -> None:
    watched = Watched(path.parent)
    updates = watched.poll()
    assert kinds(updates) == ["RunSeen", "FileSeen", "FileChunk"]
    assert updates[0] == RunSeen(".", str(path.parent))
    seen = updates[1]
    assert isinstance(seen, FileSeen)
    assert (seen.run, seen.file, seen.path, seen.size) == (".", NAME, str(path), path.stat().st_size)
    size = path.stat().st_size
    assert watched.progress == Progress(size, size, 1, quiet=True)


def test_nothing_new_nothing_told(watched: Watched) -> None:
    assert [watched.poll() for _ in range(3)] == [[], [], []]


def test_an_append_is_told_once(watched: Watched, path: Path) -> None:
    append(path, scalars(10, 13))
    assert kinds(watched.poll()) == ["FileChunk"]
    assert watched.all_points() == points(0, 13)
    assert watched.poll() == []


def test_a_tail_cut_anywhere_is_no_fault_and_completes(tmp_path: Path) -> None:
    record = scalar(10, 10.0)
    for cut in range(1, len(record)):
        path = write(tmp_path / f"r{cut}" / NAME, header(), scalars(0, 10), record[:cut])
        watched = Watched(path.parent)
        watched.poll()
        assert watched.all_points() == points(0, 10)
        append(path, record[cut:])
        assert kinds(watched.poll()) == ["FileChunk"]
        assert watched.all_points() == points(0, 11)
        assert not watched.damage
        assert not watched.trouble


@pytest.mark.parametrize("size", [1, 7, 4096])
def test_a_file_that_arrives_in_pieces_ends_as_if_read_at_once(tmp_path: Path, size: int) -> None:
    data = header() + scalars(0, 12)
    path = write(tmp_path / NAME)
    watched = Watched(tmp_path)
    watched.poll()
    for begin in range(0, len(data), size):
        append(path, data[begin : begin + size])
        watched.poll(1)
    assert watched.points[NAME] == points(0, 12)
    assert watched.progress == Progress(len(data), len(data), 1, quiet=True)
    assert not watched.damage
    assert not watched.trouble


def test_an_empty_file_is_seen_and_waits(tmp_path: Path) -> None:
    path = write(tmp_path / "a" / NAME)
    watched = Watched(tmp_path)
    assert kinds(watched.poll()) == ["RunSeen", "FileSeen"]
    append(path, header())
    assert kinds(watched.poll()) == ["FileChunk"]
    append(path, scalars(0, 1))
    watched.poll()
    assert watched.all_points() == points(0, 1)


def test_several_writers_in_one_run_are_all_followed(watched: Watched, path: Path) -> None:
    second = path.with_name("events.out.tfevents.1700000001.host.2.0")
    write(second, header(), scalars(20, 22))
    watched.poll()
    append(path, scalars(10, 12))
    watched.poll()
    append(second, scalars(22, 23))
    append(path, scalars(12, 13))
    watched.poll()
    assert watched.points == {NAME: points(0, 13), second.name: points(20, 23)}
    assert watched.files[NAME].order < watched.files[second.name].order


def test_a_file_that_ends_within_a_record_does_not_hold_up_the_next(watched: Watched, path: Path) -> None:
    append(path, scalar(10, 10.0)[:20])
    write(path.with_name("events.out.tfevents.1700000001.host.2.0"), header(), scalars(10, 15))
    watched.poll()
    assert watched.all_points() == points(0, 15)


def test_first_file_cut_while_a_second_exists_is_completed_later(watched: Watched, path: Path) -> None:
    data = path.read_bytes()
    path.write_bytes(data[:-30])
    write(path.with_name("events.out.tfevents.1700000001.host.2.0"), header(), scalars(50, 55))
    watched.poll()
    assert watched.all_points() == points(0, 9) + points(50, 55)
    append(path, data[-30:])
    watched.poll()
    assert watched.all_points() == points(0, 10) + points(50, 55)


# --- cut and rewritten in place


def test_truncated_to_nothing_and_rewritten(watched: Watched, path: Path) -> None:
    path.write_bytes(b"")
    watched.poll()
    assert watched.all_points() == []
    append(path, header(5.0), scalars(0, 4, base=100))
    watched.poll()
    assert watched.all_points() == points(0, 4, base=100)
    assert causes(watched) == ["truncated"]
    append(path, scalars(4, 30, base=100))
    watched.poll()
    assert watched.all_points() == points(0, 30, base=100)


@pytest.mark.parametrize("count", [3, 10, 40])
def test_truncated_and_rewritten_within_one_poll(watched: Watched, path: Path, count: int) -> None:
    path.write_bytes(header(5.0) + scalars(0, count, base=100))
    watched.poll()
    assert watched.all_points() == points(0, count, base=100)
    assert causes(watched) == ["truncated"]


@pytest.mark.parametrize("stop", [8, 10, 30])
def test_truncated_to_a_prefix_and_continued(watched: Watched, path: Path, stop: int) -> None:
    with open(path, "r+b") as file:
        file.truncate(len(header() + scalars(0, 5)))
    append(path, scalars(5, stop, base=100))
    watched.poll()
    assert watched.all_points() == sorted(points(0, 5) + points(5, stop, base=100))


def test_copytruncate_under_a_stale_writer_makes_a_hole(watched: Watched, path: Path) -> None:
    size = path.stat().st_size
    path.write_bytes(b"")
    with open(path, "r+b") as file:
        file.seek(size)
        file.write(scalars(10, 14))
    watched.poll()
    assert watched.all_points() == points(10, 14)
    assert watched.damage


def test_a_rewrite_of_equal_size_within_the_grain_of_the_clock(path: Path) -> None:
    status = path.stat()
    watched = Watched(path.parent, wall=lambda: status.st_mtime + 1.0)
    watched.poll()
    path.write_bytes(header() + scalars(0, 10, base=5))
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    watched.poll()
    assert watched.all_points() == points(0, 10, base=5)


# --- replaced


@pytest.mark.parametrize("count", [3, 10, 30])
def test_replaced_by_rename(watched: Watched, path: Path, count: int) -> None:
    replace(path, header(5.0), scalars(0, count, base=100))
    watched.poll()
    assert watched.all_points() == points(0, count, base=100)
    assert causes(watched) == ["replaced"]
    assert not watched.gone


@pytest.mark.parametrize("extra", [0, 5])
def test_replaced_by_a_copy_or_a_longer_version_of_itself(watched: Watched, path: Path, extra: int) -> None:
    replace(path, path.read_bytes(), scalars(10, 10 + extra))
    watched.poll()
    assert watched.all_points() == points(0, 10 + extra)


def test_replaced_again_and_again(watched: Watched, path: Path) -> None:
    for count in range(11, 20):
        replace(path, header(), scalars(0, count))
        watched.poll(1)
        append(path, scalars(count, count + 2))
        watched.poll(1)
        assert watched.all_points() == points(0, count + 2)


def test_a_damaged_tail_is_healed_by_a_good_copy(watched: Watched, path: Path) -> None:
    bad = bytearray(scalar(10, 10.0))
    bad[-6] ^= 1
    append(path, bytes(bad))
    watched.poll()
    assert watched.all_points() == points(0, 10)
    assert watched.damage
    replace(path, header(), scalars(0, 12))
    watched.poll()
    assert watched.all_points() == points(0, 12)
    assert not watched.damage


def test_deleted_files_keep_their_points(watched: Watched, path: Path) -> None:
    path.unlink()
    updates = watched.poll()
    assert FileGone(".", NAME) in updates
    assert RunGone(".") in updates
    assert watched.all_points() == points(0, 10)
    assert watched.poll() == []


@pytest.mark.parametrize("count", [3, 10, 30])
@pytest.mark.parametrize("between", [False, True])
def test_deleted_and_made_again(watched: Watched, path: Path, count: int, between: bool) -> None:
    path.unlink()
    if between:
        watched.poll()
    write(path, header(5.0), scalars(0, count, base=100))
    watched.poll()
    assert watched.all_points() == points(0, count, base=100)
    assert not watched.gone
    assert set(watched.runs) == {"."}


def test_what_is_made_again_after_it_was_gone_is_another_file_even_on_the_same_inode(
    watched: Watched, path: Path
) -> None:
    """It was not cut: its old points are no past of the new ones."""
    away = path.rename(path.with_name("away"))
    watched.poll()
    assert watched.gone
    away.write_bytes(header(5.0) + scalars(0, 3, base=100))
    away.rename(path)
    watched.poll()
    assert causes(watched) == ["replaced"]
    assert watched.all_points() == points(0, 3, base=100)
    with open(path, "r+b") as file:
        file.truncate(0)
        file.write(header(6.0) + scalars(0, 2, base=200))
    watched.poll()
    assert causes(watched) == ["replaced", "truncated"]


def test_moved_away_and_back_is_the_same_file(watched: Watched, path: Path) -> None:
    away = path.with_name("away")
    path.rename(away)
    watched.poll()
    assert watched.gone
    away.rename(path)
    append(path, scalars(10, 11))
    watched.poll()
    assert not watched.gone
    assert watched.all_points() == points(0, 11)
    assert causes(watched) == []


def test_a_renamed_file_is_shown_under_its_new_name_alone(watched: Watched, path: Path) -> None:
    path.rename(path.with_name("other.tfevents"))
    watched.poll()
    assert watched.points == {"other.tfevents": points(0, 10)}
    assert not watched.gone
    assert watched.progress.files == 1
    assert watched.progress.bytes_read == watched.progress.bytes_found


def test_a_deleted_file_whose_inode_is_used_again_keeps_its_points(watched: Watched, path: Path) -> None:
    other = path.rename(path.with_name("other.tfevents"))
    other.write_bytes(header(3.0) + scalars(0, 20, base=50))  # as good as a new file with the same inode
    watched.poll()
    assert watched.points == {NAME: points(0, 10), other.name: points(0, 20, base=50)}
    assert watched.gone == {NAME}


def test_rsync_writes_under_a_name_of_its_own_first(watched: Watched, path: Path) -> None:
    for stop in range(11, 16):
        temporary = path.with_name(f".{NAME}.aB3{stop}x")
        write(temporary, header(), scalars(0, stop)[:-20])
        watched.poll(1)
        append(temporary, scalars(0, stop)[-20:])
        watched.poll(1)
        assert watched.points[temporary.name] == points(0, stop)
        temporary.rename(path)
        watched.poll(1)
        watched.poll(1)
        assert watched.points == {NAME: points(0, stop)}
    assert list(watched.follower._branches[0].files) == [str(path)]
    size = path.stat().st_size
    assert watched.progress == Progress(size, size, 1, quiet=True)


def test_a_file_becomes_a_pipe_or_a_directory(watched: Watched, path: Path) -> None:
    path.unlink()
    os.mkfifo(path)
    watched.poll()
    assert watched.gone == {NAME}
    path.unlink()
    path.mkdir()
    watched.poll()
    path.rmdir()
    write(path, header(), scalars(0, 2))
    watched.poll()
    assert watched.all_points() == points(0, 2)
    assert not watched.gone


def test_a_run_directory_is_deleted_made_again_and_renamed(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / NAME, header(), scalars(0, 5))
    watched = Watched(tmp_path)
    watched.poll()
    shutil.rmtree(path.parent)
    updates = watched.poll()
    assert kinds(updates) == ["FileGone", "RunGone"]
    assert watched.all_points() == points(0, 5)
    write(path, header(7.0), scalars(0, 3, base=9))
    watched.poll()
    assert watched.all_points() == points(0, 3, base=9)
    assert set(watched.runs) == {"run"}
    path.parent.rename(tmp_path / "other")
    watched.poll()
    assert set(watched.runs) == {"other"}
    assert watched.points[f"other/{NAME}"] == points(0, 3, base=9)


def test_a_run_directory_is_exchanged_within_one_poll(tmp_path: Path) -> None:
    path = write(tmp_path / "run" / NAME, header(), scalars(0, 5))
    other = write(tmp_path / "run" / "other.tfevents", header(), scalars(50, 55))
    watched = Watched(tmp_path)
    watched.poll()
    shutil.rmtree(path.parent)
    write(path, header(7.0), scalars(0, 3, base=9))
    watched.poll()
    assert watched.points[f"run/{NAME}"] == points(0, 3, base=9)
    assert watched.gone == {f"run/{other.name}"}


def test_latest_leads_elsewhere(tmp_path: Path) -> None:
    logs = tmp_path / "logs"
    write(logs / "run_1" / NAME, header(1.0), scalars(0, 5))
    write(logs / "run_2" / NAME, header(2.0), scalars(0, 3, base=20))
    write(logs / "run_1" / "more.tfevents", header(1.5), scalars(50, 52))
    link = logs / "latest"
    link.symlink_to("run_1")
    watched = Watched(logs)
    watched.poll()
    assert watched.points[f"latest/{NAME}"] == points(0, 5)
    link.unlink()
    link.symlink_to("run_2")
    watched.poll()
    assert watched.points[f"latest/{NAME}"] == points(0, 3, base=20)
    assert watched.points["latest/more.tfevents"] == []
    assert watched.gone == {"latest/more.tfevents"}
    assert watched.points["run_1/more.tfevents"] == points(50, 52)
    assert watched.runs["latest"].target == str(logs.resolve() / "run_2")


def test_the_log_directory_itself_is_a_link_that_leads_elsewhere(tmp_path: Path) -> None:
    write(tmp_path / "one" / "a" / NAME, header(1.0), scalars(0, 5))
    write(tmp_path / "two" / "b" / NAME, header(2.0), scalars(0, 3, base=20))
    link = tmp_path / "logs"
    link.symlink_to("one")
    watched = Watched(link)
    watched.poll()
    assert watched.all_points() == points(0, 5)
    link.unlink()
    link.symlink_to("two")
    watched.poll()
    assert watched.all_points() == points(0, 3, base=20)
    assert set(watched.runs) == {"b"}


# --- zeros, damage, foreign files


def test_zeros_at_the_tail_are_waited_for(watched: Watched, path: Path) -> None:
    size = path.stat().st_size
    more = scalars(10, 12)
    append(path, bytes(4096))
    watched.poll()
    assert watched.all_points() == points(0, 10)
    assert watched.trouble[NAME].offset == size
    assert not watched.damage
    with open(path, "r+b") as file:
        file.seek(size)
        file.write(more[:50])
        file.flush()
        watched.poll()
        assert watched.all_points() == points(0, 11)
        file.write(more[50:])
    watched.poll()
    assert watched.all_points() == points(0, 12)
    with open(path, "r+b") as file:
        file.truncate(size + len(more))
    watched.poll()
    assert not watched.trouble


def test_zeros_are_read_again_even_if_the_state_does_not_move(watched: Watched, path: Path) -> None:
    size = path.stat().st_size
    append(path, bytes(512))
    watched.poll()
    status = path.stat()
    with open(path, "r+b") as file:
        file.seek(size)
        file.write(scalars(10, 12))
    real = os.stat

    def stale(where: str, **options: bool) -> os.stat_result:
        return status if str(where) == str(path) else real(where, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "stat", stale)
        watched.poll()
    assert watched.all_points() == points(0, 12)


def test_zeros_in_the_middle_lose_nothing_else(watched: Watched, path: Path) -> None:
    append(path, bytes(300), scalars(10, 12))
    watched.poll()
    assert watched.all_points() == points(0, 12)
    (damage,) = watched.damage[NAME]
    assert damage[0] == len(header() + scalars(0, 10))


def test_a_damaged_record_loses_itself_alone(tmp_path: Path) -> None:
    data = bytearray(header() + scalars(0, 10))
    data[len(header() + scalars(0, 4)) + 20] ^= 0x10
    write(tmp_path / NAME, bytes(data))
    watched = Watched(tmp_path)
    watched.poll()
    assert watched.all_points() == points(0, 4) + points(5, 10)
    assert len(watched.damage[NAME]) == 1


def test_leading_garbage_is_stepped_over(tmp_path: Path) -> None:
    write(tmp_path / NAME, bytes(range(128, 200)), header(), scalars(0, 5))
    watched = Watched(tmp_path)
    watched.poll()
    assert watched.all_points() == points(0, 5)
    assert watched.damage


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n", "git lfs pull"),
        (b"\x1f\x8b\x08\x00" + bytes(range(20, 120)), "gzip"),
        (b"<html><body>404</body></html>", "HTML"),
        (b"notes about this run, nothing else", "text"),
    ],
)
def test_foreign_files_get_one_sentence_and_heal(tmp_path: Path, content: bytes, words: str) -> None:
    path = write(tmp_path / "a" / NAME, content)
    write(tmp_path / "b" / NAME, header(), scalars(0, 5))
    watched = Watched(tmp_path)
    watched.poll()
    assert words in watched.trouble[f"a/{NAME}"].reason
    assert watched.points[f"b/{NAME}"] == points(0, 5)
    assert watched.progress.bytes_read == watched.progress.bytes_found
    assert watched.poll() == []
    replace(path, header(), scalars(0, 4))
    watched.poll()
    assert not watched.trouble
    assert watched.points[f"a/{NAME}"] == points(0, 4)


def test_a_good_file_becomes_a_foreign_one(watched: Watched, path: Path) -> None:
    path.write_bytes(b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n")
    watched.poll()
    assert watched.all_points() == []
    assert "git lfs pull" in watched.trouble[NAME].reason


def test_an_impossible_length_allocates_nothing_and_waits(watched: Watched, path: Path) -> None:
    from tbtui.events.checksum import masked_crc32c

    length = (1 << 40).to_bytes(8, "little")
    append(path, length, masked_crc32c(length).to_bytes(4, "little"))
    watched.poll()
    assert watched.all_points() == points(0, 10)
    replace(path, header(), scalars(0, 12))
    watched.poll()
    assert watched.all_points() == points(0, 12)


def test_a_record_longer_than_the_buffer_is_waited_for(watched: Watched, path: Path) -> None:
    blob = encode_record(message(99, bytes(9 << 20)))
    append(path, blob[: 5 << 20])
    watched.poll()
    append(path, blob[5 << 20 :], scalars(10, 12))
    watched.poll()
    assert watched.all_points() == points(0, 12)
    assert not watched.damage


# --- permissions and errors


def deny(patch: pytest.MonkeyPatch, where: Path, error: OSError) -> None:
    """Lets opening one file fail, also for root."""
    real = os.open

    def fail(path: str, *arguments: int, **options: int) -> int:
        if str(path) == str(where):
            raise error
        return real(path, *arguments, **options)

    patch.setattr(os, "open", fail)


@pytest.mark.parametrize(
    "error",
    [
        PermissionError(13, "Permission denied"),
        OSError(5, "Input/output error"),
        OSError(116, "Stale file handle"),
        OSError(24, "Too many open files"),
    ],
)
def test_a_file_that_cannot_be_opened_is_tried_again(tmp_path: Path, error: OSError) -> None:
    path = write(tmp_path / "a" / NAME, header(), scalars(0, 5))
    write(tmp_path / "b" / NAME, header(), scalars(0, 4))
    watched = Watched(tmp_path)
    with pytest.MonkeyPatch.context() as patch:
        deny(patch, path, error)
        watched.poll()
        assert watched.points == {f"a/{NAME}": [], f"b/{NAME}": points(0, 4)}
        assert watched.trouble[f"a/{NAME}"].reason == f"cannot be read: {error.strerror}"
        assert watched.poll() == []  # tried, failed again, and not told twice
    watched.poll()
    assert watched.points[f"a/{NAME}"] == points(0, 5)
    assert not watched.trouble


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_permission_denied_then_granted(tmp_path: Path) -> None:
    path = write(tmp_path / NAME, header(), scalars(0, 5))
    path.chmod(0)
    watched = Watched(tmp_path)
    watched.poll()
    assert watched.trouble
    path.chmod(0o600)
    watched.poll()
    assert watched.all_points() == points(0, 5)


@pytest.mark.parametrize("function", ["open", "fstat", "pread", "preadv", "stat"])
@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_an_error_in_any_call_ends_right_or_is_tried_again(tmp_path: Path, function: str, number: int) -> None:
    for run in "abc":
        write(tmp_path / run / NAME, header(), scalars(0, 5))
    watched = Watched(tmp_path)
    real = getattr(os, function)
    calls = 0

    def fail(*arguments: object, **options: object) -> object:
        nonlocal calls
        calls += 1
        if calls == number:
            raise OSError(5, "Input/output error")
        return real(*arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, function, fail)
        watched.poll()
    watched.poll()
    for run in "abc":
        append(tmp_path / run / NAME, scalars(5, 7))
    watched.poll()
    assert watched.all_points() == sorted(points(0, 7) * 3)
    assert not watched.trouble


class Poisoned(BiteReader):
    """Raises whenever a certain file is among those to be read."""

    error: BaseException | None = None
    poison = ""

    def read(self, requests: list[ReadRequest], capacity: int = 8 << 20) -> list[ReadResult]:  # type: ignore[override]
        results = super().read(requests, capacity)
        if self.error is not None and any(self.poison in request.cursor.path for request in requests):
            raise self.error
        return results


@pytest.mark.parametrize("error", [MemoryError(), ValueError("a bug")])
def test_a_failure_in_one_file_is_the_failure_of_that_file(tmp_path: Path, error: Exception) -> None:
    for run in "abc":
        write(tmp_path / run / NAME, header(), scalars(0, 5))
    reader = Poisoned()
    reader.poison = f"b/{NAME}"
    watched = Watched(tmp_path, reader=reader)
    watched.poll()
    reader.error = error
    for run in "abc":
        append(tmp_path / run / NAME, scalars(5, 7))
    watched.poll()
    assert watched.points[f"a/{NAME}"] == watched.points[f"c/{NAME}"] == points(0, 7)
    assert watched.points[f"b/{NAME}"] == points(0, 5)
    assert set(watched.trouble) == {f"b/{NAME}"}
    reader.error = None
    watched.poll()
    assert watched.points[f"b/{NAME}"] == points(0, 7)
    assert not watched.trouble


# --- order, pace, budget, hints


def order_of_reading(updates: list[Update]) -> list[str]:
    return [update.run for update in updates if isinstance(update, FileChunk)]


def test_preferred_runs_come_first_then_the_newest(tmp_path: Path) -> None:
    for age, run in enumerate("abcd"):
        path = write(tmp_path / run / NAME, header(), scalars(0, 3))
        os.utime(path, (1.6e9 - age, 1.6e9 - age))
    watched = Watched(tmp_path)
    watched.follower.prefer(["c"])
    assert order_of_reading(watched.poll()) == ["c", "a", "b", "d"]


def test_one_poll_reads_about_as_much_as_it_has_time_for(tmp_path: Path) -> None:
    now = 0.0

    def clock() -> float:
        nonlocal now
        now += 0.001
        return now

    for run in range(5):
        write(tmp_path / str(run) / NAME, header(), encode_record(message(99, bytes(6 << 20))), scalars(0, 3))
    watched = Watched(tmp_path, clock=clock)
    polls = 0
    total: list[Update] = []
    while watched.follower.busy:
        total += watched.follower.poll(0.001)
        polls += 1
    assert polls >= 5
    progress = [update for update in total if isinstance(update, Progress)]
    assert [step.quiet for step in progress] == [False] * (len(progress) - 1) + [True]
    assert len({step.bytes_read for step in progress}) >= 3
    assert progress[-1].bytes_read == progress[-1].bytes_found > 30 << 20


def test_growing_files_are_looked_at_more_often_than_quiet_ones(tmp_path: Path) -> None:
    for run in range(200):
        write(tmp_path / str(run) / NAME, header())
    old = 1.6e9
    for path in tmp_path.glob("*/*"):
        os.utime(path, (old, old))
    watched = Watched(tmp_path)
    watched.poll()
    watched.poll()
    rounds = watched.follower._rounds
    assert rounds.next_due == pytest.approx(watched.now + 0.6)
    append(tmp_path / "7" / NAME, scalars(0, 1))
    watched.poll(2)
    assert rounds.next_due == pytest.approx(watched.now + 0.1)
    assert watched.follower.next_due == pytest.approx(watched.now + 0.1)
    append(tmp_path / "7" / NAME, scalars(1, 2))
    append(tmp_path / "8" / NAME, scalars(1, 2))
    assert order_of_reading(watched.poll(0.11)) == ["7"]
    assert order_of_reading(watched.poll(0.6)) == ["8"]
    watched.poll(100)
    watched.poll(2)
    assert rounds.next_due == pytest.approx(watched.now + 0.6)


def test_where_changes_are_hinted_at_looks_are_rarer(tmp_path: Path) -> None:
    for run in range(200):
        path = write(tmp_path / str(run) / NAME, header())
        os.utime(path, (1.6e9, 1.6e9))
    watched = Watched(tmp_path)
    watched.poll()
    follower = watched.follower
    follower.rely_on_hints(True)
    watched.poll()
    assert follower._rounds.next_due == follower.next_due == pytest.approx(watched.now + 2.0)
    append(path, scalars(0, 1))
    assert watched.poll(1.0) == []
    follower.wake([str(path)])
    assert kinds(watched.poll(0)) == ["FileChunk"]
    follower.rely_on_hints(False)
    watched.poll(100)
    watched.poll(100)
    assert follower._rounds.next_due == pytest.approx(watched.now + 0.6)


def test_what_no_hint_told_of_is_found_all_the_same(path: Path) -> None:
    """As where the system's queue of changes ran over: files that were said to be watched are looked at too."""
    watched = Watched(path.parent)
    watched.poll()
    watched.follower.rely_on_hints(True)
    watched.poll()
    append(path, scalars(10, 11))
    second = write(path.parent / "new" / NAME, header(), scalars(0, 2))
    kinds_found = kinds(watched.poll(10.0))
    assert sorted(kinds_found) == ["FileChunk", "FileChunk", "FileSeen", "RunSeen"]
    assert watched.points == {NAME: points(0, 11), f"new/{second.name}": points(0, 2)}


def test_a_forced_pace(path: Path) -> None:
    watched = Watched(path.parent, poll=10.0)
    watched.poll()
    assert watched.follower.next_due == pytest.approx(watched.now + 10)
    append(path, scalars(10, 11))
    assert watched.poll(9) == []
    assert kinds(watched.poll(1.1)) == ["FileChunk"]


def test_a_hint_is_followed_at_once(watched: Watched, path: Path) -> None:
    append(path, scalars(10, 11))
    assert watched.poll(0) == []
    watched.follower.wake([str(path)])
    assert watched.follower.busy
    assert kinds(watched.poll(0)) == ["FileChunk"]
    append(path, scalars(11, 12))
    watched.follower.wake()
    assert kinds(watched.poll(0)) == ["FileChunk"]


def test_hints_by_the_real_path_of_a_linked_log_directory(tmp_path: Path) -> None:
    path = write(tmp_path / "real" / NAME, header())
    (tmp_path / "link").symlink_to("real")
    watched = Watched(tmp_path / "link")
    watched.poll()
    append(path, scalars(0, 1))
    watched.follower.wake([str(path)])
    assert kinds(watched.poll(0)) == ["FileChunk"]


def test_hints_of_every_kind_do_no_harm(watched: Watched, path: Path) -> None:
    watched.follower.wake(["", "/", "/nowhere", str(path.parent), str(path / "x"), str(path) + "\ud800", "relative"])
    assert watched.poll(0) == []
    write(path.with_name("new.tfevents"), header(), scalars(20, 21))
    watched.follower.wake([str(path.with_name("new.tfevents"))])
    assert kinds(watched.poll(0)) == ["FileSeen", "FileChunk"]
    path.unlink()
    watched.follower.wake([str(path)])
    assert kinds(watched.poll(0)) == ["FileGone"]


def test_what_was_found_before_a_failure_is_not_lost(watched: Watched, path: Path) -> None:
    append(path, scalars(10, 12))
    real = watched.follower._measure

    def fail() -> Progress:
        raise RuntimeError("a bug")

    watched.now += 30
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(watched.follower, "_measure", fail)
        with pytest.raises(RuntimeError):
            watched.follower.poll()
    assert watched.follower._measure == real
    watched.poll()
    assert watched.all_points() == points(0, 12)


@pytest.mark.parametrize("year", [1970, 2096])
def test_files_from_the_past_and_the_future(path: Path, year: int) -> None:
    when = (year - 1970) * 365.25 * 86400
    os.utime(path, (when, when))
    watched = Watched(path.parent)
    watched.poll()
    for step in range(10, 13):
        append(path, scalars(step, step + 1))
        os.utime(path, (when, when))
        assert kinds(watched.poll()) == ["FileChunk"]
        assert watched.poll() == []
    assert watched.all_points() == points(0, 13)


# --- network file systems


class Remote(Mounts):
    """Everything is on a network disk."""

    def remote(self, path: str, device: int) -> bool:
        return True


def test_on_a_network_disk_files_are_opened_rather_than_believed(path: Path) -> None:
    watched = Watched(path.parent, mounts=Remote())
    watched.poll()
    status = path.stat()
    append(path, scalars(10, 12))
    real = os.stat

    def stale(where: str, **options: bool) -> os.stat_result:
        return status if str(where) == str(path) else real(where, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "stat", stale)
        assert kinds(watched.poll()) == ["FileChunk"]
    assert watched.all_points() == points(0, 12)
    assert watched.poll() == []


def test_on_a_network_disk_only_the_content_decides(path: Path) -> None:
    watched = Watched(path.parent, mounts=Remote())
    watched.poll()
    replace(path, path.read_bytes(), scalars(10, 11))
    assert kinds(watched.poll()) == ["FileChunk"]
    assert watched.all_points() == points(0, 11)
    replace(path, header(9.0), scalars(0, 20, base=3))
    assert kinds(watched.poll()) == ["FileReset", "FileChunk"]
    assert watched.all_points() == points(0, 20, base=3)
    path.unlink()
    watched.poll()
    assert watched.gone
    write(path, header(), scalars(0, 2))
    watched.poll()
    assert watched.all_points() == points(0, 2)


@pytest.mark.parametrize("mounts", [Mounts(), Remote()])
def test_a_file_that_was_missing_for_a_moment_only(path: Path, mounts: Mounts) -> None:
    watched = Watched(path.parent, mounts=mounts)
    watched.poll()
    append(path, scalars(10, 11))
    with pytest.MonkeyPatch.context() as patch:
        deny(patch, path, FileNotFoundError(2, "No such file or directory"))
        watched.poll()
        assert watched.gone == {NAME}
    watched.poll()
    assert not watched.gone
    assert watched.all_points() == points(0, 11)
    assert causes(watched) == []


# --- a follower is a guest


def test_no_descriptor_is_held_and_nothing_is_written(tmp_path: Path) -> None:
    for run in range(20):
        write(tmp_path / str(run) / NAME, header(), scalars(0, 3))
    before = set(os.listdir("/proc/self/fd")) if os.path.isdir("/proc/self/fd") else set()
    state = {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")}
    opened: list[int] = []
    real = os.open

    def spy(path: str, flags: int, *arguments: int, **options: int) -> int:
        opened.append(flags)
        return real(path, flags, *arguments, **options)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "open", spy)
        watched = Watched(tmp_path)
        watched.poll()
        watched.poll()
    if before:
        assert set(os.listdir("/proc/self/fd")) == before
    assert {path: path.stat().st_mtime_ns for path in tmp_path.rglob("*")} == state
    assert len(opened) >= 20
    assert all(flags & (os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC) == 0 for flags in opened)
    assert all(flags & os.O_CLOEXEC for flags in opened)


def test_runs_that_are_left_out_cost_no_reading_until_they_are_wanted(tmp_path: Path) -> None:
    for run in "ab":
        write(tmp_path / run / NAME, header(), scalars(0, 3))
    watched = Watched(tmp_path)
    watched.follower.leave_out({"b"})
    seen = watched.poll()
    assert order_of_reading(seen) == ["a"]
    assert not watched.follower.busy
    assert [update.quiet for update in seen if isinstance(update, Progress)][-1]
    for run in "ab":
        append(tmp_path / run / NAME, scalars(3, 5))
    assert order_of_reading(watched.poll()) == ["a"]
    watched.follower.leave_out(())
    assert set(order_of_reading(watched.poll())) == {"b"}
    assert watched.points[f"b/{NAME}"] == points(0, 5)
    watched.follower.leave_out({"a"})
    append(tmp_path / "a" / NAME, scalars(5, 6))
    append(tmp_path / "b" / NAME, scalars(5, 6))
    assert order_of_reading(watched.poll()) == ["b"]
    os.remove(tmp_path / "a" / NAME)
    watched.poll()
    watched.follower.leave_out(())
    assert order_of_reading(watched.poll()) == []
    assert not watched.follower.busy


def test_a_poll_that_is_cut_short_reads_no_more_files(tmp_path: Path) -> None:
    """Somebody waits for the answer to a key: what is left is read by the next poll."""
    for run in "abcd":
        write(tmp_path / run / NAME, header(), scalars(0, 5))

    class Interrupted(BiteReader):
        def read(self, requests: Sequence[ReadRequest], capacity: int = 0) -> list[ReadResult]:
            watched.follower.cut_short()
            return super().read(requests, capacity)

    watched = Watched(tmp_path, reader=Interrupted())
    read = order_of_reading(watched.follower.poll())
    assert len(read) == 1
    for _ in range(3):
        assert watched.follower.busy
        read += order_of_reading(watched.follower.poll())
    assert sorted(read) == list("abcd")
