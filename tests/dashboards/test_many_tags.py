"""What 100,000 tags ask for: pages that are laid out when they are seen, tags that are put in order once, filters that
look at what is left."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tbtui.analysis.filters import Filter, Sieve, compile_filter
from tbtui.analysis.order import natural_key
from tbtui.analysis.pairs import shared_metrics
from tbtui.dashboards import layout
from tbtui.dashboards.layout import Section, paginate
from tbtui.dashboards.scalars import tags as tags_module
from tbtui.dashboards.scalars.tags import TagList, TagOrder, make_sections
from tests.support.scalars import add_points, new_store

MANY = tuple(f"layer_{number // 20}/weight_{number % 20}" for number in range(2000))


def test_only_the_page_that_is_seen_is_laid_out(monkeypatch: pytest.MonkeyPatch) -> None:
    placed: list[int] = []
    place = layout._place

    def counted(bands: Sequence[layout._Band], *sizes: int) -> layout.Page:
        placed.append(len(bands))
        return place(bands, *sizes)

    monkeypatch.setattr(layout, "_place", counted)
    pages = paginate(make_sections(MANY), 160, 48, 2)
    assert len(pages) > 100
    assert pages.order() == [(tag.partition("/")[0] + "/", tag) for tag in MANY]
    assert pages.find("layer_50/", "layer_50/weight_7") is not None
    assert placed == []
    assert pages[3] is pages[3]
    assert len(placed) == 1


SECTIONS = st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.booleans()), max_size=12)


@given(SECTIONS, st.integers(24, 170), st.integers(3, 60), st.integers(0, 5))
def test_what_is_told_of_pages_is_what_stands_on_them(
    sizes: list[tuple[int, bool, bool]], width: int, height: int, size: int
) -> None:
    sections = [
        Section(f"s{number}/", f"s{number}" if titled else "", tuple(f"s{number}/{i}" for i in range(count)), folded)
        for number, (count, folded, titled) in enumerate(sizes)
    ]
    pages = paginate(sections, width, height, size)
    charts = [(slot.section.key, slot.tag) for page in pages for slot in page.slots]
    assert charts == [(one.key, tag) for one in sections if not one.folded for tag in one.tags] == pages.order()
    folded = [head.section.key for page in pages for head in page.headings if head.section.folded]
    assert folded == [one.key for one in sections if one.folded]
    for number, page in enumerate(pages):
        assert all(pages.find(slot.section.key, slot.tag) == number for slot in page.slots)
        assert all(pages.find(head.section.key, "") == number for head in page.headings if head.section.folded)
        assert all(pages.section_of(slot.tag) == slot.section.key for slot in page.slots)
    assert pages.find("s0/", "nothing") is None
    assert pages.section_of("nothing") is None


def test_tags_are_given_their_place_once(monkeypatch: pytest.MonkeyPatch) -> None:
    keys: list[str] = []

    def counted(name: str) -> tuple[str, str]:
        keys.append(name)
        return natural_key(name)

    monkeypatch.setattr(tags_module, "natural_key", counted)
    order, met = TagOrder(), set[str]()
    for begin in range(0, len(MANY), 100):
        met |= set(MANY[begin : begin + 100])
        assert order.of(frozenset(met)) == tuple(sorted(met, key=natural_key))
    assert sorted(keys) == sorted(MANY)
    assert order.of(frozenset(MANY[5:9])) == tuple(sorted(MANY[5:9], key=natural_key))
    assert len(keys) == len(MANY)


@given(st.lists(st.sampled_from(["loss", "val/loss", "train/loss", "acc", "val_acc", "lr", "a/b"]), unique=True))
def test_tags_that_may_pair_are_those_that_share_a_metric(tags: list[str]) -> None:
    order = TagOrder()
    for end in range(len(tags) + 1):
        order.of(frozenset(tags[:end]))
        assert order.metrics.shared == shared_metrics(tags[:end])


def test_runs_are_not_looked_through_while_no_series_come_or_go() -> None:
    store = new_store("a", "b")
    add_points(store, "a", "loss", [1.0])
    runs, tag_list = store.runs(), TagList()
    first = tag_list.update(runs, store.structure)
    add_points(store, "a", "loss", [2.0])
    assert tag_list.update(runs, store.structure) is first
    add_points(store, "b", "acc", [2.0])
    assert tag_list.update(runs, store.structure) == ("acc", "loss")


WORDS = st.text(st.sampled_from("ab1 |!*/"), max_size=6)


@given(st.lists(WORDS, max_size=5))
def test_a_sieve_keeps_what_the_filter_matches(typed: list[str]) -> None:
    names, sieve = ("a", "ab", "b1", "A1b", "a b", "bb/a", ""), Sieve()
    for text in [*typed, *(typed[-1][:end] for end in range(len(typed[-1]) + 1) if typed)] if typed else []:
        wanted = compile_filter(text)
        assert list(sieve.keep(names, wanted)) == [name for name in names if wanted.matches(name)]


def test_what_was_sifted_out_is_not_looked_at_again() -> None:
    looked: list[str] = []

    class Name(str):
        def casefold(self) -> str:
            looked.append(self)
            return super().casefold()

    names, sieve = tuple(Name(name) for name in MANY), Sieve()

    def keep(text: str) -> Sequence[str]:
        looked.clear()
        wanted: Filter = compile_filter(text)
        return sieve.keep(names, wanted)

    kept = keep("layer_7/")
    assert (len(kept), len(looked)) == (20, len(MANY))
    assert len(keep("layer_7/ w")) == 20
    assert len(looked) == 20
    assert keep("layer_7/ weight_12") == ["layer_7/weight_12"]
    assert len(looked) == 20
    assert len(keep("layer_8/")) == 20
    assert len(looked) == len(MANY)
