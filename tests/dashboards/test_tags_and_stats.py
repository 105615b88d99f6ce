"""Groups of tags, and numbers about series."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from tbtui.analysis.filters import compile_filter
from tbtui.analysis.pairs import PairChart
from tbtui.analysis.stats import Stats, stats_of, thumbnail
from tbtui.dashboards.scalars.tags import OVERLAY, PINNED, TagList, find_pairs, group_of, make_sections
from tbtui.store import Points
from tests.support.scalars import add_points, make_store


def everything(_tag: str) -> bool:
    return True


def points_of(values: object, steps: object = None) -> Points:
    array = np.asarray(values, np.float64)
    return Points(np.arange(len(array)) if steps is None else np.asarray(steps), np.arange(len(array)) * 1.0, array)


def test_groups_are_prefixes_in_natural_order_and_plain_tags_come_first() -> None:
    tags = ("val/loss", "train/loss10", "train/loss9", "lr", "layer10/w", "layer9/w")
    sections = make_sections(sorted_tags(tags), everything)
    assert [section.title for section in sections] == ["", "layer9", "layer10", "train", "val"]
    assert sections[3].tags == ("train/loss9", "train/loss10")


def sorted_tags(tags: tuple[str, ...]) -> tuple[str, ...]:
    return TagList().update(make_store({"a": {tag: [1.0] for tag in tags}}).runs())


def test_odd_tags_have_groups_too() -> None:
    assert [group_of(tag) for tag in ("", "/", "//x", "a", "a/", "a//b")] == ["", "/", "/", "", "a/", "a/"]
    sections = make_sections(("", "/", "a/"), everything)
    assert [section.tags for section in sections] == [("",), ("/",), ("a/",)]


def test_the_filter_empties_groups() -> None:
    sections = make_sections(("train/acc", "train/loss", "val/loss"), compile_filter("acc").matches)
    assert [(section.key, section.tags) for section in sections] == [("train/", ("train/acc",))]


def test_pinned_and_marked_charts_come_first() -> None:
    tags = ("a/x", "b/y", "c")
    sections = make_sections(tags, everything, pinned=["c", "gone"], marked=["b/y", "c"], folded={"a/"})
    assert [section.key for section in sections] == [OVERLAY, PINNED, "", "a/", "b/"]
    assert sections[0].together == ("b/y", "c")
    assert len(sections[0].tags) == 1
    assert sections[1].tags == ("c",)
    assert [section.folded for section in sections] == [False, False, False, True, False]
    assert make_sections(tags, everything, marked=["c"])[0].key == ""


def test_only_tags_of_the_given_runs() -> None:
    store = make_store({"a": {"x": [1.0]}, "b": {"y": [1.0]}})
    tags = TagList()
    assert tags.update(store.runs()) == ("x", "y")
    assert tags.update([run for run in store.runs() if run.name == "a"]) == ("x",)
    add_points(store, "a", "z", [1.0])
    assert tags.update(store.runs()) == ("x", "y", "z")


def test_numbers_of_a_series_with_bad_values() -> None:
    stats = stats_of(points_of([np.nan, 4.0, -1.0, np.inf, 7.0, np.nan], [0, 10, 20, 30, 40, 50]))
    assert (stats.count, stats.bad) == (6, 3)
    assert (stats.first, stats.low, stats.low_step, stats.high, stats.high_step) == (4, -1, 20, 7, 40)
    assert math.isnan(stats.last)
    assert stats.last_step == 50
    assert math.isclose(stats.mean, 10 / 3)


def test_numbers_of_nothing_and_of_nothing_finite() -> None:
    assert stats_of(points_of([])).count == 0
    stats = stats_of(points_of([np.nan, np.inf]))
    assert (stats.count, stats.bad, stats.low_step) == (2, 2, None)
    assert math.isnan(stats.mean)


def test_change_and_percent() -> None:
    stats = stats_of(points_of([4.0, 9.0, 3.0]))
    assert stats.change == -1
    assert stats.percent == -25
    assert math.isnan(Stats(first=0.0, last=1.0).percent)


@given(npst.arrays(np.float64, st.integers(1, 50), elements=st.floats(allow_nan=False, allow_infinity=False)))
def test_the_mean_never_overflows(values: np.ndarray) -> None:
    stats = stats_of(points_of(values))
    slack = 1e-9 * max(1.0, abs(values).max() / 2)
    assert values.min() / 2 - slack <= stats.mean / 2 <= values.max() / 2 + slack


def test_a_thumbnail_stands_for_all_values() -> None:
    assert thumbnail(np.array([1.0, 2.0]), 8).tolist() == [1, 2]
    small = thumbnail(np.array([1.0, 1, 2, 2, np.nan, np.nan, 4, 4]), 4)
    assert small[:2].tolist() == [1, 2]
    assert math.isnan(small[2])
    assert small[3] == 4


RUN_NAMES = ("a/train", "a/val", "b", "b/eval", "c_train", "c_val", "d", "e", "f/train")
TAG_NAMES = ("loss", "val_loss", "train/acc", "val/acc", "lr", "test_loss", "epoch_loss", "epoch_val_loss")


@given(
    st.dictionaries(st.sampled_from(RUN_NAMES), st.sets(st.sampled_from(TAG_NAMES), min_size=1), min_size=1),
    st.sets(st.sampled_from(TAG_NAMES)),
)
def test_typical_runs_pair_any_of_their_tags_as_all_runs_do(tags: dict[str, set[str]], shown: set[str]) -> None:
    runs = make_store({run: {tag: [1.0, 2.0] for tag in sorted(of)} for run, of in tags.items()}).runs()
    tag_list = TagList()
    known = tag_list.update(runs)
    kept = [tag for tag in known if tag in shown]

    def told(pairs: Mapping[str, PairChart]) -> dict[str, tuple[str, tuple[str, ...]]]:
        return {tag: (chart.title, chart.tags) for tag, chart in pairs.items()}

    assert told(find_pairs(tag_list.typical(runs), kept)) == told(find_pairs(runs, kept))


def test_tags_of_runs_that_are_shown_again_are_not_looked_for_again() -> None:
    runs = make_store({"a": {"x": [1.0]}, "b": {"y": [1.0]}}).runs()
    tag_list = TagList()
    both = tag_list.update(runs)
    assert tag_list.update(runs[:1]) == ("x",)
    assert tag_list.update(runs) is both
    for _ in range(20):
        for some in (runs, runs[:1], runs[1:], []):
            assert tag_list.update(some) == tuple(tag for run in some for tag in run.scalars)
    assert len(tag_list._recent) <= 4
