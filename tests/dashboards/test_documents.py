"""Texts as lines: whatever is in them, lines are harmless, hold all of it, and are found again."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.analysis.text import cell_width, safe_lines, wrap
from tbtui.dashboards.text.differences import differences
from tbtui.dashboards.text.documents import Document, Form, difference_of, document_of, search
from tbtui.events.summaries import Text
from tbtui.widgets.inks import inks_from
from tbtui.widgets.markdown import code_rows, is_code, markdown_rows, plain_line, table_rows
from tests.support.payloads import CONTROL, MARKUP

INKS = inks_from({"warning": "#ff0000", "success": "#00ff00", "error": "#0000ff"})
ACTED_UPON = re.compile("[\x00-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
PIECES = st.sampled_from(
    ["# ", "**", "`", "```\n", "| a | b |\n|---|---|\n", "- ", "> ", "[x](y)", "![p](q)", "<b>", "&#x202e;", "&#27;",
     "\x1b[31m", "\x1b]52;c;eA==\x07", "\x9b2J", "\u202e", "\n", "\r", "\t", "[/x]", "[@click=app.quit]x[/]", "漢字",
     "e\u0301", "word ", "    code", "~~", "1. ", "***", "\ud800", "http://x.y", "\\", "👩\u200d👩\u200d👧"]
)  # fmt: skip
texts = st.one_of(st.text(), st.lists(PIECES, max_size=40).map("".join))


def one(text: str) -> Text:
    return Text((), [[text]])


def made(text: Text, width: int = 40, **form: bool) -> Document:
    return list(document_of(text, Form(width, **form), INKS))[-1]


def harmless(lines: list[str]) -> bool:
    return not any(ACTED_UPON.search(line) for line in lines)


def shown(document: Document) -> list[str]:
    return [document.text(row) for row in range(len(document.rows))]


@given(texts, st.integers(4, 90), st.booleans(), st.booleans())
def test_nothing_in_a_text_is_acted_upon(text: str, width: int, wrapped: bool, rendered: bool) -> None:
    document = made(one(text), width, wrapped=wrapped, rendered=rendered)
    assert document.done
    assert harmless(shown(document))
    assert harmless([plain_line(text)])
    for row in range(len(document.rows)):
        for _, style in document.pieces(row, INKS, 0, 10_000):
            assert style.link is None
            assert not style.meta


@given(st.lists(st.lists(texts, min_size=2, max_size=2), min_size=1, max_size=4), st.integers(10, 60))
def test_nothing_in_a_table_is_acted_upon(rows: list[list[str]], width: int) -> None:
    assert harmless(["".join(piece for piece, _ in row) for row in table_rows(rows, width, INKS)])


@pytest.mark.parametrize("payload", [*CONTROL.values(), *MARKUP.values()])
def test_payloads(payload: str) -> None:
    for text in (
        payload,
        f"# {payload}\n\n`{payload}`\n\n[{payload}]({payload})\n\n```\n{payload}\n```\n\n|{payload}|b|\n|-|-|\n",
    ):
        assert harmless(shown(made(one(text))))
        assert harmless(shown(list(difference_of(one(""), one(text), Form(40), INKS))[-1]))


@given(texts, st.integers(2, 50))
def test_wrapped_lines_hold_all_of_it(text: str, width: int) -> None:
    for line in safe_lines(text):
        pieces = wrap(line, width)
        assert "".join(pieces) == line
        assert all(cell_width(piece.rstrip(" ")) <= width for piece in pieces)


@given(texts, st.integers(2, 50))
def test_as_written_is_all_of_it(text: str, width: int) -> None:
    document = made(one(text), width, rendered=False)
    lines: list[str] = []
    for row, goes_on in zip(shown(document), document.goes_on, strict=True):
        lines[-1:] = [lines[-1] + row] if goes_on else [*lines[-1:], row]
    expected = safe_lines(text) if text else []
    assert lines == (expected[:-1] if text.endswith("\n") else expected)


@settings(max_examples=25)
@given(st.integers(60_000, 140_000), st.text("ab \n", min_size=1, max_size=10))
def test_long_texts_are_laid_out_in_pieces(length: int, unit: str) -> None:
    text = (unit * (length // len(unit) + 1))[:length]
    document = made(one(text), 50, rendered=False)
    joined = "".join(("" if on else "\n") + row for row, on in zip(shown(document), document.goes_on, strict=True))
    assert joined[1:].rstrip("\n") == text.rstrip("\n")


@given(st.lists(st.text("abc ", max_size=12), max_size=20), st.text("abc", min_size=1, max_size=3), st.integers(4, 12))
def test_everything_that_is_there_is_found(lines: list[str], wanted: str, width: int) -> None:
    text = "\n".join(lines)
    document = made(one(text), width, rendered=False)
    found = search(document, wanted)
    assert bool(found) == (wanted in text)
    letters = sum(end - begin for _, begin, end in found)
    assert letters == sum(line.count(wanted) for line in lines) * len(wanted)
    assert all(document.text(row)[begin:end] in wanted for row, begin, end in found)


def test_capitals_matter_where_they_are_wanted() -> None:
    document = made(one("Loss loss LOSS"), rendered=False)
    assert [len(search(document, wanted)) for wanted in ("loss", "Loss", "LOSS", "lOss", "")] == [3, 1, 1, 0, 0]


@given(st.lists(st.text("abc", max_size=2), max_size=30), st.lists(st.text("abc", max_size=2), max_size=30))
def test_differences_are_complete(old: list[str], new: list[str]) -> None:
    found = list(differences(old, new))
    gone = ["".join(text for text, _ in line.pieces) for line in found if line.sign == "-"]
    came = ["".join(text for text, _ in line.pieces) for line in found if line.sign == "+"]
    assert (not gone and not came) == (old == new)
    left = sorted(old)
    for line in gone:
        left.remove(line)
    assert sorted([*left, *came]) == sorted(new)


def test_too_long_to_be_compared() -> None:
    found = list(differences([f"a{n}" for n in range(6000)], [f"b{n}" for n in range(6000)]))
    assert found[0].sign == "!"
    assert sum(line.sign == "+" for line in found) == 6000


def test_words_that_differ() -> None:
    found = {line.sign: line.pieces for line in differences(["the loss is 0.5 now"], ["the loss is 0.25 now"])}
    assert found["+"] == (("the loss is 0.", False), ("25", True), (" now", False))
    assert found["-"] == (("the loss is 0.", False), ("5", True), (" now", False))


def test_notes() -> None:
    assert made(one("")).notes == ["an empty text"]
    assert made(Text((0,), [])).notes == ["an empty tensor"]
    assert made(Text((2, 3, 4), [["x"] * 4] * 3)).notes == ["a tensor of 2 x 3 x 4: the first 3 x 4 of it"]
    assert made(one("x" * 200_000)).notes == [
        "200,000 characters, shown as written: too long to be rendered as Markdown"
    ]
    assert made(Text((2000, 1), [["x"]] * 2000)).notes == ["a table of 2,000 x 1: cells between tabs"]


def test_json_is_code() -> None:
    assert [is_code(text) for text in ('{"a": 1}', " [1, 2]\n", "{a}", "[link](x)", "", "{" * 5000 + "}")] == [
        True, True, False, False, False, False,
    ]  # fmt: skip
    rows = code_rows('{"a": 1.5, "b": "x"}', 80, INKS)
    assert [piece for piece, style in rows[0] if style == INKS.number] == ["1.5"]
    assert shown(made(one('{\n  "a": 1\n}'))) == ["{", '  "a": 1', "}"]


def test_lines_stay_lines() -> None:
    assert ["".join(text for text, _ in row) for row in markdown_rows("lr: 1\nwd: 2", 80, INKS)] == ["lr: 1", "wd: 2"]
