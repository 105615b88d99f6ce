"""Encoded images as pixels: every kind, and everything that may be wrong with them."""

import builtins
import struct
import zlib

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from tbtui.charts import pictures
from tbtui.charts.pictures import BadPicture, decode_picture
from tests.support.pictures import animation, encoded, noise, plain

KINDS = ("PNG", "BMP", "TIFF", "WEBP", "JPEG", "GIF")


@pytest.mark.parametrize("kind", KINDS[:3])
def test_lossless_kinds_come_back_as_they_were(kind: str) -> None:
    pixels = noise()
    picture = decode_picture(encoded(pixels, kind))
    assert picture.kind == kind.lower()
    assert (picture.width, picture.height, len(picture.frames)) == (32, 24, 1)
    assert np.array_equal(picture.frames[0], pixels)
    assert not picture.moves
    assert picture.frame_at(7.3) == 0


@pytest.mark.parametrize("kind", KINDS)
def test_one_colour_stays_that_colour_in_every_kind(kind: str) -> None:
    picture = decode_picture(encoded(plain((200, 40, 90)), kind))
    assert np.abs(picture.frames[0].astype(int) - (200, 40, 90)).max() <= 6
    assert picture.frames[0].shape == (24, 32, 3)


def test_lossless_webp_is_exact() -> None:
    pixels = noise()
    assert np.array_equal(decode_picture(encoded(pixels, "WEBP", lossless=True)).frames[0], pixels)


def test_grey_palette_and_one_bit() -> None:
    grey = noise()[..., 0]
    assert np.array_equal(decode_picture(encoded(grey)).frames[0], np.repeat(grey[..., None], 3, axis=2))
    bits = (grey > 127) * np.uint8(255)
    file = encoded(np.asarray(Image.fromarray(bits).convert("1")))
    assert np.array_equal(decode_picture(file).frames[0][..., 1], bits)
    palette = Image.fromarray(plain((10, 200, 30))).convert("P", palette=Image.Palette.ADAPTIVE)
    import io

    out = io.BytesIO()
    palette.save(out, "PNG")
    assert np.abs(decode_picture(out.getvalue()).frames[0].astype(int) - (10, 200, 30)).max() <= 2


def test_cmyk_has_colours() -> None:
    import io

    out = io.BytesIO()
    Image.fromarray(plain((250, 20, 20))).convert("CMYK").save(out, "TIFF")
    found = decode_picture(out.getvalue()).frames[0]
    assert found[0, 0, 0] > 200
    assert found[0, 0, 2] < 80


def test_sixteen_bits_become_eight() -> None:
    levels = np.linspace(0, 65535, 64 * 64).reshape(64, 64).astype(np.uint16)
    picture = decode_picture(encoded(levels))
    assert picture.words == "16 bit"
    assert np.array_equal(picture.frames[0][..., 2], np.rint(levels / 257).astype(np.uint8))


def test_floats_span_from_least_to_most() -> None:
    picture = decode_picture(encoded(np.array([[-3.0, 0.0], [1.0, 5.0]], np.float32), "TIFF"))
    assert picture.words == "floats"
    assert picture.frames[0][..., 0].tolist() == [[0, 96], [128, 255]]


def test_what_is_transparent_lies_over_checkers() -> None:
    pixels = np.dstack((plain((255, 0, 0)), np.zeros((24, 32), np.uint8)))
    pixels[:12, :, 3] = 255
    picture = decode_picture(encoded(pixels))
    assert picture.words == "transparent"
    assert (picture.frames[0][:12] == (255, 0, 0)).all()
    assert set(np.unique(picture.frames[0][12:])) == {104, 152}


def test_an_opaque_alpha_channel_is_nothing_to_tell() -> None:
    pixels = np.dstack((noise(), np.full((24, 32), 255, np.uint8)))
    picture = decode_picture(encoded(pixels))
    assert picture.words == ""
    assert np.array_equal(picture.frames[0], pixels[..., :3])


@pytest.mark.parametrize("kind", ["GIF", "PNG", "WEBP"])
def test_animations_have_their_frames_in_their_time(kind: str) -> None:
    shades = [(value, value, value) for value in (0, 60, 120, 250)]
    picture = decode_picture(animation([plain(shade) for shade in shades], 80, kind))
    assert picture.moves
    assert picture.words == "4 frames"
    assert picture.seconds == (0.08,) * 4
    assert [abs(int(frame[3, 3, 0]) - shade[0]) <= 4 for frame, shade in zip(picture.frames, shades, strict=True)]
    assert [picture.frame_at(t) for t in (0.0, 0.079, 0.081, 0.25, 0.33)] == [0, 0, 1, 3, 0]


def test_long_animations_are_cut(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pictures, "MOST_FRAME_BYTES", 5 * 24 * 32 * 3)
    picture = decode_picture(animation([plain((value, 0, 0)) for value in range(0, 200, 20)]))
    assert len(picture.frames) == 5
    assert picture.words == "first 5 of 10 frames"


# -- what is wrong


def png_header(width: int, height: int) -> bytes:
    body = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    chunk = b"IHDR" + body
    return b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (b"no image", "not an image"),
        (b"<svg width='80' height='40'></svg>", "SVG of 80 x 40"),
        (encoded(noise())[:200], "broken PNG"),
        (encoded(noise(), "GIF")[:30], "broken GIF"),
        (encoded(noise(), "JPEG")[:150], "broken JPEG"),
        (png_header(0, 0), "broken PNG"),
        (png_header(13_000, 13_000), "13000 x 13000 pixels are too many"),
        (png_header(2**31 - 1, 2**31 - 1), "too many"),
    ],
)
def test_the_reason_is_said(data: bytes, words: str) -> None:
    with pytest.raises(BadPicture, match=words):
        decode_picture(data)


def test_a_bomb_is_never_given_to_a_decoder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Image, "open", lambda *_, **__: pytest.fail("decoded"))
    with pytest.raises(BadPicture, match="too many"):
        decode_picture(png_header(13_000, 13_000))


def test_without_pillow_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = builtins.__import__

    def refuse(name: str, *args: object, **kwargs: object) -> object:
        if name == "PIL" or name.startswith("PIL."):
            raise ImportError(name)
        return real(name, *args, **kwargs)  # type: ignore[arg-type]

    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(BadPicture, match=r"PNG of 32 x 24. Pillow is needed .* pip install 'tbtui\[images\]'"):
        decode_picture(encoded(noise()))


FILES = [encoded(noise(), kind) for kind in KINDS] + [animation([noise(seed=n) for n in range(3)])]


@settings(max_examples=150, deadline=None)
@given(st.sampled_from(FILES), st.data())
def test_damaged_files_are_pictures_or_have_a_reason(file: bytes, data: st.DataObject) -> None:
    damaged = bytearray(file)
    for _ in range(data.draw(st.integers(1, 6))):
        damaged[data.draw(st.integers(0, len(damaged) - 1))] = data.draw(st.integers(0, 255))
    if data.draw(st.booleans()):
        del damaged[data.draw(st.integers(0, len(damaged) - 1)) :]
    reason = ""
    try:
        picture = decode_picture(bytes(damaged))
    except BadPicture as bad:
        reason = str(bad)
        assert reason
    else:
        assert all(frame.dtype == np.uint8 and frame.ndim == 3 for frame in picture.frames)
        assert picture.width * picture.height <= pictures.MOST_PIXELS
    assert "\n" not in reason


@settings(max_examples=100, deadline=None)
@given(
    st.sampled_from([b"\x89PNG\r\n\x1a\n", b"GIF89a", b"\xff\xd8\xff", b"II*\0", b"RIFF\0\0\0\0WEBP", b"BM"]),
    st.binary(),
)
def test_any_bytes_have_a_reason(start: bytes, rest: bytes) -> None:
    with pytest.raises(BadPicture, match=r"\w"):
        decode_picture(start + rest)
