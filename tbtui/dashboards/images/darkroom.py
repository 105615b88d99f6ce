"""From a place in a file to what is seen of an image, step by step, each step kept within bounds for the next look.

The encoded images of a value, the pixels of one of them, and what is drawn of these at a size: three caches, each
bounded in bytes. Whatever has to be read or decoded is for threads; the event loop only peeks.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from threading import Lock
from typing import Generic, TypeVar

from tbtui.charts.cells import Cells, ColorSystem
from tbtui.charts.pictures import BadPicture, Picture, decode_picture
from tbtui.charts.pixels import Pixels
from tbtui.charts.raster import AS_IS, WHOLE, Look, Sight, difference, in_cells, see
from tbtui.events.media import ImageInfo, image_info
from tbtui.events.summaries import Images, images
from tbtui.store.series import Reference
from tbtui.store.values import Unreadable, Values

ENCODED_BYTES, DECODED_BYTES, DRAWN_BYTES = 48 << 20, 128 << 20, 32 << 20
"""What the three caches may hold."""

OFF = "images are off (--images off)"

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Kept(Generic[K, V]):
    """What was used last, within `most_bytes`; for any thread. The newest is kept whatever its size."""

    def __init__(self, most_bytes: int, size: Callable[[V], int]) -> None:
        self._size = size
        self._lock = Lock()
        self._kept: OrderedDict[K, V] = OrderedDict()
        self.most_bytes = most_bytes
        self.bytes = 0

    def __len__(self) -> int:
        return len(self._kept)

    def get(self, key: K) -> V | None:
        """What is kept, None where nothing is."""
        with self._lock:
            found = self._kept.get(key)
            if found is not None:
                self._kept.move_to_end(key)
            return found

    def put(self, key: K, value: V) -> None:
        """Keep this, and let go of what was not used for longest."""
        with self._lock:
            before = self._kept.pop(key, None)
            self.bytes += self._size(value) - (0 if before is None else self._size(before))
            self._kept[key] = value
            while len(self._kept) > 1 and self.bytes > self.most_bytes:
                self.bytes -= self._size(self._kept.popitem(last=False)[1])


@dataclass(frozen=True, slots=True)
class Subject:
    """One image: where its value lies, and which sample of it. Of k samples, number n is number n modulo k."""

    reference: Reference
    sample: int


@dataclass(frozen=True, slots=True)
class Film:
    """What images are drawn with: the colours of the terminal, or its pixels.

    cell: width and height of a cell in pixels where the terminal shows pixels; else blocks are drawn.
    on: otherwise nothing is decoded.
    """

    color_system: ColorSystem = "truecolor"
    plain: bool = False
    dark: bool = True
    cell: tuple[int, int] | None = None
    on: bool = True


BLOCKS = Film()


@dataclass(frozen=True, slots=True)
class Shot:
    """An image as it is to be drawn in (columns, rows) cells; other: the one that is taken from it."""

    subject: Subject
    columns: int
    rows: int
    film: Film = BLOCKS
    other: Subject | None = None
    frame: int = 0
    look: Look = AS_IS
    sight: Sight = WHOLE


@dataclass(frozen=True, slots=True)
class Print:
    """What became of a shot: cells or pixels, or the reason why there are none; and what is known of the image.

    pixels: uint8[h, w, 3] where the terminal shows pixels. samples: how many the value has; encoded: bytes of this one;
    seconds: of each frame; most: of a difference, the largest; 0 to 255.
    """

    cells: Cells | None = None
    pixels: Pixels | None = None
    reason: str = ""
    kind: str = ""
    width: int = 0
    height: int = 0
    samples: int = 0
    encoded: int = 0
    words: str = ""
    seconds: tuple[float, ...] = ()
    most: int | None = None
    stamp: int = field(default=0, compare=False)
    """A number of its own."""

    @property
    def moves(self) -> bool:
        """Whether it is an animation."""
        return len(self.seconds) > 1


def _print_bytes(one: Print) -> int:
    cells = 13 * one.cells.glyphs.size if one.cells is not None else 0
    return cells + (one.pixels.nbytes if one.pixels is not None else 0) + 400


class Darkroom:
    """Draws shots, and keeps what it took to draw them."""

    def __init__(self, encoded: int = ENCODED_BYTES, decoded: int = DECODED_BYTES, drawn: int = DRAWN_BYTES) -> None:
        self._encoded = Values[Images](images, encoded, lambda found: sum(map(len, found.samples)) + 200)
        self._decoded = Kept[Subject, Picture | BadPicture](
            decoded, lambda one: one.bytes if isinstance(one, Picture) else 300
        )
        self._drawn = Kept[Shot, Print](drawn, _print_bytes)
        self._count = 0

    @property
    def kept(self) -> int:
        """Bytes of all that is kept."""
        return self._encoded.bytes + self._decoded.bytes + self._drawn.bytes

    def peek(self, shot: Shot) -> Print | None:
        """The print if it is at hand. For the event loop."""
        return self._drawn.get(shot)

    def develop(self, shot: Shot) -> Print:
        """The print, read and decoded where need be. For threads."""
        found = self._drawn.get(shot)
        if found is None:
            found = self._draw(shot)
            self._drawn.put(shot, found)
        return found

    def original(self, subject: Subject) -> bytes:
        """The bytes of an image as they were logged. Raises BadPicture. For threads."""
        value = self._encoded.get(subject.reference)
        if isinstance(value, Unreadable):
            raise BadPicture(value.reason)
        if not value.samples:
            raise BadPicture("this step has no image")
        return value.samples[subject.sample % len(value.samples)]

    def size(self, subject: Subject) -> tuple[int, int]:
        """Width and height by the header, (0, 0) where these are not to be found. For threads."""
        try:
            info = image_info(self.original(subject))
        except BadPicture:
            info = None
        return (info.width, info.height) if info is not None else (0, 0)

    def picture(self, subject: Subject) -> Picture:
        """The pixels of an image. Raises BadPicture. For threads."""
        found = self._decoded.get(subject)
        if found is None:
            try:
                found = decode_picture(self.original(subject))
            except BadPicture as bad:
                found = bad
            self._decoded.put(subject, found)
        if isinstance(found, BadPicture):
            raise found.with_traceback(None)
        return found

    def _draw(self, shot: Shot) -> Print:
        value = self._encoded.get(shot.subject.reference)
        samples = len(value.samples) if isinstance(value, Images) else 0
        try:
            data = self.original(shot.subject)
        except BadPicture as bad:
            return Print(reason=str(bad), samples=samples)
        size = len(data)
        if not shot.film.on:
            info = image_info(data) or ImageInfo("", 0, 0)
            return Print(None, None, OFF, info.kind, info.width, info.height, samples, size)
        try:
            picture = self.picture(shot.subject)
            frame, most = picture.frames[shot.frame % len(picture.frames)], None
            if shot.other is not None:
                frame, most = difference(frame, self.picture(shot.other).frames[0])
        except BadPicture as bad:
            return Print(reason=str(bad), samples=samples, encoded=size)
        film = shot.film
        cells = seen = None
        if film.cell is None:
            cells = in_cells(
                frame,
                shot.columns,
                shot.rows,
                film.color_system,
                sight=shot.sight,
                look=shot.look,
                plain=film.plain,
                dark=film.dark,
            )
        else:
            across, down = film.cell
            seen = shot.look.apply(see(frame, shot.columns * across, shot.rows * down, shot.sight))
        self._count += 1
        return Print(
            cells,
            seen,
            "",
            picture.kind,
            picture.width,
            picture.height,
            samples,
            size,
            picture.words,
            picture.seconds,
            most,
            self._count,
        )
