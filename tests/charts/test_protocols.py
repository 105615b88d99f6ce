"""Pictures for terminals, decoded again."""

import base64
import io
import re
import unicodedata
import zlib

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tbtui.charts.protocols import at, iterm2, kitty_delete, kitty_send, most_side, placeholder, sixel
from tests.support.pictures import noise, plain

APC = re.compile(r"\x1b_G([^;\x1b]*)(?:;([^\x1b]*))?\x1b\\")


def read_kitty(text: str) -> tuple[dict[str, str], npt.NDArray[np.uint8]]:
    """The first command's keys, and the pixels."""
    commands = APC.findall(text)
    assert "".join(f"\x1b_G{keys};{data}\x1b\\" for keys, data in commands) == text
    keys = dict(pair.split("=") for pair in commands[0][0].split(","))
    more = [dict(pair.split("=") for pair in one.split(","))["m"] for one, _ in commands]
    assert more == ["1"] * (len(commands) - 1) + ["0"]
    assert all(len(data) <= 4096 for _, data in commands)
    assert all(len(data) % 4 == 0 for _, data in commands)
    assert all("q=2" in one for one, _ in commands)
    raw = zlib.decompress(base64.standard_b64decode("".join(data for _, data in commands)))
    return keys, np.frombuffer(raw, np.uint8).reshape(int(keys["v"]), int(keys["s"]), 3)


def read_sixel(text: str) -> npt.NDArray[np.int64]:
    """The pixels int64[h, w, 3] of a Sixel picture, in hundredths; -1 where none was drawn."""
    body = re.fullmatch(r'\x1bP[\d;]*q"1;1;(\d+);(\d+)(.*)\x1b\\', text, re.DOTALL)
    assert body is not None
    width, height = int(body[1]), int(body[2])
    out = np.full((-(-height // 6) * 6, width, 3), -1)
    palette: dict[int, tuple[int, ...]] = {}
    x = y = color = 0
    for token in re.finditer(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)([?-~])|([?-~])|(\$)|(-)", body[3]):
        if token[1]:
            palette[int(token[1])] = tuple(int(token[n]) for n in (2, 3, 4))
        elif token[5]:
            color = int(token[5])
        elif token[9]:
            x = 0
        elif token[10]:
            x, y = 0, y + 6
        else:
            count, sign = (int(token[6]), token[7]) if token[6] else (1, token[8])
            for bit in range(6):
                if ord(sign) - 63 >> bit & 1:
                    out[y + bit, x : x + count] = palette[color]
            x += count
            assert x <= width
    assert (out[height:] == -1).all()
    return out[:height]


@pytest.mark.parametrize("size", [(1, 1), (24, 32), (120, 90)])
def test_kitty_comes_back(size: tuple[int, int]) -> None:
    pixels = noise(*size)
    keys, found = read_kitty(kitty_send(77, pixels, 9, 5))
    assert np.array_equal(found, pixels)
    expected = {"a": "T", "U": "1", "i": "77", "f": "24", "o": "z", "c": "9", "r": "5"}
    assert {key: keys[key] for key in expected} == expected


def test_kitty_through_tmux() -> None:
    pixels = noise(120, 90)
    text = kitty_send(77, pixels, 9, 5, tmux=True)
    pieces = re.findall(r"\x1bPtmux;((?:\x1b\x1b|[^\x1b])*)\x1b\\", text)
    assert "".join(f"\x1bPtmux;{piece}\x1b\\" for piece in pieces) == text
    assert len(pieces) > 3
    assert read_kitty("".join(pieces).replace("\x1b\x1b", "\x1b"))[1].tolist() == pixels.tolist()


def test_kitty_forgets() -> None:
    assert kitty_delete(5) == "\x1b_Ga=d,d=I,q=2,i=5\x1b\\"


def test_placeholders_are_one_cell_and_all_unlike() -> None:
    from rich.cells import cell_len

    side = most_side()
    assert side >= 250
    cells = {placeholder(row, 0) for row in range(side)} | {placeholder(0, column) for column in range(side)}
    assert len(cells) == 2 * side - 1
    assert all(cell_len(cell) == 1 and cell[0] == "\U0010eeee" for cell in cells)
    marks = [placeholder(0, column)[2] for column in range(side)]
    assert marks == sorted(marks)
    assert all(unicodedata.combining(mark) == 230 and not unicodedata.decomposition(mark) for mark in marks)
    assert [ord(mark) for mark in marks[:6]] == [0x305, 0x30D, 0x30E, 0x310, 0x312, 0x33D]


def test_sixel_of_few_colours_is_exact() -> None:
    colors = np.array([(0, 0, 0), (255, 255, 255), (255, 0, 0), (0, 255, 51)], np.uint8)
    pixels = colors[np.random.default_rng(3).integers(0, 4, (31, 47))]
    assert np.abs(read_sixel(sixel(pixels)) - pixels / 2.55).max() <= 1


def test_sixel_of_many_colours_is_near() -> None:
    y, x = np.mgrid[0:60, 0:80]
    pixels = np.stack((x * 3, y * 4, (x + y) * 1.5), axis=-1).astype(np.uint8)
    apart = np.abs(read_sixel(sixel(pixels)) - pixels / 2.55)
    assert apart.mean() < 5


@pytest.mark.parametrize("size", [(1, 1), (6, 1), (7, 200), (5, 3)])
def test_sixel_sizes(size: tuple[int, int]) -> None:
    found = read_sixel(sixel(plain((255, 0, 0), *size)))
    assert found.shape == (*size, 3)
    assert np.abs(found - (100, 0, 0)).max() <= 1


def test_iterm2_comes_back() -> None:
    pixels = noise()
    found = re.fullmatch(r"\x1b\]1337;File=([^:]*):([A-Za-z0-9+/=]*)\x07", iterm2(pixels, 9, 5))
    assert found is not None
    data = base64.standard_b64decode(found[2])
    keys = dict(pair.split("=") for pair in found[1].split(";"))
    assert (keys["inline"], keys["width"], keys["height"], int(keys["size"])) == ("1", "9", "5", len(data))
    assert np.array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


def test_a_drawing_at_a_cell_leaves_the_cursor() -> None:
    assert at(2, 5, "X") == "\x1b7\x1b[3;6HX\x1b8"
