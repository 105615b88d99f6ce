"""Kind and size of media from their headers, against Pillow, and against headers that are cut, wrong or lie."""

from __future__ import annotations

import io
import struct
import wave
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from tbtui.events.media import ImageInfo, SoundInfo, image_info, sound_info

SIZES = [(1, 1), (31, 7), (1, 2000), (2584, 964)]


def encoded(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    out = io.BytesIO()
    Image.new(mode, size).save(out, kind, **options)
    return out.getvalue()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "webp", "tiff"])
def test_kinds_and_sizes(kind: str, size: tuple[int, int]) -> None:
    assert image_info(encoded(kind, size)) == ImageInfo(kind, *size)


@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("png", "I;16", {}),
        ("png", "P", {}),
        ("png", "RGBA", {}),
        ("png", "1", {}),
        ("png", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (20, 10))]}),  # APNG
        ("jpeg", "CMYK", {}),
        ("jpeg", "L", {"progressive": True}),
        ("jpeg", "RGB", {"comment": b"\xff\xc0" * 50}),
        ("gif", "P", {"save_all": True, "append_images": [Image.new("P", (20, 10), 1)]}),
        ("webp", "RGB", {"lossless": True}),
        ("webp", "RGBA", {"lossless": True}),
        ("webp", "RGBA", {}),
        ("webp", "RGB", {"save_all": True, "append_images": [Image.new("RGB", (20, 10), 9)]}),
        ("tiff", "I;16B", {}),
        ("bmp", "P", {}),
    ],
)
def test_forms_of_the_kinds(kind: str, mode: str, options: dict[str, object]) -> None:
    assert image_info(encoded(kind, (20, 10), mode, **options)) == ImageInfo(kind, 20, 10)


def test_old_and_upside_down_bitmaps() -> None:
    core = b"BM" + bytes(12) + struct.pack("<IHHHH", 12, 30, 40, 1, 24)
    assert image_info(core) == ImageInfo("bmp", 30, 40)
    downwards = b"BM" + bytes(12) + struct.pack("<IiiHH", 40, 30, -40, 1, 24)
    assert image_info(downwards) == ImageInfo("bmp", 30, 40)


def test_a_bomb_is_known_by_its_header() -> None:
    """What would take 40 GB is told by 33 bytes."""
    header = struct.pack(">IIBBBBB", 200_000, 200_000, 1, 0, 0, 0, 0)
    chunk = b"IHDR" + header
    bomb = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert image_info(bomb) == ImageInfo("png", 200_000, 200_000)


@pytest.mark.parametrize(
    ("data", "size"),
    [
        (b'<svg xmlns="http://www.w3.org/2000/svg" width="120" height="80px">', (120, 80)),
        (b'<?xml version="1.0"?>\n<!-- words -->\n<svg height=\'80.5\' width="120.0"></svg>', (120, 80)),
        (b'<svg viewBox="0 0 10 10" width="100%">', (0, 0)),
    ],
)
def test_vector_images(data: bytes, size: tuple[int, int]) -> None:
    assert image_info(data) == ImageInfo("svg", *size)


@pytest.mark.parametrize(
    "data", [b"", b"hello", b"BM is how this text begins", b"<html><body>", b"RIFF....WAVE", b"\x89PN"]
)
def test_what_is_no_image(data: bytes) -> None:
    assert image_info(data) is None


@pytest.mark.parametrize("kind", ["png", "jpeg", "gif", "bmp", "webp", "tiff"])
def test_cut_anywhere(kind: str) -> None:
    whole = encoded(kind, (20, 10))
    for end in range(min(len(whole), 700)):
        assert image_info(whole[:end]) in (None, ImageInfo(kind, 0, 0), ImageInfo(kind, 20, 10), ImageInfo(kind, 20, 0))


STARTS = [
    b"\x89PNG\r\n\x1a\n",
    b"\xff\xd8\xff",
    b"GIF89a",
    b"RIFF\0\0\0\0WEBPVP8L",
    b"II*\0",
    b"MM\0*",
    b"RIFF\0\0\0\0WAVEfmt ",
]


@given(st.sampled_from(STARTS), st.binary(max_size=200))
def test_any_bytes_behind_a_good_start(start: bytes, rest: bytes) -> None:
    image_info(start + rest)
    sound_info(start + rest)


def test_a_jpeg_of_endless_segments_ends() -> None:
    assert image_info(b"\xff\xd8" + b"\xff\xe0\x00\x02" * 100_000) == ImageInfo("jpeg", 0, 0)


def test_a_jpeg_whose_tables_come_before_its_size() -> None:
    tables = b"\xff\xc4\x00\x09" + bytes(7) + b"\xff\xff\xcc\x00\x04ab" + b"\xff\x01"
    frame = b"\xff\xc2\x00\x11\x08" + struct.pack(">HH", 30, 40)
    assert image_info(b"\xff\xd8" + tables + frame) == ImageInfo("jpeg", 40, 30)


def pcm(channels: int, width: int, rate: int, frames: int) -> bytes:
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(channels)
        file.setsampwidth(width)
        file.setframerate(rate)
        file.writeframes(bytes(channels * width * frames))
    return out.getvalue()


@pytest.mark.parametrize("channels", [1, 2, 6])
@pytest.mark.parametrize("width", [1, 2, 3, 4])
def test_plain_sounds(channels: int, width: int) -> None:
    expected = SoundInfo("pcm", 8000, channels, 8 * width, 400, 0.05)
    assert sound_info(pcm(channels, width, 8000, 400)) == expected


def riff(kind: int, rate: int, bits: int, data: bytes, *, says: int | None = None, extra: bytes = b"") -> bytes:
    frame = bits // 8
    layout = struct.pack("<HHIIHH", kind, 1, rate, rate * frame, frame, bits) + extra
    chunks = b"fmt " + struct.pack("<I", len(layout)) + layout + b"LIST\x03\0\0\0abc\0"
    chunks += b"data" + struct.pack("<I", len(data) if says is None else says) + data
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WAVE" + chunks


def test_float_sounds_and_the_long_form_of_the_header() -> None:
    assert sound_info(riff(3, 100, 32, bytes(400))) == SoundInfo("float", 100, 1, 32, 100, 1.0)
    guid = struct.pack("<HHIH", 22, 32, 0, 3) + bytes(14)
    assert sound_info(riff(0xFFFE, 100, 32, bytes(400), extra=guid)) == SoundInfo("float", 100, 1, 32, 100, 1.0)
    assert sound_info(riff(85, 100, 8, bytes(4))) == SoundInfo("other", 100, 1, 8, 4, 0.04)


def test_sounds_that_promise_more_than_they_hold() -> None:
    """Truncated, streamed (unknown length), without a rate, without data."""
    assert sound_info(riff(1, 100, 16, bytes(101), says=10_000)) == SoundInfo("pcm", 100, 1, 16, 50, 0.5)
    assert sound_info(riff(1, 100, 16, bytes(100), says=0xFFFFFFFF)) == SoundInfo("pcm", 100, 1, 16, 50, 0.5)
    assert sound_info(riff(1, 0, 16, bytes(100))) == SoundInfo("pcm", 0, 1, 16, 50, 0.0)
    assert sound_info(pcm(1, 2, 8000, 4)[:36]) == SoundInfo("pcm", 8000, 1, 16, 0, 0.0)
    assert sound_info(b"RIFF\0\0\0\0WAVE") is None
    assert sound_info(b"RIFF\0\0\0\0WAVEfmt \x04\0\0\0abcd") is None
    assert sound_info(b"OggS") is None
