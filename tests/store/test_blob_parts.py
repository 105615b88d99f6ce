"""Blobs that come as columns, in the store: the same as if they came one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tbtui.events.chunk import BlobColumns, BlobPart, Chunk, Columns, Item, ScalarPart
from tbtui.events.parse import Metadata
from tbtui.events.parts import ScalarParts
from tbtui.logdir.updates import FileChunk, FileSeen, RunSeen
from tbtui.store.store import Store
from tests.support.contents import contents

Fact = Item | ScalarPart


@st.composite
def facts(draw: st.DrawFn) -> list[Fact]:
    """What a file may hold, in its order; the tags and plugins get into each other's way."""
    found: list[Fact] = []
    for number in range(draw(st.integers(1, 40))):
        offset, step = 100 * number, draw(st.integers(0, 9))
        wall = 1000.0 + number
        tag = draw(st.sampled_from(["a", "b", "c"]))
        kind = draw(st.sampled_from([*["histogram", "image", "tensor"] * 4, "scalar", "none", "session_start"]))
        if kind == "scalar":
            columns = Columns(np.array([step]), np.array([wall]), np.array([1.5]), np.array([offset]))
            found.append(ScalarPart(0, tag, columns, 0, 1, 0))
            continue
        plugin = draw(st.sampled_from([None] * 9 + ["text", "hparams", "images", "scalars", ""]))
        metadata = None if plugin is None else Metadata(plugin, b"", "", "", 0)
        value = draw(st.sampled_from([None] * 6 + [2.5])) if kind == "tensor" else None
        name = "" if kind == "session_start" else tag
        found.append(Item(0, kind, name, step, wall, offset, 99, 0, metadata, value))
    return found


def as_items(found: list[Fact]) -> Chunk:
    return chunk([one for one in found if isinstance(one, Item)], [], found)


def as_parts(found: list[Fact]) -> Chunk:
    """Items that differ in nothing but their place become parts, as far as no other item of their tag comes between."""
    items: list[Item] = []
    groups: list[list[Item]] = []
    last: dict[str, list[Item]] = {}
    for one in found:
        if not isinstance(one, Item):
            continue
        if one.metadata is not None or one.value is not None or one.kind == "session_start":
            items.append(one)
            last.pop(one.tag, None)
        elif one.tag in last and last[one.tag][0].kind == one.kind:
            last[one.tag].append(one)
        else:
            last[one.tag] = [one]
            groups.append(last[one.tag])
    return chunk(items, [part(group) for group in groups], found)


def part(items: list[Item]) -> BlobPart:
    """One part, somewhere in the midst of its columns."""
    columns = BlobColumns(*(np.array([0, *(item[i] for item in items), 0]) for i in (3, 4, 5, 6)))
    return BlobPart(0, items[0].kind, items[0].tag, columns, 1, len(items) + 1)


def chunk(items: list[Item], parts: list[BlobPart], found: list[Fact]) -> Chunk:
    return Chunk([0], [""], ScalarParts(1, [one for one in found if isinstance(one, ScalarPart)]), items, parts, [])


def store_of(*chunks: Chunk) -> Store:
    store = Store(["logs"])
    store.apply([RunSeen("a", "/logs/a"), FileSeen("a", "a/f", (b"1", b""), "/logs/a/f", 100)])
    store.apply([FileChunk("a", "a/f", one, 0) for one in chunks])
    return store


@settings(deadline=None, max_examples=200)
@given(facts(), st.integers(0, 40))
def test_parts_are_taken_in_as_their_items(found: list[Fact], cut: int) -> None:
    one_by_one = store_of(as_items(found[:cut]), as_items(found[cut:]))
    together = store_of(as_parts(found[:cut]), as_parts(found[cut:]))
    assert contents(together) == contents(one_by_one)
    start = one_by_one.runs()[0].start_time
    assert together.runs()[0].start_time == start


def test_how_far_a_run_is_where_a_part_ends_with_step_0() -> None:
    items = [Item(0, "histogram", "w", step, 1000.0 + n, 100 * n, 99, 0, None, None) for n, step in enumerate([1, 2])]
    again = [Item(0, "histogram", "w", step, 2000.0 + n, 200 + n, 99, 0, None, None) for n, step in enumerate([5, 0])]
    (run,) = store_of(as_items(list(items)), as_parts(list(again))).runs()
    assert (run.last_step, run.last_wall) == (5, 2001.0)


def test_a_part_moves_the_version_of_its_series() -> None:
    items = [Item(0, "histogram", "w", step, 1000.0 + step, 100 * step, 99, 0, None, None) for step in range(6)]
    store = store_of(as_items(list(items[:3])))
    (series,) = store.runs()[0].blobs.values()
    version = series.version
    store.apply([FileChunk("a", "a/f", as_parts(list(items[3:])), 0)])
    assert series.version > version
    assert series.total == 6
    assert [reference.offset for reference in series.references()] == [0, 100, 200, 300, 400, 500]
    assert store.runs()[0].last_step == 5
