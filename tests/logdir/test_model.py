"""Random lives of event files against a model: what is shown was written, and all of the present file is shown."""

from __future__ import annotations

import os
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.support.logfiles import Watched, header, scalar, write

STEPS = 1000
NAMES = ("events.out.tfevents.1700000000.h.1.0", "events.out.tfevents.1700000005.h.2.0")


class Life:
    """Event files that meet with everything that files meet with, and a follower that watches.

    Every value that is ever written is another one (`written`). `content` holds for each file that there is its records
    as bytes with their values, up to where it is sound; `torn` the beginning of a record that is not complete yet.
    """

    def __init__(self, folder: Path, seed: int) -> None:
        self.random = random.Random(seed)
        self.folder = folder
        self.watched = Watched(folder)
        self.written: set[float] = set()
        self.next_value = 0
        self.content: dict[Path, list[tuple[bytes, float | None]]] = {}
        self.rest: dict[Path, tuple[bytes, float, int]] = {}  # a record, its value, how many bytes of it are written
        self.zeros: dict[Path, int] = {}
        self.actions = [
            self.grow, self.grow, self.grow, self.grow_in_bytes, self.grow_in_bytes, self.complete,
            self.cut, self.cut_in_place_and_go_on, self.rewrite, self.rotate, self.copy, self.delete, self.recreate,
            self.rename,
            self.remove_run, self.fill_with_zeros, self.overwrite_zeros,
            self.poll, self.poll, self.poll, self.poll_in_trouble,
        ]  # fmt: skip

    # --- the state of the files

    def new_record(self) -> tuple[bytes, float]:
        self.next_value += 1
        number = float(self.next_value)
        self.written.add(number)
        tag = self.random.choice(["loss", "accuracy/top5", "x" * self.random.randrange(1, 40)])
        return scalar(self.next_value, number, tag), number

    def new_content(self, most: int = 12) -> list[tuple[bytes, float | None]]:
        count = self.random.randrange(most)
        return [(header(self.random.random() * 1e9), None), *(self.new_record() for _ in range(count))]

    def any_file(self) -> Path:
        run = self.random.choice(["a", "b/c"])
        return self.folder / run / self.random.choice(NAMES)

    def present(self) -> Path | None:
        return self.random.choice(sorted(self.content)) if self.content else None

    def bytes_of(self, path: Path) -> bytes:
        return b"".join(record for record, _ in self.content[path])

    def forget_tail(self, path: Path) -> None:
        self.rest.pop(path, None)
        self.zeros.pop(path, None)

    def append(self, path: Path, data: bytes) -> None:
        """Writes behind the sound part, over the zeros where there are some."""
        with open(path, "r+b") as file:
            file.seek(len(self.bytes_of(path)))
            file.write(data)

    # --- what happens to them

    def grow(self) -> None:
        path = self.present()
        if path is None or path in self.rest or path in self.zeros:
            return
        for _ in range(self.random.randrange(1, 6)):
            record, number = self.new_record()
            self.append(path, record)
            self.content[path].append((record, number))

    def grow_in_bytes(self) -> None:
        path = self.present()
        if path is None or path in self.zeros:
            return
        record, number, done = self.rest.get(path, (*self.new_record(), 0))
        more = min(self.random.randrange(1, 30), len(record) - done)
        with open(path, "ab") as file:
            file.write(record[done : done + more])
        self.rest[path] = (record, number, done + more)
        if done + more == len(record):
            self.content[path].append((record, number))
            del self.rest[path]

    def complete(self) -> None:
        for path, (record, number, done) in list(self.rest.items()):
            with open(path, "ab") as file:
                file.write(record[done:])
            self.content[path].append((record, number))
            del self.rest[path]

    def cut(self) -> None:
        """Cuts the file back to some record, or to nothing."""
        path = self.present()
        if path is None:
            return
        self.forget_tail(path)
        keep = self.random.randrange(len(self.content[path]) + 1)
        self.content[path] = self.content[path][:keep]
        os.truncate(path, len(self.bytes_of(path)))

    def cut_in_place_and_go_on(self) -> None:
        self.cut()
        self.grow()

    def rewrite(self) -> None:
        """Another session writes into the same inode."""
        path = self.present()
        if path is not None:
            self.forget_tail(path)
            self.content[path] = self.new_content()
            path.write_bytes(self.bytes_of(path))

    def rotate(self) -> None:
        """Another file takes its place."""
        path = self.present()
        if path is not None:
            self.forget_tail(path)
            self.content[path] = self.new_content()
            self.exchange(path)

    def copy(self) -> None:
        """A longer copy of the file takes its place."""
        path = self.present()
        if path is not None:
            self.forget_tail(path)
            self.content[path].append(self.new_record())
            self.exchange(path)

    def exchange(self, path: Path) -> None:
        other = path.with_name("temporary")
        other.write_bytes(self.bytes_of(path))
        os.replace(other, path)

    def delete(self) -> None:
        path = self.present()
        if path is not None:
            path.unlink()
            del self.content[path]
            self.forget_tail(path)

    def recreate(self) -> None:
        path = self.any_file()
        if path not in self.content:
            self.content[path] = self.new_content()
            write(path, self.bytes_of(path))

    def rename(self) -> None:
        path = self.present()
        if path is not None and path not in self.rest and path not in self.zeros:
            other = path.with_name(self.random.choice(NAMES))
            if other not in self.content:
                path.rename(other)
                self.content[other] = self.content.pop(path)

    def remove_run(self) -> None:
        if self.random.random() < 0.3:
            folder = self.any_file().parent
            shutil.rmtree(folder, ignore_errors=True)
            for path in [path for path in self.content if path.parent == folder]:
                del self.content[path]
                self.forget_tail(path)

    def fill_with_zeros(self) -> None:
        path = self.present()
        if path is not None and path not in self.rest:
            more = self.random.choice([5, 12, 16, 100, 5000])
            with open(path, "ab") as file:
                file.write(bytes(more))
            self.zeros[path] = self.zeros.get(path, 0) + more

    def overwrite_zeros(self) -> None:
        """Records take the place of the zeros; what is left of these is cut off."""
        for path in list(self.zeros):
            records = [self.new_record() for _ in range(self.random.randrange(1, 4))]
            self.append(path, b"".join(record for record, _ in records))
            self.content[path] += records
            os.truncate(path, len(self.bytes_of(path)))
            del self.zeros[path]

    # --- what must hold

    def poll(self) -> None:
        self.watched.poll(self.random.choice([0.2, 2.0, 30.0]))
        self.check_nothing_invented()

    def poll_in_trouble(self) -> None:
        """Polls while some calls of the operating system fail."""
        share = self.random.choice([0.05, 0.3, 1.0])
        function = self.random.choice(["open", "stat", "fstat", "scandir", "pread", "preadv"])
        real = getattr(os, function)

        def perhaps(*arguments: Any, **options: Any) -> Any:
            if self.random.random() < share:
                raise self.random.choice([FileNotFoundError(2, "gone"), OSError(5, "EIO"), PermissionError(13, "no")])
            return real(*arguments, **options)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(os, function, perhaps)
            self.poll()

    def shown(self) -> dict[Path, list[float]]:
        return {self.folder / name: [point[2] for point in found] for name, found in self.watched.points.items()}

    def check_nothing_invented(self) -> None:
        for numbers in self.shown().values():
            assert set(numbers) <= self.written
            assert len(set(numbers)) == len(numbers), "a point was told twice"

    def check_complete(self) -> None:
        """Once nothing happens any more, what is shown of the files that there are is what is in them."""
        for _ in range(3):
            self.watched.poll(100)
        self.check_nothing_invented()
        shown = self.shown()
        for path, records in self.content.items():
            assert shown[path] == [number for _, number in records if number is not None]
        gone = {self.folder / name for name in self.watched.gone}
        assert gone.isdisjoint(self.content)
        assert set(shown) - gone == set(self.content)
        assert set(self.watched.runs) == {str(path.parent.relative_to(self.folder)) for path in self.content}
        assert self.watched.progress.quiet

    def live(self, steps: int) -> None:
        for step in range(steps):
            self.random.choice(self.actions)()
            if step % 25 == 24:
                self.check_complete()
        self.check_complete()


@pytest.mark.parametrize("seed", range(8))
def test_random_lives_of_files(tmp_path: Path, seed: int) -> None:
    Life(tmp_path, seed).live(STEPS)


def test_the_order_of_arrival_makes_no_difference(tmp_path: Path) -> None:
    """Read as it grew, or at once in the end: the same points in the same order."""
    life = Life(tmp_path, 99)
    life.actions = [life.grow, life.grow_in_bytes, life.complete, life.recreate, life.poll]
    life.live(STEPS)
    life.complete()
    life.check_complete()
    late = Watched(tmp_path)
    late.poll()
    assert late.points == life.watched.points
