"""Kind and size of images and sounds from their first bytes, without decoding them.

What a header says is what a decoder would have to make room for: ask here before decoding anything from a file.
"""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

_WAVE_FORMAT_PCM, _WAVE_FORMAT_FLOAT, _WAVE_FORMAT_EXTENSIBLE = 1, 3, 0xFFFE
_MOST_SEGMENTS = 1000  # of a JPEG, before its size must have come
_TIFF_WIDTH, _TIFF_HEIGHT = 256, 257
_TIFF_SHORT, _TIFF_LONG = 3, 4
# Frame headers of JPEG: SOF0 to SOF15 without the three markers among them that mean something else.
_JPEG_FRAMES = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_JPEG_ALONE = frozenset((0x01, *range(0xD0, 0xD8)))  # markers without a length behind them


class ImageInfo(NamedTuple):
    """kind: "png", "jpeg", "gif", "bmp", "webp", "tiff" or "svg"; size in pixels, 0 x 0 where the header ends early."""

    kind: str
    width: int
    height: int


class SoundInfo(NamedTuple):
    """What a WAV header says, and what is really there.

    encoding: "pcm", "float" or "other"; bits per sample and channel; frames: whole frames whose bytes are there,
    however many the header promises; seconds: 0.0 where the sample rate is 0.
    """

    encoding: str
    sample_rate: int
    channels: int
    bits: int
    frames: int
    seconds: float


def image_info(data: bytes | memoryview) -> ImageInfo | None:
    """Kind and size of an encoded image; None when the bytes are no image we know."""
    view = memoryview(data)
    start = bytes(view[:1024])
    for kind, matches, size in _IMAGE_KINDS:
        if matches.match(start):
            try:
                width, height = size(view)
            except (struct.error, IndexError):
                width, height = 0, 0
            return ImageInfo(kind, width, height)
    return None


def _png_size(data: memoryview) -> tuple[int, int]:
    width, height = struct.unpack_from(">II", data, 16)
    return width, height


def _gif_size(data: memoryview) -> tuple[int, int]:
    width, height = struct.unpack_from("<HH", data, 6)
    return width, height


def _bmp_size(data: memoryview) -> tuple[int, int]:
    (header,) = struct.unpack_from("<I", data, 14)
    width, height = struct.unpack_from("<HH" if header == 12 else "<ii", data, 18)
    return abs(width), abs(height)  # a negative height means the rows run downwards


def _webp_size(data: memoryview) -> tuple[int, int]:
    chunk = bytes(data[12:16])
    if chunk == b"VP8X":
        width, height = int.from_bytes(data[24:27], "little"), int.from_bytes(data[27:30], "little")
        return (width + 1, height + 1) if len(data) >= 30 else (0, 0)
    if chunk == b"VP8L":
        (packed,) = struct.unpack_from("<I", data, 21)
        return (packed & 0x3FFF) + 1, (packed >> 14 & 0x3FFF) + 1
    width, height = struct.unpack_from("<HH", data, 26)
    return width & 0x3FFF, height & 0x3FFF


def _jpeg_size(data: memoryview) -> tuple[int, int]:
    """Walk the segments to the first frame header."""
    position = 2
    for _ in range(_MOST_SEGMENTS):
        if data[position] != 0xFF:
            break
        marker = data[position + 1]
        if marker == 0xFF:  # filling
            position += 1
        elif marker in _JPEG_ALONE:
            position += 2
        elif marker in _JPEG_FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 5)
            return width, height
        else:
            position += 2 + struct.unpack_from(">H", data, position + 2)[0]
    return 0, 0


def _tiff_size(data: memoryview) -> tuple[int, int]:
    """The first directory's entries for width and height."""
    order = "<" if data[0] == 0x49 else ">"
    (directory,) = struct.unpack_from(order + "I", data, 4)
    (count,) = struct.unpack_from(order + "H", data, directory)
    size = {_TIFF_WIDTH: 0, _TIFF_HEIGHT: 0}
    for index in range(count):
        entry = directory + 2 + 12 * index
        tag, kind = struct.unpack_from(order + "HH", data, entry)
        if tag in size and kind in (_TIFF_SHORT, _TIFF_LONG):
            size[tag] = struct.unpack_from(order + ("H" if kind == _TIFF_SHORT else "I"), data, entry + 8)[0]
        if tag >= _TIFF_HEIGHT:  # entries are in order
            break
    return size[_TIFF_WIDTH], size[_TIFF_HEIGHT]


def _svg_size(data: memoryview) -> tuple[int, int]:
    """Width and height of the root element, where they are plain numbers or pixels."""
    root = re.search(rb"<svg\b[^>]*>", bytes(data[:4096]))
    return (_svg_side(b"width", root[0]), _svg_side(b"height", root[0])) if root else (0, 0)


def _svg_side(name: bytes, root: bytes) -> int:
    found = re.search(rb"\s%s=[\"'](\d{1,6})(?:\.\d*)?(?:px)?[\"']" % name, root)
    return int(found[1]) if found else 0


_IMAGE_KINDS = (
    ("png", re.compile(rb"\x89PNG\r\n\x1a\n"), _png_size),
    ("jpeg", re.compile(rb"\xff\xd8\xff"), _jpeg_size),
    ("gif", re.compile(rb"GIF8[79]a"), _gif_size),
    ("bmp", re.compile(rb"BM.{12}[\x0c\x10\x28\x34\x38\x40\x6c\x7c]\0\0\0", re.DOTALL), _bmp_size),
    ("webp", re.compile(rb"RIFF....WEBP", re.DOTALL), _webp_size),
    ("tiff", re.compile(rb"II\*\0|MM\0\*"), _tiff_size),
    ("svg", re.compile(rb"(?:\xef\xbb\xbf)?\s*(?:<\?xml.*?)?<svg\b", re.DOTALL), _svg_size),
)


class WaveLayout(NamedTuple):
    """Where the samples of a WAV file are, and in which form.

    kind: the format's number (1 PCM, 3 float, others by name in `wave_format_name`); frame: bytes of a frame (a sample
    of every channel); bits: of a sample; begin, end: where the samples lie, as far as they are there; promised: how
    many bytes of them the header says there are.
    """

    kind: int
    sample_rate: int
    channels: int
    frame: int
    bits: int
    begin: int
    end: int
    promised: int


def wave_layout(data: bytes | memoryview) -> WaveLayout | None:
    """What the chunks of a WAV file say, in any order; None when it is none, or its format is missing."""
    view = memoryview(data)
    if bytes(view[:4]) not in _WAVE_IDS or bytes(view[8:12]) != b"WAVE":
        return None
    form: tuple[int, int, int, int, int] | None = None
    begin = end = promised = 0
    position = 12
    while position + 8 <= len(view) and (form is None or not begin):
        name, size = struct.unpack_from("<4sI", view, position)
        position += 8
        if name == b"fmt " and form is None:
            form = _wave_format(view[position : position + size])
            if form is None:
                return None
        elif name == b"data" and not begin:
            left = len(view) - position
            promised = left if size == _SIZE_UNKNOWN else size
            begin, end = position, position + min(promised, left)
            size = end - begin
        position += size + size % 2
    if form is None:
        return None
    kind, channels, rate, frame, bits = form
    return WaveLayout(kind, rate, channels, frame, bits, begin, end, promised)


def sound_info(data: bytes | memoryview) -> SoundInfo | None:
    """What a WAV file says about itself; None when the bytes are no WAV file or its format is missing."""
    layout = wave_layout(data)
    if layout is None:
        return None
    rate = layout.sample_rate
    frames = (layout.end - layout.begin) // layout.frame if layout.frame else 0
    encoding = {_WAVE_FORMAT_PCM: "pcm", _WAVE_FORMAT_FLOAT: "float"}.get(layout.kind, "other")
    return SoundInfo(encoding, rate, layout.channels, layout.bits, frames, frames / rate if rate else 0.0)


def sound_kind(data: bytes | memoryview) -> tuple[str | None, SoundInfo | None]:
    """The kind of an encoded sound ("wav", "mp3", "ogg", "flac", "aiff", "au", "m4a"; None where it is unknown), and
    what a WAV file says of itself."""
    start = bytes(memoryview(data)[:16])
    for kind, matches in _SOUND_KINDS:
        if matches.match(start):
            return kind, sound_info(data) if kind == "wav" else None
    return None, None


def wave_format_name(kind: int) -> str:
    """What the format of a WAV file is called."""
    return _WAVE_FORMATS.get(kind, f"format {kind:#06x}")


def _wave_format(chunk: memoryview) -> tuple[int, int, int, int, int] | None:
    """(format, channels, sample rate, bytes per frame, bits per sample)"""
    if len(chunk) < 16:
        return None
    kind, channels, rate, _, frame, bits = struct.unpack_from("<HHIIHH", chunk)
    if kind == _WAVE_FORMAT_EXTENSIBLE and len(chunk) >= 26:
        (kind,) = struct.unpack_from("<H", chunk, 24)
    return kind, channels, rate, frame, bits


_WAVE_IDS = (b"RIFF", b"RF64")
_SIZE_UNKNOWN = 0xFFFFFFFF  # of who writes while recording, and of files larger than that
_WAVE_FORMATS = {
    1: "PCM", 2: "ADPCM", 3: "float", 6: "A-law", 7: "µ-law", 0x11: "IMA ADPCM", 0x31: "GSM 6.10", 0x50: "MPEG",
    0x55: "MP3", 0xFFFE: "extensible",
}  # fmt: skip
_SOUND_KINDS = (
    ("wav", re.compile(rb"(?:RIFF|RF64).{4}WAVE", re.DOTALL)),
    ("ogg", re.compile(rb"OggS")),
    ("flac", re.compile(rb"fLaC")),
    ("mp3", re.compile(rb"ID3|\xff[\xe2-\xe7\xf2-\xff]")),
    ("aiff", re.compile(rb"FORM....AIF[FC]", re.DOTALL)),
    ("au", re.compile(rb"\.snd")),
    ("m4a", re.compile(rb"....ftyp", re.DOTALL)),
)
