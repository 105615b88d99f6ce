"""Foreign strings are shown harmless, and in exactly the cells they are given."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len, get_character_cell_size

from tbtui.analysis.text import cell_width, clusters, cut, cut_path, pad, safe

PAYLOADS = {
    "colour": "\x1b[31mred\x1b[0m",
    "clear": "\x1b[2J\x1b[H",
    "title, BEL": "\x1b]0;owned\x07",
    "link, ST": "\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\",
    "clipboard": "\x1b]52;c;aGk=\x07",
    "unterminated OSC": "\x1b]52;c;aGk=",
    "DCS": "\x1bP1$r0m\x1b\\",
    "APC": "\x1b_Gx\x1b\\",
    "PM": "\x1b^x\x1b\\",
    "SOS": "\x1bXx\x1b\\",
    "reset": "\x1bc",
    "ask position": "\x1b[6n",
    "8-bit CSI": "\x9b31m",
    "8-bit OSC": "\x9d0;x\x9c",
    "all C0": "".join(map(chr, range(32))),
    "all C1": "".join(map(chr, range(0x7F, 0xA0))),
    "overrides": "\u202aa\u202bb\u202cc\u202dd\u202ee",
    "isolates": "\u2066a\u2067b\u2068c\u2069d",
    "marks of direction": "\u200e\u200f\u061c",
    "zero width": "a\u200bb\u200cc\u200dd\u2060e\ufefff",
    "line separators": "a\u2028b\u2029c\x85d",
    "soft hyphen": "a\u00adb",
    "lone surrogates": "a\udc80\ud83db",
    "tags": "\U000e0041\U000e007f",
    "selectors": "a\ufe00b\U000e0100c",
    "interlinear": "\ufff9a\ufffab\ufffb",
    "fillers": "\u3164\u115f\uffa0\u034f",
}


def is_harmless(text: str) -> bool:
    return all(unicodedata.category(char) not in ("Cc", "Cf", "Cs", "Zl", "Zp") for char in text)


@pytest.mark.parametrize("payload", PAYLOADS.values(), ids=PAYLOADS.keys())
def test_payloads_are_harmless_and_leave_a_trace(payload: str) -> None:
    shown = safe("x" + payload + "y")
    assert is_harmless(shown)
    assert len(shown) > 2
    assert safe(shown) == shown


def test_what_is_shown_for_what() -> None:
    assert safe("a\x1b[0m\n\t\x7f") == "a␛[0m␊␉␡"
    assert safe("\x9b\u202e\u200b\U000e0041") == "\\x9b\\u202e\\u200b\\U000e0041"
    assert safe("\udcff") == "�"
    assert safe("[bold]x[/x] {y} \\") == "[bold]x[/x] {y} \\"
    assert safe("") == ""
    assert safe("e\u0301") == "é"
    assert safe("\u0301x") == "◌\u0301x"


def test_emoji_are_shown_side_by_side() -> None:
    assert safe("👨\u200d👩\u200d👧") == "👨👩👧"
    assert safe("\u2764\ufe0f!") == "\u2764!"
    assert safe("👍🏽") == "👍🏽"


def test_towers_of_marks_are_lowered() -> None:
    assert len(safe("Z" + "\u0315" * 5000)) == 9


@given(st.text(st.characters(codec=None)))
def test_safe_is_harmless_stable_and_measured_as_the_screen_measures_it(text: str) -> None:
    shown = safe(text)
    assert is_harmless(shown)
    assert safe(shown) == shown
    shown.encode("utf-8")
    if all(unicodedata.category(char) != "Cn" for char in shown):
        assert cell_width(shown) == cell_len(shown)


def test_every_assigned_character_has_the_width_rich_gives_it() -> None:
    wrong = []
    for code in range(0x20, 0x20000):
        char = chr(code)
        if unicodedata.category(char) in ("Cn", "Cs", "Cc") or safe("x" + char) != "x" + char:
            continue
        if cell_width(char) != get_character_cell_size(char):
            wrong.append(hex(code))
    assert len(wrong) <= 60, wrong  # the two know different versions of Unicode


def test_clusters_hold_together() -> None:
    assert list(clusters("a\u0301b")) == [("a\u0301", 1), ("b", 1)]
    assert list(clusters("👨\u200d👩\u200d👧x")) == [("👨\u200d👩\u200d👧", 2), ("x", 1)]
    assert list(clusters("🇩🇪🇫🇷")) == [("🇩🇪", 2), ("🇫🇷", 2)]
    assert list(clusters("\u2764\ufe0fx")) == [("\u2764\ufe0f", 2), ("x", 1)]
    assert list(clusters("")) == []


@given(st.text())
def test_clusters_lose_nothing(text: str) -> None:
    assert "".join(cluster for cluster, _ in clusters(text)) == text


@pytest.mark.parametrize(
    ("text", "width", "keep", "expected"),
    [
        ("hello", 5, "head", "hello"),
        ("hello world", 6, "head", "hello…"),
        ("hello world", 6, "tail", "…world"),
        ("hello world", 7, "middle", "hel…rld"),
        ("日本語テスト", 6, "head", "日本…"),
        ("日本語テスト", 6, "tail", "…スト"),
        ("ab", 1, "head", "…"),
        ("ab", 0, "head", ""),
        ("ab", -3, "tail", ""),
        ("🇩🇪🇫🇷🇮🇹", 4, "head", "🇩🇪…"),
    ],
)
def test_cut(text: str, width: int, keep: str, expected: str) -> None:
    assert cut(text, width, keep) == expected  # type: ignore[arg-type]


def test_cut_with_another_ellipsis() -> None:
    assert cut("hello world", 8, ellipsis="...") == "hello..."
    assert cut("hello world", 2, ellipsis="...") == ".."


@given(st.text(), st.integers(0, 20), st.sampled_from(["head", "tail", "middle"]))
def test_cut_fits_and_never_cuts_a_cluster(text: str, width: int, keep: str) -> None:
    text = safe(text)
    short = cut(text, width, keep)  # type: ignore[arg-type]
    assert cell_width(short) <= width
    if short == text:
        return
    whole = {cluster for cluster, _ in clusters(text)}
    head, _, tail = short.partition("…") if "…" not in text else (short, "", "")
    if "…" not in text:
        assert all(cluster in whole for cluster, _ in clusters(head))
        assert all(cluster in whole for cluster, _ in clusters(tail))


@given(st.text(), st.integers(0, 20), st.sampled_from(["left", "right", "center"]))
def test_pad_is_exact(text: str, width: int, align: str) -> None:
    assert cell_width(pad(safe(text), width, align)) == width  # type: ignore[arg-type]


def test_paths_keep_their_last_folders_whole() -> None:
    assert cut_path("text/tuning/run-7/validation", 40) == "text/tuning/run-7/validation"
    assert cut_path("text/tuning/run-7/validation", 25) == "…/tuning/run-7/validation"
    assert cut_path("text/tuning/run-7/validation", 20) == "…/run-7/validation"
    assert cut_path("text/tuning/run-7/validation", 15) == "text/tu…idation"
    assert cut_path("lr0.003/seed0", 10) == "lr0.0…eed0"
    assert cut_path("a/b/c", 0) == ""
