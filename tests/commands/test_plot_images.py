"""`tbtui plot --kind image`."""

from pathlib import Path

import pytest

from tbtui.cli import main
from tbtui.commands.plot_images import Wanted, draw_images
from tbtui.graphics import Graphics
from tbtui.settings import Options
from tests.support.pictures import encoded, image_store, noise, plain, write_images


@pytest.fixture
def logs(tmp_path: Path) -> Path:
    black, white = encoded(plain((0, 0, 0))), encoded(plain((255, 255, 255)))
    write_images(tmp_path, {"a": {"im": {0: [black], 10: [white, black]}, "bad": {0: [encoded(noise())[:90]]}}})
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    assert main(["plot", "--kind", "image", *map(str, words)]) == 0
    return capsys.readouterr().out


def test_the_newest_step_as_text(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = printed(capsys, logs, "--tag", "im", "--width", "16", "--height", "6")
    assert "im  a  step 10  1/2  32 x 24\n" + "\n".join(["█" * 16] * 6) in text
    assert "im  a  step 10  2/2  32 x 24" in text
    assert "\x1b" not in text


def test_the_nearest_step(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "step 0 " in printed(capsys, logs, "--tag", "im", "--step", "4")
    assert "step 10 " in printed(capsys, logs, "--tag", "im", "--step", "99999")


def test_with_colours(logs: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLORTERM", "truecolor")
    monkeypatch.setenv("TERM", "xterm-256color")
    text = printed(capsys, logs, "--tag", "im", "--color", "always", "--width", "8", "--height", "3")
    assert "48;2;255;255;255m" in text


def test_ascii(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert printed(capsys, logs, "--ascii").isascii()


def test_broken_ones_have_a_reason(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "(broken PNG" in printed(capsys, logs, "--tag", "bad")


def test_off(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "images are off" in printed(capsys, logs, "--images", "off")


def test_nothing_there(logs: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["plot", "--kind", "image", "--tag", "nothing", str(logs)]) == 1
    assert "no images to show that --tag would let through" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("protocol", "sign"), [("kitty", "\x1b_Ga=T"), ("sixel", "\x1bP0;1;0q"), ("iterm2", "\x1b]1337;File=")]
)
def test_protocols(tmp_path: Path, protocol: str, sign: str, capsys: pytest.CaptureFixture[str]) -> None:
    import sys

    store = image_store(tmp_path, {"a": {"im": {0: [encoded(noise())]}}})
    graphics = Graphics(protocol, (10, 20))  # type: ignore[arg-type]
    (text,) = draw_images(store, Options(), Wanted(None, 20, 5), sys.stdout, graphics)
    assert text.startswith("im  a  step 0  32 x 24\n")
    assert sign in text
    if protocol == "kitty":
        assert text.count("\U0010eeee") == 14 * 5
    else:
        assert text.endswith("\x1b8\x1b[5B")
