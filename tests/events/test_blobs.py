"""Blobs of known tags as columns: the same items, in whatever pieces a file is read."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events import blobs
from tbtui.events.buffer import Buffer
from tbtui.events.chunk import Chunk, Item, Span
from tbtui.events.decoder import Decoder
from tests.support import messages as m
from tests.support.eventfiles import framed, items_of

TAGS = [b"w", b"layers.0/weight", b"layers.1/weight", b"\xff/w", b"\xfe/w", b"t" * 126 + b"1", b"t" * 126 + b"2", b""]


def content(kind: str, size: int) -> bytes:
    """The fields behind the tag of a value of about `size` bytes."""
    if kind == "histogram":
        return m.message(5, m.doubles(6, [1.5] * (size // 16)), m.doubles(7, [2.0] * (size // 16)))
    if kind == "unequal":
        return m.message(5, m.doubles(6, [1.5] * (size // 8)), m.doubles(7, [2.0]))
    if kind == "image":
        return m.message(4, m.varint(1, 16), m.message(4, b"p" * size))
    if kind == "text":
        return m.message(8, m.tensor(7, m.message(8, b"x" * size))) + m.metadata("text")
    if kind == "bare":
        return m.message(8, m.tensor(7, m.message(8, b"x" * size)))
    return m.single(2, 1.5)


@st.composite
def events(draw: st.DrawFn) -> bytes:
    """The record of an event, most of them with one large value."""
    kinds = st.sampled_from(["histogram", "histogram", "image", "text", "bare", "unequal", "scalar"])
    values = [
        m.value(draw(st.sampled_from(TAGS)), content(draw(kinds), draw(st.sampled_from([40, 600, 700, 2000]))))
        for _ in range(draw(st.sampled_from([1, 1, 1, 1, 2])))
    ]
    return framed(m.summary(*values, step=draw(st.sampled_from([0, 1, 127, 300, -1])), wall=draw(st.floats(1, 9))))


def decode_pieces(
    files: list[list[bytes]], cuts: list[int]
) -> tuple[list[list[Item]], list[list[object]], list[Chunk]]:
    """Decode files together, the records up to each cut at a time: items and problems of each, and the chunks."""
    decoder, seen = Decoder(), [set[str]() for _ in files]
    items: list[list[Item]] = [[] for _ in files]
    problems: list[list[object]] = [[] for _ in files]
    chunks = []
    most = max(map(len, files))
    bounds = sorted({0, most, *(min(cut, most) for cut in cuts)})
    for first, last in pairwise(bounds):
        pieces = [b"".join(records[first:last]) for records in files]
        buffer, spans, begin = Buffer(sum(map(len, pieces))), [], 0
        for records, piece in zip(files, pieces, strict=True):
            buffer.mem[begin : begin + len(piece)] = piece
            spans.append(Span(begin, begin + len(piece), sum(map(len, records[:first]))))
            begin += len(piece)
        chunk = decoder.decode(buffer, spans, seen)
        chunks.append(chunk)
        for span in range(len(files)):
            items[span] += sorted(items_of(chunk, span), key=lambda item: item.offset)
            problems[span] += [problem[1:] for problem in chunk.problems if problem[0] == span]
    return [[item._replace(span=0) for item in own] for own in items], problems, chunks


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.lists(events(), min_size=1, max_size=25), min_size=1, max_size=3),
    st.lists(st.integers(1, 24), max_size=4),
)
def test_pieces_hold_what_the_whole_holds(files: list[list[bytes]], cuts: list[int]) -> None:
    whole_items, whole_problems, chunks = decode_pieces(files, [])
    assert not chunks[0].blobs  # at first no tag is known
    items, problems, chunks = decode_pieces(files, cuts)
    assert items == whole_items
    assert problems == whole_problems
    for chunk in chunks:
        check_apart(chunk)


def check_apart(chunk: Chunk) -> None:
    """Parts are in file order, and no other item of a part's tag lies between its records."""
    for part in chunk.blobs:
        offsets = part.columns.offsets[part.start : part.stop].tolist()
        assert offsets == sorted(set(offsets))
        assert part.first_offset == offsets[0]
        assert (part.step, part.wall, part.offset) == list(part.items())[-1][3:6]
        for other in [*chunk.items, *chunk.blobs]:
            if other is not part and (other.span, other.tag) == (part.span, part.tag):
                assert other.offset < offsets[0] or other.first_offset > offsets[-1]


def histograms(steps: range, tags: list[str]) -> list[bytes]:
    return [
        framed(m.summary(m.value(tag, content("histogram", 900)), step=step, wall=5.0 + step))
        for step in steps
        for tag in tags
    ]


def test_known_tags_come_as_columns() -> None:
    tags = [f"layers.{i}.weight" for i in range(12)]
    data = histograms(range(200), tags)
    items, _, (first, second) = decode_pieces([data], [24])
    assert len(first.items) == 24
    assert not second.items
    assert sorted(part.tag for part in second.blobs) == sorted(tags)
    assert {part.kind for part in second.blobs} == {"histogram"}
    assert len({id(part.columns) for part in second.blobs}) == 1
    assert [item.step for item in items[0] if item.tag == tags[3]] == list(range(200))


def test_text_of_many_lengths_stays_in_order() -> None:
    """Short texts are read completely, long ones are not: parts are not mixed with them."""
    texts = [framed(m.summary(m.value("note", content("text", 20 if i % 3 else 900)), step=i)) for i in range(30)]
    items, _, (_, chunk) = decode_pieces([texts], [3])
    assert not chunk.blobs
    assert [item.offset for item in chunk.items] == sorted(item.offset for item in chunk.items)
    assert [item.step for item in items[0]] == list(range(30))


def test_groups_of_one_hash_are_told_apart(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(blobs, "_SPREAD", np.uint64(0))  # only the last word of a tag counts
    data = histograms(range(40), ["a" * 8, "b" * 8, "c" * 8])
    whole, _, _ = decode_pieces([data], [])
    items, _, (_, chunk) = decode_pieces([data], [5])
    assert items == whole
    check_apart(chunk)
    monkeypatch.undo()
    _, _, (_, chunk) = decode_pieces([data], [5])
    assert len(chunk.blobs) == 3


def test_a_part_stands_for_its_items() -> None:
    _, _, (_, chunk) = decode_pieces([histograms(range(9), ["a", "b"])], [4])
    assert len(chunk.blobs) == 2
    for part in chunk.blobs:
        items = list(part.items())
        assert [item.offset for item in items] == part.columns.offsets[part.start : part.stop].tolist()
        assert {(item.kind, item.tag, item.index, item.metadata, item.value) for item in items} == {
            ("histogram", part.tag, 0, None, None)
        }
        assert items[-1].first_offset == items[-1].offset == part.offset
