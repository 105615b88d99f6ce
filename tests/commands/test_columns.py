"""Text in columns."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.text import cell_width, safe
from tbtui.commands.columns import Column, set_in_columns

COLUMNS = (
    Column("name", keep="middle"),
    Column("count", right=True),
    Column("extra", right=True, optional=True),
    Column("note", keep="head"),
)


def test_as_wide_as_needed() -> None:
    assert set_in_columns(COLUMNS, [["a", "1", "22", "x"], ["longer", "10", "3", ""]], 80) == [
        "name    count  extra  note",
        "a           1     22  x",
        "longer     10      3",
    ]


def test_columns_without_content_are_left_out() -> None:
    assert set_in_columns(COLUMNS, [["a", "", "", ""]], 80) == ["name", "a"]


def test_too_narrow() -> None:
    row = ["a" * 30, "1", "22", "b" * 30]
    assert [cell_width(line) for line in set_in_columns(COLUMNS, [row], 50)[1:]] == [50]
    lines = set_in_columns(COLUMNS, [row], 35)
    assert "extra" not in lines[0]
    assert lines[1] == "aaaaaa…aaaaaa      1  bbbbbbbbbbbb…"


def test_wide_characters_stay_in_line() -> None:
    lines = set_in_columns(COLUMNS, [["日本", "1", "2", "x"], ["abcd", "1", "2", "y"]], 80)
    assert lines[1].index("x") + 2 == lines[2].index("y")


@given(st.lists(st.tuples(*[st.text(max_size=30).map(safe)] * 4), max_size=5), st.integers(1, 120))
def test_never_wider_than_asked_where_that_can_be(rows: list[tuple[str, ...]], width: int) -> None:
    lines = set_in_columns(COLUMNS, rows, width)
    assert len(lines) == 1 + len(rows)
    fixed = max(cell_width(row[1]) for row in [*rows, ("", "count", "", "")])
    if width >= 12 + 2 + fixed + 2 + 12:
        assert max(map(cell_width, lines)) <= width
