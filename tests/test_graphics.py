"""How a terminal shows pictures, as it says itself."""

import pytest

from tbtui.graphics import Graphics, Tmux, ask_tmux, cell_size, choose, question

KITTY = b"\x1b_Gi=31;OK\x1b\\"
CELL = b"\x1b[6;20;9t"
PLAIN = b"\x1b[?62;22c"
SIXEL = b"\x1b[?62;4;22c"
XTERM = {"TERM": "xterm-256color"}
IN_TMUX = {"TERM": "tmux-256color", "TMUX": "/tmp/tmux,1,0"}


def version(name: str) -> bytes:
    return f"\x1bP>|{name}\x1b\\".encode()


def no_tmux(_: object) -> Tmux:
    raise AssertionError("asked tmux")


@pytest.mark.parametrize(
    ("reply", "environ", "protocol"),
    [
        (b"", XTERM, "blocks"),
        (PLAIN, XTERM, "blocks"),
        (KITTY + version("kitty(0.35.2)") + CELL + PLAIN, {"TERM": "xterm-kitty"}, "kitty"),
        (KITTY + version("ghostty 1.1.0") + PLAIN, XTERM, "kitty"),
        (KITTY + PLAIN, {"TERM": "xterm-kitty"}, "kitty"),
        (version("kitty(0.35.2)") + PLAIN, {"TERM": "xterm-kitty"}, "blocks"),
        (KITTY + version("Konsole 24.05") + SIXEL, XTERM, "sixel"),
        (KITTY + version("something new") + PLAIN, XTERM, "blocks"),
        (KITTY + version("WezTerm 20240203") + SIXEL, XTERM, "iterm2"),
        (version("iTerm2 3.5.0") + SIXEL, XTERM, "iterm2"),
        (PLAIN, {**XTERM, "TERM_PROGRAM": "iTerm.app"}, "iterm2"),
        (version("foot(1.16.2)") + SIXEL, XTERM, "sixel"),
        (version("XTerm(388)") + b"\x1b[?64;1;2;6;9;15;16;17;18;21;22;28c", XTERM, "blocks"),
        (b"\x1b[?4c", XTERM, "blocks"),
        (b"\x1b[?62;14;24c", XTERM, "blocks"),
        (SIXEL, {"TERM": "screen.xterm-256color"}, "blocks"),
    ],
)
def test_auto(reply: bytes, environ: dict[str, str], protocol: str) -> None:
    assert choose("auto", reply, environ, no_tmux, stdout=-1).protocol == protocol


@pytest.mark.parametrize(
    ("tmux", "reply", "graphics"),
    [
        (Tmux(True, "kitty(0.35.2)\txterm-kitty"), PLAIN, Graphics("kitty", tmux=True)),
        (Tmux(True, "\txterm-ghostty"), PLAIN, Graphics("kitty", tmux=True)),
        (Tmux(False, "kitty(0.35.2)\txterm-kitty"), PLAIN, Graphics("blocks")),
        (Tmux(True, "iterm2 3.5"), PLAIN, Graphics("blocks")),
        (Tmux(False, "foot"), SIXEL, Graphics("sixel")),
        (Tmux(True, "kitty"), SIXEL, Graphics("kitty", tmux=True)),
    ],
)
def test_inside_tmux(tmux: Tmux, reply: bytes, graphics: Graphics) -> None:
    assert choose("auto", reply, IN_TMUX, lambda _: tmux, stdout=-1) == graphics


def test_tmux_over_ssh_can_not_be_asked() -> None:
    assert choose("auto", KITTY + PLAIN, {"TERM": "tmux-256color"}, no_tmux, stdout=-1).protocol == "blocks"


def test_what_the_user_wants_counts() -> None:
    for asked in ("kitty", "sixel", "iterm2", "blocks", "off"):
        assert choose(asked, b"", XTERM, no_tmux, stdout=-1).protocol == asked
    passing, closed = Tmux(True, "x"), Tmux(False, "x")
    assert choose("iterm2", b"", IN_TMUX, lambda _: passing, stdout=-1) == Graphics("iterm2", tmux=True)
    assert choose("kitty", b"", IN_TMUX, lambda _: closed, stdout=-1).protocol == "blocks"
    assert choose("sixel", b"", IN_TMUX, no_tmux, stdout=-1) == Graphics("sixel")


def test_size_of_a_cell() -> None:
    assert cell_size(CELL, -1) == (9, 20)
    assert cell_size(b"\x1b[6;0;0t", -1) == (10, 20)
    assert cell_size(b"\x1b[6;9999;3t", -1) == (10, 20)


def test_the_question_spares_those_who_would_show_it() -> None:
    assert question({"TERM": "linux"}) == question({}) == b""
    assert b"\x1b_G" in question(XTERM)
    for environ in (IN_TMUX, {"TERM": "screen"}, {**XTERM, "TERM_PROGRAM": "Apple_Terminal"}):
        assert b"\x1b_G" not in question(environ)
        assert b"\x1b[>q" in question(environ)


def test_no_tmux_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    assert ask_tmux({}) == Tmux(False, "")
